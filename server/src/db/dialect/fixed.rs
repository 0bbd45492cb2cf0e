//! Statements of the write path. Diesel prepares every UPDATE anew, because the text of one may vary from call to call, and
//! over two engines it writes each text twice. That was most of what a write cost.

use crate::db::AnyConnection;
use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::query_dsl::methods::{ExecuteDsl, LoadQuery};
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, QueryResult, SqliteConnection};

/// A statement that each connection prepares once and keeps. It is found again by its text, so one that does vary after all
/// is still right, only kept several times.
pub struct Fixed<Q>(pub Q);

/// What a [`Fixed`] UPDATE returns for each row: only those statements that return something are kept.
#[macro_export]
macro_rules! touched {
    () => {
        diesel::dsl::sql::<diesel::sql_types::Integer>("1")
    };
}

impl<Q> Fixed<Q> {
    /// Runs an UPDATE that returns `touched!()`; gives how many rows it changed.
    ///
    /// # Errors
    /// The engine's.
    pub fn update<'q>(self, conn: &mut AnyConnection) -> QueryResult<usize>
    where
        Self: LoadQuery<'q, PgConnection, i32> + LoadQuery<'q, SqliteConnection, i32>,
    {
        Ok(match conn {
            AnyConnection::Pg(conn) => self.load(conn)?.len(),
            AnyConnection::Sqlite(conn) => self.load(conn)?.len(),
        })
    }

    /// Runs an INSERT.
    ///
    /// # Errors
    /// The engine's.
    pub fn insert(self, conn: &mut AnyConnection) -> QueryResult<()>
    where
        Q: QueryFragment<Pg> + QueryFragment<Sqlite> + QueryId,
    {
        match conn {
            AnyConnection::Pg(conn) => ExecuteDsl::execute(self.0, conn)?,
            AnyConnection::Sqlite(conn) => ExecuteDsl::execute(self.0, conn)?,
        };
        Ok(())
    }
}

impl<Q, DB> QueryFragment<DB> for Fixed<Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Fixed<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Fixed<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Fixed<Q> {}
