//! A phone as the protocol sees it: one client group with two tabs, a queue, a view and a cookie. It talks to the real push
//! and pull, without HTTP; the network in between is the test's.

use super::world::World;
use dutyboard::door::{Actor, Via};
use dutyboard::kit::refusal::{Code, Stop};
use dutyboard::sync::pull::{Pulled, Reader};
use dutyboard::sync::push::push;
use dutyboard::sync::scope;
use dutyboard::sync::wire::{
    ClientError, Mutation, MutationResult, Outcome, Patch, PatchOp, PullReply, PullRequest, PushReply, PushRequest,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What a phone shows: key to raw JSON.
pub type View = BTreeMap<String, Rc<str>>;

/// A moment of a phone: the cookie it was given, and what it showed and knew then.
#[derive(Clone)]
pub struct Moment {
    pub cookie: Value,
    pub view: Rc<View>,
    pub lmids: Rc<BTreeMap<String, i64>>,
}

pub struct Tab {
    pub client: String,
    pub next_id: i64,
    /// Enqueued and not acknowledged by a pull.
    pub outbox: Vec<Mutation>,
}

pub struct Phone {
    pub user: String,
    pub group: String,
    pub tabs: Vec<Tab>,
    pub now: Moment,
    /// Every cookie it ever got.
    pub moments: Vec<Moment>,
    /// Everything it ever enqueued.
    pub written: Vec<Mutation>,
    /// Results of all pushes, also of those whose reply was lost.
    pub results: Vec<MutationResult>,
}

impl Phone {
    pub fn new(user: &str, name: &str) -> Self {
        let tab = |n: usize| Tab { client: format!("{name}-tab{n}"), next_id: 1, outbox: Vec::new() };
        let now = Moment { cookie: Value::Null, view: Rc::default(), lmids: Rc::default() };
        let (moments, written, results) = (vec![now.clone()], Vec::new(), Vec::new());
        Phone { user: user.into(), group: format!("{name}-group"), tabs: vec![tab(1), tab(2)], now, moments, written, results }
    }

    /// Writes a change into the queue, as a person does without thinking of the network.
    pub fn write(&mut self, tab: usize, name: &str, args: Value, uid: Option<String>) -> Mutation {
        let tab = &mut self.tabs[tab];
        let mutation = Mutation { client_id: tab.client.clone(), id: tab.next_id, name: name.into(), args, timestamp: 1.5, uid };
        tab.next_id += 1;
        tab.outbox.push(mutation.clone());
        self.written.push(mutation.clone());
        mutation
    }

    /// Everything pending, every time; the tabs' queues mixed, as the wire allows.
    pub fn request(&self) -> PushRequest {
        let longest = self.tabs.iter().map(|tab| tab.outbox.len()).max().unwrap_or(0);
        let at = |index: usize| self.tabs.iter().filter_map(move |tab| tab.outbox.get(index)).cloned();
        self.request_of((0..longest).flat_map(at).collect())
    }

    pub fn request_of(&self, mutations: Vec<Mutation>) -> PushRequest {
        PushRequest {
            push_version: 1,
            client_group_id: self.group.clone(),
            profile_id: "profile".into(),
            schema_version: "1".into(),
            mutations,
        }
    }

    /// Delivers a request; what came back is noted even when the phone will not get to see it.
    pub fn deliver(&mut self, world: &World, request: &PushRequest) -> Result<(), Code> {
        let actor = world.actor(&self.user, Via::Push).ok_or(Code::SessionRevoked)?;
        match world.block_on(push(&world.app.door, &actor, request.clone())) {
            Ok(PushReply::Results { results, .. }) => self.results.extend(results),
            Ok(PushReply::Error(error)) => panic!("{}: {error:?}", self.group),
            Err(Stop::Refused(refusal)) => return Err(refusal.code),
            // Come back later: the queue stays as it is.
            Err(Stop::Busy(_) | Stop::Full(_)) => {}
            Err(stop) => panic!("{}: {stop}", self.group),
        }
        Ok(())
    }

    pub fn push(&mut self, world: &World) -> Result<(), Code> {
        let request = self.request();
        self.deliver(world, &request)
    }

    /// What the server answers to a cookie; `None` when the person is out.
    pub fn ask(&self, world: &World, cookie: &Value) -> Option<Patch> {
        let actor = world.actor(&self.user, Via::Push)?;
        Some(self.ask_as(world, &actor, cookie).unwrap_or_else(|| panic!("{}: state lost", self.group)))
    }

    /// The same as somebody; `None` when the server does not know this phone any more.
    pub fn ask_as(&self, world: &World, actor: &Actor, cookie: &Value) -> Option<Patch> {
        let request = PullRequest {
            pull_version: 1,
            client_group_id: self.group.clone(),
            cookie: cookie.clone(),
            profile_id: "profile".into(),
            schema_version: "1".into(),
        };
        let generation = world.app.door.feed.generation(&actor.workspace_id);
        let scope = world.read(|conn| scope::of(conn, actor));
        let reader = Reader { actor, scope: &scope, generation };
        let remembered = world.app.desk.from_memory(&reader, &request, world.now());
        match world.read(|conn| world.app.desk.pull(conn, &reader, &request, world.now())) {
            Pulled::Reply(PullReply::Patch(patch)) => {
                let Some(PullReply::Patch(known)) = remembered else { return Some(wired(&patch)) };
                // Somebody may have written between the two looks.
                if order(&known.cookie) == order(&patch.cookie) {
                    let bytes = |patch: &Patch| patch.encode().expect("JSON").concat();
                    assert!(bytes(&known) == bytes(&patch), "I3: memory says {known:?}, the database {patch:?}");
                }
                Some(wired(&known))
            }
            Pulled::Reply(PullReply::Error(ClientError::ClientStateNotFound)) => None,
            _ => panic!("{}: no patch", self.group),
        }
    }

    /// Pulls and takes the answer in, holding it to the rules that clients enforce (sync_protocol 1.4).
    pub fn pull(&mut self, world: &World) -> bool {
        let Some(patch) = self.ask(world, &self.now.cookie) else { return false };
        self.take_in(&patch);
        true
    }

    pub fn take_in(&mut self, patch: &Patch) {
        let (old, new) = (order(&self.now.cookie), order(&patch.cookie));
        assert!(new >= old, "I7: order went from {old} to {new}");
        if new == old {
            let nothing = patch.patch.is_empty() && patch.last_mutation_id_changes.is_empty();
            assert!(nothing || old == 0, "a client throws away what comes with an equal cookie");
        }
        for (client, lmid) in &patch.last_mutation_id_changes {
            let before = self.now.lmids.get(client).copied().unwrap_or(0);
            assert!(*lmid >= before, "I11: {client} went back from {before} to {lmid}");
        }
        self.now = after(&self.now, patch);
        for tab in &mut self.tabs {
            let lmid = self.now.lmids.get(&tab.client).copied().unwrap_or(0);
            tab.outbox.retain(|mutation| mutation.id > lmid);
        }
        self.moments.push(self.now.clone());
    }

    pub fn is_drained(&self) -> bool {
        self.tabs.iter().all(|tab| tab.outbox.is_empty())
    }

    /// How a mutation went, when it was processed and answered.
    pub fn outcome(&self, mutation: &Mutation) -> Option<&MutationResult> {
        let decided = |result: &&MutationResult| matches!(result.status, Outcome::Applied | Outcome::Rejected);
        self.results.iter().filter(decided).find(|result| result.client_id == mutation.client_id && result.id == mutation.id)
    }

    /// The rows of one kind that it shows.
    pub fn rows(&self, kind: &str) -> Vec<Value> {
        let prefix = format!("{kind}/");
        let rows = self.now.view.iter().filter(|(key, _)| key.starts_with(&prefix));
        rows.map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect()
    }

    pub fn ids(&self, kind: &str) -> Vec<String> {
        self.rows(kind).iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect()
    }
}

/// The answer as it comes out at the other end of the wire.
fn wired(patch: &Patch) -> Patch {
    #[derive(serde::Deserialize)]
    struct Op {
        op: String,
        key: Option<Arc<str>>,
        value: Option<Box<RawValue>>,
    }
    #[derive(serde::Deserialize)]
    struct Answer {
        cookie: Value,
        #[serde(rename = "lastMutationIDChanges")]
        lmids: BTreeMap<String, i64>,
        patch: Vec<Op>,
        now: i64,
    }
    let bytes = patch.encode().expect("JSON").concat();
    let answer: Answer = serde_json::from_slice(&bytes).expect("an answer");
    let op = |op: Op| match (op.op.as_str(), op.key, op.value) {
        ("clear", None, None) => PatchOp::Clear,
        ("put", Some(key), Some(value)) => PatchOp::Put { key, value: value.into() },
        ("del", Some(key), None) => PatchOp::Del { key },
        other => panic!("{other:?}"),
    };
    let ops = answer.patch.into_iter().map(op).collect();
    let (cookie, last_mutation_id_changes, now) = (answer.cookie, answer.lmids, answer.now);
    Patch { cookie, last_mutation_id_changes, patch: ops, now, check: patch.check, page: None }
}

pub fn order(cookie: &Value) -> i64 {
    cookie["order"].as_i64().unwrap_or(0)
}

/// A moment with a patch applied to it.
pub fn after(moment: &Moment, patch: &Patch) -> Moment {
    let mut view = (*moment.view).clone();
    for op in &patch.patch {
        match op {
            PatchOp::Clear => view.clear(),
            PatchOp::Put { key, value } => drop(view.insert(key.to_string(), value.get().into())),
            PatchOp::Del { key } => drop(view.remove(&**key)),
        }
    }
    let mut lmids = (*moment.lmids).clone();
    lmids.extend(patch.last_mutation_id_changes.clone());
    Moment { cookie: patch.cookie.clone(), view: Rc::new(view), lmids: Rc::new(lmids) }
}

/// A phone that starts from nothing.
pub fn nothing() -> Moment {
    Moment { cookie: json!(null), view: Rc::default(), lmids: Rc::default() }
}
