//! What this process saw being committed: enough to answer most pulls from memory. Per workspace it knows up to which version
//! it has seen everything, which bucket last changed when, and the newest changes themselves. It only ever says what it is sure
//! of; whoever asks for more goes to the database.
//!
//! On SQLite this process commits everything. On Postgres other processes do too: what they did arrives as a notice without
//! contents (`relay.rs`), after which older cookies are unknown here; and nothing is known while no notices can be heard.

use super::publish::{Audience, Image};
use crate::kit::refusal::Stop;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Newest changes kept per workspace.
const CHANGES: usize = 2_048;
/// Bytes of bodies kept, per workspace and in all.
const BYTES: usize = 1 << 20;
const BYTES_IN_ALL: usize = 64 << 20;

/// Cookies older than this (ms) are for the database to judge: it gives old ones a fresh one even when nothing changed.
const REMEMBER_MS: i64 = 24 * 3_600_000;

/// One row's new state, as it was committed.
#[derive(Debug)]
pub struct RowChange {
    pub key: Arc<str>,
    pub body: Option<Arc<RawValue>>,
    /// Every bucket that saw it before or sees it now, and whether it does now.
    pub buckets: Vec<(String, bool)>,
    /// Roles, teams or people: who may see what is no longer what it was.
    pub access: bool,
}

impl RowChange {
    /// `before` is the row as it was, `after` as it is.
    ///
    /// # Errors
    /// `Fault` when the row's body is no JSON.
    pub(super) fn new(before: Option<&Image>, after: Option<&Image>) -> Result<Option<Self>, Stop> {
        let Some(image) = after.or(before) else { return Ok(None) };
        let shown = after.filter(|image| !image.audience.is_empty());
        let body = shown.map(|image| RawValue::from_string(image.body.clone()).map(Arc::from)).transpose()?;
        let nobody = Audience::new();
        let old = before.map_or(&nobody, |image| &image.audience);
        let new = after.map_or(&nobody, |image| &image.audience);
        let buckets = old.union(new).map(|bucket| (bucket.to_string(), new.contains(bucket))).collect();
        Ok(Some(RowChange { key: image.key.as_str().into(), body, buckets, access: image.access }))
    }

    fn size(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.get().len()) + 2 * self.key.len() + 64 * self.buckets.len()
    }
}

/// A client of a group moved on.
#[derive(Debug, Clone)]
pub struct ClientChange {
    pub group_id: String,
    pub client_id: String,
    pub user_id: String,
    pub lmid: i64,
}

/// One committed write of a workspace.
#[derive(Debug, Default)]
pub struct Commit {
    pub epoch: i64,
    pub version: i64,
    pub touched: BTreeSet<String>,
    pub rows: Vec<RowChange>,
    pub clients: Vec<ClientChange>,
}

/// What a process says it committed: versions `from..=to`, `count` of them; less than all there are in between means that not
/// everything is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    pub epoch: i64,
    pub from: i64,
    pub to: i64,
    pub count: i64,
    pub access: bool,
    /// `buckets` is not the whole list.
    pub everyone: bool,
    pub buckets: BTreeSet<String>,
}

impl Notice {
    /// Both in one. Versions of a later epoch replace those of an earlier; what names no version adds none.
    pub fn join(&mut self, other: Notice) {
        self.access |= other.access;
        self.everyone |= other.everyone;
        self.buckets.extend(other.buckets);
        if other.count == 0 || other.epoch < self.epoch {
            return;
        }
        let newer = self.count == 0 || other.epoch > self.epoch;
        self.epoch = other.epoch;
        self.from = if newer { other.from } else { self.from.min(other.from) };
        self.to = if newer { other.to } else { self.to.max(other.to) };
        self.count = if newer { other.count } else { self.count + other.count };
    }
}

/// Who asks: the buckets as of `generation`, and the client group.
pub struct Asking<'a> {
    pub buckets: &'a [String],
    pub generation: u64,
    pub user_id: &'a str,
    pub group_id: &'a str,
}

/// What changed for somebody, in no particular order; a row without a body is gone for them.
pub struct Seen {
    pub version: i64,
    pub rows: BTreeMap<Arc<str>, Option<Arc<RawValue>>>,
    pub lmids: BTreeMap<String, i64>,
}

#[derive(Clone, Default)]
pub struct Feed(Arc<Inner>);

struct Inner {
    watches: RwLock<HashMap<String, Arc<Mutex<Watch>>>>,
    /// False while other processes may write without our hearing of it.
    hears: AtomicBool,
    generations: AtomicU64,
    bytes: AtomicUsize,
}

impl Default for Inner {
    fn default() -> Self {
        let (generations, bytes) = (AtomicU64::new(1), AtomicUsize::new(0));
        Inner { watches: RwLock::default(), hears: AtomicBool::new(true), generations, bytes }
    }
}

#[derive(Default)]
struct Watch {
    /// 0 until something is known.
    epoch: i64,
    version: i64,
    /// Everything after this version was seen: enough to say "nothing changed for you".
    since: i64,
    /// Everything after this version is in `changes`: enough to say what changed.
    start: i64,
    /// When `since` was the newest version (UTC ms); 0 until somebody asks.
    at: i64,
    generation: u64,
    last: HashMap<String, i64>,
    changes: VecDeque<(i64, Change)>,
    groups: HashMap<String, String>,
    bytes: usize,
}

enum Change {
    Row(RowChange),
    Client(ClientChange),
}

impl Feed {
    fn find(&self, workspace_id: &str) -> Option<Arc<Mutex<Watch>>> {
        self.0.watches.read().unwrap_or_else(PoisonError::into_inner).get(workspace_id).cloned()
    }

    fn watch(&self, workspace_id: &str) -> Arc<Mutex<Watch>> {
        self.find(workspace_id).unwrap_or_else(|| {
            let fresh = || Arc::new(Mutex::new(Watch { generation: self.next_generation(), ..Watch::default() }));
            let mut watches = self.0.watches.write().unwrap_or_else(PoisonError::into_inner);
            watches.entry(workspace_id.to_owned()).or_insert_with(fresh).clone()
        })
    }

    fn next_generation(&self) -> u64 {
        self.0.generations.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether changes of other processes are heard of from now on. What was known before is not trusted any more.
    pub fn hear(&self, hears: bool) {
        self.forget_all();
        self.0.hears.store(hears, Ordering::SeqCst);
    }

    pub fn hears(&self) -> bool {
        self.0.hears.load(Ordering::SeqCst)
    }

    /// Nothing is known of a workspace any more.
    pub fn forget(&self, workspace_id: &str) {
        if let Some(watch) = self.find(workspace_id) {
            self.reset(&mut lock(&watch), 0, 0);
        }
    }

    fn forget_all(&self) {
        let watches: Vec<_> = self.0.watches.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for watch in watches {
            self.reset(&mut lock(&watch), 0, 0);
        }
    }

    /// Names the state of roles, teams and devices of a workspace; another number means that something may have changed.
    pub fn generation(&self, workspace_id: &str) -> u64 {
        lock(&self.watch(workspace_id)).generation
    }

    /// Somebody was signed out, let in, or given another role, by a way that is no published row.
    pub fn access_changed(&self, workspace_id: &str) {
        if let Some(watch) = self.find(workspace_id) {
            lock(&watch).generation = self.next_generation();
        }
    }

    /// A snapshot of the database, taken after `generation` was read, stood at this version: from here on everything is seen.
    pub fn learn(&self, workspace_id: &str, generation: u64, epoch: i64, version: i64) {
        let Some(watch) = self.find(workspace_id).filter(|_| self.hears()) else { return };
        let mut watch = lock(&watch);
        if watch.generation == generation && watch.epoch == 0 {
            (watch.epoch, watch.version, watch.since, watch.start) = (epoch, version, version, version);
        }
    }

    /// What this process has just committed.
    pub fn apply(&self, workspace_id: &str, commit: Commit) {
        let Some(watch) = self.find(workspace_id) else { return };
        let mut watch = lock(&watch);
        let changes_access = commit.rows.iter().any(|row| row.access);
        if changes_access {
            watch.generation = self.next_generation();
        }
        if (commit.epoch, commit.version) <= (watch.epoch, watch.version) {
            // Another process, or a look at the counter, was quicker to say so.
            return;
        }
        let before = commit.version - 1;
        if watch.epoch != commit.epoch || watch.version != before {
            // Another process was here first, and its notice is still on the way.
            self.reset(&mut watch, commit.epoch, before);
        }
        let version = commit.version;
        watch.version = version;
        for bucket in commit.touched {
            watch.last.insert(bucket, version);
        }
        let rows = commit.rows.into_iter().map(Change::Row);
        for change in commit.clients.into_iter().map(Change::Client).chain(rows) {
            self.keep(&mut watch, version, change);
        }
        self.trim(&mut watch);
    }

    fn keep(&self, watch: &mut Watch, version: i64, change: Change) {
        let size = change.size();
        if let Change::Client(client) = &change {
            watch.groups.insert(client.group_id.clone(), client.user_id.clone());
        }
        watch.bytes += size;
        self.0.bytes.fetch_add(size, Ordering::Relaxed);
        watch.changes.push_back((version, change));
    }

    fn trim(&self, watch: &mut Watch) {
        let is_full = |watch: &Watch| {
            let crowded = self.0.bytes.load(Ordering::Relaxed) > BYTES_IN_ALL && watch.bytes > BYTES / 16;
            watch.changes.len() > CHANGES || watch.bytes > BYTES || crowded
        };
        while is_full(watch)
            && let Some((version, change)) = watch.changes.pop_front()
        {
            watch.bytes -= change.size();
            self.0.bytes.fetch_sub(change.size(), Ordering::Relaxed);
            watch.start = version;
        }
        if watch.groups.len() > CHANGES {
            watch.groups.clear();
        }
    }

    /// What another process says it has committed. False when nothing of it was news, or nobody here cares.
    pub fn notice(&self, workspace_id: &str, notice: &Notice) -> bool {
        let Some(watch) = self.find(workspace_id) else { return false };
        let mut watch = lock(&watch);
        if notice.access {
            watch.generation = self.next_generation();
        }
        if (notice.epoch, notice.to) <= (watch.epoch, watch.version) {
            return notice.access;
        }
        let next = notice.epoch == watch.epoch && notice.from == watch.version + 1;
        if !next || notice.everyone || notice.count != notice.to - notice.from + 1 {
            self.reset(&mut watch, notice.epoch, notice.to);
            return true;
        }
        // Which buckets changed is known, what changed is not.
        self.drop_changes(&mut watch);
        watch.version = notice.to;
        watch.start = notice.to;
        watch.groups.clear();
        for bucket in &notice.buckets {
            watch.last.insert(bucket.clone(), notice.to);
        }
        true
    }

    /// Nothing before `version` is known any more.
    fn reset(&self, watch: &mut Watch, epoch: i64, version: i64) {
        self.drop_changes(watch);
        let generation = self.next_generation();
        *watch = Watch { epoch, version, since: version, start: version, at: 0, generation, ..Watch::default() };
    }

    fn drop_changes(&self, watch: &mut Watch) {
        watch.changes.clear();
        self.0.bytes.fetch_sub(std::mem::take(&mut watch.bytes), Ordering::Relaxed);
    }

    /// What changed for somebody after version `base` of `epoch`, up to now; `None` when that is not known here. Nothing in it
    /// means that the cookie is still good.
    pub fn since(&self, workspace_id: &str, epoch: i64, base: i64, asking: &Asking<'_>, now: i64) -> Option<Seen> {
        let watch = self.find(workspace_id).filter(|_| self.hears())?;
        let mut watch = lock(&watch);
        if watch.at == 0 {
            // It has only just begun to know.
            watch.at = now;
        } else if now.saturating_sub(watch.at) > REMEMBER_MS {
            (watch.since, watch.at) = (watch.version, now);
        }
        let owner = watch.groups.get(asking.group_id)?;
        let known = watch.epoch == epoch && watch.generation == asking.generation && owner == asking.user_id;
        if !known || base < watch.since || base > watch.version {
            return None;
        }
        let idle = asking.buckets.iter().all(|bucket| watch.last.get(bucket).is_none_or(|at| *at <= base));
        if idle {
            return Some(Seen { version: base, rows: BTreeMap::new(), lmids: BTreeMap::new() });
        }
        (base >= watch.start).then(|| watch.collect(base, watch.version, asking))
    }

    /// Rows that changed for somebody between two versions; `None` when that is not known here.
    pub fn between(&self, workspace_id: &str, epoch: i64, base: i64, to: i64, asking: &Asking<'_>) -> Option<Seen> {
        let watch = self.find(workspace_id).filter(|_| self.hears())?;
        let watch = lock(&watch);
        let known = watch.epoch == epoch && base >= watch.start && to <= watch.version && base <= to;
        known.then(|| watch.collect(base, to, asking))
    }

    /// A client group is this person's, or free: a push that binds it to somebody else will be seen.
    pub fn learn_group(&self, workspace_id: &str, generation: u64, group_id: &str, user_id: &str) {
        let Some(watch) = self.find(workspace_id) else { return };
        let mut watch = lock(&watch);
        if watch.generation == generation {
            watch.groups.entry(group_id.to_owned()).or_insert_with(|| user_id.to_owned());
        }
    }
}

impl Watch {
    fn collect(&self, base: i64, to: i64, asking: &Asking<'_>) -> Seen {
        let mut seen = Seen { version: to, rows: BTreeMap::new(), lmids: BTreeMap::new() };
        let first = self.changes.partition_point(|(version, _)| *version <= base);
        for (_, change) in self.changes.range(first..).take_while(|(version, _)| *version <= to) {
            match change {
                Change::Row(row) => {
                    let mut present = row.buckets.iter().filter(|(bucket, _)| asking.buckets.contains(bucket)).peekable();
                    if present.peek().is_some() {
                        let shown = present.any(|(_, present)| *present);
                        seen.rows.insert(row.key.clone(), row.body.clone().filter(|_| shown));
                    }
                }
                Change::Client(client) if client.group_id == asking.group_id => {
                    seen.lmids.insert(client.client_id.clone(), client.lmid);
                }
                Change::Client(_) => {}
            }
        }
        seen
    }
}

impl Change {
    fn size(&self) -> usize {
        match self {
            Change::Row(row) => row.size(),
            Change::Client(client) => client.group_id.len() + client.client_id.len() + client.user_id.len(),
        }
    }
}

fn lock(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
