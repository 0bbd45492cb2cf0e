//! Webhooks of mail providers: signed reports of what became of a mail to a buyer.

use super::bounce::{TEXT_MAX, What};
use super::incoming;
use crate::app::App;
use crate::db::AnyConnection;
use crate::door::Access;
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, blocking};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::signature;
use crate::kit::text::without_nul;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A larger report is refused (bytes).
const BODY_MAX: usize = 256 * 1024;

/// Where others report to this workspace, and with which secret they sign.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Hooks {
    pub secret: String,
    /// For what became of a mail: `MailReport`.
    pub mail_url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailEvent {
    Bounce,
    Complaint,
    Reply,
    Stop,
}

/// What became of a mail. `message_id` as it left; `permanent` for a bounce that will repeat itself; `text` of a reply, or of a stop
/// that a person wrote; `at` in UTC ms, now if it is not given.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MailReport {
    pub message_id: String,
    pub event: MailEvent,
    #[serde(default)]
    pub permanent: bool,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub at: Option<i64>,
}

/// Whether a report was news.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Taken {
    pub new: bool,
}

/// The workspace's webhooks. Signed means: header `X-Dutyboard-Timestamp` with the time (UTC ms, at most five minutes off) and
/// `X-Dutyboard-Signature` with `sha256=` and the HMAC-SHA256 of `time.body` under the secret, in lower-case hex.
#[utoipa::path(tag = "hooks", security(("bearer" = [])), responses((status = 200, body = Hooks), (status = 403, body = ProblemBody)))]
#[get("/api/v1/hooks")]
pub async fn hooks(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.must(Access::Owner)?;
    let workspace_id = caller.actor(crate::door::Via::Rest).workspace_id;
    let mail_url = format!("{}/api/v1/hooks/{workspace_id}/mail", app.config.base_url());
    Ok(HttpResponse::Ok().json(Hooks { secret: app.hook_secret(&workspace_id), mail_url }))
}

/// What a signed request to a workspace's webhook says.
///
/// # Errors
/// `too_large`, `unauthorized` for every signature that is not right, `bad_request` for what is no such report.
pub fn signed<T: DeserializeOwned>(
    app: &App,
    workspace_id: &str,
    request: &HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<T, Stop> {
    let unread = |error: actix_web::Error| {
        let too_large = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
        Refusal::because(if too_large { Code::TooLarge } else { Code::BadRequest }, error.to_string())
    };
    let body = body.map_err(unread)?;
    if body.len() > BODY_MAX {
        return Err(Code::TooLarge.into());
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (at, given) = (header("X-Dutyboard-Timestamp"), header("X-Dutyboard-Signature"));
    let secret = app.hook_secret(workspace_id);
    if !signature::is_signed(secret.as_bytes(), at, given, &body, app.door.clock.now_ms()) {
        return Err(Code::Unauthorized.into());
    }
    Ok(serde_json::from_slice(&body).map_err(|error| Refusal::because(Code::BadRequest, error.to_string()))?)
}

/// Takes a signed report about a mail. The same report again changes nothing.
#[utoipa::path(tag = "hooks", request_body = MailReport, params(("workspace_id" = String, Path),
    ("X-Dutyboard-Timestamp" = String, Header), ("X-Dutyboard-Signature" = String, Header)),
    responses((status = 200, body = Taken), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/api/v1/hooks/{workspace_id}/mail")]
pub async fn mail_report(
    app: web::Data<App>,
    request: HttpRequest,
    workspace_id: web::Path<String>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let workspace_id = workspace_id.into_inner();
    let report: MailReport = signed(&app, &workspace_id, &request, body)?;
    let text: String = without_nul(report.text.trim()).chars().take(TEXT_MAX).collect();
    let what = match report.event {
        MailEvent::Bounce => What::Bounce { permanent: report.permanent },
        MailEvent::Complaint => What::Stop { text: None },
        MailEvent::Stop => What::Stop { text: Some(text).filter(|text| !text.is_empty()) },
        MailEvent::Reply => What::Reply { text },
    };
    let new = blocking(move || {
        let id = format!("<{}>", without_nul(report.message_id.trim()).trim_matches(['<', '>']));
        let found = app.db.read(|conn: &mut AnyConnection| incoming::find(conn, &id))?;
        let target = found.filter(|target| target.workspace_id == workspace_id).ok_or(Stop::from(Code::NotFound))?;
        let now = app.door.clock.now_ms();
        let at = report.at.map_or(now, |at| at.clamp(0, now));
        app.door.upkeep(move |conn| incoming::take(conn, &target, &what, at, now))
    })
    .await?;
    Ok(HttpResponse::Ok().json(Taken { new }))
}
