//! A pull body and the cookie in it: nobody can invent one of ours.
#![no_main]

use dutyboard::sync::cookie::{Presented, Signer};
use dutyboard::sync::push::known_schema;
use dutyboard::sync::wire::PullRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = serde_json::from_slice::<PullRequest>(bytes) else { return };
    known_schema(&request.schema_version);
    let signer = Signer::new(b"a key that the fuzzer cannot guess: 7c1e0b");
    assert_eq!(signer.read("w", 1, 2, "scope", &request.cookie), Presented::Fresh);
});
