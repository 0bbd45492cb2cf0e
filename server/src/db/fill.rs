//! Filling a database that nobody serves: for restore and port, which come before any door is opened. Everything else writes
//! through the door.

use super::catalogue::{self, Table};
use super::dialect::{self, Purpose, rows};
use super::schema::sync_workspace;
use super::{AnyConnection, Location, MIGRATIONS};
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use diesel_migrations::MigrationHarness;
use std::collections::BTreeMap;

/// Epoch of every workspace, by id.
pub type Epochs = BTreeMap<String, i64>;

/// Opens a database for filling, creating it when it is a file; no other process migrates it meanwhile.
///
/// # Errors
/// The engine's own message when it cannot be reached, and whatever `work` returns.
pub fn alone<T>(location: &Location, work: impl FnOnce(&mut AnyConnection) -> Result<T, Stop>) -> Result<T, Stop> {
    let mut conn = dialect::open(location).map_err(Stop::fault)?;
    dialect::prepare(&mut conn, Purpose::Fill)?;
    dialect::unhurried(&mut conn)?;
    let done = dialect::exclusively(&mut conn, work)?;
    dialect::measure(&mut conn)?;
    Ok(done)
}

/// Brings the schema to exactly this version, forwards or back.
///
/// # Errors
/// `Fault` when this program does not know the version, or when a step fails.
pub fn to_schema(conn: &mut AnyConnection, version: &str) -> Result<(), Stop> {
    loop {
        let current = rows::schema_version(conn)?.unwrap_or_default();
        if current == version {
            return Ok(());
        }
        if current.as_str() < version {
            let pending = conn.has_pending_migration(MIGRATIONS).map_err(Stop::fault)?;
            if !pending {
                return Err(newer(version));
            }
            conn.run_next_migration(MIGRATIONS).map_err(Stop::fault)?;
        } else {
            conn.revert_last_migration(MIGRATIONS).map_err(|_| newer(&current))?;
        }
    }
}

fn newer(version: &str) -> Stop {
    Stop::fault(format!("the schema {version} is newer than this program; use the program that made it, or a later one"))
}

/// # Errors
/// `Fault` when a migration fails.
pub fn to_newest(conn: &mut AnyConnection) -> Result<(), Stop> {
    conn.run_pending_migrations(MIGRATIONS).map(drop).map_err(Stop::fault)
}

/// The tables of a database brought to a schema, emptied of whatever they held.
///
/// # Errors
/// As [`to_schema`].
pub fn empty_tables(conn: &mut AnyConnection, version: &str) -> Result<Vec<Table>, Stop> {
    dialect::keep_writers_out(conn)?;
    to_schema(conn, version)?;
    let tables = catalogue::tables(conn)?;
    super::copy::clear(conn, &tables)?;
    Ok(tables)
}

/// Epochs of the workspaces in it; none for a database without our tables.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn epochs(conn: &mut AnyConnection) -> Result<Epochs, Stop> {
    if !rows::has_table(conn, "sync_workspace")? {
        return Ok(Epochs::new());
    }
    let all: Vec<(String, i64)> = sync_workspace::table.select((sync_workspace::id, sync_workspace::epoch)).load(conn)?;
    Ok(all.into_iter().collect())
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn set_epoch(conn: &mut AnyConnection, workspace_id: &str, epoch: i64) -> Result<(), Stop> {
    diesel::update(sync_workspace::table.find(workspace_id)).set(sync_workspace::epoch.eq(epoch)).execute(conn)?;
    Ok(())
}

/// Whether anything of ours, or of anybody else's, is in it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn is_free(conn: &mut AnyConnection) -> Result<bool, Stop> {
    let is_ours = rows::schema_version(conn)?.is_some();
    if is_ours { Ok(epochs(conn)?.is_empty()) } else { Ok(rows::column_lines(conn)?.is_empty()) }
}
