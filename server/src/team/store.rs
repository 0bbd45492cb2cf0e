//! Every query on the team room's tables.

use super::model::{PersonRow, Seat, Shop, SkillRow, Team, Workspace};
use crate::db::AnyConnection;
use crate::db::schema::{person, seat, shop, skill, team, workspace};
use crate::door::Tx;
use crate::kit::refusal::{Code, Stop};
use crate::upsert;
use diesel::prelude::*;

pub fn workspace(conn: &mut AnyConnection, workspace_id: &str) -> Result<Workspace, Stop> {
    workspace::table.find(workspace_id).get_result(conn).optional()?.ok_or_else(|| Code::Gone.into())
}

/// Ids of every workspace on this server, for jobs.
pub fn workspace_ids(conn: &mut AnyConnection) -> Result<Vec<String>, Stop> {
    Ok(workspace::table.select(workspace::id).order(workspace::id).load(conn)?)
}

pub fn put_workspace(tx: &mut Tx<'_>, row: &Workspace) -> Result<(), Stop> {
    upsert!(tx.conn(), workspace::table, &row.id, row);
    Ok(())
}

macro_rules! simple_table {
    ($table:ident, $row:ty, $one:ident, $all:ident, $put:ident) => {
        pub fn $one(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<$row>, Stop> {
            Ok($table::table.find((workspace_id, id)).get_result(conn).optional()?)
        }

        pub fn $all(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<$row>, Stop> {
            Ok($table::table.filter($table::workspace_id.eq(workspace_id)).order($table::id).load(conn)?)
        }

        pub fn $put(tx: &mut Tx<'_>, row: &$row) -> Result<(), Stop> {
            upsert!(tx.conn(), $table::table, (&row.workspace_id, &row.id), row);
            Ok(())
        }
    };
}

simple_table!(team, Team, team, teams, put_team);
simple_table!(shop, Shop, shop, shops, put_shop);
simple_table!(skill, SkillRow, skill, skills, put_skill);
simple_table!(seat, Seat, seat, seats, put_seat);
simple_table!(person, PersonRow, person, people, put_person);

/// How many active owners there are besides this person.
pub fn other_active_owners(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<i64, Stop> {
    Ok(person::table
        .filter(person::workspace_id.eq(workspace_id))
        .filter(person::role.eq("owner"))
        .filter(person::active.eq(true))
        .filter(person::id.ne(id))
        .count()
        .get_result(conn)?)
}

/// The person who signs in with this (folded) login, in whichever workspace.
pub fn person_by_login(conn: &mut AnyConnection, login: &str) -> Result<Option<PersonRow>, Stop> {
    Ok(person::table.filter(person::login.eq(login)).get_result(conn).optional()?)
}
