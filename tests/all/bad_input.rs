//! Whatever arrives: a clear no with a stable code, never a fault of ours, and nothing changed.

use crate::harness::dump::{changes, dump};
use crate::harness::{Answer, Client, Running, World, both_engines};
use crate::jobs::boards::{boxes, fill_roster};
use dutyboard::door::{Access, Via};
use dutyboard::kit::refusal::{Code, Stop};
use dutyboard::rooms::Command;
use serde_json::{Value, json};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Endpoints that read a JSON body, and a body of the right shape that is refused for what it says.
pub fn bodies() -> Vec<(&'static str, Value)> {
    let push = json!({ "pushVersion": 1, "clientGroupID": "g", "profileID": "p", "schemaVersion": "1",
        "mutations": [{ "clientID": "c", "id": 7, "name": "box.start", "args": { "id": "x" }, "timestamp": 1.5, "uid": "u" }] });
    let pull = json!({ "pullVersion": 1, "clientGroupID": "g", "cookie": null, "profileID": "p", "schemaVersion": "1" });
    vec![
        ("/api/sync/push", push),
        ("/api/sync/pull", pull),
        ("/api/v1/commands", json!({ "name": "box.start", "args": { "id": "x" } })),
        ("/api/auth/login", json!({ "login": "nobody", "password": "nothing-of-use", "device_name": "d" })),
        ("/api/auth/password", json!({ "current": "wrong-horse", "password": "another-good-one" })),
        ("/api/auth/invitation/check", json!({ "token": "guess" })),
        ("/api/auth/invitation/accept", json!({ "token": "guess", "password": "another-good-one" })),
        (
            "/api/auth/setup",
            json!({ "token": "guess", "workspace": "w", "name": "n", "login": "ll", "password": "another-good-one",
            "email": "a@example.com", "locale": "en", "zone": "UTC" }),
        ),
    ]
}

/// Every way to spoil one value deep inside: the path to it stays, the value does not.
fn spoiled(body: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                let mut without = fields.clone();
                without.remove(name);
                all.push(Value::Object(without));
                for bad in spoiled(value) {
                    let mut with = fields.clone();
                    with.insert(name.clone(), bad);
                    all.push(Value::Object(with));
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                for bad in spoiled(item) {
                    let mut with = items.clone();
                    with[at] = bad;
                    all.push(Value::Array(with));
                }
            }
        }
        _ => {}
    }
    let long = "长".repeat(3_000);
    all.extend([
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!(""),
        json!("\u{0}"),
    ]);
    all.extend([
        json!("a\u{0}b"),
        json!(long),
        json!("\u{202e}'; DROP TABLE person; --"),
        json!("+262142-12-31"),
        json!("9999-12-31"),
    ]);
    all.extend([json!([]), json!({}), json!([[[]]]), json!({ "$ne": 1 })]);
    all
}

/// Not a fault; when it is a no, then in our form.
pub fn is_clear(answer: &Answer, what: &str) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text());
    if answer.status >= 400 {
        let code = answer.code();
        assert!(code.parse::<Code>().is_ok(), "{what}: {code}");
    }
}

fn send(client: &Client, path: &str, body: &Value) -> Answer {
    client.send("POST", path, &[JSON], body.to_string().as_bytes())
}

/// A server with something on its board.
pub fn busy_world(engine: crate::harness::Engine) -> World {
    let world = World::new(engine);
    fill_roster(&world, "2026-03-02", 1);
    world.tick();
    world
}

both_engines! {
    fn spoiled_bodies_change_nothing(engine) {
        let world = busy_world(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let before = dump(&world);
        for (path, body) in bodies() {
            for bad in spoiled(&body) {
                let answer = send(&owner, path, &bad);
                is_clear(&answer, &format!("{path} {}", bad.to_string().chars().take(200).collect::<String>()));
                let moved = answer.status < 300 && path == "/api/sync/push" && bad["mutations"][0]["id"] == 1;
                assert!(!moved, "no spoiled push is a first mutation");
            }
        }
        assert_eq!(changes(&before, &dump(&world), &[]), Vec::<String>::new());
    }

    fn bytes_that_are_no_json_are_bad_requests(engine) {
        let world = busy_world(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let before = dump(&world);
        let deep = "[".repeat(100_000);
        let raw: [&[u8]; 9] = [b"", b"{", b"nul", b"\xff\xfe{}", b"{\"a\":1}}", b"{'a':1}", b"\0", deep.as_bytes(), b"{\"name\":\"\xc3\x28\"}"];
        for (path, body) in bodies() {
            for bytes in raw {
                let answer = owner.send("POST", path, &[JSON], bytes);
                assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{path} {bytes:?}");
            }
            let body = body.to_string();
            for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "image/png", "application/jsonx", "\u{1f4a9}", ""] {
                let answer = owner.send("POST", path, &[("Content-Type", kind)], body.as_bytes());
                assert_eq!((answer.status, answer.code().as_str()), (415, "unsupported_media"), "{path} as {kind}");
            }
            let answer = owner.send("POST", path, &[JSON, ("Content-Length", "99999999")], b"{");
            assert_eq!((answer.status, answer.code().as_str()), (413, "too_large"), "{path}");
        }
        assert_eq!(changes(&before, &dump(&world), &[]), Vec::<String>::new());
    }

    fn bad_paths_and_questions_are_refused(engine) {
        let world = busy_world(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let before = dump(&world);
        let long = "x".repeat(20_000);
        let odd = ["%00", "a%00b", "%ff", "%zz", "%", "..%2f..%2fetc", "%2e%2e", "'", "%F0%9F%92%A9", "*", long.as_str()];
        for piece in odd {
            for path in [
                format!("/api/v1/history/{piece}/x"), format!("/api/v1/history/box/{piece}"), format!("/api/blobs/{piece}"),
                format!("/api/v1/board?day={piece}"), format!("/api/v1/roster?from={piece}&to=2026-03-02"), format!("/api/v1/roster.csv?from=2026-03-02&to={piece}"),
                format!("/api/{piece}"), format!("/{piece}"), format!("/api/v1/people?{piece}"),
            ] {
                is_clear(&owner.get(&path), &format!("GET {path:.80}"));
            }
            for path in [format!("/api/v1/jobs/{piece}"), format!("/api/auth/devices/{piece}")] {
                let answer = owner.delete(&path);
                assert!((400..500).contains(&answer.status), "DELETE {path:.80}: {}", answer.status);
                is_clear(&answer, &path);
            }
            let retry = owner.send("POST", &format!("/api/v1/jobs/{piece}/retry"), &[], b"");
            is_clear(&retry, "retry");
        }
        for path in ["/api/v1/board", "/api/v1/board?day=", "/api/v1/board?day=2026-02-30", "/api/v1/roster", "/api/v1/roster?from=2026-03-02", "/api/v1/roster.csv"] {
            let answer = owner.get(path);
            assert!([400, 422].contains(&answer.status), "{path}: {}", answer.status);
            is_clear(&answer, path);
        }
        assert_eq!(changes(&before, &dump(&world), &[]), Vec::<String>::new());
    }

    fn wrong_methods_are_refused(engine) {
        let world = busy_world(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let before = dump(&world);
        let spec: Value = serde_json::from_str(&dutyboard::app::serve::describe().expect("a description")).expect("JSON");
        for (path, known) in spec["paths"].as_object().expect("paths") {
            let path = path.replace("{kind}", "box").replace("{id}", "x").replace("{sha256}", "x");
            for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
                // The one path that is also another: DELETE /api/v1/jobs/{id}.
                let is_another = method == "DELETE" && path == "/api/v1/jobs/dead";
                if known.get(method.to_lowercase()).is_none() && !is_another {
                    let answer = owner.send(method, &path, &[], b"");
                    assert_eq!((answer.status, answer.code().as_str()), (405, "method_not_allowed"), "{method} {path}");
                    assert!(answer.header("allow").is_some_and(|list| !list.contains(method)), "{method} {path}");
                }
            }
        }
        for path in ["/api/nothing", "/api/v2/commands", "/api"] {
            for method in ["GET", "POST", "DELETE"] {
                assert_eq!(owner.send(method, path, &[], b"").code(), "not_found", "{method} {path}");
            }
        }
        assert_eq!(changes(&before, &dump(&world), &[]), Vec::<String>::new());
    }

    fn files_that_are_not_what_they_say(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        let before = dump(&world);
        let (pdf, name) = (b"%PDF-a", "ebf8dc76c632875b2f62b2dda81d1de6f19563dbe3a20ab1a1e2589fc731ebc9");
        let put = |name: &str, kind: &str, bytes: &[u8]| ann.send("PUT", &format!("/api/blobs/{name}"), &[("Content-Type", kind)], bytes);
        assert_eq!(put(name, "application/pdf", b"%PDF-b").code(), "hash_mismatch");
        assert_eq!(put(name, "text/html", pdf).code(), "unsupported_media");
        assert_eq!(put(name, "", pdf).code(), "unsupported_media");
        assert_eq!(put(name, "image/png", pdf).code(), "unsupported_media", "it begins as another type does");
        assert_eq!(put(&name.to_uppercase(), "application/pdf", pdf).code(), "bad_value");
        assert_eq!(put("x", "application/pdf", pdf).code(), "bad_value");
        let huge = ann.send("PUT", &format!("/api/blobs/{name}"), &[("Content-Type", "image/png"), ("Content-Length", "9000000")], b"a");
        assert_eq!((huge.status, huge.code().as_str()), (413, "too_large"));
        assert_eq!(server.client().send("PUT", &format!("/api/blobs/{name}"), &[("Content-Type", "image/png")], b"a").code(), "unauthorized");
        assert_eq!(changes(&before, &dump(&world), &[]), Vec::<String>::new());
    }

    /// What never becomes a request: the server closes, and goes on serving.
    fn noise_on_the_line_is_shrugged_off(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let client = server.client();
        let header = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(200_000));
        for bytes in [b"\x16\x03\x01\x02\x00".as_slice(), b"NOISE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST /api/sync/push HTTP/1.1\r\nContent-Length: -1\r\n\r\n", header.as_bytes()] {
            if let Ok(answer) = client.raw(bytes) {
                assert!(answer.status < 500, "{}", answer.status);
            }
        }
        assert_eq!(client.get("/healthz").status, 200);
    }

    /// Every command, with arguments that are right but for one value: refused or done, never a fault, and a refusal changes
    /// nothing at all.
    fn no_argument_makes_a_command_fail(engine) {
        let world = busy_world(engine);
        let mut before = dump(&world);
        for (name, access) in Command::table() {
            let user = (access != Access::System).then_some(&world.cast.owner);
            for args in spoiled(&real(&world, name)) {
                match attempt(&world, user, name, &args) {
                    Ok(()) => before = dump(&world),
                    Err(Stop::Refused(_)) => {}
                    Err(stop) => panic!("{name} {}: {stop}", args.to_string().chars().take(300).collect::<String>()),
                }
            }
            assert_eq!(changes(&before, &dump(&world), &[]), Vec::<String>::new(), "{name}");
        }
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }
}

pub fn attempt(world: &World, user: Option<&String>, name: &str, args: &Value) -> Result<(), Stop> {
    let system = || dutyboard::door::Actor::system(&world.cast.workspace, Via::Job);
    let actor = user.map_or_else(system, |user| world.actor(user, Via::Rest).expect("the owner stays"));
    let command = Command::parse(name, args.clone())?;
    world.app.door.execute(&actor, command, None).map(drop)
}

/// Arguments that name real things, so that a spoiled one gets as far as it can.
pub fn real(world: &World, name: &str) -> Value {
    let cast = &world.cast;
    let fresh = dutyboard::kit::ids::fresh();
    let a_box = boxes(world).first().map_or_else(|| fresh.clone(), |row| row.id.clone());
    let text = json!({ "zh": "名", "en": "name" });
    match name {
        "workspace.found" => {
            json!({ "name": "n", "zone": "UTC", "locale": "en", "team_id": fresh, "owner_id": fresh, "owner_name": "o", "login": fresh, "email": null })
        }
        "workspace.update" => json!({ "name": "n", "zone": "Asia/Shanghai", "locale": "en", "view_hours": 72 }),
        "team.save" => json!({ "id": cast.team_2, "name": "n", "archived": false }),
        "shop.save" => json!({ "id": fresh, "name": "n", "platform": "tmall", "archived": false }),
        "skill.save" => json!({ "id": fresh, "name": text, "code": format!("c{}", &fresh[30..]), "archived": false }),
        "seat.save" => json!({ "id": fresh, "name": "n", "shop_id": null, "archived": false }),
        "person.invite" => {
            json!({ "id": fresh, "name": "n", "login": fresh, "email": "a@example.com", "role": "agent", "team_id": cast.team_1, "skill_ids": [], "locale": "en" })
        }
        "person.update" => {
            json!({ "id": cast.fan, "name": "n", "email": "a@example.com", "role": "agent", "team_id": cast.team_2, "skill_ids": [], "active": true })
        }
        "person.prefs" => json!({ "locale": "en", "tomorrow_mail_at": "20:00" }),
        "shift_type.save" => {
            json!({ "id": fresh, "letter": "x", "name": text, "start": "08:00", "length_min": 60, "arrive_early_min": 0, "skill_code": "presale", "hue": 0, "archived": false })
        }
        "roster.set" => {
            json!({ "put": [{ "id": fresh, "person_id": cast.fan, "day": "2026-03-09", "shift_type_id": cast.shift_type("presale"), "shop_id": null, "seat_id": null }], "remove": ["x"] })
        }
        "roster.retire" | "board.retire" => json!({ "before": "2026-01-01" }),
        "pack.switch" => json!({ "team_id": cast.team_1, "code": dutyboard::tasks::packs::all()[0].id, "enabled": true }),
        "board.make" | "board.remake" => json!({ "team_id": cast.team_1, "day": "2026-03-02" }),
        "board.tomorrow_mail" => json!({ "person_id": cast.ann, "day": "2026-03-03", "base_url": "http://x" }),
        "box.create" => {
            json!({ "id": fresh, "day": "2026-03-02", "title": "t", "quadrant": "Q1", "kind": "timebox", "start_at": 1_000, "end_at": 2_000, "due_at": 2_000, "assignee_id": cast.ann })
        }
        "box.edit" => {
            json!({ "id": a_box, "title": { "zh": "t", "en": "t" }, "times": { "kind": "timebox", "start_at": 1_000, "end_at": 2_000, "due_at": 2_000 } })
        }
        "box.skip" => json!({ "id": a_box, "reason": "r" }),
        "box.check" => json!({ "id": a_box, "index": 0, "done": true }),
        "box.note" => json!({ "id": a_box, "note_id": fresh, "text": "t" }),
        "box.hand" | "box.assign" => json!({ "id": a_box, "to": cast.bea }),
        "box.quadrant" => json!({ "id": a_box, "quadrant": "Q1" }),
        "reject.record" => {
            json!({ "uid": fresh, "user_id": cast.ann, "team_id": cast.team_1, "name": "n", "args": null, "code": "gone", "at": 1 })
        }
        "reject.discard" | "reject.hand" => json!({ "uid": "x" }),
        "auth.invite" => json!({ "person_id": cast.ann, "inviter_id": cast.owner, "mail_id": fresh, "base_url": "http://x" }),
        "auth.accept" => json!({ "person_id": cast.ann, "link_hash": "h", "password_hash": "p" }),
        "person.reinvite" => json!({ "id": cast.ann }),
        _ => json!({ "id": a_box }),
    }
}
