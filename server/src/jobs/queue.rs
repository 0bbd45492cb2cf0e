//! Every query on the job table.

use super::{Lane, OUTSIDE};
use crate::db::AnyConnection;
use crate::db::schema::job;
use crate::kit::ids;
use crate::kit::refusal::{Code, Stop};
use diesel::prelude::*;
use serde_json::Value;

/// How long a runner may keep a job before another takes over (ms).
pub const LEASE_MS: i64 = 60_000;
pub const ATTEMPTS_MAX: i32 = 8;

#[derive(Debug, Clone, Queryable)]
pub struct JobRow {
    pub id: String,
    pub workspace_id: String,
    pub kind: String,
    pub payload: String,
    pub dedupe: Option<String>,
    pub state: String,
    pub due_at: i64,
    pub attempts: i32,
    pub leased_by: Option<String>,
    pub leased_until: i64,
    pub last_error: Option<String>,
    pub created_at: i64,
    _outside: bool,
}

/// A job to be queued.
pub struct Fresh<'a> {
    pub workspace_id: &'a str,
    pub kind: &'a str,
    pub payload: &'a Value,
    /// A name that no other job of the workspace has: see [`is_known`].
    pub dedupe: Option<&'a str>,
    pub due_at: i64,
    pub now: i64,
}

/// Wait before try number `attempts + 1` (ms): 5 s, 20 s, 80 s … up to six hours.
pub fn backoff_ms(attempts: i32) -> i64 {
    let exponent = u32::try_from(attempts.clamp(1, 8) - 1).unwrap_or(0);
    (5_000 * 4_i64.pow(exponent)).min(6 * 3_600_000)
}

/// The job of a lane that has been due longest.
fn first_due(conn: &mut AnyConnection, lane: Lane, now: i64) -> Result<Option<String>, Stop> {
    let due =
        job::table.filter(job::state.eq("queued")).filter(job::due_at.le(now)).filter(job::leased_until.le(now)).select(job::id);
    let longest = (job::due_at, job::id);
    let found = match lane {
        Lane::All => due.order(longest).first(conn),
        Lane::Inside => due.filter(job::outside.eq(false)).order(longest).first(conn),
        Lane::Outside => due.filter(job::outside.eq(true)).order(longest).first(conn),
    };
    Ok(found.optional()?)
}

/// Is there anything to claim?
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn any_due(conn: &mut AnyConnection, lane: Lane, now: i64) -> Result<bool, Stop> {
    Ok(first_due(conn, lane, now)?.is_some())
}

/// Takes the next due job of a lane, if any. The update itself is the claim: of several runners one changes the row.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn claim(conn: &mut AnyConnection, runner: &str, lane: Lane, now: i64) -> Result<Option<JobRow>, Stop> {
    // A claim that lost the race looks again; each look means somebody else made progress.
    loop {
        let Some(id) = first_due(conn, lane, now)? else { return Ok(None) };
        let free = job::table.filter(job::id.eq(&id)).filter(job::state.eq("queued")).filter(job::leased_until.le(now));
        let taken = diesel::update(free)
            .set((job::leased_by.eq(runner), job::leased_until.eq(now + LEASE_MS), job::attempts.eq(job::attempts + 1)))
            .execute(conn)?;
        if taken == 1 {
            return Ok(Some(job::table.find(id).get_result(conn)?));
        }
    }
}

/// Keeps a job that takes long: its lease begins anew.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn keep(conn: &mut AnyConnection, id: &str, runner: &str, now: i64) -> Result<(), Stop> {
    let held = job::table.filter(job::id.eq(id)).filter(job::leased_by.eq(runner));
    diesel::update(held).set(job::leased_until.eq(now + LEASE_MS)).execute(conn)?;
    Ok(())
}

/// Whether a job of this name is waiting, running or dead.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn is_known(conn: &mut AnyConnection, workspace_id: &str, dedupe: &str) -> Result<bool, Stop> {
    let known = job::table.filter(job::workspace_id.eq(workspace_id)).filter(job::dedupe.eq(dedupe));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(conn)?)
}

/// Done: the row goes. Only the runner that holds the lease may say so.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn finish(conn: &mut AnyConnection, row: &JobRow, runner: &str) -> Result<(), Stop> {
    diesel::delete(job::table.filter(job::id.eq(&row.id)).filter(job::leased_by.eq(runner))).execute(conn)?;
    Ok(())
}

/// Failed: again at `due_at`, or dead when there is none.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn fail(conn: &mut AnyConnection, row: &JobRow, runner: &str, error: &str, due_at: Option<i64>) -> Result<(), Stop> {
    let held = job::table.filter(job::id.eq(&row.id)).filter(job::leased_by.eq(runner));
    let state = if due_at.is_some() { "queued" } else { "dead" };
    let error: String = error.chars().take(500).collect();
    diesel::update(held)
        .set((
            job::state.eq(state),
            job::due_at.eq(due_at.unwrap_or(row.due_at)),
            job::leased_until.eq(0_i64),
            job::leased_by.eq(None::<String>),
            job::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}

/// Not yet: again at `due_at`, and the try does not count.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn postpone(conn: &mut AnyConnection, row: &JobRow, runner: &str, due_at: i64) -> Result<(), Stop> {
    let held = job::table.filter(job::id.eq(&row.id)).filter(job::leased_by.eq(runner));
    diesel::update(held)
        .set((
            job::due_at.eq(due_at),
            job::attempts.eq(row.attempts - 1),
            job::leased_until.eq(0_i64),
            job::leased_by.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Queues a follow-up of what is no command (`Tx::job` is for those).
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn put(conn: &mut AnyConnection, workspace_id: &str, kind: &str, payload: &Value, now: i64) -> Result<(), Stop> {
    insert(conn, &Fresh { workspace_id, kind, payload, dedupe: None, due_at: now, now })
}

/// Queues a job. One of the same name must not be there.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn insert(conn: &mut AnyConnection, fresh: &Fresh<'_>) -> Result<(), Stop> {
    let row = (
        job::id.eq(ids::fresh()),
        job::workspace_id.eq(fresh.workspace_id),
        job::kind.eq(fresh.kind),
        job::payload.eq(fresh.payload.to_string()),
        job::dedupe.eq(fresh.dedupe),
        job::state.eq("queued"),
        job::due_at.eq(fresh.due_at),
        job::attempts.eq(0),
        job::leased_until.eq(0_i64),
        job::created_at.eq(fresh.now),
        job::outside.eq(OUTSIDE.contains(&fresh.kind)),
    );
    diesel::insert_into(job::table).values(row).execute(conn)?;
    Ok(())
}

/// Deletes jobs of these kinds whose payload names an id, dead letters among them.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn forget(conn: &mut AnyConnection, workspace_id: &str, kinds: &[&str], id: &str) -> Result<(), Stop> {
    let named = job::table
        .filter(job::workspace_id.eq(workspace_id))
        .filter(job::kind.eq_any(kinds))
        .filter(job::payload.like(format!("%\"{id}\"%")));
    diesel::delete(named).execute(conn)?;
    Ok(())
}

/// Dead letters of a workspace, newest first.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn dead(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<JobRow>, Stop> {
    Ok(job::table
        .filter(job::workspace_id.eq(workspace_id))
        .filter(job::state.eq("dead"))
        .order((job::created_at.desc(), job::id.desc()))
        .limit(200)
        .load(conn)?)
}

/// Gives a dead letter all its tries again.
///
/// # Errors
/// `not_found` when it is not a dead letter of this workspace.
pub fn revive(conn: &mut AnyConnection, workspace_id: &str, id: &str, now: i64) -> Result<(), Stop> {
    let row = job::table.filter(job::id.eq(id)).filter(job::workspace_id.eq(workspace_id)).filter(job::state.eq("dead"));
    let revived = diesel::update(row).set((job::state.eq("queued"), job::attempts.eq(0), job::due_at.eq(now))).execute(conn)?;
    if revived == 1 { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// # Errors
/// `not_found` when it is not a dead letter of this workspace.
pub fn bury(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<(), Stop> {
    let row = job::table.filter(job::id.eq(id)).filter(job::workspace_id.eq(workspace_id)).filter(job::state.eq("dead"));
    if diesel::delete(row).execute(conn)? == 1 { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// Jobs by state, for metrics.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn count(conn: &mut AnyConnection, state: &str) -> Result<i64, Stop> {
    Ok(job::table.filter(job::state.eq(state)).count().get_result(conn)?)
}

/// How many jobs were due before an instant (ms) and nobody took, and how many were taken by somebody who died before it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn late(conn: &mut AnyConnection, before: i64) -> Result<(i64, i64), Stop> {
    let queued =
        || job::table.filter(job::state.eq("queued")).filter(job::due_at.lt(before)).filter(job::leased_until.lt(before));
    let untaken = queued().filter(job::leased_by.is_null()).count().get_result(conn)?;
    let abandoned = queued().filter(job::leased_by.is_not_null()).count().get_result(conn)?;
    Ok((untaken, abandoned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_within_six_hours() {
        let waits: Vec<i64> = (1..=10).map(|attempt| backoff_ms(attempt) / 1000).collect();
        assert_eq!(waits, [5, 20, 80, 320, 1280, 5120, 20480, 21600, 21600, 21600]);
    }
}
