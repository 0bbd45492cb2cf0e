//! Running the server: routes, limits, heartbeat, job runner, graceful stop.

use super::App;
use crate::http::docs::Description;
use crate::http::problem::Problem;
use crate::http::{api, assets, docs, guard, health};
use crate::jobs::Lane;
use crate::jobs::runner::Waker;
use crate::jobs::{runner, ticker};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::sync::blobs;
use crate::{auth, customers, jobs, mail, notices, outreach, roster, sync, tasks, team};
use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpServer, ResponseError, web};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tracing_actix_web::TracingLogger;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// A phone that was away for weeks sends everything at once.
const JSON_MAX: usize = 8 * 1024 * 1024;
/// Sending the head of a request may not take longer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Requests in flight get so long to finish when the server stops (s).
const STOP_SECONDS: u64 = 10;
const SUM_UP: Duration = Duration::from_secs(5);

/// Every endpoint that the API description knows.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(sync::http::push_http)
        .service(sync::http::pull_http)
        .service(sync::http::events_http)
        .service(sync::http::put_blob)
        .service(sync::http::get_blob)
        .configure(auth::http::routes)
        .service(api::command)
        .service(api::history_of)
        .service(api::info)
        .service(api::outbox)
        .service(team::http::people)
        .service(roster::http::roster)
        .service(roster::http::roster_csv)
        .service(tasks::http::board)
        .service(customers::http::search)
        .service(customers::http::duplicates)
        .service(customers::http::one)
        .service(customers::http::reveal)
        .service(customers::http::export)
        .service(customers::http::erasures)
        .service(customers::files::upload)
        .service(customers::files::read)
        .service(customers::import::http::preview)
        .service(customers::import::http::bring_in)
        .service(outreach::http::preview)
        .service(outreach::http::how_well)
        .service(outreach::http::letters)
        .service(outreach::http::try_letter)
        .service(outreach::http::of_customer)
        .service(outreach::http::providers)
        .service(outreach::http::reply)
        .service(notices::http::push_key)
        .service(mail::http::hooks)
        .service(mail::http::mail_report)
        .service(jobs::http::dead)
        .service(jobs::http::retry)
        .service(jobs::http::bury);
}

/// The description of the API, from the handlers.
///
/// # Errors
/// `Fault` when it cannot be written as JSON.
pub fn describe() -> Result<String, Stop> {
    let (_, spec) = actix_web::App::new().into_utoipa_app().openapi(api::Api::openapi()).configure(routes).split_for_parts();
    let mut spec = serde_json::to_value(spec)?;
    docs::complete(&mut spec);
    Ok(serde_json::to_string_pretty(&spec)?)
}

/// A bound server that has not started yet.
pub struct Bound {
    pub address: std::net::SocketAddr,
    pub server: Server,
    metrics: PrometheusHandle,
}

/// Binds the address. The server runs when its future is awaited.
///
/// # Errors
/// `Fault` when the address is taken.
pub fn bind(app: &Arc<App>, metrics: PrometheusHandle) -> Result<Bound, Stop> {
    let data = web::Data::from(app.clone());
    let shown = web::Data::new(metrics.clone());
    let description = web::Data::new(Description::new(describe()?)?);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(data.clone())
            .app_data(shown.clone())
            .app_data(description.clone())
            .app_data(web::JsonConfig::default().limit(JSON_MAX))
            .app_data(web::PayloadConfig::new(blobs::SIZE_MAX))
            .app_data(web::QueryConfig::default().error_handler(|error, _| refused(&error).into()))
            .app_data(web::PathConfig::default().error_handler(|error, _| refused(&error).into()))
            .wrap(Compress::default())
            .wrap(from_fn(guard::guard))
            .wrap(TracingLogger::<guard::RequestSpan>::new())
            .into_utoipa_app()
            .openapi(api::Api::openapi())
            .configure(routes)
            .into_app()
            .service(mail::stop::style)
            .service(mail::stop::ask)
            .service(mail::stop::stop)
            .service(health::healthz)
            .service(health::readyz)
            .service(health::prometheus)
            .route("/api/openapi.json", web::get().to(docs::openapi))
            .route("/api/docs", web::get().to(docs::page))
            .route("/api/docs.css", web::get().to(docs::style))
            .default_service(web::route().to(fallback))
    })
    .workers(app.config.workers)
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(STOP_SECONDS)
    .disable_signals();
    let server = server.bind(&app.config.listen).map_err(|error| Stop::fault(format!("{}: {error}", app.config.listen)))?;
    let address = *server.addrs().first().ok_or_else(|| Stop::fault("no address"))?;
    Ok(Bound { address, server: server.run(), metrics })
}

fn refused(error: &dyn std::fmt::Display) -> Problem {
    Refusal::because(Code::BadRequest, error.to_string()).into()
}

/// Pages for GET; for the rest there is either another method or nothing at all.
async fn fallback(
    app: web::Data<App>,
    description: web::Data<Description>,
    request: actix_web::HttpRequest,
) -> Result<actix_web::HttpResponse, Problem> {
    if let Some(methods) = description.methods(request.path()) {
        let mut response = Problem::from(Stop::from(Code::MethodNotAllowed)).error_response();
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_str(methods).map_err(Stop::fault)?);
        return Ok(response);
    }
    if matches!(*request.method(), actix_web::http::Method::GET | actix_web::http::Method::HEAD) {
        return assets::serve(app, request).await;
    }
    Err(Stop::from(Code::NotFound).into())
}

/// The runners of a server. Two may wait for others at once; they keep a connection each while they do.
const RUNNERS: [Lane; 3] = [Lane::Inside, Lane::Outside, Lane::Outside];

/// The background of a running server: heartbeat and job runners.
pub struct Background {
    stop: watch::Sender<bool>,
    runners: Vec<tokio::task::JoinHandle<()>>,
    scheduler: tokio_cron_scheduler::JobScheduler,
}

impl Background {
    /// Makes up for the time the server was down, then starts the heartbeat.
    ///
    /// # Errors
    /// `Fault` when the scheduler cannot start.
    pub async fn start(app: &Arc<App>) -> Result<Self, Stop> {
        let waker = Waker::default();
        let (stop, stopped) = watch::channel(false);
        if let Err(stop) = ticker::tick(app).await {
            tracing::warn!(%stop, "first tick");
        }
        let run = |lane| tokio::spawn(runner::run(app.clone(), lane, waker.clone(), stopped.clone()));
        let runners = RUNNERS.map(run).into();
        let scheduler = ticker::start(app.clone(), waker).await?;
        Ok(Background { stop, runners, scheduler })
    }

    /// Lets the jobs in hand finish.
    pub async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "heartbeat");
        }
        // A closed channel means the runners are gone already.
        let _ = self.stop.send(true);
        for runner in self.runners {
            let _ = runner.await;
        }
    }
}

/// Serves until the process is told to stop (Ctrl+C or SIGTERM): requests in flight and the job in hand finish, live lines close.
///
/// # Errors
/// `Fault` when the server breaks off by itself.
pub async fn run(app: Arc<App>, bound: Bound) -> Result<(), Stop> {
    let background = Background::start(&app).await?;
    let handle = bound.server.handle();
    let bus = app.door.bus.clone();
    actix_web::rt::spawn(sum_up(bound.metrics));
    actix_web::rt::spawn(async move {
        told_to_stop().await;
        bus.close();
        handle.stop(true).await;
    });
    let result = bound.server.await.map_err(Stop::fault);
    background.stop().await;
    result
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Installs the process-wide metrics recorder.
///
/// # Errors
/// `Fault` when there is one already.
pub fn install_metrics() -> Result<PrometheusHandle, Stop> {
    const SECONDS: [f64; 9] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
    const WRITES: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Full("dutyboard_writes_per_commit".into()), &WRITES))
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(Stop::fault)
}

/// Sums up what was measured since the last time, so that it does not pile up where nobody reads it.
async fn sum_up(metrics: PrometheusHandle) {
    let mut beats = tokio::time::interval(SUM_UP);
    loop {
        beats.tick().await;
        metrics.run_upkeep();
    }
}
