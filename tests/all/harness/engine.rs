//! The two databases under test. Each world gets its own copy of a template that was migrated and filled once per run.

use super::cast::Cast;
use super::world;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use dutyboard::config::{Config, ImapOptions, MailLimits};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A setting of the test run itself.
#[allow(clippy::disallowed_methods, reason = "tests are configured by their environment; this is the one place that reads it")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The superuser's URL of the throw-away cluster.
pub fn cluster() -> String {
    setting("DUTYBOARD_TEST_PG").expect(
        "DUTYBOARD_TEST_PG is not set: start a throw-away Postgres with `export DUTYBOARD_TEST_PG=$(tests/postgres.sh start FOLDER)`, \
         run everything through tests/run, or leave Postgres out on purpose with DUTYBOARD_TEST_ENGINES=sqlite",
    )
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (head, query) = url.split_once('?').map_or((url, String::new()), |(head, query)| (head, format!("?{query}")));
    let authority = head.find("://").expect("a URL") + 3;
    let end = head[authority..].find('/').map_or(head.len(), |at| authority + at);
    format!("{}/{name}{query}", &head[..end])
}

fn admin(sql: &str) {
    // One at a time: a template must not be copied and connected to at once.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut conn = PgConnection::establish(&cluster()).expect("the Postgres of DUTYBOARD_TEST_PG answers");
    conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// What a server sees of a Postgres that restarts: every connection is gone, and the next one works.
pub fn cut_connections(scratch: &Scratch) {
    let name = scratch.database.as_ref().expect("a Postgres");
    admin(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
}

/// A database that lives as long as this value.
pub struct Scratch {
    pub dir: tempfile::TempDir,
    pub database: Option<String>,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(name) = &self.database {
            admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// In memory where possible: the server syncs every commit, and these are not worth a disk's time.
pub fn temp_dir() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::Builder::new().prefix("dutyboard-test.").tempdir_in(place).expect("a temporary folder")
}

impl Engine {
    /// Runs a test on this engine, unless the run leaves it out on purpose.
    pub fn run(self, test: impl FnOnce(Engine)) {
        let wanted = setting("DUTYBOARD_TEST_ENGINES").is_none_or(|names| names.split(',').any(|name| name == self.name()));
        if wanted {
            let started = std::time::Instant::now();
            test(self);
            eprintln!("took {} ms", started.elapsed().as_millis());
        } else {
            eprintln!("left out by DUTYBOARD_TEST_ENGINES");
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }

    /// An empty database, not migrated yet.
    pub fn empty(self) -> Scratch {
        let database = (self == Engine::Postgres).then(|| format!("d_{}", dutyboard::kit::ids::fresh().replace('-', "")));
        if let Some(name) = &database {
            admin(&format!("CREATE DATABASE {name} TEMPLATE template0"));
        }
        Scratch { dir: temp_dir(), database }
    }

    /// A database with the cast's workspace in it.
    pub fn founded(self) -> Scratch {
        match self {
            Engine::Sqlite => {
                static FILE: OnceLock<Vec<u8>> = OnceLock::new();
                let bytes = FILE.get_or_init(|| {
                    let scratch = fill(self);
                    std::fs::read(sqlite_file(scratch.dir.path())).expect("the template file")
                });
                let dir = temp_dir();
                std::fs::write(sqlite_file(dir.path()), bytes).expect("a copy of the template");
                Scratch { dir, database: None }
            }
            Engine::Postgres => {
                // Kept for the whole run; the cluster is thrown away with it.
                static TEMPLATE: OnceLock<Scratch> = OnceLock::new();
                let template = TEMPLATE.get_or_init(|| fill(self)).database.as_ref().expect("a name");
                let name = format!("w_{}", dutyboard::kit::ids::fresh().replace('-', ""));
                admin(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
                Scratch { dir: temp_dir(), database: Some(name) }
            }
        }
    }

    /// Settings of a server on this database.
    pub fn config(scratch: &Scratch) -> Config {
        Config {
            listen: "127.0.0.1:0".into(),
            data: scratch.dir.path().to_owned(),
            database_url: scratch.database.as_ref().map(|name| with_database(&cluster(), name)),
            public_url: "http://desk.example".into(),
            smtp_url: None,
            smtp_user: None,
            smtp_password: None,
            smtp_ca: None,
            smtp_timeout: 30,
            mail_from: "Desk <desk@example.com>".into(),
            mail_limits: MailLimits::default(),
            maildir: None,
            imap: ImapOptions::default(),
            jwt_key: Some("a secret of the tests, long enough for a key".into()),
            trust_proxy: false,
            client: None,
            workers: 1,
            nightly: dutyboard::config::Nightly::without_backups(),
            readers: 3,
            purpose: dutyboard::db::Purpose::Write,
            demo: false,
        }
    }
}

fn sqlite_file(dir: &Path) -> PathBuf {
    dir.join("dutyboard.sqlite")
}

/// Migrates and fills an empty database. No connection may be left over: a copy must be whole.
fn fill(engine: Engine) -> Scratch {
    let scratch = engine.empty();
    let (app, clock) = world::open_app(&scratch);
    Cast::found(&app, &clock);
    drop(app);
    match &scratch.database {
        Some(_) => cut_connections(&scratch),
        None => {
            let path = sqlite_file(scratch.dir.path());
            let mut conn = diesel::SqliteConnection::establish(&path.to_string_lossy()).expect("the template");
            conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("a whole file");
        }
    }
    scratch
}
