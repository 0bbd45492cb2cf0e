//! What a browser needs to take Web Push.

use crate::app::App;
use crate::http::Caller;
use crate::http::problem::{Problem, ProblemBody};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;

/// `key`: the server's public key, an uncompressed point of P-256 as base64url (`applicationServerKey`).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PushKey {
    pub key: String,
}

/// The key that browsers subscribe with.
#[utoipa::path(tag = "reads", security(("bearer" = [])), responses((status = 200, body = PushKey), (status = 401, body = ProblemBody)))]
#[get("/api/v1/push-key")]
pub async fn push_key(app: web::Data<App>, _caller: Caller) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(PushKey { key: app.vapid.public().to_owned() }))
}
