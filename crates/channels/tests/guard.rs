//! Attacks on the way out: nothing that a setting or a subscription names may reach into the house.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use channels::Failure;
use channels::door::{BadAddress, Call, Door, Outbound};

/// A server inside the house that counts who comes.
async fn inside() -> (SocketAddr, Arc<AtomicUsize>) {
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = visits.clone();
    let app = Router::new().fallback(move |uri: axum::http::Uri| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            match uri.path() {
                "/moved" => (StatusCode::FOUND, [("location", "/secret")]).into_response(),
                "/large" => vec![b'x'; 1_000_000].into_response(),
                _ => "inside".into_response(),
            }
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, visits)
}

fn call(url: impl Into<String>) -> Call {
    Call {
        method: "POST",
        url: url.into(),
        headers: Vec::new(),
        body: b"{}".to_vec(),
    }
}

fn allowing(host: &str) -> Outbound {
    Outbound {
        allow_hosts: BTreeSet::from([host.to_owned()]),
        certificates: None,
    }
}

#[tokio::test]
async fn ssrf_no_name_and_no_spelling_of_an_address_reaches_into_the_house() {
    let (address, visits) = inside().await;
    let port = address.port();
    let door = Door::new(Outbound::default()).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "169.254.169.254",
        "100.100.100.200",
        "10.0.0.1",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
    ] {
        for scheme in ["http", "https"] {
            let failed = door
                .call(call(format!("{scheme}://{host}:{port}/")))
                .await
                .unwrap_err();
            let permanent = matches!(failed, Failure::Permanent { .. });
            // A resolver may not know an odd spelling at all; then nobody is reached either.
            assert!(
                permanent || failed.to_string() == "the host is not known",
                "{scheme} {host}: {failed}"
            );
        }
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn ssrf_a_public_name_that_stands_for_an_inside_address_is_refused() {
    let (address, visits) = inside().await;
    fn mixed(_: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        Ok(vec![
            SocketAddr::from(([8, 8, 8, 8], port)),
            SocketAddr::from(([127, 0, 0, 1], port)),
        ])
    }
    let door = Door::with_resolver(Outbound::default(), mixed).unwrap();
    let failed = door
        .call(call(format!("https://rebinding.example:{}/", address.port())))
        .await
        .unwrap_err();
    assert_eq!(
        failed,
        Failure::Permanent {
            why: BadAddress::Inside.to_string()
        }
    );
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn ssrf_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    // The first answer is of the open internet, where nobody listens; every later one would be inside.
    fn changing(_: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let first = ASKED.fetch_add(1, Ordering::SeqCst) == 0;
        let address = if first { [203, 1, 113, 7] } else { [127, 0, 0, 1] };
        Ok(vec![SocketAddr::from((address, port))])
    }
    let (address, visits) = inside().await;
    let door = Door::with_resolver(Outbound::default(), changing).unwrap();
    let url = format!("https://rebinding.example:{}/", address.port());
    // Whatever becomes of the connection to nobody: it is not made to the second answer.
    let waiting = tokio::time::timeout(std::time::Duration::from_secs(2), door.call(call(url))).await;
    assert!(!matches!(waiting, Ok(Ok(_))));
    assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn ssrf_redirects_are_not_followed_and_answers_are_bounded() {
    let (address, visits) = inside().await;
    let door = Door::new(allowing(&address.to_string())).unwrap();
    let moved = door.call(call(format!("http://{address}/moved"))).await.unwrap();
    assert_eq!((moved.status, visits.load(Ordering::SeqCst)), (302, 1));
    let failed = door
        .call(call(format!("http://{address}/large")))
        .await
        .unwrap_err();
    assert_eq!(failed.to_string(), "the answer is too large");
    // The list names a host with its port, and nothing else.
    let other = door.check(&format!("http://127.0.0.1:{}/", address.port().wrapping_add(1)));
    assert_eq!(other, Err(BadAddress::NotHttps));
}

#[test]
fn addresses_in_settings_are_looked_at_beforehand() {
    let door = Door::new(Outbound::default()).unwrap();
    assert_eq!(door.check("https://hooks.example.cn/a?b=c"), Ok(()));
    for (url, bad) in [
        ("hooks.example.cn", BadAddress::Unreadable),
        ("ftp://hooks.example.cn/", BadAddress::Unreadable),
        ("file:///etc/passwd", BadAddress::Unreadable),
        ("http://hooks.example.cn/", BadAddress::NotHttps),
        ("https://user:word@hooks.example.cn/", BadAddress::Credentials),
        ("https://localhost/", BadAddress::Inside),
        ("https://10.0.0.7/", BadAddress::Inside),
        ("https://[::1]/", BadAddress::Inside),
    ] {
        assert_eq!(door.check(url), Err(bad), "{url}");
    }
}
