//! Web Push: only the browser reads it, and a browser that is gone is forgotten.

use super::outside::Outside;
use super::{held, id, told, ways};
use crate::harness::{HOUR, World, both_engines};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dutyboard::kit::refusal::Code;
use dutyboard::notices::store;
use serde_json::{Value, json};
use web_push_native::p256::SecretKey;
use web_push_native::{Auth, decrypt};

const AUTH: [u8; 16] = [3; 16];

pub fn browser(seed: u8) -> SecretKey {
    SecretKey::from_slice(&[seed; 32]).expect("a key")
}

pub fn subscription(endpoint: &str, key: &SecretKey) -> Value {
    let point = key.public_key().to_sec1_bytes();
    // An uncompressed point, as browsers give it.
    let point = if point.len() == 65 { point.to_vec() } else { uncompressed(key) };
    json!({ "endpoint": endpoint, "p256dh": URL_SAFE_NO_PAD.encode(point), "auth": URL_SAFE_NO_PAD.encode(AUTH) })
}

fn uncompressed(key: &SecretKey) -> Vec<u8> {
    use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
    key.public_key().to_encoded_point(false).as_bytes().to_vec()
}

fn phones(world: &World, person: &str) -> usize {
    world.read(|conn| store::subscriptions(conn, &world.cast.workspace, person)).len()
}

both_engines! {
    fn a_phone_is_told_what_only_it_can_read(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let service = Outside::open("");
        let key = browser(9);
        world.run(&cast.ann, "push.subscribe", subscription(&format!("{}/send/ann", service.url), &key)).expect("subscribed");
        world.system("notice.tell", told("late", &[&cast.ann], &cast.team_1, false)).expect("told");
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue"), ["app waiting", "mail none", "push waiting"]);
        world.drain();
        let posted = service.posted();
        assert_eq!((posted.len(), posted[0].path.as_str()), (1, "/send/ann"));
        let header = |name: &str| posted[0].headers.get(name).cloned().unwrap_or_default();
        assert_eq!((header("content-encoding"), header("urgency"), header("ttl")), ("aes128gcm".into(), "high".into(), "14400".into()));
        assert!(header("authorization").ends_with(&format!(", k={}", world.app.vapid.public())));
        let read = decrypt(posted[0].body.clone(), &key, &Auth::from(AUTH)).expect("the key fits");
        let message: Value = serde_json::from_slice(&read).expect("JSON");
        assert_eq!((&message["title"], &message["body"], &message["link"]), (&json!("回访超时：小鹿"), &json!(""), &json!("#/callbacks")));
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue")[2], "push delivered");
        let warned = held(&world, &cast.sup_1).iter().any(|row| row["kind"] == "no_channel");
        assert!(!warned, "a phone is a channel");
    }

    fn a_browser_that_is_gone_is_forgotten(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let service = Outside::open("");
        world.run(&cast.ann, "push.subscribe", subscription(&format!("{}/a", service.url), &browser(9))).expect("subscribed");
        service.answer(410, "");
        world.system("notice.tell", told("one", &[&cast.ann], &cast.team_1, false)).expect("told");
        world.drain();
        assert_eq!((phones(&world, &cast.ann), service.posted().len()), (0, 1));
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue")[2], "push failed");
    }

    fn one_phone_of_two_is_enough(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let service = Outside::open("");
        for (path, seed) in [("a", 9), ("b", 8)] {
            let args = subscription(&format!("{}/{path}", service.url), &browser(seed));
            world.run(&cast.ann, "push.subscribe", args).expect("subscribed");
        }
        service.answer(404, "");
        world.system("notice.tell", told("one", &[&cast.ann], &cast.team_1, false)).expect("told");
        world.drain();
        assert_eq!((phones(&world, &cast.ann), service.posted().len()), (1, 2));
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue")[2], "push delivered");
    }

    fn a_busy_service_is_asked_again(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let service = Outside::open("");
        world.run(&cast.ann, "push.subscribe", subscription(&format!("{}/a", service.url), &browser(9))).expect("subscribed");
        service.answer(503, "");
        world.system("notice.tell", told("one", &[&cast.ann], &cast.team_1, false)).expect("told");
        world.drain();
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue")[2], "push waiting");
        world.clock.advance(HOUR / 3);
        world.drain();
        assert_eq!(service.posted().len(), 2);
        assert_eq!(ways(&world, &cast.sup_1, &cast.ann, "callback_overdue")[2], "push delivered");
    }

    fn a_browser_is_whose_who_signed_in_last(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let args = subscription("https://push.test/a", &browser(9));
        world.run(&cast.ann, "push.subscribe", args.clone()).expect("subscribed");
        world.run(&cast.bea, "push.subscribe", args.clone()).expect("subscribed");
        assert_eq!((phones(&world, &cast.ann), phones(&world, &cast.bea)), (0, 1));
        world.run(&cast.ann, "push.unsubscribe", json!({ "endpoint": "https://push.test/a" })).expect("nothing to do");
        assert_eq!(phones(&world, &cast.bea), 1, "not hers to end");
        world.run(&cast.bea, "push.unsubscribe", json!({ "endpoint": "https://push.test/a" })).expect("ended");
        assert_eq!(phones(&world, &cast.bea), 0);
        for n in 0..12 {
            world.run(&cast.cai, "push.subscribe", subscription(&format!("https://push.test/{n}"), &browser(9))).expect("subscribed");
        }
        assert_eq!(phones(&world, &cast.cai), 10, "the oldest go");
        let mut bad = args;
        bad["p256dh"] = json!(id("no key"));
        assert_eq!(world.run(&cast.ann, "push.subscribe", bad), Err(Code::BadValue));
        let plain = subscription("http://push.test/a", &browser(9));
        assert_eq!(world.run(&cast.ann, "push.subscribe", plain), Err(Code::BadValue));
    }
}
