//! `shouwen bench`: how fast this build is on this machine, beside the raw engine in the same run.
//!
//! Rates on a shared machine say little by themselves; the same work done by nothing but the engine's own prepared
//! statements, minutes apart, says what the product adds to it.

mod child;
mod client;
mod deadlines;
mod deciding;
mod figure;
mod filled;
mod live;
mod opening;
mod over_http;
mod place;
mod process;
mod reading;
mod rows;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;

use self::figure::Figure;
use super::print_json;
use crate::config::Settings;

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// Opening complaints in process.
    Open,
    /// Opening complaints over HTTP.
    Http,
    /// Deciding.
    Decide,
    /// Deadlines at a peak, and pending ones.
    Deadlines,
    /// Importing hotline messages.
    Import,
    /// Rehearsing a changed pack.
    Rehearsal,
    /// Verifying history and tables.
    Verify,
    /// Starting on a full database, and idle memory.
    Start,
    /// Telling 500 open screens of a change.
    Live,
    /// Search, queue, case pages and a month's statistics on a full database.
    Search,
}

/// Measures this build on this machine, on databases made for the run and removed after it.
///
/// Each figure is printed with the raw engine's beside it where there is one, and the bar it is held to: `kept` or
/// `MISSED`. The exit code is 0 even where a bar is missed: a busy machine is no fault of the program.
#[derive(Args)]
pub struct Bench {
    /// A few minutes on small databases, instead of a long while on a million cases.
    #[arg(long)]
    quick: bool,
    /// How many cases the filled database holds: 1,000,000, or 50,000 with --quick, unless given.
    #[arg(long, value_name = "N")]
    cases: Option<u32>,
    /// How many deadlines fall due at one moment: 20,000, or 4,000 with --quick, unless given.
    #[arg(long, value_name = "N")]
    due: Option<u32>,
    /// Measure only this; several times.
    #[arg(long, value_enum, value_name = "SUBJECT")]
    only: Vec<Subject>,
    /// Measure openings on this PostgreSQL server too; databases shouwen_bench_… are made there and dropped.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Real messages to import (CSV as for `import hotline`); invented ones unless given.
    #[arg(long, value_name = "FILE")]
    hotline: Option<PathBuf>,
    /// Where databases are made; the system's folder for temporary files unless given. It should lie on the disk that
    /// matters, not in memory.
    #[arg(long, value_name = "DIR")]
    within: Option<PathBuf>,
}

/// What every measurement knows.
struct Asked {
    quick: bool,
    cases: i64,
    due: usize,
    only: Vec<Subject>,
    postgres: Option<String>,
    hotline: Option<PathBuf>,
    folder: Option<PathBuf>,
}

impl Asked {
    fn wants(&self, subject: Subject) -> bool {
        self.only.is_empty() || self.only.contains(&subject)
    }
}

#[derive(Serialize)]
struct Measured {
    version: &'static str,
    quick: bool,
    processors: usize,
    figures: Vec<Figure>,
}

impl Bench {
    /// Measures and prints.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let asked = Asked {
            quick: self.quick,
            cases: self
                .cases
                .unwrap_or(if self.quick { 50_000 } else { 1_000_000 })
                .into(),
            due: self.due.unwrap_or(if self.quick { 4_000 } else { 20_000 }) as usize,
            only: self.only,
            postgres: self.postgres,
            hotline: self.hotline,
            folder: self.within,
        };
        let mut figures: Vec<Figure> = Vec::new();
        let mut tell = |some: Vec<Figure>| {
            if !settings.json {
                for figure in &some {
                    println!("{}", figure.line());
                }
            }
            figures.extend(some);
        };
        if asked.wants(Subject::Decide) {
            tell(deciding::measure(&asked).await?);
        }
        if asked.wants(Subject::Deadlines) {
            tell(deadlines::measure(&asked).await?);
        }
        let mut in_process = None;
        if asked.wants(Subject::Open) || asked.wants(Subject::Http) {
            let (some, cpu) = opening::measure(&asked).await?;
            in_process = Some(cpu);
            tell(some);
        }
        if asked.wants(Subject::Http) {
            tell(over_http::measure(&asked, in_process).await?);
        }
        if asked.wants(Subject::Live) {
            tell(live::measure(&asked).await?);
        }
        if [
            Subject::Import,
            Subject::Rehearsal,
            Subject::Verify,
            Subject::Start,
            Subject::Search,
        ]
        .iter()
        .any(|one| asked.wants(*one))
        {
            tell(filled::measure(&asked).await?);
        }
        if settings.json {
            let processors = std::thread::available_parallelism().map_or(1, usize::from);
            print_json(&Measured {
                version: env!("CARGO_PKG_VERSION"),
                quick: asked.quick,
                processors,
                figures,
            })?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
