//! One write, and thousands of live devices that hear of it.

use super::Bench;
use super::baseline::Kind;
use super::line::Line;
use super::listen::Listeners;
use super::measure::unexpected;
use super::process::{Meter, Process, pause};
use super::report::Bound;
use super::requests;
use super::stats::{Cpu, Round, Summary, micros};
use crate::kit::refusal::Stop;
use std::time::{Duration, Instant};

/// Between pokes: what is still being sent belongs to the poke before.
const SETTLE: Duration = Duration::from_millis(150);
/// Descriptors that other things need.
const SPARE_FILES: u64 = 200;
/// The server's own event.
const EVENT: &str = "event: poke\ndata: {\"order\":1099511628777}\n\n";

/// What one side of the comparison came to.
struct Heard {
    rounds: Vec<Round>,
    /// Resident bytes per device.
    memory: f64,
    devices: usize,
}

impl Heard {
    /// CPU (µs) per device that heard one write.
    fn per_delivery(&self) -> f64 {
        let total: f64 = self.rounds.iter().map(|round| (round.cpu.server + round.cpu.database).as_secs_f64() * 1e6).sum();
        total / (self.rounds.len() * self.devices) as f64
    }
}

impl Bench {
    pub async fn fanout(&mut self) -> Result<(), Stop> {
        let limit = rlimit::increase_nofile_limit(u64::MAX).map_err(Stop::fault)?;
        let room = usize::try_from(limit.saturating_sub(SPARE_FILES)).unwrap_or(usize::MAX);
        for wanted in self.scale.devices {
            let devices = (*wanted).min(room);
            if devices < *wanted {
                self.report.setting("fewer devices", format!("{devices} instead of {wanted}: open files are limited to {limit}"));
            }
            self.fanout_to(devices).await?;
        }
        Ok(())
    }

    async fn fanout_to(&mut self, devices: usize) -> Result<(), Stop> {
        let name = format!("fan-out to {devices}");
        self.begin(&name).await?;
        // Few devices need more pokes for CPU time to be readable.
        let most = self.scale.devices.iter().max().copied().unwrap_or(devices);
        let pokes = self.scale.pokes * most.div_ceil(devices.max(1));
        let ours = self.fanout_of_server(devices, pokes).await?;
        let floor = self.fanout_of_floor(devices, pokes).await?;
        for (subject, heard) in [("dutyboard".to_owned(), &ours), (Kind::FloorSse.label(), &floor)] {
            let summary = Summary { ops_per_s: f64::NAN, ..Summary::of(&heard.rounds) };
            let per_delivery = Summary { server_us: heard.per_delivery(), database_us: f64::NAN, ..summary };
            self.report.figure(&name, &subject, per_delivery, None);
            self.report.verdict(format!("{name}: memory a device, {subject}"), heard.memory / 1000.0, Bound::None, "kB");
        }
        let ratio = ours.per_delivery() / floor.per_delivery();
        self.report.verdict(format!("{name}: our CPU ÷ floor:sse's"), ratio, Bound::AtMost(1.15), "×");
        self.report.verdict(format!("{name}: memory a device"), ours.memory / 1000.0, Bound::AtMost(25.0), "kB");
        Ok(())
    }

    /// In a fresh process, so that no memory of earlier work is there to be used again.
    async fn fanout_of_server(&mut self, devices: usize, pokes: usize) -> Result<Heard, Stop> {
        self.restart().await?;
        let tokens: Vec<String> = self.agents.iter().map(|agent| agent.token.clone()).collect();
        // One write and one listener first: what the server sets up once belongs to nobody.
        self.desk.edit(1).await?;
        drop(Listeners::connect(self.server.address, 1, &tokens).await?);
        pause(SETTLE).await;
        let before = self.server.memory()?;
        let listeners = Listeners::connect(self.server.address, devices, &tokens).await?;
        pause(SETTLE).await;
        let memory = self.server.memory()?.saturating_sub(before) as f64 / devices as f64;
        let meter = self.meter();
        let mut rounds = Vec::new();
        for _ in 0..pokes {
            let (cpu, started) = begin(&listeners, &meter);
            self.desk.edit(1).await?;
            rounds.push(end(&listeners, &meter, cpu, started).await?);
        }
        Ok(Heard { rounds, memory, devices })
    }

    async fn fanout_of_floor(&mut self, devices: usize, pokes: usize) -> Result<Heard, Stop> {
        let process = Process::baseline(&self.place, Kind::FloorSse, b"").await?;
        let before = process.memory()?;
        let listeners = Listeners::connect(process.address, devices, &[]).await?;
        let mut line = Line::open(process.address).await.map_err(Stop::fault)?;
        pause(SETTLE).await;
        let memory = process.memory()?.saturating_sub(before) as f64 / devices as f64;
        let meter = Meter::new(&process, None);
        let poke = requests::post("/poke", None, EVENT);
        let mut rounds = Vec::new();
        for _ in 0..pokes {
            let (cpu, started) = begin(&listeners, &meter);
            let status = line.exchange(&poke).await.map_err(Stop::fault)?;
            if status != 200 || line.body() != devices.to_string().as_bytes() {
                return Err(unexpected(status, line.body()));
            }
            rounds.push(end(&listeners, &meter, cpu, started).await?);
        }
        Ok(Heard { rounds, memory, devices })
    }
}

fn begin(listeners: &Listeners, meter: &Meter) -> (Cpu, Instant) {
    listeners.begin();
    (meter.read(), Instant::now())
}

/// One operation: a write until everybody has heard. Its CPU time includes what is done after the last delivery.
async fn end(listeners: &Listeners, meter: &Meter, cpu: Cpu, started: Instant) -> Result<Round, Stop> {
    listeners.all_heard().await?;
    let wall = started.elapsed();
    pause(SETTLE).await;
    Ok(Round { wall, cpu: meter.read().since(cpu), latencies: vec![micros(wall)] })
}
