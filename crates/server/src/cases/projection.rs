//! From a case's state to the rows that screens read: a pure function, so that `verify` can derive them again.

use regulation::case::ApprovalStatus;
use regulation::{Case, Clock, ClockState, Id};
use store::{Row, Value};

use crate::schema::{
    CASES, CLOCKS, CUSTOMER_MARKS, FACT_ENTRIES, QUESTIONS_ASKED, REFUSALS, SIGNATURES_ASKED,
};

fn id(value: Option<Id>) -> Value {
    value.map(|id| id.0).into()
}

/// The function in a pack's words: `department_head` of `department_head of case.department`.
fn function(who: &str) -> &str {
    who.split(' ').next().unwrap_or(who)
}

/// One letter per clock in order, for the small clause track in lists: running, paused, overdue (`l`ate), kept,
/// kept late (`h`), exempt, lapsed (`x`).
fn letter(clock: &Clock) -> char {
    match clock.state {
        ClockState::Running => 'r',
        ClockState::Paused => 'p',
        ClockState::Overdue => 'l',
        ClockState::Kept => 'k',
        ClockState::KeptLate => 'h',
        ClockState::Exempt => 'e',
        ClockState::Lapsed => 'x',
    }
}

/// Every row that follows from a case.
pub fn rows(case: &Case) -> Vec<Row> {
    let mut rows = vec![case_row(case)];
    rows.extend(case.clocks.iter().map(|clock| clock_row(case, clock)));
    rows.extend(case.refusals.iter().map(|(clause, action, person, at, seq)| Row {
        table: &REFUSALS,
        values: vec![
            case.id.0.into(),
            (*seq as i64).into(),
            case.pack.name.clone().into(),
            clause.pack.clone().into(),
            clause.clause.clone().into(),
            action.into(),
            id(*person),
            at.as_millis().into(),
            case.unit.0.into(),
        ],
    }));
    for approval in case
        .approvals
        .iter()
        .filter(|approval| approval.status == ApprovalStatus::Asked)
    {
        let Some(step) = approval.waiting_step() else {
            continue;
        };
        let slots = approval
            .steps
            .get(step as usize)
            .map_or(&[][..], |(_, slots)| slots);
        for (slot, asked) in slots.iter().enumerate() {
            let given = approval
                .signatures
                .iter()
                .any(|given| given.step == step && given.slot as usize == slot);
            if case.ended.is_none() && !given {
                rows.push(Row {
                    table: &SIGNATURES_ASKED,
                    values: vec![
                        case.id.0.into(),
                        approval.no.into(),
                        step.into(),
                        (slot as i64).into(),
                        function(&asked.who).into(),
                        asked.unit.unwrap_or(case.unit).0.into(),
                        id(asked.person),
                        approval.asked.as_millis().into(),
                    ],
                });
            }
        }
    }
    let asked = case
        .questions
        .iter()
        .filter(|question| question.answer.is_none() && case.ended.is_none());
    for question in asked {
        rows.extend(question.ask.iter().enumerate().map(|(slot, who)| Row {
            table: &QUESTIONS_ASKED,
            values: vec![
                case.id.0.into(),
                question.no.into(),
                (slot as i64).into(),
                question.question.as_str().into(),
                function(who).into(),
                id(question.about),
                case.unit.0.into(),
                question.raised.as_millis().into(),
            ],
        }));
    }
    rows.extend(case.marks.iter().map(|(mark, customer, since, person)| Row {
        table: &CUSTOMER_MARKS,
        values: vec![
            case.id.0.into(),
            mark.into(),
            customer.0.into(),
            since.as_millis().into(),
            id(*person),
        ],
    }));
    rows.extend(case.indexed.iter().map(|(name, key, amount)| Row {
        table: &FACT_ENTRIES,
        values: vec![
            name.clone().into(),
            key.into(),
            case.id.0.into(),
            case.received.as_millis().into(),
            (*amount).into(),
            id(case.customer),
            case.ended.is_some().into(),
            case.void.into(),
        ],
    }));
    rows
}

/// The rows that stay of a case whose contents were erased: what is counted, and a line without contents or customer.
pub fn erased_rows(case: &Case) -> Vec<Row> {
    let mut rows = rows(case);
    rows.retain(|row| [CASES.name, CLOCKS.name, REFUSALS.name].contains(&row.table.name));
    for row in rows.iter_mut().filter(|row| row.table.name == CASES.name) {
        for (column, value) in row.table.key.iter().chain(row.table.columns).zip(&mut row.values) {
            match column.name {
                "subject" => *value = "".into(),
                "customer" | "wakes" => *value = Value::Null,
                _ => {}
            }
        }
    }
    rows
}

fn case_row(case: &Case) -> Row {
    let nearest = case
        .clocks
        .iter()
        .filter(|clock| matches!(clock.state, ClockState::Running | ClockState::Overdue))
        .min_by_key(|clock| (clock.due, clock.no));
    Row {
        table: &CASES,
        values: vec![
            case.id.0.into(),
            case.number.as_str().into(),
            case.pack.name.clone().into(),
            case.pack.hash.clone().into(),
            case.procedure.as_str().into(),
            case.stage.as_str().into(),
            case.subject_text().into(),
            case.channel.as_str().into(),
            case.received.as_millis().into(),
            case.opened.as_millis().into(),
            case.ended.map(|at| at.as_millis()).into(),
            id(case.customer),
            case.owning_unit.0.into(),
            case.unit.0.into(),
            id(case.first_contact_owner),
            id(case.registrar),
            id(case.handler),
            id(case.parent),
            case.source.as_deref().into(),
            case.round.into(),
            case.supervised.into(),
            case.urged.into(),
            case.void.into(),
            id(case.merged.map(|merged| merged.into)),
            case.retained_until.map(|at| at.as_millis()).into(),
            nearest.map_or(i64::MAX, |clock| clock.due.as_millis()).into(),
            nearest.map(|clock| clock.no).into(),
            case.clocks.iter().map(letter).collect::<String>().into(),
            case.wakes_at().map(|at| at.as_millis()).into(),
            (case.version as i64).into(),
        ],
    }
}

fn clock_row(case: &Case, clock: &Clock) -> Row {
    Row {
        table: &CLOCKS,
        values: vec![
            case.id.0.into(),
            clock.no.into(),
            case.pack.name.clone().into(),
            clock.clause.pack.clone().into(),
            clock.clause.clause.clone().into(),
            clock.deadline.as_str().into(),
            clock.round.into(),
            clock.state.word().into(),
            clock.start.as_millis().into(),
            clock.due.as_millis().into(),
            clock.ended.map(|at| at.as_millis()).into(),
            clock.once_late.into(),
            id(clock.answers),
            case.unit.0.into(),
        ],
    }
}
