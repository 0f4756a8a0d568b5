//! A small HTTP client that keeps cookies and sends the session's CSRF token, as the browser does.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

/// How long one request may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// One person's browser, without a screen.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    cookies: BTreeMap<String, String>,
    csrf: Option<String>,
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, each with its value; of a repeated header the last.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body as JSON; fails the test, showing the body, where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("status {}, not JSON ({error}): {}", self.status, self.text))
    }

    /// Fails the test, showing the body, unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "the server answered: {}", self.text);
        self
    }
}

impl Client {
    /// A client without a session, for the server at this address (`http://host:port`).
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        Client {
            agent: config.into(),
            base: base.to_owned(),
            cookies: BTreeMap::new(),
            csrf: None,
        }
    }

    /// The same log-in at another node.
    pub fn moved_to(mut self, base: &str) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    /// Logs in and keeps the session's cookie and CSRF token.
    pub fn log_in(&mut self, login: &str, password: &str) -> Answer {
        let answer = self.post("/api/session", &json!({ "login": login, "password": password }));
        if answer.status == 200 {
            self.csrf = answer.json()["csrf"].as_str().map(str::to_owned);
        }
        answer
    }

    /// The session's CSRF token, once logged in.
    pub fn csrf(&self) -> Option<&str> {
        self.csrf.as_deref()
    }

    /// Forgets the CSRF token but keeps the session, as a forged request would have it.
    pub fn forget_csrf(&mut self) {
        self.csrf = None;
    }

    /// The value of a cookie that the server set.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// `GET`.
    pub fn get(&mut self, path: &str) -> Answer {
        self.try_get(path)
            .unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// `GET` that may find no server at all, as while it is being killed.
    pub fn try_get(&mut self, path: &str) -> Result<Answer, ureq::Error> {
        self.send("GET", path, &[], None)
    }

    /// `POST` with a JSON body.
    pub fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.try_send("POST", path, body)
            .unwrap_or_else(|error| panic!("POST {path}: {error}"))
    }

    /// `PUT` with a JSON body.
    pub fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.try_send("PUT", path, body)
            .unwrap_or_else(|error| panic!("PUT {path}: {error}"))
    }

    /// `DELETE`.
    pub fn delete(&mut self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
            .unwrap_or_else(|error| panic!("DELETE {path}: {error}"))
    }

    /// A request with a JSON body that may find no server at all, as while it is being killed.
    pub fn try_send(&mut self, method: &str, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let headers = [("content-type", "application/json")];
        self.send(method, path, &headers, Some(body.to_string().into_bytes()))
    }

    /// A request with just these headers and bytes (besides cookies and CSRF token), well formed or not.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", pairs.join("; "));
        }
        if let Some(csrf) = &self.csrf
            && !matches!(method, "GET" | "HEAD" | "OPTIONS")
        {
            request = request.header("x-csrf-token", csrf);
        }
        let response = match body {
            Some(bytes) => self.agent.run(request.body(bytes)?)?,
            None => self.agent.run(request.body(())?)?,
        };
        self.keep_cookies(&response);
        read(response)
    }

    fn keep_cookies(&mut self, response: &Response<Body>) {
        for value in response.headers().get_all("set-cookie") {
            let Ok(text) = value.to_str() else { continue };
            let mut parts = text.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let ended = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
            if ended || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn read(mut response: Response<Body>) -> Result<Answer, ureq::Error> {
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let status = response.status().as_u16();
    let bytes = response.body_mut().with_config().limit(256 << 20).read_to_vec()?;
    Ok(Answer {
        status,
        headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::Client;

    /// Answers one request per given text and gives back the requests' heads.
    fn serve(answers: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let heads = std::thread::spawn(move || {
            let mut heads = Vec::new();
            for answer in answers {
                let (stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    reader.read_line(&mut head).unwrap();
                }
                let length = head.to_lowercase().lines().find_map(|line| {
                    line.strip_prefix("content-length: ")
                        .map(|text| text.parse::<usize>().unwrap())
                });
                std::io::Read::read_exact(&mut reader, &mut vec![0; length.unwrap_or(0)]).unwrap();
                heads.push(head.to_lowercase());
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
            heads
        });
        (base, heads)
    }

    #[test]
    fn keeps_the_session_and_proves_it_on_unsafe_requests_only() {
        let (base, heads) = serve(&[
            "HTTP/1.1 200 OK\r\nset-cookie: shouwen_session=abc; HttpOnly; Path=/\r\nconnection: close\r\n\
             content-length: 14\r\n\r\n{\"csrf\":\"xyz\"}",
            "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nset-cookie: shouwen_session=; Max-Age=0\r\nconnection: close\r\n\
             content-length: 2\r\n\r\n{}",
        ]);
        let mut client = Client::new(&base);
        client.log_in("a", "b").expect(200);
        assert_eq!(client.cookie("shouwen_session"), Some("abc"));
        client.get("/api/nothing").expect(404);
        client.delete("/api/session").expect(200);
        assert_eq!(client.cookie("shouwen_session"), None);

        let heads = heads.join().unwrap();
        assert!(
            !heads[0].contains("x-csrf-token") && !heads[0].contains("cookie:"),
            "{}",
            heads[0]
        );
        assert!(heads[1].contains("cookie: shouwen_session=abc"), "{}", heads[1]);
        assert!(!heads[1].contains("x-csrf-token"), "{}", heads[1]);
        assert!(heads[2].contains("x-csrf-token: xyz"), "{}", heads[2]);
    }
}
