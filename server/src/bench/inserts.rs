//! What Postgres itself can do: prepared inserts of single rows, each a transaction of its own, by `pgbench`.

use super::place::Place;
use super::process::{Backends, pause};
use super::stats::{Cpu, Round};
use crate::kit::refusal::Stop;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SCHEMA: &str =
    "CREATE TABLE IF NOT EXISTS bench_insert (id BIGSERIAL PRIMARY KEY, client BIGINT NOT NULL, body TEXT NOT NULL)";
const ROW_BYTES: usize = 400;
/// Backends end with the program: their CPU time is read while they live, this often.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub struct Inserts {
    url: String,
    database: String,
    clients: usize,
    script: PathBuf,
    log: PathBuf,
}

impl Inserts {
    /// Whether there is a `pgbench` to run.
    pub fn possible() -> bool {
        let version = Command::new("pgbench").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    }

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
        let mut command = Command::new("pgbench");
        command.args(["--no-vacuum", "--protocol=prepared", "--log"]).arg(format!("--log-prefix={}", self.log.display()));
        command.arg(format!("--client={}", self.clients)).arg(format!("--time={seconds}"));
        command.arg("--file").arg(&self.script).arg(&self.url);
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
            return Err(Stop::fault(format!("pgbench: {status}")));
        }
        let wall = started.elapsed().min(Duration::from_secs(seconds));
        let cpu = Cpu { server: Duration::ZERO, database: backends.read().saturating_sub(before) };
        Ok(Round { wall, cpu, latencies: self.collect(child.id())? })
    }

    /// Reads and removes the log of one run: `PREFIX.PID`, a line per transaction.
    fn collect(&self, pid: u32) -> Result<Vec<u32>, Stop> {
        let path = PathBuf::from(format!("{}.{pid}", self.log.display()));
        let text = std::fs::read_to_string(&path).map_err(Stop::fault)?;
        std::fs::remove_file(&path).map_err(Stop::fault)?;
        Ok(text.lines().filter_map(latency).collect())
    }
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
