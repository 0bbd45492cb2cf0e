//! The folder into which a mail server puts what comes back (maildir): each mail is read once, then kept under `cur`.
//!
//! What it says is committed before the mail is moved, and said twice it changes nothing: after a crash, or with two servers on
//! one folder, a mail may be read again.

use super::bounce::{self, READ_MAX};
use super::incoming;
use crate::app::App;
use crate::kit::refusal::Stop;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Mails read in one go; the rest waits for the next minute.
const AT_ONCE: usize = 200;

/// Reads what lies in `new`. Waits: not for network threads.
///
/// # Errors
/// `Fault` when the folder cannot be read, `Fault` or `Busy` from the database: then the mail is still there.
pub fn tick(app: &App, folder: &Path) -> Result<(), Stop> {
    let failed = |error: io::Error| Stop::fault(format!("the folder of mails that come back: {}", error.kind()));
    for path in waiting(&folder.join("new")).map_err(failed)? {
        match head(&path) {
            Ok(raw) => incoming::deliver(app, &bounce::read(&raw))?,
            // Another server was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            // No mail at all, or not ours to read: it is put aside like the others, and never looked at again.
            Err(error) => tracing::warn!(kind = %error.kind(), "a mail that came back cannot be read"),
        }
        put_aside(&path, &folder.join("cur")).map_err(failed)?;
    }
    Ok(())
}

/// The oldest first, by name.
fn waiting(new: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(new)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') && !entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    found.truncate(AT_ONCE);
    Ok(found)
}

/// As much of a mail as is read. Only of plain files: what a link or a pipe leads to is not a mail.
fn head(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let mut raw = Vec::new();
    fs::File::open(path)?.take(READ_MAX as u64).read_to_end(&mut raw)?;
    Ok(raw)
}

/// Moves a mail to those that are done with, marked as seen.
fn put_aside(path: &Path, cur: &Path) -> io::Result<()> {
    fs::create_dir_all(cur)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.split(":2,").next().unwrap_or_default();
    match fs::rename(path, cur.join(format!("{stem}:2,S"))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
