//! Deciding: [`needs()`] says what must be asked of other records, [`decide()`] turns a command into events or a refusal.
//!
//! Both are pure. The shell answers the facts between the two, commits the events with the decision's conditions as
//! one batch, and on a conflict reads and decides again.
//!
//! A command is refused in this order, first found first said: unknown, stale, not here, forbidden, input, approvals,
//! guards, then what only the act itself shows (no way holds, a gating sub-case, a moved time without consent). Names
//! that may be taken only once are claimed in the decision and refused by the store when they are taken.
//!
//! Before any command the clocks are caught up: what fell due before now stands in an event of its own, placed first.

// A refusal is made at most once for a command and read by a person: its size costs nothing worth a box.
#![allow(clippy::result_large_err)]

mod act;
mod approvals;
mod basis;
mod claims;
mod clocks;
mod command;
mod disposal;
mod draw;
mod effects;
mod figure;
pub mod form;
mod itself;
mod json;
mod keys;
mod levels;
mod linking;
mod merging;
mod moving;
mod needs;
mod numbers;
mod offers;
mod open;
mod organisation;
mod outcome;
mod outlook;
mod pauses;
mod questions;
mod refusal;
mod sampling;
mod scope;
mod sight;
mod starts;
mod telling;
mod who;
mod work;

pub use command::{Command, Opened};
pub use draw::draw;
pub use figure::{FigureValue, figure};
pub(crate) use itself::index_of_customers;
pub use keys::{index_name, join_key};
pub use needs::needs_of_offers;
pub use offers::{Offer, Standing, offers};
pub use organisation::{Actor, Facts, Holding, Mode, Organisation, Setting};
pub use outcome::{Claim, Decision, FactQuery, Followup, Needs, NumberNeed, Other};
pub use outlook::{Track, outlook};
pub use refusal::{FieldProblem, Refusal};
pub use sampling::{DUE, Drawn, TURN, drawn, duty_asks, duty_is_due, in_population};
pub use who::{Ground, addressees, grounds, holds_one_of, ranks_above, say_who};

use crate::Id;
use crate::case::{Case, Event, EventKind, Fields};
use crate::model::{Field, Procedure};
use crate::source::{Said, nearest};
use work::Work;

/// What `decide` must be given: facts about other records, running numbers, ids.
pub fn needs(setting: &Setting<'_>, case: Option<&Case>, command: &Command) -> Needs {
    needs::needs(setting, case, command)
}

/// Turns a command into events, or says why not.
///
/// # Errors
/// The first [`Refusal`] in the order given above. Nothing has happened then; where
/// [`refused_event`] gives an event, the attempt itself is worth recording.
pub fn decide(
    setting: &Setting<'_>,
    case: Option<&Case>,
    facts: &Facts,
    command: &Command,
) -> Result<Decision, Refusal> {
    let facts = itself::counted(setting, sight::sight(setting, case, command), facts);
    decided(setting, case, &facts, command)
}

fn decided(
    setting: &Setting<'_>,
    case: Option<&Case>,
    facts: &Facts,
    command: &Command,
) -> Result<Decision, Refusal> {
    if let Command::Open {
        procedure,
        opened,
        input,
    } = command
    {
        let Some(known) = setting.pack.procedure(procedure) else {
            return Err(unknown(
                procedure,
                setting.pack.procedures.keys().map(String::as_str),
            ));
        };
        return open::by_hand(setting, facts, known, opened, input).map(|work| work.decision);
    }
    let Some(case) = case else {
        return Err(Refusal::Unknown {
            name: "case".to_owned(),
            nearest: None,
        });
    };
    if let Command::Move { to, stages } = command {
        let stage = stages
            .iter()
            .find(|(old, _)| *old == case.stage)
            .map_or(&case.stage, |(_, new)| new);
        let Some(procedure) = to.procedure(&case.procedure) else {
            let name = &case.procedure;
            let say = say(
                format!("新版本没有流程“{name}”"),
                format!("The other version has no procedure “{name}”"),
            );
            return Err(Refusal::Unmovable { reasons: vec![say] });
        };
        let mut work = work_on(setting, case, facts)?;
        levels::catch_up(&mut work);
        let mut work = Work::moved(work, to, procedure);
        moving::move_to(&mut work, stage.clone())?;
        return Ok(work.decision);
    }
    let mut work = work_on(setting, case, facts)?;
    let procedure = work.procedure;
    if let Command::Act { action, .. } = command
        && procedure.action(action).is_none()
    {
        return Err(unknown(
            action,
            procedure.actions.iter().map(|action| action.key.as_str()),
        ));
    }
    levels::catch_up(&mut work);
    match command {
        Command::Act { action, input, seen } => {
            let Some(action) = procedure.action(action) else {
                return Err(unknown(action, []));
            };
            act::admitted(&work, action, *seen, case)?;
            act::perform(&mut work, action, input)?;
        }
        Command::Sign {
            approval,
            agree,
            reason,
            seen,
        } => {
            act::fresh(&work, case, *seen)?;
            approvals::sign(&mut work, *approval, *agree, reason.as_deref())?;
        }
        Command::ReplaceSigner {
            approval,
            step,
            slot,
            person,
            reason,
        } => {
            approvals::replace_signer(&mut work, *approval, (*step, *slot), *person, reason)?;
        }
        Command::Answer {
            question,
            yes,
            reason,
        } => questions::answer(&mut work, *question, *yes, reason)?,
        Command::Raise { question, cause } => questions::raise_from_outside(&mut work, question, *cause)?,
        Command::SubcaseEnded { case, stage } => open::subcase_ended(&mut work, *case, stage)?,
        Command::CustomerMerged { customer } => effects::customer_merged(&mut work, *customer),
        Command::Link { joint } => linking::linked(&mut work, *joint),
        Command::Join {
            case,
            number,
            procedure,
            gates,
        } => linking::join(&mut work, *case, (number, procedure, *gates))?,
        Command::CalendarChanged => calendar_changed(&mut work),
        Command::Wake | Command::Open { .. } | Command::Move { .. } => {}
    }
    Ok(work.decision)
}

/// A dry run while typing: decides with placeholders for running numbers and ids, so that none is used up. The
/// decision must never be committed.
///
/// # Errors
/// As [`decide()`].
pub fn try_input(
    setting: &Setting<'_>,
    case: Option<&Case>,
    answers: Facts,
    command: &Command,
) -> Result<Decision, Refusal> {
    let needs = needs(setting, case, command);
    let numbers = needs
        .numbers
        .into_iter()
        .map(|need| (need.series, vec![0; need.count as usize]));
    let ids = (1..=i64::from(needs.ids)).map(|n| Id(-n));
    let facts = Facts {
        numbers: numbers.collect(),
        ids: ids.collect(),
        ..answers
    };
    decide(setting, case, &facts, command)
}

fn work_on<'a>(setting: &Setting<'a>, case: &Case, facts: &'a Facts) -> Result<Work<'a>, Refusal> {
    match setting.pack.procedure(&case.procedure) {
        Some(procedure) => Ok(Work::new(*setting, procedure, facts, case.clone())),
        None => Err(unknown(
            &case.procedure,
            setting.pack.procedures.keys().map(String::as_str),
        )),
    }
}

fn calendar_changed(work: &mut Work<'_>) {
    let version = work.case.version;
    work.setting.actor = &work::ENGINE;
    work.begin(EventKind::CalendarChanged, Fields::new());
    clocks::recompute(work);
    if work.event.changes.is_empty() {
        work.case.version = version;
    } else {
        work.finish();
    }
}

/// The event that records an attempt refused by a clause; `None` for other refusals, which are nobody's rule.
pub fn refused_event(setting: &Setting<'_>, case: &Case, action: &str, refusal: &Refusal) -> Option<Event> {
    let clause = refusal.clause()?.clone();
    Some(Event {
        case: case.id,
        happened: setting.now,
        actor: setting.actor.person,
        kind: EventKind::Refused {
            action: action.to_owned(),
            clause,
        },
        input: Fields::new(),
        changes: Vec::new(),
    })
}

/// A field as it is to be shown for what is typed so far.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The field.
    pub field: &'a Field,
    /// Whether a value must be given.
    pub required: bool,
}

/// Which fields of a form or action are asked, and which are required, with `input` typed so far.
pub fn shown<'a>(
    setting: &Setting<'_>,
    procedure: &Procedure,
    case: Option<&Case>,
    fields: &'a [Field],
    input: &Fields,
) -> Vec<Shown<'a>> {
    static NO_FACTS: std::collections::BTreeMap<String, crate::case::FieldValue> =
        std::collections::BTreeMap::new();
    let unit = case.map(|case| case.unit);
    let around = scope::Around::new(
        setting,
        procedure,
        case,
        unit,
        &NO_FACTS,
        scope::Typed::Given(input, fields),
    );
    let asked = fields.iter().filter(|field| form::asked(field, &around));
    asked
        .map(|field| Shown {
            field,
            required: form::required(field, input, &around),
        })
        .collect()
}

fn say(zh: impl Into<String>, en: impl Into<String>) -> Said {
    Said::new(zh, en)
}

fn unknown<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Refusal {
    Refusal::Unknown {
        name: name.to_owned(),
        nearest: nearest(name, known).map(str::to_owned),
    }
}
