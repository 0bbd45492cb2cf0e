//! Everything known of one buyer: told to whoever asks for it, and deleted so that nothing is left (rules 98 to 101).

use super::books::{ErasureRow, KeepRow};
use super::command::{CustomerErase, CustomerExport, CustomerKeep, CustomerRetire, load};
use super::kinds::ErasedWhy;
use super::model::{CallbackRow, ContactRow, CustomerRow};
use super::{files, papers, rules, store};
use crate::db::AnyConnection;
use crate::door::{Tx, Wire};
use crate::kit::refusal::{Code, Stop};
use crate::mail;
use crate::rooms;
use crate::sync::{blobs, rejects};
use serde_json::{Value, json};

/// The shortest and the longest time that buyers may be kept (months).
const MONTHS: std::ops::RangeInclusive<i32> = 6..=120;
const ALL: i64 = 100_000;

/// That somebody took everything known of a buyer, and why, stays in the history.
pub(super) fn export(tx: &mut Tx<'_>, args: &CustomerExport) -> Result<(), Stop> {
    let row = load(tx, &args.id)?;
    let reason = reason(&args.reason)?;
    tx.record(&format!("reach/{}", row.id), &json!({ "team_id": row.team_id, "reason": reason, "export": true }))
}

fn reason(text: &str) -> Result<String, Stop> {
    let reason = rules::typed(text, rules::WORD_MAX)?;
    if reason.is_empty() { Err(Code::ReasonRequired.into()) } else { Ok(reason) }
}

/// Everything known of the person that a card is of, in full.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn document(conn: &mut AnyConnection, row: CustomerRow) -> Result<Value, Stop> {
    let workspace_id = row.workspace_id.clone();
    let cards = store::person(conn, row)?;
    let ids: Vec<&str> = cards.iter().map(|card| card.id.as_str()).collect();
    let orders = papers::orders_of(conn, &workspace_id, &ids, ALL)?;
    let files = papers::files_of(conn, &workspace_id, &ids)?;
    let mut told = Vec::new();
    for card in &cards {
        let contacts = store::contacts(conn, &workspace_id, &card.id, ALL)?;
        let callbacks = store::callbacks_of(conn, &workspace_id, &card.id)?;
        told.push(json!({
            "card": card.card(Vec::new())?,
            "reach": card.reach()?,
            "contacts": contacts.iter().map(ContactRow::wire).collect::<Result<Vec<_>, _>>()?,
            "callbacks": callbacks.iter().map(CallbackRow::wire).collect::<Result<Vec<_>, _>>()?,
        }));
    }
    let raw = orders.iter().map(|order| serde_json::from_str::<Value>(&order.raw)).collect::<Result<Vec<_>, _>>()?;
    let files: Vec<_> = files.iter().map(|file| json!({ "name": file.name, "mime": file.mime, "size": file.size })).collect();
    let owned: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let elsewhere = rooms::known_of_buyer(conn, &workspace_id, &owned)?;
    Ok(json!({ "cards": told, "orders": raw, "files": files, "elsewhere": elsewhere }))
}

pub(super) fn erase(tx: &mut Tx<'_>, args: &CustomerErase) -> Result<(), Stop> {
    let row = load(tx, &args.id)?;
    let reason = reason(&args.reason)?;
    person(tx, row, ErasedWhy::Asked, &reason)
}

/// Erases those that nothing was heard of, as far as that is still so.
pub(super) fn retire(tx: &mut Tx<'_>, args: &CustomerRetire) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let old = papers::forgotten(tx.conn(), workspace_id, args.before, args.most)?;
    for id in old {
        let row = store::customer(tx.conn(), workspace_id, &id)?;
        person(tx, row, ErasedWhy::Retention, "")?;
    }
    Ok(())
}

/// All cards of a person: what is merged into one is one.
fn person(tx: &mut Tx<'_>, row: CustomerRow, why: ErasedWhy, reason: &str) -> Result<(), Stop> {
    let cards = store::person(tx.conn(), row)?;
    let ids: Vec<String> = cards.iter().map(|card| card.id.clone()).collect();
    rejects::forget(tx, &ids)?;
    for card in cards.iter().rev() {
        one(tx, card, why, reason)?;
    }
    Ok(())
}

fn one(tx: &mut Tx<'_>, card: &CustomerRow, why: ErasedWhy, reason: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let contacts = store::shown_contacts(tx.conn(), card)?;
    let callbacks = store::callbacks_of(tx.conn(), workspace_id, &card.id)?;
    let stored = papers::files_of(tx.conn(), workspace_id, &[&card.id])?;
    let told_of = callbacks.iter().map(|row| row.id.clone()).collect();
    let elsewhere = rooms::forget_buyer(tx, &card.id, told_of)?;
    let deleted = papers::delete(tx, &card.id)?;
    for file in &stored {
        blobs::unname(tx, &file.sha256, &files::key(&card.id))?;
    }
    let (shown, hidden) = (card.card(contacts)?, card.reach()?);
    let mut keys = vec![shown.key(), hidden.key()];
    keys.extend(elsewhere);
    tx.publish(Some(&shown), None)?;
    tx.publish(Some(&hidden), None)?;
    for row in &callbacks {
        let wire = row.wire()?;
        keys.push(wire.key());
        tx.publish(Some(&wire), None)?;
    }
    tx.forget(&keys)?;
    mail::buyer::forget(tx.conn(), workspace_id, &card.id)?;
    let mails = mail::buyer::remains(tx.conn(), workspace_id, &card.id)?;
    let remains = papers::remains(tx.conn(), workspace_id, &card.id)? + mails + tx.traces(&keys)?;
    let count = |number: usize| i32::try_from(number).map_err(Stop::fault);
    let proof = ErasureRow {
        workspace_id: workspace_id.into(),
        id: card.id.clone(),
        team_id: card.team_id.clone(),
        at: tx.now(),
        why: why.as_str().into(),
        reason: reason.into(),
        by_id: (!tx.actor().is_system()).then(|| tx.actor().user_id.clone()),
        contacts: count(deleted.contacts)?,
        callbacks: count(deleted.callbacks)?,
        orders: count(deleted.orders)?,
        files: count(deleted.files)?,
        proved: remains == 0,
        stamp: tx.version(),
    };
    papers::put_erasure(tx, &proof)
}

pub(super) fn keep(tx: &mut Tx<'_>, args: &CustomerKeep) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    if args.months.is_some_and(|months| !MONTHS.contains(&months)) {
        return Err(Code::BadValue.into());
    }
    let before = papers::keep(tx.conn(), workspace_id)?;
    let after = KeepRow { workspace_id: workspace_id.into(), id: papers::KEEP.into(), months: args.months };
    papers::save_keep(tx, before.as_ref(), &after)
}
