//! The readers themselves, without a database.

use super::mangle::{spoil, text, worn};
use super::{hold, shown};
use dutyboard::auth::tokens::Tokens;
use dutyboard::kit::{hex::hex, ids, zone};
use dutyboard::rooms::Command;
use dutyboard::sync::blobs::{self, MIMES, SIZE_MAX};
use dutyboard::sync::cookie::{Presented, Signer};
use dutyboard::sync::push::known_schema;
use dutyboard::sync::wire::{PullRequest, PushRequest};
use dutyboard::team::rules;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A push of every command, with arguments of the right shape.
fn good_push() -> Value {
    let one = |(at, (name, _)): (usize, (&str, _))| json!({ "clientID": "c", "id": at + 1, "name": name, "args": crate::access::sample(name), "timestamp": 1.5, "uid": format!("u{at}") });
    let mutations: Vec<Value> = Command::table().into_iter().enumerate().map(one).collect();
    json!({ "pushVersion": 1, "clientGroupID": "g", "profileID": "p", "schemaVersion": "1", "mutations": mutations })
}

/// Whatever is understood is understood the same when it is written down and read again, as the log and the jobs do.
fn reads_its_own(mutation: &dutyboard::sync::wire::Mutation) -> Result<(), TestCaseError> {
    let Ok(command) = Command::parse(&mutation.name, mutation.args.clone()) else { return Ok(()) };
    let written = serde_json::to_value(&command).expect("a command is JSON");
    prop_assert_eq!(&written["name"], command.name());
    let again = Command::parse(&mutation.name, written["args"].clone());
    let again = again.map_err(|refusal| TestCaseError::fail(format!("{written}: {refusal}")))?;
    prop_assert_eq!(written, serde_json::to_value(&again).expect("a command is JSON"));
    Ok(())
}

#[test]
fn push_bodies() {
    let good = good_push();
    hold(400, &spoil(), |spoil| {
        let bytes = spoil.apply(&good);
        let Ok(request) = serde_json::from_slice::<PushRequest>(&bytes) else { return Ok(()) };
        known_schema(&request.schema_version);
        request.mutations.iter().try_for_each(reads_its_own)
    });
}

#[test]
fn pull_bodies_and_cookies() {
    let signer = Signer::new(b"a key of the tests");
    let given = serde_json::to_value(signer.cookie("w", 3, 41, "scope")).expect("JSON");
    let good = json!({ "pullVersion": 1, "clientGroupID": "g", "cookie": given, "profileID": "p", "schemaVersion": "1" });
    hold(2_000, &spoil(), |spoil| {
        let bytes = spoil.apply(&good);
        let Ok(request) = serde_json::from_slice::<PullRequest>(&bytes) else { return Ok(()) };
        let read = signer.read("w", 3, 41, "scope", &request.cookie);
        let fields = ["order", "scope", "sig"];
        let untouched = fields.iter().all(|field| request.cookie[field] == given[field]);
        prop_assert_eq!(read, if untouched { Presented::At(41) } else { Presented::Fresh }, "{}", shown(&bytes));
        Ok(())
    });
}

#[test]
fn access_tokens() {
    let tokens = Tokens::new(b"a key of the tests");
    let good = tokens.issue("u", "w", "d", 1_000_000).expect("a token");
    hold(2_000, &worn(good.clone()), |bytes| {
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        prop_assert_eq!(tokens.read(&text, 1_000_000).is_ok(), text == good, "{}", text);
        Ok(())
    });
    hold(1_000, &(0..=i64::MAX, 0..=i64::MAX), |(issued, now)| {
        let token = tokens.issue("u", "w", "d", issued).expect("a token");
        let expired = i128::from(issued / 1000 + 900) * 1000 <= i128::from(now);
        prop_assert_eq!(tokens.read(&token, now).is_ok(), !expired, "{} {}", issued, now);
        Ok(())
    });
}

#[test]
fn files() {
    let names = prop_oneof![text(), "[0-9a-f]{64}", "[0-9A-Fa-f]{60,66}"];
    let types = prop_oneof![prop::sample::select(&MIMES[..]).prop_map(str::to_owned), text()];
    let begin = prop::sample::select(vec![b"".as_slice(), b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF1234WEBP"]);
    let bytes = (begin, prop::collection::vec(any::<u8>(), 0..64)).prop_map(|(begin, rest)| [begin, &rest].concat());
    hold(2_000, &(names, types, bytes, any::<bool>()), |(name, mime, bytes, honest)| {
        let digest = hex(&Sha256::digest(&bytes));
        let name = if honest { digest.clone() } else { name };
        if blobs::check(&name, &mime, &bytes).is_ok() {
            let kind = [("%PDF", "pdf"), ("\u{fffd}PNG", "png"), ("RIFF", "webp")];
            let begins = String::from_utf8_lossy(&bytes).into_owned();
            let told = kind.iter().find(|(begin, _)| begins.starts_with(begin)).map_or("jpeg", |(_, kind)| kind);
            prop_assert!(name == digest && bytes.len() <= SIZE_MAX && mime.ends_with(told), "{} {}", mime, shown(&bytes));
        }
        Ok(())
    });
}

#[test]
fn small_texts() {
    hold(5_000, &text(), |text| {
        if let Some(day) = zone::parse_day(&text) {
            prop_assert_eq!(day.to_string(), text.clone());
            zone::day_start(day, chrono_tz::Asia::Shanghai);
        }
        zone::parse_hhmm(&text);
        prop_assert!(ids::check(&text).is_err() || text.len() == 36);
        for clean in [rules::name(&text), rules::login(&text)].into_iter().flatten() {
            prop_assert!(!clean.is_empty() && clean.chars().count() <= rules::NAME_MAX && !clean.chars().any(char::is_control));
        }
        if let Ok(login) = rules::login(&text) {
            prop_assert_eq!(rules::login(&login), Ok(login.clone()), "what was stored is found again");
        }
        if let Ok(Some(address)) = rules::email(Some(&text)) {
            prop_assert!(!address.chars().any(char::is_control), "{:?}", address);
        }
        Ok(())
    });
}
