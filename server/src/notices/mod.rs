//! Notices: what people are told, by which ways, and which of them arrived.
//!
//! Tables: `notice`, `robot`, `push_subscription`. Commands: `notice.*`, `robot.*`, `push.*` (table in `command.rs`). Other rooms call
//! [`tell`] in their own transaction. Jobs: `notice.deliver` (one per way), `notice.mailed` (a mail of the outbox left or did not).
//! Mail: notice.
//! Invariants: the same key is told once; a chat hears of a batch once per robot; what was delivered stays delivered; addresses and
//! secrets of robots and browsers never leave the server, nor are they logged; no notice carries a buyer's number or address.

pub mod command;
pub mod http;
pub mod jobs;
pub mod kinds;
pub mod model;
pub mod push;
pub mod robots;
pub mod rules;
pub mod store;
mod telling;
pub mod words;

pub use telling::{Tell, forget, is_needless, tell};

use crate::db::AnyConnection;
use crate::door::publish::Image;
use crate::kit::refusal::Stop;

/// Every row of this room as phones see it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn images(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<Image>, Stop> {
    let mut all = Vec::new();
    for row in store::shown(conn, workspace_id)? {
        all.push(Image::of(&row.wire()?)?);
    }
    for row in store::robots(conn, workspace_id)? {
        all.push(Image::of(&row.wire()?)?);
    }
    Ok(all)
}
