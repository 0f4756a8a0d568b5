//! What a provider's id_token says, once it is known that the provider said it, to us, now, about this log-in.
//!
//! Signatures are checked by `ring`; RS256 and ES256 and nothing else, whatever a token's head asks for. The time is an
//! argument.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::session::secret::same;

/// How far two clocks may differ, in seconds.
const LEEWAY: i64 = 60;

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Not three parts of JSON.
    Shape,
    /// Signed in a way that is not taken, or not at all.
    Algorithm,
    /// None of the keys is the one it names. The keys may have changed.
    Key,
    /// The signature does not fit.
    Signature,
    /// Somebody else's.
    Issuer,
    /// For somebody else.
    Audience,
    /// Its time is over, or it has none.
    Expired,
    /// Its time has not come.
    Early,
    /// Of another log-in.
    Nonce,
    /// About nobody.
    Subject,
}

impl Flaw {
    /// The word for logs.
    pub fn word(self) -> &'static str {
        match self {
            Flaw::Shape => "shape",
            Flaw::Algorithm => "algorithm",
            Flaw::Key => "key",
            Flaw::Signature => "signature",
            Flaw::Issuer => "issuer",
            Flaw::Audience => "audience",
            Flaw::Expired => "expired",
            Flaw::Early => "early",
            Flaw::Nonce => "nonce",
            Flaw::Subject => "subject",
        }
    }
}

/// A key of the provider's.
#[derive(Clone, Debug)]
pub struct Key {
    id: Option<String>,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a JWK set that sign with RS256 or ES256; others are passed over. `None` where it is no set.
pub fn keys(text: &[u8]) -> Option<Vec<Key>> {
    let set: KeySet = serde_json::from_slice(text).ok()?;
    let known = set
        .keys
        .into_iter()
        .filter_map(|value| key(serde_json::from_value(value).ok()?));
    Some(known.collect())
}

fn key(jwk: Jwk) -> Option<Key> {
    if jwk.r#use.as_deref().is_some_and(|usage| usage != "sig") {
        return None;
    }
    let alg = |name: &str| jwk.alg.as_deref().is_none_or(|alg| alg == name);
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let material = match (&*jwk.kty, jwk.crv.as_deref()) {
        ("RSA", _) if alg("RS256") => Material::Rsa {
            n: bytes(&jwk.n)?,
            e: bytes(&jwk.e)?,
        },
        ("EC", Some("P-256")) if alg("ES256") => {
            let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
            // An uncompressed point.
            Material::P256([&[4], &x[..], &y].concat())
        }
        _ => return None,
    };
    Some(Key {
        id: jwk.kid,
        material,
    })
}

/// What a token must be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// By whom.
    pub issuer: &'a str,
    /// For whom.
    pub client: &'a str,
    /// In answer to what.
    pub nonce: &'a str,
    /// The time, in seconds.
    pub now: i64,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// What the token claims, if it is to be believed.
pub fn claims(token: &str, keys: &[Key], expected: Expected<'_>) -> Result<Map<String, Value>, Flaw> {
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Flaw::Shape);
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Flaw::Shape);
    let (head_text, body_text, signature) = (decoded(head)?, decoded(body)?, decoded(signature)?);
    let head_read: Head = serde_json::from_slice(&head_text).map_err(|_| Flaw::Shape)?;
    if !matches!(&*head_read.alg, "RS256" | "ES256") || head_read.crit.is_some() {
        return Err(Flaw::Algorithm);
    }
    let signed = token.get(..head.len() + 1 + body.len()).unwrap_or_default();
    verified(&head_read, signed.as_bytes(), &signature, keys)?;
    let claims: Map<String, Value> = serde_json::from_slice(&body_text).map_err(|_| Flaw::Shape)?;
    checked(&claims, expected)?;
    Ok(claims)
}

fn verified(head: &Head, signed: &[u8], signature: &[u8], keys: &[Key]) -> Result<(), Flaw> {
    // A token that names no key may be by any; one that names a key is by that one alone.
    let mut candidates = keys
        .iter()
        .filter(|key| head.kid.is_none() || key.id.is_none() || key.id == head.kid)
        .filter(|key| match key.material {
            Material::Rsa { .. } => head.alg == "RS256",
            Material::P256(_) => head.alg == "ES256",
        })
        .peekable();
    if candidates.peek().is_none() {
        return Err(Flaw::Key);
    }
    let fits = candidates.any(|key| match &key.material {
        Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            .is_ok(),
        Material::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(signed, signature)
            .is_ok(),
    });
    if fits { Ok(()) } else { Err(Flaw::Signature) }
}

fn checked(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), Flaw> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Flaw::Issuer);
    }
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let party = text("azp");
    if !audience.contains(&expected.client)
        || party.is_some_and(|party| party != expected.client)
        || (audience.len() > 1 && party.is_none())
    {
        return Err(Flaw::Audience);
    }
    // Providers write seconds; a fraction is allowed.
    let moment = |name: &str| claims.get(name).map(|value| value.as_f64().unwrap_or(f64::NAN));
    let (now, leeway) = (expected.now as f64, LEEWAY as f64);
    if !moment("exp").is_some_and(|end| end > now - leeway) {
        return Err(Flaw::Expired);
    }
    for name in ["iat", "nbf"] {
        if moment(name).is_some_and(|begin| begin.is_nan() || begin > now + leeway) {
            return Err(Flaw::Early);
        }
    }
    if !text("nonce").is_some_and(|nonce| same(nonce.as_bytes(), expected.nonce.as_bytes())) {
        return Err(Flaw::Nonce);
    }
    if text("sub").is_none_or(str::is_empty) {
        return Err(Flaw::Subject);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_790_000_000;

    struct Signer(EcdsaKeyPair, SystemRandom);

    impl Signer {
        fn new() -> Self {
            let chance = SystemRandom::new();
            let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).unwrap();
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &chance);
            Signer(pair.unwrap(), chance)
        }

        fn key(&self, kid: &str) -> Value {
            let point = self.0.public_key().as_ref();
            let part = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
            json!({ "kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": part(1), "y": part(33) })
        }

        fn token(&self, head: &Value, body: &Value) -> String {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", part(head), part(body));
            let signature = self.0.sign(&self.1, signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
        }
    }

    fn body() -> Value {
        json!({ "iss": "https://login.example.com", "aud": "shouwen", "sub": "7", "nonce": "n", "exp": NOW + 300,
            "iat": NOW, "preferred_username": "ann" })
    }

    fn expected() -> Expected<'static> {
        Expected {
            issuer: "https://login.example.com",
            client: "shouwen",
            nonce: "n",
            now: NOW,
        }
    }

    fn set(keys_of: &[Value]) -> Vec<Key> {
        keys(json!({ "keys": keys_of }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_good_token_is_believed_and_each_flaw_is_found() {
        let signer = Signer::new();
        let keys = set(&[
            signer.key("a"),
            json!({ "kty": "oct", "k": "AAAA" }),
            json!("nonsense"),
        ]);
        assert_eq!(keys.len(), 1);
        let head = json!({ "alg": "ES256", "kid": "a" });
        let of = |body: &Value| claims(&signer.token(&head, body), &keys, expected());
        assert_eq!(of(&body()).unwrap()["preferred_username"], "ann");
        for (field, value, flaw) in [
            ("iss", json!("https://other.example.com"), Flaw::Issuer),
            ("iss", json!("https://login.example.com/"), Flaw::Issuer),
            ("aud", json!("another"), Flaw::Audience),
            ("aud", json!(["another", "shouwen"]), Flaw::Audience),
            ("aud", json!([]), Flaw::Audience),
            ("azp", json!("another"), Flaw::Audience),
            ("exp", json!(NOW - LEEWAY), Flaw::Expired),
            ("exp", json!("never"), Flaw::Expired),
            ("exp", Value::Null, Flaw::Expired),
            ("iat", json!(NOW + LEEWAY + 1), Flaw::Early),
            ("nbf", json!(NOW + LEEWAY + 1), Flaw::Early),
            ("nbf", json!("soon"), Flaw::Early),
            ("nonce", json!("m"), Flaw::Nonce),
            ("nonce", Value::Null, Flaw::Nonce),
            ("sub", json!(""), Flaw::Subject),
        ] {
            let mut wrong = body();
            wrong[field] = value.clone();
            assert_eq!(of(&wrong), Err(flaw), "{field} {value}");
        }
        for field in ["iss", "aud", "exp", "nonce", "sub"] {
            let mut wrong = body();
            wrong.as_object_mut().unwrap().remove(field);
            assert!(of(&wrong).is_err(), "without {field}");
        }
        let mut several = body();
        several["aud"] = json!(["another", "shouwen"]);
        several["azp"] = json!("shouwen");
        assert!(of(&several).is_ok());
    }

    #[test]
    fn a_token_is_signed_by_the_provider_or_not_believed() {
        let (signer, other) = (Signer::new(), Signer::new());
        let keys = set(&[signer.key("a")]);
        let of = |token: &str| claims(token, &keys, expected());
        let head = json!({ "alg": "ES256", "kid": "a" });
        let good = signer.token(&head, &body());
        assert!(of(&good).is_ok());
        // Without a name every key is tried.
        assert!(of(&signer.token(&json!({ "alg": "ES256" }), &body())).is_ok());
        assert_eq!(of(&other.token(&head, &body())), Err(Flaw::Signature));
        assert_eq!(
            of(&signer.token(&json!({ "alg": "ES256", "kid": "b" }), &body())),
            Err(Flaw::Key)
        );
        for alg in ["none", "None", "HS256", "RS512", "ES384", "EdDSA", ""] {
            assert_eq!(
                of(&signer.token(&json!({ "alg": alg, "kid": "a" }), &body())),
                Err(Flaw::Algorithm),
                "{alg}"
            );
        }
        // An EC key does not sign with RSA.
        assert_eq!(
            of(&signer.token(&json!({ "alg": "RS256", "kid": "a" }), &body())),
            Err(Flaw::Key)
        );
        let critical = json!({ "alg": "ES256", "kid": "a", "crit": ["exp"] });
        assert_eq!(of(&signer.token(&critical, &body())), Err(Flaw::Algorithm));
        // Another body under the same signature, and what is no token at all.
        let (begin, signature) = good.rsplit_once('.').unwrap();
        let (head, _) = begin.split_once('.').unwrap();
        let mut more = body();
        more["preferred_username"] = json!("lena");
        let swapped = format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(more.to_string()));
        assert_eq!(of(&swapped), Err(Flaw::Signature));
        assert_eq!(of(&format!("{begin}.")), Err(Flaw::Signature));
        for text in ["", ".", "..", "a.b.c", "a.b.c.d", "é.é.é", begin] {
            assert_eq!(of(text), Err(Flaw::Shape), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_as_a_token_is_refused_calmly(text in "[A-Za-z0-9._-]{0,200}", keys_text in ".{0,100}") {
            let known = keys(keys_text.as_bytes()).unwrap_or_default();
            proptest::prop_assert!(claims(&text, &known, expected()).is_err());
        }
    }
}
