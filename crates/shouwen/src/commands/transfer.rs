//! `shouwen export`, `import centre`, `backup`, `restore`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use server::schema::MIGRATIONS;
use store::FolderFiles;
use store::backup::{self, Target};

use super::{examples, print_json};
use crate::backups;
use crate::config::Settings;
use crate::place;

/// Writes the whole centre to a folder.
#[derive(Args)]
pub struct Export {
    /// A new folder.
    folder: PathBuf,
}

/// Copies the running database.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Backup {
    /// A new folder.
    #[arg(required = true)]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    other: Option<Other>,
}

#[derive(Subcommand)]
enum Other {
    /// Restore the newest backup into a temporary place beside it, verify it there, and take the place away again.
    #[command(after_help = examples::BACKUP_DRILL)]
    Drill {
        /// The folder that holds the backups, or one backup; the configuration's unless given.
        folder: Option<PathBuf>,
    },
}

/// Brings a backup back.
#[derive(Args)]
pub struct Restore {
    /// The backup's folder.
    folder: PathBuf,
}

impl Export {
    /// Exports.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let store = place::store_for_reading(settings).await?;
        place::seal(&store).await;
        let manifest = store::export::export(&store, &self.folder, |_| {}).await?;
        store.close().await;
        if settings.json {
            print_json(&manifest)?;
        } else {
            println!(
                "{} tables written to {}",
                manifest.tables.len(),
                self.folder.display()
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Imports what [`Export`] wrote.
pub async fn import_centre(settings: &Settings, folder: PathBuf) -> anyhow::Result<ExitCode> {
    let store = place::store(settings).await?;
    let manifest = store::export::import(&store, &folder, |_| {}).await?;
    store.close().await;
    if settings.json {
        print_json(&manifest)?;
    } else {
        println!(
            "{} tables taken in from {}",
            manifest.tables.len(),
            folder.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

impl Backup {
    /// Backs up, or tries a backup.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        if let Some(Other::Drill { folder }) = self.other {
            return drill(settings, folder).await;
        }
        let folder = self.folder.context("name a new folder")?;
        let store = place::store_for_reading(settings).await?;
        let files = FolderFiles::open(&settings.files)?;
        let manifest = backup::backup(&store, Some(&files), &folder, |_| {}).await?;
        store.close().await;
        if settings.json {
            print_json(&manifest)?;
        } else {
            println!("backed up to {}", folder.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Restores for a drill; the exit code is 1 where the copy does not hold.
async fn drill(settings: &Settings, folder: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let folder = folder
        .or_else(|| settings.backup.as_ref().map(|schedule| schedule.folder.clone()))
        .context("name the folder that holds the backups, or set backup.folder in the configuration file")?;
    let newest = if folder.join("manifest.json").is_file() {
        folder
    } else {
        let found = backups::list(&folder)?;
        found
            .last()
            .cloned()
            .with_context(|| format!("there is no backup in {}", folder.display()))?
    };
    let drilled = backups::drill(&newest).await?;
    if settings.json {
        print_json(&drilled)?;
    } else {
        println!(
            "{} was restored: {} events, {} rows derived again, {} files: {}",
            drilled.backup.display(),
            drilled.events,
            drilled.rows,
            drilled.files,
            if drilled.holds {
                "all hold"
            } else {
                "it does NOT hold"
            }
        );
    }
    Ok(if drilled.holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Restore {
    /// Restores.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let files = FolderFiles::open(&settings.files)?;
        let target = match &settings.database {
            Some(url) => Target::Server(url),
            None => Target::Folder(&settings.data),
        };
        let store = backup::restore(&self.folder, target, Some(&files), MIGRATIONS, |_| {}).await?;
        store.close().await;
        println!(
            "restored from {}; nothing is sent until sending is released",
            self.folder.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}
