//! What happens to sessions stands in the log, and nothing personal with it.

use crate::harness::{Cast, PASSWORD, Program, both_engines, free_address};
use serde_json::{Value, json};
use std::fs::File;

/// The lines of a log file, as JSON.
fn lines(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a log");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

both_engines! {
    fn session_events_are_logged_without_personal_data(engine) {
        let scratch = engine.founded();
        let path = scratch.dir.path().join("log");
        let log = File::create(&path).expect("a log file");
        let server = Program::logging(&scratch, free_address(), "info", log.into());
        let mut ann = crate::harness::Client::new(server.address);
        assert_eq!(ann.login("ann", "wrong-horse-battery").status, 401);
        assert_eq!(ann.login("nobody.known", PASSWORD).status, 401);
        assert_eq!(ann.login("ann", PASSWORD).status, 200);
        assert_eq!(ann.get("/api/v1/people").code(), "forbidden");
        assert_eq!(ann.post("/api/auth/password", &json!({ "current": "wrong", "password": "another-good-one" })).status, 401);
        assert_eq!(ann.send("POST", "/api/auth/logout", &[], b"").status, 204);
        drop(server);

        let lines = lines(&path);
        let person = Cast::default().ann;
        let said = |message: &str| lines.iter().filter(|line| line["fields"]["message"] == message).collect::<Vec<_>>();
        let about = |message: &str| said(message).iter().any(|line| line["fields"]["person"] == person.as_str());
        for message in ["sign-in failed", "signed in", "password change failed", "signed out"] {
            assert!(about(message), "{message}: {lines:#?}");
        }
        assert_eq!(said("sign-in failed").len(), 2, "also of somebody unknown");
        assert!(said("refused").iter().any(|line| line["fields"]["code"] == "forbidden"));
        assert!(lines.iter().all(|line| line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z'))), "UTC");
        let text = std::fs::read_to_string(&path).expect("a log");
        for secret in [PASSWORD, "wrong-horse", "another-good", "nobody.known", "\"ann\"", "test phone", ann.token.as_deref().unwrap_or("?"), ann.refresh.as_deref().unwrap_or("?")] {
            assert!(!text.contains(secret), "the log names {secret}");
        }
    }
}
