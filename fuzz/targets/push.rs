//! A push body, down to the commands in it: what is read says the same when it is written and read again.
#![no_main]

use dutyboard::rooms::Command;
use dutyboard::sync::push::known_schema;
use dutyboard::sync::wire::PushRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = serde_json::from_slice::<PushRequest>(bytes) else { return };
    known_schema(&request.schema_version);
    for mutation in request.mutations {
        let Ok(command) = Command::parse(&mutation.name, mutation.args) else { continue };
        let written = serde_json::to_value(&command).expect("a command is JSON");
        let again = Command::parse(&mutation.name, written["args"].clone()).expect("what we write, we read");
        assert_eq!(written, serde_json::to_value(&again).expect("a command is JSON"));
    }
});
