//! The server dies before every single write of a chain, and another one on the same database goes on: no step is lost, none is
//! done twice.

use super::{asked, case, id, log, opened, stands};
use crate::customers::buyer;
use crate::harness::{Engine, MINUTE, World, both_engines};
use crate::jobs::boards::fill_roster;
use diesel::Connection;
use diesel::connection::{Instrumentation, InstrumentationEvent};
use dutyboard::app::App;
use dutyboard::customers::store::callbacks_of;
use dutyboard::db::AnyConnection;
use dutyboard::jobs::{Lane, queue, run};
use dutyboard::mail::mailer::Mailer;
use dutyboard::{customers, notices, outreach};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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

/// What a chain consists of.
const TABLES: [&str; 8] = ["outreach_case", "outreach_attempt", "callback", "contact", "customer", "mail", "notice", "job"];

/// Counts what the servers write, statement by statement, and kills one in the middle of it.
#[derive(Clone)]
struct Fuse {
    wire: Arc<Wire>,
    has_written: bool,
}

struct Wire {
    passed: AtomicUsize,
    burns_at: usize,
    has_burnt: AtomicBool,
}

struct Dead;

impl Fuse {
    fn new(burns_at: usize) -> Self {
        let wire = Arc::new(Wire { passed: AtomicUsize::new(0), burns_at, has_burnt: AtomicBool::new(false) });
        Fuse { wire, has_written: false }
    }

    fn passed(&self) -> usize {
        self.wire.passed.load(Ordering::SeqCst)
    }

    /// Lays it to the one connection that a server writes through. It is gone with that connection.
    fn lay(&self, server: &App) {
        let wire = self.clone();
        let lay = move |conn: &mut AnyConnection| {
            conn.set_instrumentation(wire);
            Ok(())
        };
        server.door.upkeep(lay).expect("a connection");
    }

    /// Whatever a dead server was doing has no result.
    fn unless_dead<T>(&self, result: T) -> Result<T, Dead> {
        if self.wire.has_burnt.swap(false, Ordering::SeqCst) { Err(Dead) } else { Ok(result) }
    }
}

impl Instrumentation for Fuse {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let is_one = match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let is_one = is_write(&query.to_string());
                self.has_written |= is_one;
                is_one
            }
            // All is written and nothing is durable.
            InstrumentationEvent::CommitTransaction { .. } => std::mem::take(&mut self.has_written),
            _ => false,
        };
        if is_one && self.wire.passed.fetch_add(1, Ordering::SeqCst) + 1 == self.wire.burns_at {
            self.wire.has_burnt.store(true, Ordering::SeqCst);
            // Without the words that a panic would leave among those of the tests.
            std::panic::resume_unwind(Box::new("dead"));
        }
    }
}

/// Whether a statement writes what a chain consists of. Care and boards have tests of their own.
fn is_write(sql: &str) -> bool {
    let mut words = sql.split_whitespace().filter(|word| !["INTO", "FROM"].contains(word));
    let is_write = ["INSERT", "UPDATE", "DELETE"].contains(&words.next().unwrap_or_default());
    is_write && TABLES.contains(&words.next().unwrap_or_default().trim_matches(['"', '`']))
}

/// Everything that is due, by one server, until it dies.
fn work(world: &World, server: &Arc<App>, name: &'static str, fuse: &Fuse) -> Result<(), Dead> {
    let (workspace, now) = (&world.cast.workspace, world.now());
    for tick in [customers::jobs::tick, outreach::jobs::tick, notices::jobs::tick] {
        fuse.unless_dead(tick(server, workspace, now))?.expect("a tick");
    }
    loop {
        let now = world.now();
        let claimed = fuse.unless_dead(server.door.upkeep(move |conn| queue::claim(conn, name, Lane::All, now)))?;
        let Some(row) = claimed.expect("the queue") else { return Ok(()) };
        let payload: Value = serde_json::from_str(&row.payload).expect("a payload");
        fuse.unless_dead(world.block_on(run(server, &row.workspace_id, &row.kind, &payload)))?
            .unwrap_or_else(|error| panic!("{}: {error}", row.kind));
        fuse.unless_dead(server.door.upkeep(move |conn| queue::finish(conn, &row, name)))?.expect("the queue");
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
    let fuse = Fuse::new(burns_at);
    let servers = [(); 2].map(|()| {
        let mut server = world.another_server_with(|config| config.readers = 1);
        Arc::get_mut(&mut server).expect("nobody else holds it").mailer = world.app.mailer.clone();
        fuse.lay(&server);
        server
    });
    fill_roster(&world, "2026-03-02", 7);
    let buyer = buyer(&world, &world.cast.sup_1, "小鹿");
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
        while work(&world, &servers[alive], names[alive], &fuse).is_err() {
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
    (Story { log: log(&world, &case_id), mails, tries, end: stands(&world, &case_id).0 }, fuse.passed())
}

both_engines! {
    fn no_step_is_lost_and_none_doubled_wherever_the_server_dies(engine) {
        let (whole, writes) = live(engine, usize::MAX);
        assert_eq!((whole.end.as_str(), whole.mails.len(), whole.tries), ("decision", 1, 3), "{whole:?}");
        eprintln!("{writes} places to die");
        assert!(writes > 100);
        for burns_at in 1..=writes {
            let (story, _) = live(engine, burns_at);
            // The same mail may leave twice, with one name; everything else happens once.
            assert_eq!(story, whole, "dead before write {burns_at}");
        }
    }
}
