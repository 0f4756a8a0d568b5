//! `shouwen import KIND FILE`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use calendar::Moment;
use clap::{Args, Subcommand};
use regulation::Id;
use server::centre::Centre;
use server::organisation::{UnitRecord, change_unit};
use server::packs::{Bundle, activate, built_in};

use super::{examples, print_json};
use crate::config::Settings;
use crate::place;

/// What is brought in.
#[derive(Args)]
pub struct Import {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Public hotline messages with their replies (CSV: id, user, subject, received_at, detail, reply, replied_at).
    ///
    /// Each message becomes a case of the pack `hotline`, at its true times, through the same engine; nothing is sent.
    /// Run twice it brings nothing in twice. Rejected rows are listed with line and reason, and so are rows that say
    /// something else than the record they were brought in as; neither makes the command fail.
    #[command(after_help = examples::IMPORT_HOTLINE)]
    Hotline {
        /// The CSV file, UTF-8 or GBK.
        file: PathBuf,
        /// Leave out what happened after this day (yyyy-mm-dd, local), or from this time on; a later import adds it.
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// Put before every id of the file, to bring the same file in as other messages.
        #[arg(long, value_name = "TEXT", default_value = "")]
        id_prefix: String,
    },
    /// Public holidays and make-up workdays of a year (CSV: date, kind off|work, name).
    #[command(after_help = examples::IMPORT_HOLIDAYS)]
    Holidays {
        /// The CSV file.
        file: PathBuf,
    },
    /// A whole centre written by `shouwen export`, into an empty database of either kind.
    #[command(after_help = examples::IMPORT_CENTRE)]
    Centre {
        /// The exported folder.
        folder: PathBuf,
    },
}

impl Import {
    /// Carries the import out.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        match self.kind {
            Kind::Hotline {
                file,
                until,
                id_prefix,
            } => hotline(settings, file, until, id_prefix).await,
            Kind::Holidays { file } => holidays(settings, file).await,
            Kind::Centre { folder } => super::transfer::import_centre(settings, folder).await,
        }
    }
}

/// The unit that imported messages go to: the topmost one, made when there is none.
async fn topmost(centre: &Centre) -> anyhow::Result<Id> {
    let around = centre.surroundings();
    if let Some(unit) = around
        .picture
        .units
        .values()
        .filter(|unit| unit.parent.is_none())
        .map(|unit| unit.id)
        .min()
    {
        return Ok(unit);
    }
    let wanted = UnitRecord {
        key: "centre".to_owned(),
        name: "客服中心".to_owned(),
        parent: None,
        calendar: "default".to_owned(),
    };
    Ok(change_unit(centre, None, None, &wanted).await?)
}

/// The pack in force for a unit; the program's own is put in force when there is none.
pub async fn in_force(centre: &Centre, name: &str, unit: Id) -> anyhow::Result<Arc<regulation::Pack>> {
    let around = centre.surroundings();
    if let Some(pack) = around.packs.in_force_for(&around.picture, name, unit) {
        return Ok(pack);
    }
    let Some(files) = built_in(name) else {
        bail!("there is no pack {name} in force, and none comes with the program")
    };
    let bundle = Bundle::of(&files);
    let pack = bundle.link()?;
    let now = Moment::from_millis(centre.store.now());
    activate(&centre.store, &bundle.trimmed(&pack), &pack, unit, None, now).await?;
    centre.refresh().await?;
    let around = centre.surroundings();
    around
        .packs
        .in_force_for(&around.picture, name, unit)
        .context("the pack that was just put in force")
}

async fn hotline(
    settings: &Settings,
    file: PathBuf,
    until: Option<String>,
    id_prefix: String,
) -> anyhow::Result<ExitCode> {
    let centre = place::centre(settings).await?;
    let unit = topmost(&centre).await?;
    let pack = in_force(&centre, "hotline", unit).await?;
    let around = centre.surroundings();
    let until = until
        .map(|text| super::report::end(&around, &pack, "until", &text))
        .transpose()?;
    let (began, terminal) = (Instant::now(), std::io::stderr().is_terminal());
    let mut told = Instant::now();
    let imported = server::import::hotline(&centre, &pack, unit, &file, until, &id_prefix, |done, all| {
        if done == all || told.elapsed().as_millis() >= 500 {
            told = Instant::now();
            eprint!("{}{done}/{all} messages", if terminal { "\r" } else { "\n" });
            let _ = std::io::stderr().flush();
        }
    })
    .await?;
    eprintln!();
    centre.store.close().await;
    if settings.json {
        print_json(&imported)?;
        return Ok(ExitCode::SUCCESS);
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} rows: {} opened, {} answered, {} known already, {} after --until, {} rejected ({:.1} s, {:.0} rows/s)",
        imported.rows,
        imported.opened,
        imported.answered,
        imported.unchanged,
        imported.later,
        imported.rejected.len(),
        seconds,
        imported.rows as f64 / seconds.max(0.001),
    );
    for row in &imported.rejected {
        println!("  line {}: {} {}", row.line, row.id, row.reason);
    }
    if !imported.differing.is_empty() {
        println!("{} rows differ from the record:", imported.differing.len());
    }
    for row in &imported.differing {
        println!("  line {}: {} {}", row.line, row.id, row.reason);
    }
    Ok(ExitCode::SUCCESS)
}

async fn holidays(settings: &Settings, file: PathBuf) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let centre = place::centre(settings).await?;
    let years = server::organisation::set_holidays(&centre, &text, None).await?;
    centre.store.close().await;
    if settings.json {
        print_json(&years)?;
    } else {
        let years: Vec<String> = years.iter().map(ToString::to_string).collect();
        println!(
            "holidays of {} are known; open deadlines are computed again by the running server",
            years.join(", ")
        );
    }
    Ok(ExitCode::SUCCESS)
}
