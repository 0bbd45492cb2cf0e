//! The only place that knows which engine runs (a tidy test enforces it).

mod fixed;
pub mod health;
pub mod rows;

pub use fixed::Fixed;

use super::{AnyConnection, Location};
use crate::kit::refusal::Stop;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus};
use diesel::prelude::*;
use diesel::sql_types::Text;

/// Serialises migrations of several processes on one Postgres; any constant will do as long as it never changes.
const MIGRATION_LOCK: i64 = 7_311_600_925;

pub fn open(location: &Location) -> ConnectionResult<AnyConnection> {
    match location {
        Location::Postgres(url) => diesel::PgConnection::establish(url).map(AnyConnection::Pg),
        Location::Sqlite(path) => diesel::SqliteConnection::establish(&path.to_string_lossy()).map(AnyConnection::Sqlite),
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Read,
    Write,
    /// Writing many rows that lie all over the tables, while nobody else needs the memory.
    Fill,
}

/// Settings of a fresh connection: durability, foreign keys, waiting, and on reading connections the ban on writes.
pub fn prepare(conn: &mut AnyConnection, purpose: Purpose) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            conn.batch_execute(
                "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;",
            )?;
            match purpose {
                Purpose::Read => conn.batch_execute("PRAGMA query_only = ON;"),
                Purpose::Write => Ok(()),
                // A page that is written again and again goes into the file once.
                Purpose::Fill => conn.batch_execute("PRAGMA cache_size = -128000; PRAGMA wal_autocheckpoint = 20000;"),
            }
        }
        AnyConnection::Pg(conn) => {
            // Statements are kept for as long as their connection: a plan made while a table was empty would be, too.
            conn.batch_execute(
                "SET client_min_messages = warning; SET lock_timeout = '10s'; SET statement_timeout = '60s';
                 SET plan_cache_mode = force_custom_plan;",
            )?;
            match purpose {
                Purpose::Read => conn.batch_execute("SET default_transaction_read_only = on;"),
                Purpose::Write | Purpose::Fill => Ok(()),
            }
        }
    }
}

/// Tells the planner how full the tables are after a great change. Postgres does it by itself, but only within a minute, and
/// until then reads whole tables where it has an index.
pub fn measure(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Pg(conn) => conn.batch_execute("ANALYZE"),
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

/// First statement of a reading transaction. SQLite's transactions are snapshots already.
pub fn begin_snapshot(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Pg(conn) => conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"),
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

/// Name under which servers on one database tell each other what they have committed.
const CHANNEL: &str = "dutyboard";

/// Starts to hear what other processes tell.
pub fn listen(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Pg(conn) => conn.batch_execute(&format!("LISTEN {CHANNEL}")),
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

/// What was told since the last time; does not wait.
pub fn heard(conn: &mut AnyConnection) -> QueryResult<Vec<String>> {
    match conn {
        AnyConnection::Pg(conn) => conn.notifications_iter().map(|told| told.map(|told| told.payload)).collect(),
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
    }
}

/// Tells the other processes; its own transaction, so that no commit waits for it.
pub fn tell(conn: &mut AnyConnection, text: &str) -> QueryResult<()> {
    match conn {
        AnyConnection::Pg(conn) => {
            let told = diesel::sql_query("SELECT pg_notify($1, $2)").bind::<Text, _>(CHANNEL).bind::<Text, _>(text);
            told.execute(conn).map(drop)
        }
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

/// Is somebody there?
pub fn ping(conn: &mut AnyConnection) -> QueryResult<()> {
    conn.batch_execute("SELECT 1")
}

/// Opens a write transaction. SQLite takes the write lock here and now: one that began by reading cannot get it any more.
pub fn begin_write(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
        AnyConnection::Pg(conn) => AnsiTransactionManager::begin_transaction(conn),
    }
}

pub fn commit(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::commit_transaction(conn),
        AnyConnection::Pg(conn) => AnsiTransactionManager::commit_transaction(conn),
    }
}

pub fn rollback(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(conn),
        AnyConnection::Pg(conn) => AnsiTransactionManager::rollback_transaction(conn),
    }
}

/// Whether the engine has ended the transaction by itself (SQLite does so when the disk is full).
pub fn is_broken(conn: &mut AnyConnection) -> bool {
    let status = match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::transaction_manager_status_mut(conn),
        AnyConnection::Pg(conn) => AnsiTransactionManager::transaction_manager_status_mut(conn),
    };
    matches!(status, TransactionManagerStatus::InError)
}

/// Runs `work` while no other process migrates the same database.
pub fn exclusively<T>(conn: &mut AnyConnection, work: impl FnOnce(&mut AnyConnection) -> Result<T, Stop>) -> Result<T, Stop> {
    if let AnyConnection::Pg(pg) = conn {
        pg.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
    }
    let result = work(conn);
    if let AnyConnection::Pg(pg) = conn {
        pg.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
    }
    result
}

/// The file of a database that is one.
pub fn file(location: &Location) -> Option<&std::path::Path> {
    match location {
        Location::Sqlite(path) => Some(path),
        Location::Postgres(_) => None,
    }
}

/// Where `postgres://…` points; anything else is the path of a SQLite file.
pub fn location(text: &str) -> Location {
    let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    if is_url { Location::Postgres(text.to_owned()) } else { Location::Sqlite(text.into()) }
}

/// For work that moves whole tables: no limit on how long a statement takes.
pub fn unhurried(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Pg(conn) => conn.batch_execute("SET statement_timeout = 0"),
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

/// Lets nobody else write until the transaction ends. SQLite's first write does that by itself.
pub fn keep_writers_out(conn: &mut AnyConnection) -> Result<(), Stop> {
    if rows::has_table(conn, "sync_workspace")?
        && let AnyConnection::Pg(conn) = conn
    {
        conn.batch_execute("LOCK TABLE sync_workspace IN EXCLUSIVE MODE")?;
    }
    Ok(())
}

/// Folds a database into one file that can be moved. Fails at once when anybody else has it open.
pub fn fold(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            conn.batch_execute("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")
        }
        AnyConnection::Pg(_) => Ok(()),
    }
}

/// The schema that this program works on: the version of its last migration.
pub fn newest_schema() -> Result<String, Stop> {
    use diesel::migration::MigrationSource;
    let all = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&super::MIGRATIONS).map_err(Stop::fault)?;
    all.iter().map(|step| step.name().version().to_string()).max().ok_or_else(|| Stop::fault("no migrations"))
}
