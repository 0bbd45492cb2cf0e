//! Mails to buyers: in their hours, not too many at once, taken back in time, and what comes back from them.

use crate::harness::post_office::turned_away;
use crate::harness::world::at;
use crate::harness::{HOUR, MINUTE, World, both_engines};
use diesel::prelude::*;
use dutyboard::config::MailLimits;
use dutyboard::db::AnyConnection;
use dutyboard::db::schema::{job, mail};
use dutyboard::jobs::{self, JobError};
use dutyboard::kit::ids;
use dutyboard::mail::buyer::{self, BuyerMail};
use dutyboard::mail::mailer::Sent;
use serde_json::{Value, json};

const SECOND: i64 = 1_000;

pub fn draft(name: &str) -> BuyerMail {
    BuyerMail {
        id: ids::derived(&["mail", name]),
        customer_id: ids::derived(&["buyer", name]),
        to_address: format!("{name}@tea.example"),
        to_name: "林小鹿".into(),
        locale: "zh-CN".into(),
        subject: "您的龙井到了".into(),
        paragraphs: vec!["您好，".into(), "今年的龙井到了。".into()],
        reason_line: "您在本店下过单。".into(),
        thread: None,
        window: (0, 24 * 60),
        from_name: "山茶, 店".into(),
        reply_to: Some("shop@tea.example".into()),
    }
}

pub fn put(world: &World, draft: BuyerMail) {
    let (workspace, now) = (world.cast.workspace.clone(), world.now());
    world.app.door.upkeep(move |conn| buyer::put(conn, &workspace, now, &draft)).expect("in the outbox");
}

/// Sends one mail as its job does, and leaves what follows in the queue.
pub fn send(world: &World, name: &str) -> Result<(), JobError> {
    let payload = json!({ "mail_id": ids::derived(&["mail", name]) });
    world.block_on(jobs::run(&world.app, &world.cast.workspace, "mail.send", &payload))
}

pub fn state(world: &World, name: &str) -> String {
    let row = (world.cast.workspace.clone(), ids::derived(&["mail", name]));
    world.read(|conn| Ok(mail::table.find(row).select(mail::state).get_result(conn)?))
}

/// What waits to be told to the rooms above.
pub fn told(world: &World, kind: &str) -> Vec<Value> {
    let kind = kind.to_owned();
    let read = |conn: &mut AnyConnection| {
        let rows = job::table.filter(job::kind.eq(kind)).order((job::created_at, job::id)).select(job::payload);
        Ok(rows.load::<String>(conn)?)
    };
    world.read(read).iter().map(|payload| serde_json::from_str(payload).expect("JSON")).collect()
}

pub fn states(world: &World) -> Vec<Value> {
    told(world, "outreach.mailed").into_iter().map(|said| said["state"].clone()).collect()
}

fn when(mails: &[Sent]) -> Vec<i64> {
    mails.iter().map(|mail| mail.date_ms).collect()
}

/// No minute holds more than the limit.
fn assert_pace(times: &[i64], limit: usize, whose: &str) {
    for (first, from) in times.iter().enumerate() {
        let within = times[first..].iter().take_while(|at| **at < from + MINUTE).count();
        assert!(within <= limit, "{whose}: {within} in the minute from {from}: {times:?}");
    }
}

fn domain(mail: &Sent) -> &str {
    mail.to.rsplit('@').next().unwrap_or_default()
}

both_engines! {
    fn a_mail_to_a_buyer_is_the_shops(engine) {
        let world = World::new(engine);
        put(&world, draft("ann"));
        let first = buyer::message_id(&draft("ann").id);
        put(&world, BuyerMail { thread: Some(first.clone()), locale: "en".into(), ..draft("again") });
        send(&world, "ann").expect("sent");
        send(&world, "again").expect("sent");
        let mails = world.mails();
        let [one, two] = &mails[..] else { panic!("two mails: {mails:?}") };
        assert_eq!((one.message_id.as_str(), one.subject.as_str()), (first.as_str(), "您的龙井到了"));
        assert!(one.from.contains("山茶") && one.from.contains("desk@example.com"), "{}", one.from);
        assert!(one.text.contains("今年的龙井到了。") && one.text.contains("您在本店下过单。"), "{}", one.text);
        let link = one.stop_link.as_deref().expect("a link that ends these mails");
        assert!(link.starts_with("http://desk.example/stop/") && one.text.contains(link) && one.html.contains(link));
        assert!(!format!("{}{}", one.text, one.html).contains("值班台"), "no word of the product");
        assert_eq!((two.subject.as_str(), two.thread.as_ref()), ("Re: 您的龙井到了", Some(&first)));
        assert!(two.stop_link.is_some() && !two.html.contains("Dutyboard"), "{}", two.text);
        let kept = world.read(|conn| Ok(mail::table.select((mail::to_address, mail::to_name, mail::vars)).load::<(String, String, String)>(conn)?));
        assert!(kept.iter().all(|row| *row == (String::new(), String::new(), "{}".to_owned())), "{kept:?}");
        assert_eq!(states(&world), ["sent", "sent"]);
        send(&world, "ann").expect("nothing to do");
        assert_eq!((world.mails().len(), states(&world).len()), (2, 2), "once");
    }

    fn mails_leave_only_in_their_hours(engine) {
        let world = World::new(engine);
        world.drain();
        world.move_to("2026-03-02", "21:00");
        for name in ["a", "b"] {
            put(&world, BuyerMail { window: (9 * 60, 20 * 60), ..draft(name) });
        }
        let opens = at("2026-03-03", "09:00");
        assert_eq!(send(&world, "a"), Err(JobError::Later(opens)));
        for _ in 0..11 {
            world.drain();
            assert_eq!(world.mails().len(), 0);
            world.clock.advance(HOUR);
        }
        world.move_to("2026-03-03", "09:00");
        world.drain();
        assert_eq!(when(&world.mails()), [opens, opens]);
        let tries = world.read(|conn| Ok(job::table.filter(job::kind.eq("mail.send")).count().get_result::<i64>(conn)?));
        assert_eq!(tries, 0, "waiting cost no tries");
    }

    fn no_minute_holds_more_than_the_limits_and_nobody_starves(engine) {
        let world = World::new(engine).with(|config| config.mail_limits = MailLimits { per_minute: 10, per_domain: 4 });
        world.drain();
        let domains = ["qq.com", "163.com", "tea.example", "QQ.com"];
        for n in 0..60_usize {
            put(&world, BuyerMail { to_address: format!("n{n}@{}", domains[if n < 40 { 0 } else { n % 4 }]), ..draft(&format!("n{n}")) });
        }
        let mut steps = 0;
        while world.mails().len() < 60 {
            world.drain();
            world.clock.advance(7 * SECOND);
            steps += 1;
            assert!(steps < 60 * 3, "{} left after {steps} steps", world.mails().len());
        }
        let mails = world.mails();
        assert_pace(&when(&mails), 10, "all");
        for one in ["qq.com", "163.com", "tea.example"] {
            let theirs: Vec<Sent> = mails.iter().filter(|mail| domain(mail).eq_ignore_ascii_case(one)).cloned().collect();
            assert_pace(&when(&theirs), 4, one);
        }
        let others = mails.iter().position(|mail| domain(mail) == "163.com").expect("sent");
        assert!(others < 15, "a busy domain does not hold up the others: {others}");
    }

    fn two_servers_keep_one_limit(engine) {
        let world = World::new(engine).with(|config| config.mail_limits = MailLimits { per_minute: 5, per_domain: 0 });
        world.drain();
        let mut other = world.another_server();
        std::sync::Arc::get_mut(&mut other).expect("nobody else holds it").config.mail_limits = world.app.config.mail_limits;
        for n in 0..12 {
            put(&world, draft(&format!("n{n}")));
        }
        std::thread::scope(|scope| {
            for app in [&world.app, &other] {
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(jobs::runner::drain(app, &ids::fresh())).expect("the queue")
                });
            }
        });
        let sent = |world: &World| world.read(|conn| Ok(mail::table.filter(mail::state.eq("sent")).count().get_result::<i64>(conn)?));
        assert_eq!(sent(&world), 5);
        world.clock.advance(MINUTE);
        world.drain();
        assert_eq!(sent(&world), 10);
    }

    fn a_mail_taken_back_never_leaves(engine) {
        let world = World::new(engine);
        world.drain();
        let take_back = |name: &str| {
            let (workspace, id) = (world.cast.workspace.clone(), ids::derived(&["mail", name]));
            world.app.door.upkeep(move |conn| buyer::cancel(conn, &workspace, &id)).expect("an answer")
        };
        put(&world, draft("regret"));
        put(&world, draft("gone"));
        send(&world, "gone").expect("sent");
        assert!(take_back("regret") && !take_back("regret") && !take_back("gone"));
        world.drain();
        assert_eq!((world.mails().len(), state(&world, "regret").as_str(), state(&world, "gone").as_str()), (1, "cancelled", "sent"));
        world.tamper(&format!("UPDATE mail SET state = 'sending' WHERE id = '{}'", ids::derived(&["mail", "gone"])));
        assert!(!take_back("gone"), "what may have left is not taken back");
        send(&world, "gone").expect("nothing to do");
        assert_eq!((world.mails().len(), state(&world, "gone").as_str()), (1, "cancelled"), "but it is not tried again");
    }

    fn a_mail_that_is_taken_back_on_its_way_and_does_not_get_through_never_leaves(engine) {
        let mut world = World::new(engine);
        world.drain();
        put(&world, draft("late"));
        let take_back = |world: &World| {
            let workspace = world.cast.workspace.clone();
            let taken = world.app.door.upkeep(move |conn| buyer::cancel(conn, &workspace, &draft("late").id));
            assert!(!taken.expect("a statement"), "it might have left");
        };
        turned_away(&mut world, take_back, |world| send(world, "late").expect("there is no next try"));
        assert_eq!((state(&world, "late").as_str(), states(&world)), ("cancelled", vec![json!("cancelled")]));
    }

    fn a_refused_mail_is_told_and_no_dead_letter(engine) {
        let world = World::new(engine);
        world.drain();
        put(&world, BuyerMail { to_address: "no address at all".into(), ..draft("lost") });
        send(&world, "lost").expect("nothing an owner could repair");
        assert_eq!(state(&world, "lost"), "failed");
        let said = &told(&world, "outreach.mailed")[0];
        assert_eq!((&said["state"], &said["permanent"]), (&json!("failed"), &json!(true)));
        assert_eq!((&said["mail_id"], &said["customer_id"]), (&json!(draft("lost").id), &json!(draft("lost").customer_id)));
    }
}
