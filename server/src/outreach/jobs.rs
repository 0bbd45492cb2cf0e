//! What time makes due: steps of chains, calls of those who are off, overdue boxes; and what comes back from mails and providers.

use super::command::{
    OutreachCommand, OutreachDue, OutreachHeard, OutreachHookFailed, OutreachMailed, OutreachReassign, OutreachReplied,
    OutreachRetire, OutreachRing, OutreachShip,
};
use super::kinds::{CaseState, StepChannel};
use super::moves::Situation;
use super::{assign, ring, store, words};
use crate::app::App;
use crate::customers;
use crate::db::AnyConnection;
use crate::door::{Actor, NewJob, Via, Writing};
use crate::jobs::queue::{self, JobRow};
use crate::jobs::{JobError, blocking};
use crate::kit::refusal::Stop;
use crate::kit::signature;
use crate::kit::window;
use crate::post::{self, PostError};
use crate::rooms::Command;
use crate::team;
use serde_json::{Value, json};
use std::time::Duration;

/// The job that hands a message to a provider, and the one that says that it could not.
pub const HOOK: &str = "outreach.hook";
const HOOK_FAILED: &str = "outreach.hook_failed";
/// How long an ended case stays on the phones (ms).
const SHOWN_MS: i64 = 2 * 24 * 3_600_000;
/// Cases that one transaction moves: everybody else waits for it.
const AT_ONCE: i64 = 25;
/// Cases that one job moves; then others have their turn.
const PER_JOB: usize = 500;
const MINUTE: i64 = 60_000;
/// A message that waits for the shop's own turn to end looks again after so long (ms).
const WHILE_OURS: i64 = 5 * MINUTE;
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(20);

fn text(payload: &Value, name: &str) -> String {
    payload[name].as_str().unwrap_or_default().to_owned()
}

fn channel(payload: &Value) -> Result<StepChannel, JobError> {
    text(payload, "channel").parse().map_err(|()| JobError::Dead("no such channel".into()))
}

async fn execute(app: &App, workspace_id: &str, command: OutreachCommand) -> Result<(), JobError> {
    let (door, system) = (app.door.clone(), Actor::system(workspace_id, Via::Job));
    blocking(move || door.execute(&system, Command::Outreach(command), None)).await?;
    Ok(())
}

/// # Errors
/// `Retry` when the database is busy, `Dead` for a kind that nobody knows.
pub async fn run(app: &App, workspace_id: &str, kind: &str, payload: &Value) -> Result<(), JobError> {
    let command = match kind {
        "outreach.due" => return due(app, workspace_id).await,
        HOOK => return hook(app, workspace_id, payload).await,
        HOOK_FAILED => OutreachCommand::OutreachHookFailed(OutreachHookFailed {
            case_id: text(payload, "case_id"),
            channel: channel(payload)?,
            id: text(payload, "id"),
        }),
        "outreach.heard" => OutreachCommand::OutreachHeard(OutreachHeard { customer_id: text(payload, "customer_id") }),
        "outreach.mailed" => OutreachCommand::OutreachMailed(OutreachMailed {
            mail_id: text(payload, "mail_id"),
            customer_id: text(payload, "customer_id"),
            state: text(payload, "state"),
            permanent: payload["permanent"].as_bool().unwrap_or(false),
        }),
        "outreach.replied" => OutreachCommand::OutreachReplied(OutreachReplied {
            mail_id: payload["mail_id"].as_str().map(str::to_owned),
            case_id: None,
            reply_id: None,
            channel: payload["channel"].as_str().and_then(|channel| channel.parse().ok()).unwrap_or(StepChannel::Email),
            text: text(payload, "text"),
        }),
        _ => return Err(JobError::Dead(format!("no job kind {kind}"))),
    };
    execute(app, workspace_id, command).await
}

/// Moves what is due, a few cases in each transaction, and hands on to another job what is left.
async fn due(app: &App, workspace_id: &str) -> Result<(), JobError> {
    let (db, door, id) = (app.db.clone(), app.door.clone(), workspace_id.to_owned());
    let work = move || {
        let system = Actor::system(&id, Via::Job);
        let (mut moved, mut stuck) = (0, Vec::new());
        while moved < PER_JOB {
            let now = door.clock.now_ms();
            let most = AT_ONCE + i64::try_from(stuck.len()).map_err(Stop::fault)?;
            let mut ids = db.read(|conn| store::due(conn, &id, now, most))?;
            ids.retain(|id| !stuck.contains(id));
            if ids.is_empty() {
                return Ok(());
            }
            moved += ids.len();
            let all = |ids: Vec<String>| Command::Outreach(OutreachCommand::OutreachDue(OutreachDue { ids }));
            match door.execute(&system, all(ids.clone()), None) {
                Err(Stop::Fault(_) | Stop::Refused(_)) => {
                    // One that cannot be moved must not hold up the others.
                    for one in ids {
                        if let Err(stop) = door.execute(&system, all(vec![one.clone()]), None) {
                            tracing::error!(case = one, %stop, "a case cannot be moved");
                            stuck.push(one);
                        }
                    }
                }
                other => drop(other?),
            }
        }
        let now = door.clock.now_ms();
        let more = NewJob { kind: "outreach.due", payload: json!({}), due_at: now, dedupe: None };
        door.write(&id, move |writing: &mut Writing<'_>| writing.queue(&system, more))
    };
    Ok(blocking(work).await?)
}

/// Hands a message to the shop's provider. Number and words are read when it leaves, not when it was queued: a case that has
/// ended meanwhile sends nothing, and nothing leaves outside its hours.
async fn hook(app: &App, workspace_id: &str, payload: &Value) -> Result<(), JobError> {
    let (case_id, id) = (text(payload, "case_id"), text(payload, "id"));
    let channel = channel(payload)?;
    let (db, owner, now) = (app.db.clone(), workspace_id.to_owned(), app.door.clock.now_ms());
    let (name, case) = (id.clone(), case_id.clone());
    let found = blocking(move || db.read(|conn| message(conn, &owner, &case, &name, channel, now))).await?;
    let failed = || OutreachCommand::OutreachHookFailed(OutreachHookFailed { case_id, channel, id });
    let (url, secret, body) = match found {
        Message::Nothing => return Ok(()),
        Message::NoWay => return execute(app, workspace_id, failed()).await,
        Message::Later(at) => return Err(JobError::Later(at)),
        Message::Now { url, secret, body } => (url, secret, body),
    };
    let headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("X-Dutyboard-Timestamp", now.to_string()),
        ("X-Dutyboard-Signature", signature::sign(secret.as_bytes(), now, body.as_bytes())),
    ];
    match post::post(&url, headers, body.into_bytes(), PROVIDER_TIMEOUT).await {
        Ok(_) => Ok(()),
        Err(PostError::Temporary(why)) => Err(JobError::Retry(why)),
        Err(PostError::Permanent { .. }) => execute(app, workspace_id, failed()).await,
    }
}

/// No more tries: the case goes on by another way, as after a refusal. To be called in a write.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn given_up(conn: &mut AnyConnection, row: &JobRow, now: i64) -> Result<(), Stop> {
    queue::put(conn, &row.workspace_id, HOOK_FAILED, &serde_json::from_str(&row.payload)?, now)
}

/// What a job finds when it wants to hand a message over.
enum Message {
    /// The case has moved on.
    Nothing,
    /// There is no provider any more, no number, or the buyer does not want it.
    NoWay,
    Later(i64),
    Now {
        url: String,
        secret: String,
        body: String,
    },
}

fn message(
    conn: &mut AnyConnection,
    workspace_id: &str,
    case_id: &str,
    id: &str,
    channel: StepChannel,
    now: i64,
) -> Result<Message, Stop> {
    let Some(case) = store::find(conn, workspace_id, case_id)? else { return Ok(Message::Nothing) };
    match case.state()? {
        // An older message has had its turn: nobody gets two.
        _ if case.mail_id.as_deref() != Some(id) => return Ok(Message::Nothing),
        CaseState::Running => {}
        CaseState::Ours => return Ok(Message::Later(now + WHILE_OURS)),
        _ => return Ok(Message::Nothing),
    }
    let hook = store::hook(conn, workspace_id, channel.as_str())?;
    let situation = Situation::read(conn, case)?;
    let case = &situation.case;
    let Some(hook) = hook.filter(|_| situation.with(|world| world.usable.contains(&channel))) else { return Ok(Message::NoWay) };
    let steps = case.steps()?;
    let step = usize::try_from(case.step).ok().and_then(|index| steps.get(index));
    let hours = step.and_then(|step| situation.with(|world| (world.hours)(step, channel)));
    if let Some(hours) = hours.filter(|hours| !window::is_inside(now, hours.allowed, situation.zone)) {
        return Ok(Message::Later(window::next_inside(now, hours.allowed, situation.zone)));
    }
    let card = situation.card(channel);
    let vars = words::vars(conn, &situation, case, now)?;
    let letter = words::filled(conn, &situation, case, &vars)?;
    let body = json!({
        "id": id, "channel": channel, "phone": card.phone, "locale": case.locale, "text": words::short(&letter), "case_id": case.id,
    });
    Ok(Message::Now { url: hook.url, secret: hook.secret, body: body.to_string() })
}

/// Does what is due in one workspace, and queues what takes longer.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn tick(app: &App, workspace_id: &str, now: i64) -> Result<(), Stop> {
    let system = Actor::system(workspace_id, Via::Job);
    let commands = app.db.read(|conn| commands(conn, workspace_id, now))?;
    for command in commands {
        app.door.execute(&system, Command::Outreach(command), None)?;
    }
    if app.db.read(|conn| store::due(conn, workspace_id, now, 1))?.is_empty() {
        return Ok(());
    }
    let dedupe = Some(format!("outreach.due:{}", now / MINUTE));
    let job = NewJob { kind: "outreach.due", payload: json!({}), due_at: now, dedupe };
    app.door.write(workspace_id, move |writing: &mut Writing<'_>| writing.queue(&system, job))
}

fn commands(conn: &mut AnyConnection, workspace_id: &str, now: i64) -> Result<Vec<OutreachCommand>, Stop> {
    let mut all = Vec::new();
    if store::all_hours(conn, workspace_id)?.is_empty() {
        all.push(OutreachCommand::OutreachShip(OutreachShip {}));
    }
    let zone = team::zone(conn, workspace_id)?;
    let ids = ring::climbing(conn, workspace_id, zone, now)?;
    if !ids.is_empty() {
        all.push(OutreachCommand::OutreachRing(OutreachRing { ids }));
    }
    for ids in off_duty(conn, workspace_id, now)?.chunks(AT_ONCE as usize) {
        all.push(OutreachCommand::OutreachReassign(OutreachReassign { ids: ids.to_vec() }));
    }
    let before = now - SHOWN_MS;
    if !store::shown_before(conn, workspace_id, before)?.is_empty() {
        all.push(OutreachCommand::OutreachRetire(OutreachRetire { before }));
    }
    Ok(all)
}

/// Cases whose call is somebody's who will not be there, or nobody's although somebody is.
fn off_duty(conn: &mut AnyConnection, workspace_id: &str, now: i64) -> Result<Vec<String>, Stop> {
    let mut ids = Vec::new();
    for case in store::asked(conn, workspace_id)? {
        let Some(id) = &case.callback_id else { continue };
        let Some(row) = customers::store::callback(conn, workspace_id, id)?.filter(|row| row.is_open()) else { continue };
        if assign::owner(conn, &case, &row, now)? != row.owner_id {
            ids.push(case.id);
        }
    }
    Ok(ids)
}
