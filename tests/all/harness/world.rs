//! One server's worth of state: an `App` on its own database, a clock that only the test moves, mails in memory.

use super::cast::Cast;
use super::engine::{Engine, Scratch};
use chrono_tz::Tz;
use diesel::prelude::*;
use dutyboard::app::App;
use dutyboard::config::Config;
use dutyboard::db::{AnyConnection, dialect};
use dutyboard::door::{Actor, Receipt, Via};
use dutyboard::jobs::queue::{self, JobRow};
use dutyboard::jobs::{Lane, runner, ticker};
use dutyboard::kit::clock::Clock;
use dutyboard::kit::refusal::{Code, Stop};
use dutyboard::kit::zone;
use dutyboard::mail::mailer::{Mailer, Sent};
use dutyboard::rooms::Command;
use dutyboard::sync::pull::{Pulled, Reader};
use dutyboard::sync::scope;
use dutyboard::sync::wire::PullRequest;
use dutyboard::team;
use serde_json::Value;
use std::sync::{Arc, PoisonError};

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// A Monday morning in Shanghai, before the first shift.
pub const FIRST_DAY: &str = "2026-03-02";

pub struct World {
    pub engine: Engine,
    pub cast: Cast,
    pub app: Arc<App>,
    pub clock: Clock,
    runtime: tokio::runtime::Runtime,
    // Dropped last: the database goes when its connections are gone.
    pub scratch: Scratch,
}

/// Milliseconds of a local day and time in Shanghai.
pub fn at(day: &str, hhmm: &str) -> i64 {
    at_in(day, hhmm, chrono_tz::Asia::Shanghai)
}

pub fn at_in(day: &str, hhmm: &str, tz: Tz) -> i64 {
    zone::instant(zone::parse_day(day).expect("a day"), hhmm, tz).expect("a time")
}

pub fn open_app(scratch: &Scratch) -> (App, Clock) {
    let clock = Clock::test(at(FIRST_DAY, "07:00"));
    let mut app = App::open(Engine::config(scratch), clock.clone()).expect("the database opens");
    app.mailer = Mailer::memory();
    (app, clock)
}

/// A pool may still be opening a connection when it is dropped; a server's process would be gone with it.
fn wait_until_closed(config: &Config) {
    let started = std::time::Instant::now();
    let is_closed = || dialect::open(&config.location()).is_ok_and(|mut conn| dialect::fold(&mut conn).is_ok());
    while !is_closed() {
        assert!(started.elapsed().as_secs() < 30, "somebody keeps the database open");
        std::thread::yield_now();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

impl World {
    /// A world with the cast's workspace.
    pub fn new(engine: Engine) -> Self {
        Self::over(engine, engine.founded())
    }

    /// A world whose database is migrated and empty.
    pub fn bare(engine: Engine) -> Self {
        Self::over(engine, engine.empty())
    }

    /// A world with the cast's workspace, where time passes by itself.
    pub fn in_real_time(engine: Engine) -> Self {
        let scratch = engine.founded();
        let app = App::open(Engine::config(&scratch), Clock::system()).expect("the database opens");
        Self::around(engine, scratch, app, Clock::system())
    }

    fn over(engine: Engine, scratch: Scratch) -> Self {
        let (app, clock) = open_app(&scratch);
        Self::around(engine, scratch, app, clock)
    }

    /// Stops the server, lets `work` do what it likes with the data, and starts it again at the same time of day.
    pub fn while_stopped(self, work: impl FnOnce(&Config)) -> Self {
        let World { engine, app, clock, scratch, .. } = self;
        drop(app);
        wait_until_closed(&Engine::config(&scratch));
        work(&Engine::config(&scratch));
        Self::on(engine, scratch, clock)
    }

    /// A server on a database that somebody else filled.
    pub fn on(engine: Engine, scratch: Scratch, clock: Clock) -> Self {
        let mut app = App::open(Engine::config(&scratch), clock.clone()).expect("the database opens");
        app.mailer = Mailer::memory();
        Self::around(engine, scratch, app, clock)
    }

    /// The same server with other settings.
    pub fn with(self, change: impl FnOnce(&mut Config)) -> Self {
        let World { engine, mut app, clock, scratch, .. } = self;
        change(&mut Arc::get_mut(&mut app).expect("nobody else holds it").config);
        World { engine, cast: Cast::default(), app, clock, runtime: runtime(), scratch }
    }

    fn around(engine: Engine, scratch: Scratch, app: App, clock: Clock) -> Self {
        World { engine, cast: Cast::default(), app: Arc::new(app), clock, runtime: runtime(), scratch }
    }

    /// One more server on the same database, as a process of its own would be.
    pub fn another_server(&self) -> Arc<App> {
        self.another_server_with(|_| {})
    }

    /// The same with other settings.
    pub fn another_server_with(&self, change: impl FnOnce(&mut Config)) -> Arc<App> {
        let mut config = Engine::config(&self.scratch);
        change(&mut config);
        let mut app = App::open(config, self.clock.clone()).expect("the database opens");
        app.mailer = Mailer::memory();
        Arc::new(app)
    }

    pub fn now(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Moves the clock forward to a local time in Shanghai.
    pub fn move_to(&self, day: &str, hhmm: &str) {
        let by = at(day, hhmm) - self.now();
        assert!(by >= 0, "time only goes forward");
        self.clock.advance(by);
    }

    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// What the passing of time makes due, and then everything that is due.
    pub fn tick(&self) {
        self.block_on(async {
            ticker::tick(&self.app).await.expect("a tick");
            runner::drain(&self.app, "test").await.expect("the queue");
        });
    }

    /// Takes the next due job, as a runner of this name.
    pub fn claim(&self, runner: &'static str) -> Option<JobRow> {
        let now = self.now();
        self.app.door.upkeep(move |conn| queue::claim(conn, runner, Lane::All, now)).expect("the queue")
    }

    /// Says that a runner has done its job.
    pub fn finish(&self, row: &JobRow, runner: &'static str) {
        let row = row.clone();
        self.app.door.upkeep(move |conn| queue::finish(conn, &row, runner)).expect("a statement");
    }

    /// Runs what is due without asking the clock for more.
    pub fn drain(&self) -> usize {
        self.block_on(runner::drain(&self.app, "test")).expect("the queue")
    }

    pub fn read<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T, Stop>) -> T {
        self.app.db.read(work).expect("a read")
    }

    /// Changes the database behind the door's back, to see that a check notices.
    pub fn tamper(&self, sql: &str) {
        let statement = sql.to_owned();
        let run = move |conn: &mut AnyConnection| Ok(diesel::sql_query(statement).execute(conn)?);
        assert!(self.app.door.upkeep(run).expect("a statement") > 0, "{sql} found nothing");
        // Nobody told the server's memory.
        self.app.desk.forget(&self.cast.workspace);
    }

    /// The person as HTTP would see it at this moment: `None` when deactivated.
    pub fn actor(&self, user_id: &str, via: Via) -> Option<Actor> {
        let workspace_id = self.cast.workspace.clone();
        let person = self.read(|conn| team::person(conn, &workspace_id, user_id));
        person.active.then(|| Actor {
            role: person.role().expect("a role"),
            user_id: person.id,
            team_id: person.team_id,
            device_id: Some(format!("device of {user_id}")),
            workspace_id,
            via,
        })
    }

    /// One command of one person, as REST would send it.
    pub fn run(&self, user_id: &str, name: &str, args: Value) -> Result<Receipt, Code> {
        let actor = self.actor(user_id, Via::Rest).ok_or(Code::SessionRevoked)?;
        self.run_as(&actor, name, args)
    }

    /// One command of the system itself.
    pub fn system(&self, name: &str, args: Value) -> Result<Receipt, Code> {
        self.run_as(&Actor::system(&self.cast.workspace, Via::Job), name, args)
    }

    pub fn run_as(&self, actor: &Actor, name: &str, args: Value) -> Result<Receipt, Code> {
        let command = Command::parse(name, args).map_err(|refusal| refusal.code)?;
        match self.app.door.execute(actor, command, None) {
            Ok(receipt) => Ok(receipt),
            Err(Stop::Refused(refusal)) => Err(refusal.code),
            Err(stop) => panic!("{name}: {stop}"),
        }
    }

    /// What the database answers to a pull, without HTTP.
    pub fn pull_as(&self, actor: &Actor, request: &PullRequest) -> Result<Pulled, Stop> {
        let generation = self.app.door.feed.generation(&actor.workspace_id);
        let scope = self.app.db.read(|conn| scope::of(conn, actor))?;
        let reader = Reader { actor, scope: &scope, generation };
        self.app.db.read(|conn| self.app.desk.pull(conn, &reader, request, self.now()))
    }

    /// Mails that left, in order.
    pub fn mails(&self) -> Vec<Sent> {
        match &self.app.mailer {
            Mailer::Memory(sent) => sent.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            other => panic!("{other:?} keeps nothing"),
        }
    }
}
