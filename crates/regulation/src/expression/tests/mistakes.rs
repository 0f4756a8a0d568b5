use super::{environment, place};
use crate::expression::{Type, compile, infer};
use crate::source::{Mistakes, yaml};

#[test]
fn every_mistake_is_reported_at_its_character_with_a_remedy() {
    for (text, code, column, english) in [
        (
            "case.clas == 'liable'",
            "expression.unknown",
            5,
            "Did you mean \"class\"?",
        ),
        (
            "cas.class == 'liable'",
            "expression.unknown",
            0,
            "Did you mean \"case\"?",
        ),
        (
            "case.class == 'liabel'",
            "expression.option",
            14,
            "Did you mean \"liable\"?",
        ),
        (
            "'liabel' != case.class",
            "expression.option",
            0,
            "Known: liable, not_liable, assist",
        ),
        (
            "case.class in ['liable', 'asist']",
            "expression.option",
            25,
            "Did you mean \"assist\"?",
        ),
        (
            "'bussy' in case.reasons",
            "expression.option",
            0,
            "Did you mean \"busy\"?",
        ),
        (
            "case.reasons.contains('bussy')",
            "expression.option",
            22,
            "Did you mean \"busy\"?",
        ),
        (
            "case.done('replay') > 0",
            "expression.unknown",
            10,
            "Did you mean \"reply\"?",
        ),
        (
            "case.done(case.plan) > 0",
            "expression.unknown",
            10,
            "The name of one action in quotes",
        ),
        (
            "case.class == liable",
            "expression.unknown",
            14,
            "words need quotes",
        ),
        ("case.round == 'x'", "expression.type", 11, "cannot be compared"),
        (
            "case.class == case.grade",
            "expression.type",
            11,
            "cannot be compared",
        ),
        (
            "case.handler == case.unit",
            "expression.type",
            13,
            "cannot be compared",
        ),
        ("case.class < 'x'", "expression.type", 11, "no order"),
        (
            "case.round + case.plan > 1",
            "expression.type",
            11,
            "cannot be reckoned",
        ),
        ("now + now > now", "expression.type", 4, "cannot be reckoned"),
        ("case.round", "expression.type", 0, "yes/no is needed"),
        ("case.round && true", "expression.type", 0, "yes/no is needed"),
        ("case == case", "expression.object", 0, "Name a part of it"),
        (
            "case.previous_round.plann == 'x'",
            "expression.unknown",
            20,
            "Did you mean \"plan\"?",
        ),
        ("case.round.x == 1", "expression.type", 11, "it has no \"x\""),
        (
            "case.round.contains(1)",
            "expression.unknown",
            11,
            "it has no \"contains\"",
        ),
        (
            "case.plan.contain('x')",
            "expression.unknown",
            10,
            "Did you mean \"contains\"?",
        ),
        (
            "sise(case.plan) > 0",
            "expression.unknown",
            0,
            "Did you mean \"size\"?",
        ),
        ("size() > 0", "expression.arguments", 0, "takes 1"),
        ("has(1)", "expression.arguments", 4, "needs a name"),
        ("[] == []", "expression.empty_list", 0, "size(x) == 0"),
        ("[1, 'a'] == [1]", "expression.type", 4, "a list holds one kind"),
        (
            "case.tasks.all(t, case.tasks.exists(u, u.done))",
            "expression.nested",
            29,
            "inside each other",
        ),
        (
            "case.tasks.all(case, true)",
            "expression.arguments",
            15,
            "already means something",
        ),
        (
            "case.tasks.exists(t, t.cost in case.numbers && t.cost in case.numbers && 1 in case.numbers)",
            "expression.too_costly",
            11,
            "more than 100000",
        ),
        (
            "time('25:00') == timeOf(now)",
            "expression.time",
            5,
            "time('11:00')",
        ),
        (
            "now - now > duration('3 days')",
            "expression.time",
            21,
            "72 hours",
        ),
        ("case.plan == null", "expression.null", 13, "has(case.x)"),
        ("case.round = 1", "expression.sign", 11, "Write =="),
        ("case.round == 1 and true", "expression.syntax", 16, "Write &&"),
        ("not case.flag", "expression.syntax", 0, "Write !"),
        ("case.plan == “x”", "expression.full_width", 13, "half-width `'`"),
        ("case.round ＝= 1", "expression.full_width", 11, "half-width `=`"),
        ("case.紧急程度 == 'x'", "expression.sign", 5, "case['名称']"),
        ("case.round == 1.5", "expression.number", 14, "smallest unit"),
        (
            "case.round == 9223372036854775808",
            "expression.number",
            14,
            "too large",
        ),
        ("case.plan == 'x", "expression.quote", 13, "not closed"),
        (r"case.plan == '\d'", "expression.escape", 14, "not known"),
        ("(case.flag", "expression.syntax", 10, "`)` is missing"),
        ("case.flag)", "expression.syntax", 9, "cannot stand here"),
        ("case.flag ||", "expression.syntax", 12, "ends too early"),
        ("", "expression.empty", 0, "empty"),
        ("  ", "expression.empty", 0, "empty"),
        ("case.numbers[0] == 1", "expression.index", 13, "in quotes"),
    ] {
        let mistakes = compile(text, &Type::Bool, &environment(), place()).expect_err(text);
        let found = &mistakes[0];
        assert_eq!(
            (found.code, found.place.line, found.place.column),
            (code, 3, 10 + column),
            "{text}: {found}"
        );
        assert!(found.to_string().contains(english), "{text}: {found}");
        assert!(!found.reason.zh.is_empty() && !found.remedy.zh.is_empty());
    }
}

#[test]
fn all_mistakes_of_names_and_types_are_reported_at_once() {
    let mistakes = compile(
        "case.clas == 'x' && case.grade == 'majr' || case.round",
        &Type::Bool,
        &environment(),
        place(),
    );
    let columns: Vec<u32> = mistakes
        .unwrap_err()
        .iter()
        .map(|mistake| mistake.place.column - 10)
        .collect();
    assert_eq!(columns, [5, 34, 44]);
}

#[test]
fn what_is_expected_is_checked() {
    let grade = Type::choice("grade", ["general", "major"]);
    let list = Type::list(grade.clone());
    for (text, expected, fits) in [
        ("'major'", &grade, true),
        ("'majr'", &grade, false),
        ("case.grade", &grade, true),
        ("case.class", &grade, false),
        ("case.plan", &grade, false),
        ("case.flag ? 'major' : case.grade", &grade, true),
        ("case.flag ? 'major' : 'generl'", &grade, false),
        ("['major', case.grade]", &list, true),
        ("['majr']", &list, false),
        ("case.grade", &Type::Text, true),
        ("case.urged + 1", &Type::Int, true),
        ("case.handler", &Type::id("person"), true),
        ("case.unit", &Type::id("person"), false),
        ("now", &Type::Date, false),
        ("dateOf(now)", &Type::Date, true),
    ] {
        assert_eq!(
            compile(text, expected, &environment(), place()).is_ok(),
            fits,
            "{text}"
        );
    }
    assert_eq!(
        infer("case.flag ? 'major' : case.grade", &environment(), place())
            .unwrap()
            .result(),
        &grade
    );
}

#[test]
fn depth_and_length_are_bounded_without_overflowing_the_stack() {
    for text in [
        "(".repeat(3_000),
        format!("{}true{}", "(".repeat(1_900), ")".repeat(1_900)),
        format!("{}true", "!".repeat(3_000)),
        format!("{}1", "-".repeat(3_000)),
        "[".repeat(3_000),
        "size(".repeat(700),
        "case[".repeat(700),
        format!("case{}", ".x".repeat(1_500)),
        format!("1{}", "+1".repeat(1_500)),
        "true?true:".repeat(390) + "true",
        "true ? ".repeat(500),
    ] {
        let mistakes = infer(&text, &environment(), place()).expect_err(&text);
        assert!(
            mistakes.iter().all(|m| m.code.starts_with("expression.")),
            "{text}"
        );
    }
    let long = format!("{}true{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(
        infer(&long, &environment(), place()).unwrap_err()[0].code,
        "expression.too_long"
    );
    let parentheses = format!("{}true{}", "(".repeat(31), ")".repeat(31));
    assert!(infer(&parentheses, &environment(), place()).is_ok());
    let wide = ["case.flag"; 300].join(" && ");
    assert!(infer(&wide, &environment(), place()).is_ok());
}

#[test]
fn places_hold_behind_quotes_escapes_and_folds() {
    for (text, line, column) in [
        ("客: x\nwhen: \"case.clas == 'liable'\"\n", 2, 13),
        ("when: 'case.plan == ''x'' && case.clas == ''x'''\n", 1, 35),
        ("when: >-\n  case.flag &&\n  case.clas == 'x'\n", 3, 8),
        ("when: case.clas == 'x'\n", 1, 12),
        ("when: \"case.flag\n  && case.clas == 'x'\"\n", 2, 11),
    ] {
        let mistakes = Mistakes::new();
        let node = yaml::parse("a.yaml", text, &mistakes).unwrap();
        let when = node.get("when").unwrap();
        let found = compile(
            when.as_text().unwrap(),
            &Type::Bool,
            &environment(),
            when.origin(),
        )
        .unwrap_err();
        assert_eq!(
            (found[0].place.line, found[0].place.column),
            (line, column),
            "{text}: {}",
            found[0]
        );
    }
}
