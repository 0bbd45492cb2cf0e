//! What the passing of time does to boards: turn the days that have begun, draft tomorrow, take old days off the phones,
//! and write "your day tomorrow" when each person wants it.

use super::command::{BoardMake, BoardRemake, BoardRetire, BoardTomorrowMail, TasksCommand};
use super::store;
use crate::app::App;
use crate::door::{Actor, NewJob, Via, Writing};
use crate::jobs::{JobError, blocking};
use crate::kit::refusal::Stop;
use crate::kit::zone;
use crate::rooms::Command;
use crate::roster::command::{RosterCommand, RosterRetire};
use crate::team;
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

/// Days a closed box, and a shift, stay on the phones.
const BOXES_SHOWN_DAYS: u64 = 14;
const SHIFTS_SHOWN_DAYS: u64 = 35;
/// After a longer standstill only so many days are made up for.
const CATCH_UP_DAYS_MAX: u64 = 92;

/// # Errors
/// `Retry` when the database is busy, `Dead` for a day that is no day or a team that is gone.
pub async fn run(app: &App, workspace_id: &str, kind: &str, payload: &Value) -> Result<(), JobError> {
    let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    let (team_id, day) = (text("team_id"), text("day"));
    let commands = match kind {
        "board.make" => {
            days(&text("from"), &day).map(|day| TasksCommand::BoardMake(BoardMake { team_id: team_id.clone(), day })).collect()
        }
        "board.remake" => vec![TasksCommand::BoardRemake(BoardRemake { team_id, day })],
        _ => {
            let (person_id, base_url) = (text("person_id"), app.config.base_url());
            vec![TasksCommand::BoardTomorrowMail(BoardTomorrowMail { person_id, day, base_url })]
        }
    };
    let (door, system) = (app.door.clone(), Actor::system(workspace_id, Via::Job));
    blocking(move || {
        // A transaction a day, in order: after a month of standstill nobody waits for all of it.
        for command in commands {
            door.execute(&system, Command::Tasks(command), None)?;
        }
        Ok(())
    })
    .await?;
    Ok(())
}

fn days(from: &str, to: &str) -> impl Iterator<Item = String> + use<> {
    let to = zone::parse_day(to);
    let from = zone::parse_day(from).or(to);
    from.into_iter().flat_map(|day| day.iter_days()).take_while(move |day| Some(*day) <= to).map(|day| day.to_string())
}

/// Queues what has become due in one workspace.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn tick(app: &App, workspace_id: &str, now: i64) -> Result<(), Stop> {
    let due = app.db.read(|conn| {
        let zone = team::zone(conn, workspace_id)?;
        let today = zone::business_day(now, zone);
        let mut jobs = Vec::new();
        for team in team::store::teams(conn, workspace_id)? {
            jobs.extend(board_job(conn, workspace_id, &team.id, today, now)?);
            jobs.extend(draft_job(conn, workspace_id, &team.id, today + Days::new(1), now)?);
        }
        jobs.extend(super::tomorrow::jobs(conn, workspace_id, zone, now)?);
        let old_boxes = (today - Days::new(BOXES_SHOWN_DAYS)).to_string();
        let old_shifts = (today - Days::new(SHIFTS_SHOWN_DAYS)).to_string();
        let boxes = !store::shown_before(conn, workspace_id, &old_boxes)?.is_empty();
        let shifts = !crate::roster::store::shown_before(conn, workspace_id, &old_shifts)?.is_empty();
        Ok((jobs, boxes.then_some(old_boxes), shifts.then_some(old_shifts)))
    })?;
    let (jobs, old_boxes, old_shifts) = due;
    let system = Actor::system(workspace_id, Via::Job);
    if let Some(before) = old_boxes {
        app.door.execute(&system, Command::Tasks(TasksCommand::BoardRetire(BoardRetire { before })), None)?;
    }
    if let Some(before) = old_shifts {
        app.door.execute(&system, Command::Roster(RosterCommand::RosterRetire(RosterRetire { before })), None)?;
    }
    if jobs.is_empty() {
        return Ok(());
    }
    app.door
        .write(workspace_id, move |writing: &mut Writing<'_>| jobs.into_iter().try_for_each(|job| writing.queue(&system, job)))
}

/// Turns every day that has begun and was not turned yet; one job, so that they happen in order. Also when a shift that ran
/// past midnight has ended since.
fn board_job(
    conn: &mut crate::db::AnyConnection,
    workspace_id: &str,
    team_id: &str,
    today: NaiveDate,
    now: i64,
) -> Result<Option<NewJob>, Stop> {
    let last = store::last_day_turned(conn, workspace_id, team_id)?.and_then(|day| zone::parse_day(&day));
    let is_turned = last.is_some_and(|last| last >= today);
    if is_turned && !store::has_leftovers(conn, workspace_id, team_id, &today.to_string(), now)? {
        return Ok(None);
    }
    let earliest = today - Days::new(CATCH_UP_DAYS_MAX);
    let from = last.map_or(today, |last| (last + Days::new(1)).clamp(earliest, today));
    let payload = json!({ "team_id": team_id, "from": from.to_string(), "day": today.to_string() });
    Ok(Some(NewJob { kind: "board.make", payload, due_at: now, dedupe: Some(format!("turn:{team_id}:{today}")) }))
}

fn draft_job(
    conn: &mut crate::db::AnyConnection,
    workspace_id: &str,
    team_id: &str,
    tomorrow: NaiveDate,
    now: i64,
) -> Result<Option<NewJob>, Stop> {
    if store::day_state(conn, workspace_id, team_id, &tomorrow.to_string())?.is_some() {
        return Ok(None);
    }
    let payload = json!({ "team_id": team_id, "day": tomorrow.to_string() });
    Ok(Some(NewJob { kind: "board.make", payload, due_at: now, dedupe: Some(format!("draft:{team_id}:{tomorrow}")) }))
}
