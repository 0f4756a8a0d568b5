//! Settings from file, environment and flags; the later wins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde::Deserialize;
use server::attachments::{Limits as AttachmentLimits, Scanner};
use server::http::client_address::Network;
use server::http::flood::{Limits, Rate};
use server::http::tls::TlsFiles;

use crate::backups::Schedule;

/// How many days' log files are kept unless said.
const DAYS_OF_LOGS: usize = 30;

use crate::directory::DirectoryWish;

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
    /// Configuration file (TOML); docs/operations.md lists its keys.
    #[arg(long, global = true, env = "SHOUWEN_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSettings {
    data: Option<PathBuf>,
    database: Option<String>,
    listen: Option<String>,
    log: Option<LogWish>,
    log_format: Option<String>,
    secure_cookies: Option<bool>,
    ldap: Option<DirectoryWish>,
    oidc: Option<server::session::oidc::OidcSettings>,
    search: Option<PathBuf>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    tls: Option<TlsWish>,
    #[serde(default)]
    limits: LimitsWish,
    backup: Option<BackupWish>,
    mail: Option<channels::mail::MailSettings>,
    sms: Option<channels::sms::SmsSettings>,
    #[serde(default)]
    robots: BTreeMap<String, channels::robot::RobotSettings>,
    #[serde(default)]
    outbound: channels::door::Outbound,
    #[serde(default)]
    outbox: Outbox,
    files: Option<PathBuf>,
    #[serde(default)]
    attachments: FileAttachments,
}

/// What is said of attachments.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAttachments {
    largest_mb: Option<u64>,
    case_mb: Option<u64>,
    total_mb: Option<u64>,
    clamd: Option<String>,
}

/// How messages wait and are taken.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbox {
    /// How long a message that follows from a person's act waits, so that it can be undone.
    pub hold_seconds: u32,
    /// How long a node has a message for itself: who dies meanwhile leaves it to the others after that.
    pub claim_seconds: u32,
}

impl Default for Outbox {
    fn default() -> Self {
        Outbox {
            hold_seconds: 10,
            claim_seconds: 120,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupWish {
    folder: PathBuf,
    at: Option<String>,
    keep: Option<usize>,
    drill: Option<bool>,
}

impl BackupWish {
    fn schedule(self) -> anyhow::Result<Schedule> {
        let at = self.at.as_deref().unwrap_or("02:30");
        Ok(Schedule {
            folder: self.folder,
            at: at
                .parse()
                .with_context(|| format!("backup.at is \"{at}\": write a time, 02:30"))?,
            keep: self.keep.unwrap_or(14),
            drill: self.drill.unwrap_or(true),
        })
    }
}

/// `log = "info"`, or a table.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum LogWish {
    Level(String),
    Table(LogTable),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogTable {
    level: Option<String>,
    file: Option<PathBuf>,
    keep: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsWish {
    certificate: PathBuf,
    key: PathBuf,
    redirect: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsWish {
    person_per_second: Option<u32>,
    person_burst: Option<u32>,
    address_per_second: Option<u32>,
    address_burst: Option<u32>,
    connections: Option<usize>,
    connections_of_an_address: Option<usize>,
}

impl LimitsWish {
    fn limits(&self) -> Limits {
        let unless = Limits::default();
        Limits {
            person: Rate {
                per_second: self.person_per_second.unwrap_or(unless.person.per_second),
                burst: self.person_burst.unwrap_or(unless.person.burst).max(1),
            },
            address: Rate {
                per_second: self.address_per_second.unwrap_or(unless.address.per_second),
                burst: self.address_burst.unwrap_or(unless.address.burst).max(1),
            },
            connections: self.connections.unwrap_or(unless.connections),
            connections_of_an_address: self
                .connections_of_an_address
                .unwrap_or(unless.connections_of_an_address),
        }
    }
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
    /// A file for the log, a new one each day, and how many are kept.
    pub log_file: Option<(PathBuf, usize)>,
    /// Proxies whose headers about the client are believed.
    pub trusted_proxies: Vec<Network>,
    /// Certificate and key for HTTPS.
    pub tls: Option<TlsFiles>,
    /// Address for plain HTTP that sends on to HTTPS.
    pub redirect: Option<String>,
    /// What one client may ask.
    pub limits: Limits,
    /// When and where backups are made.
    pub backup: Option<Schedule>,
    /// Ways out of the house.
    pub messages: channels::Settings,
    /// How messages wait and are taken.
    pub outbox: Outbox,
    /// The company's directory.
    pub ldap: Option<DirectoryWish>,
    /// The company's OpenID provider.
    pub oidc: Option<server::session::oidc::OidcSettings>,
    /// Where the search index lies, if somewhere else than beside an embedded database.
    pub search: Option<PathBuf>,
    /// Folder of attachments; several nodes on one PostgreSQL share it.
    pub files: PathBuf,
    /// What attachments may be.
    pub attachment_limits: AttachmentLimits,
    /// The virus scanner.
    pub scanner: Option<Scanner>,
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
        let (log, log_file) = match file.log {
            None => (None, None),
            Some(LogWish::Level(level)) => (Some(level), None),
            Some(LogWish::Table(table)) => (
                table.level,
                table.file.map(|path| (path, table.keep.unwrap_or(DAYS_OF_LOGS))),
            ),
        };
        let trusted_proxies = file
            .trusted_proxies
            .iter()
            .map(|text| text.parse::<Network>().map_err(anyhow::Error::msg))
            .collect::<Result<_, _>>()
            .context("trusted_proxies in the configuration file")?;
        let (tls, redirect) = match file.tls {
            None => (None, None),
            Some(TlsWish {
                certificate,
                key,
                redirect,
            }) => (Some(TlsFiles { certificate, key }), redirect),
        };
        // A folder named on the command line wins over a database named in the file.
        let database = options
            .database
            .clone()
            .or_else(|| file.database.filter(|_| options.data.is_none()));
        let data = options
            .data
            .clone()
            .or(file.data)
            .unwrap_or_else(|| PathBuf::from("data"));
        let said = file.attachments;
        let scanner = said.clamd.as_deref().map(str::parse);
        Ok(Settings {
            files: environment("SHOUWEN_FILES")
                .map(PathBuf::from)
                .or(file.files)
                .unwrap_or_else(|| data.join("files")),
            attachment_limits: limits(said.largest_mb, said.case_mb, said.total_mb),
            scanner: scanner.transpose().map_err(anyhow::Error::msg)?,
            data,
            database,
            json: options.json,
            listen: environment("SHOUWEN_LISTEN").or(file.listen),
            log: environment("SHOUWEN_LOG")
                .or(log)
                .unwrap_or_else(|| "info".to_owned()),
            log_json,
            secure_cookies: file.secure_cookies.unwrap_or(tls.is_some()),
            log_file,
            trusted_proxies,
            tls,
            redirect,
            backup: file
                .backup
                .map(BackupWish::schedule)
                .transpose()
                .context("the configuration file")?,
            limits: match environment("SHOUWEN_LIMITS").as_deref() {
                None => file.limits.limits(),
                Some("off") => Limits::NONE,
                Some(other) => bail!("SHOUWEN_LIMITS is \"{other}\": write off, or leave it out"),
            },
            messages: channels::Settings {
                mail: file.mail,
                sms: file.sms,
                robots: file.robots,
                outbound: file.outbound,
            },
            outbox: file.outbox,
            ldap: file.ldap,
            oidc: file.oidc,
            search: environment("SHOUWEN_SEARCH").map(PathBuf::from).or(file.search),
        })
    }

    /// The folder of the search index: beside an embedded database unless said; with PostgreSQL none unless said, and the
    /// index is made in memory at each start.
    pub fn search_folder(&self) -> Option<PathBuf> {
        let beside = || self.database.is_none().then(|| self.data.join("search"));
        self.search.clone().or_else(beside)
    }
}

fn limits(largest: Option<u64>, case: Option<u64>, total: Option<u64>) -> AttachmentLimits {
    let usual = AttachmentLimits::default();
    let bytes = |megabytes: Option<u64>, usual: u64| {
        megabytes.map_or(usual, |megabytes| megabytes.saturating_mul(1024 * 1024))
    };
    AttachmentLimits {
        largest: bytes(largest, usual.largest),
        of_case: bytes(case, usual.of_case),
        total: bytes(total, usual.total),
    }
}

fn read_file(path: &Path) -> anyhow::Result<FileSettings> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the configuration file {}", path.display()))
}
