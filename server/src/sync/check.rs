//! Whether sync's own books are right.

use crate::db::AnyConnection;
use crate::db::schema::{blob, blob_ref, mutation_log, sync_client};
use crate::kit::refusal::Stop;
use diesel::dsl::{count_star, exists, max, not};
use diesel::prelude::*;
use std::collections::HashMap;

/// Clients whose `lmid` is not the number, and the last, of their logged mutations (I6), in words.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn gaps(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<String>, Stop> {
    let clients: Vec<(String, i64)> = sync_client::table
        .filter(sync_client::workspace_id.eq(workspace_id))
        .select((sync_client::id, sync_client::lmid))
        .order(sync_client::id)
        .load(conn)?;
    let logged: Vec<(String, i64, Option<i64>)> = mutation_log::table
        .filter(mutation_log::workspace_id.eq(workspace_id))
        .group_by(mutation_log::client_id)
        .select((mutation_log::client_id, count_star(), max(mutation_log::id)))
        .load(conn)?;
    let logged: HashMap<String, (i64, i64)> =
        logged.into_iter().map(|(id, count, last)| (id, (count, last.unwrap_or(0)))).collect();
    let odd = clients.into_iter().filter_map(|(id, lmid)| {
        let (count, last) = logged.get(&id).copied().unwrap_or((0, 0));
        (count != lmid || last != lmid).then(|| format!("{id} has lmid {lmid}, {count} logged, the last {last}"))
    });
    Ok(odd.collect())
}

/// Files that a row names and nobody stored.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn lost_blobs(conn: &mut AnyConnection, workspace_id: &str) -> Result<i64, Stop> {
    let stored = blob::table.filter(blob::workspace_id.eq(blob_ref::workspace_id)).filter(blob::sha256.eq(blob_ref::sha256));
    let lost = blob_ref::table.filter(blob_ref::workspace_id.eq(workspace_id)).filter(not(exists(stored)));
    Ok(lost.select(count_star()).get_result(conn)?)
}
