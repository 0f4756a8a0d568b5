//! What an act on a case is answered with: that it stands, and how to go on; the whole page only where it is asked for.

use axum::Json;
use axum::http::header::{ETAG, HeaderName, HeaderValue, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::page;
use crate::app::App;
use crate::cases::shell::Done;
use crate::http::Answer;
use crate::session::Caller;

/// A case after an act: what one needs to go on without reading its page.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseStanding {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// Version, to be sent back with the next action as `seen`.
    pub version: u64,
    /// The stage's key.
    pub stage: String,
    /// Whether it has ended.
    pub ended: bool,
    /// Position that a search or list must have reached to show this state, where it is known at once.
    pub position: Option<i64>,
}

/// Answers a command that was carried out.
pub(super) async fn stands(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    status: StatusCode,
    done: Done,
) -> Answer<Response> {
    let state = match done.state {
        Some(state) => state,
        // An earlier request with the same key had done it.
        None => app.centre.case(done.case).await?.0,
    };
    let page = if prefers_page(headers) {
        // Who passed a case on may have lost sight of it: the act stands all the same.
        page(app, caller, done.case).await?
    } else {
        None
    };
    let mut response = match page {
        Some(mut page) => {
            page.position = done.position;
            let mut response = (status, Json(page)).into_response();
            response.headers_mut().insert(
                HeaderName::from_static("preference-applied"),
                HeaderValue::from_static("return=representation"),
            );
            response
        }
        None => {
            let standing = CaseStanding {
                id: state.id.to_string(),
                number: state.number.clone(),
                version: state.version,
                stage: state.stage.clone(),
                ended: state.ended.is_some(),
                position: done.position,
            };
            (status, Json(standing)).into_response()
        }
    };
    let said = [
        (LOCATION, format!("/api/cases/{}", state.id)),
        (ETAG, format!("\"{}\"", state.version)),
    ];
    for (name, text) in said {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Whether the request asks for the case's page in the answer (RFC 7240).
fn prefers_page(headers: &HeaderMap) -> bool {
    let preferred = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok());
    preferred
        .flat_map(|text| text.split([',', ';']))
        .any(|one| one.trim().eq_ignore_ascii_case("return=representation"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_given_only_where_it_is_asked_for() {
        let asked = |text: &'static str| {
            prefers_page(&HeaderMap::from_iter([(
                HeaderName::from_static("prefer"),
                HeaderValue::from_static(text),
            )]))
        };
        assert!(asked("return=representation"));
        assert!(asked("respond-async, Return=Representation"));
        assert!(!asked("return=minimal"));
        assert!(!prefers_page(&HeaderMap::new()));
    }
}
