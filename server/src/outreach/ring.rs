//! Overdue work climbs inside the team: owner, shift mates, supervisor (data `internal_overdue`). Who has begun a box is not rung,
//! and nobody else is. Callbacks climb in the customers room; what is told of them is told here as well.

use super::command::OutreachRing;
use super::kinds::{CaseState, StepChannel};
use super::settings::ChainStep;
use super::{assign, shipped, store};
use crate::customers;
use crate::customers::kinds::Level;
use crate::customers::model::CallbackRow;
use crate::db::AnyConnection;
use crate::door::Tx;
use crate::kit::refusal::Stop;
use crate::kit::text::Text;
use crate::kit::{ids, zone};
use crate::notices::kinds::{NoticeKind, NoticeLevel};
use crate::notices::{self, Tell};
use crate::tasks::model::BoxRow;
use crate::{roster, tasks, team};
use chrono_tz::Tz;
use std::collections::BTreeSet;

const MINUTE: i64 = 60_000;
/// What has been overdue for longer than this is no news any more (ms).
const NEWS: i64 = 24 * 60 * MINUTE;

/// Whom work that is overdue since `since` has climbed to at `now`, in order (UTC ms).
pub fn reached(steps: &[ChainStep], since: i64, now: i64) -> Vec<StepChannel> {
    let mut at = since;
    let mut levels = Vec::new();
    for step in steps {
        if at > now {
            break;
        }
        levels.extend(step.channels.first());
        at += step.wait_minutes * MINUTE;
    }
    levels
}

/// Whether somebody is to be rung for it: nobody has begun it, and its hour is one that the shop keeps (a hard cut-off, or urgent
/// and important).
pub fn is_late(row: &BoxRow, now: i64) -> bool {
    let matters = row.cutoff || row.quadrant == "Q1";
    row.state == "todo" && !row.archived && matters && row.due_at.is_some_and(|due| due <= now && now - due < NEWS)
}

/// Whether somebody has taken what was told of, or it is over: an overdue box, an overdue callback, a case that goes on without.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn is_in_hand(conn: &mut AnyConnection, workspace_id: &str, kind: NoticeKind, id: &str) -> Result<bool, Stop> {
    let waits = match kind {
        NoticeKind::BoxOverdue => {
            tasks::store::find_box(conn, workspace_id, id)?.is_some_and(|row| row.state == "todo" && !row.archived)
        }
        NoticeKind::CallbackOverdue => match customers::store::callback(conn, workspace_id, id)? {
            Some(row) => row.is_open() && row.level()? >= Level::Mates,
            None => false,
        },
        // Somebody may wait for a step, or for a parcel that is late.
        NoticeKind::StepOverdue => match store::find(conn, workspace_id, id)? {
            Some(row) => matches!(row.state()?, CaseState::Running | CaseState::Returning),
            None => false,
        },
        NoticeKind::Decision => store::find(conn, workspace_id, id)?.is_some_and(|row| row.state == CaseState::Decision.as_str()),
        NoticeKind::Message | NoticeKind::NoChannel | NoticeKind::RobotTest => true,
    };
    Ok(!waits)
}

/// What is overdue and has climbed on, or has come down: boxes by their own ids, callbacks too.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn climbing(conn: &mut AnyConnection, workspace_id: &str, zone: Tz, now: i64) -> Result<Vec<String>, Stop> {
    let steps = steps(conn, workspace_id)?;
    let known = store::climbed(conn, workspace_id)?;
    let (mut ids, mut seen) = (Vec::new(), BTreeSet::new());
    for day in [now - NEWS, now].map(|at| zone::business_day(at, zone).to_string()) {
        for team in team::store::teams(conn, workspace_id)? {
            for row in tasks::store::boxes_of_day(conn, workspace_id, &team.id, &day)? {
                let level = known.iter().find(|(id, ..)| *id == row.id).map(|(_, level, _)| level.as_str());
                let reached = if is_late(&row, now) { reached(&steps, row.due_at.unwrap_or(now), now) } else { Vec::new() };
                if reached.last().map(|level| level.as_str()) != level {
                    ids.push(row.id.clone());
                }
                seen.insert(row.id);
            }
        }
    }
    for row in overdue_calls(conn, workspace_id, now)? {
        let known = known.iter().find(|(id, ..)| *id == row.id).map(|(_, level, since)| (level.as_str(), *since));
        if known != Some((row.level.as_str(), row.until_at)) {
            ids.push(row.id.clone());
        }
        seen.insert(row.id);
    }
    // What is neither of these days nor overdue any more has come down.
    ids.extend(known.into_iter().map(|(id, ..)| id).filter(|id| !seen.contains(id)));
    Ok(ids)
}

fn is_overdue(row: &CallbackRow, now: i64) -> Result<bool, Stop> {
    Ok(row.is_open() && row.level()? >= Level::Mates && now - row.until_at < NEWS)
}

/// Open callbacks that have climbed as far as somebody else than their owner.
fn overdue_calls(conn: &mut AnyConnection, workspace_id: &str, now: i64) -> Result<Vec<CallbackRow>, Stop> {
    let mut found = Vec::new();
    for row in customers::store::callbacks(conn, workspace_id)? {
        if is_overdue(&row, now)? {
            found.push(row);
        }
    }
    Ok(found)
}

fn steps(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<ChainStep>, Stop> {
    let own = store::chains(conn, workspace_id)?.into_iter().find(|row| row.code.as_deref() == Some(shipped::INTERNAL));
    own.map_or_else(|| Ok(shipped::internal()), |row| row.steps())
}

pub(super) fn ring(tx: &mut Tx<'_>, args: &OutreachRing) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    let steps = steps(tx.conn(), workspace_id)?;
    let known = store::climbed(tx.conn(), workspace_id)?;
    let (mut over, mut rung) = (Vec::new(), Vec::new());
    for id in &args.ids {
        let before = known.iter().find(|(box_id, ..)| box_id == id).map(|(_, level, since)| (level.as_str(), *since));
        if let Some(row) = tasks::store::find_box(tx.conn(), workspace_id, id)? {
            if is_late(&row, now) {
                climb_box(tx, &row, &steps, before, &mut rung)?;
            } else {
                over.push(id.clone());
            }
            continue;
        }
        match customers::store::callback(tx.conn(), workspace_id, id)? {
            Some(row) if is_overdue(&row, now)? => {
                if before != Some((row.level.as_str(), row.until_at)) {
                    ring_call(tx, &row)?;
                    store::climb(tx, id, &row.level, row.until_at)?;
                }
            }
            _ => over.push(id.clone()),
        }
    }
    for one in &rung {
        one.tell(tx)?;
    }
    if over.is_empty() { Ok(()) } else { store::come_down(tx, &over) }
}

/// Boxes that have climbed to the same people at the same moment: they are told of them at once.
struct Rung {
    level: StepChannel,
    team_id: String,
    to: Vec<String>,
    about: Vec<String>,
    /// What each is told by: a key that comes once, and the box's title.
    boxes: Vec<(String, Text)>,
}

impl Rung {
    fn tell(&self, tx: &mut Tx<'_>) -> Result<(), Stop> {
        let keys: Vec<&str> = self.boxes.iter().map(|(key, _)| key.as_str()).collect();
        let tell = news(ids::derived(&keys), self.to.clone(), &self.team_id, NoticeKind::BoxOverdue, self.level);
        let (first, more) = (&self.boxes[0].1, self.boxes.len() - 1);
        let subject = match more {
            0 => first.clone(),
            _ => Text::new(format!("{} 等 {} 项", first.zh, more + 1), format!("{} and {more} more", first.en)),
        };
        notices::tell(tx, &Tell { subject, link: "#/today".into(), about: self.about.clone(), ..tell })
    }
}

/// Whom the box has climbed to since the last look is to be told.
fn climb_box(
    tx: &mut Tx<'_>,
    row: &BoxRow,
    steps: &[ChainStep],
    before: Option<(&str, i64)>,
    rung: &mut Vec<Rung>,
) -> Result<(), Stop> {
    let since = row.due_at.unwrap_or_else(|| tx.now());
    let levels = reached(steps, since, tx.now());
    let told =
        before.filter(|(_, known)| *known == since).and_then(|(level, _)| levels.iter().position(|at| at.as_str() == level));
    let new = told.map_or(0, |position| position + 1);
    for level in levels.iter().skip(new) {
        let to = whom(tx, *level, &row.team_id, row.assignee_id.as_deref())?;
        let key = ids::derived(&[&row.id, level.as_str(), &since.to_string()]);
        let told = (key, title(tx, row, *level)?);
        match rung.iter_mut().find(|one| (one.level, &one.team_id, &one.to) == (*level, &row.team_id, &to)) {
            Some(one) => {
                one.about.push(row.id.clone());
                one.boxes.push(told);
            }
            None => {
                let (about, team_id) = (vec![row.id.clone()], row.team_id.clone());
                rung.push(Rung { level: *level, team_id, to, about, boxes: vec![told] });
            }
        }
    }
    match levels.last() {
        Some(level) => store::climb(tx, &row.id, level.as_str(), since),
        None => Ok(()),
    }
}

/// The box's title; for others than its owner with the name of whose it is.
fn title(tx: &mut Tx<'_>, row: &BoxRow, level: StepChannel) -> Result<Text, Stop> {
    let title = Text::new(row.title_zh.as_str(), row.title_en.as_str());
    match &row.assignee_id {
        Some(owner) if level != StepChannel::Owner => {
            let workspace_id = tx.workspace_id();
            let name = team::person(tx.conn(), workspace_id, owner)?.name;
            Ok(Text::new(format!("{}（{name}）", title.zh), format!("{} ({name})", title.en)))
        }
        _ => Ok(title),
    }
}

fn ring_call(tx: &mut Tx<'_>, row: &CallbackRow) -> Result<(), Stop> {
    let level = if row.level()? == Level::Mates { StepChannel::ShiftMates } else { StepChannel::Supervisor };
    let to = whom(tx, level, &row.team_id, row.owner_id.as_deref())?;
    let buyer = customers::store::customer(tx.conn(), &row.workspace_id, &row.customer_id)?;
    let subject = Text::same(if buyer.nick.is_empty() { buyer.name } else { buyer.nick });
    let key = ids::derived(&[&row.id, level.as_str(), &row.until_at.to_string()]);
    let tell = news(key, to, &row.team_id, NoticeKind::CallbackOverdue, level);
    notices::tell(tx, &Tell { subject, link: "#/callbacks".into(), about: vec![row.id.clone()], ..tell })
}

/// Who hears of it at a level. Work that is nobody's is everybody's on the shift.
fn whom(tx: &mut Tx<'_>, level: StepChannel, team_id: &str, owner: Option<&str>) -> Result<Vec<String>, Stop> {
    let workspace_id = tx.workspace_id();
    match (level, owner) {
        (StepChannel::Owner, Some(owner)) => Ok(vec![owner.to_owned()]),
        (StepChannel::Owner | StepChannel::ShiftMates, _) => {
            let now = tx.now();
            let zone = team::zone(tx.conn(), workspace_id)?;
            let mut mates = Vec::new();
            for day in [now - NEWS, now].map(|at| zone::business_day(at, zone).to_string()) {
                let shifts = roster::on_day(tx.conn(), workspace_id, team_id, &day)?;
                let here = shifts.into_iter().filter(|shift| shift.starts_at <= now && now < shift.ends_at);
                mates.extend(here.map(|shift| shift.person_id).filter(|id| Some(id.as_str()) != owner));
            }
            mates.sort_unstable();
            mates.dedup();
            Ok(mates)
        }
        _ => assign::supervisors(tx.conn(), workspace_id, team_id),
    }
}

/// Supervisors hear of it loudly, and the team's robots with them.
fn news(key: String, to: Vec<String>, team_id: &str, kind: NoticeKind, level: StepChannel) -> Tell {
    let urgent = level == StepChannel::Supervisor;
    let level = if urgent { NoticeLevel::Urgent } else { NoticeLevel::Due };
    let (subject, link, about) = (Text::same(""), String::new(), Vec::new());
    Tell { key, to, team_id: team_id.into(), kind, level, subject, link, robot: urgent, about }
}
