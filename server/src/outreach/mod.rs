//! Outreach: chains of steps that reach a buyer who is offline, and work that climbs inside the team when it is overdue.
//!
//! Tables: `chain`, `outreach_reason`, `outreach_hours`, `outreach_template`, `outreach_case`, `outreach_attempt`, `outreach_hook`,
//! `overdue_box`. Commands: `outreach.*`, `chain.*`, `outreach_reason.*`, `outreach_hours.*`, `outreach_template.*`, `outreach_hook.*`
//! (table in `command.rs`). Jobs: `outreach.due` (every minute, when something is), `outreach.heard` (a contact was logged),
//! `outreach.mailed` and `outreach.replied` (from the mail room), `outreach.hook` (a provider's message).
//! Invariants: a case moves in one transaction with everything that follows from it, and only behind a look at what was heard
//! meanwhile; nothing is planned or sent outside the hours of its channel and shop; a step is neither lost nor done twice (ids are
//! derived from case and `turn`); an agent's try is a callback of the customers room; what was said of a running case's chain later
//! does not change it.

mod assign;
mod cases;
pub mod command;
#[cfg(test)]
mod dice;
pub mod engine;
mod hear;
pub mod hours;
pub mod http;
pub mod jobs;
pub mod kinds;
pub mod model;
pub mod moves;
pub mod numbers;
pub mod open;
mod ring;
pub mod rules;
pub mod settings;
mod setup;
pub mod shipped;
pub mod store;
pub mod words;

pub use ring::is_in_hand;

use crate::db::AnyConnection;
use crate::door::Tx;
use crate::door::publish::Image;
use crate::kit::refusal::Stop;
use kinds::CaseState;
use serde_json::{Value, json};

/// Every row of this room as phones see it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn images(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<Image>, Stop> {
    let mut all = Vec::new();
    for row in store::chains(conn, workspace_id)? {
        all.push(Image::of(&row.wire()?)?);
    }
    for row in store::reasons(conn, workspace_id)? {
        all.push(Image::of(&row.wire())?);
    }
    for row in store::all_hours(conn, workspace_id)? {
        all.push(Image::of(&row.wire()?)?);
    }
    for row in store::shown(conn, workspace_id)? {
        let log = store::attempts(conn, workspace_id, &row.id)?;
        all.push(Image::of(&row.wire(log)?)?);
    }
    Ok(all)
}

/// Whether a case still waits for this very mail to be sent; a mail that no case wrote is nobody's to call back.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn wants_mail(conn: &mut AnyConnection, workspace_id: &str, mail_id: &str) -> Result<bool, Stop> {
    let is_wanted = |case: model::CaseRow| case.state == CaseState::Running.as_str() && case.mail_id.as_deref() == Some(mail_id);
    Ok(store::by_mail(conn, workspace_id, mail_id)?.is_none_or(is_wanted))
}

/// Deletes every case of a buyer who is erased, and gives what they were.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn forget(tx: &mut Tx<'_>, customer_id: &str) -> Result<Vec<model::Outreach>, Stop> {
    let mut gone = Vec::new();
    for row in store::forget(tx, customer_id)? {
        let wire = row.wire(Vec::new())?;
        tx.publish(Some(&wire), None)?;
        gone.push(wire);
    }
    Ok(gone)
}

/// Every case of a buyer, for the document of everything that is known of them.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn document(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<Value, Stop> {
    let mut cases = Vec::new();
    for row in store::of_customers(conn, workspace_id, ids)? {
        let log = store::attempts(conn, workspace_id, &row.id)?;
        cases.push(json!(row.wire(log)?));
    }
    Ok(json!(cases))
}
