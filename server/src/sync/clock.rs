//! Hourly samples of every workspace's version: which version was thirty days ago?

use crate::db::AnyConnection;
use crate::db::schema::{sync_clock, sync_workspace};
use crate::kit::refusal::Stop;
use diesel::prelude::*;

const HOUR_MS: i64 = 3_600_000;

/// Workspaces whose version has moved and was not noted for an hour.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn due(conn: &mut AnyConnection, now: i64) -> Result<Vec<String>, Stop> {
    let current: Vec<(String, i64)> = sync_workspace::table.select((sync_workspace::id, sync_workspace::version)).load(conn)?;
    let mut due = Vec::new();
    for (workspace_id, version) in current {
        if is_due(conn, &workspace_id, version, now)? {
            due.push(workspace_id);
        }
    }
    Ok(due)
}

fn is_due(conn: &mut AnyConnection, workspace_id: &str, version: i64, now: i64) -> Result<bool, Stop> {
    let last: Option<(i64, i64)> = sync_clock::table
        .filter(sync_clock::workspace_id.eq(workspace_id))
        .order(sync_clock::version.desc())
        .select((sync_clock::version, sync_clock::at))
        .first(conn)
        .optional()?;
    Ok(last.is_none_or(|(noted, at)| noted < version && now - at >= HOUR_MS))
}

/// Notes the version of a workspace, unless another server just did.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn sample(conn: &mut AnyConnection, workspace_id: &str, now: i64) -> Result<(), Stop> {
    // A write first: it takes the lock that the reads below rely on.
    let row = sync_workspace::table.find(workspace_id);
    diesel::update(row).set(sync_workspace::floor.eq(sync_workspace::floor)).execute(conn)?;
    let version: i64 = row.select(sync_workspace::version).get_result(conn)?;
    if is_due(conn, workspace_id, version, now)? {
        let row = (sync_clock::workspace_id.eq(workspace_id), sync_clock::version.eq(version), sync_clock::at.eq(now));
        diesel::insert_into(sync_clock::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// The newest version that was noted at or before an instant (ms): everything older than it is older than the instant.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn version_at(conn: &mut AnyConnection, workspace_id: &str, at: i64) -> Result<Option<i64>, Stop> {
    let noted = sync_clock::table.filter(sync_clock::workspace_id.eq(workspace_id)).filter(sync_clock::at.le(at));
    Ok(noted.select(diesel::dsl::max(sync_clock::version)).get_result(conn)?)
}
