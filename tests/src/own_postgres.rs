//! A PostgreSQL of one test's own, which it may restart and whose clock it may turn.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// A server; ended and deleted with this value.
#[derive(Debug)]
pub struct OwnPostgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    envs: Vec<(OsString, OsString)>,
    child: Option<Child>,
}

fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let named = std::env::var_os("SHOUWEN_POSTGRES_BIN").map(PathBuf::from);
    if let Some(named) = named.filter(complete) {
        return Some(named);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(complete)
        .collect();
    found.sort();
    found.pop()
}

/// The account that runs it where this is root's process.
fn account() -> Option<(u32, u32)> {
    if std::fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let owned = std::fs::metadata("/var/lib/postgresql").map(|meta| (meta.uid(), meta.gid()));
    Some(
        owned
            .ok()
            .filter(|(user, _)| *user != 0)
            .unwrap_or((65534, 65534)),
    )
}

fn as_server(program: &Path) -> Command {
    let Some((user, group)) = account() else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={group}"))
        .arg("--clear-groups")
        .arg(program);
    command
}

impl OwnPostgres {
    /// Makes one and starts it with these variables; `None`, and a line on standard error, where there are no programs.
    pub fn start(envs: &[(&str, &str)]) -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!(
                "left out: there is no PostgreSQL to start here (SHOUWEN_POSTGRES_BIN names its programs)"
            );
            return None;
        };
        let folder = TempDir::with_prefix("shouwen-own-postgres-").unwrap();
        if let Some((user, group)) = account() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let output = as_server(&programs.join("initdb"))
            .args([
                "--username=shouwen",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
            ])
            .arg(folder.path().join("data"))
            .current_dir("/")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let envs = envs
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let mut own = OwnPostgres {
            programs,
            folder,
            port,
            envs,
            child: None,
        };
        own.launch().unwrap();
        Some(own)
    }

    /// A folder that the server's account can read.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of its first database.
    pub fn url(&self) -> String {
        format!("postgres://shouwen@127.0.0.1:{}/postgres", self.port)
    }

    fn launch(&mut self) -> Result<(), String> {
        // Variables are set behind the change of account: a library put before the program must not begin as root.
        let mut command = as_server(Path::new("env"));
        for (name, value) in &self.envs {
            let mut set = name.clone();
            set.push("=");
            set.push(value);
            command.arg(set);
        }
        command
            .arg(self.programs.join("postgres"))
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-k", ""])
            .args(["-c", "fsync=off", "-c", "max_connections=200"])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, ready) = std::sync::mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            let mut log = String::new();
            for line in lines.lines().map_while(Result::ok) {
                log.push_str(&line);
                log.push('\n');
                if line.contains("ready to accept connections") {
                    let _ = sender.send(Ok(()));
                }
            }
            let _ = sender.send(Err(log));
        });
        match ready.recv_timeout(PATIENCE) {
            Ok(Ok(())) => {
                self.child = Some(child);
                Ok(())
            }
            Ok(Err(log)) => {
                let _ = child.wait();
                Err(log)
            }
            Err(error) => panic!("PostgreSQL was not ready in time: {error}"),
        }
    }

    /// Ends it (`INT` breaks every connection, `KILL` is a crash) and starts it again on the same data.
    pub fn restart(&mut self, signal: &str) {
        self.end(signal);
        let begun = Instant::now();
        // After a crash its children hold the place until they notice; it refuses to start beside them.
        while let Err(log) = self.launch() {
            assert!(
                begun.elapsed() < PATIENCE,
                "PostgreSQL does not start again:\n{log}"
            );
        }
    }

    fn end(&mut self, signal: &str) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        if !sent.is_ok_and(|status| status.success()) {
            let _ = child.kill();
        }
        let _ = child.wait();
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.end("INT");
    }
}
