//! The import of the page: looked at, brought in with its progress, and again without any change.

use super::import::file;
use crate::harness::{Client, Running, World, both_engines};
use dutyboard::customers::papers;
use serde_json::{Value, json};

const BYTES: [(&str, &str); 1] = [("Content-Type", "application/octet-stream")];

fn send(client: &Client, path: &str, body: &[u8]) -> Vec<Value> {
    let answer = client.send("POST", path, &BYTES, body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

both_engines! {
    fn a_file_is_shown_then_brought_in_and_twice_is_once(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let sup = server.sign_in("sup_1");
        let text = file(0, 2_500).replacen("2018-06-01 12:30:00", "gestern", 1);
        let preview = sup.send("POST", "/api/v1/imports/preview", &BYTES, text.as_bytes()).json();
        assert_eq!((&preview["layout"], &preview["rows"], &preview["faults"]), (&json!("ExportOrderList, 46"), &json!(2_500), &json!(1)));
        assert_eq!((&preview["first_faults"][0], preview["sample"].as_array().map(Vec::len)), (&json!({ "line": 2, "what": "time" }), Some(5)));
        assert_eq!(preview["sample"][0]["phone"], "138****0001");
        let counts = || world.read(|conn| papers::counts(conn, &world.cast.workspace));
        assert_eq!(counts(), (0, 0), "looking changes nothing");

        let path = format!("/api/v1/imports?team_id={}", world.cast.team_1);
        let lines = send(&sup, &path, text.as_bytes());
        assert_eq!(lines[0]["fault"]["line"], 2);
        assert!(lines[0]["fault"]["cells"].as_array().is_some_and(|cells| cells.contains(&json!("gestern"))), "to be corrected");
        let steps: Vec<u64> = lines.iter().filter_map(|line| line["rows"].as_u64()).collect();
        assert_eq!(steps, [1_001, 2_001, 2_500]);
        let done = &lines.last().expect("an end")["done"];
        assert_eq!((&done["rows"], &done["faults"], &done["new_buyers"], &done["new_orders"]), (&json!(2_500), &json!(1), &json!(7), &json!(2_499)));
        let again = send(&sup, &path, text.as_bytes());
        assert_eq!((&again.last().expect("an end")["done"]["new_orders"], counts()), (&json!(0), (7, 2_499)));

        // The order number, its tail, and the buyer's nick lead to the card.
        for fragment in ["123456789012345601", "45601", "买家1"] {
            let found = sup.get(&format!("/api/v1/customers?q={}", fragment.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>())).json();
            assert_eq!((found.as_array().map(Vec::len), &found[0]["nick"]), (Some(1), &json!("买家1")), "{fragment}");
        }
        let id = dutyboard::customers::import::buyer_id(&world.cast.workspace, "买家1");
        let card = sup.get(&format!("/api/v1/customers/{id}")).json();
        assert_eq!((&card["orders"][0]["cents"], card["orders"].as_array().map(Vec::len)), (&json!(12_850), Some(200)));
    }

    fn what_is_no_export_is_refused_with_what_differs(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let sup = server.sign_in("sup_1");
        let slipped = file(0, 3).replacen("买家会员名", "买家会员", 1);
        let preview = sup.send("POST", "/api/v1/imports/preview", &BYTES, slipped.as_bytes()).json();
        assert_eq!(preview["layout"], Value::Null);
        assert_eq!(preview["nearest"], json!({ "layout": "ExportOrderList, 46", "missing": ["买家会员名"], "extra": ["买家会员"] }));
        let path = format!("/api/v1/imports?team_id={}", world.cast.team_1);
        assert_eq!(send(&sup, &path, slipped.as_bytes()), [json!({ "stopped": "bad_value" })]);
        assert_eq!(sup.send("POST", "/api/v1/imports/preview", &BYTES, b"PK\x03\x04 no book").code(), "unsupported_media");
        assert_eq!(sup.send("POST", &format!("/api/v1/imports?team_id={}", world.cast.team_2), &BYTES, b"").code(), "not_in_team");
        for path in [path.as_str(), "/api/v1/imports/preview"] {
            assert_eq!(server.sign_in("ann").send("POST", path, &BYTES, b"").code(), "forbidden");
            assert_eq!(server.client().send("POST", path, &BYTES, b"").code(), "unauthorized");
        }
        assert_eq!(world.read(|conn| papers::counts(conn, &world.cast.workspace)), (0, 0));
    }
}
