//! Measuring: what a request costs this server, beside the least it could cost on the same libraries. Server and baselines run
//! in processes of their own; this one makes the load, over HTTP as phones do, and reads the others' CPU time and memory from
//! the operating system. `load/` is the long test: many phones on bad networks.
//!
//! place: folder and databases · process: children, CPU, memory · line, requests, listen: HTTP · people, desk: what is measured
//! on · measure, stats, report: rounds and figures · baseline, group_commit, inserts: what we are compared with · reads, pushes,
//! spaces, storm, fanout: the workloads · import: a shop's whole history · steps: chains that are due all at once

pub mod baseline;
mod desk;
mod fanout;
mod group_commit;
mod import;
pub mod inserts;
mod line;
mod listen;
pub mod load;
mod measure;
mod people;
mod place;
mod process;
mod pushes;
mod reads;
mod report;
mod requests;
mod scale;
mod spaces;
mod stats;
mod steps;
mod storm;

use crate::kit::refusal::Stop;
use desk::{Desk, Reader};
use people::Session;
use place::{Place, Site};
use process::{Meter, Process, pause};
use report::{Bound, Report};
use scale::Scale;
use serde_json::Value;
use std::time::Duration;
use storm::Calm;

/// Agents beside the reader, whose devices listen.
const AGENTS: usize = 4;
/// Nothing may change by itself for so long before measuring begins: the first boards are being made, and what follows a change
/// of the roster waits for the end of its minute.
const QUIET: Duration = Duration::from_secs(2);
const QUIET_LOOKS: usize = 90;
/// A fresh process has settled after this.
const FRESH: Duration = Duration::from_millis(500);
/// Growth that allocators show without anything being kept.
const GROWTH_MAX: f64 = 1.1;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    long: Option<Long>,
    /// Shorter rounds and a storm of 50,000 changes instead of a million
    #[arg(long)]
    quick: bool,
    /// Everything once, for tests
    #[arg(long, hide = true)]
    tiny: bool,
    /// Only these workloads
    #[arg(long, value_delimiter = ',')]
    only: Vec<Workload>,
    #[command(flatten)]
    site: Site,
}

#[derive(Debug, clap::Subcommand)]
enum Long {
    /// Many phones on bad networks for minutes, then a proof that nothing was lost or done twice
    Load(load::Options),
    /// A shop's export with a million orders: brought in, brought in again, and searched
    Import(import::Options),
    /// A hundred thousand steps of chains that are due at the same moment
    Steps(steps::Options),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Workload {
    Idle,
    Delta,
    First,
    Push,
    Workspaces,
    Storm,
    Fanout,
    Memory,
}

/// # Errors
/// `Fault` when something cannot be started, or an answer was wrong.
pub async fn run(options: Options) -> Result<(), Stop> {
    match options.long {
        Some(Long::Load(options)) => uninterrupted(load::run(options)).await,
        Some(Long::Import(options)) => uninterrupted(import::run(options)).await,
        Some(Long::Steps(options)) => uninterrupted(steps::run(options)).await,
        None => uninterrupted(measure_all(options)).await,
    }
}

/// Lets what was made be unmade when somebody stops us.
async fn uninterrupted(work: impl Future<Output = Result<(), Stop>>) -> Result<(), Stop> {
    tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => Err(Stop::fault("interrupted")),
    }
}

async fn measure_all(options: Options) -> Result<(), Stop> {
    let scale = if options.tiny {
        Scale::TINY
    } else if options.quick {
        Scale::QUICK
    } else {
        Scale::FULL
    };
    let place = Place::make(&options.site)?;
    let with_spaces = wants(&options.only, Workload::Workspaces);
    let mut bench = Bench::prepare(place, scale, with_spaces).await?;
    let done = bench.workloads(&options.only).await;
    // What was measured before a wrong answer is still worth reading.
    options.site.publish(&bench.report.text(), &bench.report.json())?;
    done
}

/// Nothing chosen means everything.
fn wants(only: &[Workload], workload: Workload) -> bool {
    only.is_empty() || only.contains(&workload)
}

/// A server with people and rows, and what was found out about it.
struct Bench {
    scale: Scale,
    desk: Desk,
    reader: Reader,
    agents: Vec<Session>,
    spaces: Vec<Desk>,
    report: Report,
    calm: Option<Calm>,
    /// Resident memory (bytes) of a server on an empty database.
    fresh: u64,
    // Dropped in this order: the process before its files.
    server: Process,
    place: Place,
}

impl Bench {
    async fn prepare(place: Place, scale: Scale, with_spaces: bool) -> Result<Self, Stop> {
        eprintln!("preparing: {} rows on {}", scale.rows, place.describe());
        let server = Process::server(&place).await?;
        pause(FRESH).await;
        let fresh = server.memory()?;
        let owner = people::found(&place, server.address, "owner").await?;
        let mut agents = Vec::new();
        for number in 0..=AGENTS {
            agents.push(people::invite_agent(&owner, &format!("agent-{number}")).await?);
        }
        let reader = Reader::new(agents.remove(0));
        let desk = Desk::fill(owner, scale.rows).await?;
        let mut report = Report::default();
        report.setting("measured on", place.describe());
        report.setting("scale", format!("{}: {} rounds of {:?}", scale.name, scale.rounds, scale.round));
        let (spaces, calm) = (Vec::new(), None);
        let mut bench = Bench { scale, desk, reader, agents, spaces, report, calm, fresh, server, place };
        if with_spaces {
            bench.found_spaces().await?;
        }
        bench.place.measure()?;
        // A starting server makes the boards that are due, so that none is made later.
        bench.restart().await?;
        bench.first_mutation().await?;
        bench.wait_for_quiet().await?;
        Ok(bench)
    }

    /// Memory is judged before devices listen: they do so in processes of their own.
    async fn workloads(&mut self, only: &[Workload]) -> Result<(), Stop> {
        let (mut idle, mut delta) = (None, None);
        if wants(only, Workload::Idle) {
            idle = Some(self.idle("").await?);
        }
        if wants(only, Workload::Delta) {
            delta = Some(self.delta("").await?);
        }
        self.calm = idle.zip(delta).map(|(idle, delta)| Calm { idle, delta });
        if wants(only, Workload::First) {
            self.first().await?;
        }
        let warm = self.server.memory()?;
        if wants(only, Workload::Push) {
            self.push().await?;
        }
        if wants(only, Workload::Workspaces) {
            self.workspaces().await?;
        }
        if wants(only, Workload::Storm) {
            self.storm().await?;
        }
        if wants(only, Workload::Memory) {
            self.judge_memory(warm)?;
        }
        if wants(only, Workload::Fanout) {
            self.fanout().await?;
        }
        Ok(())
    }

    /// Another server process on the same data.
    async fn restart(&mut self) -> Result<(), Stop> {
        self.desk.hang_up();
        self.spaces.iter_mut().for_each(Desk::hang_up);
        self.server.stop().await?;
        self.server = Process::server(&self.place).await?;
        self.keep().await
    }

    /// Renews tokens that will soon be too old, and lines that were idle for too long.
    async fn keep(&mut self) -> Result<(), Stop> {
        let address = self.server.address;
        self.desk.refresh(address).await?;
        self.reader.session.keep(address).await?;
        for agent in &mut self.agents {
            agent.keep(address).await?;
        }
        for space in &mut self.spaces {
            space.refresh(address).await?;
        }
        Ok(())
    }

    /// The reader's own client, so that its pulls have a last mutation to tell.
    async fn first_mutation(&mut self) -> Result<(), Stop> {
        let mut line = line::Line::open(self.server.address).await.map_err(Stop::fault)?;
        let token = self.reader.session.token.clone();
        self.reader.pusher.push(&mut line, &token, &[("person.prefs", r#"{"locale":"en"}"#.into())]).await
    }

    async fn wait_for_quiet(&mut self) -> Result<(), Stop> {
        let mut cookie = Value::Null;
        for _ in 0..QUIET_LOOKS {
            let pulled = self.whole().await?;
            if pulled.cookie == cookie && self.no_jobs_wait().await? {
                let rows: usize = pulled.bytes.len() / pulled.puts.len();
                let view = format!("{} rows, {} bytes, {rows} bytes a row on average", pulled.puts.len(), pulled.bytes.len());
                self.report.setting("view", view);
                return Ok(());
            }
            cookie = pulled.cookie;
            pause(QUIET).await;
        }
        Err(Stop::fault("the workspace keeps changing by itself"))
    }

    async fn no_jobs_wait(&self) -> Result<bool, Stop> {
        let mut line = line::Line::open(self.server.address).await.map_err(Stop::fault)?;
        line.exchange(&requests::get("/metrics", None)).await.map_err(Stop::fault)?;
        let said = String::from_utf8_lossy(line.body());
        Ok(said.lines().any(|line| line == r#"dutyboard_jobs{state="queued"} 0"#))
    }

    fn meter(&self) -> Meter {
        Meter::new(&self.server, self.place.server_database())
    }

    /// Before a workload: says so to whoever waits.
    async fn begin(&mut self, what: &str) -> Result<(), Stop> {
        eprintln!("measuring: {what}");
        self.keep().await
    }

    /// `warm`: resident bytes after the first reads.
    fn judge_memory(&mut self, warm: u64) -> Result<(), Stop> {
        let now = self.server.memory()?;
        let mb = |bytes: u64| bytes as f64 / 1e6;
        self.report.verdict("memory of a fresh server", mb(self.fresh), Bound::AtMost(25.0), "MB");
        self.report.verdict("memory after the first reads", mb(warm), Bound::None, "MB");
        self.report.verdict("memory after the run", mb(now), Bound::None, "MB");
        self.report.verdict("memory after the run ÷ after the first reads", mb(now) / mb(warm), Bound::AtMost(GROWTH_MAX), "×");
        Ok(())
    }
}
