//! Rows and wire rows of the notices room.

use super::kinds::{NoticeKind, NoticeLevel, RobotKind, RouteKind, RouteState};
use super::rules;
use crate::db::schema::{notice, push_subscription, robot};
use crate::door::{Audience, Bucket, Wire};
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// One way of a notice and how far it came. `at`: when that became so (UTC ms); `why`: a short technical reason without addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct NoticeRoute {
    pub route: RouteKind,
    /// Which robot, for the way `robot`.
    pub robot_id: Option<String>,
    pub state: RouteState,
    pub at: i64,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = notice, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct NoticeRow {
    pub workspace_id: String,
    pub id: String,
    /// What was told at once, to however many.
    pub batch: String,
    pub to_id: String,
    pub team_id: String,
    pub sender_id: Option<String>,
    pub kind: String,
    pub level: String,
    pub subject: String,
    pub text: String,
    pub link: String,
    pub at: i64,
    pub seen_at: Option<i64>,
    /// JSON array of [`NoticeRoute`].
    pub routes: String,
    pub archived: bool,
    /// JSON array of the ids of the work it is about.
    pub about: String,
}

impl NoticeRow {
    /// # Errors
    /// `Fault` when the stored row is not readable (never by our own writes).
    pub fn kind(&self) -> Result<NoticeKind, Stop> {
        self.kind.parse().map_err(|()| Stop::fault("notice kind"))
    }

    /// # Errors
    /// As [`NoticeRow::kind`].
    pub fn level(&self) -> Result<NoticeLevel, Stop> {
        self.level.parse().map_err(|()| Stop::fault("notice level"))
    }

    /// # Errors
    /// As [`NoticeRow::kind`].
    pub fn routes(&self) -> Result<Vec<NoticeRoute>, Stop> {
        Ok(serde_json::from_str(&self.routes)?)
    }

    /// # Errors
    /// As [`NoticeRow::kind`].
    pub fn about(&self) -> Result<Vec<String>, Stop> {
        Ok(serde_json::from_str(&self.about)?)
    }

    /// # Errors
    /// As [`NoticeRow::kind`].
    pub fn wire(&self) -> Result<Notice, Stop> {
        Ok(Notice {
            id: self.id.clone(),
            batch: self.batch.clone(),
            to_id: self.to_id.clone(),
            team_id: self.team_id.clone(),
            sender_id: self.sender_id.clone(),
            kind: self.kind()?,
            level: self.level()?,
            subject: self.subject.clone(),
            text: self.text.clone(),
            link: self.link.clone(),
            at: self.at,
            seen_at: self.seen_at,
            routes: self.routes()?,
            archived: self.archived,
        })
    }
}

/// Something a person was told, and by which ways. `sender_id` none: the system. `batch` is the same for all who were told at once.
/// `subject`: a few words for the list (a task's title, a buyer's nick); `text`: a colleague's own words; `link`: where in the app it
/// is dealt with, `#/…`. Instants in UTC ms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Notice {
    pub id: String,
    pub batch: String,
    pub to_id: String,
    pub team_id: String,
    pub sender_id: Option<String>,
    pub kind: NoticeKind,
    pub level: NoticeLevel,
    pub subject: String,
    pub text: String,
    pub link: String,
    pub at: i64,
    pub seen_at: Option<i64>,
    pub routes: Vec<NoticeRoute>,
    #[serde(skip)]
    pub archived: bool,
}

impl Wire for Notice {
    const KIND: &'static str = "notice";
    const PRIVATE: bool = true;
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        if self.archived {
            return Audience::new();
        }
        let people = std::iter::once(&self.to_id).chain(&self.sender_id).cloned().map(Bucket::User);
        people.chain([Bucket::Supervisors(self.team_id.clone())]).collect()
    }
}

/// A robot of a group chat. `url` and `secret` stay on the server.
#[derive(Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = robot, primary_key(workspace_id, id))]
pub struct RobotRow {
    pub workspace_id: String,
    pub id: String,
    pub team_id: String,
    pub kind: String,
    pub name: String,
    pub url: String,
    pub secret: String,
    pub enabled: bool,
}

impl RobotRow {
    /// # Errors
    /// As [`NoticeRow::kind`].
    pub fn kind(&self) -> Result<RobotKind, Stop> {
        self.kind.parse().map_err(|()| Stop::fault("robot kind"))
    }

    /// # Errors
    /// As [`NoticeRow::kind`].
    pub fn wire(&self) -> Result<Robot, Stop> {
        Ok(Robot {
            id: self.id.clone(),
            team_id: self.team_id.clone(),
            kind: self.kind()?,
            name: self.name.clone(),
            host: rules::host(&self.url),
            has_secret: !self.secret.is_empty(),
            enabled: self.enabled,
        })
    }
}

/// A robot that writes into a team's group chat, without its address and secret. `host`: whose server it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Robot {
    pub id: String,
    pub team_id: String,
    pub kind: RobotKind,
    pub name: String,
    pub host: String,
    pub has_secret: bool,
    pub enabled: bool,
}

impl Wire for Robot {
    const KIND: &'static str = "robot";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        Audience::from([Bucket::Supervisors(self.team_id.clone())])
    }
}

/// A browser that takes Web Push for a person. `p256dh` and `auth` are base64url as the browser gives them (RFC 8291).
#[derive(Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = push_subscription, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct SubscriptionRow {
    pub workspace_id: String,
    pub id: String,
    pub person_id: String,
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
    pub created_at: i64,
    /// When it last could not be reached (UTC ms).
    pub failed_at: Option<i64>,
}
