//! Pure decisions about a case: when its next step may happen, what it is, what a try makes of it. No database, no clock.
//! Source: rows 44, 86 and 99 of the rules of the trade, data `escalation_chains`.

use super::hours::Hours;
use super::kinds::{CaseState, Phase, StepChannel, TryResult, WaitIn};
use super::model::CaseRow;
use super::open::Open;
use super::settings::ChainStep;
use crate::kit::refusal::Stop;
use crate::kit::zone;
use chrono_tz::Tz;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const BUSY_WAIT: i64 = 15 * MINUTE;
const NO_ANSWER_WAIT: i64 = 2 * HOUR;

/// What the decisions about one case stand on.
pub struct World<'a> {
    pub zone: Tz,
    /// By which channels the buyer can be reached at all.
    pub usable: Vec<StepChannel>,
    /// Hours of a step on a channel.
    pub hours: &'a dyn Fn(&ChainStep, StepChannel) -> Option<Hours>,
    pub open: Open<'a>,
    /// Without contact for so long after the first try, a supervisor decides (ms).
    pub decide_after: i64,
}

/// What is to be done, in the transaction that stores the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The system reaches the buyer now.
    Send(StepChannel),
    /// An agent tries between two instants (UTC ms); a try that is still asked for is moved there.
    Ask {
        channel: StepChannel,
        due_at: i64,
        until_at: i64,
    },
    /// Takes back what an agent was asked.
    Withdraw,
    /// Supervisors are told.
    Tell,
    /// Supervisors decide.
    Decide,
    Log(i32, StepChannel, TryResult),
}

/// A case that moves, with what is to be done.
pub struct Move {
    pub case: CaseRow,
    pub acts: Vec<Act>,
}

impl Move {
    pub fn of(case: &CaseRow) -> Self {
        let mut case = case.clone();
        case.turn += 1;
        Move { case, acts: Vec::new() }
    }

    fn log(&mut self, channel: StepChannel, result: TryResult) {
        self.acts.push(Act::Log(self.case.step, channel, result));
    }

    /// Nothing is open any more: what an agent was asked is taken back, and no clock runs.
    pub fn rest(&mut self, state: CaseState) {
        if self.case.callback_id.is_some() {
            self.acts.push(Act::Withdraw);
        }
        self.case.state = state.as_str().into();
        self.case.phase = Phase::Waiting.as_str().into();
        self.case.next_at = None;
        self.case.callback_id = None;
    }

    /// The chain stops where it stands, so that it can go on from there: what was left to wait is kept.
    ///
    /// # Errors
    /// `Fault` when the stored case is not readable.
    pub fn halt(&mut self, state: CaseState, at: i64) -> Result<(), Stop> {
        let phase = self.case.phase.clone();
        if self.case.state()? == CaseState::Running {
            let due = self.case.next_at.filter(|_| phase != Phase::Agent.as_str());
            self.case.left_ms = due.map(|due| (due - at).max(0));
        }
        self.rest(state);
        self.case.phase = phase;
        Ok(())
    }

    /// The buyer has answered, or the case is over.
    pub fn end(&mut self, state: CaseState, outcome: &str, at: i64) {
        self.rest(state);
        self.case.outcome = outcome.into();
        self.case.closed_at = Some(at);
    }

    fn decide(&mut self) {
        self.rest(CaseState::Decision);
        self.acts.push(Act::Decide);
    }

    /// Plans the steps from `index` on: the first that can be done is the next.
    ///
    /// # Errors
    /// `Fault` when the stored chain is not readable.
    pub fn enter(&mut self, index: usize, from: i64, world: &World<'_>) -> Result<(), Stop> {
        let steps = self.case.steps()?;
        let mut at = Some(index);
        // A chain has no loops (lint); were one stored, every step would be looked at once.
        for _ in 0..=steps.len() {
            let Some((index, step)) = at.and_then(|index| Some((index, steps.get(index)?))) else { break };
            self.case.step = i32::try_from(index).map_err(Stop::fault)?;
            (self.case.attempts, self.case.attempts_on_day) = (0, 0);
            if self.plan(step, from, &[], world) {
                return Ok(());
            }
            self.log(step.channels.first().copied().unwrap_or(StepChannel::Im), TryResult::Skipped);
            at = follow(&steps, index);
        }
        self.decide();
        Ok(())
    }

    /// Plans one step from an instant on; false when there is no way to do it.
    fn plan(&mut self, step: &ChainStep, from: i64, without: &[StepChannel], world: &World<'_>) -> bool {
        let Some((channel, hours)) = way(step, without, world) else { return false };
        let at = hours.map_or_else(|| world.open.next(from), |hours| hours.place(from, world.zone));
        self.case.channel = Some(channel.as_str().into());
        self.case.state = CaseState::Running.as_str().into();
        if let Some(hours) = hours.filter(|_| channel.by_agent()) {
            let until_at = hours.end(at, world.zone);
            self.case.phase = Phase::Agent.as_str().into();
            self.case.next_at = Some(until_at);
            self.case.day = zone::business_day(at, world.zone).to_string();
            self.acts.push(Act::Ask { channel, due_at: at, until_at });
        } else {
            self.case.phase = Phase::Planned.as_str().into();
            self.case.next_at = Some(at);
        }
        true
    }

    /// The step in hand is done: the chain waits, and then goes on.
    fn wait(&mut self, step: &ChainStep, at: i64, world: &World<'_>) {
        let over = match step.wait_in {
            WaitIn::Wall => at + step.wait_minutes.max(0) * MINUTE,
            WaitIn::Open => world.open.after(at, step.wait_minutes),
        };
        self.case.phase = Phase::Waiting.as_str().into();
        self.case.next_at = Some(over);
        self.case.callback_id = None;
        self.case.decide_at.get_or_insert(at + world.decide_after);
    }
}

/// By which channel a step is done, and in which hours; supervisors have none of their own.
fn way(step: &ChainStep, without: &[StepChannel], world: &World<'_>) -> Option<(StepChannel, Option<Hours>)> {
    let fits = |channel: &&StepChannel| !without.contains(channel) && (!channel.to_buyer() || world.usable.contains(channel));
    step.channels.iter().filter(fits).find_map(|channel| {
        if channel.to_buyer() { Some((*channel, Some((world.hours)(step, *channel)?))) } else { Some((*channel, None)) }
    })
}

/// The ways of a step that were passed by, or have failed, when it is the turn of this one: what did not arrive is not sent there again.
fn passed(step: &ChainStep, channel: Option<StepChannel>) -> Vec<StepChannel> {
    let turn = step.channels.iter().position(|other| Some(*other) == channel).unwrap_or(0);
    step.channels[..turn].to_vec()
}

/// What comes after a step: the one that it names, or the next in the list; `None` at the end.
pub fn follow(steps: &[ChainStep], index: usize) -> Option<usize> {
    match steps.get(index)?.then.as_str() {
        "" => (index + 1 < steps.len()).then_some(index + 1),
        "end" => None,
        id => steps.iter().position(|step| step.id == id),
    }
}

fn current(case: &CaseRow) -> Result<(Vec<ChainStep>, usize), Stop> {
    Ok((case.steps()?, usize::try_from(case.step).map_err(Stop::fault)?))
}

/// What the passing of time makes of a case: `None` when nothing is due yet.
///
/// # Errors
/// `Fault` when the stored case is not readable.
pub fn advance(case: &CaseRow, now: i64, world: &World<'_>) -> Result<Option<Move>, Stop> {
    let state = case.state()?;
    let is_running = state == CaseState::Running;
    if is_running && case.decide_at.is_some_and(|at| at <= now) {
        let mut next = Move::of(case);
        next.decide();
        return Ok(Some(next));
    }
    if case.next_at.is_none_or(|at| at > now) {
        return Ok(None);
    }
    let mut next = Move::of(case);
    if state == CaseState::Returning {
        // The parcel is late.
        next.case.next_at = None;
        next.acts.push(Act::Tell);
        return Ok(Some(next));
    }
    if !is_running {
        return Ok(None);
    }
    let (steps, index) = current(case)?;
    let Some(step) = steps.get(index) else {
        next.decide();
        return Ok(Some(next));
    };
    match case.phase()? {
        Phase::Waiting => next.go_on(&steps, index, now, world)?,
        Phase::Planned => next.perform(&steps, index, now, world)?,
        Phase::Agent => {
            // Nobody told of a try in the hours: another day, perhaps another agent; not for ever, and not unseen. The call stays
            // the same one: who tried where there was no network may still tell of it.
            next.acts.push(Act::Tell);
            next.case.decide_at.get_or_insert(now + world.decide_after);
            next.log(case.channel()?.unwrap_or(StepChannel::Phone), TryResult::Moved);
            let has_way = next.plan(step, now, &passed(step, case.channel()?), world);
            if !has_way || next.case.phase()? != Phase::Agent {
                next.acts.push(Act::Withdraw);
                next.case.callback_id = None;
            }
            if !has_way {
                next.go_on(&steps, index, now, world)?;
            }
        }
    }
    Ok(Some(next))
}

impl Move {
    fn go_on(&mut self, steps: &[ChainStep], index: usize, at: i64, world: &World<'_>) -> Result<(), Stop> {
        match follow(steps, index) {
            Some(after) => self.enter(after, at, world),
            None => {
                self.decide();
                Ok(())
            }
        }
    }

    /// Does a planned step, unless its hours have passed meanwhile, or the way is another by now: then it is planned anew.
    fn perform(&mut self, steps: &[ChainStep], index: usize, now: i64, world: &World<'_>) -> Result<(), Stop> {
        let step = &steps[index];
        let passed = passed(step, self.case.channel()?);
        let Some((channel, hours)) = way(step, &passed, world) else {
            self.log(self.case.channel()?.unwrap_or(StepChannel::Im), TryResult::Skipped);
            return self.go_on(steps, index, now, world);
        };
        if channel.by_agent() || hours.is_some_and(|hours| hours.place(now, world.zone) > now) {
            self.plan(step, now, &passed, world);
            return Ok(());
        }
        self.case.channel = Some(channel.as_str().into());
        if channel.to_buyer() {
            self.acts.push(Act::Send(channel));
            self.log(channel, TryResult::Sent);
        } else {
            self.acts.push(Act::Tell);
            self.log(channel, TryResult::Told);
        }
        self.case.attempts += 1;
        self.wait(step, now, world);
        Ok(())
    }
}

/// What an agent's try makes of a case. A buyer who was reached has answered, whatever was said.
///
/// # Errors
/// `Fault` when the stored case is not readable.
pub fn tried(case: &CaseRow, result: TryResult, at: i64, world: &World<'_>) -> Result<Move, Stop> {
    let mut next = Move::of(case);
    let (steps, index) = current(case)?;
    let Some(step) = steps.get(index) else { return Ok(next) };
    next.case.callback_id = None;
    let today = zone::business_day(at, world.zone).to_string();
    next.case.attempts_on_day = if next.case.day == today { next.case.attempts_on_day + 1 } else { 1 };
    next.case.attempts += 1;
    match result {
        TryResult::Reached | TryResult::Later | TryResult::Inbound | TryResult::Refused => {
            next.end(CaseState::Answered, result.as_str(), at);
        }
        TryResult::NoAnswer | TryResult::Busy if next.case.attempts < step.attempts => {
            let wait = if result == TryResult::Busy { BUSY_WAIT } else { NO_ANSWER_WAIT };
            let again = if next.case.attempts_on_day < step.attempts_a_day { at + wait } else { tomorrow(at, world.zone) };
            next.case.decide_at.get_or_insert(at + world.decide_after);
            if !next.plan(step, again, &passed(step, case.channel()?), world) {
                next.go_on(&steps, index, at, world)?;
            }
            if next.case.day != today {
                next.case.attempts_on_day = 0;
            }
        }
        TryResult::WrongNumber => next.go_on(&steps, index, at, world)?,
        _ => next.wait(step, at, world),
    }
    Ok(next)
}

/// The system's message did not arrive: another channel of the same step, or at once the next step.
///
/// # Errors
/// `Fault` when the stored case is not readable.
pub fn failed(case: &CaseRow, channel: StepChannel, at: i64, world: &World<'_>) -> Result<Move, Stop> {
    let mut next = Move::of(case);
    let (steps, index) = current(case)?;
    next.case.mail_id = None;
    let again = steps.get(index).is_some_and(|step| {
        let without = [passed(step, Some(channel)), vec![channel]].concat();
        next.plan(step, at, &without, world)
    });
    if !again {
        next.go_on(&steps, index, at, world)?;
    }
    Ok(next)
}

fn tomorrow(at: i64, zone: Tz) -> i64 {
    let day = zone::business_day(at, zone);
    zone::day_start(day.succ_opt().unwrap_or(day), zone).max(at + MINUTE)
}

/// The shop's own turn: nobody is reached.
///
/// # Errors
/// `Fault` when the stored case is not readable.
pub fn pause(case: &CaseRow, at: i64) -> Result<Move, Stop> {
    let mut next = Move::of(case);
    next.halt(CaseState::Ours, at)?;
    Ok(next)
}

/// The buyer's turn again: the rest of the wait, or the try that nobody had made. After an answer the chain begins anew, for another
/// silence is another matter; unless it never was one (`as_it_was`), then it goes on, too.
///
/// # Errors
/// `Fault` when the stored case is not readable.
pub fn resume(case: &CaseRow, as_it_was: bool, at: i64, world: &World<'_>) -> Result<Move, Stop> {
    let mut next = Move::of(case);
    let left = next.case.left_ms.take();
    (next.case.closed_at, next.case.outcome, next.case.archived) = (None, String::new(), false);
    if !as_it_was {
        next.case.decide_at = None;
        if case.state()? == CaseState::Answered || case.outcome == TryResult::Inbound.as_str() {
            next.enter(0, at, world)?;
            return Ok(next);
        }
    }
    let (steps, index) = current(case)?;
    match (left, steps.get(index)) {
        (Some(left), _) => {
            next.case.state = CaseState::Running.as_str().into();
            next.case.next_at = Some(at + left);
        }
        (None, Some(step)) if case.phase()? == Phase::Agent => {
            // Not before the day that it was planned for: the tries of a day are counted.
            let day = zone::parse_day(&case.day).map_or(at, |day| zone::day_start(day, world.zone));
            if !next.plan(step, at.max(day), &passed(step, case.channel()?), world) {
                next.go_on(&steps, index, at, world)?;
            }
        }
        _ => next.enter(index, at, world)?,
    }
    Ok(next)
}

/// The next step now, whatever was left to wait; a step that was only planned is passed by.
///
/// # Errors
/// `Fault` when the stored case is not readable.
pub fn skip(case: &CaseRow, at: i64, world: &World<'_>) -> Result<Move, Stop> {
    let mut next = Move::of(case);
    if next.case.callback_id.take().is_some() {
        next.acts.push(Act::Withdraw);
    }
    if case.phase()? != Phase::Waiting {
        next.log(case.channel()?.unwrap_or(StepChannel::Phone), TryResult::Skipped);
    }
    let (steps, index) = current(case)?;
    next.go_on(&steps, index, at, world)?;
    Ok(next)
}
