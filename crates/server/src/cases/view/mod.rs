//! The case page in one answer.

mod approvals;
mod clocks;
mod fields;
mod offers;
mod questions;
mod related;

use calendar::Moment;
use regulation::decide::{self, Mode};
use regulation::{Actor, Case, Id, Organisation, Setting};
use serde::Serialize;
use store::RecordId;
use utoipa::ToSchema;

pub use approvals::{ApprovalView, SlotView, StepView};
pub use fields::FieldSaid;
pub use offers::{OfferView, RefusalView};
pub use questions::QuestionView;
pub use related::{CustomerCard, Related};

use super::query::CaseLine;
use super::shell::ShellError;
use super::timeline::{Entry, Teller};
use super::words::Reader;
use super::{payload, query};
use crate::centre::{Centre, Surroundings};
use crate::http::Language;
use crate::http::wire::ClockView;

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
    let Some(events) = payload::events(&history)? else {
        return Ok(None);
    };
    let Some(state) = Case::replay(&events).filter(|state| visible(&around, actor, state)) else {
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
    // What the tables say is asked at once.
    let beside = async {
        let parent = async {
            match state.parent {
                Some(parent) => related::related(centre, &around, parent, language).await,
                None => Ok(None),
            }
        };
        let card = async {
            match state.customer {
                Some(customer) => related::card(centre, &around, actor, customer, case, language).await,
                None => Ok(None),
            }
        };
        tokio::try_join!(query::one(store, &around, case, language), parent, card).map_err(ShellError::from)
    };
    let ((line, parent, customer_card), facts) =
        tokio::try_join!(beside, centre.facts_of_offers(&setting, &state))?;
    let Some(line) = line else {
        return Ok(None);
    };
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
    let told = history.iter().zip(&events).rev();
    let timeline = told
        .map(|(stored, event)| teller.entry(&state, event, stored.seq, Moment::from_millis(stored.recorded)))
        .collect();
    let (clocks, past_clocks) = clocks::clocks(&around, procedure.as_deref(), &setting, &state, language);
    Ok(Some(CaseView {
        pack_version: pack.version.clone(),
        opened_at: state.opened.to_string(),
        registrar_name: around.picture.person_name(state.registrar).map(str::to_owned),
        owning_unit_name: around.picture.unit_name(state.owning_unit).to_owned(),
        parent,
        subcases: related::subcases(&pack, &state, language),
        fields: procedure
            .as_deref()
            .map(|procedure| fields::fields(&teller, procedure, &state))
            .unwrap_or_default(),
        clocks,
        past_clocks,
        timeline,
        offers: offers::offer_views(&around, decide::offers(&setting, &state, &facts), language),
        approvals: approvals::approvals(&around, procedure.as_deref(), &setting, &teller, &state),
        questions: questions::questions(&around, procedure.as_deref(), &setting, &state, language),
        customer_card,
        position: None,
        line,
    }))
}
