//! Rows and wire rows of a case: a buyer who is being reached. The settings of the room are in `settings.rs`.

use super::kinds::{CaseState, Phase, StepChannel, TryResult};
use super::settings::ChainStep;
use crate::customers::model::CustomerRow;
use crate::db::schema::{outreach_attempt, outreach_case};
use crate::door::{Audience, Bucket, Wire};
use crate::kit::refusal::Stop;
#[cfg(test)]
use crate::kit::text::Locale;
use diesel::prelude::*;
use serde::Serialize;

/// The row of a case. `steps` is JSON; `turn` grows with every move, so that a job moves it once.
#[derive(Debug, Default, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = outreach_case, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct CaseRow {
    pub workspace_id: String,
    pub id: String,
    pub team_id: String,
    pub shop_id: Option<String>,
    pub customer_id: String,
    pub reason_id: String,
    pub about: String,
    pub order_number: String,
    pub chain_id: String,
    pub steps: String,
    pub step: i32,
    pub channel: Option<String>,
    pub state: String,
    pub phase: String,
    pub turn: i32,
    /// When something happens by itself (UTC ms).
    pub next_at: Option<i64>,
    /// What was left to wait when the chain was stopped (ms).
    pub left_ms: Option<i64>,
    pub callback_id: Option<String>,
    /// The message of the step in hand: a mail, or what a provider was given.
    pub mail_id: Option<String>,
    /// The first mail of the conversation.
    pub thread: Option<String>,
    pub attempts: i32,
    pub attempts_on_day: i32,
    pub day: String,
    pub decide_at: Option<i64>,
    pub return_by: Option<i64>,
    pub locale: String,
    pub created_by: Option<String>,
    pub created_at: i64,
    pub closed_at: Option<i64>,
    pub outcome: String,
    pub archived: bool,
}

fn unreadable(id: &str) -> Stop {
    Stop::fault(format!("case {id} holds a word that is not ours"))
}

impl CaseRow {
    /// A case of this buyer that has not begun, without a chain.
    pub fn blank(buyer: &CustomerRow, reason_id: &str, locale: &str, now: i64) -> Self {
        CaseRow {
            workspace_id: buyer.workspace_id.clone(),
            team_id: buyer.team_id.clone(),
            shop_id: buyer.shop_id.clone(),
            customer_id: buyer.id.clone(),
            reason_id: reason_id.into(),
            locale: locale.into(),
            created_at: now,
            ..CaseRow::idle()
        }
    }

    /// A case of nobody.
    pub fn idle() -> Self {
        let (state, phase) = (CaseState::Running.as_str().into(), Phase::Planned.as_str().into());
        CaseRow { steps: "[]".into(), state, phase, ..CaseRow::default() }
    }

    /// # Errors
    /// `Fault` when the stored word is not one of ours.
    pub fn state(&self) -> Result<CaseState, Stop> {
        self.state.parse().map_err(|()| unreadable(&self.id))
    }

    /// # Errors
    /// `Fault` when the stored word is not one of ours.
    pub fn phase(&self) -> Result<Phase, Stop> {
        self.phase.parse().map_err(|()| unreadable(&self.id))
    }

    /// # Errors
    /// `Fault` when the stored word is not one of ours.
    pub fn channel(&self) -> Result<Option<StepChannel>, Stop> {
        self.channel.as_deref().map(str::parse).transpose().map_err(|()| unreadable(&self.id))
    }

    /// # Errors
    /// `Fault` when the stored document is not readable.
    pub fn steps(&self) -> Result<Vec<ChainStep>, Stop> {
        Ok(serde_json::from_str(&self.steps)?)
    }

    /// # Errors
    /// `Fault` when a stored word or document is not readable.
    pub fn wire(&self, log: Vec<AttemptRow>) -> Result<Outreach, Stop> {
        Ok(Outreach {
            id: self.id.clone(),
            team_id: self.team_id.clone(),
            shop_id: self.shop_id.clone(),
            customer_id: self.customer_id.clone(),
            reason_id: self.reason_id.clone(),
            about: self.about.clone(),
            order_number: self.order_number.clone(),
            chain_id: self.chain_id.clone(),
            steps: self.steps()?,
            step: self.step,
            channel: self.channel()?,
            state: self.state()?,
            phase: self.phase()?,
            next_at: self.next_at,
            callback_id: self.callback_id.clone(),
            attempts: self.attempts,
            decide_at: self.decide_at,
            return_by: self.return_by,
            locale: self.locale.clone(),
            created_by: self.created_by.clone(),
            created_at: self.created_at,
            closed_at: self.closed_at,
            outcome: self.outcome.clone(),
            log: log.iter().map(AttemptRow::wire).collect::<Result<_, _>>()?,
            archived: self.archived,
        })
    }
}

/// A buyer who is being reached. Instants in UTC ms; `step` counts from 0; `log` is the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Outreach {
    pub id: String,
    pub team_id: String,
    pub shop_id: Option<String>,
    pub customer_id: String,
    pub reason_id: String,
    pub about: String,
    pub order_number: String,
    pub chain_id: String,
    /// The chain as it was when the case began.
    pub steps: Vec<ChainStep>,
    pub step: i32,
    pub channel: Option<StepChannel>,
    pub state: CaseState,
    pub phase: Phase,
    /// When something happens by itself.
    pub next_at: Option<i64>,
    /// The open try of an agent.
    pub callback_id: Option<String>,
    pub attempts: i32,
    pub decide_at: Option<i64>,
    /// When the parcel must be back.
    pub return_by: Option<i64>,
    #[cfg_attr(test, ts(as = "Locale"))]
    pub locale: String,
    pub created_by: Option<String>,
    pub created_at: i64,
    pub closed_at: Option<i64>,
    pub outcome: String,
    pub log: Vec<OutreachAttempt>,
    #[serde(skip)]
    pub archived: bool,
}

impl Wire for Outreach {
    const KIND: &'static str = "outreach";
    fn id(&self) -> &str {
        &self.id
    }
    /// The team: whoever hears from the buyer must be able to say so.
    fn audience(&self) -> Audience {
        if self.archived {
            return Audience::new();
        }
        Audience::from([Bucket::Team(self.team_id.clone()), Bucket::Supervisors(self.team_id.clone())])
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = outreach_attempt)]
pub struct AttemptRow {
    pub workspace_id: String,
    pub id: String,
    pub case_id: String,
    pub step: i32,
    pub channel: String,
    pub result: String,
    pub author_id: Option<String>,
    pub minutes: Option<i32>,
    pub note: String,
    pub at: i64,
}

impl AttemptRow {
    /// # Errors
    /// `Fault` when a stored word is not one of ours.
    pub fn wire(&self) -> Result<OutreachAttempt, Stop> {
        Ok(OutreachAttempt {
            id: self.id.clone(),
            step: self.step,
            channel: self.channel.parse().map_err(|()| unreadable(&self.case_id))?,
            result: self.result.parse().map_err(|()| unreadable(&self.case_id))?,
            author_id: self.author_id.clone(),
            minutes: self.minutes,
            note: self.note.clone(),
            at: self.at,
        })
    }
}

/// One try of a case, or what was heard. `at` in UTC ms; without an author it was the system, or the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct OutreachAttempt {
    pub id: String,
    pub step: i32,
    pub channel: StepChannel,
    pub result: TryResult,
    pub author_id: Option<String>,
    pub minutes: Option<i32>,
    pub note: String,
    pub at: i64,
}
