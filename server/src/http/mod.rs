//! What all endpoints share: problem bodies, the caller, JSON with clear refusals, security headers, embedded client.

pub mod api;
pub mod assets;
pub mod budget;
pub mod caller;
pub mod docs;
pub mod guard;
pub mod health;
pub mod problem;

use crate::kit::refusal::{Code, Refusal, Stop};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
pub use caller::Caller;
use futures_util::future::LocalBoxFuture;
use problem::Problem;
use serde::de::DeserializeOwned;
use std::ops::Deref;
use std::time::Duration;
use tokio::sync::Semaphore;

/// A body that trickles in slower than this is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// Most database work of requests that is under way or waits; more would only make everybody wait longer.
const UNDER_WAY: usize = 512;
static ROOM: Semaphore = Semaphore::const_new(UNDER_WAY);

/// Runs database work off the network threads.
///
/// # Errors
/// What `work` returned; `unavailable` at once when too much waits already.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Stop> + Send + 'static) -> Result<T, Problem> {
    let _room = ROOM.try_acquire().map_err(|_| Stop::Busy("too many requests wait for the database".into()))?;
    web::block(work).await.map_err(Stop::fault)?.map_err(Problem::from)
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
