//! The invariants as questions to a world and its phones. Each answers with what is wrong, so that a test can also show that
//! it notices (`tampering.rs`).

use super::truth::{Truth, differences};
use crate::harness::phone::{after, nothing};
use crate::harness::{Phone, World};
use diesel::dsl::count_star;
use diesel::prelude::*;
use dutyboard::db::schema::mutation_log;
use dutyboard::sync::pull::check_of;
use dutyboard::sync::wire::Outcome;
use dutyboard::{door, rooms, sync};
use std::collections::{HashMap, HashSet};

pub type Verdict = Result<(), String>;

fn wrong<T>(what: String) -> Result<T, String> {
    Err(what)
}

/// Everything that must hold of a world and its phones when all is quiet.
pub fn all(world: &World, phones: &[Phone]) -> Verdict {
    for phone in phones {
        exactly_once(world, phone)?;
        prefix(phone)?;
        delta_is_snapshot(world, phone, &(0..phone.moments.len()).collect::<Vec<_>>())?;
        visible_is_allowed(world, &Truth::of(world), phone)?;
        reads_its_writes(world, phone)?;
    }
    nothing_lost(world, phones)?;
    entries_are_rows(world)
}

/// I1: no mutation was decided twice, whatever was delivered how often, and the log agrees with what phones were told.
pub fn exactly_once(world: &World, phone: &Phone) -> Verdict {
    let mut decided = HashSet::new();
    for result in phone.results.iter().filter(|result| matches!(result.status, Outcome::Applied | Outcome::Rejected)) {
        if !decided.insert((result.client_id.clone(), result.id)) {
            return wrong(format!("I1: {} {} was decided twice", result.client_id, result.id));
        }
    }
    let logged = log_of(world, phone);
    for result in phone.results.iter().filter(|result| matches!(result.status, Outcome::Applied | Outcome::Rejected)) {
        let outcome = logged.get(&(result.client_id.clone(), result.id)).map(String::as_str);
        if outcome != Some(result.status.as_str()) {
            return wrong(format!("I1: {} {} was {:?}, the log says {outcome:?}", result.client_id, result.id, result.status));
        }
    }
    notes_are_single(world)
}

/// A note is the one command whose repetition would show: nobody's note may be there twice, or be refused as known.
fn notes_are_single(world: &World) -> Verdict {
    let conflicts: i64 = world.read(|conn| {
        let refused = mutation_log::table.filter(mutation_log::name.eq("box.note")).filter(mutation_log::code.eq("conflict"));
        Ok(refused.select(count_star()).first(conn)?)
    });
    if conflicts == 0 { Ok(()) } else { wrong(format!("I1: {conflicts} notes arrived a second time")) }
}

fn log_of(world: &World, phone: &Phone) -> HashMap<(String, i64), String> {
    let clients: Vec<&str> = phone.tabs.iter().map(|tab| tab.client.as_str()).collect();
    let rows: Vec<(String, i64, String)> = world.read(|conn| {
        let own = mutation_log::table.filter(mutation_log::client_id.eq_any(&clients));
        Ok(own.select((mutation_log::client_id, mutation_log::id, mutation_log::outcome)).load(conn)?)
    });
    rows.into_iter().map(|(client, id, outcome)| ((client, id), outcome)).collect()
}

/// I2: a view with lmid n holds the notes of 1..=n, as far as they were taken and their box is in sight, and no later ones.
pub fn prefix(phone: &Phone) -> Verdict {
    let boxes = phone.rows("box");
    let shown: HashMap<&str, HashSet<&str>> = boxes
        .iter()
        .map(|row| {
            let notes = row["notes"].as_array().into_iter().flatten().filter_map(|note| note["id"].as_str());
            (row["id"].as_str().expect("an id"), notes.collect())
        })
        .collect();
    for mutation in phone.written.iter().filter(|mutation| mutation.name == "box.note") {
        let Some(notes) = mutation.args["id"].as_str().and_then(|id| shown.get(id)) else { continue };
        let is_shown = notes.contains(mutation.args["note_id"].as_str().unwrap_or_default());
        let is_known = mutation.id <= phone.now.lmids.get(&mutation.client_id).copied().unwrap_or(0);
        let applied = phone.outcome(mutation).is_some_and(|result| result.status == Outcome::Applied);
        if is_shown != (is_known && applied) {
            let name = format!("{} {}", mutation.client_id, mutation.id);
            return wrong(format!("I2: note of {name}: shown {is_shown}, acknowledged {is_known}, applied {applied}"));
        }
    }
    Ok(())
}

/// I3: from any cookie ever handed out, one delta leads to the same view as starting anew. `which`: positions of moments.
pub fn delta_is_snapshot(world: &World, phone: &Phone, which: &[usize]) -> Verdict {
    let Some(whole) = phone.ask(world, &serde_json::Value::Null) else { return Ok(()) };
    let snapshot = after(&nothing(), &whole);
    for moment in which.iter().map(|position| &phone.moments[*position]) {
        let Some(delta) = phone.ask(world, &moment.cookie) else { return Ok(()) };
        let reached = after(moment, &delta);
        let from = format!("I3: {} from {}", phone.user, moment.cookie);
        differences(&reached.view, &snapshot.view).map_err(|what| format!("{from}: {what}"))?;
        if reached.lmids != snapshot.lmids {
            return wrong(format!("{from}: lmids {:?} and {:?}", reached.lmids, snapshot.lmids));
        }
        if let Some(check) = delta.check {
            let held = check_of(reached.view.iter().map(|(key, body)| (key.as_str(), &**body)));
            if held != check {
                return wrong(format!("{from}: check {check:?}, holding {held:?}"));
            }
        }
    }
    Ok(())
}

/// I4: what a pull shows is what the person may see, no more and no less.
pub fn visible_is_allowed(world: &World, truth: &Truth, phone: &Phone) -> Verdict {
    let Some(patch) = phone.ask(world, &phone.now.cookie) else {
        return if truth.is_active(&phone.user) { wrong(format!("I4: {} is locked out", phone.user)) } else { Ok(()) };
    };
    let view = after(&phone.now, &patch).view;
    differences(&view, &truth.allowed(&phone.user))
        .map_err(|what| format!("I4: {} sees (left) and may see (right): {what}", phone.user))
}

/// I6: `lmid` is the number of logged mutations of each client, without holes, and everything ever written is logged or still
/// waiting on its phone.
pub fn nothing_lost(world: &World, phones: &[Phone]) -> Verdict {
    let gaps = world.read(|conn| sync::check::gaps(conn, &world.cast.workspace));
    if !gaps.is_empty() {
        return wrong(format!("I6: {}", gaps.join("; ")));
    }
    for phone in phones {
        let logged = log_of(world, phone);
        let waiting: HashSet<(&str, i64)> =
            phone.tabs.iter().flat_map(|tab| &tab.outbox).map(|mutation| (mutation.client_id.as_str(), mutation.id)).collect();
        for mutation in &phone.written {
            let decided = logged.contains_key(&(mutation.client_id.clone(), mutation.id));
            if !decided && !waiting.contains(&(mutation.client_id.as_str(), mutation.id)) {
                return wrong(format!("I6: {} {} is nowhere", mutation.client_id, mutation.id));
            }
        }
    }
    Ok(())
}

/// I11: what a phone was told is applied is in its next view.
pub fn reads_its_writes(world: &World, phone: &Phone) -> Verdict {
    let Some(patch) = phone.ask(world, &phone.now.cookie) else { return Ok(()) };
    let moment = after(&phone.now, &patch);
    for result in phone.results.iter().filter(|result| result.status != Outcome::Skipped) {
        if moment.lmids.get(&result.client_id).copied().unwrap_or(0) < result.id {
            return wrong(format!("I11: {} {} was answered and is not acknowledged", result.client_id, result.id));
        }
    }
    Ok(())
}

/// I14: what phones are served is what the rooms' rows come to.
pub fn entries_are_rows(world: &World) -> Verdict {
    let workspace_id = &world.cast.workspace;
    let odd = world.read(|conn| {
        let images = rooms::images(conn, workspace_id)?;
        door::check::published(conn, workspace_id, &images)
    });
    if odd.is_empty() { Ok(()) } else { wrong(format!("I14: {}", odd.join("; "))) }
}
