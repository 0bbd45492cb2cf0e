//! The write door. Push from phones, REST and jobs all build a [`Command`](crate::rooms::Command) and come through here;
//! nobody else can write, because only the door holds the [`Writer`] and only the door makes a [`Tx`].
//!
//! One database transaction: bump and lock the workspace's counter FIRST, answer a repeated command with its receipt, check
//! the access table, let the room load, decide and store, audit and publish every changed row, insert outbox mails and
//! follow-up jobs, commit, then poke.
//!
//! Tables: `sync_workspace`, `receipt`, `audit` and (through [`publish`]) `sync_entry`, `sync_member`.

pub mod access;
pub mod actor;
pub mod bus;
pub mod check;
pub mod commands;
pub mod history;
pub mod old;
pub mod publish;
mod tx;

pub use access::Access;
pub use actor::{Actor, Role, Via};
pub use publish::{Audience, Bucket, Wire};
pub use tx::{MailDraft, NewJob, Tx};

use crate::db::schema::{receipt, sync_workspace};
use crate::db::{AnyConnection, Writer};
use crate::kit::clock::Clock;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::rooms::Command;
use bus::Bus;
use diesel::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Versions of one epoch fit below this; the cookie's order is `epoch * EPOCH + version` and never decreases.
pub const EPOCH: i64 = 1 << 40;

/// Proof that a command was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Receipt {
    /// The workspace version that contains the command's effects.
    pub version: i64,
}

#[derive(Clone)]
pub struct Door {
    writer: Writer,
    pub clock: Clock,
    pub bus: Bus,
}

/// Names one REST request, so that sending it again does nothing again.
#[derive(Debug, Clone)]
pub struct Idempotency {
    pub key: String,
    /// Hash of the request, to notice a key used for something else.
    pub digest: String,
}

/// An open write transaction of one workspace, with its counter row locked.
pub struct Writing<'a> {
    conn: &'a mut AnyConnection,
    pub workspace_id: &'a str,
    pub epoch: i64,
    pub version: i64,
    pub now: i64,
    touched: BTreeSet<String>,
    dirty: bool,
}

impl Door {
    pub fn new(writer: Writer, clock: Clock) -> Self {
        Door { writer, clock, bus: Bus::default() }
    }

    /// Opens the workspace for writing and commits what `work` did; when nothing was new it rolls back, so the version
    /// moves only with a change.
    ///
    /// # Errors
    /// `Gone` for an unknown workspace, and whatever `work` returns, after rolling back.
    pub fn write<T>(&self, workspace_id: &str, work: impl FnOnce(&mut Writing<'_>) -> Result<T, Stop>) -> Result<T, Stop> {
        self.open(workspace_id, bump, work)
    }

    /// Makes a new workspace: its counter row and whatever `work` puts into it, together or not at all.
    ///
    /// # Errors
    /// `Fault` when the id is taken, and whatever `work` returns.
    pub fn found<T>(&self, workspace_id: &str, work: impl FnOnce(&mut Writing<'_>) -> Result<T, Stop>) -> Result<T, Stop> {
        let now = self.clock.now_ms();
        self.open(workspace_id, |conn, id| make_counter(conn, id, now), work)
    }

    fn open<T>(
        &self,
        workspace_id: &str,
        lock: impl FnOnce(&mut AnyConnection, &str) -> Result<(i64, i64), Stop>,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let mut unchanged = None;
        let mut touched = BTreeSet::new();
        let mut order = 0;
        let result = self.writer.transaction(|conn| {
            let (epoch, version) = lock(conn, workspace_id)?;
            let now = self.clock.now_ms();
            let mut writing = Writing { conn, workspace_id, epoch, version, now, touched: BTreeSet::new(), dirty: false };
            let value = work(&mut writing)?;
            if !writing.dirty {
                unchanged = Some(value);
                return Err(Stop::fault("nothing to commit"));
            }
            touched = writing.touched;
            order = epoch * EPOCH + version;
            Ok(value)
        });
        if let Some(value) = unchanged {
            return Ok(value);
        }
        if result.is_ok() {
            self.bus.poke(workspace_id, order, touched);
        }
        result
    }

    /// Runs one command in a transaction of its own.
    ///
    /// # Errors
    /// `Refused` with the rule that said no (nothing changed), `Busy` to try again, `Fault` for ours.
    pub fn execute(&self, actor: &Actor, command: &Command, once: Option<&Idempotency>) -> Result<Receipt, Stop> {
        self.write(&actor.workspace_id, |writing| {
            if let Some(once) = once
                && let Some(receipt) = writing.stored_receipt(actor, once)?
            {
                return Ok(receipt);
            }
            writing.attempt(actor, command, None)?;
            let receipt = Receipt { version: writing.version };
            if let Some(once) = once {
                writing.store_receipt(actor, once, receipt)?;
            }
            Ok(receipt)
        })
    }

    /// Writes that no phone sees and no counter orders: sessions, job leases, mail states, blobs. The first statement of
    /// `work` must be a write.
    ///
    /// # Errors
    /// Whatever `work` returns, after rolling back.
    pub fn upkeep<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T, Stop>) -> Result<T, Stop> {
        self.writer.transaction(work)
    }

    /// Starts a new epoch: after a restore every phone must re-key, so that nothing of theirs is taken for done.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn move_epoch(&self, workspace_id: &str) -> Result<(), Stop> {
        self.upkeep(|conn| {
            let row = sync_workspace::table.find(workspace_id);
            Ok(diesel::update(row).set(sync_workspace::epoch.eq(sync_workspace::epoch + 1)).execute(conn).map(drop)?)
        })
    }
}

fn make_counter(conn: &mut AnyConnection, workspace_id: &str, now: i64) -> Result<(i64, i64), Stop> {
    let row = (
        sync_workspace::id.eq(workspace_id),
        sync_workspace::epoch.eq(1_i64),
        sync_workspace::version.eq(1_i64),
        sync_workspace::floor.eq(0_i64),
        sync_workspace::created_at.eq(now),
    );
    diesel::insert_into(sync_workspace::table).values(row).execute(conn)?;
    Ok((1, 1))
}

fn bump(conn: &mut AnyConnection, workspace_id: &str) -> Result<(i64, i64), Stop> {
    diesel::update(sync_workspace::table.find(workspace_id))
        .set(sync_workspace::version.eq(sync_workspace::version + 1))
        .returning((sync_workspace::epoch, sync_workspace::version))
        .get_result(conn)
        .optional()?
        .ok_or_else(|| Stop::from(Code::Gone))
}

impl Writing<'_> {
    /// Runs one command behind a savepoint: either all of it happens or nothing.
    ///
    /// # Errors
    /// `Refused`, `Busy`, or `Fault` (also for a panic in a room); the savepoint is rolled back, earlier commands stay.
    pub fn attempt(&mut self, actor: &Actor, command: &Command, claimed_at: Option<i64>) -> Result<(), Stop> {
        if !access::allows(actor, command.access()) {
            return Err(Refusal::because(Code::Forbidden, command.name()).into());
        }
        let (workspace_id, version, now) = (self.workspace_id, self.version, self.now);
        let (touched, changed) = self.conn.transaction(|conn| {
            let mut tx = Tx::begin(conn, workspace_id, version, now, actor, command.name(), claimed_at);
            catch_unwind(AssertUnwindSafe(|| command.run(&mut tx)))
                .unwrap_or_else(|_| Err(Stop::fault(format!("panic in {}", command.name()))))?;
            Ok::<_, Stop>(tx.finish())
        })?;
        self.touched.extend(touched);
        self.dirty |= changed;
        Ok(())
    }

    /// Queues a job that time, not a command, made due.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn queue(&mut self, actor: &Actor, job: NewJob) -> Result<(), Stop> {
        let mut tx = Tx::begin(self.conn, self.workspace_id, self.version, self.now, actor, "tick", None);
        tx.job(job)?;
        self.dirty |= tx.finish().1;
        Ok(())
    }

    /// The connection, for the bookkeeping of sync. Counts as a change.
    pub(crate) fn ledger(&mut self) -> &mut AnyConnection {
        self.dirty = true;
        self.conn
    }

    /// The connection, for looking before deciding.
    pub(crate) fn peek(&mut self) -> &mut AnyConnection {
        self.conn
    }

    /// Someone whose phone should pull after the commit.
    pub(crate) fn touch(&mut self, bucket: &Bucket) {
        self.touched.insert(bucket.to_string());
    }

    fn stored_receipt(&mut self, actor: &Actor, once: &Idempotency) -> Result<Option<Receipt>, Stop> {
        let stored: Option<(String, i64)> = receipt::table
            .find((self.workspace_id, &actor.user_id, &once.key))
            .select((receipt::digest, receipt::version))
            .first(self.conn)
            .optional()?;
        match stored {
            None => Ok(None),
            Some((digest, version)) if digest == once.digest => Ok(Some(Receipt { version })),
            Some(_) => Err(Code::IdempotencyMismatch.into()),
        }
    }

    fn store_receipt(&mut self, actor: &Actor, once: &Idempotency, given: Receipt) -> Result<(), Stop> {
        let row = (
            receipt::workspace_id.eq(self.workspace_id),
            receipt::user_id.eq(&actor.user_id),
            receipt::idempotency_key.eq(&once.key),
            receipt::digest.eq(&once.digest),
            receipt::version.eq(given.version),
            receipt::at.eq(self.now),
        );
        diesel::insert_into(receipt::table).values(row).execute(self.ledger())?;
        Ok(())
    }
}
