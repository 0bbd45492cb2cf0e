//! The databases: one connection type over SQLite and Postgres, pools, migrations, and the only code that knows which
//! engine runs (`dialect.rs`). Rooms get a connection handed in: for reading from `Db::read`, for writing only from the door.

pub mod catalogue;
pub mod copy;
pub mod dialect;
pub mod fill;
pub mod guard;
pub mod mark;
pub mod schema;
mod writer;

pub use dialect::{Fixed, Purpose};
pub use writer::{Done, UPKEEP, Writer};

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

impl Location {
    /// Whether several processes may write to it.
    pub fn is_shared(&self) -> bool {
        matches!(self, Location::Postgres(_))
    }
}

struct Manager {
    location: Location,
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        let mut conn = dialect::open(&self.location).map_err(diesel::r2d2::Error::ConnectionError)?;
        dialect::prepare(&mut conn, Purpose::Read).map_err(diesel::r2d2::Error::QueryError)?;
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), Self::Error> {
        dialect::ping(conn).map_err(diesel::r2d2::Error::QueryError)
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

/// Opens both sides of a database that has been migrated; `purpose` is what the writing side is for.
///
/// # Errors
/// The engine's own message when the database cannot be reached.
pub fn open(location: &Location, connections: u32, purpose: Purpose) -> Result<(Db, Writer), Stop> {
    let pool = diesel::r2d2::Pool::builder()
        .max_size(connections)
        .min_idle(Some(1))
        .test_on_check_out(location.is_shared())
        .connection_timeout(Duration::from_secs(10))
        .build(Manager { location: location.clone() })
        .map_err(Stop::fault)?;
    let writer = Writer::start(location, connections as usize, purpose)?;
    Ok((Db { pool, location: Arc::new(location.clone()) }, writer))
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

/// Brings a database to the newest schema, creating it when needed.
///
/// # Errors
/// The engine's message; nothing is half-migrated (each step is a transaction).
pub fn migrate(location: &Location) -> Result<(), Stop> {
    let mut conn = dialect::open(location).map_err(Stop::fault)?;
    dialect::prepare(&mut conn, Purpose::Write)?;
    dialect::exclusively(&mut conn, |conn| conn.run_pending_migrations(MIGRATIONS).map(drop).map_err(Stop::fault))
}

/// Insert-or-update in the form both engines share: update, and insert when nothing was there. Safe because every write
/// transaction holds the workspace's counter row first.
#[macro_export]
macro_rules! upsert {
    ($conn:expr, $table:expr, $key:expr, $row:expr) => {{
        if $crate::db::Fixed(diesel::update($table.find($key)).set($row).returning($crate::touched!())).update($conn)? == 0 {
            $crate::db::Fixed(diesel::insert_into($table).values($row)).insert($conn)?;
        }
    }};
}
