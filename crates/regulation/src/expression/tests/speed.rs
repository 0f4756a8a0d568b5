use std::sync::Arc;
use std::time::Instant;

use super::condition;
use crate::expression::{Scope, Value};

struct Fixed(Arc<str>, Arc<str>, Arc<str>);

impl Scope for Fixed {
    fn member(&self, path: &[&str]) -> Value {
        match path {
            ["case", "class"] => Value::Text(self.0.clone()),
            ["input", "plan"] => Value::Text(self.1.clone()),
            ["case", "previous_round", "plan"] => Value::Text(self.2.clone()),
            _ => Value::Missing,
        }
    }

    fn call(&self, _: &[&str], _: &str, _: &[Value]) -> Value {
        Value::Missing
    }

    fn utc_offset(&self, _: i64) -> i64 {
        0
    }
}

/// The aim is under a microsecond in a release build; a debug build on a busy machine is allowed a hundred times that,
/// which still fails if evaluation begins to build strings or to copy lists.
#[test]
fn a_guard_is_evaluated_in_about_a_microsecond() {
    let guard = condition("case.class == 'liable' && input.plan != case.previous_round.plan");
    let scope = Fixed("liable".into(), "new plan".into(), "old plan".into());
    let rounds = 10_000;
    let start = Instant::now();
    let held = (0..rounds)
        .filter(|_| guard.holds(std::hint::black_box(&scope)))
        .count();
    let each = start.elapsed() / rounds;
    assert_eq!(held, rounds as usize);
    assert!(each.as_micros() < 100, "{each:?} each");
}
