//! VIP care over the real roster: planned, reassigned when the owner is off, never silently late.

use super::{buyer, logged, monthly};
use crate::harness::{HOUR, Phone, World, both_engines};
use crate::jobs::boards::fill_roster;
use dutyboard::customers::model::CallbackRow;
use dutyboard::customers::store;
use serde_json::{Value, json};

fn vip(world: &World, name: &str, owner: Option<&str>) -> String {
    let id = buyer(world, &world.cast.sup_1, name);
    let care = json!({ "id": id, "tier": monthly(world), "owner_id": owner, "ideal_days": null, "longest_days": null });
    world.run(&world.cast.sup_1, "customer.care", care).expect("a VIP");
    id
}

fn planned(world: &World) -> Vec<CallbackRow> {
    world.read(|conn| store::open_callbacks(conn, &world.cast.workspace, &world.cast.team_1))
}

fn pass_a_night(world: &World, day: &str) {
    world.move_to(day, "00:05");
    world.tick();
}

both_engines! {
    fn a_vip_is_called_in_the_owners_shift_and_a_contact_starts_the_month_anew(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        fill_roster(&world, "2026-03-02", 60);
        let id = vip(&world, "小鹿", Some(&cast.ann));
        pass_a_night(&world, "2026-03-20");
        assert_eq!(planned(&world), [], "three weeks are not yet a month");
        pass_a_night(&world, "2026-03-27");
        let call = planned(&world).remove(0);
        assert_eq!((call.owner_id.as_deref(), call.kind.as_str()), (Some(cast.ann.as_str()), "care"));
        let shifts = world.read(|conn| dutyboard::roster::of_person(conn, &cast.workspace, &cast.ann, &call.day));
        assert!(shifts.iter().any(|shift| shift.starts_at <= call.due_at && call.until_at <= shift.ends_at), "{call:?} is outside {shifts:?}");
        pass_a_night(&world, "2026-03-28");
        assert_eq!(planned(&world), std::slice::from_ref(&call), "a good plan stays");

        // The buyer asks for another time: that is a promise now, and the month begins anew.
        let later = call.due_at + 26 * HOUR;
        world.move_to(&call.day, "12:00");
        let asked = json!({ "id": crate::customers::id("later"), "customer_id": id, "callback_id": call.id, "channel": "phone", "result": "later", "note": "", "later_at": later });
        world.run(&cast.ann, "contact.log", asked).expect("logged");
        assert_eq!(planned(&world).iter().map(|row| row.due_at).collect::<Vec<_>>(), [later]);
        world.run(&cast.ann, "callback.cancel", json!({ "id": call.id, "reason": "wrote instead" })).expect("taken back");

        // Any real contact counts, also one that was not planned.
        world.run(&cast.bea, "contact.log", logged("by chance", &id, None, "inbound")).expect("logged");
        assert_eq!(planned(&world), []);
        pass_a_night(&world, "2026-04-10");
        assert_eq!(planned(&world), [], "the month begins with the contact");
        pass_a_night(&world, "2026-04-25");
        assert_eq!(planned(&world).len(), 1);
    }

    fn leave_moves_the_call_and_nobody_left_is_shown_to_the_supervisor(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        fill_roster(&world, "2026-03-02", 60);
        vip(&world, "小鹿", Some(&cast.ann));
        pass_a_night(&world, "2026-03-27");
        let before = planned(&world).remove(0);
        take_away(&world, &[&cast.ann], "2026-03-27");
        let after = planned(&world).remove(0);
        assert_eq!(after.id, before.id, "the same call");
        assert!(after.owner_id.is_some() && after.owner_id.as_deref() != Some(&cast.ann), "{after:?}");
        take_away(&world, &[&cast.bea, &cast.cai, &cast.dan, &cast.sup_1], "2026-03-27");
        let nobody = planned(&world).remove(0);
        assert_eq!((nobody.owner_id.as_deref(), nobody.level.as_str()), (None, "supervisor"));
        let mut phone = Phone::new(&cast.sup_1, "desk");
        phone.pull(&world);
        assert!(phone.rows("callback").iter().any(|row| row["id"] == json!(nobody.id) && row["owner_id"] == Value::Null));
    }

    fn who_is_cared_for_no_longer_is_not_called(engine) {
        let world = World::new(engine);
        fill_roster(&world, "2026-03-02", 60);
        let id = vip(&world, "小鹿", None);
        pass_a_night(&world, "2026-03-27");
        assert!(planned(&world).remove(0).owner_id.is_some(), "whoever is there calls a VIP without an agent of their own");
        let none = json!({ "id": id, "tier": "", "owner_id": null, "ideal_days": null, "longest_days": null });
        world.run(&world.cast.sup_1, "customer.care", none).expect("no VIP any more");
        world.clock.advance(2 * crate::harness::MINUTE);
        world.tick();
        assert_eq!(planned(&world), []);
    }
}

/// These people do not work from this day on; the plan follows within two minutes.
pub fn take_away(world: &World, people: &[&str], from: &str) {
    let shifts = world.read(|conn| dutyboard::roster::between(conn, &world.cast.workspace, from, "2026-12-31"));
    let gone: Vec<String> =
        shifts.into_iter().filter(|shift| people.contains(&shift.person_id.as_str())).map(|shift| shift.id).collect();
    for ids in gone.chunks(200) {
        world.system("roster.set", json!({ "put": [], "remove": ids })).expect("leave");
    }
    world.clock.advance(2 * crate::harness::MINUTE);
    world.tick();
}
