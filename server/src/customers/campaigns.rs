//! Greetings on an occasion, as a list that is worked off by hand: never a call, never a mass mail.

use super::command::{CampaignDrop, CampaignRetire, CampaignSave, load_team};
use super::rules;
use crate::db::AnyConnection;
use crate::db::schema::campaign;
use crate::door::{Audience, Bucket, Tx, Wire};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::{ids, zone};
use crate::upsert;
use diesel::prelude::*;
use serde::Serialize;

/// The longest occasion (days).
const DAYS_MAX: i64 = 92;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = campaign, primary_key(workspace_id, id))]
pub struct CampaignRow {
    pub workspace_id: String,
    pub id: String,
    pub team_id: String,
    pub name: String,
    pub from_day: String,
    pub until_day: String,
    pub tier: String,
    pub tag: String,
}

impl CampaignRow {
    pub fn wire(&self) -> Campaign {
        Campaign {
            id: self.id.clone(),
            team_id: self.team_id.clone(),
            name: self.name.clone(),
            from: self.from_day.clone(),
            until: self.until_day.clone(),
            tier: self.tier.clone(),
            tag: self.tag.clone(),
        }
    }
}

/// An occasion to greet the buyers of a tier and with a tag; "" for all of them. `from` and `until` are business days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Campaign {
    pub id: String,
    pub team_id: String,
    pub name: String,
    pub from: String,
    pub until: String,
    pub tier: String,
    pub tag: String,
}

impl Wire for Campaign {
    const KIND: &'static str = "campaign";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        Audience::from([Bucket::Team(self.team_id.clone()), Bucket::Supervisors(self.team_id.clone())])
    }
}

pub fn all(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<CampaignRow>, Stop> {
    Ok(campaign::table.filter(campaign::workspace_id.eq(workspace_id)).order(campaign::id).load(conn)?)
}

/// Those that ended before a business day.
pub fn ended(conn: &mut AnyConnection, workspace_id: &str, day: &str) -> Result<Vec<CampaignRow>, Stop> {
    let of_workspace = campaign::table.filter(campaign::workspace_id.eq(workspace_id));
    Ok(of_workspace.filter(campaign::until_day.lt(day)).order(campaign::id).load(conn)?)
}

fn find(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<CampaignRow>, Stop> {
    Ok(campaign::table.find((workspace_id, id)).get_result(conn).optional()?)
}

fn mine(tx: &mut Tx<'_>, id: &str) -> Result<Option<CampaignRow>, Stop> {
    let workspace_id = tx.workspace_id();
    let row = find(tx.conn(), workspace_id, id)?;
    match row {
        Some(row) if !tx.actor().is_system() && !tx.actor().oversees(&row.team_id) => Err(Code::NotInTeam.into()),
        row => Ok(row),
    }
}

pub(super) fn save(tx: &mut Tx<'_>, args: &CampaignSave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    let before = mine(tx, &args.id)?;
    let team_id = match &before {
        Some(row) => row.team_id.clone(),
        None => load_team(tx, args.team_id.as_deref())?,
    };
    let days = zone::parse_day(&args.from).zip(zone::parse_day(&args.until));
    let length = days.map(|(from, until)| (until - from).num_days());
    if !length.is_some_and(|days| (0..=DAYS_MAX).contains(&days)) {
        return Err(Refusal::because(Code::BadTime, "from and until").into());
    }
    let after = CampaignRow {
        workspace_id: workspace_id.into(),
        id: args.id.clone(),
        team_id,
        name: rules::typed(&args.name, rules::WORD_MAX)?,
        from_day: args.from.clone(),
        until_day: args.until.clone(),
        tier: rules::typed(&args.tier, rules::WORD_MAX)?,
        tag: rules::typed(&args.tag, rules::WORD_MAX)?,
    };
    if after.name.is_empty() {
        return Err(Refusal::because(Code::BadValue, "a campaign needs a name").into());
    }
    upsert!(tx.conn(), campaign::table, (workspace_id, &after.id), &after);
    tx.publish(before.as_ref().map(CampaignRow::wire).as_ref(), Some(&after.wire()))
}

pub(super) fn drop(tx: &mut Tx<'_>, args: &CampaignDrop) -> Result<(), Stop> {
    match mine(tx, &args.id)? {
        Some(row) => delete(tx, &row),
        None => Ok(()),
    }
}

/// Takes away what ended before a day; the contacts stay.
pub(super) fn retire(tx: &mut Tx<'_>, args: &CampaignRetire) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for row in ended(tx.conn(), workspace_id, &args.before)? {
        delete(tx, &row)?;
    }
    Ok(())
}

fn delete(tx: &mut Tx<'_>, row: &CampaignRow) -> Result<(), Stop> {
    diesel::delete(campaign::table.find((&row.workspace_id, &row.id))).execute(tx.conn())?;
    tx.publish(Some(&row.wire()), None)
}
