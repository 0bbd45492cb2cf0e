//! REST of the outreach room: what would happen, how well it works, words of mails, providers.

use super::command::{OutreachCommand, OutreachReplied};
use super::kinds::StepChannel;
use super::model::{CaseRow, Outreach};
use super::moves::{self, Situation};
use super::numbers::{self, OutreachNumbers};
use super::rules::{self, ChainFault, Happening};
use super::settings::{ChainStep, OutreachTemplate};
use super::shipped::Letter;
use super::{assign, store, words};
use crate::app::App;
use crate::customers::find::sees;
use crate::db::AnyConnection;
use crate::door::{Access, Actor, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, Json, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::kit::text::without_nul;
use crate::kit::zone;
use crate::mail::bounce::TEXT_MAX;
use crate::mail::http::signed;
use crate::mail::render::{self, MailKind};
use crate::rooms::Command;
use crate::{customers, team};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};

/// Days that numbers may be asked of at once.
const DAYS_MAX: i64 = 366;
/// Nobody plans further ahead (ms), and no calendar knows more.
const AHEAD_MAX: u64 = 366 * 24 * 3_600_000;
const EVERY_BUYER_CHANNEL: [StepChannel; 5] =
    [StepChannel::Im, StepChannel::Email, StepChannel::Sms, StepChannel::Voice, StepChannel::Phone];

/// A chain, stored or as it is being written; for a buyer, a shop and a reason when there are any. `at` in UTC ms, now when left out.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct PreviewRequest {
    pub chain_id: Option<String>,
    pub steps: Option<Vec<ChainStep>>,
    pub shop_id: Option<String>,
    pub reason_id: Option<String>,
    pub customer_id: Option<String>,
    pub at: Option<i64>,
}

/// What is wrong with the chain, and what happens if nobody answers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ChainPreview {
    pub faults: Vec<ChainFault>,
    pub plan: Vec<Happening>,
}

#[utoipa::path(tag = "reads", security(("bearer" = [])), request_body = PreviewRequest, responses((status = 200, body = ChainPreview), (status = 404, body = ProblemBody)))]
#[post("/api/v1/outreach/preview")]
pub async fn preview(app: web::Data<App>, caller: Caller, body: Json<PreviewRequest>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let (request, now) = (body.0, app.door.clock.now_ms());
    let read = move || app.db.read(|conn| look_ahead(conn, &actor, request, now));
    Ok(HttpResponse::Ok().json(blocking(read).await?))
}

fn look_ahead(conn: &mut AnyConnection, actor: &Actor, request: PreviewRequest, now: i64) -> Result<ChainPreview, Stop> {
    let workspace_id = actor.workspace_id.as_str();
    let reason = request.reason_id.as_deref().map(|id| store::reason(conn, workspace_id, id)).transpose()?.flatten();
    let is_reminder = reason.as_ref().is_some_and(|reason| reason.is_reminder);
    let steps = match (request.steps, &request.chain_id) {
        (Some(steps), _) => steps,
        (None, Some(id)) => store::chain(conn, workspace_id, id)?.ok_or(Stop::from(Code::NotFound))?.steps()?,
        (None, None) => return Err(Code::BadRequest.into()),
    };
    let hours = moves::hours_of_shop(conn, workspace_id, request.shop_id.as_deref())?;
    let by_channel = hours.wire()?.hours;
    let has_supervisor = !assign::supervisors(conn, workspace_id, &actor.team_id)?.is_empty();
    let faults = rules::lint(&steps, &by_channel, is_reminder, has_supervisor);
    let case = CaseRow { steps: serde_json::to_string(&steps)?, ..CaseRow::idle() };
    let at = request.at.unwrap_or(now);
    if at.abs_diff(now) > AHEAD_MAX {
        return Err(Code::BadTime.into());
    }
    let plan = match (faults.is_empty(), request.customer_id) {
        (false, _) => Vec::new(),
        (true, Some(id)) => {
            let buyer = customers::store::find(conn, workspace_id, &id)?.filter(|row| sees(actor, &row.team_id));
            let buyer = buyer.ok_or(Stop::from(Code::NotFound))?;
            let reason_id = match reason {
                Some(reason) => reason.id,
                None => store::reasons(conn, workspace_id)?.into_iter().next().map(|row| row.id).unwrap_or_default(),
            };
            let own = CaseRow { steps: case.steps.clone(), ..CaseRow::blank(&buyer, &reason_id, "zh-CN", now) };
            let situation = Situation::read(conn, own)?;
            situation.with(|world| rules::preview(&case, at, world))?
        }
        (true, None) => {
            let zone = team::zone(conn, workspace_id)?;
            let of = |step: &ChainStep, channel| rules::hours_of(step, channel, &by_channel, is_reminder);
            let hooks = store::hooks(conn, workspace_id)?;
            let mut usable = EVERY_BUYER_CHANNEL.to_vec();
            usable.retain(|channel| !words::is_provider(*channel) || hooks.iter().any(|hook| hook.id == channel.as_str()));
            rules::preview(&case, at, &moves::world(&hours, zone, usable, &of))?
        }
    };
    Ok(ChainPreview { faults, plan })
}

/// Business days, both included.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct Days {
    pub from: String,
    pub until: String,
}

#[utoipa::path(tag = "reads", security(("bearer" = [])), params(Days), responses((status = 200, body = OutreachNumbers), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/api/v1/outreach/numbers")]
pub async fn how_well(app: web::Data<App>, caller: Caller, days: web::Query<Days>) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let actor = caller.actor(Via::Rest);
    let (Some(from), Some(until)) = (zone::parse_day(&days.from), zone::parse_day(&days.until)) else {
        return Err(Stop::from(Code::BadTime).into());
    };
    if until < from || (until - from).num_days() > DAYS_MAX {
        return Err(Stop::from(Code::BadTime).into());
    }
    let read = move || {
        app.db.read(|conn| {
            let zone = team::zone(conn, &actor.workspace_id)?;
            let end = until.succ_opt().unwrap_or(until);
            let span = (zone::day_start(from, zone), zone::day_start(end, zone));
            let lines = store::lines(conn, &actor.workspace_id, span, &|team_id| actor.oversees(team_id))?;
            Ok(numbers::count(&lines, zone))
        })
    };
    Ok(HttpResponse::Ok().json(blocking(read).await?))
}

/// The words of mails, the workspace's own or those shipped.
#[utoipa::path(tag = "reads", security(("bearer" = [])), responses((status = 200, body = Vec<OutreachTemplate>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/api/v1/outreach/templates")]
pub async fn letters(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let workspace_id = caller.actor(Via::Rest).workspace_id;
    let read = move || {
        app.db.read(|conn| {
            let own: Vec<String> = store::templates(conn, &workspace_id)?.into_iter().map(|row| row.id).collect();
            let mut all = Vec::new();
            for reason in store::reasons(conn, &workspace_id)? {
                for locale in ["zh-CN", "en"] {
                    let id = words::template_id(&workspace_id, &reason.id, locale);
                    let letter = words::of_reason(conn, &workspace_id, (&reason.id, reason.code.as_deref()), locale)?;
                    let (shipped, reason_id, locale) = (!own.contains(&id), reason.id.clone(), locale.to_owned());
                    all.push(OutreachTemplate { id, reason_id, locale, subject: letter.subject, body: letter.body, shipped });
                }
            }
            Ok(all)
        })
    };
    Ok(HttpResponse::Ok().json(blocking(read).await?))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct LetterRequest {
    pub reason_id: String,
    pub locale: String,
    pub subject: String,
    pub body: String,
    pub customer_id: Option<String>,
}

/// A mail as a buyer would get it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct LetterPreview {
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[utoipa::path(tag = "reads", security(("bearer" = [])), request_body = LetterRequest, responses((status = 200, body = LetterPreview), (status = 404, body = ProblemBody)))]
#[post("/api/v1/outreach/templates/preview")]
pub async fn try_letter(app: web::Data<App>, caller: Caller, body: Json<LetterRequest>) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let actor = caller.actor(Via::Rest);
    let (request, now) = (body.0, app.door.clock.now_ms());
    let read = move || app.db.read(|conn| written(conn, &actor, &request, now));
    Ok(HttpResponse::Ok().json(blocking(read).await?))
}

fn written(conn: &mut AnyConnection, actor: &Actor, request: &LetterRequest, now: i64) -> Result<LetterPreview, Stop> {
    let letter = Letter { subject: request.subject.clone(), body: request.body.clone() };
    words::check(&letter)?;
    let vars = match &request.customer_id {
        None => words::Vars::sample(&request.locale),
        Some(id) => {
            let buyer = customers::store::find(conn, &actor.workspace_id, id)?.filter(|row| sees(actor, &row.team_id));
            let buyer = buyer.ok_or(Stop::from(Code::NotFound))?;
            let case = CaseRow::blank(&buyer, &request.reason_id, &request.locale, now);
            let situation = Situation::read(conn, case)?;
            words::vars(conn, &situation, &situation.case, now)?.or_sample(&request.locale)
        }
    };
    let filled = words::fill(&letter, &vars)?;
    let values = words::mail_vars(&filled, &request.locale, &vars.shop);
    let mail = render::render(MailKind::Buyer, &request.locale, &values).map_err(Stop::fault)?;
    Ok(LetterPreview { subject: mail.subject, text: mail.text, html: mail.html })
}

/// Cases of a buyer, those that ended, too; the newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct CasesOfBuyer {
    pub cases: Vec<Outreach>,
}

#[utoipa::path(tag = "reads", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = CasesOfBuyer), (status = 404, body = ProblemBody)))]
#[get("/api/v1/customers/{id}/outreach")]
pub async fn of_customer(app: web::Data<App>, caller: Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let read = move || {
        app.db.read(|conn| {
            let buyer = customers::store::find(conn, &actor.workspace_id, &id)?.filter(|row| sees(&actor, &row.team_id));
            let buyer = buyer.ok_or(Stop::from(Code::NotFound))?;
            let ids: Vec<String> = customers::store::person(conn, buyer)?.into_iter().map(|card| card.id).collect();
            let mut cases = Vec::new();
            for row in store::of_customers(conn, &actor.workspace_id, &ids)? {
                let log = store::attempts(conn, &actor.workspace_id, &row.id)?;
                cases.push(row.wire(log)?);
            }
            Ok(CasesOfBuyer { cases })
        })
    };
    Ok(HttpResponse::Ok().json(blocking(read).await?))
}

/// A provider, without its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Provider {
    pub url: String,
    pub has_secret: bool,
}

/// The shop's providers, and where they report to: signed with `inbound_secret` as `GET /api/v1/hooks` says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Providers {
    pub sms: Option<Provider>,
    pub voice: Option<Provider>,
    /// For what buyers answer: `ReplyReport`.
    pub inbound_url: String,
    /// For what became of mails.
    pub mail_url: String,
    pub inbound_secret: String,
}

#[utoipa::path(tag = "reads", security(("bearer" = [])), responses((status = 200, body = Providers), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/api/v1/outreach/hooks")]
pub async fn providers(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.must(Access::Owner)?;
    let workspace_id = caller.actor(Via::Rest).workspace_id;
    let base = format!("{}/api/v1/hooks/{workspace_id}", app.config.base_url());
    let inbound_secret = app.hook_secret(&workspace_id);
    let read = move || {
        app.db.read(|conn| {
            let mut of = |channel: StepChannel| {
                let row = store::hook(conn, &workspace_id, channel.as_str())?;
                Ok::<_, Stop>(row.map(|row| Provider { url: row.url, has_secret: !row.secret.is_empty() }))
            };
            Ok(Providers {
                sms: of(StepChannel::Sms)?,
                voice: of(StepChannel::Voice)?,
                inbound_url: format!("{base}/replies"),
                mail_url: format!("{base}/mail"),
                inbound_secret,
            })
        })
    };
    Ok(HttpResponse::Ok().json(blocking(read).await?))
}

/// What a buyer answered to a message of a case. `id`: the provider's own, so that a repetition says nothing new.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct ReplyReport {
    pub id: String,
    pub case_id: String,
    pub channel: StepChannel,
    #[serde(default)]
    pub text: String,
}

/// Takes a signed answer of a buyer: the chain stops at once. The same answer again changes nothing.
#[utoipa::path(tag = "hooks", request_body = ReplyReport, params(("workspace_id" = String, Path),
    ("X-Dutyboard-Timestamp" = String, Header), ("X-Dutyboard-Signature" = String, Header)),
    responses((status = 204), (status = 400, body = ProblemBody), (status = 413, body = ProblemBody), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[post("/api/v1/hooks/{workspace_id}/replies")]
pub async fn reply(
    app: web::Data<App>,
    request: HttpRequest,
    workspace_id: web::Path<String>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let workspace_id = workspace_id.into_inner();
    let mut report: ReplyReport = signed(&app, &workspace_id, &request, body)?;
    report.case_id = without_nul(&report.case_id);
    blocking(move || {
        app.db.read(|conn| store::find(conn, &workspace_id, &report.case_id))?.ok_or(Stop::from(Code::NotFound))?;
        let text = without_nul(&report.text).chars().take(TEXT_MAX).collect();
        let (case_id, reply_id, channel) = (Some(report.case_id), Some(report.id), report.channel);
        let said = OutreachReplied { mail_id: None, case_id, reply_id, channel, text };
        let system = Actor::system(&workspace_id, Via::Job);
        app.door.execute(&system, Command::Outreach(OutreachCommand::OutreachReplied(said)), None)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
