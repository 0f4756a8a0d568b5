//! The commands, a file each.

mod bench;
mod check;
mod doctor;
pub mod examples;
mod history;
mod import;
mod openapi;
mod outbox;
mod pack;
mod rehearse;
mod report;
mod search;
mod serve;
mod transfer;
mod user;

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use crate::config::Settings;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Run the server: API, browser client, timers.
    #[command(after_help = examples::SERVE)]
    Serve(serve::Serve),
    /// Check a regulation pack: every mistake at once, with file, line, column, reason and remedy.
    #[command(after_help = examples::CHECK)]
    Check(check::Check),
    /// Load packs, put them in force, compare versions.
    #[command(subcommand, after_help = examples::PACK)]
    Pack(pack::Pack),
    /// Bring recorded data in: public hotline messages, holiday notices, or a whole exported centre.
    #[command(after_help = examples::IMPORT)]
    Import(import::Import),
    /// Print reports.
    #[command(subcommand, after_help = examples::REPORT)]
    Report(report::Report),
    /// Run recorded contacts through a changed pack and print the clause report before and after; changes nothing.
    #[command(after_help = examples::REHEARSE)]
    Rehearse(rehearse::Rehearse),
    /// Check the whole history: chains, tree, signed roots, and that every table follows from the events.
    #[command(after_help = examples::VERIFY)]
    Verify(history::Verify),
    /// Print the proof of one case, which an outsider can check against a signed root.
    #[command(after_help = examples::PROOF)]
    Proof(history::Proof),
    /// Write the whole centre to a folder that either kind of database can import.
    #[command(after_help = examples::EXPORT)]
    Export(transfer::Export),
    /// Copy the running database to a folder, without stopping it.
    #[command(after_help = examples::BACKUP)]
    Backup(transfer::Backup),
    /// Bring a backup back into an empty place.
    #[command(after_help = examples::RESTORE)]
    Restore(transfer::Restore),
    /// Make the search index anew; it can be thrown away at any time.
    #[command(subcommand, after_help = examples::SEARCH)]
    Search(search::Search),
    /// Add people, set passwords, give functions.
    #[command(subcommand, after_help = examples::USER)]
    User(user::User),
    /// Look at messages on their way out; hold sending, or let it go after a restore.
    #[command(subcommand, after_help = examples::OUTBOX)]
    Outbox(outbox::Outbox),
    /// Measure how fast this build is on this machine, beside the raw engine.
    #[command(after_help = examples::BENCH)]
    Bench(bench::Bench),
    /// Look over the installation and say what is wrong.
    #[command(after_help = examples::DOCTOR)]
    Doctor(doctor::Doctor),
    /// Print the OpenAPI 3.1 description of the HTTP API.
    #[command(after_help = examples::OPENAPI)]
    Openapi(openapi::Openapi),
}

impl Command {
    /// Carries the command out.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        match self {
            Command::Serve(serve) => serve.run(settings).await,
            Command::Check(check) => check.run(settings),
            Command::Pack(pack) => pack.run(settings).await,
            Command::Import(import) => import.run(settings).await,
            Command::Report(report) => report.run(settings).await,
            Command::Rehearse(rehearse) => rehearse.run(settings).await,
            Command::Verify(verify) => verify.run(settings).await,
            Command::Proof(proof) => proof.run(settings).await,
            Command::Export(export) => export.run(settings).await,
            Command::Backup(backup) => backup.run(settings).await,
            Command::Restore(restore) => restore.run(settings).await,
            Command::Search(search) => search.run(settings).await,
            Command::User(user) => user.run(settings).await,
            Command::Outbox(outbox) => outbox.run(settings).await,
            Command::Bench(bench) => bench.run(settings).await,
            Command::Doctor(doctor) => doctor.run(settings).await,
            Command::Openapi(openapi) => openapi.run(),
        }
    }
}

/// Logs go to standard error, so that standard output stays the command's answer; those of the server go to files
/// instead where the configuration names one. What is given back must live as long as anything is logged.
pub fn log(settings: &Settings, serving: bool) -> anyhow::Result<Option<WorkerGuard>> {
    let quiet = if serving { settings.log.as_str() } else { "warn" };
    let filter = EnvFilter::try_new(quiet).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    let Some((file, keep)) = settings.log_file.as_ref().filter(|_| serving) else {
        let builder = builder.with_writer(std::io::stderr);
        if settings.log_json {
            builder.json().init();
        } else {
            builder.init();
        }
        return Ok(None);
    };
    let (writer, guard) = tracing_appender::non_blocking(daily(file, *keep)?);
    let builder = builder.with_writer(writer).with_ansi(false);
    if settings.log_json {
        builder.json().init();
    } else {
        builder.init();
    }
    Ok(Some(guard))
}

/// A file a day, `name.2026-11-27.log` for `name.log`, of which so many are kept.
fn daily(file: &std::path::Path, keep: usize) -> anyhow::Result<RollingFileAppender> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| std::path::Path::new("."));
    let name = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    let builder = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name(file.file_stem()).unwrap_or_else(|| "shouwen".to_owned()))
        .filename_suffix(name(file.extension()).unwrap_or_else(|| "log".to_owned()))
        .max_log_files(keep.max(1));
    builder
        .build(folder)
        .with_context(|| format!("log files in {}", folder.display()))
}

/// Prints a value as JSON.
pub fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
