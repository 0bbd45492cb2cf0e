//! The server dies before every single write of a chain, and another one on the same database goes on: no step is lost, none is
//! done twice.

use super::{asked, case, id, log, opened, stands};
use crate::customers::buyer;
use crate::harness::{Engine, MINUTE, World, both_engines};
use crate::jobs::boards::fill_roster;
use dutyboard::app::App;
use dutyboard::customers::store::callbacks_of;
use dutyboard::jobs::{queue, run, ticker};
use dutyboard::mail::mailer::Mailer;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

/// When the time comes round and who does what then: by the callback that is open.
const DAYS: [(&str, &str, Option<&str>); 9] = [
    ("2026-03-02", "10:00", Some("sent")),
    ("2026-03-02", "12:02", None),
    ("2026-03-03", "12:04", None),
    ("2026-03-03", "18:10", Some("no_answer")),
    ("2026-03-03", "20:20", Some("busy")),
    ("2026-03-04", "20:30", None),
    ("2026-03-05", "20:40", None),
    ("2026-03-06", "21:00", None),
    ("2026-03-07", "21:00", None),
];

/// Counts the writes, and burns through before one of them.
struct Fuse {
    passed: usize,
    burns_at: usize,
}

struct Dead;

impl Fuse {
    fn pass(&mut self) -> Result<(), Dead> {
        self.passed += 1;
        if self.passed == self.burns_at { Err(Dead) } else { Ok(()) }
    }
}

/// Everything that is due, by one server, until it dies.
fn work(world: &World, server: &Arc<App>, name: &'static str, fuse: &mut Fuse) -> Result<(), Dead> {
    fuse.pass()?;
    world.block_on(ticker::tick(server)).expect("a tick");
    loop {
        let now = world.now();
        let Some(row) = server.door.upkeep(move |conn| queue::claim(conn, name, now)).expect("the queue") else { return Ok(()) };
        // Boards and backups have tests of their own.
        let is_chain = row.kind.starts_with("outreach.") || row.kind == "mail.send";
        if is_chain {
            fuse.pass()?;
        }
        let payload: Value = serde_json::from_str(&row.payload).expect("a payload");
        world
            .block_on(run(server, &row.workspace_id, &row.kind, &payload))
            .unwrap_or_else(|error| panic!("{}: {error}", row.kind));
        if is_chain {
            fuse.pass()?;
        }
        server.door.upkeep(move |conn| queue::finish(conn, &row, name)).expect("the queue");
    }
}

/// What was done to a buyer: the log, the mails by Message-ID, and the tries that were asked for.
#[derive(Debug, PartialEq, Eq)]
struct Story {
    log: Vec<(String, String)>,
    mails: BTreeSet<String>,
    tries: usize,
    end: String,
}

/// Lives through the whole chain; gives what happened and how many writes there were.
fn live(engine: Engine, burns_at: usize) -> (Story, usize) {
    let world = World::new(engine);
    let mut other = world.another_server();
    Arc::get_mut(&mut other).expect("nobody else holds it").mailer = world.app.mailer.clone();
    let servers = [world.app.clone(), other];
    fill_roster(&world, "2026-03-02", 7);
    let buyer = buyer(&world, &world.cast.sup_1, "小鹿");
    let mut fuse = Fuse { passed: 0, burns_at };
    let mut alive = 0;
    let case_id = id("case");
    for (day, time, result) in DAYS {
        world.clock.advance((crate::harness::world::at(day, time) - world.now()).max(0));
        if day == DAYS[0].0 && time == DAYS[0].1 {
            world.run(&world.cast.ann, "outreach.open", opened(&world, "case", &buyer, "parcel_problem")).expect("a case");
        }
        if let Some(result) = result {
            let row = asked(&world, &case_id);
            let args = json!({ "id": id(&row.id), "customer_id": row.customer_id, "callback_id": row.id, "channel": row.channel, "result": result, "minutes": 2, "note": "" });
            world.run(&world.cast.sup_1, "contact.log", args).expect("logged");
        }
        let names = ["first", "second"];
        while work(&world, &servers[alive], names[alive], &mut fuse).is_err() {
            // Its lease runs out; the other one takes over.
            alive = 1 - alive;
            world.clock.advance(MINUTE + 1_000);
        }
    }
    let sent = match &world.app.mailer {
        Mailer::Memory(sent) => sent.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        other => panic!("{other:?} keeps nothing"),
    };
    let to_buyer: Vec<String> =
        sent.into_iter().filter(|mail| mail.to == crate::customers::EMAIL).map(|mail| mail.message_id).collect();
    let tries = world.read(|conn| callbacks_of(conn, &world.cast.workspace, &buyer)).len();
    let mails: BTreeSet<String> = to_buyer.iter().cloned().collect();
    assert_eq!(case(&world, &case_id).callback_id, None);
    (Story { log: log(&world, &case_id), mails, tries, end: stands(&world, &case_id).0 }, fuse.passed)
}

both_engines! {
    fn no_step_is_lost_and_none_doubled_wherever_the_server_dies(engine) {
        let (whole, writes) = live(engine, usize::MAX);
        assert_eq!((whole.end.as_str(), whole.mails.len(), whole.tries), ("decision", 1, 3), "{whole:?}");
        eprintln!("{writes} places to die");
        assert!(writes > 20);
        for burns_at in 1..=writes {
            let (story, _) = live(engine, burns_at);
            // The same mail may leave twice, with one name; everything else happens once.
            assert_eq!(story, whole, "dead before write {burns_at}");
        }
    }
}
