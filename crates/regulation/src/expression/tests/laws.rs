use std::cell::Cell;

use proptest::prelude::*;

use super::{Given, build, environment, place, sample};
use crate::expression::parse::parse;
use crate::expression::tree::{Logic, Operator, Tree, TreeKind};
use crate::expression::{HIGHEST_COST, Scope, Value, infer};

/// Counts how often it is asked.
struct Counted(Given, Cell<u64>);

impl Scope for Counted {
    fn member(&self, path: &[&str]) -> Value {
        self.1.set(self.1.get() + 1);
        self.0.member(path)
    }

    fn call(&self, receiver: &[&str], method: &str, arguments: &[Value]) -> Value {
        self.1.set(self.1.get() + 1);
        self.0.call(receiver, method, arguments)
    }

    fn utc_offset(&self, moment: i64) -> i64 {
        self.0.utc_offset(moment)
    }
}

/// Any tree that could have been written, well typed or not.
fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(TreeKind::Bool),
        any::<i64>().prop_map(TreeKind::Int),
        ".{0,6}".prop_map(TreeKind::Text),
        "[a-z_][a-z0-9_]{0,5}x".prop_map(TreeKind::Name),
    ]
    .prop_map(|kind| Tree::new(0, kind));
    leaf.prop_recursive(5, 40, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let operator = prop::sample::select(vec![
            Operator::Equal,
            Operator::Unequal,
            Operator::Less,
            Operator::GreaterOrEqual,
            Operator::In,
            Operator::Plus,
            Operator::Minus,
            Operator::Times,
            Operator::Over,
            Operator::Remainder,
        ]);
        let logic = prop::sample::select(vec![Logic::And, Logic::Or]);
        let name = "[a-z]{1,6}";
        prop_oneof![
            (boxed(), name).prop_map(|(of, name)| TreeKind::Member(of, name)),
            (boxed(), boxed()).prop_map(|(of, key)| TreeKind::Index(of, key)),
            prop::collection::vec(inner.clone(), 0..4).prop_map(TreeKind::List),
            boxed().prop_map(TreeKind::Not),
            boxed()
                .prop_filter(
                    "a minus belongs to its number",
                    |t| !matches!(t.kind, TreeKind::Int(n) if n >= 0)
                )
                .prop_map(TreeKind::Negate),
            (operator, boxed(), boxed()).prop_map(|(o, a, b)| TreeKind::Binary(o, a, b)),
            (logic, prop::collection::vec(inner.clone(), 2..4))
                .prop_map(|(l, items)| TreeKind::Logic(l, items)),
            (boxed(), boxed(), boxed()).prop_map(|(a, b, c)| TreeKind::Choose(a, b, c)),
            (
                prop::option::of(boxed()),
                name,
                prop::collection::vec(inner.clone(), 0..3)
            )
                .prop_filter("not is a word of its own", |(_, name, _)| ![
                    "in", "not", "or", "and"
                ]
                .contains(&&**name))
                .prop_map(|(on, name, arguments)| TreeKind::Call(on, name, arguments)),
        ]
        .prop_map(|kind| Tree::new(0, kind))
    })
}

/// Well-typed conditions over the sample's names, made of pieces.
fn conditions() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("1".to_owned()),
        Just("case.round".to_owned()),
        Just("case.urged".to_owned()),
        Just("input.amount".to_owned()),
        Just("facts.swaps".to_owned()),
        Just("size(input.plan)".to_owned()),
    ];
    let number = number.prop_recursive(2, 6, 2, |n| {
        (n.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%"]), n)
            .prop_map(|(a, o, b)| format!("({a} {o} {b})"))
    });
    let relation = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let atom = prop_oneof![
        Just("case.flag".to_owned()),
        Just("case.other".to_owned()),
        Just("has(input.plan)".to_owned()),
        Just("input.plan == case.previous_round.plan".to_owned()),
        Just("case.more_than(input.amount)".to_owned()),
        Just("input.plan.contains('x')".to_owned()),
        (number.clone(), relation, number.clone()).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        (number.clone(), number.clone()).prop_map(|(a, b)| format!("{a} in [{b}, 2]")),
        (number.clone(), number).prop_map(|(a, b)| format!("[{a}, {b}].exists(x, x > 1)")),
    ];
    atom.prop_recursive(4, 24, 3, |c| {
        prop_oneof![
            c.clone().prop_map(|c| format!("!({c})")),
            (c.clone(), c.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (c.clone(), c.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
            (c.clone(), c.clone(), c).prop_map(|(a, b, d)| format!("({a}) ? ({b}) : ({d})")),
        ]
    })
}

fn typed() -> impl Strategy<Value = (Value, Value)> {
    let amount = prop_oneof![Just(Value::Missing), (-3i64..5).prop_map(Value::Int)];
    let plan = prop_oneof![Just(Value::Missing), Just("repair".into()), Just("x".into())];
    (amount, plan)
}

proptest! {
    #[test]
    fn any_text_is_compiled_or_refused_without_panic(text in r#"(?s)([()\[\].,?:!<>=&|+*/%'"\\ -]|case|input|in|true|has|size|all|'a'|[0-9]|：|.){0,60}"#) {
        if let Ok(expression) = infer(&text, &environment(), place()) {
            prop_assert!(expression.cost() <= HIGHEST_COST);
            expression.evaluate(&sample());
            expression.evaluate_known(&sample());
        }
    }

    #[test]
    fn printing_and_parsing_again_gives_the_same_tree(tree in trees()) {
        let text = tree.to_string();
        prop_assume!(text.chars().count() <= crate::expression::LONGEST);
        let again = parse(&text);
        prop_assert_eq!(again.as_ref(), Ok(&tree), "{}", text);
    }

    #[test]
    fn what_is_known_stays_when_more_becomes_known(text in conditions(), (amount, plan) in typed()) {
        let condition = build(&text);
        let before = condition.known(&sample());
        let half = sample().with("input.amount", amount);
        let halfway = condition.known(&half);
        let full = half.with("input.plan", plan);
        let after = condition.known(&full);
        prop_assert!(after.is_some(), "{}", text);
        prop_assert_eq!(after, Some(condition.holds(&full)), "{}", text);
        for earlier in [before, halfway].into_iter().flatten() {
            prop_assert_eq!(Some(earlier), after, "{}", text);
        }
    }

    #[test]
    fn evaluation_asks_no_more_than_its_cost(text in conditions(), length in 0usize..1_500) {
        let text = format!("({text}) || case.numbers.filter(n, n + case.round > 1).exists(n, n == case.urged)");
        let numbers = Value::list((0..length as i64).map(Value::Int));
        let counted = Counted(sample().with("case.numbers", numbers), Cell::new(0));
        let condition = build(&text);
        condition.holds(&counted);
        condition.known(&counted);
        prop_assert!(counted.1.get() <= 2 * condition.cost(), "{} > 2 * {}", counted.1.get(), condition.cost());
    }

    #[test]
    fn the_order_of_sides_does_not_matter(a in conditions(), b in conditions()) {
        for sign in ["&&", "||"] {
            let (one, other) = (build(&format!("({a}) {sign} ({b})")), build(&format!("({b}) {sign} ({a})")));
            prop_assert_eq!(one.known(&sample()), other.known(&sample()));
            prop_assert_eq!(one.holds(&Given::default()), other.holds(&Given::default()));
        }
    }

    #[test]
    fn unequal_is_the_opposite_of_equal(a in -2i64..3, b in prop::option::of(-2i64..3)) {
        let scope = Given::default().with("case.round", a).with("case.urged", b.map_or(Value::Missing, Value::Int));
        let holds = |text: &str| build(text).holds(&scope);
        prop_assert_ne!(holds("case.round == case.urged"), holds("case.round != case.urged"));
    }
}
