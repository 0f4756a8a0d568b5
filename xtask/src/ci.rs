//! `cargo xtask ci`: what must hold before a change lands.

use crate::step::{Failure, Job, Outcome, Show, step, together};
use crate::{place, test, web};

/// The licence checker, in the project's own tool folder.
const DENY: &str = "0.20.2";

/// Runs every check, then every test.
pub fn ci(words: &[String]) -> Outcome {
    if let Some(word) = words.first() {
        return Err(Failure::new(format!("ci takes no '{word}'")));
    }
    step("crates", || {
        Job::cargo()
            .args(["fetch", "--locked"])
            .remedy(
                "see that crates.io can be reached; if Cargo.lock is behind, run cargo check and commit it",
            )
            .run(Show::OnFailure)
    })?;
    step("formatting", || {
        Job::cargo()
            .args(["fmt", "--all", "--", "--check"])
            .remedy("run cargo fmt --all")
            .run(Show::OnFailure)
    })?;
    web::hold_place()?;
    // The checker's own compilation leaves a core idle at its end, and Clippy at its.
    together(
        || step("cargo-deny", deny_ready),
        || {
            step("Clippy", || {
                Job::cargo()
                    .args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
                    .run(Show::Named("clippy"))
            })
        },
    )?;
    step("licences, bans and sources", deny)?;
    test::run(&test::Wishes::default())
}

fn deny_ready() -> Outcome {
    let tools = place::tools();
    let program = tools.join("bin/cargo-deny");
    let wanted = format!("cargo-deny {DENY}");
    if program.is_file() && Job::new(&program).args(["--version"]).read()?.contains(&wanted) {
        return Ok(());
    }
    Job::cargo()
        .args(["install", "--locked", "--force", "--root"])
        .args([&tools])
        .args([format!("cargo-deny@{DENY}")])
        .env("CARGO_TARGET_DIR", place::target().join("cargo-deny"))
        .remedy("see that crates.io can be reached")
        .run(Show::OnFailure)?;
    // Two hundred megabytes that nobody needs again.
    let _ = std::fs::remove_dir_all(place::target().join("cargo-deny"));
    Ok(())
}

fn deny() -> Outcome {
    Job::new(place::tools().join("bin/cargo-deny"))
        .dir(place::root())
        .args([
            "--offline",
            "--all-features",
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ])
        .remedy("see deny.toml; docs/decisions/005-way-in.md tells why it says what it says")
        .run(Show::OnFailure)
}
