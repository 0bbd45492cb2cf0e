//! The measured programs, each in a process of its own, and what the operating system says about them.

use super::baseline::Kind;
use super::line::Line;
use super::place::Place;
use super::requests;
use super::stats::Cpu;
use crate::config::ENV_NAMES;
use crate::kit::refusal::Stop;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Linux counts CPU time for other programs in hundredths of a second, whatever its own timer does.
const TICKS_PER_SECOND: u64 = 100;
/// Starting may mean migrating.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Requests in flight and the job in hand may take their time.
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits: processes and people's thinking have no event to wait for.
#[allow(clippy::disallowed_methods, reason = "a measurement is over when the process is; nothing here must survive a restart")]
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// A running program that is killed when it is dropped.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
}

impl Process {
    /// The server, as production runs it.
    ///
    /// # Errors
    /// `Fault` when it does not get ready.
    pub async fn server(place: &Place) -> Result<Self, Stop> {
        let address = free_address()?;
        let mut command = own_program("serve")?;
        command.args(["--listen", &address.to_string()]).arg("--data").arg(place.server_dir());
        if let Some(url) = place.server_url() {
            command.env("DUTYBOARD_DATABASE_URL", url);
        }
        Self::start(command, address, &place.file("server.log")).await
    }

    /// A bare server that answers with the bytes of a file.
    ///
    /// # Errors
    /// `Fault` when it does not get ready.
    pub async fn baseline(place: &Place, kind: Kind, body: &[u8]) -> Result<Self, Stop> {
        let address = free_address()?;
        let file = place.file(&format!("{}.body", address.port()));
        std::fs::write(&file, body).map_err(Stop::fault)?;
        let mut command = own_program("bench-baseline")?;
        command.args(["--kind", kind.as_str(), "--listen", &address.to_string()]).arg("--body").arg(file);
        command.arg("--data").arg(place.file(&format!("baseline-{}", address.port())));
        if let Some(url) = place.floor_url().filter(|_| kind == Kind::FloorDbPostgres) {
            command.env("DUTYBOARD_DATABASE_URL", url);
        }
        Self::start(command, address, &place.file("baseline.log")).await
    }

    async fn start(mut command: Command, address: SocketAddr, log: &Path) -> Result<Self, Stop> {
        let log = File::options().create(true).append(true).open(log).map_err(Stop::fault)?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().map_err(Stop::fault)?;
        let mut process = Process { child, address };
        tokio::time::timeout(READY_WITHIN, process.ready())
            .await
            .map_err(|_| Stop::fault("the process does not get ready"))??;
        Ok(process)
    }

    async fn ready(&mut self) -> Result<(), Stop> {
        let request = requests::get("/readyz", None);
        loop {
            if let Ok(mut line) = Line::open(self.address).await
                && line.exchange(&request).await.is_ok_and(|status| status == 200)
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait().map_err(Stop::fault)? {
                return Err(Stop::fault(format!("the process ended at once: {status}")));
            }
            pause(LOOK_EVERY).await;
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop, as a service manager does, and waits: a job in hand would otherwise stay leased for minutes.
    ///
    /// # Errors
    /// `Fault` when it does not stop.
    pub async fn stop(&mut self) -> Result<(), Stop> {
        let told = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().map_err(Stop::fault)?;
        let started = Instant::now();
        while told.success() && started.elapsed() < STOPPED_WITHIN {
            if self.child.try_wait().map_err(Stop::fault)?.is_some() {
                return Ok(());
            }
            pause(LOOK_EVERY).await;
        }
        Err(Stop::fault("the server does not stop"))
    }

    /// Resident memory (bytes).
    ///
    /// # Errors
    /// `Fault` when the process is gone.
    pub fn memory(&self) -> Result<u64, Stop> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).map_err(Stop::fault)?;
        resident(&status).ok_or_else(|| Stop::fault("no VmRSS in /proc"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This program with another subcommand and none of our own settings.
///
/// # Errors
/// `Fault` when the program's file is unknown.
pub fn own_program(subcommand: &str) -> Result<Command, Stop> {
    let mut command = Command::new(std::env::current_exe().map_err(Stop::fault)?);
    command.arg(subcommand);
    for name in ENV_NAMES.iter().chain(&["RUST_LOG"]) {
        command.env_remove(name);
    }
    Ok(command)
}

/// An address that nobody listens on.
fn free_address() -> Result<SocketAddr, Stop> {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(Stop::fault)
}

/// Reads the CPU time of one process and, with Postgres, of the backends that work for it.
pub struct Meter {
    pid: u32,
    backends: Option<RefCell<Backends>>,
}

impl Meter {
    pub fn new(process: &Process, database: Option<&str>) -> Self {
        Meter { pid: process.pid(), backends: database.map(|name| RefCell::new(Backends::of(name))) }
    }

    pub fn read(&self) -> Cpu {
        let database = self.backends.as_ref().map_or(Duration::ZERO, |backends| backends.borrow_mut().read());
        Cpu { server: cpu(self.pid), database }
    }
}

/// Postgres processes that are connected to one database. Those that ended keep what they had when last seen.
pub struct Backends {
    database: String,
    seen: BTreeMap<u32, Duration>,
}

impl Backends {
    pub fn of(database: &str) -> Self {
        Backends { database: database.to_owned(), seen: BTreeMap::new() }
    }

    pub fn read(&mut self) -> Duration {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
            let title = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if serves(&title, &self.database) {
                self.seen.insert(pid, cpu(pid));
            }
        }
        self.seen.values().sum()
    }
}

/// Postgres writes into its backends' titles whom they serve: `postgres: USER DATABASE HOST STATE`.
fn serves(title: &[u8], database: &str) -> bool {
    let title = String::from_utf8_lossy(title);
    title.starts_with("postgres:") && title.split(|c: char| c.is_whitespace() || c == '\0').any(|word| word == database)
}

/// User and system time; zero for a process that is gone.
fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    Duration::from_millis(ticks(&stat).unwrap_or(0) * 1000 / TICKS_PER_SECOND)
}

/// `utime` + `stime`: the 14th and 15th field; the second, the name, may contain blanks and brackets.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read_as_it_is_written() {
        let stat = "4242 (a (b) c) S 1 2 3 0 -1 4194304 500 0 0 0 70 30 5 6 20 0 9 0 1 2 3";
        assert_eq!(ticks(stat), Some(100));
        assert_eq!(ticks("4242 (x) S 1"), None);
        assert_eq!(ticks(""), None);
        assert_eq!(resident("Name:\tx\nVmRSS:\t   2048 kB\nThreads:\t3\n"), Some(2048 * 1024));
        assert_eq!(resident("Name:\tkernel thread\n"), None);
    }

    #[test]
    fn backends_are_known_by_their_titles() {
        assert!(serves(b"postgres: someone bench_1 [local] idle\0", "bench_1"));
        assert!(serves(b"postgres: main: someone bench_1 127.0.0.1(5000) INSERT", "bench_1"));
        assert!(!serves(b"postgres: someone bench_12 [local] idle", "bench_1"));
        assert!(!serves(b"postgres: walwriter ", "bench_1"));
        assert!(!serves(b"psql bench_1", "bench_1"));
    }
}
