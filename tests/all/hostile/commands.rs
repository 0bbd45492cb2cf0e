//! Every command at the door, with arguments that are right but for what chance did to them.

use super::mangle::{Spoil, spoil};
use super::{hold, shown};
use crate::bad_input::{attempt, busy_world, real};
use crate::harness::dump::{changes, dump};
use crate::harness::{World, both_engines};
use dutyboard::door::Access;
use dutyboard::kit::json;
use dutyboard::kit::refusal::Stop;
use dutyboard::rooms::Command;
use proptest::prelude::*;

/// Sends a spoiled command and says whether it was done. A fault is a finding.
fn done(world: &World, name: &str, access: Access, spoil: &Spoil) -> Result<bool, TestCaseError> {
    let bytes = spoil.apply(&real(world, name));
    let Ok(args) = json::plain(&mut serde_json::Deserializer::from_slice(&bytes)) else { return Ok(false) };
    let user = (access != Access::System).then_some(&world.cast.owner);
    match attempt(world, user, name, &args) {
        Ok(()) => Ok(true),
        Err(Stop::Refused(_)) => Ok(false),
        Err(stop) => Err(TestCaseError::fail(format!("{name} {}: {stop}", shown(&bytes)))),
    }
}

both_engines! {
    fn refused_commands_change_nothing(engine) {
        let world = busy_world(engine);
        let table = Command::table();
        let before = std::cell::RefCell::new(dump(&world));
        hold(20, &prop::collection::vec(spoil(), table.len()), |spoils| {
            for ((name, access), spoil) in table.iter().zip(&spoils) {
                if done(&world, name, *access, spoil)? {
                    before.replace(dump(&world));
                }
            }
            prop_assert_eq!(changes(&before.borrow(), &dump(&world), &[]), Vec::<String>::new());
            Ok(())
        });
        crate::sync::checks::entries_are_rows(&world).expect("I14");
    }
}
