use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::extract::connect_info::MockConnectInfo;
use axum::http::{Method, Request as Asked};
use serde_json::Value as Json;
use store::Store;
use tower::ServiceExt;

use super::*;
use crate::centre::Centre;
use crate::schema::MIGRATIONS;

/// An application over an empty database; the folder lives as long as the test.
async fn application() -> (tempfile::TempDir, Router) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let centre = Arc::new(Centre::open(store).await.unwrap());
    let app = Arc::new(App::new(centre, false));
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    (folder, router(app).layer(MockConnectInfo(peer)))
}

async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    body: &str,
) -> (StatusCode, axum::http::HeaderMap, String) {
    let request = Asked::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header("content-type", "application/json")
        .header("accept-language", "en")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), 10 * LARGEST).await.unwrap();
    (status, headers, String::from_utf8(bytes.to_vec()).unwrap())
}

/// Every operation of the description: path, method, operation.
fn operations(described: &Json) -> Vec<(String, String, Json)> {
    let mut all = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "delete", "patch"] {
            if let Some(operation) = item.get(method) {
                all.push((path.clone(), method.to_uppercase(), operation.clone()));
            }
        }
    }
    all
}

fn references(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::Object(members) => {
            for (key, member) in members {
                match member {
                    Json::String(target) if key == "$ref" => found.push(target.clone()),
                    member => references(member, found),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_of_the_description_resolves() {
    let described = serde_json::to_value(openapi()).unwrap();
    let mut found = Vec::new();
    references(&described, &mut found);
    assert!(found.len() > 20);
    for target in found {
        let pointer = target.trim_start_matches('#');
        assert!(described.pointer(pointer).is_some(), "{target} points at nothing");
    }
}

#[test]
fn every_operation_names_the_problem_answers() {
    let described = serde_json::to_value(openapi()).unwrap();
    let all = operations(&described);
    assert!(all.len() >= 25, "{}", all.len());
    for (path, method, operation) in all {
        for status in ["400", "401", "403", "404", "409", "422", "503"] {
            let answer =
                &operation["responses"][status]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(
                answer, "#/components/schemas/ProblemBody",
                "{method} {path} {status}"
            );
        }
    }
}

#[test]
fn operations_have_names_of_their_own() {
    let described = serde_json::to_value(openapi()).unwrap();
    let mut names: Vec<String> = operations(&described)
        .iter()
        .map(|(_, _, one)| one["operationId"].as_str().unwrap().to_owned())
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// What is open to everybody: the ways to log in, and the first set-up with its one-time code.
const OPEN: &[(&str, &str)] = &[
    ("POST", "/api/session"),
    ("POST", "/api/session/oidc"),
    ("POST", "/api/session/oidc/return"),
    ("POST", "/api/session/oidc/second-factor"),
    ("POST", "/api/session/password-link"),
    ("GET", "/api/session/ways"),
    ("GET", "/api/setup"),
    ("POST", "/api/setup"),
];

#[tokio::test]
async fn every_route_but_the_log_in_refuses_an_anonymous_caller() {
    let (_folder, router) = application().await;
    let described = serde_json::to_value(openapi()).unwrap();
    for (path, method, _) in operations(&described) {
        if OPEN.contains(&(method.as_str(), path.as_str())) {
            continue;
        }
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect::<Vec<_>>();
        let (status, headers, body) = ask(&router, &method, &path.join("/"), "{}").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path:?}: {body}");
        assert_eq!(
            headers["content-type"], "application/problem+json",
            "{method} {path:?}"
        );
        let body: Json = serde_json::from_str(&body).unwrap();
        assert_eq!(body["code"], "unauthenticated");
    }
}

#[tokio::test]
async fn refusals_of_the_framework_have_the_one_shape() {
    let (_folder, router) = application().await;
    let large = format!("{{\"login\":\"{}\",\"password\":\"\"}}", "x".repeat(LARGEST));
    for (method, path, body, wanted, code) in [
        ("GET", "/api/nothing", "", 404, "not_found"),
        ("PATCH", "/api/session", "", 405, "method"),
        ("POST", "/api/session", large.as_str(), 413, "too_large"),
        ("POST", "/api/session", "{", 400, "malformed"),
        (
            "POST",
            "/api/session",
            "{\"login\":\"a\",\"password\":\"b\",\"more\":1}",
            400,
            "malformed",
        ),
    ] {
        let (status, headers, text) = ask(&router, method, path, body).await;
        assert_eq!(status.as_u16(), wanted, "{method} {path}: {text}");
        assert_eq!(
            headers["content-type"], "application/problem+json",
            "{method} {path}"
        );
        let shown: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(shown["code"], code, "{method} {path}");
        assert_eq!(shown["status"], wanted);
        assert!(!shown["detail"].as_str().unwrap().is_empty());
    }
    let (_, headers, _) = ask(&router, "PATCH", "/api/session", "").await;
    assert!(headers["allow"].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn a_wrong_log_in_is_told_in_the_readers_language() {
    let (_folder, router) = application().await;
    let (status, _, text) = ask(
        &router,
        "POST",
        "/api/session",
        "{\"login\":\"nobody\",\"password\":\"x\"}",
    )
    .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let shown: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(shown["code"], "wrong_login");
    assert_eq!(shown["title"], "Not logged in");
}

#[tokio::test]
async fn every_answer_carries_the_guarding_headers() {
    let (_folder, router) = application().await;
    for path in ["/healthz", "/api/session", "/nothing.js", "/"] {
        let (_, headers, _) = ask(&router, "GET", path, "").await;
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert!(headers.contains_key("cache-control"), "{path}");
    }
}

#[tokio::test]
async fn health_and_figures_are_told_without_a_log_in() {
    let (_folder, router) = application().await;
    let (status, _, body) = ask(&router, "GET", "/healthz", "").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "ok\n"));
    let (status, _, body) = ask(&router, "GET", "/metrics", "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("shouwen_store_commits_total"), "{body}");
    // Routes are named by their pattern, never by an address somebody asked for.
    ask(&router, "GET", "/api/cases/4711", "").await;
    let (_, _, body) = ask(&router, "GET", "/metrics", "").await;
    assert!(body.contains("route=\"/api/cases/{id}\""), "{body}");
    assert!(!body.contains("4711"));
}
