//! What was refused: kept for its author until it is dealt with (sync_protocol 4.9). Nothing here expires by itself.

use crate::db::AnyConnection;
use crate::db::schema::{mutation_log, reject};
use crate::door::publish::Image;
use crate::door::{Audience, Bucket, Tx, Wire};
use crate::kit::ids;
use crate::kit::refusal::{Code, Stop};
use crate::upsert;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

crate::commands! { SyncCommand {
    "reject.record" RejectRecord: System => record,
    "reject.discard" RejectDiscard: Anyone => discard,
    "reject.hand" RejectHand: Anyone => hand,
} }

crate::args! {
    RejectRecord {
        uid: String, user_id: String, team_id: String, name: String,
        #[cfg_attr(test, ts(type = "Record<string, unknown>"))] #[schema(value_type = Object)] args: Value,
        code: Code, at: i64,
    }
    RejectDiscard { uid: String, }
    /// Shows the refused change to the supervisors of the author's team.
    RejectHand { uid: String, }
}

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = reject, primary_key(workspace_id, id))]
pub struct RejectRow {
    pub workspace_id: String,
    pub id: String,
    pub user_id: String,
    pub team_id: String,
    pub name: String,
    pub args: String,
    pub code: String,
    pub at: i64,
    pub handed: bool,
}

/// A refused change as its author sees it: what was asked, and why not. `at` is when it was refused (ms).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Reject {
    pub id: String,
    pub user_id: String,
    pub name: String,
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    #[schema(value_type = Object)]
    pub args: Value,
    #[cfg_attr(test, ts(as = "Code"))]
    pub code: String,
    pub at: i64,
    pub handed: bool,
    #[serde(skip)]
    pub team_id: String,
}

impl Wire for Reject {
    const KIND: &'static str = "reject";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        let mut audience = Audience::from([Bucket::User(self.user_id.clone())]);
        if self.handed {
            audience.insert(Bucket::Supervisors(self.team_id.clone()));
        }
        audience
    }
}

impl RejectRow {
    fn wire(&self) -> Result<Reject, Stop> {
        Ok(Reject {
            id: self.id.clone(),
            user_id: self.user_id.clone(),
            name: self.name.clone(),
            args: serde_json::from_str(&self.args)?,
            code: self.code.clone(),
            at: self.at,
            handed: self.handed,
            team_id: self.team_id.clone(),
        })
    }
}

fn find(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<RejectRow>, Stop> {
    Ok(reject::table.find((workspace_id, id)).get_result(conn).optional()?)
}

/// Every refused change that is still open.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn images(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<Image>, Stop> {
    let rows: Vec<RejectRow> = reject::table.filter(reject::workspace_id.eq(workspace_id)).order(reject::id).load(conn)?;
    rows.iter().map(|row| Image::of(&row.wire()?)).collect()
}

fn record(tx: &mut Tx<'_>, args: &RejectRecord) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let known = find(tx.conn(), workspace_id, &args.uid)?;
    // A made-up uid must not take the place of somebody else's refusal.
    let is_taken = known.is_some_and(|row| row.user_id != args.user_id);
    let id = if is_taken { ids::derived(&[&args.user_id, &args.uid]) } else { args.uid.clone() };
    let before = find(tx.conn(), workspace_id, &id)?;
    let row = RejectRow {
        workspace_id: workspace_id.into(),
        id,
        user_id: args.user_id.clone(),
        team_id: args.team_id.clone(),
        name: args.name.clone(),
        args: args.args.to_string(),
        code: args.code.as_str().into(),
        at: args.at,
        handed: false,
    };
    upsert!(tx.conn(), reject::table, (workspace_id, &row.id), &row);
    tx.publish(before.map(|row| row.wire()).transpose()?.as_ref(), Some(&row.wire()?))
}

fn own(tx: &mut Tx<'_>, uid: &str) -> Result<RejectRow, Stop> {
    let workspace_id = tx.workspace_id();
    let row = find(tx.conn(), workspace_id, uid)?.ok_or(Stop::from(Code::Gone))?;
    let actor = tx.actor();
    let may = row.user_id == actor.user_id || (row.handed && actor.oversees(&row.team_id));
    if may { Ok(row) } else { Err(Code::Gone.into()) }
}

fn discard(tx: &mut Tx<'_>, args: &RejectDiscard) -> Result<(), Stop> {
    let row = own(tx, &args.uid)?;
    diesel::delete(reject::table.find((&row.workspace_id, &row.id))).execute(tx.conn())?;
    tx.publish(Some(&row.wire()?), None)
}

/// Takes back every refused change that holds one of these words, wherever it is kept.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn forget(tx: &mut Tx<'_>, words: &[String]) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let holds = |text: &str| words.iter().any(|word| text.contains(word.as_str()));
    let open: Vec<RejectRow> = reject::table.filter(reject::workspace_id.eq(workspace_id)).load(tx.conn())?;
    let mut keys = Vec::new();
    for row in open.iter().filter(|row| holds(&row.args)) {
        diesel::delete(reject::table.find((workspace_id, &row.id))).execute(tx.conn())?;
        let wire = row.wire()?;
        tx.publish(Some(&wire), None)?;
        keys.push(wire.key());
    }
    tx.forget(&keys)?;
    let refused =
        mutation_log::table.filter(mutation_log::workspace_id.eq(workspace_id)).filter(mutation_log::args.is_not_null());
    let refused: Vec<(String, i64, Option<String>)> =
        refused.select((mutation_log::client_id, mutation_log::id, mutation_log::args)).load(tx.conn())?;
    for (client_id, id, _) in refused.iter().filter(|(_, _, args)| args.as_deref().is_some_and(holds)) {
        let row = mutation_log::table.find((workspace_id, client_id, id));
        diesel::update(row).set(mutation_log::args.eq(None::<String>)).execute(tx.conn())?;
    }
    Ok(())
}

fn hand(tx: &mut Tx<'_>, args: &RejectHand) -> Result<(), Stop> {
    let before = own(tx, &args.uid)?;
    let after = RejectRow { handed: true, ..before.clone() };
    upsert!(tx.conn(), reject::table, (&after.workspace_id, &after.id), &after);
    tx.publish(Some(&before.wire()?), Some(&after.wire()?))
}
