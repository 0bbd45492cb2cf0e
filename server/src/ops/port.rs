//! Moving a SQLite database to Postgres. The target carries a note of which source fills it and how far it has come, written
//! with every batch: a port that was killed goes on where it stopped. At the end every table is read on both sides and compared.

use crate::db::catalogue::{self, Table};
use crate::db::copy::{self, Sum};
use crate::db::mark::{self, Mark};
use crate::db::{AnyConnection, Location, dialect, fill};
use crate::kit::hex::hex;
use crate::kit::progress::Progress;
use crate::kit::refusal::Stop;
use diesel::Connection;
use sha2::{Digest, Sha256};

/// One table on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub name: String,
    pub source: Sum,
    pub target: Sum,
}

#[derive(Debug)]
pub struct Ported {
    pub tables: Vec<Compared>,
    /// Rows that an earlier run had moved already.
    pub resumed_after: u64,
}

struct Source {
    schema: String,
    tables: Vec<Table>,
    sums: Vec<Sum>,
}

impl Source {
    /// Changes with any row of any table.
    fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(&self.schema);
        for (table, sum) in self.tables.iter().zip(&self.sums) {
            digest.update(format!("\n{} {} {}", table.name, sum.rows, sum.sha256));
        }
        hex(&digest.finalize())
    }

    fn rows(&self) -> u64 {
        self.sums.iter().map(|sum| sum.rows).sum()
    }

    /// Rows that are across when the mark stands there.
    fn rows_before(&self, mark: &Mark) -> u64 {
        let before = self.tables.iter().zip(&self.sums).take_while(|(table, _)| table.name != mark.table);
        let begun = self.tables.iter().any(|table| table.name == mark.table);
        let done = u64::try_from(mark.rows).unwrap_or(0);
        if begun { before.map(|(_, sum)| sum.rows).sum::<u64>() + done } else { 0 }
    }
}

/// Copies everything. Both databases must be nobody's at work; the caller holds the data folder alone.
///
/// # Errors
/// `Fault` in plain words: no source, a target with other data, a source that changed since an earlier run, an error of either
/// database, a difference in the end. What was moved so far stays for the next run.
pub fn run(source: &Location, target: &Location, start_over: bool, progress: &mut dyn Progress) -> Result<Ported, Stop> {
    if dialect::file(source).is_none() || dialect::file(target).is_some() {
        return Err(Stop::fault("port moves a SQLite database to Postgres: --to postgres://…"));
    }
    copy::inspect(source, |from| {
        let about = survey(from, progress)?;
        fill::alone(target, |to| {
            let mark = begin(to, &about, start_over)?;
            let resumed_after = about.rows_before(&mark);
            progress.begin("moving", about.rows());
            progress.advance(resumed_after)?;
            move_rows(from, to, &about, &mark, progress)?;
            progress.end();
            let tables = compare(to, about, progress)?;
            to.transaction(|to| {
                fill::to_newest(to)?;
                mark::remove(to)
            })?;
            Ok(Ported { tables, resumed_after })
        })
    })
}

/// Counts and hashes the source: what has to arrive, and how to know it again.
fn survey(from: &mut AnyConnection, progress: &mut dyn Progress) -> Result<Source, Stop> {
    let schema = dialect::rows::schema_version(from)?.ok_or_else(|| Stop::fault("this database is not a Dutyboard's"))?;
    let tables = catalogue::tables(from)?;
    let mut rows = 0;
    for table in &tables {
        rows += copy::count(from, table)?;
    }
    progress.begin("reading", rows);
    let mut sums = Vec::with_capacity(tables.len());
    for table in &tables {
        sums.push(copy::read_table(from, table, &mut |batch| progress.advance(batch.rows.len() as u64))?);
    }
    progress.end();
    Ok(Source { schema, tables, sums })
}

/// Where to go on. A target is ours when it is empty, or carries our mark.
fn begin(to: &mut AnyConnection, about: &Source, start_over: bool) -> Result<Mark, Stop> {
    let fingerprint = about.fingerprint();
    let known = mark::find(to)?;
    match known {
        Some(mark) if mark.fingerprint == fingerprint && !start_over => return Ok(mark),
        Some(_) if !start_over => {
            return Err(Stop::fault(
                "the source has changed since the port was begun; with --start-over what was moved is dropped and all is moved anew",
            ));
        }
        Some(_) => to.transaction(mark::remove)?,
        None if !fill::is_free(to)? => {
            return Err(Stop::fault("the target holds data already; give an empty database"));
        }
        None => {}
    }
    to.transaction(|to| {
        fill::empty_tables(to, &about.schema)?;
        mark::make(to, &fingerprint)
    })?;
    mark::find(to)?.ok_or_else(|| Stop::fault("the mark is gone"))
}

fn move_rows(
    from: &mut AnyConnection,
    to: &mut AnyConnection,
    about: &Source,
    mark: &Mark,
    progress: &mut dyn Progress,
) -> Result<(), Stop> {
    let begun = about.tables.iter().position(|table| table.name == mark.table);
    for (position, table) in about.tables.iter().enumerate().skip(begun.unwrap_or(0)) {
        let mut skip = if begun == Some(position) { usize::try_from(mark.rows).map_err(Stop::fault)? } else { 0 };
        let mut arrived = i64::try_from(skip).map_err(Stop::fault)?;
        copy::read_table(from, table, &mut |mut batch| {
            let known = skip.min(batch.rows.len());
            skip -= known;
            batch.rows.drain(..known);
            if batch.rows.is_empty() {
                return Ok(());
            }
            let rows = batch.rows.len() as u64;
            arrived += i64::try_from(rows).map_err(Stop::fault)?;
            to.transaction(|to| {
                copy::insert(to, table, &batch)?;
                mark::set(to, &table.name, arrived)
            })?;
            progress.advance(rows)
        })?;
    }
    Ok(())
}

fn compare(to: &mut AnyConnection, about: Source, progress: &mut dyn Progress) -> Result<Vec<Compared>, Stop> {
    progress.begin("comparing", about.rows());
    let mut all = Vec::with_capacity(about.tables.len());
    for (table, source) in about.tables.into_iter().zip(about.sums) {
        let target = copy::read_table(to, &table, &mut |batch| progress.advance(batch.rows.len() as u64))?;
        all.push(Compared { name: table.name, source, target });
    }
    progress.end();
    let odd: Vec<&str> = all.iter().filter(|table| table.source != table.target).map(|table| table.name.as_str()).collect();
    if odd.is_empty() {
        Ok(all)
    } else {
        Err(Stop::fault(format!("these tables did not arrive as they are: {}; has somebody written there?", odd.join(", "))))
    }
}

/// What was compared, for people.
pub fn table(tables: &[Compared]) -> String {
    let width = tables.iter().map(|table| table.name.len()).max().unwrap_or(0);
    let mut lines = vec![format!("{:width$}  {:>10}  {:>10}  SHA-256 of both", "table", "source", "target")];
    for table in tables {
        let (source, target) = (&table.source, &table.target);
        lines.push(format!("{:width$}  {:>10}  {:>10}  {}", table.name, source.rows, target.rows, &target.sha256[..16]));
    }
    lines.join("\n")
}
