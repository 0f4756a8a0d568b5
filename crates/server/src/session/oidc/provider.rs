//! Speaking with the provider: what it says of itself, its keys, and the exchange of a code for a token. Through the one
//! guarded way out ([`channels::door`]), since a provider names further addresses by itself.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::door::{Call, Door};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::begun::{Back, Begun};
use super::id_token::{self, Expected, Flaw, Key};
use super::{OidcSettings, encoded, form};

/// How long what the provider says of itself is believed, in milliseconds.
const BELIEVED_MS: i64 = 3_600_000;

/// The company's provider.
pub struct Provider {
    settings: OidcSettings,
    door: Door,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    says: Arc<Discovery>,
    keys: Arc<Vec<Key>>,
    at: i64,
}

/// What a provider says of itself (OpenID Connect Discovery 1.0), as far as it is needed.
#[derive(Debug, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct TokenError {
    error: String,
}

/// Why nobody is let in by the provider.
#[derive(Debug)]
pub enum Refused {
    /// It does not answer, or not as a provider does: for the log.
    Away(String),
    /// It does not take the code: the word it said.
    Code(String),
    /// Its token is not to be believed.
    Token(Flaw),
    /// The answer came from another provider than the log-in went to.
    Mixed,
}

/// What came back with the browser.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The code.
    pub code: &'a str,
    /// By whom, as the answer says (RFC 9207).
    pub issuer: Option<&'a str>,
}

impl Provider {
    pub(super) fn new(settings: OidcSettings, door: Door) -> Self {
        Provider {
            settings,
            door,
            known: Mutex::new(None),
        }
    }

    /// As configured.
    pub fn settings(&self) -> &OidcSettings {
        &self.settings
    }

    fn way_back(&self) -> String {
        format!("{}/login/return", self.settings.public_url.trim_end_matches('/'))
    }

    /// Where the browser goes to log in.
    pub async fn address(&self, begun: &Begun, now: i64) -> Result<String, Refused> {
        let known = self.known(now).await?;
        let scope = format!("openid {}", self.settings.scopes.join(" "));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", &self.way_back()),
            ("scope", scope.trim()),
            ("state", &begun.state),
            ("nonce", &begun.nonce),
            ("code_challenge", &begun.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        let endpoint = &known.says.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{joint}{query}"))
    }

    /// What the provider says about who logged in.
    pub async fn claims(
        &self,
        answered: Answered<'_>,
        back: &Back,
        now: i64,
    ) -> Result<Map<String, Value>, Refused> {
        let known = self.known(now).await?;
        match answered.issuer {
            Some(issuer) if issuer != self.settings.issuer => return Err(Refused::Mixed),
            None if known.says.authorization_response_iss_parameter_supported => return Err(Refused::Mixed),
            _ => {}
        }
        let token = self.exchange(&known.says, answered.code, &back.verifier).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client: &self.settings.client_id,
            nonce: &back.nonce,
            now: now / 1000,
        };
        match id_token::claims(&token, &known.keys, expected) {
            // The keys may have been changed since they were read.
            Err(Flaw::Key) => {
                let known = self.learn(now).await?;
                id_token::claims(&token, &known.keys, expected).map_err(Refused::Token)
            }
            other => other.map_err(Refused::Token),
        }
    }

    async fn known(&self, now: i64) -> Result<Known, Refused> {
        if let Some(known) = &*self.known.lock().await
            && (known.at..known.at + BELIEVED_MS).contains(&now)
        {
            return Ok(known.clone());
        }
        self.learn(now).await
    }

    /// Asks the provider about itself and for its keys.
    async fn learn(&self, now: i64) -> Result<Known, Refused> {
        let issuer = &self.settings.issuer;
        let address = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let says: Discovery = self.read(&address).await?;
        if says.issuer != *issuer {
            return Err(Refused::Away(format!(
                "it calls itself {}, not {issuer}",
                says.issuer
            )));
        }
        // The browser goes there on our word.
        self.door
            .check(&says.authorization_endpoint)
            .map_err(|bad| Refused::Away(format!("its authorization_endpoint: {bad}")))?;
        let text = self.fetch(&says.jwks_uri).await?;
        let keys =
            id_token::keys(&text).ok_or_else(|| Refused::Away("its keys are no JWK set".to_owned()))?;
        let known = Known {
            says: Arc::new(says),
            keys: Arc::new(keys),
            at: now,
        };
        *self.known.lock().await = Some(known.clone());
        Ok(known)
    }

    async fn exchange(&self, says: &Discovery, code: &str, verifier: &str) -> Result<String, Refused> {
        let (client, way_back) = (&*self.settings.client_id, self.way_back());
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &way_back),
            ("code_verifier", verifier),
        ];
        let mut headers = vec![
            (
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            ),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        let methods = says.token_endpoint_auth_methods_supported.as_deref();
        let takes_basic =
            methods.is_none_or(|methods| methods.iter().any(|one| one == "client_secret_basic"));
        match &self.settings.client_secret {
            Some(secret) if takes_basic => {
                let both = format!("{}:{}", encoded(client), encoded(secret.reveal()));
                headers.push((
                    "authorization".to_owned(),
                    format!("Basic {}", STANDARD.encode(both)),
                ));
            }
            Some(secret) => pairs.extend([("client_id", client), ("client_secret", secret.reveal())]),
            None => pairs.push(("client_id", client)),
        }
        let call = Call {
            method: "POST",
            url: says.token_endpoint.clone(),
            headers,
            body: form(&pairs).into_bytes(),
        };
        let reply = self
            .door
            .call(call)
            .await
            .map_err(|failure| Refused::Away(failure.to_string()))?;
        match reply.status {
            200 => {
                let tokens: Tokens = serde_json::from_slice(&reply.body)
                    .map_err(|_| Refused::Away("it answered a code without an id_token".to_owned()))?;
                Ok(tokens.id_token)
            }
            400 | 401 => {
                let word = serde_json::from_slice(&reply.body).map(|said: TokenError| said.error);
                Err(Refused::Code(word.unwrap_or_else(|_| "refused".to_owned())))
            }
            status => Err(Refused::Away(format!("it answered a code with {status}"))),
        }
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>, Refused> {
        let call = Call {
            method: "GET",
            url: url.to_owned(),
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            body: Vec::new(),
        };
        let reply = self
            .door
            .call(call)
            .await
            .map_err(|failure| Refused::Away(failure.to_string()))?;
        if reply.status == 200 {
            return Ok(reply.body);
        }
        Err(Refused::Away(format!("{url} answered {}", reply.status)))
    }

    async fn read<T: DeserializeOwned>(&self, url: &str) -> Result<T, Refused> {
        let text = self.fetch(url).await?;
        serde_json::from_slice(&text).map_err(|error| Refused::Away(format!("{url}: {error}")))
    }
}
