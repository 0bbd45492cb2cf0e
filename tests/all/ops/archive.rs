//! The backup file: whole, the same on both engines, and never mistaken for one when it is not.

use super::{backup, location, restore, restored};
use crate::harness::dump::dump;
use crate::harness::{Engine, World, both_engines};
use diesel::prelude::*;
use dutyboard::db::AnyConnection;
use dutyboard::db::schema::blob;
use dutyboard::kit::ids::fresh;
use dutyboard::kit::progress::{Progress, Silent};
use dutyboard::kit::refusal::Stop;
use dutyboard::ops::archive::Reader;
use dutyboard::ops::backup::write;
use serde_json::json;

/// Everything that a text can be bent by on its way through JSON and two engines.
const AWKWARD: &str = "引号\" 反\\斜 \u{7f} \u{1} \t\n\r\u{8}\u{c} 'x' {\"a\":1} [] null 😀 \u{2028} é e\u{301} %_";

/// A box, and a file whose every column is at the edge of what it can hold.
fn awkward(world: &World) {
    let args =
        json!({ "id": fresh(), "day": "2026-03-02", "title": "盘点", "quadrant": "Q1", "kind": "anytime", "assignee_id": null });
    world.run(&world.cast.owner, "box.create", args).expect("a box");
    let workspace = world.cast.workspace.clone();
    let work = move |conn: &mut AnyConnection| {
        let bytes: Vec<u8> = (0..=255).collect();
        let row = (
            blob::workspace_id.eq(workspace),
            blob::sha256.eq("f".repeat(64)),
            blob::size.eq(i64::MAX),
            blob::mime.eq(AWKWARD),
            blob::created_by.eq(""),
            blob::created_at.eq(-1_i64),
            blob::bytes.eq(bytes),
        );
        Ok(diesel::insert_into(blob::table).values(row).execute(conn)?)
    };
    world.app.door.upkeep(work).expect("a blob");
}

/// Writes to the database after each batch that goes by.
struct Busy<'a>(&'a World, usize);

impl Progress for Busy<'_> {
    fn begin(&mut self, _: &str, _: u64) {}
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        self.1 += 1;
        let args = json!({ "id": fresh(), "name": format!("座{}", self.1), "shop_id": null, "archived": false });
        self.0.run(&self.0.cast.owner, "seat.save", args).expect("the server works on");
        Ok(())
    }
    fn end(&mut self) {}
}

fn other(engine: Engine) -> Engine {
    if engine == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite }
}

both_engines! {
    fn a_backup_comes_back_to_the_last_byte(engine) {
        let world = World::new(engine);
        awkward(&world);
        let file = backup(&world, "one.jsonl.gz");
        let mut before = dump(&world);
        world.run(&world.cast.owner, "seat.save", json!({ "id": fresh(), "name": "later", "shop_id": null, "archived": false })).expect("a seat");
        let world = restored(world, &file);
        let mut after = dump(&world);
        // The epoch is the one thing that a restore changes.
        assert_ne!(before.remove("sync_workspace"), after.remove("sync_workspace"));
        assert_eq!(before, after);
    }

    fn a_backup_of_one_engine_fits_the_other(engine) {
        let world = World::new(engine);
        awkward(&world);
        let file = backup(&world, "one.jsonl.gz");
        let sums = Reader::open(&file).expect("a backup").each(&mut |_, _| Ok(())).expect("whole");
        let target = World::bare(other(engine));
        let now = target.now();
        let target = target.while_stopped(|config| drop(restore(&file, &config.location(), &config.data, now).expect("a restore")));
        let back = backup(&target, "two.jsonl.gz");
        let again = Reader::open(&back).expect("a backup").each(&mut |_, _| Ok(())).expect("whole");
        let differing: Vec<&str> = sums.iter().zip(&again).filter(|(a, b)| a != b).map(|(a, _)| a.0.as_str()).collect();
        assert_eq!(differing, ["sync_workspace"], "all but the epoch");
        assert!(sums.iter().map(|(_, sum)| sum.rows).sum::<u64>() > 100);
    }

    fn a_backup_is_one_moment_while_people_write(engine) {
        let world = World::new(engine);
        let seats = |world: &World| dump(world)["seat"].len();
        let before = seats(&world);
        let file = world.scratch.dir.path().join("one.jsonl.gz");
        let mut busy = Busy(&world, 0);
        write(&location(&world), &file, world.now(), None, &mut busy).expect("a backup");
        let written = busy.1;
        assert!(written > 10, "something was written between all tables");
        assert_eq!(seats(&world), before + written);
        let world = restored(world, &file);
        assert_eq!(seats(&world), before, "what was there when it began, and nothing else");
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }

    fn a_damaged_or_cut_backup_changes_nothing(engine) {
        let world = World::new(engine);
        let file = backup(&world, "one.jsonl.gz");
        let whole = std::fs::read(&file).expect("the file");
        let before = dump(&world);
        let now = world.now();
        let world = world.while_stopped(|config| {
            let folder = || {
                let mut names: Vec<_> = std::fs::read_dir(&config.data).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
                names.sort();
                names
            };
            let names = folder();
            let mut flipped = whole.clone();
            flipped[whole.len() / 2] ^= 0x10;
            for (bytes, how) in [(&whole[..whole.len() / 2], "cut"), (&whole[..whole.len() - 9], "short of its end"), (&flipped[..], "flipped"), (b"no backup at all", "foreign"), (b"", "empty")] {
                std::fs::write(&file, bytes).expect("a broken file");
                let stop = restore(&file, &config.location(), &config.data, now).expect_err(how).to_string();
                assert!(stop.contains("damaged") || stop.contains("not a Dutyboard backup"), "{how}: {stop}");
                assert_eq!(folder(), names, "{how}: nothing is left lying about");
            }
        });
        assert_eq!(dump(&world), before);
    }

    fn a_disk_that_fails_leaves_no_backup(engine) {
        struct Failing;
        impl Progress for Failing {
            fn begin(&mut self, _: &str, _: u64) {}
            fn advance(&mut self, _: u64) -> Result<(), Stop> {
                Err(Stop::fault("no space left"))
            }
            fn end(&mut self) {}
        }
        let world = World::new(engine);
        let dir = world.scratch.dir.path().join("backups");
        let to = dir.join("one.jsonl.gz");
        write(&location(&world), &to, world.now(), None, &mut Failing).expect_err("no room");
        assert_eq!(std::fs::read_dir(&dir).expect("the folder").count(), 0);
        write(&location(&world), &to, world.now(), None, &mut Silent).expect("there is room again");
        let stop = write(&location(&world), &to, world.now(), None, &mut Silent).expect_err("never over another");
        assert!(stop.to_string().contains("exists already"), "{stop}");
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&to).expect("the file").permissions().mode() & 0o777, 0o600, "for its owner alone");
    }
}
