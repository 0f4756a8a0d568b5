//! The project's own tasks: `cargo xtask up`, `test` and `ci`.
//!
//! Knows how to turn a bare Debian 12 with git, a C linker and Rust into a running centre (`up`), a complete
//! test run (`test`) and the checks before a change lands (`ci`). Never asks for anything it can fetch itself,
//! and names what to install when it cannot. Uses the standard library only, so that it compiles in a moment.
#![allow(
    clippy::print_stdout,
    reason = "telling progress on the terminal is what this program is for"
)]

mod chromium;
mod ci;
mod debian;
mod node;
mod place;
mod postgres;
mod programs;
mod schemathesis;
mod stamp;
mod step;
mod tally;
mod test;
mod up;
mod web;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <task>

Tasks
  up   [--port N] [--data DIR] [--no-demo]
         Install what is missing, build the web client and the server, and serve on 127.0.0.1.
         --port N     the port to listen on (default: the server's own)
         --data DIR   where the embedded database lives (default: ./data of the project)
         --no-demo    leave an empty database empty; otherwise it is filled with a demo centre
  test [--full] [FILTER]
         Install what is missing and run every test: unit, property and whole-system tests on SQLite and on
         a PostgreSQL started for the purpose, the web client's checks, and headless Chromium.
         --full       the long ones too (tests marked ignored, more property cases)
         FILTER       only tests whose names contain this
  ci     Formatting, Clippy with warnings as errors, licences, bans and sources, then test.

Environment
  CHROMIUM_PATH            a Chromium or Chrome to use instead of Debian's
  SHOUWEN_TEST_POSTGRES    URL of a PostgreSQL to use instead of starting one
  SHOUWEN_POSTGRES_BIN     folder with the PostgreSQL programs to start; 'npm' takes the packaged ones
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match words.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", &[][..]),
    };
    if rest.iter().any(|word| word == "--help" || word == "-h") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let outcome = match task {
        "up" => up::up(rest),
        "test" => test::test(rest),
        "ci" => ci::ci(rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(step::Failure::new(format!(
            "there is no task '{other}'\n\n{HELP}"
        ))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask {task}: {failure}");
            ExitCode::FAILURE
        }
    }
}
