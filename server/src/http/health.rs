//! Is it alive, is it ready, how is it doing. No personal data in any of them.

use super::blocking;
use super::problem::Problem;
use crate::app::App;
use crate::jobs::queue;
use actix_web::{HttpResponse, get, web};
use metrics_exporter_prometheus::PrometheusHandle;

#[get("/healthz")]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().body("ok")
}

/// Ready means that the database answers.
#[get("/readyz")]
pub async fn readyz(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    blocking(move || app.db.read(|conn| queue::count(conn, "queued").map(drop))).await?;
    Ok(HttpResponse::Ok().body("ready"))
}

#[get("/metrics")]
pub async fn prometheus(app: web::Data<App>, handle: web::Data<PrometheusHandle>) -> Result<HttpResponse, Problem> {
    let (queued, dead) =
        blocking(move || app.db.read(|conn| Ok((queue::count(conn, "queued")?, queue::count(conn, "dead")?)))).await?;
    let gauge = |state: &'static str, value: i64| metrics::gauge!("dutyboard_jobs", "state" => state).set(value as f64);
    gauge("queued", queued);
    gauge("dead", dead);
    handle.run_upkeep();
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(handle.render()))
}
