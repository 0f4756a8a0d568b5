//! `/api/people/{person}`: make, change, deactivate. What a person holds is granted apart.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use regulation::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Seen, ending, key, record_of, text, version};
use crate::app::App;
use crate::http::wire::read_id;
use crate::http::{Answer, Body, Language, Problem, Route};
use crate::organisation::reach::{need_over_person, over_person};
use crate::organisation::{Person, PersonRecord, Terms, set_person_under};
use crate::permission::Permission;
use crate::session::Caller;
use crate::tokens;

/// A new member of staff, or an account for a program. They hold nothing yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Name to log in with.
    pub login: String,
    /// Name.
    pub name: String,
    /// `zh` or `en`; `zh` unless said.
    pub language: Option<String>,
}

/// What can be changed of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    /// Name to log in with.
    pub login: String,
    /// Name.
    pub name: String,
    /// `zh` or `en`.
    pub language: String,
    /// The version that was looked at.
    pub seen: i64,
}

/// A person as their administrator sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonDetail {
    /// Id.
    pub id: String,
    /// Name to log in with.
    pub login: String,
    /// Name.
    pub name: String,
    /// Whether they may log in and be assigned.
    pub active: bool,
    /// `zh` or `en`.
    pub language: String,
    /// Functions, those that ended or have not begun too.
    pub functions: Vec<HeldFunction>,
    /// Certificates.
    pub certificates: Vec<HeldCertificate>,
    /// Version, to be sent back with a change as `seen`.
    pub version: i64,
}

/// A function that is, was or will be held.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldFunction {
    /// Its number with this person.
    pub no: i64,
    /// Key.
    pub function: String,
    /// As people say it.
    pub title: String,
    /// Where.
    pub unit: String,
    /// Its name.
    pub unit_name: String,
    /// Since when.
    pub since: String,
    /// Until when; none is without an end.
    pub until: Option<String>,
    /// For whom, as a deputy.
    pub on_behalf_of: Option<String>,
    /// Their name.
    pub on_behalf_of_name: Option<String>,
}

/// A certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldCertificate {
    /// Key.
    pub certificate: String,
    /// Since when.
    pub since: String,
    /// Until when; none is without an end.
    pub until: Option<String>,
}

fn language(typed: &str) -> Answer<String> {
    if matches!(typed, "zh" | "en") {
        return Ok(typed.to_owned());
    }
    Err(super::faulty("language", "只能是zh或en", "zh or en"))
}

/// A person as everyone who may sees them.
pub async fn shown(app: &App, person: Id, language: Language) -> Answer<PersonDetail> {
    let around = app.centre.surroundings();
    let known = around
        .picture
        .people
        .get(&person)
        .ok_or_else(|| Problem::not_found("这个人", "person"))?;
    let functions = known
        .held
        .iter()
        .zip(1..)
        .map(|(held, no)| HeldFunction {
            no,
            function: held.function.clone(),
            title: around
                .packs
                .function(&held.function)
                .map_or_else(|| held.function.clone(), |function| language.say(&function.title)),
            unit: held.unit.to_string(),
            unit_name: around.picture.unit_name(held.unit).to_owned(),
            since: held.since.to_string(),
            until: ending(held.until),
            on_behalf_of: held.on_behalf_of.map(|person| person.to_string()),
            on_behalf_of_name: around.picture.person_name(held.on_behalf_of).map(str::to_owned),
        })
        .collect();
    Ok(PersonDetail {
        id: person.to_string(),
        login: known.login.clone(),
        name: known.name.clone(),
        active: known.active,
        language: known.language.clone(),
        functions,
        certificates: known
            .certificates
            .iter()
            .map(|(certificate, since, until)| HeldCertificate {
                certificate: certificate.clone(),
                since: since.to_string(),
                until: ending(*until),
            })
            .collect(),
        version: version(&app.centre.store, person).await?,
    })
}

/// A person whom the caller may manage.
pub(super) fn managed(app: &App, caller: &Caller, permission: Permission, person: Id) -> Answer<Person> {
    need_over_person(app, caller, permission, person)?;
    let picture = app.centre.surroundings().picture;
    let known = picture.people.get(&person).cloned();
    known.ok_or_else(|| Problem::not_found("这个人", "person"))
}

/// Sets a person's record and writes the deed down with it.
pub(super) async fn put(
    app: &App,
    caller: &Caller,
    person: Id,
    wanted: &PersonRecord,
    seen: Option<i64>,
    deed: &str,
    detail: Option<&str>,
) -> Answer<Json<PersonDetail>> {
    let subject = format!("person:{person}");
    let mut access = caller.access(deed, &subject);
    access.detail = detail;
    let terms = Terms {
        seen,
        access: Some(access),
    };
    set_person_under(
        &app.centre.store,
        Some(caller.person),
        Some(person),
        wanted,
        &terms,
    )
    .await?;
    app.centre.refresh().await?;
    shown(app, person, caller.language).await.map(Json)
}

/// Make a person. A link to set the password is made apart; functions are granted apart.
#[utoipa::path(post, path = "/api/people", tag = "organisation", request_body = NewPerson,
    responses((status = 201, body = PersonDetail), Problem))]
pub async fn make_person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewPerson>,
) -> Answer<(StatusCode, Json<PersonDetail>)> {
    caller.need(&app, Permission::ManageStaff)?;
    let wanted = PersonRecord {
        login: key("login", &new.login)?,
        name: text("name", &new.name, 50)?,
        active: true,
        language: language(new.language.as_deref().unwrap_or("zh"))?,
        demo: false,
        held: Vec::new(),
        certificates: Vec::new(),
    };
    let person = Id(app.centre.store.new_id());
    let made = put(&app, &caller, person, &wanted, None, "person_made", None).await?;
    Ok((StatusCode::CREATED, made))
}

/// A person: oneself, or for whoever manages staff or reads audit records.
#[utoipa::path(get, path = "/api/people/{person}", tag = "organisation",
    params(("person" = String, Path, description = "The person")), responses((status = 200, body = PersonDetail), Problem))]
pub async fn person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<PersonDetail>> {
    let person = read_id("person", &text)?;
    let picture = app.centre.surroundings().picture;
    let now = caller.now(&app);
    let may = |permission| over_person(&picture, &caller.actor, permission, person, now);
    if person != caller.person && !may(Permission::ManageStaff) && !may(Permission::ReadAudit) {
        caller.need(&app, Permission::ManageStaff)?;
        return Err(Problem::not_found("这个人", "person"));
    }
    shown(&app, person, caller.language).await.map(Json)
}

/// Change a person's names and language.
#[utoipa::path(put, path = "/api/people/{person}", tag = "organisation", request_body = PersonChange,
    params(("person" = String, Path, description = "The person")), responses((status = 200, body = PersonDetail), Problem))]
pub async fn change_person_record(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(address): Route<String>,
    Body(change): Body<PersonChange>,
) -> Answer<Json<PersonDetail>> {
    let id = read_id("person", &address)?;
    let known = managed(&app, &caller, Permission::ManageStaff, id)?;
    let wanted = PersonRecord {
        login: key("login", &change.login)?,
        name: text("name", &change.name, 50)?,
        language: language(&change.language)?,
        ..record_of(&known)
    };
    put(
        &app,
        &caller,
        id,
        &wanted,
        Some(change.seen),
        "person_changed",
        None,
    )
    .await
}

/// Deactivate a person: they cannot log in or be assigned, their log-ins and tokens end. What they handle stays theirs
/// until it is handed over.
#[utoipa::path(post, path = "/api/people/{person}/deactivate", tag = "organisation", request_body = Seen,
    params(("person" = String, Path, description = "The person")), responses((status = 200, body = PersonDetail), Problem))]
pub async fn deactivate_person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(address): Route<String>,
    Body(seen): Body<Seen>,
) -> Answer<Json<PersonDetail>> {
    let id = read_id("person", &address)?;
    let known = managed(&app, &caller, Permission::ManageStaff, id)?;
    let wanted = PersonRecord {
        active: false,
        ..record_of(&known)
    };
    let shown = put(
        &app,
        &caller,
        id,
        &wanted,
        Some(seen.seen),
        "person_deactivated",
        None,
    )
    .await?;
    app.sessions.end_others(&app.centre.store, id, None).await?;
    tokens::revoke_all(&app.centre.store, id).await?;
    Ok(shown)
}

/// Let a deactivated person in again.
#[utoipa::path(post, path = "/api/people/{person}/reactivate", tag = "organisation", request_body = Seen,
    params(("person" = String, Path, description = "The person")), responses((status = 200, body = PersonDetail), Problem))]
pub async fn reactivate_person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(address): Route<String>,
    Body(seen): Body<Seen>,
) -> Answer<Json<PersonDetail>> {
    let id = read_id("person", &address)?;
    let known = managed(&app, &caller, Permission::ManageStaff, id)?;
    let wanted = PersonRecord {
        active: true,
        ..record_of(&known)
    };
    put(
        &app,
        &caller,
        id,
        &wanted,
        Some(seen.seen),
        "person_reactivated",
        None,
    )
    .await
}
