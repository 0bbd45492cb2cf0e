//! A restore as people live through it: work before the backup, work after it, the day the disk dies, and the phones that
//! bring back what the backup never had.

use super::doctor::quiet;
use super::{backup, location, restore, restored};
use crate::harness::rekey::Survivor;
use crate::harness::{Dice, Engine, HOUR, Running, World, both_engines, seeds};
use crate::sync::checks;
use diesel::prelude::*;
use diesel_migrations::MigrationHarness;
use dutyboard::db::schema::{board_box, box_note, mutation_log, sync_workspace};
use dutyboard::db::{MIGRATIONS, dialect};
use dutyboard::kit::ids::fresh;
use dutyboard::kit::progress::Silent;
use dutyboard::kit::refusal::Stop;
use dutyboard::ops::restore::{Job, run};
use serde_json::json;

/// Somebody with a phone who makes boxes and puts notes into them.
struct Worker {
    phone: Survivor,
    boxes: Vec<String>,
    notes: Vec<String>,
}

impl Worker {
    fn new(user: &str, name: &str) -> Self {
        Worker { phone: Survivor::new(user, name), boxes: Vec::new(), notes: Vec::new() }
    }

    /// A box with a note in it, and a note in the first box ever made.
    fn work(&mut self) {
        let id = fresh();
        let whose = self.phone.phone.user.clone();
        self.phone.write(
            "box.create",
            json!({ "id": id, "day": "2026-03-02", "title": "盘点", "quadrant": "Q1", "kind": "anytime", "assignee_id": whose }),
        );
        self.boxes.push(id.clone());
        for id in [id, self.boxes[0].clone()] {
            let note = fresh();
            self.phone.write("box.note", json!({ "id": id, "note_id": note, "text": "记" }));
            self.notes.push(note);
        }
    }
}

fn crew(world: &World) -> Vec<Worker> {
    let cast = &world.cast;
    [(&cast.ann, "ann"), (&cast.bea, "bea"), (&cast.cai, "cai"), (&cast.eva, "eva")]
        .map(|(user, name)| Worker::new(user, name))
        .into()
}

/// Everything that anybody ever typed is there, once, and everybody's phone shows it.
fn nothing_lost_nothing_twice(world: &World, crew: &[Worker]) {
    let (boxes, notes): (Vec<String>, Vec<String>) = world.read(|conn| {
        let made = board_box::table.filter(board_box::title_zh.eq("盘点")).select(board_box::id).load(conn)?;
        Ok((made, box_note::table.select(box_note::id).load(conn)?))
    });
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(boxes), sorted(crew.iter().flat_map(|worker| worker.boxes.clone()).collect()));
    assert_eq!(sorted(notes), sorted(crew.iter().flat_map(|worker| worker.notes.clone()).collect()));
    for worker in crew {
        assert!(worker.phone.phone.is_drained(), "{}", worker.phone.phone.user);
        let shown = worker.phone.phone.ids("box");
        assert!(worker.boxes.iter().all(|id| shown.contains(id)), "own boxes are in sight");
        checks::delta_is_snapshot(world, &worker.phone.phone, &[worker.phone.phone.moments.len() - 1]).expect("I3");
    }
    let refused: Vec<String> = world.read(|conn| {
        let refused = mutation_log::table.filter(mutation_log::outcome.eq("rejected"));
        Ok(refused.select(mutation_log::name).load(conn)?)
    });
    assert!(refused.is_empty(), "nobody was told that what they had done was refused: {refused:?}");
    checks::entries_are_rows(world).expect("I14");
    checks::nothing_lost(world, &[]).expect("I6");
}

fn epoch(world: &World) -> i64 {
    world.read(|conn| Ok(sync_workspace::table.select(sync_workspace::epoch).first(conn)?))
}

/// Work day after day; now and then the disk dies, and yesterday's backup is all there is.
pub fn days_with_restores(engine: Engine, dice: &mut Dice) {
    const DAYS: usize = 8;
    let mut world = World::new(engine);
    let mut crew = crew(&world);
    let mut yesterday: Option<std::path::PathBuf> = None;
    for day in 0..DAYS {
        let restore = yesterday.as_ref().filter(|_| dice.percent(40));
        let is_new = restore.is_some();
        if let Some(file) = restore {
            world = restored(world, file);
        }
        for worker in &mut crew {
            (0..dice.below(4)).for_each(|_| worker.work());
            // After a restore a phone first has to hear that it must take another name.
            match dice.below(3) {
                0 if !is_new && !worker.boxes.is_empty() => worker.phone.push_and_hear_nothing(&world),
                1 if !is_new => {}
                _ => worker.phone.sync(&world),
            }
        }
        yesterday = Some(backup(&world, &format!("night{day}.jsonl.gz")));
        world.clock.advance(24 * HOUR);
    }
    for worker in &mut crew {
        worker.work();
        worker.phone.sync(&world);
    }
    crew.iter_mut().for_each(|worker| worker.phone.sync(&world));
    nothing_lost_nothing_twice(&world, &crew);
}

both_engines! {
    /// A few random days of `tests/run soak`.
    fn days_of_work_with_restores(engine) {
        for seed in seeds(1) {
            days_with_restores(engine, &mut Dice::new(seed));
        }
    }

    fn phones_bring_back_what_the_backup_never_had(engine) {
        let world = World::new(engine);
        let mut crew = crew(&world);
        for worker in &mut crew {
            worker.work();
            worker.phone.sync(&world);
        }
        // In the queue when the backup is made: half of it arrived before, half after.
        crew[1].work();
        crew[1].phone.push_and_hear_nothing(&world);
        let file = backup(&world, "night.jsonl.gz");
        for worker in crew.iter_mut().take(2) {
            worker.work();
            worker.phone.sync(&world);
        }
        // Cai's work arrives and the answer does not; Eva sits in the underground.
        crew[2].work();
        crew[2].phone.push_and_hear_nothing(&world);
        crew[3].work();
        let before = epoch(&world);

        let world = restored(world, &file);
        assert!(epoch(&world) > before);
        for worker in &mut crew {
            worker.work();
            worker.phone.sync(&world);
            assert_eq!(worker.phone.rekeys, 1, "each phone takes a new name once");
        }
        nothing_lost_nothing_twice(&world, &crew);

        // The same backup once more: what the first restore had gathered since is gone from the server and not from the phones.
        let second = epoch(&world);
        let world = restored(world, &file);
        assert!(epoch(&world) > second, "an epoch is never handed out twice");
        for worker in &mut crew {
            worker.phone.sync(&world);
            assert_eq!(worker.phone.rekeys, 2);
            worker.work();
            worker.phone.sync(&world);
        }
        nothing_lost_nothing_twice(&world, &crew);
    }

    /// The replaced database is lost altogether: only the note beside it knows how far the epochs were.
    fn the_note_remembers_epochs_when_the_database_is_gone(engine) {
        let world = World::new(engine);
        let file = backup(&world, "night.jsonl.gz");
        let world = restored(world, &file);
        let first = epoch(&world);
        let now = world.now();
        let fresh = World::bare(engine);
        let note = world.scratch.dir.path().join("epochs.json");
        let fresh = fresh.while_stopped(|config| {
            std::fs::copy(&note, config.data.join("epochs.json")).expect("the note is kept");
            restore(&file, &config.location(), &config.data, now).expect("a restore");
        });
        assert!(epoch(&fresh) > first);
    }

    fn sessions_are_as_in_the_backup(engine) {
        let world = World::new(engine);
        let running = Running::start(&world);
        let (mut ann, mut bea) = (running.sign_in("ann"), running.client());
        let file = backup(&world, "night.jsonl.gz");
        assert_eq!(bea.login("bea", crate::harness::PASSWORD).status, 200);
        drop(running);
        let world = restored(world, &file);
        let running = Running::start(&world);
        ann.address = running.address;
        bea.address = running.address;
        assert_eq!(ann.enter("/api/auth/refresh", &json!({})).status, 200, "signed in before the backup");
        assert_eq!(bea.enter("/api/auth/refresh", &json!({})).status, 401, "signed in after it: has to again");
        assert_eq!(bea.login("bea", crate::harness::PASSWORD).status, 200);
    }

    fn an_older_backup_is_restored_and_migrated(engine) {
        // A database as an older program left it.
        let scratch = engine.founded();
        let location = Engine::config(&scratch).location();
        let file = scratch.dir.path().join("old.jsonl.gz");
        {
            let mut conn = dialect::open(&location).expect("a connection");
            conn.revert_last_migration(MIGRATIONS).expect("one step back");
        }
        dutyboard::ops::backup::write(&location, &file, 0, None, &mut Silent).expect("a backup of any schema");
        let done = restore(&file, &location, scratch.dir.path(), 0).expect("a restore");
        assert!(done.schema < dialect::newest_schema().expect("migrations"));
        let report = dutyboard::ops::doctor::examine(&location, &quiet(1)).expect("a look");
        assert_eq!(report.schema, dialect::newest_schema().expect("migrations"));
        assert_eq!(report.findings, vec![]);
    }

    fn a_newer_backup_is_refused_and_changes_nothing(engine) {
        let world = World::new(engine);
        world.tamper("UPDATE __diesel_schema_migrations SET version = '9999' WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)");
        let file = backup(&world, "future.jsonl.gz");
        let newest = dialect::newest_schema().expect("migrations");
        world.tamper(&format!("UPDATE __diesel_schema_migrations SET version = '{newest}' WHERE version = '9999'"));
        let before = crate::harness::dump::dump(&world);
        let now = world.now();
        let world = world.while_stopped(|config| {
            let stop = restore(&file, &config.location(), &config.data, now).expect_err("from the future").to_string();
            assert!(stop.contains("newer"), "{stop}");
        });
        assert_eq!(crate::harness::dump::dump(&world), before);
    }

    /// SQLite keeps the old database beside; Postgres has no beside, and must be told to give it up.
    fn what_was_there_is_not_lost_by_accident(engine) {
        let world = World::new(engine);
        let file = backup(&world, "night.jsonl.gz");
        world.run(&world.cast.owner, "seat.save", json!({ "id": fresh(), "name": "later", "shop_id": null, "archived": false })).expect("a seat");
        let now = world.now();
        let (database, data) = (location(&world), world.scratch.dir.path().to_owned());
        drop(world.while_stopped(|_| {
            let job = Job { file: &file, location: &database, data: &data, replace: false, key_is_set: true, now };
            match (engine, run(&job, &mut Silent)) {
                (Engine::Sqlite, Ok(done)) => {
                    let kept = done.kept.expect("the old database");
                    let seats = dutyboard::db::copy::inspect(&dialect::location(&kept.to_string_lossy()), |conn| {
                        Ok(dutyboard::db::schema::seat::table.count().get_result::<i64>(conn)?)
                    });
                    assert_eq!(seats.expect("it opens"), 1);
                }
                (Engine::Postgres, Err(stop)) => assert!(stop.to_string().contains("--replace"), "{stop}"),
                (_, other) => panic!("{other:?}"),
            }
        }));
    }
}

/// Somebody else has the file open: a server that is running, whatever its lock says.
#[test]
fn a_running_server_is_not_restored_under() {
    let world = World::new(Engine::Sqlite);
    let file = backup(&world, "night.jsonl.gz");
    let before = crate::harness::dump::dump(&world);
    let stop: Stop = restore(&file, &location(&world), world.scratch.dir.path(), world.now()).expect_err("it runs");
    assert!(stop.to_string().contains("stop the server"), "{stop}");
    world
        .run(&world.cast.owner, "seat.save", json!({ "id": fresh(), "name": "on", "shop_id": null, "archived": false }))
        .expect("it runs on");
    assert_ne!(crate::harness::dump::dump(&world), before);
}

#[test]
fn servers_and_restores_keep_out_of_each_others_way() {
    let dir = tempfile::tempdir().expect("a folder");
    let one = dutyboard::ops::presence::serving(dir.path()).expect("a server");
    let two = dutyboard::ops::presence::serving(dir.path()).expect("two servers on one Postgres may share a folder");
    assert!(dutyboard::ops::presence::alone(dir.path()).is_err());
    drop((one, two));
    let alone = dutyboard::ops::presence::alone(dir.path()).expect("nobody is here");
    assert!(dutyboard::ops::presence::serving(dir.path()).is_err());
    drop(alone);
    dutyboard::ops::presence::serving(dir.path()).expect("done");
}

/// A backup carries the key that is a file, and a restore on a new machine brings it there.
#[test]
fn the_key_travels_with_the_backup() {
    use dutyboard::ops::key::{Outcome, of, put_back};
    let scratch = Engine::Sqlite.founded();
    let mut config = Engine::config(&scratch);
    assert_eq!(of(&config).expect("a look"), None, "a key that is a setting stays where it is");
    config.jwt_key = None;
    assert_eq!(of(&config).expect("a look"), None, "no key yet");
    let made = dutyboard::auth::keys::load_or_make(&config.data.join("server.key")).expect("a key");
    let key = of(&config).expect("a look");
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert_eq!(put_back(elsewhere.path(), key.as_deref(), "t").expect("put"), Outcome::PutBack);
    assert_eq!(std::fs::read(elsewhere.path().join("server.key")).expect("a key"), made);
    assert_eq!(put_back(elsewhere.path(), key.as_deref(), "t").expect("put"), Outcome::Untouched);
    std::fs::write(elsewhere.path().join("server.key"), [7; 32]).expect("another key");
    let Outcome::Replaced(kept) = put_back(elsewhere.path(), key.as_deref(), "t").expect("put") else { panic!("not replaced") };
    assert_eq!(std::fs::read(kept).expect("the other"), [7; 32]);
    assert_eq!(std::fs::read(elsewhere.path().join("server.key")).expect("a key"), made);
}
