//! How requests come in: whose word about the client is believed, whether it is HTTPS, how much one client may ask.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::ExtensionRejection;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{HeaderValue, STRICT_TRANSPORT_SECURITY};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::ClientAddress;
use super::client_address::Network;
use super::flood::Floods;
use crate::app::App;

/// A browser that came by HTTPS once comes by nothing else for this long: half a year.
const ONLY_HTTPS: &str = "max-age=15552000";

/// The way in.
#[derive(Debug, Default)]
pub struct WayIn {
    /// Proxies whose headers about the client are believed.
    pub trusted: Vec<Network>,
    /// The program itself speaks HTTPS.
    pub tls: bool,
    /// Who asked how much.
    pub floods: Floods,
}

/// Finds out who asks, for everything behind; browsers that came by HTTPS are told to stay with it.
pub async fn seen(
    State(app): State<Arc<App>>,
    peer: Result<ConnectInfo<SocketAddr>, ExtensionRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = peer.map_or_else(
        |_| ClientAddress::default(),
        |ConnectInfo(peer)| ClientAddress::of(peer, request.headers(), &app.way_in.trusted, app.way_in.tls),
    );
    request.extensions_mut().insert(client);
    let mut response = next.run(request).await;
    if client.secure {
        response
            .headers_mut()
            .insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ONLY_HTTPS));
    }
    response
}

/// Refuses an address that asks too much. What watches over the server is let through.
pub async fn limited(
    State(app): State<Arc<App>>,
    client: ClientAddress,
    request: Request,
    next: Next,
) -> Response {
    let watching = matches!(request.uri().path(), "/healthz" | "/metrics");
    if !watching && let Err(problem) = app.way_in.floods.address(client.address) {
        metrics::counter!("shouwen_requests_limited_total").increment(1);
        return problem.into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests;
