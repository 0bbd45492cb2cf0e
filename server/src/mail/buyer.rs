//! Mails to buyers: how one gets into the outbox, is taken back, and what stays known of it.
//!
//! States: `queued` → `sending` (it may have left) → `sent`, or `failed`, or back to `queued` for another try; `queued` →
//! `cancelled`; `sending` → `recalled` (it may have left; if it has not, it never does) → `cancelled`, `sent` or `failed`; then
//! `bounced` or `stopped`. A mail that waits for nothing any more keeps neither address nor words.

use super::render::{MailKind, one_line};
use crate::db::AnyConnection;
use crate::db::schema::{mail, mail_reply};
use crate::jobs::queue;
use crate::kit::refusal::Stop;
use crate::kit::window::Window;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job that tells the rooms above how a mail ended.
pub const MAILED: &str = "outreach.mailed";

/// A mail to a buyer, in words that are finished: every value is one line, paragraphs are lines of their own.
#[derive(Debug, Clone)]
pub struct BuyerMail {
    pub id: String,
    pub customer_id: String,
    pub to_address: String,
    pub to_name: String,
    /// `zh-CN` or `en`: of what the shop's words do not say.
    pub locale: String,
    pub subject: String,
    pub paragraphs: Vec<String>,
    /// Why they get this.
    pub reason_line: String,
    /// Message-ID of the first mail of the conversation.
    pub thread: Option<String>,
    /// Minutes of the workspace's day in which it may leave: from, until.
    pub window: (u32, u32),
    /// The shop, as sender; the address is the server's.
    pub from_name: String,
    pub reply_to: Option<String>,
}

/// What the outbox keeps of a mail until it is sent: what its template and its headers need.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Letter {
    subject: String,
    paragraphs: Vec<String>,
    reason_line: String,
    pub(super) from_name: String,
    pub(super) reply_to: Option<String>,
    pub(super) thread: Option<String>,
    pub(super) window: Window,
}

impl Letter {
    fn of(draft: &BuyerMail) -> Result<Self, Stop> {
        let (from, until) = draft.window;
        let subject = one_line(&draft.subject);
        let again = draft.thread.is_some() && !subject.starts_with("Re:");
        Ok(Letter {
            subject: if again { format!("Re: {subject}") } else { subject },
            paragraphs: draft.paragraphs.clone(),
            reason_line: draft.reason_line.clone(),
            from_name: draft.from_name.clone(),
            reply_to: draft.reply_to.clone(),
            thread: draft.thread.clone(),
            window: Window::new(from, until).ok_or_else(|| Stop::fault(format!("no hours to send in: {from} to {until}")))?,
        })
    }
}

/// The Message-ID of a mail, known before it is sent: what `thread` of later mails names.
pub fn message_id(mail_id: &str) -> String {
    format!("<{mail_id}@dutyboard>")
}

/// Writes a mail and the job that sends it: what `Tx::mail_buyer` does.
///
/// # Errors
/// `Fault` for hours that are none, `Fault` or `Busy` from the database.
pub fn put(conn: &mut AnyConnection, workspace_id: &str, now: i64, draft: &BuyerMail) -> Result<(), Stop> {
    let domain = draft.to_address.rsplit_once('@').map_or(String::new(), |(_, domain)| domain.trim().to_lowercase());
    let row = (
        mail::workspace_id.eq(workspace_id),
        mail::id.eq(&draft.id),
        mail::kind.eq(MailKind::Buyer.as_str()),
        mail::person_id.eq(""),
        mail::to_address.eq(&draft.to_address),
        mail::to_name.eq(&draft.to_name),
        mail::locale.eq(&draft.locale),
        mail::vars.eq(serde_json::to_string(&Letter::of(draft)?)?),
        mail::message_id.eq(message_id(&draft.id)),
        mail::state.eq("queued"),
        mail::created_at.eq(now),
        mail::customer_id.eq(&draft.customer_id),
        mail::domain.eq(domain),
    );
    diesel::insert_into(mail::table).values(row).execute(conn)?;
    queue::put(conn, workspace_id, super::send::KIND, &json!({ "mail_id": draft.id }), now)
}

/// Still to be sent.
pub(super) const OPEN: [&str; 2] = ["queued", "sending"];
const RECALLED: &str = "recalled";

/// How a mail ended, and nothing else of it.
#[derive(AsChangeset)]
#[diesel(table_name = mail, primary_key(workspace_id, id))]
struct Settled {
    state: &'static str,
    to_address: &'static str,
    to_name: &'static str,
    vars: &'static str,
    sent_at: Option<i64>,
}

impl Settled {
    fn of(state: &'static str, sent_at: Option<i64>) -> Self {
        Settled { state, to_address: "", to_name: "", vars: "{}", sent_at }
    }
}

/// Takes back mails of which it is not known that they left; gives how many certainly never do. Holds their rows first: none may begin
/// or end its journey between the two looks.
macro_rules! take_back {
    ($conn:expr, $which:expr) => {{
        diesel::update($which.filter(mail::state.eq_any(OPEN))).set(mail::state.eq(mail::state)).execute($conn)?;
        diesel::update($which.filter(mail::state.eq("sending"))).set(mail::state.eq(RECALLED)).execute($conn)?;
        diesel::update($which.filter(mail::state.eq("queued"))).set(Settled::of("cancelled", None)).execute($conn)?
    }};
}

/// Takes back a mail: what `Tx::cancel_mail` does. False when it may have left: it is being sent, or was. One that is being sent and
/// does not get through is not tried again.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn cancel(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<bool, Stop> {
    let it = || mail::table.filter(mail::workspace_id.eq(workspace_id)).filter(mail::id.eq(id));
    Ok(take_back!(conn, it()) == 1)
}

/// Takes back everything that waits to be sent to a buyer.
pub(super) fn cancel_all(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str) -> Result<(), Stop> {
    let theirs = || mail::table.filter(mail::workspace_id.eq(workspace_id)).filter(mail::customer_id.eq(customer_id));
    take_back!(conn, theirs());
    Ok(())
}

/// It did not leave: until the next try it can be taken back again. False when that has happened: there is no next try, and the rooms
/// above, which had to take it for gone, are told.
pub(super) fn put_back(conn: &mut AnyConnection, workspace_id: &str, id: &str, now: i64) -> Result<bool, Stop> {
    let it = mail::table.filter(mail::workspace_id.eq(workspace_id)).filter(mail::id.eq(id));
    if diesel::update(it.filter(mail::state.eq_any(OPEN))).set(mail::state.eq("queued")).execute(conn)? == 1 {
        return Ok(true);
    }
    settle(conn, workspace_id, id, Fate::Withheld, now)?;
    Ok(false)
}

/// Nobody knows whether a try before a crash got through, and it was taken back since: it is not tried again, and counts as gone.
pub(super) fn abandon(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<(), Stop> {
    let it = mail::table.filter(mail::workspace_id.eq(workspace_id)).filter(mail::id.eq(id));
    diesel::update(it.filter(mail::state.eq(RECALLED))).set(Settled::of("cancelled", None)).execute(conn)?;
    Ok(())
}

/// How a mail fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Sent,
    /// It did not leave, and is not tried again.
    Failed {
        permanent: bool,
    },
    Bounced {
        permanent: bool,
    },
    /// The buyer wants no more.
    Stopped,
    /// It was kept from leaving: this buyer takes no mails any more, or it was taken back while it was being sent.
    Withheld,
}

impl Fate {
    fn state(self) -> &'static str {
        match self {
            Fate::Sent => "sent",
            Fate::Failed { .. } => "failed",
            Fate::Bounced { .. } => "bounced",
            Fate::Stopped => "stopped",
            Fate::Withheld => "cancelled",
        }
    }

    /// From where one gets there: a state moves once.
    fn from(self) -> &'static [&'static str] {
        match self {
            Fate::Sent | Fate::Failed { .. } | Fate::Withheld => &["queued", "sending", RECALLED],
            Fate::Bounced { .. } => &["sending", RECALLED, "sent"],
            // What was never answered for may have arrived.
            Fate::Stopped => &["queued", "sending", RECALLED, "sent", "bounced", "failed"],
        }
    }
}

/// Notes how a mail fared, and tells the rooms above in the same write. False when that was known.
pub(super) fn settle(conn: &mut AnyConnection, workspace_id: &str, id: &str, fate: Fate, now: i64) -> Result<bool, Stop> {
    let open = mail::table
        .filter(mail::workspace_id.eq(workspace_id))
        .filter(mail::id.eq(id))
        .filter(mail::customer_id.is_not_null())
        .filter(mail::state.eq_any(fate.from()));
    let sent_at = (fate == Fate::Sent).then_some(now);
    if diesel::update(open).set(Settled::of(fate.state(), sent_at)).execute(conn)? == 0 {
        return Ok(false);
    }
    let customer_id: Option<String> = mail::table.find((workspace_id, id)).select(mail::customer_id).get_result(conn)?;
    tell(conn, workspace_id, Some(id), &customer_id.unwrap_or_default(), fate, now)?;
    Ok(true)
}

/// Queues what the rooms above do about it. Without a mail: what was said about all of them.
pub(super) fn tell(
    conn: &mut AnyConnection,
    workspace_id: &str,
    mail_id: Option<&str>,
    customer_id: &str,
    fate: Fate,
    now: i64,
) -> Result<(), Stop> {
    let permanent = match fate {
        Fate::Failed { permanent } | Fate::Bounced { permanent } => permanent,
        Fate::Sent | Fate::Stopped | Fate::Withheld => false,
    };
    let said =
        json!({ "mail_id": mail_id, "customer_id": customer_id, "state": fate.state(), "permanent": permanent, "at": now });
    queue::put(conn, workspace_id, MAILED, &said, now)
}

/// What is known of a mail to a buyer. Instants in UTC ms.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct MailEntry {
    pub id: String,
    pub state: String,
    pub created_at: i64,
    pub sent_at: Option<i64>,
}

/// The mails to a buyer, newest first.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn log(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str, most: i64) -> Result<Vec<MailEntry>, Stop> {
    Ok(mail::table
        .filter(mail::workspace_id.eq(workspace_id))
        .filter(mail::customer_id.eq(customer_id))
        .order((mail::created_at.desc(), mail::id.desc()))
        .limit(most)
        .select((mail::id, mail::state, mail::created_at, mail::sent_at))
        .load(conn)?)
}

/// Deletes the mails to a buyer who is erased, sent or not, and what they answered.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn forget(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str) -> Result<(), Stop> {
    let theirs = mail::table.filter(mail::workspace_id.eq(workspace_id)).filter(mail::customer_id.eq(customer_id));
    let ids: Vec<String> = theirs.select(mail::id).load(conn)?;
    let replies = mail_reply::table.filter(mail_reply::workspace_id.eq(workspace_id)).filter(mail_reply::mail_id.eq_any(ids));
    diesel::delete(replies).execute(conn)?;
    diesel::delete(theirs).execute(conn)?;
    queue::forget(conn, workspace_id, &["outreach.replied", MAILED], customer_id)
}

/// How many mails there are to a buyer.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn remains(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str) -> Result<i64, Stop> {
    let theirs = mail::table.filter(mail::workspace_id.eq(workspace_id)).filter(mail::customer_id.eq(customer_id));
    Ok(theirs.count().get_result(conn)?)
}
