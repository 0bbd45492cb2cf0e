//! The sync endpoints.

use super::pull::{Pulled, Reader};
use super::wire::{PullReply, PullRequest, PushReply, PushRequest};
use super::{blobs, events, push, scope};
use crate::app::App;
use crate::door::Via;
use crate::http::problem::Problem;
use crate::http::{Caller, Json, blocking};
use crate::kit::refusal::Stop;
use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, get, post, put, web};
use bytes::Bytes;

/// Applies a phone's queue: Replicache push v1, with an optional `uid` per mutation.
#[utoipa::path(tag = "sync", request_body = PushRequest, security(("bearer" = [])), responses(
    (status = 200, description = "Processed; also errors that clients act upon", body = PushReply),
    (status = 403, description = "Client group of another user"),
    (status = 503, description = "More is left, or busy: send the rest again after Retry-After", body = PushReply)))]
#[post("/api/sync/push")]
pub async fn push_http(app: web::Data<App>, caller: Caller, body: Json<PushRequest>) -> Result<HttpResponse, Problem> {
    let Json(request) = body;
    let reply = push::push(&app.door, &caller.actor(Via::Push), request).await?;
    let more = matches!(&reply, PushReply::Results { more: true, .. });
    Ok(if more {
        HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "1")).json(reply)
    } else {
        HttpResponse::Ok().json(reply)
    })
}

/// Brings a phone's view up to date: Replicache pull v1, with `now` and sometimes `check`.
#[utoipa::path(tag = "sync", request_body = PullRequest, security(("bearer" = [])), responses(
    (status = 200, description = "A patch; also errors that clients act upon", body = PullReply),
    (status = 403, description = "Client group of another user")))]
#[post("/api/sync/pull")]
pub async fn pull_http(app: web::Data<App>, caller: Caller, body: Json<PullRequest>) -> Result<HttpResponse, Problem> {
    let Json(request) = body;
    let now = app.door.clock.now_ms();
    let actor = caller.actor(Via::Push);
    let known = app.desk.from_memory(&caller.reader(&actor), &request, now);
    let pieces = match known {
        Some(reply) => encode(&reply)?,
        None => blocking(move || encode(&pull_or_move_epoch(&app, &caller.reader(&actor), &request, now)?)).await?,
    };
    let mut answer = HttpResponse::Ok();
    answer.content_type(ContentType::json());
    if let [whole] = pieces.as_slice() {
        return Ok(answer.body(whole.clone()));
    }
    let size = pieces.iter().map(|piece| piece.len() as u64).sum();
    let pieces = futures_util::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    Ok(answer.body(SizedStream::new(size, pieces)))
}

fn encode(reply: &PullReply) -> Result<Vec<Bytes>, Stop> {
    match reply {
        PullReply::Patch(patch) => patch.encode(),
        PullReply::Error(_) => Ok(vec![serde_json::to_vec(reply)?.into()]),
    }
}

fn pull_or_move_epoch(app: &App, reader: &Reader<'_>, request: &PullRequest, now: i64) -> Result<PullReply, Stop> {
    let once = || app.db.read(|conn| app.desk.pull(conn, reader, request, now));
    match once()? {
        Pulled::Reply(reply) => Ok(reply),
        Pulled::SilentRestore => {
            let workspace_id = &reader.actor.workspace_id;
            tracing::error!(workspace_id, "a cookie is newer than the database: restored without telling; moving the epoch");
            app.door.move_epoch(workspace_id)?;
            app.desk.forget(workspace_id);
            match once()? {
                Pulled::Reply(reply) => Ok(reply),
                Pulled::SilentRestore => Err(Stop::Busy("the epoch is moving".into())),
            }
        }
    }
}

/// Live pokes (server-sent events): pull soon.
#[utoipa::path(tag = "sync", security(("bearer" = [])), responses((status = 200, description = "Event `poke`, data `{\"order\": number}`", content_type = "text/event-stream")))]
#[get("/api/sync/events")]
pub async fn events_http(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    let stream = events::stream(&app.door, app.db.clone(), &caller);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream))
}

/// Stores a file under its SHA-256. Repeating it changes nothing.
#[utoipa::path(tag = "sync", params(("sha256" = String, Path)), security(("bearer" = [])),
    request_body(content = Vec<u8>, content_type = "image/jpeg"), responses(
    (status = 201, description = "Stored"), (status = 200, description = "Was there already"),
    (status = 413, description = "Over 8 MiB"), (status = 415, description = "Not an image or PDF"),
    (status = 422, description = "The bytes do not hash to the name")))]
#[put("/api/blobs/{sha256}")]
pub async fn put_blob(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    request: actix_web::HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let body = blobs::body(body)?;
    let mime = blobs::mime(&request);
    let sha256 = path.into_inner();
    blobs::check(&sha256, &mime, &body).map_err(Stop::from)?;
    let actor = caller.actor(Via::Rest);
    let now = app.door.clock.now_ms();
    let new = blocking(move || {
        app.door.upkeep(move |conn| blobs::store(conn, &actor.workspace_id, &actor.user_id, &sha256, &mime, &body, now))
    })
    .await?;
    Ok(if new { HttpResponse::Created().finish() } else { HttpResponse::Ok().finish() })
}

/// Reads a file that some row in the caller's view names.
#[utoipa::path(tag = "sync", params(("sha256" = String, Path)), security(("bearer" = [])), responses(
    (status = 200, description = "The bytes", content_type = "application/octet-stream"),
    (status = 404, description = "Not there, or not for you"), (status = 422, description = "No SHA-256")))]
#[get("/api/blobs/{sha256}")]
pub async fn get_blob(app: web::Data<App>, caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let sha256 = path.into_inner();
    blobs::check_name(&sha256).map_err(Stop::from)?;
    let actor = caller.actor(Via::Rest);
    let (mime, bytes) = blocking(move || {
        app.db.read(|conn| {
            let scope = scope::of(conn, &actor)?;
            blobs::read(conn, &actor.workspace_id, &actor.user_id, &scope.buckets, &sha256)
        })
    })
    .await?;
    Ok(HttpResponse::Ok()
        .content_type(mime)
        .insert_header((header::CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment"))
        .body(bytes))
}
