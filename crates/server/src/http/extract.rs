//! Extractors whose refusals have the one shape.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::Problem;

/// How long a body may take to arrive.
const SLOWEST: Duration = Duration::from_secs(30);

/// A JSON body.
pub struct Body<T>(pub T);

/// Query parameters.
pub struct Params<T>(pub T);

/// Parameters in the path.
pub struct Route<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let headers = parts.headers.clone();
        let read = Bytes::from_request(Request::from_parts(parts, body), state);
        let bytes = match tokio::time::timeout(SLOWEST, read).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(rejection)) => return Err(too_large_or_broken(rejection.status())),
            Err(_) => return Err(Problem::too_slow()),
        };
        // In JSON the character without a letter is written so and no other way; PostgreSQL takes none, and what one
        // database takes the other must too.
        if bytes.windows(6).any(|six| six == b"\\u0000") {
            return Err(nothing_letter());
        }
        // A list would be read as an object's fields in the order in which they happen to be declared.
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            return Err(Problem::malformed(
                "请求的内容应是JSON对象（{…}），不是列表。",
                "The body must be a JSON object ({…}), not a list.",
            ));
        }
        let mut again = Request::new(axum::body::Body::from(bytes));
        *again.headers_mut() = headers;
        match Json::<T>::from_request(again, state).await {
            Ok(Json(value)) => Ok(Body(value)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

fn nothing_letter() -> Problem {
    Problem::malformed(
        "内容里有不可见的空字符（U+0000）。请删去后再试。",
        "The text holds the invisible character U+0000. Remove it and try again.",
    )
}

fn too_large_or_broken(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::status(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "内容太大。请缩短后再试。",
            "The request is too large. Shorten it and try again.",
        );
    }
    Problem::malformed(
        "请求的内容没有收全。请再试一次。",
        "The body of the request did not arrive whole. Try again.",
    )
}

fn unreadable(rejection: &JsonRejection) -> Problem {
    let why = rejection.body_text();
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large_or_broken(StatusCode::PAYLOAD_TOO_LARGE),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::status(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "请求必须是JSON，并带上Content-Type: application/json。",
            "The request must be JSON, with Content-Type: application/json.",
        ),
        _ => Problem::malformed(
            format!(
                "请求的内容不是所要的JSON。请对照接口说明（/api/openapi.json）改正所指之处：{}",
                place_of(&why)
            ),
            format!(
                "The body is not the JSON that is wanted. Mend the place named, by the API's description: {}",
                place_of(&why)
            ),
        ),
    }
}

/// What the reader says, without how it introduces itself.
fn place_of(why: &str) -> &str {
    why.strip_prefix("Failed to deserialize the JSON body into the target type: ")
        .or_else(|| why.strip_prefix("Failed to parse the request body as JSON: "))
        .unwrap_or(why)
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(nothing_letter());
        }
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Params(value)),
            Err(rejection) => {
                let why = QueryRejection::body_text(&rejection);
                Err(Problem::malformed(
                    format!("网址中的参数有误：{why}"),
                    format!("A query parameter is wrong: {why}"),
                ))
            }
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Route<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Route(value)),
            Err(rejection) => {
                let why = PathRejection::body_text(&rejection);
                Err(Problem::malformed(
                    format!("网址有误：{why}"),
                    format!("The address is wrong: {why}"),
                ))
            }
        }
    }
}
