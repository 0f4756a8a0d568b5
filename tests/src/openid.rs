//! A small OpenID provider: discovery, keys, an authorization endpoint that lets everybody in at once, a token endpoint that
//! asks for the client's secret and the verifier (PKCE), and tokens that are really signed. It can be told to go wrong.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

/// The client's name and secret there.
pub const CLIENT: (&str, &str) = ("shouwen", "provider secret");

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// ES256 with the key that the provider shows.
    Elliptic,
    /// RS256 with the key that the provider shows.
    Rsa,
    /// ES256 with a key of somebody else's, under the name of the provider's.
    Foreign,
    /// `alg: none`.
    Not,
}

#[derive(Debug)]
struct Keys {
    id: String,
    elliptic: EcdsaKeyPair,
}

#[derive(Debug)]
struct Course {
    keys: Keys,
    /// Claims that are put over the right ones; null takes one away.
    claims: Value,
    signing: Signing,
    /// Codes that were given: nonce, challenge, way back.
    codes: BTreeMap<String, [String; 3]>,
}

/// A provider that runs until it is dropped.
#[derive(Debug)]
pub struct OpenIdProvider {
    address: String,
    course: Arc<Mutex<Course>>,
    over: Arc<AtomicBool>,
}

fn keys(id: &str) -> Keys {
    let chance = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).unwrap();
    Keys {
        id: id.to_owned(),
        elliptic: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &chance)
            .unwrap(),
    }
}

/// A key for tests alone: making one takes minutes without optimisation.
fn rsa() -> RsaKeyPair {
    let text = include_str!("openid_rsa_key.txt").replace('\n', "");
    RsaKeyPair::from_pkcs8(&STANDARD.decode(text).unwrap()).unwrap()
}

impl OpenIdProvider {
    /// One that listens on this machine.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let course = Arc::new(Mutex::new(Course {
            keys: keys("first"),
            claims: json!({}),
            signing: Signing::Elliptic,
            codes: BTreeMap::new(),
        }));
        let over = Arc::new(AtomicBool::new(false));
        let (own, kept, ends) = (address.clone(), course.clone(), over.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                answer(&own, &kept, stream.unwrap());
            }
        });
        OpenIdProvider {
            address,
            course,
            over,
        }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on tokens hold these claims over the right ones and are signed so.
    pub fn tells(&self, claims: Value, signing: Signing) {
        let mut course = self.course.lock().unwrap();
        (course.claims, course.signing) = (claims, signing);
    }

    /// New keys in place of the old ones.
    pub fn changes_keys(&self) {
        self.course.lock().unwrap().keys = keys("second");
    }

    /// What a browser does with the address it is sent to: gives the query that it comes back with.
    pub fn visit(&self, address: &str) -> BTreeMap<String, String> {
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false);
        let agent: ureq::Agent = config.build().into();
        let answer = agent.get(address).call().unwrap();
        assert_eq!(answer.status(), 302);
        let back = answer.headers()["location"].to_str().unwrap().to_owned();
        pairs(back.split_once('?').unwrap().1)
    }
}

impl Drop for OpenIdProvider {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the listener up, so that it goes.
        while TcpStream::connect(&self.address).is_ok() {
            std::thread::yield_now();
        }
    }
}

/// The pairs of a query or a form.
pub fn pairs(text: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| {
        let (mut out, mut rest) = (Vec::new(), text.bytes());
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                out.push(if byte == b'+' { b' ' } else { byte });
            }
        }
        String::from_utf8(out).unwrap()
    };
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn answer(own: &str, course: &Mutex<Course>, stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let target = line.split(' ').nth(1).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let course = &mut *course.lock().unwrap();
    let (status, extra, said) = match path {
        "/.well-known/openid-configuration" => ("200 OK", String::new(), discovery(own)),
        "/keys" => ("200 OK", String::new(), shown(course)),
        "/authorize" => {
            let asked = pairs(query);
            let code = format!("code{}", course.codes.len());
            let kept = ["nonce", "code_challenge", "redirect_uri"].map(|name| asked[name].clone());
            assert_eq!(
                (&*asked["response_type"], &*asked["code_challenge_method"]),
                ("code", "S256")
            );
            let back = format!(
                "location: {}?code={code}&state={}&iss=http%3A%2F%2F{own}\r\n",
                kept[2], asked["state"]
            );
            course.codes.insert(code, kept);
            ("302 Found", back, json!({}))
        }
        "/token" => {
            let given = token(own, course, &headers, &pairs(std::str::from_utf8(&body).unwrap()));
            match given {
                Ok(token) => (
                    "200 OK",
                    String::new(),
                    json!({ "token_type": "Bearer", "access_token": "x", "id_token": token }),
                ),
                Err(error) => ("400 Bad Request", String::new(), json!({ "error": error })),
            }
        }
        _ => ("404 Not Found", String::new(), json!({})),
    };
    let said = said.to_string();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{extra}\r\n",
        said.len()
    );
    // Whoever went away misses it.
    let _ = reader.into_inner().write_all(format!("{head}{said}").as_bytes());
}

fn discovery(own: &str) -> Value {
    json!({
        "issuer": format!("http://{own}"),
        "authorization_endpoint": format!("http://{own}/authorize"),
        "token_endpoint": format!("http://{own}/token"),
        "jwks_uri": format!("http://{own}/keys"),
        "authorization_response_iss_parameter_supported": true,
    })
}

fn shown(course: &Course) -> Value {
    let point = course.keys.elliptic.public_key().as_ref();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let rsa: PublicKeyComponents<Vec<u8>> = rsa().public().into();
    json!({ "keys": [
        { "kty": "EC", "crv": "P-256", "use": "sig", "kid": course.keys.id, "x": part(&point[1..33]), "y": part(&point[33..]) },
        { "kty": "RSA", "alg": "RS256", "kid": "rsa", "n": part(&rsa.n), "e": part(&rsa.e) },
    ] })
}

fn token(
    own: &str,
    course: &mut Course,
    headers: &BTreeMap<String, String>,
    form: &BTreeMap<String, String>,
) -> Result<String, &'static str> {
    let secret = format!("{}:{}", CLIENT.0, CLIENT.1.replace(' ', "%20"));
    if headers.get("authorization") != Some(&format!("Basic {}", STANDARD.encode(secret))) {
        return Err("invalid_client");
    }
    let [nonce, challenge, back] = course.codes.remove(&form["code"]).ok_or("invalid_grant")?;
    let shown = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
    if form["grant_type"] != "authorization_code" || shown != challenge || form["redirect_uri"] != back {
        return Err("invalid_grant");
    }
    let now = crate::now() - 8 * 3600;
    let mut claims = json!({ "iss": format!("http://{own}"), "aud": CLIENT.0, "sub": "7", "nonce": nonce, "iat": now,
        "exp": now + 300, "preferred_username": "ann", "name": "安小禾" });
    for (name, value) in course.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = match course.signing {
        Signing::Elliptic | Signing::Foreign => json!({ "alg": "ES256", "kid": course.keys.id }),
        Signing::Rsa => json!({ "alg": "RS256", "kid": "rsa" }),
        Signing::Not => json!({ "alg": "none" }),
    };
    let signed = format!("{}.{}", part(&head), part(&claims));
    let (chance, text) = (SystemRandom::new(), signed.as_bytes());
    let signature = match course.signing {
        Signing::Elliptic => course
            .keys
            .elliptic
            .sign(&chance, text)
            .unwrap()
            .as_ref()
            .to_vec(),
        Signing::Foreign => keys("foreign")
            .elliptic
            .sign(&chance, text)
            .unwrap()
            .as_ref()
            .to_vec(),
        Signing::Rsa => {
            let pair = rsa();
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &chance, text, &mut signature)
                .unwrap();
            signature
        }
        Signing::Not => Vec::new(),
    };
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
