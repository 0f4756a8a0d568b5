//! Who it is here, of whom the provider speaks.

use regulation::Id;
use serde_json::{Map, Value};
use store::Store;

use super::OidcSettings;
use crate::access_log::Access;
use crate::app::App;
use crate::http::Answer;
use crate::organisation::{PersonRecord, Terms, set_person_under};

const FIND: &str = "SELECT id, active FROM people WHERE login = $1";

/// The longest name to log in with, and the longest name.
const LONGEST: (usize, usize) = (100, 50);

/// Whether somebody is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// As this person.
    As(Id),
    /// Not: there is a person, who is deactivated.
    Deactivated(Id),
    /// Not: nobody here has that name.
    Unknown(String),
    /// Not: the token does not hold the name.
    Nameless,
}

/// The name to log in with that the claims hold.
fn login_of(settings: &OidcSettings, claims: &Map<String, Value>) -> Option<String> {
    let text = claims.get(&settings.claim)?.as_str()?.trim().to_lowercase();
    // An address that nobody confirmed may be anybody's.
    let confirmed = settings.claim != "email" || claims.get("email_verified") == Some(&Value::Bool(true));
    let good = !text.is_empty() && text.chars().count() <= LONGEST.0 && !text.chars().any(char::is_control);
    (confirmed && good).then_some(text)
}

async fn find(store: &Store, login: &str) -> Answer<Option<Known>> {
    let rows = store.query(FIND, &[login.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let id = Id(row.int(0)?);
    Ok(Some(if row.flag(1)? {
        Known::As(id)
    } else {
        Known::Deactivated(id)
    }))
}

/// Who it is; makes the person where the configuration says so.
pub async fn known(
    app: &App,
    settings: &OidcSettings,
    claims: &Map<String, Value>,
    address: &str,
) -> Answer<Known> {
    let Some(login) = login_of(settings, claims) else {
        return Ok(Known::Nameless);
    };
    let store = &app.centre.store;
    if let Some(known) = find(store, &login).await? {
        return Ok(known);
    }
    if !settings.make_people {
        return Ok(Known::Unknown(login));
    }
    let name = claims.get("name").and_then(Value::as_str).unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST.1)
        .collect();
    let wanted = PersonRecord {
        name: if name.trim().is_empty() {
            login.clone()
        } else {
            name
        },
        login: login.clone(),
        active: true,
        language: "zh".to_owned(),
        demo: false,
        held: Vec::new(),
        certificates: Vec::new(),
    };
    let id = Id(store.new_id());
    let subject = format!("person:{id}");
    let access = Access {
        person: None,
        address: Some(address),
        deed: "person_made",
        subject: &subject,
        detail: Some("oidc"),
        ..Access::default()
    };
    let terms = Terms {
        seen: None,
        access: Some(access),
    };
    let made = set_person_under(store, None, Some(id), &wanted, &terms).await;
    if let Err(error) = made {
        // Two first log-ins at once: the other one made the person.
        return find(store, &login).await?.ok_or_else(|| error.into());
    }
    app.centre.refresh().await?;
    Ok(Known::As(id))
}

/// Whether the provider says that it asked for a second factor of a kind that counts.
pub fn has_second_factor(settings: &OidcSettings, claims: &Map<String, Value>) -> bool {
    let ways = claims.get("amr").and_then(Value::as_array);
    ways.is_some_and(|ways| {
        ways.iter()
            .filter_map(Value::as_str)
            .any(|way| settings.second_factor_by.iter().any(|counts| counts == way))
    })
}
