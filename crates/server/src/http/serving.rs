//! Listening: HTTP or HTTPS on one address, and another address that only sends browsers on to HTTPS.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{HOST, LOCATION};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
pub use axum_server::Handle;
use axum_server::Server;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};

use super::connection::Counted;
use super::flood::Connections;

/// How long a client may take to send the head of a request, and an idle connection may stand.
const HEAD: Duration = Duration::from_secs(30);

/// How long what is under way may take when the server is asked to stop.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// An open listener with what comes through it.
#[derive(Debug)]
pub struct Listening {
    /// The listener.
    pub listener: TcpListener,
    /// HTTPS, or plain HTTP.
    pub tls: Option<RustlsConfig>,
    /// Places for connections, shared by all listeners.
    pub connections: Arc<Connections>,
}

impl Listening {
    /// Serves until `handle` is asked to stop.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, router: Router, handle: Handle<SocketAddr>) -> io::Result<()> {
        let counted = Counted::new(self.connections);
        let server = axum_server::from_tcp(self.listener)?.handle(handle);
        match self.tls {
            Some(tls) => {
                let acceptor = RustlsAcceptor::new(tls).acceptor(counted);
                guarded(server.acceptor(acceptor))
                    .serve(router.into_make_service_with_connect_info::<SocketAddr>())
                    .await
            }
            None => {
                guarded(server.acceptor(counted))
                    .serve(router.into_make_service_with_connect_info::<SocketAddr>())
                    .await
            }
        }
    }
}

/// Limits the time that a slow client may keep a connection without asking for anything.
fn guarded<A>(mut server: Server<SocketAddr, A>) -> Server<SocketAddr, A> {
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEAD);
    builder
        .http2()
        .max_concurrent_streams(100)
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD);
    server
        .first_request_timeout(HEAD)
        .accept_error_handler(|_, error| {
            tracing::debug!(%error, "a connection was not taken");
        })
}

/// Asks a server to stop when what is under way is done.
pub fn stop(handle: &Handle<SocketAddr>) {
    handle.graceful_shutdown(Some(LAST_WORDS));
}

/// What answers on the address for plain HTTP: go to HTTPS, at this port.
pub fn to_https(port: u16) -> Router {
    Router::new().fallback(move |request: Request| async move { sent_on(&request, port) })
}

fn sent_on(request: &Request, port: u16) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        // What was sent here went over the wire in the clear; it is not taken, so that somebody notices.
        return (StatusCode::FORBIDDEN, "use https\n").into_response();
    }
    let named = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let Some(host) = named.map(bare_host).filter(|host| is_name(host)) else {
        return (StatusCode::BAD_REQUEST, "the request names no host\n").into_response();
    };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let port = if port == 443 {
        String::new()
    } else {
        format!(":{port}")
    };
    (
        StatusCode::PERMANENT_REDIRECT,
        [(LOCATION, format!("https://{host}{port}{path}"))],
    )
        .into_response()
}

/// A host without its port.
fn bare_host(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((bare, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => bare,
        _ => host,
    }
}

/// Whether it is a name or address and nothing that would lead elsewhere.
fn is_name(host: &str) -> bool {
    !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'[' | b']' | b':'))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn location(host: &str, path: &str, port: u16) -> Result<String, StatusCode> {
        let request = Request::builder()
            .uri(path)
            .header(HOST, host)
            .body(Body::empty())
            .unwrap();
        let answer = sent_on(&request, port);
        match answer.headers().get(LOCATION) {
            Some(location) => Ok(location.to_str().unwrap().to_owned()),
            None => Err(answer.status()),
        }
    }

    #[test]
    fn plain_http_is_sent_on_to_the_same_page() {
        assert_eq!(
            location("desk.example", "/cases/1?a=b", 443).unwrap(),
            "https://desk.example/cases/1?a=b"
        );
        assert_eq!(
            location("desk.example:80", "/", 8443).unwrap(),
            "https://desk.example:8443/"
        );
        assert_eq!(location("[::1]:80", "/", 443).unwrap(), "https://[::1]/");
    }

    #[test]
    fn nothing_is_sent_on_elsewhere_or_with_contents() {
        assert_eq!(
            location("desk.example@evil.example", "/", 443),
            Err(StatusCode::BAD_REQUEST)
        );
        let request = Request::builder()
            .method("POST")
            .uri("/api/session")
            .header(HOST, "desk.example")
            .body(Body::empty())
            .unwrap();
        assert_eq!(sent_on(&request, 443).status(), StatusCode::FORBIDDEN);
    }
}
