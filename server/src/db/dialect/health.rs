//! What each engine can say about its own soundness.

use crate::db::AnyConnection;
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What the engine finds wrong with its own storage, in its words. Postgres checks pages as it reads them; what is left to
/// ask is whether an index was left unfinished.
///
/// # Errors
/// `Fault` when the storage is too broken to answer.
pub fn storage(conn: &mut AnyConnection) -> Result<Vec<String>, Stop> {
    let lines: Vec<Line> = match conn {
        AnyConnection::Sqlite(conn) => {
            diesel::sql_query("SELECT integrity_check AS line FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 20").load(conn)?
        }
        AnyConnection::Pg(conn) => diesel::sql_query(
            "SELECT 'index ' || indexrelid::regclass::text || ' is not valid' AS line FROM pg_index WHERE NOT indisvalid OR NOT indisready",
        )
        .load(conn)?,
    };
    Ok(lines.into_iter().map(|line| line.line).collect())
}

/// Rows that point to nothing, as "table → table" with how many.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn dangling(conn: &mut AnyConnection) -> Result<Vec<String>, Stop> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            let query = r#"SELECT "table" || ' → ' || parent || ': ' || count(*) AS line FROM pragma_foreign_key_check GROUP BY "table", parent"#;
            let lines: Vec<Line> = diesel::sql_query(query).load(conn)?;
            Ok(lines.into_iter().map(|line| line.line).collect())
        }
        AnyConnection::Pg(_) => dangling_postgres(conn),
    }
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Text)]
    target: String,
    /// Ready to be put after ON: every column of the pair compared.
    #[diesel(sql_type = Text)]
    pairs: String,
    #[diesel(sql_type = Text)]
    filled: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Postgres trusts its constraints and never looks again; a restore with triggers off, or a constraint added as NOT VALID,
/// leaves rows behind that it does not know of.
const REFERENCES: &str = "SELECT s.relname::text AS source, t.relname::text AS target,
      string_agg(format('s.%I = t.%I', a.attname, b.attname), ' AND ' ORDER BY k.place) AS pairs,
      string_agg(format('s.%I IS NOT NULL', a.attname), ' AND ' ORDER BY k.place) AS filled
    FROM pg_constraint f
    JOIN pg_class s ON s.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid
    CROSS JOIN LATERAL unnest(f.conkey, f.confkey) WITH ORDINALITY AS k(here, there, place)
    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.here
    JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.there
    WHERE f.contype = 'f' AND f.connamespace = current_schema()::regnamespace
    GROUP BY f.oid, s.relname, t.relname ORDER BY 1, 2";

fn dangling_postgres(conn: &mut AnyConnection) -> Result<Vec<String>, Stop> {
    let references: Vec<Reference> = diesel::sql_query(REFERENCES).load(conn)?;
    let mut found = Vec::new();
    for Reference { source, target, pairs, filled } in references {
        let query = format!(
            "SELECT count(*) AS n FROM \"{source}\" s WHERE {filled} AND NOT EXISTS (SELECT 1 FROM \"{target}\" t WHERE {pairs})"
        );
        let count: Count = diesel::sql_query(query).get_result(conn)?;
        if count.n > 0 {
            found.push(format!("{source} → {target}: {}", count.n));
        }
    }
    Ok(found)
}
