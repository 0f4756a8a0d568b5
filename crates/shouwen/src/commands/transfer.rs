//! `shouwen export`, `import centre`, `backup`, `restore`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use server::schema::MIGRATIONS;
use store::FolderFiles;
use store::backup::{self, Target};

use super::print_json;
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
pub struct Backup {
    /// A new folder.
    folder: PathBuf,
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
    /// Backs up.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let store = place::store_for_reading(settings).await?;
        let files = match &settings.database {
            Some(_) => None,
            None => Some(FolderFiles::open(settings.data.join("files"))?),
        };
        let files = files.as_ref().map(|files| files as &dyn store::Files);
        let manifest = backup::backup(&store, files, &self.folder, |_| {}).await?;
        store.close().await;
        if settings.json {
            print_json(&manifest)?;
        } else {
            println!("backed up to {}", self.folder.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Restore {
    /// Restores.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let files = match &settings.database {
            Some(_) => None,
            None => Some(FolderFiles::open(settings.data.join("files"))?),
        };
        let target = match &settings.database {
            Some(url) => Target::Server(url),
            None => Target::Folder(&settings.data),
        };
        let files = files.as_ref().map(|files| files as &dyn store::Files);
        let store = backup::restore(&self.folder, target, files, MIGRATIONS, |_| {}).await?;
        store.close().await;
        println!(
            "restored from {}; nothing is sent until sending is released",
            self.folder.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}
