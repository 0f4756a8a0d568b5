//! Administering the organisation over the API: units, people, what they hold, holidays.
//!
//! Every change is an event of the record and a line of the access log, in one batch. Who may is a permission over the
//! unit concerned; what may is decided in `change` and `separation`, the same for the command line.

mod functions;
mod holidays;
mod people;
mod units;

use std::sync::Arc;

use calendar::Moment;
use regulation::{Id, Said};
use store::{RecordId, Store, StoreError};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use functions::*;
pub use holidays::*;
pub use people::*;
pub use units::*;

use super::{Person, PersonRecord};
use crate::app::App;
use crate::http::{Answer, Problem};

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(make_unit))
        .routes(routes!(unit, change_unit_record))
        .routes(routes!(close_a_unit))
        .routes(routes!(reopen_unit))
        .routes(routes!(make_person))
        .routes(routes!(person, change_person_record))
        .routes(routes!(deactivate_person))
        .routes(routes!(reactivate_person))
        .routes(routes!(grant_function))
        .routes(routes!(end_function))
        .routes(routes!(set_certificate))
        .routes(routes!(remove_certificate))
        .routes(routes!(appoint_deputy))
        .routes(routes!(take_holidays))
}

/// The record as it is to be, beginning with what it is.
pub fn record_of(person: &Person) -> PersonRecord {
    PersonRecord {
        login: person.login.clone(),
        name: person.name.clone(),
        active: person.active,
        language: person.language.clone(),
        demo: person.demo,
        held: person.held.clone(),
        certificates: person.certificates.clone(),
    }
}

/// The version of a record: how many events it has.
pub async fn version(store: &Store, record: Id) -> Result<i64, StoreError> {
    Ok(store.head(RecordId(record.0)).await?.seq)
}

/// A text as typed, without blanks around it, between one and so many characters.
fn text(field: &str, typed: &str, longest: usize) -> Answer<String> {
    let typed = typed.trim();
    if (1..=longest).contains(&typed.chars().count()) {
        return Ok(typed.to_owned());
    }
    Err(faulty(
        field,
        &format!("要写1到{longest}个字"),
        &format!("it has 1 to {longest} characters"),
    ))
}

/// A key for programs: letters, digits, `_`, `-`, `.`, `@`.
fn key(field: &str, typed: &str) -> Answer<String> {
    let typed = text(field, typed, 60)?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '@');
    if typed.chars().all(fits) {
        return Ok(typed);
    }
    Err(faulty(
        field,
        "只能用字母、数字和_-.@",
        "only letters, digits and _ - . @",
    ))
}

fn faulty(field: &str, zh: &str, en: &str) -> Problem {
    Problem::input(vec![(field.to_owned(), Said::new(zh, en))])
}

/// A time of the year 2100 or later is none: it is held without an end.
fn ending(until: Moment) -> Option<String> {
    (until.as_millis() < super::separation::FOREVER).then(|| until.to_string())
}
