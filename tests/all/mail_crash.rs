//! The real program is killed (`kill -9`) between "mail written" and "mail sent", and between "sent" and "marked as sent". Either
//! way the mail arrives, and whatever arrives twice is the same mail by its Message-ID.

use crate::harness::post_office::{Lock, Mood, PostOffice};
use crate::harness::{Client, engine::Scratch};
use crate::harness::{PASSWORD, Program, both_engines, free_address, open_app};
use diesel::prelude::*;
use dutyboard::db::schema::{job, mail};
use dutyboard::kit::clock::Clock;
use dutyboard::mail::buyer::{self, BuyerMail};
use serde_json::json;

fn invite(server: &Program) {
    let mut owner = Client::new(server.address);
    assert_eq!(owner.login("owner", PASSWORD).status, 200);
    let cast = crate::harness::Cast::default();
    let args = json!({ "id": dutyboard::kit::ids::fresh(), "name": "New", "login": "new.one", "email": "new@example.com", "role": "agent", "team_id": cast.team_1, "skill_ids": [], "locale": "zh-CN" });
    assert_eq!(owner.command("person.invite", args).status, 200);
}

/// A minute passes: leases of the dead have run out, and waiting is over.
fn a_minute_passes(scratch: &Scratch) {
    let (app, _) = open_app(scratch);
    let expire = |conn: &mut dutyboard::db::AnyConnection| {
        Ok(diesel::update(job::table).set((job::leased_until.eq(0), job::due_at.eq(0))).execute(conn)?)
    };
    assert!(app.door.upkeep(expire).expect("the queue") > 0, "the job is still there");
}

/// State of the only mail to the invited person, and how many jobs still want to send one.
fn state(scratch: &Scratch) -> (String, i64) {
    let (app, _) = open_app(scratch);
    let read = |conn: &mut dutyboard::db::AnyConnection| {
        let state = mail::table.filter(mail::to_address.eq("new@example.com")).select(mail::state).get_result(conn)?;
        let left = job::table.filter(job::kind.eq("mail.send")).count().get_result(conn)?;
        Ok((state, left))
    };
    app.db.read(read).expect("one mail")
}

/// Kills the program once the post office has seen an attempt, then lets another one finish the work. What was taken, in order.
fn killed_while(scratch: &Scratch, mood: Mood) -> Vec<String> {
    let office = PostOffice::open(mood, Lock::Clear);
    let env = [("DUTYBOARD_SMTP_URL", office.url.as_str())];
    let mut server = Program::start_with(scratch, free_address(), &env);
    invite(&server);
    let first = office.taken.recv().expect("an attempt");
    server.kill();
    office.become_(Mood::Open);
    a_minute_passes(scratch);
    let mut server = Program::start_with(scratch, free_address(), &env);
    let second = office.taken.recv().expect("another attempt");
    // A graceful stop finishes the job in hand.
    server.terminate();
    assert!(server.exit().success());
    assert_eq!(state(scratch), ("sent".to_owned(), 0));
    assert!(office.taken.try_recv().is_err(), "nothing more was sent");
    first.into_iter().chain(second).collect()
}

/// A mail to a buyer waits in the outbox of a server that does not run.
fn to_a_buyer(scratch: &Scratch) -> String {
    let (app, _) = open_app(scratch);
    let draft = BuyerMail {
        id: dutyboard::kit::ids::fresh(),
        customer_id: "buyer".into(),
        to_address: "lilei.private@example.com".into(),
        to_name: "李雷".into(),
        locale: "zh-CN".into(),
        subject: "龙井".into(),
        paragraphs: vec!["到了".into()],
        reason_line: "您下过单。".into(),
        thread: None,
        window: (0, 24 * 60),
        from_name: "山茶店".into(),
        reply_to: None,
    };
    let (workspace, id, now) = (crate::harness::Cast::default().workspace, draft.id.clone(), Clock::system().now_ms());
    app.door.upkeep(move |conn| buyer::put(conn, &workspace, now, &draft)).expect("in the outbox");
    id
}

/// State of the only mail, and what the rooms above are told of it.
fn fate(scratch: &Scratch) -> (String, i64) {
    let (app, _) = open_app(scratch);
    let read = |conn: &mut dutyboard::db::AnyConnection| {
        let state = mail::table.select(mail::state).get_result(conn)?;
        Ok((state, job::table.filter(job::kind.eq(buyer::MAILED)).count().get_result(conn)?))
    };
    app.db.read(read).expect("one mail")
}

/// Starts the program, waits for one attempt at the post office, and ends it as told.
fn one_attempt(scratch: &Scratch, office: &PostOffice, mood: Mood, kill: bool) -> Option<String> {
    a_minute_passes(scratch);
    office.become_(mood);
    let env = [("DUTYBOARD_SMTP_URL", office.url.as_str()), ("DUTYBOARD_SMTP_TIMEOUT", "1")];
    let mut server = Program::start_with(scratch, free_address(), &env);
    let taken = office.taken.recv().expect("an attempt");
    if kill {
        server.kill();
    } else {
        // A graceful stop finishes the job in hand.
        server.terminate();
        assert!(server.exit().success());
    }
    taken
}

both_engines! {
    fn a_mail_to_a_buyer_survives_what_happens_to_mails(engine) {
        let scratch = engine.founded();
        let id = to_a_buyer(&scratch);
        let office = PostOffice::open(Mood::Away, Lock::Clear);
        assert_eq!(one_attempt(&scratch, &office, Mood::Away, false), None, "come back later");
        assert_eq!(fate(&scratch), ("queued".to_owned(), 0));
        let late = one_attempt(&scratch, &office, Mood::Mute, false);
        assert_eq!(fate(&scratch), ("queued".to_owned(), 0), "no answer in time: once more");
        let first = one_attempt(&scratch, &office, Mood::Mute, true);
        assert_eq!(fate(&scratch), ("sending".to_owned(), 0), "it may have left");
        let second = one_attempt(&scratch, &office, Mood::Open, false);
        let one = Some(buyer::message_id(&id));
        assert_eq!([&late, &first, &second], [&one; 3], "one mail in every mailbox");
        let (state, _) = fate(&scratch);
        assert_eq!(state, "sent");
    }

    fn a_mail_goes_encrypted_to_a_server_that_is_trusted_and_to_no_other(engine) {
        for lock in [Lock::Implicit, Lock::StartTls] {
            let scratch = engine.founded();
            let id = to_a_buyer(&scratch);
            let office = PostOffice::open(Mood::Open, lock);
            assert_eq!(one_attempt(&scratch, &office, Mood::Open, false), None, "a stranger's certificate");
            assert_eq!(fate(&scratch), ("queued".to_owned(), 0));
            let ca = scratch.dir.path().join("ca.pem");
            std::fs::write(&ca, &office.certificate).expect("a file");
            let ca = ca.to_str().expect("a path");
            a_minute_passes(&scratch);
            let env = [("DUTYBOARD_SMTP_URL", office.url.as_str()), ("DUTYBOARD_SMTP_CA", ca)];
            let mut server = Program::start_with(&scratch, free_address(), &env);
            assert_eq!(office.taken.recv().expect("an attempt"), Some(buyer::message_id(&id)));
            server.terminate();
            assert!(server.exit().success());
            assert_eq!(fate(&scratch).0, "sent");
        }
    }

    fn a_refused_mail_to_a_buyer_is_not_tried_again(engine) {
        let scratch = engine.founded();
        to_a_buyer(&scratch);
        let office = PostOffice::open(Mood::Refusing, Lock::Clear);
        assert_eq!(one_attempt(&scratch, &office, Mood::Refusing, false), None);
        assert_eq!(fate(&scratch).0, "failed");
        assert!(office.taken.try_recv().is_err(), "once");
    }

    fn killed_between_written_and_sent(engine) {
        let taken = killed_while(&engine.founded(), Mood::Away);
        assert_eq!(taken.len(), 1, "{taken:?}");
    }

    fn killed_between_sent_and_marked(engine) {
        let taken = killed_while(&engine.founded(), Mood::Mute);
        assert_eq!(taken.len(), 2, "{taken:?}");
        assert!(!taken[0].is_empty() && taken[0] == taken[1], "one mail in every mailbox: {taken:?}");
    }
}
