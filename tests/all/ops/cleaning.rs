//! What is old goes, what is young or still needed stays.

use super::doctor::quiet;
use super::location;
use crate::harness::{HOUR, Phone, World, both_engines};
use crate::sync::checks;
use diesel::prelude::*;
use dutyboard::auth::links;
use dutyboard::db::schema::{audit, blob, chore, job, mail, mutation_log, one_time_link, receipt, sync_client, sync_group};
use dutyboard::door::{Idempotency, Via};
use dutyboard::kit::ids::fresh;
use dutyboard::rooms::Command;
use dutyboard::sync::blobs;
use dutyboard::sync::push::push;
use dutyboard::sync::wire::{ClientError, PushReply};
use serde_json::{Value, json};

const DAY: i64 = 24 * HOUR;

fn clean(world: &World, what: &str) {
    let payload = json!({ "turn": world.now() });
    world.block_on(dutyboard::jobs::run(&world.app, &world.cast.workspace, what, &payload)).expect(what);
}

fn seat() -> Value {
    json!({ "id": fresh(), "name": "座", "shop_id": null, "archived": false })
}

fn box_of(user: &str) -> Value {
    json!({ "id": fresh(), "day": "2026-03-02", "title": "盘点", "quadrant": "Q1", "kind": "anytime", "assignee_id": user })
}

both_engines! {
    fn the_record_of_changes(engine) {
        let world = World::new(engine).with(|config| config.nightly.audit_days = 90);
        world.run(&world.cast.owner, "seat.save", seat()).expect("a seat");
        world.clock.advance(91 * DAY);
        world.run(&world.cast.owner, "seat.save", seat()).expect("a seat");
        clean(&world, "keep.audit");
        let left: Vec<(String, i64)> = world.read(|conn| Ok(audit::table.select((audit::command, audit::at)).load(conn)?));
        assert_eq!(left, [("seat.save".to_owned(), world.now())]);
    }

    fn answered_requests(engine) {
        let world = World::new(engine);
        let send = |key: &str| {
            let once = Idempotency { key: key.into(), digest: "same".into() };
            let owner = world.actor(&world.cast.owner, Via::Rest).expect("let in");
            let command = Command::parse("seat.save", json!({ "id": fresh(), "name": key, "shop_id": null, "archived": false })).expect("a command");
            world.app.door.execute(&owner, command, Some(once)).expect("a seat")
        };
        send("old");
        world.clock.advance(31 * DAY);
        let first = send("young");
        clean(&world, "keep.receipts");
        let left: Vec<String> = world.read(|conn| Ok(receipt::table.select(receipt::idempotency_key).load(conn)?));
        assert_eq!(left, ["young"]);
        assert_eq!(send("young"), first, "is still answered with the same");
    }

    /// A phone that was silent for 400 days is forgotten whole; one that was not keeps all of its log (I6).
    fn silent_phones(engine) {
        let world = World::new(engine);
        let mut ann = Phone::new(&world.cast.ann, "ann");
        let mut bea = Phone::new(&world.cast.bea, "bea");
        for phone in [&mut ann, &mut bea] {
            let user = phone.user.clone();
            phone.write(0, "box.create", box_of(&user), Some(fresh()));
            phone.write(0, "box.note", json!({ "id": fresh(), "note_id": fresh(), "text": "refused" }), Some(fresh()));
            phone.write(1, "box.create", box_of(&user), None);
            phone.push(&world).expect("a push");
            phone.pull(&world);
        }
        world.clock.advance(300 * DAY);
        bea.write(0, "box.create", box_of(&world.cast.bea), Some(fresh()));
        bea.push(&world).expect("a push");
        world.clock.advance(101 * DAY);
        clean(&world, "keep.clients");
        let (clients, groups, logged): (Vec<String>, Vec<String>, i64) = world.read(|conn| {
            let clients = sync_client::table.select(sync_client::id).load(conn)?;
            Ok((clients, sync_group::table.select(sync_group::id).load(conn)?, mutation_log::table.count().get_result(conn)?))
        });
        assert_eq!((clients, groups, logged), (vec!["bea-tab1".to_owned()], vec!["bea-group".to_owned()], 3));
        checks::nothing_lost(&world, &[]).expect("I6");

        // Ann is back: she is told to take a new name, and her work gets in under it.
        ann.write(0, "box.create", box_of(&world.cast.ann), Some(fresh()));
        let actor = world.actor(&world.cast.ann, Via::Push).expect("let in");
        let reply = world.block_on(push(&world.app.door, &actor, ann.request())).expect("an answer");
        assert!(matches!(reply, PushReply::Error(ClientError::ClientStateNotFound)), "{reply:?}");
        let mut again = Phone::new(&world.cast.ann, "ann-again");
        again.write(0, "box.create", box_of(&world.cast.ann), Some(fresh()));
        again.push(&world).expect("a push");
        again.pull(&world);
        assert!(again.is_drained());
    }

    fn mails_that_left(engine) {
        let world = World::new(engine);
        let invite = |login: &str| {
            let args = json!({ "id": fresh(), "name": "新人", "login": login, "email": "n@example.com", "role": "agent", "team_id": world.cast.team_1, "skill_ids": [], "locale": "zh-CN" });
            world.run(&world.cast.owner, "person.invite", args).expect("an invitation");
            world.drain();
        };
        invite("one");
        invite("two");
        // One of the two never left.
        world.tamper("UPDATE mail SET state = 'queued' WHERE id = (SELECT min(id) FROM mail)");
        world.clock.advance(91 * DAY);
        invite("three");
        clean(&world, "keep.mails");
        let left: Vec<(String, i64)> = world.read(|conn| Ok(mail::table.order(mail::created_at).select((mail::state, mail::created_at)).load(conn)?));
        assert_eq!(left, [("queued".to_owned(), world.now() - 91 * DAY), ("sent".to_owned(), world.now())]);
    }

    fn links_that_ran_out(engine) {
        let world = World::new(engine);
        let make = || {
            let now = world.now();
            world.app.door.upkeep(move |conn| links::make(conn, links::Purpose::Setup, None, now)).expect("a link")
        };
        let count = || world.read(|conn| Ok(one_time_link::table.count().get_result::<i64>(conn)?));
        let invitations = count();
        assert!(invitations > 0, "the cast's own, used");
        world.clock.advance(60 * DAY);
        make();
        clean(&world, "keep.links");
        assert_eq!(count(), 1, "the fresh one");
    }

    fn files_that_no_row_names(engine) {
        let world = World::new(engine);
        let put = |name: &'static str| {
            let (workspace, user, now) = (world.cast.workspace.clone(), world.cast.ann.clone(), world.now());
            world.app.door.upkeep(move |conn| blobs::store(conn, &workspace, &user, name, "image/png", b"x", now)).expect("a file")
        };
        for name in ["named", "forgotten", "sent again"] {
            put(name);
        }
        world.tamper(&format!("INSERT INTO blob_ref (workspace_id, sha256, key) VALUES ('{}', 'named', 'box/1')", world.cast.workspace));
        world.clock.advance(8 * DAY);
        // The phone was away for a week in the middle of attaching it.
        assert!(!put("sent again"), "it was there already");
        put("new");
        clean(&world, "keep.blobs");
        let left: Vec<String> = world.read(|conn| Ok(blob::table.order(blob::sha256).select(blob::sha256).load(conn)?));
        assert_eq!(left, ["named", "new", "sent again"]);
    }

    /// The nightly work finds its own time: once a night, all of it, and none on the first day.
    fn it_happens_once_a_night(engine) {
        let world = World::new(engine);
        let runs = || world.read(|conn| Ok(chore::table.count().get_result::<i64>(conn)?));
        world.tick();
        assert_eq!(runs(), 0);
        world.move_to("2026-03-03", "04:30");
        world.tick();
        assert_eq!(runs(), 8);
        world.clock.advance(HOUR);
        world.block_on(dutyboard::jobs::ticker::tick(&world.app)).expect("a tick");
        let queued = world.read(|conn| Ok(job::table.filter(job::kind.like("keep.%")).count().get_result::<i64>(conn)?));
        assert_eq!(queued, 0, "nothing more until tomorrow");
        let report = dutyboard::ops::doctor::examine(&location(&world), &quiet(world.now())).expect("a look");
        assert_eq!(report.findings, vec![]);
    }

    /// Far more than one batch.
    fn a_large_heap_goes_in_small_steps(engine) {
        let world = World::new(engine);
        let values: Vec<String> = (0..1_250).map(|n| format!("('{}', 'bulk{n}', 1, 1, 'rest', 'x', 'seat/1')", world.cast.workspace)).collect();
        world.tamper(&format!("INSERT INTO audit (workspace_id, id, version, at, via, command, entity) VALUES {}", values.join(", ")));
        clean(&world, "keep.audit");
        let left = world.read(|conn| Ok(audit::table.filter(audit::id.like("bulk%")).count().get_result::<i64>(conn)?));
        assert_eq!(left, 0);
    }
}
