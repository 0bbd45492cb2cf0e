//! Roster: shift types, and who works which shift on which business day.
//!
//! Tables: `shift_type`, `assignment`. Commands: `shift_type.save`, `roster.set`, and `roster.retire` for the nightly job.
//! Invariants: a shift stores business day, local start, length and zone (never two bare clock times); it copies its type,
//! so editing a type never alters past weeks; two shifts of one person never overlap; all cells of one `roster.set` are
//! applied or none. A night shift belongs to the day it starts on.

pub mod command;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

use crate::db::AnyConnection;
use crate::door::NewJob;
use crate::door::publish::Image;
use crate::kit::refusal::Stop;

/// Every row of this room as phones see it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn images(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<Image>, Stop> {
    let mut all = Vec::new();
    for row in store::shift_types(conn, workspace_id)? {
        all.push(Image::of(&row.wire())?);
    }
    for row in store::assignments(conn, workspace_id)? {
        all.push(Image::of(&row.wire())?);
    }
    Ok(all)
}

/// Who works on a business day of a team, ordered by start and then by id.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn on_day(conn: &mut AnyConnection, workspace_id: &str, team_id: &str, day: &str) -> Result<Vec<model::AssignmentRow>, Stop> {
    store::assignments_of_day(conn, workspace_id, team_id, day)
}

/// The shifts of one person on a business day.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn of_person(
    conn: &mut AnyConnection,
    workspace_id: &str,
    person_id: &str,
    day: &str,
) -> Result<Vec<model::AssignmentRow>, Stop> {
    let all = store::assignments_of_person(conn, workspace_id, person_id, day, day)?;
    Ok(all)
}

/// All shifts of business days `from..=to`, in order.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn between(conn: &mut AnyConnection, workspace_id: &str, from: &str, to: &str) -> Result<Vec<model::AssignmentRow>, Stop> {
    store::assignments_between(conn, workspace_id, from, to)
}

/// The job that brings care calls in line with who works when. All wishes of a minute are one job, which runs when the minute
/// is over: so it sees what each of them changed.
pub fn care_job(team_id: &str, now: i64) -> NewJob {
    const MINUTE: i64 = 60_000;
    let due_at = (now / MINUTE + 1) * MINUTE;
    let payload = serde_json::json!({ "team_id": team_id });
    NewJob { kind: "care.plan", payload, due_at, dedupe: Some(format!("care:{team_id}:{due_at}")) }
}
