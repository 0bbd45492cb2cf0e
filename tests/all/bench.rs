//! The measuring commands run to their end and their answers are right. What they measure is nobody's promise here.

use crate::harness::{Engine, both_engines, engine, program};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// Runs `dutyboard bench …` and gives back its JSON lines.
fn bench(engine: Engine, args: &[&str]) -> Vec<Value> {
    let dir = engine::temp_dir();
    let mut command = Command::new(program::path());
    command.arg("bench").args(args).args(["--json", "-", "--data"]).arg(dir.path());
    if engine == Engine::Postgres {
        command.args(["--database-url", &engine::cluster()]);
    }
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("the folder").count(), 0, "it cleans up behind itself");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn of_type<'a>(lines: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["type"] == kind)
}

both_engines! {
    fn every_workload_is_measured(engine) {
        let lines = bench(engine, &["--tiny"]);
        let rows: BTreeSet<(&str, &str)> = of_type(&lines, "figure")
            .filter_map(|figure| Some((figure["workload"].as_str()?, figure["subject"].as_str()?)))
            .collect();
        for wanted in [
            ("idle pull", "dutyboard"),
            ("idle pull", "floor"),
            ("20-row delta", "dutyboard"),
            ("20-row delta", "floor:db"),
            ("first sync", "dutyboard"),
            ("first sync", "floor"),
            ("push, 1 clients", "dutyboard"),
            ("push, 4 clients", "floor:sqlite"),
            ("2 workspaces", "dutyboard, all"),
            ("storm of 300 changes", "dutyboard"),
            ("20-row delta after the storm", "dutyboard"),
            ("idle pull after the storm", "dutyboard"),
            ("fan-out to 20", "dutyboard"),
            ("fan-out to 20", "floor:sse"),
        ] {
            assert!(rows.contains(&wanted), "no {wanted:?} in {rows:#?}");
        }
        let verdicts: Vec<&str> = of_type(&lines, "verdict").filter_map(|verdict| verdict["what"].as_str()).collect();
        for wanted in ["memory of a fresh server", "idle pull: floor's CPU ÷ ours", "idle pull: CPU before the storm ÷ after"] {
            assert!(verdicts.contains(&wanted), "no {wanted} in {verdicts:#?}");
        }
    }

    fn a_file_is_imported_twice_and_searched(engine) {
        let lines = bench(engine, &["import", "--rows", "3000"]);
        let value = |what: &str| {
            let found = of_type(&lines, "verdict").find(|verdict| verdict["what"] == what);
            found.and_then(|verdict| verdict["value"].as_f64()).unwrap_or_else(|| panic!("no {what}"))
        };
        assert_eq!((value("import: new orders"), value("import: new buyers")), (3_000.0, 750.0));
        assert_eq!(value("the same file again: new"), 0.0);
        assert!(value("search: p99") > 0.0 && value("import: memory at most") > 0.0);
    }

    fn phones_on_bad_networks_lose_nothing(engine) {
        let lines = bench(engine, &["load", "--phones", "8", "--minutes", "0.05", "--think", "0.3"]);
        let value = |what: &str| {
            let found = of_type(&lines, "verdict").find(|verdict| verdict["what"] == what);
            found.and_then(|verdict| verdict["value"].as_f64()).unwrap_or_else(|| panic!("no {what}"))
        };
        assert!(value("changes written down, each there exactly once") > 0.0);
        assert_eq!(value("phones that show anything else than the server has"), 0.0);
        let kinds: Vec<&str> = of_type(&lines, "requests").filter_map(|row| row["kind"].as_str()).collect();
        assert_eq!(kinds, ["sign in", "first pull", "pull", "push", "live line"]);
        assert!(of_type(&lines, "look").count() >= 8, "memory was looked at");
    }
}
