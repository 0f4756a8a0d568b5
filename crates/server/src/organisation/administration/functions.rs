//! Granting and ending functions, certificates, deputies by dates.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::{Id, Organisation};
use serde::Deserialize;
use utoipa::ToSchema;

use super::people::{managed, put};
use super::{PersonDetail, faulty, key, record_of};
use crate::app::App;
use crate::http::wire::{read_id, read_time};
use crate::http::{Answer, Body, Problem, Route};
use crate::organisation::separation::{FOREVER, administers};
use crate::organisation::{ChangeError, Held, Picture};
use crate::permission::Permission;
use crate::session::Caller;

/// The longest a deputy stands in.
const LONGEST_DEPUTY_MS: i64 = 366 * 24 * 3_600_000;

/// A function to be granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The function's key.
    pub function: String,
    /// Where.
    pub unit: String,
    /// From when; now unless said.
    pub since: Option<String>,
    /// Until when; without an end unless said.
    pub until: Option<String>,
    /// For whom, as a deputy: then with an end.
    pub on_behalf_of: Option<String>,
    /// The version of the person that was looked at.
    pub seen: i64,
}

/// The end of a function.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantEnd {
    /// When; now unless said.
    pub until: Option<String>,
    /// The version of the person that was looked at.
    pub seen: i64,
}

/// A certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateGrant {
    /// From when; now unless said.
    pub since: Option<String>,
    /// Until when; without an end unless said.
    pub until: Option<String>,
    /// The version of the person that was looked at.
    pub seen: i64,
}

/// The version of the person that was looked at.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SeenVersion {
    /// The version.
    pub seen: i64,
}

/// A deputy for one of one's own functions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deputy {
    /// Who stands in.
    pub deputy: String,
    /// The function.
    pub function: String,
    /// Where it is held.
    pub unit: String,
    /// From when; now unless said.
    pub since: Option<String>,
    /// Until when.
    pub until: String,
}

fn span(since: Option<&str>, until: Option<&str>, now: Moment) -> Answer<(Moment, Moment)> {
    let since = since.map_or(Ok(now), |text| read_time("since", text))?;
    let until = until.map_or(Ok(Moment::from_millis(FOREVER)), |text| read_time("until", text))?;
    if until <= since || until <= now {
        return Err(faulty(
            "until",
            "结束时间要晚于开始时间和现在",
            "it ends after its beginning and after now",
        ));
    }
    Ok((since, until))
}

/// Whether somebody holds a function of their own over a unit for the whole of a span: what a deputy may stand in for.
pub fn may_be_stood_in_for(picture: &Picture, absent: Id, wanted: &Held) -> bool {
    picture.people.get(&absent).is_some_and(|person| {
        person.active
            && person.held.iter().any(|held| {
                held.on_behalf_of.is_none()
                    && held.function == wanted.function
                    && picture.within(wanted.unit, held.unit)
                    && held.since <= wanted.since
                    && wanted.until <= held.until
            })
    })
}

fn check_deputy(picture: &Picture, deputy: Id, wanted: &Held) -> Answer<()> {
    let Some(absent) = wanted.on_behalf_of else {
        return Ok(());
    };
    if absent == deputy || wanted.until.since(wanted.since) > LONGEST_DEPUTY_MS {
        return Err(faulty(
            "on_behalf_of",
            "代理人须是另一个人，代理期限不超过一年",
            "a deputy is somebody else, for a year at most",
        ));
    }
    if !may_be_stood_in_for(picture, absent, wanted) {
        return Err(faulty(
            "on_behalf_of",
            "被代理人在这段时间里并不担任这项职能",
            "the person stood in for does not hold this function all that time",
        ));
    }
    Ok(())
}

/// A function that some pack knows, in a unit that is open.
fn check_place(app: &App, function: &str, unit: Id) -> Answer<()> {
    let around = app.centre.surroundings();
    let known = around
        .picture
        .units
        .get(&unit)
        .ok_or_else(|| Problem::not_found("这个部门", "unit"))?;
    if known.closed.is_some() {
        return Err(ChangeError::Closed(unit).into());
    }
    if around.packs.function(function).is_none() {
        return Err(faulty(
            "function",
            "启用的规程中没有这项职能",
            "no regulation in force knows this function",
        ));
    }
    Ok(())
}

/// Grant a function, in a unit where the caller may. Nobody grants one to themselves.
#[utoipa::path(post, path = "/api/people/{person}/functions", tag = "organisation", request_body = Grant,
    params(("person" = String, Path, description = "The person")), responses((status = 200, body = PersonDetail), Problem))]
pub async fn grant_function(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(grant): Body<Grant>,
) -> Answer<Json<PersonDetail>> {
    let person = read_id("person", &text)?;
    let known = managed(&app, &caller, Permission::GrantFunctions, person)?;
    let function = key("function", &grant.function)?;
    let unit = read_id("unit", &grant.unit)?;
    let picture = app.centre.surroundings().picture;
    if !Permission::GrantFunctions.over(&caller.actor, picture.as_ref(), unit) {
        return Err(Problem::not_found("这个部门", "unit"));
    }
    check_place(&app, &function, unit)?;
    let absent = grant.on_behalf_of.as_deref();
    let absent = absent.map(|text| read_id("on_behalf_of", text)).transpose()?;
    let (since, until) = span(grant.since.as_deref(), grant.until.as_deref(), caller.now(&app))?;
    let held = Held {
        function,
        unit,
        since,
        until,
        on_behalf_of: absent,
    };
    check_deputy(&picture, person, &held)?;
    let detail = format!("{}@{unit} {since} – {until}", held.function);
    let mut wanted = record_of(&known);
    wanted.held.push(held);
    let seen = Some(grant.seen);
    put(
        &app,
        &caller,
        person,
        &wanted,
        seen,
        "function_granted",
        Some(&detail),
    )
    .await
}

/// End a function, now or at a time. One that has not begun is taken off.
#[utoipa::path(post, path = "/api/people/{person}/functions/{no}/end", tag = "organisation", request_body = GrantEnd,
    params(("person" = String, Path, description = "The person"), ("no" = i64, Path, description = "The function's number with this person")),
    responses((status = 200, body = PersonDetail), Problem))]
pub async fn end_function(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, no)): Route<(String, usize)>,
    Body(end): Body<GrantEnd>,
) -> Answer<Json<PersonDetail>> {
    let person = read_id("person", &text)?;
    let known = managed(&app, &caller, Permission::GrantFunctions, person)?;
    let now = caller.now(&app);
    let until = end
        .until
        .as_deref()
        .map_or(Ok(now), |text| read_time("until", text))?;
    let mut wanted = record_of(&known);
    let at = no.checked_sub(1).filter(|at| *at < wanted.held.len());
    let at = at.ok_or_else(|| Problem::not_found("这项职能", "function"))?;
    let detail = match wanted.held.get_mut(at) {
        Some(held) if held.until <= now => {
            return Err(Problem::conflict(
                "ended",
                "这项职能已经结束。",
                "This function has ended already.",
            ));
        }
        Some(held) if until > held.until => {
            return Err(faulty(
                "until",
                "只能提前，不能延后",
                "an end is only brought forward",
            ));
        }
        Some(held) if until > held.since => {
            held.until = until;
            format!("{}@{} until {until}", held.function, held.unit)
        }
        _ => {
            let held = wanted.held.remove(at);
            format!("{}@{} taken off before it began", held.function, held.unit)
        }
    };
    let seen = Some(end.seen);
    put(
        &app,
        &caller,
        person,
        &wanted,
        seen,
        "function_ended",
        Some(&detail),
    )
    .await
}

/// Enter or renew a certificate.
#[utoipa::path(put, path = "/api/people/{person}/certificates/{certificate}", tag = "organisation", request_body = CertificateGrant,
    params(("person" = String, Path, description = "The person"), ("certificate" = String, Path, description = "The certificate's key")),
    responses((status = 200, body = PersonDetail), Problem))]
pub async fn set_certificate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, certificate)): Route<(String, String)>,
    Body(grant): Body<CertificateGrant>,
) -> Answer<Json<PersonDetail>> {
    let person = read_id("person", &text)?;
    let known = managed(&app, &caller, Permission::ManageStaff, person)?;
    let certificate = key("certificate", &certificate)?;
    let (since, until) = span(grant.since.as_deref(), grant.until.as_deref(), caller.now(&app))?;
    let mut wanted = record_of(&known);
    wanted.certificates.retain(|(held, ..)| *held != certificate);
    let detail = certificate.clone();
    wanted.certificates.push((certificate, since, until));
    let seen = Some(grant.seen);
    put(
        &app,
        &caller,
        person,
        &wanted,
        seen,
        "certificate_entered",
        Some(&detail),
    )
    .await
}

/// Take a certificate off.
#[utoipa::path(delete, path = "/api/people/{person}/certificates/{certificate}", tag = "organisation", params(SeenVersion,
    ("person" = String, Path, description = "The person"), ("certificate" = String, Path, description = "The certificate's key")),
    responses((status = 200, body = PersonDetail), Problem))]
pub async fn remove_certificate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, certificate)): Route<(String, String)>,
    crate::http::Params(seen): crate::http::Params<SeenVersion>,
) -> Answer<Json<PersonDetail>> {
    let person = read_id("person", &text)?;
    let known = managed(&app, &caller, Permission::ManageStaff, person)?;
    let mut wanted = record_of(&known);
    let before = wanted.certificates.len();
    wanted.certificates.retain(|(held, ..)| *held != certificate);
    if wanted.certificates.len() == before {
        return Err(Problem::not_found("这个证书", "certificate"));
    }
    let seen = Some(seen.seen);
    put(
        &app,
        &caller,
        person,
        &wanted,
        seen,
        "certificate_taken_off",
        Some(&certificate),
    )
    .await
}

/// Appoint a deputy for one of one's own functions, between two dates. An administration is not handed on that way.
#[utoipa::path(post, path = "/api/deputies", tag = "organisation", request_body = Deputy,
    responses((status = 204), Problem))]
pub async fn appoint_deputy(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(wanted): Body<Deputy>,
) -> Answer<axum::http::StatusCode> {
    let deputy = read_id("deputy", &wanted.deputy)?;
    let function = key("function", &wanted.function)?;
    let unit = read_id("unit", &wanted.unit)?;
    if administers(&function) {
        return Err(Problem::forbidden(
            "管理员职能的代理由安全管理员授予。",
            "A deputy for an administration is granted by the security administrator.",
        ));
    }
    check_place(&app, &function, unit)?;
    let picture = app.centre.surroundings().picture;
    let known = picture.people.get(&deputy).filter(|person| person.active);
    let known = known.ok_or_else(|| Problem::not_found("这个人", "person"))?;
    let (since, until) = span(wanted.since.as_deref(), Some(&wanted.until), caller.now(&app))?;
    let held = Held {
        function,
        unit,
        since,
        until,
        on_behalf_of: Some(caller.person),
    };
    check_deputy(&picture, deputy, &held)?;
    let detail = format!("{}@{unit} {since} – {until}", held.function);
    let mut record = record_of(known);
    record.held.push(held);
    let _shown = put(
        &app,
        &caller,
        deputy,
        &record,
        None,
        "deputy_appointed",
        Some(&detail),
    )
    .await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
