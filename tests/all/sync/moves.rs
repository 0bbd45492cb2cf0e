//! What people and broken phones send: every kind of command on things they see, things they do not see, and nonsense.

use super::history::History;
use crate::harness::seed::Dice;
use crate::harness::world::FIRST_DAY;
use serde_json::{Value, json};

const SKILLS: [&str; 4] = ["presale", "aftersale", "night", "supervisor"];

/// A mutation for the phone at `index`: name, arguments, uid.
pub fn any(history: &mut History, index: usize) -> (String, Value, Option<String>) {
    let (name, mut args) = match history.dice.below(100) {
        0..=55 => on_box(history, index),
        56..=63 => create(history),
        64..=75 => roster(history),
        76..=79 => pack(history),
        80..=86 => person(history),
        87..=89 => reject(history, index),
        _ => poison(history),
    };
    if history.dice.percent(30)
        && let Some(args) = args.as_object_mut()
    {
        // Claimed times come from phones' clocks: late, early, absurd.
        let now = history.world.now();
        let claims = [now - 3_600_000, now + 86_400_000, -5, i64::MAX];
        args.insert("at".into(), json!(history.dice.pick(&claims)));
    }
    let uid = match history.dice.below(20) {
        0..=3 => None,
        // The same intent from a re-keyed client. A note would be told apart by its own id, so it is left out.
        4 if name != "box.note" => history.uids.last().cloned(),
        _ => Some(history.dice.id()),
    };
    if name != "box.note" {
        history.uids.extend(uid.clone());
    }
    (name.into(), args, uid)
}

/// Mostly a box that the phone shows, sometimes any that anybody ever saw.
fn some_box(history: &mut History, index: usize) -> String {
    let shown = history.phones[index].ids("box");
    history.boxes.extend(shown.iter().cloned());
    if shown.is_empty() || history.dice.percent(10) {
        let known: Vec<&String> = history.boxes.iter().collect();
        return if known.is_empty() { history.dice.id() } else { (*history.dice.pick(&known)).clone() };
    }
    history.dice.pick(&shown).clone()
}

fn someone(history: &mut History) -> String {
    let people = history.world.cast.people();
    history.dice.pick(&people).clone()
}

fn on_box(history: &mut History, index: usize) -> (&'static str, Value) {
    let id = some_box(history, index);
    let to = someone(history);
    let dice = &mut history.dice;
    match dice.below(16) {
        0..=1 => ("box.start", json!({ "id": id })),
        2..=3 => ("box.finish", json!({ "id": id })),
        4 => ("box.skip", json!({ "id": id, "reason": if dice.percent(80) { "no time" } else { " " } })),
        5 => ("box.reopen", json!({ "id": id })),
        6..=9 => ("box.note", json!({ "id": id, "note_id": dice.id(), "text": "noted 记" })),
        10 => ("box.check", json!({ "id": id, "index": dice.below(3), "done": dice.percent(50) })),
        11 => ("box.hand", json!({ "id": id, "to": to })),
        12 => ("box.take", json!({ "id": id })),
        13 => ("box.assign", json!({ "id": id, "to": dice.percent(70).then_some(to) })),
        14 => ("box.quadrant", json!({ "id": id, "quadrant": dice.pick(&["Q1", "Q2", "Q3", "Q4"]) })),
        _ => ("box.edit", json!({ "id": id, "title": { "zh": "改", "en": "changed" }, "times": edited(dice) })),
    }
}

/// Sometimes the times of a box change, sometimes they make no sense.
fn edited(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!({ "kind": "anytime", "start_at": null, "end_at": null, "due_at": null }),
        1 => json!({ "kind": "timebox", "start_at": 1_000, "end_at": dice.below(2_000), "due_at": null }),
        _ => Value::Null,
    }
}

fn create(history: &mut History) -> (&'static str, Value) {
    let assignee = history.dice.percent(80).then(|| someone(history));
    let (id, now) = (history.dice.id(), history.world.now());
    history.boxes.push(id.clone());
    let due = now + 3_600_000;
    let args = json!({ "id": id, "day": FIRST_DAY, "title": "own work", "quadrant": "Q2", "kind": "deadline",
        "start_at": null, "end_at": null, "due_at": due, "assignee_id": assignee });
    ("box.create", args)
}

/// One to four cells, often for people who are there already, so that overlaps happen; now and then an older set goes.
fn roster(history: &mut History) -> (&'static str, Value) {
    let count = 1 + history.dice.below(4);
    let mut put = Vec::new();
    for _ in 0..count {
        let (id, person_id) = (history.dice.id(), someone(history));
        let day = *history.dice.pick(&["2026-03-02", "2026-03-03", "2026-03-04"]);
        let shift_type_id = history.world.cast.shift_type(history.dice.pick::<&str>(&SKILLS));
        put.push(json!({ "id": id, "person_id": person_id, "day": day, "shift_type_id": shift_type_id, "shop_id": null, "seat_id": null }));
    }
    let remove = if history.dice.percent(40) { history.cells.pop().unwrap_or_default() } else { Vec::new() };
    history.cells.push(put.iter().filter_map(|cell| cell["id"].as_str().map(str::to_owned)).collect());
    ("roster.set", json!({ "put": put, "remove": remove }))
}

fn pack(history: &mut History) -> (&'static str, Value) {
    let teams = [history.world.cast.team_1.clone(), history.world.cast.team_2.clone()];
    let packs = dutyboard::tasks::packs::all();
    let (team, pack) = (history.dice.pick(&teams).clone(), history.dice.below(packs.len()));
    ("pack.switch", json!({ "team_id": team, "code": packs[pack].id, "enabled": history.dice.percent(50) }))
}

fn person(history: &mut History) -> (&'static str, Value) {
    let id = someone(history);
    let teams = [history.world.cast.team_1.clone(), history.world.cast.team_2.clone()];
    let dice = &mut history.dice;
    match dice.below(5) {
        0 => ("person.update", json!({ "id": id, "role": dice.pick(&["owner", "supervisor", "agent"]) })),
        1 => ("person.update", json!({ "id": id, "team_id": dice.pick(&teams) })),
        2 => ("person.update", json!({ "id": id, "active": dice.percent(50) })),
        3 => ("person.update", json!({ "id": id, "name": "新名", "email": "new@example.com" })),
        _ => ("person.prefs", json!({ "locale": "en", "tomorrow_mail_at": null })),
    }
}

fn reject(history: &mut History, index: usize) -> (&'static str, Value) {
    let shown = history.phones[index].ids("reject");
    let uid = if shown.is_empty() { history.dice.id() } else { history.dice.pick(&shown).clone() };
    (*history.dice.pick(&["reject.discard", "reject.hand"]), json!({ "uid": uid }))
}

/// What must never stop a queue: unknown, malformed, forbidden, and text that a database may choke on.
pub fn poison(history: &mut History) -> (&'static str, Value) {
    let id = history.dice.id();
    let all = [
        ("no.such.command", json!({ "id": id })),
        ("box.\u{0}start", json!({ "id": id })),
        ("box.start", json!({})),
        ("box.start", json!(null)),
        ("box.start", json!([1, 2])),
        ("box.start", json!({ "id": 5 })),
        ("box.start", json!({ "id": "a\u{0}b" })),
        ("box.note", json!({ "id": id, "note_id": "x", "text": "\u{0}" })),
        ("box.create", json!({ "id": id, "day": "2026-02-30", "title": "t", "quadrant": "Q1", "kind": "anytime" })),
        ("box.create", json!({ "id": id, "day": "+262142-12-31", "title": "a\u{0}b", "quadrant": "Q1", "kind": "anytime" })),
        (
            "workspace.found",
            json!({ "name": "n", "zone": "UTC", "locale": "en", "team_id": id, "owner_id": id, "owner_name": "o", "login": "oo" }),
        ),
        ("reject.record", json!({ "uid": id, "user_id": id, "team_id": id, "name": "n", "args": null, "code": "gone", "at": 1 })),
        ("auth.accept", json!({ "person_id": id, "link_hash": "h", "password_hash": "p" })),
        ("workspace.update", json!({ "view_hours": 100_000 })),
        ("team.save", json!({ "id": "not an id", "name": "x", "archived": false })),
    ];
    history.dice.pick(&all).clone()
}
