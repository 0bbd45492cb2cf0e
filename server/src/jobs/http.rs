//! Dead letters, for the owner.

use super::queue;
use crate::app::App;
use crate::door::{Access, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, blocking};
use actix_web::{HttpResponse, delete, get, post, web};
use serde::Serialize;

/// A job that failed for good. Instants in UTC ms.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeadLetter {
    pub id: String,
    pub kind: String,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: i64,
}

/// Jobs that failed for good, newest first.
#[utoipa::path(tag = "jobs", security(("bearer" = [])), responses((status = 200, body = [DeadLetter]), (status = 403, body = ProblemBody)))]
#[get("/api/v1/jobs/dead")]
pub async fn dead(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.must(Access::Owner)?;
    let actor = caller.actor(Via::Rest);
    let rows = blocking(move || app.db.read(|conn| queue::dead(conn, &actor.workspace_id))).await?;
    let wire = |row: queue::JobRow| DeadLetter {
        id: row.id,
        kind: row.kind,
        attempts: row.attempts,
        last_error: row.last_error,
        created_at: row.created_at,
    };
    Ok(HttpResponse::Ok().json(rows.into_iter().map(wire).collect::<Vec<_>>()))
}

/// Tries a dead letter again from the start.
#[utoipa::path(tag = "jobs", params(("id" = String, Path)), security(("bearer" = [])), responses((status = 204),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/api/v1/jobs/{id}/retry")]
pub async fn retry(app: web::Data<App>, caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    caller.must(Access::Owner)?;
    let (actor, id) = (caller.actor(Via::Rest), path.into_inner());
    blocking(move || {
        let now = app.door.clock.now_ms();
        app.door.upkeep(move |conn| queue::revive(conn, &actor.workspace_id, &id, now))
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a dead letter up.
#[utoipa::path(tag = "jobs", params(("id" = String, Path)), security(("bearer" = [])), responses((status = 204),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[delete("/api/v1/jobs/{id}")]
pub async fn bury(app: web::Data<App>, caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    caller.must(Access::Owner)?;
    let (actor, id) = (caller.actor(Via::Rest), path.into_inner());
    blocking(move || app.door.upkeep(move |conn| queue::bury(conn, &actor.workspace_id, &id))).await?;
    Ok(HttpResponse::NoContent().finish())
}
