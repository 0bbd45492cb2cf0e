//! Two companies on one server whose teams, people and everything else have the same ids: nothing crosses.

use crate::harness::{Cast, Client, Engine, Running, World, both_engines};
use dutyboard::door::{EPOCH, bus};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

struct Pair {
    world: World,
    other: Cast,
}

fn pair(engine: Engine) -> Pair {
    let world = World::new(engine);
    let other = Cast::named("second", "other.");
    other.found_in(&world.app, "Europe/Berlin");
    Pair { world, other }
}

fn pull(client: &Client, group: &str, cookie: &Value) -> Value {
    client
        .post("/api/sync/pull", &json!({ "pullVersion": 1, "clientGroupID": group, "cookie": cookie, "schemaVersion": "1" }))
        .json()
}

fn push(client: &Client, group: &str, name: &str, args: Value) -> Value {
    let mutation = json!({ "clientID": "c1", "id": 1, "uid": "u1", "name": name, "args": args });
    client
        .post(
            "/api/sync/push",
            &json!({ "pushVersion": 1, "clientGroupID": group, "schemaVersion": "1", "mutations": [mutation] }),
        )
        .json()
}

fn row<'a>(body: &'a Value, key: &str) -> Option<&'a Value> {
    body["patch"].as_array().expect("a patch").iter().find(|op| op["key"] == key).map(|op| &op["value"])
}

both_engines! {
    fn pushes_and_pulls_stay_at_home(engine) {
        let Pair { world, .. } = pair(engine);
        let server = Running::start(&world);
        let (ours, theirs) = (server.sign_in("ann"), server.sign_in("other.ann"));
        let id = dutyboard::kit::ids::derived(&["same box"]);
        let create = |title: &str| json!({ "id": id, "day": "2026-03-02", "title": title, "quadrant": "Q1", "kind": "anytime", "assignee_id": world.cast.ann });
        // The same group, client, number, uid and row: two different things.
        assert_eq!(push(&ours, "g1", "box.create", create("ours"))["results"][0]["status"], "applied");
        assert_eq!(push(&theirs, "g1", "box.create", create("theirs"))["results"][0]["status"], "applied");
        let (here, there) = (pull(&ours, "g1", &Value::Null), pull(&theirs, "g1", &Value::Null));
        let key = format!("box/{id}");
        assert_eq!(row(&here, &key).expect("our box")["title"]["zh"], "ours");
        assert_eq!(row(&there, &key).expect("their box")["title"]["zh"], "theirs");
        assert_eq!(row(&here, &format!("workspace/{}", world.cast.workspace)).map(|row| &row["zone"]), Some(&json!("Asia/Shanghai")));
        assert!(row(&there, &format!("workspace/{}", world.cast.workspace)).is_none());

        // A cookie from next door is no cookie, whatever its order.
        let strange = pull(&theirs, "g1", &here["cookie"]);
        assert_eq!(strange["patch"][0], json!({ "op": "clear" }));
        assert!(pull(&ours, "g1", &here["cookie"])["patch"].as_array().is_some_and(Vec::is_empty), "nothing of theirs is news for us");
    }

    fn writes_change_one_workspace(engine) {
        let Pair { world, other } = pair(engine);
        let server = Running::start(&world);
        let owner = server.sign_in("other.owner");
        let before = rows_of(&world, &world.cast.workspace);
        for (name, args) in [
            ("person.update", json!({ "id": other.ann, "name": "changed" })),
            ("team.save", json!({ "id": other.team_1, "name": "changed", "archived": true })),
            ("person.update", json!({ "id": other.eva, "active": false })),
            ("workspace.update", json!({ "name": "changed" })),
        ] {
            assert_eq!(owner.command(name, args).status, 200, "{name}");
        }
        assert_eq!(rows_of(&world, &world.cast.workspace), before);
        assert_eq!(server.client().login("eva", crate::harness::PASSWORD).status, 200, "our eva still works here");
        let versions = |id: &str| {
            let history = owner.get(&format!("/api/v1/history/person/{id}")).json();
            history.as_array().map(Vec::len)
        };
        assert_eq!(versions(&other.ann), Some(2), "their history holds their changes only");
    }

    fn reads_show_one_workspace(engine) {
        let Pair { world, other } = pair(engine);
        let server = Running::start(&world);
        let (ours, theirs) = (server.sign_in("owner"), server.sign_in("other.owner"));
        let logins = |client: &Client| -> Vec<String> {
            let people = client.get("/api/v1/people").json();
            people.as_array().expect("a list").iter().filter_map(|person| person["private"]["login"].as_str().map(str::to_owned)).collect()
        };
        assert!(logins(&theirs).iter().all(|login| login.starts_with("other.")));
        assert!(logins(&ours).iter().all(|login| !login.starts_with("other.")));
        assert_eq!(theirs.get(&format!("/api/v1/history/workspace/{}", world.cast.workspace)).code(), "not_found");
        assert_eq!(theirs.get(&format!("/api/v1/history/workspace/{}", other.workspace)).status, 200);
        let device = &ours.device;
        assert_eq!(theirs.delete(&format!("/api/auth/devices/{device}")).code(), "not_found");
    }

    fn buyers_of_one_company_are_nobodys_business_elsewhere(engine) {
        let Pair { world, other } = pair(engine);
        let server = Running::start(&world);
        let (ours, theirs) = (server.sign_in("owner"), server.sign_in("other.owner"));
        let id = dutyboard::kit::ids::derived(&["same buyer"]);
        for (client, nick) in [(&ours, "xiaolu"), (&theirs, "dalu")] {
            assert_eq!(client.command("customer.save", json!({ "id": id, "nick": nick })).status, 200);
            assert_eq!(client.command("customer.reach", json!({ "id": id, "phone": "13800001111" })).status, 200);
        }
        let found = |client: &Client, fragment: &str| client.get(&format!("/api/v1/customers?q={fragment}")).json();
        assert_eq!((found(&ours, "lu")[0]["nick"].as_str(), found(&ours, "dalu")), (Some("xiaolu"), json!([])));
        assert_eq!((found(&theirs, "13800001111")[0]["nick"].as_str(), found(&theirs, "xiaolu")), (Some("dalu"), json!([])));
        let twins = theirs.get(&format!("/api/v1/customers/duplicates?team_id={}", other.team_1));
        assert_eq!(twins.json(), json!([]), "the number that both know is no duplicate");
        let photo = ours.send("POST", &format!("/api/v1/customers/{id}/files?name=x"), &[("Content-Type", "image/png")], b"\x89PNG\r\n\x1a\n x").json();
        let path = format!("/api/v1/customers/{id}/files/{}", photo["id"].as_str().expect("a name"));
        assert_eq!((ours.get(&path).status, theirs.get(&path).code().as_str()), (200, "not_found"));
        assert_eq!(ours.command("customer.erase", json!({ "id": id, "reason": "asked" })).status, 200);
        assert_eq!((found(&ours, "lu"), found(&theirs, "lu")[0]["nick"].as_str()), (json!([]), Some("dalu")));
        assert_eq!(ours.get("/api/v1/erasures").json().as_array().map(Vec::len), Some(1));
        assert_eq!(theirs.get("/api/v1/erasures").json(), json!([]));
    }

    fn the_same_idempotency_key_means_two_things(engine) {
        let Pair { world, .. } = pair(engine);
        let server = Running::start(&world);
        let send = |client: &Client, name: &str| {
            let body = json!({ "name": "workspace.update", "args": { "name": name } }).to_string();
            client.send("POST", "/api/v1/commands", &[("Content-Type", "application/json"), ("Idempotency-Key", "k")], body.as_bytes()).status
        };
        assert_eq!((send(&server.sign_in("owner"), "ours"), send(&server.sign_in("other.owner"), "theirs")), (200, 200));
    }

    fn blobs_are_not_shared(engine) {
        let Pair { world, .. } = pair(engine);
        let server = Running::start(&world);
        let (ann, bea, theirs) = (server.sign_in("ann"), server.sign_in("bea"), server.sign_in("other.ann"));
        let bytes = b"\x89PNG\r\n\x1a\n a photo";
        let name: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let path = format!("/api/blobs/{name}");
        let put = |client: &Client| client.send("PUT", &path, &[("Content-Type", "image/png")], bytes).status;
        assert_eq!((put(&ann), put(&ann)), (201, 200), "repeating it changes nothing");
        let got = ann.get(&path);
        assert_eq!((got.status, got.body.as_slice(), got.header("content-type")), (200, bytes.as_slice(), Some("image/png")));
        assert_eq!(theirs.get(&path).code(), "not_found", "another company");
        assert_eq!(bea.get(&path).code(), "not_found", "no row that she sees names it");
        assert_eq!(put(&theirs), 201, "theirs is a blob of its own");

        // A row that names the photo shows it to whoever sees the row.
        let key = format!("person/{}", world.cast.ann);
        world.tamper(&format!("INSERT INTO blob_ref (workspace_id, sha256, key) VALUES ('{}', '{name}', '{key}')", world.cast.workspace));
        assert_eq!(bea.get(&path).status, 200);
    }

    fn jobs_and_dead_letters_stay_at_home(engine) {
        let Pair { world, .. } = pair(engine);
        world.drain();
        crate::jobs::queue::add(&world, "no.such", json!({}), None);
        world.drain();
        let server = Running::start(&world);
        let letters = server.sign_in("owner").get("/api/v1/jobs/dead").json();
        let id = letters[0]["id"].as_str().expect("a letter");
        let theirs = server.sign_in("other.owner");
        assert_eq!(theirs.get("/api/v1/jobs/dead").json(), json!([]));
        assert_eq!(theirs.delete(&format!("/api/v1/jobs/{id}")).code(), "not_found");
    }

    /// Pokes reach the phones of one workspace only.
    fn pokes_stay_at_home(engine) {
        let Pair { world, other, .. } = pair(engine);
        let mut ours = world.app.door.bus.listen(&world.cast.workspace);
        let mut theirs = world.app.door.bus.listen(&other.workspace);
        let mut poked = |name: &str| {
            let done = world.run(&world.cast.owner, "workspace.update", json!({ "name": name })).expect("a change");
            // Pokes of what happened before may still be on the way.
            let poke = std::iter::repeat_with(|| ours.blocking_recv().expect("a poke")).find(|poke| poke.event == bus::event(EPOCH + done.version));
            poke.is_some_and(|poke| poke.buckets.contains("ws"))
        };
        // Pokes of several workspaces leave together: what was on the way to the others went with the first.
        assert!(poked("first") && poked("second"));
        while theirs.try_recv().is_ok() {}
        assert!(poked("third"));
        assert!(theirs.try_recv().is_err(), "nothing happened there");
    }
}

/// Everything that phones of a workspace are served.
fn rows_of(world: &World, workspace_id: &str) -> Vec<String> {
    let images = world.read(|conn| dutyboard::rooms::images(conn, workspace_id));
    images.into_iter().map(|image| format!("{} {}", image.key, image.body)).collect()
}
