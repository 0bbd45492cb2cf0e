//! Mails that come back: undeliverable ones, answers, and whatever else lies in the mailbox.
#![no_main]

use dutyboard::mail::bounce::{self, What};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let incoming = bounce::read(raw);
    assert!(incoming.message_ids.iter().all(|id| id.starts_with('<') && id.ends_with("@dutyboard>")));
    assert!(incoming.message_ids.is_empty() == (incoming.what == What::Ignore), "what is about nothing of ours says nothing");
});
