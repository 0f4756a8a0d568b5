//! Operators with two sides.

use super::compatible::{arithmetic, comparable, note_strange_literals};
use super::{Checker, Part};
use crate::expression::LONGEST_LIST;
use crate::expression::code::Code;
use crate::expression::tree::{Operator, Tree, TreeKind};
use crate::expression::types::Type;

impl Checker<'_> {
    pub(super) fn mismatch(&mut self, tree: &Tree, left: &Type, right: &Type, words: (&str, &str)) {
        let reason = (
            format!("{}：一边是{}，一边是{}", words.0, left.zh(), right.zh()),
            format!("One is {left}, the other {right}: {}", words.1),
        );
        let remedy = ("请使两边同类".to_owned(), "Make them the same kind".to_owned());
        self.problem(tree.at, "expression.type", reason, remedy);
    }

    pub(super) fn binary(
        &mut self,
        tree: &Tree,
        operator: Operator,
        left: &Tree,
        right: &Tree,
    ) -> Option<Part> {
        use Operator::{Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, Unequal};
        let (left_part, right_part) = (self.value(left), self.value(right));
        let (left_part, right_part) = (left_part?, right_part?);
        match operator {
            Equal | Unequal => {
                self.comparison(tree, left, &left_part.kind, right, &right_part.kind)?;
                let lists = if matches!(left_part.kind, Type::List(_)) {
                    LONGEST_LIST as u64
                } else {
                    0
                };
                let mut part = Part::over(Type::Bool, left_part, right_part, |a, b| {
                    Code::Compare(operator, a, b)
                });
                part.cost = part.cost.saturating_add(lists);
                Some(part)
            }
            Less | LessOrEqual | Greater | GreaterOrEqual => {
                let ordered = |kind: &Type| {
                    matches!(
                        kind,
                        Type::Int | Type::Text | Type::Moment | Type::TimeOfDay | Type::Date | Type::Duration
                    )
                };
                if left_part.kind != right_part.kind || !ordered(&left_part.kind) {
                    let words = if matches!(
                        left_part.kind,
                        Type::Choice(_) | Type::Bool | Type::Id(_) | Type::List(_)
                    ) {
                        ("这类值没有大小之分", "such values have no order")
                    } else {
                        ("不能比大小", "they cannot be ordered")
                    };
                    self.mismatch(tree, &left_part.kind, &right_part.kind, words);
                    return None;
                }
                Some(Part::over(Type::Bool, left_part, right_part, |a, b| {
                    Code::Compare(operator, a, b)
                }))
            }
            In => {
                let Type::List(of) = &right_part.kind else {
                    let reason = (
                        format!("in 右边应为列表，实为{}", right_part.kind.zh()),
                        format!("Behind `in` a list is needed, this is {}", right_part.kind),
                    );
                    let remedy = (
                        "例如 x in ['a', 'b']".to_owned(),
                        "Such as x in ['a', 'b']".to_owned(),
                    );
                    self.problem(right.start(), "expression.type", reason, remedy);
                    return None;
                };
                let of = (**of).clone();
                self.membership(tree, left, &left_part.kind, right, &of)?;
                Some(self.look_up(left_part, right, right_part))
            }
            Operator::Plus | Operator::Minus | Operator::Times | Operator::Over | Operator::Remainder => {
                let Some(kind) = arithmetic(operator, &left_part.kind, &right_part.kind) else {
                    let words = ("不能这样计算", "they cannot be reckoned with like this");
                    self.mismatch(tree, &left_part.kind, &right_part.kind, words);
                    return None;
                };
                Some(Part::over(kind, left_part, right_part, |a, b| {
                    Code::Arithmetic(operator, a, b)
                }))
            }
        }
    }

    /// `left in right`.
    pub(super) fn look_up(&self, left: Part, right: &Tree, right_part: Part) -> Part {
        let longest = match &right.kind {
            TreeKind::List(items) => items.len(),
            _ => LONGEST_LIST,
        };
        let mut part = Part::over(Type::Bool, left, right_part, |a, b| {
            Code::Compare(Operator::In, a, b)
        });
        part.cost = part.cost.saturating_add(longest as u64);
        part
    }

    /// Whether the value may be among a list's values.
    pub(super) fn membership(
        &mut self,
        tree: &Tree,
        left: &Tree,
        kind: &Type,
        right: &Tree,
        of: &Type,
    ) -> Option<()> {
        let strange = note_strange_literals(left, of, &mut self.problems)
            | note_strange_literals(right, &Type::list(kind.clone()), &mut self.problems);
        if strange {
            return None;
        }
        if !comparable(kind, of) {
            self.mismatch(tree, kind, of, ("不能比较", "they cannot be compared"));
            return None;
        }
        Some(())
    }

    /// Whether two values may be compared by `==`.
    pub(super) fn comparison(
        &mut self,
        tree: &Tree,
        left: &Tree,
        left_kind: &Type,
        right: &Tree,
        right_kind: &Type,
    ) -> Option<()> {
        let strange = note_strange_literals(left, right_kind, &mut self.problems)
            | note_strange_literals(right, left_kind, &mut self.problems);
        if strange {
            return None;
        }
        if !comparable(left_kind, right_kind) {
            self.mismatch(
                tree,
                left_kind,
                right_kind,
                ("不能比较", "they cannot be compared"),
            );
            return None;
        }
        Some(())
    }
}
