//! The one way in which HTTP leaves the house at the wish of a setting: gateways, robots, web hooks.
//!
//! A name is resolved once, every address it stands for must be of the open internet unless the host is on the
//! installation's list, and the connection goes to those very addresses: a name that changes its mind in between gains
//! nothing. No redirect is followed, no proxy of the environment is used, time and size are bounded.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use serde::Deserialize;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::{Request, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::Failure;
use crate::public::is_public;

/// How long one exchange may take from the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long one address may take to be connected to, where nothing is sent.
const CONNECTING: Duration = Duration::from_secs(3);

/// How much of an answer is read.
const LARGEST_ANSWER: u64 = 64 * 1024;

/// Hosts that may be reached though they are not of the open internet, and certificates besides the usual ones.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// `host` or `host:port`. They may be spoken to without TLS, too.
    #[serde(default)]
    pub allow_hosts: BTreeSet<String>,
    /// A file of certificates (PEM) that are trusted besides the usual authorities.
    #[serde(default)]
    pub certificates: Option<String>,
}

impl Outbound {
    fn lists(&self, uri: &Uri) -> bool {
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let with_port = format!("{host}:{}", port(uri));
        self.allow_hosts
            .iter()
            .map(|listed| listed.to_ascii_lowercase())
            .any(|listed| listed == host || listed == with_port)
    }
}

fn port(uri: &Uri) -> u16 {
    let usual = if uri.scheme_str() == Some("http") { 80 } else { 443 };
    uri.port_u16().unwrap_or(usual)
}

/// Why a setting's address is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not an address at all.
    #[error("this is no address of the form https://host/path")]
    Unreadable,
    /// Not HTTPS, and not on the list.
    #[error("only https is allowed, except to hosts on the installation's list (allow_hosts)")]
    NotHttps,
    /// A name and password within.
    #[error("an address must not hold a name or password")]
    Credentials,
    /// The host is an address inside the house.
    #[error(
        "this host lies inside the house or is reserved; only the configuration can allow it (allow_hosts)"
    )]
    Inside,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    /// `POST` or `GET`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// Headers besides the usual ones.
    pub headers: Vec<(String, String)>,
    /// The body; nothing is sent with `GET`.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// What it said.
    pub body: Vec<u8>,
    /// How long it asked to be left alone, in milliseconds.
    pub after: Option<i64>,
}

/// The way out.
#[derive(Clone)]
pub struct Door {
    agent: Agent,
    outbound: Arc<Outbound>,
    names: Names,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door")
            .field("outbound", &self.outbound)
            .finish_non_exhaustive()
    }
}

impl Door {
    /// A door with the installation's exceptions.
    ///
    /// # Errors
    /// When the file of certificates cannot be read; the words name it.
    pub fn new(outbound: Outbound) -> Result<Door, String> {
        Door::with_resolver(outbound, system)
    }

    /// A door that asks somebody else for addresses.
    ///
    /// # Errors
    /// As [`Door::new`].
    pub fn with_resolver(outbound: Outbound, names: Names) -> Result<Door, String> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = &outbound.certificates {
            let pem = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
            let mut certificates = Vec::new();
            for item in ureq::tls::parse_pem(&pem) {
                match item.map_err(|error| format!("{path}: {error}"))? {
                    ureq::tls::PemItem::Certificate(certificate) => certificates.push(certificate),
                    _ => return Err(format!("{path} holds something that is no certificate")),
                }
            }
            if certificates.is_empty() {
                return Err(format!("{path} holds no certificate"));
            }
            let trusted: Vec<Certificate<'static>> = certificates;
            tls = tls.root_certs(RootCerts::from(trusted));
        }
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .max_response_header_size(16 * 1024)
            .max_idle_connections(0)
            .user_agent(concat!("shouwen/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build())
            .build();
        let outbound = Arc::new(outbound);
        let resolver = Guarded {
            outbound: outbound.clone(),
            names,
        };
        Ok(Door {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            outbound,
            names,
        })
    }

    /// Whether an address may stand in a setting. What its name stands for is looked at again at every call.
    pub fn check(&self, url: &str) -> Result<(), BadAddress> {
        let uri: Uri = url.parse().map_err(|_| BadAddress::Unreadable)?;
        let host = uri
            .host()
            .filter(|host| !host.is_empty())
            .ok_or(BadAddress::Unreadable)?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(BadAddress::Unreadable);
        }
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(BadAddress::Credentials);
        }
        if self.outbound.lists(&uri) {
            return Ok(());
        }
        if uri.scheme_str() != Some("https") {
            return Err(BadAddress::NotHttps);
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        if literal.is_ok_and(|address| !is_public(address)) || host.eq_ignore_ascii_case("localhost") {
            return Err(BadAddress::Inside);
        }
        Ok(())
    }

    /// Connects to the host of an address, under the same rules as a call, and sends nothing.
    pub async fn reach(&self, url: &str) -> Result<(), Failure> {
        self.check(url)
            .map_err(|bad| Failure::permanent(bad.to_string()))?;
        let uri: Uri = url
            .parse()
            .map_err(|_| Failure::permanent(BadAddress::Unreadable.to_string()))?;
        let (outbound, names) = (self.outbound.clone(), self.names);
        let connected = tokio::task::spawn_blocking(move || {
            let host = uri.host().unwrap_or_default();
            let found = names(host, port(&uri)).map_err(|_| Failure::temporary("the host is not known"))?;
            allowed(&outbound, &uri, &found).map_err(|error| failure(&error))?;
            let reached = found
                .iter()
                .any(|address| TcpStream::connect_timeout(address, CONNECTING).is_ok());
            if reached {
                Ok(())
            } else {
                Err(Failure::temporary("no connection"))
            }
        });
        connected
            .await
            .map_err(|_| Failure::temporary("connecting broke off"))?
    }

    /// Sends a request. The answer is given whatever its status.
    pub async fn call(&self, call: Call) -> Result<Reply, Failure> {
        self.check(&call.url)
            .map_err(|bad| Failure::permanent(bad.to_string()))?;
        let agent = self.agent.clone();
        let spoken = tokio::task::spawn_blocking(move || speak(&agent, call)).await;
        spoken.map_err(|_| Failure::temporary("sending broke off"))?
    }
}

fn speak(agent: &Agent, call: Call) -> Result<Reply, Failure> {
    let mut request = Request::builder().method(call.method).uri(&call.url);
    for (name, value) in &call.headers {
        request = request.header(name, value);
    }
    let unwritable = |_| Failure::permanent("the request cannot be written: look at its headers and address");
    let answered = if call.method == "GET" {
        agent.run(request.body(()).map_err(unwritable)?)
    } else {
        agent.run(request.body(call.body).map_err(unwritable)?)
    };
    let mut answer = answered.map_err(|error| failure(&error))?;
    let after = answer
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok())
        .map(|seconds| seconds.clamp(1, 86_400) * 1_000);
    let status = answer.status().as_u16();
    let body = answer
        .body_mut()
        .with_config()
        .limit(LARGEST_ANSWER)
        .read_to_vec()
        .map_err(|error| failure(&error))?;
    Ok(Reply { status, body, after })
}

/// An error in words that hold neither the address nor what was sent.
fn failure(error: &ureq::Error) -> Failure {
    use ureq::Error;
    match error {
        Error::Timeout(_) => Failure::temporary("no answer in time"),
        Error::HostNotFound => Failure::temporary("the host is not known"),
        Error::ConnectionFailed => Failure::temporary("no connection"),
        Error::Rustls(_) | Error::Tls(_) | Error::Pem(_) => {
            Failure::temporary("no trusted connection: look at the certificate")
        }
        Error::BodyExceedsLimit(_) | Error::LargeResponseHeader(..) => {
            Failure::temporary("the answer is too large")
        }
        Error::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Failure::permanent(BadAddress::Inside.to_string())
        }
        Error::Io(error) => Failure::temporary(format!("the connection broke: {}", error.kind())),
        _ => Failure::temporary("the exchange went wrong"),
    }
}

/// Who turns a name into addresses.
pub type Names = fn(&str, u16) -> std::io::Result<Vec<SocketAddr>>;

fn system(host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    (bare, port).to_socket_addrs().map(Iterator::collect)
}

/// Whether all addresses that a name stands for may be connected to.
fn allowed(outbound: &Outbound, uri: &Uri, found: &[SocketAddr]) -> Result<(), ureq::Error> {
    if !outbound.lists(uri) && found.iter().any(|address| !is_public(address.ip())) {
        return Err(ureq::Error::Io(std::io::ErrorKind::PermissionDenied.into()));
    }
    Ok(())
}

#[derive(Debug)]
struct Guarded {
    outbound: Arc<Outbound>,
    names: Names,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        _config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().ok_or(ureq::Error::HostNotFound)?.to_owned();
        let (port, names) = (port(uri), self.names);
        let (send, received) = mpsc::channel();
        // The system's resolver cannot be hurried: it runs beside, and what comes too late is left.
        std::thread::spawn(move || send.send(names(&host, port)));
        let wait = (*timeout.after).min(PATIENCE);
        let found = received
            .recv_timeout(wait)
            .map_err(|_| ureq::Error::Timeout(timeout.reason))?
            .map_err(|_| ureq::Error::HostNotFound)?;
        allowed(&self.outbound, uri, &found)?;
        let mut addresses = self.empty();
        for address in found.into_iter().take(8) {
            addresses.push(address);
        }
        if addresses.is_empty() {
            return Err(ureq::Error::HostNotFound);
        }
        Ok(addresses)
    }
}
