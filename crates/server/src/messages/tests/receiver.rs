//! A receiver on this machine that keeps what it hears and answers as it is told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use tokio::sync::Notify;
use tower::ServiceExt;

#[derive(Clone, Debug)]
pub struct Heard {
    pub key: String,
    pub signature: String,
    pub body: String,
}

#[derive(Default)]
struct Kept {
    heard: Mutex<Vec<Heard>>,
    answer: AtomicU16,
    bell: Notify,
}

pub struct Receiver {
    pub address: SocketAddr,
    kept: Arc<Kept>,
}

async fn hear(State(kept): State<Arc<Kept>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let heard = Heard {
        key: header("shouwen-key"),
        signature: header("shouwen-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let mut all = kept.heard.lock().unwrap();
    all.push(heard);
    // What an SMS gateway and a robot would answer too.
    let answer = format!(r#"{{"code":0,"errcode":0,"sid":"sid-{}"}}"#, all.len());
    kept.bell.notify_waiters();
    (
        StatusCode::from_u16(kept.answer.load(Ordering::SeqCst)).unwrap(),
        answer,
    )
}

impl Receiver {
    pub async fn start() -> Receiver {
        let kept = Arc::new(Kept::default());
        kept.answer.store(200, Ordering::SeqCst);
        let app = Router::new().fallback(hear).with_state(kept.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Receiver { address, kept }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn answer(&self, status: u16) {
        self.kept.answer.store(status, Ordering::SeqCst);
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.kept.heard.lock().unwrap().clone()
    }

    pub async fn wait_for(&self, count: usize) {
        let patience = std::time::Duration::from_secs(20);
        let heard = async {
            loop {
                let rung = self.kept.bell.notified();
                if self.heard().len() >= count {
                    return;
                }
                rung.await;
            }
        };
        tokio::time::timeout(patience, heard).await.unwrap();
    }
}

/// Posts to the application itself; the status it answered.
pub async fn post(app: &Arc<crate::app::App>, path: &str, body: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = axum::http::Request::builder()
        .method("POST")
        .uri(path)
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(axum::body::Body::from(body.to_owned())).unwrap();
    let router = crate::http::router::router(app.clone());
    router.oneshot(request).await.unwrap().status().as_u16()
}

pub fn hmac_hex(key: &str, message: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
