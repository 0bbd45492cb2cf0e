//! Rows of care policies and of orders.

use crate::db::schema::{care_policy, customer_order};
use crate::door::{Audience, Bucket, Wire};
use crate::kit::text::Text;
use diesel::prelude::*;
use serde::Serialize;

/// An order as a shop's export tells it. Instants in UTC ms, money in cents.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = customer_order, primary_key(workspace_id, number), treat_none_as_null = true)]
pub struct OrderRow {
    pub workspace_id: String,
    pub number: String,
    pub customer_id: String,
    pub state: String,
    pub title: String,
    pub cents: Option<i64>,
    pub ordered_at: Option<i64>,
    pub paid_at: Option<i64>,
    pub raw: String,
}

/// How often the buyers of a tier are called: days between two real contacts.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = care_policy, primary_key(workspace_id, id))]
pub struct PolicyRow {
    pub workspace_id: String,
    pub id: String,
    pub name_zh: String,
    pub name_en: String,
    pub ideal_days: i32,
    pub longest_days: i32,
    pub enabled: bool,
}

impl PolicyRow {
    pub fn wire(&self) -> CarePolicy {
        CarePolicy {
            id: self.id.clone(),
            name: Text::new(&self.name_zh, &self.name_en),
            ideal_days: self.ideal_days,
            longest_days: self.longest_days,
            enabled: self.enabled,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct CarePolicy {
    pub id: String,
    pub name: Text,
    pub ideal_days: i32,
    pub longest_days: i32,
    pub enabled: bool,
}

impl Wire for CarePolicy {
    const KIND: &'static str = "care_policy";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        Audience::from([Bucket::Workspace])
    }
}
