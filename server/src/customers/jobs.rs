//! What time makes due: reminders climb every minute, care calls are planned every night and after changes of the roster.

use super::command::{CallbackRaise, CallbackRetire, CampaignRetire, CarePlan, CustomerBlock, CustomerRetire, CustomersCommand};
use super::kinds::Channel;
use super::{campaigns, papers, store};
use crate::app::App;
use crate::db::Db;
use crate::door::{Actor, Door, NewJob, Via, Writing};
use crate::jobs::{JobError, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::kit::zone;
use crate::rooms::Command;
use crate::{roster, team};
use serde_json::Value;

/// How long a closed callback stays on the phones (ms).
const SHOWN_MS: i64 = 2 * 24 * 3_600_000;
/// How long a campaign stays on the phones after its last day (days).
const CAMPAIGN_DAYS: u64 = 7;
/// Buyers erased in one write: everybody else waits for it.
const ERASED_AT_ONCE: i64 = 100;

/// # Errors
/// `Retry` when the database is busy, `Dead` for a team that is gone.
pub async fn run(app: &App, workspace_id: &str, payload: &Value) -> Result<(), JobError> {
    let team_id = payload["team_id"].as_str().unwrap_or_default().to_owned();
    let (door, system) = (app.door.clone(), Actor::system(workspace_id, Via::Job));
    let command = Command::Customers(CustomersCommand::CarePlan(CarePlan { team_id }));
    blocking(move || door.execute(&system, command, None)).await?;
    Ok(())
}

/// The buyer wants no more mails; one who was erased gets none anyway.
///
/// # Errors
/// `Retry` when the database is busy.
pub async fn stop(app: &App, workspace_id: &str, payload: &Value) -> Result<(), JobError> {
    let id = payload["customer_id"].as_str().unwrap_or_default().to_owned();
    let (door, system) = (app.door.clone(), Actor::system(workspace_id, Via::Job));
    let command = CustomersCommand::CustomerBlock(CustomerBlock { id, channel: Channel::Email, on: true });
    match blocking(move || door.execute(&system, Command::Customers(command), None)).await {
        Err(Stop::Refused(refusal)) if refusal.code == Code::Gone => Ok(()),
        other => Ok(other.map(drop)?),
    }
}

/// Erases buyers of whom nothing was heard for as long as the workspace keeps them; gives how many.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn erase_old(db: &Db, door: &Door, workspace_id: &str) -> Result<usize, Stop> {
    let Some(months) = db.read(|conn| papers::keep(conn, workspace_id))?.and_then(|keep| keep.months) else { return Ok(0) };
    let system = Actor::system(workspace_id, Via::Job);
    let before = zone::months_before(door.clock.now_ms(), months);
    let mut gone = 0;
    loop {
        let found = db.read(|conn| papers::forgotten(conn, workspace_id, before, ERASED_AT_ONCE))?.len();
        if found == 0 {
            return Ok(gone);
        }
        let command = CustomersCommand::CustomerRetire(CustomerRetire { before, most: ERASED_AT_ONCE });
        door.execute(&system, Command::Customers(command), None)?;
        gone += found;
    }
}

/// Does what is due in one workspace, and queues what is due once a day.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn tick(app: &App, workspace_id: &str, now: i64) -> Result<(), Stop> {
    let (climbing, old, over, nights) = app.db.read(|conn| {
        let climbing: Vec<String> = store::climbing(conn, workspace_id, now)?.into_iter().map(|row| row.id).collect();
        let old = !store::shown_before(conn, workspace_id, now - SHOWN_MS)?.is_empty();
        let today = zone::business_day(now, team::zone(conn, workspace_id)?);
        let over = (today - chrono::Days::new(CAMPAIGN_DAYS)).to_string();
        let over = (!campaigns::ended(conn, workspace_id, &over)?.is_empty()).then_some(over);
        let mut nights = Vec::new();
        for team in team::store::teams(conn, workspace_id)? {
            if !store::is_planned(conn, workspace_id, &team.id, &today.to_string())? {
                // Nobody is in the middle of changing a roster: there is nothing to wait for.
                nights.push(NewJob { due_at: now, ..roster::care_job(&team.id, now) });
            }
        }
        Ok((climbing, old, over, nights))
    })?;
    let system = Actor::system(workspace_id, Via::Job);
    let mut due = Vec::new();
    if !climbing.is_empty() {
        due.push(CustomersCommand::CallbackRaise(CallbackRaise { ids: climbing }));
    }
    if old {
        due.push(CustomersCommand::CallbackRetire(CallbackRetire { before: now - SHOWN_MS }));
    }
    due.extend(over.map(|before| CustomersCommand::CampaignRetire(CampaignRetire { before })));
    for command in due {
        app.door.execute(&system, Command::Customers(command), None)?;
    }
    if nights.is_empty() {
        return Ok(());
    }
    app.door
        .write(workspace_id, move |writing: &mut Writing<'_>| nights.into_iter().try_for_each(|job| writing.queue(&system, job)))
}
