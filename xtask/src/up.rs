//! `cargo xtask up`: from a clean clone to a log-in page.

use std::num::NonZeroU16;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::step::{Failure, Job, Outcome, Show, on_path, say, step, together};
use crate::{debian, place, web};

struct Wishes {
    port: Option<NonZeroU16>,
    data: PathBuf,
    demo: bool,
}

/// Installs, builds, and becomes the server.
pub fn up(words: &[String]) -> Outcome {
    let wishes = Wishes::read(words)?;
    if !on_path("cc") {
        debian::install(&["build-essential"])?;
    }
    web::hold_place()?;
    // The web client needs the network and one core, the server's dependencies need both: side by side the
    // client is ready long before the server, which embeds it, is compiled.
    let (changed, ()) = together(web::build, || {
        step("server (the first time takes minutes)", compile)
    })?;
    if changed {
        step("server with the new web client", compile)?;
    }
    let binary = place::binary("up");
    say(format_args!("starting {}", binary.display()));
    let mut command = Command::new(&binary);
    command
        .current_dir(place::root())
        .arg("serve")
        .arg("--data")
        .arg(&wishes.data);
    if wishes.demo {
        command.arg("--demo");
    }
    if let Some(port) = wishes.port {
        command.arg("--listen").arg(format!("127.0.0.1:{port}"));
    }
    // Only comes back if it could not be started.
    let error = command.exec();
    Err(Failure::new(format!(
        "{} cannot be started: {error}",
        binary.display()
    )))
}

fn compile() -> Outcome {
    Job::cargo()
        .args(["build", "--profile", "up", "-p", "shouwen"])
        .remedy("cc and make come with Debian's build-essential; crates come from crates.io")
        .run(Show::Named("cargo"))
}

impl Wishes {
    fn read(words: &[String]) -> Outcome<Self> {
        let mut wishes = Wishes {
            port: None,
            data: place::root().join("data"),
            demo: true,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .ok_or_else(|| Failure::new(format!("{word} wants a value after it")))
            };
            match word.as_str() {
                "--port" => {
                    let text = value()?;
                    let port = text.parse::<NonZeroU16>().map_err(Failure::when(format_args!(
                        "--port wants a number from 1 to 65535, not '{text}'"
                    )))?;
                    wishes.port = Some(port);
                }
                "--data" => {
                    wishes.data =
                        std::path::absolute(value()?).map_err(Failure::when("--data names no folder"))?;
                }
                "--no-demo" => wishes.demo = false,
                other => {
                    return Err(Failure::new(format!(
                        "up knows no '{other}'; it takes --port N, --data DIR and --no-demo"
                    )));
                }
            }
        }
        Ok(wishes)
    }
}
