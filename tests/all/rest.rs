//! REST: requests that are sent again, the history of rows, sheets, and what an outside program gets to see.

use crate::harness::{Client, Running, World, both_engines};
use crate::jobs::boards::{boxes, fill_roster};
use serde_json::{Value, json};

fn keyed(client: &Client, key: &str, name: &str, args: Value) -> crate::harness::Answer {
    let body = json!({ "name": name, "args": args }).to_string();
    client.send("POST", "/api/v1/commands", &[("Content-Type", "application/json"), ("Idempotency-Key", key)], body.as_bytes())
}

fn shop(n: usize) -> Value {
    json!({ "id": dutyboard::kit::ids::derived(&["shop", &n.to_string()]), "name": format!("店{n}"), "platform": "tmall", "archived": false })
}

fn history(client: &Client, kind: &str, id: &str) -> crate::harness::Answer {
    client.get(&format!("/api/v1/history/{kind}/{id}"))
}

both_engines! {
    fn a_repeated_request_does_nothing_again(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let (owner, sup) = (server.sign_in("owner"), server.sign_in("sup_1"));
        let first = keyed(&owner, "k1", "shop.save", shop(1));
        assert_eq!((first.status, &first.json()["status"]), (200, &json!("applied")));
        let note = json!({ "name": "店1", "platform": "jd", "archived": false, "id": shop(1)["id"] });
        keyed(&owner, "k2", "shop.save", note);
        let again = keyed(&owner, "k1", "shop.save", shop(1));
        assert_eq!(again.json(), first.json(), "the same answer");
        let shops = world.read(|conn| dutyboard::team::store::shops(conn, &world.cast.workspace));
        assert_eq!(shops[0].platform, "jd", "and what came after it stays");

        let other = keyed(&owner, "k1", "shop.save", shop(2));
        assert_eq!((other.status, other.code().as_str()), (422, "idempotency_mismatch"));
        assert_eq!(keyed(&sup, "k1", "shop.save", shop(2)).status, 200, "keys belong to a person");
        for bad in [String::new(), "x".repeat(129)] {
            assert_eq!(keyed(&owner, &bad, "shop.save", shop(3)).code(), "bad_request");
        }
        let refused = keyed(&sup, "k9", "team.save", json!({ "id": shop(1)["id"], "name": "x", "archived": false }));
        assert_eq!(refused.code(), "forbidden");
        assert_eq!(keyed(&sup, "k9", "shop.save", shop(4)).status, 200, "a refusal uses no key up");
    }

    fn the_same_request_many_times_at_once_is_one(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("owner");
        let id = dutyboard::kit::ids::derived(&["a box"]);
        let args = json!({ "id": id, "day": "2026-03-02", "title": "once", "quadrant": "Q1", "kind": "anytime", "assignee_id": world.cast.owner });
        let answers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| keyed(&owner, "one", "box.create", args.clone()))).collect();
            threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body), "a second create would be a conflict");
        assert_eq!(history(&owner, "box", &id).json().as_array().map(Vec::len), Some(1));
    }

    fn history_tells_who_when_from_where_and_what(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 1);
        world.tick();
        let server = Running::start(&world);
        let (owner, sup, ann) = (server.sign_in("owner"), server.sign_in("sup_1"), server.sign_in("ann"));
        let id = boxes(&world).into_iter().find(|row| row.assignee_id.as_ref() == Some(&world.cast.ann)).expect("her box").id;
        world.clock.advance(60_000);
        let started_at = world.now();
        let push = json!({ "pushVersion": 1, "clientGroupID": "g", "schemaVersion": "1",
            "mutations": [{ "clientID": "c", "id": 1, "name": "box.start", "args": { "id": id } }] });
        assert_eq!(ann.post("/api/sync/push", &push).json()["results"][0]["status"], "applied");
        assert_eq!(sup.command("box.quadrant", json!({ "id": id, "quadrant": "Q4" })).status, 200);

        let told = history(&sup, "box", &id).json();
        let rows = told.as_array().expect("a list");
        let brief: Vec<(&Value, &Value, &Value, &Value)> =
            rows.iter().map(|row| (&row["command"], &row["via"], &row["actor_name"], &row["device_name"])).collect();
        let expected = json!([["box.quadrant", "rest", "sup_1", "test phone"], ["box.start", "push", "ann", "test phone"], ["board.make", "job", null, null]]);
        assert_eq!(json!(brief), expected, "newest first");
        assert_eq!((&rows[1]["before"]["state"], &rows[1]["after"]["state"]), (&json!("todo"), &json!("doing")));
        assert_eq!((rows[1]["at"].as_i64(), &rows[2]["before"]), (Some(started_at), &Value::Null));
        assert_eq!(rows[1]["device_id"], ann.device.as_str());
        assert_eq!(history(&owner, "box", &id).json(), told);
        assert_eq!(history(&ann, "box", &id).code(), "forbidden");
    }

    /// What belongs to a team is read by its own supervisors and by owners only.
    fn history_keeps_teams_apart(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 1);
        world.tick();
        let server = Running::start(&world);
        let (owner, sup_1, sup_2, ann) = (server.sign_in("owner"), server.sign_in("sup_1"), server.sign_in("sup_2"), server.sign_in("ann"));
        world.run(&world.cast.sup_1, "person.update", json!({ "id": world.cast.ann, "email": "ann@example.com" })).expect("an address");
        let poison = json!({ "pushVersion": 1, "clientGroupID": "g", "schemaVersion": "1",
            "mutations": [{ "clientID": "c", "id": 1, "uid": "refused", "name": "box.start", "args": { "id": "hers" } }] });
        assert_eq!(ann.post("/api/sync/push", &poison).json()["results"][0]["status"], "rejected");
        let her_box = boxes(&world).into_iter().find(|row| row.assignee_id.as_ref() == Some(&world.cast.ann)).expect("her box").id;
        let shift = world.read(|conn| dutyboard::roster::store::assignments(conn, &world.cast.workspace)).into_iter().find(|row| row.person_id == world.cast.ann).expect("her shift").id;
        let pack = world.read(|conn| dutyboard::tasks::store::packs_of_team(conn, &world.cast.workspace, &world.cast.team_1))[0].id.clone();
        for (kind, id) in [("box", &her_box), ("assignment", &shift), ("pack", &pack), ("person", &world.cast.ann), ("person_private", &world.cast.ann), ("reject", &"refused".to_owned())] {
            assert_eq!(history(&owner, kind, id).status, 200, "{kind}");
            assert_eq!(history(&sup_1, kind, id).status, 200, "{kind}");
            assert_eq!(history(&sup_2, kind, id).code(), "not_found", "{kind} of team 1, asked by the supervisor of team 2");
        }
        assert_eq!(history(&owner, "box", "nothing").code(), "not_found");
        let seen = |client: &Client, path: &str| client.get(path).json();
        let people = seen(&sup_2, "/api/v1/people");
        assert!(people.as_array().expect("a list").iter().all(|person| person["team_id"] == world.cast.team_2.as_str()), "{people}");
        for path in ["/api/v1/board?day=2026-03-02", "/api/v1/roster?from=2026-03-02&to=2026-03-02"] {
            let rows = seen(&sup_2, path);
            assert!(rows.as_array().expect("a list").iter().all(|row| row["team_id"] == world.cast.team_2.as_str()), "{path}");
            assert!(seen(&owner, path).as_array().expect("a list").len() > rows.as_array().expect("a list").len());
        }
        let foreign = sup_2.command("roster.set", json!({ "put": [], "remove": [shift] }));
        assert_eq!(foreign.code(), "not_in_team");
        assert_eq!(sup_2.command("box.assign", json!({ "id": her_box, "to": null })).code(), "not_in_team");
    }

    fn the_roster_as_a_sheet(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 2);
        world.system("person.update", json!({ "id": world.cast.ann, "name": "=1+1" })).expect("a nasty name");
        let server = Running::start(&world);
        let sup = server.sign_in("sup_1");
        let sheet = sup.get("/api/v1/roster.csv?from=2026-03-02&to=2026-03-02");
        assert_eq!(sheet.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(sheet.header("content-disposition").is_some_and(|how| how.starts_with("attachment")));
        let text = sheet.text();
        assert!(text.starts_with('\u{feff}'), "so that spreadsheets read Chinese");
        assert_eq!(text.lines().count(), 1 + 5, "a head and five people of team 1: {text}");
        assert!(text.contains("2026-03-02,'=1+1,presale,08:30,540,presale"), "no formula: {text}");
        for (from, to) in [("2026-03-02", "2026-03-01"), ("2026-01-01", "2026-12-31"), ("x", "y"), ("2026-02-30", "2026-03-01")] {
            assert_eq!(sup.get(&format!("/api/v1/roster.csv?from={from}&to={to}")).code(), "bad_time", "{from} {to}");
        }
    }

    fn mails_in_files_are_shown_to_the_owner(engine) {
        let mut world = World::new(engine);
        let dir = world.scratch.dir.path().join("outbox");
        std::sync::Arc::get_mut(&mut world.app).expect("nobody else has it").mailer = dutyboard::mail::mailer::Mailer::File { dir };
        let server_empty = Running::start(&world);
        assert_eq!(server_empty.sign_in("owner").get("/api/v1/outbox").json(), json!([]));
        drop(server_empty);
        let args = json!({ "id": shop(1)["id"], "name": "n", "login": "mailed", "email": "mailed@example.com", "role": "agent", "team_id": world.cast.team_1, "skill_ids": [], "locale": "en" });
        world.run(&world.cast.owner, "person.invite", args).expect("an invitation");
        world.drain();
        let server = Running::start(&world);
        let mails = server.sign_in("owner").get("/api/v1/outbox").json();
        assert_eq!((mails[0]["to"].as_str(), mails.as_array().map(Vec::len)), (Some("mailed@example.com"), Some(1)));
        assert_eq!(server.sign_in("sup_1").get("/api/v1/outbox").code(), "forbidden", "a mail holds a one-time link");
    }

    fn the_description_lists_every_command(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let spec = server.client().get("/api/openapi.json").text();
        let for_people = |(_, access): &(&str, dutyboard::door::Access)| *access != dutyboard::door::Access::System;
        for (name, _) in dutyboard::rooms::Command::table().into_iter().filter(for_people) {
            assert!(spec.contains(&format!("\"{name}\"")), "{name}");
        }
        let page = server.client().get("/api/docs");
        assert!(page.status == 200 && page.text().contains("Dutyboard"));
        assert_eq!(server.client().get("/healthz").text(), "ok");
        assert_eq!(server.client().get("/readyz").text(), "ready");
        let metrics = server.client().get("/metrics").text();
        assert!(metrics.contains("dutyboard_requests_total") && metrics.contains("dutyboard_jobs"), "{metrics}");
    }
}
