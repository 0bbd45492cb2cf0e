//! Every query on the tasks room's tables.

use super::model::{BoxRow, NoteRow, PackRow};
use crate::db::AnyConnection;
use crate::db::schema::{board_box, board_day, box_note, pack};
use crate::door::Tx;
use crate::kit::refusal::{Code, Stop};
use crate::upsert;
use diesel::prelude::*;

pub fn packs(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<PackRow>, Stop> {
    Ok(pack::table.filter(pack::workspace_id.eq(workspace_id)).order(pack::id).load(conn)?)
}

pub fn packs_of_team(conn: &mut AnyConnection, workspace_id: &str, team_id: &str) -> Result<Vec<PackRow>, Stop> {
    Ok(pack::table.filter(pack::workspace_id.eq(workspace_id)).filter(pack::team_id.eq(team_id)).order(pack::id).load(conn)?)
}

pub fn put_pack(tx: &mut Tx<'_>, row: &PackRow) -> Result<(), Stop> {
    upsert!(tx.conn(), pack::table, (&row.workspace_id, &row.id), row);
    Ok(())
}

/// # Errors
/// `gone` when there is no such box.
pub fn one_box(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<BoxRow, Stop> {
    find_box(conn, workspace_id, id)?.ok_or_else(|| Code::Gone.into())
}

pub fn find_box(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<BoxRow>, Stop> {
    Ok(board_box::table.find((workspace_id, id)).get_result(conn).optional()?)
}

pub fn all_boxes(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<BoxRow>, Stop> {
    Ok(board_box::table.filter(board_box::workspace_id.eq(workspace_id)).order(board_box::id).load(conn)?)
}

pub fn boxes_of_day(conn: &mut AnyConnection, workspace_id: &str, team_id: &str, day: &str) -> Result<Vec<BoxRow>, Stop> {
    Ok(board_box::table
        .filter(board_box::workspace_id.eq(workspace_id))
        .filter(board_box::team_id.eq(team_id))
        .filter(board_box::day.eq(day))
        .order(board_box::id)
        .load(conn)?)
}

/// Everything not yet closed on days before `day`.
pub fn open_before(conn: &mut AnyConnection, workspace_id: &str, team_id: &str, day: &str) -> Result<Vec<BoxRow>, Stop> {
    Ok(board_box::table
        .filter(board_box::workspace_id.eq(workspace_id))
        .filter(board_box::team_id.eq(team_id))
        .filter(board_box::state.eq_any(["todo", "doing"]))
        .filter(board_box::day.lt(day))
        .order((board_box::day, board_box::id))
        .load(conn)?)
}

/// Is something of an earlier day over by now, and neither closed nor carried yet? (`pile` and `collapse` may stay open.)
pub fn has_leftovers(conn: &mut AnyConnection, workspace_id: &str, team_id: &str, day: &str, now: i64) -> Result<bool, Stop> {
    let left = board_box::table
        .filter(board_box::workspace_id.eq(workspace_id))
        .filter(board_box::team_id.eq(team_id))
        .filter(board_box::state.eq_any(["todo", "doing"]))
        .filter(board_box::day.lt(day))
        .filter(board_box::catch_up.eq_any(["skip", "carry"]))
        .filter(board_box::due_at.le(now));
    Ok(diesel::select(diesel::dsl::exists(left)).get_result(conn)?)
}

/// Closed boxes still shown on phones although their day is before `day`.
pub fn shown_before(conn: &mut AnyConnection, workspace_id: &str, day: &str) -> Result<Vec<BoxRow>, Stop> {
    Ok(board_box::table
        .filter(board_box::workspace_id.eq(workspace_id))
        .filter(board_box::day.lt(day))
        .filter(board_box::archived.eq(false))
        .filter(board_box::state.ne_all(["todo", "doing"]))
        .order(board_box::id)
        .load(conn)?)
}

pub fn boxes_of_person(conn: &mut AnyConnection, workspace_id: &str, person_id: &str, day: &str) -> Result<Vec<BoxRow>, Stop> {
    Ok(board_box::table
        .filter(board_box::workspace_id.eq(workspace_id))
        .filter(board_box::assignee_id.eq(person_id))
        .filter(board_box::day.eq(day))
        .order(board_box::id)
        .load(conn)?)
}

/// Stores a box and shows the change. `before` is the row as it was.
pub fn save_box(tx: &mut Tx<'_>, before: Option<&BoxRow>, after: &BoxRow) -> Result<(), Stop> {
    if before == Some(after) {
        return Ok(());
    }
    upsert!(tx.conn(), board_box::table, (&after.workspace_id, &after.id), after);
    let notes = notes(tx.conn(), &after.workspace_id, &after.id)?;
    let old = before.map(|row| row.wire(notes.clone())).transpose()?;
    tx.publish(old.as_ref(), Some(&after.wire(notes)?))
}

/// Removes a box that the planner made and nobody touched.
pub fn remove_box(tx: &mut Tx<'_>, row: &BoxRow) -> Result<(), Stop> {
    diesel::delete(board_box::table.find((&row.workspace_id, &row.id))).execute(tx.conn())?;
    tx.publish(Some(&row.wire(Vec::new())?), None)
}

pub fn notes(conn: &mut AnyConnection, workspace_id: &str, box_id: &str) -> Result<Vec<NoteRow>, Stop> {
    Ok(box_note::table
        .filter(box_note::workspace_id.eq(workspace_id))
        .filter(box_note::box_id.eq(box_id))
        .order((box_note::at, box_note::id))
        .load(conn)?)
}

pub fn note_exists(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<bool, Stop> {
    Ok(diesel::select(diesel::dsl::exists(box_note::table.find((workspace_id, id)))).get_result(conn)?)
}

/// Adds a note and shows the box anew. A box with a note has been touched.
pub fn add_note(tx: &mut Tx<'_>, row: &BoxRow, note: &NoteRow) -> Result<(), Stop> {
    let before = row.wire(notes(tx.conn(), &row.workspace_id, &row.id)?)?;
    diesel::insert_into(box_note::table).values(note).execute(tx.conn())?;
    let touched = BoxRow { by_hand: true, ..row.clone() };
    upsert!(tx.conn(), board_box::table, (&row.workspace_id, &row.id), &touched);
    let after = touched.wire(notes(tx.conn(), &row.workspace_id, &row.id)?)?;
    tx.publish(Some(&before), Some(&after))
}

/// Boxes with these ids, on whatever day they are now.
pub fn boxes_by_id(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<Vec<BoxRow>, Stop> {
    Ok(board_box::table
        .filter(board_box::workspace_id.eq(workspace_id))
        .filter(board_box::id.eq_any(ids))
        .order(board_box::id)
        .load(conn)?)
}

/// The newest business day that was turned, if any.
pub fn last_day_turned(conn: &mut AnyConnection, workspace_id: &str, team_id: &str) -> Result<Option<String>, Stop> {
    Ok(board_day::table
        .filter(board_day::workspace_id.eq(workspace_id))
        .filter(board_day::team_id.eq(team_id))
        .filter(board_day::turned.eq(true))
        .select(diesel::dsl::max(board_day::day))
        .get_result(conn)?)
}

/// Whether the day has a board, and whether it was turned.
pub fn day_state(conn: &mut AnyConnection, workspace_id: &str, team_id: &str, day: &str) -> Result<Option<bool>, Stop> {
    Ok(board_day::table.find((workspace_id, team_id, day)).select(board_day::turned).get_result(conn).optional()?)
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = board_day, primary_key(workspace_id, team_id, day))]
struct DayRow<'a> {
    workspace_id: &'a str,
    team_id: &'a str,
    day: &'a str,
    turned: bool,
    made_at: i64,
}

pub fn mark_day(tx: &mut Tx<'_>, team_id: &str, day: &str, turned: bool) -> Result<(), Stop> {
    let row = DayRow { workspace_id: tx.workspace_id(), team_id, day, turned, made_at: tx.now() };
    upsert!(tx.conn(), board_day::table, (row.workspace_id, team_id, day), &row);
    tx.changed();
    Ok(())
}
