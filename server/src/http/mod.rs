//! What all endpoints share: problem bodies, the caller, JSON with clear refusals, security headers, embedded client.

pub mod api;
pub mod assets;
pub mod docs;
pub mod guard;
pub mod health;
pub mod problem;

use crate::app::App;
use crate::auth::tokens::Claims;
use crate::door::{Actor, Role, Via};
use crate::kit::refusal::{Code, Refusal, Stop};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use problem::Problem;
use serde::de::DeserializeOwned;
use std::ops::Deref;
use std::time::Duration;

/// A body that trickles in slower than this is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// Runs database work off the network threads.
///
/// # Errors
/// What `work` returned.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Stop> + Send + 'static) -> Result<T, Problem> {
    web::block(work).await.map_err(Stop::fault)?.map_err(Problem::from)
}

/// A signed-in, active person on a device that was not revoked, as of this request.
pub struct Caller {
    pub claims: Claims,
    pub role: Role,
    pub team_id: String,
}

impl Caller {
    pub fn actor(&self, via: Via) -> Actor {
        Actor {
            workspace_id: self.claims.workspace_id.clone(),
            user_id: self.claims.user_id.clone(),
            role: self.role,
            team_id: self.team_id.clone(),
            device_id: Some(self.claims.device_id.clone()),
            via,
        }
    }

    /// # Errors
    /// `forbidden` below the needed role.
    pub fn must(&self, needed: crate::door::Access) -> Result<(), Problem> {
        if crate::door::access::allows(&self.actor(Via::Rest), needed) { Ok(()) } else { Err(Stop::from(Code::Forbidden).into()) }
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        // Outside Replicache clients send the bare token.
        let token = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .map(|value| value.strip_prefix("Bearer ").unwrap_or(value).to_owned());
        Box::pin(async move {
            let app = app.ok_or_else(|| Stop::fault("no app"))?;
            let token = token.ok_or(Stop::from(Code::Unauthorized))?;
            let claims = app.tokens.read(&token, app.door.clock.now_ms()).map_err(Stop::from)?;
            blocking(move || app.db.read(|conn| crate::auth::sessions::caller(conn, claims))).await
        })
    }
}

/// `web::Json` whose refusals are problem bodies.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = web::Json::<T>::from_request(request, payload);
        Box::pin(async move {
            let parsed = tokio::time::timeout(BODY_TIMEOUT, parsed)
                .await
                .map_err(|_| Stop::from(Refusal::because(Code::BadRequest, "the body took too long")))?;
            parsed.map(|json| Json(json.into_inner())).map_err(|error| {
                use actix_web::error::JsonPayloadError as E;
                let code = match error.as_error::<E>() {
                    Some(E::OverflowKnownLength { .. } | E::Overflow { .. }) => Code::TooLarge,
                    Some(E::ContentType) => Code::UnsupportedMedia,
                    _ => Code::BadRequest,
                };
                Problem::from(Stop::from(Refusal::because(code, error.to_string())))
            })
        })
    }
}
