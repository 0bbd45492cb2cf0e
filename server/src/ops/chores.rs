//! The nightly work: which there is, when it is due, and what each does. Old things go in small batches: each is looked for
//! without a lock and judged again behind it, so that nobody waits for the cleaning.

use super::{rules, store};
use crate::app::App;
use crate::auth::links;
use crate::config::Daily;
use crate::db::{AnyConnection, Db};
use crate::door::{self, Actor, Door, NewJob, Via, Writing};
use crate::jobs::{JobError, blocking, queue};
use crate::kit::refusal::Stop;
use crate::sync::pull::TOMBSTONE_MS;
use crate::{customers, mail, sync, team};
use chrono::NaiveTime;
use serde_json::{Value, json};

const DAY_MS: i64 = 24 * 3_600_000;
/// Rows that one transaction takes away.
const BATCH: i64 = 500;
/// After the usual hour of backups, before anybody works.
const CLEANING: NaiveTime = match NaiveTime::from_hms_opt(4, 30, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// A phone, and the log of what it sent, is forgotten after so many days of silence (sync_protocol 4.2).
const CLIENT_DAYS: i64 = 400;
const RECEIPT_DAYS: i64 = 30;
const MAIL_DAYS: i64 = 90;
const LINK_DAYS: i64 = 30;
const BLOB_DAYS: i64 = 7;

pub const BACKUP: &str = "backup.make";
const CLEANINGS: [&str; 8] = [
    "keep.tombstones",
    "keep.audit",
    "keep.receipts",
    "keep.clients",
    "keep.mails",
    "keep.links",
    "keep.blobs",
    "keep.customers",
];

/// Queues the nightly work that is due in one workspace. The first workspace also carries the backup of the whole server.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn tick(app: &App, workspace_id: &str, is_first: bool, now: i64) -> Result<(), Stop> {
    let backup_at = match app.config.nightly.backup_at {
        Daily::At(time) if is_first => Some((BACKUP, time)),
        _ => None,
    };
    let due = app.db.read(|conn| {
        let zone = team::zone(conn, workspace_id)?;
        let done = store::done(conn, workspace_id)?;
        let founded_at = door::old::founded_at(conn, workspace_id)?;
        let mut due = Vec::new();
        for (kind, time) in CLEANINGS.iter().map(|kind| (*kind, CLEANING)).chain(backup_at) {
            let turn = rules::turn(now, time, zone);
            let name = format!("{kind}:{turn}");
            if rules::is_due(turn, done.get(kind).copied(), founded_at) && !queue::is_known(conn, workspace_id, &name)? {
                due.push(NewJob { kind, payload: json!({ "turn": turn }), due_at: now, dedupe: Some(name) });
            }
        }
        Ok(due)
    })?;
    if due.is_empty() {
        return Ok(());
    }
    let system = Actor::system(workspace_id, Via::Job);
    app.door.write(workspace_id, move |writing: &mut Writing<'_>| due.into_iter().try_for_each(|job| writing.queue(&system, job)))
}

/// Does one cleaning and notes for which turn.
///
/// # Errors
/// `Retry` when the database is busy, `Dead` for work that nobody knows.
pub async fn run(app: &App, workspace_id: &str, kind: &str, payload: &Value) -> Result<(), JobError> {
    let name = *CLEANINGS.iter().find(|known| **known == kind).ok_or_else(|| JobError::Dead(format!("no job kind {kind}")))?;
    let cleaning = Cleaning {
        db: app.db.clone(),
        door: app.door.clone(),
        workspace_id: workspace_id.to_owned(),
        now: app.door.clock.now_ms(),
        audit_days: app.config.nightly.audit_days.into(),
    };
    let turn = payload["turn"].as_i64().unwrap_or_default();
    blocking(move || {
        let gone = cleaning.run(name)?;
        tracing::info!(work = name, rows = gone, "nightly work");
        note(&cleaning.door, &cleaning.workspace_id, name, turn)
    })
    .await?;
    Ok(())
}

/// Notes that a turn was taken.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn note(door: &Door, workspace_id: &str, name: &'static str, turn: i64) -> Result<(), Stop> {
    let workspace_id = workspace_id.to_owned();
    door.upkeep(move |conn| store::set_done(conn, &workspace_id, name, turn))
}

struct Cleaning {
    db: Db,
    door: Door,
    workspace_id: String,
    now: i64,
    audit_days: i64,
}

impl Cleaning {
    fn run(&self, name: &str) -> Result<usize, Stop> {
        match name {
            "keep.tombstones" => self.tombstones(),
            "keep.audit" => self.audit(),
            "keep.receipts" => self.receipts(),
            "keep.clients" => self.clients(),
            "keep.mails" => self.mails(),
            "keep.links" => {
                let before = self.before(LINK_DAYS);
                self.door.upkeep(move |conn| links::tidy(conn, before))
            }
            "keep.customers" => customers::jobs::erase_old(&self.db, &self.door, &self.workspace_id),
            _ => self.blobs(),
        }
    }

    fn before(&self, days: i64) -> i64 {
        self.now - days * DAY_MS
    }

    /// Finds a batch and drops it, until nothing is found or nothing goes.
    fn sweep(
        &self,
        find: impl Fn(&mut AnyConnection, &str) -> Result<Vec<String>, Stop>,
        drop: impl Fn(Vec<String>) -> Result<usize, Stop>,
    ) -> Result<usize, Stop> {
        let mut gone = 0;
        loop {
            let found = self.db.read(|conn| find(conn, &self.workspace_id))?;
            let dropped = if found.is_empty() { 0 } else { drop(found)? };
            if dropped == 0 {
                return Ok(gone);
            }
            gone += dropped;
        }
    }

    /// Deletions older than thirty days, then the samples of the clock that only served to find them.
    fn tombstones(&self) -> Result<usize, Stop> {
        let at = self.now - TOMBSTONE_MS;
        let Some(version) = self.db.read(|conn| sync::clock::version_at(conn, &self.workspace_id, at))? else { return Ok(0) };
        let gone = self.sweep(
            |conn, id| door::old::find_tombstones(conn, id, version, BATCH),
            |keys| door::old::drop_tombstones(&self.door, &self.workspace_id, keys, version),
        )?;
        let orphans = self.sweep(
            |conn, id| door::old::find_orphans(conn, id, BATCH),
            |keys| door::old::drop_orphans(&self.door, &self.workspace_id, keys),
        )?;
        let id = self.workspace_id.clone();
        let samples = self.door.upkeep(move |conn| sync::old::drop_samples(conn, &id, version))?;
        Ok(gone + orphans + samples)
    }

    fn audit(&self) -> Result<usize, Stop> {
        let before = self.before(self.audit_days);
        self.sweep(
            |conn, id| door::old::find_audit(conn, id, before, BATCH),
            |ids| {
                let id = self.workspace_id.clone();
                self.door.upkeep(move |conn| door::old::drop_audit(conn, &id, &ids))
            },
        )
    }

    fn receipts(&self) -> Result<usize, Stop> {
        let before = self.before(RECEIPT_DAYS);
        self.sweep(
            |conn, id| door::old::find_receipts(conn, id, before, BATCH),
            |keys| {
                let id = self.workspace_id.clone();
                self.door.upkeep(move |conn| door::old::drop_receipts(conn, &id, &keys, before))
            },
        )
    }

    fn clients(&self) -> Result<usize, Stop> {
        let before = self.before(CLIENT_DAYS);
        self.sweep(
            |conn, id| sync::old::find_clients(conn, id, before, BATCH),
            |ids| ids.into_iter().map(|id| sync::old::drop_client(&self.door, &self.workspace_id, id, before)).sum(),
        )
    }

    fn mails(&self) -> Result<usize, Stop> {
        let before = self.before(MAIL_DAYS);
        self.sweep(
            |conn, id| mail::old::find(conn, id, before, BATCH),
            |ids| {
                let id = self.workspace_id.clone();
                self.door.upkeep(move |conn| mail::old::forget(conn, &id, &ids))
            },
        )
    }

    fn blobs(&self) -> Result<usize, Stop> {
        let before = self.before(BLOB_DAYS);
        self.sweep(
            |conn, id| sync::old::find_blobs(conn, id, before, BATCH),
            |hashes| sync::old::drop_blobs(&self.door, &self.workspace_id, hashes, before),
        )
    }
}
