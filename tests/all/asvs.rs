//! docs/ASVS.md says only what is so: every requirement of the two levels is there once, and what a row points at exists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Requirements of levels 1 and 2 in each chapter of version 5.0.0.
const CHAPTERS: [(&str, usize); 17] = [
    ("V1", 27),
    ("V2", 11),
    ("V3", 19),
    ("V4", 10),
    ("V5", 9),
    ("V6", 35),
    ("V7", 18),
    ("V8", 7),
    ("V9", 7),
    ("V10", 29),
    ("V11", 14),
    ("V12", 9),
    ("V13", 13),
    ("V14", 9),
    ("V15", 13),
    ("V16", 16),
    ("V17", 7),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder").to_owned()
}

/// Id, level and answer of every row.
fn rows() -> Vec<(String, String, String)> {
    let text = std::fs::read_to_string(root().join("docs/ASVS.md")).expect("docs/ASVS.md");
    let cells =
        text.lines().filter(|line| line.starts_with("| V")).map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    cells.map(|cells| (cells[1].to_owned(), cells[2].to_owned(), cells[4].to_owned())).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Whether a reference such as `tests/all/auth.rs::signing_in` or `Cargo.toml` leads somewhere.
fn exists(reference: &str) -> bool {
    let (path, name) = reference.split_once("::").map_or((reference, None), |(path, name)| (path, Some(name)));
    let Ok(text) = std::fs::read_to_string(root().join(path)) else { return false };
    let defines = |name: &str| {
        ["fn ", "const ", "static ", "struct ", "enum ", "mod ", "async "].iter().any(|word| {
            text.match_indices(&format!("{word}{name}"))
                .any(|(at, found)| !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    };
    name.is_none_or(defines)
}

fn is_reference(text: &str) -> bool {
    text.contains("::") || (text.contains('/') && text.contains('.') && !text.starts_with('/'))
}

#[test]
fn every_requirement_has_one_answer() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for (id, level, answer) in rows() {
        assert!(seen.insert(id.clone()), "{id} is there twice");
        assert!(["1", "2"].contains(&level.as_str()), "{id}: level {level}");
        let begins = ["Met: ", "Met behind https: ", "Partly: ", "Not met: ", "Not met on purpose: ", "n/a: "];
        assert!(begins.iter().any(|word| answer.starts_with(word)), "{id}: {answer}");
        *counts.entry(id.split('.').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    assert_eq!(counts, CHAPTERS.into_iter().map(|(chapter, count)| (chapter.to_owned(), count)).collect());
}

#[test]
fn what_the_answers_point_at_exists() {
    let text = std::fs::read_to_string(root().join("docs/ASVS.md")).expect("docs/ASVS.md");
    let missing: Vec<&str> = quoted(&text).into_iter().filter(|text| is_reference(text) && !exists(text)).collect();
    assert!(missing.is_empty(), "docs/ASVS.md names what is not there: {missing:#?}");
    let pointing = rows().iter().filter(|(.., answer)| quoted(answer).iter().any(|text| is_reference(text))).count();
    assert!(pointing > 100, "only {pointing} answers can be checked");
}

#[test]
fn the_app_prints_no_html_of_others() {
    fn look(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).expect("the client") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                look(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "svelte" || kind == "ts") {
                let text = std::fs::read_to_string(&path).expect("a source");
                if ["{@html", ".innerHTML", ".outerHTML", "insertAdjacentHTML", "document.write"]
                    .iter()
                    .any(|word| text.contains(word))
                {
                    found.push(path);
                }
            }
        }
    }
    let mut found = Vec::new();
    look(&root().join("client/src"), &mut found);
    assert_eq!(found, Vec::<PathBuf>::new());
}
