//! Mails that left long ago or were given up, and mails that have waited too long.

use crate::db::AnyConnection;
use crate::db::schema::{mail, mail_reply};
use crate::kit::refusal::Stop;
use diesel::prelude::*;

/// Mails written before an instant (ms) that wait for nothing any more.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn find(conn: &mut AnyConnection, workspace_id: &str, before: i64, limit: i64) -> Result<Vec<String>, Stop> {
    Ok(mail::table
        .filter(mail::workspace_id.eq(workspace_id))
        .filter(mail::created_at.lt(before))
        .filter(mail::state.ne("queued"))
        .select(mail::id)
        .limit(limit)
        .load(conn)?)
}

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn forget(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<usize, Stop> {
    let replies = mail_reply::table.filter(mail_reply::workspace_id.eq(workspace_id)).filter(mail_reply::mail_id.eq_any(ids));
    diesel::delete(replies).execute(conn)?;
    let rows = mail::table.filter(mail::workspace_id.eq(workspace_id)).filter(mail::id.eq_any(ids));
    Ok(diesel::delete(rows).execute(conn)?)
}

/// Mails that have waited since before an instant (ms).
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn waiting(conn: &mut AnyConnection, before: i64) -> Result<i64, Stop> {
    Ok(mail::table.filter(mail::state.eq("queued")).filter(mail::created_at.lt(before)).count().get_result(conn)?)
}
