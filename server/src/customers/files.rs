//! Photos and documents on a buyer's card: their bytes are blobs, which phones put first.

use super::books::FileRow;
use super::command::{CustomerFileAdd, CustomerFileDrop, load};
use super::find::sees;
use super::{papers, rules, store};
use crate::app::App;
use crate::door::{Tx, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::sync::blobs;
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};

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
