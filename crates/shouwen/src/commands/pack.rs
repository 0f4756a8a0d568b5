//! `shouwen pack load | activate | diff | list | move`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use calendar::Moment;
use clap::{Args, Subcommand};
use regulation::source::{Files, Mistake, Mistakes};
use regulation::{Actor, Id};
use serde::Serialize;
use server::packs::moving::{Moved, Moving, portion, version};
use server::packs::{Bundle, activate, built_in};

use super::{examples, print_json};
use crate::config::Settings;
use crate::place;

/// What to do with packs.
#[derive(Subcommand)]
pub enum Pack {
    /// List what is in force, and where.
    #[command(after_help = examples::PACK_LIST)]
    List,
    /// Check a pack and put it in force (running cases stay on the version they began with).
    #[command(alias = "load", after_help = examples::PACK_ACTIVATE)]
    Activate {
        /// A folder, or the name of a pack that comes with the program.
        pack: String,
        /// Key of the unit it is in force for; the topmost one unless said.
        #[arg(long)]
        unit: Option<String>,
    },
    /// Compare a pack with the version in force: clauses, deadlines, procedures.
    #[command(after_help = examples::PACK_DIFF)]
    Diff {
        /// A folder, or the name of a pack that comes with the program.
        pack: String,
    },
    /// Move running cases to another version of their pack: says what would become of each, and does it when told to.
    ///
    /// An act on each case, in its history: clocks keep their start. A case that does not map (a stage that is gone, a
    /// signature waited for, a running deadline that the other version does not have) stays on its version, and every
    /// reason is listed.
    #[command(name = "move", after_help = examples::PACK_MOVE)]
    Move(Move),
}

/// Which cases are moved where.
#[derive(Args)]
pub struct Move {
    /// The pack's name.
    pack: String,
    /// The version to move to: its name, or the beginning of its hash; the one in force where each case was received unless
    /// said.
    #[arg(long)]
    version: Option<String>,
    /// A stage that is called otherwise in that version; several times.
    #[arg(long = "stage", value_name = "OLD=NEW")]
    stages: Vec<String>,
    /// Do it; without this nothing is changed.
    #[arg(long)]
    carry_out: bool,
}

/// Reads a pack's folder, or one of the program's own packs by name.
pub fn files(pack: &str) -> anyhow::Result<Files> {
    let (files, mistakes) = read(pack)?;
    if !mistakes.is_empty() {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        bail!("{}", lines.join("\n"));
    }
    Ok(files)
}

/// The same, with the files that are no text as mistakes. Links are not followed: a pack is what lies in its folder.
pub fn read(pack: &str) -> anyhow::Result<(Files, Vec<Mistake>)> {
    let folder = PathBuf::from(pack);
    if !folder.is_dir() {
        let files = built_in(pack).with_context(|| {
            format!(
                "{pack} is neither a folder nor a pack that comes with the program ({})",
                server::packs::built_in_names().join(", ")
            )
        })?;
        return Ok((files, Vec::new()));
    }
    let mut files = Files::new();
    let mistakes = Mistakes::new();
    let mut folders = vec![folder.clone()];
    while let Some(here) = folders.pop() {
        for entry in std::fs::read_dir(&here).with_context(|| here.display().to_string())? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            let hidden = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if hidden {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
                continue;
            }
            let wanted = kind.is_file()
                && path
                    .extension()
                    .is_some_and(|kind| matches!(&*kind.to_string_lossy(), "yaml" | "yml" | "md"));
            if wanted {
                let inside = path
                    .strip_prefix(&folder)
                    .unwrap_or(&path)
                    .to_string_lossy()
                    .replace('\\', "/");
                let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
                files.insert_bytes(inside, &bytes, &mistakes);
            }
        }
    }
    Ok((files, mistakes.into_sorted()))
}

#[derive(Serialize)]
struct Standing {
    pack: String,
    version: String,
    hash: String,
    unit: String,
    since: String,
}

impl Pack {
    /// Carries it out.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        match self {
            Pack::List => list(settings).await,
            Pack::Activate { pack, unit } => put_in_force(settings, &pack, unit).await,
            Pack::Diff { pack } => diff(settings, &pack).await,
            Pack::Move(asked) => asked.run(settings).await,
        }
    }
}

async fn list(settings: &Settings) -> anyhow::Result<ExitCode> {
    let centre = place::centre_for_reading(settings).await?;
    let around = centre.surroundings();
    let standing: Vec<Standing> = around
        .packs
        .in_force()
        .iter()
        .map(|one| Standing {
            pack: one.name.clone(),
            version: around
                .packs
                .by_hash(&one.hash)
                .map(|pack| pack.version.clone())
                .unwrap_or_default(),
            hash: one.hash.to_string(),
            unit: around.picture.unit_name(one.unit).to_owned(),
            since: one.since.to_string(),
        })
        .collect();
    centre.store.close().await;
    if settings.json {
        print_json(&standing)?;
    } else {
        for one in standing {
            let short: String = one.hash.chars().take(12).collect();
            println!(
                "{} {} ({short}) in {} since {}",
                one.pack, one.version, one.unit, one.since
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn put_in_force(settings: &Settings, name: &str, unit: Option<String>) -> anyhow::Result<ExitCode> {
    let bundle = Bundle::of(&files(name)?);
    let pack = bundle.link()?;
    let centre = place::centre(settings).await?;
    let around = centre.surroundings();
    let unit: Id = match &unit {
        Some(key) => around
            .picture
            .unit_by_key(key)
            .map(|unit| unit.id)
            .with_context(|| {
                let mut keys: Vec<&str> = around
                    .picture
                    .units
                    .values()
                    .map(|unit| unit.key.as_str())
                    .collect();
                keys.sort_unstable();
                format!("there is no unit {key}; there are: {}", keys.join(", "))
            })?,
        None => around
            .picture
            .units
            .values()
            .filter(|unit| unit.parent.is_none())
            .map(|unit| unit.id)
            .min()
            .context("there is no unit yet: add one first with `shouwen user unit`")?,
    };
    let now = Moment::from_millis(centre.store.now());
    let named =
        around.packs.versions().into_iter().find(|known| {
            known.name == pack.name && known.version == pack.version && known.hash != pack.hash
        });
    if let Some(known) = named {
        let short: String = known.hash.chars().take(12).collect();
        eprintln!(
            "note: {} {} was in force already with other contents ({short}): give a changed pack a version of its own",
            pack.name, pack.version
        );
    }
    activate(&centre.store, &bundle.trimmed(&pack), &pack, unit, None, now).await?;
    centre.store.close().await;
    println!("{} {} is in force ({})", pack.name, pack.version, pack.hash);
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct MovedAll {
    carried_out: bool,
    moved: usize,
    refused: usize,
    cases: Vec<Moved>,
}

impl Move {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let stages = self.stages.iter().map(|pair| {
            let (old, new) = pair
                .split_once('=')
                .with_context(|| format!("--stage {pair}: write it as --stage old=new"))?;
            Ok((old.to_owned(), new.to_owned()))
        });
        let stages = stages.collect::<anyhow::Result<Vec<_>>>()?;
        let centre = if self.carry_out {
            place::centre(settings).await?
        } else {
            place::centre_for_reading(settings).await?
        };
        let around = centre.surroundings();
        if around.packs.in_force_anywhere(&self.pack).is_none() {
            bail!("no pack {} is in force", self.pack);
        }
        let named = self.version.as_deref();
        let to = named
            .map(|named| {
                version(&around, &self.pack, named).map_err(|known| {
                    anyhow::anyhow!("there is not exactly one version {named}; there are: {known}")
                })
            })
            .transpose()?;
        let actor = Actor::default();
        let moving = Moving {
            pack: &self.pack,
            to,
            stages,
            actor: &actor,
            carry_out: self.carry_out,
        };
        let (mut all, mut after) = (Vec::new(), Some(Id(0)));
        while let Some(from) = after {
            let (moved, next) = portion(&centre, &moving, from, 200, &|_| true).await?;
            all.extend(moved);
            if next.is_some() {
                eprintln!("{} cases gone through", all.len());
            }
            after = next;
        }
        centre.store.close().await;
        let moved = all.iter().filter(|one| one.maps()).count();
        let told = MovedAll {
            carried_out: self.carry_out,
            moved,
            refused: all.len() - moved,
            cases: all,
        };
        if settings.json {
            print_json(&told)?;
        } else {
            told.tell();
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl MovedAll {
    fn tell(&self) {
        for one in &self.cases {
            let after = one.stage_after.as_deref().unwrap_or("stays");
            println!(
                "{} {} {} → {}: {} → {after}",
                one.number, one.procedure, one.from, one.to, one.stage
            );
            for clock in &one.clocks {
                let after = match &clock.due_after {
                    Some(due) => format!("due {due}"),
                    None => "no longer runs".to_owned(),
                };
                println!("  {} due {}: {after}", clock.deadline, clock.due_before);
            }
            for reason in &one.reasons {
                println!(
                    "  ✗ {}",
                    if super::check::chinese() {
                        &reason.zh
                    } else {
                        &reason.en
                    }
                );
            }
        }
        let word = if self.carried_out {
            "moved"
        } else {
            "could be moved (--carry-out does it)"
        };
        println!("{} {word}, {} stay", self.moved, self.refused);
    }
}

#[derive(Serialize)]
struct Difference {
    what: String,
    key: String,
    before: Option<String>,
    after: Option<String>,
}

/// What a pack says, line by line, so that two versions can be laid side by side.
fn sayings(pack: &regulation::Pack) -> std::collections::BTreeMap<(String, String), String> {
    let mut sayings = std::collections::BTreeMap::new();
    for clause in &pack.clauses {
        sayings.insert(("clause".to_owned(), clause.id.to_string()), clause.text.clone());
    }
    for procedure in pack.procedures.values() {
        let stages: Vec<&str> = procedure.stages.iter().map(|stage| stage.key.as_str()).collect();
        sayings.insert(("stages".to_owned(), procedure.key.clone()), stages.join(", "));
        for deadline in &procedure.deadlines {
            let bound = match &deadline.bound {
                regulation::model::Bound::Within(choices) => choices
                    .iter()
                    .map(|choice| choice.limit.to_string())
                    .collect::<Vec<_>>()
                    .join(" | "),
                regulation::model::Bound::At(field) => format!("at case.{field}"),
            };
            sayings.insert(
                (
                    "deadline".to_owned(),
                    format!("{}.{}", procedure.key, deadline.key),
                ),
                bound,
            );
        }
        for action in &procedure.actions {
            let by: Vec<String> = action.by.iter().map(ToString::to_string).collect();
            sayings.insert(
                ("action".to_owned(), format!("{}.{}", procedure.key, action.key)),
                by.join(", "),
            );
        }
    }
    sayings
}

async fn diff(settings: &Settings, name: &str) -> anyhow::Result<ExitCode> {
    let after = Bundle::of(&files(name)?).link()?;
    let centre = place::centre_for_reading(settings).await?;
    let around = centre.surroundings();
    let before = around
        .packs
        .in_force_anywhere(&after.name)
        .with_context(|| format!("no version of {} is in force to compare with", after.name))?;
    centre.store.close().await;
    let (old, new) = (sayings(&before), sayings(&after));
    let mut differences = Vec::new();
    for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
        let (before, after) = (old.get(key), new.get(key));
        if before != after {
            differences.push(Difference {
                what: key.0.clone(),
                key: key.1.clone(),
                before: before.cloned(),
                after: after.cloned(),
            });
        }
    }
    if settings.json {
        print_json(&differences)?;
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} {} → {}: {} differences",
        after.name,
        before.version,
        after.version,
        differences.len()
    );
    for one in &differences {
        println!("{} {}", one.what, one.key);
        println!("  - {}", one.before.as_deref().unwrap_or("(not there)"));
        println!("  + {}", one.after.as_deref().unwrap_or("(not there)"));
    }
    Ok(ExitCode::SUCCESS)
}
