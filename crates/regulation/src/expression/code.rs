//! A checked expression, ready to run.

use std::sync::Arc;

use super::tree::{Logic, Operator};
use super::value::Value;

/// Names from a root on.
pub(super) type Path = Arc<[Arc<str>]>;

#[derive(Debug)]
pub(super) enum Code {
    Constant(Value),
    Path(Path),
    /// The variable of the one `all`, `exists`, `filter` or `map` around it.
    Variable,
    Field(Box<Code>, Arc<str>),
    Call(Path, Arc<str>, Vec<Code>),
    Not(Box<Code>),
    Negate(Box<Code>),
    Logic(Logic, Vec<Code>),
    Compare(Operator, Box<Code>, Box<Code>),
    Arithmetic(Operator, Box<Code>, Box<Code>),
    Choose(Box<Code>, Box<Code>, Box<Code>),
    List(Vec<Code>),
    Has(Box<Code>),
    Size(Box<Code>),
    Text(TextTest, Box<Code>, Box<Code>),
    Each(Each, Box<Code>, Box<Code>),
    /// The lesser or the greater of two.
    Extreme(Extreme, Box<Code>, Box<Code>),
    Absolute(Box<Code>),
    TimeOf(Box<Code>),
    DateOf(Box<Code>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Each {
    All,
    Exists,
    Filter,
    Map,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extreme {
    Least,
    Greatest,
}
