//! Rows of care policies, of orders, of files on a card, and of what is kept and erased.

use super::kinds::ErasedWhy;
use crate::db::schema::{care_policy, customer_file, customer_keep, customer_order, erasure};
use crate::door::{Audience, Bucket, Wire};
use crate::kit::refusal::Stop;
use crate::kit::text::Text;
use diesel::prelude::*;
use serde::Serialize;

/// An order as a shop's export tells it. Instants in UTC ms, money in cents.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = customer_order, primary_key(workspace_id, number), treat_none_as_null = true, treat_none_as_default_value = false)]
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
    /// The workspace's version that last wrote it.
    pub stamp: i64,
}

impl OrderRow {
    pub fn wire(&self) -> Order {
        Order {
            number: self.number.clone(),
            state: self.state.clone(),
            title: self.title.clone(),
            cents: self.cents,
            ordered_at: self.ordered_at,
            paid_at: self.paid_at,
        }
    }
}

/// An order on a buyer's card. Instants in UTC ms, money in cents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Order {
    pub number: String,
    pub state: String,
    pub title: String,
    pub cents: Option<i64>,
    pub ordered_at: Option<i64>,
    pub paid_at: Option<i64>,
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

/// A photo or document on a buyer's card; its bytes are the blob of this name.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = customer_file, primary_key(workspace_id, customer_id, sha256))]
pub struct FileRow {
    pub workspace_id: String,
    pub customer_id: String,
    pub sha256: String,
    pub name: String,
    pub mime: String,
    pub size: i64,
    pub author_id: String,
    pub at: i64,
}

impl FileRow {
    pub fn wire(&self) -> StoredFile {
        StoredFile {
            id: self.sha256.clone(),
            name: self.name.clone(),
            mime: self.mime.clone(),
            size: self.size,
            author_id: self.author_id.clone(),
            at: self.at,
        }
    }
}

/// A file on a buyer's card. `size` in bytes, `at` in UTC ms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct StoredFile {
    pub id: String,
    pub name: String,
    pub mime: String,
    pub size: i64,
    pub author_id: String,
    pub at: i64,
}

/// How many months a buyer is kept of whom nothing is heard; `None`: for ever.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = customer_keep, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct KeepRow {
    pub workspace_id: String,
    pub id: String,
    pub months: Option<i32>,
}

impl KeepRow {
    pub fn wire(&self) -> Retention {
        Retention { id: self.id.clone(), months: self.months }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Retention {
    pub id: String,
    pub months: Option<i32>,
}

impl Wire for Retention {
    const KIND: &'static str = "retention";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        Audience::from([Bucket::Workspace])
    }
}

/// A buyer who was erased: how much was deleted, and whether nothing was found afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = erasure, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct ErasureRow {
    pub workspace_id: String,
    pub id: String,
    pub team_id: String,
    pub at: i64,
    pub why: String,
    pub reason: String,
    pub by_id: Option<String>,
    pub contacts: i32,
    pub callbacks: i32,
    pub orders: i32,
    pub files: i32,
    pub proved: bool,
    pub stamp: i64,
}

impl ErasureRow {
    /// # Errors
    /// `Fault` when the stored word is not one of ours.
    pub fn wire(&self) -> Result<Erasure, Stop> {
        Ok(Erasure {
            id: self.id.clone(),
            at: self.at,
            why: self.why.parse().map_err(|()| Stop::fault("a reason for erasing that is not ours"))?,
            reason: self.reason.clone(),
            by: self.by_id.clone(),
            contacts: self.contacts,
            callbacks: self.callbacks,
            orders: self.orders,
            files: self.files,
            proved: self.proved,
        })
    }
}

/// Proof that a buyer was erased. `id` of the former card, `at` in UTC ms, `by` whom; the rest counts what was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Erasure {
    pub id: String,
    pub at: i64,
    pub why: ErasedWhy,
    pub reason: String,
    pub by: Option<String>,
    pub contacts: i32,
    pub callbacks: i32,
    pub orders: i32,
    pub files: i32,
    /// Nothing of the buyer was found afterwards.
    pub proved: bool,
}
