//! What conditions see: `case`, `input`, `actor`, `facts`, `round`, `start`, `now` (docs/pack-language.md, "Conditions").

use std::collections::BTreeMap;
use std::sync::Arc;

use calendar::{Calendar, Date, Moment};

use super::{Actor, Setting};
use crate::Id;
use crate::case::{BODY, Case, ClockState, FieldValue, Fields};
use crate::expression::{Expression, Scope, Value};
use crate::model::{Fact, Field, FieldKind, Measure, Procedure};

const DAY: i64 = 86_400_000;

/// The truth of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// Holds.
    Yes,
    /// Does not, or reads something missing.
    No,
    /// Hangs on what is not typed yet.
    Hangs,
}

impl Truth {
    pub(super) fn is_yes(self) -> bool {
        self == Truth::Yes
    }
}

/// What is typed.
#[derive(Clone, Copy)]
pub(super) enum Typed<'a> {
    /// Nothing: every field is missing.
    Nothing,
    /// Not yet: every field is unknown.
    Unknown,
    /// These values, of these fields.
    Given(&'a Fields, &'a [Field]),
}

/// Everything a condition may read.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) case: Option<&'a Case>,
    procedure: &'a Procedure,
    actor: &'a Actor,
    calendar: &'a Calendar,
    facts: &'a BTreeMap<String, FieldValue>,
    input: Typed<'a>,
    start: Option<Moment>,
    pub(super) now: Moment,
    round: Option<u32>,
}

impl<'a> Around<'a> {
    pub(super) fn new(
        setting: &Setting<'a>,
        procedure: &'a Procedure,
        case: Option<&'a Case>,
        unit: Option<Id>,
        facts: &'a BTreeMap<String, FieldValue>,
        input: Typed<'a>,
    ) -> Self {
        Around {
            case,
            procedure,
            actor: setting.actor,
            calendar: setting.organisation.calendar(setting.pack, unit),
            facts,
            input,
            start: None,
            now: setting.now,
            round: None,
        }
    }

    pub(super) fn case(
        setting: &Setting<'a>,
        procedure: &'a Procedure,
        case: &'a Case,
        facts: &'a BTreeMap<String, FieldValue>,
        input: Typed<'a>,
    ) -> Self {
        Self::new(setting, procedure, Some(case), Some(case.unit), facts, input)
    }

    pub(super) fn with_input<'b>(&'b self, input: Typed<'b>) -> Around<'b> {
        Around { input, ..*self }
    }

    pub(super) fn with_start(&self, start: Moment) -> Around<'a> {
        Around {
            start: Some(start),
            ..*self
        }
    }

    pub(super) fn with_round(&self, round: u32) -> Around<'a> {
        Around {
            round: Some(round),
            ..*self
        }
    }

    /// Whether a person acts, not the engine.
    pub(super) fn by_person(&self) -> bool {
        self.actor.person.is_some()
    }

    pub(super) fn truth(&self, condition: &Expression) -> Truth {
        match condition.known(self) {
            Some(true) => Truth::Yes,
            Some(false) => Truth::No,
            None => Truth::Hangs,
        }
    }

    /// The worked-out value; `None` when missing or unknown.
    pub(super) fn value(&self, expression: &Expression) -> Option<FieldValue> {
        stored(&expression.evaluate(self))
    }

    fn case_member(&self, case: &Case, key: &str) -> Value {
        let id = |id: Option<Id>| id.map_or(Value::Missing, |id| Value::Id(id.0));
        let count = |n: usize| Value::Int(n as i64);
        match key {
            "round" => Value::Int(i64::from(case.round)),
            "stage" => Value::text(case.stage.as_str()),
            "number" => Value::text(case.number.as_str()),
            "received_at" => Value::Moment(case.received.as_millis()),
            "opened_at" => Value::Moment(case.opened.as_millis()),
            "closed_at" => case
                .ended
                .map_or(Value::Missing, |at| Value::Moment(at.as_millis())),
            "ended" => Value::Bool(case.ended.is_some()),
            "handler" => id(case.handler),
            "first_contact_owner" => id(case.first_contact_owner),
            "registrar" => id(case.registrar),
            "customer" => id(case.customer),
            "unit" => id(Some(case.unit)),
            "owning_unit" => id(Some(case.owning_unit)),
            "channel" => Value::text(case.channel.as_str()),
            "urged" => Value::Int(i64::from(case.urged)),
            "supervised" => Value::Bool(case.supervised),
            "held" => Value::Bool(case.held),
            "subcases" => count(case.subcases.len()),
            "open_subcases" => count(
                case.subcases
                    .iter()
                    .filter(|subcase| subcase.ended.is_none())
                    .count(),
            ),
            field => self.case_field(&case.fields, field),
        }
    }

    fn case_field(&self, fields: &Fields, key: &str) -> Value {
        let kind = self.procedure.fields.get(key).map(|field| &field.kind);
        fields.get(key).map_or(Value::Missing, |value| seen(value, kind))
    }

    fn round_fields(&self, case: &'a Case, round: u32) -> &'a Fields {
        case.rounds
            .get(round as usize - 1)
            .map_or(&case.fields, |past| &past.fields)
    }

    fn case_call(&self, case: &Case, method: &str, name: &str) -> Value {
        let clocks = || case.clocks.iter().filter(|clock| clock.deadline == name);
        match method {
            "done" => Value::Int(case.doings.iter().filter(|doing| doing.action == name).count() as i64),
            "doer" => {
                let last = case.doings.iter().rev().find(|doing| doing.action == name);
                last.and_then(|doing| doing.actor)
                    .map_or(Value::Missing, |id| Value::Id(id.0))
            }
            "subcases_in" => {
                let ended = case
                    .subcases
                    .iter()
                    .filter(|subcase| subcase.ended.as_deref() == Some(name));
                Value::Int(ended.count() as i64)
            }
            "late" => Value::Bool(clocks().any(|clock| clock.once_late)),
            "exempt" => Value::Bool(clocks().any(|clock| clock.state == ClockState::Exempt)),
            _ => Value::Missing,
        }
    }

    fn round_call(&self, case: &Case, round: u32, method: &str, name: &str) -> Value {
        let any =
            |states: &[ClockState]| {
                Value::Bool(case.clocks.iter().any(|clock| {
                    clock.deadline == name && clock.round == round && states.contains(&clock.state)
                }))
            };
        match method {
            "reached" => {
                let reached = case
                    .rounds
                    .get(round as usize - 1)
                    .map_or(&case.reached, |past| &past.reached);
                Value::Bool(reached.iter().any(|stage| stage == name))
            }
            "done" => any(&[ClockState::Kept, ClockState::KeptLate]),
            "kept" => any(&[ClockState::Kept]),
            "exempt" => any(&[ClockState::Exempt]),
            "late" => Value::Bool(
                case.clocks
                    .iter()
                    .any(|clock| clock.deadline == name && clock.round == round && clock.once_late),
            ),
            _ => Value::Missing,
        }
    }
}

impl Scope for Around<'_> {
    fn member(&self, path: &[&str]) -> Value {
        match *path {
            ["now"] => Value::Moment(self.now.as_millis()),
            ["start"] => self
                .start
                .map_or(Value::Missing, |at| Value::Moment(at.as_millis())),
            ["input", key] => match self.input {
                Typed::Nothing => Value::Missing,
                Typed::Unknown => Value::Unknown,
                Typed::Given(fields, known) => match fields.get(key) {
                    Some(value) if !value.is_blank() => {
                        let kind = known
                            .iter()
                            .find(|field| field.key == key)
                            .map(|field| &field.kind);
                        seen(
                            value,
                            kind.or_else(|| self.procedure.fields.get(key).map(|field| &field.kind)),
                        )
                    }
                    _ => Value::Missing,
                },
            },
            ["case", key] => self
                .case
                .map_or(Value::Missing, |case| self.case_member(case, key)),
            ["case", "previous_round", key] => match self.case.and_then(|case| case.rounds.last()) {
                Some(round) => self.case_field(&round.fields, key),
                None => Value::Missing,
            },
            ["actor", "person"] => self.actor.person.map_or(Value::Missing, |id| Value::Id(id.0)),
            ["facts", key] => {
                let fact = self.procedure.facts.iter().find(|fact| fact.key == key);
                let typed = |fact: &Fact| fact.same.iter().any(|(_, value)| value.reads_from("input"));
                match (self.facts.get(key), fact.map(|fact| &fact.measure)) {
                    // What is asked with a value still to be typed is as unknown as that value.
                    (_, Some(_)) if matches!(self.input, Typed::Unknown) && fact.is_some_and(typed) => {
                        Value::Unknown
                    }
                    (Some(FieldValue::Number(at)), Some(Measure::Latest)) => Value::Moment(*at),
                    (Some(FieldValue::Number(n)), Some(Measure::Exists)) => Value::Bool(*n > 0),
                    (Some(value), _) => seen(value, None),
                    (None, _) => Value::Missing,
                }
            }
            ["round", key] => match (self.case, self.round) {
                (Some(_), Some(round)) if key == "number" => Value::Int(i64::from(round)),
                (Some(case), Some(round)) if round > 0 => {
                    self.case_field(self.round_fields(case, round), key)
                }
                _ => Value::Missing,
            },
            _ => Value::Missing,
        }
    }

    fn call(&self, receiver: &[&str], method: &str, arguments: &[Value]) -> Value {
        let [Value::Text(name)] = arguments else {
            return Value::Missing;
        };
        match (receiver, self.case, self.round) {
            (["case"], Some(case), _) => self.case_call(case, method, name),
            (["case"], None, _) if method == "done" || method == "subcases_in" => Value::Int(0),
            (["case"], None, _) if method == "late" || method == "exempt" => Value::Bool(false),
            (["round"], Some(case), Some(round)) if round > 0 => self.round_call(case, round, method, name),
            (["actor"], _, _) => match method {
                "certified" => Value::Bool(self.actor.certificates.iter().any(|held| **held == **name)),
                "holds" => Value::Bool(self.actor.holdings.iter().any(|held| *held.function == **name)),
                _ => Value::Missing,
            },
            _ => Value::Missing,
        }
    }

    fn utc_offset(&self, moment: i64) -> i64 {
        let at = Moment::from_millis(moment);
        let time = self.calendar.time_of(at);
        let of_day = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60_000
            + i64::from(time.second()) * 1000
            + i64::from(time.millisecond());
        days_of(self.calendar.date_of(at)) * DAY + of_day - moment
    }
}

/// A stored value as a condition sees it.
fn seen(value: &FieldValue, kind: Option<&FieldKind>) -> Value {
    match (value, kind) {
        (FieldValue::Number(at), Some(FieldKind::Time { .. })) => Value::Moment(*at),
        (FieldValue::Number(number), _) => Value::Int(*number),
        (FieldValue::Flag(flag), _) => Value::Bool(*flag),
        (FieldValue::Text(text), Some(FieldKind::Date)) => text
            .parse::<Date>()
            .map_or(Value::Missing, |date| Value::Date(days_of(date))),
        (
            FieldValue::Text(text),
            Some(
                FieldKind::Person
                | FieldKind::People
                | FieldKind::OutsideBody
                | FieldKind::Unit
                | FieldKind::Customer
                | FieldKind::Case,
            ),
        ) => text.parse().map_or(Value::Missing, Value::Id),
        (FieldValue::Text(text), _) if text.trim().is_empty() => Value::Missing,
        (FieldValue::Text(text), _) => Value::text(text.as_str()),
        (FieldValue::List(items), kind) => Value::list(items.iter().map(|item| seen(item, kind))),
        (FieldValue::Row(cells), Some(FieldKind::OutsideBody)) => cells
            .get(BODY)
            .and_then(FieldValue::as_id)
            .map_or(Value::Missing, |id| Value::Id(id.0)),
        (FieldValue::Row(cells), kind) => {
            let columns = match kind {
                Some(FieldKind::Rows(columns)) => columns.as_slice(),
                _ => &[],
            };
            let cells = cells.iter().map(|(key, cell)| {
                let kind = columns
                    .iter()
                    .find(|column| column.key == *key)
                    .map(|column| &column.kind);
                (key.clone(), seen(cell, kind))
            });
            Value::Object(Arc::new(cells.collect()))
        }
    }
}

/// A worked-out value as it is kept.
fn stored(value: &Value) -> Option<FieldValue> {
    Some(match value {
        Value::Missing | Value::Unknown => return None,
        Value::Bool(flag) => FieldValue::Flag(*flag),
        Value::Int(number) | Value::Moment(number) | Value::TimeOfDay(number) | Value::Duration(number) => {
            FieldValue::Number(*number)
        }
        Value::Text(text) => FieldValue::Text(text.to_string()),
        Value::Date(days) => FieldValue::Text(date_of_days(*days)),
        Value::Id(id) => FieldValue::Text(id.to_string()),
        Value::List(items) => FieldValue::List(items.iter().filter_map(stored).collect()),
        Value::Object(cells) => FieldValue::Row(
            cells
                .iter()
                .filter_map(|(key, cell)| Some((key.clone(), stored(cell)?)))
                .collect(),
        ),
    })
}

/// Days since 1970-01-01.
fn days_of(date: Date) -> i64 {
    let (year, month, day) = (
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    );
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `2026-11-19` from days since 1970-01-01.
pub(super) fn date_of_days(days: i64) -> String {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (
        of_year - (153 * shifted + 2) / 5 + 1,
        if shifted < 10 { shifted + 3 } else { shifted - 9 },
    );
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
