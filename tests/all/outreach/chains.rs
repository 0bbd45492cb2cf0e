//! A whole chain, from "the buyer is offline" to "the parcel comes back", on the test's clock.

use super::{asked, case, desk, log, open, opened, stands, tried, wait_until};
use crate::customers::{EMAIL, id};
use crate::harness::world::at;
use crate::harness::{Phone, World, both_engines};
use dutyboard::kit::refusal::Code;
use serde_json::json;

fn standing(state: &str, phase: &str, channel: &str) -> (String, String, String) {
    (state.into(), phase.into(), channel.into())
}

both_engines! {
    fn a_chain_goes_through_messenger_mail_and_phone_to_the_returned_parcel(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "10:00");
        let id = open(&world, "case", &buyer);
        assert_eq!(stands(&world, &id), standing("running", "agent", "im"));
        let first = asked(&world, &id);
        let owner = first.owner_id.clone().expect("somebody is on duty");
        assert_eq!((first.kind.as_str(), first.channel.as_str()), ("outreach", "im"));
        tried(&world, &owner, &first, "sent");
        assert_eq!(stands(&world, &id), standing("running", "waiting", "im"));
        let mut phone = Phone::new(&world.cast.ann, "ann's phone");
        phone.pull(&world);
        assert_eq!(phone.ids("customer"), std::slice::from_ref(&buyer), "a case between two tries has its buyer's name");

        wait_until(&world, "2026-03-02", "11:59");
        assert_eq!(world.mails(), []);
        wait_until(&world, "2026-03-02", "12:00");
        let mails = world.mails();
        assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [EMAIL]);
        assert!(mails[0].text.contains("请确认地址") && mails[0].text.contains("4001"), "{}", mails[0].text);
        assert_eq!(stands(&world, &id), standing("running", "waiting", "email"));

        // A day later it is the phone's turn, in the hours in which people answer, by somebody who is there then.
        wait_until(&world, "2026-03-03", "12:00");
        let call = asked(&world, &id);
        assert_eq!((call.channel.as_str(), call.due_at, call.until_at), ("phone", at("2026-03-03", "18:00"), at("2026-03-03", "20:30")));
        assert_eq!(call.owner_id.as_deref(), Some(world.cast.dan.as_str()), "the night shift");
        world.move_to("2026-03-03", "18:05");
        tried(&world, &world.cast.dan, &call, "no_answer");
        let again = asked(&world, &id);
        assert_eq!((again.id == call.id, again.due_at), (false, at("2026-03-03", "20:05")), "two hours later, once");
        world.move_to("2026-03-03", "20:10");
        tried(&world, &world.cast.dan, &again, "busy");
        assert_eq!(stands(&world, &id), standing("running", "waiting", "phone"));

        wait_until(&world, "2026-03-04", "20:10");
        assert_eq!(stands(&world, &id).2, "supervisor");
        wait_until(&world, "2026-03-05", "20:10");
        assert_eq!(stands(&world, &id).0, "decision");
        assert_eq!(world.run(&world.cast.ann, "outreach.decide", json!({ "id": id, "decision": "return" })), Err(Code::Forbidden));
        world.run(&world.cast.sup_1, "outreach.decide", json!({ "id": id, "decision": "return" })).expect("decided");
        assert_eq!(case(&world, &id).return_by, Some(at("2026-03-12", "20:10")), "within a week");
        world.run(&world.cast.cai, "outreach.returned", json!({ "id": id, "note": "到仓" })).expect("back");
        assert_eq!(stands(&world, &id).0, "returned");
        let said: Vec<(String, String)> = log(&world, &id);
        let want = [("im", "sent"), ("email", "sent"), ("phone", "no_answer"), ("phone", "busy"), ("supervisor", "told")];
        assert_eq!(said, want.map(|(channel, result)| (channel.to_owned(), result.to_owned())));
        assert_eq!(world.mails().len(), 1, "nobody was mailed twice");
        wait_until(&world, "2026-03-28", "12:00");
        phone.pull(&world);
        assert_eq!((phone.ids("outreach"), phone.ids("customer")), (vec![], vec![]), "an old case leaves the phones with its buyer");
    }

    fn four_days_without_contact_are_decided_even_if_a_call_was_never_made(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "10:00");
        let id = open(&world, "case", &buyer);
        let first = asked(&world, &id);
        tried(&world, first.owner_id.as_deref().expect("an agent"), &first, "sent");
        wait_until(&world, "2026-03-02", "12:00");
        wait_until(&world, "2026-03-03", "12:00");
        let call = asked(&world, &id);
        // Nobody calls; the hours end and come again, the same call is asked for anew.
        wait_until(&world, "2026-03-03", "20:30");
        let next = asked(&world, &id);
        assert_eq!((next.due_at, next.id == call.id), (at("2026-03-04", "18:00"), true));
        assert!(log(&world, &id).contains(&("phone".into(), "moved".into())));
        assert_eq!(case(&world, &id).attempts, 0, "what was not tried does not count");
        wait_until(&world, "2026-03-06", "10:00");
        assert_eq!(stands(&world, &id).0, "decision");
        let open = world.read(|conn| dutyboard::customers::store::open_callbacks(conn, &world.cast.workspace, &world.cast.team_1));
        assert_eq!(open, [], "nobody calls while it is to be decided");
        world.run(&world.cast.sup_1, "outreach.decide", json!({ "id": id, "decision": "go_on" })).expect("decided");
        assert_eq!(stands(&world, &id), standing("running", "agent", "im"), "from the beginning");
    }

    fn after_weeks_of_standstill_one_step_happens_and_only_in_its_hours(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "21:00");
        let id = open(&world, "case", &buyer);
        let first = asked(&world, &id);
        tried(&world, &world.cast.sup_1, &first, "sent");
        assert_eq!(first.owner_id.as_deref(), Some(world.cast.dan.as_str()));
        // It would have been mailed at 08:00; the server was down for days, and comes back at night.
        wait_until(&world, "2026-03-05", "23:30");
        assert_eq!(world.mails(), [], "nobody is mailed at night");
        wait_until(&world, "2026-03-06", "08:00");
        assert_eq!(world.mails().len(), 1);
        wait_until(&world, "2026-03-06", "08:01");
        assert_eq!(world.mails().len(), 1);
    }

    fn one_buyer_is_reached_once_for_one_reason(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let cast = &world.cast;
        open(&world, "case", &buyer);
        let again = opened(&world, "another", &buyer, "parcel_problem");
        assert_eq!(world.run(&cast.bea, "outreach.open", again), Err(Code::AlreadyOpen));
        world.run(&cast.bea, "outreach.open", opened(&world, "other", &buyer, "stock_out")).expect("another reason");
        assert_eq!(world.run(&cast.eva, "outreach.open", opened(&world, "theirs", &buyer, "refund_step")), Err(Code::Gone));
        let unknown = json!({ "id": id("x"), "customer_id": buyer, "reason_id": id("none"), "about": "", "order_number": "" });
        assert_eq!(world.run(&cast.ann, "outreach.open", unknown), Err(Code::Gone));
        assert_eq!(world.run(&cast.ann, "outreach.close", json!({ "id": id("case"), "reason": " " })), Err(Code::ReasonRequired));
        world.run(&cast.ann, "outreach.close", json!({ "id": id("case"), "reason": "已解决" })).expect("closed");
        let fresh = opened(&world, "another", &buyer, "parcel_problem");
        world.run(&cast.bea, "outreach.open", fresh).expect("the other one has ended");
    }

    fn a_call_moves_on_when_its_agent_is_off(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let cast = &world.cast;
        world.move_to("2026-03-03", "10:00");
        let id = open(&world, "case", &buyer);
        let first = asked(&world, &id);
        let owner = first.owner_id.clone().expect("somebody");
        crate::customers::care::take_away(&world, &[&owner], "2026-03-03");
        let after = asked(&world, &id);
        assert_eq!(after.id, first.id, "the same call");
        assert!(after.owner_id.is_some() && after.owner_id != first.owner_id, "{after:?}");
        let all = [&cast.ann, &cast.bea, &cast.cai, &cast.dan, &cast.sup_1].map(String::as_str);
        crate::customers::care::take_away(&world, &all, "2026-03-03");
        assert_eq!(asked(&world, &id).owner_id, None, "whoever sees it first takes it");
        world.run(&cast.bea, "callback.take", json!({ "id": first.id })).expect("taken");
        let late = world.run(&cast.ann, "callback.take", json!({ "id": first.id }));
        assert_eq!(late, Err(Code::TakenOver), "one agent's word stops the others");
    }

    fn a_try_that_nobody_makes_is_told_and_comes_to_a_decision(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "10:00");
        let id = open(&world, "case", &buyer);
        wait_until(&world, "2026-03-03", "00:00");
        assert_eq!(log(&world, &id), [("im".to_owned(), "moved".to_owned())]);
        let told = world.read(|conn| dutyboard::notices::store::about(conn, &world.cast.workspace, &id));
        assert!(told.iter().any(|notice| notice.kind == "step_overdue" && notice.to_id == world.cast.sup_1), "{told:?}");
        for day in ["03", "04", "05", "06", "07"] {
            wait_until(&world, &format!("2026-03-{day}"), "00:30");
        }
        assert_eq!(stands(&world, &id).0, "decision", "four days after the first hours passed");
    }

    fn a_try_made_offline_counts_though_its_hours_passed_before_it_was_told(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "10:00");
        let case_id = open(&world, "case", &buyer);
        let first = asked(&world, &case_id);
        let agent = first.owner_id.clone().expect("somebody");
        world.move_to("2026-03-02", "10:05");
        let mut phone = Phone::new(&agent, "phone");
        let wrote = json!({ "id": id("wrote"), "customer_id": buyer, "callback_id": first.id, "channel": "im", "result": "sent",
            "minutes": 1, "note": "", "at": world.now() });
        phone.write(0, "contact.log", wrote, None);
        wait_until(&world, "2026-03-03", "00:00");
        let moved = asked(&world, &case_id);
        assert_eq!((moved.id.as_str(), moved.day.as_str()), (first.id.as_str(), "2026-03-03"), "asked for again, another day");
        phone.push(&world).expect("pushed");
        world.drain();
        let said = log(&world, &case_id);
        assert!(said.contains(&("im".to_owned(), "sent".to_owned())), "{said:?}");
        assert_eq!(stands(&world, &case_id), standing("running", "waiting", "im"), "nobody writes to the buyer a second time");
        let closed = world.read(|conn| dutyboard::customers::store::callback(conn, &world.cast.workspace, &first.id));
        assert!(!closed.expect("it is there").is_open());
        wait_until(&world, "2026-03-03", "09:00");
        assert_eq!((world.mails().len(), stands(&world, &case_id).2.as_str()), (1, "email"), "the wait began when they were written to");
    }

    fn a_step_that_is_passed_by_is_said_so(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "10:00");
        let id = open(&world, "case", &buyer);
        world.run(&world.cast.sup_1, "outreach.next", json!({ "id": id, "step": 0 })).expect("passed by");
        assert_eq!(log(&world, &id), [("im".to_owned(), "skipped".to_owned())]);
        wait_until(&world, "2026-03-02", "10:01");
        assert_eq!(world.mails().len(), 1, "the next one at once");
        world.run(&world.cast.sup_1, "outreach.next", json!({ "id": id, "step": 1 })).expect("not waited for");
        assert_eq!(log(&world, &id).last(), Some(&("email".to_owned(), "sent".to_owned())), "it was done");
    }

    fn a_mail_leaves_in_the_hours_of_its_step(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let chains = world.read(|conn| dutyboard::outreach::store::chains(conn, &world.cast.workspace));
        let shipped = chains.into_iter().find(|row| row.code.as_deref() == Some("customer_unreachable")).expect("shipped");
        let mut chain = shipped.wire().expect("readable");
        chain.steps[1].until = Some("12:01".into());
        let args = json!({ "id": chain.id, "name": chain.name, "steps": chain.steps, "enabled": true });
        world.run(&world.cast.sup_1, "chain.save", args).expect("kept");
        world.move_to("2026-03-02", "10:00");
        let id = open(&world, "case", &buyer);
        tried(&world, &world.cast.ann, &asked(&world, &id), "sent");
        world.move_to("2026-03-02", "12:00");
        for _ in 0..2 {
            world.system("outreach.due", json!({ "ids": [id] })).expect("the mail is written");
        }
        wait_until(&world, "2026-03-02", "12:30");
        assert_eq!(world.mails(), [], "what is late waits for the morning");
        wait_until(&world, "2026-03-03", "09:00");
        assert_eq!(world.mails().len(), 1);
    }
}
