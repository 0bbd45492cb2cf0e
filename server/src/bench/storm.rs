//! A storm of changes, and whether pulls right after it cost what they did before.

use super::Bench;
use super::desk::{CHUNK, Pusher, expect};
use super::line::Line;
use super::reads::Compared;
use super::report::Bound;
use super::requests;
use super::stats::{Round, Summary, micros};
use crate::kit::refusal::Stop;
use futures_util::future::try_join_all;
use std::time::Instant;

/// Phones that push at once.
const PHONES: usize = 16;
/// Pushes of a phone before tokens are looked after.
const SLICE: usize = 100;
/// Keeps the storm's words apart from those of single edits.
const FIRST_NUMBER: u64 = 600_000_000_000;

/// What was measured before.
pub struct Calm {
    pub idle: Compared,
    pub delta: Compared,
}

impl Bench {
    pub async fn storm(&mut self) -> Result<(), Stop> {
        let calm = match self.calm.take() {
            Some(calm) => calm,
            None => Calm { idle: self.idle("").await?, delta: self.delta("").await? },
        };
        self.change_much().await?;
        let (delta, idle) = (self.delta(" after the storm").await?, self.idle(" after the storm").await?);
        for (name, before, after) in [("20-row delta", calm.delta, delta), ("idle pull", calm.idle, idle)] {
            // Divided by what the baseline did at the same two moments: the machine may have changed meanwhile.
            let ratio = (before.ours / after.ours) / (before.floor / after.floor);
            self.report.verdict(format!("{name}: CPU before the storm ÷ after"), ratio, Bound::AtLeast(0.97), "×");
        }
        Ok(())
    }

    /// Pushes fifty edits at a time, as quickly as the server takes them.
    async fn change_much(&mut self) -> Result<(), Stop> {
        let requests = self.scale.storm.div_ceil(CHUNK);
        let name = format!("storm of {} changes", requests * CHUNK);
        self.begin(&name).await?;
        let mut phones = Vec::new();
        for _ in 0..PHONES {
            phones.push((Line::open(self.server.address).await.map_err(Stop::fault)?, Pusher::new()));
        }
        let meter = self.meter();
        let (cpu, started) = (meter.read(), Instant::now());
        let (mut sent, mut latencies) = (0, Vec::with_capacity(requests * CHUNK));
        while sent < requests {
            self.desk.owner.keep(self.server.address).await?;
            let (token, boxes) = (&self.desk.owner.token, &self.desk.boxes);
            let slice = (PHONES * SLICE).min(requests - sent);
            let shares = phones.iter_mut().enumerate().map(|(at, (line, pusher))| {
                let numbers = (sent + at..sent + slice).step_by(PHONES);
                push_all(line, pusher, token, boxes, numbers)
            });
            // A change is done when its push is answered.
            let took = try_join_all(shares).await?.concat();
            latencies.extend(took.iter().flat_map(|latency| [*latency; CHUNK]));
            sent += slice;
        }
        let round = Round { wall: started.elapsed(), cpu: meter.read().since(cpu), latencies };
        self.report.figure(&name, "dutyboard", Summary::of(&[round]), None);
        let busy: u64 = phones.iter().map(|(_, pusher)| pusher.busy).sum();
        let counted: u64 = phones.iter().map(|(_, pusher)| pusher.acknowledged).sum();
        expect(counted == (requests * CHUNK) as u64, "changes of the storm are missing")?;
        self.report.verdict(format!("{name}: answers 503"), busy as f64, Bound::None, "");
        Ok(())
    }
}

async fn push_all(
    line: &mut Line,
    pusher: &mut Pusher,
    token: &str,
    boxes: &[String],
    numbers: impl Iterator<Item = usize>,
) -> Result<Vec<u32>, Stop> {
    let mut latencies = Vec::new();
    for number in numbers {
        let picked = (0..CHUNK).map(|at| &boxes[(number * CHUNK + at) % boxes.len()]);
        let edits: Vec<_> = picked.map(|id| ("box.edit", requests::edit(id, FIRST_NUMBER + number as u64))).collect();
        let asked = Instant::now();
        pusher.push(line, token, &edits).await?;
        latencies.push(micros(asked.elapsed()));
    }
    Ok(latencies)
}
