//! What stands beside a case: its parent, its sub-cases, its customer with their other cases.

use regulation::{Actor, Case, Id, Pack};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use crate::cases::words::masked;
use crate::centre::{Centre, Surroundings};
use crate::http::Language;
use crate::http::wire::stage_title;

/// A related case.
#[derive(Debug, Serialize, ToSchema)]
pub struct Related {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// What it is about, or its procedure.
    pub title: String,
    /// Its stage.
    pub stage_title: String,
    /// Whether it has ended.
    pub ended: bool,
    /// Whether it holds up the end of its parent.
    pub gates: bool,
}

/// The customer beside the case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerCard {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Numbers, masked.
    pub phones: Vec<String>,
    /// Premises.
    pub premises: String,
    /// Notes.
    pub notes: String,
    /// Marks that the confirmed outcome of a case set, by key (GEN-12).
    pub marks: Vec<String>,
    /// Other cases of theirs within the caller's reach, newest first.
    pub cases: Vec<Related>,
}

const CUSTOMER: &str = "SELECT name, premises, notes FROM customers WHERE id = $1";
const PHONES: &str = "SELECT phone FROM customer_phones WHERE customer = $1 ORDER BY phone";
const THEIR_CASES: &str = "SELECT id, number, subject, stage, ended, pack_hash, procedure FROM cases \
     WHERE customer = $1 AND id <> $2 AND (handler = $3 OR first_contact_owner = $3 OR registrar = $3 \
     OR unit IN (SELECT unit FROM scopes WHERE person = $3 AND since <= $4 AND until > $4) \
     OR owning_unit IN (SELECT unit FROM scopes WHERE person = $3 AND since <= $4 AND until > $4)) \
     ORDER BY received DESC, id DESC LIMIT 10";
const MARKS: &str = "SELECT DISTINCT mark FROM customer_marks WHERE customer = $1 \
     OR customer IN (SELECT id FROM customer_profiles WHERE merged_into = $1) ORDER BY mark";
const RELATED: &str =
    "SELECT id, number, subject, stage, ended, pack_hash, procedure FROM cases WHERE id = $1";

fn related_row(
    around: &Surroundings,
    row: &store::Answer,
    language: Language,
) -> Result<Related, StoreError> {
    let pack = around.packs.by_hash(row.text(5)?);
    let procedure = pack
        .as_ref()
        .and_then(|pack| pack.procedure(row.text(6).unwrap_or_default()));
    Ok(Related {
        id: row.int(0)?.to_string(),
        number: row.text(1)?.to_owned(),
        title: row.text(2)?.to_owned(),
        stage_title: stage_title(procedure.map(|procedure| &**procedure), row.text(3)?, language),
        ended: row.opt_int(4)?.is_some(),
        gates: false,
    })
}

pub(super) async fn related(
    centre: &Centre,
    around: &Surroundings,
    case: Id,
    language: Language,
) -> Result<Option<Related>, StoreError> {
    let rows = centre.store.query(RELATED, &[case.0.into()]).await?;
    rows.first()
        .map(|row| related_row(around, row, language))
        .transpose()
}

pub(super) async fn card(
    centre: &Centre,
    around: &Surroundings,
    actor: &Actor,
    customer: Id,
    case: Id,
    language: Language,
) -> Result<Option<CustomerCard>, StoreError> {
    let store = &centre.store;
    let viewer = actor.person.map_or(0, |person| person.0);
    let own = [customer.0.into()];
    let but_this = [
        customer.0.into(),
        case.0.into(),
        viewer.into(),
        store.now().into(),
    ];
    let (rows, numbers, theirs, marks) = tokio::try_join!(
        store.query(CUSTOMER, &own),
        store.query(PHONES, &own),
        store.query(THEIR_CASES, &but_this),
        store.query(MARKS, &own),
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut phones = Vec::with_capacity(numbers.len());
    for phone in &numbers {
        phones.push(masked(phone.text(0)?));
    }
    Ok(Some(CustomerCard {
        id: customer.to_string(),
        name: row.text(0)?.to_owned(),
        phones,
        premises: row.text(1)?.to_owned(),
        notes: row.text(2)?.to_owned(),
        marks: marks
            .iter()
            .map(|row| row.text(0).map(str::to_owned))
            .collect::<Result<_, _>>()?,
        cases: theirs
            .iter()
            .map(|row| related_row(around, row, language))
            .collect::<Result<_, _>>()?,
    }))
}

/// The cases that a case opened, as it remembers them.
pub(super) fn subcases(pack: &Pack, case: &Case, language: Language) -> Vec<Related> {
    let mut found = Vec::with_capacity(case.subcases.len());
    for subcase in &case.subcases {
        let procedure = pack.procedure(&subcase.procedure).map(|found| &**found);
        let title = procedure.map_or_else(
            || subcase.procedure.clone(),
            |procedure| language.say(&procedure.title),
        );
        let stage_title = match &subcase.ended {
            Some(stage) => stage_title(procedure, stage, language),
            None => language.pick("办理中", "open").to_owned(),
        };
        found.push(Related {
            id: subcase.case.to_string(),
            number: subcase.number.clone(),
            title,
            stage_title,
            ended: subcase.ended.is_some(),
            gates: subcase.gates,
        });
    }
    found
}
