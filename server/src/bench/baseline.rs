//! What the server is compared with: the least that any server on the same libraries has to do for the same bytes.

use super::group_commit::{self, Commits};
use crate::config::location;
use crate::db::{AnyConnection, Purpose, dialect};
use crate::kit::refusal::Stop;
use actix_web::{HttpResponse, HttpServer, web};
use bytes::Bytes;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// As the server.
const WORKERS: usize = 2;
const CONNECTIONS: u32 = 4;
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Rows in the baselines' table, and their size.
pub const ROWS: usize = 10_000;
const ROW_BYTES: usize = 400;
/// Pokes that a slow listener may be behind.
const POKES: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// A handler that answers from memory.
    Floor,
    /// The same with one indexed read through the blocking pool, from SQLite.
    FloorDb,
    /// The same from Postgres.
    FloorDbPostgres,
    /// The same with one row written to SQLite, answered after a commit that takes everything waiting.
    FloorSqlite,
    /// Server-sent events: what is posted goes to all who listen.
    FloorSse,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Floor => "floor",
            Kind::FloorDb => "floor-db",
            Kind::FloorDbPostgres => "floor-db-postgres",
            Kind::FloorSqlite => "floor-sqlite",
            Kind::FloorSse => "floor-sse",
        }
    }

    /// How reports name it.
    pub fn label(self) -> String {
        self.as_str().replacen('-', ":", 1)
    }
}

#[derive(Debug, clap::Args)]
pub struct Options {
    #[arg(long)]
    kind: Kind,
    #[arg(long)]
    listen: SocketAddr,
    /// The answer's body
    #[arg(long)]
    body: PathBuf,
    #[arg(long)]
    data: PathBuf,
    #[arg(long, env = "DUTYBOARD_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

diesel::table! {
    bench_row (id) {
        id -> BigInt,
        body -> Text,
    }
}

/// Runs one baseline until it is killed.
///
/// # Errors
/// `Fault` when the address or the database cannot be had.
pub async fn run(options: Options) -> Result<(), Stop> {
    let body = Bytes::from(std::fs::read(&options.body).map_err(Stop::fault)?);
    match options.kind {
        Kind::Floor => serve(options.listen, move |routes| {
            let body = body.clone();
            routes.default_service(web::post().to(move |_: Bytes| std::future::ready(json(body.clone()))));
        }),
        Kind::FloorDb | Kind::FloorDbPostgres => {
            let pool = pool(&options)?;
            serve(options.listen, move |routes| {
                let (pool, body) = (pool.clone(), body.clone());
                routes.default_service(web::post().to(move |_: Bytes| read_first(pool.clone(), body.clone())));
            })
        }
        Kind::FloorSqlite => {
            let commits = group_commit::start(fill(&options)?);
            serve(options.listen, move |routes| {
                let (commits, body) = (commits.clone(), body.clone());
                routes.default_service(web::post().to(move |row: Bytes| write_first(commits.clone(), row, body.clone())));
            })
        }
        Kind::FloorSse => {
            let (sender, _) = broadcast::channel::<Bytes>(POKES);
            serve(options.listen, move |routes| {
                let (poke, listen) = (sender.clone(), sender.clone());
                routes.route("/api/sync/events", web::get().to(move || std::future::ready(events(listen.subscribe()))));
                // Nobody listening is fine.
                routes.default_service(web::post().to(move |event: Bytes| std::future::ready(json(told(&poke, event)))));
            })
        }
    }?
    .await
    .map_err(Stop::fault)
}

fn serve(
    listen: SocketAddr,
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> Result<actix_web::dev::Server, Stop> {
    let app = move || {
        let routes = routes.clone();
        actix_web::App::new().route("/readyz", web::get().to(HttpResponse::Ok)).configure(move |config| routes(config))
    };
    let server = HttpServer::new(app).workers(WORKERS).keep_alive(KEEP_ALIVE).disable_signals();
    Ok(server.bind(listen).map_err(Stop::fault)?.run())
}

fn json(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body)
}

fn told(poke: &broadcast::Sender<Bytes>, event: Bytes) -> Bytes {
    let heard = poke.send(event).unwrap_or(0);
    Bytes::from(heard.to_string())
}

fn events(listener: broadcast::Receiver<Bytes>) -> HttpResponse {
    let stream = futures_util::stream::unfold((listener, false), |(mut listener, greeted)| async move {
        if !greeted {
            return Some((Ok::<_, std::io::Error>(Bytes::from_static(b": hello\n\n")), (listener, true)));
        }
        loop {
            match listener.recv().await {
                Ok(event) => return Some((Ok(event), (listener, true))),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    HttpResponse::Ok().content_type("text/event-stream").streaming(stream)
}

async fn read_first(pool: Pool<Reading>, body: Bytes) -> HttpResponse {
    let read = move || {
        let mut conn = pool.get().map_err(Stop::fault)?;
        let row: String = bench_row::table.find(ROWS as i64 / 2).select(bench_row::body).get_result(&mut *conn)?;
        Ok::<_, Stop>(row)
    };
    match web::block(read).await {
        Ok(Ok(_)) => json(body),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

async fn write_first(commits: Commits, row: Bytes, body: Bytes) -> HttpResponse {
    if commits.write(row).await { json(body) } else { HttpResponse::InternalServerError().finish() }
}

#[derive(Clone)]
struct Reading {
    database_url: Option<String>,
    data: PathBuf,
}

impl ManageConnection for Reading {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        let location = location(self.database_url.as_deref(), &self.data);
        let mut conn = dialect::open(&location).map_err(diesel::r2d2::Error::ConnectionError)?;
        dialect::prepare(&mut conn, Purpose::Read).map_err(diesel::r2d2::Error::QueryError)?;
        Ok(conn)
    }

    fn is_valid(&self, _: &mut AnyConnection) -> Result<(), Self::Error> {
        Ok(())
    }

    fn has_broken(&self, _: &mut AnyConnection) -> bool {
        false
    }
}

fn pool(options: &Options) -> Result<Pool<Reading>, Stop> {
    drop(fill(options)?);
    let reading = Reading { database_url: options.database_url.clone(), data: options.data.clone() };
    Pool::builder().max_size(CONNECTIONS).test_on_check_out(false).build(reading).map_err(Stop::fault)
}

/// A connection to a fresh table with rows in it.
fn fill(options: &Options) -> Result<AnyConnection, Stop> {
    std::fs::create_dir_all(&options.data).map_err(Stop::fault)?;
    let mut conn = dialect::open(&location(options.database_url.as_deref(), &options.data)).map_err(Stop::fault)?;
    dialect::prepare(&mut conn, Purpose::Write)?;
    conn.transaction(|conn| {
        diesel::sql_query("DROP TABLE IF EXISTS bench_row").execute(conn)?;
        diesel::sql_query("CREATE TABLE bench_row (id BIGINT PRIMARY KEY, body TEXT NOT NULL)").execute(conn)?;
        let body = "x".repeat(ROW_BYTES);
        for id in 0..ROWS as i64 {
            let row = (bench_row::id.eq(id), bench_row::body.eq(&body));
            diesel::insert_into(bench_row::table).values(row).execute(conn)?;
        }
        Ok::<_, Stop>(())
    })?;
    Ok(conn)
}
