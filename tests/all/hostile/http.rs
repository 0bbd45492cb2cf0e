//! The server over its socket: bodies, paths, questions and headers made up by chance.

use super::mangle::{spoil, text, token, worn};
use super::sync::RECORDS;
use super::{hold, shown};
use crate::bad_input::{bodies, busy_world};
use crate::harness::dump::{changes, dump};
use crate::harness::{Answer, Client, PASSWORD, Running, both_engines};
use dutyboard::kit::refusal::Code;
use proptest::prelude::*;
use proptest::sample::select;

/// Tables that a request may write although it was refused: none. What reading and signing in write by themselves: these.
const SESSIONS: [&str; 3] = ["device", "refresh_token", "credential"];

fn clear(answer: std::io::Result<Answer>, what: impl Fn() -> String) -> Result<Answer, TestCaseError> {
    let answer = answer.map_err(|error| TestCaseError::fail(format!("{error}: {}", what())))?;
    prop_assert!(answer.status < 500 || answer.status == 503, "{}: {} {}", what(), answer.status, answer.text());
    if answer.status >= 400 && answer.header("content-type") == Some("application/problem+json") {
        prop_assert!(answer.code().parse::<Code>().is_ok(), "{}", what());
    } else {
        // The HTTP library itself answers what is no request, and a reader that takes no encoding at all.
        let library = answer.status == 400 && answer.body.is_empty() || answer.status == 406;
        prop_assert!(answer.status < 400 || library, "{}: {} {}", what(), answer.status, answer.text());
    }
    Ok(answer)
}

/// A piece of a path or a question, escaped or not.
fn piece() -> impl Strategy<Value = String> {
    let escaped =
        prop::collection::vec(any::<u8>(), 0..12).prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02X}")).collect());
    let odd = select(vec![
        "%",
        "%0",
        "%zz",
        "%00",
        "..",
        "%2e%2e%2f",
        "*",
        "[]",
        "&",
        "=",
        "?",
        "+",
        ";",
        "2026-03-02",
        "9999-12-31",
        "0000-01-01",
    ]);
    let plain = text().prop_map(|text| text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect());
    prop_oneof![2 => escaped, 2 => odd.prop_map(str::to_owned), 2 => plain, 1 => (1_usize..3_000).prop_map(|count| "x".repeat(count))]
}

fn read_paths() -> Vec<&'static str> {
    vec![
        "/api/v1/history/A/B",
        "/api/v1/board?day=A",
        "/api/v1/board?A=B",
        "/api/v1/roster?from=A&to=B",
        "/api/v1/roster.csv?from=A&to=B",
        "/api/v1/roster?from=2026-03-02&to=A&to=B",
        "/api/blobs/A",
        "/api/v1/people?A",
        "/api/v1/outbox?A=B",
        "/api/v1/jobs/A",
        "/api/auth/devices?A",
        "/api/A/B",
        "/A",
        "/assets/A",
        "/A?B",
        "/healthz?A",
        "/readyz/A",
        "/metrics?A",
        "/api/docs?A",
        "/api/openapi.json?A",
    ]
}

/// The last byte of a header's line is not its own: what would end the line is left out.
fn header_bytes(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect()
}

fn with_header(client: &Client, line: &str, name: &str, value: &[u8]) -> std::io::Result<Answer> {
    let head = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    let token =
        client.token.as_ref().filter(|_| name != "Authorization").map(|token| format!("Authorization: Bearer {token}\r\n"));
    let body = if line.starts_with("GET") {
        "\r\n".to_owned()
    } else {
        let body = r#"{"name":"no.such","args":{}}"#;
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let header = [name.as_bytes(), b": ", &header_bytes(value), b"\r\n"].concat();
    client.raw(&[head.as_bytes(), token.unwrap_or_default().as_bytes(), &header, body.as_bytes()].concat())
}

both_engines! {
    fn bodies_are_answered_clearly(engine) {
        let world = busy_world(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let before = dump(&world);
        hold(20, &prop::collection::vec(spoil(), bodies().len()), |spoils| {
            for ((path, good), spoil) in bodies().iter().zip(spoils) {
                let body = spoil.apply(good);
                let json = ("Content-Type", "application/json");
                clear(owner.try_send("POST", path, &[json], &body), || format!("{path} {}", shown(&body)))?;
            }
            Ok(())
        });
        // A spoiled push may have become a first mutation; the rest must have changed nothing at all.
        assert_eq!(changes(&before, &dump(&world), &RECORDS), Vec::<String>::new());
    }

    fn paths_and_questions_are_answered_clearly(engine) {
        let world = busy_world(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let before = dump(&world);
        hold(120, &(select(read_paths()), piece(), piece(), select(vec!["GET", "DELETE", "PUT", "POST", "PATCH"])), |(path, a, b, method)| {
            let path = path.replace('A', &a).replace('B', &b);
            clear(owner.try_send(method, &path, &[], b""), || format!("{method} {path:.300}"))?;
            Ok(())
        });
        assert_eq!(changes(&before, &dump(&world), &[]), Vec::<String>::new());
    }

    fn headers_are_answered_clearly(engine) {
        let mut world = busy_world(engine);
        std::sync::Arc::get_mut(&mut world.app).expect("nobody else has it").config.trust_proxy = true;
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let (token, refresh) = (owner.token.clone().expect("a token"), owner.refresh.clone().expect("a secret"));
        let before = dump(&world);
        let headers = prop_oneof![
            worn(format!("Bearer {token}")).prop_map(|value| ("GET /api/auth/devices", "Authorization", value)),
            worn("dutyboard_refresh=guess".to_owned()).prop_map(|value| ("POST /api/auth/refresh", "Cookie", value)),
            worn(format!("dutyboard_refresh={}", "A".repeat(refresh.len()))).prop_map(|value| ("POST /api/auth/refresh", "Cookie", value)),
            worn("key-1".to_owned()).prop_map(|value| ("POST /api/v1/commands", "Idempotency-Key", value)),
            token_bytes().prop_map(|value| ("POST /api/v1/commands", "Idempotency-Key", value)),
            worn("application/json; charset=utf-8".to_owned()).prop_map(|value| ("POST /api/v1/commands", "Content-Type", value)),
            worn("gzip, br;q=0.5, *;q=0".to_owned()).prop_map(|value| ("GET /", "Accept-Encoding", value)),
            worn("\"0123456789abcdef\"".to_owned()).prop_map(|value| ("GET /", "If-None-Match", value)),
            worn("203.0.113.7, 10.0.0.1".to_owned()).prop_map(|value| ("POST /api/auth/login", "X-Forwarded-For", value)),
            worn("for=\"[2001:db8::1]:80\";proto=https".to_owned()).prop_map(|value| ("POST /api/auth/login", "Forwarded", value)),
            worn("gzip".to_owned()).prop_map(|value| ("POST /api/v1/commands", "Content-Encoding", value)),
            worn("Mozilla/5.0 (X11)".to_owned()).prop_map(|value| ("GET /api/v1/info", "User-Agent", value)),
        ];
        hold(150, &headers, |(line, name, value)| {
            clear(with_header(&owner, line, name, &value), || format!("{line} {name}: {}", shown(&value)))?;
            Ok(())
        });
        assert_eq!(changes(&before, &dump(&world), &SESSIONS), Vec::<String>::new());
        assert_eq!(server.client().login("bea", PASSWORD).status, 200, "and it goes on serving");
    }
}

fn token_bytes() -> impl Strategy<Value = Vec<u8>> {
    token().prop_map(String::into_bytes)
}
