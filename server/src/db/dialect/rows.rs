//! Rows of any table as JSON text and back, in each engine's own words: what backup, restore and port move.
//!
//! A row is an object with its columns by name. Text, numbers and booleans are what JSON calls so, bytes are lower-case hex.
//! Both engines give the same values in the same order (bytewise by primary key), so a checksum means the same on both.

use crate::db::AnyConnection;
use crate::db::catalogue::{Kind, Table};
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Hands every row of a table to `take`, one at a time: memory holds one row, whatever the table's size.
///
/// # Errors
/// Whatever `take` returns, and `Fault` or `Busy` from the database.
pub fn each(conn: &mut AnyConnection, table: &Table, take: &mut dyn FnMut(&str) -> Result<(), Stop>) -> Result<(), Stop> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            let query = diesel::sql_query(select_sqlite(table));
            for line in query.load_iter::<Line, diesel::connection::DefaultLoadingMode>(conn)? {
                take(&line?.line)?;
            }
        }
        AnyConnection::Pg(conn) => {
            let query = diesel::sql_query(select_postgres(table));
            for line in query.load_iter::<Line, diesel::pg::PgRowByRowLoadingMode>(conn)? {
                take(&line?.line)?;
            }
        }
    }
    Ok(())
}

/// Inserts a batch: `rows` is a JSON array of such objects.
///
/// # Errors
/// `Fault` for rows that do not fit the table, `Busy` from the database.
pub fn insert(conn: &mut AnyConnection, table: &Table, rows: &str) -> Result<usize, Stop> {
    Ok(match conn {
        AnyConnection::Sqlite(conn) => diesel::sql_query(insert_sqlite(table)).bind::<Text, _>(rows).execute(conn)?,
        AnyConnection::Pg(conn) => diesel::sql_query(insert_postgres(table)).bind::<Text, _>(rows).execute(conn)?,
    })
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn columns(table: &Table) -> String {
    quoted(table.columns.iter().map(|column| column.name.as_str()))
}

fn select_sqlite(table: &Table) -> String {
    let field = |name: &str, kind: Kind| match kind {
        Kind::Bool => format!("'{name}', CASE \"{name}\" WHEN 1 THEN json('true') WHEN 0 THEN json('false') END"),
        Kind::Bytes => format!("'{name}', lower(hex(\"{name}\"))"),
        Kind::Text | Kind::Number => format!("'{name}', \"{name}\""),
    };
    let fields: Vec<String> = table.columns.iter().map(|column| field(&column.name, column.kind)).collect();
    let order = quoted(table.key.iter().map(String::as_str));
    format!("SELECT json_object({}) AS line FROM \"{}\" ORDER BY {order}", fields.join(", "), table.name)
}

fn insert_sqlite(table: &Table) -> String {
    let value = |name: &str, kind: Kind| match kind {
        Kind::Bytes => format!("unhex(json_extract(value, '$.{name}'))"),
        Kind::Text | Kind::Number | Kind::Bool => format!("json_extract(value, '$.{name}')"),
    };
    let values: Vec<String> = table.columns.iter().map(|column| value(&column.name, column.kind)).collect();
    format!("INSERT INTO \"{}\" ({}) SELECT {} FROM json_each(?)", table.name, columns(table), values.join(", "))
}

fn select_postgres(table: &Table) -> String {
    let field = |name: &str, kind: Kind| match kind {
        Kind::Bytes => format!("encode(\"{name}\", 'hex') AS \"{name}\""),
        Kind::Text | Kind::Number | Kind::Bool => format!("\"{name}\""),
    };
    let fields: Vec<String> = table.columns.iter().map(|column| field(&column.name, column.kind)).collect();
    let is_text = |name: &str| table.columns.iter().any(|column| column.name == name && column.kind == Kind::Text);
    // By value, not in the order of whatever language the database was made with: SQLite knows only this order.
    let by = |name: &String| format!("t.\"{name}\"{}", if is_text(name) { " COLLATE \"C\"" } else { "" });
    let order: Vec<String> = table.key.iter().map(by).collect();
    format!(
        "SELECT row_to_json(r)::text AS line FROM (SELECT {} FROM \"{}\" t ORDER BY {}) r",
        fields.join(", "),
        table.name,
        order.join(", ")
    )
}

fn insert_postgres(table: &Table) -> String {
    let value = |name: &str, kind: Kind| match kind {
        Kind::Bytes => format!("decode(\"{name}\", 'hex')"),
        Kind::Text | Kind::Number | Kind::Bool => format!("\"{name}\""),
    };
    let kind = |kind: Kind| match kind {
        Kind::Text | Kind::Bytes => "text",
        Kind::Number => "bigint",
        Kind::Bool => "boolean",
    };
    let values: Vec<String> = table.columns.iter().map(|column| value(&column.name, column.kind)).collect();
    let shape: Vec<String> = table.columns.iter().map(|column| format!("\"{}\" {}", column.name, kind(column.kind))).collect();
    format!(
        "INSERT INTO \"{}\" ({}) SELECT {} FROM json_to_recordset($1::json) AS r({})",
        table.name,
        columns(table),
        values.join(", "),
        shape.join(", ")
    )
}

#[derive(QueryableByName)]
pub struct ColumnLine {
    #[diesel(sql_type = Text)]
    pub table_name: String,
    #[diesel(sql_type = Text)]
    pub column_name: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Place in the primary key from 1; 0 outside it.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub place: i64,
}

#[derive(QueryableByName)]
pub struct ReferenceLine {
    #[diesel(sql_type = Text)]
    pub table_name: String,
    #[diesel(sql_type = Text)]
    pub target: String,
}

/// Tables whose names begin with two underscores are tools' own and no data.
const COLUMNS_SQLITE: &str = r#"SELECT m.name AS table_name, p.name AS column_name, lower(p.type) AS kind, CAST(p.pk AS BIGINT) AS place
    FROM sqlite_master m, pragma_table_info(m.name) p
    WHERE m.type = 'table' AND m.name NOT LIKE '\_\_%' ESCAPE '\' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'"#;

const COLUMNS_POSTGRES: &str = r"SELECT c.relname::text AS table_name, a.attname::text AS column_name,
      format_type(a.atttypid, NULL) AS kind, COALESCE(array_position(i.indkey::int2[], a.attnum) + 1, 0)::bigint AS place
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE '\_\_%'";

/// # Errors
/// `Fault` or `Busy` from the database.
pub fn column_lines(conn: &mut AnyConnection) -> Result<Vec<ColumnLine>, Stop> {
    Ok(match conn {
        AnyConnection::Sqlite(conn) => diesel::sql_query(COLUMNS_SQLITE).load(conn)?,
        AnyConnection::Pg(conn) => diesel::sql_query(COLUMNS_POSTGRES).load(conn)?,
    })
}

const REFERENCES_SQLITE: &str = r#"SELECT m.name AS table_name, f."table" AS target
    FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"#;

const REFERENCES_POSTGRES: &str = "SELECT c.relname::text AS table_name, t.relname::text AS target
    FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid
    WHERE f.contype = 'f' AND f.connamespace = current_schema()::regnamespace";

/// Which table points to which.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn reference_lines(conn: &mut AnyConnection) -> Result<Vec<ReferenceLine>, Stop> {
    Ok(match conn {
        AnyConnection::Sqlite(conn) => diesel::sql_query(REFERENCES_SQLITE).load(conn)?,
        AnyConnection::Pg(conn) => diesel::sql_query(REFERENCES_POSTGRES).load(conn)?,
    })
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Nullable<Text>)]
    version: Option<String>,
}

/// Whether a table of this name is there, a tool's own ones included.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn has_table(conn: &mut AnyConnection, name: &str) -> Result<bool, Stop> {
    let found: Vec<Line> = match conn {
        AnyConnection::Sqlite(conn) => {
            diesel::sql_query("SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name = ?")
                .bind::<Text, _>(name)
                .load(conn)?
        }
        AnyConnection::Pg(conn) => diesel::sql_query(
            "SELECT relname::text AS line FROM pg_class
             WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname = $1",
        )
        .bind::<Text, _>(name)
        .load(conn)?,
    };
    Ok(!found.is_empty())
}

/// Version of the last migration; `None` for a database that never was ours.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn schema_version(conn: &mut AnyConnection) -> Result<Option<String>, Stop> {
    if !has_table(conn, "__diesel_schema_migrations")? {
        return Ok(None);
    }
    let last: Version = diesel::sql_query("SELECT max(version) AS version FROM __diesel_schema_migrations").get_result(conn)?;
    Ok(last.version)
}
