//! RFC 9457 problem bodies with a stable code. A fault is an opaque 500, logged once with an id that the user can quote.

use crate::kit::refusal::{Code, Refusal, Stop};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use std::fmt;

/// The body of every answer that says no.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    /// Stable: translate and act on this.
    pub code: Code,
    /// For developers, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Quote this when asking for help.
    pub request_id: String,
}

#[derive(Debug)]
pub struct Problem {
    refusal: Refusal,
    request_id: String,
    retry_after: Option<u64>,
}

impl Problem {
    /// A refusal that names how many seconds to wait.
    pub fn wait(code: Code, seconds: u64) -> Self {
        Problem { refusal: code.into(), request_id: crate::kit::ids::fresh(), retry_after: Some(seconds) }
    }
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        let request_id = crate::kit::ids::fresh();
        let (refusal, retry_after) = match stop {
            Stop::Refused(refusal) => {
                // Who has no right to something is a security event; what was wrong with a value is not.
                if matches!(refusal.code.status(), 401 | 403) {
                    tracing::warn!(request_id, code = refusal.code.as_str(), "refused");
                }
                (refusal, None)
            }
            Stop::Busy(why) => {
                tracing::warn!(request_id, why, "busy");
                (Code::Unavailable.into(), Some(1))
            }
            Stop::Full(why) => {
                tracing::error!(request_id, why, "the disk is full");
                (Code::StorageFull.into(), Some(30))
            }
            Stop::Fault(error) => {
                tracing::error!(request_id, error, "fault");
                (Code::Internal.into(), None)
            }
        };
        Problem { refusal, request_id, retry_after }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Stop::from(refusal).into()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.content_type("application/problem+json").body(
            serde_json::to_string(&ProblemBody {
                kind: "about:blank",
                title: status.canonical_reason().unwrap_or("Error"),
                status: status.as_u16(),
                code: self.refusal.code,
                detail: self.refusal.detail.clone(),
                request_id: self.request_id.clone(),
            })
            .unwrap_or_default(),
        )
    }
}
