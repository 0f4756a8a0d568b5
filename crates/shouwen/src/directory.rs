//! The company's directory, as the configuration file names it.

use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;
use server::session::directory::Directory;

/// The section `[ldap]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryWish {
    /// `ldaps://host` or, with `starttls`, `ldap://host`.
    url: String,
    /// The name to bind with, `{login}` standing for the log-in name.
    pattern: String,
    /// Whether an `ldap://` connection is turned into an encrypted one first.
    #[serde(default)]
    starttls: bool,
    /// Certificates (PEM) to trust beside the system's.
    authorities: Option<PathBuf>,
}

impl DirectoryWish {
    /// The directory; nothing is asked of it yet.
    pub fn open(&self) -> anyhow::Result<Directory> {
        let authorities = match &self.authorities {
            Some(path) => Some(
                std::fs::read(path)
                    .with_context(|| format!("the certificates of the directory in {}", path.display()))?,
            ),
            None => None,
        };
        Directory::new(&self.url, &self.pattern, self.starttls, authorities.as_deref())
            .context("the section [ldap] of the configuration file")
    }
}
