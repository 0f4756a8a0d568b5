//! Mail by a real SMTP server (aiosmtpd) that wants TLS and a log-in: Debian's package python3-aiosmtpd, which
//! `cargo xtask test` installs. Without it these tests say so and pass, except where CI is set.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
#![allow(clippy::panic, reason = "in CI nothing may be left out silently")]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use channels::mail::{Letter, MailSettings, Mailer, Security};
use channels::{Failure, Secret};
use serde_json::Value;

const PYTHON: &str = "/usr/bin/python3";

/// Prints its port, then each message as a line of JSON. A recipient `no@…` is refused for good, `later@…` for now.
const SERVER: &str = r#"
import asyncio, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult
chain, key, implicit = sys.argv[1], sys.argv[2], sys.argv[3] == "tls"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(chain, key)
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("no@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": implicit or session.ssl is not None,
            "user": session.auth_data, "text": envelope.content.decode()}), flush=True)
        return "250 OK"
def login(server, session, envelope, mechanism, data):
    right = data.login == b"shouwen" and data.password == b"open sesame"
    return AuthResult(success=right, handled=right, auth_data="shouwen" if right else None)
def protocol():
    return SMTP(Handler(), hostname="localhost", authenticator=login, auth_required=True, auth_require_tls=not implicit,
        tls_context=None if implicit else context, require_starttls=not implicit)
async def main():
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=context if implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"#;

struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// A server of one kind; none where it is not installed.
    fn start(kind: &str) -> Option<Server> {
        let installed = Command::new(PYTHON)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status();
        if !installed.is_ok_and(|status| status.success()) {
            if std::env::var_os("CI").is_some() {
                panic!("Debian's package python3-aiosmtpd is missing");
            }
            eprintln!(
                "left out: Debian's package python3-aiosmtpd is not installed (cargo xtask test installs it)"
            );
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        std::fs::write(&chain, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut child = Command::new(PYTHON)
            .arg("-c")
            .arg(SERVER)
            .arg(&chain)
            .arg(&key)
            .arg(kind)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        lines.read_line(&mut port).unwrap();
        Some(Server {
            child,
            lines,
            port: port.trim().parse().unwrap(),
            folder,
        })
    }

    fn settings(&self, security: Security, password: &str) -> MailSettings {
        MailSettings {
            host: "localhost".into(),
            port: Some(self.port),
            security,
            from: "客服中心 <service@example.cn>".into(),
            user: Some("shouwen".into()),
            password: Some(Secret::new(password)),
            certificate: Some(self.folder.path().join("chain.pem").to_str().unwrap().into()),
        }
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

fn letter(to: &str) -> Letter {
    Letter {
        key: "n42-mail".into(),
        to: to.into(),
        subject: "超时 TS-0007\r\nBcc: everybody@example.cn".into(),
        text: "“答复客户”已超时\n.\n后面还有\n".into(),
    }
}

async fn arrives(kind: &str, security: Security) {
    let Some(mut server) = Server::start(kind) else {
        return;
    };
    let mailer = Mailer::new(&server.settings(security, "open sesame")).unwrap();
    mailer.send(&letter("lin@example.cn")).await.unwrap();
    let heard = server.next();
    assert_eq!(heard["to"], serde_json::json!(["lin@example.cn"]));
    assert_eq!(
        (&heard["from"], &heard["user"], &heard["tls"]),
        (&"service@example.cn".into(), &"shouwen".into(), &true.into())
    );
    let text = heard["text"].as_str().unwrap();
    assert!(text.contains("Message-ID: <n42-mail@example.cn>"), "{text}");
    assert!(!text.contains("\nBcc:"), "{text}");
    // Again: the same name, so that whoever reads knows it.
    mailer.send(&letter("lin@example.cn")).await.unwrap();
    assert!(
        server.next()["text"]
            .as_str()
            .unwrap()
            .contains("Message-ID: <n42-mail@example.cn>")
    );
    // The relay's refusals are told apart.
    let refused = mailer.send(&letter("no@example.cn")).await.unwrap_err();
    assert!(
        matches!(&refused, Failure::Permanent { why } if why.contains("550")),
        "{refused:?}"
    );
    let later = mailer.send(&letter("later@example.cn")).await.unwrap_err();
    assert!(matches!(later, Failure::Temporary { .. }), "{later:?}");
    // A wrong password sends nothing and shows nothing.
    let wrong = Mailer::new(&server.settings(security, "wrong sesame")).unwrap();
    let failed = wrong.send(&letter("lin@example.cn")).await.unwrap_err();
    assert!(!failed.to_string().contains("sesame"), "{failed}");
    // A relay whose certificate nobody vouches for gets no password and no letter.
    let mut strange = server.settings(security, "open sesame");
    strange.certificate = None;
    let failed = Mailer::new(&strange)
        .unwrap()
        .send(&letter("lin@example.cn"))
        .await
        .unwrap_err();
    assert!(matches!(failed, Failure::Temporary { .. }), "{failed:?}");
}

#[tokio::test]
async fn mail_goes_by_starttls_with_a_log_in() {
    arrives("starttls", Security::Starttls).await;
}

#[tokio::test]
async fn mail_goes_by_tls_from_the_first_byte_with_a_log_in() {
    arrives("tls", Security::Tls).await;
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_tried_again() {
    let settings = MailSettings {
        host: "127.0.0.1".into(),
        port: Some(1),
        security: Security::None,
        from: "service@example.cn".into(),
        user: None,
        password: None,
        certificate: None,
    };
    let failed = Mailer::new(&settings)
        .unwrap()
        .send(&letter("lin@example.cn"))
        .await
        .unwrap_err();
    assert!(matches!(failed, Failure::Temporary { .. }), "{failed:?}");
}
