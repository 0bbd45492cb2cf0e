//! Robots of group chats: written to the way each wants it, again when they are busy, and never heard of in the clear.

use super::outside::Outside;
use super::{held, id, told, ways};
use crate::harness::dump::dump;
use crate::harness::{HOUR, Phone, World, both_engines};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use dutyboard::db::schema::job;
use dutyboard::kit::refusal::Code;
use dutyboard::kit::signature;
use serde_json::{Value, json};

const OK: &str = r#"{"errcode":0,"code":0,"errmsg":"ok"}"#;
const SECRET: &str = "SEC0123456789";

fn robot(kind: &str, url: &str, secret: &str) -> Value {
    json!({ "id": id(kind), "kind": kind, "name": kind, "url": format!("{url}/{kind}?key=h1dd3n"), "secret": secret, "enabled": true })
}

both_engines! {
    fn every_robot_hears_it_once_and_signed(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let chat = Outside::open(OK);
        for kind in ["dingtalk", "feishu", "wecom"] {
            world.run(&cast.sup_1, "robot.save", robot(kind, &chat.url, SECRET)).expect("a robot");
        }
        for _ in 0..2 {
            world.system("notice.tell", told("late", &[&cast.ann, &cast.bea], &cast.team_1, true)).expect("told");
            world.drain();
        }
        let posted = chat.posted();
        assert_eq!(posted.len(), 3);
        let text = "【值班台】回访超时：小鹿\n→ ";
        for one in &posted {
            let body = one.json();
            assert_eq!(one.headers["content-type"], "application/json; charset=utf-8");
            if one.path.starts_with("/dingtalk") {
                let (at, sign) = (one.query("timestamp"), one.query("sign").replace("%2B", "+").replace("%2F", "/").replace("%3D", "="));
                assert_eq!((at.clone(), one.query("key")), (world.now().to_string(), "h1dd3n".into()));
                assert_eq!(sign, STANDARD.encode(signature::hmac(SECRET.as_bytes(), format!("{at}\n{SECRET}").as_bytes())));
                assert!(body["text"]["content"].as_str().expect("text").starts_with(text), "{body}");
            } else if one.path.starts_with("/feishu") {
                let at = body["timestamp"].as_str().expect("seconds");
                assert_eq!(at, (world.now() / 1000).to_string());
                assert_eq!(body["sign"], STANDARD.encode(signature::hmac(format!("{at}\n{SECRET}").as_bytes(), b"")));
                assert!(body["content"]["text"].as_str().expect("text").starts_with(text), "{body}");
            } else {
                assert_eq!(one.path, "/wecom?key=h1dd3n");
                assert!(body["text"]["content"].as_str().expect("text").contains("ann"), "{body}");
            }
        }
        let expected = ["app waiting", "mail none", "push none", "robot delivered", "robot delivered", "robot delivered"];
        for to in [&cast.ann, &cast.bea] {
            assert_eq!(ways(&world, &cast.sup_1, to, "callback_overdue"), expected);
        }
    }

    fn a_busy_robot_is_asked_again(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let chat = Outside::open(OK);
        world.run(&cast.sup_1, "robot.save", robot("feishu", &chat.url, "")).expect("a robot");
        chat.answer(500, "");
        chat.answer(200, r#"{"code":9499,"msg":"too many request"}"#);
        world.system("notice.tell", told("late", &[&cast.ann], &cast.team_1, true)).expect("told");
        world.drain();
        assert_eq!(chat.posted().len(), 1);
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue")[3], "robot waiting");
        let row = held(&world, &cast.sup_1).into_iter().find(|row| row["to_id"] == cast.ann.as_str()).expect("told");
        assert_eq!(row["routes"][3]["why"], "status 500");
        for left in [1, 1, 0] {
            world.clock.advance(HOUR / 3);
            world.drain();
            assert_eq!(chat.posted().len(), left);
        }
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue")[3], "robot delivered");
    }

    fn a_robot_that_says_no_or_nothing_is_given_up(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let chat = Outside::open(OK);
        world.run(&cast.sup_1, "robot.save", robot("wecom", &chat.url, "")).expect("a robot");
        chat.answer(200, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#);
        chat.answer(302, "");
        for (key, why) in [("one", "errcode 93000"), ("two", "status 302")] {
            world.system("notice.tell", told(key, &[&cast.bea], &cast.team_1, true)).expect("told");
            world.drain();
            let rows = held(&world, &cast.bea);
            let found = rows.iter().find(|row| row["routes"][3]["why"] == why).unwrap_or_else(|| panic!("{why}: {rows:?}"));
            assert_eq!(found["routes"][3]["state"], "failed");
        }
        assert_eq!(chat.posted().len(), 2, "a redirect is not followed");
        let nobody = json!({ "id": id("wecom"), "kind": "wecom", "name": "n", "url": "http://127.0.0.1:1/x", "enabled": true });
        world.run(&cast.sup_1, "robot.save", nobody).expect("moved");
        world.system("notice.tell", told("three", &[&cast.ann], &cast.team_1, true)).expect("told");
        for _ in 0..10 {
            world.drain();
            world.clock.advance(HOUR);
        }
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue")[3], "robot failed");
        let jobs: i64 = world.read(|conn| Ok(job::table.filter(job::kind.eq("notice.deliver")).count().get_result(conn)?));
        assert_eq!(jobs, 0, "no dead letter: its sender sees it");
    }

    fn a_test_goes_to_one_robot_and_comes_back_to_oneself(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let chat = Outside::open(OK);
        world.run(&cast.sup_1, "robot.save", json!({ "id": id("off"), "kind": "wecom", "name": "早班群", "url": chat.url, "enabled": false })).expect("a robot");
        world.run(&cast.sup_1, "robot.test", json!({ "id": id("off") })).expect("tried");
        world.drain();
        assert_eq!(chat.posted()[0].json()["text"]["content"], "【值班台】早班群：机器人可以用了\nhttp://desk.example/#/robots");
        assert_eq!(ways(&world, &cast.sup_1, &cast.sup_1, "robot_test"), ["app waiting", "robot delivered"]);
        world.system("notice.tell", told("late", &[&cast.ann], &cast.team_1, true)).expect("told");
        world.drain();
        assert_eq!(chat.posted().len(), 0, "switched off");
        assert_eq!(world.run(&cast.sup_2, "robot.test", json!({ "id": id("off") })), Err(Code::NotInTeam));
    }

    fn words_for_some_are_not_for_the_chat(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let chat = Outside::open(OK);
        world.run(&cast.sup_1, "robot.save", robot("wecom", &chat.url, "")).expect("a robot");
        world.run(&cast.sup_1, "notice.send", json!({ "id": id("some"), "text": "来一下", "to": [cast.ann] })).expect("sent");
        world.drain();
        assert_eq!(chat.posted().len(), 0);
        world.run(&cast.sup_1, "notice.send", json!({ "id": id("all"), "text": "开会" })).expect("sent");
        world.drain();
        assert_eq!(chat.posted()[0].json()["text"]["content"], "【值班台】sup_1 的通知\n开会\nhttp://desk.example/#/notices");
    }

    fn address_and_secret_stay_where_they_are(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let save = |by: &str, args: Value| world.run(by, "robot.save", args).map(drop);
        let h1dd3n = json!({ "id": id("r"), "kind": "dingtalk", "name": "群", "url": "https://chat.test/hook?key=h1dd3n", "secret": SECRET, "enabled": true });
        assert_eq!(save(&cast.sup_1, h1dd3n), Ok(()));
        assert_eq!(save(&cast.sup_1, json!({ "id": id("r"), "kind": "dingtalk", "name": "早班群", "enabled": true })), Ok(()));
        let mut phone = Phone::new(&cast.sup_1, "desk");
        phone.pull(&world);
        let seen = json!({ "id": id("r"), "team_id": cast.team_1, "kind": "dingtalk", "name": "早班群", "host": "chat.test", "has_secret": true, "enabled": true });
        assert_eq!(phone.rows("robot"), [seen], "left out is left as it was");
        for other in [&cast.ann, &cast.sup_2] {
            let mut phone = Phone::new(other, other);
            phone.pull(&world);
            assert!(phone.rows("robot").is_empty());
        }
        // Refused changes are kept for their author, but not these.
        for url in ["http://chat.test/h1dd3n", "ftp://h1dd3n", "https://user:h1dd3n@chat.test/", "h1dd3n"] {
            let bad = json!({ "id": id("x"), "kind": "feishu", "name": "n", "url": url, "secret": SECRET, "enabled": true });
            assert_eq!(save(&cast.sup_1, bad.clone()), Err(Code::BadValue), "{url}");
            phone.write(0, "robot.save", bad, None);
        }
        phone.push(&world).expect("pushed");
        for (table, lines) in dump(&world) {
            let text = lines.concat();
            let found = ["h1dd3n", SECRET].iter().filter_map(|secret| text.find(secret)).next();
            let about = found.map(|at| text.chars().skip(text[..at].chars().count().saturating_sub(300)).take(400).collect::<String>());
            assert!(table == "robot" || found.is_none(), "{table}: {about:?}");
        }
        assert_eq!(save(&cast.sup_2, json!({ "id": id("r"), "kind": "wecom", "name": "n", "enabled": true })), Err(Code::NotInTeam));
        assert_eq!(world.run(&cast.sup_2, "robot.drop", json!({ "id": id("r") })), Err(Code::NotInTeam));
        world.run(&cast.sup_1, "robot.drop", json!({ "id": id("r") })).expect("dropped");
        phone.pull(&world);
        assert!(phone.rows("robot").is_empty());
    }
}
