//! The queue: one runner per job, later and later tries, dead letters.

use super::buyer_mail::{draft, put, state};
use crate::customers::buyer;
use crate::harness::{Engine, Running, World, both_engines};
use dutyboard::app::App;
use dutyboard::app::serve::Background;
use dutyboard::customers;
use dutyboard::door::{Actor, NewJob, Via};
use dutyboard::jobs::queue::{self, ATTEMPTS_MAX, LEASE_MS, backoff_ms};
use dutyboard::jobs::runner;
use dutyboard::mail::mailer::{Mailer, SmtpSettings};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Queues a job that is due now.
pub fn add(world: &World, kind: &'static str, payload: Value, dedupe: Option<&str>) {
    let system = Actor::system(&world.cast.workspace, Via::Job);
    let job = NewJob { kind, payload, due_at: world.now(), dedupe: dedupe.map(str::to_owned) };
    world.app.door.write(&world.cast.workspace, move |writing| writing.queue(&system, job)).expect("a job");
}

/// A world without jobs, whose mails cannot leave: the folder is a file.
fn without_mail(engine: Engine) -> World {
    let mut world = World::new(engine);
    world.drain();
    let dir = world.scratch.dir.path().join("blocked");
    std::fs::write(&dir, "not a folder").expect("a file");
    Arc::get_mut(&mut world.app).expect("nobody else has it").mailer = Mailer::File { dir };
    world
}

both_engines! {
    fn a_job_has_one_runner_until_its_lease_ends(engine) {
        let world = World::new(engine);
        world.drain();
        add(&world, "no.such", json!({}), None);
        let first = world.claim("one").expect("due");
        assert_eq!((first.attempts, first.leased_by.as_deref()), (1, Some("one")));
        assert!(world.claim("two").is_none(), "it is taken");
        world.clock.advance(LEASE_MS);
        let second = world.claim("two").expect("the first runner is taken for dead");
        assert_eq!((&second.id, second.attempts), (&first.id, 2));

        // The first was only slow: what it says no longer counts.
        world.finish(&first, "one");
        let late = first.clone();
        world.app.door.upkeep(move |conn| queue::fail(conn, &late, "one", "late", None)).expect("a statement");
        assert_eq!(world.read(|conn| queue::count(conn, "queued")), 1);
        world.finish(&second, "two");
        assert_eq!(world.read(|conn| queue::count(conn, "queued")), 0);
    }

    fn many_runners_share_the_queue(engine) {
        const JOBS: usize = 40;
        let world = World::new(engine);
        world.drain();
        (0..JOBS).for_each(|_| add(&world, "no.such", json!({}), None));
        let taken: Mutex<HashMap<String, usize>> = Mutex::default();
        std::thread::scope(|scope| {
            for runner in ["one", "two", "three"] {
                let (world, taken) = (&world, &taken);
                scope.spawn(move || {
                    while let Some(row) = world.claim(runner) {
                        *taken.lock().expect("a lock").entry(row.id).or_default() += 1;
                    }
                });
            }
        });
        let taken = taken.into_inner().expect("a lock");
        assert_eq!(taken.len(), JOBS);
        assert!(taken.values().all(|times| *times == 1), "{taken:?}");
    }

    fn one_name_is_one_job(engine) {
        let world = World::new(engine);
        world.drain();
        add(&world, "no.such", json!({}), Some("name"));
        add(&world, "no.such", json!({}), Some("name"));
        assert_eq!(world.read(|conn| queue::count(conn, "queued")), 1);
    }

    fn failures_wait_longer_and_longer_and_end_as_dead_letters(engine) {
        let world = without_mail(engine);
        let args = json!({ "id": dutyboard::kit::ids::derived(&["new"]), "name": "new", "login": "newcomer", "email": "new@example.com",
            "role": "agent", "team_id": world.cast.team_1, "skill_ids": [], "locale": "en" });
        world.run(&world.cast.owner, "person.invite", args).expect("an invitation");
        // The mail is written at once, and then tried.
        assert_eq!(world.drain(), 2);
        for attempt in 1..ATTEMPTS_MAX {
            world.clock.advance(backoff_ms(attempt) - 1);
            assert_eq!(world.drain(), 0, "not before its time, after try {attempt}");
            world.clock.advance(1);
            assert_eq!(world.drain(), 1, "try {}", attempt + 1);
        }
        assert_eq!(world.read(|conn| Ok((queue::count(conn, "queued")?, queue::count(conn, "dead")?))), (0, 1));
        world.clock.advance(365 * 24 * 3_600_000);
        assert_eq!(world.drain(), 0, "the dead stay dead");
        let letter = world.read(|conn| queue::dead(conn, &world.cast.workspace)).remove(0);
        let error = letter.last_error.expect("a reason");
        assert!(!error.contains('@'), "no address in what is stored: {error}");
    }

    fn the_owner_sees_dead_letters_and_decides(engine) {
        let world = without_mail(engine);
        add(&world, "no.such", json!({}), None);
        add(&world, "mail.send", json!({}), None);
        assert_eq!(world.drain(), 2);
        {
            let server = Running::start(&world);
            let owner = server.sign_in("owner");
            let letters = owner.get("/api/v1/jobs/dead").json();
            let ids: Vec<&str> = letters.as_array().expect("a list").iter().filter_map(|letter| letter["id"].as_str()).collect();
            assert_eq!(ids.len(), 2, "{letters}");
            assert_eq!(owner.delete(&format!("/api/v1/jobs/{}", ids[0])).status, 204);
            assert_eq!(owner.delete(&format!("/api/v1/jobs/{}", ids[0])).code(), "not_found");
            let retry = format!("/api/v1/jobs/{}/retry", ids[1]);
            assert_eq!(server.sign_in("sup_1").send("POST", &retry, &[], b"").code(), "forbidden");
            assert_eq!(owner.send("POST", &retry, &[], b"").status, 204);
            assert_eq!(owner.send("POST", &retry, &[], b"").code(), "not_found", "it is queued, not dead");
        }
        assert_eq!(world.drain(), 1, "it was tried again");
        assert_eq!(world.read(|conn| queue::count(conn, "dead")), 1);
    }

    fn a_mail_server_that_says_nothing_holds_up_nothing_else(engine) {
        let mut world = World::in_real_time(engine);
        let customer = buyer(&world, &world.cast.ann, "小鹿");
        world.drain();
        // Whoever calls is left waiting at the door.
        let office = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("smtp://{}", office.local_addr().expect("an address"));
        let settings = SmtpSettings { url, from: "desk@example.com".into(), timeout_s: 120, ..SmtpSettings::default() };
        Arc::get_mut(&mut world.app).expect("nobody else has it").mailer = Mailer::smtp(&settings).expect("settings");
        ["one", "two", "three"].into_iter().for_each(|name| put(&world, draft(name)));
        let is_blocked = || world.read(|conn| customers::store::customer(conn, &world.cast.workspace, &customer)).blocked != "[]";
        world.block_on(async {
            let mut news = world.app.door.bus.listen(&world.cast.workspace);
            let background = Background::start(&world.app).await.expect("a background");
            add(&world, "customer.stop", json!({ "customer_id": customer }), None);
            while !is_blocked() {
                tokio::time::timeout(Duration::from_secs(60), news.recv()).await.expect("not held up by mails").expect("news");
            }
            drop(office);
            background.stop().await;
        });
        assert!(["one", "two", "three"].iter().all(|name| state(&world, name) == "queued"), "they wait for another try");
    }

    /// Two processes on one Postgres, two runners in one process on SQLite: a board is made once.
    fn two_runners_make_one_board(engine) {
        let world = World::new(engine);
        let other = match engine {
            Engine::Postgres => Arc::new(App::open(Engine::config(&world.scratch), world.clock.clone()).expect("a second server")),
            Engine::Sqlite => world.app.clone(),
        };
        std::thread::scope(|scope| {
            for (name, app) in [("one", &world.app), ("two", &other)] {
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async {
                        for _ in 0..3 {
                            dutyboard::jobs::ticker::tick(app).await.expect("a tick");
                            runner::drain(app, name).await.expect("the queue");
                        }
                    });
                });
            }
        });
        let made = crate::jobs::boards::made(&world);
        assert!(!made.is_empty());
        assert!(made.values().all(|times| *times == 1), "made more than once: {made:?}");
        assert_eq!(world.read(|conn| Ok(queue::count(conn, "queued")? + queue::count(conn, "dead")?)), 0);
    }
}
