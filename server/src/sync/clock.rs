//! Hourly samples of every workspace's version: which version was thirty days ago?

use crate::db::AnyConnection;
use crate::db::schema::{sync_clock, sync_workspace};
use crate::kit::refusal::Stop;
use diesel::prelude::*;

const HOUR_MS: i64 = 3_600_000;

/// Notes the versions of this hour, unless they are noted already or have not moved.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn sample(conn: &mut AnyConnection, now: i64) -> Result<(), Stop> {
    // A write first: it takes the lock that the reads below rely on.
    diesel::update(sync_workspace::table).set(sync_workspace::floor.eq(sync_workspace::floor)).execute(conn)?;
    let current: Vec<(String, i64)> = sync_workspace::table.select((sync_workspace::id, sync_workspace::version)).load(conn)?;
    for (workspace_id, version) in current {
        let last: Option<(i64, i64)> = sync_clock::table
            .filter(sync_clock::workspace_id.eq(&workspace_id))
            .order(sync_clock::version.desc())
            .select((sync_clock::version, sync_clock::at))
            .first(conn)
            .optional()?;
        if last.is_some_and(|(noted, at)| noted >= version || now - at < HOUR_MS) {
            continue;
        }
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
    Ok(noted.select(diesel::dsl::max(sync_clock::version)).first(conn)?)
}
