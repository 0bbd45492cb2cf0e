//! Rows and wire rows of the team room.

use crate::db::schema::{person, seat, shop, skill, team, workspace};
use crate::door::{Audience, Bucket, Role, Wire};
use crate::kit::refusal::Stop;
#[cfg(test)]
use crate::kit::text::Locale;
use crate::kit::text::Text;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

fn everyone() -> Audience {
    Audience::from([Bucket::Workspace])
}

/// The company. `view_hours`: a phone hides its view when it has not reached the server for so long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, AsChangeset, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
#[diesel(table_name = workspace)]
pub struct Workspace {
    pub id: String,
    pub name: String,
    /// IANA zone name.
    pub zone: String,
    #[cfg_attr(test, ts(as = "Locale"))]
    pub locale: String,
    pub view_hours: i32,
}

impl Wire for Workspace {
    const KIND: &'static str = "workspace";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        everyone()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, AsChangeset, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
#[diesel(table_name = team, primary_key(workspace_id, id))]
pub struct Team {
    #[serde(skip)]
    pub workspace_id: String,
    pub id: String,
    pub name: String,
    pub archived: bool,
}

impl Wire for Team {
    const KIND: &'static str = "team";
    const ACCESS: bool = true;
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        everyone()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    Tmall,
    Taobao,
    Jd,
    Pdd,
    Douyin,
    Other,
}

impl Platform {
    pub fn as_str(self) -> &'static str {
        match self {
            Platform::Tmall => "tmall",
            Platform::Taobao => "taobao",
            Platform::Jd => "jd",
            Platform::Pdd => "pdd",
            Platform::Douyin => "douyin",
            Platform::Other => "other",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, AsChangeset, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
#[diesel(table_name = shop, primary_key(workspace_id, id))]
pub struct Shop {
    #[serde(skip)]
    pub workspace_id: String,
    pub id: String,
    pub name: String,
    #[cfg_attr(test, ts(as = "Platform"))]
    pub platform: String,
    pub archived: bool,
}

impl Wire for Shop {
    const KIND: &'static str = "shop";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        everyone()
    }
}

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = skill, primary_key(workspace_id, id))]
pub struct SkillRow {
    pub workspace_id: String,
    pub id: String,
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub archived: bool,
}

impl SkillRow {
    pub fn wire(&self) -> Skill {
        let name = Text { zh: self.name_zh.clone(), en: self.name_en.clone() };
        Skill { id: self.id.clone(), code: self.code.clone(), name, archived: self.archived }
    }
}

/// What a person can do: presale, aftersale, night, supervisor, or the shop's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Skill {
    pub id: String,
    pub code: String,
    pub name: Text,
    pub archived: bool,
}

impl Wire for Skill {
    const KIND: &'static str = "skill";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        everyone()
    }
}

/// A shop account or desk that somebody holds during a shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, AsChangeset, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
#[diesel(table_name = seat, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct Seat {
    #[serde(skip)]
    pub workspace_id: String,
    pub id: String,
    pub name: String,
    pub shop_id: Option<String>,
    pub archived: bool,
}

impl Wire for Seat {
    const KIND: &'static str = "seat";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        everyone()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = person, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct PersonRow {
    pub workspace_id: String,
    pub id: String,
    pub name: String,
    pub role: String,
    pub team_id: String,
    /// JSON array of skill ids.
    pub skill_ids: String,
    pub active: bool,
    pub login: String,
    pub email: Option<String>,
    pub locale: String,
    /// Local `HH:MM`, or off.
    pub tomorrow_mail_at: Option<String>,
    pub invited: bool,
}

impl PersonRow {
    /// # Errors
    /// `Fault` when the stored row is not readable (never by our own writes).
    pub fn role(&self) -> Result<Role, Stop> {
        self.role.parse().map_err(Stop::fault)
    }

    /// What every colleague sees.
    ///
    /// # Errors
    /// As [`PersonRow::role`].
    pub fn public(&self) -> Result<Person, Stop> {
        Ok(Person {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role()?,
            team_id: self.team_id.clone(),
            skill_ids: serde_json::from_str(&self.skill_ids)?,
            active: self.active,
        })
    }

    /// What the person and the supervisors see.
    pub fn private(&self) -> PersonPrivate {
        PersonPrivate {
            team_id: self.team_id.clone(),
            id: self.id.clone(),
            login: self.login.clone(),
            email: self.email.clone(),
            locale: self.locale.clone(),
            tomorrow_mail_at: self.tomorrow_mail_at.clone(),
            invited: self.invited,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Person {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub team_id: String,
    pub skill_ids: Vec<String>,
    pub active: bool,
}

impl Wire for Person {
    const KIND: &'static str = "person";
    const ACCESS: bool = true;
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        everyone()
    }
}

/// Login, e-mail and settings of a person. `invited`: no password set yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct PersonPrivate {
    #[serde(skip)]
    pub team_id: String,
    pub id: String,
    pub login: String,
    pub email: Option<String>,
    #[cfg_attr(test, ts(as = "Locale"))]
    pub locale: String,
    pub tomorrow_mail_at: Option<String>,
    pub invited: bool,
}

impl Wire for PersonPrivate {
    const KIND: &'static str = "person_private";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        Audience::from([Bucket::User(self.id.clone()), Bucket::Supervisors(self.team_id.clone())])
    }
}
