//! The API's description, generated from the handlers, as JSON and as a page to read. The page is plain HTML of our own.

use crate::http::problem::Problem;
use crate::kit::refusal::Stop;
use actix_web::{HttpResponse, web};
use minijinja::{Environment, context};

const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/style.css");

/// The finished description, made once at the start.
pub struct Description {
    pub json: String,
}

pub async fn openapi(description: web::Data<Description>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(description.json.clone())
}

pub async fn page(description: web::Data<Description>) -> Result<HttpResponse, Problem> {
    let spec: serde_json::Value = serde_json::from_str(&description.json).map_err(Stop::from)?;
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    let html = templates.render_str(PAGE, context! { spec => minijinja::value::Serde(&spec) }).map_err(Stop::fault)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

pub async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}
