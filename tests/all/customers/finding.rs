//! Any fragment finds a buyer, always as the database is now.

use super::{PHONE, buyer, id};
use crate::harness::{World, both_engines};
use dutyboard::door::Via;
use serde_json::json;

/// Nicks that somebody finds with a fragment, in the order of the answer.
fn found(world: &World, by: &str, fragment: &str) -> Vec<String> {
    let actor = world.actor(by, Via::Rest).expect("active");
    let rows = world.read(|conn| world.app.finder.search(conn, &actor, fragment));
    rows.into_iter().map(|row| row.nick).collect()
}

both_engines! {
    fn what_was_just_written_is_found_and_what_was_overwritten_is_not(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        assert_eq!(found(&world, &cast.ann, "小"), Vec::<String>::new());
        let id = buyer(&world, &cast.ann, "小鹿爱喝茶");
        for fragment in ["小鹿", "爱喝", "茶", "林小", "老客", "5678", PHONE, "+86 138-1234-5678"] {
            assert_eq!(found(&world, &cast.ann, fragment), ["小鹿爱喝茶"], "{fragment}");
        }
        world.run(&cast.ann, "customer.save", json!({ "id": id, "nick": "大鹿", "name": "" })).expect("a new nick");
        assert_eq!(found(&world, &cast.ann, "小鹿"), Vec::<String>::new());
        assert_eq!(found(&world, &cast.bea, "大鹿"), ["大鹿"], "colleagues find it");
        assert_eq!(found(&world, &cast.eva, "大鹿"), Vec::<String>::new(), "another team does not");
        for nothing in ["", "  ", "\n", "老客\t5678", "鹿老"] {
            assert_eq!(found(&world, &cast.ann, nothing), Vec::<String>::new(), "{nothing:?}");
        }
    }

    fn the_whole_nick_comes_first_and_then_the_newest(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        for name in ["tea", "Tea lover", "green tea", "teapot"] {
            buyer(&world, &cast.ann, name);
        }
        assert_eq!(found(&world, &cast.ann, "TEA"), ["tea", "teapot", "green tea", "Tea lover"]);
        world.run(&cast.ann, "customer.save", json!({ "id": id("Tea lover"), "notes": "called" })).expect("changed");
        assert_eq!(found(&world, &cast.ann, "tea"), ["tea", "Tea lover", "teapot", "green tea"]);
    }

    fn many_changes_do_not_make_it_forget(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let first = buyer(&world, &cast.ann, "first");
        for turn in 0..60 {
            world.run(&cast.ann, "customer.save", json!({ "id": first, "notes": format!("turn {turn}") })).expect("changed");
            assert_eq!(found(&world, &cast.ann, &format!("turn {turn}")), ["first"]);
        }
        assert_eq!(found(&world, &cast.ann, "turn 0"), Vec::<String>::new());
        for number in 0..70 {
            let other = id(&format!("buyer {number}"));
            world.run(&cast.ann, "customer.save", json!({ "id": other, "nick": format!("buyer {number}") })).expect("one more");
        }
        assert_eq!(found(&world, &cast.ann, "buyer").len(), 50, "an answer has an end");
    }
}
