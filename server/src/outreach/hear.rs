//! What reaches a case from elsewhere: contacts that somebody logged, mails that went wrong, replies, providers. Each is looked at
//! again behind the lock, so that hearing it twice moves nothing twice.

use super::cases;
use super::command::{OutreachDue, OutreachHeard, OutreachHookFailed, OutreachMailed, OutreachReassign, OutreachReplied};
use super::engine::{self, Move};
use super::kinds::{CaseState, Phase, StepChannel, Then, TryResult};
use super::model::{AttemptRow, CaseRow};
use super::moves::{self, Situation};
use super::{assign, store};
use crate::customers::model::ContactRow;
use crate::customers::{self, callbacks, contacts};
use crate::door::Tx;
use crate::kit::ids;
use crate::kit::refusal::Stop;

/// Contacts of a person that are looked through for news.
const NEWS: i64 = 50;

/// A contact was logged: every open case of this buyer hears of it.
pub(super) fn heard(tx: &mut Tx<'_>, args: &OutreachHeard) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let Some(card) = customers::store::find(tx.conn(), workspace_id, &args.customer_id)? else { return Ok(()) };
    let ids: Vec<String> = customers::store::person(tx.conn(), card)?.into_iter().map(|card| card.id).collect();
    for case in store::of_customers(tx.conn(), workspace_id, &ids)? {
        if case.state()?.is_open() {
            listen(tx, &case.id)?;
        }
    }
    Ok(())
}

/// Lets a case take in contacts that it does not know yet, the oldest first; gives it as it is then. One that has ended only notes
/// them.
pub(super) fn listen(tx: &mut Tx<'_>, id: &str) -> Result<CaseRow, Stop> {
    let workspace_id = tx.workspace_id();
    loop {
        let case = store::case(tx.conn(), workspace_id, id)?;
        let Some(contact) = news(tx, &case)? else { return Ok(case) };
        let situation = Situation::read(tx.conn(), case)?;
        take_in(tx, &situation, &contact)?;
    }
}

/// The oldest contact since the case began that it has not heard of: with the buyer, or a try that it asked for.
fn news(tx: &mut Tx<'_>, case: &CaseRow) -> Result<Option<ContactRow>, Stop> {
    let workspace_id = tx.workspace_id();
    let card = customers::store::customer(tx.conn(), workspace_id, &case.customer_id)?;
    let mut fresh: Vec<ContactRow> = Vec::new();
    for card in customers::store::person(tx.conn(), card)? {
        for contact in customers::store::contacts(tx.conn(), workspace_id, &card.id, NEWS)? {
            let concerns = contact.is_real || (contact.callback_id.is_some() && contact.callback_id == case.callback_id);
            if concerns
                && contact.at >= case.created_at
                && !store::is_known(tx.conn(), workspace_id, &line_of(case, &contact.id))?
            {
                fresh.push(contact);
            }
        }
    }
    Ok(fresh.into_iter().min_by_key(|contact| (contact.at, contact.id.clone())))
}

/// The line of a case's log that a contact is: it may concern several cases.
pub(super) fn line_of(case: &CaseRow, contact_id: &str) -> String {
    ids::derived(&[&case.id, contact_id])
}

fn take_in(tx: &mut Tx<'_>, situation: &Situation, contact: &ContactRow) -> Result<(), Stop> {
    let case = &situation.case;
    let result: TryResult = contact.result.parse().unwrap_or(TryResult::Inbound);
    let channel = match contact.channel.as_str() {
        "im" => StepChannel::Im,
        "sms" => StepChannel::Sms,
        "email" => StepChannel::Email,
        "phone" => StepChannel::Phone,
        _ => case.channel()?.unwrap_or(StepChannel::Im),
    };
    let row = moves::attempt(case, line_of(case, &contact.id), case.step, channel, result, contact.at);
    let author_id = Some(contact.author_id.clone()).filter(|id| !id.is_empty());
    let row = AttemptRow { author_id, minutes: contact.minutes, note: contact.note.clone(), ..row };
    let is_asked = contact.callback_id.is_some() && contact.callback_id == case.callback_id;
    // While it is the shop's own turn, more words of the buyer change nothing.
    let next = if contact.is_real && case.state()? != CaseState::Ours {
        cases::after_answer(case, Then::Done, contact.at)?
    } else if is_asked && case.state()? == CaseState::Running {
        // A call made offline counts from when it was made; what follows it lies ahead.
        situation.with(|world| engine::tried(case, result, contact.at, world))?
    } else {
        Move { case: case.clone(), acts: Vec::new() }
    };
    moves::apply(tx, situation, next, vec![row])
}

/// Moves cases whose time has come. News that came in meanwhile comes first: nobody is reached who has just answered.
pub(super) fn due(tx: &mut Tx<'_>, args: &OutreachDue) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    for id in &args.ids {
        if store::find(tx.conn(), workspace_id, id)?.is_none() {
            continue;
        }
        let case = listen(tx, id)?;
        let situation = Situation::read(tx.conn(), case)?;
        if let Some(next) = situation.with(|world| engine::advance(&situation.case, now, world))? {
            moves::apply(tx, &situation, next, Vec::new())?;
        }
    }
    Ok(())
}

/// Gives calls of those who are off to somebody who is there.
pub(super) fn reassign(tx: &mut Tx<'_>, args: &OutreachReassign) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for id in &args.ids {
        let Some(case) = store::find(tx.conn(), workspace_id, id)? else { continue };
        let Some(callback_id) = case.callback_id.as_ref().filter(|_| case.phase == Phase::Agent.as_str()) else { continue };
        let Some(row) = customers::store::callback(tx.conn(), workspace_id, callback_id)?.filter(|row| row.is_open()) else {
            continue;
        };
        let now = tx.now();
        let owner_id = assign::owner(tx.conn(), &case, &row, now)?;
        if owner_id != row.owner_id {
            callbacks::give_try(tx, &row, owner_id)?;
        }
    }
    Ok(())
}

/// What became of a mail: sent, failed for good, come back, or the buyer wants no more of them.
pub(super) fn mailed(tx: &mut Tx<'_>, args: &OutreachMailed) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    if customers::store::find(tx.conn(), workspace_id, &args.customer_id)?.is_none() {
        return Ok(());
    }
    let result = match args.state.as_str() {
        // Kept from leaving: to the case it is the same.
        "failed" | "cancelled" => TryResult::Failed,
        "bounced" => TryResult::Bounced,
        "stopped" => TryResult::Stopped,
        _ => return Ok(()),
    };
    if args.permanent && result != TryResult::Stopped {
        contacts::mark_bad_email(tx, &args.customer_id)?;
    }
    let Some(case) = store::by_mail(tx.conn(), workspace_id, &args.mail_id)? else { return Ok(()) };
    step_failed(tx, case, StepChannel::Email, result, &args.mail_id)
}

/// A provider did not take a message.
pub(super) fn hook_failed(tx: &mut Tx<'_>, args: &OutreachHookFailed) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let Some(case) = store::find(tx.conn(), workspace_id, &args.case_id)? else { return Ok(()) };
    step_failed(tx, case, args.channel, TryResult::Failed, &args.id)
}

/// The message of a step did not arrive. When the case still waits after that very step, another way is found at once.
fn step_failed(tx: &mut Tx<'_>, case: CaseRow, channel: StepChannel, result: TryResult, name: &str) -> Result<(), Stop> {
    let now = tx.now();
    let id = ids::derived(&[name, result.as_str()]);
    if store::is_known(tx.conn(), &case.workspace_id, &id)? {
        return Ok(());
    }
    let situation = Situation::read(tx.conn(), case)?;
    let case = &situation.case;
    let log = vec![moves::attempt(case, id, case.step, channel, result, now)];
    let is_its_own = case.phase()? == Phase::Waiting && case.channel()? == Some(channel) && case.mail_id.as_deref() == Some(name);
    let next = if is_its_own && case.state()? == CaseState::Running {
        situation.with(|world| engine::failed(case, channel, now, world))?
    } else {
        let mut case = case.clone();
        if is_its_own && case.state()? == CaseState::Ours {
            // Whoever goes on does it again.
            (case.phase, case.left_ms) = (Phase::Planned.as_str().into(), Some(0));
        }
        Move { case, acts: Vec::new() }
    };
    moves::apply(tx, &situation, next, log)
}

/// A buyer's reply came in by a webhook or a mailbox.
pub(super) fn replied(tx: &mut Tx<'_>, args: &OutreachReplied) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let case = match &args.mail_id {
        Some(mail_id) => store::by_mail(tx.conn(), workspace_id, mail_id)?,
        None => match &args.case_id {
            Some(id) => store::find(tx.conn(), workspace_id, id)?,
            None => None,
        },
    };
    let Some(case) = case else { return Ok(()) };
    let situation = Situation::read(tx.conn(), case)?;
    let name = args.reply_id.as_deref().or(args.mail_id.as_deref()).unwrap_or_default();
    // While it is the shop's own turn, more words of the buyer change nothing.
    let then = if situation.case.state()? == CaseState::Ours { Then::Ours } else { Then::Done };
    cases::heard(tx, &situation, args.channel, &args.text, then, name)
}
