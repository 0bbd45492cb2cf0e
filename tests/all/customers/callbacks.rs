//! Promises: made on a phone without a network, kept, climbing when they are not, ended by nothing but being kept or taken back.

use super::{buyer, id, logged, made, promise};
use crate::harness::world::at;
use crate::harness::{MINUTE, Phone, World, both_engines};
use dutyboard::kit::refusal::Code;
use serde_json::{Value, json};

const DAY: &str = "2026-03-02";

fn callback(world: &World, user: &str, id: &str) -> Option<Value> {
    let mut phone = Phone::new(user, &format!("{user} {}", world.now()));
    phone.pull(world);
    phone.rows("callback").into_iter().find(|row| row["id"] == json!(id))
}

both_engines! {
    fn a_promise_climbs_and_is_heard_of_by_those_who_can_help(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let buyer = buyer(&world, &cast.ann, "小鹿");
        let promise = promise(&world, &cast.ann, "promise", &buyer, at(DAY, "16:30"));
        let mut seen = Vec::new();
        for time in ["16:19", "16:20", "16:30", "16:45", "17:00"] {
            world.move_to(DAY, time);
            world.tick();
            let level = callback(&world, &cast.ann, &promise).map(|row| row["level"].clone());
            seen.push((level.expect("its owner sees it"), callback(&world, &cast.bea, &promise).is_some()));
        }
        let expected = [("calm", false), ("soon", false), ("due", false), ("mates", true), ("supervisor", true)];
        assert_eq!(seen, expected.map(|(level, mates)| (json!(level), mates)));
        assert!(callback(&world, &cast.sup_1, &promise).is_some() && callback(&world, &cast.eva, &promise).is_none());

        // A shift mate takes it and calls: it rings no more, and is not called twice.
        world.run(&cast.bea, "callback.take", json!({ "id": promise })).expect("taken");
        world.run(&cast.bea, "contact.log", logged("call", &buyer, Some(&promise), "reached")).expect("called");
        assert_eq!(world.run(&cast.ann, "contact.log", logged("again", &buyer, Some(&promise), "reached")), Err(Code::TakenOver));
        world.move_to(DAY, "20:00");
        world.tick();
        let done = callback(&world, &cast.bea, &promise).expect("still shown today");
        assert_eq!((&done["state"], &done["level"]), (&json!("done"), &json!("calm")));
        world.move_to("2026-03-05", "09:00");
        world.tick();
        assert!(callback(&world, &cast.bea, &promise).is_none(), "after two days it leaves the phones");
    }

    fn down_time_is_made_up_for(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let buyer = buyer(&world, &cast.ann, "小鹿");
        let promise = promise(&world, &cast.ann, "promise", &buyer, at(DAY, "16:30"));
        world.move_to("2026-03-10", "09:00");
        world.tick();
        assert_eq!(callback(&world, &cast.sup_1, &promise).expect("not forgotten")["level"], json!("supervisor"));
    }

    fn find_call_log_promise_done_on_a_phone_without_a_network(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let known = buyer(&world, &cast.ann, "小鹿");
        let first = promise(&world, &cast.ann, "first", &known, at(DAY, "16:30"));
        world.move_to(DAY, "16:00");
        let now = world.now();
        let mut phone = Phone::new(&cast.ann, "phone");
        let new = id("new buyer");
        phone.write(0, "contact.log", with(logged("thanks", &known, Some(&first), "inbound"), now), None);
        phone.write(0, "contact.log", with(logged("call 1", &known, Some(&first), "no_answer"), now + MINUTE), None);
        phone.write(0, "contact.log", with(logged("call 2", &known, Some(&first), "reached"), now + 40 * MINUTE), None);
        phone.write(0, "customer.save", json!({ "id": new, "nick": "新客", "at": now }), None);
        phone.write(0, "callback.make", with(made(&id("second"), &new, now + 60 * MINUTE), now + 41 * MINUTE), None);
        // The phone comes back after the promised time: what was promised then is a promise now.
        world.move_to(DAY, "19:00");
        let request = phone.request();
        phone.deliver(&world, &request).expect("pushed");
        phone.deliver(&world, &request).expect("pushed twice");
        phone.pull(&world);
        assert_eq!(phone.rows("reject"), Vec::<Value>::new());
        let state = |name: &str| callback(&world, &cast.ann, &id(name)).expect("a callback")["state"].clone();
        assert_eq!((state("first"), state("second")), (json!("done"), json!("open")));
        let contacts = world.read(|conn| dutyboard::customers::store::contacts(conn, &cast.workspace, &known, 100));
        assert_eq!(contacts.iter().map(|row| row.result.as_str()).collect::<Vec<_>>(), ["reached", "no_answer", "inbound"]);
    }

    fn what_may_not_be_promised_or_logged(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let buyer = buyer(&world, &cast.ann, "小鹿");
        let refused = |user: &str, name: &str, args: Value| world.run(user, name, args).expect_err("refused");
        assert_eq!(refused(&cast.ann, "callback.make", made(&id("p"), &buyer, at(DAY, "23:00"))), Code::BadTime);
        assert_eq!(refused(&cast.ann, "callback.make", made(&id("p"), &buyer, at("2026-03-01", "10:00"))), Code::BadTime);
        assert_eq!(refused(&cast.eva, "callback.make", made(&id("p"), &buyer, at(DAY, "10:00"))), Code::Gone);
        let promise = promise(&world, &cast.ann, "promise", &buyer, at(DAY, "16:30"));
        assert_eq!(refused(&cast.ann, "callback.hand", json!({ "id": promise, "to": cast.eva })), Code::NotInTeam);
        assert_eq!(refused(&cast.bea, "callback.move", json!({ "id": promise, "due_at": at(DAY, "17:00") })), Code::TakenOver);
        assert_eq!(refused(&cast.ann, "callback.cancel", json!({ "id": promise, "reason": " " })), Code::ReasonRequired);
        assert_eq!(refused(&cast.ann, "customer.save", json!({ "id": id("nameless") })), Code::BadValue);
        // Who does not want to be called is not promised a call.
        world.run(&cast.ann, "contact.log", logged("no", &buyer, Some(&promise), "refused")).expect("logged");
        assert_eq!(refused(&cast.ann, "callback.make", made(&id("p"), &buyer, at(DAY, "17:00"))), Code::Blocked);
        assert_eq!(refused(&cast.ann, "contact.log", logged("no", &buyer, None, "reached")), Code::Conflict);
    }
}

/// The same arguments with when it happened.
fn with(mut args: Value, at: i64) -> Value {
    args["at"] = json!(at);
    args
}
