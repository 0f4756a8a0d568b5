//! The way in: HTTPS with a certificate that is renewed, plain HTTP sent on, slow clients, floods of connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use system_tests::{Backend, Centre, Starter};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

const PATIENCE: Duration = Duration::from_secs(40);

/// Writes a new certificate for `localhost` with its key; gives the certificate.
fn renew(folder: &Path) -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("certificate.pem"), made.cert.pem()).unwrap();
    made.cert.pem().into_bytes()
}

/// Asks by HTTPS, trusting this certificate and no other.
fn ask(port: &str, trusted: &[u8]) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
    let certificate = Certificate::from_pem(trusted).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[certificate]))
        .build();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .build()
        .into();
    agent.get(format!("https://localhost:{port}/api/session")).call()
}

fn configured(settings: &str) -> Starter {
    let place = Starter::new(Backend::Sqlite).unwrap();
    std::fs::write(place.folder().join("shouwen.toml"), settings).unwrap();
    place
}

#[test]
fn https_from_files_that_are_renewed_while_it_serves() {
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let plain_port = plain.local_addr().unwrap().port();
    drop(plain);
    let place = configured(&format!(
        "[tls]\ncertificate = \"certificate.pem\"\nkey = \"key.pem\"\nredirect = \"127.0.0.1:{plain_port}\"\n"
    ));
    let first = renew(place.folder());
    Centre::furnish(&place);
    let server = place.start_unasked();
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    assert!(server.url().starts_with("https://"), "{}", server.url());
    // A browser is told to stay with HTTPS.
    let answer = ask(&port, &first).unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("strict-transport-security"));
    // Plain HTTP is sent on to the same page.
    let mut stream = TcpStream::connect(("127.0.0.1", plain_port)).unwrap();
    stream
        .write_all(b"GET /cases?x=1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 308"), "{text}");
    assert!(
        text.contains(&format!("location: https://localhost:{port}/cases?x=1")),
        "{text}"
    );
    // When the files are renewed and the server is told, then new connections get the new certificate.
    let second = renew(server.place().folder());
    assert!(ask(&port, &second).is_err());
    server.signal("HUP");
    let begun = Instant::now();
    while ask(&port, &second).is_err() {
        assert!(begun.elapsed() < PATIENCE, "not read again:\n{}", server.log());
    }
    assert!(ask(&port, &first).is_err());
    let (_, status) = server.stop();
    assert!(status.success(), "{status}");
}

#[test]
fn a_wrong_certificate_is_told_at_the_start() {
    let place = configured("[tls]\ncertificate = \"missing.pem\"\nkey = \"key.pem\"\n");
    let output = place.run(&["serve", "--listen", "127.0.0.1:0"]).expect_failure();
    assert!(output.stderr.contains("key.pem"), "{}", output.stderr);
}

/// What a client that dribbles gets, and after how long.
fn dribbled(address: &str, head: &str, body: &[u8]) -> (String, Duration) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let begun = Instant::now();
    stream.write_all(head.as_bytes()).unwrap();
    let (mut text, mut bytes) = (Vec::new(), body.iter().cycle());
    loop {
        let mut portion = [0; 4096];
        match stream.read(&mut portion) {
            Ok(0) => break,
            Ok(count) => text.extend_from_slice(&portion[..count]),
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) =>
            {
                // One more byte, twice a second.
                if text.is_empty() && stream.write_all(&[*bytes.next().unwrap()]).is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
        assert!(
            begun.elapsed() < Duration::from_secs(90),
            "it holds the connection for ever"
        );
    }
    (String::from_utf8_lossy(&text).into_owned(), begun.elapsed())
}

#[test]
fn slow_clients_are_cut_off_and_others_served_meanwhile() {
    let server = Centre::start(Backend::Sqlite).unwrap().server;
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let (by_head, by_body) = std::thread::scope(|scope| {
        let head = scope.spawn(|| dribbled(&address, "GET /healthz HTTP/1.1\r\nx-slow: ", b"a"));
        let body = scope.spawn(|| {
            let head = "POST /api/session HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                        accept-language: en\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n";
            dribbled(&address, head, b" ")
        });
        for _ in 0..50 {
            server.client().get("/healthz").expect(200);
        }
        (head.join().unwrap(), body.join().unwrap())
    });
    // A head that never ends is cut off, a body that dribbles is refused in the one shape.
    assert!(!by_head.0.starts_with("HTTP/1.1 200"), "{}", by_head.0);
    assert!(by_body.0.starts_with("HTTP/1.1 408"), "{}", by_body.0);
    assert!(by_body.0.contains("\"code\":\"too_slow\""), "{}", by_body.0);
}

#[test]
fn more_connections_than_allowed_are_refused_and_places_are_given_back() {
    let server = configured("[limits]\nconnections_of_an_address = 5\n").start();
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let held: Vec<TcpStream> = (0..5).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let served = |address: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        text.starts_with("HTTP/1.1 200")
    };
    let begun = Instant::now();
    while served(&address) {
        assert!(begun.elapsed() < PATIENCE, "a sixth connection is served");
    }
    drop(held);
    while !served(&address) {
        assert!(begun.elapsed() < PATIENCE, "places are not given back");
    }
}
