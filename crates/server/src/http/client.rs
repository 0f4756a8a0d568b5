//! The web client out of the program itself: what its build named by content is kept for good, everything else is
//! asked for again; an address of the client's own pages gives its one page.

use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Client;

/// Where the build puts files whose names hold a hash of what is in them.
const HASHED: &str = "assets/";

/// The page on which the client runs.
const PAGE: &str = "index.html";

/// Anything that is no route of the server: a file of the client, one of its pages, or nothing.
pub async fn client(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if let Some(file) = Client::get(if path.is_empty() { PAGE } else { path }) {
        return send(path, &file, &headers);
    }
    let wants_page = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains("text/html"));
    if path.starts_with(HASHED) || !wants_page {
        return StatusCode::NOT_FOUND.into_response();
    }
    match Client::get(PAGE) {
        Some(page) => send(PAGE, &page, &headers),
        None => (
            StatusCode::NOT_FOUND,
            [(CONTENT_TYPE, "text/plain; charset=utf-8")],
            "这个程序里没有网页客户端：请先在web目录中构建，再编译服务器。\n\
             This program holds no web client: build it in the folder web, then compile the server.\n",
        )
            .into_response(),
    }
}

fn send(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{hash}\"");
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains(&tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = file.data.clone().into_owned().into_response();
        let kind = HeaderValue::from_str(file.metadata.mimetype());
        response.headers_mut().insert(
            CONTENT_TYPE,
            kind.unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream")),
        );
        response
    };
    let keep = if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
