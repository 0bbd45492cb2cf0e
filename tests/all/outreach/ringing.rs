//! Overdue work climbs inside the team, and rings for nothing that somebody has begun.

use super::{asked, desk, open, stands, tried, wait_until};
use crate::customers::{buyer, promise};
use crate::harness::world::at;
use crate::harness::{World, both_engines};
use crate::jobs::boards::fill_roster;
use dutyboard::notices;
use dutyboard::notices::model::NoticeRow;
use serde_json::json;
use std::collections::BTreeSet;

/// The box that is overdue among those of the day, and the buyer that is to be called.
const SUBJECTS: [&str; 2] = ["核对退款", "小鹿"];

/// What was told of them so far.
fn news(world: &World) -> Vec<NoticeRow> {
    let rows = world.read(|conn| notices::store::shown(conn, &world.cast.workspace));
    rows.into_iter().filter(|row| SUBJECTS.iter().any(|subject| row.subject.starts_with(subject))).collect()
}

/// Who was told of a kind of news so far.
fn told(world: &World, kind: &str) -> BTreeSet<String> {
    news(world).into_iter().filter(|row| row.kind == kind).map(|row| row.to_id).collect()
}

fn own_box(world: &World, who: &str, due: i64) -> String {
    let id = crate::customers::id("box");
    let args = json!({ "id": id, "day": "2026-03-02", "title": "核对退款", "quadrant": "Q1", "kind": "deadline", "due_at": due, "assignee_id": who });
    world.run(who, "box.create", args).expect("a box");
    id
}

both_engines! {
    fn an_overdue_box_climbs_from_its_owner_to_the_shift_and_the_supervisor(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 7);
        let cast = &world.cast;
        let set = |names: &[&String]| names.iter().map(|name| (*name).clone()).collect::<BTreeSet<_>>();
        own_box(&world, &cast.ann, at("2026-03-02", "10:00"));
        world.move_to("2026-03-02", "09:59");
        world.tick();
        assert_eq!(told(&world, "box_overdue"), BTreeSet::new());
        world.move_to("2026-03-02", "10:00");
        world.tick();
        assert_eq!(told(&world, "box_overdue"), set(&[&cast.ann]));
        world.move_to("2026-03-02", "10:15");
        world.tick();
        world.tick();
        assert_eq!(told(&world, "box_overdue"), set(&[&cast.ann, &cast.bea, &cast.cai, &cast.sup_1]), "everybody on the shift");
        let before = news(&world).len();
        world.move_to("2026-03-02", "10:30");
        world.tick();
        let after = news(&world);
        assert!(after.len() > before && after.iter().any(|row| row.to_id == cast.sup_1 && row.level == "urgent"), "{after:?}");
    }

    fn boxes_that_climb_together_are_told_at_once_with_whose_they_are(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 7);
        let cast = &world.cast;
        for (name, title) in [("one", "核对退款"), ("two", "核对退款单")] {
            let args = json!({ "id": crate::customers::id(name), "day": "2026-03-02", "title": title, "quadrant": "Q1", "kind": "deadline",
                "due_at": at("2026-03-02", "10:00"), "assignee_id": cast.ann });
            world.run(&cast.ann, "box.create", args).expect("a box");
        }
        world.move_to("2026-03-02", "10:40");
        world.tick();
        let told = news(&world);
        let of = |who: &str, level: &str| told.iter().filter(|row| row.to_id == who && row.level == level).count();
        assert_eq!((of(&cast.ann, "due"), of(&cast.sup_1, "urgent")), (1, 1), "{told:?}");
        let said: BTreeSet<&str> = told.iter().filter(|row| row.to_id == cast.sup_1).map(|row| row.subject.as_str()).collect();
        assert!(said.iter().all(|subject| subject.ends_with(" 等 2 项") && subject.contains('（')), "{said:?}");
    }

    fn what_somebody_has_begun_rings_for_nobody(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 7);
        let cast = &world.cast;
        let id = own_box(&world, &cast.ann, at("2026-03-02", "10:00"));
        world.move_to("2026-03-02", "09:58");
        world.run(&cast.ann, "box.start", json!({ "id": id })).expect("begun");
        for time in ["10:00", "10:20", "11:00"] {
            world.move_to("2026-03-02", time);
            world.tick();
        }
        assert_eq!(told(&world, "box_overdue"), BTreeSet::new());
    }

    fn a_promise_that_is_taken_and_forgotten_rings_the_shift_again_and_leaves_no_trace(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 7);
        let cast = &world.cast;
        let buyer = buyer(&world, &cast.sup_1, "小鹿");
        let id = promise(&world, &cast.ann, "promise", &buyer, at("2026-03-02", "11:00"));
        let rung = || news(&world).iter().filter(|row| row.kind == "callback_overdue" && row.level == "due").count();
        let climbed = || world.read(|conn| dutyboard::outreach::store::climbed(conn, &cast.workspace)).iter().any(|(row, ..)| *row == id);
        world.move_to("2026-03-02", "11:15");
        world.tick();
        let first = rung();
        assert!(first > 0 && climbed());
        world.run(&cast.bea, "callback.take", json!({ "id": id })).expect("taken");
        world.move_to("2026-03-02", "11:16");
        world.tick();
        assert!(!climbed(), "bea has it");
        world.move_to("2026-03-02", "11:31");
        world.tick();
        assert!(rung() > first && climbed(), "taken and forgotten: {:?}", news(&world));
        world.run(&cast.bea, "callback.cancel", json!({ "id": id, "reason": "答复了" })).expect("over");
        world.move_to("2026-03-02", "11:32");
        world.tick();
        assert!(!climbed());
    }

    fn a_parcel_that_is_late_on_its_way_back_reaches_the_supervisor(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let sup = &world.cast.sup_1;
        crate::notices::give_mailbox(&world, sup, "sup@example.com");
        world.move_to("2026-03-02", "10:00");
        let case_id = open(&world, "case", &buyer);
        tried(&world, &world.cast.ann, &asked(&world, &case_id), "sent");
        for day in ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"] {
            wait_until(&world, day, "21:00");
        }
        world.run(sup, "outreach.decide", json!({ "id": case_id, "decision": "return" })).expect("a decision");
        world.drain();
        let to_sup = || world.mails().iter().filter(|mail| mail.to == "sup@example.com" && mail.subject.contains("小鹿")).count();
        let before = to_sup();
        wait_until(&world, "2026-03-15", "10:00");
        assert_eq!((stands(&world, &case_id).0.as_str(), to_sup()), ("returning", before + 1));
    }

    fn an_overdue_promise_is_told_and_falls_silent_once_it_is_taken(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 7);
        let cast = &world.cast;
        let buyer = buyer(&world, &cast.sup_1, "小鹿");
        let id = promise(&world, &cast.ann, "promise", &buyer, at("2026-03-02", "11:00"));
        world.move_to("2026-03-02", "11:15");
        world.tick();
        assert!(told(&world, "callback_overdue").contains(&cast.bea), "{:?}", told(&world, "callback_overdue"));
        world.run(&cast.bea, "callback.take", json!({ "id": id })).expect("taken");
        world.move_to("2026-03-02", "11:29");
        world.tick();
        let loud = news(&world);
        assert!(!loud.iter().any(|row| row.kind == "callback_overdue" && row.level == "urgent"), "bea has it: {loud:?}");
        world.move_to("2026-03-02", "11:46");
        world.tick();
        let loud = news(&world);
        assert!(loud.iter().any(|row| row.kind == "callback_overdue" && row.to_id == cast.sup_1 && row.level == "urgent"), "taken and forgotten");
    }
}
