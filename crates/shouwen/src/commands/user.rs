//! `shouwen user …`: people and units from the command line.

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, bail};
use calendar::Moment;
use clap::Subcommand;
use regulation::source::nearest;
use server::organisation::{Held, PersonRecord, UnitRecord, change_person, change_unit};
use server::session::{PasswordError, set_password, set_temporary_password, weakness};

use super::{examples, print_json};
use crate::config::Settings;
use crate::place;

/// What to do with people and units.
#[derive(Subcommand)]
pub enum User {
    /// List people with their functions.
    #[command(after_help = examples::USER_LIST)]
    List,
    /// Add a unit.
    #[command(after_help = examples::USER_UNIT)]
    Unit {
        /// ASCII key.
        key: String,
        /// Name.
        name: String,
        /// Key of the unit above.
        #[arg(long)]
        within: Option<String>,
    },
    /// Add a person; the password is read from standard input.
    #[command(after_help = examples::USER_ADD)]
    Add {
        /// Name to log in with.
        login: String,
        /// Name.
        #[arg(long)]
        name: String,
        /// Functions as `function@unit-key`, several times.
        #[arg(long = "function", value_name = "FUNCTION@UNIT")]
        functions: Vec<String>,
    },
    /// Set a person's password; it is read from standard input.
    #[command(after_help = examples::USER_PASSWORD)]
    Password {
        /// Name to log in with.
        login: String,
        /// It must be changed at the first log-in.
        #[arg(long)]
        temporary: bool,
    },
}

fn password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(1024)
        .read_to_string(&mut text)
        .context("the password on standard input")?;
    let text = text.trim_end_matches(['\n', '\r']).to_owned();
    if text.is_empty() {
        bail!("no password came on standard input: `echo … | shouwen user …`");
    }
    Ok(text)
}

impl User {
    /// Carries it out.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let centre = place::centre(settings).await?;
        let around = centre.surroundings();
        let unit = |key: &str| {
            around
                .picture
                .unit_by_key(key)
                .map(|unit| unit.id)
                .with_context(|| format!("there is no unit {key}"))
        };
        match self {
            User::List => {
                let mut people: Vec<_> = around.picture.people.values().collect();
                people.sort_by(|a, b| a.login.cmp(&b.login));
                let lines: Vec<serde_json::Value> = people
                    .iter()
                    .map(|person| {
                        let functions: Vec<String> = person
                            .held
                            .iter()
                            .map(|held| {
                                let unit = around
                                    .picture
                                    .units
                                    .get(&held.unit)
                                    .map_or("?", |unit| unit.key.as_str());
                                format!("{}@{unit}", held.function)
                            })
                            .collect();
                        serde_json::json!({ "id": person.id, "login": person.login, "name": person.name,
                            "active": person.active, "functions": functions })
                    })
                    .collect();
                if settings.json {
                    print_json(&lines)?;
                } else {
                    for line in &lines {
                        println!("{} {} {}", line["login"], line["name"], line["functions"]);
                    }
                }
            }
            User::Unit { key, name, within } => {
                let above = within.as_deref().map(unit).transpose()?;
                let wanted = UnitRecord {
                    key,
                    name,
                    parent: above,
                    calendar: "default".to_owned(),
                };
                let id = change_unit(&centre, None, None, &wanted).await?;
                println!("{id}");
            }
            User::Add {
                login,
                name,
                functions,
            } => {
                let mut held = Vec::new();
                for text in &functions {
                    let (function, key) = text
                        .split_once('@')
                        .with_context(|| format!("{text}: write it as function@unit"))?;
                    // Before the first pack is in force nobody can say which functions there will be.
                    if !around.packs.in_force().is_empty() && around.packs.function(function).is_none() {
                        let meant = nearest(function, around.packs.functions());
                        let meant = meant.map_or(String::new(), |near| format!("; did you mean {near}?"));
                        bail!("{text}: no pack in force knows the function {function}{meant}");
                    }
                    held.push(Held {
                        function: function.to_owned(),
                        unit: unit(key)?,
                        since: Moment::from_millis(0),
                        until: Moment::from_millis(i64::MAX),
                        on_behalf_of: None,
                    });
                }
                let password = password()?;
                if let Some(weakness) = weakness(&password, &login) {
                    return Err(PasswordError::Weak(weakness).into());
                }
                let wanted = PersonRecord {
                    login,
                    name,
                    active: true,
                    language: "zh".to_owned(),
                    demo: false,
                    held,
                    certificates: Vec::new(),
                };
                let id = change_person(&centre, None, None, &wanted).await?;
                set_password(&centre.store, id, &password).await?;
                println!("{id}");
            }
            User::Password { login, temporary } => {
                let person = around
                    .picture
                    .people
                    .values()
                    .find(|person| person.login == login);
                let person = person.with_context(|| format!("nobody logs in as {login}"))?.id;
                let password = password()?;
                if temporary {
                    set_temporary_password(&centre.store, person, &password).await?;
                } else {
                    set_password(&centre.store, person, &password).await?;
                }
                println!("the password of {login} is set");
            }
        }
        centre.store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
