//! The sync endpoints.

use super::pull::Pulled;
use super::wire::{PullReply, PullRequest, PushReply, PushRequest};
use super::{blobs, events, pull, push, scope};
use crate::app::App;
use crate::http::problem::Problem;
use crate::http::{Caller, Json, blocking};
use crate::kit::refusal::{Code, Refusal, Stop};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, get, post, put, web};

/// Applies a phone's queue: Replicache push v1, with an optional `uid` per mutation.
#[utoipa::path(tag = "sync", request_body = PushRequest, security(("bearer" = [])), responses(
    (status = 200, description = "Processed; also errors that clients act upon", body = PushReply),
    (status = 403, description = "Client group of another user"),
    (status = 503, description = "More is left, or busy: send the rest again after Retry-After", body = PushReply)))]
#[post("/api/sync/push")]
pub async fn push_http(app: web::Data<App>, caller: Caller, body: Json<PushRequest>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(crate::door::Via::Push);
    let door = app.door.clone();
    let reply = blocking(move || push::push(&door, &actor, &body)).await?;
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
    let actor = caller.actor(crate::door::Via::Push);
    let reply = blocking(move || pull_or_move_epoch(&app, &actor, &body)).await?;
    Ok(HttpResponse::Ok().json(reply))
}

fn pull_or_move_epoch(app: &App, actor: &crate::door::Actor, request: &PullRequest) -> Result<PullReply, Stop> {
    let now = app.door.clock.now_ms();
    let once = || app.db.read(|conn| pull::pull(conn, &app.signer, actor, request, now));
    match once()? {
        Pulled::Reply(reply) => Ok(reply),
        Pulled::SilentRestore => {
            tracing::error!(
                workspace = actor.workspace_id,
                "a cookie is newer than the database: restored without telling; moving the epoch"
            );
            app.door.move_epoch(&actor.workspace_id)?;
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
    let stream = events::stream(&app.door.bus, app.db.clone(), caller.actor(crate::door::Via::Push)).await?;
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
    let body = body.map_err(|error| {
        let code = if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE {
            Code::TooLarge
        } else {
            Code::BadRequest
        };
        Stop::from(Refusal::because(code, error.to_string()))
    })?;
    let mime = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let sha256 = path.into_inner();
    blobs::check(&sha256, &mime, &body).map_err(Stop::from)?;
    let actor = caller.actor(crate::door::Via::Rest);
    let now = app.door.clock.now_ms();
    let new = blocking(move || {
        app.door.upkeep(|conn| blobs::store(conn, &actor.workspace_id, &actor.user_id, &sha256, &mime, &body, now))
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
    let actor = caller.actor(crate::door::Via::Rest);
    let (mime, bytes) = blocking(move || {
        app.db.read(|conn| {
            let buckets: Vec<String> = scope::of(conn, &actor)?.into_iter().collect();
            blobs::read(conn, &actor.workspace_id, &actor.user_id, &buckets, &sha256)
        })
    })
    .await?;
    Ok(HttpResponse::Ok()
        .content_type(mime)
        .insert_header((header::CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment"))
        .body(bytes))
}
