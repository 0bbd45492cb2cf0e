//! What the door wrote and nobody needs any more. Each `find_…` looks without any lock, each `drop_…` judges again behind it.

use super::{Door, Writing};
use crate::db::AnyConnection;
use crate::db::schema::{audit, receipt, sync_entry, sync_member, sync_workspace};
use crate::kit::refusal::Stop;
use diesel::prelude::*;

/// When the workspace began (ms).
///
/// # Errors
/// `Fault` for an unknown workspace.
pub fn founded_at(conn: &mut AnyConnection, workspace_id: &str) -> Result<i64, Stop> {
    Ok(sync_workspace::table.find(workspace_id).select(sync_workspace::created_at).get_result(conn)?)
}

/// Deletions up to this version are no longer remembered; a cookie below it starts anew.
///
/// # Errors
/// `Fault` for an unknown workspace.
pub fn floor(conn: &mut AnyConnection, workspace_id: &str) -> Result<i64, Stop> {
    Ok(sync_workspace::table.find(workspace_id).select(sync_workspace::floor).get_result(conn)?)
}

/// Keys that were taken from somebody's sight at or before `version`.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn find_tombstones(conn: &mut AnyConnection, workspace_id: &str, version: i64, limit: i64) -> Result<Vec<String>, Stop> {
    Ok(sync_member::table
        .filter(sync_member::workspace_id.eq(workspace_id))
        .filter(sync_member::present.eq(false))
        .filter(sync_member::seq.le(version))
        .select(sync_member::key)
        .limit(limit)
        .load(conn)?)
}

/// Forgets those deletions and raises the floor, in one transaction with the counter locked: a pull sees both or neither.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn drop_tombstones(door: &Door, workspace_id: &str, keys: Vec<String>, version: i64) -> Result<usize, Stop> {
    let work = move |writing: &mut Writing<'_>| {
        let workspace_id = writing.workspace_id.to_owned();
        let conn = writing.ledger();
        let row = sync_workspace::table.filter(sync_workspace::id.eq(&workspace_id)).filter(sync_workspace::floor.lt(version));
        diesel::update(row).set(sync_workspace::floor.eq(version)).execute(conn)?;
        let dead = sync_member::table
            .filter(sync_member::workspace_id.eq(&workspace_id))
            .filter(sync_member::key.eq_any(&keys))
            .filter(sync_member::present.eq(false))
            .filter(sync_member::seq.le(version));
        Ok(diesel::delete(dead).execute(conn)?)
    };
    door.write(workspace_id, work)
}

/// Entries that nobody sees: publishing leaves none, a program that was stopped by a fault in an older version might have.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn find_orphans(conn: &mut AnyConnection, workspace_id: &str, limit: i64) -> Result<Vec<String>, Stop> {
    let shown = sync_member::table
        .filter(sync_member::workspace_id.eq(workspace_id))
        .filter(sync_member::present.eq(true))
        .select(sync_member::key);
    Ok(sync_entry::table
        .filter(sync_entry::workspace_id.eq(workspace_id))
        .filter(diesel::dsl::not(sync_entry::key.eq_any(shown)))
        .select(sync_entry::key)
        .limit(limit)
        .load(conn)?)
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn drop_orphans(door: &Door, workspace_id: &str, keys: Vec<String>) -> Result<usize, Stop> {
    let work = move |writing: &mut Writing<'_>| {
        let workspace_id = writing.workspace_id.to_owned();
        let shown = sync_member::table
            .filter(sync_member::workspace_id.eq(&workspace_id))
            .filter(sync_member::key.eq_any(&keys))
            .filter(sync_member::present.eq(true))
            .select(sync_member::key);
        let shown: Vec<String> = shown.load(writing.peek())?;
        let dead: Vec<&String> = keys.iter().filter(|key| !shown.contains(key)).collect();
        let rows = sync_entry::table.filter(sync_entry::workspace_id.eq(&workspace_id)).filter(sync_entry::key.eq_any(dead));
        Ok(diesel::delete(rows).execute(writing.ledger())?)
    };
    door.write(workspace_id, work)
}

/// Audit entries from before an instant (ms).
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn find_audit(conn: &mut AnyConnection, workspace_id: &str, before: i64, limit: i64) -> Result<Vec<String>, Stop> {
    let old = audit::table.filter(audit::workspace_id.eq(workspace_id)).filter(audit::at.lt(before));
    Ok(old.select(audit::id).limit(limit).load(conn)?)
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn drop_audit(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<usize, Stop> {
    let rows = audit::table.filter(audit::workspace_id.eq(workspace_id)).filter(audit::id.eq_any(ids));
    Ok(diesel::delete(rows).execute(conn)?)
}

/// Keys of requests answered before an instant (ms).
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn find_receipts(conn: &mut AnyConnection, workspace_id: &str, before: i64, limit: i64) -> Result<Vec<String>, Stop> {
    let old = receipt::table.filter(receipt::workspace_id.eq(workspace_id)).filter(receipt::at.lt(before));
    Ok(old.select(receipt::idempotency_key).limit(limit).load(conn)?)
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn drop_receipts(conn: &mut AnyConnection, workspace_id: &str, keys: &[String], before: i64) -> Result<usize, Stop> {
    // Two people may have chosen the same key at different times.
    let rows = receipt::table
        .filter(receipt::workspace_id.eq(workspace_id))
        .filter(receipt::idempotency_key.eq_any(keys))
        .filter(receipt::at.lt(before));
    Ok(diesel::delete(rows).execute(conn)?)
}
