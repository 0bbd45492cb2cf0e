//! The API's description, generated from the handlers, as JSON and as a page to read. The page is plain HTML of our own.

use crate::http::problem::Problem;
use crate::kit::refusal::Stop;
use actix_web::dev::ResourceDef;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use minijinja::{Environment, context};
use serde_json::{Value, json};

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

/// Adds what every endpoint of a kind may answer, so that no handler has to repeat it: 401 where a token is asked for, 400 and 422
/// where something is read from the request, 413 and 415 where that is a body, 503 because the database may always be busy.
/// Every no is a problem body.
pub fn complete(spec: &mut Value) {
    let paths = spec["paths"].as_object_mut().into_iter().flatten();
    for operation in paths.flat_map(|(_, path)| path.as_object_mut().into_iter().flatten()).map(|(_, operation)| operation) {
        let mut codes = vec![StatusCode::SERVICE_UNAVAILABLE];
        let has_body = operation["requestBody"].is_object();
        let asks = operation["parameters"].as_array().into_iter().flatten().any(|one| one["in"] != "header");
        codes.extend(operation["security"].is_array().then_some(StatusCode::UNAUTHORIZED));
        codes.extend(if has_body || asks { [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].as_slice() } else { &[] });
        codes.extend(if has_body { [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::UNSUPPORTED_MEDIA_TYPE].as_slice() } else { &[] });
        for code in codes {
            let answer = &mut operation["responses"][code.as_str()];
            if answer.is_null() {
                *answer = json!({ "description": code.canonical_reason() });
            }
        }
        let answers = operation["responses"].as_object_mut().into_iter().flatten();
        for (_, answer) in answers.filter(|(code, _)| code.starts_with(['4', '5'])) {
            say_problem(answer);
        }
    }
}

/// A push that was cut short is a 503 with its results; all else that says no is a problem.
fn say_problem(answer: &mut Value) {
    let problem = json!({ "schema": { "$ref": "#/components/schemas/ProblemBody" } });
    if answer["content"]["application/json"] == problem {
        answer["content"] = json!({});
    }
    answer["content"]["application/problem+json"] = problem;
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
