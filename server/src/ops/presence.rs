//! Who is at work on a data folder: servers share it, restore and port need it alone. The lock goes with the process, however
//! that ends.

use crate::kit::refusal::Stop;
use std::fs::{File, TryLockError};
use std::path::Path;

const NAME: &str = "dutyboard.lock";

/// Held as long as the work lasts.
pub struct Presence(#[allow(dead_code, reason = "the lock lives as long as the file is open")] File);

/// A server is here.
///
/// # Errors
/// `Fault` while a restore or port has the folder for itself.
pub fn serving(data: &Path) -> Result<Presence, Stop> {
    let file = open(data)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(Presence(file)),
        Err(TryLockError::WouldBlock) => {
            Err(Stop::fault(format!("a restore or port is at work on {}; wait for it", data.display())))
        }
        Err(TryLockError::Error(error)) => Err(Stop::fault(error)),
    }
}

/// Nobody else is here.
///
/// # Errors
/// `Fault` while a server runs on the folder.
pub fn alone(data: &Path) -> Result<Presence, Stop> {
    let file = open(data)?;
    match file.try_lock() {
        Ok(()) => Ok(Presence(file)),
        Err(TryLockError::WouldBlock) => Err(Stop::fault(format!("a server is running on {}; stop it first", data.display()))),
        Err(TryLockError::Error(error)) => Err(Stop::fault(error)),
    }
}

fn open(data: &Path) -> Result<File, Stop> {
    let told = |error: std::io::Error| Stop::fault(format!("{}: {error}", data.display()));
    std::fs::create_dir_all(data).map_err(told)?;
    File::options().create(true).truncate(false).write(true).open(data.join(NAME)).map_err(told)
}
