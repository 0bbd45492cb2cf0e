//! Every finding of doctor, shown a database that is ill in just that way.

use super::{backup, location};
use crate::harness::{Engine, HOUR, World, both_engines};
use diesel::connection::SimpleConnection;
use dutyboard::ops::doctor::{Circumstances, examine};
use serde_json::json;

/// Nothing to complain of around the database.
pub fn quiet(now: i64) -> Circumstances {
    Circumstances { now, backup_dir: None, free: None }
}

/// Names of the findings.
fn findings(world: &World) -> Vec<&'static str> {
    names(world, &quiet(world.now()))
}

fn names(world: &World, around: &Circumstances) -> Vec<&'static str> {
    let report = examine(&location(world), around).expect("a look");
    for finding in &report.findings {
        assert!(finding.what.len() > 10 && finding.advice.ends_with('.'), "{finding:?}");
    }
    report.findings.into_iter().map(|finding| finding.check).collect()
}

/// A world where nothing waits.
fn idle(engine: Engine) -> World {
    let world = World::new(engine);
    world.drain();
    world
}

/// A world that has been lived in for a morning.
fn lived_in(engine: Engine) -> World {
    let world = World::new(engine);
    world.tick();
    let cell = json!({ "id": dutyboard::kit::ids::fresh(), "person_id": world.cast.ann, "day": "2026-03-02", "shift_type_id": world.cast.shift_type("presale"), "shop_id": null, "seat_id": null });
    world.run(&world.cast.owner, "roster.set", json!({ "put": [cell], "remove": [] })).expect("a roster");
    let mut phone = crate::harness::Phone::new(&world.cast.ann, "ann");
    for _ in 0..3 {
        phone.write(0, "box.create", json!({ "id": dutyboard::kit::ids::fresh(), "day": "2026-03-02", "title": "own", "quadrant": "Q1", "kind": "anytime", "assignee_id": world.cast.ann }), None);
    }
    phone.push(&world).expect("a push");
    world.drain();
    world
}

#[track_caller]
fn finds(engine: Engine, sql: &str, wanted: &[&str]) {
    let world = lived_in(engine);
    assert_eq!(findings(&world), Vec::<&str>::new(), "a healthy world");
    world.tamper(sql);
    let found = findings(&world);
    assert_eq!(found, wanted, "{sql}");
}

both_engines! {
    fn a_row_that_is_served_as_it_is_not(engine) {
        finds(engine, "UPDATE board_box SET title_zh = 'x' WHERE title_zh = 'own'", &["views"]);
    }

    fn a_row_that_is_shown_to_a_stranger(engine) {
        finds(engine, "UPDATE sync_member SET bucket = 'user:nobody' WHERE bucket LIKE 'user:%' AND key LIKE 'assignment/%'", &["views"]);
    }

    fn a_row_that_nobody_is_shown(engine) {
        finds(engine, "UPDATE sync_member SET present = false WHERE key LIKE 'assignment/%'", &["views", "unseen"]);
    }

    fn a_row_that_is_shown_and_not_there(engine) {
        finds(engine, "DELETE FROM sync_entry WHERE key LIKE 'assignment/%'", &["views", "hollow"]);
    }

    fn a_counter_that_was_set_back(engine) {
        finds(engine, "UPDATE sync_workspace SET version = 3", &["counter"]);
    }

    fn a_hole_in_the_log(engine) {
        finds(engine, "DELETE FROM mutation_log WHERE id = 2", &["log"]);
    }

    fn a_file_that_was_never_stored(engine) {
        let world = idle(engine);
        world.tamper(&format!("INSERT INTO blob_ref (workspace_id, sha256, key) VALUES ('{}', 'a', 'box/1')", world.cast.workspace));
        assert_eq!(findings(&world), ["blobs"]);
    }

    fn a_dead_letter(engine) {
        let world = idle(engine);
        job(&world, "'dead', 0, NULL, 0");
        assert_eq!(findings(&world), ["dead_letters"]);
    }

    fn a_job_that_nobody_takes(engine) {
        let world = idle(engine);
        job(&world, &format!("'queued', {}, NULL, 0", world.now()));
        assert_eq!(findings(&world), Vec::<&str>::new(), "it became due just now");
        world.clock.advance(HOUR);
        assert_eq!(findings(&world), ["late_jobs"]);
    }

    fn a_job_whose_server_died(engine) {
        let world = idle(engine);
        job(&world, &format!("'queued', {0}, 'somebody', {0}", world.now()));
        world.clock.advance(HOUR);
        assert_eq!(findings(&world), ["abandoned_jobs"]);
    }

    fn a_mail_that_waits(engine) {
        let world = idle(engine);
        let args = json!({ "id": dutyboard::kit::ids::fresh(), "name": "新人", "login": "newbie", "email": "newbie@example.com", "role": "agent", "team_id": world.cast.team_1, "skill_ids": [], "locale": "zh-CN" });
        world.run(&world.cast.owner, "person.invite", args).expect("an invitation");
        // The invitation is written as a mail, and the mail's own job is lost.
        world.drain();
        world.tamper("UPDATE mail SET state = 'queued'");
        assert_eq!(findings(&world), Vec::<&str>::new());
        world.clock.advance(3 * HOUR);
        assert_eq!(findings(&world), ["mails"]);
    }

    fn a_night_without_a_backup(engine) {
        let world = idle(engine);
        let dir = world.scratch.dir.path().join("backups");
        let around = |world: &World| Circumstances { backup_dir: Some(dir.clone()), ..quiet(world.now()) };
        assert_eq!(names(&world, &around(&world)), Vec::<&str>::new(), "a young server");
        world.clock.advance(50 * HOUR);
        assert_eq!(names(&world, &around(&world)), ["backup"], "none at all");
        let name = dutyboard::ops::nightly::name(world.now());
        backup(&world, &format!("backups/{name}"));
        assert_eq!(names(&world, &around(&world)), Vec::<&str>::new());
        world.clock.advance(50 * HOUR);
        assert_eq!(names(&world, &around(&world)), ["backup"], "an old one");
    }

    fn a_full_disk(engine) {
        let world = idle(engine);
        let around = |free| Circumstances { free: Some(free), ..quiet(world.now()) };
        assert_eq!(names(&world, &around(10_000_000)), ["disk"]);
        assert_eq!(names(&world, &around(10_000_000_000)), Vec::<&str>::new());
    }

    fn a_schema_of_another_program(engine) {
        let world = idle(engine);
        world.tamper("UPDATE __diesel_schema_migrations SET version = '9999' WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)");
        assert_eq!(findings(&world), ["schema"]);
    }

    fn rows_that_point_to_nothing(engine) {
        let world = lived_in(engine);
        assert_eq!(findings(&world), Vec::<&str>::new());
        behind_the_back(&world, match engine {
            Engine::Sqlite => "PRAGMA foreign_keys = OFF; DELETE FROM sync_group;",
            Engine::Postgres => "SET session_replication_role = replica; DELETE FROM sync_group;",
        });
        assert_eq!(findings(&world), ["references"]);
    }

    fn storage_that_is_broken(engine) {
        let world = lived_in(engine);
        behind_the_back(&world, match engine {
            // A NULL where the table says there is none, as a bad sector leaves it.
            Engine::Sqlite => "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'email TEXT,', 'email TEXT NOT NULL,') WHERE name = 'person';",
            Engine::Postgres => "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'box_by_state'::regclass",
        });
        assert_eq!(findings(&world), ["storage"]);
    }
}

/// A job row: state, due, whose, until.
fn job(world: &World, values: &str) {
    world.tamper(&format!(
        "INSERT INTO job (id, workspace_id, kind, payload, state, due_at, leased_by, leased_until, attempts, created_at)
         VALUES ('j', '{}', 'mail.send', '{{}}', {values}, 1, 0)",
        world.cast.workspace
    ));
}

/// What no server would do: on a connection of its own, with the database's own guards off.
fn behind_the_back(world: &World, sql: &str) {
    let mut conn = dutyboard::db::dialect::open(&location(world)).expect("a connection");
    conn.batch_execute(sql).expect("a statement");
}

#[test]
fn a_place_without_a_database_is_said_to_be_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let nowhere = dutyboard::db::dialect::location(&dir.path().join("no.sqlite").to_string_lossy());
    let stop = examine(&nowhere, &quiet(0)).expect_err("nothing is there").to_string();
    assert!(stop.contains("there is no database"), "{stop}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("the folder").count(), 0, "and none was made");
}
