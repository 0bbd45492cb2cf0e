//! Several servers on one Postgres: what one commits the others hear of, also when notices are lost; jobs are claimed once; any of
//! them may die at any time.

use crate::harness::{Engine, Phone, World};
use crate::sync::history::History;
use dutyboard::app::App;
use dutyboard::door::{Actor, NewJob, Via};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

fn with_two(test: impl FnOnce(World, Arc<App>)) {
    Engine::Postgres.run(|engine| {
        let world = World::new(engine);
        let other = world.another_server();
        test(world, other);
    });
}

#[test]
fn a_poke_crosses_servers_and_the_pull_after_it_has_everything() {
    with_two(|mut world, mut other| {
        let mut here = Phone::new(&world.cast.owner, "here");
        let mut there = Phone::new(&world.cast.owner, "there");
        here.pull(&world);
        std::mem::swap(&mut world.app, &mut other);
        there.pull(&world);
        there.pull(&world);
        let mut pokes = world.app.door.bus.listen(&world.cast.workspace);
        for round in 0..20 {
            std::mem::swap(&mut world.app, &mut other);
            let args = json!({ "id": dutyboard::kit::ids::fresh(), "day": "2026-03-02", "title": format!("{round}"), "quadrant": "Q1", "kind": "anytime", "assignee_id": world.cast.owner });
            here.write(0, "box.create", args, None);
            here.push(&world).expect("a push");
            here.pull(&world);
            std::mem::swap(&mut world.app, &mut other);
            loop {
                let poke = pokes.blocking_recv().expect("the other server hears of it");
                if poke.everyone || poke.buckets.contains("ws") || poke.buckets.iter().any(|bucket| bucket.starts_with("user:")) {
                    break;
                }
            }
            there.pull(&world);
            assert_eq!(there.now.view, here.now.view, "round {round}");
        }
    });
}

#[test]
fn a_role_taken_away_on_one_server_is_gone_on_the_other() {
    with_two(|world, other| {
        let feed = &other.door.feed;
        let before = feed.generation(&world.cast.workspace);
        let mut pokes = other.door.bus.listen(&world.cast.workspace);
        world.run(&world.cast.owner, "person.update", json!({ "id": world.cast.sup_1, "role": "agent" })).expect("a change");
        while !pokes.blocking_recv().is_ok_and(|poke| poke.access || poke.everyone) {}
        assert_ne!(feed.generation(&world.cast.workspace), before, "whoever is remembered there is looked up again");
    });
}

#[test]
fn a_job_is_claimed_once_whoever_asks() {
    with_two(|world, other| {
        const JOBS: usize = 60;
        world.drain();
        for _ in 0..JOBS {
            let system = Actor::system(&world.cast.workspace, Via::Job);
            let new = NewJob { kind: "no.such", payload: json!({}), due_at: world.now(), dedupe: None };
            world.app.door.write(&world.cast.workspace, move |writing| writing.queue(&system, new)).expect("a job");
        }
        let taken: Mutex<HashMap<String, usize>> = Mutex::default();
        let now = world.now();
        std::thread::scope(|scope| {
            for (app, runner) in [(&world.app, "here"), (&other, "there"), (&world.app, "here too"), (&other, "there too")] {
                let taken = &taken;
                scope.spawn(move || {
                    let claim = || {
                        app.door
                            .upkeep(move |conn| dutyboard::jobs::queue::claim(conn, runner, dutyboard::jobs::Lane::All, now))
                            .expect("the queue")
                    };
                    while let Some(row) = claim() {
                        *taken.lock().expect("a lock").entry(row.id).or_default() += 1;
                    }
                });
            }
        });
        let taken = taken.into_inner().expect("a lock");
        assert_eq!((taken.len(), taken.values().max()), (JOBS, Some(&1)));
    });
}

/// Random histories in which every request goes to one of two servers by chance.
#[test]
fn histories_over_two_servers_keep_the_promises() {
    Engine::Postgres.run(|engine| {
        for seed in crate::harness::seeds(1) {
            let mut history = History::begin(engine, seed);
            history.add_server();
            for _ in 0..150 {
                history.step();
            }
            history.come_to_rest();
            crate::sync::checks::all(&history.world, &history.phones).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
        }
    });
}
