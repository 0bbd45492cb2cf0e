//! The databases: one connection type over SQLite and Postgres, pools, migrations, and the only code that knows which
//! engine runs (`dialect.rs`). Rooms get a connection handed in: for reading from `Db::read`, for writing only from the door.

pub mod catalogue;
pub mod copy;
pub mod dialect;
pub mod fill;
pub mod mark;
pub mod schema;

use crate::kit::refusal::Stop;
use diesel::prelude::*;
use diesel::r2d2::ManageConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::sync::Arc;
use std::time::Duration;

pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// Either engine behind one type; every query in the rooms is checked for both at compile time.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Pg(diesel::PgConnection),
    Sqlite(diesel::SqliteConnection),
}

/// Where the data lives: `postgres://…`, or the path of a SQLite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    Sqlite(std::path::PathBuf),
    Postgres(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
}

struct Manager {
    location: Location,
    purpose: Purpose,
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        let mut conn = dialect::open(&self.location).map_err(diesel::r2d2::Error::ConnectionError)?;
        dialect::prepare(&mut conn, self.purpose == Purpose::Read).map_err(diesel::r2d2::Error::QueryError)?;
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), Self::Error> {
        diesel::sql_query("SELECT 1").execute(conn).map(drop).map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, _conn: &mut AnyConnection) -> bool {
        std::thread::panicking()
    }
}

type Pool = diesel::r2d2::Pool<Manager>;

/// Read-only access for everybody. The database itself refuses writes on these connections.
#[derive(Clone)]
pub struct Db {
    pool: Pool,
    location: Arc<Location>,
}

/// Write access. Made once, handed to the door and to nobody else (a tidy test holds that).
#[derive(Clone)]
pub struct Writer {
    pool: Pool,
    /// SQLite has one writer; waiting here is fair and quiet, waiting in its busy handler is neither.
    turn: Option<Arc<std::sync::Mutex<()>>>,
}

/// Opens both sides of a database that has been migrated.
///
/// # Errors
/// The engine's own message when the database cannot be reached.
pub fn open(location: &Location, readers: u32) -> Result<(Db, Writer), Stop> {
    let build = |purpose: Purpose, size: u32| {
        diesel::r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(matches!(location, Location::Postgres(_)))
            .connection_timeout(Duration::from_secs(10))
            .build(Manager { location: location.clone(), purpose })
            .map_err(Stop::fault)
    };
    let sqlite = matches!(location, Location::Sqlite(_));
    let writer = Writer { pool: build(Purpose::Write, if sqlite { 1 } else { readers })?, turn: sqlite.then(Default::default) };
    Ok((Db { pool: build(Purpose::Read, readers)?, location: Arc::new(location.clone()) }, writer))
}

impl Db {
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Runs `work` on one snapshot of the data: everything it reads belongs to the same moment.
    ///
    /// # Errors
    /// Whatever `work` returns; `Busy` when no connection is free within ten seconds.
    pub fn read<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T, Stop>) -> Result<T, Stop> {
        let mut conn = self.pool.get().map_err(|error| Stop::Busy(error.to_string()))?;
        let conn: &mut AnyConnection = &mut conn;
        conn.transaction(|conn| {
            dialect::begin_snapshot(conn)?;
            work(conn)
        })
    }
}

impl Writer {
    /// Runs `work` in one write transaction. Its first statement must be a write (sync_protocol 2.2, 2.3).
    ///
    /// # Errors
    /// Whatever `work` returns, after rolling everything back.
    pub fn transaction<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T, Stop>) -> Result<T, Stop> {
        let turn = self.turn.as_ref().map(|turn| turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let mut conn = self.pool.get().map_err(|error| Stop::Busy(error.to_string()))?;
        let conn: &mut AnyConnection = &mut conn;
        let result = conn.transaction(work);
        drop(turn);
        result
    }
}

/// Brings a database to the newest schema, creating it when needed.
///
/// # Errors
/// The engine's message; nothing is half-migrated (each step is a transaction).
pub fn migrate(location: &Location) -> Result<(), Stop> {
    let mut conn = dialect::open(location).map_err(Stop::fault)?;
    dialect::prepare(&mut conn, false)?;
    dialect::exclusively(&mut conn, |conn| conn.run_pending_migrations(MIGRATIONS).map(drop).map_err(Stop::fault))
}

/// Insert-or-update in the form both engines share: update, and insert when nothing was there. Safe because every write
/// transaction holds the workspace's counter row first.
#[macro_export]
macro_rules! upsert {
    ($conn:expr, $table:expr, $key:expr, $row:expr) => {{
        if diesel::update($table.find($key)).set($row).execute($conn)? == 0 {
            diesel::insert_into($table).values($row).execute($conn)?;
        }
    }};
}
