//! What only shows with real concurrency: a reader must never be handed a cookie that skips a write still on its way
//! (sync_protocol 2.2), and must never see half of a command.

use super::truth::differences;
use crate::harness::world::FIRST_DAY;
use crate::harness::{Dice, Phone, World, both_engines};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

const WRITERS: usize = 4;
const ROUNDS: usize = 12;

both_engines! {
    /// Writers of one workspace push at once while readers pull deltas all the time; at the end every reader's pile of
    /// deltas is the snapshot, and no reader ever saw a part of a set of shifts.
    fn i3_deltas_under_concurrent_writers(engine) {
        let world = World::new(engine);
        let running = AtomicUsize::new(WRITERS);
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (world, running) = (&world, &running);
                scope.spawn(move || {
                    write(world, writer);
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
            for (number, user) in [&world.cast.owner, &world.cast.sup_1].into_iter().enumerate() {
                let (world, running) = (&world, &running);
                scope.spawn(move || read(world, user, number, running));
            }
        });
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }
}

/// Puts a set of shifts, takes it away again, and writes something of its own, round after round.
fn write(world: &World, writer: usize) {
    let people = [&world.cast.ann, &world.cast.bea, &world.cast.cai, &world.cast.dan];
    let mut dice = Dice::new(writer as u64);
    let mut phone = Phone::new(&world.cast.sup_1, &format!("writer{writer}"));
    for round in 0..ROUNDS {
        let day = format!("2026-0{}-{:02}", 4 + writer, 1 + round);
        let cell = |person: &&String, dice: &mut Dice| json!({ "id": dice.id(), "person_id": person, "day": day, "shift_type_id": world.cast.shift_type("presale"), "shop_id": null, "seat_id": null });
        let put: Vec<_> = people.iter().map(|person| cell(person, &mut dice)).collect();
        let ids: Vec<_> = put.iter().map(|cell| cell["id"].clone()).collect();
        phone.write(0, "roster.set", json!({ "put": put, "remove": [] }), None);
        let own = json!({ "id": dice.id(), "day": FIRST_DAY, "title": "own", "quadrant": "Q1", "kind": "anytime", "assignee_id": world.cast.sup_1 });
        phone.write(0, "box.create", own, None);
        if round % 2 == 0 {
            phone.write(0, "roster.set", json!({ "put": [], "remove": ids }), None);
        }
        phone.push(world).expect("a push");
        phone.pull(world);
    }
    assert!(phone.is_drained(), "everything was acknowledged");
    let refused: Vec<_> = phone.results.iter().filter(|result| result.code.is_some()).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

fn read(world: &World, user: &str, number: usize, running: &AtomicUsize) {
    let mut phone = Phone::new(user, &format!("reader{number}"));
    loop {
        let last = running.load(Ordering::SeqCst) == 0;
        phone.pull(world);
        let mut days = std::collections::HashMap::new();
        for shift in phone.rows("assignment") {
            *days.entry(shift["day"].as_str().expect("a day").to_owned()).or_insert(0) += 1;
        }
        assert!(days.values().all(|count| *count == 4), "I9: part of a set: {days:?}");
        if last {
            break;
        }
    }
    let mut fresh = Phone::new(user, &format!("fresh{number}"));
    fresh.pull(world);
    differences(&phone.now.view, &fresh.now.view).expect("I3: deltas (left) and snapshot (right)");
}
