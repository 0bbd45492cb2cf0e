//! What comes back from mails to buyers: by signed webhook, by the folder of a mail server, by a mailbox, by the link in the mail.

use super::buyer_mail::{draft, put, send, state, states, told};
use crate::customers::buyer;
use crate::harness::mailbox::{Mailbox, PASSWORD, USER};
use crate::harness::{Answer, MINUTE, Running, World, both_engines};
use diesel::prelude::*;
use dutyboard::app::App;
use dutyboard::config::ImapOptions;
use dutyboard::db::schema::mail;
use dutyboard::kit::signature::{TOLERANCE_MS, sign};
use dutyboard::mail::buyer::{BuyerMail, message_id};
use dutyboard::mail::{maildir, stop};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn sent(world: &World, name: &str) -> String {
    put(world, draft(name));
    send(world, name).expect("sent");
    message_id(&draft(name).id)
}

/// One signed report, as a provider sends it.
fn report(world: &World, server: &Running, secret: &str, at: i64, body: &Value) -> Answer {
    let body = body.to_string();
    let (time, signature) = (at.to_string(), sign(secret.as_bytes(), at, body.as_bytes()));
    let headers = [("Content-Type", "application/json"), ("X-Dutyboard-Timestamp", &time), ("X-Dutyboard-Signature", &signature)];
    let path = format!("/api/v1/hooks/{}/mail", world.cast.workspace);
    server.client().send("POST", &path, &headers, body.as_bytes())
}

fn secret(server: &Running) -> String {
    server.sign_in("owner").get("/api/v1/hooks").json()["secret"].as_str().expect("a secret").to_owned()
}

/// The block list of a buyer's card.
fn blocked(world: &World, id: &str) -> Vec<String> {
    let workspace = world.cast.workspace.clone();
    let row = world.read(|conn| dutyboard::customers::store::customer(conn, &workspace, id));
    serde_json::from_str(&row.blocked).expect("a list")
}

fn folder(world: &World) -> PathBuf {
    let dir = world.app.config.data.join("back");
    std::fs::create_dir_all(dir.join("new")).expect("a folder");
    dir
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn bounce(id: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\n\r\nThe response was: 550 5.1.1 no such user\r\n\r\nMessage-ID: {id}\r\n"
    )
}

fn answer(id: &str, words: &str) -> String {
    format!("From: lilei.private@mail.example\r\nIn-Reply-To: {id}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n")
}

fn options(mailbox: &Mailbox, password: &str) -> ImapOptions {
    ImapOptions { imap_url: Some(mailbox.url.clone()), imap_user: Some(USER.into()), imap_password: Some(password.into()) }
}

/// One more server, which reads the mailbox and trusts its certificate.
fn reading(world: &World, mailbox: &Mailbox, password: &str) -> Arc<App> {
    let pem = world.app.config.data.join("mailbox.pem");
    std::fs::write(&pem, &mailbox.certificate).expect("a certificate");
    world.another_server_with(|config| {
        config.smtp_ca = Some(pem);
        config.imap = options(mailbox, password);
    })
}

async fn read(app: &Arc<App>) {
    app.mailbox.as_ref().expect("a mailbox").read(app).await.expect("read");
}

both_engines! {
    fn only_who_knows_the_secret_reports(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let id = sent(&world, "ann");
        let body = json!({ "message_id": id, "event": "bounce", "permanent": true });
        let (right, now) = (secret(&server), world.now());
        for login in ["sup_1", "ann"] {
            assert_eq!(server.sign_in(login).get("/api/v1/hooks").code(), "forbidden", "{login}");
        }
        assert_eq!(report(&world, &server, "another secret", now, &body).status, 401);
        assert_eq!(report(&world, &server, &right, now - TOLERANCE_MS - 1, &body).status, 401, "kept for later");
        let bare = server.client().post(&format!("/api/v1/hooks/{}/mail", world.cast.workspace), &body);
        assert_eq!((bare.status, state(&world, "ann").as_str(), states(&world)), (401, "sent", vec![json!("sent")]));

        assert_eq!(report(&world, &server, &right, now, &body).json(), json!({ "new": true }));
        assert_eq!(report(&world, &server, &right, now, &body).json(), json!({ "new": false }), "a replay");
        assert_eq!(report(&world, &server, &right, now + 1, &body).json(), json!({ "new": false }), "told again");
        assert_eq!(state(&world, "ann"), "bounced");
        let said = told(&world, "outreach.mailed");
        assert_eq!((said.len(), &said[1]["state"], &said[1]["permanent"]), (2, &json!("bounced"), &json!(true)));
        let unknown = json!({ "message_id": "<x@dutyboard>", "event": "bounce" });
        assert_eq!(report(&world, &server, &right, now, &unknown).code(), "not_found");
        assert_eq!(report(&world, &server, &right, now, &json!({ "event": "bounce" })).code(), "bad_request");
    }

    fn a_reply_is_told_once(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let id = sent(&world, "ann");
        let (right, now) = (secret(&server), world.now());
        let body = json!({ "message_id": id, "event": "reply", "text": "明天下午可以", "at": now - MINUTE });
        for again in 0..3 {
            assert_eq!(report(&world, &server, &right, now + again, &body).json(), json!({ "new": again == 0 }));
        }
        let other = json!({ "message_id": id, "event": "reply", "text": "还是后天吧" });
        assert_eq!(report(&world, &server, &right, now, &other).json(), json!({ "new": true }));
        let said = told(&world, "outreach.replied");
        let expected = json!({ "mail_id": draft("ann").id, "customer_id": draft("ann").customer_id, "channel": "email",
            "text": "明天下午可以", "at": now - MINUTE });
        assert_eq!((said.len(), &said[0]), (2, &expected));
    }

    fn one_click_ends_the_mails(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let customer = buyer(&world, &world.cast.ann, "小鹿");
        world.drain();
        put(&world, BuyerMail { customer_id: customer.clone(), ..draft("waits") });
        let link = stop::link("", &world.app.stop_key, &world.cast.workspace, &customer);
        let client = server.client();
        let page = client.send("GET", &link, &[("Accept-Language", "en-GB,en;q=0.8")], b"");
        assert!(page.status == 200 && page.text().contains("Stop these mails") && page.text().contains("<form method=\"post\">"));
        assert!(client.get(&link).text().contains("不再接收"), "Chinese for everybody else");
        assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")));
        assert_eq!((state(&world, "waits").as_str(), blocked(&world, &customer).len()), ("queued", 0), "opening changes nothing");

        let click = [("Content-Type", "application/x-www-form-urlencoded")];
        for _ in 0..2 {
            assert_eq!(client.send("POST", &link, &click, b"List-Unsubscribe=One-Click").status, 200);
        }
        assert_eq!(state(&world, "waits"), "cancelled");
        assert!(states(&world).iter().all(|state| state == "stopped") && !states(&world).is_empty());
        world.drain();
        assert_eq!((blocked(&world, &customer), world.mails().len()), (vec!["email".to_owned()], 0));
        let wrong = link.replace(&customer, &dutyboard::kit::ids::fresh());
        assert_eq!((client.get(&wrong).status, client.send("POST", &wrong, &click, b"").status), (404, 404));
        let tries = (0..30).map(|_| client.send("POST", &link, &click, b"").status).collect::<Vec<_>>();
        assert!(tries.contains(&429), "{tries:?}");
    }

    fn the_folder_is_read_once(engine) {
        let world = World::new(engine);
        let (dir, one, two) = (folder(&world), sent(&world, "one"), sent(&world, "two"));
        let lay = |name: &str, mail: &[u8]| std::fs::write(dir.join("new").join(name), mail).expect("a mail");
        lay("1.bounce", bounce(&one).as_bytes());
        lay("2.answer", answer(&two, "明天下午可以").as_bytes());
        lay("3.noise", &[0xff, 0, 13, 10, 0x80]);
        lay("4.foreign", bounce("<nobody@dutyboard>").as_bytes());
        std::os::unix::fs::symlink("/dev/zero", dir.join("new/5.link")).expect("a link");
        // Two servers at once, and a crash before a mail was put aside: it lies there again.
        let other = world.another_server();
        std::thread::scope(|scope| {
            for app in [&world.app, &other] {
                let dir = dir.clone();
                scope.spawn(move || maildir::tick(app, &dir).expect("read"));
            }
        });
        lay("1.again", bounce(&one).as_bytes());
        lay("2.again", answer(&two, "明天下午可以").as_bytes());
        maildir::tick(&world.app, &dir).expect("read");
        assert_eq!((names(&dir.join("new")), names(&dir.join("cur")).len()), (vec![], 7));
        assert!(names(&dir.join("cur")).iter().all(|name| name.ends_with(":2,S")));
        assert_eq!((state(&world, "one").as_str(), state(&world, "two").as_str()), ("bounced", "sent"));
        let ends: Vec<Value> = states(&world).into_iter().filter(|state| state != "sent").collect();
        assert_eq!((ends, told(&world, "outreach.replied").len()), (vec![json!("bounced")], 1));
        assert!(!format!("{:?}", told(&world, "outreach.replied")).contains("lilei"), "no address is kept");
    }

    fn the_mailbox_is_read_once(engine) {
        let world = World::new(engine);
        let (mailbox, one, two) = (Mailbox::open(true), sent(&world, "one"), sent(&world, "two"));
        let letters = [bounce(&one).into_bytes(), answer(&two, "明天下午可以").into_bytes(), vec![0xff, 0, 13, 10, 0x80]];
        let lay = || letters.iter().for_each(|raw| mailbox.lay(raw));
        lay();
        mailbox.lay(bounce("<nobody@dutyboard>").as_bytes());
        let servers = [reading(&world, &mailbox, PASSWORD), reading(&world, &mailbox, PASSWORD)];
        // Two servers at once, and a crash before a mail was marked: it is there again.
        world.block_on(async { tokio::join!(read(&servers[0]), read(&servers[1])) });
        lay();
        world.block_on(dutyboard::jobs::ticker::tick(&servers[0])).expect("a tick");
        assert_eq!(mailbox.unseen(), 0);
        assert_eq!((state(&world, "one").as_str(), state(&world, "two").as_str()), ("bounced", "sent"));
        let ends: Vec<Value> = states(&world).into_iter().filter(|state| state != "sent").collect();
        assert_eq!((ends, told(&world, "outreach.replied").len()), (vec![json!("bounced")], 1));
    }

    fn a_mailbox_that_cannot_be_read_holds_nothing_up(engine) {
        let world = World::new(engine);
        let (mailbox, clear) = (Mailbox::open(true), Mailbox::open(false));
        let id = sent(&world, "one");
        mailbox.lay(bounce(&id).as_bytes());
        clear.lay(bounce(&id).as_bytes());
        let wrong = reading(&world, &mailbox, "wrong");
        let said = world.block_on(wrong.mailbox.as_ref().expect("a mailbox").read(&wrong)).expect_err("refused").to_string();
        assert!(said.contains("login: refused") && !said.contains('@'), "{said}");
        let distrustful = world.another_server_with(|config| config.imap = options(&mailbox, PASSWORD));
        let said = world.block_on(distrustful.mailbox.as_ref().expect("a mailbox").read(&distrustful)).expect_err("unknown");
        assert!(said.to_string().contains("certificate"), "{said}");
        world.block_on(dutyboard::jobs::ticker::tick(&wrong)).expect("the rest goes on");
        assert_eq!((mailbox.unseen(), state(&world, "one").as_str()), (1, "sent"));
        let local = world.another_server_with(|config| config.imap = options(&clear, PASSWORD));
        world.block_on(read(&local));
        assert_eq!((clear.unseen(), state(&world, "one").as_str()), (0, "bounced"), "on this machine in the clear");
    }

    fn a_please_stop_by_mail_is_one(engine) {
        let world = World::new(engine);
        let customer = buyer(&world, &world.cast.ann, "小鹿");
        put(&world, BuyerMail { customer_id: customer.clone(), ..draft("first") });
        send(&world, "first").expect("sent");
        put(&world, BuyerMail { customer_id: customer.clone(), ..draft("second") });
        let dir = folder(&world);
        std::fs::write(dir.join("new/1"), answer(&message_id(&draft("first").id), "退订")).expect("a mail");
        maildir::tick(&world.app, &dir).expect("read");
        world.drain();
        assert_eq!((state(&world, "first").as_str(), state(&world, "second").as_str()), ("stopped", "cancelled"));
        assert_eq!(blocked(&world, &customer), ["email"]);
    }

    fn a_please_stop_of_a_person_is_an_answer_and_counts_whatever_became_of_the_mail(engine) {
        for known_as in ["sent", "failed", "queued", "cancelled"] {
            let world = World::new(engine);
            let server = Running::start(&world);
            let customer = buyer(&world, &world.cast.ann, "小鹿");
            put(&world, BuyerMail { customer_id: customer.clone(), ..draft("ann") });
            send(&world, "ann").expect("sent");
            world.tamper(&format!("UPDATE mail SET state = '{known_as}' WHERE id = '{}'", draft("ann").id));
            let body = |event: &str, text: &str| json!({ "message_id": message_id(&draft("ann").id), "event": event, "text": text });
            let (right, now) = (secret(&server), world.now());
            for again in 0..2 {
                assert_eq!(report(&world, &server, &right, now, &body("stop", "退\0订")).json(), json!({ "new": again == 0 }), "{known_as}");
            }
            assert_eq!(told(&world, "outreach.replied").iter().map(|said| said["text"].clone()).collect::<Vec<_>>(), ["退订"]);
            assert_eq!(told(&world, "customer.stop").len(), 1, "{known_as}");
            assert_eq!(report(&world, &server, &right, now, &body("complaint", "")).json(), json!({ "new": true }));
            assert_eq!(told(&world, "outreach.replied").len(), 1, "a machine says nothing");
            world.drain();
            assert_eq!(blocked(&world, &customer), ["email"], "{known_as}");
        }
    }

    fn who_is_erased_leaves_no_mail(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let customer = buyer(&world, &world.cast.ann, "小鹿");
        for name in ["left", "waits"] {
            put(&world, BuyerMail { customer_id: customer.clone(), ..draft(name) });
        }
        send(&world, "left").expect("sent");
        let body = json!({ "message_id": message_id(&draft("left").id), "event": "reply", "text": "我是林小鹿" });
        assert_eq!(report(&world, &server, &secret(&server), world.now(), &body).status, 200);
        world.run(&world.cast.sup_1, "customer.erase", json!({ "id": customer, "reason": "asked" })).expect("erased");
        assert_eq!(world.read(|conn| Ok(mail::table.count().get_result::<i64>(conn)?)), 0);
        assert_eq!((told(&world, "outreach.replied").len(), told(&world, "outreach.mailed").len()), (0, 0));
        world.drain();
        assert_eq!(world.mails().len(), 1, "what waited never left");
    }
}
