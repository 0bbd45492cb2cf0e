//! Every query on the chore table.

use crate::db::AnyConnection;
use crate::db::schema::chore;
use crate::kit::refusal::Stop;
use crate::upsert;
use diesel::prelude::*;
use std::collections::HashMap;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = chore, primary_key(workspace_id, name))]
struct Row<'a> {
    workspace_id: &'a str,
    name: &'a str,
    done_for: i64,
}

/// For which turn (ms) each work of a workspace was last done.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn done(conn: &mut AnyConnection, workspace_id: &str) -> Result<HashMap<String, i64>, Stop> {
    let rows = chore::table.filter(chore::workspace_id.eq(workspace_id)).select((chore::name, chore::done_for));
    Ok(rows.load::<(String, i64)>(conn)?.into_iter().collect())
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn set_done(conn: &mut AnyConnection, workspace_id: &str, name: &str, turn: i64) -> Result<(), Stop> {
    upsert!(conn, chore::table, (workspace_id, name), &Row { workspace_id, name, done_for: turn });
    Ok(())
}
