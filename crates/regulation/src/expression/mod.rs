//! The language of conditions: a typed, bounded subset of CEL.
//!
//! Knows: how a condition is written, which names and types it may use, what it gives. Never: knows what a case is (the
//! [`Environment`] declares names, a [`Scope`] gives values), fails while evaluating, or runs without bound.
//!
//! # What can be written
//!
//! - literals `'major'` or `"major"` (escapes `\n \t \\ \' \" \u4e00`), `12`, `true`, `false`, lists `['a', 'b']`; no null;
//! - names `case.previous_round.plan`, `case['紧急程度']` (the same as a member); ASCII except in quotes;
//! - `== != < <= > >= in`, `&& || !`, `+ - * / %`, `condition ? a : b`, parentheses;
//! - `has(case.x)`, `size(x)` or `x.size()`, `min(a, b)`, `max(a, b)`, `abs(x)`, text: `x.contains(y)`, `x.startsWith(y)`,
//!   `x.endsWith(y)`, lists: `x.contains(y)`, `x.all(v, condition)`, `x.exists(v, condition)`, `x.filter(v, condition)`,
//!   `x.map(v, value)`, none of the last four inside another;
//! - times: `time('11:00')`, `date('2026-12-01')`, `duration('2 hours')` (also minutes, seconds), `timeOf(moment)`,
//!   `dateOf(moment)`; a difference of moments is a duration, moment ± duration a moment;
//! - methods that the environment declares: `case.done('reply')`.
//!
//! # What a missing value means
//!
//! A field without a value is *missing*. `==` with it is false and `!=` true (so `case.a == case.a` is false where `a`
//! is missing); orderings, `in`, `contains`, `startsWith`, `endsWith`, `all` and `exists` are false; arithmetic, `size`,
//! `min`, `max`, `filter`, `map` and methods with a missing argument give missing; `has(x)` asks. Where a condition is
//! wanted (`!`, `&&`, `||`, `?:`, the whole) a missing one is false, so that `!case.flag` holds where the flag was never
//! set. Overflow, division by zero, lists longer than [`LONGEST_LIST`] and texts made longer than [`LONGEST_TEXT`] bytes
//! are missing. `&&` and `||` do not depend on the order of their sides. Division rounds towards zero, as in CEL.
//!
//! # What is not known yet
//!
//! A scope may answer [`Value::Unknown`] for what is still being typed. [`Expression::known`] then says what is certain
//! whatever will be typed: `false && unknown` is false. A known result never changes when something becomes known.
//!
//! # Example
//!
//! ```
//! use regulation::expression::{Environment, ObjectType, Parameter, Scope, Type, Value, compile};
//! use regulation::source::Place;
//!
//! let case = ObjectType::new()
//!     .field("round", Type::Int)
//!     .field("class", Type::choice("class", ["liable", "not_liable", "assist"]))
//!     .field("previous_round", Type::object("round"))
//!     .method("done", [Parameter::name("动作", "action", ["reply", "settle"])], Type::Int);
//! let environment = Environment::new()
//!     .root_object("case", case)
//!     .object("round", ObjectType::new().field("plan", Type::Text))
//!     .root_object("input", ObjectType::new().field("plan", Type::Text))
//!     .root("now", Type::Moment);
//!
//! let place = Place::new("complaint.yaml", 12, 16);
//! let guard = compile("case.round == 1 || input.plan != case.previous_round.plan", &Type::Bool, &environment, &place);
//! let guard = guard.unwrap();
//! assert!(guard.reads_from("input"));
//!
//! let wrong = compile("case.clas == 'liabel'", &Type::Bool, &environment, &place).unwrap_err();
//! assert_eq!(
//!     wrong[0].to_string(),
//!     "complaint.yaml:12:21: case has no \"clas\". Did you mean \"class\"? Known: class, done(…), previous_round, round."
//! );
//!
//! struct Typing;
//! impl Scope for Typing {
//!     fn member(&self, path: &[&str]) -> Value {
//!         match path {
//!             ["case", "round"] => Value::Int(2),
//!             ["case", "previous_round", "plan"] => "repair".into(),
//!             ["input", _] => Value::Unknown,
//!             _ => Value::Missing,
//!         }
//!     }
//!     fn call(&self, _: &[&str], _: &str, _: &[Value]) -> Value {
//!         Value::Missing
//!     }
//!     fn utc_offset(&self, _: i64) -> i64 {
//!         8 * 3_600_000
//!     }
//! }
//! assert_eq!(guard.known(&Typing), None);          // hangs on what is typed
//! assert!(guard.holds(&Typing));                   // with nothing typed the plan is missing, which differs
//! ```

mod check;
mod code;
mod evaluate;
mod literal;
mod parse;
mod problem;
mod token;
mod tree;
mod types;
mod value;

use std::fmt;
use std::sync::Arc;

use crate::source::{Mistake, Origin, Place};

use code::Code;
pub use types::{Choice, Environment, Method, ObjectType, Parameter, Type};
pub use value::{Scope, Value};

/// Characters of a condition.
pub const LONGEST: usize = 4_000;
/// Parts inside each other, parentheses too.
pub const DEEPEST: usize = 32;
/// Items of a list; a longer list counts as missing.
pub const LONGEST_LIST: usize = 1_000;
/// Bytes of a text made with `+`; a longer one is missing.
pub const LONGEST_TEXT: usize = 40_000;
/// Steps that a condition may take at worst, every list taken at its longest.
pub const HIGHEST_COST: u64 = 100_000;
/// Names in a path such as `case.previous_round.plan`.
pub const MOST_NAMES: usize = 8;
/// Parameters of a method.
pub const MOST_PARAMETERS: usize = 4;

/// A compiled condition or value. Cheap to clone.
#[derive(Clone)]
pub struct Expression {
    text: Arc<str>,
    place: Place,
    code: Arc<Code>,
    reads: Arc<[Read]>,
    result: Type,
    cost: u64,
}

/// Something that an expression asks its scope for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The path, root first.
    pub path: Arc<[Arc<str>]>,
    /// The method called on it.
    pub method: Option<Arc<str>>,
    /// The method's first argument where it is a literal text (`reply` in `case.done('reply')`).
    pub argument: Option<Arc<str>>,
}

/// Compiles an expression that must give `expected`. `origin` is where its characters stand:
/// [`Node::origin`](crate::source::Node::origin) of its scalar, or the place of the first character.
///
/// # Errors
/// Every mistake of names and types found, or the first one of writing; each with its exact place.
pub fn compile(
    text: &str,
    expected: &Type,
    environment: &Environment,
    origin: impl Into<Origin>,
) -> Result<Expression, Vec<Mistake>> {
    build(text, Some(expected), environment, &origin.into())
}

/// Compiles an expression of any type; [`Expression::result`] tells which.
///
/// # Errors
/// As [`compile`].
pub fn infer(
    text: &str,
    environment: &Environment,
    origin: impl Into<Origin>,
) -> Result<Expression, Vec<Mistake>> {
    build(text, None, environment, &origin.into())
}

fn build(
    text: &str,
    expected: Option<&Type>,
    environment: &Environment,
    origin: &Origin,
) -> Result<Expression, Vec<Mistake>> {
    let tree = parse::parse(text).map_err(|problem| vec![problem.placed(origin)])?;
    let checked = check::check(&tree, expected, environment);
    let checked =
        checked.map_err(|problems| problems.into_iter().map(|p| p.placed(origin)).collect::<Vec<_>>())?;
    Ok(Expression {
        text: text.into(),
        place: origin.first().clone(),
        code: Arc::new(checked.code),
        reads: checked.reads.into(),
        result: checked.result,
        cost: checked.cost,
    })
}

impl Expression {
    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it begins.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The type of what it gives.
    pub fn result(&self) -> &Type {
        &self.result
    }

    /// Steps it takes at worst.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// What it asks its scope for, each once, in the order of writing.
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// Whether it asks for anything under this root (`input`, `facts`).
    pub fn reads_from(&self, root: &str) -> bool {
        self.reads
            .iter()
            .any(|read| read.path.first().is_some_and(|first| &**first == root))
    }

    /// The names directly under a root that it asks for: the facts a guard needs, with `names_under("facts")`.
    pub fn names_under<'e>(&'e self, root: &'e str) -> impl Iterator<Item = &'e str> {
        self.reads.iter().filter_map(move |read| match &*read.path {
            [first, second, ..] if &**first == root => Some(&**second),
            _ => None,
        })
    }

    /// What it gives; what is not known counts as missing. Never fails, and ends within [`Expression::cost`] steps.
    pub fn evaluate(&self, scope: &dyn Scope) -> Value {
        evaluate::evaluate(&self.code, scope)
    }

    /// What it gives whatever the unknown values turn out to be; `None` if that is not certain.
    pub fn evaluate_known(&self, scope: &dyn Scope) -> Option<Value> {
        evaluate::evaluate_known(&self.code, scope)
    }

    /// Whether the condition holds; a missing one does not.
    pub fn holds(&self, scope: &dyn Scope) -> bool {
        self.evaluate(scope) == Value::Bool(true)
    }

    /// Whether the condition holds whatever the unknown values turn out to be; `None` if that is not certain.
    pub fn known(&self, scope: &dyn Scope) -> Option<bool> {
        self.evaluate_known(scope).map(|value| value == Value::Bool(true))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?} at {})", self.text, self.place)
    }
}

/// As written.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
