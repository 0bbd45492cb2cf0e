//! A random history: people write on their phones, requests are cut, doubled and late, roles and teams change, boards are
//! made. One seed is one history. Nothing here knows the invariants; the caller checks them after every step.

use super::moves;
use crate::harness::{Dice, Engine, HOUR, Phone, World, seeds};
use dutyboard::app::App;
use dutyboard::kit::refusal::Code;
use dutyboard::sync::wire::PushRequest;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

pub struct History {
    pub world: World,
    pub dice: Dice,
    pub phones: Vec<Phone>,
    /// Requests that the network holds back: whose, and what.
    late: Vec<(usize, PushRequest)>,
    /// Ids that anybody ever saw or made.
    pub boxes: Ids,
    pub uids: Vec<String>,
    pub cells: Vec<Vec<String>>,
    /// Takes turns with the world's own server, by chance.
    other: Option<Arc<App>>,
}

/// Ids in the order of their names, so that a seed chooses the same ones again.
#[derive(Default)]
pub struct Ids(BTreeSet<String>);

impl Ids {
    pub fn push(&mut self, id: String) {
        self.0.insert(id);
    }

    pub fn extend(&mut self, ids: impl Iterator<Item = String>) {
        self.0.extend(ids);
    }

    pub fn iter(&self) -> impl Iterator<Item = &String> {
        self.0.iter()
    }
}

/// Tries `cases` histories of `steps` steps, asking `check` after each step and once more at rest.
pub fn explore(engine: Engine, cases: usize, steps: usize, check: impl Fn(&mut History, Moment) -> Result<(), String>) {
    for seed in seeds(cases) {
        let mut history = History::begin(engine, seed);
        for step in 0..steps {
            let what = history.step();
            check(&mut history, Moment::Step).unwrap_or_else(|wrong| panic!("seed {seed}, step {step} ({what}): {wrong}"));
        }
        history.come_to_rest();
        check(&mut history, Moment::Rest).unwrap_or_else(|wrong| panic!("seed {seed}, at rest: {wrong}"));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Step,
    Rest,
}

impl History {
    /// A Monday morning with a roster and a board, and six people with two phones each.
    pub fn begin(engine: Engine, seed: u64) -> Self {
        Self::with_phones(engine, seed, 2)
    }

    /// The same with more phones for each of the six.
    pub fn with_phones(engine: Engine, seed: u64, each: usize) -> Self {
        let world = World::new(engine);
        let cast = world.cast.clone();
        let shift = |id: usize, person: &str, skill: &str| {
            let id = dutyboard::kit::ids::derived(&["first", &id.to_string()]);
            json!({ "id": id, "person_id": person, "day": "2026-03-02", "shift_type_id": cast.shift_type(skill), "shop_id": null, "seat_id": null })
        };
        let put = [
            shift(1, &cast.ann, "presale"),
            shift(2, &cast.bea, "presale"),
            shift(3, &cast.cai, "aftersale"),
            shift(4, &cast.eva, "presale"),
        ];
        world.run(&cast.owner, "roster.set", json!({ "put": put, "remove": [] })).expect("a roster");
        world.tick();
        let users = [&cast.owner, &cast.sup_1, &cast.ann, &cast.bea, &cast.sup_2, &cast.eva];
        let phones = users
            .iter()
            .enumerate()
            .flat_map(|(n, user)| (1..=each).map(move |device| Phone::new(user, &format!("u{n}d{device}"))));
        let phones = phones.collect();
        let dice = Dice::new(seed);
        let mut history = History {
            world,
            dice,
            phones,
            late: Vec::new(),
            boxes: Ids::default(),
            uids: Vec::new(),
            cells: Vec::new(),
            other: None,
        };
        history.pull_all();
        history
    }

    /// From now on two servers share the work.
    pub fn add_server(&mut self) {
        self.other = Some(self.world.another_server());
    }

    /// The server stops and starts again.
    pub fn restart(&mut self) {
        self.world.app = self.world.another_server();
    }

    /// Only what phones do: nobody is at a desk.
    pub fn phones_only(&mut self) {
        let index = self.dice.below(self.phones.len());
        match self.dice.below(3) {
            0 => self.write(index),
            1 => self.push(index),
            _ => self.pull(index),
        };
    }

    pub fn pull_all(&mut self) {
        for phone in &mut self.phones {
            phone.pull(&self.world);
        }
    }

    /// One thing happens. The answer names it.
    pub fn step(&mut self) -> &'static str {
        self.world.clock.advance(1_000);
        if let Some(other) = self.other.as_mut().filter(|_| self.dice.percent(50)) {
            std::mem::swap(&mut self.world.app, other);
        }
        let index = self.dice.below(self.phones.len());
        match self.dice.below(100) {
            0..=37 => self.write(index),
            38..=65 => self.push(index),
            66..=83 => self.pull(index),
            84..=89 => self.deliver_late(),
            90..=93 => self.manage(),
            94..=97 => self.tick(),
            _ => {
                self.world.clock.advance(5 * HOUR);
                "hours pass"
            }
        }
    }

    fn write(&mut self, index: usize) -> &'static str {
        for _ in 0..=self.dice.below(3) {
            let tab = self.dice.below(2);
            let (name, args, uid) = moves::any(self, index);
            self.phones[index].write(tab, &name, args, uid);
        }
        "write"
    }

    fn push(&mut self, index: usize) -> &'static str {
        let request = self.phones[index].request();
        match self.dice.below(10) {
            // Cut on the way there.
            0 => return "push cut",
            // Kept by some proxy; the phone tries again meanwhile.
            1 => {
                self.late.push((index, request));
                return "push held back";
            }
            2 => {
                let _ = self.phones[index].deliver(&self.world, &request);
            }
            // Only the beginning of the queue: the phone was shut in the middle of building its request.
            3 => {
                let part = request.mutations.iter().take(request.mutations.len() / 2).cloned().collect();
                let part = self.phones[index].request_of(part);
                let _ = self.phones[index].deliver(&self.world, &part);
                return "push of a part";
            }
            _ => {}
        }
        // Whether the reply arrives makes no difference to a phone: only a pull moves its queue.
        let _ = self.phones[index].deliver(&self.world, &request);
        "push"
    }

    fn pull(&mut self, index: usize) -> &'static str {
        if self.dice.percent(15) {
            // The reply is lost, but its cookie was handed out.
            let phone = &mut self.phones[index];
            if let Some(patch) = phone.ask(&self.world, &phone.now.cookie) {
                let moment = crate::harness::phone::after(&phone.now, &patch);
                phone.moments.push(moment);
            }
            return "pull lost";
        }
        self.phones[index].pull(&self.world);
        "pull"
    }

    fn deliver_late(&mut self) -> &'static str {
        if self.late.is_empty() {
            return "nothing";
        }
        let position = self.dice.below(self.late.len());
        let (index, request) = self.late.swap_remove(position);
        let _ = self.phones[index].deliver(&self.world, &request);
        "late push arrives"
    }

    /// The office at its desks: what moves rows and people between audiences.
    fn manage(&mut self) -> &'static str {
        let people = self.world.cast.people();
        let id = self.dice.pick(&people).clone();
        let to = self.dice.pick(&people).clone();
        let teams = [self.world.cast.team_1.clone(), self.world.cast.team_2.clone()];
        let (name, args) = match self.dice.below(4) {
            0 => ("person.update", json!({ "id": id, "team_id": self.dice.pick(&teams) })),
            1 => ("person.update", json!({ "id": id, "role": self.dice.pick(&["supervisor", "agent"]) })),
            2 => ("person.update", json!({ "id": id, "active": self.dice.percent(60) })),
            _ => {
                let known: Vec<&String> = self.boxes.iter().collect();
                let Some(id) = (!known.is_empty()).then(|| (*self.dice.pick(&known)).clone()) else { return "nothing" };
                ("box.assign", json!({ "id": id, "to": to }))
            }
        };
        // A refusal is as good a step as any.
        let _ = self.world.system(name, args);
        "manage"
    }

    fn tick(&mut self) -> &'static str {
        self.world.tick();
        "tick"
    }

    /// Faults stop, everybody is let in again, and phones do what they always do until nothing is left. I8 says how soon.
    pub fn come_to_rest(&mut self) {
        for (index, request) in std::mem::take(&mut self.late) {
            let _ = self.phones[index].deliver(&self.world, &request);
        }
        const ROUNDS: usize = 5;
        for _ in 0..ROUNDS {
            for id in self.world.cast.people() {
                self.world.system("person.update", json!({ "id": id, "active": true })).expect("everybody is back");
            }
            for phone in &mut self.phones {
                // Somebody may still be put out by a change that waited on another phone; the next round lets them in again.
                let pushed = phone.push(&self.world);
                assert!(matches!(pushed, Ok(()) | Err(Code::SessionRevoked)), "I8: {}: {pushed:?}", phone.group);
                phone.pull(&self.world);
            }
        }
        for phone in &self.phones {
            assert!(phone.is_drained(), "I8: {} still has {:?} after {ROUNDS} rounds", phone.group, phone.request().mutations);
        }
        // Each server has looked at the counters meanwhile.
        for app in self.other.iter().chain([&self.world.app]) {
            app.desk.forget(&self.world.cast.workspace);
        }
        self.pull_all();
    }
}
