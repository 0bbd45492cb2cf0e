//! Customers: buyers, every contact with them, promises to come back to them, and the care of VIPs.
//!
//! Tables: `customer`, `contact`, `callback`, `care_policy`, `care_night`, `customer_order`, `customer_file`, `customer_apart`,
//! `customer_keep`, `erasure`, `campaign`. Commands: `customer.*`, `contact.log`, `callback.*`, `care.policy`, `campaign.*`, and for jobs
//! `callback.raise`, `callback.retire`, `care.plan`, `customer.retire` (table in `command.rs`). Jobs: `care.plan` (every night,
//! and after changes of roster, owners or policies), `keep.customers` (every night).
//! Invariants: a phone holds a buyer's number only for somebody who is to reach that buyer (`Reach`); everybody else reads it
//! by `customer.reveal`, which the history keeps; the history itself holds no numbers; only a real contact restarts the clock
//! of a VIP; a promise ends by being kept or taken back, never by a "thanks"; nobody is called outside the hours; merging moves
//! nothing, so it can be taken back; of who was erased nothing is left but the proof.

pub mod books;
pub mod callbacks;
pub mod campaigns;
pub mod care;
#[cfg(test)]
mod care_tests;
pub mod command;
pub mod contacts;
mod erase;
pub mod files;
pub mod find;
pub mod http;
pub mod import;
pub mod jobs;
pub mod kinds;
pub mod mask;
pub mod merge;
pub mod model;
pub mod papers;
pub mod plan;
pub mod rules;
#[cfg(test)]
mod rules_tests;
pub mod store;

use crate::db::AnyConnection;
use crate::door::publish::Image;
use crate::kit::refusal::Stop;

/// Every row of this room as phones see it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn images(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<Image>, Stop> {
    let mut all = Vec::new();
    if let Some(row) = papers::keep(conn, workspace_id)? {
        all.push(Image::of(&row.wire())?);
    }
    all.extend(campaigns::all(conn, workspace_id)?.iter().map(|row| Image::of(&row.wire())).collect::<Result<Vec<_>, _>>()?);
    for row in store::policies(conn, workspace_id)? {
        all.push(Image::of(&row.wire())?);
    }
    for row in store::wanted(conn, workspace_id)? {
        let contacts = store::shown_contacts(conn, &row)?;
        all.push(Image::of(&row.card(contacts)?)?);
        all.push(Image::of(&row.reach()?)?);
    }
    for row in store::callbacks(conn, workspace_id)? {
        all.push(Image::of(&row.wire()?)?);
    }
    Ok(all)
}

/// Whether mails still go to a buyer: no card of theirs says otherwise, or is about to, and nothing came back from the address. Of a
/// card that is not there nothing is known.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn takes_mails(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<bool, Stop> {
    let Some(card) = store::find(conn, workspace_id, id)? else { return Ok(true) };
    let has_bad_address = card.bad_email;
    for card in store::person(conn, card)? {
        if card.blocked()?.contains(&kinds::Channel::Email) || crate::mail::stop::is_asked(conn, workspace_id, &card.id)? {
            return Ok(false);
        }
    }
    Ok(!has_bad_address)
}
