//! One person's data: taken as a document, and erased so that nothing is left anywhere.

use super::{ADDRESS, EMAIL, PHONE, buyer, id, logged, made, monthly, promise};
use crate::harness::world::at;
use crate::harness::{HOUR, Phone, Running, World, both_engines, dump};
use dutyboard::customers::import::buyer_id;
use dutyboard::customers::papers;
use dutyboard::kit::refusal::Code;
use serde_json::{Value, json};

const DAY: i64 = 24 * HOUR;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a photo of a parcel";

/// Lines of the whole database that hold one of the words.
fn holding(world: &World, words: &[&str]) -> Vec<String> {
    let all = dump::dump(world);
    let lines = all.iter().flat_map(|(table, lines)| lines.iter().map(move |line| format!("{table}: {line}")));
    lines.filter(|line| words.iter().any(|word| line.contains(word))).collect()
}

fn put_photo(world: &World, server: &Running, id: &str) -> String {
    let path = format!("/api/v1/customers/{id}/files?name=parcel%20of%20%E5%B0%8F%E9%B9%BF.png");
    let stored = server.sign_in("ann").send("POST", &path, &[("Content-Type", "image/png")], PNG);
    assert_eq!((stored.status, stored.json()["author_id"].as_str()), (200, Some(world.cast.ann.as_str())), "{}", stored.text());
    stored.json()["id"].as_str().expect("a name").to_owned()
}

/// A notice about the callback, whose mail has not left.
fn tell_of(world: &World, callback: &str) {
    let cast = &world.cast;
    world.run(&cast.owner, "person.update", json!({ "id": cast.bea, "email": "bea@example.com" })).expect("a mailbox");
    let args = json!({ "key": "late", "to": [cast.bea], "team_id": cast.team_1, "kind": "no_channel", "level": "due",
        "subject": { "zh": "小鹿", "en": "小鹿" }, "link": "", "robot": false, "about": [callback] });
    world.system("notice.tell", args).expect("told");
    let told = world.read(|conn| dutyboard::notices::store::shown(conn, &cast.workspace)).pop().expect("told");
    world.system("notice.mail", json!({ "id": told.id, "base_url": "http://desk.example" })).expect("written");
    assert!(holding(world, &["小鹿"]).iter().any(|line| line.starts_with("mail:")), "its mail waits");
}

/// A buyer of whom there is something of every kind.
fn known_well(world: &World, server: &Running) -> String {
    let cast = &world.cast;
    let id = buyer(world, &cast.ann, "小鹿爱喝茶");
    world.run(&cast.ann, "customer.save", json!({ "id": id, "notes": "husband is called 山石" })).expect("a note");
    let callback = promise(world, &cast.ann, "promise", &id, at("2026-03-02", "16:30"));
    let log = json!({ "note": "asked about 龙井", "later_at": at("2026-03-03", "10:00") });
    let mut contact = logged("call", &id, Some(&callback), "later");
    contact.as_object_mut().expect("an object").extend(log.as_object().expect("an object").clone());
    world.run(&cast.ann, "contact.log", contact).expect("called");
    world.run(&cast.bea, "customer.reveal", json!({ "id": id, "reason": "小鹿 asked for it" })).expect("looked");
    let order = json!({ "nick": "小鹿爱喝茶", "name": "林小鹿", "phone": PHONE, "email": "", "address": "", "tags": [], "notes": "",
        "order": { "number": "123456789012345678", "state": "交易成功", "title": "龙井 250g", "cents": 12800, "ordered_at": 1, "paid_at": 1, "raw": "{\"收货人姓名\":\"林小鹿\"}" } });
    world
        .run(&cast.sup_1, "customer.import", json!({ "team_id": cast.team_1, "shop_id": null, "rows": [order] }))
        .expect("imported");
    let imported = buyer_id(&cast.workspace, "小鹿爱喝茶");
    world.run(&cast.sup_1, "customer.merge", json!({ "id": imported, "into_id": id })).expect("one person");
    put_photo(world, server, &id);
    tell_of(world, &callback);
    // A refused change of a phone that was offline.
    let mut phone = Phone::new(&cast.bea, "old phone");
    phone.write(0, "callback.make", made(&super::id("late"), &id, 1), None);
    phone.push(world).expect("pushed");
    assert!(!holding(world, &[&id]).is_empty());
    id
}

const SECRETS: [&str; 9] = [PHONE, EMAIL, ADDRESS, "小鹿", "5678", "龙井", "山石", "123456789012345678", "a photo of a parcel"];

both_engines! {
    fn nothing_is_left_but_the_proof(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let server = Running::start(&world);
        let id = known_well(&world, &server);
        let mut phone = Phone::new(&cast.ann, "phone");
        phone.pull(&world);
        assert!(phone.ids("reach").contains(&id));
        assert_eq!(world.run(&cast.sup_1, "customer.erase", json!({ "id": id, "reason": " " })), Err(Code::ReasonRequired));
        world.run(&cast.sup_1, "customer.erase", json!({ "id": id, "reason": "asked by mail" })).expect("erased");
        assert_eq!(holding(&world, &SECRETS), Vec::<String>::new());
        phone.pull(&world);
        assert!(phone.ids("customer").is_empty() && phone.ids("reach").is_empty() && phone.ids("callback").is_empty());
        let actor = world.actor(&cast.ann, dutyboard::door::Via::Rest).expect("active");
        assert_eq!(world.read(|conn| world.app.finder.search(conn, &actor, "123456789012345678")), vec![]);

        let sup = server.sign_in("sup_1");
        let proofs = sup.get("/api/v1/erasures").json();
        let proof = proofs.as_array().expect("a list").iter().find(|proof| proof["id"] == json!(id)).expect("a proof").clone();
        assert_eq!((&proof["why"], &proof["reason"], &proof["by"]), (&json!("asked"), &json!("asked by mail"), &json!(cast.sup_1)));
        assert_eq!((&proof["contacts"], &proof["callbacks"], &proof["files"], &proof["proved"]), (&json!(1), &json!(1), &json!(1), &json!(true)));
        assert_eq!(proofs.as_array().expect("a list").iter().map(|proof| proof["orders"].as_i64().unwrap_or(0)).sum::<i64>(), 1);
        assert_eq!(server.sign_in("sup_2").get("/api/v1/erasures").json(), json!([]), "the other team's proofs are theirs");
        assert_eq!(server.sign_in("ann").get("/api/v1/erasures").code(), "forbidden");
    }

    fn who_was_erased_does_not_come_back(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let id = buyer(&world, &cast.ann, "小鹿");
        let row = json!({ "nick": "山月", "name": "", "phone": "", "email": "", "address": "", "tags": [], "notes": "", "order": null });
        let import = json!({ "team_id": cast.team_1, "shop_id": null, "rows": [row] });
        world.run(&cast.sup_1, "customer.import", import.clone()).expect("imported");
        for id in [id.clone(), buyer_id(&cast.workspace, "山月")] {
            world.run(&cast.sup_1, "customer.erase", json!({ "id": id, "reason": "asked" })).expect("erased");
        }
        // A phone that was away still has changes for the card, and the shop still has the old files.
        assert_eq!(world.run(&cast.ann, "customer.save", json!({ "id": id, "nick": "小鹿" })), Err(Code::Gone));
        assert_eq!(world.run(&cast.ann, "contact.log", logged("late", &id, None, "reached")), Err(Code::Gone));
        world.run(&cast.sup_1, "customer.import", import).expect("nothing to do");
        assert_eq!(world.read(|conn| papers::counts(conn, &cast.workspace)), (0, 0));
    }

    fn the_document_holds_everything_and_the_history_says_who_took_it(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let id = known_well(&world, &server);
        let sup = server.sign_in("sup_1");
        let path = format!("/api/v1/customers/{id}/export");
        assert_eq!(sup.post(&path, &json!({})).code(), "reason_required");
        let document = sup.post(&path, &json!({ "reason": "the buyer asked" }));
        for word in [PHONE, EMAIL, ADDRESS, "山石", "龙井", "林小鹿", "parcel of"] {
            assert!(document.text().contains(word), "{word}");
        }
        assert!(sup.get(&format!("/api/v1/history/reach/{id}")).text().contains("the buyer asked"));
        assert_eq!(server.sign_in("ann").post(&path, &json!({ "reason": "curious" })).code(), "forbidden");
        assert_eq!(server.sign_in("sup_2").post(&path, &json!({ "reason": "curious" })).code(), "gone");
        assert_eq!(server.sign_in("sup_2").get(&format!("/api/v1/history/reach/{id}")).code(), "not_found", "nor who looked at it");
    }

    fn whom_nothing_is_heard_of_goes_by_night(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let keep = |months: Value| world.run(&cast.owner, "customer.keep", json!({ "months": months })).map(drop);
        assert_eq!((keep(json!(5)), keep(json!(121)), keep(json!(12))), (Err(Code::BadValue), Err(Code::BadValue), Ok(())));
        buyer(&world, &cast.ann, "silent");
        let spoken = buyer(&world, &cast.ann, "spoken with");
        let cared = buyer(&world, &cast.ann, "cared for");
        let policy = monthly(&world);
        world.run(&cast.sup_1, "customer.care", json!({ "id": cared, "tier": policy, "owner_id": null, "ideal_days": null, "longest_days": null })).expect("a VIP");
        let night = |world: &World| {
            let (db, door) = (&world.app.db, &world.app.door);
            dutyboard::customers::jobs::erase_old(db, door, &world.cast.workspace).expect("a night")
        };
        world.clock.advance(200 * DAY);
        world.run(&cast.ann, "contact.log", logged("hello", &spoken, None, "inbound")).expect("they wrote");
        assert_eq!(night(&world), 0, "not yet");
        world.clock.advance(200 * DAY);
        buyer(&world, &cast.ann, "new");
        assert_eq!((night(&world), night(&world)), (1, 0));
        let left = |name: &str| world.read(|conn| dutyboard::customers::store::find(conn, &cast.workspace, &id(name))).is_some();
        assert_eq!(["silent", "spoken with", "cared for", "new"].map(left), [false, true, true, true]);
        let proofs = world.read(|conn| papers::erasures(conn, &cast.workspace, 10));
        assert_eq!((proofs.len(), proofs[0].why.as_str(), proofs[0].by_id.as_ref(), proofs[0].proved), (1, "retention", None, true));
        keep(Value::Null).expect("for ever again");
        world.clock.advance(4_000 * DAY);
        assert_eq!(night(&world), 0);
    }

    fn a_file_is_seen_by_the_team_and_gone_when_dropped(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let server = Running::start(&world);
        let id = buyer(&world, &cast.ann, "小鹿");
        let name = put_photo(&world, &server, &id);
        let path = format!("/api/v1/customers/{id}/files/{name}");
        let got = server.sign_in("bea").get(&path);
        assert_eq!((got.status, got.body.as_slice(), got.header("content-disposition")), (200, PNG, Some("attachment")));
        assert_eq!(server.sign_in("eva").get(&path).code(), "not_found");
        assert_eq!(server.sign_in("bea").get(&format!("/api/v1/customers/{id}")).json()["files"][0]["name"], "parcel of 小鹿.png");
        let upload = |who: &str, mime: &str| {
            let path = format!("/api/v1/customers/{id}/files?name=x");
            server.sign_in(who).send("POST", &path, &[("Content-Type", mime)], PNG).code()
        };
        assert_eq!((upload("eva", "image/png"), upload("ann", "text/html")), ("gone".into(), "unsupported_media".into()));
        assert_eq!(world.run(&cast.ann, "customer.file_add", json!({ "id": id, "sha256": "0", "name": "x" })), Err(Code::NotFound));
        world.run(&cast.bea, "customer.file_drop", json!({ "id": id, "file_id": name })).expect("dropped");
        assert_eq!(server.sign_in("ann").get(&path).code(), "not_found");
        assert_eq!(holding(&world, &["parcel of"]), Vec::<String>::new());
    }

    fn a_wrong_number_is_marked_until_there_is_another(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        let id = buyer(&world, &cast.ann, "小鹿");
        let is_wrong = || world.read(|conn| dutyboard::customers::store::customer(conn, &cast.workspace, &id)).wrong_number;
        world.run(&cast.ann, "contact.log", logged("call", &id, None, "wrong_number")).expect("called");
        world.run(&cast.ann, "customer.reach", json!({ "id": id, "phone": PHONE })).expect("the same number");
        assert!(is_wrong());
        world.run(&cast.ann, "customer.reach", json!({ "id": id, "phone": "13911112222" })).expect("another number");
        assert!(!is_wrong());
    }
}
