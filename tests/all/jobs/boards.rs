//! Boards: made once, remade when the roster changes, and what people touched stays.

use crate::harness::{Phone, World, both_engines};
use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use dutyboard::db::schema::audit;
use dutyboard::kit::refusal::Code;
use dutyboard::tasks::model::BoxRow;
use dutyboard::tasks::plan::{OnDuty, PlanInput, PlannedBox, plan_day};
use dutyboard::tasks::{recur, store};
use dutyboard::{roster, team};
use serde_json::{Value, json};
use std::collections::HashMap;

/// How often each box was made, from the audit.
pub fn made(world: &World) -> HashMap<String, i64> {
    let rows: Vec<(String, i64)> = world.read(|conn| {
        let made = audit::table.filter(audit::entity.like("box/%")).filter(audit::before_body.is_null());
        Ok(made.group_by(audit::entity).select((audit::entity, diesel::dsl::count_star())).load(conn)?)
    });
    rows.into_iter().collect()
}

pub fn boxes(world: &World) -> Vec<BoxRow> {
    world.read(|conn| store::all_boxes(conn, &world.cast.workspace))
}

pub fn day(text: &str) -> NaiveDate {
    dutyboard::kit::zone::parse_day(text).expect("a day")
}

/// Everybody of both teams, every day but a free one each, for so many days.
pub fn fill_roster(world: &World, first: &str, days: u64) {
    let cast = &world.cast;
    let crew = [
        (&cast.ann, "presale"),
        (&cast.bea, "presale"),
        (&cast.cai, "aftersale"),
        (&cast.dan, "night"),
        (&cast.sup_1, "supervisor"),
        (&cast.eva, "presale"),
        (&cast.fan, "aftersale"),
    ];
    let mut put = Vec::new();
    for n in 0..days {
        for (position, (person, skill)) in crew.iter().enumerate().filter(|(position, _)| (n + *position as u64) % 7 != 6) {
            put.push(cell(world, person, &(day(first) + Days::new(n)).to_string(), skill, position));
        }
    }
    for cells in put.chunks(400) {
        world.system("roster.set", json!({ "put": cells, "remove": [] })).expect("a roster");
    }
}

pub fn cell(world: &World, person: &str, day: &str, skill: &str, salt: usize) -> Value {
    let id = dutyboard::kit::ids::derived(&[person, day, skill, &salt.to_string()]);
    json!({ "id": id, "person_id": person, "day": day, "shift_type_id": world.cast.shift_type(skill), "shop_id": null, "seat_id": null })
}

/// The plan of a day, asked of the pure planner with what the database says now.
pub fn planned(world: &World, team_id: &str, day: NaiveDate) -> Vec<PlannedBox> {
    let workspace_id = &world.cast.workspace;
    let (zone, packs, shifts) = world.read(|conn| {
        let packs = store::packs_of_team(conn, workspace_id, team_id)?;
        Ok((team::zone(conn, workspace_id)?, packs, roster::on_day(conn, workspace_id, team_id, &day.to_string())?))
    });
    let enabled: Vec<String> = packs.into_iter().filter(|pack| pack.enabled).map(|pack| pack.code).collect();
    let on_duty: Vec<OnDuty> = shifts
        .into_iter()
        .map(|shift| OnDuty {
            name_order: shift.person_id.clone(),
            person_id: shift.person_id,
            skill_code: shift.skill_code,
            starts_at: shift.starts_at,
            ends_at: shift.ends_at,
        })
        .collect();
    plan_day(&PlanInput { workspace_id, team_id, day, zone, schedule: recur::china(), enabled: &enabled, roster: &on_duty })
}

both_engines! {
    fn a_day_made_twice_is_made_once(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 2);
        world.tick();
        let first = boxes(&world);
        assert!(first.len() > 20, "{} boxes", first.len());
        let before = crate::harness::dump::dump(&world);
        for team_id in [&world.cast.team_1, &world.cast.team_2] {
            world.system("board.make", json!({ "team_id": team_id, "day": "2026-03-02" })).expect("nothing to do");
            world.system("board.remake", json!({ "team_id": team_id, "day": "2026-03-02" })).expect("nothing to do");
        }
        world.tick();
        world.tick();
        assert_eq!(crate::harness::dump::changes(&before, &crate::harness::dump::dump(&world), &["sync_workspace"]), Vec::<String>::new());
        assert!(made(&world).values().all(|times| *times == 1));
    }

    fn boards_follow_the_roster_and_leave_what_people_touched(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 1);
        world.tick();
        let ann = world.cast.ann.clone();
        let hers = |world: &World| boxes(world).into_iter().filter(|row| row.assignee_id.as_deref() == Some(ann.as_str())).collect::<Vec<_>>();
        let before = hers(&world);
        assert!(before.len() >= 2, "she has work");
        let started = before[0].id.clone();
        world.run(&ann, "box.start", json!({ "id": started })).expect("a start");

        // She falls ill; Dan comes in for her.
        let remove = vec![cell(&world, &ann, "2026-03-02", "presale", 0)["id"].clone()];
        let late = json!({ "put": [cell(&world, &world.cast.dan, "2026-03-02", "supervisor", 9)], "remove": remove });
        assert_eq!(world.run(&world.cast.sup_1, "roster.set", late), Err(Code::ShiftOverlap), "dan works at night that day");
        let night = cell(&world, &world.cast.dan, "2026-03-02", "night", 3)["id"].clone();
        let remove = vec![remove[0].clone(), night];
        world.run(&world.cast.sup_1, "roster.set", json!({ "put": [cell(&world, &world.cast.dan, "2026-03-02", "presale", 9)], "remove": remove })).expect("a change");
        world.drain();

        let left: Vec<String> = hers(&world).into_iter().map(|row| row.id).collect();
        assert_eq!(left, [started], "what she began is hers, the rest went on");
        let wanted: Vec<String> = planned(&world, &world.cast.team_1, day("2026-03-02")).into_iter().map(|plan| plan.id).collect();
        let there: Vec<BoxRow> = boxes(&world);
        assert!(wanted.iter().all(|id| there.iter().any(|row| row.id == *id)), "everything planned is there");
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }

    fn a_pack_switched_off_takes_its_untouched_boxes_along(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 1);
        world.tick();
        let pack = boxes(&world)[0].pack_code.clone().expect("a pack");
        let of_pack = |world: &World| boxes(world).into_iter().filter(|row| row.pack_code.as_deref() == Some(pack.as_str()) && row.team_id == world.cast.team_1).collect::<Vec<_>>();
        let first = of_pack(&world);
        // One that is carried would make room for its twin of tomorrow.
        let done = first.iter().find(|row| row.catch_up != "carry").expect("a box").id.clone();
        world.run(&world.cast.sup_1, "box.finish", json!({ "id": done })).expect("done");
        world.run(&world.cast.sup_1, "pack.switch", json!({ "team_id": world.cast.team_1, "code": pack, "enabled": false })).expect("off");
        world.drain();
        let left: Vec<String> = of_pack(&world).into_iter().map(|row| row.id).collect();
        assert_eq!(left, [done], "done work is history");
        world.run(&world.cast.sup_1, "pack.switch", json!({ "team_id": world.cast.team_1, "code": pack, "enabled": true })).expect("on");
        world.drain();
        assert_eq!(of_pack(&world).len(), first.len());
    }

    /// Old boxes leave the phones and stay in the history.
    fn old_days_are_taken_off_the_phones(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 1);
        world.tick();
        let old = boxes(&world).len();
        let mut owner = Phone::new(&world.cast.owner, "desk");
        owner.pull(&world);
        assert_eq!(owner.rows("box").len(), old);
        world.move_to("2026-03-18", "12:00");
        world.tick();
        world.tick();
        owner.pull(&world);
        let shown = owner.rows("box");
        assert!(shown.iter().all(|row| row["day"].as_str() >= Some("2026-03-04") || row["state"] == "todo"), "only what is recent or open");
        assert!(boxes(&world).len() >= old, "nothing was deleted");
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }

    fn old_shifts_are_taken_off_the_phones(engine) {
        let world = World::new(engine);
        for (team_id, pack) in [(&world.cast.team_1, 0), (&world.cast.team_1, 1), (&world.cast.team_1, 2), (&world.cast.team_2, 0)] {
            let code = &dutyboard::tasks::packs::all()[pack].id;
            world.system("pack.switch", json!({ "team_id": team_id, "code": code, "enabled": false })).expect("a switch");
        }
        fill_roster(&world, "2026-03-02", 2);
        let mut owner = Phone::new(&world.cast.owner, "desk");
        for (day, left) in [("2026-04-06", 12), ("2026-04-07", 6), ("2026-04-08", 0)] {
            world.move_to(day, "00:01");
            world.tick();
            owner.pull(&world);
            assert_eq!(owner.rows("assignment").len(), left, "{day}: shifts are shown for five weeks");
        }
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }
}
