//! REST of the customers room: finding buyers, one buyer whole, and reading a number.

use super::command::{CustomerReveal, CustomersCommand};
use super::model::{Callback, CallbackRow, Contact, ContactRow, Customer, Reach};
use super::{rules, store};
use crate::app::App;
use crate::door::{Actor, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, Json, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::rooms::Command;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};

/// Buyers in one answer.
const FOUND_MAX: i64 = 50;
const CONTACTS_MAX: i64 = 1_000;

/// Any fragment of nick, name, phone, mail address or tag.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct Search {
    pub q: String,
}

/// A buyer whole: the card (masked), every contact, every callback.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CustomerFile {
    pub card: Customer,
    pub contacts: Vec<Contact>,
    pub callbacks: Vec<Callback>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct RevealRequest {
    #[serde(default)]
    pub reason: String,
}

fn sees(actor: &Actor, team_id: &str) -> bool {
    actor.oversees(team_id) || actor.team_id == team_id
}

/// Buyers of the caller's teams whose card holds the fragment; masked. At most 50.
#[utoipa::path(tag = "reads", params(Search), security(("bearer" = [])), responses((status = 200, body = [Customer]),
    (status = 422, body = ProblemBody)))]
#[get("/api/v1/customers")]
pub async fn find(app: web::Data<App>, caller: Caller, query: web::Query<Search>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let found = blocking(move || {
        let fragment = rules::typed(&query.q, rules::WORD_MAX)?;
        app.db.read(|conn| {
            let rows = store::search(conn, &actor.workspace_id, &fragment, FOUND_MAX)?;
            let seen = rows.into_iter().filter(|row| sees(&actor, &row.team_id));
            seen.map(|row| row.card(Vec::new())).collect::<Result<Vec<_>, Stop>>()
        })
    })
    .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One buyer with every contact and callback; masked.
#[utoipa::path(tag = "reads", params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = CustomerFile), (status = 404, body = ProblemBody)))]
#[get("/api/v1/customers/{id}")]
pub async fn one(app: web::Data<App>, caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let file = blocking(move || {
        app.db.read(|conn| {
            let row = store::find(conn, &actor.workspace_id, &path)?.filter(|row| sees(&actor, &row.team_id));
            let row = row.ok_or(Stop::from(Code::NotFound))?;
            let contacts = store::contacts(conn, &actor.workspace_id, &row.id, CONTACTS_MAX)?;
            let callbacks = store::callbacks_of(conn, &actor.workspace_id, &row.id)?;
            Ok(CustomerFile {
                card: row.card(Vec::new())?,
                contacts: contacts.iter().map(ContactRow::wire).collect::<Result<_, _>>()?,
                callbacks: callbacks.iter().map(CallbackRow::wire).collect::<Result<_, _>>()?,
            })
        })
    })
    .await?;
    Ok(HttpResponse::Ok().json(file))
}

/// Phone, mail and address of a buyer in full. That somebody read them, and why, is in the history before they are answered.
#[utoipa::path(tag = "reads", request_body = RevealRequest, params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = Reach), (status = 404, body = ProblemBody), (status = 410, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[post("/api/v1/customers/{id}/reveal")]
pub async fn reveal(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: Json<RevealRequest>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let Json(RevealRequest { reason }) = body;
    let reach = blocking(move || {
        let id = path.into_inner();
        let command = CustomersCommand::CustomerReveal(CustomerReveal { id: id.clone(), reason });
        app.door.execute(&actor, Command::Customers(command), None)?;
        app.db.read(|conn| store::customer(conn, &actor.workspace_id, &id)?.reach())
    })
    .await?;
    Ok(HttpResponse::Ok().json(reach))
}
