//! Gateways, robots and web hooks against a real HTTP server that checks what a real one checks.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse;
use channels::sms::{BadReceipt, Order, Receipt};
use channels::{Failure, Settings, webhook};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[derive(Debug)]
struct Heard {
    uri: Uri,
    headers: HeaderMap,
    body: String,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

async fn hear(
    State((send, answer)): State<(UnboundedSender<Heard>, Value)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let body = String::from_utf8(body.to_vec()).unwrap();
    send.send(Heard { uri, headers, body }).unwrap();
    axum::Json(answer)
}

/// A server that tells what it heard and answers always the same.
async fn server(answer: Value) -> (SocketAddr, UnboundedReceiver<Heard>) {
    let (send, heard) = unbounded_channel();
    let app = Router::new().fallback(hear).with_state((send, answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, heard)
}

fn settings(text: &str) -> Settings {
    toml::from_str(text).unwrap()
}

fn order() -> Order {
    let params = [("number", "TS-0007"), ("title", "答复\"客户\"&限\n时")];
    Order {
        key: "n:7:sms".into(),
        phone: "+86 138-0013-8000".into(),
        template: "late".into(),
        params: params
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    }
}

const RECEIPTS: &str = r#"
[sms.receipts]
secret = "receipts secret"
signature_header = "X-Sign"
timestamp_header = "X-Time"
canonical = "${timestamp}.${body}"
list = "/reports"
id = "/sid"
state = "/status"
delivered = ["DELIVRD"]
"#;

fn header_style(address: SocketAddr) -> String {
    format!(
        r#"
[outbound]
allow_hosts = ["{address}"]
[sms]
url = "http://{address}/v1/send"
signature = "首问客服"
access_key = "AK7"
secret = "gateway secret"
body = '{{"mobile":"${{phone}}","sign":"${{signature}}","tpl":"${{template}}","vars":${{params}},"sid":"${{key}}"}}'
[sms.headers]
X-Time = "${{timestamp}}"
X-Nonce = "${{nonce}}"
[sms.sign]
placement = "header"
name = "Authorization"
value = "HMAC-SHA256 ${{access_key}}:${{sign}}"
canonical = "POST\n/v1/send\n${{timestamp}}\n${{nonce}}\n${{body_sha256}}"
encoding = "base64"
[sms.taken]
pointer = "/code"
is = "0"
id = "/data/sid"
again = ["FREQ"]
[sms.templates.late]
id = "SMS_1001"
text = "事项${{number}}的“${{title}}”已超时，请速处理。"
{RECEIPTS}"#
    )
}

#[tokio::test]
async fn a_gateway_that_wants_its_signature_in_a_header_is_served() {
    let (address, mut heard) = server(json!({ "code": 0, "data": { "sid": 991 } })).await;
    let gateway = settings(&header_style(address)).open().unwrap().sms.unwrap();
    let accepted = gateway
        .send(&order(), 1_770_000_000_123, "2026-02-02T02:40:00Z", "n0nce")
        .await
        .unwrap();
    assert_eq!(accepted.id.as_deref(), Some("991"));
    let heard = heard.recv().await.unwrap();
    let body: Value = serde_json::from_str(&heard.body).unwrap();
    assert_eq!(
        body,
        json!({
            "mobile": "13800138000", "sign": "首问客服", "tpl": "SMS_1001", "sid": "n:7:sms",
            "vars": { "number": "TS-0007", "title": "答复\"客户\"&限\n时" },
        })
    );
    assert_eq!(heard.header("x-time"), "1770000000");
    // What the gateway works out by itself from what it received.
    let digest = sha256(heard.body.as_bytes());
    let canonical = format!("POST\n{}\n1770000000\nn0nce\n{digest}", heard.uri.path());
    assert_eq!(
        heard.header("authorization"),
        format!("HMAC-SHA256 AK7:{}", hmac_base64("gateway secret", &canonical))
    );
    assert_eq!(gateway.segments(&order()), Ok(1));
}

#[tokio::test]
async fn a_gateway_that_wants_its_signature_in_the_query_is_served() {
    let (address, mut heard) = server(json!({ "Code": "OK" })).await;
    let text = format!(
        r#"
[outbound]
allow_hosts = ["127.0.0.1"]
[sms]
url = "http://{address}/"
signature = "首问客服"
access_key = "AK7"
secret = "gateway secret"
form = "form"
body = "Phone=${{phone}}&Content=${{text}}"
[sms.query]
Timestamp = "${{time}}"
AccessKeyId = "${{access_key}}"
[sms.sign]
placement = "query"
name = "Signature"
canonical = "POST&${{query}}&${{body}}"
[sms.taken]
pointer = "/Code"
is = "OK"
[sms.templates.late]
id = "1"
text = "${{title}}"
"#
    );
    let gateway = settings(&text).open().unwrap().sms.unwrap();
    gateway
        .send(&order(), 1_770_000_000_123, "2026-02-02T02:40:00Z", "n")
        .await
        .unwrap();
    let heard = heard.recv().await.unwrap();
    let query = "AccessKeyId=AK7&Timestamp=2026-02-02T02%3A40%3A00Z";
    let signed = hmac_hex("gateway secret", &format!("POST&{query}&{}", heard.body));
    assert_eq!(
        heard.uri.query(),
        Some(format!("{query}&Signature={signed}").as_str())
    );
    // A value with `&` and a new line ends nothing in a form.
    assert_eq!(heard.body.matches('&').count(), 1);
    assert!(heard.body.starts_with("Phone=13800138000&Content=%E3%80%90"));
}

#[tokio::test]
async fn a_gateway_that_refuses_is_told_from_one_that_is_busy() {
    for (answer, again) in [
        (json!({ "code": "FREQ" }), true),
        (json!({ "code": "BLACK" }), false),
        (json!("?"), false),
    ] {
        let (address, _heard) = server(answer).await;
        let gateway = settings(&header_style(address)).open().unwrap().sms.unwrap();
        let failed = gateway.send(&order(), 0, "", "").await.unwrap_err();
        assert_eq!(matches!(failed, Failure::Temporary { .. }), again, "{failed}");
    }
    // Nobody listens at all.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let gateway = settings(&header_style(address)).open().unwrap().sms.unwrap();
    let failed = gateway.send(&order(), 0, "", "").await.unwrap_err();
    assert!(matches!(failed, Failure::Temporary { .. }), "{failed}");
    assert!(!failed.to_string().contains("127.0.0.1") && !failed.to_string().contains("secret"));
    let foreign = Order {
        phone: "+1 202 555 0100".into(),
        ..order()
    };
    assert!(matches!(
        gateway.send(&foreign, 0, "", "").await,
        Err(Failure::Permanent { .. })
    ));
}

#[test]
fn a_wrong_setting_is_named_when_the_server_starts() {
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    let right = header_style(address);
    for (from, to, named) in [
        ("${nonce}", "${once}", "once"),
        ("首问客服", "【首问】", "signature"),
        ("allow_hosts = [\"127.0.0.1:9\"]", "allow_hosts = []", "url"),
    ] {
        let mistake = settings(&right.replace(from, to)).open().unwrap_err();
        assert!(
            mistake.to_string().contains(named) && mistake.section == "sms",
            "{mistake}"
        );
    }
    let shown = format!("{:?}", settings(&right));
    assert!(
        !shown.contains("gateway secret") && !shown.contains("receipts secret") && !shown.contains("AK7")
    );
}

#[test]
fn receipts_are_taken_from_the_gateway_alone() {
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    let gateway = settings(&header_style(address)).open().unwrap().sms.unwrap();
    let receipts = gateway.settings().receipts.clone().unwrap();
    let body = r#"{"reports":[{"sid":991,"status":"DELIVRD"},{"sid":"992","status":"UNDELIV"}]}"#;
    let now = 1_770_000_000_000;
    let read = |time: &str, sign: String, body: &str| {
        let headers = BTreeMap::from([("X-Time", time.to_owned()), ("X-Sign", sign)]);
        receipts.read(|name| headers.get(name).cloned(), body.as_bytes(), now)
    };
    let sign = |time: &str| hmac_hex("receipts secret", &format!("{time}.{body}"));
    let expected =
        [("991", true, "DELIVRD"), ("992", false, "UNDELIV")].map(|(id, delivered, word)| Receipt {
            id: id.into(),
            delivered,
            word: word.into(),
        });
    assert_eq!(
        read("1770000000", sign("1770000000"), body),
        Ok(expected.to_vec())
    );
    assert_eq!(
        read("1770000000", sign("1770000001"), body),
        Err(BadReceipt::Unsigned)
    );
    assert_eq!(
        read("1769990000", sign("1769990000"), body),
        Err(BadReceipt::Unsigned)
    );
    assert_eq!(
        read(
            "1770000000",
            sign("1770000000"),
            &body.replace("UNDELIV", "DELIVRD")
        ),
        Err(BadReceipt::Unsigned)
    );
    assert_eq!(read("1770000000", String::new(), body), Err(BadReceipt::Unsigned));
    assert_eq!(
        read("1770000000", hmac_hex("receipts secret", "1770000000.{}"), "{}"),
        Err(BadReceipt::Unreadable)
    );
}

#[tokio::test]
async fn robots_are_told_over_http() {
    for (kind, answer) in [
        ("wecom", json!({ "errcode": 0 })),
        ("dingtalk", json!({ "errcode": 0 })),
        ("feishu", json!({ "code": 0 })),
    ] {
        let (address, mut heard) = server(answer).await;
        let text = format!(
            "[outbound]\nallow_hosts = [\"{address}\"]\n[robots.late]\nkind = \"{kind}\"\nurl = \"http://{address}/hook?key=k\"\nsecret = \"robot secret\"\ntells = [\"overdue\"]\n"
        );
        let gateways = settings(&text).open().unwrap();
        gateways.robots["late"]
            .send("已超时", "n-7", 1_770_000_000_000)
            .await
            .unwrap();
        let heard = heard.recv().await.unwrap();
        let body: Value = serde_json::from_str(&heard.body).unwrap();
        let said = if kind == "feishu" {
            &body["content"]["text"]
        } else {
            &body["text"]["content"]
        };
        assert_eq!(said, "已超时\n[n-7]");
        match kind {
            "dingtalk" => {
                let sign = hmac_base64("robot secret", "1770000000000\nrobot secret");
                let sign: String = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
                assert_eq!(
                    heard.uri.query(),
                    Some(format!("key=k&timestamp=1770000000000&sign={sign}").as_str())
                );
            }
            "feishu" => assert_eq!(body["sign"], hmac_base64("1770000000\nrobot secret", "")),
            _ => assert_eq!(heard.uri.query(), Some("key=k")),
        }
    }
}

#[tokio::test]
async fn a_web_hook_is_signed_so_that_its_receiver_can_check_it() {
    let (address, mut heard) = server(json!({})).await;
    let outbound = channels::door::Outbound {
        allow_hosts: BTreeSet::from([address.to_string()]),
        certificates: None,
    };
    let door = channels::door::Door::new(outbound).unwrap();
    let url = format!("http://{address}/hook");
    webhook::send(
        &door,
        &url,
        "hook secret",
        "h:1:2",
        r#"{"a":1}"#,
        1_770_000_000_999,
    )
    .await
    .unwrap();
    let heard = heard.recv().await.unwrap();
    assert_eq!(heard.header("shouwen-key"), "h:1:2");
    let signed = heard.header("shouwen-signature");
    assert!(webhook::is_signed(
        "hook secret",
        signed,
        &heard.body,
        1_770_000_000
    ));
    assert_eq!(
        signed,
        format!(
            "t=1770000000,v1={}",
            hmac_hex("hook secret", r#"1770000000.{"a":1}"#)
        )
    );
}

fn mac(key: &str, message: &str) -> Vec<u8> {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hmac_hex(key: &str, message: &str) -> String {
    mac(key, message)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn hmac_base64(key: &str, message: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(mac(key, message))
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
