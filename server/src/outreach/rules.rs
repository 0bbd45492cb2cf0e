//! Pure rules about settings: the hours of a step, what is wrong with a chain, and what happens if nobody answers. No database,
//! no clock. Source: rows 44, 86, 99 of the rules of the trade; data `cutoffs` and `escalation_chains`.

use super::engine::{self, Act, World};
use super::hours::Hours;
use super::kinds::{CaseState, FaultCode, HoursChannel, StepChannel, TryResult};
use super::model::CaseRow;
use super::settings::{ChainStep, HoursByChannel, HoursOf};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::window::Window;
use serde::Serialize;
use std::collections::BTreeSet;

pub const STEPS_MAX: usize = 20;
pub const WAIT_MAX: i64 = 60 * 24 * 60;
pub const ATTEMPTS_MAX: i32 = 10;
/// More happenings than this are not shown.
const PREVIEW_MAX: usize = 60;

/// A local time of day as minutes; "24:00" is the end of the day.
pub fn minutes(text: &str) -> Option<u32> {
    use chrono::Timelike;
    if text == "24:00" {
        return Some(24 * 60);
    }
    crate::kit::zone::parse_hhmm(text).map(|time| time.hour() * 60 + time.minute())
}

fn window(from: Option<&str>, until: Option<&str>) -> Option<Window> {
    Window::new(from.map_or(Some(0), minutes)?, until.map_or(Some(24 * 60), minutes)?)
}

fn both(a: Window, b: Window) -> Option<Window> {
    Window::new(a.from.max(b.from), a.until.min(b.until))
}

/// Hours of a channel as the shop allows them. `is_reminder`: a message that reminds has hours of its own (row 86).
fn of_shop(hours: &HoursByChannel, channel: StepChannel, is_reminder: bool) -> Option<&HoursOf> {
    let of = match channel {
        StepChannel::Im if is_reminder => HoursChannel::ImReminder,
        StepChannel::Im => HoursChannel::Im,
        StepChannel::Email => HoursChannel::Email,
        StepChannel::Sms => HoursChannel::Sms,
        StepChannel::Voice => HoursChannel::Voice,
        StepChannel::Phone => HoursChannel::Phone,
        StepChannel::Supervisor | StepChannel::Owner | StepChannel::ShiftMates => return None,
    };
    hours.get(&of)
}

/// The hours of a step on a channel: those of the shop, made narrower by the step. `None` when nothing is left of them.
pub fn hours_of(step: &ChainStep, channel: StepChannel, hours: &HoursByChannel, is_reminder: bool) -> Option<Hours> {
    let shop = of_shop(hours, channel, is_reminder)?;
    let allowed = both(window(Some(&shop.from), Some(&shop.until))?, window(step.from.as_deref(), step.until.as_deref())?)?;
    let own = step.prefer_from.is_some().then_some((&step.prefer_from, &step.prefer_until));
    let (from, until) = own.unwrap_or((&shop.prefer_from, &shop.prefer_until));
    let preferred = from.is_some().then(|| window(from.as_deref(), until.as_deref())).flatten();
    Some(Hours { allowed, preferred: preferred.and_then(|wish| both(wish, allowed)) })
}

/// # Errors
/// `bad_time` for hours that are none, `bad_value` for a channel without.
pub fn check_hours(hours: &HoursByChannel) -> Result<(), Refusal> {
    if hours.len() != HoursChannel::ALL.len() {
        return Err(Refusal::because(Code::BadValue, "hours of every channel"));
    }
    for one in hours.values() {
        window(Some(&one.from), Some(&one.until)).ok_or(Refusal::from(Code::BadTime))?;
        if one.prefer_from.is_some() || one.prefer_until.is_some() {
            window(one.prefer_from.as_deref(), one.prefer_until.as_deref()).ok_or(Refusal::from(Code::BadTime))?;
        }
    }
    Ok(())
}

/// What is wrong with a chain; `step` by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ChainFault {
    pub code: FaultCode,
    pub step: Option<String>,
}

/// Everything wrong with a chain for buyers; an empty list lets it be saved. `has_supervisor`: somebody stands behind that word.
pub fn lint(steps: &[ChainStep], hours: &HoursByChannel, is_reminder: bool, has_supervisor: bool) -> Vec<ChainFault> {
    let mut faults = BTreeSet::new();
    let mut note = |code: FaultCode, step: Option<&ChainStep>| {
        faults.insert(ChainFault { code, step: step.map(|step| step.id.clone()) });
    };
    if steps.is_empty() || steps.len() > STEPS_MAX {
        note(FaultCode::NoSteps, None);
    }
    let ids: BTreeSet<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    for step in steps {
        let is_known = step.then.is_empty() || step.then == "end" || ids.contains(step.then.as_str());
        let counts = (0..=WAIT_MAX).contains(&step.wait_minutes)
            && (1..=ATTEMPTS_MAX).contains(&step.attempts)
            && (1..=ATTEMPTS_MAX).contains(&step.attempts_a_day);
        if !is_known || !counts || step.id.is_empty() || step.id == "end" || ids.len() != steps.len() {
            note(FaultCode::BadStep, Some(step));
        }
        let reaches = |channel: &&StepChannel| match channel {
            StepChannel::Supervisor => has_supervisor,
            other => other.to_buyer(),
        };
        if !step.channels.iter().any(|channel| reaches(&channel)) || !step.channels.iter().all(is_for_buyers) {
            note(FaultCode::NoChannel, Some(step));
        }
        let mut to_buyer = step.channels.iter().filter(|channel| channel.to_buyer()).peekable();
        if to_buyer.peek().is_some() && !to_buyer.any(|channel| hours_of(step, *channel, hours, is_reminder).is_some()) {
            note(FaultCode::BadWindow, Some(step));
        }
    }
    let (visited, ends) = walk(steps);
    for (index, step) in steps.iter().enumerate() {
        if !visited.contains(&index) {
            note(FaultCode::UnreachableStep, Some(step));
        }
    }
    if !steps.is_empty() && !ends {
        note(FaultCode::NoEnd, None);
    }
    faults.into_iter().collect()
}

fn is_for_buyers(channel: &StepChannel) -> bool {
    channel.to_buyer() || *channel == StepChannel::Supervisor
}

/// The steps that are come by, and whether there is an end.
fn walk(steps: &[ChainStep]) -> (BTreeSet<usize>, bool) {
    let mut visited = BTreeSet::new();
    let mut at = Some(0).filter(|_| !steps.is_empty());
    while let Some(index) = at {
        if !visited.insert(index) {
            return (visited, false);
        }
        at = engine::follow(steps, index);
    }
    (visited, true)
}

/// Something that will happen if nobody answers. Instants in UTC ms; `until`: the end of the hours of a call. The last line, of
/// no step, is the supervisor's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Happening {
    pub step: String,
    pub channel: StepChannel,
    pub at: i64,
    pub until: Option<i64>,
}

/// If nobody answers, this happens: every try of an agent is made when it is due and finds nobody.
///
/// # Errors
/// `Fault` when the chain of the case is not readable.
pub fn preview(case: &CaseRow, at: i64, world: &World<'_>) -> Result<Vec<Happening>, Stop> {
    let mut lines = Vec::new();
    let mut now = at;
    let mut next = engine::Move::of(case);
    next.enter(0, at, world)?;
    while lines.len() < PREVIEW_MAX {
        let case = &next.case;
        let steps = case.steps()?;
        let step = usize::try_from(case.step).ok().and_then(|index| steps.get(index)).map(|step| step.id.clone());
        let line = |channel, at, until| Happening { step: step.clone().unwrap_or_default(), channel, at, until };
        let mut asked = None;
        for act in &next.acts {
            match act {
                Act::Ask { channel, due_at, until_at } => {
                    asked = Some(*due_at);
                    lines.push(line(*channel, *due_at, Some(*until_at)));
                }
                Act::Send(channel) => lines.push(line(*channel, now, None)),
                Act::Tell => lines.push(line(StepChannel::Supervisor, now, None)),
                Act::Decide => {
                    lines.push(Happening { step: String::new(), ..line(StepChannel::Supervisor, now, None) });
                    return Ok(lines);
                }
                Act::Withdraw | Act::Log(..) => {}
            }
        }
        let decide_at = case.decide_at.filter(|_| case.state == CaseState::Running.as_str());
        let due = asked.or(case.next_at);
        let Some(due) = due.into_iter().chain(decide_at).min() else { break };
        let is_try = asked == Some(due);
        now = due.max(now);
        let channel = case.channel()?;
        let result = if channel == Some(StepChannel::Im) { TryResult::Sent } else { TryResult::NoAnswer };
        next = if is_try {
            engine::tried(case, result, now, world)?
        } else {
            match engine::advance(case, now, world)? {
                Some(next) => next,
                None => break,
            }
        };
    }
    Ok(lines)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
