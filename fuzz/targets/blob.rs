//! A file with its name and type: taken only when it is what it says.
#![no_main]

use dutyboard::sync::blobs;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: (&str, u8, &[u8])| {
    let (name, which, bytes) = file;
    let mime = blobs::MIMES.get(usize::from(which)).copied().unwrap_or(name);
    if blobs::check(name, mime, bytes).is_ok() {
        assert!(blobs::MIMES.contains(&mime) && bytes.len() <= blobs::SIZE_MAX);
        blobs::check_name(name).expect("a checked file has a good name");
    }
});
