//! Making a backup while the server runs: one snapshot of the data, written beside its final name, read back and compared,
//! and only then given its name.

use super::archive::{Header, Reader, Scribe};
use crate::db::copy::{self, Sum};
use crate::db::{AnyConnection, Location, catalogue, dialect};
use crate::kit::progress::Progress;
use crate::kit::refusal::Stop;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

pub const ENDING: &str = ".jsonl.gz";
pub const PARTIAL: &str = ".partial";

/// What was written. Sizes in bytes.
#[derive(Debug)]
pub struct Written {
    pub tables: Vec<(String, Sum)>,
    pub bytes: u64,
}

impl Written {
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|(_, sum)| sum.rows).sum()
    }
}

/// Writes everything the database holds at this moment into a file that is not there yet.
///
/// # Errors
/// `Fault` in plain words when there is no such database, the file exists, the disk is full, or what was written does not
/// read back the same. Nothing is left behind then.
pub fn write(
    location: &Location,
    to: &Path,
    made_at: i64,
    key: Option<String>,
    progress: &mut dyn Progress,
) -> Result<Written, Stop> {
    if to.exists() {
        return Err(Stop::fault(format!("{} exists already; give another name", to.display())));
    }
    let partial = beside(to, PARTIAL);
    let result = write_and_check(location, &partial, made_at, key, progress).and_then(|tables| {
        let bytes = std::fs::metadata(&partial).map_err(Stop::fault)?.len();
        std::fs::rename(&partial, to).map_err(Stop::fault)?;
        sync_folder(to)?;
        Ok(Written { tables, bytes })
    });
    if result.is_err() {
        // What is left of it is worth nothing, and the first error is the one to tell.
        let _ = std::fs::remove_file(&partial);
    }
    result
}

fn write_and_check(
    location: &Location,
    partial: &Path,
    made_at: i64,
    key: Option<String>,
    progress: &mut dyn Progress,
) -> Result<Vec<(String, Sum)>, Stop> {
    let file = private_file(partial)?;
    let written = copy::inspect(location, |conn| dump(conn, file, made_at, key, progress))?;
    let reader = Reader::open(partial)?;
    progress.begin("checking", reader.header.rows());
    let read = reader.each(&mut |_, batch| progress.advance(batch.rows.len() as u64))?;
    progress.end();
    if read == written {
        Ok(written)
    } else {
        Err(Stop::fault("the backup does not read back as it was written; check the disk"))
    }
}

fn dump(
    conn: &mut AnyConnection,
    file: File,
    made_at: i64,
    key: Option<String>,
    progress: &mut dyn Progress,
) -> Result<Vec<(String, Sum)>, Stop> {
    let schema = dialect::rows::schema_version(conn)?.ok_or_else(|| Stop::fault("this database is not a Dutyboard's"))?;
    let mut tables = Vec::new();
    for table in catalogue::tables(conn)? {
        let rows = copy::count(conn, &table)?;
        tables.push((table, rows));
    }
    let header = Header::new(schema, made_at, key, &tables);
    progress.begin("backup", header.rows());
    let mut scribe = Scribe::begin(file, header)?;
    let mut sums = Vec::with_capacity(tables.len());
    for (table, _) in &tables {
        let sum = copy::read_table(conn, table, &mut |batch| {
            let rows = batch.rows.len() as u64;
            scribe.batch(table, batch)?;
            progress.advance(rows)
        })?;
        sums.push((table.name.clone(), sum));
    }
    scribe.end(&sums)?;
    progress.end();
    Ok(sums)
}

/// Same folder, longer name.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A backup holds everything that its owner's people trusted us with: nobody else may read it.
fn private_file(path: &Path) -> Result<File, Stop> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Stop::fault(format!("{}: {error}", folder.display())))?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| Stop::fault(format!("{}: {error}", path.display())))
}

/// A new name is only safe once its folder is on the disk too.
pub fn sync_folder(path: &Path) -> Result<(), Stop> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Stop::fault)
}
