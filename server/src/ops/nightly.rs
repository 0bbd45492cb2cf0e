//! The backup of every night: its file, its job, and which old ones go.

use super::backup::{ENDING, PARTIAL};
use super::{backup, chores, key, restore};
use crate::app::App;
use crate::jobs::{JobError, blocking};
use crate::kit::progress::Silent;
use crate::kit::refusal::Stop;
use chrono::NaiveDateTime;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const BEGINNING: &str = "dutyboard-";
const STAMP: &str = "%Y%m%dT%H%M%SZ";
const DAY_MS: i64 = 24 * 3_600_000;

/// Name of a backup made at an instant (ms).
pub fn name(now: i64) -> String {
    format!("{BEGINNING}{}{ENDING}", restore::stamp(now))
}

/// When a file was made (ms), by its name; none when the name is not one of ours.
fn made_at(name: &str, ending: &str) -> Option<i64> {
    let stamp = name.strip_prefix(BEGINNING)?.strip_suffix(ending)?;
    let at = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?.and_utc().timestamp_millis();
    // Parsing is generous about digits; our own names are not.
    (restore::stamp(at) == stamp).then_some(at)
}

/// Our own files in a folder with when they were made (ms), oldest first; none when there is no folder.
fn files(dir: &Path, ending: &str) -> Result<Vec<(i64, PathBuf)>, Stop> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Stop::fault(format!("{}: {error}", dir.display()))),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(Stop::fault)?.path();
        if let Some(at) = path.file_name().and_then(|name| name.to_str()).and_then(|name| made_at(name, ending)) {
            found.push((at, path));
        }
    }
    found.sort();
    Ok(found)
}

/// When the newest backup in a folder was made (ms).
///
/// # Errors
/// `Fault` when the folder cannot be read.
pub fn newest(dir: &Path) -> Result<Option<i64>, Stop> {
    Ok(files(dir, ENDING)?.last().map(|(at, _)| *at))
}

/// Deletes backups older than so many days, never the newest, and what a backup that was killed left half-written. Files with
/// other names are nobody's business.
///
/// # Errors
/// `Fault` when the folder cannot be read or a file not be deleted.
pub fn prune(dir: &Path, keep_days: u32, now: i64) -> Result<usize, Stop> {
    let before = now - i64::from(keep_days) * DAY_MS;
    let mut old = files(dir, ENDING)?;
    old.pop();
    old.retain(|(at, _)| *at < before);
    let halves = files(dir, &format!("{ENDING}{PARTIAL}"))?;
    old.extend(halves.into_iter().filter(|(at, _)| *at < now - DAY_MS));
    for (_, path) in &old {
        std::fs::remove_file(path).map_err(|error| Stop::fault(format!("{}: {error}", path.display())))?;
    }
    Ok(old.len())
}

/// The job: one backup, then the old ones go. Run twice it makes two, which harms nobody.
///
/// # Errors
/// `Retry` with what stood in the way.
pub async fn run(app: &App, workspace_id: &str, payload: &Value) -> Result<(), JobError> {
    let turn = payload["turn"].as_i64().unwrap_or_default();
    let (config, door, workspace_id) = (app.config.clone(), app.door.clone(), workspace_id.to_owned());
    blocking(move || {
        let now = door.clock.now_ms();
        let dir = config.backup_dir();
        let to = dir.join(name(now));
        // A file of this very second is whole: it was made by a run that did not get to say so.
        if !to.exists() {
            let written = backup::write(&config.location(), &to, now, key::of(&config)?, &mut Silent)?;
            tracing::info!(rows = written.rows(), bytes = written.bytes, "backup");
        }
        prune(&dir, config.nightly.backup_keep, now)?;
        chores::note(&door, &workspace_id, chores::BACKUP, turn)
    })
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_ours() {
        let now = 1_772_400_600_000;
        assert_eq!(made_at(&name(now), ENDING), Some(now));
        for other in [
            "dutyboard-2026.jsonl.gz",
            "dutyboard-20260302T033000Z.jsonl",
            "my-dutyboard-20260302T033000Z.jsonl.gz",
            "dutyboard-20260302T033000Z.jsonl.gz.partial",
            "dutyboard-+20260302T033000Z.jsonl.gz",
            "notes",
        ] {
            assert_eq!(made_at(other, ENDING), None, "{other}");
        }
    }
}
