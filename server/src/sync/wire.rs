//! Requests and replies exactly as on the wire (sync_protocol 1.1-1.4). The only camelCase in the house.

use crate::kit::json;
use crate::kit::refusal::{Code, Stop};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushRequest {
    pub push_version: u64,
    #[serde(rename = "clientGroupID")]
    pub client_group_id: String,
    #[serde(default, rename = "profileID")]
    pub profile_id: String,
    pub schema_version: String,
    pub mutations: Vec<Mutation>,
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Mutation {
    #[serde(rename = "clientID")]
    pub client_id: String,
    /// Counts up by one per client, from 1.
    pub id: i64,
    pub name: String,
    #[serde(default, deserialize_with = "json::plain")]
    pub args: Value,
    /// The sender's own clock; the protocol does not use it.
    #[serde(default)]
    #[allow(dead_code, reason = "part of the wire")]
    pub timestamp: f64,
    /// Names the intent across re-keyed clients, so that it never takes effect twice.
    #[serde(default)]
    pub uid: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Applied,
    Rejected,
    Duplicate,
    /// Not processed and not counted: the client is unknown, or a mutation before this one is missing.
    Skipped,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Applied => "applied",
            Outcome::Rejected => "rejected",
            Outcome::Duplicate => "duplicate",
            Outcome::Skipped => "skipped",
        }
    }
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MutationResult {
    #[serde(rename = "clientID")]
    pub client_id: String,
    pub id: i64,
    pub status: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

/// Answers that Replicache clients act upon; they travel with HTTP 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "error")]
pub enum ClientError {
    ClientStateNotFound,
    VersionNotSupported {
        #[serde(rename = "versionType")]
        version_type: &'static str,
    },
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum PushReply {
    Results {
        results: Vec<MutationResult>,
        /// More was sent than one transaction takes: answered 503, send the rest again.
        #[serde(skip)]
        more: bool,
    },
    Error(ClientError),
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PullRequest {
    pub pull_version: u64,
    #[serde(rename = "clientGroupID")]
    pub client_group_id: String,
    #[serde(default, deserialize_with = "json::plain")]
    pub cookie: Value,
    #[serde(default, rename = "profileID")]
    #[allow(dead_code, reason = "part of the wire")]
    pub profile_id: String,
    pub schema_version: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum PullReply {
    Patch(Patch),
    Error(ClientError),
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Patch {
    #[schema(value_type = Object)]
    pub cookie: Value,
    #[serde(rename = "lastMutationIDChanges")]
    pub last_mutation_id_changes: BTreeMap<String, i64>,
    pub patch: Vec<PatchOp>,
    /// The server's clock, UTC ms.
    pub now: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// A whole view that was encoded before; `patch` comes after it.
    #[serde(skip)]
    pub page: Option<Arc<Page>>,
}

impl Patch {
    /// The bytes of the answer, in pieces that need not be copied together.
    ///
    /// # Errors
    /// `Fault` when it cannot be written as JSON.
    pub fn encode(&self) -> Result<Vec<Bytes>, Stop> {
        let whole = serde_json::to_vec(self)?;
        let Some(page) = &self.page else { return Ok(vec![whole.into()]) };
        // Cookies and ids are ours or checked: the first `"patch":[` is the field, not part of a text, which escapes quotes.
        let at =
            whole.windows(PATCH.len()).position(|window| window == PATCH).ok_or_else(|| Stop::fault("no patch"))? + PATCH.len();
        let whole = Bytes::from(whole);
        let comma = if self.patch.is_empty() { Bytes::new() } else { Bytes::from_static(b",") };
        Ok(vec![whole.slice(..at), page.ops.clone(), comma, whole.slice(at..)])
    }
}

const PATCH: &[u8] = b"\"patch\":[";

/// A whole view, ready to send: `clear` and a `put` per row, separated by commas.
#[derive(Debug)]
pub struct Page {
    pub epoch: i64,
    pub version: i64,
    pub ops: Bytes,
    pub check: Check,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum PatchOp {
    Clear,
    Put {
        #[schema(value_type = String)]
        key: Arc<str>,
        #[schema(value_type = Object)]
        value: Arc<RawValue>,
    },
    Del {
        #[schema(value_type = String)]
        key: Arc<str>,
    },
}

/// What the whole view must come to: number of rows, and the sum modulo 2^53 of a 53-bit hash of each `key\nbody`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Check {
    pub n: i64,
    pub h: u64,
}
