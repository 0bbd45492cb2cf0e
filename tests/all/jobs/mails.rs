//! The two mails: an invitation that lets a person in, and "your day tomorrow", once.

use super::boards::fill_roster;
use crate::harness::{MINUTE, Running, World, both_engines};
use diesel::prelude::*;
use dutyboard::db::schema::mail;
use dutyboard::mail::mailer::Sent;
use serde_json::json;

fn to<'a>(mails: &'a [Sent], address: &str) -> Vec<&'a Sent> {
    mails.iter().filter(|mail| mail.to == address).collect()
}

/// The one-time token in a mail's text.
pub fn token(mail: &Sent) -> String {
    let (_, rest) = mail.text.split_once("token=").unwrap_or_else(|| panic!("no link in {}", mail.text));
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

fn newcomer(world: &World, login: &str) -> String {
    let id = dutyboard::kit::ids::derived(&["newcomer", login]);
    let args = json!({ "id": id, "name": "新人", "login": login, "email": format!("{login}@example.com"), "role": "agent",
        "team_id": world.cast.team_1, "skill_ids": [], "locale": "zh-CN" });
    world.run(&world.cast.sup_1, "person.invite", args).expect("an invitation");
    id
}

both_engines! {
    fn an_invitation_lets_a_person_in_once(engine) {
        let world = World::new(engine);
        let person = newcomer(&world, "newcomer");
        world.drain();
        let mails = world.mails();
        let [mail] = to(&mails, "newcomer@example.com")[..] else { panic!("one mail: {mails:?}") };
        assert!(mail.text.contains("newcomer") && mail.html.contains("http://desk.example/"), "{}", mail.text);
        let token = token(mail);

        let server = Running::start(&world);
        let mut phone = server.client();
        let greeting = phone.post("/api/auth/invitation/check", &json!({ "token": token })).json();
        assert_eq!((&greeting["login"], &greeting["name"]), (&json!("newcomer"), &json!("新人")));
        let weak = phone.enter("/api/auth/invitation/accept", &json!({ "token": token, "password": "short" }));
        assert_eq!(weak.code(), "weak_password");
        let accept = json!({ "token": token, "password": "a-good-long-one" });
        let session = phone.enter("/api/auth/invitation/accept", &accept).json();
        assert_eq!(session["user"]["id"], person.as_str());
        assert_eq!(server.client().enter("/api/auth/invitation/accept", &accept).code(), "link_expired", "once");
        assert_eq!(server.client().post("/api/auth/invitation/check", &json!({ "token": token })).code(), "link_expired");
        assert_eq!(server.client().login("newcomer", "a-good-long-one").status, 200);
    }

    fn a_second_invitation_ends_the_first(engine) {
        let world = World::new(engine);
        let person = newcomer(&world, "twice");
        world.drain();
        world.run(&world.cast.sup_1, "person.reinvite", json!({ "id": person })).expect("another");
        world.drain();
        let mails = world.mails();
        let tokens: Vec<String> = to(&mails, "twice@example.com").into_iter().map(token).collect();
        assert_eq!(tokens.len(), 2);
        let server = Running::start(&world);
        let try_with = |token: &str| server.client().post("/api/auth/invitation/check", &json!({ "token": token })).status;
        assert_eq!((try_with(&tokens[0]), try_with(&tokens[1])), (410, 200));
        world.clock.advance(7 * 24 * 60 * MINUTE);
        assert_eq!(try_with(&tokens[1]), 410, "a week later");
    }

    /// A runner that dies between its work and the note that it is done makes the job run again.
    fn an_invitation_whose_job_runs_twice_is_one_mail(engine) {
        let world = World::new(engine);
        world.drain();
        newcomer(&world, "again");
        let lost = world.claim("dies").expect("the job");
        let payload = serde_json::from_str(&lost.payload).expect("JSON");
        world.block_on(dutyboard::jobs::run(&world.app, &world.cast.workspace, &lost.kind, &payload)).expect("the work is done");
        world.clock.advance(dutyboard::jobs::queue::LEASE_MS);
        world.drain();
        let mails = world.mails();
        assert_eq!(to(&mails, "again@example.com").len(), 1, "{:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
    }

    fn a_mail_sent_twice_is_the_same_mail(engine) {
        let world = World::new(engine);
        world.drain();
        newcomer(&world, "echo");
        // The job that writes the mail; then the one that sends it, interrupted after it left.
        let claim = || world.claim("dies").expect("a job");
        let write = claim();
        let payload = |row: &dutyboard::jobs::queue::JobRow| serde_json::from_str(&row.payload).expect("JSON");
        world.block_on(dutyboard::jobs::run(&world.app, &world.cast.workspace, &write.kind, &payload(&write))).expect("written");
        world.finish(&write, "dies");
        world.tamper("UPDATE mail SET state = 'queued'");
        let send = claim();
        assert_eq!(send.kind, "mail.send");
        world.block_on(dutyboard::jobs::run(&world.app, &world.cast.workspace, &send.kind, &payload(&send))).expect("sent");
        world.clock.advance(dutyboard::jobs::queue::LEASE_MS);
        world.drain();
        assert_eq!(to(&world.mails(), "echo@example.com").len(), 1, "what is marked as sent is not sent again");
    }

    fn tomorrow_comes_once_to_whom_it_is_wanted(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 4);
        let cast = world.cast.clone();
        for (person, at) in [(&cast.ann, Some("20:00")), (&cast.bea, Some("21:30")), (&cast.cai, None), (&cast.eva, Some("20:00"))] {
            world.system("person.update", json!({ "id": person, "email": format!("{}@example.com", &person[..8]) })).expect("an address");
            world.run(person, "person.prefs", json!({ "tomorrow_mail_at": at })).expect("a wish");
        }
        world.run(&cast.ann, "person.prefs", json!({ "locale": "en" })).expect("a language");
        // Other mails of the evening are about work that nobody has begun.
        let tomorrows = || -> Vec<Sent> {
            let ids: Vec<String> =
                world.read(|conn| Ok(mail::table.filter(mail::kind.eq("tomorrow")).select(mail::message_id).load(conn)?));
            world.mails().into_iter().filter(|mail| ids.contains(&mail.message_id)).collect()
        };
        let mailed = |person: &str| to(&tomorrows(), &format!("{}@example.com", &person[..8])).len();
        world.move_to("2026-03-02", "19:59");
        world.tick();
        assert_eq!(world.mails().len(), 0, "not before its time");
        for _ in 0..5 {
            world.clock.advance(MINUTE);
            world.tick();
        }
        assert_eq!((mailed(&cast.ann), mailed(&cast.bea), mailed(&cast.cai), mailed(&cast.eva)), (1, 0, 0, 1));
        // Down over bea's time: sent late, still of use. Down over the whole evening: not sent at all.
        world.move_to("2026-03-02", "23:10");
        world.tick();
        assert_eq!(mailed(&cast.bea), 1);
        world.move_to("2026-03-04", "07:00");
        world.tick();
        assert_eq!((mailed(&cast.ann), mailed(&cast.bea)), (1, 1), "yesterday's mail helps nobody");
        world.move_to("2026-03-04", "20:00");
        world.tick();
        assert_eq!((mailed(&cast.ann), mailed(&cast.bea)), (2, 1), "and a new day is a new mail");

        let mails = tomorrows();
        let ann = to(&mails, &format!("{}@example.com", &cast.ann[..8]))[0];
        assert!(ann.text.contains("Tuesday, 3 March") && ann.text.contains("08:30"), "{}", ann.text);
        let ids: std::collections::HashSet<&str> = mails.iter().map(|mail| mail.message_id.as_str()).collect();
        assert_eq!(ids.len(), mails.len(), "every mail has its own Message-ID");
    }
}
