//! Settings from file, environment and flags; the later wins.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde::Deserialize;

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Folder of the embedded database; made when it is not there. `./data` unless said.
    #[arg(
        long,
        global = true,
        env = "SHOUWEN_DATA",
        value_name = "DIR",
        conflicts_with = "database"
    )]
    pub data: Option<PathBuf>,
    /// A PostgreSQL database, `postgres://user@host/name`, instead of a folder.
    #[arg(
        long,
        global = true,
        env = "SHOUWEN_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<String>,
    /// Answer in JSON for programs.
    #[arg(long, global = true)]
    pub json: bool,
    /// Configuration file (TOML) with the keys data, database, listen, log, log_format, secure_cookies.
    #[arg(long, global = true, env = "SHOUWEN_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSettings {
    data: Option<PathBuf>,
    database: Option<String>,
    listen: Option<String>,
    log: Option<String>,
    log_format: Option<String>,
    secure_cookies: Option<bool>,
}

/// What holds for this run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The embedded database's folder.
    pub data: PathBuf,
    /// Or a PostgreSQL URL.
    pub database: Option<String>,
    /// Answer in JSON.
    pub json: bool,
    /// Address to listen on.
    pub listen: Option<String>,
    /// What is logged: `info`, `debug`, `server=debug`.
    pub log: String,
    /// Logs as JSON lines.
    pub log_json: bool,
    /// Whether cookies are for HTTPS alone.
    pub secure_cookies: bool,
}

impl Settings {
    /// Reads file, environment and flags.
    pub fn read(options: &Options) -> anyhow::Result<Settings> {
        let file = match &options.config {
            Some(path) => read_file(path)?,
            None => match Path::new("shouwen.toml") {
                path if path.is_file() => read_file(path)?,
                _ => FileSettings::default(),
            },
        };
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let log_format = environment("SHOUWEN_LOG_FORMAT").or(file.log_format);
        let log_json = match log_format.as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => bail!("log_format is \"{other}\": write text or json"),
        };
        // A folder named on the command line wins over a database named in the file.
        let database = options
            .database
            .clone()
            .or_else(|| file.database.filter(|_| options.data.is_none()));
        Ok(Settings {
            data: options
                .data
                .clone()
                .or(file.data)
                .unwrap_or_else(|| PathBuf::from("data")),
            database,
            json: options.json,
            listen: environment("SHOUWEN_LISTEN").or(file.listen),
            log: environment("SHOUWEN_LOG")
                .or(file.log)
                .unwrap_or_else(|| "info".to_owned()),
            log_json,
            secure_cookies: file.secure_cookies.unwrap_or(false),
        })
    }
}

fn read_file(path: &Path) -> anyhow::Result<FileSettings> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the configuration file {}", path.display()))
}
