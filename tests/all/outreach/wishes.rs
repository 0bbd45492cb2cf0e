//! What a buyer does not want, or cannot be reached by any more, is not sent: however late the wish comes, and whoever hears of it.

use super::settings::{SECRET, provider};
use super::{asked, case, desk, log, open, stands, tried, wait_until};
use crate::harness::{Running, World, both_engines};
use dutyboard::customers::store::{contacts, customer};
use dutyboard::jobs::queue::{ATTEMPTS_MAX, backoff_ms};
use dutyboard::kit::signature::sign;
use dutyboard::mail::buyer::message_id;
use dutyboard::mail::{maildir, stop};
use serde_json::{Value, json};

/// A case whose step is to send a message now; it is written, and waits in the outbox or the queue.
fn written(world: &World, buyer: &str) -> String {
    world.move_to("2026-03-02", "10:00");
    let id = open(world, "case", buyer);
    tried(world, &world.cast.ann, &asked(world, &id), "sent");
    world.move_to("2026-03-02", "12:00");
    step(world, &id);
    id
}

/// The case goes on: what it planned is written.
fn step(world: &World, id: &str) {
    for _ in 0..2 {
        world.system("outreach.due", json!({ "ids": [id] })).expect("moved");
    }
}

fn has_provider(world: &World, statuses: &'static [u16]) -> std::sync::mpsc::Receiver<(String, String)> {
    let (url, told) = provider(statuses);
    world
        .run(&world.cast.owner, "outreach_hook.save", json!({ "channel": "sms", "url": url, "secret": SECRET }))
        .expect("a provider");
    told
}

fn blocks(world: &World, buyer: &str, channel: &str) {
    world.run(&world.cast.ann, "customer.block", json!({ "id": buyer, "channel": channel, "on": true })).expect("noted");
}

/// The buyer answers the mail of a case in these words.
fn answers(world: &World, id: &str, words: &str) {
    let mail_id = case(world, id).mail_id.expect("a mail");
    let dir = world.app.config.data.join("back");
    std::fs::create_dir_all(dir.join("new")).expect("a folder");
    let mail = format!(
        "From: b@mail.example\r\nIn-Reply-To: {}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n",
        message_id(&mail_id)
    );
    std::fs::write(dir.join("new/1"), mail).expect("a mail");
    maildir::tick(&world.app, &dir).expect("read");
    world.drain();
}

fn blocked(world: &World, buyer: &str) -> String {
    world.read(|conn| customer(conn, &world.cast.workspace, buyer)).blocked
}

both_engines! {
    fn do_not_ship_it_is_an_answer_and_no_mails_please_is_one_too(engine) {
        for (words, expected) in [("不要发了，退款吧", "[]"), ("退订", "[\"email\"]")] {
            let world = World::new(engine);
            let buyer = desk(&world);
            let id = written(&world, &buyer);
            world.drain();
            assert_eq!(world.mails().len(), 1);
            answers(&world, &id, words);
            assert_eq!((stands(&world, &id).0.as_str(), blocked(&world, &buyer).as_str()), ("answered", expected), "{words}");
            let said = world.read(|conn| contacts(conn, &world.cast.workspace, &buyer, 9));
            assert!(said.iter().any(|contact| contact.note == words && contact.is_real), "{said:?}");
            wait_until(&world, "2026-03-05", "12:00");
            assert_eq!((world.mails().len(), case(&world, &id).callback_id), (1, None), "{words}: nobody reaches them again");
        }
    }

    fn an_answer_that_no_database_can_keep_stops_the_chain_all_the_same(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let server = Running::start(&world);
        let id = written(&world, &buyer);
        let secret = server.sign_in("owner").get("/api/v1/hooks").json()["secret"].as_str().expect("a secret").to_owned();
        let body = json!({ "id": "r\u{0}1", "case_id": id, "channel": "sms", "text": "放\0驿站" }).to_string();
        let (at, signature) = (world.now().to_string(), sign(secret.as_bytes(), world.now(), body.as_bytes()));
        let headers = [("Content-Type", "application/json"), ("X-Dutyboard-Timestamp", &at), ("X-Dutyboard-Signature", &signature)];
        let path = format!("/api/v1/hooks/{}/replies", world.cast.workspace);
        assert_eq!(server.client().send("POST", &path, &headers, body.as_bytes()).status, 204);
        assert_eq!(stands(&world, &id).0, "answered");
        let said = world.read(|conn| contacts(conn, &world.cast.workspace, &buyer, 9));
        assert!(said.iter().any(|contact| contact.note == "放驿站"), "{said:?}");
    }

    fn a_mail_that_waits_does_not_leave_once_the_buyer_takes_none(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let id = written(&world, &buyer);
        blocks(&world, &buyer, "email");
        world.drain();
        assert_eq!((world.mails().len(), stands(&world, &id).2.as_str()), (0, "phone"), "another way at once");
        assert!(log(&world, &id).contains(&("email".into(), "failed".into())));
    }

    fn a_mail_that_its_case_has_no_use_for_does_not_leave(engine) {
        for change in ["state = 'answered'", "mail_id = 'another'"] {
            let world = World::new(engine);
            let buyer = desk(&world);
            let id = written(&world, &buyer);
            // As if it had been missed when the case moved on.
            world.tamper(&format!("UPDATE outreach_case SET {change} WHERE id = '{id}'"));
            world.drain();
            assert_eq!(world.mails().len(), 0, "{change}");
        }
    }

    fn a_mail_that_is_written_between_a_click_and_its_note_does_not_leave(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "10:00");
        let id = open(&world, "case", &buyer);
        tried(&world, &world.cast.ann, &asked(&world, &id), "sent");
        world.move_to("2026-03-02", "12:00");
        let link = stop::link("", &world.app.stop_key, &world.cast.workspace, &buyer);
        let click = [("Content-Type", "application/x-www-form-urlencoded")];
        assert_eq!(server.client().send("POST", &link, &click, b"List-Unsubscribe=One-Click").status, 200);
        step(&world, &id);
        let mail = json!({ "mail_id": case(&world, &id).mail_id.expect("written all the same") });
        assert_eq!(blocked(&world, &buyer), "[]", "the card does not know yet");
        world.block_on(dutyboard::jobs::run(&world.app, &world.cast.workspace, "mail.send", &mail)).expect("nothing is wrong");
        world.drain();
        assert_eq!((world.mails().len(), blocked(&world, &buyer).as_str()), (0, "[\"email\"]"));
    }

    fn no_message_goes_where_it_is_not_wanted_or_to_a_wrong_number(engine) {
        for wrong in [false, true] {
            let world = World::new(engine);
            let buyer = desk(&world);
            let told = has_provider(&world, &[200]);
            let id = written(&world, &buyer);
            assert_eq!(stands(&world, &id).2, "sms");
            if wrong {
                let call = json!({ "id": crate::customers::id("call"), "customer_id": buyer, "callback_id": null, "channel": "phone", "result": "wrong_number", "minutes": null, "note": "" });
                world.run(&world.cast.ann, "contact.log", call).expect("logged");
            } else {
                blocks(&world, &buyer, "sms");
            }
            world.drain();
            assert!(told.try_recv().is_err(), "nothing was said");
            assert_eq!(stands(&world, &id).2, "email", "another way at once");
            assert!(log(&world, &id).contains(&("sms".into(), "failed".into())));
        }
    }

    fn a_provider_that_stays_away_costs_no_step(engine) {
        const AWAY: [u16; ATTEMPTS_MAX as usize] = [500; ATTEMPTS_MAX as usize];
        let world = World::new(engine);
        let buyer = desk(&world);
        let told = has_provider(&world, &AWAY);
        let id = written(&world, &buyer);
        world.drain();
        for attempt in 1..ATTEMPTS_MAX {
            assert_eq!(stands(&world, &id).2, "sms", "after try {attempt}");
            world.clock.advance(backoff_ms(attempt));
            world.drain();
        }
        assert_eq!(told.iter().take(AWAY.len()).count(), AWAY.len());
        assert_eq!(stands(&world, &id).2, "email", "the mail of the same step goes at once");
        world.tick();
        assert_eq!(world.mails().len(), 1);
        assert_eq!(log(&world, &id).iter().filter(|line| **line == ("sms".to_owned(), "failed".to_owned())).count(), 1);
        let letters: Vec<Value> = world.read(|conn| dutyboard::jobs::queue::dead(conn, &world.cast.workspace)).iter().map(|row| json!(row.kind)).collect();
        assert_eq!(letters, ["outreach.hook"], "the owner still sees what went wrong");
    }
}
