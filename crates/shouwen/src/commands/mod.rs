//! The commands, a file each.

mod bench;
mod check;
mod doctor;
mod history;
mod import;
mod openapi;
mod pack;
mod rehearse;
mod report;
mod serve;
mod transfer;
mod user;

use std::process::ExitCode;

use clap::Subcommand;
use tracing_subscriber::EnvFilter;

use crate::config::Settings;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Run the server: API, browser client, timers.
    Serve(serve::Serve),
    /// Check a regulation pack: every mistake at once, with file, line, column, reason and remedy.
    Check(check::Check),
    /// Load packs, put them in force, compare versions.
    #[command(subcommand)]
    Pack(pack::Pack),
    /// Bring recorded data in: public hotline messages, holiday notices, or a whole exported centre.
    Import(import::Import),
    /// Print reports.
    #[command(subcommand)]
    Report(report::Report),
    /// Run recorded contacts through a changed pack and print the clause report before and after; changes nothing.
    Rehearse(rehearse::Rehearse),
    /// Check the whole history: chains, tree, signed roots, and that every table follows from the events.
    Verify(history::Verify),
    /// Print the proof of one case, which an outsider can check against a signed root.
    Proof(history::Proof),
    /// Write the whole centre to a folder that either kind of database can import.
    Export(transfer::Export),
    /// Copy the running database to a folder, without stopping it.
    Backup(transfer::Backup),
    /// Bring a backup back into an empty place.
    Restore(transfer::Restore),
    /// Add people, set passwords, give functions.
    #[command(subcommand)]
    User(user::User),
    /// Measure how fast this build is on this machine, beside the raw engine.
    Bench(bench::Bench),
    /// Look over the installation and say what is wrong.
    Doctor(doctor::Doctor),
    /// Print the OpenAPI 3.1 description of the HTTP API.
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
            Command::User(user) => user.run(settings).await,
            Command::Bench(bench) => bench.run(settings).await,
            Command::Doctor(doctor) => doctor.run(settings).await,
            Command::Openapi(openapi) => openapi.run(),
        }
    }
}

/// Logs go to standard error, so that standard output stays the command's answer.
pub fn log_to_stderr(settings: &Settings, serving: bool) {
    let quiet = if serving { settings.log.as_str() } else { "warn" };
    let filter = EnvFilter::try_new(quiet).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if settings.log_json {
        builder.json().init();
    } else {
        builder.init();
    }
}

/// Prints a value as JSON.
pub fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
