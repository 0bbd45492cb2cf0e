//! The whole database as text, to see that nothing changed. Reads the tables' names from the schema that diesel uses.

use super::engine::Engine;
use super::world::World;
use diesel::prelude::*;
use diesel::sql_types::Text;
use dutyboard::db::AnyConnection;
use std::collections::BTreeMap;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A table of the diesel schema: its name, its key, and each column with its type as written there.
pub struct Table {
    pub name: String,
    pub key: Vec<String>,
    pub columns: Vec<(String, String)>,
}

/// The schema file, read as the simple text that it is.
pub fn tables() -> Vec<Table> {
    let mut all: Vec<Table> = Vec::new();
    let text = concat!(
        include_str!("../../../server/src/db/schema.rs"),
        include_str!("../../../server/src/db/schema/customers.rs"),
        include_str!("../../../server/src/db/schema/notices.rs"),
        include_str!("../../../server/src/db/schema/outbox.rs"),
        include_str!("../../../server/src/db/schema/outreach.rs")
    );
    for line in text.lines().map(str::trim) {
        if let Some((column, kind)) = line.split_once(" -> ") {
            let table = all.last_mut().expect("a column follows its table");
            table.columns.push((column.into(), kind.trim_end_matches(',').into()));
        } else if let Some((name, key)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            let key = key.split(", ").map(str::to_owned).collect();
            all.push(Table { name: name.into(), key, columns: Vec::new() });
        }
    }
    all
}

/// Every row of every table as one line of text, sorted.
pub fn dump(world: &World) -> BTreeMap<String, Vec<String>> {
    world.read(|conn| Ok(tables().into_iter().map(|table| (table.name.clone(), rows(conn, world.engine, &table))).collect()))
}

fn rows(conn: &mut AnyConnection, engine: Engine, table: &Table) -> Vec<String> {
    let quoted: Vec<String> = table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let expression = match engine {
        Engine::Postgres => format!("(ROW({}))::text", quoted.join(", ")),
        Engine::Sqlite => quoted.iter().map(|name| format!("quote({name})")).collect::<Vec<_>>().join(" || ',' || "),
    };
    let sql = format!("SELECT {expression} AS line FROM \"{}\" ORDER BY 1", table.name);
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn).expect("a readable table");
    lines.into_iter().map(|line| line.line).collect()
}

/// What differs between two dumps, without the named tables.
pub fn changes(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>, without: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (table, old) in before.iter().filter(|(table, _)| !without.contains(&table.as_str())) {
        let new = &after[table];
        found.extend(old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {table}: {line}")));
        found.extend(new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {table}: {line}")));
    }
    found
}
