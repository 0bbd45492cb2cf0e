//! Taking notices their ways. A job may run twice: states move once, a mail keeps its id, a phone replaces what it shows already, and
//! a chat hears it again only when the server died between the robot's answer and its note.

use super::command::{NoticeDelivered, NoticeMail, NoticeRetire, NoticesCommand, PushGone};
use super::kinds::{NoticeKind, NoticeLevel, RouteKind, RouteState};
use super::model::{NoticeRow, RobotRow, SubscriptionRow};
use super::push::Mark;
use super::{robots, rules, store, telling, words};
use crate::app::App;
use crate::db::AnyConnection;
use crate::door::{Actor, Via};
use crate::jobs::{JobError, blocking};
use crate::kit::refusal::Stop;
use crate::post::{self, PostError};
use crate::rooms::Command;
use crate::team;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a notice stays on the phones (ms).
const SHOWN_MS: i64 = 14 * 24 * 3_600_000;
/// Nobody waits longer for somebody else's server.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More names than this say nothing in a chat.
const NAMES_MAX: usize = 8;

/// What `notice.deliver` and `notice.mailed` carry.
#[derive(Debug, Deserialize)]
#[serde(tag = "route", rename_all = "lowercase")]
enum Way {
    Mail { notice_id: String },
    Push { notice_id: String, subscription_id: String },
    Robot { batch: String, robot_id: String },
}

/// # Errors
/// `Retry` when the other side or the database is busy, `Dead` for a payload that is none.
pub async fn run(app: &App, workspace_id: &str, kind: &str, payload: &Value) -> Result<(), JobError> {
    let work = Work { app, workspace_id };
    if kind == "notice.mailed" {
        let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
        let state = match payload["sent"].as_bool() {
            Some(true) => RouteState::Delivered,
            Some(false) => RouteState::Failed,
            None => RouteState::None,
        };
        return work.note(vec![text("notice_id")], (RouteKind::Mail, None), state, &text("why")).await;
    }
    match serde_json::from_value(payload.clone()).map_err(|error| JobError::Dead(error.to_string()))? {
        Way::Mail { notice_id } => {
            work.run(NoticesCommand::NoticeMail(NoticeMail { id: notice_id, base_url: app.config.base_url() })).await
        }
        Way::Push { notice_id, subscription_id } => work.push(notice_id, subscription_id).await,
        Way::Robot { batch, robot_id } => work.robot(batch, robot_id).await,
    }
}

/// Takes what was told long ago off the phones.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn tick(app: &App, workspace_id: &str, now: i64) -> Result<(), Stop> {
    let before = now - SHOWN_MS;
    if app.db.read(|conn| store::told_before(conn, workspace_id, before))?.is_empty() {
        return Ok(());
    }
    let command = Command::Notices(NoticesCommand::NoticeRetire(NoticeRetire { before }));
    app.door.execute(&Actor::system(workspace_id, Via::Job), command, None)?;
    Ok(())
}

struct Work<'a> {
    app: &'a App,
    workspace_id: &'a str,
}

/// A batch as a chat hears it.
struct Chat {
    robot: RobotRow,
    ids: Vec<String>,
    at: i64,
    /// None: it heard of it, or need not any more.
    text: Option<String>,
    /// What it would hear of is in somebody's hands.
    is_over: bool,
}

/// A notice as a phone shows it.
struct Buzz {
    row: NoticeRow,
    phone: Option<SubscriptionRow>,
    others: bool,
    title: String,
    is_needless: bool,
}

impl Work<'_> {
    async fn run(&self, command: NoticesCommand) -> Result<(), JobError> {
        let (door, system) = (self.app.door.clone(), Actor::system(self.workspace_id, Via::Job));
        blocking(move || door.execute(&system, Command::Notices(command), None)).await?;
        Ok(())
    }

    async fn note(&self, ids: Vec<String>, way: (RouteKind, Option<&str>), state: RouteState, why: &str) -> Result<(), JobError> {
        let (route, robot_id) = (way.0, way.1.map(str::to_owned));
        self.run(NoticesCommand::NoticeDelivered(NoticeDelivered { ids, route, robot_id, state, why: why.into() })).await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut AnyConnection, &str, &str) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, JobError> {
        let (db, workspace_id, base) = (self.app.db.clone(), self.workspace_id.to_owned(), self.app.config.base_url());
        Ok(blocking(move || db.read(|conn| read(conn, &workspace_id, &base))).await?)
    }

    /// Another try comes later, unless it would come too late to be of use.
    async fn later(&self, ids: Vec<String>, way: (RouteKind, Option<&str>), at: i64, why: String) -> Result<(), JobError> {
        if rules::is_stale(at, self.app.door.clock.now_ms()) {
            return self.note(ids, way, RouteState::Failed, &why).await;
        }
        self.note(ids, way, RouteState::Waiting, &why).await?;
        Err(JobError::Retry(why))
    }

    async fn robot(&self, batch: String, robot_id: String) -> Result<(), JobError> {
        let wanted = robot_id.clone();
        let Some(chat) = self.read(move |conn, workspace_id, base| chat(conn, workspace_id, base, &batch, &wanted)).await? else {
            return Ok(());
        };
        let way = (RouteKind::Robot, Some(robot_id.as_str()));
        if chat.is_over {
            return self.note(chat.ids, way, RouteState::None, "").await;
        }
        let Some(text) = chat.text else { return Ok(()) };
        let kind = chat.robot.kind()?;
        let made = robots::message(kind, &chat.robot.url, &chat.robot.secret, &text, self.app.door.clock.now_ms());
        let answer = post::post_json(&made.url, Vec::new(), &made.body, TIMEOUT).await;
        match answer.and_then(|answer| robots::judge(kind, &answer.body)) {
            Ok(()) => self.note(chat.ids, way, RouteState::Delivered, "").await,
            Err(PostError::Temporary(why)) => self.later(chat.ids, way, chat.at, why).await,
            Err(PostError::Permanent { why, .. }) => self.note(chat.ids, way, RouteState::Failed, &why).await,
        }
    }

    async fn push(&self, notice_id: String, subscription_id: String) -> Result<(), JobError> {
        let (id, way) = (subscription_id.clone(), (RouteKind::Push, None));
        let Some(buzz) = self.read(move |conn, workspace_id, _| buzz(conn, workspace_id, &notice_id, &id)).await? else {
            return Ok(());
        };
        let ids = vec![buzz.row.id.clone()];
        if buzz.is_needless {
            return self.note(ids, way, RouteState::None, "").await;
        }
        let Some(phone) = buzz.phone else { return self.lost(ids, buzz.others).await };
        let message = json!({ "id": buzz.row.id, "title": buzz.title, "body": buzz.row.text, "link": buzz.row.link });
        let contact = self.app.config.base_url();
        let urgent = buzz.row.level()? == NoticeLevel::Urgent;
        let mark = Mark { id: &buzz.row.id, urgent, contact: &contact, now_ms: self.app.door.clock.now_ms() };
        let (headers, body) = self.app.vapid.seal(&phone, &message, &mark)?;
        match post::post(&phone.endpoint, headers, body, TIMEOUT).await {
            Ok(_) => self.note(ids, way, RouteState::Delivered, "").await,
            // RFC 8030, 7.3: the subscription has ended.
            Err(PostError::Permanent { status: Some(404 | 410), .. }) => {
                self.run(NoticesCommand::PushGone(PushGone { id: subscription_id, for_good: true })).await?;
                self.lost(ids, buzz.others).await
            }
            Err(error) => {
                self.run(NoticesCommand::PushGone(PushGone { id: subscription_id, for_good: false })).await?;
                match error {
                    PostError::Temporary(why) => self.later(ids, way, buzz.row.at, why).await,
                    PostError::Permanent { why, .. } => self.note(ids, way, RouteState::Failed, &why).await,
                }
            }
        }
    }

    /// A browser is gone; whether another one of the person takes it, its own job says.
    async fn lost(&self, ids: Vec<String>, others: bool) -> Result<(), JobError> {
        if others {
            return Ok(());
        }
        self.note(ids, (RouteKind::Push, None), RouteState::Failed, "subscription ended").await
    }
}

fn sender(conn: &mut AnyConnection, row: &NoticeRow) -> Result<Option<String>, Stop> {
    match &row.sender_id {
        Some(id) => Ok(team::store::person(conn, &row.workspace_id, id)?.map(|person| person.name)),
        None => Ok(None),
    }
}

/// None when there is nothing to tell, or nobody to tell it any more.
fn chat(conn: &mut AnyConnection, workspace_id: &str, base: &str, batch: &str, robot_id: &str) -> Result<Option<Chat>, Stop> {
    let Some(robot) = store::robot(conn, workspace_id, robot_id)? else { return Ok(None) };
    let mut rows = store::batch(conn, workspace_id, batch)?;
    rows.retain(|row| !row.archived);
    let Some(first) = rows.first().cloned() else { return Ok(None) };
    let kind = first.kind()?;
    let heard =
        first.routes()?.iter().any(|route| route.robot_id.as_deref() == Some(robot_id) && route.state == RouteState::Delivered);
    let ids = rows.iter().map(|row| row.id.clone()).collect();
    if heard || !(robot.enabled || kind == NoticeKind::RobotTest) {
        return Ok(Some(Chat { robot, ids, at: first.at, text: None, is_over: false }));
    }
    if telling::is_in_hand(conn, &first)? {
        return Ok(Some(Chat { robot, ids, at: first.at, text: None, is_over: true }));
    }
    let locale = team::store::workspace(conn, workspace_id)?.locale;
    let mut names = Vec::new();
    if !matches!(kind, NoticeKind::Message | NoticeKind::RobotTest) && rows.len() <= NAMES_MAX {
        for row in &rows {
            names.push(team::person(conn, workspace_id, &row.to_id)?.name);
        }
    }
    let sender = sender(conn, &first)?;
    let headline = words::headline(&locale, kind, &first.subject, sender.as_deref());
    let text = words::chat(&locale, &headline, &first.text, &names, &format!("{base}/{}", first.link));
    Ok(Some(Chat { robot, ids, at: first.at, text: Some(text), is_over: false }))
}

/// None when the notice is off the phones already.
fn buzz(conn: &mut AnyConnection, workspace_id: &str, notice_id: &str, subscription_id: &str) -> Result<Option<Buzz>, Stop> {
    let Some(row) = store::find(conn, workspace_id, notice_id)?.filter(|row| !row.archived) else { return Ok(None) };
    let person = team::person(conn, workspace_id, &row.to_id)?;
    let phones = store::subscriptions(conn, workspace_id, &row.to_id)?;
    let others = phones.iter().any(|phone| phone.id != subscription_id);
    let sender = sender(conn, &row)?;
    let title = words::headline(&person.locale, row.kind()?, &row.subject, sender.as_deref());
    let phone = phones.into_iter().find(|phone| phone.id == subscription_id && person.active);
    let is_needless = row.seen_at.is_some() || telling::is_in_hand(conn, &row)?;
    Ok(Some(Buzz { row, phone, others, title, is_needless }))
}
