//! Contacts with a buyer: what was tried, how it went, and what follows from it.

use super::command::{ContactLog, blocked, load};
use super::kinds::{Channel, ContactResult};
use super::model::{CallbackRow, ContactRow, CustomerRow};
use super::{callbacks, plan, rules, store};
use crate::door::{NewJob, Tx};
use crate::kit::ids;
use crate::kit::refusal::{Code, Stop};
use crate::team;
use serde_json::json;

pub(super) fn log(tx: &mut Tx<'_>, args: &ContactLog) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    args.campaign_id.as_deref().map_or(Ok(()), ids::check)?;
    let before = load(tx, &args.customer_id)?;
    if store::contact_exists(tx.conn(), workspace_id, &args.id)? {
        return Err(Code::Conflict.into());
    }
    if args.minutes.is_some_and(|minutes| !(0..=1_440).contains(&minutes)) {
        return Err(Code::BadValue.into());
    }
    let callback = about(tx, &before, args.callback_id.as_deref())?;
    let at = tx.happened_at();
    let row = ContactRow {
        workspace_id: workspace_id.into(),
        id: args.id.clone(),
        customer_id: before.id.clone(),
        callback_id: args.callback_id.clone(),
        author_id: tx.actor().user_id.clone(),
        channel: args.channel.as_str().into(),
        result: args.result.as_str().into(),
        is_real: args.result.is_real(),
        minutes: args.minutes,
        note: rules::typed(&args.note, rules::TEXT_MAX)?,
        at,
        campaign_id: args.campaign_id.clone(),
    };
    let card = note(tx, &before, &row, args.result, args.channel)?;
    // Somebody may have called before the news reached them that it was not needed any more: that is kept, and moves nothing.
    if let Some(callback) = callback.as_ref().filter(|row| row.is_open() || !callbacks::is_try(row)) {
        let zone = team::zone(tx.conn(), workspace_id)?;
        let moved = rules::after_contact(callback, args.result, args.channel, args.later_at, at, zone)?;
        store::save_callback(tx, Some(callback), &moved)?;
    }
    follow(tx, &row, card, callback.is_some_and(|callback| callbacks::is_try(&callback)))
}

/// The callback that a contact is about. A try that was moved on to somebody else may still be told of by who made it.
fn about(tx: &mut Tx<'_>, buyer: &CustomerRow, id: Option<&str>) -> Result<Option<CallbackRow>, Stop> {
    let Some(id) = id else { return Ok(None) };
    let row = store::callback(tx.conn(), &buyer.workspace_id, id)?.ok_or(Stop::from(Code::Gone))?;
    if callbacks::is_try(&row) && row.customer_id == buyer.id { Ok(Some(row)) } else { callbacks::mine(tx, id).map(Some) }
}

/// What was heard or sent without anybody of the team: by the system, or by the buyer. `at` in UTC ms.
pub struct Heard<'a> {
    pub id: &'a str,
    pub customer_id: &'a str,
    pub channel: Channel,
    pub result: ContactResult,
    pub note: &'a str,
    pub at: i64,
}

/// Keeps a contact of the system; one that is known already stays as it is.
///
/// # Errors
/// `gone` when there is no such buyer.
pub fn record(tx: &mut Tx<'_>, heard: &Heard<'_>) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = store::customer(tx.conn(), workspace_id, heard.customer_id)?;
    if store::contact_exists(tx.conn(), workspace_id, heard.id)? {
        return Ok(());
    }
    let row = ContactRow {
        workspace_id: workspace_id.into(),
        id: heard.id.into(),
        customer_id: before.id.clone(),
        callback_id: None,
        author_id: tx.actor().user_id.clone(),
        channel: heard.channel.as_str().into(),
        result: heard.result.as_str().into(),
        is_real: heard.result.is_real(),
        minutes: None,
        note: heard.note.chars().take(rules::TEXT_MAX).collect(),
        at: heard.at,
        campaign_id: None,
    };
    let card = note(tx, &before, &row, heard.result, heard.channel)?;
    follow(tx, &row, card, false)
}

/// What a contact sets going: the clock of a VIP begins anew, and chains that reach this buyer must hear of it.
fn follow(tx: &mut Tx<'_>, row: &ContactRow, card: CustomerRow, is_try: bool) -> Result<(), Stop> {
    if row.is_real || is_try {
        let payload = json!({ "customer_id": row.customer_id });
        tx.job(NewJob { kind: "outreach.heard", payload, due_at: tx.now(), dedupe: None })?;
    }
    if row.is_real {
        for card in store::person(tx.conn(), card)? {
            plan::restart(tx, &card, row.callback_id.as_deref())?;
        }
    }
    Ok(())
}

/// Keeps the contact, and what it says of the person, whose cards may be several.
fn note(
    tx: &mut Tx<'_>,
    before: &CustomerRow,
    row: &ContactRow,
    result: ContactResult,
    channel: Channel,
) -> Result<CustomerRow, Stop> {
    let wrong = result == ContactResult::WrongNumber && channel == Channel::Phone;
    let after = CustomerRow { wrong_number: before.wrong_number || wrong, ..before.clone() };
    store::save(tx, Some(before), &after, Some(row))?;
    for before in store::person(tx.conn(), after.clone())? {
        let mut after = before.clone();
        if row.is_real {
            after.last_contact_at = after.last_contact_at.max(Some(row.at));
        }
        if result == ContactResult::Refused {
            after.blocked = blocked(&before, channel, true)?;
        }
        store::save(tx, Some(&before), &after, None)?;
    }
    Ok(after)
}

/// Mails to these addresses come back: no more are sent until there is another address.
///
/// # Errors
/// `gone` when there is no such buyer.
pub fn mark_bad_email(tx: &mut Tx<'_>, customer_id: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = store::customer(tx.conn(), workspace_id, customer_id)?;
    let after = CustomerRow { bad_email: true, ..before.clone() };
    store::save(tx, Some(&before), &after, None)
}

/// Phones hold the card of a buyer as long as a case of theirs is on phones: without it a case has no name.
///
/// # Errors
/// `gone` when there is no such buyer.
pub fn mark_in_case(tx: &mut Tx<'_>, customer_id: &str, in_case: bool) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = store::customer(tx.conn(), workspace_id, customer_id)?;
    let after = CustomerRow { in_case, ..before.clone() };
    store::save(tx, Some(&before), &after, None)
}
