//! Pokes inside one process: "something changed for these buckets". Only a hint; correctness never depends on it.

use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Slow listeners lose the oldest pokes; they pull everything anyway when the next one arrives.
const BACKLOG: usize = 1024;

#[derive(Debug)]
pub struct Poke {
    /// Empty when the server stops.
    pub workspace_id: String,
    /// Order of the cookie that a pull will return at least.
    pub order: i64,
    pub buckets: BTreeSet<String>,
}

#[derive(Clone)]
pub struct Bus(broadcast::Sender<Arc<Poke>>);

impl Default for Bus {
    fn default() -> Self {
        Bus(broadcast::channel(BACKLOG).0)
    }
}

impl Bus {
    pub fn poke(&self, workspace_id: &str, order: i64, buckets: BTreeSet<String>) {
        // Nobody listening is fine.
        let _ = self.0.send(Arc::new(Poke { workspace_id: workspace_id.to_owned(), order, buckets }));
    }

    /// Tells every listener that the server stops.
    pub fn close(&self) {
        self.poke("", 0, BTreeSet::new());
    }

    pub fn listen(&self) -> broadcast::Receiver<Arc<Poke>> {
        self.0.subscribe()
    }
}
