//! Several processes on one database: each tells the others what it has committed, after the commit and outside of its
//! transaction, and each looks at the counters now and then in case a notice was lost. What cannot be heard is not known: then
//! pulls go to the database (`feed.rs`).

use super::bus::{Bus, News, Relay};
use super::feed::{Feed, Notice};
use crate::db::schema::sync_workspace;
use crate::db::{AnyConnection, Location, Purpose, dialect};
use crate::kit::clock::rest;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const LISTEN_EVERY: Duration = Duration::from_millis(50);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Before a broken line is tried again.
const REST: Duration = Duration::from_millis(500);
/// Postgres carries less than 8,000 bytes.
const PAYLOAD_MAX: usize = 7_500;

#[derive(Serialize, Deserialize)]
struct Telegram {
    /// Which process sends it.
    by: String,
    news: News,
}

/// The listening thread; it ends when this is dropped.
pub struct Listening(Arc<AtomicBool>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Joins the other processes on this database; nothing to do where there are none.
///
/// # Errors
/// `Fault` when the system has no thread left.
pub fn join(location: &Location, bus: &Bus, feed: &Feed) -> Result<Option<Listening>, Stop> {
    if !location.is_shared() {
        return Ok(None);
    }
    feed.hear(false);
    let own_name = ids::fresh();
    bus.relay_by(teller(location.clone(), own_name.clone()));
    let stop = Arc::new(AtomicBool::new(false));
    let ear = Ear { location: location.clone(), own_name, bus: bus.clone(), feed: feed.clone(), stop: stop.clone() };
    std::thread::Builder::new().name("listener".into()).spawn(move || ear.listen_on()).map_err(Stop::fault)?;
    Ok(Some(Listening(stop)))
}

fn teller(location: Location, by: String) -> Relay {
    let mut line: Option<AnyConnection> = None;
    Box::new(move |news| {
        let Ok(text) = telegram(&by, news) else { return };
        // A line that was cut while it rested is opened anew once; after that the others see it by looking.
        for _ in 0..2 {
            if line.is_none() {
                line = dialect::open(&location).ok();
            }
            if line.as_mut().is_some_and(|conn| dialect::tell(conn, &text).is_ok()) {
                return;
            }
            line = None;
        }
        tracing::warn!("other servers could not be told of a change");
    })
}

fn telegram(by: &str, news: &News) -> Result<String, serde_json::Error> {
    let text = |news: News| serde_json::to_string(&Telegram { by: by.to_owned(), news });
    let whole = text(news.clone())?;
    if whole.len() <= PAYLOAD_MAX {
        return Ok(whole);
    }
    let notice = Notice { everyone: true, buckets: BTreeSet::new(), ..news.notice.clone() };
    text(News { notice, ..news.clone() })
}

struct Ear {
    location: Location,
    own_name: String,
    bus: Bus,
    feed: Feed,
    stop: Arc<AtomicBool>,
}

impl Ear {
    fn listen_on(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            if let Err(error) = self.listen() {
                tracing::warn!(%error, "changes of other servers cannot be heard");
            }
            self.feed.hear(false);
            rest(REST);
        }
    }

    fn listen(&self) -> Result<(), Stop> {
        let mut conn = dialect::open(&self.location).map_err(Stop::fault)?;
        dialect::prepare(&mut conn, Purpose::Read)?;
        dialect::listen(&mut conn)?;
        self.feed.hear(true);
        let mut looked = Instant::now();
        while !self.stop.load(Ordering::SeqCst) {
            for text in dialect::heard(&mut conn)? {
                self.take(&text);
            }
            if looked.elapsed() >= LOOK_EVERY {
                self.look(&mut conn)?;
                looked = Instant::now();
            }
            rest(LISTEN_EVERY);
        }
        Ok(())
    }

    fn take(&self, text: &str) {
        match serde_json::from_str::<Telegram>(text) {
            Ok(telegram) if telegram.by == self.own_name => {}
            Ok(telegram) => {
                self.feed.notice(&telegram.news.workspace_id, &telegram.news.notice);
                self.bus.pass_on(telegram.news);
            }
            // A newer server speaks differently: look instead.
            Err(_) => self.feed.hear(true),
        }
    }

    fn look(&self, conn: &mut AnyConnection) -> Result<(), Stop> {
        let counters = sync_workspace::table.select((sync_workspace::id, sync_workspace::epoch, sync_workspace::version));
        for (workspace_id, epoch, to) in counters.load::<(String, i64, i64)>(conn)? {
            let notice = Notice { epoch, from: to, to, everyone: true, ..Notice::default() };
            if self.feed.notice(&workspace_id, &notice) {
                self.bus.pass_on(News { workspace_id, notice });
            }
        }
        Ok(())
    }
}
