//! The cookie: where a phone's view stands. `order` never decreases, `scope` notices a changed audience, `sig` keeps anybody
//! from inventing an order of the future.

use crate::door::EPOCH;
use crate::kit::hex::{hex, unhex};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What is kept of the HMAC.
const SIG_BYTES: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cookie {
    pub order: i64,
    pub scope: String,
    pub sig: String,
}

/// What a request's cookie turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Presented {
    /// None, or nothing we can use: start from nothing.
    Fresh,
    /// Ours, of this epoch and scope: the version it stands at.
    At(i64),
    /// Ours, but the workspace was restored since: the phone must re-key (sync_protocol 4.6).
    OldEpoch,
    /// Ours, of this epoch, but newer than we are: the workspace was silently restored.
    Future,
}

#[derive(Clone)]
pub struct Signer(Vec<u8>);

impl Signer {
    pub fn new(key: &[u8]) -> Self {
        Signer(key.to_vec())
    }

    fn mac(&self, workspace_id: &str, order: i64, scope: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(format!("{workspace_id}\n{order}\n{scope}").as_bytes());
        mac
    }

    fn sign(&self, workspace_id: &str, order: i64, scope: &str) -> String {
        hex(&self.mac(workspace_id, order, scope).finalize().into_bytes()[..SIG_BYTES])
    }

    /// Compares in constant time: how long it takes tells nobody how much of a guess was right.
    fn is_ours(&self, workspace_id: &str, cookie: &Cookie) -> bool {
        let given = unhex(&cookie.sig).filter(|given| given.len() == SIG_BYTES);
        given.is_some_and(|given| self.mac(workspace_id, cookie.order, &cookie.scope).verify_truncated_left(&given).is_ok())
    }

    pub fn cookie(&self, workspace_id: &str, epoch: i64, version: i64, scope: &str) -> Cookie {
        let order = epoch * EPOCH + version;
        Cookie { order, scope: scope.to_owned(), sig: self.sign(workspace_id, order, scope) }
    }

    /// Epoch, version and scope of a cookie that was given out for this workspace.
    pub fn verify(&self, workspace_id: &str, presented: &Value) -> Option<(i64, i64, String)> {
        let cookie = Cookie::deserialize(presented).ok()?;
        self.is_ours(workspace_id, &cookie).then_some((cookie.order / EPOCH, cookie.order % EPOCH, cookie.scope))
    }

    pub fn read(&self, workspace_id: &str, epoch: i64, version: i64, scope: &str, presented: &Value) -> Presented {
        let Some((their_epoch, their_version, their_scope)) = self.verify(workspace_id, presented) else {
            return Presented::Fresh;
        };
        if their_epoch < epoch {
            Presented::OldEpoch
        } else if their_epoch > epoch || their_version > version {
            Presented::Future
        } else if their_scope != scope {
            Presented::Fresh
        } else {
            Presented::At(their_version)
        }
    }
}

/// Short name of a set of buckets and of the version of the view.
pub fn scope_hash(buckets: &BTreeSet<String>, view_version: u32) -> String {
    let mut digest = Sha256::new();
    digest.update(view_version.to_be_bytes());
    for bucket in buckets {
        digest.update(bucket.as_bytes());
        digest.update(b"\n");
    }
    hex(&digest.finalize()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cookie_is_only_good_where_it_was_given() {
        let signer = Signer::new(b"secret");
        let cookie = signer.cookie("w", 2, 7, "abc");
        let given = serde_json::to_value(&cookie).unwrap();
        let read = |epoch, version, scope: &str, value: &Value| signer.read("w", epoch, version, scope, value);
        assert_eq!(read(2, 9, "abc", &given), Presented::At(7));
        assert_eq!(read(2, 9, "other", &given), Presented::Fresh);
        assert_eq!(read(3, 9, "abc", &given), Presented::OldEpoch);
        assert_eq!(read(2, 6, "abc", &given), Presented::Future);
        assert_eq!(signer.read("elsewhere", 2, 9, "abc", &given), Presented::Fresh);
        let forged = json!({ "order": cookie.order + 5, "scope": "abc", "sig": cookie.sig });
        assert_eq!(read(2, 9, "abc", &forged), Presented::Fresh);
        for junk in [json!(null), json!("x"), json!(5), json!({}), json!([1])] {
            assert_eq!(read(2, 9, "abc", &junk), Presented::Fresh, "{junk}");
        }
    }

    #[test]
    fn orders_of_a_later_epoch_are_always_greater() {
        let signer = Signer::new(b"secret");
        assert!(signer.cookie("w", 2, 0, "s").order > signer.cookie("w", 1, EPOCH - 1, "s").order);
    }
}
