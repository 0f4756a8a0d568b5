//! `shouwen search`.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;

use super::examples;
use crate::config::Settings;
use crate::place;

/// The search index.
#[derive(Subcommand)]
pub enum Search {
    /// Throw the index away and make it anew from the database, while no server uses it.
    #[command(after_help = examples::SEARCH_REBUILD)]
    Rebuild,
}

impl Search {
    /// Carries the command out.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let Some(folder) = settings.search_folder() else {
            bail!(
                "with PostgreSQL the index is made in memory at each start, unless `search` in the configuration (or \
                 SHOUWEN_SEARCH) names a folder: there is none to make anew"
            );
        };
        // Opening the centre holds an embedded database, so no server can write the same index meanwhile.
        let centre = place::centre(settings).await?;
        let json = settings.json;
        let told = move |done: u64, all: u64| {
            if !json && (done == all || done.is_multiple_of(50_000)) {
                println!("{done} of {all} records");
            }
        };
        let records = server::search::rebuild(&centre, &folder, told).await?;
        centre.store.close().await;
        if json {
            super::print_json(&serde_json::json!({ "records": records, "folder": folder }))?;
        } else {
            println!("{records} records are in {}", folder.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}
