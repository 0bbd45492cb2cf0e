//! Two cards of one person: suggested, merged without losing anything, and parted again.

use super::{PHONE, buyer, id, logged, made, monthly, promise};
use crate::harness::world::at;
use crate::harness::{Phone, Running, World, both_engines};
use dutyboard::kit::refusal::Code;
use serde_json::{Value, json};

fn groups(world: &World, server: &Running) -> Value {
    server.sign_in("sup_1").get(&format!("/api/v1/customers/duplicates?team_id={}", world.cast.team_1)).json()
}

fn card(world: &World, name: &str) -> Value {
    let server = Running::start(world);
    server.sign_in("sup_1").get(&format!("/api/v1/customers/{}", id(name))).json()
}

both_engines! {
    fn cards_that_share_a_number_are_suggested_until_somebody_decides(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let server = Running::start(&world);
        let (one, two, three) = (buyer(&world, &cast.ann, "one"), buyer(&world, &cast.ann, "two"), buyer(&world, &cast.ann, "three"));
        buyer(&world, &cast.eva, "of another team");
        let reach = json!({ "id": three, "phone": "13900000000", "email": "", "address": "" });
        world.run(&cast.ann, "customer.reach", reach).expect("another number");
        let found = groups(&world, &server);
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
        assert_eq!(found[0]["why"], "phone");
        let mut nicks: Vec<&str> = found[0]["cards"].as_array().expect("cards").iter().filter_map(|card| card["nick"].as_str()).collect();
        nicks.sort_unstable();
        assert_eq!(nicks, ["one", "two"]);
        assert!(!found.to_string().contains(PHONE));
        world.run(&cast.sup_1, "customer.distinct", json!({ "ids": [two, one] })).expect("told apart");
        assert_eq!(groups(&world, &server), json!([]));
        assert_eq!(server.sign_in("sup_2").get(&format!("/api/v1/customers/duplicates?team_id={}", cast.team_1)).code(), "not_in_team");
        assert_eq!(server.sign_in("ann").get(&format!("/api/v1/customers/duplicates?team_id={}", cast.team_1)).code(), "forbidden");
    }

    fn merged_is_one_person_and_parted_is_as_before(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let (old, new) = (buyer(&world, &cast.ann, "old"), buyer(&world, &cast.ann, "new"));
        let care = json!({ "id": old, "tier": monthly(&world), "owner_id": cast.ann, "ideal_days": null, "longest_days": null });
        world.run(&cast.sup_1, "customer.care", care).expect("a VIP");
        world.run(&cast.ann, "contact.log", logged("before", &new, None, "reached")).expect("called");
        world.run(&cast.ann, "customer.block", json!({ "id": new, "channel": "sms", "on": true })).expect("no messages");
        let callback = promise(&world, &cast.ann, "promise", &new, at("2026-03-02", "16:30"));
        let before = card(&world, "new");

        world.run(&cast.sup_1, "customer.merge", json!({ "id": new, "into_id": old })).expect("merged");
        let both = card(&world, "old");
        assert_eq!(both["merged"][0]["id"], json!(new));
        assert_eq!(both["contacts"][0]["id"], json!(id("before")), "contacts of both");
        assert_eq!(both["callbacks"][0]["id"], json!(callback), "the promise is still there");
        assert_eq!((&both["card"]["blocked"], &both["card"]["last_contact_at"]), (&json!(["sms"]), &before["card"]["last_contact_at"]));
        let actor = world.actor(&cast.ann, dutyboard::door::Via::Rest).expect("active");
        let found = world.read(|conn| world.app.finder.search(conn, &actor, "new"));
        assert_eq!(found.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [old.as_str()], "the old name leads to the card that stays");

        // What is heard on either card counts for the person.
        world.clock.advance(crate::harness::HOUR);
        world.run(&cast.ann, "contact.log", logged("kept", &new, Some(&callback), "reached")).expect("the promise is kept");
        let after = card(&world, "old");
        assert!(after["card"]["last_contact_at"].as_i64() > both["card"]["last_contact_at"].as_i64());
        world.run(&cast.ann, "customer.block", json!({ "id": old, "channel": "phone", "on": true })).expect("no calls");
        let made = made(&id("again"), &new, at("2026-03-03", "16:30"));
        assert_eq!(world.run(&cast.ann, "callback.make", made), Err(Code::Blocked));

        world.run(&cast.sup_1, "customer.part", json!({ "id": new })).expect("parted");
        let (one, other) = (card(&world, "old"), card(&world, "new"));
        assert_eq!((&one["merged"], &other["card"]["merged_into"]), (&json!([]), &Value::Null));
        assert_eq!(one["card"]["last_contact_at"], Value::Null, "its own contacts: none");
        assert_eq!(other["contacts"].as_array().map(Vec::len), Some(2));
    }

    fn what_cannot_be_merged_is_refused(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let (one, two, three) = (buyer(&world, &cast.ann, "one"), buyer(&world, &cast.ann, "two"), buyer(&world, &cast.ann, "three"));
        let foreign = buyer(&world, &cast.eva, "foreign");
        let merge = |by: &str, id: &str, into: &str| world.run(by, "customer.merge", json!({ "id": id, "into_id": into })).map(drop);
        assert_eq!(merge(&cast.sup_1, &one, &one), Err(Code::WrongState));
        assert_eq!(merge(&cast.sup_1, &one, &foreign), Err(Code::Gone));
        assert_eq!(merge(&cast.owner, &one, &foreign), Err(Code::NotInTeam));
        assert_eq!(merge(&cast.ann, &one, &two), Err(Code::Forbidden));
        assert_eq!((merge(&cast.sup_1, &one, &two), merge(&cast.sup_1, &one, &two)), (Ok(()), Ok(())), "twice is once");
        assert_eq!(merge(&cast.sup_1, &three, &one), Err(Code::WrongState), "that card is not one any more");
        // A card that stands for others takes them along.
        assert_eq!(merge(&cast.sup_1, &two, &three), Ok(()));
        assert_eq!(card(&world, "three")["merged"].as_array().map(Vec::len), Some(2));
    }

    fn a_merged_card_leaves_the_phones(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let (old, new) = (buyer(&world, &cast.ann, "old"), buyer(&world, &cast.ann, "new"));
        let policy = monthly(&world);
        for buyer in [&old, &new] {
            let care = json!({ "id": buyer, "tier": policy, "owner_id": cast.ann, "ideal_days": null, "longest_days": null });
            world.run(&cast.sup_1, "customer.care", care).expect("a VIP");
        }
        let mut phone = Phone::new(&cast.ann, "phone");
        phone.pull(&world);
        assert_eq!((phone.ids("customer").len(), phone.ids("reach").len()), (2, 2));
        world.run(&cast.sup_1, "customer.merge", json!({ "id": new, "into_id": old })).expect("merged");
        phone.pull(&world);
        assert_eq!((phone.ids("customer"), phone.ids("reach")), (vec![old.clone()], vec![old]));
    }
}
