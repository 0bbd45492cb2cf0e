//! What sync remembered and nobody needs any more. Each `find_…` looks without any lock, each `drop_…` judges again behind it.

use crate::db::AnyConnection;
use crate::db::schema::{blob, blob_ref, mutation_fault, mutation_log, sync_client, sync_clock, sync_group};
use crate::door::{Door, Writing};
use crate::kit::refusal::Stop;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// Forgets samples of the clock that lie before `version`, which stays: it is the one that the floor was made from.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn drop_samples(conn: &mut AnyConnection, workspace_id: &str, version: i64) -> Result<usize, Stop> {
    let rows = sync_clock::table.filter(sync_clock::workspace_id.eq(workspace_id)).filter(sync_clock::version.lt(version));
    Ok(diesel::delete(rows).execute(conn)?)
}

/// Clients that have sent nothing since an instant (ms).
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn find_clients(conn: &mut AnyConnection, workspace_id: &str, before: i64, limit: i64) -> Result<Vec<String>, Stop> {
    let heard = mutation_log::table
        .filter(mutation_log::workspace_id.eq(workspace_id))
        .filter(mutation_log::received_at.ge(before))
        .select(mutation_log::client_id);
    Ok(sync_client::table
        .filter(sync_client::workspace_id.eq(workspace_id))
        .filter(not(sync_client::id.eq_any(heard)))
        .select(sync_client::id)
        .limit(limit)
        .load(conn)?)
}

/// Forgets a client whole, its log with it: of every client that is left, `lmid` is the number of its logged mutations (I6).
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn drop_client(door: &Door, workspace_id: &str, client_id: String, before: i64) -> Result<usize, Stop> {
    let work = move |writing: &mut Writing<'_>| {
        let workspace_id = writing.workspace_id.to_owned();
        let own = mutation_log::table
            .filter(mutation_log::workspace_id.eq(&workspace_id))
            .filter(mutation_log::client_id.eq(&client_id));
        let heard: bool = diesel::select(exists(own.filter(mutation_log::received_at.ge(before)))).get_result(writing.peek())?;
        if heard {
            return Ok(0);
        }
        let conn = writing.ledger();
        diesel::delete(own).execute(conn)?;
        let faults = mutation_fault::table
            .filter(mutation_fault::workspace_id.eq(&workspace_id))
            .filter(mutation_fault::client_id.eq(&client_id));
        diesel::delete(faults).execute(conn)?;
        let client = sync_client::table.find((&workspace_id, &client_id));
        let Some(group_id) = client.select(sync_client::group_id).first::<String>(conn).optional()? else { return Ok(0) };
        let gone = diesel::delete(client).execute(conn)?;
        let others =
            sync_client::table.filter(sync_client::workspace_id.eq(&workspace_id)).filter(sync_client::group_id.eq(&group_id));
        let is_last: bool = !diesel::select(exists(others)).get_result::<bool>(conn)?;
        if is_last {
            diesel::delete(sync_group::table.find((&workspace_id, &group_id))).execute(conn)?;
        }
        Ok(gone)
    };
    door.write(workspace_id, work)
}

/// Files older than an instant (ms) that no row names.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn find_blobs(conn: &mut AnyConnection, workspace_id: &str, before: i64, limit: i64) -> Result<Vec<String>, Stop> {
    let named = blob_ref::table.filter(blob_ref::workspace_id.eq(workspace_id)).select(blob_ref::sha256);
    Ok(blob::table
        .filter(blob::workspace_id.eq(workspace_id))
        .filter(blob::created_at.lt(before))
        .filter(not(blob::sha256.eq_any(named)))
        .select(blob::sha256)
        .limit(limit)
        .load(conn)?)
}

/// Behind the counter, so that no command names a file while it goes.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn drop_blobs(door: &Door, workspace_id: &str, hashes: Vec<String>, before: i64) -> Result<usize, Stop> {
    let work = move |writing: &mut Writing<'_>| {
        let workspace_id = writing.workspace_id.to_owned();
        let named = blob_ref::table.filter(blob_ref::workspace_id.eq(&workspace_id)).select(blob_ref::sha256);
        let rows = blob::table
            .filter(blob::workspace_id.eq(&workspace_id))
            .filter(blob::sha256.eq_any(&hashes))
            .filter(blob::created_at.lt(before))
            .filter(not(blob::sha256.eq_any(named)));
        Ok(diesel::delete(rows).execute(writing.ledger())?)
    };
    door.write(workspace_id, work)
}
