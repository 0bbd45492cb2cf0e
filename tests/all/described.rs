//! The description of the API is true: whatever the server answers to a bad request, the description has said so.

use crate::bad_input::busy_world;
use crate::harness::{Answer, Client, Running, both_engines};
use serde_json::{Value, json};

/// Whether the description of an operation has this answer, with this kind of body.
fn describes(operation: &Value, answer: &Answer) -> bool {
    let code = answer.status.to_string();
    let known = [code.clone(), format!("{}XX", &code[..1])]
        .into_iter()
        .map(|code| &operation["responses"][code])
        .find(|known| !known.is_null());
    let kind = answer.header("content-type").and_then(|kind| kind.split(';').next());
    known.is_some_and(|known| answer.body.is_empty() || kind.is_some_and(|kind| known["content"][kind].is_object()))
}

/// Requests that are wrong in one way each, and one that is not.
fn tries(client: &Client, nobody: &Client, method: &str, path: &str) -> Vec<Answer> {
    let odd = path.replace("{kind}", "%00").replace("{id}", "%00").replace("{sha256}", "%FF");
    let path = path.replace("{kind}", "box").replace("{id}", "x").replace("{sha256}", "x");
    let kind = [("Content-Type", "application/json")];
    vec![
        nobody.send(method, &path, &[], b""),
        client.send(method, &path, &[], b""),
        client.send(method, &odd, &kind, b"{}"),
        client.send(method, &path, &kind, b"{"),
        client.send(
            method,
            &path,
            &kind,
            &json!({ "name": 1, "login": "\u{0}", "password": "\u{0}", "token": "\u{0}" }).to_string().into_bytes(),
        ),
        client.send(method, &path, &[("Content-Type", "text/plain")], b"{}"),
        client.send(method, &path, &[("Content-Type", "application/json"), ("Content-Length", "99999999")], b"{"),
        client.send(method, &format!("{path}?day=x&from=x&to=x"), &kind, b"{}"),
        client.send(method, &format!("{path}?day=2026-03-02&from=2026-03-02&to=2026-03-03"), &kind, b"{}"),
    ]
}

both_engines! {
    fn every_answer_is_described(engine) {
        let world = busy_world(engine);
        let server = Running::start(&world);
        let spec: Value = server.client().get("/api/openapi.json").json();
        let mut strays = Vec::new();
        for role in ["owner", "sup_1", "ann"] {
            let client = server.sign_in(role);
            for (path, methods) in spec["paths"].as_object().expect("paths") {
                // A line that stays open, and what would sign this client out.
                if ["/api/sync/events", "/api/auth/logout"].contains(&path.as_str()) {
                    continue;
                }
                for (method, operation) in methods.as_object().expect("methods") {
                    for answer in tries(&client, &server.client(), &method.to_uppercase(), path) {
                        if !describes(operation, &answer) {
                            strays.push(format!("{role} {method} {path}: {} {:?}", answer.status, answer.header("content-type")));
                        }
                    }
                }
            }
        }
        strays.sort();
        strays.dedup();
        assert_eq!(strays, Vec::<String>::new());
    }
}
