//! The server was down. On return every missed occurrence is accounted for exactly once, as if it had never been away.

use super::boards::{boxes, day, fill_roster, made, planned};
use crate::harness::{Engine, World, both_engines};
use chrono::Days;
use dutyboard::tasks::kinds::CatchUp;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

const FIRST: &str = "2026-03-02";

type Fate = (String, String, Option<String>, Option<String>);

/// Day, state, assignee and origin of every box that the packs made.
fn fates(world: &World) -> BTreeMap<String, Fate> {
    let fate = |row: dutyboard::tasks::model::BoxRow| (row.id, (row.day, row.state, row.assignee_id, row.carried_from));
    boxes(world).into_iter().map(fate).collect()
}

/// A world that ran until noon of the first day.
fn running(engine: Engine, days: u64) -> World {
    run_until_noon(World::new(engine), days)
}

fn run_until_noon(world: World, days: u64) -> World {
    fill_roster(&world, FIRST, days + 2);
    world.move_to(FIRST, "12:00");
    world.tick();
    world
}

fn noon(world: &World, after_days: u64) {
    world.move_to(&(day(FIRST) + Days::new(after_days)).to_string(), "12:00");
}

/// What a server that was away for so many days makes of it.
fn away(engine: Engine, days: u64) -> World {
    return_after(running(engine, days), days)
}

fn return_after(world: World, days: u64) -> World {
    noon(&world, days);
    world.tick();
    world.tick();
    world
}

/// Everything planned for every day is there once, or stands for itself in an older box that was carried along; nothing else.
fn everything_is_accounted_for(world: &World, days: u64) {
    let fates = fates(world);
    assert!(made(world).values().all(|times| *times == 1), "nothing was made twice");
    let carried: HashSet<String> =
        boxes(world).into_iter().filter(|row| row.catch_up == "carry").filter_map(|row| row.series).collect();
    let mut wanted = HashSet::new();
    for n in 0..=days + 1 {
        for team_id in [&world.cast.team_1, &world.cast.team_2] {
            for plan in planned(world, team_id, day(FIRST) + Days::new(n)) {
                let stands_in = plan.catch_up == CatchUp::Carry && carried.contains(&plan.series);
                let fate = fates.get(&plan.id);
                assert!(fate.is_some() || stands_in, "{} of {} was forgotten", plan.task_code, plan.day);
                let is_past = n < days;
                if let Some((at, state, ..)) = fate.filter(|_| is_past) {
                    match plan.catch_up {
                        CatchUp::Skip => assert_eq!(state, "missed", "{} of {at}", plan.task_code),
                        CatchUp::Collapse => assert!(["missed", "todo"].contains(&state.as_str()), "{}", plan.task_code),
                        CatchUp::Carry => {
                            assert_eq!((state.as_str(), day(at)), ("todo", day(FIRST) + Days::new(days)), "{}", plan.task_code)
                        }
                        CatchUp::Pile => assert_eq!((state.as_str(), day(at)), ("todo", plan.day), "{}", plan.task_code),
                    }
                }
                wanted.insert(plan.id);
            }
        }
    }
    let strays: Vec<_> = fates.keys().filter(|id| !wanted.contains(*id)).collect();
    assert!(strays.is_empty(), "planned by nobody: {strays:?}");
    one_newest_of_each_collapsing_series(world);
}

fn one_newest_of_each_collapsing_series(world: &World) {
    let today = dutyboard::kit::zone::business_day(world.now(), chrono_tz::Asia::Shanghai).to_string();
    let mut open: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in boxes(world).into_iter().filter(|row| row.catch_up == "collapse" && row.state == "todo" && row.day < today) {
        *open.entry((row.team_id, row.series.expect("a series"))).or_default() += 1;
    }
    assert!(open.values().all(|count| *count == 1), "more than the newest is open: {open:?}");
}

both_engines! {
    fn one_day(engine) {
        everything_is_accounted_for(&away(engine, 1), 1);
    }

    fn one_week(engine) {
        everything_is_accounted_for(&away(engine, 7), 7);
    }

    /// With the packs whose work comes by the night, the week, the half month and the month.
    fn one_month(engine) {
        const DAYS: u64 = 31;
        let world = World::new(engine);
        let packs = dutyboard::tasks::packs::all();
        let switch = |team_id: &str, pack: usize, enabled: bool| {
            world.system("pack.switch", json!({ "team_id": team_id, "code": packs[pack].id, "enabled": enabled })).expect("a switch");
        };
        [0, 1].iter().for_each(|pack| switch(&world.cast.team_1, *pack, false));
        [4, 5, 6].iter().for_each(|pack| switch(&world.cast.team_1, *pack, true));
        switch(&world.cast.team_2, 0, false);
        let world = return_after(run_until_noon(world, DAYS), DAYS);
        everything_is_accounted_for(&world, DAYS);
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }

    /// Being away for days leaves the same boards behind as being there every day.
    fn being_away_makes_no_difference(engine) {
        const DAYS: u64 = 8;
        let there = running(engine, DAYS);
        for n in 1..=DAYS {
            noon(&there, n);
            there.tick();
        }
        there.tick();
        let (there, away) = (fates(&there), fates(&away(engine, DAYS)));
        for (id, fate) in &there {
            assert_eq!(away.get(id), Some(fate), "right: being there; left: having been away; {id}");
        }
        assert_eq!(there.len(), away.len());
    }
}
