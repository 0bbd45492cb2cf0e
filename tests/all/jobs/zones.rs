//! Midnight, the ends of months, and a workspace in Berlin where clocks change: every day has one board, and local times stay
//! local times.

use super::boards::{boxes, day};
use crate::harness::world::at_in;
use crate::harness::{Cast, Engine, HOUR, World, both_engines};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use diesel::prelude::*;
use dutyboard::db::schema::board_day;
use dutyboard::kit::zone;
use serde_json::json;
use std::collections::BTreeSet;

const BERLIN: Tz = chrono_tz::Europe::Berlin;

/// A workspace in Berlin at six in the morning of a day, with two people on duty for a week.
fn in_berlin(engine: Engine, first: &str) -> World {
    let world = World::bare(engine);
    Cast::default().found_in(&world.app, "Europe/Berlin");
    world.clock.advance(at_in(first, "06:00", BERLIN) - world.now());
    let mut put = Vec::new();
    for n in 0..7 {
        let on = (day(first) + Days::new(n)).to_string();
        for (person, skill) in [(&world.cast.ann, "presale"), (&world.cast.dan, "night")] {
            let id = dutyboard::kit::ids::derived(&[person, &on]);
            put.push(json!({ "id": id, "person_id": person, "day": on, "shift_type_id": world.cast.shift_type(skill), "shop_id": null, "seat_id": null }));
        }
    }
    world.system("roster.set", json!({ "put": put, "remove": [] })).expect("a roster");
    world
}

fn turned(world: &World) -> BTreeSet<String> {
    let days: Vec<String> = world.read(|conn| {
        let days = board_day::table.filter(board_day::turned.eq(true)).filter(board_day::team_id.eq(&world.cast.team_1));
        Ok(days.select(board_day::day).load(conn)?)
    });
    days.into_iter().collect()
}

fn span(first: &str, days: u64) -> BTreeSet<String> {
    (0..days).map(|n| (day(first) + Days::new(n)).to_string()).collect()
}

/// Ticks every hour of a week and looks at what there is afterwards.
fn a_week_of_hours(engine: Engine, first: &str) {
    let world = in_berlin(engine, first);
    for _ in 0..6 * 24 {
        world.tick();
        let today = zone::business_day(world.now(), BERLIN).to_string();
        assert!(turned(&world).contains(&today), "the board of {today} is there within the hour");
        world.clock.advance(HOUR);
    }
    assert!(turned(&world).is_superset(&span(first, 6)) && turned(&world).len() <= 7, "{:?}", turned(&world));
    assert!(super::boards::made(&world).values().all(|times| *times == 1));
    times_are_local(&world);
}

/// A box that begins at the start of its shift does so by the clock on the wall, before and after the change.
fn times_are_local(world: &World) {
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for row in boxes(world).into_iter().filter(|row| row.carried_from.is_none()) {
        let Some(start) = row.start_at else { continue };
        let local = zone::local_time(start, BERLIN);
        assert_eq!(local.date(), row.day.parse::<NaiveDate>().expect("a day"), "{} starts on its day", row.title_en);
        seen.insert((row.series.expect("a series"), local.format("%H:%M").to_string()));
    }
    let series: BTreeSet<&String> = seen.iter().map(|(series, _)| series).collect();
    assert_eq!(series.len(), seen.len(), "one local time per series: {seen:?}");
}

both_engines! {
    fn clocks_go_forward_in_berlin(engine) {
        a_week_of_hours(engine, "2026-03-26");
    }

    fn clocks_go_back_in_berlin(engine) {
        a_week_of_hours(engine, "2026-10-22");
    }

    /// A shift keeps its length over the change, and its start on the wall.
    fn shifts_keep_start_and_length(engine) {
        let world = in_berlin(engine, "2026-10-22");
        let shifts = world.read(|conn| dutyboard::roster::store::assignments(conn, &world.cast.workspace));
        for shift in shifts {
            assert_eq!(zone::local_time(shift.starts_at, BERLIN).format("%H:%M").to_string(), shift.start);
            assert_eq!(shift.ends_at - shift.starts_at, i64::from(shift.length_min) * 60_000);
        }
    }

    fn boards_turn_at_midnight_and_at_the_end_of_a_month(engine) {
        let world = World::new(engine);
        world.move_to("2026-03-31", "23:59");
        world.tick();
        assert_eq!(turned(&world), ["2026-03-31".to_owned()].into());
        world.clock.advance(60_000);
        world.tick();
        assert_eq!(turned(&world), ["2026-03-31".to_owned(), "2026-04-01".to_owned()].into());
        let other = World::new(engine);
        other.move_to("2026-12-31", "23:59");
        other.tick();
        other.clock.advance(60_000);
        other.tick();
        assert_eq!(turned(&other), ["2026-12-31".to_owned(), "2027-01-01".to_owned()].into());
    }
}
