//! Photos and documents on a buyer's card; their bytes are blobs.

use super::books::{FileRow, StoredFile};
use super::command::{CustomerFileAdd, CustomerFileDrop, CustomersCommand, load};
use super::find::sees;
use super::{papers, rules, store};
use crate::app::App;
use crate::door::{Tx, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::rooms::Command;
use crate::sync::blobs;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;

const FILES_MAX: usize = 50;

/// The row that names a file, for whoever cleans up files that nobody names.
pub(super) fn key(customer_id: &str) -> String {
    format!("customer_file/{customer_id}")
}

pub(super) fn add(tx: &mut Tx<'_>, args: &CustomerFileAdd) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let buyer = load(tx, &args.id)?;
    let (mime, size) = blobs::known(tx.conn(), workspace_id, &args.sha256)?;
    let known = papers::files_of(tx.conn(), workspace_id, &[&buyer.id])?;
    if known.iter().any(|file| file.sha256 == args.sha256) {
        return Ok(());
    }
    if known.len() >= FILES_MAX {
        return Err(Code::TooMany.into());
    }
    let row = FileRow {
        workspace_id: workspace_id.into(),
        customer_id: buyer.id.clone(),
        sha256: args.sha256.clone(),
        name: rules::typed(&args.name, rules::WORD_MAX)?,
        mime,
        size,
        author_id: tx.actor().user_id.clone(),
        at: tx.happened_at(),
    };
    papers::put_file(tx, &row)?;
    blobs::name(tx, &row.sha256, &key(&buyer.id))
}

pub(super) fn drop(tx: &mut Tx<'_>, args: &CustomerFileDrop) -> Result<(), Stop> {
    let buyer = load(tx, &args.id)?;
    papers::drop_file(tx, &buyer.id, &args.file_id)?;
    blobs::unname(tx, &args.file_id, &key(&buyer.id))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct Upload {
    /// What people call it.
    pub name: String,
}

/// Puts a photo or a PDF (the body, 8 MiB at most) on a buyer's card; the same file again changes nothing.
#[utoipa::path(tag = "commands", params(("id" = String, Path), Upload), security(("bearer" = [])),
    request_body(content_type = "application/octet-stream"), responses((status = 200, body = StoredFile),
    (status = 410, body = ProblemBody), (status = 413, body = ProblemBody), (status = 415, body = ProblemBody)))]
#[post("/api/v1/customers/{id}/files")]
pub async fn upload(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    query: web::Query<Upload>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let body = blobs::body(body)?;
    let mime = blobs::mime(&request);
    let actor = caller.actor(Via::Rest);
    let file = blocking(move || {
        let (id, Upload { name }, sha256) = (path.into_inner(), query.into_inner(), blobs::name_of(&body));
        blobs::check(&sha256, &mime, &body)?;
        let (workspace_id, user_id, now) = (actor.workspace_id.clone(), actor.user_id.clone(), app.door.clock.now_ms());
        let blob = sha256.clone();
        app.door.upkeep(move |conn| blobs::store(conn, &workspace_id, &user_id, &blob, &mime, &body, now))?;
        let command = CustomersCommand::CustomerFileAdd(CustomerFileAdd { id: id.clone(), sha256: sha256.clone(), name });
        app.door.execute(&actor, Command::Customers(command), None)?;
        let files = app.db.read(|conn| papers::files_of(conn, &actor.workspace_id, &[&id]))?;
        files.iter().find(|file| file.sha256 == sha256).map(FileRow::wire).ok_or_else(|| Code::Gone.into())
    })
    .await?;
    Ok(HttpResponse::Ok().json(file))
}

/// The bytes of a file on a buyer's card.
#[utoipa::path(tag = "reads", params(("id" = String, Path), ("file_id" = String, Path)), security(("bearer" = [])), responses(
    (status = 200, description = "The bytes", content_type = "application/octet-stream"), (status = 404, body = ProblemBody)))]
#[get("/api/v1/customers/{id}/files/{file_id}")]
pub async fn read(app: web::Data<App>, caller: Caller, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let (mime, bytes) = blocking(move || {
        let (id, file_id) = path.into_inner();
        app.db.read(|conn| {
            let row = store::find(conn, &actor.workspace_id, &id)?.filter(|row| sees(&actor, &row.team_id));
            let row = row.ok_or(Stop::from(Code::NotFound))?;
            let files = papers::files_of(conn, &actor.workspace_id, &[&row.id])?;
            let file = files.into_iter().find(|file| file.sha256 == file_id).ok_or(Stop::from(Code::NotFound))?;
            Ok((file.mime, blobs::bytes(conn, &actor.workspace_id, &file.sha256)?))
        })
    })
    .await?;
    let attachment = (header::CONTENT_DISPOSITION, "attachment");
    Ok(HttpResponse::Ok().content_type(mime).insert_header(attachment).body(bytes))
}
