//! Tasks: the shipped task packs and the daily board of time boxes.
//!
//! Tables: `pack`, `board_day`, `board_box`, `box_note`. Commands: `pack.switch`, `box.*`, and for jobs `board.make`,
//! `board.retire` (table in `command.rs`). Jobs: `board.make` (every night and after down time), `board.remake` (roster or
//! packs changed), `board.tomorrow_mail`. Mail: tomorrow.
//! Invariants: making a day twice makes nothing twice (ids are derived); what a person touched is never remade; late work is
//! accepted and flagged; a former assignee's report is accepted while nobody else has started.

pub mod board;
pub mod catch_up;
pub mod command;
pub mod edit;
pub mod http;
pub mod jobs;
pub mod kinds;
pub mod model;
pub mod packs;
pub mod plan;
pub mod recur;
pub mod rules;
pub mod store;
pub mod tomorrow;
pub mod when;

use crate::db::AnyConnection;
use crate::door::publish::Image;
use crate::kit::refusal::Stop;

/// Every row of this room as phones see it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn images(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<Image>, Stop> {
    let mut all = Vec::new();
    for row in store::packs(conn, workspace_id)? {
        all.push(Image::of(&row.wire()?)?);
    }
    for row in store::all_boxes(conn, workspace_id)? {
        let notes = store::notes(conn, workspace_id, &row.id)?;
        all.push(Image::of(&row.wire(notes)?)?);
    }
    Ok(all)
}
