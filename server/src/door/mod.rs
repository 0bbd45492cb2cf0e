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
pub mod feed;
pub mod history;
pub mod old;
pub mod publish;
pub mod relay;
mod tx;

pub use access::Access;
pub use actor::{Actor, Role, Via};
pub use publish::{Audience, Bucket, Wire};
pub use tx::{MailDraft, NewJob, Tx};

use crate::db::schema::{receipt, sync_workspace};
use crate::db::{AnyConnection, Done, Fixed, UPKEEP, Writer};
use crate::kit::clock::Clock;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::rooms::Command;
use bus::{Bus, News};
use diesel::prelude::*;
use feed::{ClientChange, Commit, Feed, Notice};
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
    pub feed: Feed,
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
    commit: Commit,
    dirty: bool,
}

impl Door {
    /// # Errors
    /// `Fault` when the system has no thread left.
    pub fn new(writer: Writer, clock: Clock) -> Result<Self, Stop> {
        Ok(Door { writer, clock, bus: Bus::start().map_err(Stop::fault)?, feed: Feed::default() })
    }

    /// Opens the workspace for writing and commits what `work` did; when nothing was new it is taken back, so the version
    /// moves only with a change. Waits: not for network threads.
    ///
    /// # Errors
    /// `Gone` for an unknown workspace, `Busy` when too much is waiting, and whatever `work` returns, after taking it back.
    pub fn write<T: Send + 'static>(
        &self,
        workspace_id: &str,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        wait(|answer| self.open(workspace_id, bump, work, answer))
    }

    /// The same for network threads, which must not wait.
    ///
    /// # Errors
    /// As `write`.
    pub async fn write_soon<T: Send + 'static>(
        &self,
        workspace_id: &str,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let (tell, told) = tokio::sync::oneshot::channel();
        // Who asked may have gone away; the work is done all the same.
        self.open(workspace_id, bump, work, move |result| drop(tell.send(result)));
        told.await.unwrap_or_else(|_| Err(Stop::Busy("the server stops".into())))
    }

    /// Makes a new workspace: its counter row and whatever `work` puts into it, together or not at all.
    ///
    /// # Errors
    /// `Fault` when the id is taken, and whatever `work` returns.
    pub fn found<T: Send + 'static>(
        &self,
        workspace_id: &str,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let now = self.clock.now_ms();
        wait(|answer| self.open(workspace_id, move |conn, id| make_counter(conn, id, now), work, answer))
    }

    fn open<T: Send + 'static>(
        &self,
        workspace_id: &str,
        lock: impl FnOnce(&mut AnyConnection, &str) -> Result<(i64, i64), Stop> + Send + 'static,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, Stop> + Send + 'static,
        answer: impl FnOnce(Result<T, Stop>) + Send + 'static,
    ) {
        let (clock, id) = (self.clock.clone(), workspace_id.to_owned());
        let write = move |conn: &mut AnyConnection| {
            let (epoch, version) = lock(conn, &id)?;
            let commit = Commit { epoch, version, ..Commit::default() };
            let now = clock.now_ms();
            let mut writing = Writing { conn, workspace_id: &id, epoch, version, now, commit, dirty: false };
            let value = work(&mut writing)?;
            if writing.dirty { Ok(Done::Keep((value, Some(writing.commit)))) } else { Ok(Done::Discard((value, None))) }
        };
        let (ears, id) = (Ears { bus: self.bus.clone(), feed: self.feed.clone() }, workspace_id.to_owned());
        self.writer.submit(workspace_id, write, move |result| {
            answer(result.map(|(value, commit)| {
                if let Some(commit) = commit {
                    ears.announce(&id, commit);
                }
                value
            }));
        });
    }

    /// Runs one command in a transaction of its own. Waits: not for network threads.
    ///
    /// # Errors
    /// `Refused` with the rule that said no (nothing changed), `Busy` to try again, `Fault` for ours.
    pub fn execute(&self, actor: &Actor, command: Command, once: Option<Idempotency>) -> Result<Receipt, Stop> {
        let actor = actor.clone();
        self.write(&actor.workspace_id.clone(), move |writing| {
            if let Some(once) = &once
                && let Some(receipt) = writing.stored_receipt(&actor, once)?
            {
                return Ok(receipt);
            }
            writing.attempt(&actor, &command, None)?;
            let receipt = Receipt { version: writing.version };
            if let Some(once) = &once {
                writing.store_receipt(&actor, once, receipt)?;
            }
            Ok(receipt)
        })
    }

    /// Hands one command in and returns at once; `answer` is called when its fate is durable. Commands of one workspace are
    /// applied in the order in which they came.
    pub fn execute_ahead(&self, actor: &Actor, command: Command, answer: impl FnOnce(Result<Receipt, Stop>) + Send + 'static) {
        let (actor, workspace_id) = (actor.clone(), actor.workspace_id.clone());
        let work = move |writing: &mut Writing<'_>| {
            writing.attempt(&actor, &command, None)?;
            Ok(Receipt { version: writing.version })
        };
        self.open(&workspace_id, bump, work, answer);
    }

    /// Writes that no phone sees and no counter orders: sessions, job leases, mail states, blobs. The first statement of
    /// `work` must be a write. Waits: not for network threads.
    ///
    /// # Errors
    /// Whatever `work` returns, after taking it back.
    pub fn upkeep<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        wait(|answer| self.writer.submit(UPKEEP, |conn| work(conn).map(Done::Keep), answer))
    }

    /// Starts a new epoch: after a restore every phone must re-key, so that nothing of theirs is taken for done.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn move_epoch(&self, workspace_id: &str) -> Result<(), Stop> {
        let id = workspace_id.to_owned();
        self.upkeep(move |conn| {
            let row = sync_workspace::table.find(id);
            Ok(diesel::update(row).set(sync_workspace::epoch.eq(sync_workspace::epoch + 1)).execute(conn).map(drop)?)
        })
    }

    /// Who may come in has changed by a way that is no published row: a device was signed out, a password changed.
    pub fn access_changed(&self, workspace_id: &str, user_id: &str) {
        self.feed.access_changed(workspace_id);
        self.bus.tell(News::of_access(workspace_id, Bucket::User(user_id.to_owned()).to_string()));
    }
}

/// Hands work in and waits for its answer.
fn wait<T>(submit: impl FnOnce(Box<dyn FnOnce(Result<T, Stop>) + Send>)) -> Result<T, Stop>
where
    T: Send + 'static,
{
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    submit(Box::new(move |result| drop(tell.send(result))));
    told.recv().unwrap_or_else(|_| Err(Stop::Busy("the server stops".into())))
}

/// Whoever must hear of a commit.
struct Ears {
    bus: Bus,
    feed: Feed,
}

impl Ears {
    /// Called once the commit is durable and before its author is answered: whoever reads after that finds it.
    fn announce(&self, workspace_id: &str, mut commit: Commit) {
        let access = commit.rows.iter().any(|row| row.access);
        let seen = commit.rows.iter().flat_map(|row| &row.buckets).map(|(bucket, _)| bucket.clone());
        commit.touched.extend(seen);
        let (epoch, version, buckets) = (commit.epoch, commit.version, commit.touched.clone());
        let notice = Notice { epoch, from: version, to: version, count: 1, access, everyone: false, buckets };
        self.feed.apply(workspace_id, commit);
        self.bus.tell(News { workspace_id: workspace_id.to_owned(), notice });
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
    let next = diesel::update(sync_workspace::table.find(workspace_id))
        .set(sync_workspace::version.eq(sync_workspace::version + 1))
        .returning((sync_workspace::epoch, sync_workspace::version));
    Fixed(next).get_result(conn).optional()?.ok_or_else(|| Stop::from(Code::Gone))
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
        let mut full = None;
        let done = self.conn.transaction(|conn| {
            let mut tx = Tx::begin(conn, workspace_id, version, now, actor, command.name(), claimed_at);
            catch_unwind(AssertUnwindSafe(|| command.run(&mut tx)))
                .unwrap_or_else(|_| Err(Stop::fault(format!("panic in {}", command.name()))))
                .inspect_err(|stop| full = matches!(stop, Stop::Full(_)).then(|| stop.to_string()))?;
            Ok::<_, Stop>(tx.finish())
        });
        // A full disk may end the whole transaction; then taking the savepoint back fails, too, and hides why.
        let (rows, changed) = done.map_err(|stop| full.map_or(stop, Stop::Full))?;
        self.commit.rows.extend(rows);
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
        self.commit.touched.insert(bucket.to_string());
    }

    /// A client of a group moved on; its phones learn it by a pull.
    pub(crate) fn moved(&mut self, client: ClientChange) {
        self.commit.clients.push(client);
    }

    fn stored_receipt(&mut self, actor: &Actor, once: &Idempotency) -> Result<Option<Receipt>, Stop> {
        let stored: Option<(String, i64)> = receipt::table
            .find((self.workspace_id, &actor.user_id, &once.key))
            .select((receipt::digest, receipt::version))
            .get_result(self.conn)
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
