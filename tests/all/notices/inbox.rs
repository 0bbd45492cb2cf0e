//! Own words and the system's, seen and unseen, once and for a while.

use super::{give_mailbox, held, id, told, ways};
use crate::harness::{HOUR, MINUTE, Phone, World, both_engines};
use dutyboard::kit::refusal::Code;
use serde_json::json;

both_engines! {
    fn a_sender_sees_by_which_ways_it_came(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        give_mailbox(&world, &cast.ann, "ann@example.com");
        let words = json!({ "id": id("early"), "text": "明天提前半小时到岗", "to": [cast.ann] });
        world.run(&cast.sup_1, "notice.send", words.clone()).expect("sent");
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "message"), ["app waiting", "mail waiting", "push none"]);
        world.drain();
        let mails = world.mails();
        assert_eq!((mails.len(), mails[0].to.as_str(), mails[0].subject.as_str()), (1, "ann@example.com", "sup_1 的通知"));
        assert!(mails[0].text.contains("明天提前半小时到岗") && mails[0].text.contains("/#/notices"), "{}", mails[0].text);
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "message"), ["app waiting", "mail delivered", "push none"]);
        let notice = held(&world, &cast.ann)[0]["id"].clone();
        assert_eq!(world.run(&cast.bea, "notice.seen", json!({ "ids": [notice] })), Err(Code::Gone));
        world.run(&cast.ann, "notice.seen", json!({ "ids": [notice] })).expect("seen");
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "message"), ["app delivered", "mail delivered", "push none"]);
        assert_eq!(held(&world, &cast.ann)[0]["seen_at"], world.now());
        assert!(held(&world, &cast.bea).is_empty() && held(&world, &cast.sup_2).is_empty(), "nobody else's business");
        assert_eq!(world.run(&cast.sup_1, "notice.send", words), Err(Code::Conflict));
    }

    fn what_was_seen_is_not_mailed(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        give_mailbox(&world, &cast.ann, "ann@example.com");
        world.run(&cast.sup_1, "notice.send", json!({ "id": id("a"), "text": "t", "to": [cast.ann] })).expect("sent");
        let notice = held(&world, &cast.ann)[0]["id"].clone();
        world.run(&cast.ann, "notice.seen", json!({ "ids": [notice] })).expect("seen");
        world.drain();
        assert_eq!(world.mails().len(), 0);
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "message"), ["app delivered", "mail none", "push none"]);
    }

    fn a_mail_that_is_refused_says_so(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        give_mailbox(&world, &cast.ann, "ann@example.com");
        world.run(&cast.sup_1, "notice.send", json!({ "id": id("a"), "text": "t", "to": [cast.ann] })).expect("sent");
        let mut jobs = std::iter::from_fn(|| world.claim("test"));
        let job = jobs.find(|job| job.kind == "notice.deliver").expect("the job that writes the mail");
        let payload = serde_json::from_str(&job.payload).expect("JSON");
        world.block_on(dutyboard::jobs::run(&world.app, &job.workspace_id, &job.kind, &payload)).expect("written");
        world.finish(&job, "test");
        world.tamper("UPDATE mail SET to_address = 'nobody'");
        world.drain();
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "message"), ["app waiting", "mail failed", "push none"]);
    }

    fn the_same_key_is_told_once(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        give_mailbox(&world, &cast.ann, "ann@example.com");
        for _ in 0..2 {
            world.system("notice.tell", told("late 1", &[&cast.ann, &cast.ann], &cast.team_1, true)).expect("told");
            world.drain();
        }
        assert_eq!((held(&world, &cast.ann).len(), world.mails().len()), (1, 1));
        world.system("notice.tell", told("late 1", &[&cast.ann, &cast.sup_1], &cast.team_1, true)).expect("climbed");
        world.drain();
        let rows = held(&world, &cast.sup_1);
        let late: Vec<_> = rows.iter().filter(|row| row["kind"] == "callback_overdue").collect();
        assert_eq!(late.len(), 2, "hers and what ann was told");
        assert_eq!(world.mails().len(), 1, "ann is not told again");
    }

    fn who_hears_nothing_is_a_matter_for_supervisors(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        for key in ["one", "two"] {
            world.system("notice.tell", told(key, &[&cast.ann], &cast.team_1, false)).expect("told");
        }
        assert_eq!(held(&world, &cast.ann).len(), 2, "it is in the app all the same");
        assert_eq!(ways(&world, &cast.sup_1, &cast.sup_1, "no_channel"), ["app waiting", "mail none", "push none"]);
        let rows = held(&world, &cast.sup_1);
        let warning = rows.iter().find(|row| row["kind"] == "no_channel").expect("a warning");
        assert_eq!((&warning["subject"], &warning["link"]), (&json!("ann"), &json!("#/people")));
        world.move_to("2026-03-03", "09:00");
        world.system("notice.tell", told("three", &[&cast.ann], &cast.team_1, false)).expect("told");
        let warned = held(&world, &cast.sup_1).iter().filter(|row| row["kind"] == "no_channel").count();
        assert_eq!(warned, 2, "once a day");
        assert!(held(&world, &cast.sup_2).is_empty());
    }

    fn who_was_never_here_has_no_way_at_all(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let guest = json!({ "id": id("new"), "name": "新人", "login": "new.one", "email": "new@example.com", "role": "agent", "team_id": cast.team_1, "skill_ids": [], "locale": "zh-CN" });
        world.run(&cast.owner, "person.invite", guest).expect("invited");
        world.system("notice.tell", told("one", &[&id("new")], &cast.team_1, false)).expect("told");
        assert_eq!(ways(&world, &cast.sup_1, &id("new"), "callback_overdue"), ["app none", "mail none", "push none"]);
        assert_eq!(held(&world, &cast.sup_1).iter().filter(|row| row["kind"] == "no_channel").count(), 1);
    }

    fn the_whole_team_but_not_oneself(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        world.run(&cast.sup_1, "notice.send", json!({ "id": id("all"), "text": "开会" })).expect("sent");
        let told = held(&world, &cast.sup_1).iter().filter(|row| row["kind"] == "message").count();
        assert_eq!(told, 5, "the owner, ann, bea, cai, dan");
        let send = |by: &str, args| world.run(by, "notice.send", args).map(drop);
        assert_eq!(send(&cast.sup_1, json!({ "id": id("b"), "text": "x", "team_id": cast.team_2 })), Err(Code::NotInTeam));
        assert_eq!(send(&cast.sup_1, json!({ "id": id("b"), "text": "x", "to": [cast.eva] })), Err(Code::NotInTeam));
        assert_eq!(send(&cast.sup_1, json!({ "id": id("b"), "text": " " })), Err(Code::BadValue));
        assert_eq!(send(&cast.sup_1, json!({ "id": id("b"), "text": "x".repeat(501) })), Err(Code::TooLong));
        assert_eq!(send(&cast.sup_1, json!({ "id": id("b"), "text": "x", "to": [] })), Err(Code::BadValue));
        assert_eq!(send(&cast.owner, json!({ "id": id("b"), "text": "x", "to": [cast.eva] })), Ok(()));
        let outwards = json!({ "key": "k", "to": [cast.ann], "team_id": cast.team_1, "kind": "decision", "level": "due", "subject": { "zh": "s", "en": "s" },
            "link": "https://x", "robot": false, "about": [] });
        assert_eq!(world.system("notice.tell", outwards), Err(Code::BadValue));
    }

    fn two_weeks_and_it_is_gone(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        world.system("notice.tell", told("one", &[&cast.ann], &cast.team_1, false)).expect("told");
        world.move_to("2026-03-16", "06:59");
        world.tick();
        assert_eq!(held(&world, &cast.ann).len(), 1);
        world.clock.advance(2 * MINUTE);
        world.tick();
        assert_eq!(held(&world, &cast.ann).len(), 0);
        let left = crate::harness::dump::dump(&world)["notice"].concat();
        assert!(!left.contains("小鹿"), "{left}");
        world.system("notice.tell", told("one", &[&cast.ann], &cast.team_1, false)).expect("told");
        assert_eq!(held(&world, &cast.ann).len(), 0, "its key is remembered");
        world.clock.advance(105 * 24 * HOUR);
        world.system("notice.tell", told("two", &[&cast.ann], &cast.team_1, false)).expect("told");
        world.clock.advance(15 * 24 * HOUR);
        world.tick();
        assert!(crate::harness::dump::dump(&world)["notice"].len() <= 2, "in the end the row goes, too");
    }

    fn a_phone_marks_as_seen_without_a_network(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        world.system("notice.tell", told("one", &[&cast.ann], &cast.team_1, false)).expect("told");
        let mut phone = Phone::new(&cast.ann, "ann's");
        phone.pull(&world);
        let (ids, at) = (phone.ids("notice"), world.now() + 5 * MINUTE);
        phone.write(0, "notice.seen", json!({ "ids": ids, "at": at }), None);
        world.clock.advance(HOUR);
        phone.push(&world).expect("pushed");
        phone.pull(&world);
        assert_eq!(phone.rows("notice")[0]["seen_at"], at);
    }
}
