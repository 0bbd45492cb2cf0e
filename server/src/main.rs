//! The command line.

use clap::{Parser, Subcommand};
use dutyboard::app::serve::{bind, install_metrics};
use dutyboard::app::{App, serve};
use dutyboard::auth::links::{self, Purpose};
use dutyboard::config::Config;
use dutyboard::kit::clock::Clock;
use dutyboard::kit::refusal::Stop;
use dutyboard::ops::presence;
use dutyboard::{bench, customers, db, demo, ops, team};
use std::process::ExitCode;
use std::sync::Arc;

/// Dutyboard 值班台: offline-first operations desk for customer-service teams
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(Config),
    /// Run a server with made-up people and a filled board, and print who can log in
    Demo(demo::Options),
    /// Bring the database to the newest schema and stop
    Migrate(Config),
    /// Write everything into one file, while the server runs or not
    Backup(ops::cli::BackupOptions),
    /// Put a backup in the place of the database; the server must be stopped
    Restore(ops::cli::RestoreOptions),
    /// Move a SQLite database to Postgres; the server must be stopped
    Port(ops::cli::PortOptions),
    /// Say whether the data is sound and the work gets done
    Doctor(ops::cli::DoctorOptions),
    /// Bring buyers and orders in from a shop's export; on SQLite the server must be stopped
    Import(Box<customers::import::cli::Options>),
    /// Print a one-time link that makes another workspace on this server
    Invite(Config),
    /// Ask a running server whether it is ready (for container health checks)
    Health {
        #[arg(long, env = "DUTYBOARD_LISTEN", default_value = "127.0.0.1:8080")]
        listen: String,
    },
    /// Measure this server beside the least that its work could cost
    Bench(bench::Options),
    #[command(hide = true)]
    BenchBaseline(bench::baseline::Options),
    #[command(hide = true)]
    BenchInserts(bench::inserts::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| default_filter(&cli.command)))
        .init();
    let result = match cli.command {
        Command::Serve(config) => block_on(serve_for_real(config)),
        Command::Demo(options) => block_on(demo::run(options)),
        Command::Migrate(config) => db::migrate(&config.location()),
        Command::Backup(options) => ops::cli::backup(&options),
        Command::Restore(options) => ops::cli::restore(&options),
        Command::Port(options) => ops::cli::port(&options),
        Command::Doctor(options) => match ops::cli::doctor(&options) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(stop) => Err(stop),
        },
        Command::Import(options) => import(&options),
        Command::Invite(config) => App::open(config, Clock::system()).and_then(|app| print_setup_link(&app)),
        Command::Health { listen } => health(&listen),
        Command::Bench(options) => block_on(bench::run(options)),
        Command::BenchBaseline(options) => block_on(bench::baseline::run(options)),
        Command::BenchInserts(options) => bench::inserts::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("dutyboard: {stop}");
            ExitCode::FAILURE
        }
    }
}

/// The demo talks to people, the server to log files.
fn default_filter(command: &Command) -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::new(if matches!(command, Command::Serve(_)) { "info" } else { "error" })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(work)
}

async fn serve_for_real(config: Config) -> Result<(), Stop> {
    let _here = presence::serving(&config.data)?;
    let app = Arc::new(App::open(config, Clock::system())?);
    if app.db.read(team::store::workspace_ids)?.is_empty() {
        print_setup_link(&app)?;
    }
    let bound = bind(&app, install_metrics()?)?;
    tracing::info!(address = %bound.address, "serving");
    serve::run(app, bound).await
}

fn import(options: &customers::import::cli::Options) -> Result<(), Stop> {
    let location = options.config.location();
    // A server on SQLite would not hear of what another process wrote.
    let _alone = if location.is_shared() { None } else { Some(presence::alone(&options.config.data)?) };
    let done = customers::import::cli::run(options, &mut *ops::progress::for_people(options.quiet))?;
    let summary = &done.summary;
    println!("{}: {} rows, {} left out", summary.layout, summary.rows, summary.faults);
    println!("{} new buyers, {} new orders", done.new_buyers, done.new_orders);
    if let Some(path) = &done.faults {
        println!("What was left out, with reasons: {}", path.display());
    }
    Ok(())
}

fn print_setup_link(app: &App) -> Result<(), Stop> {
    let now = app.door.clock.now_ms();
    let secret = app.door.upkeep(move |conn| links::make(conn, Purpose::Setup, None, now))?;
    println!("Create a workspace and its owner (works once, within a day):\n  {}/#/setup?token={secret}", app.config.base_url());
    Ok(())
}

fn health(listen: &str) -> Result<(), Stop> {
    use std::io::{Read, Write};
    let address = listen.replace("0.0.0.0", "127.0.0.1");
    let timeout = std::time::Duration::from_secs(5);
    let mut stream = std::net::TcpStream::connect(&address).map_err(Stop::fault)?;
    stream.set_read_timeout(Some(timeout)).map_err(Stop::fault)?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").map_err(Stop::fault)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(Stop::fault)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(Stop::fault("not ready")) }
}
