//! Looks a database over, served or not: is it sound, do the parts fit, does the work get done? Every finding says what is
//! wrong and what to do about it. Reads one snapshot and changes nothing.

use super::nightly;
use crate::config::{Config, Daily};
use crate::db::{AnyConnection, Location, copy, dialect};
use crate::jobs::queue;
use crate::kit::refusal::Stop;
use crate::{door, mail, rooms, sync};
use diesel::Connection;
use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// A job may be taken up late when there is much to do, a mail may wait for a server that is away for a while.
const JOB_LATE_MS: i64 = 15 * MINUTE_MS;
const MAIL_LATE_MS: i64 = 2 * 60 * MINUTE_MS;
/// Two nights: one may be made up for.
const BACKUP_OLD_MS: i64 = 2 * DAY_MS;
/// Room that must be left (bytes): the write-ahead log, a backup and a restore all need some.
const ROOM: u64 = 512 * 1024 * 1024;
const EXAMPLES: usize = 3;

/// What is around the database.
pub struct Circumstances {
    /// UTC ms.
    pub now: i64,
    /// Where backups should be; none when they are off.
    pub backup_dir: Option<PathBuf>,
    /// Bytes free where the data is, when that can be told.
    pub free: Option<u64>,
}

impl Circumstances {
    pub fn of(config: &Config, now: i64) -> Self {
        let is_on = config.nightly.backup_at != Daily::Off;
        Circumstances { now, backup_dir: is_on.then(|| config.backup_dir()), free: free(&config.data) }
    }
}

fn free(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

/// Something wrong. `check` is a fixed name for scripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub check: &'static str,
    pub what: String,
    pub advice: &'static str,
}

#[derive(Debug, Serialize)]
pub struct Report {
    pub schema: String,
    pub checks: usize,
    pub findings: Vec<Finding>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { check, what, advice } in &self.findings {
            writeln!(f, "✗ {check}: {what}\n  {advice}")?;
        }
        if self.findings.is_empty() {
            writeln!(f, "✓ {} checks, schema {}: all is well", self.checks, self.schema)
        } else {
            writeln!(f, "{} of {} checks found something wrong", self.findings.len(), self.checks)
        }
    }
}

type Check = fn(&mut AnyConnection, &Circumstances) -> Result<Option<String>, Stop>;

/// Name, what looks, what to do when it found something.
const CHECKS: [(&str, Check, &str); 14] = [
    ("storage", storage, "Restore the last backup; the disk may be failing."),
    ("references", references, "Rows were changed behind the server's back. Restore the last backup."),
    ("views", views, "Phones are shown something else than the rows say. Report it, and restore the last backup."),
    ("unseen", unseen, "The nightly cleaning takes them away; if they come back, report it."),
    ("hollow", hollow, "Phones miss rows that they should see. Report it, and restore the last backup."),
    ("counter", counter, "Phones would miss changes. Restore the last backup: it gives every phone a fresh start."),
    ("log", log, "Restore the last backup: phones then send again what they still have."),
    ("blobs", blobs, "Restore the last backup that has them; phones that took them send them again."),
    ("dead_letters", dead_letters, "The owner sees them in the app and can retry or give them up, one by one."),
    ("late_jobs", late_jobs, "Is a server running? Look at its log for what keeps it busy."),
    ("abandoned_jobs", abandoned_jobs, "A server died at work and none has taken over: start one."),
    ("mails", mails, "Check the SMTP settings and whether a server is running."),
    ("backup", backup, "Look for the dead letter of backup.make; make one now with `dutyboard backup`."),
    ("disk", disk, "Free space, or let --backup-keep be fewer days."),
];

/// # Errors
/// `Fault` when there is no database there, or it cannot be reached.
pub fn examine(location: &Location, around: &Circumstances) -> Result<Report, Stop> {
    copy::inspect(location, |conn| {
        let newest = dialect::newest_schema()?;
        let schema = dialect::rows::schema_version(conn)?.ok_or_else(|| Stop::fault("this database is not a Dutyboard's"))?;
        let mut report = Report { schema, checks: CHECKS.len() + 1, findings: Vec::new() };
        if report.schema != newest {
            // The other checks speak the newest schema.
            report.findings.push(schema_finding(&report.schema, &newest));
            return Ok(report);
        }
        for (check, look, advice) in CHECKS {
            // A check that cannot be made must not keep the others from being made.
            let found = conn.transaction(|conn| look(conn, around));
            let what = found.unwrap_or_else(|stop| Some(format!("could not be looked at: {stop}")));
            report.findings.extend(what.map(|what| Finding { check, what, advice }));
        }
        Ok(report)
    })
}

fn schema_finding(schema: &str, newest: &str) -> Finding {
    let what = format!("the database has schema {schema}, this program works on {newest}");
    let advice = if schema < newest { "Run `dutyboard migrate`, or start the server." } else { "Use the newer program." };
    Finding { check: "schema", what, advice }
}

/// So many, and the first few of them.
fn listed(all: &[String]) -> Option<String> {
    let more = if all.len() > EXAMPLES { " …" } else { "" };
    let first = all.iter().take(EXAMPLES).cloned().collect::<Vec<_>>().join("; ");
    (!all.is_empty()).then(|| format!("{} found: {first}{more}", all.len()))
}

fn counted(count: i64, what: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {what}"))
}

/// Asks the same of every workspace.
fn everywhere<T>(
    conn: &mut AnyConnection,
    mut ask: impl FnMut(&mut AnyConnection, &str) -> Result<T, Stop>,
) -> Result<Vec<T>, Stop> {
    let all = door::check::workspace_ids(conn)?;
    all.iter().map(|workspace_id| ask(conn, workspace_id)).collect()
}

fn storage(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    Ok(listed(&dialect::health::storage(conn)?))
}

fn references(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    Ok(listed(&dialect::health::dangling(conn)?))
}

fn views(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    let odd = everywhere(conn, |conn, id| {
        let images = rooms::images(conn, id)?;
        door::check::published(conn, id, &images)
    })?;
    Ok(listed(&odd.concat()))
}

fn unseen(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    let all = everywhere(conn, door::check::orphans)?;
    Ok(counted(all.iter().map(|(unseen, _)| unseen).sum(), "entries are kept that nobody is shown"))
}

fn hollow(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    let all = everywhere(conn, door::check::orphans)?;
    Ok(counted(all.iter().map(|(_, hollow)| hollow).sum(), "rows are shown to somebody and have no entry"))
}

fn counter(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    let most = everywhere(conn, door::check::ahead_of_counter)?.into_iter().max().unwrap_or(0);
    Ok(counted(most, "versions were given out that the counter does not know"))
}

fn log(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    Ok(listed(&everywhere(conn, sync::check::gaps)?.concat()))
}

fn blobs(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    Ok(counted(everywhere(conn, sync::check::lost_blobs)?.into_iter().sum(), "files are named by rows and not stored"))
}

fn dead_letters(conn: &mut AnyConnection, _: &Circumstances) -> Result<Option<String>, Stop> {
    Ok(counted(queue::count(conn, "dead")?, "jobs failed for good"))
}

fn late_jobs(conn: &mut AnyConnection, around: &Circumstances) -> Result<Option<String>, Stop> {
    let (untaken, _) = queue::late(conn, around.now - JOB_LATE_MS)?;
    Ok(counted(untaken, "jobs have been due for over a quarter of an hour"))
}

fn abandoned_jobs(conn: &mut AnyConnection, around: &Circumstances) -> Result<Option<String>, Stop> {
    let (_, abandoned) = queue::late(conn, around.now - JOB_LATE_MS)?;
    Ok(counted(abandoned, "jobs were begun by a server that is gone"))
}

fn mails(conn: &mut AnyConnection, around: &Circumstances) -> Result<Option<String>, Stop> {
    Ok(counted(mail::old::waiting(conn, around.now - MAIL_LATE_MS)?, "mails have waited for over two hours"))
}

fn backup(conn: &mut AnyConnection, around: &Circumstances) -> Result<Option<String>, Stop> {
    let Some(dir) = &around.backup_dir else { return Ok(None) };
    let since = |at: i64| around.now - at > BACKUP_OLD_MS;
    match nightly::newest(dir)? {
        Some(at) => Ok(since(at).then(|| format!("the last backup is {} days old", (around.now - at) / DAY_MS))),
        None => {
            let founded = everywhere(conn, door::old::founded_at)?.into_iter().min();
            Ok(founded.filter(|at| since(*at)).map(|_| format!("there is no backup in {}", dir.display())))
        }
    }
}

fn disk(_: &mut AnyConnection, around: &Circumstances) -> Result<Option<String>, Stop> {
    let short = around.free.filter(|free| *free < ROOM);
    Ok(short.map(|free| format!("only {} MB are free where the data is", free / 1_000_000)))
}
