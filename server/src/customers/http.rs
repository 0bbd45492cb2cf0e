//! REST of the customers room: finding buyers, one buyer whole, and reading what is masked.

use super::books::{Erasure, ErasureRow, FileRow, Order, OrderRow, StoredFile};
use super::command::{CustomerExport, CustomerReveal, CustomersCommand};
use super::find::sees;
use super::merge::{self, Duplicates};
use super::model::{Callback, CallbackRow, Contact, ContactRow, Customer, CustomerRow, Reach};
use super::{erase, papers, rules, store};
use crate::app::App;
use crate::db::AnyConnection;
use crate::door::{Access, Actor, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, Json, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::rooms::Command;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};

const CONTACTS_MAX: i64 = 1_000;
const ORDERS_MAX: i64 = 200;
const ERASURES_MAX: i64 = 500;

/// Any fragment of nick, name, tag, note or order number; of a phone number or mail address what its mask shows, or all of it.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct Search {
    pub q: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct OfTeam {
    pub team_id: String,
}

/// A buyer whole: the card (masked), and of all cards that it stands for every contact, callback, order and file, and the
/// cards themselves. The newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct CustomerFile {
    pub card: Customer,
    pub contacts: Vec<Contact>,
    pub callbacks: Vec<Callback>,
    pub orders: Vec<Order>,
    pub files: Vec<StoredFile>,
    pub merged: Vec<Customer>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct RevealRequest {
    #[serde(default)]
    pub reason: String,
}

/// The buyer, for somebody of the team; for others it is as if there were none.
fn seen(conn: &mut AnyConnection, actor: &Actor, id: &str) -> Result<CustomerRow, Stop> {
    let row = store::find(conn, &actor.workspace_id, id)?.filter(|row| sees(actor, &row.team_id));
    row.ok_or_else(|| Code::NotFound.into())
}

/// Puts a buyer's papers together.
fn whole(conn: &mut AnyConnection, row: CustomerRow) -> Result<CustomerFile, Stop> {
    let workspace_id = row.workspace_id.clone();
    let card = row.card(Vec::new())?;
    let mut cards = if row.merged_into.is_none() { store::person(conn, row)? } else { vec![row] };
    let (mut contacts, mut callbacks) = (Vec::new(), Vec::new());
    for card in &cards {
        contacts.extend(store::contacts(conn, &workspace_id, &card.id, CONTACTS_MAX)?);
        callbacks.extend(store::callbacks_of(conn, &workspace_id, &card.id)?);
    }
    contacts.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    let ids: Vec<&str> = cards.iter().map(|card| card.id.as_str()).collect();
    let orders = papers::orders_of(conn, &workspace_id, &ids, ORDERS_MAX)?;
    let files = papers::files_of(conn, &workspace_id, &ids)?;
    Ok(CustomerFile {
        contacts: contacts.iter().map(ContactRow::wire).collect::<Result<_, _>>()?,
        callbacks: callbacks.iter().map(CallbackRow::wire).collect::<Result<_, _>>()?,
        orders: orders.iter().map(OrderRow::wire).collect(),
        files: files.iter().map(FileRow::wire).collect(),
        merged: cards.drain(1..).map(|card| card.card(Vec::new())).collect::<Result<_, _>>()?,
        card,
    })
}

/// Buyers of the caller's teams whose card holds the fragment; masked. At most 50.
#[utoipa::path(tag = "reads", params(Search), security(("bearer" = [])), responses((status = 200, body = [Customer]),
    (status = 422, body = ProblemBody)))]
#[get("/api/v1/customers")]
pub async fn search(app: web::Data<App>, caller: Caller, query: web::Query<Search>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let found = blocking(move || {
        let fragment = rules::typed(&query.q, rules::WORD_MAX)?;
        let rows = app.db.read(|conn| app.finder.search(conn, &actor, &fragment))?;
        rows.iter().map(|row| row.card(Vec::new())).collect::<Result<Vec<_>, Stop>>()
    })
    .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Cards of a team that may be of one person, and what they share; masked. At most 50 groups.
#[utoipa::path(tag = "reads", params(OfTeam), security(("bearer" = [])), responses((status = 200, body = [Duplicates]),
    (status = 403, body = ProblemBody)))]
#[get("/api/v1/customers/duplicates")]
pub async fn duplicates(app: web::Data<App>, caller: Caller, query: web::Query<OfTeam>) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let actor = caller.actor(Via::Rest);
    if !actor.oversees(&query.team_id) {
        return Err(Stop::from(Code::NotInTeam).into());
    }
    let found = blocking(move || app.db.read(|conn| merge::duplicates(conn, &app.finder, &actor, &query.team_id))).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One buyer with every contact, callback, order and file; masked.
#[utoipa::path(tag = "reads", params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = CustomerFile), (status = 404, body = ProblemBody)))]
#[get("/api/v1/customers/{id}")]
pub async fn one(app: web::Data<App>, caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let read = move |conn: &mut AnyConnection| {
        let row = seen(conn, &actor, &path)?;
        whole(conn, row)
    };
    let file = blocking(move || app.db.read(read)).await?;
    Ok(HttpResponse::Ok().json(file))
}

/// Everything known of a buyer, in full, as one document. That somebody took it, and why, is in the history before it is
/// answered. Supervisors.
#[utoipa::path(tag = "reads", request_body = RevealRequest, params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, description = "The document", body = Object), (status = 403, body = ProblemBody),
    (status = 410, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/api/v1/customers/{id}/export")]
pub async fn export(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<String>,
    body: Json<RevealRequest>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.actor(Via::Rest);
    let Json(RevealRequest { reason }) = body;
    let document = blocking(move || {
        let id = path.into_inner();
        let command = CustomersCommand::CustomerExport(CustomerExport { id: id.clone(), reason });
        app.door.execute(&actor, Command::Customers(command), None)?;
        app.db.read(|conn| {
            let row = store::customer(conn, &actor.workspace_id, &id)?;
            erase::document(conn, row)
        })
    })
    .await?;
    Ok(HttpResponse::Ok().json(document))
}

/// Buyers who were erased, and the proof: the newest 500. A supervisor reads those of the own team, an owner all.
#[utoipa::path(tag = "reads", security(("bearer" = [])), responses((status = 200, body = [Erasure]), (status = 403, body = ProblemBody)))]
#[get("/api/v1/erasures")]
pub async fn erasures(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.must(Access::Supervisor)?;
    let actor = caller.actor(Via::Rest);
    let found = blocking(move || {
        let rows = app.db.read(|conn| papers::erasures(conn, &actor.workspace_id, ERASURES_MAX))?;
        rows.iter().filter(|row| actor.oversees(&row.team_id)).map(ErasureRow::wire).collect::<Result<Vec<_>, Stop>>()
    })
    .await?;
    Ok(HttpResponse::Ok().json(found))
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
