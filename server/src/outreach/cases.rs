//! A case from its beginning to its end, as people write it: opened, answered, paused, decided, closed.

use super::command::{OutreachAnswer, OutreachClose, OutreachDecide, OutreachNext, OutreachOpen, OutreachReturned, OutreachTurn};
use super::engine::{self, Move};
use super::kinds::{CaseState, Decision, StepChannel, Then, TryResult, Whom};
use super::model::{AttemptRow, CaseRow};
use super::moves::{self, Situation};
use super::{hear, store};
use crate::customers::contacts::{self, Heard};
use crate::customers::kinds::ContactResult;
use crate::customers::model::CustomerRow;
use crate::customers::{self, rules as customer_rules};
use crate::door::Tx;
use crate::kit::ids;
use crate::kit::refusal::{Code, Stop};
use crate::team;

const DAY: i64 = 24 * 3_600_000;

/// The case, for somebody of its team. What one cannot see is as good as gone.
fn load(tx: &mut Tx<'_>, id: &str) -> Result<Situation, Stop> {
    let workspace_id = tx.workspace_id();
    let row = store::case(tx.conn(), workspace_id, id)?;
    let actor = tx.actor();
    if !actor.is_system() && !actor.oversees(&row.team_id) && actor.team_id != row.team_id {
        return Err(Code::Gone.into());
    }
    Situation::read(tx.conn(), row)
}

fn is_open(situation: &Situation) -> Result<bool, Stop> {
    Ok(situation.case.state()?.is_open())
}

pub(super) fn open(tx: &mut Tx<'_>, args: &OutreachOpen) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    let buyer = customers::command::load(tx, &args.customer_id)?;
    let reason = store::reason(tx.conn(), workspace_id, &args.reason_id)?.ok_or(Stop::from(Code::Gone))?;
    let chain_id = args.chain_id.as_ref().unwrap_or(&reason.chain_id);
    let chain = store::chain(tx.conn(), workspace_id, chain_id)?.ok_or(Stop::from(Code::Gone))?;
    if chain.whom != Whom::Buyer.as_str() || !chain.enabled {
        return Err(Code::WrongState.into());
    }
    if store::find(tx.conn(), workspace_id, &args.id)?.is_some() {
        return Err(Code::Conflict.into());
    }
    let order_number = customer_rules::typed(&args.order_number, customer_rules::WORD_MAX)?;
    let cards = customers::store::person(tx.conn(), buyer.clone())?;
    is_only_one(tx, &cards, &reason.id, &order_number)?;
    let now = tx.now();
    let locale = match args.locale {
        Some(locale) => locale.as_str().to_owned(),
        None => team::store::workspace(tx.conn(), workspace_id)?.locale,
    };
    let case = CaseRow {
        id: args.id.clone(),
        about: customer_rules::typed(&args.about, customer_rules::TEXT_MAX)?,
        order_number,
        chain_id: chain.id,
        steps: chain.steps,
        created_by: (!tx.actor().is_system()).then(|| tx.actor().user_id.clone()),
        ..CaseRow::blank(&buyer, &reason.id, &locale, tx.happened_at())
    };
    let situation = Situation::read(tx.conn(), case)?;
    let mut next = Move::of(&situation.case);
    situation.with(|world| next.enter(0, now, world))?;
    moves::apply(tx, &situation, next, Vec::new())
}

/// Whoever was offline and did not know of another case must not have the buyer called twice.
fn is_only_one(tx: &mut Tx<'_>, cards: &[CustomerRow], reason_id: &str, order_number: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let ids: Vec<String> = cards.iter().map(|card| card.id.clone()).collect();
    for other in store::of_customers(tx.conn(), workspace_id, &ids)? {
        if other.state()?.is_open() && other.reason_id == reason_id && other.order_number == order_number {
            return Err(Code::AlreadyOpen.into());
        }
    }
    Ok(())
}

/// A line of the log by whoever sends the command.
fn line(tx: &Tx<'_>, case: &CaseRow, id: String, channel: StepChannel, result: TryResult, note: &str) -> AttemptRow {
    let author_id = (!tx.actor().is_system()).then(|| tx.actor().user_id.clone());
    let row = moves::attempt(case, id, case.step, channel, result, tx.happened_at());
    AttemptRow { author_id, note: note.into(), ..row }
}

/// The buyer answered, on whichever channel: the chain stops at once. An answer that comes late is kept and moves nothing.
pub(super) fn answer(tx: &mut Tx<'_>, args: &OutreachAnswer) -> Result<(), Stop> {
    let situation = load(tx, &args.id)?;
    let note = customer_rules::typed(&args.note, customer_rules::TEXT_MAX)?;
    let name = tx.happened_at().to_string();
    heard(tx, &situation, args.channel, &note, args.then, &name)
}

/// Keeps what the buyer said, on the card and in the case, and moves the case. The same `name` again says nothing new.
pub(super) fn heard(
    tx: &mut Tx<'_>,
    situation: &Situation,
    channel: StepChannel,
    note: &str,
    then: Then,
    name: &str,
) -> Result<(), Stop> {
    let case = &situation.case;
    let at = tx.happened_at();
    let id = ids::derived(&[&case.id, "answer", name, note]);
    let name = hear::line_of(case, &id);
    if store::is_known(tx.conn(), &case.workspace_id, &name)? {
        return Ok(());
    }
    let (customer_id, result) = (&case.customer_id, ContactResult::Inbound);
    contacts::record(tx, &Heard { id: &id, customer_id, channel: moves::on_card(channel), result, note, at })?;
    let log = vec![line(tx, case, name, channel, TryResult::Inbound, note)];
    let next = after_answer(case, then, at)?;
    moves::apply(tx, situation, next, log)
}

/// What an answer makes of a case.
pub(super) fn after_answer(case: &CaseRow, then: Then, at: i64) -> Result<Move, Stop> {
    let mut next = Move::of(case);
    match (case.state()?, then) {
        (CaseState::Running | CaseState::Decision | CaseState::Ours, Then::Done) => {
            next.halt(CaseState::Answered, at)?;
            next.case.closed_at = Some(at);
        }
        (CaseState::Running | CaseState::Decision, Then::Ours) => next.halt(CaseState::Ours, at)?,
        // The parcel comes back all the same; and what has ended has ended.
        _ => return Ok(next),
    }
    next.case.outcome = TryResult::Inbound.as_str().into();
    Ok(next)
}

/// Whose turn it is: while it is the shop's, nobody is reached.
pub(super) fn turn(tx: &mut Tx<'_>, args: &OutreachTurn) -> Result<(), Stop> {
    let mut situation = load(tx, &args.id)?;
    let now = tx.now();
    let state = situation.case.state()?;
    if !args.ours && matches!(state, CaseState::Answered | CaseState::Closed) {
        is_only_one(tx, &situation.cards, &situation.case.reason_id, &situation.case.order_number)?;
        // What was said meanwhile is no answer to what is asked from now on.
        let case = hear::listen(tx, &args.id)?;
        situation = Situation::read(tx.conn(), case)?;
    }
    let next = match (state, args.ours) {
        (CaseState::Running, true) => engine::pause(&situation.case, now)?,
        (CaseState::Ours | CaseState::Answered | CaseState::Closed, false) => {
            situation.with(|world| engine::resume(&situation.case, args.as_it_was.unwrap_or(false), now, world))?
        }
        (CaseState::Ours, true) | (CaseState::Running, false) => return Ok(()),
        _ => return Err(Code::WrongState.into()),
    };
    moves::apply(tx, &situation, next, Vec::new())
}

pub(super) fn close(tx: &mut Tx<'_>, args: &OutreachClose) -> Result<(), Stop> {
    let situation = load(tx, &args.id)?;
    let reason = customer_rules::typed(&args.reason, customer_rules::WORD_MAX)?;
    if reason.is_empty() {
        return Err(Code::ReasonRequired.into());
    }
    if !is_open(&situation)? {
        return Ok(());
    }
    let (mut next, at) = (Move::of(&situation.case), tx.happened_at());
    next.halt(CaseState::Closed, at)?;
    (next.case.outcome, next.case.closed_at) = (reason, Some(at));
    moves::apply(tx, &situation, next, Vec::new())
}

/// What becomes of a case that nobody answers (rule 99).
pub(super) fn decide(tx: &mut Tx<'_>, args: &OutreachDecide) -> Result<(), Stop> {
    let situation = overseen(tx, &args.id)?;
    if situation.case.state()? != CaseState::Decision {
        return Err(Code::WrongState.into());
    }
    let now = tx.now();
    let mut next = Move::of(&situation.case);
    match args.decision {
        Decision::Return => {
            next.rest(CaseState::Returning);
            let return_by = now + i64::from(situation.hours.return_days) * DAY;
            (next.case.return_by, next.case.next_at) = (Some(return_by), Some(return_by));
        }
        Decision::GoOn => {
            next.case.decide_at = Some(now + situation.with(|world| world.decide_after));
            situation.with(|world| next.enter(0, now, world))?;
        }
        Decision::Close => next.end(CaseState::Closed, Decision::Close.as_str(), now),
    }
    moves::apply(tx, &situation, next, Vec::new())
}

fn overseen(tx: &mut Tx<'_>, id: &str) -> Result<Situation, Stop> {
    let situation = load(tx, id)?;
    if tx.actor().oversees(&situation.case.team_id) { Ok(situation) } else { Err(Code::NotInTeam.into()) }
}

/// The parcel is back.
pub(super) fn returned(tx: &mut Tx<'_>, args: &OutreachReturned) -> Result<(), Stop> {
    let situation = load(tx, &args.id)?;
    let note = customer_rules::typed(&args.note, customer_rules::WORD_MAX)?;
    if situation.case.state()? != CaseState::Returning {
        return Err(Code::WrongState.into());
    }
    let mut next = Move::of(&situation.case);
    next.end(CaseState::Returned, &note, tx.happened_at());
    moves::apply(tx, &situation, next, Vec::new())
}

/// A supervisor does not wait for the next step. `step` is the one that they saw.
pub(super) fn next(tx: &mut Tx<'_>, args: &OutreachNext) -> Result<(), Stop> {
    let situation = overseen(tx, &args.id)?;
    let case = &situation.case;
    if case.state()? != CaseState::Running || case.step != args.step {
        return Err(Code::WrongState.into());
    }
    let now = tx.now();
    let next = situation.with(|world| engine::skip(case, now, world))?;
    moves::cancel_mail(tx, case)?;
    moves::apply(tx, &situation, next, Vec::new())
}
