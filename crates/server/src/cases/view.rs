//! The case page in one answer.

use calendar::Moment;
use regulation::case::ApprovalStatus;
use regulation::decide::{Mode, Offer, Standing, offers, outlook};
use regulation::model::{Given, Procedure};
use regulation::{Actor, Case, FieldValue, Id, Organisation, Refusal, Setting};
use serde::Serialize;
use store::{RecordId, StoreError};
use utoipa::ToSchema;

use super::query::CaseLine;
use super::shell::ShellError;
use super::timeline::{Entry, Teller};
use super::words::{Reader, masked};
use super::{payload, query, rights};
use crate::centre::{Centre, Surroundings};
use crate::http::Language;
use crate::http::wire::{
    ClauseTag, ClockView, FieldView, clause_tag, clock_view, field_view, kind_word, limit_words,
    refusal_said, stage_title,
};

/// A case as its page shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// The line that lists show.
    #[serde(flatten)]
    pub line: CaseLine,
    /// Version of the pack it is pinned to.
    pub pack_version: String,
    /// When it was opened.
    pub opened_at: String,
    /// Who registered it.
    pub registrar_name: Option<String>,
    /// Where it was received.
    pub owning_unit_name: String,
    /// The case that opened it.
    pub parent: Option<Related>,
    /// Cases it opened.
    pub subcases: Vec<Related>,
    /// Its form, in the paper's order.
    pub fields: Vec<FieldSaid>,
    /// The clause track: every deadline in order, those not begun too.
    pub clocks: Vec<ClockView>,
    /// Clocks of earlier rounds and settings.
    pub past_clocks: Vec<ClockView>,
    /// Newest first.
    pub timeline: Vec<Entry>,
    /// What can be done.
    pub offers: Vec<OfferView>,
    /// Signatures.
    pub approvals: Vec<ApprovalView>,
    /// Questions.
    pub questions: Vec<QuestionView>,
    /// The customer, masked.
    pub customer_card: Option<CustomerCard>,
    /// Position that a search or list must have reached to show this state.
    pub position: Option<i64>,
}

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

/// A field with its value in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldSaid {
    /// Key.
    pub key: String,
    /// Label.
    pub title: String,
    /// Kind.
    pub kind: String,
    /// In words; empty when not filled.
    pub display: String,
    /// Personal data.
    pub personal: bool,
    /// Whether it stands on the intake form (the paper), and not only on an action.
    pub on_form: bool,
}

/// An action as offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferView {
    /// Key.
    pub action: String,
    /// The button.
    pub title: String,
    /// The clause it carries out.
    pub clause: Option<ClauseTag>,
    /// What it asks.
    pub fields: Vec<FieldView>,
    /// `possible`, `needs_input` or `refused`.
    pub state: String,
    /// Why refused.
    pub refusal: Option<RefusalView>,
    /// Whether it may end the case.
    pub ends: bool,
    /// A right open on every case.
    pub right: bool,
    /// The next thing that can be done: the first permitted one.
    pub primary: bool,
}

/// Why an action is refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalView {
    /// The kind of refusal.
    pub why: String,
    /// In words.
    pub say: String,
    /// The clause behind it.
    pub clause: Option<ClauseTag>,
    /// Who could.
    pub could: Vec<String>,
}

/// An approval.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalView {
    /// Number in the case.
    pub no: u32,
    /// Key.
    pub approval: String,
    /// Name.
    pub title: String,
    /// The clause behind it.
    pub clause: ClauseTag,
    /// `asked`, `granted` or `refused`.
    pub status: String,
    /// Steps in order.
    pub steps: Vec<StepView>,
    /// Whether the caller can sign now.
    pub may_sign: bool,
}

/// A step of an approval.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// How many signatures are enough.
    pub need: u32,
    /// Who signs.
    pub slots: Vec<SlotView>,
}

/// A signer's place.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotView {
    /// Who signs, as people say it.
    pub who: String,
    /// Who signed, or is named.
    pub person_name: Option<String>,
    /// When.
    pub signed_at: Option<String>,
    /// Agreed or objected.
    pub agreed: Option<bool>,
}

/// A question.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionView {
    /// Number in the case.
    pub no: u32,
    /// What is asked.
    pub title: String,
    /// The clause behind it.
    pub clause: ClauseTag,
    /// When it was raised.
    pub raised_at: String,
    /// The person concerned.
    pub about_name: Option<String>,
    /// The answer.
    pub answer: Option<bool>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// Whether the caller can answer now.
    pub may_answer: bool,
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
    /// Other cases of theirs, newest first.
    pub cases: Vec<Related>,
}

const CUSTOMER: &str = "SELECT name, premises, notes FROM customers WHERE id = $1";
const PHONES: &str = "SELECT phone FROM customer_phones WHERE customer = $1 ORDER BY phone";
const THEIR_CASES: &str = "SELECT id, number, subject, stage, ended, pack_hash, procedure FROM cases \
     WHERE customer = $1 AND id <> $2 ORDER BY received DESC, id DESC LIMIT 10";
const RELATED: &str =
    "SELECT id, number, subject, stage, ended, pack_hash, procedure FROM cases WHERE id = $1";

/// Whether a person may see a case: it lies in their units, or they handle, follow or registered it.
pub fn visible(around: &Surroundings, actor: &Actor, case: &Case) -> bool {
    let mine = actor.person.is_some()
        && [case.handler, case.first_contact_owner, case.registrar].contains(&actor.person);
    mine || around.picture.reaches(actor, case.unit) || around.picture.reaches(actor, case.owning_unit)
}

/// The page of a case, or `None` when it is not there or out of reach.
pub async fn case_view(
    centre: &Centre,
    actor: &Actor,
    case: Id,
    language: Language,
) -> Result<Option<CaseView>, ShellError> {
    let around = centre.surroundings();
    let store = &centre.store;
    let history = store.load(RecordId(case.0)).await?;
    let Some((state, _)) = payload::replay(&history)? else {
        return Ok(None);
    };
    if !visible(&around, actor, &state) {
        return Ok(None);
    }
    let Some(line) = query::one(store, &around, case, language).await? else {
        return Ok(None);
    };
    let pack = around
        .packs
        .by_hash(&state.pack.hash)
        .ok_or_else(|| ShellError::NoSuchPack(state.pack.hash.to_string()))?;
    let procedure = pack.procedure(&state.procedure).cloned();
    let now = Moment::from_millis(store.now());
    let setting = Setting {
        pack: &pack,
        organisation: &*around.picture,
        actor,
        now,
        seed: 0,
        mode: Mode::Live,
    };
    let facts = centre.facts_of_offers(&setting, &state).await?;
    let teller = Teller {
        pack: &pack,
        procedure: procedure.as_deref(),
        packs: &around.packs,
        reader: Reader {
            picture: &around.picture,
            calendar: around.picture.calendar(&pack, Some(state.unit)),
            now,
            language,
        },
    };
    let mut timeline = Vec::with_capacity(history.len());
    for stored in history.iter().rev() {
        if let Some(event) = payload::event(stored)? {
            timeline.push(teller.entry(&state, &event, stored.seq, Moment::from_millis(stored.recorded)));
        }
    }
    let tracks = outlook(&setting, &state);
    let shown: Vec<u32> = tracks
        .iter()
        .filter_map(|track| track.clock.map(|clock| clock.no))
        .collect();
    let clocks = tracks
        .iter()
        .map(|track| match track.clock {
            Some(clock) => clock_view(&around.packs, Some(track.deadline), clock, now, language),
            None => pending(&around, track.deadline, state.round, language),
        })
        .collect();
    let past_clocks = state
        .clocks
        .iter()
        .filter(|clock| !shown.contains(&clock.no))
        .map(|clock| {
            let deadline = procedure
                .as_ref()
                .and_then(|procedure| procedure.deadline(&clock.deadline));
            clock_view(&around.packs, deadline, clock, now, language)
        })
        .collect();
    let mut subcases = Vec::new();
    for subcase in &state.subcases {
        let title = pack.procedure(&subcase.procedure).map_or_else(
            || subcase.procedure.clone(),
            |procedure| language.say(&procedure.title),
        );
        subcases.push(Related {
            id: subcase.case.to_string(),
            number: subcase.number.clone(),
            title,
            stage_title: subcase.ended.as_deref().map_or_else(
                || language.pick("办理中", "open").to_owned(),
                |stage| {
                    stage_title(
                        pack.procedure(&subcase.procedure).map(|found| &**found),
                        stage,
                        language,
                    )
                },
            ),
            ended: subcase.ended.is_some(),
            gates: subcase.gates,
        });
    }
    Ok(Some(CaseView {
        pack_version: pack.version.clone(),
        opened_at: state.opened.to_string(),
        registrar_name: around.picture.person_name(state.registrar).map(str::to_owned),
        owning_unit_name: around.picture.unit_name(state.owning_unit).to_owned(),
        parent: match state.parent {
            Some(parent) => related(centre, &around, parent, language).await?,
            None => None,
        },
        subcases,
        fields: procedure
            .as_deref()
            .map(|procedure| fields(&teller, procedure, &state))
            .unwrap_or_default(),
        clocks,
        past_clocks,
        timeline,
        offers: offer_views(&around, offers(&setting, &state, &facts), language),
        approvals: approvals(&around, procedure.as_deref(), &setting, &teller, &state),
        questions: questions(&around, procedure.as_deref(), &setting, &state, language),
        customer_card: match state.customer {
            Some(customer) => card(centre, &around, customer, case, language).await?,
            None => None,
        },
        position: None,
        line,
    }))
}

fn pending(
    around: &Surroundings,
    deadline: &regulation::model::Deadline,
    round: u32,
    language: Language,
) -> ClockView {
    ClockView {
        no: None,
        deadline: deadline.key.clone(),
        title: language.say(&deadline.title),
        clause: clause_tag(&around.packs, &deadline.clause, language),
        state: "pending".to_owned(),
        started_at: None,
        due_at: None,
        ended_at: None,
        soon_at: None,
        limit: limit_words(deadline, language),
        origin: "pack".to_owned(),
        round,
        provisional: false,
        reason: None,
        took_ms: None,
        late_ms: None,
        replaced_by: None,
    }
}

fn fields(teller: &Teller<'_>, procedure: &Procedure, case: &Case) -> Vec<FieldSaid> {
    let form: Vec<&str> = procedure
        .intake_fields
        .iter()
        .map(|field| field.key.as_str())
        .collect();
    let others = procedure
        .fields
        .values()
        .filter(|field| !form.contains(&field.key.as_str()));
    procedure
        .intake_fields
        .iter()
        .chain(others.filter(|field| case.fields.contains_key(&field.key)))
        .map(|field| {
            let value = match &field.given {
                Given::Typed => case.fields.get(&field.key).cloned(),
                Given::Record(key) => record_value(case, key),
            };
            let display = match (&field.given, &value) {
                (Given::Record(key), Some(value)) => record_words(teller, key, value),
                (_, Some(value)) => teller.reader.value(field, value),
                (_, None) => String::new(),
            };
            FieldSaid {
                key: field.key.clone(),
                title: teller.reader.language.say(&field.title),
                kind: kind_word(&field.kind).to_owned(),
                display,
                personal: field.personal,
                on_form: form.contains(&field.key.as_str()),
            }
        })
        .collect()
}

fn record_value(case: &Case, key: &str) -> Option<FieldValue> {
    let id = |id: Option<Id>| id.map(FieldValue::from);
    let time = |at: Option<Moment>| at.map(|at| FieldValue::Number(at.as_millis()));
    match key {
        "number" => Some(FieldValue::Text(case.number.clone())),
        "received_at" => time(Some(case.received)),
        "opened_at" => time(Some(case.opened)),
        "closed_at" => time(case.ended),
        "registrar" => id(case.registrar),
        "first_contact_owner" => id(case.first_contact_owner),
        "handler" => id(case.handler),
        "unit" => id(Some(case.unit)),
        "customer" => id(case.customer),
        "channel" => Some(FieldValue::Text(case.channel.clone())),
        _ => case.fields.get(key).cloned(),
    }
}

fn record_words(teller: &Teller<'_>, key: &str, value: &FieldValue) -> String {
    let reader = &teller.reader;
    match (key, value) {
        ("received_at" | "opened_at" | "closed_at", FieldValue::Number(ms)) => {
            super::words::time(Moment::from_millis(*ms), reader.now, reader.calendar)
        }
        ("registrar" | "first_contact_owner" | "handler", value) => reader
            .picture
            .person_name(value.as_id())
            .unwrap_or_default()
            .to_owned(),
        ("unit", value) => value
            .as_id()
            .map(|unit| reader.picture.unit_name(unit).to_owned())
            .unwrap_or_default(),
        (_, FieldValue::Text(text)) => text.clone(),
        (_, FieldValue::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn offer_views(around: &Surroundings, offers: Vec<Offer<'_>>, language: Language) -> Vec<OfferView> {
    let first = offers
        .iter()
        .position(|offer| !offer.right && !matches!(offer.standing, Standing::Refused(_)));
    offers
        .into_iter()
        .enumerate()
        .map(|(index, offer)| {
            let (state, refusal) = match &offer.standing {
                Standing::Possible => ("possible", None),
                Standing::HangsOnInput => ("needs_input", None),
                Standing::Refused(refusal) => (
                    "refused",
                    Some(refusal_view(around, refusal, &offer.who, language)),
                ),
            };
            OfferView {
                action: offer.key.to_owned(),
                title: language.say(offer.title),
                clause: offer
                    .clause
                    .map(|clause| clause_tag(&around.packs, clause, language)),
                fields: offer
                    .ask
                    .iter()
                    .map(|field| field_view(field, language))
                    .collect(),
                state: state.to_owned(),
                refusal,
                ends: offer.ends,
                right: offer.right,
                primary: first == Some(index),
            }
        })
        .collect()
}

fn refusal_view(
    around: &Surroundings,
    refusal: &Refusal,
    who: &[regulation::Said],
    language: Language,
) -> RefusalView {
    RefusalView {
        why: crate::http::problem::why(refusal).to_owned(),
        say: language.say(&refusal_said(refusal)),
        clause: refusal
            .clause()
            .map(|clause| clause_tag(&around.packs, clause, language)),
        could: who.iter().map(|one| language.say(one)).collect(),
    }
}

fn approvals(
    around: &Surroundings,
    procedure: Option<&Procedure>,
    setting: &Setting<'_>,
    teller: &Teller<'_>,
    case: &Case,
) -> Vec<ApprovalView> {
    let language = teller.reader.language;
    case.approvals
        .iter()
        .rev()
        .map(|approval| {
            let stated = procedure.and_then(|procedure| {
                procedure
                    .approvals
                    .iter()
                    .find(|one| one.key == approval.approval)
            });
            let status = match approval.status {
                ApprovalStatus::Asked => "asked",
                ApprovalStatus::Granted => "granted",
                ApprovalStatus::Refused => "refused",
            };
            let steps = approval
                .steps
                .iter()
                .enumerate()
                .map(|(step, (need, slots))| StepView {
                    need: *need,
                    slots: slots
                        .iter()
                        .enumerate()
                        .map(|(slot, asked)| {
                            let given = approval
                                .signatures
                                .iter()
                                .find(|given| given.step as usize == step && given.slot as usize == slot);
                            let unit = asked
                                .unit
                                .map(|unit| around.picture.unit_name(unit))
                                .unwrap_or_default();
                            SlotView {
                                who: format!("{unit}{}{}", language.pick("", " "), teller.who(&asked.who))
                                    .trim()
                                    .to_owned(),
                                person_name: around
                                    .picture
                                    .person_name(given.and_then(|given| given.person).or(asked.person))
                                    .map(str::to_owned),
                                signed_at: given.map(|given| given.at.to_string()),
                                agreed: given.map(|given| given.agreed),
                            }
                        })
                        .collect(),
                })
                .collect();
            ApprovalView {
                no: approval.no,
                approval: approval.approval.clone(),
                title: stated.map_or_else(|| approval.approval.clone(), |stated| language.say(&stated.title)),
                clause: clause_tag(&around.packs, &approval.clause, language),
                status: status.to_owned(),
                steps,
                may_sign: rights::may_sign(setting, case, approval.no),
            }
        })
        .collect()
}

fn questions(
    around: &Surroundings,
    procedure: Option<&Procedure>,
    setting: &Setting<'_>,
    case: &Case,
    language: Language,
) -> Vec<QuestionView> {
    case.questions
        .iter()
        .rev()
        .map(|question| {
            let stated = procedure.and_then(|procedure| {
                procedure
                    .questions
                    .iter()
                    .find(|one| one.key == question.question)
            });
            QuestionView {
                no: question.no,
                title: stated.map_or_else(
                    || {
                        language
                            .pick("延误由谁负责，请核定", "Who answers for the delay?")
                            .to_owned()
                    },
                    |stated| language.say(&stated.title),
                ),
                clause: clause_tag(&around.packs, &question.clause, language),
                raised_at: question.raised.to_string(),
                about_name: around.picture.person_name(question.about).map(str::to_owned),
                answer: question.answer.map(|(yes, _, _)| yes),
                answered_by: question
                    .answer
                    .and_then(|(_, person, _)| around.picture.person_name(person))
                    .map(str::to_owned),
                may_answer: question.answer.is_none() && rights::may_answer(setting, case, question.no),
            }
        })
        .collect()
}

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

async fn related(
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

async fn card(
    centre: &Centre,
    around: &Surroundings,
    customer: Id,
    case: Id,
    language: Language,
) -> Result<Option<CustomerCard>, StoreError> {
    let rows = centre.store.query(CUSTOMER, &[customer.0.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut phones = Vec::new();
    for phone in centre.store.query(PHONES, &[customer.0.into()]).await? {
        phones.push(masked(phone.text(0)?));
    }
    let theirs = centre
        .store
        .query(THEIR_CASES, &[customer.0.into(), case.0.into()])
        .await?;
    Ok(Some(CustomerCard {
        id: customer.to_string(),
        name: row.text(0)?.to_owned(),
        phones,
        premises: row.text(1)?.to_owned(),
        notes: row.text(2)?.to_owned(),
        cases: theirs
            .iter()
            .map(|row| related_row(around, row, language))
            .collect::<Result<_, _>>()?,
    }))
}
