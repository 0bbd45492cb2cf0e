//! Push v1 and pull v1 over HTTP, as a client that nobody here wrote would use them: the errors it acts upon, the limits, and
//! cookies that are not what they should be.

use crate::harness::{Answer, Client, HOUR, Running, World, both_engines};
use dutyboard::door::EPOCH;
use serde_json::{Value, json};

/// A client's mutations `first..first + count`: work of its own that needs nothing else.
fn creates(client: &str, first: i64, count: i64, owner: &str) -> Vec<Value> {
    let one = |id: i64| {
        let args = json!({ "id": dutyboard::kit::ids::derived(&[client, &id.to_string()]), "day": "2026-03-02", "title": format!("{client} {id}"),
            "quadrant": "Q2", "kind": "anytime", "assignee_id": owner });
        json!({ "clientID": client, "id": id, "name": "box.create", "args": args, "timestamp": 12.5 })
    };
    (first..first + count).map(one).collect()
}

fn push_as(client: &Client, group: &str, mutations: &[Value], changed: Value) -> Answer {
    let mut body =
        json!({ "pushVersion": 1, "clientGroupID": group, "profileID": "p", "schemaVersion": "1", "mutations": mutations });
    for (name, value) in changed.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    client.post("/api/sync/push", &body)
}

fn push(client: &Client, group: &str, mutations: &[Value]) -> Answer {
    push_as(client, group, mutations, json!({}))
}

fn pull_as(client: &Client, group: &str, cookie: &Value, changed: Value) -> Answer {
    let mut body = json!({ "pullVersion": 1, "clientGroupID": group, "cookie": cookie, "profileID": "p", "schemaVersion": "1" });
    for (name, value) in changed.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    client.post("/api/sync/pull", &body)
}

fn pull(client: &Client, group: &str, cookie: &Value) -> Value {
    let answer = pull_as(client, group, cookie, json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Status and code of every result, in order.
fn said(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let results = body["results"].as_array().unwrap_or_else(|| panic!("{body}"));
    let word = |value: &Value| value.as_str().unwrap_or("").to_owned();
    results.iter().map(|result| format!("{} {}", word(&result["status"]), word(&result["code"])).trim().to_owned()).collect()
}

fn is_reset(body: &Value) -> bool {
    body["patch"][0] == json!({ "op": "clear" })
}

both_engines! {
    fn errors_that_clients_act_upon_travel_with_200(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        let someone = creates("c1", 7, 1, &world.cast.ann);

        let lost = push(&ann, "g1", &someone);
        assert_eq!((lost.status, lost.json()), (200, json!({ "error": "ClientStateNotFound" })));
        assert!(pull(&ann, "g1", &Value::Null)["lastMutationIDChanges"].as_object().expect("a map").is_empty(), "nothing was kept");

        let first = creates("c1", 1, 1, &world.cast.ann);
        let old = push_as(&ann, "g1", &first, json!({ "pushVersion": 0 }));
        assert_eq!((old.status, old.json()), (200, json!({ "error": "VersionNotSupported", "versionType": "push" })));
        let strange = push_as(&ann, "g1", &first, json!({ "schemaVersion": "next" }));
        assert_eq!((strange.status, strange.json()), (200, json!({ "error": "VersionNotSupported", "versionType": "schema" })));
        let old = pull_as(&ann, "g1", &Value::Null, json!({ "pullVersion": 2 }));
        assert_eq!((old.status, old.json()), (200, json!({ "error": "VersionNotSupported", "versionType": "pull" })));
        for schema in ["", "0", "1", "41"] {
            let any = push_as(&ann, "g1", &first, json!({ "schemaVersion": schema }));
            assert_eq!(any.status, 200);
            assert!(any.json()["results"].is_array(), "every version ever shipped may push: {schema}");
        }
    }

    fn gaps_unknown_clients_and_duplicates_are_told_apart(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        assert_eq!(said(&push(&ann, "g1", &creates("c1", 1, 2, &world.cast.ann))), ["applied", "applied"]);

        // A later one first: it waits, the rest of the request goes on.
        let mixed = [creates("c1", 4, 2, &world.cast.ann), creates("c2", 1, 1, &world.cast.ann), creates("c3", 5, 1, &world.cast.ann)].concat();
        assert_eq!(said(&push(&ann, "g1", &mixed)), ["skipped gap", "skipped gap", "applied", "skipped unknown_client"]);
        assert_eq!(said(&push(&ann, "g1", &creates("c1", 1, 4, &world.cast.ann))), ["duplicate", "duplicate", "applied", "applied"]);
        let body = pull(&ann, "g1", &Value::Null);
        assert_eq!(body["lastMutationIDChanges"], json!({ "c1": 4, "c2": 1 }));

        // Another group of the same person must not move these clients.
        let stray = push(&ann, "g2", &creates("c1", 5, 1, &world.cast.ann));
        assert_eq!(stray.json(), json!({ "error": "ClientStateNotFound" }));
        assert_eq!(pull(&ann, "g1", &Value::Null)["lastMutationIDChanges"], json!({ "c1": 4, "c2": 1 }));
    }

    fn a_group_belongs_to_whom_it_was_bound(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let (ann, bea) = (server.sign_in("ann"), server.sign_in("bea"));
        assert_eq!(said(&push(&ann, "g1", &creates("c1", 1, 1, &world.cast.ann))), ["applied"]);
        let theirs = push(&bea, "g1", &creates("c1", 2, 1, &world.cast.bea));
        assert_eq!((theirs.status, theirs.code().as_str()), (403, "forbidden"));
        let theirs = pull_as(&bea, "g1", &Value::Null, json!({}));
        assert_eq!((theirs.status, theirs.code().as_str()), (403, "forbidden"));
        // Nor by a client of the group through a group of one's own.
        let own = [creates("b1", 1, 1, &world.cast.bea), creates("c1", 2, 1, &world.cast.bea)].concat();
        assert_eq!(said(&push(&bea, "g2", &own)), ["applied", "skipped unknown_client"]);
        assert_eq!(pull(&ann, "g1", &Value::Null)["lastMutationIDChanges"], json!({ "c1": 1 }));
    }

    /// A phone that lost its client state sends everything again under a new name; the uid tells.
    fn the_same_intent_takes_effect_once(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        let with_uid = |mutations: Vec<Value>| -> Vec<Value> {
            mutations.into_iter().enumerate().map(|(n, mut mutation)| { mutation["uid"] = json!(format!("uid-{n}")); mutation }).collect()
        };
        let mut first = with_uid(creates("old", 1, 3, &world.cast.ann));
        first[1]["name"] = json!("no.such.command");
        assert_eq!(said(&push(&ann, "g1", &first)), ["applied", "rejected unknown_command", "applied"]);
        let again: Vec<Value> = first.iter().cloned().map(|mut mutation| { mutation["clientID"] = json!("new"); mutation }).collect();
        assert_eq!(said(&push(&ann, "g2", &again)), ["duplicate", "duplicate", "duplicate"]);
        let body = pull(&ann, "g2", &Value::Null);
        assert_eq!(body["lastMutationIDChanges"], json!({ "new": 3 }), "and the queue moves on");
        let rejects = body["patch"].as_array().expect("a patch").iter().filter(|op| op["key"].as_str().is_some_and(|key| key.starts_with("reject/")));
        assert_eq!(rejects.count(), 1, "refused once, shown once");
    }

    /// A refusal without a uid is named after client and number; nobody can overwrite another person's with a made-up uid.
    fn a_refusal_stays_its_authors(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let (ann, bea) = (server.sign_in("ann"), server.sign_in("bea"));
        let poison = json!({ "clientID": "c1", "id": 1, "name": "no.such.command", "args": { "of": "ann" } });
        assert_eq!(said(&push(&ann, "g1", &[poison])), ["rejected unknown_command"]);
        let forged = json!({ "clientID": "c2", "id": 1, "name": "no.such.command", "args": { "of": "bea" }, "uid": "c1-1" });
        assert_eq!(said(&push(&bea, "g2", &[forged])), ["rejected unknown_command"]);
        let reject = |client: &Client, group: &str| {
            let body = pull(client, group, &Value::Null);
            let rows = body["patch"].as_array().expect("a patch").clone();
            rows.into_iter().find(|op| op["key"].as_str().is_some_and(|key| key.starts_with("reject/"))).map(|op| op["value"]["args"]["of"].clone())
        };
        assert_eq!(reject(&ann, "g1"), Some(json!("ann")));
        assert_eq!(reject(&bea, "g2"), Some(json!("bea")));
    }

    fn long_queues_go_through_in_pieces(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        let version = || world.read(|conn| dutyboard::rooms::images(conn, &world.cast.workspace)).len();
        let before = version();
        let answer = push(&ann, "g1", &creates("c1", 1, 173, &world.cast.ann));
        assert_eq!(said(&answer), vec!["applied"; 173]);
        assert_eq!(version() - before, 173);
        let body = pull(&ann, "g1", &Value::Null);
        assert_eq!(body["lastMutationIDChanges"], json!({ "c1": 173 }));
        assert!(is_reset(&body) && body["check"]["n"].as_i64().expect("a count") + 1 == body["patch"].as_array().expect("ops").len() as i64);
    }

    fn cookies_are_only_good_as_given(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        assert_eq!(said(&push(&ann, "g1", &creates("c1", 1, 1, &world.cast.ann))), ["applied"]);
        let given = pull(&ann, "g1", &Value::Null)["cookie"].clone();

        let idle = pull(&ann, "g1", &given);
        assert_eq!((&idle["cookie"], &idle["patch"], &idle["lastMutationIDChanges"]), (&given, &json!([]), &json!({})), "the same cookie, nothing with it");

        let order = given["order"].as_i64().expect("a number");
        let forged = [
            json!({ "order": order + 5, "scope": given["scope"], "sig": given["sig"] }),
            json!({ "order": order - 1, "scope": given["scope"], "sig": given["sig"] }),
            json!({ "order": order + EPOCH, "scope": given["scope"], "sig": given["sig"] }),
            json!({ "order": -1, "scope": given["scope"], "sig": given["sig"] }),
            json!({ "order": i64::MAX, "scope": "x", "sig": "" }),
            json!({ "order": "5", "scope": 1, "sig": [] }),
            json!("junk"),
            json!(17),
            json!([]),
            json!({}),
        ];
        for cookie in forged {
            let body = pull(&ann, "g1", &cookie);
            assert!(is_reset(&body), "{cookie} starts anew");
            assert_eq!(body["cookie"], given, "{cookie} moves nothing");
        }
        // Somebody else's cookie is of another scope.
        let bea = server.sign_in("bea");
        assert!(is_reset(&pull(&bea, "g2", &given)));
    }

    /// A backup was put back without telling: cookies are newer than the database. The epoch moves, phones re-key, and what
    /// the backup lost is sent again under new names.
    fn a_silent_restore_is_noticed(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        assert_eq!(said(&push(&ann, "g1", &creates("c1", 1, 5, &world.cast.ann))).len(), 5);
        let future = pull(&ann, "g1", &Value::Null)["cookie"].clone();
        world.tamper("UPDATE sync_workspace SET version = version - 1");

        let told = pull(&ann, "g1", &future);
        assert_eq!(told, json!({ "error": "ClientStateNotFound" }));
        let fresh = pull(&ann, "g9", &Value::Null);
        assert!(fresh["cookie"]["order"].as_i64() > future["order"].as_i64(), "order grows over the restore");
        assert_eq!(pull(&ann, "g1", &future), json!({ "error": "ClientStateNotFound" }), "an old epoch stays old");
        let idle = pull(&ann, "g9", &fresh["cookie"]);
        assert_eq!(idle["cookie"], fresh["cookie"], "the epoch moved once");
    }

    /// Months in a drawer: everything arrives, in order, over as many requests as it takes, and nothing is done twice.
    fn ten_thousand_queued_mutations_arrive(engine) {
        let world = World::in_real_time(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        let id = dutyboard::kit::ids::derived(&["one box"]);
        let mut queue = creates("c1", 1, 1, &world.cast.ann);
        queue[0]["args"]["id"] = json!(id);
        // The last one tells whether the order held.
        let name = |n: i64| if n == 10_000 { "box.finish" } else { "box.start" };
        queue.extend((2..=10_000).map(|n| json!({ "clientID": "c1", "id": n, "name": name(n), "args": { "id": id } })));
        let mut requests = 0;
        while !queue.is_empty() {
            requests += 1;
            assert!(requests < 500, "it gets on with every request");
            let answer = push(&ann, "g1", &queue);
            let done = said(&answer);
            assert!(done.iter().all(|word| word == "applied"), "{done:?}");
            match answer.status {
                200 => assert_eq!(done.len(), queue.len()),
                503 => assert!(answer.header("retry-after").is_some() && !done.is_empty()),
                other => panic!("{other}"),
            }
            let body = pull(&ann, "g1", &Value::Null);
            let lmid = body["lastMutationIDChanges"]["c1"].as_i64().expect("a number");
            queue.retain(|mutation| mutation["id"].as_i64() > Some(lmid));
        }
        let body = pull(&ann, "g1", &Value::Null);
        let key = format!("box/{id}");
        let row = body["patch"].as_array().expect("ops").iter().rfind(|op| op["key"] == key.as_str()).expect("the box");
        assert_eq!(row["value"]["state"], "done");
    }

    /// A quiet phone gets a fresh cookie before deletions that it has not seen could be forgotten.
    fn a_quiet_phone_is_given_a_fresh_cookie_in_time(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut ann = server.sign_in("ann");
        let given = pull(&ann, "g1", &Value::Null)["cookie"].clone();
        let quiet = world.now();
        world.run(&world.cast.owner, "pack.switch", json!({ "team_id": world.cast.team_2, "code": dutyboard::tasks::packs::all()[5].id, "enabled": true })).expect("a change that ann does not see");
        let version = dutyboard::door::EPOCH;
        world.tamper(&format!("INSERT INTO sync_clock (workspace_id, version, at) SELECT id, version, {quiet} FROM sync_workspace WHERE epoch * {version} > 0"));
        assert_eq!(pull(&ann, "g1", &given)["cookie"], given, "nothing new for her, and she is not late");
        world.clock.advance(16 * 24 * HOUR);
        ann.login("ann", crate::harness::PASSWORD);
        let later = pull(&ann, "g1", &given);
        assert_eq!(later["patch"], json!([]));
        assert!(later["cookie"]["order"].as_i64() > given["order"].as_i64());
    }
}
