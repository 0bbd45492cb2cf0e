//! Pokes: "something changed for these buckets, pull soon". Only a hint; correctness never depends on it.
//!
//! One thread hands them out, so that no commit waits for thousands of listeners: the first at once, what comes within the
//! next moment together.

use super::feed::Notice;
use crate::kit::clock::rest;
use bytes::Bytes;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Slow listeners lose the oldest pokes; they pull everything anyway when the next one arrives.
const BACKLOG: usize = 64;
/// Pokes that come close together are one poke.
const GATHER: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub struct Poke {
    pub buckets: BTreeSet<String>,
    /// It is not known who is concerned.
    pub everyone: bool,
    /// Roles, teams, people or devices changed: who listens must look again who they are.
    pub access: bool,
    /// The server stops.
    pub last: bool,
    /// As it travels to the phones.
    pub event: Bytes,
}

/// Order of the cookie that a pull will return at least, as a server-sent event; 0 when that is not known.
pub fn event(order: i64) -> Bytes {
    format!("event: poke\ndata: {{\"order\":{order}}}\n\n").into()
}

/// One workspace's changes on the way to those who listen.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct News {
    pub workspace_id: String,
    pub notice: Notice,
}

impl News {
    /// People or devices changed without a version.
    pub fn of_access(workspace_id: &str, bucket: String) -> Self {
        let notice = Notice { access: true, buckets: BTreeSet::from([bucket]), ..Notice::default() };
        News { workspace_id: workspace_id.to_owned(), notice }
    }
}

/// Tells other processes; set once on a database that several share.
pub type Relay = Box<dyn FnMut(&News) + Send>;

#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    channels: RwLock<HashMap<String, broadcast::Sender<Arc<Poke>>>>,
    news: mpsc::Sender<Told>,
    relay: Arc<Mutex<Option<Relay>>>,
    committed: watch::Sender<()>,
}

enum Told {
    /// Committed here: other processes must hear of it too.
    Here(News),
    Elsewhere(News),
}

impl Bus {
    /// # Errors
    /// When the system has no thread left.
    pub fn start() -> std::io::Result<Self> {
        let (news, told) = mpsc::channel();
        let (relay, committed) = (Arc::default(), watch::Sender::new(()));
        let bus = Bus(Arc::new(Inner { channels: RwLock::default(), news, relay, committed }));
        let (inner, relay) = (Arc::downgrade(&bus.0), bus.0.relay.clone());
        std::thread::Builder::new().name("pokes".into()).spawn(move || {
            while let Ok(first) = told.recv() {
                let (here, all) = merge(std::iter::once(first).chain(told.try_iter()));
                let Some(inner) = inner.upgrade() else { return };
                all.values().for_each(|news| inner.deliver(news));
                inner.committed.send_replace(());
                drop(inner);
                if let Some(relay) = relay.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
                    here.values().for_each(relay);
                }
                rest(GATHER);
            }
        })?;
        Ok(bus)
    }

    pub fn relay_by(&self, relay: Relay) {
        *self.0.relay.lock().unwrap_or_else(PoisonError::into_inner) = Some(relay);
    }

    /// Something was committed by this process.
    pub fn tell(&self, news: News) {
        // The thread lives as long as the bus.
        let _ = self.0.news.send(Told::Here(news));
    }

    /// Another process has committed something.
    pub fn pass_on(&self, news: News) {
        let _ = self.0.news.send(Told::Elsewhere(news));
    }

    /// Tells every listener that the server stops.
    pub fn close(&self) {
        let poke = Arc::new(Poke { buckets: BTreeSet::new(), everyone: true, access: false, last: true, event: Bytes::new() });
        for channel in self.0.channels.read().unwrap_or_else(PoisonError::into_inner).values() {
            // Nobody listening is fine.
            let _ = channel.send(poke.clone());
        }
    }

    /// Changes whenever something has been committed.
    pub fn committed(&self) -> watch::Receiver<()> {
        self.0.committed.subscribe()
    }

    pub fn listen(&self, workspace_id: &str) -> broadcast::Receiver<Arc<Poke>> {
        let mut channels = self.0.channels.write().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|_, channel| channel.receiver_count() > 0);
        channels.entry(workspace_id.to_owned()).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
    }
}

impl Inner {
    fn deliver(&self, news: &News) {
        let channels = self.channels.read().unwrap_or_else(PoisonError::into_inner);
        let Some(channel) = channels.get(&news.workspace_id) else { return };
        let notice = &news.notice;
        let event = event(notice.epoch * super::EPOCH + notice.to);
        let (buckets, everyone, access) = (notice.buckets.clone(), notice.everyone, notice.access);
        let _ = channel.send(Arc::new(Poke { buckets, everyone, access, last: false, event }));
    }
}

type ByWorkspace = HashMap<String, News>;

/// One piece of news per workspace: what was committed here, and what was committed anywhere.
fn merge(told: impl Iterator<Item = Told>) -> (ByWorkspace, ByWorkspace) {
    let (mut here, mut all) = (ByWorkspace::new(), ByWorkspace::new());
    for told in told {
        let news = match told {
            Told::Here(news) => {
                add(&mut here, news.clone());
                news
            }
            Told::Elsewhere(news) => news,
        };
        add(&mut all, news);
    }
    (here, all)
}

fn add(by_workspace: &mut ByWorkspace, news: News) {
    match by_workspace.get_mut(&news.workspace_id) {
        None => drop(by_workspace.insert(news.workspace_id.clone(), news)),
        Some(known) => known.notice.join(news.notice),
    }
}
