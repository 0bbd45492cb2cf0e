//! Bookkeeping of push: groups, clients, the mutation log and the fault counter.

use super::wire::Outcome;
use crate::db::schema::{mutation_fault, mutation_log, sync_client, sync_group};
use crate::db::{AnyConnection, Fixed};
use crate::kit::refusal::{Code, Stop};
use crate::touched;
use diesel::prelude::*;
use std::collections::HashMap;

/// Who a client group belongs to, once it has pushed.
pub fn group_owner(conn: &mut AnyConnection, workspace_id: &str, group_id: &str) -> Result<Option<String>, Stop> {
    Ok(sync_group::table.find((workspace_id, group_id)).select(sync_group::user_id).get_result(conn).optional()?)
}

pub fn bind_group(conn: &mut AnyConnection, workspace_id: &str, group_id: &str, user_id: &str, now: i64) -> Result<(), Stop> {
    let row = (
        sync_group::workspace_id.eq(workspace_id),
        sync_group::id.eq(group_id),
        sync_group::user_id.eq(user_id),
        sync_group::created_at.eq(now),
    );
    diesel::insert_into(sync_group::table).values(row).execute(conn)?;
    Ok(())
}

#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = sync_client)]
pub struct ClientRow {
    pub workspace_id: String,
    pub id: String,
    pub group_id: String,
    pub lmid: i64,
    pub seq: i64,
}

pub fn clients(conn: &mut AnyConnection, workspace_id: &str, ids: &[&str]) -> Result<HashMap<String, ClientRow>, Stop> {
    // Most pushes are of one client, and this statement need not be prepared anew each time.
    if let [id] = ids {
        let row: Option<ClientRow> = sync_client::table.find((workspace_id, id)).get_result(conn).optional()?;
        return Ok(row.into_iter().map(|row| (row.id.clone(), row)).collect());
    }
    let rows: Vec<ClientRow> =
        sync_client::table.filter(sync_client::workspace_id.eq(workspace_id)).filter(sync_client::id.eq_any(ids)).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}

pub fn add_client(conn: &mut AnyConnection, row: &ClientRow) -> Result<(), Stop> {
    diesel::insert_into(sync_client::table).values(row).execute(conn)?;
    Ok(())
}

/// The client has moved on to `row.lmid`.
pub fn move_client(conn: &mut AnyConnection, row: &ClientRow) -> Result<(), Stop> {
    let moved = (sync_client::lmid.eq(row.lmid), sync_client::seq.eq(row.seq));
    let client = diesel::update(sync_client::table.find((&row.workspace_id, &row.id)));
    Fixed(client.set(moved).returning(touched!())).update(conn)?;
    Ok(())
}

/// Clients of a group that moved after `version`: id and last mutation id.
pub fn moved(conn: &mut AnyConnection, workspace_id: &str, group_id: &str, version: i64) -> Result<Vec<(String, i64)>, Stop> {
    Ok(sync_client::table
        .filter(sync_client::workspace_id.eq(workspace_id))
        .filter(sync_client::group_id.eq(group_id))
        .filter(sync_client::seq.gt(version))
        .select((sync_client::id, sync_client::lmid))
        .load(conn)?)
}

/// One processed mutation. `args` only for refused ones: applied ones are in the rows, and may hold a buyer's data.
pub struct LogRow<'a> {
    pub workspace_id: &'a str,
    pub client_id: &'a str,
    pub id: i64,
    pub uid: Option<&'a str>,
    pub user_id: &'a str,
    pub name: &'a str,
    pub args: Option<String>,
    pub schema_version: &'a str,
    pub outcome: Outcome,
    pub code: Option<Code>,
    pub message: Option<String>,
    pub version: i64,
    pub claimed_at: Option<i64>,
    pub received_at: i64,
}

pub fn write(conn: &mut AnyConnection, row: &LogRow<'_>) -> Result<(), Stop> {
    let values = (
        mutation_log::workspace_id.eq(row.workspace_id),
        mutation_log::client_id.eq(row.client_id),
        mutation_log::id.eq(row.id),
        mutation_log::uid.eq(row.uid),
        mutation_log::user_id.eq(row.user_id),
        mutation_log::name.eq(row.name),
        mutation_log::args.eq(row.args.as_ref()),
        mutation_log::schema_version.eq(row.schema_version),
        mutation_log::outcome.eq(row.outcome.as_str()),
        mutation_log::code.eq(row.code.map(Code::as_str)),
        mutation_log::message.eq(row.message.as_ref()),
        mutation_log::version.eq(row.version),
        mutation_log::claimed_at.eq(row.claimed_at),
        mutation_log::received_at.eq(row.received_at),
    );
    Fixed(diesel::insert_into(mutation_log::table).values(values)).insert(conn)?;
    Ok(())
}

/// Under which client and id this intent was processed before, if it was.
pub fn by_uid(conn: &mut AnyConnection, workspace_id: &str, uid: &str) -> Result<Option<(String, i64)>, Stop> {
    Ok(mutation_log::table
        .filter(mutation_log::workspace_id.eq(workspace_id))
        .filter(mutation_log::uid.eq(uid))
        .select((mutation_log::client_id, mutation_log::id))
        .get_result(conn)
        .optional()?)
}

/// How often this mutation has brought the server down so far.
pub fn faults(conn: &mut AnyConnection, workspace_id: &str, client_id: &str, id: i64) -> Result<i32, Stop> {
    let attempts = mutation_fault::table.find((workspace_id, client_id, id)).select(mutation_fault::attempts);
    Ok(attempts.get_result(conn).optional()?.unwrap_or(0))
}

pub fn count_fault(conn: &mut AnyConnection, workspace_id: &str, client_id: &str, id: i64) -> Result<(), Stop> {
    let row = mutation_fault::table.find((workspace_id, client_id, id));
    if diesel::update(row).set(mutation_fault::attempts.eq(mutation_fault::attempts + 1)).execute(conn)? == 0 {
        let values = (
            mutation_fault::workspace_id.eq(workspace_id),
            mutation_fault::client_id.eq(client_id),
            mutation_fault::id.eq(id),
            mutation_fault::attempts.eq(1),
        );
        diesel::insert_into(mutation_fault::table).values(values).execute(conn)?;
    }
    Ok(())
}
