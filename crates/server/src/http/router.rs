//! Every route with what surrounds it: the one shape of refusals, limits, headers, figures, the web client; and the
//! description of the API that follows from the handlers themselves.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Description;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::ProblemBody;
use super::{Answer, Language, Problem, client, metrics, way_in};
use crate::app::App;
use crate::session::Caller;
use crate::{
    attachments, audit, cases, contacts, customers, exports, first_start, hand_over, import, jobs, live,
    messages, organisation, outside_bodies, packs, personal_data, reports, rights, search, session, tokens,
};

/// The largest body of a request.
const LARGEST: usize = 1024 * 1024;

/// How long a request may take until its answer begins.
const PATIENCE: Duration = Duration::from_secs(60);

const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Shouwen",
        description = "Service desk by a company's own written rules"
    ),
    components(schemas(ProblemBody))
)]
struct Base;

fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Base::openapi())
        .routes(routes!(session::api::login))
        .routes(routes!(session::api::session))
        .routes(routes!(session::api::logout))
        .routes(routes!(session::api::set_language))
        .routes(routes!(session::preferences::preference))
        .routes(routes!(session::preferences::set_preference))
        .routes(routes!(cases::api::queue))
        .routes(routes!(cases::api::cases))
        .routes(routes!(cases::api::open))
        .routes(routes!(cases::api::open_dry_run))
        .routes(routes!(cases::api::case))
        .routes(routes!(cases::api::act))
        .routes(routes!(cases::api::act_dry_run))
        .routes(routes!(cases::api::sign))
        .routes(routes!(cases::api::replace_signer))
        .routes(routes!(cases::api::answer))
        .routes(routes!(cases::api::proof))
        .routes(routes!(cases::api::unmask_field))
        .routes(routes!(cases::api::call_backs))
        .routes(routes!(cases::api::board))
        .routes(routes!(cases::api::board_column))
        .routes(routes!(cases::api::intakes))
        .routes(routes!(cases::api::intake))
        .merge(packs::api::routes())
        .merge(reports::api::routes())
        .routes(routes!(packs::reading::reading))
        .routes(routes!(packs::reading::phrases))
        .routes(routes!(packs::versions::versions))
        .routes(routes!(reports::obligations::obligations))
        .merge(customers::routes())
        .merge(contacts::routes())
        .merge(attachments::routes())
        .merge(personal_data::routes())
        .merge(outside_bodies::routes())
        .routes(routes!(organisation::api::units))
        .routes(routes!(organisation::api::people))
        .merge(live::routes())
        .merge(exports::api::routes())
        .merge(import::api::routes())
        .merge(jobs::api::routes())
        .merge(messages::api::routes())
        .merge(search::routes())
        .routes(routes!(description))
        .merge(organisation::administration::routes())
        .merge(audit::routes())
        .merge(hand_over::routes())
        .merge(rights::routes())
        .merge(first_start::routes())
        .merge(session::routes())
        .merge(tokens::routes())
}

/// The description of the API (OpenAPI 3.1), as the handlers state it.
pub fn openapi() -> Description {
    routes().into_openapi()
}

/// The whole application as one service.
pub fn router(app: Arc<App>) -> Router {
    metrics::install();
    let (api, _) = routes().split_for_parts();
    api.route("/healthz", get(healthy))
        .route("/metrics", get(metrics::exposed))
        .fallback(client::client)
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            PATIENCE,
        ))
        .layer(middleware::from_fn_with_state(app.clone(), first_start::gate))
        .layer(middleware::from_fn_with_state(app.clone(), way_in::limited))
        .layer(middleware::from_fn_with_state(app.clone(), rendered))
        .layer(middleware::from_fn(metrics::measure))
        .layer(middleware::from_fn_with_state(app.clone(), way_in::seen))
        .layer(middleware::map_response(guarded))
        .layer(CompressionLayer::new())
        .with_state(app)
}

/// The description of this API.
#[utoipa::path(get, path = "/api/openapi.json", tag = "description", responses((status = 200, body = serde_json::Value), Problem))]
async fn description(_caller: Caller) -> Answer<Json<serde_json::Value>> {
    let described = serde_json::to_value(openapi());
    described.map(Json).map_err(|error| {
        tracing::error!(%error, "the description of the API cannot be written");
        Problem::unavailable("接口说明暂不可用。", "The description is not available.")
    })
}

/// Whether the store answers.
async fn healthy(State(app): State<Arc<App>>) -> Response {
    match app.centre.store.query("SELECT 1", &[]).await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response()
        }
    }
}

/// Gives every refusal the one shape, those of the framework too.
async fn rendered(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let of_api = request.uri().path() == "/api" || request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| {
        if of_api {
            of_framework(response.status())
        } else {
            None
        }
    });
    let Some(problem) = problem else { return response };
    let mut shown = problem.render(&app.centre, language);
    if let Some(allow) = response.headers_mut().remove(ALLOW) {
        shown.headers_mut().insert(ALLOW, allow);
    }
    shown
}

/// What a bare status of the framework means. A handler's own answers are never bare refusals.
fn of_framework(status: StatusCode) -> Option<Problem> {
    match status {
        StatusCode::NOT_FOUND => Some(Problem::not_found("这个地址", "address")),
        StatusCode::METHOD_NOT_ALLOWED => Some(Problem::status(
            status,
            "method",
            "这个地址不接受这种请求方法。可用的方法见Allow。",
            "This address does not take this method. Allow names those it does.",
        )),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Problem::status(
            status,
            "too_large",
            "内容太大。请缩短后再试。",
            "The request is too large. Shorten it and try again.",
        )),
        StatusCode::SERVICE_UNAVAILABLE => Some(Problem::unavailable(
            "处理用时太长，没有完成。请稍后再试。",
            "It took too long and was not finished. Try again later.",
        )),
        status if status.is_client_error() => Some(Problem::status(
            status,
            "malformed",
            "请求有误。",
            "The request cannot be read.",
        )),
        _ => None,
    }
}

/// Headers that every answer carries. What the API says is never kept by a browser or a proxy.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A handler may forbid still more, as for files that people brought in.
        if name != CONTENT_SECURITY_POLICY || !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests;
