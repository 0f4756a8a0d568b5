//! `shouwen`: one binary for the whole centre. Each command is a file in `commands/`.

#![allow(clippy::print_stdout, reason = "a command line tool talks on standard output")]

mod backups;
mod commands;
mod config;
mod directory;
mod place;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;

/// 首问 Shouwen: a customer-service centre that runs your written service regulation and proves, clause by clause,
/// that it was followed.
///
/// Every command works on one database: `--data DIR` (an embedded one, made when it is not there) or `--database URL`
/// (PostgreSQL). Both can also come from the environment (SHOUWEN_DATA, SHOUWEN_DATABASE) or from a configuration file
/// (`--config FILE`, or shouwen.toml in the working folder); what is said on the command line wins.
#[derive(Parser)]
#[command(name = "shouwen", version, max_term_width = 100, after_help = commands::examples::SHOUWEN)]
struct Arguments {
    #[command(flatten)]
    options: config::Options,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let settings = match config::Settings::read(&arguments.options) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("shouwen: {error:#}");
            return ExitCode::from(2);
        }
    };
    let _logged = match commands::log(&settings, matches!(arguments.command, Command::Serve(_))) {
        Ok(guard) => guard,
        Err(error) => {
            eprintln!("shouwen: {error:#}");
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("shouwen: the system gives no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(arguments.command.run(&settings)) {
        Ok(code) => code,
        Err(error) => {
            // A program that asked for JSON gets its answer where it reads.
            if settings.json {
                println!("{}", serde_json::json!({ "error": format!("{error:#}") }));
            }
            eprintln!("shouwen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
