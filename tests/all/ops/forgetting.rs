//! I12: forgetting old deletions at any moment changes no final view. Histories of many weeks, phones of every age.

use crate::harness::{Dice, Engine, HOUR, both_engines, seeds};
use crate::sync::checks;
use crate::sync::history::History;
use diesel::prelude::*;
use dutyboard::db::schema::{sync_clock, sync_entry, sync_member};
use dutyboard::door;
use dutyboard::door::EPOCH;
use dutyboard::sync::pull::TOMBSTONE_MS;
use serde_json::json;

const DAY: i64 = 24 * HOUR;
/// Weeks of work, some steps in each.
const WEEKS: i64 = 7;
const STEPS: usize = 14;

fn forget(history: &History) {
    let (app, workspace) = (&history.world.app, &history.world.cast.workspace);
    history.world.block_on(dutyboard::jobs::run(app, workspace, "keep.tombstones", &json!({ "turn": 0 }))).expect("a cleaning");
}

fn floor(history: &History) -> i64 {
    history.world.read(|conn| door::old::floor(conn, &history.world.cast.workspace))
}

/// Every cookie ever handed out leads to the same view as starting anew. Says how many were too old for a delta.
fn all_cookies_lead_home(history: &History) -> (usize, usize) {
    let floor = floor(history);
    let (mut resets, mut deltas) = (0, 0);
    for phone in &history.phones {
        let all: Vec<usize> = (0..phone.moments.len()).collect();
        checks::delta_is_snapshot(&history.world, phone, &all).unwrap_or_else(|wrong| panic!("I12: {wrong}"));
        for moment in phone.moments.iter().filter(|moment| !moment.cookie.is_null()) {
            let version = crate::harness::phone::order(&moment.cookie) % EPOCH;
            if version < floor { resets += 1 } else { deltas += 1 }
        }
    }
    (resets, deltas)
}

/// A history whose boards stay empty from the second day on: weeks pass quickly, and what people do themselves is enough.
fn begin(engine: Engine, seed: u64) -> History {
    let history = History::begin(engine, seed);
    let cast = &history.world.cast;
    for (team_id, packs) in [(&cast.team_1, 3), (&cast.team_2, 1)] {
        for pack in dutyboard::tasks::packs::all().iter().take(packs) {
            let off = json!({ "team_id": team_id, "code": pack.id, "enabled": false });
            history.world.system("pack.switch", off).expect("switched off");
        }
    }
    history
}

fn live(engine: Engine, seed: u64) {
    let mut history = begin(engine, seed);
    let mut chance = Dice::new(seed ^ 1);
    take_something_away(&mut history);
    let mut floors = vec![0];
    for _ in 0..WEEKS {
        for _ in 0..STEPS {
            history.step();
            // At any moment, however unlikely.
            if chance.percent(10) {
                forget(&history);
            }
        }
        history.world.clock.advance(7 * DAY);
        history.world.tick();
        floors.push(floor(&history));
    }
    assert!(floors.is_sorted(), "seed {seed}: the floor only rises: {floors:?}");
    history.come_to_rest();
    all_cookies_lead_home(&history);
    forget(&history);
    let (resets, deltas) = all_cookies_lead_home(&history);
    assert!(resets > 0 && deltas > 0, "seed {seed}: {resets} cookies were too old, {deltas} were not");
    checks::entries_are_rows(&history.world).expect("I14");
    what_is_old_is_gone(&history, seed);
}

/// A box that ann had and bea has: whatever chance brings, there is something to forget, and a cookie from before it.
fn take_something_away(history: &mut History) {
    let (world, cast) = (&history.world, &history.world.cast);
    let id = history.dice.id();
    let args =
        json!({ "id": id, "day": "2026-03-02", "title": "移交", "quadrant": "Q1", "kind": "anytime", "assignee_id": cast.ann });
    world.run(&cast.ann, "box.create", args).expect("a box");
    for phone in &mut history.phones {
        phone.pull(world);
    }
    world.system("box.assign", json!({ "id": id, "to": cast.bea })).expect("handed over");
}

fn what_is_old_is_gone(history: &History, seed: u64) {
    let floor = floor(history);
    let now = history.world.now();
    let (dead, samples) = history.world.read(|conn| {
        let gone = sync_member::table.filter(sync_member::present.eq(false)).filter(sync_member::seq.le(floor));
        let dead: i64 = gone.count().get_result(conn)?;
        let samples: Vec<i64> =
            sync_clock::table.filter(sync_clock::at.le(now - TOMBSTONE_MS)).select(sync_clock::version).load(conn)?;
        Ok((dead, samples))
    });
    assert!(floor > 0, "seed {seed}: something was forgotten");
    assert_eq!(dead, 0, "seed {seed}");
    assert_eq!(samples.len(), 1, "seed {seed}: of the old samples one is needed");
}

both_engines! {
    fn i12_forgetting_changes_no_view(engine) {
        for seed in seeds(1) {
            live(engine, seed);
        }
    }

    /// A quiet person's phone keeps its delta: pulls give it a new cookie long before its own is too old.
    fn a_quiet_phone_is_never_reset(engine) {
        let history = begin(engine, 5);
        let world = &history.world;
        let mut quiet = crate::harness::Phone::new(&world.cast.eva, "quiet");
        quiet.pull(world);
        for _ in 0..6 {
            world.clock.advance(9 * DAY);
            let args = json!({ "id": world.cast.bea, "team_id": world.cast.team_1, "email": format!("{}@example.com", world.now()) });
            world.system("person.update", args).expect("somebody else's business");
            world.tick();
            forget(&history);
            let patch = quiet.ask(world, &quiet.now.cookie).expect("let in");
            let reset = patch.patch.iter().any(|op| matches!(op, dutyboard::sync::wire::PatchOp::Clear));
            assert!(!reset, "a phone that pulls every nine days needs no fresh start");
            quiet.take_in(&patch);
        }
        assert!(floor(&history) > 0);
    }

    /// What a fault may have left behind in an older version goes too.
    fn entries_that_nobody_sees_go(engine) {
        let history = begin(engine, 6);
        let world = &history.world;
        world.tamper(&format!("INSERT INTO sync_entry (workspace_id, key, kind, ver, body) VALUES ('{}', 'box/ghost', 'box', 1, '{{}}')", world.cast.workspace));
        world.block_on(dutyboard::jobs::ticker::tick(&world.app)).expect("a sample of the clock");
        world.clock.advance(31 * DAY);
        forget(&history);
        let ghosts = world.read(|conn| Ok(sync_entry::table.filter(sync_entry::key.eq("box/ghost")).count().get_result::<i64>(conn)?));
        assert_eq!(ghosts, 0);
        checks::entries_are_rows(world).expect("I14");
    }
}
