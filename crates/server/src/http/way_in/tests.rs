use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::MockConnectInfo;
use axum::http::{Request as Asked, StatusCode};
use store::Store;
use tower::ServiceExt;

use super::*;
use crate::centre::Centre;
use crate::http::flood::{Limits, Rate};
use crate::schema::MIGRATIONS;

/// An application behind a proxy in 10.0.0.0/8, asked by a peer.
async fn application(peer: [u8; 4], limits: Limits) -> (tempfile::TempDir, Router) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let centre = Arc::new(Centre::open(store).await.unwrap());
    let way_in = WayIn {
        trusted: vec!["10.0.0.0/8".parse().unwrap()],
        tls: false,
        floods: Floods::new(&limits),
    };
    let app = Arc::new(App::new(centre, false).behind(way_in));
    let peer = MockConnectInfo(SocketAddr::from((peer, 40_000)));
    (folder, crate::http::router::router(app).layer(peer))
}

async fn ask(router: &Router, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Asked::builder().uri(path).header("accept-language", "en");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

fn few() -> Limits {
    Limits {
        address: Rate {
            per_second: 1,
            burst: 3,
        },
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_flood_is_answered_429_in_the_one_shape_and_others_are_served() {
    let (_folder, router) = application([10, 0, 0, 1], few()).await;
    let flood = [("x-forwarded-for", "198.51.100.7")];
    for _ in 0..3 {
        assert_eq!(
            ask(&router, "/api/session", &flood).await.status(),
            StatusCode::UNAUTHORIZED
        );
    }
    let refused = ask(&router, "/api/session", &flood).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let body = to_bytes(refused.into_body(), 10_000).await.unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["code"], "rate");
    // Another client behind the same proxy, and who watches over the server.
    let other = [("x-forwarded-for", "198.51.100.8")];
    assert_eq!(
        ask(&router, "/api/session", &other).await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(ask(&router, "/healthz", &flood).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn attack_proxy_headers_do_not_get_round_the_limit() {
    let (_folder, router) = application([203, 0, 113, 9], few()).await;
    let mut last = StatusCode::OK;
    for number in 0..4 {
        let forged = format!("198.51.100.{number}");
        last = ask(&router, "/api/session", &[("x-forwarded-for", &forged)])
            .await
            .status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn only_who_came_by_https_is_told_to_stay_with_it() {
    let (_folder, router) = application([10, 0, 0, 1], Limits::default()).await;
    let https = [
        ("x-forwarded-for", "198.51.100.7"),
        ("x-forwarded-proto", "https"),
    ];
    for path in ["/healthz", "/api/session"] {
        let answer = ask(&router, path, &https).await;
        assert_eq!(
            answer.headers()["strict-transport-security"],
            ONLY_HTTPS,
            "{path}"
        );
    }
    let plain = ask(&router, "/healthz", &https[..1]).await;
    assert!(!plain.headers().contains_key("strict-transport-security"));
    // A stranger's word is not believed.
    let (_folder, router) = application([203, 0, 113, 9], Limits::default()).await;
    let forged = ask(&router, "/healthz", &https).await;
    assert!(!forged.headers().contains_key("strict-transport-security"));
}
