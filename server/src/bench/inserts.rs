//! What Postgres itself can do: prepared inserts of single rows, each a transaction of its own, by `pgbench`, or by a process of
//! this program where there is none. (With many clients `pgbench` rounds short latencies down to nothing: it looks at its clock
//! once for all whose answers wait.)

use super::place::Place;
use super::process::{Backends, own_program, pause};
use super::stats::{Cpu, Round, micros};
use crate::config::location;
use crate::db::dialect;
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SCHEMA: &str =
    "CREATE TABLE IF NOT EXISTS bench_insert (id BIGSERIAL PRIMARY KEY, client BIGINT NOT NULL, body TEXT NOT NULL)";
const ROW_BYTES: usize = 400;
/// Backends end with the program: their CPU time is read while they live, this often.
const LOOK_EVERY: Duration = Duration::from_millis(50);

diesel::table! {
    bench_insert (id) {
        id -> BigInt,
        client -> BigInt,
        body -> Text,
    }
}

pub struct Inserts {
    url: String,
    database: String,
    clients: usize,
    script: PathBuf,
    log: PathBuf,
}

impl Inserts {
    /// # Errors
    /// `Fault` when this is not a Postgres run, or its table cannot be made.
    pub fn prepare(place: &Place, clients: usize) -> Result<Self, Stop> {
        let (Some(url), Some(database)) = (place.floor_url(), place.floor_database()) else {
            return Err(Stop::fault("no Postgres"));
        };
        place.run_on_floor(SCHEMA)?;
        let script = place.file("insert.sql");
        let body = "x".repeat(ROW_BYTES);
        let text = format!("INSERT INTO bench_insert (client, body) VALUES (:client_id, '{body}');\n");
        std::fs::write(&script, text).map_err(Stop::fault)?;
        Ok(Inserts { url, database: database.to_owned(), clients, script, log: place.file("pgbench") })
    }

    /// # Errors
    /// `Fault` when the program fails.
    pub async fn round(&mut self, time: Duration) -> Result<Round, Stop> {
        // It counts in whole seconds.
        let seconds = time.as_secs_f64().ceil() as u64;
        let mut command = if has_pgbench() { self.pgbench(seconds) } else { self.own(seconds)? };
        let mut backends = Backends::of(&self.database);
        let before = backends.read();
        let started = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(Stop::fault)?;
        let status = loop {
            pause(LOOK_EVERY).await;
            backends.read();
            if let Some(status) = child.try_wait().map_err(Stop::fault)? {
                break status;
            }
        };
        if !status.success() {
            return Err(Stop::fault(format!("inserts: {status}")));
        }
        let wall = started.elapsed().min(Duration::from_secs(seconds));
        let cpu = Cpu { server: Duration::ZERO, database: backends.read().saturating_sub(before) };
        Ok(Round { wall, cpu, latencies: self.collect(child.id())? })
    }

    fn pgbench(&self, seconds: u64) -> Command {
        let mut command = Command::new("pgbench");
        command.args(["--no-vacuum", "--protocol=prepared", "--log"]).arg(format!("--log-prefix={}", self.log.display()));
        command.arg(format!("--client={}", self.clients)).arg(format!("--time={seconds}"));
        command.arg("--file").arg(&self.script).arg(&self.url);
        command
    }

    fn own(&self, seconds: u64) -> Result<Command, Stop> {
        let mut command = own_program("bench-inserts")?;
        command.args(["--clients", &self.clients.to_string(), "--seconds", &seconds.to_string()]).arg("--log").arg(&self.log);
        command.env("DUTYBOARD_DATABASE_URL", &self.url);
        Ok(command)
    }

    /// Reads and removes the log of one run: `PREFIX.PID`, a line per transaction.
    fn collect(&self, pid: u32) -> Result<Vec<u32>, Stop> {
        let path = PathBuf::from(format!("{}.{pid}", self.log.display()));
        let text = std::fs::read_to_string(&path).map_err(Stop::fault)?;
        std::fs::remove_file(&path).map_err(Stop::fault)?;
        Ok(text.lines().filter_map(latency).collect())
    }
}

fn has_pgbench() -> bool {
    let version = Command::new("pgbench").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

#[derive(Debug, clap::Args)]
pub struct Options {
    #[arg(long)]
    clients: usize,
    #[arg(long)]
    seconds: u64,
    /// Where latencies are written, with the process's number at the end
    #[arg(long)]
    log: PathBuf,
    #[arg(long, env = "DUTYBOARD_DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

/// What `pgbench` would do: every client inserts, one row after the other.
///
/// # Errors
/// `Fault` when the database cannot be reached.
pub fn run(options: &Options) -> Result<(), Stop> {
    let clients = (0..options.clients).map(|number| {
        let (url, time) = (options.database_url.clone(), Duration::from_secs(options.seconds));
        std::thread::spawn(move || insert(&url, number as i64, time))
    });
    let mut text = String::new();
    for client in clients.collect::<Vec<_>>() {
        for latency in client.join().map_err(|_| Stop::fault("a client panicked"))?? {
            let _ = writeln!(text, "0 0 {latency}");
        }
    }
    std::fs::write(format!("{}.{}", options.log.display(), std::process::id()), text).map_err(Stop::fault)
}

fn insert(url: &str, client: i64, time: Duration) -> Result<Vec<u32>, Stop> {
    let mut conn = dialect::open(&location(Some(url), Path::new(""))).map_err(Stop::fault)?;
    let (body, started) = ("x".repeat(ROW_BYTES), Instant::now());
    let mut latencies = Vec::new();
    while started.elapsed() < time {
        let asked = Instant::now();
        let row = (bench_insert::client.eq(client), bench_insert::body.eq(&body));
        diesel::insert_into(bench_insert::table).values(row).execute(&mut conn)?;
        latencies.push(micros(asked.elapsed()));
    }
    Ok(latencies)
}

/// `client transaction latency_us script seconds microseconds`.
fn latency(line: &str) -> Option<u32> {
    line.split(' ').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_word_is_the_latency() {
        assert_eq!(latency("0 199 2241 0 1175850568 995598"), Some(2241));
        assert_eq!(latency("0 199 skipped 0 1175850568 995598"), None);
        assert_eq!(latency(""), None);
    }
}
