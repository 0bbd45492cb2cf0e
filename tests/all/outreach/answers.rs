//! The buyer answers, on whichever channel and however late the news comes: the chain stops.

use super::{asked, case, desk, log, open, stands, tried, wait_until};
use crate::harness::post_office::turned_away;
use crate::harness::world::at;
use crate::harness::{Engine, MINUTE, Phone, World, both_engines};
use dutyboard::customers::store::customer;
use dutyboard::kit::refusal::Code;
use serde_json::json;

fn still_asked(world: &World) -> usize {
    world.read(|conn| dutyboard::customers::store::open_callbacks(conn, &world.cast.workspace, &world.cast.team_1)).len()
}

/// World, buyer and a case that began at ten.
fn begun(engine: Engine) -> (World, String, String) {
    let world = World::new(engine);
    let buyer = desk(&world);
    world.move_to("2026-03-02", "10:00");
    let id = open(&world, "case", &buyer);
    (world, buyer, id)
}

/// The same, and the buyer was written to at once.
fn written_to(engine: Engine) -> (World, String, String) {
    let (world, buyer, id) = begun(engine);
    tried(&world, &world.cast.ann, &asked(&world, &id), "sent");
    (world, buyer, id)
}

both_engines! {
    fn a_contact_that_anybody_logs_stops_the_chain_and_takes_the_mail_back(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "22:30");
        let id = open(&world, "case", &buyer);
        let first = asked(&world, &id);
        tried(&world, &world.cast.dan, &first, "sent");
        wait_until(&world, "2026-03-03", "08:00");
        assert_eq!(world.mails().len(), 1);
        // An agent heard from the buyer at nine, without a network; the news comes when the next step is due.
        let mut phone = Phone::new(&world.cast.bea, "phone");
        world.move_to("2026-03-03", "09:00");
        let heard = json!({ "id": crate::customers::id("heard"), "customer_id": buyer, "callback_id": null, "channel": "im", "result": "inbound", "minutes": null, "note": "送到门口", "at": world.now() });
        phone.write(0, "contact.log", heard, None);
        world.move_to("2026-03-04", "08:00");
        phone.push(&world).expect("pushed");
        world.tick();
        assert_eq!(stands(&world, &id).0, "answered");
        assert_eq!((case(&world, &id).closed_at, still_asked(&world)), (Some(at("2026-03-03", "09:00")), 0));
        assert_eq!(log(&world, &id).last(), Some(&("im".to_owned(), "inbound".to_owned())));
    }

    fn a_mail_that_has_not_left_never_does_once_the_buyer_has_answered(engine) {
        let (world, buyer, id) = written_to(engine);
        world.move_to("2026-03-02", "12:00");
        let due = || world.system("outreach.due", json!({ "ids": [id] })).expect("moved");
        due();
        due();
        assert_eq!(log(&world, &id).last(), Some(&("email".to_owned(), "sent".to_owned())), "the mail is written");
        world.run(&world.cast.ann, "outreach.answer", json!({ "id": id, "channel": "sms", "note": "好的", "then": "done" })).expect("answered");
        world.tick();
        assert_eq!((world.mails().len(), stands(&world, &id).0.as_str()), (0, "answered"));
        let card = world.read(|conn| customer(conn, &world.cast.workspace, &buyer));
        assert_eq!(card.last_contact_at, Some(world.now()), "the clock of a VIP begins anew");
        world.run(&world.cast.ann, "outreach.answer", json!({ "id": id, "channel": "sms", "note": "还有", "then": "done" })).expect("kept");
        assert_eq!(log(&world, &id).iter().filter(|(_, result)| result == "inbound").count(), 2);
        wait_until(&world, "2026-03-09", "12:00");
        assert_eq!((world.mails().len(), still_asked(&world)), (0, 0));
    }

    fn a_call_that_reaches_the_buyer_or_a_wish_to_be_called_later_ends_the_chain(engine) {
        for (result, later) in [("reached", false), ("refused", false), ("later", true)] {
            let world = World::new(engine);
            let buyer = desk(&world);
            world.move_to("2026-03-02", "10:00");
            let id = open(&world, "case", &buyer);
            let row = asked(&world, &id);
            let due = later.then(|| world.now() + 60 * MINUTE);
            let args = json!({ "id": crate::customers::id("said"), "customer_id": buyer, "callback_id": row.id, "channel": "im", "result": result, "minutes": 2, "note": "", "later_at": due });
            world.run(&world.cast.ann, "contact.log", args).expect("logged");
            world.drain();
            assert_eq!(stands(&world, &id).0, "answered", "{result}");
            assert_eq!(still_asked(&world), usize::from(later), "{result}: a promise is kept by its own callback");
        }
    }

    fn the_shops_own_turn_stops_the_clock_and_the_rest_of_the_wait_follows(engine) {
        let (world, _, id) = written_to(engine);
        world.move_to("2026-03-02", "11:30");
        let turn = |ours: bool| json!({ "id": id, "ours": ours, "note": "查仓库" });
        world.run(&world.cast.ann, "outreach.turn", turn(true)).expect("ours");
        wait_until(&world, "2026-03-03", "10:00");
        assert_eq!((world.mails().len(), stands(&world, &id).0.as_str()), (0, "ours"), "nobody is reached");
        world.run(&world.cast.ann, "outreach.turn", turn(false)).expect("theirs");
        assert_eq!(case(&world, &id).next_at, Some(at("2026-03-03", "10:30")), "half an hour was left");
        wait_until(&world, "2026-03-03", "10:30");
        assert_eq!(world.mails().len(), 1);
    }

    fn two_agents_who_both_called_offline_both_count_and_move_the_case_once(engine) {
        let (world, buyer, id) = begun(engine);
        let row = asked(&world, &id);
        tried(&world, &world.cast.ann, &row, "sent");
        let next = case(&world, &id).next_at;
        let turn = case(&world, &id).turn;
        let also = json!({ "id": crate::customers::id("also"), "customer_id": buyer, "callback_id": row.id, "channel": "im", "result": "sent", "minutes": null, "note": "" });
        world.run(&world.cast.bea, "contact.log", also).expect("nothing that was done is refused");
        world.drain();
        assert_eq!((case(&world, &id).next_at, case(&world, &id).turn), (next, turn));
        let strange = json!({ "id": crate::customers::id("strange"), "customer_id": buyer, "callback_id": row.id, "channel": "im", "result": "sent", "minutes": null, "note": "" });
        assert_eq!(world.run(&world.cast.eva, "contact.log", strange), Err(Code::Gone), "another team's");
    }

    fn a_mail_that_comes_back_opens_the_next_way_at_once(engine) {
        let (world, buyer, case_id) = written_to(engine);
        wait_until(&world, "2026-03-02", "12:00");
        let mail_id = case(&world, &case_id).mail_id.expect("a mail");
        let bounced = json!({ "mail_id": mail_id, "customer_id": buyer, "state": "bounced", "permanent": true });
        world.system("outreach.mailed", bounced.clone()).expect("heard");
        let call = asked(&world, &case_id);
        assert_eq!((call.channel.as_str(), call.due_at), ("phone", at("2026-03-02", "18:00")), "not a day later");
        let turn = case(&world, &case_id).turn;
        world.system("outreach.mailed", bounced).expect("heard twice");
        assert_eq!(case(&world, &case_id).turn, turn);
        let card = |world: &World| world.read(|conn| customer(conn, &world.cast.workspace, &buyer));
        assert!(card(&world).bad_email);
        world.run(&world.cast.ann, "customer.reach", json!({ "id": buyer, "email": "new@example.com" })).expect("a new address");
        assert!(!card(&world).bad_email, "until there is another");
    }

    fn a_reply_by_mail_stops_the_chain(engine) {
        let (world, buyer, case_id) = written_to(engine);
        wait_until(&world, "2026-03-02", "12:00");
        let mail_id = case(&world, &case_id).mail_id;
        let reply = json!({ "mail_id": mail_id, "case_id": null, "reply_id": null, "channel": "email", "text": "放驿站" });
        world.system("outreach.replied", reply).expect("heard");
        assert_eq!(stands(&world, &case_id).0, "answered");
        let contacts = world.read(|conn| dutyboard::customers::store::contacts(conn, &world.cast.workspace, &buyer, 9));
        assert!(contacts.iter().any(|contact| contact.note == "放驿站" && contact.is_real), "{contacts:?}");
    }

    fn what_was_ended_by_mistake_goes_on_where_it_stood(engine) {
        let (world, _, id) = written_to(engine);
        wait_until(&world, "2026-03-02", "12:00");
        assert_eq!(world.mails().len(), 1);
        let go_on = json!({ "id": id, "ours": false, "note": "", "as_it_was": true });
        for (minute, then) in [("12:05", "done"), ("12:10", "ours")] {
            world.move_to("2026-03-02", minute);
            let answer = json!({ "id": id, "channel": "im", "note": minute, "then": then });
            world.run(&world.cast.ann, "outreach.answer", answer).expect("answered");
            world.run(&world.cast.ann, "outreach.turn", go_on.clone()).expect("it was none");
        }
        world.run(&world.cast.ann, "outreach.close", json!({ "id": id, "reason": "已解决" })).expect("closed");
        world.move_to("2026-03-02", "12:20");
        world.run(&world.cast.ann, "outreach.turn", go_on).expect("it was not");
        let row = case(&world, &id);
        assert_eq!((row.state.as_str(), row.step, row.closed_at, row.outcome.as_str()), ("running", 1, None, ""));
        assert_eq!(row.next_at, Some(at("2026-03-03", "12:10")), "the ten minutes in which it was closed come on top");
        wait_until(&world, "2026-03-03", "12:10");
        assert_eq!((world.mails().len(), asked(&world, &id).channel.as_str()), (1, "phone"), "nobody is mailed twice");
        let answer = json!({ "id": id, "channel": "im", "note": "好", "then": "done" });
        world.run(&world.cast.ann, "outreach.answer", answer).expect("answered");
        world.run(&world.cast.ann, "outreach.turn", json!({ "id": id, "ours": false, "note": "" })).expect("another silence");
        assert_eq!(asked(&world, &id).channel, "im", "the chain begins anew");
    }

    fn a_mail_that_was_held_back_by_the_shops_own_turn_follows(engine) {
        let (world, _, id) = written_to(engine);
        world.move_to("2026-03-02", "12:00");
        for _ in 0..2 {
            world.system("outreach.due", json!({ "ids": [id] })).expect("the mail is written");
        }
        let turn = |ours: bool| world.run(&world.cast.ann, "outreach.turn", json!({ "id": id, "ours": ours, "note": "" }));
        turn(true).expect("ours");
        wait_until(&world, "2026-03-02", "13:00");
        turn(false).expect("theirs");
        wait_until(&world, "2026-03-02", "13:01");
        assert_eq!((world.mails().len(), stands(&world, &id).2.as_str()), (1, "email"));
        wait_until(&world, "2026-03-03", "12:59");
        assert_eq!(stands(&world, &id).2, "email", "a day is waited from when it left");
    }

    fn a_mail_that_was_on_its_way_when_it_became_the_shops_turn_and_came_not_through_follows(engine) {
        let (mut world, _, id) = written_to(engine);
        world.move_to("2026-03-02", "12:00");
        for _ in 0..2 {
            world.system("outreach.due", json!({ "ids": [id] })).expect("the mail is written");
        }
        let turn = |world: &World, ours: bool| {
            world.run(&world.cast.ann, "outreach.turn", json!({ "id": id, "ours": ours, "note": "" })).expect("a turn");
        };
        turned_away(&mut world, |world| turn(world, true), |world| {
            world.drain();
        });
        wait_until(&world, "2026-03-02", "13:00");
        assert!(world.mails().is_empty(), "nobody is reached on the shop's own turn");
        turn(&world, false);
        wait_until(&world, "2026-03-02", "13:01");
        assert_eq!((world.mails().len(), stands(&world, &id).2.as_str()), (1, "email"));
    }

    fn a_case_that_goes_on_is_the_only_one_and_forgets_what_was_said_while_it_rested(engine) {
        let (world, buyer, id) = begun(engine);
        world.run(&world.cast.ann, "outreach.close", json!({ "id": id, "reason": "已解决" })).expect("closed");
        let other = open(&world, "other", &buyer);
        let again = || world.run(&world.cast.ann, "outreach.turn", json!({ "id": id, "ours": false, "note": "" }));
        assert_eq!(again(), Err(Code::AlreadyOpen), "two chains would reach one buyer");
        world.run(&world.cast.ann, "outreach.close", json!({ "id": other, "reason": "开错了" })).expect("closed");
        world.move_to("2026-03-03", "10:00");
        let said = json!({ "id": crate::customers::id("said"), "customer_id": buyer, "callback_id": null, "channel": "im", "result": "inbound", "minutes": null, "note": "谢谢" });
        world.run(&world.cast.bea, "contact.log", said).expect("logged");
        wait_until(&world, "2026-03-06", "10:00");
        assert!(case(&world, &id).archived);
        again().expect("goes on");
        wait_until(&world, "2026-03-06", "10:01");
        assert_eq!((stands(&world, &id).0.as_str(), case(&world, &id).archived), ("running", false));
    }

    fn a_reply_while_it_is_the_shops_own_turn_ends_nothing(engine) {
        let (world, _, id) = begun(engine);
        world.run(&world.cast.ann, "outreach.turn", json!({ "id": id, "ours": true, "note": "" })).expect("ours");
        let reply = json!({ "mail_id": null, "case_id": id, "reply_id": "r1", "channel": "sms", "text": "谢谢，等你们消息" });
        world.system("outreach.replied", reply).expect("heard");
        assert_eq!((stands(&world, &id).0.as_str(), log(&world, &id).len()), ("ours", 1));
    }
}
