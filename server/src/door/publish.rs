//! What a phone sees: every live row once as ready-made JSON (`sync_entry`), and who sees it (`sync_member`, one row per
//! audience and key). A pull reads these two tables and nothing else (sync_protocol 4.2-4.4).

use super::feed::RowChange;
use crate::db::AnyConnection;
use crate::db::schema::{sync_entry, sync_member};
use crate::kit::refusal::Stop;
use crate::upsert;
use diesel::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// A group of people that a row is shown to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    Workspace,
    Team(String),
    Supervisors(String),
    User(String),
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bucket::Workspace => f.write_str("ws"),
            Bucket::Team(id) => write!(f, "team:{id}"),
            Bucket::Supervisors(id) => write!(f, "sup:{id}"),
            Bucket::User(id) => write!(f, "user:{id}"),
        }
    }
}

pub type Audience = BTreeSet<Bucket>;

/// A row as phones see it. One key has one body for everybody who sees it: never redact per viewer, split the row instead.
pub trait Wire: Serialize {
    const KIND: &'static str;
    /// Whether these rows decide who may see and do what.
    const ACCESS: bool = false;
    /// Whether the history keeps only that these rows changed, not what they said.
    const PRIVATE: bool = false;
    fn id(&self) -> &str;
    /// Pure: the row alone decides who sees it. Empty means nobody (archived).
    fn audience(&self) -> Audience;

    fn key(&self) -> String {
        format!("{}/{}", Self::KIND, self.id())
    }
}

/// A row ready for the wire, stripped of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub kind: &'static str,
    pub key: String,
    pub body: String,
    pub audience: Audience,
    pub access: bool,
    pub private: bool,
}

impl Image {
    /// # Errors
    /// `Fault` when the row cannot be written as JSON.
    pub fn of<W: Wire>(row: &W) -> Result<Self, Stop> {
        let (kind, key, access, private) = (W::KIND, row.key(), W::ACCESS, W::PRIVATE);
        Ok(Image { kind, key, body: serde_json::to_string(row)?, audience: row.audience(), access, private })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = sync_entry, primary_key(workspace_id, key))]
struct EntryRow<'a> {
    workspace_id: &'a str,
    key: &'a str,
    kind: &'a str,
    ver: i64,
    body: &'a str,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = sync_member, primary_key(workspace_id, bucket, key))]
struct MemberRow<'a> {
    workspace_id: &'a str,
    bucket: &'a str,
    key: &'a str,
    seq: i64,
    present: bool,
}

/// Brings entry and members in line with the row's new image.
pub(super) fn store(
    conn: &mut AnyConnection,
    workspace_id: &str,
    version: i64,
    image: &Image,
    change: &RowChange,
) -> Result<(), Stop> {
    let key = image.key.as_str();
    match &change.body {
        Some(body) => {
            let row = EntryRow { workspace_id, key, kind: image.kind, ver: version, body: body.get() };
            upsert!(conn, sync_entry::table, (workspace_id, key), &row);
        }
        None => drop(diesel::delete(sync_entry::table.find((workspace_id, key))).execute(conn)?),
    }
    for (bucket, present) in &change.buckets {
        let row = MemberRow { workspace_id, bucket, key, seq: version, present: *present };
        upsert!(conn, sync_member::table, (workspace_id, bucket, key), &row);
    }
    Ok(())
}
