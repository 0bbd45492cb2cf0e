//! Figures and verdicts: a table for people, JSON lines for scripts.

use super::stats::Summary;
use serde_json::{Value, json};

/// What one subject did in one workload.
#[derive(Debug, Clone)]
pub struct Figure {
    pub workload: String,
    pub subject: String,
    pub summary: Summary,
    /// Size of an answer (bytes).
    pub bytes: Option<usize>,
}

/// A measured value beside its aim.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub what: String,
    pub value: f64,
    pub bound: Bound,
    pub unit: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
    /// Worth knowing, without an aim.
    None,
}

impl Verdict {
    /// None without an aim, or without a value.
    pub fn met(&self) -> Option<bool> {
        match self.bound {
            _ if !self.value.is_finite() => None,
            Bound::AtLeast(aim) => Some(self.value >= aim),
            Bound::AtMost(aim) => Some(self.value <= aim),
            Bound::None => None,
        }
    }

    fn aim(&self) -> String {
        match self.bound {
            Bound::AtLeast(aim) => format!("≥ {}", number(aim)),
            Bound::AtMost(aim) => format!("≤ {}", number(aim)),
            Bound::None => "–".into(),
        }
    }
}

#[derive(Debug, Default)]
pub struct Report {
    /// What the figures depend on: name, value.
    pub settings: Vec<(&'static str, String)>,
    pub figures: Vec<Figure>,
    pub verdicts: Vec<Verdict>,
}

impl Report {
    pub fn setting(&mut self, name: &'static str, value: impl Into<String>) {
        self.settings.push((name, value.into()));
    }

    pub fn figure(&mut self, workload: &str, subject: &str, summary: Summary, bytes: Option<usize>) {
        self.figures.push(Figure { workload: workload.into(), subject: subject.into(), summary, bytes });
    }

    pub fn verdict(&mut self, what: impl Into<String>, value: f64, bound: Bound, unit: &'static str) {
        self.verdicts.push(Verdict { what: what.into(), value, bound, unit });
    }

    /// For people.
    pub fn text(&self) -> String {
        let settings: Vec<Vec<String>> = self.settings.iter().map(|(name, value)| vec![(*name).into(), value.clone()]).collect();
        let head = ["workload", "subject", "ops/s", "CPU µs/op", "database µs/op", "p50 ms", "p99 ms", "bytes"];
        let mut figures = vec![head.map(str::to_owned).to_vec()];
        figures.extend(self.figures.iter().map(|figure| {
            let Summary { ops_per_s, server_us, database_us, p50_ms, p99_ms } = figure.summary;
            let numbers = [ops_per_s, server_us, database_us, p50_ms, p99_ms].map(number);
            let bytes = figure.bytes.map_or("–".into(), |bytes| bytes.to_string());
            [vec![figure.workload.clone(), figure.subject.clone()], numbers.to_vec(), vec![bytes]].concat()
        }));
        let mut verdicts = vec![["measured", "value", "unit", "aim", ""].map(str::to_owned).to_vec()];
        verdicts.extend(self.verdicts.iter().map(|verdict| {
            let word = verdict.met().map_or("", |met| if met { "ok" } else { "missed" });
            vec![verdict.what.clone(), number(verdict.value), verdict.unit.into(), verdict.aim(), word.into()]
        }));
        let tables = [(settings, 2), (figures, 2), (verdicts, 1)];
        // A head alone says nothing.
        let filled = tables.iter().filter(|(rows, _)| rows.len() > 1);
        filled.map(|(rows, left)| align(rows, *left)).collect::<Vec<_>>().join("\n")
    }

    /// For scripts: one object per line.
    pub fn json(&self) -> String {
        let settings = self.settings.iter().map(|(name, value)| json!({ "type": "setting", "name": name, "value": value }));
        let figures = self.figures.iter().map(|figure| {
            let summary = figure.summary;
            json!({
                "type": "figure", "workload": figure.workload, "subject": figure.subject, "ops_per_s": finite(summary.ops_per_s),
                "server_cpu_us": finite(summary.server_us), "database_cpu_us": finite(summary.database_us),
                "cpu_us": finite(summary.cpu_us()), "p50_ms": finite(summary.p50_ms), "p99_ms": finite(summary.p99_ms),
                "bytes": figure.bytes,
            })
        });
        let verdicts = self.verdicts.iter().map(|verdict| {
            json!({
                "type": "verdict", "what": verdict.what, "value": finite(verdict.value), "unit": verdict.unit,
                "aim": verdict.aim(), "met": verdict.met(),
            })
        });
        settings.chain(figures).chain(verdicts).map(|line| format!("{line}\n")).collect()
    }
}

/// JSON has no infinities.
fn finite(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

/// Three digits that matter, more only before the point.
pub fn number(value: f64) -> String {
    match value.abs() {
        _ if !value.is_finite() => "–".into(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        0.0 => "0".into(),
        _ => format!("{value:.2}"),
    }
}

/// Columns under each other: the first `left` to the left, numbers to the right.
pub fn align(rows: &[Vec<String>], left: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let room = " ".repeat(widths[column] - cell.chars().count());
            if column < left { format!("{cell}{room}") } else { format!("{room}{cell}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = vec![vec!["a".into(), "12".into()], vec!["µµµ".into(), "3".into()]];
        assert_eq!(align(&rows, 1), "a    12\nµµµ   3\n");
        assert_eq!(align(&[], 1), "");
    }

    #[test]
    fn numbers_have_three_digits_that_matter() {
        let said = [0.0, 0.123, 1.239, 12.34, 123.4, 12_345.6, f64::NAN].map(number);
        assert_eq!(said, ["0", "0.12", "1.24", "12.3", "123", "12346", "–"]);
    }

    #[test]
    fn verdicts_know_their_aim() {
        let mut report = Report::default();
        report.verdict("a", 0.5, Bound::AtLeast(0.5), "×");
        report.verdict("b", 2.1, Bound::AtMost(2.0), "×");
        report.verdict("c", f64::NAN, Bound::AtMost(2.0), "×");
        report.verdict("d", 7.0, Bound::None, "MB");
        let met: Vec<_> = report.verdicts.iter().map(Verdict::met).collect();
        assert_eq!(met, [Some(true), Some(false), None, None]);
        assert!(report.text().contains("missed"), "{}", report.text());
        assert!(report.json().lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    }
}
