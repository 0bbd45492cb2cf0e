//! Many workspaces at once: in each a phone pushes an edit, pulls it, and pulls again while nothing happens.

use super::Bench;
use super::desk::Desk;
use super::line::Line;
use super::measure::{contains, unexpected};
use super::people;
use super::requests::{self, Template};
use super::stats::{Round, Summary, micros};
use crate::kit::ids;
use crate::kit::refusal::Stop;
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Instant;

/// Pulls that find nothing, for each that finds something.
const IDLE: usize = 8;
const KINDS: [&str; 3] = ["push", "delta", "idle"];

struct Phone {
    line: Line,
    token: String,
    group: String,
    box_id: String,
    edits: Template,
    cookie: String,
}

#[derive(Deserialize)]
struct Patch<'a> {
    #[serde(borrow)]
    cookie: &'a RawValue,
    #[serde(borrow)]
    patch: Vec<&'a RawValue>,
}

impl Phone {
    async fn new(desk: &Desk) -> Result<Self, Stop> {
        let (token, group, box_id) = (desk.owner.token.clone(), ids::fresh(), desk.boxes[0].clone());
        let edits = Template::new(&token, &group, &ids::fresh(), &box_id);
        let line = Line::open(desk.owner.address).await.map_err(Stop::fault)?;
        let mut phone = Phone { line, token, group, box_id, edits, cookie: "null".into() };
        let rows = phone.pull().await?;
        if rows > desk.boxes.len() { Ok(phone) } else { Err(Stop::fault("a wrong answer: a workspace lacks rows")) }
    }

    /// Pulls, keeps the cookie, says how many operations came.
    async fn pull(&mut self) -> Result<usize, Stop> {
        let request = requests::pull(&self.token, &self.group, &self.cookie);
        let status = self.line.exchange(&request).await.map_err(Stop::fault)?;
        if status != 200 {
            return Err(unexpected(status, self.line.body()));
        }
        let patch: Patch<'_> = serde_json::from_slice(self.line.body())?;
        patch.cookie.get().clone_into(&mut self.cookie);
        Ok(patch.patch.len())
    }

    /// Latencies (µs) by kind.
    async fn repeat(&mut self, until: Instant) -> Result<[Vec<u32>; 3], Stop> {
        let mut latencies = [const { Vec::new() }; 3];
        while Instant::now() < until {
            let asked = Instant::now();
            let status = self.line.exchange(self.edits.next()).await.map_err(Stop::fault)?;
            latencies[0].push(micros(asked.elapsed()));
            if status != 200 || !contains(self.line.body(), br#""status":"applied""#) {
                return Err(unexpected(status, self.line.body()));
            }
            let asked = Instant::now();
            let rows = self.pull().await?;
            latencies[1].push(micros(asked.elapsed()));
            let (box_id, title) = (&self.box_id, requests::title(self.edits.number));
            if rows != 1 || !contains(self.line.body(), box_id.as_bytes()) || !contains(self.line.body(), title.as_bytes()) {
                return Err(unexpected(200, self.line.body()));
            }
            for _ in 0..IDLE {
                let asked = Instant::now();
                let rows = self.pull().await?;
                latencies[2].push(micros(asked.elapsed()));
                if rows != 0 {
                    return Err(unexpected(200, self.line.body()));
                }
            }
        }
        Ok(latencies)
    }
}

impl Bench {
    /// Workspaces of their own, each with an owner and tasks.
    pub async fn found_spaces(&mut self) -> Result<(), Stop> {
        for number in 0..self.scale.workspaces {
            let owner = people::found(&self.place, self.server.address, &format!("owner-{number}")).await?;
            self.spaces.push(Desk::fill(owner, self.scale.workspace_rows).await?);
        }
        Ok(())
    }

    pub async fn workspaces(&mut self) -> Result<(), Stop> {
        let name = format!("{} workspaces", self.spaces.len());
        self.begin(&name).await?;
        let mut phones = Vec::new();
        for desk in &self.spaces {
            phones.push(Phone::new(desk).await?);
        }
        let meter = self.meter();
        let (mut all, mut by_kind) = (Vec::new(), [const { Vec::new() }; 3]);
        for number in 0..=self.scale.rounds {
            let (cpu, started) = (meter.read(), Instant::now());
            let until = started + self.scale.round;
            let parts = try_join_all(phones.iter_mut().map(|phone| phone.repeat(until))).await?;
            let (wall, cpu) = (started.elapsed(), meter.read().since(cpu));
            if number == 0 {
                continue;
            }
            all.push(Round { wall, cpu, latencies: parts.iter().flatten().flatten().copied().collect() });
            for (kind, rounds) in by_kind.iter_mut().enumerate() {
                let latencies = parts.iter().flat_map(|part| &part[kind]).copied().collect();
                rounds.push(Round { wall, latencies, ..Round::default() });
            }
        }
        self.report_spaces(&name, &all, &by_kind);
        Ok(())
    }

    fn report_spaces(&mut self, name: &str, all: &[Round], by_kind: &[Vec<Round>; 3]) {
        let summary = Summary::of(all);
        self.report.figure(name, "dutyboard, all", summary, None);
        for (kind, rounds) in KINDS.iter().zip(by_kind) {
            let part = Summary { server_us: f64::NAN, database_us: f64::NAN, ..Summary::of(rounds) };
            self.report.figure(name, &format!("dutyboard, {kind}"), part, None);
        }
    }
}
