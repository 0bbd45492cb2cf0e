//! The runner: wakes on a tick or a poke, empties what is due in its lane, sleeps.

use super::queue::{self, JobRow};
use super::{JobError, Lane, blocking};
use crate::app::App;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A third of the lease: two renewals may fail.
const RENEW_EVERY: Duration = Duration::from_millis(queue::LEASE_MS as u64 / 3);

/// Wakes every runner before its next tick; whoever is at work looks again afterwards.
#[derive(Clone)]
pub struct Waker(Arc<watch::Sender<()>>);

impl Default for Waker {
    fn default() -> Self {
        Waker(Arc::new(watch::Sender::new(())))
    }
}

impl Waker {
    pub fn wake(&self) {
        self.0.send_replace(());
    }
}

/// Runs until `stop` turns true; the job in hand is finished first.
pub async fn run(app: Arc<App>, lane: Lane, waker: Waker, mut stop: watch::Receiver<bool>) {
    let name = ids::fresh();
    let (mut woken, mut committed) = (waker.0.subscribe(), app.door.bus.committed());
    while !*stop.borrow() {
        match next(&app, &name, lane).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(stop) => tracing::warn!(%stop, "job runner"),
        }
        tokio::select! {
            _ = woken.changed() => {}
            // Whatever was committed may have queued something.
            _ = committed.changed() => {}
            _ = stop.changed() => {}
        }
    }
}

/// Runs everything that is due now, in one lane. Returns how many jobs ran.
///
/// # Errors
/// `Fault` or `Busy` when the queue itself cannot be read.
pub async fn drain(app: &Arc<App>, runner: &str) -> Result<usize, Stop> {
    let mut ran = 0;
    while next(app, runner, Lane::All).await? {
        ran += 1;
    }
    Ok(ran)
}

/// Runs the next due job; false when there is none.
async fn next(app: &Arc<App>, runner: &str, lane: Lane) -> Result<bool, Stop> {
    let Some(row) = claim(app, runner, lane).await? else { return Ok(false) };
    let payload: Value = serde_json::from_str(&row.payload)?;
    let work = super::run(app, &row.workspace_id, &row.kind, &payload);
    let result = keeping_the_lease(app, runner, &row.id, work).await;
    settle(app, runner, row, result).await?;
    Ok(true)
}

async fn claim(app: &Arc<App>, runner: &str, lane: Lane) -> Result<Option<JobRow>, Stop> {
    let (app, runner) = (app.clone(), runner.to_owned());
    blocking(move || {
        let now = app.door.clock.now_ms();
        // Looking first keeps an idle runner from taking the write lock at every tick.
        if !app.db.read(|conn| queue::any_due(conn, lane, now))? {
            return Ok(None);
        }
        app.door.upkeep(move |conn| queue::claim(conn, &runner, lane, now))
    })
    .await
}

/// Renews the lease while the work lasts, so that no other process takes over what is not dead.
async fn keeping_the_lease<T>(app: &Arc<App>, runner: &str, id: &str, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + RENEW_EVERY, RENEW_EVERY);
    loop {
        tokio::select! {
            result = &mut work => return result,
            _ = beat.tick() => {
                let (app, runner, id) = (app.clone(), runner.to_owned(), id.to_owned());
                let renewed = blocking(move || {
                    let now = app.door.clock.now_ms();
                    app.door.upkeep(move |conn| queue::keep(conn, &id, &runner, now))
                });
                if let Err(stop) = renewed.await {
                    tracing::warn!(%stop, "a lease was not renewed");
                }
            }
        }
    }
}

async fn settle(app: &Arc<App>, runner: &str, row: JobRow, result: Result<(), JobError>) -> Result<(), Stop> {
    let (app, runner) = (app.clone(), runner.to_owned());
    blocking(move || {
        let now = app.door.clock.now_ms();
        app.door.upkeep(move |conn| match &result {
            Ok(()) => queue::finish(conn, &row, &runner),
            Err(JobError::Retry(error)) if row.attempts < queue::ATTEMPTS_MAX => {
                tracing::warn!(job = row.kind, attempts = row.attempts, error, "job will be tried again");
                queue::fail(conn, &row, &runner, error, Some(now + queue::backoff_ms(row.attempts)))
            }
            // Never at once again, whatever it says: the queue must come to its end.
            Err(JobError::Later(at)) => queue::postpone(conn, &row, &runner, (*at).max(now + 1)),
            Err(JobError::Retry(error) | JobError::Dead(error)) => {
                tracing::error!(job = row.kind, attempts = row.attempts, error, "job is a dead letter");
                queue::fail(conn, &row, &runner, error, None)?;
                super::given_up(conn, &row, now)
            }
        })
    })
    .await
}
