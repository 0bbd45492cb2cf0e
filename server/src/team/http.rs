//! REST reads of the team room.

use crate::app::App;
use crate::door::{Access, Via};
use crate::http::problem::Problem;
use crate::http::{Caller, blocking};
use crate::team::model::{Person, PersonPrivate};
use crate::team::store;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PersonEntry {
    #[serde(flatten)]
    pub person: Person,
    pub private: PersonPrivate,
}

/// The people the caller oversees.
#[utoipa::path(tag = "reads", security(("bearer" = [])), responses((status = 200, body = [PersonEntry]),
    (status = 403, body = crate::http::problem::ProblemBody)))]
#[get("/api/v1/people")]
pub async fn people(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let actor = caller.actor(Via::Rest);
    let list = blocking(move || {
        let rows = app.db.read(|conn| store::people(conn, &actor.workspace_id))?;
        let overseen = rows.into_iter().filter(|row| actor.oversees(&row.team_id));
        overseen.map(|row| Ok(PersonEntry { person: row.public()?, private: row.private() })).collect::<Result<Vec<_>, _>>()
    })
    .await?;
    Ok(HttpResponse::Ok().json(list))
}
