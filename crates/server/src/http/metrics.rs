//! What Prometheus reads at `/metrics`, and one log line per request: route, status and time, never an address with
//! its parameters, a body or anything personal.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::app::App;
use crate::http::Problem;

/// Upper ends of the buckets of request times, in seconds.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// The process's recorder: there is one, however many routers tests build.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
            let installed = builder.and_then(PrometheusBuilder::install_recorder);
            installed
                .map_err(|error| tracing::error!(%error, "no figures are kept for /metrics"))
                .ok()
        })
        .as_ref()
}

/// Begins to keep figures.
pub fn install() {
    let _ = recorder();
}

/// Counts and times a request.
pub async fn measure(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    // The route's pattern, not the address: ids and searched names stay out of logs and labels.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let took = began.elapsed();
    let status = response.status();
    let labels = [
        ("method", method.to_string()),
        ("route", route.clone()),
        ("status", status.as_u16().to_string()),
    ];
    metrics::counter!("shouwen_requests_total", &labels).increment(1);
    metrics::histogram!("shouwen_request_seconds", "route" => route.clone()).record(took.as_secs_f64());
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::error!(%method, route, status = status.as_u16(), took_ms, "request failed");
    } else {
        tracing::debug!(%method, route, status = status.as_u16(), took_ms, "request");
    }
    response
}

/// The figures in Prometheus's text form.
pub async fn exposed(State(app): State<Arc<App>>) -> Response {
    let Some(recorder) = recorder() else {
        return Problem::unavailable("没有可用的指标。", "No figures are kept.").into_response();
    };
    let figures = app.centre.store.figures();
    for (name, value) in [
        ("shouwen_store_commits_total", figures.commits),
        ("shouwen_store_refused_total", figures.refused),
        ("shouwen_store_failed_total", figures.failed),
        ("shouwen_store_events_total", figures.events),
        ("shouwen_store_groups_total", figures.groups),
        ("shouwen_store_redone_groups_total", figures.redone_groups),
        ("shouwen_store_commit_microseconds_total", figures.commit_micros),
    ] {
        metrics::counter!(name).absolute(value);
    }
    for (name, value) in [
        ("shouwen_store_waiting", figures.waiting),
        ("shouwen_store_last_group", figures.last_group),
        ("shouwen_store_largest_group", figures.largest_group),
        (
            "shouwen_store_last_commit_microseconds",
            figures.last_commit_micros,
        ),
        ("shouwen_live_listeners", app.live.listeners() as u64),
    ] {
        metrics::gauge!(name).set(value as f64);
    }
    metrics::gauge!("shouwen_sealed_position").set(app.centre.store.sealed_position() as f64);
    if let Some(bytes) = resident() {
        metrics::gauge!("process_resident_memory_bytes").set(bytes as f64);
    }
    recorder.run_upkeep();
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        recorder.render(),
    )
        .into_response()
}

/// Memory in use, where the system tells it (Linux).
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
