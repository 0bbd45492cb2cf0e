//! Contacts with a buyer: what was tried, how it went, and what follows from it.

use super::command::{ContactLog, blocked, load};
use super::kinds::{Channel, ContactResult};
use super::model::{ContactRow, CustomerRow};
use super::{callbacks, plan, rules, store};
use crate::door::Tx;
use crate::kit::ids;
use crate::kit::refusal::{Code, Stop};
use crate::team;

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
    let card = note(tx, &before, &row, args)?;
    if let Some(id) = &args.callback_id {
        let callback = callbacks::mine(tx, id)?;
        let zone = team::zone(tx.conn(), workspace_id)?;
        let moved = rules::after_contact(&callback, args.result, args.channel, args.later_at, at, zone)?;
        store::save_callback(tx, Some(&callback), &moved)?;
    }
    if row.is_real {
        for card in store::person(tx.conn(), card)? {
            plan::restart(tx, &card, args.callback_id.as_deref())?;
        }
    }
    Ok(())
}

/// Keeps the contact, and what it says of the person, whose cards may be several.
fn note(tx: &mut Tx<'_>, before: &CustomerRow, row: &ContactRow, args: &ContactLog) -> Result<CustomerRow, Stop> {
    let wrong = args.result == ContactResult::WrongNumber && args.channel == Channel::Phone;
    let after = CustomerRow { wrong_number: before.wrong_number || wrong, ..before.clone() };
    store::save(tx, Some(before), &after, Some(row))?;
    for before in store::person(tx.conn(), after.clone())? {
        let mut after = before.clone();
        if row.is_real {
            after.last_contact_at = after.last_contact_at.max(Some(row.at));
        }
        if args.result == ContactResult::Refused {
            after.blocked = blocked(&before, args.channel, true)?;
        }
        store::save(tx, Some(&before), &after, None)?;
    }
    Ok(after)
}
