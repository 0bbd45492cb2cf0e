//! Team: the workspace, its teams, shops, skills, seats and people.
//!
//! Tables: `workspace`, `team`, `shop`, `skill`, `seat`, `person`. Commands: `workspace.*`, `team.save`, `shop.save`,
//! `skill.save`, `seat.save`, `person.*` (table in `command.rs`). Mail: invitation.
//! Invariants: the last active owner stays; a login is unique on the whole server; only owners touch owners and supervisors.
//! Rows are archived, never deleted, so that the past keeps its names.

pub mod command;
pub mod http;
pub mod model;
pub mod rules;
pub mod store;

use crate::db::AnyConnection;
use crate::door::Role;
use crate::door::publish::Image;
use crate::kit::refusal::{Code, Stop};

/// Every row of this room as phones see it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn images(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<Image>, Stop> {
    let mut all = vec![Image::of(&store::workspace(conn, workspace_id)?)?];
    for row in store::teams(conn, workspace_id)? {
        all.push(Image::of(&row)?);
    }
    for row in store::shops(conn, workspace_id)? {
        all.push(Image::of(&row)?);
    }
    for row in store::skills(conn, workspace_id)? {
        all.push(Image::of(&row.wire())?);
    }
    for row in store::seats(conn, workspace_id)? {
        all.push(Image::of(&row)?);
    }
    for row in store::people(conn, workspace_id)? {
        all.push(Image::of(&row.public()?)?);
        all.push(Image::of(&row.private())?);
    }
    Ok(all)
}

/// The zone all business days of the workspace are counted in.
///
/// # Errors
/// `Fault` for a name that is no IANA zone (never stored), `Gone` for an unknown workspace.
pub fn zone(conn: &mut AnyConnection, workspace_id: &str) -> Result<chrono_tz::Tz, Stop> {
    store::workspace(conn, workspace_id)?.zone.parse().map_err(Stop::fault)
}

/// Who oversees a team: its active supervisors, or the owners when it has none.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn overseers(conn: &mut AnyConnection, workspace_id: &str, team_id: &str) -> Result<Vec<model::PersonRow>, Stop> {
    let active: Vec<_> = store::people(conn, workspace_id)?.into_iter().filter(|person| person.active).collect();
    let supervisors: Vec<_> =
        active.iter().filter(|person| person.team_id == team_id && person.role == Role::Supervisor.as_str()).cloned().collect();
    if !supervisors.is_empty() {
        return Ok(supervisors);
    }
    Ok(active.into_iter().filter(|person| person.role == Role::Owner.as_str()).collect())
}

/// A person of the workspace.
///
/// # Errors
/// `gone` when there is none with this id.
pub fn person(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<model::PersonRow, Stop> {
    store::person(conn, workspace_id, id)?.ok_or_else(|| Code::Gone.into())
}
