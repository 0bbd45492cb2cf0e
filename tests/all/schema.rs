//! `schema.rs` against the databases that the migrations make, on both engines, and the way down and up again.

use crate::harness::dump::tables;
use crate::harness::engine::Scratch;
use crate::harness::{Engine, World, both_engines};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;
use dutyboard::db::{AnyConnection, MIGRATIONS, dialect};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Table, column, type and whether it may be null, of every table, in the order of the columns.
const COLUMNS: [&str; 2] = [
    r#"SELECT m.name || ' ' || p.name || ' ' || lower(p.type) || ' ' || (CASE p."notnull" WHEN 1 THEN 'filled' ELSE 'null' END) AS line
       FROM sqlite_master m, pragma_table_info(m.name) p
       WHERE m.type = 'table' AND m.name NOT LIKE '\_\_diesel%' ESCAPE '\' ORDER BY m.name, p.cid"#,
    r"SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || (CASE is_nullable WHEN 'NO' THEN 'filled' ELSE 'null' END) AS line
       FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name NOT LIKE '\_\_diesel%' ORDER BY table_name, ordinal_position",
];

/// Table and columns of the primary key.
const KEYS: [&str; 2] = [
    r"SELECT m.name || ' ' || p.name AS line FROM sqlite_master m, pragma_table_info(m.name) p
       WHERE m.type = 'table' AND m.name NOT LIKE '\_\_diesel%' ESCAPE '\' AND p.pk > 0 ORDER BY m.name, p.pk",
    r"SELECT c.table_name || ' ' || k.column_name AS line
       FROM information_schema.table_constraints c JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)
       WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = 'public' AND c.table_name NOT LIKE '\_\_diesel%'
       ORDER BY c.table_name, k.ordinal_position",
];

/// Names of indexes that we made.
const INDEXES: [&str; 2] = [
    "SELECT name AS line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
    r"SELECT indexname::text AS line FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%\_pkey' ORDER BY indexname",
];

fn ask(conn: &mut AnyConnection, engine: Engine, questions: [&str; 2]) -> Vec<String> {
    let question = questions[usize::from(engine == Engine::Postgres)];
    let lines: Vec<Line> = diesel::sql_query(question).load(conn).expect("the catalogue");
    lines.into_iter().map(|line| line.line).collect()
}

fn type_name(diesel_type: &str) -> String {
    let (inner, filled) = match diesel_type.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>')) {
        Some(inner) => (inner, "null"),
        None => (diesel_type, "filled"),
    };
    let name = match inner {
        "Text" => "text",
        "BigInt" => "bigint",
        "Integer" => "integer",
        "Bool" => "boolean",
        "Binary" => "bytea",
        other => panic!("say here what {other} is in SQL"),
    };
    format!("{name} {filled}")
}

fn connect(scratch: &Scratch) -> AnyConnection {
    dialect::open(&Engine::config(scratch).location()).expect("a connection")
}

both_engines! {
    fn diesel_and_the_databases_agree(engine) {
        let world = World::bare(engine);
        let (mut found, keys) = world.read(|conn| Ok((ask(conn, engine, COLUMNS), ask(conn, engine, KEYS))));
        let mut wanted = Vec::new();
        let mut wanted_keys = Vec::new();
        let mut all = tables();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        for table in &all {
            wanted.extend(table.columns.iter().map(|(column, kind)| format!("{} {column} {}", table.name, type_name(kind))));
            wanted_keys.extend(table.key.iter().map(|column| format!("{} {column}", table.name)));
        }
        // Collations differ in where they put the underscore; the order of columns within a table is what matters.
        found.sort_by_key(|line| line.split(' ').next().map(str::to_owned));
        assert_eq!(found, wanted, "in order, because rows are read by position");
        let sorted = |mut lines: Vec<String>| { lines.sort_by_key(|line| line.split(' ').next().map(str::to_owned)); lines };
        assert_eq!(sorted(keys), wanted_keys);
        let dump = crate::harness::dump::dump(&world);
        assert_eq!(dump.len(), all.len(), "every table can be read with all its columns");
    }

    fn migrations_go_down_and_up_again(engine) {
        let scratch = engine.empty();
        let mut conn = connect(&scratch);
        conn.run_pending_migrations(MIGRATIONS).expect("up");
        let shape = |conn: &mut AnyConnection| [COLUMNS, KEYS, INDEXES].map(|questions| ask(conn, engine, questions));
        let first = shape(&mut conn);
        let mut steps = 0;
        while !conn.applied_migrations().expect("a list").is_empty() {
            conn.revert_last_migration(MIGRATIONS).expect("one step down");
            steps += 1;
        }
        assert!(steps >= 6, "{steps} steps");
        assert_eq!(shape(&mut conn), [vec![], vec![], vec![]].map(|none: Vec<String>| none), "nothing is left behind");
        conn.run_pending_migrations(MIGRATIONS).expect("up again");
        assert_eq!(shape(&mut conn), first);
        conn.run_pending_migrations(MIGRATIONS).expect("nothing to do");
    }

    fn opening_twice_changes_nothing(engine) {
        let world = World::new(engine);
        let before = crate::harness::dump::dump(&world);
        let again = dutyboard::app::App::open(Engine::config(&world.scratch), world.clock.clone()).expect("opens");
        drop(again);
        assert_eq!(crate::harness::dump::dump(&world), before);
    }
}
