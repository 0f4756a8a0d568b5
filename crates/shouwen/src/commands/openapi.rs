//! `shouwen openapi`.

use std::process::ExitCode;

use clap::Args;

use super::print_json;

/// Prints the description of the API.
#[derive(Args)]
pub struct Openapi {}

impl Openapi {
    /// Prints it.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        print_json(&server::http::router::openapi())?;
        Ok(ExitCode::SUCCESS)
    }
}
