//! Rows and wire rows of the roster.

use crate::db::schema::{assignment, shift_type};
use crate::door::{Audience, Bucket, Wire};
use crate::kit::text::Text;
use diesel::prelude::*;
use serde::Serialize;

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = shift_type, primary_key(workspace_id, id))]
pub struct ShiftTypeRow {
    pub workspace_id: String,
    pub id: String,
    pub letter: String,
    pub name_zh: String,
    pub name_en: String,
    pub start: String,
    pub length_min: i32,
    pub arrive_early_min: i32,
    pub skill_code: String,
    pub hue: i32,
    pub archived: bool,
}

impl ShiftTypeRow {
    pub fn wire(&self) -> ShiftType {
        ShiftType {
            id: self.id.clone(),
            letter: self.letter.clone(),
            name: Text { zh: self.name_zh.clone(), en: self.name_en.clone() },
            start: self.start.clone(),
            length_min: self.length_min,
            arrive_early_min: self.arrive_early_min,
            skill_code: self.skill_code.clone(),
            hue: self.hue,
            archived: self.archived,
        }
    }
}

/// A kind of shift: one letter in the grid, local start `HH:MM`, length in minutes, what its holder works as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ShiftType {
    pub id: String,
    pub letter: String,
    pub name: Text,
    pub start: String,
    pub length_min: i32,
    pub arrive_early_min: i32,
    pub skill_code: String,
    /// Colour number 0..=7.
    pub hue: i32,
    pub archived: bool,
}

impl Wire for ShiftType {
    const KIND: &'static str = "shift_type";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        Audience::from([Bucket::Workspace])
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = assignment, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct AssignmentRow {
    pub workspace_id: String,
    pub id: String,
    pub team_id: String,
    pub person_id: String,
    pub day: String,
    pub shift_type_id: String,
    pub start: String,
    pub length_min: i32,
    pub arrive_early_min: i32,
    pub zone: String,
    pub skill_code: String,
    pub letter: String,
    pub name_zh: String,
    pub name_en: String,
    pub shop_id: Option<String>,
    pub seat_id: Option<String>,
    pub starts_at: i64,
    pub ends_at: i64,
    pub archived: bool,
}

impl AssignmentRow {
    pub fn wire(&self) -> Assignment {
        Assignment {
            id: self.id.clone(),
            team_id: self.team_id.clone(),
            person_id: self.person_id.clone(),
            day: self.day.clone(),
            shift_type_id: self.shift_type_id.clone(),
            start: self.start.clone(),
            length_min: self.length_min,
            arrive_early_min: self.arrive_early_min,
            zone: self.zone.clone(),
            skill_code: self.skill_code.clone(),
            letter: self.letter.clone(),
            name: Text { zh: self.name_zh.clone(), en: self.name_en.clone() },
            shop_id: self.shop_id.clone(),
            seat_id: self.seat_id.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            archived: self.archived,
        }
    }
}

/// One shift of one person. `starts_at`, `ends_at` in UTC ms; `day` is the business day it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Assignment {
    pub id: String,
    pub team_id: String,
    pub person_id: String,
    pub day: String,
    pub shift_type_id: String,
    pub start: String,
    pub length_min: i32,
    pub arrive_early_min: i32,
    pub zone: String,
    pub skill_code: String,
    pub letter: String,
    pub name: Text,
    pub shop_id: Option<String>,
    pub seat_id: Option<String>,
    pub starts_at: i64,
    pub ends_at: i64,
    #[serde(skip)]
    pub archived: bool,
}

impl Wire for Assignment {
    const KIND: &'static str = "assignment";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        if self.archived {
            return Audience::new();
        }
        Audience::from([Bucket::Team(self.team_id.clone()), Bucket::User(self.person_id.clone())])
    }
}
