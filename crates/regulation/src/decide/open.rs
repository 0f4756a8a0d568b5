//! Opening cases: by hand, or by an action of another case (GEN-22).

use calendar::Moment;

use super::effects;
use super::form;
use super::numbers::Allotted;
use super::scope::{Around, Typed};
use super::who::{About, entitled, say_who};
use super::work::{ENGINE, Work};
use super::{Facts, Mode, Opened, Refusal, Setting, approvals, claims, clocks, questions};
use crate::Id;
use crate::case::{Case, Change, Event, EventKind, FieldValue, Fields, PinnedPack};
use crate::model::{Action, Opening, Procedure, Trigger};

static NO_FACTS: Facts = Facts {
    values: std::collections::BTreeMap::new(),
    numbers: std::collections::BTreeMap::new(),
    ids: Vec::new(),
    others: std::collections::BTreeMap::new(),
};

/// Where a case about to be opened belongs.
pub(super) fn units(setting: &Setting<'_>, opened: &Opened) -> (Option<Id>, Option<Id>) {
    let owning = opened
        .owning_unit
        .or(opened.unit)
        .or_else(|| setting.actor.holdings.first().map(|held| held.unit));
    (opened.unit.or(owning), owning)
}

/// Opens a case by hand.
pub(super) fn by_hand<'a>(
    setting: &Setting<'a>,
    facts: &'a Facts,
    procedure: &'a Procedure,
    opened: &Opened,
    input: &Fields,
) -> Result<Work<'a>, Refusal> {
    let (unit, owning_unit) = units(setting, opened);
    may_open(setting, procedure, opened)?;
    may_back_date(setting, procedure, opened)?;
    let input = checked_input(setting, facts, procedure, opened, input)?;
    let (Some(unit), Some(owning_unit)) = (unit, owning_unit) else {
        let problem = form::problem(
            "",
            "owning_unit",
            "请指明受理部门",
            "Name the unit where it is received",
        );
        return Err(Refusal::Input {
            problems: vec![problem],
        });
    };
    let mut allotted = Allotted::default();
    let calendar = setting.organisation.calendar(setting.pack, Some(unit));
    let number = allotted.number(facts, &procedure.number, calendar, setting.now)?;
    let id = match opened.case {
        Some(id) => id,
        None => allotted.id(facts)?,
    };
    let began = Began {
        id,
        number,
        received: opened.received.unwrap_or(setting.now),
        channel: opened.channel.clone(),
        customer: opened.customer,
        owning_unit,
        unit,
        first_contact_owner: opened.first_contact_owner.or(setting.actor.person),
        parent: opened.parent,
        source: opened.source.clone(),
    };
    let mut work = begin(setting, facts, procedure, began, input, Fields::new())?;
    work.allotted = allotted;
    Ok(work)
}

/// Whether the actor may open one.
pub(super) fn may_open(setting: &Setting<'_>, procedure: &Procedure, opened: &Opened) -> Result<(), Refusal> {
    let (unit, owning_unit) = units(setting, opened);
    let by_engine = setting.actor.person.is_none();
    let about = About {
        case: None,
        unit,
        owning_unit,
    };
    if by_engine || entitled(setting, setting.actor, &procedure.opened_by, about).is_some() {
        return Ok(());
    }
    Err(Refusal::Forbidden {
        action: procedure.key.clone(),
        clause: procedure.intake_clause.clone(),
        could: procedure
            .opened_by
            .iter()
            .map(|who| say_who(setting.pack, who))
            .collect(),
    })
}

/// From when on an earlier contact is back-dated: a clock runs while the caller is still speaking.
const BACK_DATED: i64 = 5 * 60_000;

/// Back-dating as it happens is a right of its own (house.back_dating); imports say when things happened.
fn may_back_date(setting: &Setting<'_>, procedure: &Procedure, opened: &Opened) -> Result<(), Refusal> {
    let is_back_dated = opened
        .received
        .is_some_and(|received| received.plus(BACK_DATED) < setting.now);
    let Some(rule) = &setting.pack.back_dating else {
        return Ok(());
    };
    if !is_back_dated || setting.mode == Mode::Historic || setting.actor.person.is_none() {
        return Ok(());
    }
    let (unit, owning_unit) = units(setting, opened);
    let about = About {
        case: None,
        unit,
        owning_unit,
    };
    if entitled(setting, setting.actor, &rule.by, about).is_some() {
        return Ok(());
    }
    Err(Refusal::Forbidden {
        action: procedure.key.clone(),
        clause: Some(rule.clause.clone()),
        could: rule.by.iter().map(|who| say_who(setting.pack, who)).collect(),
    })
}

/// The intake form, read.
fn checked_input(
    setting: &Setting<'_>,
    facts: &Facts,
    procedure: &Procedure,
    opened: &Opened,
    input: &Fields,
) -> Result<Fields, Refusal> {
    let (unit, _) = units(setting, opened);
    let around = Around::new(setting, procedure, None, unit, &facts.values, Typed::Nothing);
    let read = form::check(&procedure.intake_fields, input, &around, setting.mode);
    let mut problems = Vec::new();
    let read = read.unwrap_or_else(|found| {
        problems = found;
        Fields::new()
    });
    if opened.received.is_some_and(|received| received > setting.now) {
        problems.push(form::problem(
            "",
            "received",
            "来访时间不能晚于现在",
            "A contact cannot have reached us later than now",
        ));
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(Refusal::Input { problems })
    }
}

struct Began {
    id: Id,
    number: String,
    received: Moment,
    channel: String,
    customer: Option<Id>,
    owning_unit: Id,
    unit: Id,
    first_contact_owner: Option<Id>,
    parent: Option<Id>,
    source: Option<String>,
}

/// The case as the facts of an opening see it: what is typed and known, nothing decided yet.
pub(super) fn provisional(
    setting: &Setting<'_>,
    procedure: &Procedure,
    opened: &Opened,
    input: &Fields,
) -> Option<Case> {
    let (unit, owning_unit) = units(setting, opened);
    let event = Event {
        case: opened.case.unwrap_or(Id(0)),
        happened: setting.now,
        actor: setting.actor.person,
        kind: EventKind::Opened,
        input: input.clone(),
        changes: vec![Change::Began {
            pack: PinnedPack {
                name: setting.pack.name.clone(),
                hash: setting.pack.hash.clone(),
            },
            procedure: procedure.key.clone(),
            number: String::new(),
            received: opened.received.unwrap_or(setting.now),
            channel: opened.channel.clone(),
            subject: procedure.subject.clone(),
            customer: opened.customer.filter(|_| procedure.customer),
            owning_unit: owning_unit.unwrap_or(Id(0)),
            unit: unit.unwrap_or(Id(0)),
            first_contact_owner: opened.first_contact_owner.or(setting.actor.person),
            registrar: setting.actor.person,
            parent: opened.parent,
            source: None,
        }],
    };
    Case::begun(&event)
}

/// The opening event with all that follows from it: stage, alarms, approvals, clocks, questions, index entries.
fn begin<'a>(
    setting: &Setting<'a>,
    facts: &'a Facts,
    procedure: &'a Procedure,
    began: Began,
    input: Fields,
    sets: Fields,
) -> Result<Work<'a>, Refusal> {
    let pack = setting.pack;
    let event = Event {
        case: began.id,
        happened: setting.now,
        actor: setting.actor.person,
        kind: EventKind::Opened,
        input,
        changes: vec![Change::Began {
            pack: PinnedPack {
                name: pack.name.clone(),
                hash: pack.hash.clone(),
            },
            procedure: procedure.key.clone(),
            number: began.number,
            received: began.received,
            channel: began.channel,
            subject: procedure.subject.clone(),
            customer: began.customer.filter(|_| procedure.customer),
            owning_unit: began.owning_unit,
            unit: began.unit,
            first_contact_owner: began.first_contact_owner,
            registrar: setting.actor.person,
            parent: began.parent,
            source: began.source,
        }],
    };
    let Some(case) = Case::begun(&event) else {
        return Err(Refusal::Unknown {
            name: procedure.key.clone(),
            nearest: None,
        });
    };
    let mut work = Work::new(*setting, procedure, facts, case);
    work.opened_with(event);
    for (key, value) in sets {
        effects::set(&mut work, &key, Some(value));
    }
    work.fired.push(Trigger::Received);
    if let Some(first) = procedure.stages.first() {
        effects::enter(&mut work, &first.key);
    }
    claims::at_opening(&mut work);
    questions::set_alarms(&mut work);
    approvals::ask(&mut work);
    clocks::settle(&mut work, &clocks::Endings::default())?;
    effects::ended(&mut work)?;
    questions::raise(&mut work);
    effects::index(&mut work);
    work.finish();
    Ok(work)
}

/// Opens the sub-cases of an action.
pub(super) fn subcases(work: &mut Work<'_>, action: &Action, input: &Fields) -> Result<(), Refusal> {
    for opening in &action.opens {
        for row in rows(opening, input) {
            let (row, columns) = match (&row, &opening.each) {
                (Some(row), Some(each)) => (row, columns(action, each)),
                _ => (input, action.ask.as_slice()),
            };
            // Asked of each row by itself: one call brings matters of several kinds (TEL-11).
            if !work.holds(opening.when.as_ref(), Typed::Given(row, columns)) {
                continue;
            }
            subcase(work, opening, Typed::Given(row, columns))?;
        }
    }
    Ok(())
}

fn columns<'m>(action: &'m Action, each: &str) -> &'m [crate::model::Field] {
    match action
        .ask
        .iter()
        .find(|field| field.key == each)
        .map(|field| &field.kind)
    {
        Some(crate::model::FieldKind::Rows(columns)) => columns,
        _ => &[],
    }
}

/// One entry for each case to open: the row it comes from, if it comes from one.
pub(super) fn rows(opening: &Opening, input: &Fields) -> Vec<Option<Fields>> {
    let Some(each) = &opening.each else {
        return vec![None];
    };
    match input.get(each) {
        Some(FieldValue::List(rows)) => rows
            .iter()
            .filter_map(|row| match row {
                FieldValue::Row(cells) => Some(Some(cells.clone())),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn subcase(work: &mut Work<'_>, opening: &Opening, input: Typed<'_>) -> Result<(), Refusal> {
    let (id, number, events) = child(work, opening, input, Some(work.case.id))?;
    work.decision.opened.push((id, events));
    let procedure = opening.procedure.clone();
    work.push(Change::SubcaseOpened {
        case: id,
        number,
        procedure,
        gates: opening.gates,
    });
    Ok(())
}

/// Opens a joint case that takes in others from its first event.
pub(super) fn joint(work: &mut Work<'_>, opening: &Opening, taken: Vec<Change>) -> Result<Id, Refusal> {
    let (id, _, mut events) = child(work, opening, Typed::Nothing, None)?;
    if let Some(first) = events.first_mut() {
        first.changes.extend(taken);
    }
    work.decision.opened.push((id, events));
    Ok(id)
}

/// The events of a case that this one opens.
fn child(
    work: &mut Work<'_>,
    opening: &Opening,
    input: Typed<'_>,
    parent: Option<Id>,
) -> Result<(Id, String, Vec<Event>), Refusal> {
    let pack = work.setting.pack;
    let Some(procedure) = pack.procedure(&opening.procedure) else {
        return Err(super::unknown(
            &opening.procedure,
            pack.procedures.keys().map(String::as_str),
        ));
    };
    let (mut unit, mut customer) = (work.case.unit, work.case.customer);
    let mut sets = Fields::new();
    for (key, source) in &opening.fields {
        let value = effects::source(work, source, input);
        let id = value.as_ref().and_then(FieldValue::as_id);
        match (key.as_str(), value) {
            ("unit", _) => unit = id.unwrap_or(unit),
            ("customer", _) => customer = id,
            (_, Some(value)) => {
                sets.insert(key.clone(), value);
            }
            (_, None) => {}
        }
    }
    let calendar = work.setting.organisation.calendar(pack, Some(unit));
    let number = work
        .allotted
        .number(work.facts, &procedure.number, calendar, work.setting.now)?;
    let id = work.new_id()?;
    let began = Began {
        id,
        number: number.clone(),
        received: work.setting.now,
        channel: "case".to_owned(),
        customer,
        owning_unit: work.case.owning_unit,
        unit,
        first_contact_owner: work.case.first_contact_owner,
        parent,
        source: None,
    };
    let child = begin(&work.setting, &NO_FACTS, procedure, began, Fields::new(), sets)?;
    work.decision.claims.extend(child.decision.claims);
    Ok((id, number, child.decision.events))
}

/// Tells the parent's clocks that a sub-case ended; the engine's doing, whoever ended the sub-case.
pub(super) fn subcase_ended(work: &mut Work<'_>, case: crate::Id, stage: &str) -> Result<(), Refusal> {
    if !work
        .case
        .subcases
        .iter()
        .any(|subcase| subcase.case == case && subcase.ended.is_none())
    {
        return Ok(());
    }
    work.setting.actor = &ENGINE;
    work.begin(EventKind::SubcaseEnded, Fields::new());
    work.push(Change::SubcaseEnded {
        case,
        stage: stage.to_owned(),
    });
    if work.case.subcases.iter().all(|subcase| subcase.ended.is_some()) {
        work.fired.push(Trigger::SubcasesEnded);
    }
    if work.case.ended.is_none() {
        approvals::ask(work);
        clocks::settle(work, &clocks::Endings::default())?;
        questions::raise(work);
        effects::index(work);
    }
    work.finish();
    Ok(())
}
