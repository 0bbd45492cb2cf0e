//! REST reads of the roster, and the sheet.

use super::model::{Assignment, AssignmentRow};
use super::store;
use crate::app::App;
use crate::door::{Access, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::kit::zone;
use crate::team;
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use std::collections::HashMap;

/// One request reads at most a quarter of a year.
const DAYS_MAX: i64 = 92;

/// Business days `YYYY-MM-DD`, both included.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
pub struct Span {
    pub from: String,
    pub to: String,
}

impl Span {
    fn check(&self) -> Result<(), Stop> {
        let days = zone::parse_day(&self.from).zip(zone::parse_day(&self.to)).map(|(from, to)| (to - from).num_days());
        if days.is_some_and(|days| (0..=DAYS_MAX).contains(&days)) { Ok(()) } else { Err(Code::BadTime.into()) }
    }
}

async fn read(app: web::Data<App>, caller: Caller, span: Span) -> Result<(Vec<AssignmentRow>, HashMap<String, String>), Problem> {
    caller.must(Access::Supervisor)?;
    span.check()?;
    let actor = caller.actor(Via::Rest);
    blocking(move || {
        app.db.read(|conn| {
            let mut rows = store::assignments_between(conn, &actor.workspace_id, &span.from, &span.to)?;
            rows.retain(|row| actor.oversees(&row.team_id));
            let people = team::store::people(conn, &actor.workspace_id)?;
            Ok((rows, people.into_iter().map(|person| (person.id, person.name)).collect()))
        })
    })
    .await
}

/// Shifts between two business days, of the teams the caller oversees.
#[utoipa::path(tag = "reads", params(Span), security(("bearer" = [])), responses((status = 200, body = [Assignment]),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[get("/api/v1/roster")]
pub async fn roster(app: web::Data<App>, caller: Caller, span: web::Query<Span>) -> Result<HttpResponse, Problem> {
    let (rows, _) = read(app, caller, span.into_inner()).await?;
    Ok(HttpResponse::Ok().json(rows.iter().map(AssignmentRow::wire).collect::<Vec<_>>()))
}

/// The same as a sheet (CSV, UTF-8 with byte-order mark, so that Chinese spreadsheet programs read it).
#[utoipa::path(tag = "reads", params(Span), security(("bearer" = [])), responses((status = 200, content_type = "text/csv"),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[get("/api/v1/roster.csv")]
pub async fn roster_csv(app: web::Data<App>, caller: Caller, span: web::Query<Span>) -> Result<HttpResponse, Problem> {
    let (rows, names) = read(app, caller, span.into_inner()).await?;
    let sheet = csv(&rows, &names).map_err(Stop::fault)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"roster.csv\""))
        .body(sheet))
}

fn csv(rows: &[AssignmentRow], names: &HashMap<String, String>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(["day 日期", "person 人员", "shift 班次", "start 开始", "minutes 时长", "skill 岗位"])?;
    for row in rows {
        let name = harmless(names.get(&row.person_id).map_or("", String::as_str));
        let shift = harmless(&row.name_zh);
        writer.write_record([&row.day, &name, &shift, &row.start, &row.length_min.to_string(), &row.skill_code])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A cell that a spreadsheet would run as a formula is made plain text.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
