//! Logging in by the company's directory, a real OpenLDAP: people who have no password here bind there with their own.
//!
//! `slapd` is looked for in `/usr/sbin`, or below the folder that `SHOUWEN_TEST_SLAPD` names (an unpacked Debian package);
//! without it the test says that it is left out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use system_tests::{Backend, Centre, PASSWORD, Starter};

const SECRET: &str = "kept in the directory";

struct Slapd {
    process: Child,
    port: u16,
}

impl Drop for Slapd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn installed() -> Option<PathBuf> {
    let root = std::env::var_os("SHOUWEN_TEST_SLAPD").map_or_else(|| PathBuf::from("/"), PathBuf::from);
    if root.join("usr/sbin/slapd").is_file() {
        return Some(root);
    }
    eprintln!(
        "no slapd here: logging in by a directory is left out (Debian package slapd, or SHOUWEN_TEST_SLAPD)"
    );
    None
}

impl Slapd {
    /// One with one person in it, speaking TLS with a certificate that is written to `authority.pem`.
    fn start(root: &Path, folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        write("authority.pem", &made.cert.pem());
        write("key.pem", &made.signing_key.serialize_pem());
        std::fs::create_dir(folder.join("entries")).unwrap();
        let (schema, modules) = (root.join("etc/ldap/schema"), root.join("usr/lib/ldap"));
        let here = folder.display();
        let configuration = format!(
            "include {schema}/core.schema\ninclude {schema}/cosine.schema\ninclude {schema}/inetorgperson.schema\n\
             modulepath {modules}\nmoduleload back_mdb\npidfile {here}/slapd.pid\n\
             TLSCertificateFile {here}/authority.pem\nTLSCertificateKeyFile {here}/key.pem\n\
             security simple_bind=128\n\
             database mdb\nsuffix \"dc=example,dc=org\"\ndirectory {here}/entries\n",
            schema = schema.display(),
            modules = modules.display(),
        );
        write("slapd.conf", &configuration);
        write(
            "people.ldif",
            &format!(
                "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: example\ndc: example\n\n\
                 dn: uid=mei,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: mei\ncn: Mei\nsn: Mei\n\
                 userPassword: {SECRET}\n"
            ),
        );
        let slapd = |words: &[&str]| {
            let mut command = Command::new(root.join("usr/sbin/slapd"));
            command.args(words).current_dir(folder).stdout(Stdio::null());
            command
        };
        let filled = slapd(&["-T", "add", "-f", "slapd.conf", "-l", "people.ldif"])
            .status()
            .unwrap();
        assert!(filled.success(), "the directory cannot be filled");
        let address = format!("ldap://127.0.0.1:{port}");
        let process = slapd(&["-f", "slapd.conf", "-h", &address, "-d", "0"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "slapd does not listen");
            std::thread::yield_now();
        }
        Slapd { process, port }
    }
}

#[test]
fn people_without_a_password_here_log_in_by_the_directory() {
    let Some(root) = installed() else { return };
    let place = Starter::new(Backend::Sqlite).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let slapd = Slapd::start(&root, folder.path());
    let configuration = |starttls: bool| {
        format!(
            "[ldap]\nurl = \"ldap://localhost:{}\"\nstarttls = {starttls}\npattern = \"uid={{login}},dc=example,dc=org\"\n\
             authorities = \"{}\"\n",
            slapd.port,
            folder.path().join("authority.pem").display()
        )
    };
    Centre::furnish(&place);
    let words = [
        "user",
        "add",
        "sec",
        "--name",
        "安全员",
        "--function",
        "security_admin@centre",
    ];
    place.run_with(&words, PASSWORD).expect_success();
    // In the clear it does not even start.
    std::fs::write(place.folder().join("shouwen.toml"), configuration(false)).unwrap();
    let refused = place.run(&["serve", "--listen", "127.0.0.1:0"]).expect_failure();
    assert!(refused.stderr.contains("in the clear"), "{}", refused.stderr);
    std::fs::write(place.folder().join("shouwen.toml"), configuration(true)).unwrap();
    let centre = Centre {
        server: place.start(),
    };

    let log_in = |login: &str, password: &str| centre.server.client().log_in(login, password);
    // The directory knows her, but here she is nobody yet.
    log_in("mei", SECRET).expect(401);
    let mut sec = centre.log_in("sec");
    for login in ["mei", "tan"] {
        sec.post("/api/people", &json!({ "login": login, "name": login }))
            .expect(201);
    }
    let session = log_in("mei", SECRET).expect(200).json();
    assert_eq!(session["person"]["login"], "mei");
    let mei = session["person"]["id"].as_str().unwrap();
    assert_eq!(
        sec.get(&format!("/api/sessions?person={mei}")).expect(200).json()[0]["way"],
        "ldap"
    );
    log_in("mei", "something else").expect(401);
    log_in("mei", "").expect(401);
    // Here, but not there.
    log_in("tan", SECRET).expect(401);
    // Who has a password here is asked for that one.
    log_in("ann", PASSWORD).expect(200);
    // A directory that is away lets nobody in, and says so.
    drop(slapd);
    log_in("mei", SECRET).expect(503);
    log_in("ann", PASSWORD).expect(200);
}
