//! The heartbeat: once a minute it asks the rooms what the time has made due, and wakes the runner. Nothing is remembered
//! here; everything due is a row.

use super::runner::Waker;
use crate::app::App;
use crate::kit::refusal::Stop;
use std::sync::Arc;
use tokio_cron_scheduler::{Job, JobScheduler};

/// UTC, so that no clock change makes it stumble.
const EVERY_MINUTE: &str = "0 * * * * *";
/// Also between minutes, for jobs that wait for another try.
const WAKE: &str = "*/5 * * * * *";

/// Starts the heartbeat.
///
/// # Errors
/// `Fault` when the scheduler cannot start.
pub async fn start(app: Arc<App>, waker: Waker) -> Result<JobScheduler, Stop> {
    let scheduler = JobScheduler::new().await.map_err(Stop::fault)?;
    let beat = {
        let waker = waker.clone();
        Job::new_async(EVERY_MINUTE, move |_, _| {
            let (app, waker) = (app.clone(), waker.clone());
            Box::pin(async move {
                if let Err(stop) = tick(&app).await {
                    tracing::warn!(%stop, "tick");
                }
                waker.wake();
            })
        })
    };
    let wake = Job::new(WAKE, move |_, _| waker.wake());
    for job in [beat, wake] {
        scheduler.add(job.map_err(Stop::fault)?).await.map_err(Stop::fault)?;
    }
    scheduler.start().await.map_err(Stop::fault)?;
    Ok(scheduler)
}

/// What the passing of time makes due, in every workspace. Running it twice makes nothing twice.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub async fn tick(app: &Arc<App>) -> Result<(), Stop> {
    let ((), done) = tokio::join!(mails_back(app), rounds(app.clone()));
    done
}

/// A mailbox that cannot be read, or is slow, must not hold up the rest.
async fn mails_back(app: &Arc<App>) {
    let Some(mailbox) = &app.mailbox else { return };
    if let Err(stop) = mailbox.read(app).await {
        tracing::warn!(%stop, "mails that came back");
    }
}

async fn rounds(app: Arc<App>) -> Result<(), Stop> {
    super::blocking(move || {
        let now = app.door.clock.now_ms();
        app.limits.tidy();
        app.door.upkeep(move |conn| crate::auth::sessions::tidy(conn, now))?;
        for workspace_id in app.db.read(|conn| crate::sync::clock::due(conn, now))? {
            app.door.upkeep(move |conn| crate::sync::clock::sample(conn, &workspace_id, now))?;
        }
        // A folder that cannot be read must not hold up the rest.
        if let Some(folder) = &app.config.maildir
            && let Err(stop) = crate::mail::maildir::tick(&app, folder)
        {
            tracing::warn!(%stop, "mails that came back");
        }
        // The first workspace also carries the work of the whole server.
        for (position, workspace_id) in app.db.read(crate::team::store::workspace_ids)?.into_iter().enumerate() {
            crate::tasks::jobs::tick(&app, &workspace_id, now)?;
            crate::customers::jobs::tick(&app, &workspace_id, now)?;
            crate::outreach::jobs::tick(&app, &workspace_id, now)?;
            crate::notices::jobs::tick(&app, &workspace_id, now)?;
            crate::ops::chores::tick(&app, &workspace_id, position == 0, now)?;
        }
        Ok(())
    })
    .await
}
