//! What happened on the way, counted.

use crate::bench::report::{Bound, Report, align, number};
use crate::bench::stats::percentile;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    SignIn,
    FirstPull,
    Pull,
    Push,
    Live,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::SignIn => "sign in",
            Kind::FirstPull => "first pull",
            Kind::Pull => "pull",
            Kind::Push => "push",
            Kind::Live => "live line",
        }
    }
}

/// The server at one moment of the run.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub after: Duration,
    /// Resident bytes.
    pub memory: u64,
    pub cpu: Duration,
    pub database_cpu: Duration,
}

#[derive(Default)]
pub struct Tally {
    latencies: RefCell<BTreeMap<Kind, Vec<u32>>>,
    statuses: RefCell<BTreeMap<(Kind, u16), u64>>,
    failures: RefCell<BTreeMap<(Kind, String), u64>>,
    cut: Cell<u64>,
    twice: Cell<u64>,
    pub looks: RefCell<Vec<Look>>,
}

impl Tally {
    pub fn answered(&self, kind: Kind, status: u16, latency_us: u32) {
        if status == 200 {
            self.latencies.borrow_mut().entry(kind).or_default().push(latency_us);
        }
        *self.statuses.borrow_mut().entry((kind, status)).or_default() += 1;
    }

    /// The connection broke without our doing.
    pub fn failed(&self, kind: Kind, error: &std::io::Error) {
        *self.failures.borrow_mut().entry((kind, error.kind().to_string())).or_default() += 1;
    }

    pub fn cut(&self) {
        self.cut.set(self.cut.get() + 1);
    }

    pub fn sent_twice(&self) {
        self.twice.set(self.twice.get() + 1);
    }

    /// Rows of kind, answers 200, 503 and others, broken connections, and latencies (ms).
    fn rows(&self) -> Vec<(&'static str, [u64; 4], [f64; 3])> {
        let (statuses, failures, latencies) = (self.statuses.borrow(), self.failures.borrow(), self.latencies.borrow());
        let sum = |kind: Kind, which: &dyn Fn(u16) -> bool| {
            statuses.iter().filter(|((known, status), _)| *known == kind && which(*status)).map(|(_, count)| count).sum()
        };
        let all = [Kind::SignIn, Kind::FirstPull, Kind::Pull, Kind::Push, Kind::Live];
        let row = |kind: Kind| {
            let broken = failures.iter().filter(|((known, _), _)| *known == kind).map(|(_, count)| count).sum();
            let counts = [
                sum(kind, &|status| status == 200),
                sum(kind, &|status| status == 503),
                sum(kind, &|s| s != 200 && s != 503),
                broken,
            ];
            let mut sorted = latencies.get(&kind).cloned().unwrap_or_default();
            sorted.sort_unstable();
            (kind.as_str(), counts, [50.0, 95.0, 99.0].map(|percent| percentile(&sorted, percent) / 1000.0))
        };
        all.into_iter().map(row).collect()
    }

    /// What else was answered: "push 429: 3".
    fn oddities(&self) -> Vec<String> {
        let statuses = self.statuses.borrow();
        let odd = statuses.iter().filter(|((_, status), _)| !matches!(status, 200 | 503));
        let odd = odd.map(|((kind, status), count)| format!("{} {status}: {count}", kind.as_str()));
        let failures = self.failures.borrow();
        let failed = failures.iter().map(|((kind, error), count)| format!("{} {error}: {count}", kind.as_str()));
        odd.chain(failed).collect()
    }

    /// Mean memory of the last quarter of the run beside that of the quarter before.
    pub fn judge(&self, report: &mut Report) {
        let looks = self.looks.borrow();
        let mean = |part: &[Look]| part.iter().map(|look| look.memory as f64).sum::<f64>() / part.len() as f64;
        let quarter = looks.len() / 4;
        let (third, last) = (&looks[looks.len() - 2 * quarter..looks.len() - quarter], &looks[looks.len() - quarter..]);
        report.verdict("memory in the last quarter ÷ the quarter before", mean(last) / mean(third), Bound::AtMost(1.05), "×");
        if let Some(last) = looks.last() {
            report.verdict("CPU of the server", last.cpu.as_secs_f64(), Bound::None, "s");
            report.verdict("CPU of the database", last.database_cpu.as_secs_f64(), Bound::None, "s");
        }
        report.verdict("requests cut by the network", self.cut.get() as f64, Bound::None, "");
        report.verdict("requests sent twice", self.twice.get() as f64, Bound::None, "");
        for odd in self.oddities() {
            report.setting("also seen", odd);
        }
    }

    /// Two tables for people.
    pub fn text(&self) -> String {
        let head = ["request", "200", "503", "other", "broken", "p50 ms", "p95 ms", "p99 ms"];
        let mut requests = vec![head.map(str::to_owned).to_vec()];
        requests.extend(self.rows().into_iter().map(|(name, counts, latencies)| {
            [vec![name.to_owned()], counts.map(|count| count.to_string()).to_vec(), latencies.map(number).to_vec()].concat()
        }));
        let mut looks = vec![["after s", "memory MB", "CPU s"].map(str::to_owned).to_vec()];
        looks.extend(self.looks.borrow().iter().map(|look| {
            let cpu = (look.cpu + look.database_cpu).as_secs_f64();
            [look.after.as_secs_f64().round(), look.memory as f64 / 1e6, cpu].map(number).to_vec()
        }));
        format!("{}\n{}", align(&requests, 1), align(&looks, 0))
    }

    /// The same for scripts.
    pub fn json(&self) -> String {
        let requests = self.rows().into_iter().map(|(name, [ok, busy, other, broken], [p50, p95, p99])| {
            json!({ "type": "requests", "kind": name, "ok": ok, "busy": busy, "other": other, "broken": broken,
                "p50_ms": p50, "p95_ms": p95, "p99_ms": p99 })
        });
        let looks = self.looks.borrow();
        let looks = looks.iter().map(|look| {
            json!({ "type": "look", "after_s": look.after.as_secs_f64(), "memory": look.memory,
                "server_cpu_s": look.cpu.as_secs_f64(), "database_cpu_s": look.database_cpu.as_secs_f64() })
        });
        requests.chain(looks).map(|line| format!("{line}\n")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_kind_and_status() {
        let tally = Tally::default();
        for (status, latency) in [(200, 1000), (200, 3000), (503, 9), (429, 9)] {
            tally.answered(Kind::Push, status, latency);
        }
        tally.failed(Kind::Push, &std::io::ErrorKind::ConnectionReset.into());
        let rows = tally.rows();
        let (_, counts, latencies) = rows.iter().find(|(name, ..)| *name == "push").unwrap();
        assert_eq!((*counts, *latencies), ([2, 1, 1, 1], [1.0, 3.0, 3.0]));
        assert_eq!(tally.oddities(), ["push 429: 1", "push connection reset: 1"]);
    }

    #[test]
    fn memory_is_flat_when_its_last_quarters_are_alike() {
        let tally = Tally::default();
        for (at, memory) in [10, 50, 100, 120].into_iter().enumerate() {
            let after = Duration::from_secs(at as u64);
            tally.looks.borrow_mut().push(Look { after, memory, cpu: after, database_cpu: Duration::ZERO });
        }
        let mut report = Report::default();
        tally.judge(&mut report);
        assert_eq!(report.verdicts[0].value, 1.2);
        assert_eq!(report.verdicts[0].met(), Some(false));
    }
}
