//! What the person who runs the server does: backup, restore, port, the nightly work, doctor.

use crate::harness::World;
use dutyboard::db::Location;
use dutyboard::kit::progress::Silent;
use dutyboard::kit::refusal::Stop;
use dutyboard::ops::backup;
use dutyboard::ops::restore::{Job, Restored, run};
use std::path::{Path, PathBuf};

mod archive;
mod cleaning;
mod doctor;
mod forgetting;
mod nightly;
mod port;
pub mod restore;

/// A backup of a running server, beside its data.
fn backup(world: &World, name: &str) -> PathBuf {
    let to = world.scratch.dir.path().join(name);
    backup::write(&location(world), &to, world.now(), None, &mut Silent).expect("a backup");
    to
}

fn location(world: &World) -> Location {
    world.app.config.location()
}

/// Restores over whatever is there, as `restore --replace` does.
fn restore(file: &Path, location: &Location, data: &Path, now: i64) -> Result<Restored, Stop> {
    run(&Job { file, location, data, replace: true, key_is_set: true, now }, &mut Silent)
}

/// Stops the server, restores, and starts it again.
fn restored(world: World, file: &Path) -> World {
    let now = world.now();
    world.while_stopped(|config| drop(restore(file, &config.location(), &config.data, now).expect("a restore")))
}
