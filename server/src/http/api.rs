//! REST v1: any command over the same door, the history of any row, and what this server is.

use super::problem::{Problem, ProblemBody};
use super::{Caller, Json, blocking};
use crate::app::App;
use crate::auth::sessions;
use crate::door::{Access, Idempotency, Receipt, Via, history};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::rooms::Command;
use crate::team;
use crate::team::model::PersonRow;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use utoipa::OpenApi;

const IDEMPOTENCY_KEY_MAX: usize = 128;
const HISTORY_ROWS: i64 = 200;

/// A command by name, exactly as a phone would push it. The schema of `Command` lists every name with its arguments.
#[derive(Debug, Deserialize, Serialize, utoipa::ToSchema)]
pub struct CommandRequest {
    pub name: String,
    #[serde(default, deserialize_with = "crate::kit::json::plain")]
    #[schema(value_type = Object)]
    pub args: Value,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CommandReply {
    pub status: &'static str,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Runs one command. With an `Idempotency-Key`, sending the same request again changes nothing and answers the same.
#[utoipa::path(tag = "commands", request_body = Command, params(("Idempotency-Key" = Option<String>, Header)), security(("bearer" = [])),
    responses((status = 200, body = CommandReply), (status = "4XX", description = "Refused; nothing changed", body = ProblemBody),
    (status = 503, description = "Busy: try again", body = ProblemBody)))]
#[post("/api/v1/commands")]
pub async fn command(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
    body: Json<CommandRequest>,
) -> Result<HttpResponse, Problem> {
    let once = idempotency(&request, &body)?;
    let Json(body) = body;
    let actor = caller.actor(Via::Rest);
    let receipt = blocking(move || {
        let command = Command::parse(&body.name, body.args)?;
        app.door.execute(&actor, command, once)
    })
    .await?;
    Ok(HttpResponse::Ok().json(CommandReply { status: "applied", receipt }))
}

fn idempotency(request: &HttpRequest, body: &CommandRequest) -> Result<Option<Idempotency>, Problem> {
    let Some(value) = request.headers().get("Idempotency-Key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()));
    let key = key.ok_or_else(|| Stop::from(Refusal::because(Code::BadRequest, "Idempotency-Key")))?;
    let text = serde_json::to_string(body).map_err(Stop::from)?;
    Ok(Some(Idempotency { key: key.to_owned(), digest: crate::auth::keys::fingerprint(&text) }))
}

/// One recorded change: who, when (UTC ms), from which device, through which way in, before and after.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HistoryEntry {
    pub at: i64,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub device_id: Option<String>,
    pub device_name: Option<String>,
    pub via: String,
    pub command: String,
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

/// The history of a row, newest first. A supervisor reads rows of the own team, an owner all.
#[utoipa::path(tag = "reads", params(("kind" = String, Path), ("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = [HistoryEntry]), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/api/v1/history/{kind}/{id}")]
pub async fn history_of(app: web::Data<App>, caller: Caller, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let (kind, id) = path.into_inner();
    let actor = caller.actor(Via::Rest);
    let entries = blocking(move || {
        app.db.read(|conn| {
            let rows = history::of_entity(conn, &actor.workspace_id, &format!("{kind}/{id}"), HISTORY_ROWS)?;
            let people = team::store::people(conn, &actor.workspace_id)?;
            let foreign = rows.iter().any(|row| team_of(row, &people).is_some_and(|team_id| !actor.oversees(&team_id)));
            if rows.is_empty() || foreign {
                return Err(Code::NotFound.into());
            }
            let names: HashMap<String, String> = people.into_iter().map(|person| (person.id, person.name)).collect();
            let devices: Vec<String> = rows.iter().filter_map(|row| row.device_id.clone()).collect();
            let devices: HashMap<String, String> =
                sessions::device_names(conn, &actor.workspace_id, &devices)?.into_iter().collect();
            rows.into_iter().map(|row| entry(row, &names, &devices)).collect::<Result<Vec<_>, Stop>>()
        })
    })
    .await?;
    Ok(HttpResponse::Ok().json(entries))
}

/// The team a recorded row belongs to, if it belongs to one. A person's own rows do not name it: it is the person's.
fn team_of(row: &history::AuditRow, people: &[PersonRow]) -> Option<String> {
    let body: Value = serde_json::from_str(row.after_body.as_ref().or(row.before_body.as_ref())?).ok()?;
    let whose = row.entity.strip_prefix("person_private/").or_else(|| body["user_id"].as_str());
    match whose {
        Some(id) => people.iter().find(|person| person.id == id).map(|person| person.team_id.clone()),
        None => body["team_id"].as_str().map(str::to_owned),
    }
}

fn entry(
    row: history::AuditRow,
    names: &HashMap<String, String>,
    devices: &HashMap<String, String>,
) -> Result<HistoryEntry, Stop> {
    let json = |body: Option<String>| body.map(|body| serde_json::from_str(&body)).transpose();
    Ok(HistoryEntry {
        at: row.at,
        actor_name: row.actor_id.as_ref().and_then(|id| names.get(id)).cloned(),
        actor_id: row.actor_id,
        device_name: row.device_id.as_ref().and_then(|id| devices.get(id)).cloned(),
        device_id: row.device_id,
        via: row.via,
        command: row.command,
        before: json(row.before_body)?,
        after: json(row.after_body)?,
    })
}

/// What this server is, for the sign-in page.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Info {
    pub name: &'static str,
    pub version: &'static str,
    pub demo: bool,
    /// There is no workspace yet: use the one-time link that the server printed.
    pub setup: bool,
    /// Mails are files that `/api/v1/outbox` lists.
    pub outbox: bool,
}

#[utoipa::path(tag = "reads", responses((status = 200, body = Info)))]
#[get("/api/v1/info")]
pub async fn info(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let inner = app.clone();
    let setup = blocking(move || inner.db.read(|conn| Ok(team::store::workspace_ids(conn)?.is_empty()))).await?;
    let (name, version) = ("dutyboard", env!("CARGO_PKG_VERSION"));
    Ok(HttpResponse::Ok().json(Info { name, version, demo: app.config.demo, setup, outbox: app.config.outbox_dir().is_some() }))
}

/// A mail of the file backend.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OutboxMail {
    pub id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub at: i64,
    pub state: &'static str,
}

/// Mails of the file backend, newest first (the demo's outbox page). Owners only: mails hold one-time links.
#[utoipa::path(tag = "reads", security(("bearer" = [])), responses((status = 200, body = [OutboxMail]), (status = 403, body = ProblemBody),
    (status = 404, description = "Mails go out by SMTP", body = ProblemBody)))]
#[get("/api/v1/outbox")]
pub async fn outbox(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    // In the demo everybody who can sign in may look: that is what the page is for.
    caller.must(if app.config.demo { Access::Supervisor } else { Access::Owner })?;
    let dir = app.config.outbox_dir().ok_or(Stop::from(Code::NotFound))?;
    let mails = blocking(move || crate::mail::mailer::Mailer::list(&dir).map_err(Stop::fault)).await?;
    let wire = |mail: crate::mail::mailer::Sent| OutboxMail {
        id: mail.message_id,
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        at: mail.date_ms,
        state: "sent",
    };
    Ok(HttpResponse::Ok().json(mails.into_iter().map(wire).collect::<Vec<_>>()))
}

/// Title and security of the whole API; paths come from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(title = "Dutyboard", description = "Operations desk of a customer-service team. Every write is a command; phones push the same commands that REST takes."),
    modifiers(&Bearer)
)]
pub struct Api;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build());
        openapi.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}
