//! What the language gives, refuses and guarantees.

mod behaviour;
mod laws;
mod mistakes;
mod speed;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Environment, Expression, ObjectType, Parameter, Scope, Type, Value, compile, infer};
use crate::source::Place;

/// Names like those of a complaint.
fn environment() -> Environment {
    let grade = Type::choice("grade", ["general", "major"]);
    let case = ObjectType::new()
        .field("class", Type::choice("class", ["liable", "not_liable", "assist"]))
        .field("grade", grade.clone())
        .field("round", Type::Int)
        .field("urged", Type::Int)
        .field("flag", Type::Bool)
        .field("other", Type::Bool)
        .field("matter", Type::Text)
        .field("plan", Type::Text)
        .field("紧急程度", Type::Text)
        .field("handler", Type::id("person"))
        .field("registrar", Type::id("person"))
        .field("unit", Type::id("unit"))
        .field("received_at", Type::Moment)
        .field("closed_at", Type::Moment)
        .field("day", Type::Date)
        .field("numbers", Type::list(Type::Int))
        .field(
            "reasons",
            Type::list(Type::choice("reason", ["busy", "customer"])),
        )
        .field("tasks", Type::list(Type::object("task")))
        .field("previous_round", Type::object("round"))
        .method(
            "done",
            [Parameter::name("动作", "action", ["reply", "settle"])],
            Type::Int,
        )
        .method("more_than", [Parameter::Any(Type::Int)], Type::Bool);
    Environment::new()
        .root_object("case", case)
        .object(
            "round",
            ObjectType::new().field("plan", Type::Text).field("grade", grade),
        )
        .object(
            "task",
            ObjectType::new()
                .field("done", Type::Bool)
                .field("cost", Type::Int),
        )
        .root_object(
            "input",
            ObjectType::new()
                .field("plan", Type::Text)
                .field("amount", Type::Int),
        )
        .root_object("facts", ObjectType::new().field("swaps", Type::Int))
        .root("now", Type::Moment)
}

/// 2026-11-19 10:30:00 in Shanghai.
const RECEIVED: i64 = 1_795_055_400_000;

/// Values by path with dots; anything else is missing, and what begins with `input.` is unknown unless given.
#[derive(Clone, Default)]
struct Given(BTreeMap<String, Value>);

impl Given {
    fn with(mut self, path: &str, value: impl Into<Value>) -> Self {
        self.0.insert(path.to_owned(), value.into());
        self
    }
}

impl Scope for Given {
    fn member(&self, path: &[&str]) -> Value {
        let otherwise = if path.first() == Some(&"input") {
            Value::Unknown
        } else {
            Value::Missing
        };
        self.0.get(&path.join(".")).cloned().unwrap_or(otherwise)
    }

    fn call(&self, receiver: &[&str], method: &str, arguments: &[Value]) -> Value {
        match (receiver, method, arguments) {
            (["case"], "done", [Value::Text(action)]) => Value::Int(i64::from(&**action == "reply")),
            (["case"], "more_than", [Value::Int(number)]) => Value::Bool(*number < 3),
            _ => Value::Missing,
        }
    }

    fn utc_offset(&self, _: i64) -> i64 {
        8 * 3_600_000
    }
}

fn sample() -> Given {
    let task = |done: bool, cost: i64| {
        let fields = BTreeMap::from([
            ("done".to_owned(), Value::Bool(done)),
            ("cost".to_owned(), Value::Int(cost)),
        ]);
        Value::Object(Arc::new(fields))
    };
    Given::default()
        .with("case.class", "liable")
        .with("case.grade", "general")
        .with("case.round", 2)
        .with("case.flag", true)
        .with("case.matter", "电梯停运")
        .with("case.紧急程度", "急")
        .with("case.handler", Value::Id(7))
        .with("case.registrar", Value::Id(7))
        .with("case.received_at", Value::Moment(RECEIVED))
        .with("case.day", Value::Date(20_776))
        .with("case.numbers", Value::list([1.into(), 2.into(), 3.into()]))
        .with("case.reasons", Value::list(["busy".into()]))
        .with("case.tasks", Value::list([task(true, 5), task(false, 9)]))
        .with("case.previous_round.plan", "repair")
        .with("facts.swaps", 3)
        .with("now", Value::Moment(RECEIVED + 7_200_000))
}

fn place() -> Place {
    Place::new("a.yaml", 3, 10)
}

fn build(text: &str) -> Expression {
    infer(text, &environment(), place()).unwrap_or_else(|mistakes| panic!("{text}: {}", mistakes[0]))
}

fn condition(text: &str) -> Expression {
    compile(text, &Type::Bool, &environment(), place())
        .unwrap_or_else(|mistakes| panic!("{text}: {}", mistakes[0]))
}
