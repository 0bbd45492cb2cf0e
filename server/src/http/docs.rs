//! The API's description, generated from the handlers, as JSON and as a page to read. The page is plain HTML of our own.

use crate::http::problem::Problem;
use crate::kit::refusal::Stop;
use actix_web::dev::ResourceDef;
use actix_web::{HttpResponse, web};
use minijinja::{Environment, context};
use serde_json::Value;

const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/style.css");

/// The finished description, made once at the start.
pub struct Description {
    pub json: String,
    /// Every path with its methods.
    paths: Vec<(ResourceDef, String)>,
}

impl Description {
    /// # Errors
    /// `Fault` for what is no JSON.
    pub fn new(json: String) -> Result<Self, Stop> {
        let spec: Value = serde_json::from_str(&json)?;
        let methods = |known: &Value| {
            known.as_object().into_iter().flatten().map(|(name, _)| name.to_uppercase()).collect::<Vec<_>>().join(", ")
        };
        let known = spec["paths"].as_object().into_iter().flatten();
        let paths = known.map(|(path, about)| (ResourceDef::new(path.as_str()), methods(about))).collect();
        Ok(Description { json, paths })
    }

    /// The methods that an endpoint takes, if there is one.
    pub fn methods(&self, path: &str) -> Option<&str> {
        self.paths.iter().find(|(known, _)| known.is_match(path)).map(|(_, methods)| methods.as_str())
    }
}

pub async fn openapi(description: web::Data<Description>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(description.json.clone())
}

pub async fn page(description: web::Data<Description>) -> Result<HttpResponse, Problem> {
    let spec: Value = serde_json::from_str(&description.json).map_err(Stop::from)?;
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    let html = templates.render_str(PAGE, context! { spec => minijinja::value::Serde(&spec) }).map_err(Stop::fault)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

pub async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}
