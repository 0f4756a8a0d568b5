//! `cargo xtask test`: sets up what tests need, runs every suite to its end and sums them up.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::postgres::Postgres;
use crate::step::{Failure, Job, Outcome, Show, is_root, on_path, say, step, together};
use crate::tally::Tally;
use crate::{chromium, place, programs, schemathesis, web};

/// What the caller wants run.
#[derive(Default)]
pub struct Wishes {
    full: bool,
    filter: Option<String>,
}

/// What the suites are given.
struct Ground<'a> {
    wishes: &'a Wishes,
    postgres: Postgres,
    binary: PathBuf,
    chromium: Option<PathBuf>,
    schemathesis: PathBuf,
}

/// Sets up and runs every test.
pub fn test(words: &[String]) -> Outcome {
    let mut wishes = Wishes::default();
    for word in words {
        match word.as_str() {
            "--full" => wishes.full = true,
            other if other.starts_with('-') || wishes.filter.is_some() => {
                return Err(Failure::new(format!(
                    "test knows no '{other}'; it takes --full and one FILTER"
                )));
            }
            filter => wishes.filter = Some(filter.to_owned()),
        }
    }
    run(&wishes)
}

/// Runs the suites that these wishes name.
pub fn run(wishes: &Wishes) -> Outcome {
    web::hold_place()?;
    let (chromium, ()) = together(browser_side, || step("server and tests", compile))?;
    let binary = place::binary("dev");
    if !binary.is_file() {
        return Err(Failure::new(format!("{} was not built", binary.display())));
    }
    let postgres = step("PostgreSQL", Postgres::start)?;
    step("programs that tests start", programs::ready)?;
    let schemathesis = schemathesis::ready()?;
    let ground = Ground {
        wishes,
        postgres,
        binary,
        chromium,
        schemathesis,
    };

    let mut sum = Tally::default();
    let mut broken = Vec::new();
    for (name, suite) in suites(&ground) {
        say(format_args!("… {name}"));
        let begin = Instant::now();
        let mut tally = Tally::default();
        let outcome = suite.and_then(|job| job.watch(Show::Plain, |line| tally.read(line)));
        if let Err(failure) = outcome {
            println!("{failure}");
            broken.push(name);
            // A suite that fails before it counts anything must not pass for one without failures.
            tally.failed = tally.failed.max(1);
        }
        let took = begin.elapsed().as_secs_f64();
        say(format_args!(
            "{name}: {} passed, {} failed ({took:.1} s)",
            tally.passed, tally.failed
        ));
        sum.add(&tally);
    }
    drop(ground);
    if !broken.is_empty() {
        say(format_args!("failed: {}", broken.join(", ")));
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed > 0 {
        return Err(Failure::new("not every test passed"));
    }
    Ok(())
}

/// Builds the web client and finds the browser to test it with.
fn browser_side() -> Outcome<Option<PathBuf>> {
    web::build()?;
    if web::exists() {
        step("Chromium", chromium::ready).map(Some)
    } else {
        Ok(None)
    }
}

/// Builds tests and binaries in one go, so that both share every dependency.
fn compile() -> Outcome {
    Job::cargo()
        .args(["build", "--workspace", "--bins", "--tests"])
        .remedy("cc and make come with Debian's build-essential; crates come from crates.io")
        .run(Show::Named("cargo"))
}

fn suites(ground: &Ground<'_>) -> Vec<(&'static str, Outcome<Job>)> {
    let filter = ground.wishes.filter.as_deref();
    let mut suites = vec![("Rust tests", Ok(ground.equip(rust(ground.wishes))))];
    if filter.is_none() {
        let doc = Job::cargo().args(["test", "--workspace", "--doc", "--no-fail-fast"]);
        suites.push(("examples in the documentation", Ok(ground.equip(doc))));
    }
    if web::exists() {
        if filter.is_none() {
            suites.push(("web client", web::script("check")));
        }
        let browser = web::script("test:e2e").map(|job| {
            let job = match filter {
                Some(filter) => job.args(["--", "--grep", filter, "--pass-with-no-tests"]),
                None => job,
            };
            ground.equip(job)
        });
        suites.push(("browser tests", browser));
    }
    suites
}

fn rust(wishes: &Wishes) -> Job {
    let filter = wishes.filter.iter();
    if cargo_has("nextest") {
        let config = place::root().join("xtask/nextest.toml");
        let job = Job::cargo()
            .args([
                "nextest",
                "run",
                "--workspace",
                "--no-fail-fast",
                "--no-tests=pass",
                "--config-file",
            ])
            .args([config]);
        let job = if wishes.full {
            job.args(["--run-ignored", "all"])
        } else {
            job
        };
        job.args(filter)
    } else {
        let job = Job::cargo().args([
            "test",
            "--workspace",
            "--bins",
            "--lib",
            "--tests",
            "--no-fail-fast",
        ]);
        let job = job.args(filter);
        if wishes.full {
            job.args(["--", "--include-ignored"])
        } else {
            job
        }
    }
}

/// Whether Cargo has this command of its own making installed.
fn cargo_has(command: &str) -> bool {
    let program = format!("cargo-{command}");
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
    on_path(&program) || home.is_some_and(|home| home.join("bin").join(program).is_file())
}

impl Ground<'_> {
    /// Tells a suite where binary, database and browser are.
    fn equip(&self, job: Job) -> Job {
        let mut job = job
            .env("SHOUWEN_BIN", &self.binary)
            .env("SHOUWEN_SCHEMATHESIS", &self.schemathesis)
            .env("SHOUWEN_TEST_POSTGRES", self.postgres.url());
        if let Some(programs) = crate::postgres::installed_or_fetched() {
            job = job.env("SHOUWEN_POSTGRES_BIN", programs);
        }
        if let Some(chromium) = &self.chromium {
            job = job.env("CHROMIUM_PATH", chromium);
        }
        if is_root() {
            // Chromium's sandbox does not work for root.
            job = job.env("CHROMIUM_NO_SANDBOX", "1");
        }
        if self.wishes.full {
            job = job.env("SHOUWEN_TEST_FULL", "1");
            if std::env::var_os("PROPTEST_CASES").is_none() {
                job = job.env("PROPTEST_CASES", "4096");
            }
        }
        job
    }
}
