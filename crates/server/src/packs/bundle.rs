//! A pack with the files of everything it uses: what the database keeps of a version.

use std::collections::BTreeMap;

use regulation::Pack;
use regulation::load;
use regulation::source::{Files, Mistake};
use serde::{Deserialize, Serialize};

use super::built_in;

/// Why a bundle cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The files have mistakes.
    #[error("{}", lines(.0))]
    Mistakes(Vec<Mistake>),
    /// The kept text is not a bundle.
    #[error("the kept pack cannot be read: {0}")]
    Unreadable(String),
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A pack's own files and those of the packs it uses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bundle {
    own: BTreeMap<String, String>,
    used: BTreeMap<String, BTreeMap<String, String>>,
}

fn texts(files: &Files) -> BTreeMap<String, String> {
    files
        .iter()
        .map(|file| (file.path.to_string(), file.text.to_string()))
        .collect()
}

fn files(texts: &BTreeMap<String, String>) -> Files {
    let mut files = Files::new();
    for (path, text) in texts {
        files.insert(path, text);
    }
    files
}

impl Bundle {
    /// A pack's files with the program's own packs beside it, which it may use.
    pub fn of(own: &Files) -> Self {
        let used = super::built_in_names()
            .into_iter()
            .filter_map(|name| built_in(&name).map(|files| (name, texts(&files))))
            .collect();
        Bundle {
            own: texts(own),
            used,
        }
    }

    /// Keeps only what the pack really uses.
    pub fn trimmed(mut self, pack: &Pack) -> Self {
        let names: Vec<&str> = pack
            .uses
            .iter()
            .filter_map(|name| name.split('@').next())
            .collect();
        self.used
            .retain(|name, _| name == "house" || names.contains(&name.as_str()));
        self
    }

    /// Reads and links it.
    pub fn link(&self) -> Result<Pack, BundleError> {
        let used: BTreeMap<String, Files> = self
            .used
            .iter()
            .map(|(name, texts)| (name.clone(), files(texts)))
            .collect();
        load::load(&files(&self.own), &used).map_err(|mistakes| BundleError::Mistakes(mistakes.into_sorted()))
    }

    /// As kept in the database.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As kept in the database.
    pub fn from_json(text: &str) -> Result<Self, BundleError> {
        serde_json::from_str(text).map_err(|error| BundleError::Unreadable(error.to_string()))
    }
}
