//! The checks must be able to fail: each is shown a database that was damaged behind the door's back, or a phone that was told
//! something untrue, and has to notice.

use super::checks::{self, Verdict};
use super::history::History;
use super::truth::Truth;
use crate::harness::{Engine, Phone, both_engines};
use dutyboard::sync::wire::Outcome;
use serde_json::json;

/// A history that came to rest, in which every check is content.
fn rested(engine: Engine) -> History {
    let mut history = History::begin(engine, 7);
    for _ in 0..60 {
        history.step();
    }
    history.come_to_rest();
    // Everybody has done something, and something is on the owner's board.
    for phone in &mut history.phones {
        let note = json!({ "id": history.dice.id(), "day": "2026-03-02", "title": "own", "quadrant": "Q1", "kind": "anytime", "assignee_id": phone.user });
        phone.write(0, "box.create", note, None);
        phone.push(&history.world).expect("a push");
        phone.pull(&history.world);
    }
    history.pull_all();
    history
}

#[track_caller]
fn must_say(verdict: Verdict, name: &str) {
    let wrong = verdict.expect_err("the damage was not noticed");
    assert!(wrong.starts_with(name), "expected {name}: {wrong}");
}

const OWNERS_BOX: &str = "key LIKE 'box/%' AND bucket LIKE 'sup:%' AND present";

both_engines! {
    fn damage_is_noticed(engine) {
        let history = rested(engine);
        checks::all(&history.world, &history.phones).expect("a whole world");
        let (world, phones) = (&history.world, &history.phones);

        // A row that was published without moving its place in the order: the classic lost update of a cursor.
        world.tamper(&format!("UPDATE sync_entry SET body = replace(body, 'own', 'odd') WHERE key IN (SELECT key FROM sync_member WHERE {OWNERS_BOX})"));
        let last = phones[0].moments.len() - 1;
        must_say(checks::delta_is_snapshot(world, &phones[0], &[last]), "I3");
        must_say(checks::visible_is_allowed(world, &Truth::of(world), &Phone::new(&world.cast.owner, "fresh")), "I4");
        must_say(checks::entries_are_rows(world), "I14");
        world.tamper("UPDATE sync_entry SET body = replace(body, 'odd', 'own')");
        checks::all(&history.world, &history.phones).expect("whole again");

        // An audience that was not told.
        world.tamper("UPDATE sync_member SET present = NOT present WHERE bucket LIKE 'user:%' AND key LIKE 'box/%'");
        must_say(checks::entries_are_rows(world), "I14");
        world.tamper("UPDATE sync_member SET present = NOT present WHERE bucket LIKE 'user:%' AND key LIKE 'box/%'");

        // A mutation acknowledged and not logged, and the other way round.
        world.tamper("UPDATE sync_client SET lmid = lmid + 1 WHERE id LIKE 'u0d1%'");
        must_say(checks::nothing_lost(world, phones), "I6");
        world.tamper("UPDATE sync_client SET lmid = lmid - 2 WHERE id LIKE 'u0d1%'");
        must_say(checks::nothing_lost(world, phones), "I6");
        world.tamper("UPDATE sync_client SET lmid = lmid + 1 WHERE id LIKE 'u0d1%'");
        world.tamper("UPDATE mutation_log SET outcome = 'duplicate' WHERE outcome = 'applied'");
        must_say(phones.iter().try_for_each(|phone| checks::exactly_once(world, phone)), "I1");
    }

    fn untrue_replies_are_noticed(engine) {
        let mut history = rested(engine);
        let phone = &mut history.phones[0];
        let twice = phone.results.iter().find(|result| result.status == Outcome::Applied).expect("something applied").clone();
        phone.results.push(twice.clone());
        must_say(checks::exactly_once(&history.world, phone), "I1");
        phone.results.pop();
        phone.results.push(dutyboard::sync::wire::MutationResult { id: twice.id + 1_000, status: Outcome::Duplicate, ..twice });
        must_say(checks::reads_its_writes(&history.world, phone), "I11");
        phone.results.pop();

        // A mutation whose phone forgot it.
        phone.write(0, "box.start", json!({ "id": "x" }), None);
        phone.tabs[0].outbox.clear();
        must_say(checks::nothing_lost(&history.world, &history.phones), "I6");
    }
}
