//! The backup that nobody has to think of.

use super::restored;
use crate::harness::world::at;
use crate::harness::{HOUR, MINUTE, World, both_engines};
use dutyboard::app::App;
use dutyboard::config::Daily;
use dutyboard::jobs::{Lane, queue, runner, ticker};
use dutyboard::ops::archive::Reader;
use dutyboard::ops::{nightly, restore};
use std::path::PathBuf;
use std::sync::Arc;

/// A world that is backed up at half past three and keeps three days.
fn backed_up(engine: crate::harness::Engine) -> World {
    World::new(engine).with(|config| {
        config.nightly.backup_at = Daily::At(chrono::NaiveTime::from_hms_opt(3, 30, 0).expect("a time"));
        config.nightly.backup_keep = 3;
    })
}

fn dir(world: &World) -> PathBuf {
    world.app.config.backup_dir()
}

fn names(world: &World) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir(world)) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn name(day: &str, hhmm: &str) -> String {
    nightly::name(at(day, hhmm))
}

both_engines! {
    fn every_night_has_its_backup_and_old_ones_go(engine) {
        let world = backed_up(engine);
        world.tick();
        assert_eq!(names(&world), Vec::<String>::new(), "a workspace of this morning missed no night");
        world.move_to("2026-03-03", "03:29");
        world.tick();
        assert_eq!(names(&world).len(), 0);
        for time in ["03:30", "03:31", "12:00", "23:59"] {
            world.move_to("2026-03-03", time);
            world.tick();
        }
        assert_eq!(names(&world), [name("2026-03-03", "03:30")], "one a night, in the zone of the people");
        Reader::open(&dir(&world).join(&names(&world)[0])).expect("a backup").each(&mut |_, _| Ok(())).expect("whole");

        // The server is down for two nights: one backup makes up for both.
        world.move_to("2026-03-05", "09:00");
        world.tick();
        world.tick();
        assert_eq!(names(&world), [name("2026-03-03", "03:30"), name("2026-03-05", "09:00")]);

        // Three days are kept, and nothing is deleted that is not ours.
        let foreign = ["dutyboard-20200101T000000Z.tar", "my-dutyboard-20200101T000000Z.jsonl.gz", "notes.txt"];
        for name in foreign {
            std::fs::write(dir(&world).join(name), "mine").expect("a file");
        }
        let half = "dutyboard-20200101T000000Z.jsonl.gz.partial";
        std::fs::write(dir(&world).join(half), "half").expect("a file");
        for day in ["2026-03-06", "2026-03-07"] {
            world.move_to(day, "03:30");
            world.tick();
        }
        let mut wanted: Vec<String> = foreign.map(str::to_owned).into();
        wanted.extend([name("2026-03-05", "09:00"), name("2026-03-06", "03:30"), name("2026-03-07", "03:30")]);
        wanted.sort();
        assert_eq!(names(&world), wanted);
    }

    fn the_newest_is_kept_however_old(engine) {
        let world = backed_up(engine);
        std::fs::create_dir_all(dir(&world)).expect("a folder");
        for day in ["2020-01-01", "2020-01-02"] {
            std::fs::write(dir(&world).join(name(day, "03:30")), "old").expect("a file");
        }
        assert_eq!(nightly::prune(&dir(&world), 3, world.now()).expect("a tidy folder"), 1);
        assert_eq!(names(&world), [name("2020-01-02", "03:30")]);
    }

    fn of_several_servers_one_makes_it(engine) {
        let world = backed_up(engine);
        world.move_to("2026-03-03", "03:30");
        let other = Arc::new(App::open(world.app.config.clone(), world.clock.clone()).expect("a second server"));
        world.block_on(async {
            ticker::tick(&world.app).await.expect("a tick");
            ticker::tick(&other).await.expect("a tick");
            let claimed = world.app.door.upkeep(|conn| queue::claim(conn, "one", Lane::All, at("2026-03-03", "03:30"))).expect("a claim").expect("a job");
            // While one is at work, the others find everything but this job.
            runner::drain(&other, "two").await.expect("the queue");
            world.app.db.read(|conn| {
                assert_eq!(queue::count(conn, "queued")?, 1, "{} is somebody's", claimed.kind);
                Ok(())
            })
        })
        .expect("a read");
        world.clock.advance(2 * MINUTE);
        world.tick();
        assert_eq!(names(&world).len(), 1);
    }

    /// A backup of a large database takes longer than a lease.
    fn a_lease_is_kept_while_the_work_lasts(engine) {
        let world = backed_up(engine);
        world.move_to("2026-03-03", "03:30");
        world.block_on(ticker::tick(&world.app)).expect("a tick");
        let claim = |who: &'static str| {
            let now = world.now();
            world.app.door.upkeep(move |conn| queue::claim(conn, who, Lane::All, now)).expect("a claim")
        };
        let mut held = Vec::new();
        while let Some(row) = claim("one") {
            held.push(row.id);
        }
        world.clock.advance(queue::LEASE_MS - 1);
        let (id, now) = (held[0].clone(), world.now());
        world.app.door.upkeep(move |conn| queue::keep(conn, &id, "one", now)).expect("renewed");
        world.clock.advance(2);
        let mut lost = Vec::new();
        while let Some(row) = claim("two") {
            lost.push(row.id);
        }
        lost.sort();
        let mut rest = held.split_off(1);
        rest.sort();
        assert_eq!(lost, rest, "the one that was renewed stays");
    }

    fn a_backup_that_cannot_be_made_is_a_dead_letter(engine) {
        let world = backed_up(engine);
        // Where the folder should be there is a file.
        std::fs::write(dir(&world), "in the way").expect("a file");
        world.move_to("2026-03-03", "03:30");
        // All its tries fit into the day.
        for _ in 0..18 {
            world.tick();
            world.clock.advance(HOUR);
        }
        let dead = world.read(|conn| queue::dead(conn, &world.cast.workspace));
        assert_eq!(dead.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["backup.make"]);
        assert!(dead[0].last_error.is_some());
        // The next night tries anew, and the owner's retry makes up for the failed one.
        std::fs::remove_file(dir(&world)).expect("out of the way");
        world.move_to("2026-03-04", "03:30");
        world.tick();
        assert_eq!(names(&world), [name("2026-03-04", "03:30")]);
    }

    fn a_nightly_backup_restores(engine) {
        let world = backed_up(engine);
        world.move_to("2026-03-03", "03:30");
        world.tick();
        let file = dir(&world).join(name("2026-03-03", "03:30"));
        let world = restored(world, &file);
        crate::sync::checks::entries_are_rows(&world).expect("I14");
        // The job that made it was in the queue at that moment; it may run again and does no harm.
        world.clock.advance(2 * MINUTE);
        world.tick();
        assert!(restore::stamp(world.now()).starts_with("20260302T1932"));
    }
}
