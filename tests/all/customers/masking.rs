//! Who sees a buyer's number: in pulls, over REST, in the history, in what is logged.

use super::{ADDRESS, EMAIL, PHONE, buyer, logged, monthly, promise};
use crate::harness::world::at;
use crate::harness::{Client, PASSWORD, Phone, Program, Running, World, both_engines, free_address};
use diesel::prelude::*;
use dutyboard::db::schema::{audit, mutation_log};
use dutyboard::kit::refusal::Code;
use serde_json::json;

/// Everything a person's phone holds, as text.
fn held(world: &World, user: &str) -> String {
    let mut phone = Phone::new(user, &format!("phone of {user}"));
    phone.pull(world);
    phone.now.view.iter().map(|(key, body)| format!("{key} {body}\n")).collect()
}

fn shows(text: &str) -> bool {
    [PHONE, EMAIL, ADDRESS, &PHONE[3..]].iter().any(|secret| text.contains(secret))
}

both_engines! {
    fn only_who_is_to_call_holds_the_number(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let id = buyer(&world, &cast.ann, "小鹿");
        let people = [&cast.owner, &cast.sup_1, &cast.ann, &cast.bea, &cast.sup_2, &cast.eva];
        for user in people {
            assert!(!held(&world, user).contains("小鹿"), "nobody has to do with this buyer: no phone holds the card");
        }
        let callback = promise(&world, &cast.ann, "promise", &id, at("2026-03-02", "16:30"));
        let seeing = people.map(|user| (held(&world, user).contains("小鹿"), shows(&held(&world, user))));
        let expected = [(true, false), (true, false), (true, true), (true, false), (false, false), (false, false)];
        assert_eq!(seeing, expected, "card, number: owner, supervisor, who promised, colleague, the other team");
        assert!(held(&world, &cast.bea).contains("138****5678") && held(&world, &cast.bea).contains("l***@example.com"));

        // Handed on, the number goes with it.
        world.run(&cast.ann, "callback.hand", json!({ "id": callback, "to": cast.bea })).expect("handed");
        assert_eq!((shows(&held(&world, &cast.ann)), shows(&held(&world, &cast.bea))), (false, true));
        // Kept, nobody needs it any more.
        world.run(&cast.bea, "contact.log", logged("call", &id, Some(&callback), "reached")).expect("called");
        assert!(people.iter().all(|user| !shows(&held(&world, user))));
        // The agent of a VIP may always call.
        let care = json!({ "id": id, "tier": monthly(&world), "owner_id": cast.cai, "ideal_days": null, "longest_days": null });
        world.run(&cast.sup_1, "customer.care", care).expect("a VIP");
        assert_eq!((shows(&held(&world, &cast.cai)), shows(&held(&world, &cast.sup_1))), (true, false));
    }

    fn the_server_masks_and_remembers_who_looked(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let id = buyer(&world, &cast.ann, "小鹿");
        let server = Running::start(&world);
        let path = format!("/api/v1/customers/{id}");
        for login in ["owner", "sup_1", "ann", "bea"] {
            let client = server.sign_in(login);
            for fragment in ["小鹿", "5678", "138", PHONE, EMAIL, "@EXAMPLE.com", "老客"] {
                let found = client.get(&format!("/api/v1/customers?q={}", urlencode(fragment)));
                assert_eq!(found.json().as_array().map(Vec::len), Some(1), "{login} finds {fragment}");
                assert!(!shows(&found.text()), "{login} searches {fragment}");
            }
            // Otherwise ten questions for each digit would tell the number.
            for fragment in ["12345", "45678", "1381", "lin.x", "xiaolu@", &PHONE[1..], "文三路"] {
                assert_eq!(client.get(&format!("/api/v1/customers?q={}", urlencode(fragment))).json(), json!([]), "{fragment} is masked");
            }
            assert!(client.get(&path).status == 200 && !shows(&client.get(&path).text()), "{login} reads the file");
            assert_eq!(client.post(&format!("{path}/reveal"), &json!({})).code(), "reason_required");
        }
        for login in ["sup_2", "eva"] {
            let client = server.sign_in(login);
            assert_eq!(client.get("/api/v1/customers?q=5678").json(), json!([]), "{login} is of another team");
            assert_eq!(client.get(&path).code(), "not_found");
            assert_eq!(client.post(&format!("{path}/reveal"), &json!({ "reason": "curious" })).code(), "gone");
        }
        let shown = server.sign_in("bea").post(&format!("{path}/reveal"), &json!({ "reason": "buyer wrote in the chat" }));
        assert_eq!((shown.status, shown.json()["phone"].as_str()), (200, Some(PHONE)));
        let sup = server.sign_in("sup_1");
        let looks = sup.get(&format!("/api/v1/history/reach/{id}"));
        assert!(looks.text().contains("buyer wrote in the chat") && !shows(&looks.text()), "{}", looks.text());
        assert!(looks.json()[0]["actor_id"] == json!(cast.bea));
        assert!(!shows(&sup.get(&format!("/api/v1/history/customer/{id}")).text()));
    }

    fn no_log_names_a_buyer(engine) {
        let scratch = engine.founded();
        let path = scratch.dir.path().join("log");
        let log = std::fs::File::create(&path).expect("a log file");
        let server = Program::logging(&scratch, free_address(), "debug", log.into());
        let mut sup = Client::new(server.address);
        assert_eq!(sup.login("sup_1", PASSWORD).status, 200);
        let id = crate::customers::id("小鹿");
        for (name, args, status) in [
            ("customer.save", json!({ "id": id, "nick": "小鹿爱喝茶", "notes": "likes 龙井" }), 200),
            ("customer.reach", json!({ "id": id, "phone": PHONE, "email": EMAIL, "address": ADDRESS }), 200),
            ("customer.reach", json!({ "id": id, "phone": format!("{PHONE} or so") }), 422),
        ] {
            assert_eq!(sup.command(name, args).status, status, "{name}");
        }
        for fragment in [PHONE, EMAIL, "小鹿", "5678"] {
            assert_eq!(sup.get(&format!("/api/v1/customers?q={}", urlencode(fragment))).json().as_array().map(Vec::len), Some(1));
        }
        assert_eq!(sup.post(&format!("/api/v1/customers/{id}/reveal"), &json!({ "reason": "小鹿" })).status, 200);
        assert_eq!(sup.post(&format!("/api/v1/customers/{id}/export"), &json!({ "reason": "小鹿" })).status, 200);
        let sheet = format!("昵称,姓名,手机,邮箱,收货地址,标签,备注\r\n小鹿二,,{PHONE},,{ADDRESS},,\r\n小鹿三,,打 {PHONE},,,,\r\n");
        let team = crate::harness::Cast::default().team_1;
        for path in ["/api/v1/imports/preview".to_owned(), format!("/api/v1/imports?team_id={team}")] {
            assert_eq!(sup.send("POST", &path, &[("Content-Type", "application/octet-stream")], sheet.as_bytes()).status, 200);
        }
        assert_eq!(sup.command("customer.erase", json!({ "id": id, "reason": "小鹿" })).status, 200);
        drop(server);
        let log = std::fs::read_to_string(&path).expect("a log");
        assert!(log.contains("answered"), "requests are in it");
        let coded = urlencode("小鹿");
        for secret in [PHONE, EMAIL, ADDRESS, "小鹿", "龙井", "5678", coded.as_str()] {
            assert!(!log.contains(secret), "the log names {secret}");
        }
    }

    fn no_number_is_kept_where_it_is_not_needed(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let mut phone = Phone::new(&cast.ann, "phone");
        let id = crate::customers::id("小鹿");
        phone.write(0, "customer.save", json!({ "id": id, "nick": "小鹿" }), None);
        phone.write(0, "customer.reach", json!({ "id": id, "phone": PHONE, "email": EMAIL, "address": ADDRESS }), None);
        phone.push(&world).expect("pushed");
        let (history, log): (Vec<Option<String>>, Vec<Option<String>>) = world.read(|conn| {
            let bodies: Vec<(Option<String>, Option<String>)> = audit::table.select((audit::before_body, audit::after_body)).load(conn)?;
            Ok((bodies.into_iter().flat_map(|(a, b)| [a, b]).collect(), mutation_log::table.select(mutation_log::args).load(conn)?))
        });
        assert!(!history.iter().chain(&log).flatten().any(|text| shows(text)));
        assert_eq!(world.run(&cast.ann, "customer.reach", json!({ "id": id, "phone": "call me" })), Err(Code::BadValue));
    }
}

fn urlencode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
