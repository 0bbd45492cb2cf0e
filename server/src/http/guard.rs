//! Headers that every answer carries, and a count of requests.

use super::budget;
use super::problem::Problem;
use crate::app::App;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

/// Nothing but our own files; no inline script or style, no frames, no plugins.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::PERMISSIONS_POLICY, "camera=(self), geolocation=(), microphone=()"),
];

/// One span per request: an id, the route, the outcome. No address, no query, no user agent. Only those that failed are worth a
/// line of the log; with `RUST_LOG=debug` there is one for each.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return Span::none();
        }
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        tracing::debug_span!("request", id, method = %request.method(), route = route(request.match_pattern()))
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _entered = span.enter();
        match outcome {
            Ok(response) if response.status().is_server_error() => {
                let (request, status) = (response.request(), response.status().as_u16());
                tracing::warn!(status, method = %request.method(), route = route(request.match_pattern()), "answered");
            }
            Ok(response) => tracing::debug!(status = response.status().as_u16(), "answered"),
            Err(error) => tracing::warn!(status = error.as_response_error().status_code().as_u16(), "answered"),
        }
    }
}

fn route(pattern: Option<String>) -> String {
    pattern.unwrap_or_else(|| "other".into())
}

/// What is counted about one route, looked up once per thread instead of with every request.
struct Series {
    seconds: metrics::Histogram,
    counts: Vec<(&'static str, StatusCode, metrics::Counter)>,
}

thread_local! {
    static SERIES: RefCell<HashMap<String, Series>> = RefCell::default();
}

/// Whoever invents methods does not fill our memory with them.
fn verb(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

fn count(verb: &'static str, pattern: Option<String>, status: StatusCode, seconds: f64) {
    let route = route(pattern);
    SERIES.with_borrow_mut(|all| {
        if !all.contains_key(&route) {
            let seconds = metrics::histogram!("dutyboard_request_seconds", "route" => route.clone());
            all.insert(route.clone(), Series { seconds, counts: Vec::new() });
        }
        let Some(series) = all.get_mut(&route) else { return };
        series.seconds.record(seconds);
        if let Some((_, _, counter)) = series.counts.iter().find(|(v, s, _)| *v == verb && *s == status) {
            return counter.increment(1);
        }
        let labels = [("method", verb.to_owned()), ("route", route), ("status", status.as_u16().to_string())];
        let counter = metrics::counter!("dutyboard_requests_total", &labels);
        counter.increment(1);
        series.counts.push((verb, status, counter));
    });
}

pub async fn guard(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let _room = budget::reserve(&request).map_err(Problem::from)?;
    let mut response = next.call(request).await?;
    let asked = response.request();
    let is_api = asked.path().starts_with("/api/");
    let https = asked.app_data::<Data<App>>().is_some_and(|app| app.config.is_https());
    count(verb(asked.method()), asked.match_pattern(), response.status(), started.elapsed().as_secs_f64());
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}
