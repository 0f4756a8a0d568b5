//! Who asks: the address and scheme of a request's real client, told by the connection or by proxies that are trusted.
//!
//! The one place that reads `X-Forwarded-For` and `X-Forwarded-Proto`. They are believed only from the networks that the
//! installation names; everybody else can write what they like into them and is taken for what the connection says.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Headers by which a proxy shows that it is one.
const MARKS: [&str; 3] = ["forwarded", FORWARDED_FOR, "x-real-ip"];

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no network: write 10.0.0.0/8, fd00::/8 or one address");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.trim().parse().map_err(|_| wrong())?,
            None => widest,
        };
        if prefix > widest {
            return Err(wrong());
        }
        Ok(Network { address, prefix })
    }
}

/// The client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// Its address.
    pub address: IpAddr,
    /// It came by HTTPS, here or at a trusted proxy.
    pub secure: bool,
    /// It is proven to sit at this very machine.
    pub on_this_machine: bool,
}

impl Default for ClientAddress {
    /// Nobody known: neither trusted nor near.
    fn default() -> Self {
        ClientAddress {
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            secure: false,
            on_this_machine: false,
        }
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

impl ClientAddress {
    /// The client, seen from the connection's other end and what that says. Read from the right, since each proxy adds
    /// whom it saw at the end: the first address that is no trusted proxy is the client. What stands left of it was
    /// written by the client and proves nothing.
    pub fn of(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network], tls: bool) -> Self {
        let believed = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        let peer = peer.ip().to_canonical();
        if !believed(peer) {
            let passed_on = MARKS.iter().any(|name| headers.contains_key(*name));
            return ClientAddress {
                address: peer,
                secure: tls,
                on_this_machine: peer.is_loopback() && !passed_on,
            };
        }
        let mut client = None;
        'hops: for value in headers.get_all(FORWARDED_FOR).iter().rev() {
            // What cannot be read ends the chain: nobody trusted can have written it.
            let Ok(text) = value.to_str() else { break };
            for hop in text.rsplit(',') {
                let Some(address) = hop_address(hop) else {
                    break 'hops;
                };
                client = Some(address);
                if !believed(address) {
                    break 'hops;
                }
            }
        }
        let proto = headers.get_all(FORWARDED_PROTO).iter().next_back();
        let proto = proto.and_then(|value| value.to_str().ok()).unwrap_or("");
        let proto = proto.rsplit(',').next().unwrap_or("").trim();
        ClientAddress {
            address: client.unwrap_or(peer),
            secure: proto.eq_ignore_ascii_case("https"),
            // A proxy that does not say for whom it asks asks for anybody.
            on_this_machine: client.is_some_and(|client| client.is_loopback()),
        }
    }
}

/// The address of one hop, with or without a port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address: Option<IpAddr> = bare.unwrap_or(hop).parse().ok();
    address
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address| address.to_canonical())
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn seen(peer: &str, pairs: &[(&'static str, &str)], trusted: &[&str]) -> ClientAddress {
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let peer = SocketAddr::new(peer.parse().unwrap(), 4000);
        ClientAddress::of(peer, &headers(pairs), &trusted, false)
    }

    #[test]
    fn attack_proxy_headers_of_a_stranger_are_not_believed() {
        let forged = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https")];
        let client = seen("203.0.113.9", &forged, &["10.0.0.0/8"]);
        assert_eq!(client.address, "203.0.113.9".parse::<IpAddr>().unwrap());
        assert!(!client.secure && !client.on_this_machine);
        // Nor from this machine, when no proxy was named: a forgotten setting must not open the demo.
        assert!(!seen("127.0.0.1", &forged, &[]).on_this_machine);
        assert!(!seen("127.0.0.1", &[("x-real-ip", "127.0.0.1")], &[]).on_this_machine);
        assert!(seen("127.0.0.1", &[], &[]).on_this_machine);
    }

    #[test]
    fn attack_proxy_headers_written_by_the_client_itself_stand_left_of_the_proof() {
        let trusted = ["10.0.0.0/8", "127.0.0.1"];
        let forged = [("x-forwarded-for", "127.0.0.1, 198.51.100.7, 10.1.2.3")];
        let client = seen("10.9.9.9", &forged, &trusted);
        assert_eq!(client.address, "198.51.100.7".parse::<IpAddr>().unwrap());
        assert!(!client.on_this_machine);
        // Several headers are one list.
        let split = [
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        assert_eq!(seen("10.9.9.9", &split, &trusted).address, client.address);
        // Nonsense ends the chain where it stands.
        let nonsense = [("x-forwarded-for", "127.0.0.1, pwned, 10.1.2.3")];
        assert_eq!(
            seen("10.9.9.9", &nonsense, &trusted).address.to_string(),
            "10.1.2.3"
        );
        // A proxy on this machine that names nobody asks for anybody.
        assert!(!seen("127.0.0.1", &[], &trusted).on_this_machine);
    }

    #[test]
    fn a_trusted_proxy_tells_address_and_scheme() {
        let told = [
            ("x-forwarded-for", "[2001:db8::7]:4711"),
            ("x-forwarded-proto", "https"),
        ];
        let client = seen("::ffff:10.1.1.1", &told, &["10.0.0.0/8"]);
        assert_eq!(client.address.to_string(), "2001:db8::7");
        assert!(client.secure);
    }

    #[test]
    fn networks_are_read_and_mistakes_named() {
        assert!(
            "10.0.0.0/8"
                .parse::<Network>()
                .unwrap()
                .contains("10.255.0.1".parse().unwrap())
        );
        assert!(
            "0.0.0.0/0"
                .parse::<Network>()
                .unwrap()
                .contains("8.8.8.8".parse().unwrap())
        );
        assert!(
            !"10.0.0.0/8"
                .parse::<Network>()
                .unwrap()
                .contains("::1".parse().unwrap())
        );
        assert!(
            "fd00::/8"
                .parse::<Network>()
                .unwrap()
                .contains("fd12::1".parse().unwrap())
        );
        for wrong in ["10.0.0.0/33", "proxy", "10.0.0.0/", ""] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn attack_proxy_headers_never_change_a_stranger(forwarded in "[ -~]{0,60}", proto in "[ -~]{0,12}") {
            let pairs = [("x-forwarded-for", forwarded.as_str()), ("x-forwarded-proto", proto.as_str())];
            let client = seen("203.0.113.9", &pairs, &["10.0.0.0/8"]);
            prop_assert_eq!(client.address.to_string(), "203.0.113.9");
            prop_assert!(!client.secure && !client.on_this_machine);
        }
    }
}
