//! What came in about a mail to a buyer, by folder, by mailbox or by webhook: noted once, however often it arrives, and told to the rooms
//! above.

use super::bounce::{Incoming, What};
use super::buyer::{self, Fate};
use super::stop;
use crate::app::App;
use crate::db::AnyConnection;
use crate::db::schema::{mail, mail_reply};
use crate::jobs::queue;
use crate::kit::hex::hex;
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The job that hands a buyer's answer to the rooms above.
pub const REPLIED: &str = "outreach.replied";

/// The mail that something is about.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Target {
    pub workspace_id: String,
    pub id: String,
    customer_id: Option<String>,
}

/// The mail to a buyer with this Message-ID.
pub(super) fn find(conn: &mut AnyConnection, message_id: &str) -> Result<Option<Target>, Stop> {
    let ours = mail::table.filter(mail::message_id.eq(message_id)).filter(mail::customer_id.is_not_null());
    Ok(ours.order(mail::created_at.desc()).select((mail::workspace_id, mail::id, mail::customer_id)).first(conn).optional()?)
}

/// Notes what a mail that came back says of one of ours, if it does. Waits: not for network threads.
pub(super) fn deliver(app: &App, incoming: &Incoming) -> Result<(), Stop> {
    if incoming.what == What::Ignore {
        return Ok(());
    }
    let named = |conn: &mut AnyConnection| {
        for id in &incoming.message_ids {
            if let Some(found) = find(conn, id)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    };
    let Some(target) = app.db.read(named)? else { return Ok(()) };
    let (what, now) = (incoming.what.clone(), app.door.clock.now_ms());
    app.door.upkeep(move |conn| take(conn, &target, &what, now, now)).map(drop)
}

/// Notes it and queues what follows. To be called in a write; false when it was known.
pub(super) fn take(conn: &mut AnyConnection, target: &Target, what: &What, at: i64, now: i64) -> Result<bool, Stop> {
    let (workspace_id, id) = (target.workspace_id.as_str(), target.id.as_str());
    let customer_id = target.customer_id.as_deref().unwrap_or_default();
    match what {
        What::Ignore => Ok(false),
        What::Bounce { permanent } => buyer::settle(conn, workspace_id, id, Fate::Bounced { permanent: *permanent }, now),
        What::Stop { text } => {
            if !is_new(conn, target, &format!("stop {}", text.as_deref().unwrap_or_default()), now)? {
                return Ok(false);
            }
            // The answer first: the chain is over before it looks for another way to this buyer.
            if let Some(text) = text {
                reply(conn, target, text, at, now)?;
            }
            buyer::settle(conn, workspace_id, id, Fate::Stopped, now)?;
            // Whatever the mail was thought to be: one that timed out may have arrived all the same.
            stop::block(conn, workspace_id, customer_id, now)?;
            Ok(true)
        }
        What::Reply { text } => {
            let is_new = is_new(conn, target, text, now)?;
            if is_new {
                reply(conn, target, text, at, now)?;
            }
            Ok(is_new)
        }
    }
}

fn reply(conn: &mut AnyConnection, target: &Target, text: &str, at: i64, now: i64) -> Result<(), Stop> {
    let said = json!({ "mail_id": target.id, "customer_id": target.customer_id, "channel": "email", "text": text, "at": at });
    queue::put(conn, &target.workspace_id, REPLIED, &said, now)
}

/// Notes an answer; false when the same was noted before. Whoever asks first holds the mail's row until the end of the write.
fn is_new(conn: &mut AnyConnection, target: &Target, words: &str, now: i64) -> Result<bool, Stop> {
    let digest = hex(&Sha256::digest(words.as_bytes()));
    let row = mail::table.find((&target.workspace_id, &target.id));
    if diesel::update(row).set(mail::message_id.eq(mail::message_id)).execute(conn)? == 0 {
        return Ok(false);
    }
    let known = mail_reply::table.find((&target.workspace_id, &target.id, &digest));
    if diesel::select(diesel::dsl::exists(known)).get_result(conn)? {
        return Ok(false);
    }
    let reply = (
        mail_reply::workspace_id.eq(&target.workspace_id),
        mail_reply::mail_id.eq(&target.id),
        mail_reply::digest.eq(digest),
        mail_reply::at.eq(now),
    );
    diesel::insert_into(mail_reply::table).values(reply).execute(conn)?;
    Ok(true)
}
