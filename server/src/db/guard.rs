//! An old and a new server side by side: each write first asks whether this server may still write to this schema.

use super::schema::schema_guard;
use super::{AnyConnection, MIGRATIONS};
use crate::kit::refusal::Stop;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use std::sync::OnceLock;

/// The number of the newest migration that this server knows.
pub fn own_schema() -> i64 {
    static NUMBER: OnceLock<i64> = OnceLock::new();
    *NUMBER.get_or_init(|| {
        let known = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS).unwrap_or_default();
        let number = |name: String| name.split('_').next().and_then(|digits| digits.parse().ok());
        known.iter().filter_map(|migration| number(migration.name().to_string())).max().unwrap_or(0)
    })
}

/// # Errors
/// `Busy` when the schema has moved past this server: phones keep what they have for its successor.
pub fn may_write(conn: &mut AnyConnection) -> Result<(), Stop> {
    let oldest: i64 = schema_guard::table.select(schema_guard::oldest_writer).get_result(conn)?;
    if oldest <= own_schema() {
        return Ok(());
    }
    Err(Stop::Busy(format!("the database needs a server that knows migration {oldest}; this one knows {}", own_schema())))
}
