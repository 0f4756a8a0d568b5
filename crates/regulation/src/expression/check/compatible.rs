//! Which types go together.

use crate::expression::problem::Problem;
use crate::expression::tree::{Operator, Tree, TreeKind};
use crate::expression::types::Type;
use crate::source::nearest;

/// Whether two values may be compared by `==`.
pub(super) fn comparable(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Object(_), _) | (_, Type::Object(_)) => false,
        (Type::Choice(left), Type::Choice(right)) => left.allowed.iter().any(|text| right.allows(text)),
        (Type::Text, Type::Choice(_)) | (Type::Choice(_), Type::Text) => true,
        (Type::List(left), Type::List(right)) => comparable(left, right),
        _ => left == right,
    }
}

/// Whether a value of one type may stand where another is needed. Literals out of a choice were looked at before.
pub(super) fn takes(tree: &Tree, actual: &Type, expected: &Type) -> bool {
    match (actual, expected) {
        (Type::Choice(_), Type::Text) => true,
        (Type::Choice(actual), Type::Choice(expected)) => {
            actual.allowed.iter().all(|text| expected.allows(text))
        }
        (Type::Text, Type::Choice(choice)) => literals_only(tree, &|text| choice.allows(text)),
        (Type::List(actual), Type::List(expected)) => match &tree.kind {
            TreeKind::List(items) => items.iter().all(|item| takes(item, actual, expected)),
            _ => takes(tree, actual, expected),
        },
        _ => actual == expected,
    }
}

fn literals_only(tree: &Tree, allows: &dyn Fn(&str) -> bool) -> bool {
    match &tree.kind {
        TreeKind::Text(text) => allows(text),
        TreeKind::Choose(_, yes, no) => literals_only(yes, allows) && literals_only(no, allows),
        _ => false,
    }
}

/// The type of two values in one place, if there is one.
pub(super) fn joined(left_tree: &Tree, left: &Type, right_tree: &Tree, right: &Type) -> Option<Type> {
    match (left, right) {
        _ if left == right => Some(left.clone()),
        (Type::Choice(choice), Type::Text) if literals_only(right_tree, &|text| choice.allows(text)) => {
            Some(left.clone())
        }
        (Type::Text, Type::Choice(choice)) if literals_only(left_tree, &|text| choice.allows(text)) => {
            Some(right.clone())
        }
        (Type::Text | Type::Choice(_), Type::Text | Type::Choice(_)) => Some(Type::Text),
        _ => None,
    }
}

/// Notes every literal that cannot be one of the choice it is held against. Tells whether there was one.
pub(super) fn note_strange_literals(tree: &Tree, against: &Type, problems: &mut Vec<Problem>) -> bool {
    match (&tree.kind, against) {
        (TreeKind::Text(text), Type::Choice(choice)) if !choice.allows(text) => {
            let all = &choice.allowed;
            let (mut zh, mut en) = match nearest(text, all.iter().map(|text| &**text)) {
                Some(near) => (
                    format!("是否应为“{near}”？"),
                    format!("Did you mean \"{near}\"? "),
                ),
                None => (String::new(), String::new()),
            };
            zh.push_str(&format!("可用：{}", all.join("、")));
            en.push_str(&format!("Known: {}", all.join(", ")));
            let reason = (
                format!("“{}”没有选项“{text}”", choice.name),
                format!("{} cannot be \"{text}\"", choice.name),
            );
            problems.push(Problem::new(tree.at, "expression.option", reason, (zh, en)));
            true
        }
        (TreeKind::Choose(_, yes, no), _) => {
            note_strange_literals(yes, against, problems) | note_strange_literals(no, against, problems)
        }
        (TreeKind::List(items), Type::List(of)) => items.iter().fold(false, |strange, item| {
            note_strange_literals(item, of, problems) | strange
        }),
        _ => false,
    }
}

/// The type of `left operator right`, if it can be reckoned.
pub(super) fn arithmetic(operator: Operator, left: &Type, right: &Type) -> Option<Type> {
    use Operator::{Minus, Over, Plus, Times};
    use Type::{Choice, Date, Duration, Int, Moment, Text, TimeOfDay};
    Some(match (operator, left, right) {
        (_, Int, Int) => Int,
        (Plus, Text | Choice(_), Text | Choice(_)) => Text,
        (Plus | Minus, Moment, Duration) | (Plus, Duration, Moment) => Moment,
        (Plus | Minus, Duration, Duration)
        | (Minus, Moment, Moment)
        | (Minus, TimeOfDay, TimeOfDay)
        | (Minus, Date, Date)
        | (Times | Over, Duration, Int)
        | (Times, Int, Duration) => Duration,
        (Over, Duration, Duration) => Int,
        _ => return None,
    })
}
