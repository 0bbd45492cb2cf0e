//! The writer: everything that waits to be written goes into one transaction, a savepoint each, and is answered after the
//! commit. So all who wait share the price of one durable commit, and nobody holds a connection while waiting.
//!
//! Work belongs to a lane; a lane is written by one thread at a time, in order. SQLite has a single lane. On Postgres each
//! workspace is one (its counter row would serialise them anyway), so that workspaces do not wait for each other.

use super::{AnyConnection, Location, Purpose, dialect, guard};
use crate::kit::refusal::Stop;
use diesel::Connection;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Most work in one commit; it bounds how long the first of them waits.
const GROUP: usize = 64;
/// Most work that may wait; beyond it callers are told to come back (503).
const WAITING: usize = 2_048;
/// Work of no workspace. On Postgres it is committed one by one: it locks rows in no common order.
pub const UPKEEP: &str = "";

/// What becomes of what a piece of work wrote.
pub enum Done<T> {
    Keep(T),
    /// Nothing was new: it is taken back, so that a version moves only with a change.
    Discard(T),
}

/// Write access. Made once, handed to the door and to nobody else (a tidy test holds that).
#[derive(Clone)]
pub struct Writer(Arc<Threads>);

struct Threads {
    shared: Arc<Shared>,
    running: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    location: Location,
    purpose: Purpose,
    queue: Mutex<Queue>,
    ready: Condvar,
}

#[derive(Default)]
struct Queue {
    lanes: HashMap<String, VecDeque<Box<dyn Task>>>,
    /// Lanes with work that no thread is writing, in the order of their turn.
    turns: VecDeque<String>,
    waiting: usize,
    closed: bool,
}

trait Task: Send {
    /// Does the work; false when what it wrote is to be taken back.
    fn run(&mut self, conn: &mut AnyConnection) -> bool;
    /// Its fate is durable.
    fn answer(self: Box<Self>);
    /// Nothing of it was written.
    fn lose(self: Box<Self>, why: Stop);
}

struct Piece<T, W, A> {
    work: Option<W>,
    result: Option<Result<T, Stop>>,
    answer: A,
}

impl<T, W, A> Task for Piece<T, W, A>
where
    T: Send,
    W: FnOnce(&mut AnyConnection) -> Result<Done<T>, Stop> + Send,
    A: FnOnce(Result<T, Stop>) + Send,
{
    fn run(&mut self, conn: &mut AnyConnection) -> bool {
        let Some(work) = self.work.take() else { return false };
        let (result, keep) = match work(conn) {
            Ok(Done::Keep(value)) => (Ok(value), true),
            Ok(Done::Discard(value)) => (Ok(value), false),
            Err(stop) => (Err(stop), false),
        };
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>) {
        (self.answer)(self.result.unwrap_or_else(|| Err(Stop::fault("work without a result"))));
    }

    fn lose(self: Box<Self>, why: Stop) {
        // What failed by itself keeps its own reason.
        let own = self.result.and_then(Result::err).filter(|stop| !matches!(stop, Stop::Busy(_)));
        (self.answer)(Err(own.unwrap_or(why)));
    }
}

impl Writer {
    /// Starts the writing threads; connections are opened with the first work.
    ///
    /// # Errors
    /// `Fault` when the system has no thread left.
    pub(super) fn start(location: &Location, threads: usize, purpose: Purpose) -> Result<Self, Stop> {
        let (queue, ready) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { location: location.clone(), purpose, queue, ready });
        let count = if shared.has_one_lane() { 1 } else { threads };
        let spawn = |number: usize| {
            let shared = shared.clone();
            std::thread::Builder::new().name(format!("writer {number}")).spawn(move || shared.write_on()).map_err(Stop::fault)
        };
        let running = Mutex::new((0..count).map(spawn).collect::<Result<_, _>>()?);
        Ok(Writer(Arc::new(Threads { shared, running })))
    }

    /// Hands work in and returns at once; `answer` is called when its fate is durable. The first statement of `work` must be
    /// a write (sync_protocol 2.2, 2.3). It is answered `Busy` when too much is waiting already.
    pub fn submit<T: Send + 'static>(
        &self,
        lane: &str,
        work: impl FnOnce(&mut AnyConnection) -> Result<Done<T>, Stop> + Send + 'static,
        answer: impl FnOnce(Result<T, Stop>) + Send + 'static,
    ) {
        let shared = &self.0.shared;
        let lane = if shared.has_one_lane() { UPKEEP } else { lane };
        let mut queue = shared.lock();
        if queue.closed || queue.waiting >= WAITING {
            drop(queue);
            metrics::counter!("dutyboard_writes_turned_away_total").increment(1);
            return answer(Err(Stop::Busy("too much is waiting to be written".into())));
        }
        queue.waiting += 1;
        let piece = Box::new(Piece { work: Some(work), result: None, answer });
        match queue.lanes.get_mut(lane) {
            Some(line) => line.push_back(piece),
            None => {
                queue.lanes.insert(lane.to_owned(), VecDeque::from([piece as Box<dyn Task>]));
                queue.turns.push_back(lane.to_owned());
                shared.ready.notify_one();
            }
        }
    }
}

impl Drop for Threads {
    /// What waits is still written.
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.ready.notify_all();
        let running = std::mem::take(self.running.get_mut().unwrap_or_else(PoisonError::into_inner));
        let own = std::thread::current().id();
        for thread in running.into_iter().filter(|thread| thread.thread().id() != own) {
            // A thread that panicked has said so already.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn has_one_lane(&self) -> bool {
        !self.location.is_shared()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A writing thread: takes turns until the writer is closed and everything is written.
    fn write_on(&self) {
        let mut link = Link { location: &self.location, purpose: self.purpose, conn: None };
        while let Some((lane, group)) = self.next() {
            link.commit(group);
            self.give_back(lane);
        }
    }

    fn next(&self) -> Option<(String, Vec<Box<dyn Task>>)> {
        let mut queue = self.lock();
        loop {
            if let Some(lane) = queue.turns.pop_front() {
                let most = if lane == UPKEEP && !self.has_one_lane() { 1 } else { GROUP };
                let line = queue.lanes.get_mut(&lane);
                let group: Vec<_> = line.map(|line| line.drain(..most.min(line.len())).collect()).unwrap_or_default();
                queue.waiting -= group.len();
                return Some((lane, group));
            }
            if queue.closed {
                return None;
            }
            queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The lane may be written by anybody again: it queues up when more has come, and goes when not.
    fn give_back(&self, lane: String) {
        let mut queue = self.lock();
        if queue.lanes.get(&lane).is_some_and(|line| !line.is_empty()) {
            queue.turns.push_back(lane);
            self.ready.notify_one();
        } else {
            queue.lanes.remove(&lane);
        }
    }
}

/// A thread's own connection, made anew whenever it cannot be trusted any more.
struct Link<'a> {
    location: &'a Location,
    purpose: Purpose,
    conn: Option<AnyConnection>,
}

impl Link<'_> {
    fn commit(&mut self, mut group: Vec<Box<dyn Task>>) {
        metrics::histogram!("dutyboard_writes_per_commit").record(group.len() as f64);
        let result = self.begin().and_then(|conn| write(conn, &mut group));
        match result {
            Ok(()) => group.into_iter().for_each(Task::answer),
            Err(stop) => {
                // Whatever state it is in: a fresh one is in none.
                self.conn = None;
                let full = matches!(stop, Stop::Full(_));
                let why = stop.to_string();
                tracing::error!(why, lost = group.len(), "a commit failed");
                for task in group {
                    task.lose(if full { Stop::Full(why.clone()) } else { Stop::Busy(why.clone()) });
                }
            }
        }
    }

    /// Opens a transaction. A connection that died since its last use is made anew: nothing has been done on it yet.
    fn begin(&mut self) -> Result<&mut AnyConnection, Stop> {
        if self.conn.as_mut().is_none_or(|conn| dialect::begin_write(conn).is_err()) {
            let mut conn = dialect::open(self.location).map_err(|error| Stop::Busy(error.to_string()))?;
            dialect::prepare(&mut conn, self.purpose)?;
            dialect::begin_write(&mut conn)?;
            self.conn = Some(conn);
        }
        self.conn.as_mut().ok_or_else(|| Stop::fault("no connection"))
    }
}

/// The rest of a transaction around all of the group, a savepoint around each; nothing is committed when nobody has anything to keep.
fn write(conn: &mut AnyConnection, group: &mut [Box<dyn Task>]) -> Result<(), Stop> {
    guard::may_write(conn)?;
    let mut kept = false;
    for task in group.iter_mut() {
        let mut keep = false;
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            conn.transaction(|conn| {
                keep = task.run(conn);
                if keep { Ok(()) } else { Err(diesel::result::Error::RollbackTransaction) }
            })
        }));
        match attempt {
            Ok(Ok(())) => kept = true,
            // Taken back as it was asked to be. A transaction that the engine has given up altogether is lost for all.
            Ok(Err(_)) if !keep && !dialect::is_broken(conn) => {}
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => return Err(Stop::fault("panic while writing")),
        }
    }
    if kept { Ok(dialect::commit(conn)?) } else { Ok(dialect::rollback(conn)?) }
}
