//! Telling people something, in the transaction that found out about it.

use super::kinds::{NoticeKind, NoticeLevel, RouteKind, RouteState};
use super::model::{NoticeRoute, NoticeRow, RobotRow};
use super::{rules, store};
use crate::db::AnyConnection;
use crate::door::{NewJob, Tx, Wire};
use crate::kit::refusal::Stop;
use crate::kit::text::Text;
use crate::kit::{ids, zone};
use crate::rooms;
use crate::team;
use crate::team::model::PersonRow;
use serde_json::json;

pub use super::command::NoticeTell as Tell;

/// The job that takes one notice one way.
pub const DELIVER: &str = "notice.deliver";

/// What is told, to whomever.
pub(super) struct News<'a> {
    pub batch: &'a str,
    pub team_id: &'a str,
    pub sender_id: Option<&'a str>,
    pub kind: NoticeKind,
    pub level: NoticeLevel,
    pub subject: &'a Text,
    pub text: &'a str,
    pub link: &'a str,
    pub about: &'a [String],
}

/// Tells active people something, by every way that reaches them, and the robots of the team if wanted. The same key again tells only
/// those who were not told before, and no robot. Nobody to tell: nobody is told, no robot either. A person whom neither mail nor push
/// reaches still has it in the app, and the team's supervisors are warned, once a day.
///
/// # Errors
/// `gone` for an unknown person or team, `bad_value` for a link that leaves the app; `Fault` or `Busy` from the database.
pub fn tell(tx: &mut Tx<'_>, what: &Tell) -> Result<(), Stop> {
    let batch = ids::derived(&[tx.workspace_id(), "notice", &what.key]);
    let news = News {
        batch: &batch,
        team_id: &what.team_id,
        sender_id: None,
        kind: what.kind,
        level: what.level,
        subject: &what.subject,
        text: "",
        link: &rules::link(&what.link)?,
        about: &what.about,
    };
    let workspace_id = tx.workspace_id();
    let mut people = Vec::new();
    for id in &what.to {
        people.push(team::person(tx.conn(), workspace_id, id)?);
    }
    spread(tx, &news, &people, what.robot)
}

pub(super) fn spread(tx: &mut Tx<'_>, news: &News<'_>, people: &[PersonRow], robot: bool) -> Result<(), Stop> {
    let (workspace_id, team_id) = (tx.workspace_id(), news.team_id);
    let is_known = !store::batch(tx.conn(), workspace_id, news.batch)?.is_empty();
    let robots = if robot { store::robots_of(tx.conn(), workspace_id, team_id)? } else { Vec::new() };
    let mut told = false;
    for person in people.iter().filter(|person| person.active) {
        let id = ids::derived(&[news.batch, &person.id]);
        if store::find(tx.conn(), workspace_id, &id)?.is_some() {
            continue;
        }
        told = true;
        reach(tx, news, person, &id, &robots)?;
    }
    if told && !is_known {
        for robot in &robots {
            deliver(tx, &json!({ "route": RouteKind::Robot, "batch": news.batch, "robot_id": robot.id }))?;
        }
    }
    Ok(())
}

/// Writes a person's notice and sends it on its ways.
fn reach(tx: &mut Tx<'_>, news: &News<'_>, person: &PersonRow, id: &str, robots: &[RobotRow]) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    let phones = store::subscriptions(tx.conn(), workspace_id, &person.id)?;
    let by_mail = !person.invited && person.email.is_some();
    let mut routes = vec![
        rules::route(RouteKind::App, !person.invited, now),
        rules::route(RouteKind::Mail, by_mail, now),
        rules::route(RouteKind::Push, !phones.is_empty(), now),
    ];
    routes.extend(robots.iter().map(|robot| to_robot(robot, now)));
    let row = notice(tx, news, person, id, &routes)?;
    store::save(tx, None, &row)?;
    if by_mail {
        deliver(tx, &json!({ "route": RouteKind::Mail, "notice_id": id }))?;
    }
    for phone in &phones {
        deliver(tx, &json!({ "route": RouteKind::Push, "notice_id": id, "subscription_id": phone.id }))?;
    }
    if by_mail || !phones.is_empty() || news.kind == NoticeKind::NoChannel { Ok(()) } else { warn(tx, news.team_id, person) }
}

pub(super) fn to_robot(robot: &RobotRow, now: i64) -> NoticeRoute {
    NoticeRoute { robot_id: Some(robot.id.clone()), ..rules::route(RouteKind::Robot, true, now) }
}

pub(super) fn notice(tx: &Tx<'_>, news: &News<'_>, to: &PersonRow, id: &str, routes: &[NoticeRoute]) -> Result<NoticeRow, Stop> {
    Ok(NoticeRow {
        workspace_id: tx.workspace_id().into(),
        id: id.into(),
        batch: news.batch.into(),
        to_id: to.id.clone(),
        team_id: news.team_id.into(),
        sender_id: news.sender_id.map(str::to_owned),
        kind: news.kind.as_str().into(),
        level: news.level.as_str().into(),
        subject: rules::subject(news.subject.get(&to.locale)),
        text: news.text.into(),
        link: news.link.into(),
        at: tx.now(),
        seen_at: None,
        routes: serde_json::to_string(routes)?,
        archived: false,
        about: serde_json::to_string(news.about)?,
    })
}

/// Tells the supervisors, once a day, that a person hears of nothing unless they open the app.
fn warn(tx: &mut Tx<'_>, team_id: &str, person: &PersonRow) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    let day = zone::business_day(now, team::zone(tx.conn(), workspace_id)?).to_string();
    let batch = ids::derived(&[workspace_id, "no channel", &person.id, &day]);
    let news = News {
        batch: &batch,
        team_id,
        sender_id: None,
        kind: NoticeKind::NoChannel,
        level: NoticeLevel::Due,
        subject: &Text::same(person.name.as_str()),
        text: "",
        link: "#/people",
        about: &[],
    };
    let mut overseers = team::overseers(tx.conn(), workspace_id, team_id)?;
    overseers.retain(|overseer| overseer.id != person.id);
    spread(tx, &news, &overseers, false)
}

pub(super) fn deliver(tx: &mut Tx<'_>, payload: &serde_json::Value) -> Result<(), Stop> {
    let due_at = tx.now();
    tx.job(NewJob { kind: DELIVER, payload: payload.clone(), due_at, dedupe: None })
}

/// Whether a notice need reach nobody any more.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn is_needless(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<bool, Stop> {
    match store::find(conn, workspace_id, id)?.filter(|row| !row.archived) {
        Some(row) => Ok(row.seen_at.is_some() || is_in_hand(conn, &row)?),
        None => Ok(true),
    }
}

/// Whether everything that a notice is about is in somebody's hands, or over.
pub(super) fn is_in_hand(conn: &mut AnyConnection, row: &NoticeRow) -> Result<bool, Stop> {
    let (about, kind) = (row.about()?, row.kind()?);
    for id in &about {
        if !rooms::is_in_hand(conn, &row.workspace_id, kind, id)? {
            return Ok(false);
        }
    }
    Ok(!about.is_empty())
}

/// Deletes what people were told of work that is erased, with mails that have not left, and gives the keys under which phones and the
/// history knew it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn forget(tx: &mut Tx<'_>, about: &[String]) -> Result<Vec<String>, Stop> {
    let workspace_id = tx.workspace_id();
    let mut keys = Vec::new();
    for id in about {
        for row in store::about(tx.conn(), workspace_id, id)? {
            let wire = row.wire()?;
            keys.push(wire.key());
            tx.publish(Some(&wire), None)?;
            tx.drop_mail(&mail_id(&row.id))?;
            store::drop(tx, &row.id)?;
        }
    }
    Ok(keys)
}

/// The mail of a notice.
pub(super) fn mail_id(notice_id: &str) -> String {
    ids::derived(&[notice_id, "mail"])
}

/// Notes in notices how one of their ways ended.
pub(super) fn settle(tx: &mut Tx<'_>, ids: &[String], result: &NoticeRoute) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for id in ids {
        let Some(before) = store::find(tx.conn(), workspace_id, id)?.filter(|row| !row.archived) else { continue };
        let mut routes = before.routes()?;
        rules::settle(&mut routes, result);
        let after = NoticeRow { routes: serde_json::to_string(&routes)?, ..before.clone() };
        if after != before {
            store::save(tx, Some(&before), &after)?;
        }
    }
    Ok(())
}

/// The person has it: no other way is needed.
pub(super) fn seen(tx: &mut Tx<'_>, before: &NoticeRow) -> Result<(), Stop> {
    let at = tx.happened_at().max(before.at);
    let mut routes = before.routes()?;
    let app = NoticeRoute { state: RouteState::Delivered, ..rules::route(RouteKind::App, true, at) };
    rules::settle(&mut routes, &app);
    let after = NoticeRow { seen_at: Some(at), routes: serde_json::to_string(&routes)?, ..before.clone() };
    store::save(tx, Some(before), &after)
}
