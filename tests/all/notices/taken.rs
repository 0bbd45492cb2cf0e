//! Nobody is rung for what somebody has taken meanwhile, by any way that has not reached them yet.

use super::outside::Outside;
use super::push::{browser, subscription};
use super::{give_mailbox, id, told, ways};
use crate::harness::world::at;
use crate::harness::{HOUR, World, both_engines};
use serde_json::{Value, json};

const OK: &str = r#"{"code":0}"#;
const NEVER_RUNG: [&str; 4] = ["app waiting", "mail none", "push none", "robot none"];

/// An overdue task of ann's.
fn late_box(world: &World, name: &str) -> String {
    let ann = &world.cast.ann;
    let args = json!({ "id": id(name), "day": "2026-03-02", "title": "核对退款", "quadrant": "Q1", "kind": "anytime", "assignee_id": ann });
    world.run(ann, "box.create", args).expect("a box");
    id(name)
}

/// Bea can be reached by mail, by phone and in the chat.
fn reachable(world: &World, chat: &Outside, phones: &Outside) {
    let (bea, sup) = (&world.cast.bea, &world.cast.sup_1);
    give_mailbox(world, bea, "bea@example.com");
    world.run(bea, "push.subscribe", subscription(&format!("{}/bea", phones.url), &browser(9))).expect("subscribed");
    let robot = json!({ "id": id("chat"), "kind": "feishu", "name": "群", "url": chat.url, "secret": "", "enabled": true });
    world.run(sup, "robot.save", robot).expect("a robot");
}

fn tell_bea(world: &World, kind: &str, about: &[String]) {
    let mut args = told("late", &[&world.cast.bea], &world.cast.team_1, true);
    (args["kind"], args["about"]) = (json!(kind), json!(about));
    world.system("notice.tell", args).expect("told");
}

fn ways_to_bea(world: &World, kind: &str) -> Vec<String> {
    ways(world, &world.cast.sup_1, &world.cast.bea, kind)
}

both_engines! {
    fn work_that_is_begun_before_the_news_leaves(engine) {
        let world = World::new(engine);
        let (chat, phones) = (Outside::open(OK), Outside::open(""));
        reachable(&world, &chat, &phones);
        let boxes = ["one", "two"].map(|name| late_box(&world, name));
        tell_bea(&world, "box_overdue", &boxes);
        for id in &boxes {
            world.run(&world.cast.ann, "box.start", json!({ "id": id })).expect("begun");
        }
        world.drain();
        assert_eq!((chat.posted().len(), phones.posted().len(), world.mails().len()), (0, 0, 0));
        assert_eq!(ways_to_bea(&world, "box_overdue"), NEVER_RUNG);
    }

    fn work_of_which_something_is_left_is_still_told(engine) {
        let world = World::new(engine);
        let (chat, phones) = (Outside::open(OK), Outside::open(""));
        reachable(&world, &chat, &phones);
        let boxes = ["one", "two"].map(|name| late_box(&world, name));
        tell_bea(&world, "box_overdue", &boxes);
        world.run(&world.cast.ann, "box.start", json!({ "id": boxes[0] })).expect("begun");
        world.drain();
        assert_eq!((chat.posted().len(), phones.posted().len(), world.mails().len()), (1, 1, 1));
    }

    fn work_that_is_begun_while_the_servers_outside_are_down(engine) {
        let world = World::new(engine);
        let (chat, phones) = (Outside::open(OK), Outside::open(""));
        reachable(&world, &chat, &phones);
        let late = late_box(&world, "one");
        tell_bea(&world, "box_overdue", std::slice::from_ref(&late));
        chat.answer(500, "");
        phones.answer(500, "");
        // The mail is written and waits for its server.
        let mut mail = Value::Null;
        while let Some(job) = world.claim("test") {
            let payload: Value = serde_json::from_str(&job.payload).expect("JSON");
            if job.kind == "mail.send" {
                mail = payload;
                break;
            }
            let _later = world.block_on(dutyboard::jobs::run(&world.app, &job.workspace_id, &job.kind, &payload));
        }
        assert_eq!((chat.posted().len(), phones.posted().len()), (1, 1));
        world.run(&world.cast.ann, "box.start", json!({ "id": late })).expect("begun");
        world.block_on(dutyboard::jobs::run(&world.app, &world.cast.workspace, "mail.send", &mail)).expect("withdrawn");
        world.clock.advance(HOUR / 3);
        world.drain();
        assert_eq!((chat.posted().len(), phones.posted().len(), world.mails().len()), (0, 0, 0));
        assert_eq!(ways_to_bea(&world, "box_overdue"), NEVER_RUNG);
    }

    fn a_call_that_was_made_and_a_case_that_was_decided(engine) {
        let world = World::new(engine);
        let (chat, phones) = (Outside::open(OK), Outside::open(""));
        let ann = &world.cast.ann;
        let buyer = crate::outreach::desk(&world);
        let promise = crate::customers::promise(&world, ann, "promise", &buyer, at("2026-03-02", "11:00"));
        let case = crate::outreach::open(&world, "case", &buyer);
        reachable(&world, &chat, &phones);
        tell_bea(&world, "callback_overdue", std::slice::from_ref(&promise));
        world.run(ann, "contact.log", crate::customers::logged("call", &buyer, Some(&promise), "no_answer")).expect("called");
        // The case goes on: nobody has to decide it any more.
        world.system("notice.tell", of_case(&world, "decision", &case)).expect("told");
        world.drain();
        assert_eq!((chat.posted().len(), phones.posted().len(), to_bea(&world)), (0, 0, 0));
        for kind in ["callback_overdue", "decision"] {
            assert_eq!(ways_to_bea(&world, kind), NEVER_RUNG, "{kind}");
        }
        world.system("notice.tell", of_case(&world, "step_overdue", &case)).expect("told");
        world.drain();
        assert_eq!((chat.posted().len(), phones.posted().len(), to_bea(&world)), (1, 1, 1));
    }
}

fn of_case(world: &World, kind: &str, case: &str) -> Value {
    let mut args = told(kind, &[&world.cast.bea], &world.cast.team_1, true);
    (args["kind"], args["about"]) = (json!(kind), json!([case]));
    args
}

fn to_bea(world: &World) -> usize {
    world.mails().iter().filter(|mail| mail.to.contains("bea@")).count()
}
