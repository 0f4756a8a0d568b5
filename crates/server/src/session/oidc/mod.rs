//! Log-in by the company's OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9700).
//!
//! Knows one provider, how a log-in goes there and comes back, and which claim names a person here. Never takes a provider's
//! word without its signature, never sends a browser anywhere but to that provider and back to this house's own pages, and
//! makes people only where the configuration says so. Passwords go on working beside it.

pub mod api;
mod begun;
mod id_token;
mod person;
mod provider;

use channels::Secret;
use channels::door::Door;
use serde::Deserialize;

pub use provider::Provider;

/// The section `[oidc]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// What the provider calls itself, letter by letter: `https://login.example.com/realms/staff`.
    pub issuer: String,
    /// This installation's name at the provider.
    pub client_id: String,
    /// Its secret, as any other: itself, `env:NAME` or `file:PATH`. None for a public client.
    pub client_secret: Option<Secret>,
    /// Where people reach this installation: `https://desk.example.com`. The provider is given this followed by
    /// `/login/return`.
    pub public_url: String,
    /// What the button says, after "log in with".
    pub title: String,
    /// The claim that holds the log-in name; `preferred_username` unless said.
    #[serde(default = "usual_claim")]
    pub claim: String,
    /// What is asked for besides `openid`; `profile` unless said.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// Ways of authentication (`amr`) that count as a second factor; with none of them the code is asked for here.
    #[serde(default)]
    pub second_factor_by: Vec<String>,
    /// Whether a log-in of somebody unknown makes a person, who holds no function yet.
    #[serde(default)]
    pub make_people: bool,
}

fn usual_claim() -> String {
    "preferred_username".to_owned()
}

fn usual_scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}

/// Why the settings are not good.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// An address is none, or not one that may be spoken to.
    #[error("{0}: {1}")]
    Address(&'static str, String),
    /// Something is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
}

impl OidcSettings {
    /// The provider; nothing is asked of it yet.
    ///
    /// # Errors
    /// [`OidcError`], before anything is tried.
    pub fn open(&self, door: Door) -> Result<Provider, OidcError> {
        for (name, text) in [
            ("client_id", &self.client_id),
            ("title", &self.title),
            ("claim", &self.claim),
        ] {
            if text.trim().is_empty() {
                return Err(OidcError::Empty(name));
            }
        }
        door.check(&self.issuer)
            .map_err(|bad| OidcError::Address("issuer", bad.to_string()))?;
        let own = self.public_url.trim_end_matches('/');
        let host = own.strip_prefix("https://").or_else(|| {
            let host = own.strip_prefix("http://")?;
            // A code that comes back in the clear can be read on its way, unless it never leaves the machine.
            (host.starts_with("localhost") || host.starts_with("127.0.0.1")).then_some(host)
        });
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@'])) {
            return Err(OidcError::Address(
                "public_url",
                "write https:// and the host under which people reach this installation, nothing behind it"
                    .to_owned(),
            ));
        }
        Ok(Provider::new(self.clone(), door))
    }
}

/// A text as it may stand in an address or a form.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Pairs as a form sends them.
fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}

/// A place within this house's pages, or the first page: nothing that a browser would take for another house.
fn own_place(to: &str) -> String {
    let own = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains('\\')
        && !to.chars().any(char::is_control)
        && to.len() <= 1_000;
    if own { to.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use channels::door::Outbound;

    use super::*;

    fn settings() -> OidcSettings {
        OidcSettings {
            issuer: "https://login.example.com".to_owned(),
            client_id: "shouwen".to_owned(),
            client_secret: None,
            public_url: "https://desk.example.com".to_owned(),
            title: "公司账号".to_owned(),
            claim: usual_claim(),
            scopes: usual_scopes(),
            second_factor_by: Vec::new(),
            make_people: false,
        }
    }

    #[test]
    fn only_places_of_this_house_are_gone_back_to() {
        for own in ["/", "/desk", "/cases/7?tab=all#notes"] {
            assert_eq!(own_place(own), own);
        }
        for other in [
            "",
            "desk",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(own_place(other), "/", "{other:?}");
        }
    }

    #[test]
    fn a_provider_inside_the_house_or_a_way_back_in_the_clear_is_refused_at_the_start() {
        let door = || Door::new(Outbound::default()).unwrap();
        assert!(settings().open(door()).is_ok());
        for issuer in [
            "http://login.example.com",
            "https://10.0.0.7",
            "ftp://login.example.com",
            "",
        ] {
            let wrong = OidcSettings {
                issuer: issuer.to_owned(),
                ..settings()
            };
            assert!(wrong.open(door()).is_err(), "{issuer}");
        }
        for url in [
            "http://desk.example.com",
            "desk.example.com",
            "https://",
            "https://desk.example.com/x",
        ] {
            let wrong = OidcSettings {
                public_url: url.to_owned(),
                ..settings()
            };
            assert!(wrong.open(door()).is_err(), "{url}");
        }
    }

    #[test]
    fn what_stands_in_an_address_cannot_leave_its_place() {
        assert_eq!(encoded("a b&c=d/é"), "a%20b%26c%3Dd%2F%C3%A9");
        assert_eq!(form(&[("code", "x&y=z")]), "code=x%26y%3Dz");
    }
}
