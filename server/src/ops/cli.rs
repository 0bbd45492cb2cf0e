//! The commands `backup`, `restore`, `port` and `doctor` as they are typed.

use super::{backup, doctor, key, nightly, port, presence, progress, restore};
use crate::config::Config;
use crate::db::dialect;
use crate::kit::clock::Clock;
use crate::kit::refusal::Stop;
use crate::kit::zone;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct BackupOptions {
    /// File to write; without it, one named by the time in the backup folder
    #[arg(long)]
    to: Option<PathBuf>,
    /// Say nothing while at work
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, clap::Args)]
pub struct RestoreOptions {
    /// The backup
    file: PathBuf,
    /// Postgres: give up what the database holds
    #[arg(long)]
    replace: bool,
    /// Say nothing while at work
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, clap::Args)]
pub struct PortOptions {
    /// postgres://… of an empty database
    #[arg(long)]
    to: String,
    /// Drop what an earlier, unfinished port has moved, and begin anew
    #[arg(long)]
    start_over: bool,
    /// Say nothing while at work
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    config: Config,
}

/// # Errors
/// As [`backup::write`].
pub fn backup(options: &BackupOptions) -> Result<(), Stop> {
    let config = &options.config;
    let now = Clock::system().now_ms();
    let to = options.to.clone().unwrap_or_else(|| config.backup_dir().join(nightly::name(now)));
    let mut progress = progress::for_people(options.quiet);
    let written = backup::write(&config.location(), &to, now, key::of(config)?, &mut *progress)?;
    println!(
        "{}: {} rows of {} tables, {} bytes, read back and compared",
        to.display(),
        written.rows(),
        written.tables.len(),
        written.bytes
    );
    if config.jwt_key.is_some() {
        println!("The key is a setting (--jwt-key) and not in it: keep it too.");
    }
    Ok(())
}

/// # Errors
/// As [`restore::run`].
pub fn restore(options: &RestoreOptions) -> Result<(), Stop> {
    let config = &options.config;
    let _alone = presence::alone(&config.data)?;
    let location = config.location();
    let job = restore::Job {
        file: &options.file,
        location: &location,
        data: &config.data,
        replace: options.replace,
        key_is_set: config.jwt_key.is_some(),
        now: Clock::system().now_ms(),
    };
    let done = restore::run(&job, &mut *progress::for_people(options.quiet))?;
    let made = zone::local_time(done.made_at, chrono_tz::UTC).format("%Y-%m-%d %H:%M:%S");
    println!("Restored the backup of {made} UTC: {} rows, schema {}, compared.", done.rows, done.schema);
    if let Some(kept) = &done.kept {
        println!("The database that was here is kept: {}", kept.display());
    }
    match &done.key {
        key::Outcome::Untouched => {}
        key::Outcome::PutBack => println!("The server's key is back."),
        key::Outcome::Replaced(kept) => println!("The backup's key is the server's again; the other is kept: {}", kept.display()),
    }
    println!("Start the server: phones will notice, and send again what the backup does not have.");
    Ok(())
}

/// # Errors
/// As [`port::run`].
pub fn port(options: &PortOptions) -> Result<(), Stop> {
    let config = &options.config;
    let _alone = presence::alone(&config.data)?;
    let target = dialect::location(&options.to);
    let done = port::run(&config.location(), &target, options.start_over, &mut *progress::for_people(options.quiet))?;
    if done.resumed_after > 0 {
        println!("Went on after {} rows that an earlier run had moved.", done.resumed_after);
    }
    println!("{}\n", port::table(&done.tables));
    println!(
        "Everything is there. Start the server with DUTYBOARD_DATABASE_URL set and the same data folder (its key is needed),"
    );
    println!("and do not start it on the SQLite file again.");
    Ok(())
}

#[derive(Debug, clap::Args)]
pub struct DoctorOptions {
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: Config,
}
/// Prints what it found. True when all is well.
///
/// # Errors
/// `Fault` when there is no database to look at.
pub fn doctor(options: &DoctorOptions) -> Result<bool, Stop> {
    let config = &options.config;
    let report = doctor::examine(&config.location(), &doctor::Circumstances::of(config, Clock::system().now_ms()))?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(report.findings.is_empty())
}
