//! The room of customers: masking, contacts, promises, care.

mod callbacks;
mod campaigns;
pub mod care;
mod erasing;
mod finding;
mod import;
mod masking;
mod merging;
mod upload;

use crate::harness::World;
use serde_json::{Value, json};

/// A made-up buyer, in full.
pub const PHONE: &str = "13812345678";
pub const EMAIL: &str = "lin.xiaolu@example.com";
pub const ADDRESS: &str = "浙江省杭州市文三路 1 号";

pub fn id(name: &str) -> String {
    dutyboard::kit::ids::derived(&["customers", name])
}

/// A buyer of somebody's team, with number and addresses.
pub fn buyer(world: &World, by: &str, name: &str) -> String {
    let id = id(name);
    world.run(by, "customer.save", json!({ "id": id, "nick": name, "name": "林小鹿", "tags": ["老客"] })).expect("a buyer");
    let reach = json!({ "id": id, "phone": PHONE, "email": EMAIL, "address": ADDRESS });
    world.run(by, "customer.reach", reach).expect("how to reach them");
    id
}

pub fn promise(world: &World, by: &str, name: &str, customer_id: &str, due_at: i64) -> String {
    let id = id(name);
    world.run(by, "callback.make", made(&id, customer_id, due_at)).expect("a promise");
    id
}

pub fn made(id: &str, customer_id: &str, due_at: i64) -> Value {
    json!({ "id": id, "customer_id": customer_id, "channel": "phone", "due_at": due_at, "about": "price", "scene": "回访" })
}

pub fn logged(name: &str, customer_id: &str, callback_id: Option<&str>, result: &str) -> Value {
    json!({ "id": id(name), "customer_id": customer_id, "callback_id": callback_id, "channel": "phone", "result": result, "minutes": 3, "note": "" })
}

/// The policy of a workspace: once a month, and after 45 days at the latest.
pub fn monthly(world: &World) -> String {
    let id = id("monthly");
    let policy =
        json!({ "id": id, "name": { "zh": "贵宾", "en": "VIP" }, "ideal_days": 30, "longest_days": 45, "enabled": true });
    world.run(&world.cast.owner, "care.policy", policy).expect("a policy");
    id
}
