//! Rows and wire rows of what a workspace sets: chains, reasons, hours, the words of mails, providers.

use super::kinds::{HoursChannel, StepChannel, WaitIn, Whom};
use crate::db::schema::{chain, outreach_hook, outreach_hours, outreach_reason, outreach_template};
use crate::door::{Audience, Bucket, Wire};
use crate::kit::refusal::Stop;
#[cfg(test)]
use crate::kit::text::Locale;
use crate::kit::text::Text;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One step of a chain. Times of day are local, `HH:MM`; `wait_minutes` passes after the step and before the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ChainStep {
    pub id: String,
    /// The first that can be used is used.
    pub channels: Vec<StepChannel>,
    pub wait_minutes: i64,
    pub wait_in: WaitIn,
    /// Narrower than the hours of the shop.
    pub from: Option<String>,
    pub until: Option<String>,
    /// Waited for when it is still to come that day.
    pub prefer_from: Option<String>,
    pub prefer_until: Option<String>,
    /// Tries by an agent in all, and in a day.
    pub attempts: i32,
    pub attempts_a_day: i32,
    pub skill_code: Option<String>,
    /// "" for the next in the list, "end", or the id of a step.
    pub then: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = chain, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct ChainRow {
    pub workspace_id: String,
    pub id: String,
    pub code: Option<String>,
    pub name_zh: String,
    pub name_en: String,
    pub whom: String,
    pub steps: String,
    pub enabled: bool,
    pub position: i32,
}

impl ChainRow {
    /// # Errors
    /// `Fault` when the stored document is not readable.
    pub fn steps(&self) -> Result<Vec<ChainStep>, Stop> {
        Ok(serde_json::from_str(&self.steps)?)
    }

    /// # Errors
    /// `Fault` when a stored word or document is not readable.
    pub fn wire(&self) -> Result<Chain, Stop> {
        Ok(Chain {
            id: self.id.clone(),
            code: self.code.clone(),
            name: Text::new(&self.name_zh, &self.name_en),
            whom: self.whom.parse().map_err(|()| Stop::fault("a chain for nobody"))?,
            steps: self.steps()?,
            enabled: self.enabled,
            position: self.position,
        })
    }
}

/// Ordered steps that reach a buyer, or by which overdue work climbs inside the team. `code` of those shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Chain {
    pub id: String,
    pub code: Option<String>,
    pub name: Text,
    pub whom: Whom,
    pub steps: Vec<ChainStep>,
    pub enabled: bool,
    pub position: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = outreach_reason, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct ReasonRow {
    pub workspace_id: String,
    pub id: String,
    pub code: Option<String>,
    pub name_zh: String,
    pub name_en: String,
    pub chain_id: String,
    pub scene: String,
    pub is_reminder: bool,
    pub archived: bool,
    pub position: i32,
}

impl ReasonRow {
    pub fn wire(&self) -> OutreachReason {
        OutreachReason {
            id: self.id.clone(),
            code: self.code.clone(),
            name: Text::new(&self.name_zh, &self.name_en),
            chain_id: self.chain_id.clone(),
            scene: self.scene.clone(),
            is_reminder: self.is_reminder,
            archived: self.archived,
            position: self.position,
        }
    }
}

/// Why a buyer is reached. `scene`: the script of a call; `is_reminder`: messages only in the reminder hours (row 86).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct OutreachReason {
    pub id: String,
    pub code: Option<String>,
    pub name: Text,
    pub chain_id: String,
    pub scene: String,
    pub is_reminder: bool,
    pub archived: bool,
    pub position: i32,
}

/// Hours of a channel: local `HH:MM`, "24:00" for the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct HoursOf {
    pub from: String,
    pub until: String,
    pub prefer_from: Option<String>,
    pub prefer_until: Option<String>,
}

pub type HoursByChannel = BTreeMap<HoursChannel, HoursOf>;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = outreach_hours, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct HoursRow {
    pub workspace_id: String,
    pub id: String,
    pub shop_id: Option<String>,
    pub hours: String,
    pub decide_hours: i32,
    pub return_days: i32,
    pub open_from: String,
    pub open_until: String,
    pub working_days_only: bool,
}

impl HoursRow {
    /// # Errors
    /// `Fault` when the stored document is not readable.
    pub fn wire(&self) -> Result<OutreachHours, Stop> {
        Ok(OutreachHours {
            id: self.id.clone(),
            shop_id: self.shop_id.clone(),
            hours: serde_json::from_str(&self.hours)?,
            decide_hours: self.decide_hours,
            return_days: self.return_days,
            open_from: self.open_from.clone(),
            open_until: self.open_until.clone(),
            working_days_only: self.working_days_only,
        })
    }
}

/// When buyers of a shop (of all shops without their own, when there is none) may be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct OutreachHours {
    pub id: String,
    pub shop_id: Option<String>,
    #[cfg_attr(test, ts(type = "Record<HoursChannel, HoursOf>"))]
    pub hours: HoursByChannel,
    /// Without any contact for so long after the first try, a supervisor decides.
    pub decide_hours: i32,
    /// The courier has so many days to bring a parcel back.
    pub return_days: i32,
    pub open_from: String,
    pub open_until: String,
    pub working_days_only: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = outreach_template, primary_key(workspace_id, id))]
pub struct TemplateRow {
    pub workspace_id: String,
    pub id: String,
    pub reason_id: String,
    pub locale: String,
    pub subject: String,
    pub body: String,
}

/// The words of a mail to a buyer, by reason and language. Variables: see `words.rs`. `shipped`: the workspace has none of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct OutreachTemplate {
    pub id: String,
    pub reason_id: String,
    #[cfg_attr(test, ts(as = "Locale"))]
    pub locale: String,
    pub subject: String,
    pub body: String,
    pub shipped: bool,
}

/// A provider of text messages or voice robots; `id` is the channel.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = outreach_hook, primary_key(workspace_id, id))]
pub struct HookRow {
    pub workspace_id: String,
    pub id: String,
    pub url: String,
    pub secret: String,
}

macro_rules! wired {
    ($($wire:ident $kind:literal => $audience:expr,)*) => {$(
        impl Wire for $wire {
            const KIND: &'static str = $kind;
            fn id(&self) -> &str {
                &self.id
            }
            fn audience(&self) -> Audience {
                Audience::from([$audience])
            }
        }
    )*};
}

wired! {
    Chain "chain" => Bucket::Workspace,
    OutreachReason "outreach_reason" => Bucket::Workspace,
    OutreachHours "outreach_hours" => Bucket::Workspace,
}
