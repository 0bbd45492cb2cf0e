//! Reaching buyers who are offline.

mod answers;
mod chains;
mod duty;
mod kills;
mod ringing;
mod settings;
mod wishes;

use crate::customers::{buyer, id};
use crate::harness::World;
use crate::jobs::boards::fill_roster;
use dutyboard::customers::model::CallbackRow;
use dutyboard::outreach::model::CaseRow;
use dutyboard::outreach::store;
use serde_json::{Value, json};

/// A desk with people on duty for weeks, and a buyer with number and address.
pub fn desk(world: &World) -> String {
    fill_roster(world, "2026-03-02", 40);
    buyer(world, &world.cast.sup_1, "小鹿")
}

/// The id of a shipped reason.
pub fn reason(world: &World, code: &str) -> String {
    let reasons = world.read(|conn| store::reasons(conn, &world.cast.workspace));
    reasons.into_iter().find(|row| row.code.as_deref() == Some(code)).expect("a shipped reason").id
}

pub fn opened(world: &World, name: &str, customer_id: &str, code: &str) -> Value {
    json!({ "id": id(name), "customer_id": customer_id, "reason_id": reason(world, code), "about": "请确认地址", "order_number": "4001" })
}

/// Opens a case as an agent.
pub fn open(world: &World, name: &str, customer_id: &str) -> String {
    let args = opened(world, name, customer_id, "parcel_problem");
    world.run(&world.cast.ann, "outreach.open", args).expect("a case");
    world.drain();
    id(name)
}

pub fn case(world: &World, id: &str) -> CaseRow {
    world.read(|conn| store::case(conn, &world.cast.workspace, id))
}

/// State, phase and channel.
pub fn stands(world: &World, id: &str) -> (String, String, String) {
    let row = case(world, id);
    (row.state, row.phase, row.channel.unwrap_or_default())
}

/// The open try of a case.
pub fn asked(world: &World, case_id: &str) -> CallbackRow {
    let callback_id = case(world, case_id).callback_id.expect("somebody is asked");
    world
        .read(|conn| dutyboard::customers::store::callback(conn, &world.cast.workspace, &callback_id))
        .expect("the callback of the case")
}

/// Somebody says how a try went.
pub fn tried(world: &World, by: &str, row: &CallbackRow, result: &str) {
    let name = format!("{} {result}", row.id);
    let args = json!({ "id": id(&name), "customer_id": row.customer_id, "callback_id": row.id, "channel": row.channel,
        "result": result, "minutes": 2, "note": "" });
    world.run(by, "contact.log", args).expect("logged");
    world.drain();
}

/// The log of a case, the oldest first: channel and result.
pub fn log(world: &World, case_id: &str) -> Vec<(String, String)> {
    let rows = world.read(|conn| store::attempts(conn, &world.cast.workspace, case_id));
    rows.into_iter().rev().map(|row| (row.channel, row.result)).collect()
}

/// The time comes to a local minute, tick by tick as the heartbeat has it.
pub fn wait_until(world: &World, day: &str, hhmm: &str) {
    world.move_to(day, hhmm);
    world.tick();
}
