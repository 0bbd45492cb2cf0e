//! Greetings on an occasion: a list for the team, worked off by hand, gone a week after its last day.

use super::{buyer, id};
use crate::harness::{Phone, World, both_engines};
use dutyboard::kit::refusal::Code;
use serde_json::{Value, json};

fn occasion(name: &str, from: &str, until: &str) -> Value {
    json!({ "id": id(name), "name": name, "from": from, "until": until, "tier": "", "tag": "" })
}

/// The campaigns on a person's phone.
fn held(world: &World, user: &str) -> Vec<String> {
    let mut phone = Phone::new(user, &format!("phone of {user}"));
    phone.pull(world);
    phone.rows("campaign").iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect()
}

both_engines! {
    fn the_team_sees_it_until_a_week_after_its_last_day(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        world.run(&cast.sup_1, "campaign.save", occasion("双12", "2026-03-05", "2026-03-06")).expect("a campaign");
        assert_eq!((held(&world, &cast.ann), held(&world, &cast.sup_1)), (vec!["双12".to_owned()], vec!["双12".to_owned()]));
        assert_eq!(held(&world, &cast.eva), Vec::<String>::new(), "another team's phones do not hold it");
        world.move_to("2026-03-13", "12:00");
        world.tick();
        assert_eq!(held(&world, &cast.ann).len(), 1);
        world.move_to("2026-03-14", "12:00");
        world.tick();
        assert_eq!(held(&world, &cast.ann), Vec::<String>::new());
    }

    fn a_greeting_is_a_contact_that_names_it(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let buyer = buyer(&world, &cast.ann, "小鹿");
        world.run(&cast.sup_1, "campaign.save", occasion("双12", "2026-03-02", "2026-03-06")).expect("a campaign");
        let sent = json!({ "id": id("greeting"), "customer_id": buyer, "callback_id": null, "channel": "im", "result": "sent", "minutes": null, "note": "", "campaign_id": id("双12") });
        world.run(&cast.ann, "contact.log", sent).expect("greeted");
        let (card, contacts) = world.read(|conn| {
            let card = dutyboard::customers::store::customer(conn, &cast.workspace, &buyer)?;
            let contacts = dutyboard::customers::store::shown_contacts(conn, &card)?;
            Ok((card, contacts))
        });
        assert_eq!((contacts[0].campaign_id.as_deref(), card.last_contact_at), (Some(id("双12").as_str()), None), "a greeting is no real contact");
        world.run(&cast.sup_1, "campaign.drop", json!({ "id": id("双12") })).expect("dropped");
        assert_eq!(held(&world, &cast.ann), Vec::<String>::new());
    }

    fn what_is_no_occasion_is_refused(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let save = |by: &str, args: Value| world.run(by, "campaign.save", args).map(drop);
        assert_eq!(save(&cast.sup_1, occasion("back", "2026-03-06", "2026-03-05")), Err(Code::BadTime));
        assert_eq!(save(&cast.sup_1, occasion("endless", "2026-03-06", "2027-03-05")), Err(Code::BadTime));
        assert_eq!(save(&cast.sup_1, occasion("", "2026-03-06", "2026-03-06")), Err(Code::BadValue));
        assert_eq!(save(&cast.sup_1, occasion("双12", "2026-03-06", "2026-03-06")), Ok(()));
        assert_eq!(save(&cast.sup_2, occasion("双12", "2026-03-06", "2026-03-07")), Err(Code::NotInTeam));
        assert_eq!(world.run(&cast.sup_2, "campaign.drop", json!({ "id": id("双12") })), Err(Code::NotInTeam));
    }
}
