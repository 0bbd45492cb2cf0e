//! The job that empties the outbox, one mail at a time.

use super::mailer::{Outgoing, SendError};
use super::render::{self, MailKind};
use crate::app::App;
use crate::db::schema::mail;
use crate::door::{Actor, NewJob, Via};
use crate::jobs::JobError;
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use serde_json::Value;

#[derive(Debug, Queryable)]
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
}

/// Sends one mail of the outbox; one that is already sent stays sent.
///
/// # Errors
/// `Retry` for what may pass (server down, grey-listing), `Dead` for what will not (no such mailbox, broken template).
pub async fn run(app: &App, workspace_id: &str, payload: &Value) -> Result<(), JobError> {
    let id = payload["mail_id"].as_str().ok_or_else(|| JobError::Dead("no mail_id".into()))?.to_owned();
    let row: MailRow = {
        let (db, workspace_id, id) = (app.db.clone(), workspace_id.to_owned(), id.clone());
        crate::jobs::blocking(move || db.read(|conn| Ok(mail::table.find((workspace_id, id)).get_result(conn)?))).await?
    };
    if row.state == "sent" {
        return Ok(());
    }
    let outgoing = compose(app, &row)?;
    match app.mailer.send(&outgoing).await {
        Ok(()) => {
            tell_notice(app, &row, true, "").await?;
            mark(app, row, "sent").await
        }
        Err(SendError::Temporary(why)) => Err(JobError::Retry(why)),
        Err(SendError::Permanent(why)) => {
            tell_notice(app, &row, false, &why).await?;
            mark(app, row, "failed").await?;
            Err(JobError::Dead(why))
        }
    }
}

fn compose(app: &App, row: &MailRow) -> Result<Outgoing, JobError> {
    let kind = MailKind::parse(&row.kind).ok_or_else(|| JobError::Dead(format!("no mail kind {}", row.kind)))?;
    let vars: Value = serde_json::from_str(&row.vars).map_err(|error| JobError::Dead(error.to_string()))?;
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
    })
}

/// Says to the notice that a mail was about how it went. Comes before the mark: a crash in between sends the same mail once more.
async fn tell_notice(app: &App, row: &MailRow, sent: bool, why: &str) -> Result<(), JobError> {
    let vars: Value = serde_json::from_str(&row.vars).unwrap_or_default();
    let Some(notice_id) = vars["notice_id"].as_str() else { return Ok(()) };
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
