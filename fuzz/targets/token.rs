//! An access token: nobody can invent one of ours.
#![no_main]

use dutyboard::auth::keys::fingerprint;
use dutyboard::auth::tokens::Tokens;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let tokens = Tokens::new(b"a key that the fuzzer cannot guess: 7c1e0b");
    assert!(tokens.read(text, 0).is_err());
    // Refresh cookies and one-time links are looked up by this.
    assert_eq!(fingerprint(text).len(), 64);
});
