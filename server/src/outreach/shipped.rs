//! What every workspace begins with: `shipped.yaml`, read once.

use super::kinds::{StepChannel, WaitIn, Whom};
use super::settings::{ChainStep, HoursByChannel, HoursRow};
use crate::kit::ids;
use crate::kit::text::Text;
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipped {
    pub chains: Vec<ShippedChain>,
    pub hours: ShippedHours,
    pub reasons: Vec<ShippedReason>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippedChain {
    pub code: String,
    pub name: Text,
    pub whom: Whom,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    id: String,
    channels: Vec<StepChannel>,
    wait_minutes: i64,
    from: Option<String>,
    until: Option<String>,
    #[serde(default = "one")]
    attempts: i32,
    #[serde(default = "one")]
    attempts_a_day: i32,
}

fn one() -> i32 {
    1
}

impl ShippedChain {
    pub fn steps(&self) -> Vec<ChainStep> {
        let full = |step: &Step| ChainStep {
            id: step.id.clone(),
            channels: step.channels.clone(),
            wait_minutes: step.wait_minutes,
            wait_in: WaitIn::Wall,
            from: step.from.clone(),
            until: step.until.clone(),
            prefer_from: None,
            prefer_until: None,
            attempts: step.attempts,
            attempts_a_day: step.attempts_a_day,
            skill_code: None,
            then: String::new(),
        };
        self.steps.iter().map(full).collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippedHours {
    pub decide_hours: i32,
    pub return_days: i32,
    pub open_from: String,
    pub open_until: String,
    pub working_days_only: bool,
    pub of: HoursByChannel,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippedReason {
    pub code: String,
    pub name: Text,
    pub chain: String,
    pub scene: String,
    #[serde(default)]
    pub is_reminder: bool,
    pub mail: Words,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub zh: Letter,
    pub en: Letter,
}

/// Subject and body of a mail, with variables.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    pub subject: String,
    pub body: String,
}

impl Words {
    pub fn get(&self, locale: &str) -> &Letter {
        if locale.starts_with("zh") { &self.zh } else { &self.en }
    }
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
    serde_norway::from_str(include_str!("shipped.yaml")).unwrap_or_else(|error| unreachable!("shipped.yaml: {error}"))
});

/// What is shipped; a test reads it, so it can be read.
pub fn all() -> &'static Shipped {
    &SHIPPED
}

/// The words of a mail for a reason; a reason of one's own begins with those of an after-sales answer.
pub fn letter(code: Option<&str>, locale: &str) -> &'static Letter {
    let reasons = &all().reasons;
    let own = code.and_then(|code| reasons.iter().find(|reason| reason.code == code));
    own.unwrap_or(&reasons[0]).mail.get(locale)
}

pub const INTERNAL: &str = "internal_overdue";

/// The steps by which overdue work climbs.
pub fn internal() -> Vec<ChainStep> {
    all().chains.iter().find(|chain| chain.code == INTERNAL).map(ShippedChain::steps).unwrap_or_default()
}

pub fn chain_id(workspace_id: &str, code: &str) -> String {
    ids::derived(&[workspace_id, "chain", code])
}

/// The hours of every shop that has none of its own.
pub fn hours(workspace_id: &str) -> HoursRow {
    let shipped = &all().hours;
    HoursRow {
        workspace_id: workspace_id.into(),
        id: ids::derived(&[workspace_id, "outreach_hours"]),
        shop_id: None,
        hours: serde_json::to_string(&shipped.of).unwrap_or_default(),
        decide_hours: shipped.decide_hours,
        return_days: shipped.return_days,
        open_from: shipped.open_from.clone(),
        open_until: shipped.open_until.clone(),
        working_days_only: shipped.working_days_only,
    }
}
