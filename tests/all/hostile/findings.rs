//! What made-up bytes have found so far, each kept as the smallest case.

use super::mangle::smuggled;
use crate::harness::{Running, World, both_engines};

const JSON: (&str, &str) = ("Content-Type", "application/json");

both_engines! {
    /// serde_json's own name for raw text made the reader start anew inside a text, as deep as the sender liked: with some
    /// megabytes the stack ran out and the server with it, before anybody had signed in. Less deep, the refusal could not be
    /// read back, and its author's queue was stuck for ever.
    fn no_text_inside_a_value_is_read_as_json(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        for (client, status) in [(server.client(), [400, 401].as_slice()), (server.sign_in("ann"), [400].as_slice())] {
            for args in [smuggled(18, 120), smuggled(2, 100), r#"{"\u0024serde_json::private::RawValue":"1"}"#.to_owned()] {
                let push = format!(r#"{{"pushVersion":1,"clientGroupID":"g","schemaVersion":"1","mutations":[{{"clientID":"c","id":1,"name":"box.start","args":{args}}}]}}"#);
                let pull = format!(r#"{{"pullVersion":1,"clientGroupID":"g","schemaVersion":"1","cookie":{args}}}"#);
                let command = format!(r#"{{"name":"reject.record","args":{args}}}"#);
                for (path, body) in [("/api/sync/push", push), ("/api/sync/pull", pull), ("/api/v1/commands", command)] {
                    let answer = client.send("POST", path, &[JSON], body.as_bytes());
                    assert!(status.contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
                }
            }
        }
    }
}
