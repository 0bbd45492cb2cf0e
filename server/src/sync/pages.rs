//! Whole views, encoded once and sent to everybody who sees the same buckets and starts from nothing. A page is good for its
//! version; what came after is appended from the feed, until that is so much that a new page is made.

use super::wire::Page;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Pages kept, in bytes; those not used for longest go first.
const BYTES: usize = 48 << 20;

#[derive(Default)]
pub struct Pages(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    pages: HashMap<(String, String), (Arc<Page>, u64)>,
    bytes: usize,
    uses: u64,
}

impl Pages {
    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The page of a scope (by its hash), however old.
    pub fn get(&self, workspace_id: &str, scope: &str) -> Option<Arc<Page>> {
        let mut shelf = self.lock();
        shelf.uses += 1;
        let now = shelf.uses;
        let (page, used) = shelf.pages.get_mut(&(workspace_id.to_owned(), scope.to_owned()))?;
        *used = now;
        Some(page.clone())
    }

    /// Drops the pages of a workspace.
    pub fn forget(&self, workspace_id: &str) {
        let mut shelf = self.lock();
        let (gone, kept) = std::mem::take(&mut shelf.pages).into_iter().partition(|((id, _), _)| id == workspace_id);
        let gone: HashMap<_, (Arc<Page>, u64)> = gone;
        shelf.bytes -= gone.values().map(|(page, _)| page.ops.len()).sum::<usize>();
        shelf.pages = kept;
    }

    pub fn put(&self, workspace_id: &str, scope: &str, page: Arc<Page>) {
        if page.ops.len() > BYTES / 2 {
            return;
        }
        let mut shelf = self.lock();
        shelf.uses += 1;
        let now = shelf.uses;
        shelf.bytes += page.ops.len();
        if let Some((old, _)) = shelf.pages.insert((workspace_id.to_owned(), scope.to_owned()), (page, now)) {
            shelf.bytes -= old.ops.len();
        }
        while shelf.bytes > BYTES
            && let Some(oldest) = shelf.pages.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone())
            && let Some((page, _)) = shelf.pages.remove(&oldest)
        {
            shelf.bytes -= page.ops.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::Check;
    use super::*;

    fn page(bytes: usize) -> Arc<Page> {
        Arc::new(Page { epoch: 1, version: 1, ops: vec![b'x'; bytes].into(), check: Check { n: 0, h: 0 } })
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let pages = Pages::default();
        let third = BYTES / 3;
        for scope in ["a", "b", "c"] {
            pages.put("w", scope, page(third));
        }
        assert!(pages.get("w", "a").is_some());
        pages.put("w", "d", page(third));
        let kept: Vec<bool> = ["a", "b", "c", "d"].iter().map(|scope| pages.get("w", scope).is_some()).collect();
        assert_eq!(kept, [true, false, true, true]);
        assert!(pages.get("v", "a").is_none(), "another workspace");
        pages.put("w", "huge", page(BYTES));
        assert!(pages.get("w", "huge").is_none() && pages.get("w", "a").is_some(), "one page never pushes all others out");
    }
}
