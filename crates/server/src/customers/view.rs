//! A customer's page in one answer: numbers masked, what is owed to them within the caller's reach.

use calendar::Moment;
use regulation::Id;
use serde::Serialize;
use store::{RecordId, StoreError, Value};
use utoipa::ToSchema;

use super::record::{Customer, Number};
use super::{change, masked, relation, sight};
use crate::app::App;
use crate::centre::Surroundings;
use crate::http::{Answer, Language, Problem};
use crate::permission::Permission;
use crate::session::Caller;

/// A customer's page.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerView {
    /// Id.
    pub id: String,
    /// The id that was asked for, where that record was merged into this one.
    pub was: Option<String>,
    /// Version, to be sent back with a change as `seen`.
    pub version: i64,
    /// Name.
    pub name: String,
    /// `person` or `organisation`.
    pub kind: String,
    /// Numbers, masked.
    pub numbers: Vec<NumberView>,
    /// Premises.
    pub places: Vec<PlaceView>,
    /// Relations, those that others state too.
    pub relations: Vec<RelationView>,
    /// Tags.
    pub tags: Vec<String>,
    /// Needs.
    pub needs: String,
    /// Preferences.
    pub preferences: String,
    /// Purchases and services.
    pub services: Vec<ServiceView>,
    /// Notes.
    pub notes: String,
    /// When registered.
    pub registered_at: Option<String>,
    /// By whom.
    pub registrar_name: Option<String>,
    /// Where.
    pub unit_name: Option<String>,
    /// Marks that the confirmed outcome of a case set.
    pub marks: Vec<MarkView>,
    /// What is owed to them: open clocks of their open cases within reach, nearest first, at most fifty.
    pub owed: Vec<Owed>,
    /// Ids of the records that were merged into this one.
    pub merged: Vec<String>,
    /// What the caller may do.
    pub may: May,
}

/// A number.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumberView {
    /// Its place in the record, by which it is unmasked and kept.
    pub no: i64,
    /// `phone`, `email`, `wechat`, `other`.
    pub kind: String,
    /// Masked.
    pub masked: String,
    /// Whether there is an extension.
    pub has_extension: bool,
    /// What the customer says of it.
    pub label: String,
}

/// Premises.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// Owned, rented …
    pub label: String,
    /// Estate, mall, area.
    pub area: String,
    /// Building.
    pub building: String,
    /// Entrance.
    pub unit: String,
    /// Room or shop.
    pub room: String,
    /// Whatever else.
    pub text: String,
    /// On one line.
    pub line: String,
}

/// A relation.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationView {
    /// The other customer.
    pub customer: String,
    /// Their name.
    pub name: String,
    /// Kind.
    pub kind: String,
    /// What the other one is, in words.
    pub title: String,
    /// Note.
    pub note: String,
    /// Stated in the other's record.
    pub stated_there: bool,
}

/// A purchase or service.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceView {
    /// `purchase` or `service`.
    pub kind: String,
    /// What.
    pub what: String,
    /// When.
    pub at: String,
    /// Until when.
    pub until: Option<String>,
    /// In fen.
    pub amount: Option<i64>,
    /// Note.
    pub note: String,
}

/// A mark.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MarkView {
    /// The mark's key in the pack.
    pub mark: String,
    /// The case whose outcome set it.
    pub case: String,
    /// Since when.
    pub since: String,
    /// Who set it after the confirmation.
    pub person_name: Option<String>,
}

/// Something owed to the customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Owed {
    /// The case.
    pub case: String,
    /// Its number.
    pub number: String,
    /// What it is about.
    pub subject: String,
    /// The deadline's key: `call_back` is a call-back.
    pub deadline: String,
    /// Its name.
    pub title: String,
    /// When it is due.
    pub due_at: String,
    /// Whether it is late.
    pub late: bool,
}

/// What the caller may do with the record.
#[derive(Debug, Serialize, ToSchema)]
pub struct May {
    /// Change it.
    pub edit: bool,
    /// See numbers in full, with a reason.
    pub unmask: bool,
    /// Merge it.
    pub merge: bool,
    /// Answer the person's requests about their data.
    pub answer_requests: bool,
}

const STATED_THERE: &str = "SELECT r.customer, m.name, r.kind, r.note FROM customer_relations r \
     JOIN customers m ON m.id = r.customer WHERE r.other = $1 ORDER BY r.customer, r.kind LIMIT 50";
const STATED_HERE: &str = "SELECT r.other, m.name, r.kind, r.note FROM customer_relations r \
     JOIN customers m ON m.id = r.other WHERE r.customer = $1 ORDER BY r.other, r.kind LIMIT 50";
const MERGED: &str = "SELECT id FROM customer_profiles WHERE merged_into = $1 ORDER BY id";
const MARKS: &str = "SELECT mark, case_id, since, person FROM customer_marks WHERE customer = $1 \
     OR customer IN (SELECT id FROM customer_profiles WHERE merged_into = $1) ORDER BY since, case_id";
// $1 person, $2 now, $3 customer
const OWED: &str = "SELECT c.id, c.number, c.subject, c.pack_hash, c.procedure, k.deadline, k.due FROM cases c \
     JOIN clocks k ON k.case_id = c.id AND k.ended IS NULL AND k.state <> 'paused' \
     WHERE c.customer = $3 AND c.ended IS NULL AND (c.handler = $1 OR c.first_contact_owner = $1 OR c.registrar = $1 \
     OR c.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
     OR c.owning_unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2)) \
     ORDER BY k.due, c.id LIMIT 50";

/// A number of any kind with its middle hidden.
pub(super) fn hidden(number: &Number) -> String {
    match number.kind.as_str() {
        "phone" => masked(&number.number),
        "email" => match number.number.split_once('@') {
            Some((name, host)) => {
                let first: String = name.chars().take(1).collect();
                format!("{first}***@{host}")
            }
            None => "***".to_owned(),
        },
        _ => {
            let letters: Vec<char> = number.number.chars().collect();
            let (head, tail) = if letters.len() > 5 { (2, 2) } else { (1, 0) };
            let part = |part: &[char]| part.iter().collect::<String>();
            let shown = letters.len().min(head);
            format!(
                "{}****{}",
                part(letters.get(..shown).unwrap_or_default()),
                part(
                    letters
                        .get(letters.len() - tail.min(letters.len())..)
                        .unwrap_or_default()
                )
            )
        }
    }
}

/// The marks that stand on a customer.
pub async fn marks(app: &App, customer: Id) -> Result<Vec<MarkView>, StoreError> {
    let picture = app.centre.surroundings().picture;
    let rows = app.centre.store.query(MARKS, &[customer.0.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(MarkView {
                mark: row.text(0)?.to_owned(),
                case: row.int(1)?.to_string(),
                since: Moment::from_millis(row.int(2)?).to_string(),
                person_name: picture.person_name(row.opt_int(3)?.map(Id)).map(str::to_owned),
            })
        })
        .collect()
}

async fn owed(
    app: &App,
    around: &Surroundings,
    caller: &Caller,
    customer: Id,
    language: Language,
) -> Result<Vec<Owed>, StoreError> {
    let now = app.centre.store.now();
    let params: [Value; 3] = [caller.person.0.into(), now.into(), customer.0.into()];
    let rows = app.centre.store.query(OWED, &params).await?;
    rows.iter()
        .map(|row| {
            let pack = around.packs.by_hash(row.text(3)?);
            let procedure = pack
                .as_ref()
                .and_then(|pack| pack.procedure(row.text(4).unwrap_or_default()));
            let deadline = row.text(5)?;
            let title = procedure
                .and_then(|procedure| procedure.deadline(deadline))
                .map_or_else(|| deadline.to_owned(), |known| language.say(&known.title));
            let due = row.int(6)?;
            Ok(Owed {
                case: row.int(0)?.to_string(),
                number: row.text(1)?.to_owned(),
                subject: row.text(2)?.to_owned(),
                deadline: deadline.to_owned(),
                title,
                due_at: Moment::from_millis(due).to_string(),
                late: due < now,
            })
        })
        .collect()
}

async fn relations(app: &App, customer: Id, language: Language) -> Result<Vec<RelationView>, StoreError> {
    let mut all = Vec::new();
    for (sql, there) in [(STATED_HERE, false), (STATED_THERE, true)] {
        for row in app.centre.store.query(sql, &[customer.0.into()]).await? {
            let stated = row.text(2)?;
            if stated == relation::APART {
                continue;
            }
            let kind = if there { relation::inverse(stated) } else { stated };
            all.push(RelationView {
                customer: row.int(0)?.to_string(),
                name: row.text(1)?.to_owned(),
                kind: kind.to_owned(),
                title: language.say(&relation::word(kind)),
                note: row.text(3)?.to_owned(),
                stated_there: there,
            });
        }
    }
    Ok(all)
}

/// The page of a customer whom the caller sees.
pub async fn view(app: &App, caller: &Caller, asked: Id) -> Answer<CustomerView> {
    let store = &app.centre.store;
    let missing = || Problem::not_found("这位客户", "customer");
    let mut id = asked;
    let mut standing = change::load(store, id).await?.ok_or_else(missing)?;
    // A record may be merged into one that was merged itself later.
    for _ in 0..10 {
        let Some(into) = standing.customer.merged_into else {
            break;
        };
        id = into;
        standing = change::load(store, id).await?.ok_or_else(missing)?;
    }
    sight::must_see(app, caller, id).await?;
    let around = app.centre.surroundings();
    let language = caller.language;
    let customer: &Customer = &standing.customer;
    let time = |at: i64| Moment::from_millis(at).to_string();
    let merged = store.query(MERGED, &[RecordId(id.0).into()]).await?;
    Ok(CustomerView {
        id: id.to_string(),
        was: (asked != id).then(|| asked.to_string()),
        version: standing.head.seq,
        name: customer.name.clone(),
        kind: if customer.organisation {
            "organisation"
        } else {
            "person"
        }
        .to_owned(),
        numbers: customer
            .numbers
            .iter()
            .map(|(no, number)| NumberView {
                no: *no,
                kind: number.kind.clone(),
                masked: hidden(number),
                has_extension: !number.extension.is_empty(),
                label: number.label.clone(),
            })
            .collect(),
        places: customer
            .places
            .iter()
            .map(|place| PlaceView {
                label: place.label.clone(),
                area: place.area.clone(),
                building: place.building.clone(),
                unit: place.unit.clone(),
                room: place.room.clone(),
                text: place.text.clone(),
                line: place.line(),
            })
            .collect(),
        relations: relations(app, id, language).await?,
        tags: customer.tags.iter().cloned().collect(),
        needs: customer.needs.clone(),
        preferences: customer.preferences.clone(),
        services: customer
            .services
            .iter()
            .map(|service| ServiceView {
                kind: service.kind.clone(),
                what: service.what.clone(),
                at: time(service.at),
                until: service.until.map(time),
                amount: service.amount,
                note: service.note.clone(),
            })
            .collect(),
        notes: customer.notes.clone(),
        registered_at: customer.registered.map(|at| at.to_string()),
        registrar_name: around.picture.person_name(customer.registrar).map(str::to_owned),
        unit_name: customer
            .unit
            .map(|unit| around.picture.unit_name(unit).to_owned()),
        marks: marks(app, id).await?,
        owed: owed(app, &around, caller, id, language).await?,
        merged: merged
            .iter()
            .map(|row| row.int(0).map(|id| id.to_string()))
            .collect::<Result<_, _>>()?,
        may: May {
            edit: Permission::EditCustomers.anywhere(&caller.actor),
            unmask: Permission::UnmaskCustomers.anywhere(&caller.actor),
            merge: Permission::MergeCustomers.anywhere(&caller.actor),
            answer_requests: Permission::AnswerDataRequests.anywhere(&caller.actor),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gen_11_addresses_of_every_kind_are_hidden() {
        let of = |kind: &str, number: &str| {
            hidden(&Number {
                kind: kind.to_owned(),
                number: number.to_owned(),
                ..Number::default()
            })
        };
        assert_eq!(of("phone", "13800006021"), "138****6021");
        assert_eq!(of("email", "shen@example.com"), "s***@example.com");
        assert_eq!(of("wechat", "wx_shen88"), "wx****88");
        assert_eq!(of("wechat", "wx"), "w****");
        assert_eq!(of("other", ""), "****");
    }
}
