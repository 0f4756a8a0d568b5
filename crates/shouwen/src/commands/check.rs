//! `shouwen check PACK`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use regulation::check::check;
use regulation::source::{Files, Mistake};
use serde::Serialize;
use server::packs::{built_in, built_in_names};

use super::print_json;
use crate::config::Settings;

/// Checks a pack.
#[derive(Args)]
pub struct Check {
    /// A folder, or the name of a pack that comes with the program.
    #[arg(required_unless_present = "schemas")]
    pack: Option<String>,
    /// Also run the pack's own tests.
    #[arg(long)]
    test: bool,
    /// Write a JSON Schema for each kind of file into this folder, for editors.
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
}

#[derive(Serialize)]
struct Told {
    file: String,
    line: u32,
    column: u32,
    code: &'static str,
    reason: String,
    remedy: String,
}

#[derive(Serialize)]
struct Printed {
    holds: bool,
    mistakes: Vec<Told>,
    tests: usize,
    failures: Vec<String>,
}

/// Whether the person at the terminal reads Chinese.
pub fn chinese() -> bool {
    let spoken = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    spoken.is_some_and(|spoken| spoken.starts_with("zh"))
}

fn told(mistake: &Mistake) -> Told {
    let pick = |said: &regulation::Said| {
        if chinese() {
            said.zh.clone()
        } else {
            said.en.clone()
        }
    };
    Told {
        file: mistake.place.file.to_string(),
        line: mistake.place.line,
        column: mistake.place.column,
        code: mistake.code,
        reason: pick(&mistake.reason),
        remedy: pick(&mistake.remedy),
    }
}

/// The packs that come with the program, as a library for the one that is checked.
fn library() -> std::collections::BTreeMap<String, Files> {
    built_in_names()
        .into_iter()
        .filter_map(|name| built_in(&name).map(|files| (name, files)))
        .collect()
}

impl Check {
    /// Checks and prints.
    pub fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        if let Some(folder) = &self.schemas {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            for (name, schema) in regulation::schema::schemas() {
                let path = folder.join(name);
                std::fs::write(&path, serde_json::to_string_pretty(&schema)?)
                    .with_context(|| path.display().to_string())?;
            }
        }
        let Some(pack) = &self.pack else {
            return Ok(ExitCode::SUCCESS);
        };
        let (files, unreadable) = super::pack::read(pack)?;
        // Without a file that is no text, everything that it states would be missing elsewhere.
        let mistakes = if unreadable.is_empty() {
            check(&files, &library()).mistakes
        } else {
            unreadable
        };
        let mut printed = Printed {
            holds: mistakes.is_empty(),
            mistakes: mistakes.iter().map(told).collect(),
            tests: 0,
            failures: Vec::new(),
        };
        if self.test && printed.holds {
            let trials = regulation::trial::run(&files, &library()).map_err(|mistakes| {
                anyhow::anyhow!(
                    "{}",
                    mistakes
                        .into_sorted()
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("\n")
                )
            })?;
            printed.tests = trials.len();
            for trial in trials.iter().filter(|trial| !trial.holds()) {
                let name = if chinese() { &trial.name.zh } else { &trial.name.en };
                printed
                    .failures
                    .extend(trial.failures.iter().map(|failure| format!("{name}: {failure}")));
            }
            printed.holds = printed.failures.is_empty();
        }
        if settings.json {
            print_json(&printed)?;
        } else {
            for one in &printed.mistakes {
                println!(
                    "{}:{}:{}: {}. {}",
                    one.file,
                    one.line,
                    one.column,
                    one.reason.trim_end_matches('.'),
                    one.remedy
                );
            }
            for failure in &printed.failures {
                println!("{failure}");
            }
            match printed.mistakes.len() {
                0 if self.test => println!(
                    "{pack}: no mistakes; {} tests, {} failed",
                    printed.tests,
                    printed.failures.len()
                ),
                0 => println!("{pack}: no mistakes"),
                1 => println!("{pack}: 1 mistake"),
                count => println!("{pack}: {count} mistakes"),
            }
        }
        Ok(if printed.holds {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
