//! Whole tables out of and into a database, with a count and a checksum of what went by.

use super::catalogue::Table;
use super::dialect::{Purpose, rows};
use super::{AnyConnection, Location, dialect};
use crate::kit::hex::hex;
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A batch ends at so many rows, or so many bytes of JSON: photos are large, notes are not.
const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 1024 * 1024;

/// How many rows a table has, and the SHA-256 over their canonical JSON, a line each, in the order of the key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sum {
    pub rows: u64,
    pub sha256: String,
}

/// Counts and hashes rows as they go by.
#[derive(Default)]
pub struct Summing {
    rows: u64,
    digest: Sha256,
}

impl Summing {
    pub fn add(&mut self, row: &str) {
        self.rows += 1;
        self.digest.update(row.as_bytes());
        self.digest.update(b"\n");
    }

    pub fn finish(self) -> Sum {
        Sum { rows: self.rows, sha256: hex(&self.digest.finalize()) }
    }
}

/// Some rows of one table as JSON objects, in canonical form.
#[derive(Default)]
pub struct Batch {
    pub rows: Vec<String>,
    bytes: usize,
}

impl Batch {
    pub fn push(&mut self, row: String) {
        self.bytes += row.len();
        self.rows.push(row);
    }

    pub fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    /// As one JSON array.
    pub fn json(&self) -> String {
        format!("[{}]", self.rows.join(","))
    }
}

/// Streams a table in batches and says what it came to.
///
/// # Errors
/// Whatever `take` returns, and `Fault` or `Busy` from the database.
pub fn read_table(conn: &mut AnyConnection, table: &Table, take: &mut dyn FnMut(Batch) -> Result<(), Stop>) -> Result<Sum, Stop> {
    let mut sum = Summing::default();
    let mut batch = Batch::default();
    rows::each(conn, table, &mut |line| {
        let row = canonical(line)?;
        sum.add(&row);
        batch.push(row);
        if batch.is_full() { take(std::mem::take(&mut batch)) } else { Ok(()) }
    })?;
    if !batch.rows.is_empty() {
        take(batch)?;
    }
    Ok(sum.finish())
}

/// The engines space and escape JSON differently; this is one spelling, with the fields by name.
fn canonical(line: &str) -> Result<String, Stop> {
    let row: Map<String, Value> = serde_json::from_str(line)?;
    Ok(serde_json::to_string(&row)?)
}

/// Inserts a batch.
///
/// # Errors
/// `Fault` when the rows do not fit the table, or when not all of them arrived.
pub fn insert(conn: &mut AnyConnection, table: &Table, batch: &Batch) -> Result<(), Stop> {
    let arrived = rows::insert(conn, table, &batch.json())?;
    if arrived == batch.rows.len() {
        Ok(())
    } else {
        Err(Stop::fault(format!("{}: {} of {} rows arrived", table.name, arrived, batch.rows.len())))
    }
}

/// Rows in a table.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn count(conn: &mut AnyConnection, table: &Table) -> Result<u64, Stop> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let count: Count = diesel::sql_query(format!("SELECT count(*) AS n FROM \"{}\"", table.name)).get_result(conn)?;
    Ok(u64::try_from(count.n).unwrap_or(0))
}

/// Empties every table, those that point to others first.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn clear(conn: &mut AnyConnection, tables: &[Table]) -> Result<(), Stop> {
    for table in tables.iter().rev() {
        diesel::sql_query(format!("DELETE FROM \"{}\"", table.name)).execute(conn)?;
    }
    Ok(())
}

/// Runs `work` on one snapshot of a database that need not be served, nor be of this program's schema. The connection is
/// its own and cannot write; it may take its time.
///
/// # Errors
/// `Fault` when there is no such database, and whatever `work` returns.
pub fn inspect<T>(location: &Location, work: impl FnOnce(&mut AnyConnection) -> Result<T, Stop>) -> Result<T, Stop> {
    if let Some(file) = dialect::file(location)
        && !file.is_file()
    {
        return Err(Stop::fault(format!("there is no database at {}", file.display())));
    }
    let mut conn = dialect::open(location).map_err(Stop::fault)?;
    dialect::prepare(&mut conn, Purpose::Read)?;
    dialect::unhurried(&mut conn)?;
    conn.transaction(|conn| {
        dialect::begin_snapshot(conn)?;
        work(conn)
    })
}
