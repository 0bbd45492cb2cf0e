//! The real program is killed (`kill -9`) in the middle of a storm of pushes and started again: everything that was
//! acknowledged is there, nothing is there twice, and every queue drains.

use crate::harness::engine::{Engine, Scratch};
use crate::harness::{Client, Dice, PASSWORD, Program, both_engines, free_address, open_app, seeds};
use diesel::prelude::*;
use dutyboard::db::schema::{box_note, mutation_log, sync_client};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

const PHONES: usize = 4;
const NOTES: i64 = 300;
/// A box is made, then it gets notes, then comes the next box.
const PER_BOX: i64 = 10;
const KILLS: usize = 3;

/// A phone that makes boxes and puts notes into them, a few at a time, again and again until they are acknowledged.
struct Walker {
    number: usize,
    client: Client,
    person: String,
    /// Highest id that a reply called done.
    acknowledged: i64,
}

impl Walker {
    fn made(&self, what: &str, id: i64) -> String {
        dutyboard::kit::ids::derived(&[what, &self.number.to_string(), &id.to_string()])
    }

    fn is_box(id: i64) -> bool {
        id % PER_BOX == 1
    }

    fn mutation(&self, id: i64) -> Value {
        let its_box = self.made("box", (id - 1) / PER_BOX);
        let (name, args) = if Self::is_box(id) {
            let own = json!({ "id": its_box, "day": "2026-03-02", "title": "storm", "quadrant": "Q1", "kind": "anytime", "assignee_id": self.person });
            ("box.create", own)
        } else {
            ("box.note", json!({ "id": its_box, "note_id": self.made("note", id), "text": format!("note {id}") }))
        };
        json!({ "clientID": format!("walker{}", self.number), "id": id, "name": name, "args": args })
    }

    /// One request with a few of what is left. False when the server is gone.
    fn push(&mut self, few: i64) -> bool {
        let from = self.acknowledged + 1;
        let mutations: Vec<Value> = (from..(from + few).min(NOTES + 1)).map(|id| self.mutation(id)).collect();
        let body = json!({ "pushVersion": 1, "clientGroupID": format!("group{}", self.number), "schemaVersion": "1", "mutations": mutations });
        let sent =
            self.client.try_send("POST", "/api/sync/push", &[("Content-Type", "application/json")], body.to_string().as_bytes());
        let Ok(answer) = sent.inspect_err(|_| ()) else { return false };
        assert!([200, 503].contains(&answer.status), "{}", answer.text());
        for result in answer.json()["results"].as_array().into_iter().flatten() {
            assert!(["applied", "duplicate"].contains(&result["status"].as_str().unwrap_or("")), "{result}");
            self.acknowledged = self.acknowledged.max(result["id"].as_i64().expect("an id"));
        }
        true
    }
}

fn walkers(address: SocketAddr) -> Vec<Walker> {
    let cast = crate::harness::Cast::default();
    let people = [("ann", cast.ann), ("bea", cast.bea), ("cai", cast.cai), ("eva", cast.eva)];
    let people = people.into_iter().take(PHONES).enumerate();
    let walker = |(number, (login, person)): (usize, (&str, String))| {
        let mut client = Client::new(address);
        assert_eq!(client.login(login, PASSWORD).status, 200);
        Walker { number, client, person, acknowledged: 0 }
    };
    people.map(walker).collect()
}

/// Everybody pushes; the server is killed once so many requests were answered.
fn storm(server: &mut Program, walkers: &mut [Walker], kill_after: usize) {
    let (answered, answers) = mpsc::channel();
    let over = AtomicBool::new(false);
    let over = &over;
    std::thread::scope(|scope| {
        for walker in walkers {
            let answered = answered.clone();
            scope.spawn(move || {
                let few = 3 + walker.number as i64 * 7;
                while walker.acknowledged < NOTES && !over.load(Ordering::SeqCst) && walker.push(few) {
                    // Nobody counts any more once the server is dead.
                    let _ = answered.send(());
                }
            });
        }
        drop(answered);
        assert_eq!(answers.iter().take(kill_after).count(), kill_after, "killed before the storm was over");
        server.kill();
        over.store(true, Ordering::SeqCst);
    });
}

/// What the database says after the storm.
fn nothing_lost_nothing_twice(scratch: &Scratch, walkers: &[Walker]) {
    let (app, _) = open_app(scratch);
    let (clients, logged, notes) = app
        .db
        .read(|conn| {
            let clients: Vec<(String, i64)> = sync_client::table.select((sync_client::id, sync_client::lmid)).load(conn)?;
            let logged: Vec<(String, i64)> =
                mutation_log::table.select((mutation_log::client_id, mutation_log::id)).load(conn)?;
            let notes: Vec<(String, String)> = box_note::table.select((box_note::box_id, box_note::id)).load(conn)?;
            Ok((clients, logged, notes))
        })
        .expect("a read");
    for walker in walkers {
        let name = format!("walker{}", walker.number);
        let lmid = clients.iter().find(|(id, _)| *id == name).map_or(0, |(_, lmid)| *lmid);
        assert!(lmid >= walker.acknowledged, "{name}: {} were acknowledged, {lmid} survived", walker.acknowledged);
        let mut ids: Vec<i64> = logged.iter().filter(|(client, _)| *client == name).map(|(_, id)| *id).collect();
        ids.sort_unstable();
        assert_eq!(ids, (1..=lmid).collect::<Vec<_>>(), "{name}: each once");
        let boxes: Vec<String> = (0..=NOTES / PER_BOX).map(|n| walker.made("box", n)).collect();
        let mut there: Vec<&String> = notes.iter().filter(|(box_id, _)| boxes.contains(box_id)).map(|(_, id)| id).collect();
        let mut wanted: Vec<String> = (1..=lmid).filter(|id| !Walker::is_box(*id)).map(|id| walker.made("note", id)).collect();
        there.sort();
        wanted.sort();
        assert_eq!(there, wanted.iter().collect::<Vec<_>>(), "{name}: effects and log agree");
    }
}

/// Two servers on one database: each walker goes to the other one when its own is gone.
#[test]
fn one_of_two_servers_may_die_at_any_time() {
    Engine::Postgres.run(|engine| {
        for seed in seeds(1) {
            let mut dice = Dice::new(seed);
            let scratch = engine.founded();
            let addresses = [free_address(), free_address()];
            let mut servers = addresses.map(|address| Program::start(&scratch, address));
            let mut phones = walkers(addresses[0]);
            phones.iter_mut().skip(1).step_by(2).for_each(|phone| phone.client.address = addresses[1]);
            for round in 0..KILLS {
                let dead = round % 2;
                storm(&mut servers[dead], &mut phones, 3 + dice.below(25));
                nothing_lost_nothing_twice(&scratch, &phones);
                phones.iter_mut().for_each(|phone| phone.client.address = addresses[1 - dead]);
                phones.iter_mut().for_each(|phone| assert!(phone.push(7), "the other one runs"));
                servers[dead] = Program::start(&scratch, addresses[dead]);
                phones.iter_mut().step_by(2).for_each(|phone| phone.client.address = addresses[dead]);
            }
            for phone in &mut phones {
                while phone.acknowledged < NOTES {
                    assert!(phone.push(60), "both servers run");
                }
            }
            drop(servers);
            nothing_lost_nothing_twice(&scratch, &phones);
        }
    });
}

both_engines! {
    fn kill_nine_in_a_push_storm(engine) {
        for seed in seeds(1) {
            let mut dice = Dice::new(seed);
            let scratch = engine.founded();
            let address = free_address();
            let mut server = Program::start(&scratch, address);
            let mut phones = walkers(address);
            for kill in 1..=KILLS {
                storm(&mut server, &mut phones, 3 + dice.below(25));
                assert!(phones.iter().any(|phone| phone.acknowledged < NOTES), "killed in the middle");
                nothing_lost_nothing_twice(&scratch, &phones);
                eprintln!("kill {kill}: {:?}", phones.iter().map(|phone| phone.acknowledged).collect::<Vec<_>>());
                server = Program::start(&scratch, address);
            }
            for phone in &mut phones {
                while phone.acknowledged < NOTES {
                    assert!(phone.push(60), "the server runs");
                }
            }
            drop(server);
            nothing_lost_nothing_twice(&scratch, &phones);
        }
    }
}
