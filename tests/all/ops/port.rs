//! Moving from SQLite to Postgres, with everything that can come between.

use crate::harness::dump::dump;
use crate::harness::engine::Scratch;
use crate::harness::{Dice, Engine, World, seeds};
use crate::sync::checks;
use dutyboard::db::Location;
use dutyboard::kit::ids::fresh;
use dutyboard::kit::progress::{Progress, Silent};
use dutyboard::kit::refusal::Stop;
use dutyboard::ops::port::{run, table};
use serde_json::json;

/// Runs only where both engines are under test.
fn with_both(test: impl FnOnce()) {
    Engine::Sqlite.run(|_| Engine::Postgres.run(|_| test()));
}

/// A world with enough in it for several batches of several tables.
fn full() -> World {
    let world = World::new(Engine::Sqlite);
    world.tick();
    for number in 0..700 {
        let name = format!("座{number}");
        world
            .run(&world.cast.owner, "seat.save", json!({ "id": fresh(), "name": name, "shop_id": null, "archived": false }))
            .expect("a seat");
    }
    world
}

/// A kill between batches: everything up to the n-th is committed, nothing after it happens.
struct KilledAfter {
    moving: bool,
    batches: usize,
}

impl KilledAfter {
    fn batches(batches: usize) -> Self {
        KilledAfter { moving: false, batches }
    }
}

impl Progress for KilledAfter {
    fn begin(&mut self, what: &str, _: u64) {
        self.moving = what == "moving";
    }
    fn advance(&mut self, rows: u64) -> Result<(), Stop> {
        if self.moving && rows > 0 {
            if self.batches == 0 {
                return Err(Stop::fault("killed"));
            }
            self.batches -= 1;
        }
        Ok(())
    }
    fn end(&mut self) {}
}

fn target() -> (Scratch, Location) {
    let scratch = Engine::Postgres.empty();
    let location = Engine::config(&scratch).location();
    (scratch, location)
}

#[test]
fn everything_arrives_and_works() {
    with_both(|| {
        let world = full();
        let (scratch, to) = target();
        let done = run(&world.app.config.location(), &to, false, &mut Silent).expect("a port");
        assert_eq!(done.resumed_after, 0);
        let seats = done.tables.iter().find(|table| table.name == "seat").expect("seats");
        assert_eq!((seats.source.rows, seats.target.rows), (700, 700));
        assert!(done.tables.iter().all(|table| table.source == table.target));
        let lines = table(&done.tables);
        assert_eq!(lines.lines().count(), done.tables.len() + 1, "{lines}");
        // A server starts on it and goes on: same views, same counters, and writing works.
        let before = dump(&world)["sync_workspace"].len();
        let moved = World::on(Engine::Postgres, scratch, world.clock.clone());
        checks::entries_are_rows(&moved).expect("I14");
        checks::nothing_lost(&moved, &[]).expect("I6");
        assert_eq!(dump(&moved)["sync_workspace"].len(), before);
        moved
            .run(&moved.cast.owner, "seat.save", json!({ "id": fresh(), "name": "新", "shop_id": null, "archived": false }))
            .expect("a seat");
        moved.tick();
    });
}

#[test]
fn a_killed_port_goes_on_where_it_stopped() {
    with_both(|| {
        let world = full();
        let from = world.app.config.location();
        for seed in seeds(1) {
            let mut dice = Dice::new(seed);
            let (_scratch, to) = target();
            let mut kills = 0;
            let done = loop {
                match run(&from, &to, false, &mut KilledAfter::batches(dice.below(4))) {
                    Ok(done) => break done,
                    Err(stop) => assert!(stop.to_string().contains("killed"), "seed {seed}: {stop}"),
                }
                kills += 1;
                assert!(kills < 200, "seed {seed}: no progress");
            };
            assert!(kills > 3, "seed {seed}: it was killed in between");
            assert!(done.resumed_after > 0, "seed {seed}: and says that it went on");
            assert!(done.tables.iter().all(|table| table.source == table.target), "seed {seed}");
        }
    });
}

#[test]
fn a_source_that_changed_meanwhile_is_noticed() {
    with_both(|| {
        let world = full();
        let from = world.app.config.location();
        let (_scratch, to) = target();
        run(&from, &to, false, &mut KilledAfter::batches(5)).expect_err("killed");
        world
            .run(&world.cast.owner, "seat.save", json!({ "id": fresh(), "name": "新", "shop_id": null, "archived": false }))
            .expect("a seat");
        let stop = run(&from, &to, false, &mut Silent).expect_err("changed").to_string();
        assert!(stop.contains("changed") && stop.contains("--start-over"), "{stop}");
        let done = run(&from, &to, true, &mut Silent).expect("anew");
        assert_eq!(done.resumed_after, 0);
        assert!(done.tables.iter().all(|table| table.source == table.target));
    });
}

#[test]
fn other_peoples_data_is_left_alone() {
    with_both(|| {
        let world = World::new(Engine::Sqlite);
        let from = world.app.config.location();
        let taken = World::new(Engine::Postgres);
        let before = dump(&taken);
        for start_over in [false, true] {
            let stop = run(&from, &taken.app.config.location(), start_over, &mut Silent).expect_err("taken").to_string();
            assert!(stop.contains("holds data already"), "{stop}");
        }
        assert_eq!(dump(&taken), before);
        let stop = run(&taken.app.config.location(), &from, false, &mut Silent).expect_err("the wrong way").to_string();
        assert!(stop.contains("SQLite database to Postgres"), "{stop}");
    });
}
