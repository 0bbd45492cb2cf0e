//! Pull: one snapshot, one indexed range read of ready-made JSON (sync_protocol 4.4). No room code runs here.

use super::cookie::{Presented, Signer};
use super::pages::Pages;
use super::scope::{self, Scope};
use super::wire::{Check, ClientError, Page, Patch, PatchOp, PullReply, PullRequest};
use super::{log, push};
use crate::db::AnyConnection;
use crate::db::schema::{sync_clock, sync_entry, sync_member, sync_workspace};
use crate::door::Actor;
use crate::door::feed::{Asking, Feed};
use crate::kit::refusal::{Code, Refusal, Stop};
use diesel::prelude::*;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Deleted rows are remembered so long (ms); a view older than half of it is given a fresh cookie even when nothing changed.
pub const TOMBSTONE_MS: i64 = 30 * 24 * 3_600_000;
/// One delta in so many carries a check of the whole view.
const CHECK_EVERY: i64 = 50;
/// A page with more than this appended to it is made anew.
const APPENDED: usize = 500;
/// Keys looked up in one statement; both engines limit the number of binds.
const KEYS_PER_READ: usize = 500;

/// What the caller should do after the snapshot is closed.
pub enum Pulled {
    Reply(PullReply),
    /// A validly signed cookie of this epoch is newer than the database: it was restored behind our back. Move the epoch.
    SilentRestore,
}

/// Who pulls: the person, what they see as of `generation` (see [`Feed`]).
pub struct Reader<'a> {
    pub actor: &'a Actor,
    pub scope: &'a Scope,
    pub generation: u64,
}

/// What pulls are answered with.
pub struct Desk {
    pub signer: Signer,
    pub feed: Feed,
    pub pages: Pages,
}

impl Desk {
    /// The database is not what it was: nothing that is remembered of the workspace counts any more.
    pub fn forget(&self, workspace_id: &str) {
        self.feed.forget(workspace_id);
        self.pages.forget(workspace_id);
    }

    /// The answer, if this process knows enough to give it without the database.
    pub fn from_memory(&self, reader: &Reader<'_>, request: &PullRequest, now: i64) -> Option<PullReply> {
        if request.pull_version != 1 || !push::known_schema(&request.schema_version) {
            return None;
        }
        let workspace_id = &reader.actor.workspace_id;
        let (epoch, base, scope) = self.signer.verify(workspace_id, &request.cookie)?;
        let seen =
            self.feed.since(workspace_id, epoch, base, &reader.asking(request), now).filter(|_| scope == reader.scope.hash)?;
        let last_mutation_id_changes = seen.lmids;
        let patch = ops(seen.rows);
        let idle = patch.is_empty() && last_mutation_id_changes.is_empty();
        if !idle && seen.version % CHECK_EVERY == 0 {
            return None;
        }
        let cookie =
            if idle { Some(request.cookie.clone()) } else { self.cookie(workspace_id, epoch, seen.version, &scope).ok() };
        Some(PullReply::Patch(Patch { cookie: cookie?, last_mutation_id_changes, patch, now, check: None, page: None }))
    }

    fn cookie(&self, workspace_id: &str, epoch: i64, version: i64, scope: &str) -> Result<serde_json::Value, Stop> {
        Ok(serde_json::to_value(self.signer.cookie(workspace_id, epoch, version, scope))?)
    }

    /// The answer from one snapshot of the database.
    ///
    /// # Errors
    /// `forbidden` when the client group belongs to somebody else; `Busy`/`Fault` from the database.
    pub fn pull(&self, conn: &mut AnyConnection, reader: &Reader<'_>, request: &PullRequest, now: i64) -> Result<Pulled, Stop> {
        if request.pull_version != 1 || !push::known_schema(&request.schema_version) {
            let version_type = if request.pull_version == 1 { "schema" } else { "pull" };
            return Ok(Pulled::Reply(PullReply::Error(ClientError::VersionNotSupported { version_type })));
        }
        let actor = reader.actor;
        let workspace_id = &actor.workspace_id;
        let (epoch, version, floor): (i64, i64, i64) = sync_workspace::table
            .find(workspace_id)
            .select((sync_workspace::epoch, sync_workspace::version, sync_workspace::floor))
            .get_result(conn)?;
        let owner = log::group_owner(conn, workspace_id, &request.client_group_id)?;
        if owner.is_some_and(|owner| owner != actor.user_id) {
            return Err(Refusal::because(Code::Forbidden, "client group of another user").into());
        }
        let scope = scope::of(conn, actor)?;
        self.feed.learn(workspace_id, reader.generation, epoch, version);
        self.feed.learn_group(workspace_id, reader.generation, &request.client_group_id, &actor.user_id);
        let base = match self.signer.read(workspace_id, epoch, version, &scope.hash, &request.cookie) {
            Presented::OldEpoch => return Ok(Pulled::Reply(PullReply::Error(ClientError::ClientStateNotFound))),
            Presented::Future => return Ok(Pulled::SilentRestore),
            Presented::Fresh => None,
            Presented::At(base) => (base >= floor).then_some(base),
        };
        let last_mutation_id_changes: BTreeMap<String, i64> =
            log::moved(conn, workspace_id, &request.client_group_id, base.unwrap_or(-1))?.into_iter().collect();
        let mut view = View { conn, workspace_id, buckets: &scope.buckets };
        let Some(base) = base else {
            let cookie = self.cookie(workspace_id, epoch, version, &scope.hash)?;
            let (page, patch) = self.whole(&mut view, reader, request, &scope, (epoch, version))?;
            let check = patch.is_empty().then_some(page.check);
            let patch = Patch { cookie, last_mutation_id_changes, patch, now, check, page: Some(page) };
            return Ok(Pulled::Reply(PullReply::Patch(patch)));
        };
        let patch = if base == version { Vec::new() } else { view.since(base)? };
        let idle = patch.is_empty() && last_mutation_id_changes.is_empty();
        let cookie = if idle && !is_stale(view.conn, workspace_id, base, now)? {
            request.cookie.clone()
        } else {
            self.cookie(workspace_id, epoch, version, &scope.hash)?
        };
        let check = if !idle && version % CHECK_EVERY == 0 { Some(view.check()?) } else { None };
        Ok(Pulled::Reply(PullReply::Patch(Patch { cookie, last_mutation_id_changes, patch, now, check, page: None })))
    }

    /// Everything in scope at a version: a page that is kept, and what came after it.
    fn whole(
        &self,
        view: &mut View<'_>,
        reader: &Reader<'_>,
        request: &PullRequest,
        scope: &Scope,
        (epoch, version): (i64, i64),
    ) -> Result<(Arc<Page>, Vec<PatchOp>), Stop> {
        let asking = Asking { buckets: &scope.buckets, ..reader.asking(request) };
        let kept = self.pages.get(view.workspace_id, &scope.hash).filter(|page| page.epoch == epoch);
        let later = |page: &Page| self.feed.between(view.workspace_id, epoch, page.version, version, &asking);
        if let Some(page) = kept
            && let Some(seen) = later(&page)
            && seen.rows.len() <= APPENDED
        {
            return Ok((page, ops(seen.rows)));
        }
        let page = Arc::new(view.page(epoch, version)?);
        self.pages.put(view.workspace_id, &scope.hash, page.clone());
        Ok((page, Vec::new()))
    }
}

impl Reader<'_> {
    fn asking<'a>(&'a self, request: &'a PullRequest) -> Asking<'a> {
        let (buckets, generation) = (&self.scope.buckets, self.generation);
        Asking { buckets, generation, user_id: &self.actor.user_id, group_id: &request.client_group_id }
    }
}

fn ops(rows: BTreeMap<Arc<str>, Option<Arc<RawValue>>>) -> Vec<PatchOp> {
    let op = |(key, body)| match body {
        Some(value) => PatchOp::Put { key, value },
        None => PatchOp::Del { key },
    };
    rows.into_iter().map(op).collect()
}

/// A quiet user's cookie must not fall below the floor of remembered deletions.
fn is_stale(conn: &mut AnyConnection, workspace_id: &str, base: i64, now: i64) -> Result<bool, Stop> {
    let half_way: Option<i64> = sync_clock::table
        .filter(sync_clock::workspace_id.eq(workspace_id))
        .filter(sync_clock::at.le(now - TOMBSTONE_MS / 2))
        .select(diesel::dsl::max(sync_clock::version))
        .get_result(conn)?;
    Ok(half_way.is_some_and(|half_way| base < half_way))
}

struct View<'a> {
    conn: &'a mut AnyConnection,
    workspace_id: &'a str,
    buckets: &'a [String],
}

impl View<'_> {
    fn page(&mut self, epoch: i64, version: i64) -> Result<Page, Stop> {
        let rows = self.rows()?;
        let mut ops = Vec::from(br#"{"op":"clear"}"#);
        for (key, body) in &rows {
            ops.extend_from_slice(br#",{"op":"put","key":"#);
            serde_json::to_writer(&mut ops, key)?;
            ops.extend_from_slice(br#","value":"#);
            ops.extend_from_slice(body.as_bytes());
            ops.push(b'}');
        }
        let check = check_of(rows.iter().map(|(key, body)| (key.as_str(), body.as_str())));
        Ok(Page { epoch, version, ops: ops.into(), check })
    }

    /// Every row in scope with its body, by key.
    fn rows(&mut self) -> Result<Vec<(String, String)>, Stop> {
        let keys = sync_member::table
            .filter(sync_member::workspace_id.eq(self.workspace_id))
            .filter(sync_member::bucket.eq_any(self.buckets))
            .filter(sync_member::present.eq(true))
            .select(sync_member::key);
        Ok(sync_entry::table
            .filter(sync_entry::workspace_id.eq(self.workspace_id))
            .filter(sync_entry::key.eq_any(keys))
            .order(sync_entry::key)
            .select((sync_entry::key, sync_entry::body))
            .load(self.conn)?)
    }

    fn since(&mut self, base: i64) -> Result<Vec<PatchOp>, Stop> {
        let changed: Vec<String> = sync_member::table
            .filter(sync_member::workspace_id.eq(self.workspace_id))
            .filter(sync_member::bucket.eq_any(self.buckets))
            .filter(sync_member::seq.gt(base))
            .select(sync_member::key)
            .load(self.conn)?;
        let changed: BTreeSet<String> = changed.into_iter().collect();
        let changed: Vec<String> = changed.into_iter().collect();
        let mut ops = Vec::with_capacity(changed.len());
        for keys in changed.chunks(KEYS_PER_READ) {
            let bodies = self.visible(keys)?;
            for key in keys {
                ops.push(match bodies.get(key) {
                    Some(body) => PatchOp::Put { key: key.as_str().into(), value: RawValue::from_string(body.clone())?.into() },
                    None => PatchOp::Del { key: key.as_str().into() },
                });
            }
        }
        Ok(ops)
    }

    /// Bodies of those keys that some bucket in scope still shows.
    fn visible(&mut self, keys: &[String]) -> Result<BTreeMap<String, String>, Stop> {
        let present: Vec<String> = sync_member::table
            .filter(sync_member::workspace_id.eq(self.workspace_id))
            .filter(sync_member::bucket.eq_any(self.buckets))
            .filter(sync_member::key.eq_any(keys))
            .filter(sync_member::present.eq(true))
            .select(sync_member::key)
            .load(self.conn)?;
        let rows: Vec<(String, String)> = sync_entry::table
            .filter(sync_entry::workspace_id.eq(self.workspace_id))
            .filter(sync_entry::key.eq_any(present))
            .select((sync_entry::key, sync_entry::body))
            .load(self.conn)?;
        Ok(rows.into_iter().collect())
    }

    fn check(&mut self) -> Result<Check, Stop> {
        Ok(check_of(self.rows()?.iter().map(|(key, body)| (key.as_str(), body.as_str()))))
    }
}

/// Count and order-free hash of a view; the phone computes the same over what it holds.
pub fn check_of<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> Check {
    let mut check = Check { n: 0, h: 0 };
    for (key, body) in rows {
        check.n += 1;
        check.h = (check.h + hash53(&format!("{key}\n{body}"))) % (1 << 53);
    }
    check
}

/// cyrb53 over UTF-16 units: 53 bits, quick in JavaScript, which has no 64-bit integers. Finds accidents, not attackers.
pub fn hash53(text: &str) -> u64 {
    let (mut a, mut b) = (0xdead_beef_u32, 0x41c6_ce57_u32);
    for unit in text.encode_utf16() {
        a = (a ^ u32::from(unit)).wrapping_mul(2_654_435_761);
        b = (b ^ u32::from(unit)).wrapping_mul(1_597_334_677);
    }
    a = (a ^ (a >> 16)).wrapping_mul(2_246_822_507) ^ (b ^ (b >> 13)).wrapping_mul(3_266_489_909);
    b = (b ^ (b >> 16)).wrapping_mul(2_246_822_507) ^ (a ^ (a >> 13)).wrapping_mul(3_266_489_909);
    (u64::from(b & 0x001f_ffff) << 32) | u64::from(a)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same table stands in the client's `core/hash.test.ts`: both sides must agree about every row.
    #[test]
    fn hashes_as_the_client_does() {
        assert_eq!(hash53(""), 3_338_908_027_751_811);
        assert_eq!(hash53("box/1\n{\"id\":\"1\",\"title\":\"审单\"}"), 5_236_107_148_819_564);
        assert_eq!(hash53("team/2\n{}"), 2_944_311_643_723_617);
    }

    #[test]
    fn the_check_does_not_depend_on_the_order_of_rows() {
        let rows = [("a/1", "{}"), ("b/2", "[1]"), ("c/3", "null")];
        let forward = check_of(rows.into_iter());
        assert_eq!(forward, check_of(rows.into_iter().rev()));
        assert_ne!(forward, check_of(rows.into_iter().take(2)));
    }
}
