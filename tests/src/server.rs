//! The real binary: started on a database of its own, killed, started again, stopped.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Client, Database, OwnPostgres};

/// How long the server may take to be ready (an empty database is filled meanwhile), and to stop.
const PATIENCE: Duration = Duration::from_secs(180);
/// What the server prints on standard output, with its address behind, once it takes connections.
const READY: &str = "shouwen: listening on ";

/// The binary under test: what `SHOUWEN_BIN` names, or what Cargo built beside this test.
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("SHOUWEN_BIN") {
        return PathBuf::from(named);
    }
    let test = std::env::current_exe().unwrap();
    let beside = test
        .parent()
        .and_then(Path::parent)
        .map(|folder| folder.join("shouwen"))
        .unwrap();
    assert!(
        beside.is_file(),
        "{} is missing: cargo build -p shouwen, or set SHOUWEN_BIN",
        beside.display()
    );
    beside
}

/// The project's folder, for packs and the like.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// Which database a server runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one, in the data folder.
    Sqlite,
    /// A fresh database on a real PostgreSQL.
    Postgres,
}

impl Backend {
    /// Both, so that one test walks the same path on each.
    pub const ALL: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];
}

/// What a command of the binary printed, and how it ended.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Output {
    /// Fails the test, showing all that was printed, unless the command succeeded.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert!(
            self.status.success(),
            "{}\n{}\n{}",
            self.status,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Fails the test, showing all that was printed, unless the command ended with exit code 1.
    #[track_caller]
    pub fn expect_failure(self) -> Self {
        assert_eq!(
            self.status.code(),
            Some(1),
            "{}\n{}\n{}",
            self.status,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {}\n{}", self.stdout, self.stderr))
    }
}

/// A place with a database, on which servers are started and commands are run.
#[derive(Debug)]
pub struct Starter {
    folder: TempDir,
    data: PathBuf,
    database: Option<Arc<Database>>,
    args: Vec<OsString>,
    envs: Vec<(OsString, OsString)>,
}

impl Starter {
    /// An empty folder or, for PostgreSQL, an empty database; `None` (and a line saying so) where there is
    /// no PostgreSQL to test with.
    pub fn new(backend: Backend) -> Option<Self> {
        let database = match backend {
            Backend::Sqlite => None,
            Backend::Postgres => Some(Arc::new(Database::fresh()?)),
        };
        Some(Self::of(database))
    }

    /// An empty database on a PostgreSQL of the test's own.
    pub fn on(postgres: &OwnPostgres) -> Self {
        Self::of(Some(Arc::new(Database::on(&postgres.url()))))
    }

    fn of(database: Option<Arc<Database>>) -> Self {
        let folder = TempDir::with_prefix("shouwen-test-").unwrap();
        Starter {
            data: folder.path().join("data"),
            folder,
            database,
            args: Vec::new(),
            envs: Vec::new(),
        }
    }

    /// A place for a second node on this place's PostgreSQL database.
    ///
    /// # Panics
    /// On the embedded database, which is one node's alone.
    pub fn beside(&self) -> Self {
        let database = self.database.clone();
        assert!(database.is_some(), "the embedded database is one node's alone");
        Self::of(database)
    }

    /// Puts the embedded database into another folder: another disk.
    pub fn with_data(mut self, data: impl Into<PathBuf>) -> Self {
        self.data = data.into();
        self
    }

    /// Fills the empty database with the demo centre at the first start.
    pub fn demo(self) -> Self {
        self.arg("--demo")
    }

    /// Adds an argument to `serve`.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable for the server and for commands.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.envs.push((name.into(), value.into()));
        self
    }

    /// The folder of the embedded database; not there before the first start, and never on PostgreSQL.
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// The folder that the server and commands run in, for a test's own files; deleted with this value.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The PostgreSQL database, where the backend is that.
    pub fn database(&self) -> Option<&Database> {
        self.database.as_deref()
    }

    /// Runs statements past the product, in whichever database it is: for tests that tamper.
    pub fn tamper(&self, statements: &[&str]) {
        match &self.database {
            Some(database) => database.execute(statements).unwrap(),
            None => {
                let connection = self.embedded();
                for statement in statements {
                    connection.execute_batch(statement).unwrap();
                }
            }
        }
    }

    /// The first column of the first row that a query gives, a number, read past the product.
    pub fn number(&self, query: &str) -> i64 {
        match &self.database {
            Some(database) => database.number(query).unwrap(),
            None => self.embedded().query_row(query, [], |row| row.get(0)).unwrap(),
        }
    }

    fn embedded(&self) -> Connection {
        Connection::open(self.data.join("shouwen.db")).unwrap()
    }

    /// Runs another command of the binary (`verify`, `import …`) on the same data, to its end. It runs in
    /// [`folder`](Self::folder): name files of the project by [`project`].
    pub fn run(&self, words: &[&str]) -> Output {
        self.run_with(words, "")
    }

    /// The same, with this on the command's standard input.
    pub fn run_with(&self, words: &[&str], input: &str) -> Output {
        let mut child = self
            .command(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may be gone before this is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Output {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command with `--json` that must succeed, and reads what it printed.
    #[track_caller]
    pub fn json(&self, words: &[&str]) -> Value {
        self.run(&[words, &["--json"]].concat()).expect_success().json()
    }

    /// Starts the server and waits until it takes connections and answers.
    pub fn start(self) -> Server {
        let server = self.start_unasked();
        Client::new(server.url()).get("/healthz").expect(200);
        server
    }

    /// Starts the server and waits until it says that it takes connections; nothing is asked yet.
    pub fn start_unasked(self) -> Server {
        let running = Running::launch(&self);
        Server { place: self, running }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(words);
        match &self.database {
            Some(database) => command.arg("--database").arg(database.url()),
            None => command.arg("--data").arg(&self.data),
        };
        // Nothing of the surroundings may reach the server: no configuration file, no variable.
        command.current_dir(self.folder.path());
        for name in [
            "SHOUWEN_DATA",
            "SHOUWEN_DATABASE",
            "SHOUWEN_CONFIG",
            "SHOUWEN_LISTEN",
            "SHOUWEN_LIMITS",
        ] {
            command.env_remove(name);
        }
        command.envs(self.envs.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A server that takes connections; killed when this value is dropped.
#[derive(Debug)]
pub struct Server {
    place: Starter,
    running: Running,
}

impl Server {
    /// Starts one on an empty database; `None` where there is no PostgreSQL to test with.
    pub fn start(backend: Backend) -> Option<Self> {
        Some(Starter::new(backend)?.start())
    }

    /// Its address, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.running.url
    }

    /// The operating system's number for its process.
    pub fn process(&self) -> u32 {
        self.running.child.id()
    }

    /// A client without a session.
    pub fn client(&self) -> Client {
        Client::new(self.url())
    }

    /// A client logged in as this person; fails the test where the server refuses.
    #[track_caller]
    pub fn log_in(&self, login: &str, password: &str) -> Client {
        let mut client = self.client();
        client.log_in(login, password).expect(200);
        client
    }

    /// Where its data is, to run commands on and to tamper with.
    pub fn place(&self) -> &Starter {
        &self.place
    }

    /// All that this process printed so far, on both channels.
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// Ends the process as a power cut would (SIGKILL) and leaves the data.
    pub fn kill(mut self) -> Starter {
        self.running.end();
        self.place
    }

    /// Kills it, and starts another on the same data.
    pub fn kill_and_restart(self) -> Self {
        self.kill().start()
    }

    /// Sends a signal to its process: `HUP`, `STOP` …
    pub fn signal(&self, name: &str) {
        let process = self.process();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{name} {process}")])
            .status()
            .unwrap();
        assert!(sent.success(), "process {process} cannot be signalled");
    }

    /// Asks it to stop (SIGTERM), waits until it did, and gives back how it ended.
    pub fn stop(mut self) -> (Starter, ExitStatus) {
        self.signal("TERM");
        let status = self.running.await_end();
        (self.place, status)
    }
}

/// One run of the server's process.
#[derive(Debug)]
struct Running {
    child: Child,
    url: String,
    log: Arc<Mutex<String>>,
    /// Standard output's lines; disconnects when the process ends.
    lines: Receiver<String>,
}

impl Running {
    fn launch(place: &Starter) -> Self {
        // Port 0: the system picks a free one, and the server prints which.
        let mut command = place.command(&["serve"]);
        command.args(["--listen", "127.0.0.1:0"]).args(&place.args);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", binary().display()));
        let log = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = channel();
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        follow(stdout, Arc::clone(&log), move |line| drop(sender.send(line)));
        follow(stderr, Arc::clone(&log), |_| ());
        let mut running = Running {
            child,
            url: String::new(),
            log,
            lines,
        };
        running.url = running.await_ready();
        running
    }

    fn await_ready(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    if let Some(address) = line.trim().strip_prefix(READY) {
                        let address = address.trim_end_matches('/').to_owned();
                        return address;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.end();
                    panic!(
                        "the server was not ready after {PATIENCE:?}; it printed:\n{}",
                        self.log()
                    );
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait().unwrap();
                    panic!(
                        "the server ended with {status} before it was ready; it printed:\n{}",
                        self.log()
                    );
                }
            }
        }
    }

    fn await_end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => {
                    self.end();
                    panic!(
                        "the server did not stop within {PATIENCE:?}; it printed:\n{}",
                        self.log()
                    );
                }
            }
        }
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn follow(from: impl Read + Send + 'static, log: Arc<Mutex<String>>, each: impl Fn(String) + Send + 'static) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            {
                let mut log = log.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
            each(line);
        }
    });
}
