//! Medians and percentiles.

use std::time::Duration;

/// The middle value; of an even number the mean of the middle two. NaN of nothing.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// The smallest value that `percent` of all values do not exceed (nearest rank). NaN of nothing.
pub fn percentile(sorted: &[u32], percent: f64) -> f64 {
    let rank = (percent / 100.0 * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).map_or(f64::NAN, |value| f64::from(*value))
}

/// Microseconds that fit the samples' type; an hour is the most anybody waits.
pub fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

/// CPU time of the measured processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cpu {
    pub server: Duration,
    /// Postgres backends; zero with SQLite, which works inside the server.
    pub database: Duration,
}

impl Cpu {
    pub fn since(self, before: Cpu) -> Cpu {
        Cpu { server: self.server.saturating_sub(before.server), database: self.database.saturating_sub(before.database) }
    }
}

/// One round of one subject.
#[derive(Debug, Clone, Default)]
pub struct Round {
    pub wall: Duration,
    pub cpu: Cpu,
    /// One per operation (µs).
    pub latencies: Vec<u32>,
}

/// What the rounds of a subject come to: medians over rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    pub ops_per_s: f64,
    pub server_us: f64,
    pub database_us: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Summary {
    pub fn of(rounds: &[Round]) -> Self {
        let over = |value: &dyn Fn(&Round) -> f64| median(&rounds.iter().map(value).collect::<Vec<_>>());
        let per_op = |time: Duration, round: &Round| time.as_secs_f64() * 1e6 / round.latencies.len() as f64;
        let at = |round: &Round, percent: f64| {
            let mut sorted = round.latencies.clone();
            sorted.sort_unstable();
            percentile(&sorted, percent) / 1000.0
        };
        Summary {
            ops_per_s: over(&|round| round.latencies.len() as f64 / round.wall.as_secs_f64()),
            server_us: over(&|round| per_op(round.cpu.server, round)),
            database_us: over(&|round| per_op(round.cpu.database, round)),
            p50_ms: over(&|round| at(round, 50.0)),
            p99_ms: over(&|round| at(round, 99.0)),
        }
    }

    /// CPU of the server and its database together (µs per operation).
    pub fn cpu_us(&self) -> f64 {
        self.server_us + self.database_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles() {
        assert!(median(&[]).is_nan());
        assert_eq!(median(&[3.0]), 3.0);
        assert_eq!(median(&[9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), 3.0);
        let sorted: Vec<u32> = (1..=100).collect();
        assert_eq!(percentile(&sorted, 50.0), 50.0);
        assert_eq!(percentile(&sorted, 99.0), 99.0);
        assert_eq!(percentile(&sorted, 100.0), 100.0);
        assert_eq!(percentile(&[7], 1.0), 7.0);
        assert!(percentile(&[], 50.0).is_nan());
    }

    #[test]
    fn a_summary_is_the_middle_round() {
        let round = |count: usize, cpu_ms: u64| Round {
            wall: Duration::from_secs(2),
            cpu: Cpu { server: Duration::from_millis(cpu_ms), database: Duration::from_millis(cpu_ms / 2) },
            latencies: vec![1500; count],
        };
        let summary = Summary::of(&[round(100, 10), round(1000, 100), round(1000, 800)]);
        assert_eq!(summary.ops_per_s, 500.0);
        assert_eq!(summary.server_us, 100.0);
        assert_eq!(summary.database_us, 50.0);
        assert_eq!((summary.p50_ms, summary.p99_ms, summary.cpu_us()), (1.5, 1.5, 150.0));
    }
}
