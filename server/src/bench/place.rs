//! Where a measurement happens: a folder of its own on a real disk, and on Postgres two databases of its own. All of it goes
//! away in the end.

use crate::config::location;
use crate::db::dialect;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use std::path::{Path, PathBuf};

/// Where to measure and where the figures go.
#[derive(Debug, clap::Args)]
pub struct Site {
    /// A Postgres server to measure on (its databases are made and dropped); without it, SQLite
    #[arg(long, hide_env_values = true)]
    database_url: Option<String>,
    /// Write the figures as JSON lines to this file, or to standard output (-)
    #[arg(long)]
    json: Option<PathBuf>,
    /// Folder to work in, on the disk that matters; without it, the system's temporary one
    #[arg(long)]
    data: Option<PathBuf>,
}

impl Site {
    /// The table goes to people, the lines to scripts; to standard output only one of them.
    ///
    /// # Errors
    /// `Fault` when the file cannot be written.
    pub fn publish(&self, table: &str, lines: &str) -> Result<(), Stop> {
        match &self.json {
            Some(path) if path == Path::new("-") => {
                eprintln!("\n{table}");
                print!("{lines}");
            }
            Some(path) => {
                std::fs::write(path, lines).map_err(Stop::fault)?;
                println!("\n{table}");
            }
            None => println!("\n{table}"),
        }
        Ok(())
    }
}

pub struct Place {
    dir: PathBuf,
    databases: Option<Databases>,
}

impl Place {
    /// Makes folder and databases; the database that the address names is not touched.
    ///
    /// # Errors
    /// `Fault` with what cannot be made.
    pub fn make(site: &Site) -> Result<Self, Stop> {
        let name = format!("dutyboard_bench_{}", &ids::fresh().replace('-', "")[..20]);
        let dir = site.data.clone().unwrap_or_else(std::env::temp_dir).join(&name);
        std::fs::create_dir_all(dir.join("server")).map_err(|error| Stop::fault(format!("{}: {error}", dir.display())))?;
        let dir = dir.canonicalize().map_err(Stop::fault)?;
        let mut place = Place { dir, databases: None };
        if let Some(url) = &site.database_url {
            place.databases = Some(Databases::create(url, &name)?);
        }
        Ok(place)
    }

    pub fn server_dir(&self) -> PathBuf {
        self.dir.join("server")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub fn server_url(&self) -> Option<String> {
        self.databases.as_ref().map(|databases| with_database(&databases.admin_url, &databases.server))
    }

    pub fn floor_url(&self) -> Option<String> {
        self.databases.as_ref().map(|databases| with_database(&databases.admin_url, &databases.floor))
    }

    pub fn server_database(&self) -> Option<&str> {
        self.databases.as_ref().map(|databases| databases.server.as_str())
    }

    pub fn floor_database(&self) -> Option<&str> {
        self.databases.as_ref().map(|databases| databases.floor.as_str())
    }

    /// Runs one statement in the baselines' database.
    ///
    /// # Errors
    /// `Fault` with the database's own words.
    pub fn run_on_floor(&self, sql: &str) -> Result<(), Stop> {
        let mut conn = dialect::open(&location(self.floor_url().as_deref(), &self.dir)).map_err(Stop::fault)?;
        diesel::sql_query(sql).execute(&mut conn)?;
        Ok(())
    }

    /// What autovacuum does within a minute, so that nobody has to wait for it.
    ///
    /// # Errors
    /// `Fault` with the database's own words.
    pub fn measure(&self) -> Result<(), Stop> {
        let Some(url) = self.server_url() else { return Ok(()) };
        let mut conn = dialect::open(&location(Some(&url), &self.dir)).map_err(Stop::fault)?;
        Ok(dialect::measure(&mut conn)?)
    }

    /// What the figures depend on: the file system, or how Postgres treats its disk.
    pub fn describe(&self) -> String {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let disk = file_system(&mounts, &self.dir).unwrap_or("unknown");
        let note = if matches!(disk, "tmpfs" | "ramfs") { " (in memory: its syncs cost nothing)" } else { "" };
        match &self.databases {
            None => format!("SQLite, files on {disk}{note}"),
            Some(databases) => databases.describe(),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Nothing depends on it; a folder that cannot be removed is the system's to clean.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

struct Databases {
    admin_url: String,
    server: String,
    floor: String,
}

impl Databases {
    fn create(url: &str, name: &str) -> Result<Self, Stop> {
        let made = Databases { admin_url: url.to_owned(), server: name.to_owned(), floor: format!("{name}_floor") };
        for name in [&made.server, &made.floor] {
            made.run(&format!("CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"))?;
        }
        Ok(made)
    }

    fn run(&self, sql: &str) -> Result<usize, Stop> {
        let mut conn = dialect::open(&location(Some(&self.admin_url), Path::new(""))).map_err(Stop::fault)?;
        Ok(diesel::sql_query(sql).execute(&mut conn)?)
    }

    fn describe(&self) -> String {
        let setting = |name: &str| {
            let mut conn = dialect::open(&location(Some(&self.admin_url), Path::new(""))).ok()?;
            let value = diesel::dsl::sql::<diesel::sql_types::Text>(&format!("current_setting('{name}')"));
            diesel::select(value).get_result::<String>(&mut conn).ok()
        };
        let of = |name: &str| format!("{name} {}", setting(name).unwrap_or_else(|| "unknown".into()));
        format!("Postgres {}, {}, {}", setting("server_version").unwrap_or_default(), of("fsync"), of("synchronous_commit"))
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        for name in [&self.server, &self.floor] {
            if let Err(stop) = self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")) {
                eprintln!("dutyboard bench: {name} stays: {stop}");
            }
        }
    }
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (head, query) = url.split_once('?').map_or((url, String::new()), |(head, query)| (head, format!("?{query}")));
    let authority = head.find("://").map_or(0, |at| at + 3);
    let end = head[authority..].find('/').map_or(head.len(), |at| authority + at);
    format!("{}/{name}{query}", &head[..end])
}

/// The type of the file system that holds a folder: that of the longest mount point above it.
fn file_system<'a>(mounts: &'a str, dir: &Path) -> Option<&'a str> {
    let entries = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    entries.filter(|(point, _)| dir.starts_with(point)).max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_another_database() {
        assert_eq!(with_database("postgres://a:b@host:5/old?x=y", "new"), "postgres://a:b@host:5/new?x=y");
        assert_eq!(with_database("postgres://host", "new"), "postgres://host/new");
        assert_eq!(with_database("postgres:///old?host=/run", "new"), "postgres:///new?host=/run");
    }

    #[test]
    fn the_longest_mount_point_counts() {
        let mounts = "disk / ext4 rw 0 0\nnone /tmp tmpfs rw 0 0\nnone /tmp/x xfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/var/y")), Some("ext4"));
        assert_eq!(file_system(mounts, Path::new("/tmp/y")), Some("tmpfs"));
        assert_eq!(file_system(mounts, Path::new("/tmp/x/y")), Some("xfs"));
        assert_eq!(file_system(mounts, Path::new("/tmpfile")), Some("ext4"));
        assert_eq!(file_system("", Path::new("/")), None);
    }
}
