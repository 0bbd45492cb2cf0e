//! Pulls: with a current cookie, twenty rows behind, and from nothing.

use super::Bench;
use super::baseline::Kind;
use super::desk::{Pulled, expect};
use super::measure::{Client, Load, Subject, Turn, interleave};
use super::process::{Meter, Process};
use super::report::Bound;
use super::stats::Summary;
use crate::kit::refusal::Stop;
use std::collections::BTreeSet;

/// Rows that changed since the delta's cookie.
pub const BEHIND: usize = 20;
/// The check of a whole view comes with one delta in fifty; it is kept out of the figures.
const TRIES: usize = 5;
/// A whole view is megabytes: more clients would measure the loopback.
const FIRST_CLIENTS: usize = 2;

/// A request, its proved answer, and how many clients send it at once.
struct Question {
    name: String,
    request: Vec<u8>,
    answer: Vec<u8>,
    clients: usize,
}

/// CPU (µs per operation) of the server and of the first baseline, measured in turn.
#[derive(Debug, Clone, Copy)]
pub struct Compared {
    pub ours: f64,
    pub floor: f64,
}

impl Bench {
    /// `when`: "" or " after the storm".
    pub async fn idle(&mut self, when: &str) -> Result<Compared, Stop> {
        self.begin(&format!("idle pull{when}")).await?;
        let question = self.idle_question(when).await?;
        let found = self.ask(question, &[Kind::Floor]).await?;
        let ratio = found[1].cpu_us() / found[0].cpu_us();
        self.report.verdict(format!("idle pull{when}: floor's CPU ÷ ours"), ratio, Bound::AtLeast(0.5), "×");
        Ok(Compared { ours: found[0].cpu_us(), floor: found[1].cpu_us() })
    }

    pub async fn delta(&mut self, when: &str) -> Result<Compared, Stop> {
        self.begin(&format!("20-row delta{when}")).await?;
        let question = self.delta_question(when).await?;
        let mut kinds = vec![Kind::FloorDb, Kind::Floor];
        kinds.extend(self.place.floor_url().map(|_| Kind::FloorDbPostgres));
        let found = self.ask(question, &kinds).await?;
        let ratio = found[1].cpu_us() / found[0].cpu_us();
        self.report.verdict(format!("20-row delta{when}: floor:db's CPU ÷ ours"), ratio, Bound::AtLeast(0.9), "×");
        if let Some(postgres) = found.get(3) {
            let ratio = postgres.cpu_us() / found[0].cpu_us();
            self.report.verdict(format!("20-row delta{when}: floor:db-postgres' CPU ÷ ours"), ratio, Bound::None, "×");
        }
        Ok(Compared { ours: found[0].cpu_us(), floor: found[1].cpu_us() })
    }

    pub async fn first(&mut self) -> Result<(), Stop> {
        self.begin("first sync").await?;
        let question = self.first_question().await?;
        let found = self.ask(question, &[Kind::Floor]).await?;
        let ratio = found[0].cpu_us() / found[1].cpu_us();
        self.report.verdict("first sync: our CPU ÷ floor's", ratio, Bound::AtMost(2.0), "×");
        Ok(())
    }

    async fn idle_question(&mut self, when: &str) -> Result<Question, Stop> {
        let before = self.whole().await?;
        let pulled = self.reader.pull(&before.cookie).await?;
        expect(pulled.puts.is_empty() && pulled.dels == 0 && !pulled.whole, "an idle pull brings rows")?;
        expect(pulled.lmids.is_empty(), "an idle pull brings mutation ids")?;
        expect(pulled.cookie == before.cookie, "an idle pull brings another cookie")?;
        let request = self.reader.request(&before.cookie);
        Ok(Question { name: format!("idle pull{when}"), request, answer: pulled.bytes, clients: self.scale.readers })
    }

    async fn delta_question(&mut self, when: &str) -> Result<Question, Stop> {
        let before = self.whole().await?;
        let wanted: BTreeSet<String> = self.desk.boxes.iter().take(BEHIND).map(|id| format!("box/{id}")).collect();
        for _ in 0..TRIES {
            self.desk.edit(BEHIND).await?;
            let pulled = self.reader.pull(&before.cookie).await?;
            expect(pulled.puts == wanted && pulled.dels == 0 && !pulled.whole, "a delta of other rows")?;
            expect(pulled.lmids.is_empty(), "a delta brings somebody else's mutation ids")?;
            expect(pulled.cookie["order"].as_i64() > before.cookie["order"].as_i64(), "a delta does not move the cookie")?;
            if !pulled.has_check {
                let request = self.reader.request(&before.cookie);
                return Ok(Question {
                    name: format!("20-row delta{when}"),
                    request,
                    answer: pulled.bytes,
                    clients: self.scale.readers,
                });
            }
        }
        Err(Stop::fault("every delta carries a check"))
    }

    async fn first_question(&mut self) -> Result<Question, Stop> {
        let answer = self.whole().await?.bytes;
        let request = self.reader.request(&serde_json::Value::Null);
        Ok(Question { name: "first sync".into(), request, answer, clients: FIRST_CLIENTS })
    }

    /// The whole view, proved: every task is in it, and the reader's own last mutation.
    pub async fn whole(&self) -> Result<Pulled, Stop> {
        let pulled = self.reader.pull(&serde_json::Value::Null).await?;
        expect(pulled.whole && pulled.dels == 0, "a first sync does not begin with clear")?;
        expect(self.desk.boxes.iter().all(|id| pulled.puts.contains(&format!("box/{id}"))), "a first sync lacks rows")?;
        let lmid = pulled.lmids.get(&self.reader.pusher.client).copied();
        expect(lmid == Some(self.reader.pusher.acknowledged) && pulled.lmids.len() == 1, "a first sync with wrong mutation ids")?;
        Ok(pulled)
    }

    /// The server and baselines, which answer the same bytes, in turn; their summaries in this order.
    async fn ask(&mut self, question: Question, kinds: &[Kind]) -> Result<Vec<Summary>, Stop> {
        let mut baselines = Vec::new();
        for kind in kinds {
            baselines.push((Process::baseline(&self.place, *kind, &question.answer).await?, *kind));
        }
        let turns = || {
            let (request, length) = (question.request.clone(), question.answer.len());
            std::iter::repeat_with(move || Turn::Same { request: request.clone(), length }).take(question.clients)
        };
        let clients = Client::connect_all(self.server.address, turns()).await?;
        let mut subjects = vec![Subject::new("dutyboard", Load::Clients(clients), self.meter())];
        for (process, kind) in &baselines {
            let clients = Client::connect_all(process.address, turns()).await?;
            let database = self.place.floor_database().filter(|_| *kind == Kind::FloorDbPostgres);
            subjects.push(Subject::new(kind.label(), Load::Clients(clients), Meter::new(process, database)));
        }
        interleave(&mut subjects.iter_mut().collect::<Vec<_>>(), &self.scale).await?;
        for subject in &subjects {
            self.report.figure(&question.name, &subject.name, subject.summary(), Some(question.answer.len()));
        }
        Ok(subjects.iter().map(Subject::summary).collect())
    }
}
