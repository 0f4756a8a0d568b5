//! Runs a checked expression. Three-valued where something is not known yet; never fails.

use std::cmp::Ordering;
use std::sync::Arc;

use super::code::{Code, Each, Extreme, TextTest};
use super::tree::{Logic, Operator};
use super::value::{Scope, Value};
use super::{LONGEST_LIST, LONGEST_TEXT, MOST_NAMES, MOST_PARAMETERS};

const DAY: i64 = 86_400_000;

pub(super) fn evaluate(code: &Code, scope: &dyn Scope) -> Value {
    let value = Run {
        scope,
        keeps_unknown: false,
    }
    .value(code, None);
    if value.has_unknown() {
        known_only(&value)
    } else {
        value
    }
}

pub(super) fn evaluate_known(code: &Code, scope: &dyn Scope) -> Option<Value> {
    let value = Run {
        scope,
        keeps_unknown: true,
    }
    .value(code, None);
    (!value.has_unknown()).then_some(value)
}

/// The value with what is not known as missing.
fn known_only(value: &Value) -> Value {
    match value {
        Value::Unknown => Value::Missing,
        Value::List(items) => Value::List(items.iter().map(known_only).collect()),
        Value::Object(fields) => Value::Object(Arc::new(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), known_only(value)))
                .collect(),
        )),
        value => value.clone(),
    }
}

struct Run<'s> {
    scope: &'s dyn Scope,
    keeps_unknown: bool,
}

impl Run<'_> {
    fn value(&self, code: &Code, variable: Option<&Value>) -> Value {
        let run = |code: &Code| self.value(code, variable);
        match code {
            Code::Constant(value) => value.clone(),
            Code::Path(path) => with_parts(path, |parts| self.taken(self.scope.member(parts))),
            Code::Variable => variable.map_or(Value::Missing, |value| self.taken(value.clone())),
            Code::Field(of, name) => match run(of) {
                Value::Object(fields) => fields
                    .get(&**name)
                    .map_or(Value::Missing, |v| self.taken(v.clone())),
                Value::Unknown => Value::Unknown,
                _ => Value::Missing,
            },
            Code::Call(path, method, arguments) => self.call(path, method, arguments, variable),
            Code::Not(of) => truth(run(of).truth().map(|truth| !truth)),
            Code::Negate(of) => match run(of) {
                Value::Int(number) => number.checked_neg().map_or(Value::Missing, Value::Int),
                Value::Duration(length) => length.checked_neg().map_or(Value::Missing, Value::Duration),
                Value::Unknown => Value::Unknown,
                _ => Value::Missing,
            },
            Code::Logic(Logic::And, items) => {
                truth(none_is(false, items.iter().map(|item| run(item).truth())))
            }
            Code::Logic(Logic::Or, items) => truth(none_is(true, items.iter().map(|item| run(item).truth()))),
            Code::Compare(operator, left, right) => truth(self.compare(*operator, &run(left), &run(right))),
            Code::Arithmetic(operator, left, right) => arithmetic(*operator, run(left), run(right)),
            Code::Choose(condition, yes, no) => match run(condition).truth() {
                Some(true) => run(yes),
                Some(false) => run(no),
                None => {
                    let (yes, no) = (run(yes), run(no));
                    if yes == no { yes } else { Value::Unknown }
                }
            },
            Code::List(items) => Value::List(items.iter().map(run).collect()),
            Code::Has(of) => truth(match run(of) {
                Value::Missing => Some(false),
                Value::Unknown => None,
                _ => Some(true),
            }),
            Code::Size(of) => match run(of) {
                Value::Text(text) => Value::Int(text.chars().count() as i64),
                Value::List(items) => Value::Int(items.len() as i64),
                Value::Unknown => Value::Unknown,
                _ => Value::Missing,
            },
            Code::Text(test, text, part) => truth(text_test(*test, &run(text), &run(part))),
            Code::Each(each, list, body) => match run(list) {
                Value::List(items) => self.each(*each, &items, body),
                Value::Unknown => Value::Unknown,
                _ if matches!(each, Each::All | Each::Exists) => Value::Bool(false),
                _ => Value::Missing,
            },
            Code::Extreme(extreme, left, right) => {
                let (left, right) = (run(left), run(right));
                match order(&left, &right) {
                    None => Value::Unknown,
                    Some(None) => Value::Missing,
                    Some(Some(order)) if (order == Ordering::Greater) == (*extreme == Extreme::Greatest) => {
                        left
                    }
                    Some(Some(_)) => right,
                }
            }
            Code::Absolute(of) => match run(of) {
                Value::Int(number) => number.checked_abs().map_or(Value::Missing, Value::Int),
                Value::Duration(length) => length.checked_abs().map_or(Value::Missing, Value::Duration),
                Value::Unknown => Value::Unknown,
                _ => Value::Missing,
            },
            Code::TimeOf(of) => self.local(run(of), |local| Value::TimeOfDay(local.rem_euclid(DAY))),
            Code::DateOf(of) => self.local(run(of), |local| Value::Date(local.div_euclid(DAY))),
        }
    }

    /// A value from outside, as this run takes it.
    fn taken(&self, value: Value) -> Value {
        match value {
            Value::Unknown if !self.keeps_unknown => Value::Missing,
            Value::List(items) if items.len() > LONGEST_LIST => Value::Missing,
            value => value,
        }
    }

    fn local(&self, moment: Value, of: impl Fn(i64) -> Value) -> Value {
        match moment {
            Value::Moment(moment) => moment
                .checked_add(self.scope.utc_offset(moment))
                .map_or(Value::Missing, of),
            Value::Unknown => Value::Unknown,
            _ => Value::Missing,
        }
    }

    fn call(&self, path: &[Arc<str>], method: &str, arguments: &[Code], variable: Option<&Value>) -> Value {
        let mut values = [const { Value::Missing }; MOST_PARAMETERS];
        let mut unknown = false;
        for (slot, argument) in values.iter_mut().zip(arguments) {
            *slot = self.value(argument, variable);
            match slot {
                Value::Missing => return Value::Missing,
                value => unknown |= value.has_unknown(),
            }
        }
        if unknown {
            return Value::Unknown;
        }
        let values = &values[..arguments.len().min(MOST_PARAMETERS)];
        with_parts(path, |parts| self.taken(self.scope.call(parts, method, values)))
    }

    fn each(&self, each: Each, items: &[Value], body: &Code) -> Value {
        let given = |item: &Value| self.value(body, Some(item));
        match each {
            Each::All => truth(none_is(false, items.iter().map(|item| given(item).truth()))),
            Each::Exists => truth(none_is(true, items.iter().map(|item| given(item).truth()))),
            Each::Map => Value::List(items.iter().map(given).collect()),
            Each::Filter => {
                let mut kept = Vec::new();
                for item in items {
                    match given(item).truth() {
                        Some(true) => kept.push(item.clone()),
                        Some(false) => {}
                        None => return Value::Unknown,
                    }
                }
                Value::List(kept.into())
            }
        }
    }

    fn compare(&self, operator: Operator, left: &Value, right: &Value) -> Option<bool> {
        let ordered = |holds: fn(Ordering) -> bool| order(left, right).map(|order| order.is_some_and(holds));
        match operator {
            Operator::Equal => self.equal(left, right),
            Operator::Unequal => self.equal(left, right).map(|equal| !equal),
            Operator::Less => ordered(Ordering::is_lt),
            Operator::LessOrEqual => ordered(Ordering::is_le),
            Operator::Greater => ordered(Ordering::is_gt),
            Operator::GreaterOrEqual => ordered(Ordering::is_ge),
            Operator::In => match (left, right) {
                (Value::Missing, _) | (_, Value::Missing) => Some(false),
                (_, Value::Unknown) => None,
                (_, Value::List(items)) => none_is(true, items.iter().map(|item| self.equal(left, item))),
                _ => Some(false),
            },
            _ => Some(false),
        }
    }

    fn equal(&self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::Missing, _) | (_, Value::Missing) => Some(false),
            (Value::Unknown, _) | (_, Value::Unknown) => (!self.keeps_unknown).then_some(false),
            (Value::List(left), Value::List(right)) => {
                if left.len() != right.len() {
                    return Some(false);
                }
                none_is(
                    false,
                    left.iter()
                        .zip(right.iter())
                        .map(|(left, right)| self.equal(left, right)),
                )
            }
            _ => Some(left == right),
        }
    }
}

fn with_parts(path: &[Arc<str>], give: impl FnOnce(&[&str]) -> Value) -> Value {
    let mut parts = [""; MOST_NAMES];
    for (slot, part) in parts.iter_mut().zip(path) {
        *slot = part;
    }
    give(&parts[..path.len().min(MOST_NAMES)])
}

fn truth(truth: Option<bool>) -> Value {
    truth.map_or(Value::Unknown, Value::Bool)
}

/// `decisive` if one of the truths is; else unknown if one is unknown; else the opposite.
fn none_is(decisive: bool, truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for truth in truths {
        match truth {
            Some(truth) if truth == decisive => return Some(decisive),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!decisive)
}

/// `None`: not known. `Some(None)`: no order, because one is missing.
fn order(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    Some(match (left, right) {
        (Value::Missing, _) | (_, Value::Missing) => None,
        (Value::Unknown, _) | (_, Value::Unknown) => return None,
        (Value::Int(left), Value::Int(right))
        | (Value::Moment(left), Value::Moment(right))
        | (Value::TimeOfDay(left), Value::TimeOfDay(right))
        | (Value::Date(left), Value::Date(right))
        | (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => None,
    })
}

fn text_test(test: TextTest, text: &Value, part: &Value) -> Option<bool> {
    match (text, part) {
        (Value::Missing, _) | (_, Value::Missing) => Some(false),
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Text(text), Value::Text(part)) => Some(match test {
            TextTest::Contains => text.contains(&**part),
            TextTest::StartsWith => text.starts_with(&**part),
            TextTest::EndsWith => text.ends_with(&**part),
        }),
        _ => Some(false),
    }
}

fn arithmetic(operator: Operator, left: Value, right: Value) -> Value {
    use Operator::{Minus, Over, Plus, Remainder, Times};
    use Value::{Date, Duration, Int, Missing, Moment, Text, TimeOfDay, Unknown};
    let number = |left: i64, right: i64| match operator {
        Plus => left.checked_add(right),
        Minus => left.checked_sub(right),
        Times => left.checked_mul(right),
        Over => left.checked_div(right),
        Remainder => left.checked_rem(right),
        _ => None,
    };
    let given = |kind: fn(i64) -> Value, left, right| number(left, right).map_or(Missing, kind);
    match (operator, left, right) {
        (_, Missing, _) | (_, _, Missing) => Missing,
        (_, Unknown, _) | (_, _, Unknown) => Unknown,
        (_, Int(left), Int(right)) => given(Int, left, right),
        (Plus, Text(left), Text(right)) if left.len() + right.len() <= LONGEST_TEXT => {
            Text([&*left, &*right].concat().into())
        }
        (Plus | Minus, Moment(left), Duration(right)) | (Plus, Duration(left), Moment(right)) => {
            given(Moment, left, right)
        }
        (Plus | Minus, Duration(left), Duration(right))
        | (Minus, Moment(left), Moment(right))
        | (Minus, TimeOfDay(left), TimeOfDay(right))
        | (Times | Over, Duration(left), Int(right))
        | (Times, Int(left), Duration(right)) => given(Duration, left, right),
        (Over, Duration(left), Duration(right)) => given(Int, left, right),
        (Minus, Date(left), Date(right)) => number(left, right)
            .and_then(|days| days.checked_mul(DAY))
            .map_or(Missing, Duration),
        _ => Missing,
    }
}
