//! The port's own note in the database it fills: of which source, and how far. Gone when the port is done.

use super::AnyConnection;
use super::dialect::rows;
use crate::kit::refusal::Stop;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// Two underscores: a tool's own table, which no backup carries and no schema knows.
const NAME: &str = "__dutyboard_port";

diesel::table! {
    #[sql_name = "__dutyboard_port"]
    mark (fingerprint) {
        fingerprint -> Text,
        place -> Text,
        rows -> BigInt,
    }
}

/// How far a port has come.
#[derive(Debug, Clone, Queryable)]
pub struct Mark {
    /// Of everything the source held when the port began.
    pub fingerprint: String,
    /// Table in work; the ones before it are done.
    pub table: String,
    /// Rows of it that have arrived.
    pub rows: i64,
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn find(conn: &mut AnyConnection) -> Result<Option<Mark>, Stop> {
    if rows::has_table(conn, NAME)? { Ok(Some(mark::table.get_result(conn)?)) } else { Ok(None) }
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn make(conn: &mut AnyConnection, fingerprint: &str) -> Result<(), Stop> {
    conn.batch_execute(&format!("CREATE TABLE {NAME} (fingerprint TEXT NOT NULL, place TEXT NOT NULL, rows BIGINT NOT NULL)"))?;
    let row = (mark::fingerprint.eq(fingerprint), mark::place.eq(""), mark::rows.eq(0_i64));
    diesel::insert_into(mark::table).values(row).execute(conn)?;
    Ok(())
}

/// In the same transaction as the rows that arrived.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn set(conn: &mut AnyConnection, table: &str, rows: i64) -> Result<(), Stop> {
    diesel::update(mark::table).set((mark::place.eq(table), mark::rows.eq(rows))).execute(conn)?;
    Ok(())
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn remove(conn: &mut AnyConnection) -> Result<(), Stop> {
    Ok(conn.batch_execute(&format!("DROP TABLE {NAME}"))?)
}
