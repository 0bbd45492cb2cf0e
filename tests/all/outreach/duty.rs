//! Who makes a call: whoever is there in its hours, after midnight, too, and as long as they are with the shop.

use super::{asked, open};
use crate::customers::buyer;
use crate::harness::{World, both_engines};
use crate::jobs::boards::cell;
use dutyboard::customers::store::callback;
use serde_json::json;

/// Dan works from the evening of the second of March until two.
fn night(world: &World) {
    let dan = cell(world, &world.cast.dan, "2026-03-02", "night", 0);
    let shift = json!({ "id": world.cast.shift_type("night"), "letter": "n", "name": { "zh": "夜", "en": "night" }, "start": "18:00",
        "length_min": 480, "arrive_early_min": 10, "skill_code": "night", "hue": 0, "archived": false });
    world.run(&world.cast.owner, "shift_type.save", shift).expect("a night shift");
    world.system("roster.set", json!({ "put": [dan], "remove": [] })).expect("a roster");
}

fn owner(world: &World, id: &str) -> Option<String> {
    world.read(|conn| callback(conn, &world.cast.workspace, id)).expect("the try").owner_id
}

both_engines! {
    fn the_night_shift_calls_after_midnight_as_long_as_its_people_are_there(engine) {
        let world = World::new(engine);
        night(&world);
        let buyer = buyer(&world, &world.cast.sup_1, "小鹿");
        world.move_to("2026-03-03", "00:30");
        let id = asked(&world, &open(&world, "case", &buyer)).id;
        assert_eq!(owner(&world, &id).as_ref(), Some(&world.cast.dan));
        world.tick();
        assert_eq!(owner(&world, &id).as_ref(), Some(&world.cast.dan), "still there");
        world.run(&world.cast.owner, "person.update", json!({ "id": world.cast.dan, "active": false })).expect("gone");
        world.tick();
        assert_eq!(owner(&world, &id), None, "who has left calls nobody");
    }
}
