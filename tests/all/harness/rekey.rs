//! A phone that survives a restore: it keeps what was acknowledged in the last seven days beside its outbox, and when the
//! server does not know it any more it takes a new name and sends all of it again under the old uids (sync_protocol 4.6; the
//! client's own is `client/src/sync`).

use super::phone::{Phone, Tab, order};
use super::world::World;
use dutyboard::door::Via;
use dutyboard::sync::wire::{Mutation, Patch};
use serde_json::Value;

pub struct Survivor {
    pub phone: Phone,
    name: String,
    /// Acknowledged mutations, in the order they were sent.
    journal: Vec<Mutation>,
    pub rekeys: usize,
    /// The highest order it was ever given, under whatever name.
    highest: i64,
}

impl Survivor {
    pub fn new(user: &str, name: &str) -> Self {
        Survivor { phone: Phone::new(user, name), name: name.into(), journal: Vec::new(), rekeys: 0, highest: 0 }
    }

    /// A change under a uid of its own, as the shipped client always writes it.
    pub fn write(&mut self, name: &str, args: Value) -> Mutation {
        let uid = dutyboard::kit::ids::fresh();
        self.phone.write(0, name, args, Some(uid))
    }

    /// Push, then pull; a phone that is told it is unknown re-keys and does both again. A push first, as after a flight.
    pub fn sync(&mut self, world: &World) {
        for _ in 0..3 {
            if self.ask(world).is_none() {
                self.rekey();
                continue;
            }
            self.phone.push(world).expect("a push");
            let patch = self.ask(world).expect("known a moment ago");
            self.take_in(&patch);
            return;
        }
        panic!("{}: re-keyed again and again", self.name);
    }

    /// Like a tab that is closed before the answer comes: what was sent stays in the outbox.
    pub fn push_and_hear_nothing(&mut self, world: &World) {
        self.phone.push(world).expect("a push");
    }

    fn take_in(&mut self, patch: &Patch) {
        let before = self.phone.request().mutations;
        let given = order(&patch.cookie);
        assert!(given >= self.highest, "I7: {}: order went from {} to {given}", self.name, self.highest);
        self.highest = given;
        self.phone.take_in(patch);
        let left = self.phone.request().mutations;
        let is_left =
            |mutation: &Mutation| left.iter().any(|other| (&other.client_id, other.id) == (&mutation.client_id, mutation.id));
        self.journal.extend(before.into_iter().filter(|mutation| !is_left(mutation)));
    }

    /// What the server answers; none when it does not know this phone any more.
    fn ask(&self, world: &World) -> Option<Patch> {
        let actor = world.actor(&self.phone.user, Via::Push).expect("let in");
        self.phone.ask_as(world, &actor, &self.phone.now.cookie)
    }

    /// New names, the journal and the outbox numbered anew.
    fn rekey(&mut self) {
        self.rekeys += 1;
        let waiting = self.phone.request().mutations;
        let fresh = Phone::new(&self.phone.user, &format!("{}-{}", self.name, self.rekeys));
        let old = std::mem::replace(&mut self.phone, fresh);
        let client = self.phone.tabs[0].client.clone();
        let all = std::mem::take(&mut self.journal).into_iter().chain(waiting);
        let outbox: Vec<Mutation> =
            (1_i64..).zip(all).map(|(id, mutation)| Mutation { client_id: client.clone(), id, ..mutation }).collect();
        self.phone.written = outbox.clone();
        self.phone.tabs[0] = Tab { client, next_id: outbox.len() as i64 + 1, outbox };
        self.phone.now.cookie = Value::Null;
        self.phone.results = old.results;
    }
}
