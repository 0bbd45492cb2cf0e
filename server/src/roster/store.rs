//! Every query on the roster's tables.

use super::model::{AssignmentRow, ShiftTypeRow};
use crate::db::AnyConnection;
use crate::db::schema::{assignment, shift_type};
use crate::door::Tx;
use crate::kit::refusal::Stop;
use crate::upsert;
use diesel::prelude::*;

pub fn shift_type(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<ShiftTypeRow>, Stop> {
    Ok(shift_type::table.find((workspace_id, id)).get_result(conn).optional()?)
}

pub fn shift_types(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<ShiftTypeRow>, Stop> {
    Ok(shift_type::table.filter(shift_type::workspace_id.eq(workspace_id)).order(shift_type::id).load(conn)?)
}

pub fn put_shift_type(tx: &mut Tx<'_>, row: &ShiftTypeRow) -> Result<(), Stop> {
    upsert!(tx.conn(), shift_type::table, (&row.workspace_id, &row.id), row);
    Ok(())
}

pub fn assignment(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<AssignmentRow>, Stop> {
    Ok(assignment::table.find((workspace_id, id)).get_result(conn).optional()?)
}

pub fn assignments(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<AssignmentRow>, Stop> {
    Ok(assignment::table.filter(assignment::workspace_id.eq(workspace_id)).order(assignment::id).load(conn)?)
}

pub fn assignments_of_day(
    conn: &mut AnyConnection,
    workspace_id: &str,
    team_id: &str,
    day: &str,
) -> Result<Vec<AssignmentRow>, Stop> {
    Ok(assignment::table
        .filter(assignment::workspace_id.eq(workspace_id))
        .filter(assignment::team_id.eq(team_id))
        .filter(assignment::day.eq(day))
        .order((assignment::starts_at, assignment::id))
        .load(conn)?)
}

/// Business days `from..=to`, in order.
pub fn assignments_between(
    conn: &mut AnyConnection,
    workspace_id: &str,
    from: &str,
    to: &str,
) -> Result<Vec<AssignmentRow>, Stop> {
    Ok(assignment::table
        .filter(assignment::workspace_id.eq(workspace_id))
        .filter(assignment::day.ge(from))
        .filter(assignment::day.le(to))
        .order((assignment::day, assignment::starts_at, assignment::id))
        .load(conn)?)
}

/// Business days `from..=to` of one person, in order.
pub fn assignments_of_person(
    conn: &mut AnyConnection,
    workspace_id: &str,
    person_id: &str,
    from: &str,
    to: &str,
) -> Result<Vec<AssignmentRow>, Stop> {
    Ok(assignment::table
        .filter(assignment::workspace_id.eq(workspace_id))
        .filter(assignment::person_id.eq(person_id))
        .filter(assignment::day.ge(from))
        .filter(assignment::day.le(to))
        .order((assignment::starts_at, assignment::id))
        .load(conn)?)
}

/// Shifts still shown on phones although their day is before `day`.
pub fn shown_before(conn: &mut AnyConnection, workspace_id: &str, day: &str) -> Result<Vec<AssignmentRow>, Stop> {
    Ok(assignment::table
        .filter(assignment::workspace_id.eq(workspace_id))
        .filter(assignment::day.lt(day))
        .filter(assignment::archived.eq(false))
        .order(assignment::id)
        .load(conn)?)
}

pub fn put_assignment(tx: &mut Tx<'_>, row: &AssignmentRow) -> Result<(), Stop> {
    upsert!(tx.conn(), assignment::table, (&row.workspace_id, &row.id), row);
    Ok(())
}

pub fn remove_assignment(tx: &mut Tx<'_>, row: &AssignmentRow) -> Result<(), Stop> {
    diesel::delete(assignment::table.find((&row.workspace_id, &row.id))).execute(tx.conn())?;
    Ok(())
}
