//! Everything that is held of a customer, read from where it lies.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Moment;
use regulation::{Case, Id};
use serde::Serialize;
use store::{RecordId, StoreError};
use utoipa::ToSchema;

use super::plan::{CaseHeld, ContactHeld};
use crate::app::App;
use crate::cases::shell::ShellError;
use crate::cases::view::visible;
use crate::customers::change;
use crate::customers::record::{Customer, Place};
use crate::http::Answer;
use crate::session::Caller;

/// Everything held of one person, in full.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct PersonalData {
    /// The customer's id.
    pub customer: String,
    /// When this was put together.
    pub as_of: String,
    /// The record and those merged into it.
    pub records: Vec<RecordHeld>,
    /// Contacts.
    pub contacts: Vec<ContactData>,
    /// Cases within the caller's reach.
    pub cases: Vec<CaseData>,
    /// How many cases lie outside it.
    pub cases_elsewhere: usize,
    /// Files.
    pub files: Vec<FileData>,
    /// Who saw numbers in full, when and why.
    pub looks: Vec<LookData>,
}

/// A customer record.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordHeld {
    /// Its id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Numbers in full, with labels.
    pub numbers: Vec<String>,
    /// Premises.
    pub places: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Needs.
    pub needs: String,
    /// Preferences.
    pub preferences: String,
    /// Purchases and services.
    pub services: Vec<String>,
    /// Notes.
    pub notes: String,
    /// Since when.
    pub registered_at: Option<String>,
}

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactData {
    /// Id.
    pub id: String,
    /// When.
    pub at: String,
    /// Channel.
    pub channel: String,
    /// The number it came from.
    pub number: String,
    /// What it was about.
    pub summary: String,
    /// The answer.
    pub answer: String,
}

/// A case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseData {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// When it reached us.
    pub received_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Kept until, by its regulation.
    pub retained_until: Option<String>,
    /// What was typed, by field.
    #[schema(value_type = Object)]
    pub fields: serde_json::Value,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileData {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: String,
    /// Bytes.
    pub size: i64,
}

/// A look at a number in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookData {
    /// When.
    pub at: String,
    /// Who.
    pub person_name: String,
    /// Why.
    pub reason: String,
}

/// What was gathered, with what a plan needs.
pub struct Gathered {
    /// The customer and those merged into it.
    pub customers: Vec<Id>,
    /// Its cases.
    pub cases: Vec<CaseHeld>,
    /// The states of those within reach.
    pub states: Vec<Case>,
    /// Its contacts.
    pub contacts: Vec<ContactHeld>,
    /// The last event of each case that was looked at: one that went on since was not.
    pub seen: BTreeMap<RecordId, i64>,
}

const MERGED: &str = "SELECT id FROM customer_profiles WHERE merged_into = $1 ORDER BY id";
const CASES: &str = "SELECT id, number FROM cases WHERE customer = $1 ORDER BY id";
const CONTACTS: &str =
    "SELECT id, at, channel, number, summary, answer FROM contacts WHERE customer = $1 ORDER BY at, id";
const LINKS: &str = "SELECT l.contact, l.case_id FROM contacts t JOIN contact_cases l ON l.contact = t.id \
     WHERE t.customer = $1";
const LOOKS: &str = "SELECT at, person, reason FROM access_log WHERE subject = $1 AND deed = 'unmasked' ORDER BY at, id LIMIT 1000";
const FILES: &str = "SELECT a.id, a.name, a.kind, a.size FROM attachments a JOIN cases c ON c.id = a.case_id \
     WHERE c.customer = $1 UNION SELECT a.id, a.name, a.kind, a.size FROM attachments a \
     JOIN contacts t ON t.id = a.contact WHERE t.customer = $1 ORDER BY 1";

/// Reads what a plan needs.
pub async fn gather(app: &App, caller: &Caller, customer: Id) -> Answer<Gathered> {
    let store = &app.centre.store;
    let around = app.centre.surroundings();
    let mut customers = vec![customer];
    for row in store.query(MERGED, &[customer.0.into()]).await? {
        customers.push(Id(row.int(0)?));
    }
    let mut gathered = Gathered {
        customers: customers.clone(),
        cases: Vec::new(),
        states: Vec::new(),
        contacts: Vec::new(),
        seen: BTreeMap::new(),
    };
    for one in &customers {
        for row in store.query(CASES, &[one.0.into()]).await? {
            let id = Id(row.int(0)?);
            let state = match app.centre.case(id).await {
                Ok((state, head)) => {
                    gathered.seen.insert(RecordId(id.0), head.seq);
                    state
                }
                Err(ShellError::NoSuchCase(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let within_reach = visible(&around, &caller.actor, &state);
            gathered.cases.push(CaseHeld {
                id,
                number: row.text(1)?.to_owned(),
                ended: state.ended.is_some(),
                retained_until: state.retained_until,
                on_hold: state.held,
                within_reach,
            });
            if within_reach {
                gathered.states.push(state);
            }
        }
        let mut linked: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
        for row in store.query(LINKS, &[one.0.into()]).await? {
            linked.entry(Id(row.int(0)?)).or_default().insert(Id(row.int(1)?));
        }
        for row in store.query(CONTACTS, &[one.0.into()]).await? {
            let id = Id(row.int(0)?);
            gathered.contacts.push(ContactHeld {
                id,
                cases: linked.remove(&id).unwrap_or_default(),
            });
        }
    }
    Ok(gathered)
}

fn record(id: Id, customer: &Customer) -> RecordHeld {
    let number = |number: &crate::customers::record::Number| {
        let parts = [
            number.number.as_str(),
            number.extension.as_str(),
            number.label.as_str(),
        ];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    RecordHeld {
        id: id.to_string(),
        name: customer.name.clone(),
        numbers: customer.numbers.values().map(number).collect(),
        places: customer.places.iter().map(Place::line).collect(),
        tags: customer.tags.iter().cloned().collect(),
        needs: customer.needs.clone(),
        preferences: customer.preferences.clone(),
        services: customer
            .services
            .iter()
            .map(|service| format!("{} {}", service.what, service.note).trim().to_owned())
            .collect(),
        notes: customer.notes.clone(),
        registered_at: customer.registered.map(|at| at.to_string()),
    }
}

/// Everything held, in full.
pub async fn data(app: &App, caller: &Caller, customer: Id) -> Answer<PersonalData> {
    let store = &app.centre.store;
    let gathered = gather(app, caller, customer).await?;
    let picture = app.centre.surroundings().picture;
    let mut data = PersonalData {
        customer: customer.to_string(),
        as_of: Moment::from_millis(store.now()).to_string(),
        cases_elsewhere: gathered.cases.iter().filter(|case| !case.within_reach).count(),
        ..PersonalData::default()
    };
    for one in &gathered.customers {
        if let Some(standing) = change::load(store, *one).await? {
            data.records.push(record(*one, &standing.customer));
        }
        for row in store.query(CONTACTS, &[one.0.into()]).await? {
            data.contacts.push(ContactData {
                id: row.int(0)?.to_string(),
                at: Moment::from_millis(row.int(1)?).to_string(),
                channel: row.text(2)?.to_owned(),
                number: row.text(3)?.to_owned(),
                summary: row.text(4)?.to_owned(),
                answer: row.text(5)?.to_owned(),
            });
        }
        for row in store.query(FILES, &[one.0.into()]).await? {
            data.files.push(FileData {
                id: row.int(0)?.to_string(),
                name: row.text(1)?.to_owned(),
                kind: row.text(2)?.to_owned(),
                size: row.int(3)?,
            });
        }
        let subject = format!("customer:{one}");
        for row in store.query(LOOKS, &[subject.into()]).await? {
            data.looks.push(LookData {
                at: Moment::from_millis(row.int(0)?).to_string(),
                person_name: picture
                    .person_name(row.opt_int(1)?.map(Id))
                    .unwrap_or_default()
                    .to_owned(),
                reason: row.opt_text(2)?.unwrap_or_default().to_owned(),
            });
        }
    }
    for case in &gathered.states {
        let fields =
            serde_json::to_value(&case.fields).map_err(|error| StoreError::Failed(error.to_string()))?;
        data.cases.push(CaseData {
            id: case.id.to_string(),
            number: case.number.clone(),
            received_at: case.received.to_string(),
            ended_at: case.ended.map(|at| at.to_string()),
            retained_until: case.retained_until.map(|at| at.to_string()),
            fields,
        });
    }
    Ok(data)
}

/// Every record that belongs to these cases and contacts: their attachments.
pub async fn attachments(
    app: &App,
    cases: &[Id],
    contacts: &[Id],
) -> Result<Vec<(RecordId, String)>, StoreError> {
    const OF_CASE: &str = "SELECT id, file FROM attachments WHERE case_id = $1 ORDER BY id";
    const OF_CONTACT: &str = "SELECT id, file FROM attachments WHERE contact = $1 ORDER BY id";
    let mut all = Vec::new();
    for (sql, owners) in [(OF_CASE, cases), (OF_CONTACT, contacts)] {
        for owner in owners {
            for row in app.centre.store.query(sql, &[owner.0.into()]).await? {
                all.push((RecordId(row.int(0)?), row.text(1)?.to_owned()));
            }
        }
    }
    Ok(all)
}
