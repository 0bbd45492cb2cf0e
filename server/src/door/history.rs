//! Reading the audit trail: who did what to a row, when, from which device, before and after.

use crate::db::AnyConnection;
use crate::db::schema::audit;
use crate::kit::refusal::Stop;
use diesel::prelude::*;

/// One recorded change. Instants in UTC ms; `before` and `after` are the row's JSON text.
#[derive(Debug, Clone, Queryable)]
pub struct AuditRow {
    pub workspace_id: String,
    pub id: String,
    pub version: i64,
    pub at: i64,
    pub actor_id: Option<String>,
    pub device_id: Option<String>,
    pub via: String,
    pub command: String,
    pub entity: String,
    pub before_body: Option<String>,
    pub after_body: Option<String>,
}

/// The newest `limit` changes of one row, newest first.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn of_entity(conn: &mut AnyConnection, workspace_id: &str, entity: &str, limit: i64) -> Result<Vec<AuditRow>, Stop> {
    Ok(audit::table
        .filter(audit::workspace_id.eq(workspace_id))
        .filter(audit::entity.eq(entity))
        .order((audit::version.desc(), audit::id.desc()))
        .limit(limit)
        .load(conn)?)
}
