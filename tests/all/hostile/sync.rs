//! Pushes and pulls as phones send them, spoiled: what is not applied leaves nothing but its record, and a queue always drains.

use super::mangle::{Spoil, spoil, token};
use super::{hold, shown};
use crate::bad_input::{busy_world, real};
use crate::harness::dump::{changes, dump};
use crate::harness::{World, both_engines};
use dutyboard::door::Via;
use dutyboard::kit::refusal::Stop;
use dutyboard::rooms::Command;
use dutyboard::sync::pull::Pulled;
use dutyboard::sync::push::push;
use dutyboard::sync::wire::{MutationResult, Outcome, PullReply, PullRequest, PushReply, PushRequest};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// What a push may change although nothing in it was applied: its own record, and refusals shown to their author.
pub const RECORDS: [&str; 9] = [
    "sync_workspace",
    "sync_group",
    "sync_client",
    "mutation_log",
    "reject",
    "sync_entry",
    "sync_member",
    "audit",
    "mutation_fault",
];

/// Sends a body as ann; nothing when it is no push at all.
fn send(world: &World, body: &[u8]) -> Result<Option<Vec<MutationResult>>, TestCaseError> {
    let Ok(request) = serde_json::from_slice::<PushRequest>(body) else { return Ok(None) };
    let ann = world.actor(&world.cast.ann, Via::Push).expect("active");
    match world.block_on(push(&world.app.door, &ann, request)) {
        Ok(PushReply::Results { results, more: false }) => Ok(Some(results)),
        Ok(PushReply::Error(_)) | Err(Stop::Refused(_)) => Ok(None),
        Ok(PushReply::Results { more: true, .. }) => Err(TestCaseError::fail(format!("stuck: {}", shown(body)))),
        Err(stop) => Err(TestCaseError::fail(format!("{stop}: {}", shown(body)))),
    }
}

/// A push of one command by a client of its own.
fn one(world: &World, name: &str, nth: usize) -> Value {
    json!({ "pushVersion": 1, "clientGroupID": "g", "profileID": "p", "schemaVersion": "1", "mutations": [
        { "clientID": format!("c{nth}"), "id": 1, "name": name, "args": real(world, name), "timestamp": 1.5, "uid": format!("u{nth}") }] })
}

both_engines! {
    fn what_is_not_applied_leaves_only_its_record(engine) {
        let world = busy_world(engine);
        let before = std::cell::RefCell::new(dump(&world));
        let nth = std::cell::Cell::new(0);
        let names: Vec<&str> = Command::table().into_iter().map(|(name, _)| name).collect();
        hold(120, &(select(names), spoil()), |(name, spoil): (&str, Spoil)| {
            nth.set(nth.get() + 1);
            let body = spoil.apply(&one(&world, name, nth.get()));
            let results = send(&world, &body)?.unwrap_or_default();
            if results.iter().any(|result| result.status == Outcome::Applied) {
                before.replace(dump(&world));
            } else {
                prop_assert_eq!(changes(&before.borrow(), &dump(&world), &RECORDS), Vec::<String>::new(), "{}", shown(&body));
            }
            Ok(())
        });
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }

    /// Every mutation that is a mutation at all is settled, whatever stands in it, and the author can read what was refused.
    fn every_queue_drains(engine) {
        let world = busy_world(engine);
        let nth = std::cell::Cell::new(0);
        let mutation = (token(), token(), token());
        hold(25, &prop::collection::vec(mutation, 1..20), |queue| {
            nth.set(nth.get() + 1);
            let client = format!("q{}", nth.get());
            let written = queue.iter().enumerate().map(|(at, (name, args, uid))| {
                let name = if name.starts_with('"') { name.as_str() } else { "\"person.prefs\"" };
                let text = format!(r#"{{"clientID":"{client}","id":ID,"name":{name},"args":{args},"uid":{uid}}}"#);
                let is_one = serde_json::from_str::<dutyboard::sync::wire::Mutation>(&text.replace("ID", "1")).is_ok();
                (at, text, is_one && serde_json::from_str::<String>(uid).is_ok_and(|uid| fits(&uid)) && serde_json::from_str::<String>(name).is_ok_and(|name| name.len() <= 128))
            });
            let good: Vec<String> = written.filter(|(.., is_one)| *is_one).map(|(_, text, _)| text).collect();
            let numbered: Vec<String> = good.iter().enumerate().map(|(at, text)| text.replacen("ID", &(at + 1).to_string(), 1)).collect();
            let body = format!(r#"{{"pushVersion":1,"clientGroupID":"g","schemaVersion":"1","mutations":[{}]}}"#, numbered.join(","));
            let results = send(&world, body.as_bytes())?.unwrap_or_default();
            let settled = |result: &&MutationResult| result.status != Outcome::Skipped;
            prop_assert_eq!(results.iter().filter(settled).count(), numbered.len(), "{}", shown(body.as_bytes()));
            read_back(&world)
        });
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }

    fn pulls_are_whole_or_refused(engine) {
        let world = busy_world(engine);
        let ann = world.actor(&world.cast.ann, Via::Push).expect("active");
        let pull = |body: &[u8]| -> Result<Option<PullReply>, TestCaseError> {
            let Ok(request) = serde_json::from_slice::<PullRequest>(body) else { return Ok(None) };
            match world.pull_as(&ann, &request) {
                Ok(Pulled::Reply(reply)) => Ok(Some(reply)),
                Ok(Pulled::SilentRestore) => Err(TestCaseError::fail(format!("a made-up future: {}", shown(body)))),
                Err(Stop::Refused(_)) => Ok(None),
                Err(stop) => Err(TestCaseError::fail(format!("{stop}: {}", shown(body)))),
            }
        };
        let fresh = json!({ "pullVersion": 1, "clientGroupID": "g", "cookie": null, "profileID": "p", "schemaVersion": "1" });
        let Ok(Some(PullReply::Patch(first))) = pull(fresh.to_string().as_bytes()) else { panic!("a first pull") };
        let mut good = fresh;
        good["cookie"] = first.cookie.clone();
        let before = dump(&world);
        hold(200, &spoil(), |spoil| {
            let body = spoil.apply(&good);
            if let Some(PullReply::Patch(patch)) = pull(&body)? {
                let nothing = patch.patch.is_empty() && patch.cookie["order"] == first.cookie["order"];
                prop_assert!(nothing || patch.page.is_some(), "neither idle nor whole: {}", shown(&body));
            }
            Ok(())
        });
        assert_eq!(changes(&before, &dump(&world), &[]), Vec::<String>::new());
    }
}

fn fits(id: &str) -> bool {
    !id.is_empty() && id.len() <= 128 && !id.chars().any(char::is_control)
}

/// Ann's phone starting anew gets JSON, whatever she was refused.
fn read_back(world: &World) -> Result<(), TestCaseError> {
    let ann = world.actor(&world.cast.ann, Via::Push).expect("active");
    let request = json!({ "pullVersion": 1, "clientGroupID": "g", "cookie": null, "schemaVersion": "1" });
    let request: PullRequest = serde_json::from_value(request).expect("a pull");
    let Ok(Pulled::Reply(PullReply::Patch(patch))) = world.pull_as(&ann, &request) else {
        return Err(TestCaseError::fail("no pull"));
    };
    let bytes = patch.encode().expect("an answer").concat();
    serde_json::from_slice::<Value>(&bytes).map(drop).map_err(|error| TestCaseError::fail(error.to_string()))
}
