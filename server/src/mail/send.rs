//! The job that empties the outbox, one mail at a time.

use super::buyer::{self, Fate, Letter};
use super::mailer::{Outgoing, SendError};
use super::pace::{self, Asking, Turn};
use super::render::{self, MailKind};
use super::stop;
use crate::app::App;
use crate::db::AnyConnection;
use crate::db::schema::mail;
use crate::door::{Actor, NewJob, Via};
use crate::jobs::JobError;
use crate::jobs::queue::JobRow;
use crate::kit::refusal::Stop;
use crate::rooms;
use crate::team;
use diesel::prelude::*;
use serde_json::Value;

/// The job's kind. Its payload names the mail.
pub const KIND: &str = "mail.send";

#[derive(Debug, Clone, Queryable)]
struct MailRow {
    workspace_id: String,
    id: String,
    kind: String,
    _person_id: String,
    to_address: String,
    to_name: String,
    locale: String,
    vars: String,
    message_id: String,
    state: String,
    created_at: i64,
    _sent_at: Option<i64>,
    customer_id: Option<String>,
    domain: Option<String>,
    _held_until: Option<i64>,
    _taken_at: Option<i64>,
}

/// Sends one mail of the outbox; one that is already sent stays sent, one that was taken back stays here.
///
/// # Errors
/// `Retry` for what may pass (server down, grey-listing), `Dead` for what will not (no such mailbox, broken template), `Later`
/// for a mail to a buyer whose turn has not come.
pub async fn run(app: &App, workspace_id: &str, payload: &Value) -> Result<(), JobError> {
    let id = payload["mail_id"].as_str().ok_or_else(|| JobError::Dead("no mail_id".into()))?.to_owned();
    let row: Option<MailRow> = {
        let (db, workspace_id) = (app.db.clone(), workspace_id.to_owned());
        let find = move |conn: &mut AnyConnection| Ok(mail::table.find((workspace_id, id)).get_result(conn).optional()?);
        crate::jobs::blocking(move || db.read(find)).await?
    };
    match row {
        // Deleted with the buyer it was for.
        None => Ok(()),
        Some(row) if row.customer_id.is_some() => to_buyer(app, row).await,
        Some(row) if matches!(row.state.as_str(), "sent" | "cancelled") => Ok(()),
        Some(row) => to_person(app, row).await,
    }
}

async fn to_person(app: &App, row: MailRow) -> Result<(), JobError> {
    if is_needless(app, &row).await? {
        tell_notice(app, &row, None, "").await?;
        return mark(app, row, "cancelled").await;
    }
    let outgoing = compose(app, &row)?;
    match app.mailer.send(&outgoing).await {
        Ok(()) => {
            tell_notice(app, &row, Some(true), "").await?;
            mark(app, row, "sent").await
        }
        Err(SendError::Temporary(why)) => Err(JobError::Retry(why)),
        Err(SendError::Permanent(why) | SendError::BadAddress(why)) => {
            tell_notice(app, &row, Some(false), &why).await?;
            mark(app, row, "failed").await?;
            Err(JobError::Dead(why))
        }
    }
}

/// A refused address is nothing an owner can repair: the rooms above are told, and go on without this mail.
async fn to_buyer(app: &App, row: MailRow) -> Result<(), JobError> {
    if !buyer::OPEN.contains(&row.state.as_str()) {
        return abandon(app, row).await;
    }
    let letter: Letter = serde_json::from_str(&row.vars).map_err(|error| JobError::Dead(error.to_string()))?;
    let now = app.door.clock.now_ms();
    let outgoing = Outgoing {
        from: sender(&app.config.mail_from, &letter.from_name),
        date_ms: now,
        reply_to: letter.reply_to.clone(),
        thread: letter.thread.clone(),
        ..compose(app, &row)?
    };
    match turn(app, &row, &letter, now).await? {
        Turn::Now => {}
        Turn::Later(at) => return Err(JobError::Later(at)),
        Turn::Never => return abandon(app, row).await,
    }
    match app.mailer.send(&outgoing).await {
        Ok(()) => settle(app, row, Fate::Sent).await,
        Err(SendError::Temporary(why)) => {
            if put_back(app, row).await? {
                Err(JobError::Retry(why))
            } else {
                Ok(())
            }
        }
        Err(refused @ (SendError::Permanent(_) | SendError::BadAddress(_))) => {
            tracing::warn!(mail = row.id, why = %refused, "a mail to a buyer was refused");
            settle(app, row, Fate::Failed { permanent: matches!(refused, SendError::BadAddress(_)) }).await
        }
    }
}

async fn turn(app: &App, row: &MailRow, letter: &Letter, now: i64) -> Result<Turn, JobError> {
    let (db, door, limits) = (app.db.clone(), app.door.clone(), app.config.mail_limits);
    let (row, window) = (row.clone(), letter.window);
    let asked = crate::jobs::blocking(move || {
        let zone = db.read(|conn| team::zone(conn, &row.workspace_id))?;
        door.upkeep(move |conn| {
            let domain = row.domain.as_deref().unwrap_or_default();
            let (workspace_id, id, created_at) = (row.workspace_id.as_str(), row.id.as_str(), row.created_at);
            // Asked in the write that takes the turn: whoever answers or asks to stop after it was too late.
            if !rooms::wants_mail(conn, workspace_id, id)? {
                buyer::cancel(conn, workspace_id, id)?;
                return Ok(Turn::Never);
            }
            if !rooms::takes_mails(conn, workspace_id, row.customer_id.as_deref().unwrap_or_default())? {
                buyer::settle(conn, workspace_id, id, Fate::Withheld, now)?;
                return Ok(Turn::Never);
            }
            pace::take(conn, &Asking { workspace_id, id, domain, created_at, window, zone }, limits, now)
        })
    });
    Ok(asked.await?)
}

/// The shop's name with the server's address.
fn sender(address: &str, name: &str) -> String {
    let name = render::one_line(name);
    match address.parse::<lettre::message::Mailbox>() {
        Ok(mailbox) if !name.is_empty() => lettre::message::Mailbox::new(Some(name), mailbox.email).to_string(),
        _ => address.to_owned(),
    }
}

async fn settle(app: &App, row: MailRow, fate: Fate) -> Result<(), JobError> {
    let now = app.door.clock.now_ms();
    note(app, move |conn| buyer::settle(conn, &row.workspace_id, &row.id, fate, now).map(drop)).await
}

/// It did not leave; false when it is not to be tried again.
async fn put_back(app: &App, row: MailRow) -> Result<bool, JobError> {
    let now = app.door.clock.now_ms();
    note(app, move |conn| buyer::put_back(conn, &row.workspace_id, &row.id, now)).await
}

async fn abandon(app: &App, row: MailRow) -> Result<(), JobError> {
    note(app, move |conn| buyer::abandon(conn, &row.workspace_id, &row.id)).await
}

/// Writes how it went; a database that is busy is asked again with the job.
async fn note<T: Send + 'static>(
    app: &App,
    write: impl FnOnce(&mut AnyConnection) -> Result<T, Stop> + Send + 'static,
) -> Result<T, JobError> {
    let door = app.door.clone();
    crate::jobs::blocking(move || door.upkeep(write)).await.map_err(|stop| JobError::Retry(stop.to_string()))
}

/// No more tries: for a mail to a buyer, the rooms above go on without it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn given_up(conn: &mut AnyConnection, job: &JobRow, now: i64) -> Result<(), Stop> {
    let payload: Value = serde_json::from_str(&job.payload)?;
    let id = payload["mail_id"].as_str().unwrap_or_default();
    buyer::settle(conn, &job.workspace_id, id, Fate::Failed { permanent: false }, now).map(drop)
}

fn compose(app: &App, row: &MailRow) -> Result<Outgoing, JobError> {
    let kind = MailKind::parse(&row.kind).ok_or_else(|| JobError::Dead(format!("no mail kind {}", row.kind)))?;
    let mut vars: Value = serde_json::from_str(&row.vars).map_err(|error| JobError::Dead(error.to_string()))?;
    // Made when it leaves: a link in a backup or a log would end mails, too.
    let buyer = row.customer_id.as_deref().filter(|id| !id.is_empty());
    let stop_link = buyer.map(|id| stop::link(&app.config.base_url(), &app.stop_key, &row.workspace_id, id));
    if let Some(link) = &stop_link {
        vars["stop_link"] = link.as_str().into();
    }
    let rendered = render::render(kind, &row.locale, &vars).map_err(|error| JobError::Dead(error.to_string()))?;
    Ok(Outgoing {
        message_id: row.message_id.clone(),
        from: app.config.mail_from.clone(),
        to: row.to_address.clone(),
        to_name: row.to_name.clone(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        date_ms: row.created_at,
        reply_to: None,
        thread: None,
        stop_link,
    })
}

/// The notice that a mail is about.
fn notice_id(row: &MailRow) -> Option<String> {
    let vars: Value = serde_json::from_str(&row.vars).unwrap_or_default();
    vars["notice_id"].as_str().map(str::to_owned)
}

/// Whether it waited so long that nobody needs it: the mail server was away, and somebody has taken the work meanwhile.
async fn is_needless(app: &App, row: &MailRow) -> Result<bool, JobError> {
    let Some(id) = notice_id(row) else { return Ok(false) };
    let (db, workspace_id) = (app.db.clone(), row.workspace_id.clone());
    Ok(crate::jobs::blocking(move || db.read(|conn| rooms::is_needless(conn, &workspace_id, &id))).await?)
}

/// Says to the notice that a mail was about how it went; none: it was not needed any more. Comes before the mark: a crash in between
/// sends the same mail once more.
async fn tell_notice(app: &App, row: &MailRow, sent: Option<bool>, why: &str) -> Result<(), JobError> {
    let Some(notice_id) = notice_id(row) else { return Ok(()) };
    let payload = serde_json::json!({ "notice_id": notice_id, "sent": sent, "why": why });
    let (door, workspace_id, due_at) = (app.door.clone(), row.workspace_id.clone(), app.door.clock.now_ms());
    let system = Actor::system(&workspace_id, Via::Job);
    let job = NewJob { kind: "notice.mailed", payload, due_at, dedupe: None };
    crate::jobs::blocking(move || door.write(&workspace_id, move |writing| writing.queue(&system, job))).await?;
    Ok(())
}

async fn mark(app: &App, row: MailRow, state: &'static str) -> Result<(), JobError> {
    let (door, now) = (app.door.clone(), app.door.clock.now_ms());
    crate::jobs::blocking(move || {
        door.upkeep(move |conn| {
            diesel::update(mail::table.find((row.workspace_id, row.id)))
                .set((mail::state.eq(state), mail::sent_at.eq(now), mail::vars.eq("{}")))
                .execute(conn)?;
            Ok(())
        })
    })
    .await
    .map_err(|stop: Stop| JobError::Retry(stop.to_string()))
}
