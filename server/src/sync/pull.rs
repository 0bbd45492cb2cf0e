//! Pull: one snapshot, one indexed range read of ready-made JSON (sync_protocol 4.4). No room code runs here.

use super::cookie::{Presented, Signer, scope_hash};
use super::scope::{self, VIEW_VERSION};
use super::wire::{Check, ClientError, Patch, PatchOp, PullReply, PullRequest};
use super::{log, push};
use crate::db::AnyConnection;
use crate::db::schema::{sync_clock, sync_entry, sync_member, sync_workspace};
use crate::door::Actor;
use crate::kit::refusal::{Code, Refusal, Stop};
use diesel::prelude::*;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// Deleted rows are remembered so long (ms); a view older than half of it is given a fresh cookie even when nothing changed.
pub const TOMBSTONE_MS: i64 = 30 * 24 * 3_600_000;
/// One delta in so many carries a check of the whole view.
const CHECK_EVERY: i64 = 50;
/// Keys looked up in one statement; both engines limit the number of binds.
const KEYS_PER_READ: usize = 500;

/// What the caller should do after the snapshot is closed.
pub enum Pulled {
    Reply(PullReply),
    /// A validly signed cookie of this epoch is newer than the database: it was restored behind our back. Move the epoch.
    SilentRestore,
}

/// # Errors
/// `forbidden` when the client group belongs to somebody else; `Busy`/`Fault` from the database.
pub fn pull(conn: &mut AnyConnection, signer: &Signer, actor: &Actor, request: &PullRequest, now: i64) -> Result<Pulled, Stop> {
    if request.pull_version != 1 || !push::known_schema(&request.schema_version) {
        let version_type = if request.pull_version == 1 { "schema" } else { "pull" };
        return Ok(Pulled::Reply(PullReply::Error(ClientError::VersionNotSupported { version_type })));
    }
    let workspace_id = &actor.workspace_id;
    let (epoch, version, floor): (i64, i64, i64) = sync_workspace::table
        .find(workspace_id)
        .select((sync_workspace::epoch, sync_workspace::version, sync_workspace::floor))
        .first(conn)?;
    let owner = log::group_owner(conn, workspace_id, &request.client_group_id)?;
    if owner.is_some_and(|owner| owner != actor.user_id) {
        return Err(Refusal::because(Code::Forbidden, "client group of another user").into());
    }
    let buckets = scope::of(conn, actor)?;
    let scope = scope_hash(&buckets, VIEW_VERSION);
    let mut view = View { conn, workspace_id, buckets: buckets.into_iter().collect() };
    let base = match signer.read(workspace_id, epoch, version, &scope, &request.cookie) {
        Presented::OldEpoch => return Ok(Pulled::Reply(PullReply::Error(ClientError::ClientStateNotFound))),
        Presented::Future => return Ok(Pulled::SilentRestore),
        Presented::Fresh => None,
        Presented::At(base) => (base >= floor).then_some(base),
    };
    let lmids: BTreeMap<String, i64> =
        log::moved(view.conn, workspace_id, &request.client_group_id, base.unwrap_or(-1))?.into_iter().collect();
    let patch = match base {
        None => view.whole()?,
        Some(base) if base == version => Vec::new(),
        Some(base) => view.since(base)?,
    };
    let idle = base.is_some() && patch.is_empty() && lmids.is_empty();
    let cookie = if idle && !is_stale(view.conn, workspace_id, base.unwrap_or(0), now)? {
        request.cookie.clone()
    } else {
        serde_json::to_value(signer.cookie(workspace_id, epoch, version, &scope))?
    };
    let check = if base.is_none() || (!idle && version % CHECK_EVERY == 0) { Some(view.check()?) } else { None };
    Ok(Pulled::Reply(PullReply::Patch(Patch { cookie, last_mutation_id_changes: lmids, patch, now, check })))
}

/// A quiet user's cookie must not fall below the floor of remembered deletions.
fn is_stale(conn: &mut AnyConnection, workspace_id: &str, base: i64, now: i64) -> Result<bool, Stop> {
    let half_way: Option<i64> = sync_clock::table
        .filter(sync_clock::workspace_id.eq(workspace_id))
        .filter(sync_clock::at.le(now - TOMBSTONE_MS / 2))
        .select(diesel::dsl::max(sync_clock::version))
        .first(conn)?;
    Ok(half_way.is_some_and(|half_way| base < half_way))
}

struct View<'a> {
    conn: &'a mut AnyConnection,
    workspace_id: &'a str,
    buckets: Vec<String>,
}

impl View<'_> {
    fn whole(&mut self) -> Result<Vec<PatchOp>, Stop> {
        let mut ops = vec![PatchOp::Clear];
        for (key, body) in self.rows()? {
            ops.push(PatchOp::Put { key, value: RawValue::from_string(body)? });
        }
        Ok(ops)
    }

    /// Every row in scope with its body, by key.
    fn rows(&mut self) -> Result<Vec<(String, String)>, Stop> {
        let keys = sync_member::table
            .filter(sync_member::workspace_id.eq(self.workspace_id))
            .filter(sync_member::bucket.eq_any(&self.buckets))
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
            .filter(sync_member::bucket.eq_any(&self.buckets))
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
                    Some(body) => PatchOp::Put { key: key.clone(), value: RawValue::from_string(body.clone())? },
                    None => PatchOp::Del { key: key.clone() },
                });
            }
        }
        Ok(ops)
    }

    /// Bodies of those keys that some bucket in scope still shows.
    fn visible(&mut self, keys: &[String]) -> Result<BTreeMap<String, String>, Stop> {
        let present: Vec<String> = sync_member::table
            .filter(sync_member::workspace_id.eq(self.workspace_id))
            .filter(sync_member::bucket.eq_any(&self.buckets))
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
