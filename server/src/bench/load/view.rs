//! What a phone has been told, held to the rules of the protocol.

use crate::kit::refusal::Stop;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

#[derive(Deserialize)]
pub struct Reply<'a> {
    #[serde(borrow)]
    cookie: &'a RawValue,
    #[serde(rename = "lastMutationIDChanges")]
    lmids: BTreeMap<String, u64>,
    #[serde(borrow)]
    patch: Vec<Op<'a>>,
}

/// `clear`, `put` with key and value, or `del` with key.
#[derive(Deserialize)]
struct Op<'a> {
    op: &'a str,
    #[serde(default)]
    key: String,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

impl<'a> Reply<'a> {
    /// None for anything but a patch.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Every task of a phone is there, with each of its notes once and no others.
    ///
    /// # Errors
    /// `Fault` naming what is lost, or there twice.
    pub fn prove_notes(&self, made: &BTreeMap<String, BTreeSet<String>>) -> Result<(), Stop> {
        let rows: BTreeMap<&str, &RawValue> = self.patch.iter().filter_map(|op| Some((op.key.as_str(), op.value?))).collect();
        for (id, written) in made {
            let row = rows.get(format!("box/{id}").as_str()).ok_or_else(|| Stop::fault(format!("task {id} is lost")))?;
            let row: Value = serde_json::from_str(row.get())?;
            let notes: Vec<&str> = row["notes"].as_array().into_iter().flatten().filter_map(|note| note["id"].as_str()).collect();
            let once: BTreeSet<&str> = notes.iter().copied().collect();
            if notes.len() != written.len() || !written.iter().all(|id| once.contains(id.as_str())) {
                return Err(Stop::fault(format!("task {id}: {} notes were written, {} are there", written.len(), notes.len())));
            }
        }
        Ok(())
    }
}

/// Keys with a hash of their rows, the cookie, and how far each client of the group is.
#[derive(Default)]
pub struct View {
    rows: BTreeMap<String, u64>,
    cookie: Option<String>,
    lmids: BTreeMap<String, u64>,
    /// Rules the server broke.
    pub wrongs: Vec<&'static str>,
}

impl View {
    /// As JSON.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or("null")
    }

    pub fn is_new(&self) -> bool {
        self.cookie.is_none()
    }

    pub fn lmid(&self, client: &str) -> u64 {
        self.lmids.get(client).copied().unwrap_or(0)
    }

    pub fn take_in(&mut self, reply: &Reply<'_>) {
        let (old, new) = (order(self.cookie()), order(reply.cookie.get()));
        if new < old {
            self.wrongs.push("a cookie went back");
        }
        if new == old && !self.is_new() && !(reply.patch.is_empty() && reply.lmids.is_empty()) {
            self.wrongs.push("news came with an equal cookie");
        }
        for op in &reply.patch {
            match (op.op, op.value) {
                ("clear", _) => self.rows.clear(),
                ("put", Some(value)) => drop(self.rows.insert(op.key.clone(), hash(value.get()))),
                ("del", _) => drop(self.rows.remove(&op.key)),
                _ => self.wrongs.push("an unknown operation"),
            }
        }
        for (client, lmid) in &reply.lmids {
            if *lmid < self.lmid(client) {
                self.wrongs.push("a last mutation went back");
            }
            self.lmids.insert(client.clone(), *lmid);
        }
        self.cookie = Some(reply.cookie.get().to_owned());
    }

    pub fn shows_the_same(&self, other: &View) -> bool {
        self.rows == other.rows && self.lmids == other.lmids
    }
}

fn order(cookie: &str) -> i64 {
    let cookie: Value = serde_json::from_str(cookie).unwrap_or_default();
    cookie["order"].as_i64().unwrap_or(0)
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Reply<'_> {
        Reply::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn patches_are_taken_in() {
        let first = r#"{"cookie":{"order":5},"lastMutationIDChanges":{"c":2},"patch":[{"op":"clear"},
            {"op":"put","key":"a/1","value":{"x":1}},{"op":"put","key":"a/2","value":2}]}"#;
        let next = r#"{"cookie":{"order":6},"lastMutationIDChanges":{"c":3},"patch":[{"op":"del","key":"a/2"}]}"#;
        let whole = r#"{"cookie":{"order":6},"lastMutationIDChanges":{"c":3},"patch":[{"op":"clear"},
            {"op":"put","key":"a/1","value":{"x":1}}]}"#;
        let (mut bit_by_bit, mut at_once) = (View::default(), View::default());
        bit_by_bit.take_in(&reply(first));
        assert!(!bit_by_bit.is_new() && bit_by_bit.lmid("c") == 2);
        bit_by_bit.take_in(&reply(next));
        at_once.take_in(&reply(whole));
        assert!(bit_by_bit.shows_the_same(&at_once) && bit_by_bit.wrongs.is_empty());
        bit_by_bit.take_in(&reply(first));
        assert_eq!(bit_by_bit.wrongs, ["a cookie went back", "a last mutation went back"]);
        assert!(Reply::parse(br#"{"error":"ClientStateNotFound"}"#).is_none());
    }

    #[test]
    fn lost_and_doubled_notes_are_found() {
        let text = r#"{"cookie":null,"lastMutationIDChanges":{},"patch":[{"op":"put","key":"box/b","value":{"notes":[{"id":"n"},{"id":"m"}]}}]}"#;
        let made = |notes: &[&str]| BTreeMap::from([("b".to_owned(), notes.iter().map(|id| (*id).to_owned()).collect())]);
        assert!(reply(text).prove_notes(&made(&["m", "n"])).is_ok());
        assert!(reply(text).prove_notes(&made(&["m"])).is_err());
        assert!(reply(text).prove_notes(&made(&["m", "n", "o"])).is_err());
        assert!(reply(text).prove_notes(&BTreeMap::from([("other".to_owned(), BTreeSet::new())])).is_err());
    }
}
