//! Who may do what, written down a second time: every command and every read against every role. A command without a row
//! here fails the test, and so does a row without a command.

use crate::harness::{HOUR, Running, World, both_engines};
use dutyboard::door::{Actor, Role, Via};
use dutyboard::kit::refusal::{Code, Stop};
use dutyboard::rooms::Command;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const YES: bool = true;
const NO: bool = false;

/// Command, owner, supervisor, agent, the system itself.
const TABLE: [(&str, bool, bool, bool, bool); 101] = [
    ("workspace.found", NO, NO, NO, YES),
    ("workspace.update", YES, NO, NO, YES),
    ("team.save", YES, NO, NO, YES),
    ("shop.save", YES, YES, NO, YES),
    ("skill.save", YES, YES, NO, YES),
    ("seat.save", YES, YES, NO, YES),
    ("person.invite", YES, YES, NO, YES),
    ("person.reinvite", YES, YES, NO, YES),
    ("person.update", YES, YES, NO, YES),
    ("person.prefs", YES, YES, YES, YES),
    ("shift_type.save", YES, YES, NO, YES),
    ("roster.set", YES, YES, NO, YES),
    ("roster.retire", NO, NO, NO, YES),
    ("pack.switch", YES, YES, NO, YES),
    ("board.make", NO, NO, NO, YES),
    ("board.remake", NO, NO, NO, YES),
    ("board.retire", NO, NO, NO, YES),
    ("board.tomorrow_mail", NO, NO, NO, YES),
    ("box.create", YES, YES, YES, YES),
    ("box.edit", YES, YES, NO, YES),
    ("box.start", YES, YES, YES, YES),
    ("box.finish", YES, YES, YES, YES),
    ("box.reopen", YES, YES, YES, YES),
    ("box.skip", YES, YES, YES, YES),
    ("box.check", YES, YES, YES, YES),
    ("box.note", YES, YES, YES, YES),
    ("box.hand", YES, YES, YES, YES),
    ("box.take", YES, YES, YES, YES),
    ("box.assign", YES, YES, NO, YES),
    ("box.quadrant", YES, YES, NO, YES),
    ("customer.save", YES, YES, YES, YES),
    ("customer.reach", YES, YES, YES, YES),
    ("customer.block", YES, YES, YES, YES),
    ("customer.care", YES, YES, NO, YES),
    ("customer.reveal", YES, YES, YES, YES),
    ("customer.import", YES, YES, NO, YES),
    ("customer.merge", YES, YES, NO, YES),
    ("customer.part", YES, YES, NO, YES),
    ("customer.distinct", YES, YES, NO, YES),
    ("customer.file_add", YES, YES, YES, YES),
    ("customer.file_drop", YES, YES, YES, YES),
    ("customer.export", YES, YES, NO, YES),
    ("customer.erase", YES, YES, NO, YES),
    ("customer.keep", YES, NO, NO, YES),
    ("customer.retire", NO, NO, NO, YES),
    ("contact.log", YES, YES, YES, YES),
    ("callback.make", YES, YES, YES, YES),
    ("callback.move", YES, YES, YES, YES),
    ("callback.hand", YES, YES, YES, YES),
    ("callback.take", YES, YES, YES, YES),
    ("callback.cancel", YES, YES, YES, YES),
    ("callback.raise", NO, NO, NO, YES),
    ("callback.retire", NO, NO, NO, YES),
    ("campaign.save", YES, YES, NO, YES),
    ("campaign.drop", YES, YES, NO, YES),
    ("campaign.retire", NO, NO, NO, YES),
    ("outreach.open", YES, YES, YES, YES),
    ("outreach.answer", YES, YES, YES, YES),
    ("outreach.turn", YES, YES, YES, YES),
    ("outreach.close", YES, YES, YES, YES),
    ("outreach.returned", YES, YES, YES, YES),
    ("outreach.decide", YES, YES, NO, YES),
    ("outreach.next", YES, YES, NO, YES),
    ("outreach.ship", NO, NO, NO, YES),
    ("outreach.due", NO, NO, NO, YES),
    ("outreach.heard", NO, NO, NO, YES),
    ("outreach.mailed", NO, NO, NO, YES),
    ("outreach.replied", NO, NO, NO, YES),
    ("outreach.hook_failed", NO, NO, NO, YES),
    ("outreach.reassign", NO, NO, NO, YES),
    ("outreach.ring", NO, NO, NO, YES),
    ("outreach.retire", NO, NO, NO, YES),
    ("chain.save", YES, YES, NO, YES),
    ("chain.drop", YES, YES, NO, YES),
    ("outreach_reason.save", YES, YES, NO, YES),
    ("outreach_hours.save", YES, YES, NO, YES),
    ("outreach_hours.drop", YES, YES, NO, YES),
    ("outreach_template.save", YES, YES, NO, YES),
    ("outreach_template.reset", YES, YES, NO, YES),
    ("outreach_template.test", YES, YES, NO, YES),
    ("outreach_hook.save", YES, NO, NO, YES),
    ("outreach_hook.drop", YES, NO, NO, YES),
    ("care.policy", YES, YES, NO, YES),
    ("care.plan", NO, NO, NO, YES),
    ("notice.send", YES, YES, NO, YES),
    ("notice.seen", YES, YES, YES, YES),
    ("notice.tell", NO, NO, NO, YES),
    ("notice.mail", NO, NO, NO, YES),
    ("notice.delivered", NO, NO, NO, YES),
    ("notice.retire", NO, NO, NO, YES),
    ("robot.save", YES, YES, NO, YES),
    ("robot.drop", YES, YES, NO, YES),
    ("robot.test", YES, YES, NO, YES),
    ("push.subscribe", YES, YES, YES, YES),
    ("push.unsubscribe", YES, YES, YES, YES),
    ("push.gone", NO, NO, NO, YES),
    ("reject.record", NO, NO, NO, YES),
    ("reject.discard", YES, YES, YES, YES),
    ("reject.hand", YES, YES, YES, YES),
    ("auth.invite", NO, NO, NO, YES),
    ("auth.accept", NO, NO, NO, YES),
];

/// Arguments that fit the command; the things they name need not exist, because access is asked first.
pub fn sample(name: &str) -> Value {
    let id = dutyboard::kit::ids::derived(&["nobody"]);
    let text = json!({ "zh": "名", "en": "name" });
    match name {
        "workspace.found" => {
            json!({ "name": "n", "zone": "UTC", "locale": "en", "team_id": id, "owner_id": id, "owner_name": "o", "login": "oo" })
        }
        "workspace.update" | "person.prefs" => json!({}),
        "team.save" => json!({ "id": id, "name": "n", "archived": false }),
        "shop.save" => json!({ "id": id, "name": "n", "platform": "tmall", "archived": false }),
        "skill.save" => json!({ "id": id, "name": text, "code": "new", "archived": false }),
        "seat.save" => json!({ "id": id, "name": "n", "shop_id": id, "archived": false }),
        "person.invite" => {
            json!({ "id": id, "name": "n", "login": "nn", "email": null, "role": "agent", "team_id": id, "skill_ids": [], "locale": "en" })
        }
        "shift_type.save" => {
            json!({ "id": id, "letter": "x", "name": text, "start": "08:00", "length_min": 60, "arrive_early_min": 0, "skill_code": "none", "hue": 0, "archived": false })
        }
        "roster.set" => json!({ "put": [], "remove": [] }),
        "roster.retire" | "board.retire" => json!({ "before": "2026-01-01" }),
        "pack.switch" => json!({ "team_id": id, "code": "none", "enabled": true }),
        "board.make" | "board.remake" => json!({ "team_id": id, "day": "never" }),
        "board.tomorrow_mail" => json!({ "person_id": id, "day": "2026-01-01", "base_url": "http://x" }),
        "box.create" => json!({ "id": id, "day": "never", "title": "t", "quadrant": "Q1", "kind": "anytime" }),
        "box.skip" => json!({ "id": id, "reason": "r" }),
        "box.check" => json!({ "id": id, "index": 0, "done": true }),
        "box.note" => json!({ "id": id, "note_id": id, "text": "t" }),
        "box.hand" => json!({ "id": id, "to": id }),
        "box.assign" => json!({ "id": id, "to": null }),
        "box.quadrant" => json!({ "id": id, "quadrant": "Q1" }),
        "customer.block" => json!({ "id": id, "channel": "phone", "on": true }),
        "customer.care" => json!({ "id": id, "tier": "" }),
        "customer.reveal" => json!({ "id": id, "reason": "r" }),
        "customer.import" => json!({ "team_id": id, "shop_id": null, "rows": [] }),
        "customer.merge" => json!({ "id": id, "into_id": id }),
        "customer.distinct" => json!({ "ids": [id, id] }),
        "customer.file_add" => json!({ "id": id, "sha256": "0", "name": "n" }),
        "customer.file_drop" => json!({ "id": id, "file_id": "0" }),
        "customer.export" | "customer.erase" => json!({ "id": id, "reason": "r" }),
        "customer.keep" => json!({ "months": null }),
        "customer.retire" => json!({ "before": 1, "most": 1 }),
        "contact.log" => json!({ "id": id, "customer_id": id, "channel": "phone", "result": "reached", "note": "" }),
        "callback.make" => json!({ "id": id, "customer_id": id, "channel": "phone", "due_at": 1, "about": "", "scene": "" }),
        "callback.move" => json!({ "id": id, "due_at": 1 }),
        "callback.hand" => json!({ "id": id, "to": id }),
        "callback.cancel" | "outreach.close" => json!({ "id": id, "reason": "r" }),
        "callback.raise" => json!({ "ids": [id] }),
        "callback.retire" => json!({ "before": 1 }),
        "campaign.save" => json!({ "id": id, "name": "n", "from": "2026-01-01", "until": "2026-01-01", "tier": "", "tag": "" }),
        "campaign.retire" => json!({ "before": "2026-01-01" }),
        "outreach.open" => json!({ "id": id, "customer_id": id, "reason_id": id, "about": "", "order_number": "" }),
        "outreach.answer" => json!({ "id": id, "channel": "im", "note": "", "then": "done" }),
        "outreach.turn" => json!({ "id": id, "ours": true, "note": "" }),
        "outreach.returned" => json!({ "id": id, "note": "" }),
        "outreach.decide" => json!({ "id": id, "decision": "go_on" }),
        "outreach.next" => json!({ "id": id, "step": 0 }),
        "outreach.heard" => json!({ "customer_id": id }),
        "outreach.mailed" => json!({ "mail_id": id, "customer_id": id, "state": "sent", "permanent": false }),
        "outreach.replied" => json!({ "mail_id": id, "case_id": null, "reply_id": null, "channel": "email", "text": "" }),
        "outreach.hook_failed" => json!({ "case_id": id, "channel": "sms", "id": id }),
        "outreach.due" | "outreach.reassign" | "outreach.ring" => json!({ "ids": [] }),
        "outreach.retire" => json!({ "before": 0 }),
        "chain.save" => json!({ "id": id, "name": text, "steps": [], "enabled": true }),
        "outreach_reason.save" => {
            json!({ "id": id, "name": text, "chain_id": id, "scene": "", "is_reminder": false, "archived": false })
        }
        "outreach_hours.save" => {
            json!({ "id": id, "shop_id": null, "hours": {}, "decide_hours": 96, "return_days": 7, "open_from": "09:00", "open_until": "18:00", "working_days_only": false })
        }
        "outreach_template.save" => json!({ "id": id, "reason_id": id, "locale": "en", "subject": "s", "body": "b" }),
        "outreach_template.test" => {
            json!({ "reason_id": id, "locale": "en", "subject": "s", "body": "b", "customer_id": null })
        }
        "outreach_hook.save" => json!({ "channel": "sms", "url": "https://sms.example", "secret": "0123456789abcdef" }),
        "outreach_hook.drop" => json!({ "channel": "sms" }),
        "care.policy" => json!({ "id": id, "name": text, "ideal_days": 30, "longest_days": 45, "enabled": true }),
        "care.plan" => json!({ "team_id": id }),
        "notice.send" => json!({ "id": id, "text": "t", "to": [id] }),
        "notice.seen" => json!({ "ids": [id] }),
        "notice.tell" => {
            json!({ "key": "k", "to": [], "team_id": id, "kind": "decision", "level": "due", "subject": { "zh": "s", "en": "s" },
                "link": "#/", "robot": false, "about": [] })
        }
        "notice.mail" => json!({ "id": id, "base_url": "http://x" }),
        "notice.delivered" => json!({ "ids": [id], "route": "mail", "state": "delivered", "why": "" }),
        "notice.retire" => json!({ "before": 1 }),
        "robot.save" => json!({ "id": id, "kind": "feishu", "name": "n", "url": "https://x", "secret": "", "enabled": true }),
        "push.subscribe" => json!({ "endpoint": "https://x", "p256dh": "", "auth": "" }),
        "push.unsubscribe" => json!({ "endpoint": "https://x" }),
        "push.gone" => json!({ "id": id, "for_good": true }),
        "reject.record" => json!({ "uid": id, "user_id": id, "team_id": id, "name": "n", "args": null, "code": "gone", "at": 1 }),
        "reject.discard" | "reject.hand" => json!({ "uid": id }),
        "auth.invite" => json!({ "person_id": id, "inviter_id": id, "mail_id": id, "base_url": "http://x" }),
        "auth.accept" => json!({ "person_id": id, "link_hash": "h", "password_hash": "p" }),
        _ => json!({ "id": id }),
    }
}

#[test]
fn the_table_is_complete() {
    let known: BTreeSet<&str> = Command::table().into_iter().map(|(name, _)| name).collect();
    let written: BTreeSet<&str> = TABLE.iter().map(|row| row.0).collect();
    assert_eq!(known, written, "left: what the rooms have; right: what this test expects");
    assert_eq!((known.len(), written.len()), (Command::table().len(), TABLE.len()), "no name twice");
}

both_engines! {
    fn every_command_against_every_role(engine) {
        let world = World::new(engine);
        let cast = &world.cast;
        for (name, owner, supervisor, agent, system) in TABLE {
            let command = Command::parse(name, sample(name)).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
            let people = [(&cast.owner, Role::Owner, owner), (&cast.sup_1, Role::Supervisor, supervisor), (&cast.ann, Role::Agent, agent)];
            for (user, role, allowed) in people {
                for via in [Via::Push, Via::Rest] {
                    let actor = world.actor(user, via).expect("active");
                    assert_eq!(actor.role, role);
                    assert_eq!(passes(&world, &actor, &command), allowed, "{role:?} {name}");
                }
            }
            assert_eq!(passes(&world, &Actor::system(&cast.workspace, Via::Job), &command), system, "the system, {name}");
        }
    }

    /// Whatever a person pushes with a role of the past: the role of the moment counts.
    fn a_role_taken_away_counts_at_once(engine) {
        let world = World::new(engine);
        let mut phone = crate::harness::Phone::new(&world.cast.sup_1, "desk");
        let before = world.actor(&world.cast.sup_1, Via::Push).expect("active");
        world.run(&world.cast.owner, "person.update", json!({ "id": world.cast.sup_1, "role": "agent" })).expect("a change");
        phone.write(0, "shop.save", sample("shop.save"), None);
        let reply = world.block_on(dutyboard::sync::push::push(&world.app.door, &before, phone.request())).expect("a reply");
        let dutyboard::sync::wire::PushReply::Results { results, .. } = reply else { panic!("results") };
        assert_eq!(results[0].code, Some(Code::Forbidden));
    }

    fn every_read_against_every_role(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let workspace = format!("/api/v1/history/workspace/{}", world.cast.workspace);
        let duplicates = format!("/api/v1/customers/duplicates?team_id={}", world.cast.team_1);
        let reads = [
            (workspace.as_str(), 200, 200, 403),
            ("/api/v1/people", 200, 200, 403),
            ("/api/v1/board?day=2026-03-02", 200, 200, 403),
            ("/api/v1/roster?from=2026-03-02&to=2026-03-08", 200, 200, 403),
            ("/api/v1/roster.csv?from=2026-03-02&to=2026-03-08", 200, 200, 403),
            ("/api/v1/customers?q=x", 200, 200, 200),
            (duplicates.as_str(), 200, 200, 403),
            ("/api/v1/erasures", 200, 200, 403),
            ("/api/v1/push-key", 200, 200, 200),
            ("/api/v1/hooks", 200, 403, 403),
            ("/api/v1/outreach/numbers?from=2026-03-02&until=2026-03-08", 200, 200, 403),
            ("/api/v1/outreach/templates", 200, 200, 403),
            ("/api/v1/outreach/hooks", 200, 403, 403),
            ("/api/v1/outbox", 200, 403, 403),
            ("/api/v1/jobs/dead", 200, 403, 403),
            ("/api/auth/devices", 200, 200, 200),
        ];
        let clients = ["owner", "sup_1", "ann"].map(|login| server.sign_in(login));
        for (path, owner, supervisor, agent) in reads {
            for (client, status) in clients.iter().zip([owner, supervisor, agent]) {
                let answer = client.get(path);
                assert_eq!(answer.status, status, "{path}: {}", answer.text());
                if status == 403 {
                    assert_eq!(answer.code(), "forbidden");
                }
            }
            let nobody = server.client().get(path);
            assert_eq!((nobody.status, nobody.code().as_str()), (401, "unauthorized"), "{path}");
        }
        world.clock.advance(HOUR);
        assert_eq!(clients[0].get("/api/v1/people").code(), "token_expired");
    }
}

/// False when the access table itself refuses; what the rooms say after that is their business.
fn passes(world: &World, actor: &Actor, command: &Command) -> bool {
    match world.app.door.execute(actor, command.clone(), None) {
        Err(Stop::Refused(refusal)) => !(refusal.code == Code::Forbidden && refusal.detail.as_deref() == Some(command.name())),
        _ => true,
    }
}
