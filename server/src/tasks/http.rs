//! REST reads of the board.

use super::model::BoardBox;
use super::store;
use crate::app::App;
use crate::door::{Access, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::kit::zone;
use crate::team;
use actix_web::{HttpResponse, get, web};
use serde::Deserialize;

/// Business day `YYYY-MM-DD`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct OnDay {
    pub day: String,
}

/// The board of a day, of the teams the caller oversees.
#[utoipa::path(tag = "reads", params(OnDay), security(("bearer" = [])), responses((status = 200, body = [BoardBox]),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[get("/api/v1/board")]
pub async fn board(app: web::Data<App>, caller: Caller, query: web::Query<OnDay>) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    zone::parse_day(&query.day).ok_or(Stop::from(Code::BadTime))?;
    let actor = caller.actor(Via::Rest);
    let boxes = blocking(move || {
        app.db.read(|conn| {
            let mut all = Vec::new();
            for team in team::store::teams(conn, &actor.workspace_id)? {
                if !actor.oversees(&team.id) {
                    continue;
                }
                for row in store::boxes_of_day(conn, &actor.workspace_id, &team.id, &query.day)? {
                    let notes = store::notes(conn, &actor.workspace_id, &row.id)?;
                    all.push(row.wire(notes)?);
                }
            }
            Ok(all)
        })
    })
    .await?;
    Ok(HttpResponse::Ok().json(boxes))
}
