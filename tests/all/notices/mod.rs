//! The room of notices: inbox, robots, Web Push, and what each way came to.

mod inbox;
mod outside;
mod push;
mod robots;
mod taken;

use crate::harness::{Phone, World};
use serde_json::{Value, json};

pub fn id(name: &str) -> String {
    dutyboard::kit::ids::derived(&["notices", name])
}

pub fn told(key: &str, to: &[&String], team_id: &str, robot: bool) -> Value {
    json!({ "key": key, "to": to, "team_id": team_id, "kind": "callback_overdue", "level": "urgent", "subject": { "zh": "小鹿", "en": "小鹿" },
        "link": "#/callbacks", "robot": robot, "about": [] })
}

/// The notices on a person's phone.
pub fn held(world: &World, user: &str) -> Vec<Value> {
    let mut phone = Phone::new(user, &format!("phone of {user}"));
    phone.pull(world);
    phone.rows("notice")
}

/// Of one person's notice of a kind, as somebody sees it: way to state.
pub fn ways(world: &World, seen_by: &str, to: &str, kind: &str) -> Vec<String> {
    let rows = held(world, seen_by);
    let mut rows = rows.iter().filter(|row| row["to_id"] == to && row["kind"] == kind);
    let row = rows.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(rows.next().is_none(), "told once");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let routes = row["routes"].as_array().expect("routes").iter();
    routes.map(|route| format!("{} {}", word(&route["route"]), word(&route["state"]))).collect()
}

pub fn give_mailbox(world: &World, user: &str, address: &str) {
    world.run(&world.cast.owner, "person.update", json!({ "id": user, "email": address })).expect("a mailbox");
}
