//! Jobs: everything that happens by itself is a row that is due. A runner leases one, runs it, and deletes it; a failure is
//! tried again later and later, and after the last try stays as a dead letter that the owner sees.
//!
//! Two lanes: what waits for somebody outside (`OUTSIDE`) has runners of its own, so that a mail server that says nothing holds up only
//! what it is asked. Table: `job`. Invariants: a job row is written in the transaction that caused it; across processes exactly one runner has
//! a job at a time; a job may run twice (after a crash), so every handler can. tokio-cron-scheduler is only the heartbeat.

pub mod http;
pub mod queue;
pub mod runner;
pub mod ticker;

use crate::app::App;
use crate::db::AnyConnection;
use crate::kit::refusal::Stop;
use serde_json::Value;

/// Why a job did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    #[error("{0}")]
    Retry(String),
    #[error("{0}")]
    Dead(String),
    /// Nothing is wrong, it is only not its time: again at this instant (ms). Costs no attempt.
    #[error("not before {0}")]
    Later(i64),
}

impl From<Stop> for JobError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Busy(_) | Stop::Full(_) | Stop::Fault(_) => JobError::Retry(stop.to_string()),
            Stop::Refused(_) => JobError::Dead(stop.to_string()),
        }
    }
}

/// Database work of a job, off the network threads.
///
/// # Errors
/// What `work` returned.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Stop> + Send + 'static) -> Result<T, Stop> {
    tokio::task::spawn_blocking(work).await.map_err(Stop::fault)?
}

/// Every kind of job and who runs it.
///
/// # Errors
/// As the handler says.
pub async fn run(app: &App, workspace_id: &str, kind: &str, payload: &Value) -> Result<(), JobError> {
    match kind {
        crate::mail::send::KIND => crate::mail::send::run(app, workspace_id, payload).await,
        "auth.invite" => crate::auth::jobs::invite(app, workspace_id, payload).await,
        "board.make" | "board.remake" | "board.tomorrow_mail" => crate::tasks::jobs::run(app, workspace_id, kind, payload).await,
        "care.plan" => crate::customers::jobs::run(app, workspace_id, payload).await,
        crate::mail::stop::BLOCK => crate::customers::jobs::stop(app, workspace_id, payload).await,
        "notice.deliver" | "notice.mailed" => crate::notices::jobs::run(app, workspace_id, kind, payload).await,
        _ if kind.starts_with("outreach.") => crate::outreach::jobs::run(app, workspace_id, kind, payload).await,
        "backup.make" => crate::ops::nightly::run(app, workspace_id, payload).await,
        _ if kind.starts_with("keep.") => crate::ops::chores::run(app, workspace_id, kind, payload).await,
        _ => Err(JobError::Dead(format!("no job kind {kind}"))),
    }
}

/// Kinds that wait for others: mail servers, providers, chats, phones' services, a slow disk.
const OUTSIDE: [&str; 4] = [crate::mail::send::KIND, crate::outreach::jobs::HOOK, "notice.deliver", "backup.make"];

/// Which jobs a runner takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    All,
    /// Those that need nothing but the database.
    Inside,
    /// Those that wait for others.
    Outside,
}

/// What follows from a job that became a dead letter, in the same write.
///
/// # Errors
/// `Fault` or `Busy` from the database.
fn given_up(conn: &mut AnyConnection, row: &queue::JobRow, now: i64) -> Result<(), Stop> {
    match row.kind.as_str() {
        crate::mail::send::KIND => crate::mail::send::given_up(conn, row, now),
        crate::outreach::jobs::HOOK => crate::outreach::jobs::given_up(conn, row, now),
        _ => Ok(()),
    }
}
