//! Telling progress, and running other programs while doing so.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

/// Why a task could not go on, with what to do about it.
#[derive(Debug)]
pub struct Failure(String);

/// What a step gives back.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure told in these words.
    pub fn new(words: impl Into<String>) -> Self {
        Failure(words.into())
    }

    /// Turns an error into a failure that says what was being done.
    pub fn when<E: fmt::Display>(doing: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |error| Failure(format!("{doing}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn started() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

/// Prints a line with the time since the task began.
pub fn say(line: impl fmt::Display) {
    println!("[{:6.1} s] {line}", started().elapsed().as_secs_f64());
}

/// Does one step, telling its begin, its end and how long it took.
pub fn step<T>(title: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    say(format_args!("… {title}"));
    let begin = Instant::now();
    let outcome = work();
    let took = begin.elapsed().as_secs_f64();
    match &outcome {
        Ok(_) => say(format_args!("✓ {title} ({took:.1} s)")),
        Err(_) => say(format_args!("✗ {title} failed ({took:.1} s)")),
    }
    outcome
}

/// Runs two pieces of work side by side and waits for both; the first failure is given back.
pub fn together<A: Send, B>(
    aside: impl FnOnce() -> Outcome<A> + Send,
    here: impl FnOnce() -> Outcome<B>,
) -> Outcome<(A, B)> {
    std::thread::scope(|scope| {
        let aside = scope.spawn(aside);
        let here = here();
        let aside = aside
            .join()
            .unwrap_or_else(|_| Err(Failure::new("a step ended in a panic")));
        match (aside, here) {
            (Ok(a), Ok(b)) => Ok((a, b)),
            (Err(a), Err(b)) => Err(Failure::new(format!("{a}\n{b}"))),
            (Err(failure), _) | (_, Err(failure)) => Err(failure),
        }
    })
}

/// What becomes of the lines a program prints.
#[derive(Clone, Copy)]
pub enum Show {
    /// Printed as they come.
    Plain,
    /// Printed as they come, each behind a name, for programs that run side by side.
    Named(&'static str),
    /// Kept back; the last ones are shown if the program fails.
    OnFailure,
}

/// How many of a quiet program's last lines a failure shows.
const TAIL: usize = 40;

/// Another program to run: without standard input, with every line of its output seen here.
pub struct Job {
    name: String,
    command: Command,
    remedy: String,
}

impl Job {
    /// The program to run, by name or path.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        let name = Path::new(program).file_name().unwrap_or(program);
        Job {
            name: name.to_string_lossy().into_owned(),
            command,
            remedy: String::new(),
        }
    }

    /// Cargo, the very one this task was started with.
    pub fn cargo() -> Self {
        let mut job = Job::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        job.command.current_dir(crate::place::root());
        // Set for this program by `cargo run`; build scripts of the programs started here must not see them.
        for name in [
            "CARGO_MANIFEST_DIR",
            "CARGO_MANIFEST_PATH",
            "CARGO_PKG_NAME",
            "CARGO_PKG_VERSION",
        ] {
            job.command.env_remove(name);
        }
        job
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the folder to run in.
    pub fn dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Says what the reader can do when the program is missing or fails.
    pub fn remedy(mut self, words: impl Into<String>) -> Self {
        self.remedy = words.into();
        self
    }

    /// Runs the program to its end.
    pub fn run(self, show: Show) -> Outcome {
        self.watch(show, |_| ())
    }

    /// Runs the program and gives back what it printed on both channels, trimmed.
    pub fn read(self) -> Outcome<String> {
        let mut text = String::new();
        self.watch(Show::OnFailure, |line| {
            text.push_str(line);
            text.push('\n');
        })?;
        Ok(text.trim().to_owned())
    }

    /// Runs the program to its end and looks at every line.
    pub fn watch(mut self, show: Show, mut look: impl FnMut(&str)) -> Outcome {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self
            .command
            .spawn()
            .map_err(|error| self.failure(format!("cannot be started: {error}"), &[]))?;
        let (sender, lines) = channel();
        forward(child.stdout.take(), sender.clone());
        forward(child.stderr.take(), sender);
        let mut tail: VecDeque<String> = VecDeque::new();
        for line in lines {
            match show {
                Show::Plain => println!("{line}"),
                Show::Named(name) => println!("{name:>8} | {line}"),
                Show::OnFailure => {
                    if tail.len() == TAIL {
                        tail.pop_front();
                    }
                    tail.push_back(line.clone());
                }
            }
            look(&line);
        }
        let status = child
            .wait()
            .map_err(|error| self.failure(format!("cannot be waited for: {error}"), &[]))?;
        if status.success() {
            return Ok(());
        }
        let tail: Vec<String> = tail.into_iter().collect();
        Err(self.failure(format!("ended with {status}"), &tail))
    }

    fn failure(&self, what: String, tail: &[String]) -> Failure {
        let mut words = format!("{} {what}", self.name);
        for line in tail {
            words.push_str("\n    ");
            words.push_str(line);
        }
        if !self.remedy.is_empty() {
            words.push_str("\n  What to do: ");
            words.push_str(&self.remedy);
        }
        Failure::new(words)
    }
}

fn forward(from: Option<impl Read + Send + 'static>, to: Sender<String>) {
    let Some(from) = from else { return };
    std::thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let line = String::from_utf8_lossy(&bytes);
            if to.send(line.trim_end_matches(['\n', '\r']).to_owned()).is_err() {
                return;
            }
            bytes.clear();
        }
    });
}

/// Whether `PATH` holds a program of this name.
pub fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether this process is root's.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}
