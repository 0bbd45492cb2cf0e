//! The rules of the house that a compiler does not check. ARCHITECTURE.md says the same in words.

use dutyboard::kit::refusal::Code;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 400;

/// Rooms, and whom each may ask. An arrow that is not here needs a decision, and a line in ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 8] = [
    ("team", &[]),
    ("roster", &["team"]),
    ("tasks", &["roster", "team"]),
    ("customers", &["roster", "sync", "team"]),
    ("outreach", &["customers", "notices", "roster", "tasks", "team"]),
    ("notices", &["team"]),
    ("auth", &["team"]),
    ("sync", &["team"]),
];

/// Every table has one owner, who alone writes queries on it.
const TABLES: [(&str, &[&str]); 13] = [
    ("team", &["workspace", "team", "shop", "skill", "seat", "person"]),
    ("roster", &["shift_type", "assignment"]),
    ("tasks", &["pack", "board_day", "board_box", "box_note", "tomorrow_mail"]),
    (
        "customers",
        &[
            "customer",
            "callback",
            "contact",
            "care_policy",
            "care_night",
            "customer_order",
            "customer_file",
            "customer_apart",
            "customer_keep",
            "erasure",
            "campaign",
        ],
    ),
    (
        "outreach",
        &[
            "chain",
            "outreach_reason",
            "outreach_hours",
            "outreach_template",
            "outreach_case",
            "outreach_attempt",
            "outreach_hook",
            "overdue_box",
        ],
    ),
    ("notices", &["notice", "robot", "push_subscription"]),
    ("auth", &["credential", "device", "refresh_token", "one_time_link"]),
    ("sync", &["sync_clock", "sync_group", "sync_client", "mutation_log", "mutation_fault", "reject", "blob", "blob_ref"]),
    ("door", &["sync_workspace", "receipt", "audit", "sync_entry", "sync_member"]),
    ("jobs", &["job"]),
    ("mail", &["mail", "mail_pace", "mail_reply"]),
    ("db", &["schema_guard"]),
    ("ops", &["chore"]),
];

/// Where somebody else's table is read or written on purpose, and why that is right.
const LENT: [(&str, &str, &str); 5] = [
    ("door/tx.rs", "job", "a follow-up is written with what caused it"),
    ("door/tx.rs", "mail", "so is a mail"),
    ("sync/pull.rs", "sync_workspace sync_entry sync_member", "a pull reads what the door published"),
    ("sync/blobs.rs", "sync_member", "who sees a row that names a blob may read it"),
    ("sync/clock.rs", "sync_workspace", "samples of the counter"),
];

/// Files that may write without a command: what no phone sees and no counter orders.
const UPKEEP: [&str; 15] = [
    "auth/http.rs",
    "customers/files.rs",
    "demo.rs",
    "door/mod.rs",
    "jobs/http.rs",
    "jobs/runner.rs",
    "jobs/ticker.rs",
    "mail/http.rs",
    "mail/incoming.rs",
    "mail/send.rs",
    "mail/stop.rs",
    "main.rs",
    "ops/chores.rs",
    "sync/http.rs",
    "sync/push.rs",
];

/// Files that may hold the writing side of the database.
const WRITERS: [&str; 5] = ["app/mod.rs", "bench/steps.rs", "db/mod.rs", "db/writer.rs", "door/mod.rs"];

/// Files that may know which engine runs.
const ENGINES: [&str; 6] =
    ["config.rs", "db/dialect.rs", "db/dialect/fixed.rs", "db/dialect/health.rs", "db/dialect/rows.rs", "db/mod.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder").to_owned()
}

/// Every file below a folder, without what was built or downloaded.
fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    const FOREIGN: [&str; 8] = ["node_modules", "target", "dist", ".git", "gen", "test-results", "playwright-report", "data"];
    for entry in std::fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())) {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() && !FOREIGN.contains(&name.as_str()) {
            walk(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// Path (from the repository's root) and text of our own files with one of these endings.
fn files(endings: &[&str]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    walk(&root(), &mut paths);
    paths.sort();
    let ours = paths.iter().filter(|path| path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)));
    ours.map(|path| (relative(path), std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))))
        .collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned()
}

/// The server's sources without their unit tests: path below `server/src`, and text.
fn sources() -> Vec<(String, String)> {
    let own = files(&["rs"]).into_iter().filter_map(|(path, text)| {
        let path = path.strip_prefix("server/src/")?.to_owned();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        Some((path, text))
    });
    own.filter(|(path, _)| !path.ends_with("_tests.rs") && !path.contains("/tests/") && !path.ends_with("/tests.rs")).collect()
}

fn code_only(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Names that follow a path prefix: `crate::a::b` gives a, `crate::{a, b::c}` gives a and b.
fn names_after(text: &str, prefix: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let (mut depth, mut start) = (0, true);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && depth == 0 && !c.is_whitespace() => {
                    found.insert(word(&group[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn the_reader_of_paths_reads_paths() {
    let text = "use crate::{roster, team::model::{A, B}, kit};\nuse crate::auth::x;\n crate::sync::y()";
    assert_eq!(names_after(text, "crate::").into_iter().collect::<Vec<_>>(), ["auth", "kit", "roster", "sync", "team"]);
}

fn room_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

#[test]
fn rooms_ask_only_along_the_arrows() {
    let rooms: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut strays = Vec::new();
    for (path, text) in sources() {
        let Some(allowed) = rooms.get(room_of(&path)) else { continue };
        for name in names_after(&code_only(&text), "crate::") {
            if rooms.contains_key(name.as_str()) && name != room_of(&path) && !allowed.contains(&name.as_str()) {
                strays.push(format!("{path} → {name}"));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn architecture_repeats_the_arrows() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    for (room, arrows) in ARROWS {
        let list = if arrows.is_empty() { "–".to_owned() } else { arrows.join(", ") };
        let line = format!("| {room} | {list} |");
        assert!(text.lines().any(|known| known == line), "ARCHITECTURE.md lacks the line {line}");
    }
}

#[test]
fn every_table_has_one_owner() {
    let owners: BTreeMap<&str, &str> =
        TABLES.iter().flat_map(|(room, tables)| tables.iter().map(move |table| (*table, *room))).collect();
    let known: BTreeSet<String> = crate::harness::dump::tables().into_iter().map(|table| table.name).collect();
    assert_eq!(known, owners.keys().map(ToString::to_string).collect(), "left: the schema; right: the owners written down here");
    let mut strays = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !path.starts_with("db/")) {
        for table in names_after(&code_only(text), "schema::") {
            let owner = owners.get(table.as_str()).unwrap_or_else(|| panic!("{path}: no table {table}"));
            let lent = LENT.iter().any(|(file, tables, _)| file == path && tables.split(' ').any(|name| name == table));
            if *owner != room_of(path) && !lent {
                strays.push(format!("{path} uses {table} of {owner}"));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn rules_are_pure() {
    const IMPURE: [&str; 12] = [
        "AnyConnection",
        "diesel::",
        "schema::",
        "Clock",
        "clock::",
        "now_ms",
        "Tx<",
        "std::fs",
        "std::net",
        "std::env",
        "rand::",
        "ids::fresh",
    ];
    let rules: Vec<_> = sources().into_iter().filter(|(path, _)| path.ends_with("rules.rs")).collect();
    assert!(rules.len() >= 3, "every room that decides has rules");
    for (path, text) in rules {
        let code = code_only(&text);
        for word in IMPURE {
            assert!(!code.contains(word), "{path} must be pure and names {word}");
        }
    }
}

/// Files whose code contains one of the words, without those that may.
fn strays(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let all = sources().into_iter().filter(|(path, _)| !allowed.contains(&path.as_str()));
    all.filter(|(_, text)| words.iter().any(|word| code_only(text).contains(word))).map(|(path, _)| path).collect()
}

#[test]
fn only_the_dialect_knows_the_engine() {
    let words = [
        "AnyConnection::Pg",
        "AnyConnection::Sqlite",
        "PgConnection",
        "SqliteConnection",
        "Location::Sqlite",
        "Location::Postgres",
    ];
    assert_eq!(strays(&words, &ENGINES), Vec::<String>::new());
}

#[test]
fn only_the_door_writes() {
    assert_eq!(
        strays(&["db::Writer", ", Writer}", "Writer {", "db::open("], &WRITERS),
        Vec::<String>::new(),
        "who holds the writing side"
    );
    assert_eq!(strays(&[".upkeep("], &UPKEEP), Vec::<String>::new(), "who writes without a command");
    assert_eq!(strays(&["Tx::begin"], &["door/mod.rs"]), Vec::<String>::new(), "who makes a Tx");
    let unused: Vec<_> =
        UPKEEP.iter().filter(|path| !sources().iter().any(|(known, text)| known == *path && text.contains("upkeep"))).collect();
    assert!(unused.is_empty(), "no longer needed: {unused:?}");
}

/// Naming a key in an update makes SQLite look for children of the old key: all mutations of a client, at every push.
#[test]
fn updates_leave_keys_alone() {
    for (path, text) in sources().iter().filter(|(path, _)| !path.starts_with("bench/")) {
        for block in text.split("AsChangeset").skip(1) {
            let attributes = block.split_once("struct ").map_or("", |(head, _)| head);
            let named =
                attributes.contains("primary_key(") || !attributes.contains("table_name") || attributes.contains("= workspace)");
            assert!(named, "{path}: say which columns are the key of{attributes}");
        }
    }
}

/// `first` binds a limit, and SQLite looks at a bound limit: it prepares such a statement anew at each use.
#[test]
fn single_rows_are_read_without_a_limit() {
    for (path, text) in &sources() {
        for (before, _) in text.match_indices(".first(conn)").map(|(at, _)| text.split_at(at)) {
            let statement = before.rsplit([';', '{', '}']).next().unwrap_or_default();
            assert!(statement.contains(".order("), "{path}: get_result reads what is there only once:{statement}");
        }
    }
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = files(&["rs", "ts", "mts", "mjs", "js", "svelte", "css", "sql", "sh"])
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "over {LINES_MAX} lines: {long:#?}");
}

#[test]
fn every_refusal_is_translated_and_used() {
    let words = |name: &str| {
        std::fs::read_to_string(root().join(format!("client/src/core/refusals_{name}.ts"))).expect("the translations")
    };
    let (zh, en) = (words("zh"), words("en"));
    let server = sources();
    for code in Code::ALL {
        let key = format!("\"refusal.{}\": \"", code.as_str());
        for (name, words) in [("zh", &zh), ("en", &en)] {
            let (_, rest) = words.split_once(&key).unwrap_or_else(|| panic!("{name} lacks {}", code.as_str()));
            assert!(!rest.starts_with('"'), "{name}: {} is empty", code.as_str());
        }
        let variant = format!("Code::{code:?}");
        let whole = |text: &str| {
            text.match_indices(&variant).any(|(at, _)| !text[at + variant.len()..].starts_with(|c: char| c.is_alphanumeric()))
        };
        let used = server.iter().any(|(path, text)| path != "kit/refusal.rs" && whole(&code_only(text)));
        assert!(used, "nobody ever answers {variant}: take it out or use it");
    }
    for words in [&zh, &en] {
        assert_eq!(words.matches("\"refusal.").count(), Code::ALL.len(), "a translation without a code");
    }
}

#[test]
fn what_the_readme_says_exists() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    for command in ["cargo run --release -- demo", "tests/run"] {
        assert!(readme.contains(command), "README.md does not name {command}");
    }
    let main = std::fs::read_to_string(root().join("server/src/main.rs")).expect("main.rs");
    let verbs = names_after(&readme, "cargo run --release -- ").into_iter().chain(names_after(&readme, "\ndutyboard "));
    for verb in verbs {
        let variant = format!("    {}{}(", verb[..1].to_uppercase(), &verb[1..]);
        assert!(main.contains(&variant) || main.contains(&variant.replace('(', " {")), "no subcommand {verb}");
    }
    for script in ["tests/run", ".ci/run", "tests/postgres.sh"] {
        use std::os::unix::fs::PermissionsExt;
        let about = std::fs::metadata(root().join(script)).unwrap_or_else(|error| panic!("{script}: {error}"));
        assert!(about.permissions().mode() & 0o111 != 0, "{script} can be run");
    }
    for part in readme.split("tests/run ").skip(1).filter_map(|rest| rest.split(['`', ' ', '\n', ')', '…']).next()) {
        let known = std::fs::read_to_string(root().join("tests/run")).expect("tests/run");
        let is_part = part.is_empty() || !part.chars().all(|c| c.is_ascii_lowercase()) || known.contains(&format!("part_{part}"));
        assert!(is_part, "tests/run has no part {part}");
    }
}

#[test]
fn nothing_is_left_for_later_and_nothing_is_somebodys() {
    // Put together here, so that this file does not find itself.
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    let places = [["/ho", "me/"].concat(), ["/Us", "ers/"].concat(), ["/ro", "ot/"].concat(), ["/wo", "rk/"].concat()];
    let mut found = Vec::new();
    for (path, text) in files(&["rs", "ts", "mts", "mjs", "svelte", "css", "sql", "sh", "md", "toml", "yml", "yaml", "html"]) {
        for (number, line) in text.lines().enumerate() {
            let marked = marks.iter().any(|mark| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == mark));
            if marked || places.iter().any(|place| line.contains(place.as_str())) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
