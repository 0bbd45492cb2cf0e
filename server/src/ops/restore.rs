//! Putting a backup in the place of the database. For phones this is an event of the protocol (sync_protocol 4.6): every
//! workspace gets an epoch that no phone has seen, so each phone takes a new name and sends its outbox and its journal again;
//! `uid` keeps what the backup still has from happening twice.

use super::archive::{Header, Reader};
use super::backup::{beside, sync_folder};
use super::{epochs, key};
use crate::db::catalogue::Table;
use crate::db::copy::Sum;
use crate::db::fill::{self, Epochs};
use crate::db::{AnyConnection, Location, copy, dialect};
use crate::kit::progress::Progress;
use crate::kit::refusal::Stop;
use crate::kit::zone;
use diesel::Connection;
use std::path::{Path, PathBuf};

/// What a restore works on. `now` in UTC ms names what is kept.
pub struct Job<'a> {
    pub file: &'a Path,
    pub location: &'a Location,
    pub data: &'a Path,
    /// Replace the workspaces of a database that cannot be kept beside.
    pub replace: bool,
    /// The key is a setting; the one in the backup is not wanted.
    pub key_is_set: bool,
    pub now: i64,
}

#[derive(Debug)]
pub struct Restored {
    pub made_at: i64,
    pub schema: String,
    pub rows: u64,
    pub epochs: Epochs,
    /// The old database, where it could be kept.
    pub kept: Option<PathBuf>,
    pub key: key::Outcome,
}

/// Restores. The server must be stopped; the caller holds the data folder alone.
///
/// # Errors
/// `Fault` in plain words; until the very last step nothing has changed.
pub fn run(job: &Job<'_>, progress: &mut dyn Progress) -> Result<Restored, Stop> {
    let header = check(job.file, progress)?;
    match dialect::file(job.location) {
        Some(file) => into_file(job, header, file, progress),
        None => into_server(job, header, progress),
    }
}

/// Reads the whole file once: a damaged one is found before anything is touched.
fn check(file: &Path, progress: &mut dyn Progress) -> Result<Header, Stop> {
    let reader = Reader::open(file)?;
    let header = reader.header.clone();
    progress.begin("checking the backup", header.rows());
    reader.each(&mut |_, batch| progress.advance(batch.rows.len() as u64))?;
    progress.end();
    Ok(header)
}

/// A new file beside the old one, complete and checked, then swapped in.
fn into_file(job: &Job<'_>, header: Header, file: &Path, progress: &mut dyn Progress) -> Result<Restored, Stop> {
    let stamp = stamp(job.now);
    let old = if file.exists() { fold_old(file)? } else { Epochs::new() };
    let building = beside(file, ".restoring");
    remove_database(&building)?;
    let result = fill::alone(&dialect::location(&building.to_string_lossy()), |conn| {
        let epochs = conn.transaction(|conn| fill_from(conn, job, &header, &old, progress))?;
        let wrong = [dialect::health::storage(conn)?, dialect::health::dangling(conn)?].concat();
        if !wrong.is_empty() {
            return Err(Stop::fault(format!("the restored database is not sound: {}", wrong.join("; "))));
        }
        dialect::fold(conn)?;
        Ok(epochs)
    });
    let epochs = result.inspect_err(|_| {
        // Half a database is of no use to anybody; the error says why it is not whole.
        let _ = remove_database(&building);
    })?;
    epochs::note(job.data, &epochs)?;
    let kept = if file.exists() { Some(keep(file, &format!(".before-{stamp}"))?) } else { None };
    std::fs::File::open(&building).and_then(|file| file.sync_all()).map_err(Stop::fault)?;
    std::fs::rename(&building, file).map_err(Stop::fault)?;
    sync_folder(file)?;
    finish(job, header, epochs, kept)
}

fn into_server(job: &Job<'_>, header: Header, progress: &mut dyn Progress) -> Result<Restored, Stop> {
    let epochs = fill::alone(job.location, |conn| {
        conn.transaction(|conn| {
            if !job.replace && !fill::is_free(conn)? {
                return Err(Stop::fault("the database holds data already; with --replace it is given up for the backup's"));
            }
            dialect::keep_writers_out(conn)?;
            let old = fill::epochs(conn)?;
            let epochs = fill_from(conn, job, &header, &old, progress)?;
            // Before the commit: an epoch that was handed out and not noted could be handed out again.
            epochs::note(job.data, &epochs)?;
            Ok(epochs)
        })
    })?;
    finish(job, header, epochs, None)
}

fn finish(job: &Job<'_>, header: Header, epochs: Epochs, kept: Option<PathBuf>) -> Result<Restored, Stop> {
    let wanted = header.key.as_deref().filter(|_| !job.key_is_set);
    let key = key::put_back(job.data, wanted, &stamp(job.now))?;
    Ok(Restored { made_at: header.made_at, rows: header.rows(), schema: header.schema, epochs, kept, key })
}

/// Everything in one transaction: the backup's schema, its rows, a comparison with what it promised, the newest schema, epochs.
fn fill_from(
    conn: &mut AnyConnection,
    job: &Job<'_>,
    header: &Header,
    old: &Epochs,
    progress: &mut dyn Progress,
) -> Result<Epochs, Stop> {
    let tables = fill::empty_tables(conn, &header.schema)?;
    fits(header, &tables)?;
    progress.begin("restoring", header.rows());
    let promised = Reader::open(job.file)?.each(&mut |name, batch| {
        let table = tables.iter().find(|table| table.name == name).ok_or_else(|| Stop::fault(format!("no table {name}")))?;
        copy::insert(conn, table, &batch)?;
        progress.advance(batch.rows.len() as u64)
    })?;
    progress.end();
    compare(conn, &tables, &promised, progress)?;
    fill::to_newest(conn)?;
    let next = epochs::next(&fill::epochs(conn)?, &[old, &epochs::noted(job.data)?]);
    for (workspace_id, epoch) in &next {
        fill::set_epoch(conn, workspace_id, *epoch)?;
    }
    Ok(next)
}

/// The tables of the backup's schema are the tables in the backup.
fn fits(header: &Header, tables: &[Table]) -> Result<(), Stop> {
    let mut here: Vec<(&str, Vec<String>)> = tables.iter().map(|table| (table.name.as_str(), table.column_names())).collect();
    let mut there: Vec<(&str, Vec<String>)> =
        header.tables.iter().map(|shape| (shape.name.as_str(), shape.columns.clone())).collect();
    here.sort();
    there.sort();
    if here == there {
        Ok(())
    } else {
        Err(Stop::fault(format!("the backup's tables are not those of schema {}", header.schema)))
    }
}

fn compare(
    conn: &mut AnyConnection,
    tables: &[Table],
    promised: &[(String, Sum)],
    progress: &mut dyn Progress,
) -> Result<(), Stop> {
    progress.begin("comparing", promised.iter().map(|(_, sum)| sum.rows).sum());
    for table in tables {
        let found = copy::read_table(conn, table, &mut |batch| progress.advance(batch.rows.len() as u64))?;
        if !promised.iter().any(|(name, sum)| *name == table.name && *sum == found) {
            return Err(Stop::fault(format!("table {} did not arrive as it is in the backup", table.name)));
        }
    }
    progress.end();
    Ok(())
}

/// Folds the old database into one file and reads its epochs. One that is broken is moved aside as it is: that may be why
/// there is a restore.
fn fold_old(file: &Path) -> Result<Epochs, Stop> {
    fill::alone(&dialect::location(&file.to_string_lossy()), |conn| {
        let epochs = fill::epochs(conn)?;
        dialect::fold(conn)?;
        Ok(epochs)
    })
    .or_else(|stop| match stop {
        Stop::Busy(_) => Err(Stop::fault(format!("somebody else has {} open; stop the server first", file.display()))),
        full @ Stop::Full(_) => Err(full),
        Stop::Fault(_) | Stop::Refused(_) => Ok(Epochs::new()),
    })
}

/// Gives the old database a second name, so that at no moment there is none under the first.
fn keep(file: &Path, ending: &str) -> Result<PathBuf, Stop> {
    let kept = beside(file, ending);
    std::fs::hard_link(file, &kept).or_else(|_| std::fs::copy(file, &kept).map(drop)).map_err(Stop::fault)?;
    for part in ["-wal", "-shm"] {
        // Only a broken database still has them; the new one must not find them.
        let path = beside(file, part);
        if path.exists() {
            std::fs::rename(&path, beside(&kept, part)).map_err(Stop::fault)?;
        }
    }
    Ok(kept)
}

fn remove_database(file: &Path) -> Result<(), Stop> {
    for part in ["", "-wal", "-shm", "-journal"] {
        match std::fs::remove_file(beside(file, part)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Stop::fault(error)),
            _ => {}
        }
    }
    Ok(())
}

/// An instant in a file's name, UTC.
pub fn stamp(now: i64) -> String {
    zone::local_time(now, chrono_tz::UTC).format("%Y%m%dT%H%M%SZ").to_string()
}
