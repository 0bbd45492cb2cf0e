//! An import as the page does it. The file is sent twice: once to look at, once to bring in. Nothing is kept between the two, so
//! any process may answer, and what breaks off is done again.

use super::ahead::Import;
use super::{Fault, ImportRow, layouts, read, recognise};
use crate::app::App;
use crate::customers::{mask, papers};
use crate::db::AnyConnection;
use crate::door::{Access, Actor, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, blocking};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::team;
use actix_web::http::header::ContentEncoding;
use actix_web::{HttpResponse, post, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, Seek, Write};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

/// The largest file (bytes).
const SIZE_MAX: usize = 512 << 20;
/// Written to the disk at once.
const PIECE: usize = 1 << 20;
/// Nothing for so long, and the sender is gone.
const SILENCE: Duration = Duration::from_secs(30);
const SAMPLES: usize = 5;
/// Parts on the way at once: one is stored while the next is read, and people's own changes come between them.
const AHEAD: usize = 1;
/// Lines that may wait for a slow reader.
const LINES: usize = 64;
/// Files that are read at the same time.
static DESKS: Semaphore = Semaphore::const_new(2);

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct Target {
    pub team_id: String,
    pub shop_id: Option<String>,
}

/// A row of the file as it is understood; the phone is masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ImportSample {
    pub nick: String,
    pub name: String,
    pub phone: String,
    pub order: Option<String>,
    pub title: String,
}

/// The known export that a file is most like, and the columns that differ.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Nearest {
    pub layout: &'static str,
    pub missing: Vec<String>,
    pub extra: Vec<String>,
}

/// A row that is left out: its line in the file, and what is wrong with it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ImportFault {
    pub line: u64,
    pub what: &'static str,
}

/// What a file holds: either a known `layout`, or the `nearest` one.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ImportPreview {
    pub layout: Option<&'static str>,
    pub nearest: Option<Nearest>,
    /// The columns, as the cells of a row that is left out stand.
    pub headers: Vec<String>,
    pub rows: u64,
    pub faults: u64,
    pub sample: Vec<ImportSample>,
    pub first_faults: Vec<ImportFault>,
}

/// A line of the answer to an import.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub enum ImportEvent {
    /// So many rows are read, so many of them left out.
    Progress {
        rows: u64,
        faults: u64,
    },
    Fault {
        fault: LeftOut,
    },
    Done {
        done: ImportDone,
    },
    Stopped {
        stopped: Code,
    },
}

/// A row that was left out, whole.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct LeftOut {
    pub line: u64,
    pub what: &'static str,
    pub cells: Vec<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ImportDone {
    pub layout: &'static str,
    pub rows: u64,
    pub faults: u64,
    pub new_buyers: i64,
    pub new_orders: i64,
}

/// Looks at a file (the body) and changes nothing. Supervisors.
#[utoipa::path(tag = "reads", security(("bearer" = [])), request_body(content_type = "application/octet-stream"),
    responses((status = 200, body = ImportPreview), (status = 403, body = ProblemBody), (status = 413, description = "Over 512 MiB", body = ProblemBody),
    (status = 415, description = "No sheet", body = ProblemBody)))]
#[post("/api/v1/imports/preview")]
pub async fn preview(app: web::Data<App>, caller: Caller, body: web::Payload) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let _desk = desk()?;
    let actor = caller.actor(Via::Rest);
    let file = spool(&app, body).await?;
    let preview = blocking(move || {
        let zone = app.db.read(|conn| team::zone(conn, &actor.workspace_id))?;
        look(file, zone)
    })
    .await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// Brings the buyers and orders of a file (the body) in. Answers with one JSON line after the other: how far it is, each row
/// that is left out, and in the end what was new. Whoever goes away stops it; the same file again changes nothing. Supervisors.
#[utoipa::path(tag = "commands", params(Target), security(("bearer" = [])), request_body(content_type = "application/octet-stream"),
    responses((status = 200, body = ImportEvent, content_type = "application/x-ndjson"), (status = 403, body = ProblemBody),
    (status = 413, description = "Over 512 MiB", body = ProblemBody)))]
#[post("/api/v1/imports")]
pub async fn bring_in(
    app: web::Data<App>,
    caller: Caller,
    target: web::Query<Target>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let actor = caller.actor(Via::Rest);
    if !actor.oversees(&target.team_id) {
        return Err(Stop::from(Code::NotInTeam).into());
    }
    let desk = desk()?;
    let file = spool(&app, body).await?;
    let (tell, told) = mpsc::channel(LINES);
    let work = Work { app, actor, target: target.into_inner(), tell };
    actix_web::rt::task::spawn_blocking(move || {
        let _desk = desk;
        let last = match work.run(file) {
            Ok(done) => ImportEvent::Done { done },
            Err(Stop::Refused(refusal)) => ImportEvent::Stopped { stopped: refusal.code },
            Err(Stop::Busy(_)) => ImportEvent::Stopped { stopped: Code::Unavailable },
            Err(Stop::Full(_)) => ImportEvent::Stopped { stopped: Code::StorageFull },
            Err(Stop::Fault(error)) => {
                tracing::error!(error, "import");
                ImportEvent::Stopped { stopped: Code::Internal }
            }
        };
        // Whoever left does not hear it.
        let _ = work.say(&last);
    });
    let lines = futures_util::stream::unfold(told, async |mut told: mpsc::Receiver<Bytes>| {
        told.recv().await.map(|line| (Ok::<_, actix_web::Error>(line), told))
    });
    // Packed, the lines would wait for each other.
    let answer =
        HttpResponse::Ok().content_type("application/x-ndjson").insert_header(ContentEncoding::Identity).streaming(lines);
    Ok(answer)
}

fn desk() -> Result<SemaphorePermit<'static>, Problem> {
    DESKS.try_acquire().map_err(|_| Stop::Busy("other files are being read".into()).into())
}

/// Puts the body into a file without a name, which is gone with its last user.
async fn spool(app: &App, mut body: web::Payload) -> Result<File, Problem> {
    let mut file = tempfile::tempfile_in(&app.config.data).map_err(Stop::fault)?;
    let (mut piece, mut size) = (BytesMut::new(), 0);
    loop {
        let next = tokio::time::timeout(SILENCE, body.next());
        let next = next.await.map_err(|_| Stop::from(Refusal::because(Code::BadRequest, "the body took too long")))?;
        let is_end = next.is_none();
        if let Some(bytes) = next {
            let bytes = bytes.map_err(|error| Stop::from(Refusal::because(Code::BadRequest, error.to_string())))?;
            size += bytes.len();
            piece.extend_from_slice(&bytes);
        }
        if size > SIZE_MAX {
            return Err(Stop::from(Code::TooLarge).into());
        }
        if piece.len() >= PIECE || is_end {
            let full = piece.split().freeze();
            file = web::block(move || file.write_all(&full).map(|()| file)).await.map_err(Stop::fault)?.map_err(Stop::fault)?;
        }
        if is_end {
            file.rewind().map_err(Stop::fault)?;
            return Ok(file);
        }
    }
}

fn look(file: File, zone: chrono_tz::Tz) -> Result<ImportPreview, Stop> {
    let mut file = BufReader::new(file);
    let (headers, layout) = recognise(&mut file)?;
    if let Err(layouts::Unknown { nearest, missing, extra }) = layout {
        let nearest = Some(Nearest { layout: nearest, missing, extra });
        return Ok(ImportPreview { nearest, headers, ..ImportPreview::default() });
    }
    let (mut sample, mut first_faults) = (Vec::new(), Vec::new());
    let mut take = |rows: Vec<ImportRow>| {
        let room = SAMPLES.saturating_sub(sample.len());
        sample.extend(rows.into_iter().take(room).map(shown));
        Ok(())
    };
    let mut keep = |fault: Fault| {
        if first_faults.len() < SAMPLES {
            first_faults.push(ImportFault { line: fault.line, what: fault.what });
        }
        Ok(())
    };
    let summary = read(file, zone, &mut take, &mut keep)?;
    let (layout, rows, faults) = (Some(summary.layout), summary.rows, summary.faults);
    Ok(ImportPreview { layout, nearest: None, headers, rows, faults, sample, first_faults })
}

fn shown(row: ImportRow) -> ImportSample {
    let (order, title) = row.order.map_or((None, String::new()), |order| (Some(order.number), order.title));
    ImportSample { nick: row.nick, name: row.name, phone: mask::phone(&row.phone), order, title }
}

/// One import under way.
struct Work {
    app: web::Data<App>,
    actor: Actor,
    target: Target,
    tell: mpsc::Sender<Bytes>,
}

impl Work {
    fn run(&self, file: File) -> Result<ImportDone, Stop> {
        let workspace_id = self.actor.workspace_id.as_str();
        let counts = |conn: &mut AnyConnection| papers::counts(conn, workspace_id);
        let (zone, before) = self.app.db.read(|conn| Ok((team::zone(conn, workspace_id)?, counts(conn)?)))?;
        let so_far = RefCell::new((0, 0));
        let mut arrived = |rows: u64| {
            so_far.borrow_mut().0 += rows;
            let (good, faults) = *so_far.borrow();
            self.say(&ImportEvent::Progress { rows: good + faults, faults })
        };
        let mut keep = |fault: Fault| {
            so_far.borrow_mut().1 += 1;
            let Fault { line, what, cells } = fault;
            self.say(&ImportEvent::Fault { fault: LeftOut { line, what, cells } })
        };
        let (team_id, shop_id) = (self.target.team_id.as_str(), self.target.shop_id.as_deref());
        let import = Import { door: &self.app.door, actor: &self.actor, team_id, shop_id, ahead: AHEAD };
        let summary = import.run(BufReader::new(file), zone, &mut arrived, &mut keep)?;
        let after = self.app.db.read(counts)?;
        Ok(ImportDone {
            layout: summary.layout,
            rows: summary.rows,
            faults: summary.faults,
            new_buyers: after.0 - before.0,
            new_orders: after.1 - before.1,
        })
    }

    fn say(&self, event: &ImportEvent) -> Result<(), Stop> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.tell.blocking_send(line.into()).map_err(|_| Stop::Busy("nobody waits for it any more".into()))
    }
}
