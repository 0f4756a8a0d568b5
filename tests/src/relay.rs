//! A real SMTP server (aiosmtpd, from Debian's package python3-aiosmtpd) that outlives the server under test: it wants TLS and
//! a log-in, and tells each letter it took.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const PYTHON: &str = "/usr/bin/python3";

/// Prints its port, then each letter as a line of JSON before it answers for it.
const SERVER: &str = r#"
import asyncio, email, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
class Handler:
    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content)
        print(json.dumps({"to": envelope.rcpt_tos[0], "id": letter["Message-ID"], "key": letter["X-Shouwen-Key"],
            "subject": str(email.header.make_header(email.header.decode_header(letter["Subject"]))),
            "text": letter.get_payload(decode=True).decode()}), flush=True)
        return "250 OK"
def login(server, session, envelope, mechanism, data):
    right = data.login == b"shouwen" and data.password == b"open sesame"
    return AuthResult(success=right, handled=right, auth_data="shouwen" if right else None)
def protocol():
    return SMTP(Handler(), hostname="localhost", authenticator=login, auth_required=True, auth_require_tls=True,
        tls_context=context, require_starttls=True)
async def main():
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"#;

/// A mail relay; stopped when this value is dropped.
#[derive(Debug)]
pub struct Relay {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
    folder: TempDir,
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Relay {
    /// Starts one; `None` (and a line saying so) where Debian's package is not installed.
    pub fn start() -> Option<Relay> {
        let installed = Command::new(PYTHON)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status();
        if !installed.is_ok_and(|status| status.success()) {
            assert!(
                std::env::var_os("CI").is_none(),
                "Debian's package python3-aiosmtpd is missing"
            );
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
            .args([&chain, &key])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        lines.read_line(&mut port).unwrap();
        Some(Relay {
            child,
            lines,
            port: port.trim().parse().unwrap(),
            folder,
        })
    }

    /// The section of the configuration file that names it.
    pub fn section(&self) -> String {
        format!(
            "[mail]\nhost = \"localhost\"\nport = {}\nfrom = \"客服中心 <service@example.cn>\"\nuser = \"shouwen\"\n\
             password = \"open sesame\"\ncertificate = {:?}\n",
            self.port,
            self.certificate()
        )
    }

    /// The certificate it shows.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("chain.pem")
    }

    /// The next letter, waiting for it: `to`, `id` (Message-ID), `key`, `subject`, `text`.
    pub fn letter(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}
