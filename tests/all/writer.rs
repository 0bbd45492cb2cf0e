//! The writing side under pressure: one commit for all who wait, nobody harmed by a neighbour's failure, a bounded queue, a full
//! disk, and a schema that has moved past this server.

use crate::harness::{Client, Engine, Phone, Running, World, both_engines};
use diesel::prelude::*;
use dutyboard::db::AnyConnection;
use dutyboard::db::schema::{sync_entry, sync_workspace};
use dutyboard::door::{Actor, Via, Writing};
use dutyboard::kit::refusal::{Code, Stop};
use dutyboard::rooms::Command;
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Waker};

fn version(world: &World) -> i64 {
    world.read(|conn| Ok(sync_workspace::table.find(&world.cast.workspace).select(sync_workspace::version).first(conn)?))
}

fn rename(name: &str) -> Command {
    Command::parse("workspace.update", json!({ "name": name })).expect("a command")
}

/// A change of the workspace's name, as a piece of work for the door.
fn renaming(world: &World, name: &str) -> impl FnOnce(&mut Writing<'_>) -> Result<i64, Stop> + Send + 'static {
    let (system, command) = (Actor::system(&world.cast.workspace, Via::Job), rename(name));
    move |writing| {
        writing.attempt(&system, &command, None)?;
        Ok(writing.version)
    }
}

type Answer<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Stop>>>>;

/// Hands work in without waiting for its answer.
fn hand_in<T: Send + 'static>(
    world: &World,
    work: impl FnOnce(&mut Writing<'_>) -> Result<T, Stop> + Send + 'static,
) -> Answer<T> {
    let (door, workspace) = (world.app.door.clone(), world.cast.workspace.clone());
    let mut answer: Answer<T> = Box::pin(async move { door.write_soon(&workspace, work).await });
    // The first look is what hands it in.
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => answer,
        Poll::Ready(result) => Box::pin(async move { result }),
    }
}

/// Work that keeps the workspace's lane busy until it is told to go on.
fn block(world: &World) -> (Sender<()>, Receiver<()>, Answer<()>) {
    let (go, may_go) = channel();
    let (tell, is_inside) = channel();
    let answer = hand_in(world, move |_| {
        tell.send(()).expect("the test waits");
        may_go.recv().map_err(Stop::fault)
    });
    (go, is_inside, answer)
}

both_engines! {
    /// What waits is one transaction: while the last piece runs, nobody outside sees the first one's effect yet.
    fn what_waits_shares_one_commit(engine) {
        let world = World::new(engine);
        let (go, is_inside, blocked) = block(&world);
        is_inside.recv().expect("the lane is busy");
        let before = version(&world);
        let first: Vec<_> = (0..5).map(|n| hand_in(&world, renaming(&world, &format!("name {n}")))).collect();
        let (db, workspace) = (world.app.db.clone(), world.cast.workspace.clone());
        let last = hand_in(&world, move |_| {
            db.read(|conn| Ok(sync_workspace::table.find(&workspace).select(sync_workspace::version).first::<i64>(conn)?))
        });
        go.send(()).expect("it waits");
        world.block_on(blocked).expect("nothing to say");
        let versions: Vec<i64> = first.into_iter().map(|answer| world.block_on(answer).expect("done")).collect();
        assert_eq!(versions, (before + 1..=before + 5).collect::<Vec<_>>(), "each its own version, in order");
        assert_eq!(world.block_on(last).expect("done"), before, "seen from outside during the commit");
        assert_eq!(version(&world), before + 5, "what had nothing to keep moved nothing");
    }

    fn a_neighbours_failure_harms_nobody(engine) {
        let world = World::new(engine);
        let (go, is_inside, blocked) = block(&world);
        is_inside.recv().expect("the lane is busy");
        let before = version(&world);
        let good = hand_in(&world, renaming(&world, "good"));
        let refused = hand_in(&world, |_| Err::<(), _>(Code::Conflict.into()));
        let broken = hand_in(&world, |writing| {
            writing.attempt(&Actor::system(writing.workspace_id, Via::Job), &Command::parse("workspace.update", json!({ "name": "half" }))?, None)?;
            Err::<(), _>(Stop::fault("on purpose"))
        });
        let after = hand_in(&world, renaming(&world, "after"));
        go.send(()).expect("it waits");
        world.block_on(blocked).expect("nothing to say");
        assert_eq!(world.block_on(good).expect("done"), before + 1);
        assert!(matches!(world.block_on(refused), Err(Stop::Refused(refusal)) if refusal.code == Code::Conflict));
        assert!(matches!(world.block_on(broken), Err(Stop::Fault(_))));
        assert_eq!(world.block_on(after).expect("done"), before + 2, "the failed ones took no version");
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }

    /// A panic loses the commit for all in it; they are told to come back, and the next commit works.
    fn a_panic_while_writing_is_survived(engine) {
        let world = World::new(engine);
        let (go, is_inside, blocked) = block(&world);
        is_inside.recv().expect("the lane is busy");
        let before = version(&world);
        let neighbour = hand_in(&world, renaming(&world, "lost"));
        let panicking = hand_in(&world, |_| -> Result<(), Stop> { panic!("on purpose") });
        go.send(()).expect("it waits");
        world.block_on(blocked).expect("nothing to say");
        assert!(matches!(world.block_on(neighbour), Err(Stop::Busy(_))));
        assert!(world.block_on(panicking).is_err());
        assert_eq!(version(&world), before);
        assert_eq!(world.block_on(hand_in(&world, renaming(&world, "next"))).expect("done"), before + 1);
    }

    /// More than can wait is turned away at once, with 503 and Retry-After; what was taken in is done.
    fn a_full_queue_turns_away(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let (go, is_inside, blocked) = block(&world);
        is_inside.recv().expect("the lane is busy");
        let before = version(&world);
        let mut waiting = Vec::new();
        loop {
            let mut answer = hand_in(&world, |_| Ok(()));
            if let Poll::Ready(result) = answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                assert!(matches!(result, Err(Stop::Busy(_))));
                break;
            }
            waiting.push(answer);
            assert!(waiting.len() < 10_000, "the queue has an end");
        }
        assert!(waiting.len() > 500, "{} may wait", waiting.len());
        let turned_away = owner.command("workspace.update", json!({ "name": "later" }));
        assert_eq!((turned_away.status, turned_away.header("retry-after"), turned_away.code().as_str()), (503, Some("1"), "unavailable"));
        assert_eq!(owner.get("/api/v1/people").status, 200, "reading goes on");
        go.send(()).expect("it waits");
        world.block_on(blocked).expect("nothing to say");
        for answer in waiting {
            world.block_on(answer).expect("it was taken in");
        }
        assert_eq!(version(&world), before);
        assert_eq!(owner.command("workspace.update", json!({ "name": "later" })).status, 200);
    }

    /// Reads go on, writes are refused with a code of their own, the phone keeps its queue, and with room again all is well.
    fn a_full_disk_stops_only_writing(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut phone = Phone::new(&world.cast.ann, "full");
        phone.pull(&world);
        let owner = server.sign_in("owner");
        fill_up(&world, engine);
        let entries = || -> i64 { world.read(|conn| Ok(sync_entry::table.count().get_result(conn)?)) };
        // What is left of the last pages may still take some.
        let (mut id, mut before) = (1, (entries(), version(&world)));
        let refused = loop {
            let answer = push(&owner, &world.cast.owner, id);
            if answer.status != 200 {
                break answer;
            }
            (id, before) = (id + 1, (entries(), version(&world)));
            assert!(id < 500, "the disk is full");
        };
        assert_eq!((refused.status, refused.code().as_str(), refused.header("retry-after")), (507, "storage_full", Some("30")));
        assert_eq!((entries(), version(&world)), before, "a refused write changed nothing");
        assert_eq!(owner.get("/api/v1/people").status, 200);
        assert!(phone.pull(&world), "reads go on");
        make_room(&world, engine);
        let done = push(&owner, &world.cast.owner, id).json();
        assert_eq!(done["results"][0]["status"], "applied", "{done}");
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }

    fn a_server_older_than_the_schema_refuses_to_write(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let before = version(&world);
        world.tamper("UPDATE schema_guard SET oldest_writer = 9999");
        let refused = push(&owner, &world.cast.owner, 1);
        assert_eq!((refused.status, refused.code().as_str()), (503, "unavailable"), "the phone keeps its queue for the next server");
        assert_eq!(owner.get("/api/v1/people").status, 200, "reading goes on");
        assert_eq!(version(&world), before);
        let restarted = dutyboard::app::App::open(Engine::config(&world.scratch), world.clock.clone());
        assert!(matches!(restarted, Err(Stop::Fault(why)) if why.contains("9999")), "and it does not start");
    }

    /// A newer server has added its columns and tables; this one works on beside it.
    fn a_newer_schema_that_only_adds_is_no_obstacle(engine) {
        let world = World::new(engine);
        let upgrade = [
            "ALTER TABLE person ADD COLUMN of_tomorrow TEXT",
            "CREATE TABLE of_tomorrow (id TEXT NOT NULL PRIMARY KEY)",
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')",
        ];
        for statement in upgrade {
            let run = move |conn: &mut AnyConnection| Ok(diesel::sql_query(statement).execute(conn)?);
            world.app.door.upkeep(run).expect(statement);
        }
        let invite = json!({ "id": dutyboard::kit::ids::fresh(), "name": "New", "login": "new.one", "email": null, "role": "agent", "team_id": world.cast.team_1, "skill_ids": [], "locale": "zh-CN" });
        world.run(&world.cast.owner, "person.invite", invite).expect("old and new side by side");
        let again = dutyboard::app::App::open(Engine::config(&world.scratch), world.clock.clone()).expect("it starts, too");
        assert!(again.db.read(dutyboard::team::store::workspace_ids).is_ok_and(|ids| ids.contains(&world.cast.workspace)));
    }
}

/// One box of one person, pushed over HTTP.
fn push(client: &Client, person: &str, id: i64) -> crate::harness::Answer {
    let args = json!({ "id": dutyboard::kit::ids::fresh(), "day": "2026-03-02", "title": "a".repeat(60), "quadrant": "Q1", "kind": "anytime", "assignee_id": person });
    let mutation: Value = json!({ "clientID": "full1", "id": id, "name": "box.create", "args": args });
    client.post(
        "/api/sync/push",
        &json!({ "pushVersion": 1, "clientGroupID": "full", "schemaVersion": "1", "mutations": [mutation] }),
    )
}

fn run_all(world: &World, statements: &'static str) {
    use diesel::connection::SimpleConnection;
    world.app.door.upkeep(move |conn| Ok(conn.batch_execute(statements)?)).expect(statements);
}

/// SQLite is really not given another page; Postgres, which has its files elsewhere, says what it says when it gets none.
pub fn fill_up(world: &World, engine: Engine) {
    match engine {
        // A limit below what there is means what there is.
        Engine::Sqlite => run_all(world, "PRAGMA max_page_count = 1;"),
        Engine::Postgres => run_all(
            world,
            "CREATE FUNCTION disk_full() RETURNS trigger AS $$ BEGIN
               RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql;
             CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON sync_entry FOR EACH ROW EXECUTE FUNCTION disk_full();",
        ),
    }
}

pub fn make_room(world: &World, engine: Engine) {
    match engine {
        Engine::Sqlite => run_all(world, "PRAGMA max_page_count = 1073741823;"),
        Engine::Postgres => run_all(world, "DROP TRIGGER disk_full ON sync_entry;"),
    }
}
