//! What a workspace sets: chains that cannot work are refused, words are checked, providers get signed messages.

use super::{asked, case, desk, id, log, open, opened, reason, stands, tried, wait_until};
use crate::customers::PHONE;
use crate::harness::{MINUTE, Running, World, both_engines};
use dutyboard::kit::refusal::Code;
use dutyboard::kit::signature;
use dutyboard::outreach::store;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

pub const SECRET: &str = "a secret of the provider";

fn step(id: &str, channels: &[&str]) -> Value {
    json!({ "id": id, "channels": channels, "wait_minutes": 60, "wait_in": "wall", "from": null, "until": null, "prefer_from": null,
        "prefer_until": null, "attempts": 1, "attempts_a_day": 1, "skill_code": null, "then": "" })
}

fn chain(name: &str, steps: &[Value]) -> Value {
    json!({ "id": id(name), "name": { "zh": "自己的", "en": "own" }, "steps": steps, "enabled": true })
}

/// A provider that answers in turn with these statuses and passes on what it was sent: headers and body.
pub fn provider(statuses: &'static [u16]) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/sms", listener.local_addr().expect("an address"));
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for (stream, status) in listener.incoming().flatten().zip(statuses) {
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let mut head = String::new();
            while reader.read_line(&mut head).expect("a line") > 2 {}
            let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).expect("a body");
            let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            (&stream).write_all(answer.as_bytes()).expect("answered");
            let _ = tell.send((head, String::from_utf8(body).expect("text")));
        }
    });
    (url, told)
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:"))).expect(name);
    line.split_once(':').expect("a header").1.trim()
}

both_engines! {
    fn a_chain_that_cannot_work_is_refused_and_a_running_case_keeps_its_own(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let sup = &world.cast.sup_1;
        let save = |steps: &[Value]| world.run(sup, "chain.save", chain("own", steps));
        assert_eq!(save(&[]), Err(Code::ChainBroken));
        assert_eq!(save(&[step("a", &[])]), Err(Code::ChainBroken), "a step that reaches nobody");
        let mut loops = step("a", &["im"]);
        loops["then"] = json!("a");
        assert_eq!(save(&[loops.clone()]), Err(Code::ChainBroken), "no end");
        assert_eq!(save(&[loops, step("b", &["phone"])]), Err(Code::ChainBroken), "an unreachable step");
        assert_eq!(store_len(&world), 3, "nothing was stored");
        save(&[step("a", &["im"]), step("b", &["supervisor"])]).expect("a chain");
        let own = json!({ "id": id("why"), "name": { "zh": "试穿", "en": "Fitting" }, "chain_id": id("own"), "scene": "回访", "is_reminder": false, "archived": false });
        world.run(sup, "outreach_reason.save", own).expect("a reason of one's own");
        let args = json!({ "id": id("case"), "customer_id": buyer, "reason_id": id("why"), "about": "", "order_number": "" });
        world.run(&world.cast.ann, "outreach.open", args).expect("a case");
        save(&[step("z", &["phone"])]).expect("another chain");
        assert_eq!(case(&world, &id("case")).steps().expect("steps").len(), 2);
        assert_eq!(world.run(sup, "chain.drop", json!({ "id": id("own") })), Err(Code::WrongState), "a reason needs it");
        let team = world.read(|conn| store::chains(conn, &world.cast.workspace)).into_iter().find(|row| row.whom == "team");
        let changed = json!({ "id": team.expect("shipped").id, "name": { "zh": "x", "en": "x" }, "steps": [step("a", &["im"])], "enabled": true });
        assert_eq!(world.run(sup, "chain.save", changed), Err(Code::WrongState));
    }

    fn a_chain_that_a_reason_needs_stays_on_and_one_that_is_off_is_not_chosen(engine) {
        let world = World::new(engine);
        let sup = &world.cast.sup_1;
        let chain = |enabled: bool| {
            let mut args = chain("own", &[step("a", &["im"]), step("b", &["supervisor"])]);
            args["enabled"] = json!(enabled);
            world.run(sup, "chain.save", args)
        };
        let reason = |archived: bool| {
            let args = json!({ "id": id("why"), "name": { "zh": "试穿", "en": "Fitting" }, "chain_id": id("own"), "scene": "回访", "is_reminder": false, "archived": archived });
            world.run(sup, "outreach_reason.save", args)
        };
        chain(true).expect("a chain");
        reason(false).expect("a reason that uses it");
        assert_eq!(chain(false), Err(Code::WrongState));
        let is_on = || world.read(|conn| store::chain(conn, &world.cast.workspace, &id("own"))).expect("it is there").enabled;
        assert!(is_on(), "nothing was stored");
        reason(true).expect("out of use");
        chain(false).expect("nobody needs it");
        assert_eq!(reason(false), Err(Code::WrongState));
        chain(true).expect("on again");
        reason(false).expect("in use again");
        assert!(is_on());
    }

    fn a_shops_own_hours_hold_for_its_buyers(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let (sup, shop) = (&world.cast.sup_1, id("shop"));
        world.run(&world.cast.owner, "shop.save", json!({ "id": shop, "name": "晴天", "platform": "tmall", "archived": false })).expect("a shop");
        world.run(sup, "customer.save", json!({ "id": buyer, "shop_id": shop })).expect("its buyer");
        let of = |from: &str, until: &str| json!({ "from": from, "until": until, "prefer_from": null, "prefer_until": null });
        let hours = json!({ "im": of("15:00", "16:00"), "im_reminder": of("09:00", "11:00"), "email": of("09:00", "21:00"), "sms": of("09:00", "20:30"), "voice": of("09:00", "20:30"), "phone": of("09:00", "20:30") });
        let save = |hours: &Value, shop: Option<&str>, name: &str| {
            let args = json!({ "id": id(name), "shop_id": shop, "hours": hours, "decide_hours": 48, "return_days": 5, "open_from": "09:00", "open_until": "18:00", "working_days_only": false });
            world.run(sup, "outreach_hours.save", args)
        };
        let mut wrong = hours.clone();
        wrong["phone"] = of("20:00", "09:00");
        assert_eq!(save(&wrong, Some(&shop), "hours"), Err(Code::BadTime));
        wrong.as_object_mut().expect("an object").remove("phone");
        assert_eq!(save(&wrong, Some(&shop), "hours"), Err(Code::BadValue));
        assert_eq!(save(&hours, None, "second"), Err(Code::Conflict), "there is one for all shops");
        save(&hours, Some(&shop), "hours").expect("hours");
        world.move_to("2026-03-02", "10:00");
        let case_id = open(&world, "case", &buyer);
        assert_eq!(asked(&world, &case_id).due_at, crate::harness::world::at("2026-03-02", "15:00"));
    }

    fn words_with_mistakes_are_refused_and_ones_own_are_sent(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let why = reason(&world, "parcel_problem");
        let name = dutyboard::outreach::words::template_id(&world.cast.workspace, &why, "zh-CN");
        let save = |body: &str| {
            let args = json!({ "id": name, "reason_id": why, "locale": "zh-CN", "subject": "{{ shop }} 包裹", "body": body });
            world.run(&world.cast.sup_1, "outreach_template.save", args)
        };
        assert_eq!(save("{{ buyer.phone }}"), Err(Code::BadTemplate));
        assert_eq!(save("{{ buyer "), Err(Code::BadTemplate));
        save("亲爱的{{ buyer }}\n\n包裹在等您 <b>").expect("words");
        world.move_to("2026-03-02", "10:00");
        let case_id = open(&world, "case", &buyer);
        tried(&world, &world.cast.ann, &asked(&world, &case_id), "sent");
        wait_until(&world, "2026-03-02", "12:00");
        let mail = world.mails().remove(0);
        assert_eq!(mail.subject, "晴天 包裹");
        assert!(mail.text.contains("亲爱的林小鹿") && mail.html.contains("&lt;b&gt;"), "{}", mail.html);
        world.run(&world.cast.owner, "outreach_template.test", json!({ "reason_id": why, "locale": "zh-CN", "subject": "试", "body": "{{ buyer }}", "customer_id": buyer })).expect("sent");
        world.drain();
        let test = world.mails().pop().expect("a test");
        assert_eq!((test.to.as_str(), test.text.contains("林小鹿")), ("owner@example.com", true));
    }

    fn a_buyer_is_written_to_in_their_language(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        world.move_to("2026-03-02", "10:00");
        let mut args = opened(&world, "case", &buyer, "parcel_problem");
        args["locale"] = "en".into();
        world.run(&world.cast.ann, "outreach.open", args).expect("a case");
        world.drain();
        tried(&world, &world.cast.ann, &asked(&world, &id("case")), "sent");
        wait_until(&world, "2026-03-02", "12:00");
        let mail = world.mails().remove(0);
        assert!(mail.text.contains("parcel") && mail.html.contains("lang=\"en\""), "{}\n{}", mail.text, mail.html);
    }

    fn a_provider_gets_a_signed_message_once_and_a_refusal_opens_the_next_way(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let (url, told) = provider(&[500, 200, 400]);
        let hook = |url: &str| world.run(&world.cast.owner, "outreach_hook.save", json!({ "channel": "sms", "url": url, "secret": SECRET }));
        assert_eq!(hook("http://sms.example/x"), Err(Code::BadValue), "numbers travel over https only");
        hook(&url).expect("a provider");
        world.move_to("2026-03-02", "10:00");
        let case_id = open(&world, "case", &buyer);
        tried(&world, &world.cast.ann, &asked(&world, &case_id), "sent");
        wait_until(&world, "2026-03-02", "12:00");
        let (_, first) = told.recv().expect("a message");
        world.clock.advance(MINUTE);
        world.drain();
        let (head, body) = told.recv().expect("again, because the first was not taken");
        assert_eq!(first, body, "the same message with the same id");
        let message: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!((message["phone"].as_str(), message["channel"].as_str()), (Some(PHONE), Some("sms")));
        assert!(message["text"].as_str().expect("a text").contains("请确认地址"), "{message}");
        let at = header(&head, "x-dutyboard-timestamp");
        let signed = signature::is_signed(SECRET.as_bytes(), at, header(&head, "x-dutyboard-signature"), body.as_bytes(), world.now());
        assert!(signed && world.mails().is_empty(), "a text message is as good as a mail");
        assert_eq!(stands(&world, &case_id).2, "sms");

        let args = opened(&world, "other", &buyer, "stock_out");
        world.run(&world.cast.ann, "outreach.open", args).expect("a case");
        let other = id("other");
        tried(&world, &world.cast.ann, &asked(&world, &other), "sent");
        world.move_to("2026-03-02", "14:30");
        world.tick();
        told.recv().expect("a message");
        world.drain();
        assert_eq!(stands(&world, &other).2, "email", "refused for good: the next way of the same step");
        assert!(log(&world, &other).contains(&("sms".into(), "failed".into())));
    }

    fn a_preview_tells_what_happens_and_what_is_wrong(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let server = Running::start(&world);
        let sup = server.sign_in("sup_1");
        let why = reason(&world, "parcel_problem");
        let chain_id = world.read(|conn| store::reason(conn, &world.cast.workspace, &why)).expect("a reason").chain_id;
        let at = crate::harness::world::at("2026-03-02", "10:00");
        let ask = json!({ "chain_id": chain_id, "shop_id": null, "reason_id": why, "customer_id": buyer, "at": at });
        let seen = sup.post("/api/v1/outreach/preview", &ask).json();
        let channels: Vec<&str> = seen["plan"].as_array().expect("a plan").iter().filter_map(|line| line["channel"].as_str()).collect();
        assert_eq!(channels, ["im", "email", "phone", "phone", "supervisor", "supervisor"]);
        assert_eq!(seen["faults"], json!([]));
        let broken = json!({ "steps": [step("a", &[])], "shop_id": null, "reason_id": null, "customer_id": null });
        let seen = sup.post("/api/v1/outreach/preview", &broken).json();
        assert_eq!((&seen["faults"][0]["code"], &seen["plan"]), (&json!("no_channel"), &json!([])));
        for far in [253_402_300_799_999, at - 400 * 24 * 60 * MINUTE, i64::MIN] {
            let mut ask = ask.clone();
            ask["at"] = json!(far);
            assert_eq!(sup.post("/api/v1/outreach/preview", &ask).code(), "bad_time", "{far}");
        }
        let eva = server.sign_in("eva");
        assert_eq!(eva.post("/api/v1/outreach/preview", &ask).status, 404, "another team's buyer");
        assert_eq!(eva.get(&format!("/api/v1/customers/{buyer}/outreach")).status, 404);
        open(&world, "case", &buyer);
        assert_eq!(sup.get(&format!("/api/v1/customers/{buyer}/outreach")).json()["cases"].as_array().map(Vec::len), Some(1));
    }

    fn an_erased_buyer_leaves_no_case_behind(engine) {
        let world = World::new(engine);
        let buyer = desk(&world);
        let case_id = open(&world, "case", &buyer);
        world.run(&world.cast.sup_1, "customer.erase", json!({ "id": buyer, "reason": "asked" })).expect("erased");
        assert!(world.read(|conn| store::find(conn, &world.cast.workspace, &case_id)).is_none());
        assert_eq!(log(&world, &case_id), []);
        world.tick();
        assert_eq!(world.run(&world.cast.ann, "outreach.close", json!({ "id": case_id, "reason": "x" })), Err(Code::Gone));
    }
}

fn store_len(world: &World) -> usize {
    world.read(|conn| store::chains(conn, &world.cast.workspace)).len()
}
