//! The container files cannot be run here (no engine), so they are read: services, volumes, health checks, and the names of the
//! settings, which must be settings the program documents.

use dutyboard::config::ENV_NAMES;
use serde_norway::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn read(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder");
    std::fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// docker-compose.yml with its anchors merged.
fn compose() -> Value {
    let mut compose: Value = serde_norway::from_str(&read("docker-compose.yml")).expect("valid YAML");
    compose.apply_merge().expect("anchors that exist");
    compose
}

fn services() -> BTreeMap<String, Value> {
    serde_norway::from_value(compose()["services"].clone()).expect("services by name")
}

fn words(list: &Value) -> Vec<String> {
    let items = list.as_sequence().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| item.as_str().expect("a list of words").to_owned()).collect()
}

fn names(map: &Value) -> BTreeSet<String> {
    let entries = map.as_mapping().into_iter().flatten();
    entries.map(|(name, _)| name.as_str().expect("a name").to_owned()).collect()
}

/// The services that `docker compose` starts with this profile alone, without those that start always.
fn of_profile(profile: Option<&str>) -> Vec<String> {
    let asked: Vec<String> = profile.into_iter().map(str::to_owned).collect();
    services().into_iter().filter(|(_, service)| words(&service["profiles"]) == asked).map(|(name, _)| name).collect()
}

#[test]
fn compose_has_a_server_and_two_profiles() {
    assert_eq!(of_profile(None), ["server"]);
    assert_eq!(of_profile(Some("postgres")), ["postgres", "server-postgres"]);
    assert_eq!(of_profile(Some("mail")), ["mail"]);
    assert_eq!(services().len(), 4, "no service outside the profiles");

    let services = services();
    let (sqlite, postgres) = (&services["server"], &services["server-postgres"]);
    assert!(sqlite["environment"].get("DUTYBOARD_DATABASE_URL").is_none(), "the default is SQLite on the volume");
    let url = postgres["environment"]["DUTYBOARD_DATABASE_URL"].as_str().unwrap();
    assert!(url.starts_with("postgres://") && url.contains("@postgres:5432/"), "{url}");
    assert_eq!(postgres["depends_on"]["postgres"]["condition"], "service_healthy");
    assert!(services["postgres"].get("ports").is_none(), "the database is not published");
    assert!(words(&services["mail"]["ports"]).iter().all(|port| port.starts_with("127.0.0.1:")), "mails stay on the host");
}

#[test]
fn servers_keep_their_data_and_run_without_privileges() {
    for name in ["server", "server-postgres"] {
        let service = &services()[name];
        assert!(words(&service["volumes"]).iter().any(|volume| volume.ends_with(":/data")), "{name}");
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(words(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(words(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
        assert!(service.get("privileged").is_none() && service.get("user").is_none(), "{name}: the image's own user");
    }
}

#[test]
fn volumes_are_declared_and_ports_do_not_clash() {
    let (mut used, mut published) = (BTreeSet::new(), BTreeSet::new());
    for (name, service) in services() {
        for volume in words(&service["volumes"]) {
            let (volume, place) = volume.split_once(':').expect("volume:place");
            assert!(place.starts_with('/'), "{name}: {place}");
            assert!(used.insert(volume.to_owned()), "{name}: {volume} belongs to two services");
        }
        for port in words(&service["ports"]) {
            let host = port.rsplit(':').nth(1).expect("host:container").to_owned();
            assert!(published.insert(host), "{name}: {port} is taken when both profiles run");
        }
    }
    assert_eq!(used, names(&compose()["volumes"]));
}

#[test]
fn every_service_reports_its_health() {
    for (name, service) in services() {
        let own_image = service["build"] == "."; // its check is the Dockerfile's
        let test = words(&service["healthcheck"]["test"]);
        assert!(own_image || test.first().is_some_and(|word| word == "CMD"), "{name}");
    }
}

#[test]
fn every_setting_is_documented() {
    let documented: BTreeSet<&str> = ENV_NAMES.iter().copied().collect();
    for file in ["docker-compose.yml", "Dockerfile"] {
        let text = read(file);
        let tokens = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let used: BTreeSet<&str> = tokens.filter(|word| word.starts_with("DUTYBOARD_")).collect();
        assert!(!used.is_empty());
        let unknown: Vec<_> = used.difference(&documented).collect();
        assert!(unknown.is_empty(), "{file} uses {unknown:?}, which `dutyboard serve --help` does not know");
    }
}

/// The instructions of the Dockerfile: word and argument, comments dropped, continued lines joined.
fn instructions() -> Vec<(String, String)> {
    let text = read("Dockerfile");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    let joined = lines.replace("\\\n", " ");
    let whole = joined.lines().map(str::trim).filter(|line| !line.is_empty());
    whole
        .map(|line| {
            let (word, argument) = line.split_once(' ').unwrap_or_else(|| panic!("no argument: {line}"));
            (word.to_owned(), argument.trim().to_owned())
        })
        .collect()
}

fn exec_form(argument: &str) -> Vec<String> {
    serde_norway::from_str(argument).unwrap_or_else(|_| panic!("not the exec form, so no signal arrives: {argument}"))
}

#[test]
fn the_dockerfile_is_in_order() {
    const KNOWN: [&str; 12] =
        ["FROM", "ARG", "ENV", "LABEL", "WORKDIR", "COPY", "RUN", "VOLUME", "EXPOSE", "USER", "HEALTHCHECK", "ENTRYPOINT"];
    let instructions = instructions();
    assert_eq!(instructions[0].0, "FROM", "every build begins with an image");
    let mut stages: Vec<&str> = Vec::new();
    for (word, argument) in &instructions {
        // ADD unpacks and downloads by itself; COPY is all that is needed.
        assert!(KNOWN.contains(&word.as_str()) || word == "CMD", "{word} {argument}");
        if word == "FROM" {
            let image = argument.split(' ').next().unwrap();
            assert!(image.contains(':') && !image.ends_with(":latest"), "{image}: say which version");
            stages.push(argument.split(" AS ").nth(1).unwrap_or_default());
        }
        if let Some(from) = argument.strip_prefix("--from=").filter(|_| word == "COPY") {
            let stage = from.split(' ').next().unwrap();
            assert!(stages[..stages.len() - 1].contains(&stage), "{stage} is built before it is copied from");
        }
    }
    assert!(stages.len() >= 2, "the compilers stay out of the image");
}

#[test]
fn the_image_runs_as_nobody_special_and_knows_its_health() {
    let all = instructions();
    let start = all.iter().rposition(|(word, _)| word == "FROM").unwrap();
    let last = &all[start..];
    let place = |word: &str| last.iter().position(|(w, _)| w == word).unwrap_or_else(|| panic!("no {word}"));
    let argument = |word: &str| last[place(word)].1.as_str();

    assert_eq!(last.iter().filter(|(word, _)| word == "USER").count(), 1);
    let (user, group) = argument("USER").split_once(':').expect("user:group as numbers");
    for number in [user, group] {
        assert!(number.parse::<u32>().expect("a number, so that the host can check it") > 0, "root is not allowed");
    }
    assert_eq!(exec_form(argument("VOLUME")), ["/data"]);
    assert!(place("RUN") < place("VOLUME"), "changes to a volume's folder after VOLUME are lost");
    assert!(last[place("USER")..].iter().all(|(word, _)| word != "RUN" && word != "COPY"), "nothing is built as the user");
    let health = argument("HEALTHCHECK").split_once("CMD ").expect("a command").1;
    assert_eq!(exec_form(health), ["dutyboard", "health"], "the image has no curl");
    assert_eq!(exec_form(argument("ENTRYPOINT")), ["dutyboard"]);
    assert_eq!(exec_form(argument("CMD")), ["serve"]);
    assert!(argument("ENV").contains("DUTYBOARD_DATA=/data") && argument("ENV").contains("DUTYBOARD_LISTEN=0.0.0.0:8080"));
}

#[test]
fn the_build_context_holds_sources_and_no_secrets() {
    let ignored = read(".dockerignore");
    let ignored: BTreeSet<&str> = ignored.lines().filter(|line| !line.starts_with('#')).collect();
    for out in [".git", ".env", "**/target", "**/node_modules", "data"] {
        assert!(ignored.contains(out), "{out} must not reach the build");
    }
    for needed in ["Cargo.toml", "Cargo.lock", "server", "tests", "client", "migrations"] {
        assert!(!ignored.contains(needed), "{needed} is read by the build");
    }
}
