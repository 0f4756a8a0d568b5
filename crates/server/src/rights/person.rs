//! `/api/people/{person}/rights`: everything a person may do: permissions outside cases, and what the functions they hold
//! now open in the regulations in force where they hold them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use regulation::Id;
use regulation::model::{ClauseRef, Who};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::wire::{ClauseTag, clause_tag, read_id};
use crate::http::{Answer, Problem, Route};
use crate::organisation::administration::{PersonDetail, shown};
use crate::organisation::reach::over_person;
use crate::permission::Permission;
use crate::session::Caller;

/// A permission outside cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionView {
    /// Its word.
    pub permission: String,
    /// What it allows.
    pub title: String,
    /// In which units and below.
    pub units: Vec<String>,
}

/// An act that a function opens.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActView {
    /// The regulation.
    pub pack: String,
    /// The kind of case.
    pub procedure: String,
    /// What is done; `open` where the case itself is opened.
    pub action: String,
    /// As people say it.
    pub title: String,
    /// The clause behind it.
    pub clause: Option<ClauseTag>,
    /// By which function.
    pub function: String,
    /// Held in which unit.
    pub unit_name: String,
}

/// Everything a person may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct RightsOfPerson {
    /// The person with functions.
    pub person: PersonDetail,
    /// Permissions outside cases, now.
    pub permissions: Vec<PermissionView>,
    /// Acts on cases that functions held now open; what follows from a relation to one case (its handler, its first-contact
    /// owner) or is open to everyone is not listed.
    pub acts: Vec<ActView>,
}

/// Whether one of those named is this function.
fn names(who: &[Who], function: &str) -> bool {
    who.iter()
        .any(|one| matches!(one, Who::Function { function: named, .. } if named == function))
}

/// Everything a person may do. Oneself, or for whoever manages staff or reads audit records.
#[utoipa::path(get, path = "/api/people/{person}/rights", tag = "rights",
    params(("person" = String, Path, description = "The person")), responses((status = 200, body = RightsOfPerson), Problem))]
pub async fn rights_of_person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<RightsOfPerson>> {
    let person: Id = read_id("person", &text)?;
    let around = app.centre.surroundings();
    let now = caller.now(&app);
    let may = |permission| over_person(&around.picture, &caller.actor, permission, person, now);
    if person != caller.person && !may(Permission::ManageStaff) && !may(Permission::ReadAudit) {
        caller.need(&app, Permission::ManageStaff)?;
        return Err(Problem::not_found("这个人", "person"));
    }
    let language = caller.language;
    let actor = around.picture.actor(person, now);
    let permissions = Permission::ALL
        .iter()
        .filter(|permission| permission.anywhere(&actor))
        .map(|permission| {
            let (zh, en) = permission.words();
            PermissionView {
                permission: permission.key().to_owned(),
                title: language.pick(zh, en).to_owned(),
                units: permission
                    .units(&actor)
                    .map(|unit| around.picture.unit_name(unit).to_owned())
                    .collect(),
            }
        })
        .collect();
    let mut acts = Vec::new();
    for holding in &actor.holdings {
        let function = around
            .packs
            .function(&holding.function)
            .map_or_else(|| holding.function.clone(), |known| language.say(&known.title));
        for pack in around.packs.all_for(&around.picture, holding.unit) {
            for procedure in pack.procedures.values() {
                let mut add = |action: &str, title: String, clause: Option<&ClauseRef>| {
                    acts.push(ActView {
                        pack: pack.name.to_string(),
                        procedure: language.say(&procedure.title),
                        action: action.to_owned(),
                        title,
                        clause: clause.map(|clause| clause_tag(&around.packs, clause, language)),
                        function: function.clone(),
                        unit_name: around.picture.unit_name(holding.unit).to_owned(),
                    });
                };
                if names(&procedure.opened_by, &holding.function) {
                    let title = language.pick("登记", "Open").to_owned();
                    add("open", title, procedure.intake_clause.as_ref());
                }
                for action in procedure
                    .actions
                    .iter()
                    .filter(|one| names(&one.by, &holding.function))
                {
                    add(&action.key, language.say(&action.title), action.clause.as_ref());
                }
            }
        }
    }
    Ok(Json(RightsOfPerson {
        person: shown(&app, person, language).await?,
        permissions,
        acts,
    }))
}
