use super::{RECEIVED, build, condition, sample};
use crate::expression::Value;

/// Cases of the published CEL conformance suite (basic, comparisons, fp-free integer maths, lists, logic, macros,
/// string) for the operators that both languages have; where they part, the second table says how.
#[test]
fn shared_operators_behave_as_in_cel() {
    for (text, expected) in [
        // basic: self-evaluating, and lists
        ("true", Value::Bool(true)),
        ("false", Value::Bool(false)),
        ("-1", Value::Int(-1)),
        ("9223372036854775807", Value::Int(i64::MAX)),
        ("-9223372036854775808", Value::Int(i64::MIN)),
        (r"''", "".into()),
        (r#""""#, "".into()),
        (r#""x\"y\u4e00""#, "x\"y一".into()),
        (r"'\x41\U0001F600\\'", "A😀\\".into()),
        ("[-1]", Value::list([Value::Int(-1)])),
        // comparisons
        ("1 == 1", true.into()),
        ("-1 == 1", false.into()),
        ("'' == ''", true.into()),
        ("'abc' == 'abc'", true.into()),
        ("'ABC' == 'abc'", false.into()),
        ("true == true", true.into()),
        ("[1, 2, 3] == [1, 2, 3]", true.into()),
        ("[3, 2, 1] == [1, 2, 3]", false.into()),
        ("[1] == [1, 2]", false.into()),
        ("24 != 42", true.into()),
        ("'abc' != 'abc'", false.into()),
        ("-1 < 0", true.into()),
        ("0 < 0", false.into()),
        ("'a' < 'b'", true.into()),
        ("'A' < 'a'", true.into()),
        ("'abc' < 'abcd'", true.into()),
        ("'α' < 'β'", true.into()),
        ("0 <= 0", true.into()),
        ("1 >= 2", false.into()),
        ("42 > -42", true.into()),
        // lists
        ("1 in [1, 2, 3]", true.into()),
        ("'b' in ['a']", false.into()),
        ("size([1, 2])", Value::Int(2)),
        ("[1, 2].size()", Value::Int(2)),
        // integer maths
        ("40 + 2", Value::Int(42)),
        ("42 - 12 - 7", Value::Int(23)),
        ("13 * 7", Value::Int(91)),
        ("1000 / 17", Value::Int(58)),
        ("-7 / 2", Value::Int(-3)),
        ("5 % 3", Value::Int(2)),
        ("-43 % 42", Value::Int(-1)),
        ("2 + 3 * 4", Value::Int(14)),
        ("(2 + 3) * 4", Value::Int(20)),
        ("16 / 4 / 2", Value::Int(2)),
        // logic
        ("true ? 1 : 2", Value::Int(1)),
        ("false ? 'foo' : 'bar'", "bar".into()),
        ("true && true", true.into()),
        ("true && false", false.into()),
        ("false || false", false.into()),
        ("false || true", true.into()),
        ("!true", false.into()),
        ("!!true", true.into()),
        ("true || false && false", true.into()),
        ("false ? true : true ? false : true", false.into()),
        ("!false == true", true.into()),
        ("1 < 2 == true", true.into()),
        // macros
        ("[1, 2, 3].exists(e, e > 1)", true.into()),
        ("[1, 2, 3].exists(e, e > 3)", false.into()),
        ("[1, 2, 3].all(e, e > 0)", true.into()),
        ("[1, 2, 3].all(e, e == 2)", false.into()),
        (
            "[1, 2, 3].map(n, n * 2)",
            Value::list([2.into(), 4.into(), 6.into()]),
        ),
        (
            "[1, 2, 3].filter(x, x % 2 == 1)",
            Value::list([1.into(), 3.into()]),
        ),
        // strings
        ("size('four')", Value::Int(4)),
        ("size('πέντε')", Value::Int(5)),
        ("'foobar'.startsWith('foo')", true.into()),
        ("'foobar'.startsWith('bar')", false.into()),
        ("'foobar'.startsWith('')", true.into()),
        ("'foobar'.endsWith('bar')", true.into()),
        ("'forté'.endsWith('té')", true.into()),
        ("'he' + 'llo'", "hello".into()),
        ("'smile'.contains('mile')", true.into()),
        ("'smile'.contains('miles')", false.into()),
    ] {
        assert_eq!(build(text).evaluate(&sample()), expected, "{text}");
    }
}

/// Where CEL ends in an error, this language gives a missing value.
#[test]
fn what_is_an_error_in_cel_is_missing() {
    for text in [
        "9223372036854775807 + 1",
        "-9223372036854775808 - 1",
        "9223372036854775807 * 2",
        "-9223372036854775808 / -1",
        "-(-9223372036854775808)",
        "17 / 0",
        "34 % 0",
        "abs(-9223372036854775808)",
        "case.urged + 1",
        "size(case.plan)",
        "min(case.urged, 1)",
        "case.previous_round.grade",
        "timeOf(case.closed_at)",
    ] {
        assert_eq!(build(text).evaluate(&sample()), Value::Missing, "{text}");
    }
    for text in ["1 / 0 > 1", "1 / 0 == 1 / 0", "1 / 0 > 1 && true"] {
        assert!(!condition(text).holds(&sample()), "{text}");
    }
    assert!(condition("1 / 0 > 1 || true").holds(&sample()));
}

#[test]
fn a_missing_field_has_its_stated_meaning() {
    for (text, holds) in [
        ("case.urged == 1", false),
        ("case.urged == case.urged", false),
        ("case.urged != 1", true),
        ("case.plan != case.previous_round.plan", true),
        ("case.urged < 1", false),
        ("case.urged >= 1", false),
        ("case.urged in [1, 2]", false),
        ("case.urged + 1 == 1", false),
        ("has(case.urged)", false),
        ("has(case.round)", true),
        ("has(case.previous_round.plan)", true),
        ("has(case['紧急程度'])", true),
        ("case.other", false),
        ("!case.other", true),
        ("case.other || case.flag", true),
        ("case.other == false", false),
        ("case.other ? false : true", true),
        ("case.plan.contains('x')", false),
        ("case.plan.startsWith('')", false),
        ("case.closed_at - case.received_at > duration('1 hour')", false),
    ] {
        assert_eq!(condition(text).holds(&sample()), holds, "{text}");
    }
}

#[test]
fn names_methods_and_rows_are_read() {
    for (text, holds) in [
        ("case.class == 'liable' && case.grade == 'general'", true),
        ("case['紧急程度'] == '急'", true),
        ("case.matter.contains('电梯') && size(case.matter) == 4", true),
        ("case.handler == case.registrar", true),
        ("case.done('reply') > 0", true),
        ("case.done('settle') > 0", false),
        ("case.more_than(case.round)", true),
        ("case.more_than(case.urged)", false),
        ("case.tasks.all(t, t.done)", false),
        ("case.tasks.exists(t, t.done && t.cost < case.round + 9)", true),
        ("case.tasks.filter(t, t.done).size() == 1", true),
        ("case.tasks.map(t, t.cost) == [5, 9]", true),
        ("case.numbers.contains(3) && !(4 in case.numbers)", true),
        (
            "case.reasons.contains('busy') && !('customer' in case.reasons)",
            true,
        ),
        (
            "max(case.round, facts.swaps) == 3 && min(2, 1) == 1 && abs(-4) == 4",
            true,
        ),
        ("(case.flag ? case.grade : 'major') == 'general'", true),
    ] {
        assert_eq!(condition(text).holds(&sample()), holds, "{text}");
    }
}

#[test]
fn times_are_compared_in_local_time_with_half_open_bands() {
    for (text, holds) in [
        ("timeOf(case.received_at) == time('10:30')", true),
        ("timeOf(case.received_at) < time('10:30')", false),
        (
            "timeOf(case.received_at) >= time('09:00') && timeOf(case.received_at) < time('11:00')",
            true,
        ),
        (
            "dateOf(case.received_at) == date('2026-11-19') && case.day == dateOf(case.received_at)",
            true,
        ),
        ("now - case.received_at == duration('2 hours')", true),
        ("now - case.received_at <= duration('119 minutes')", false),
        ("case.received_at + duration('120 minutes') == now", true),
        ("now - duration('7200 seconds') == case.received_at", true),
        (
            "duration('2 hours') * 2 == duration('240 minutes') && duration('3 hours') / duration('1 hour') == 3",
            true,
        ),
        ("date('2026-11-20') - case.day == duration('24 hours')", true),
        ("max(now, case.received_at) == now", true),
    ] {
        assert_eq!(condition(text).holds(&sample()), holds, "{text}");
    }
    assert_eq!(
        build("now").evaluate(&sample()),
        Value::Moment(RECEIVED + 7_200_000)
    );
}

#[test]
fn what_is_not_typed_yet_is_known_only_where_it_does_not_matter() {
    for (text, known) in [
        ("input.plan == 'x'", None),
        ("case.round == 1 || input.plan != case.previous_round.plan", None),
        (
            "case.round == 2 || input.plan != case.previous_round.plan",
            Some(true),
        ),
        (
            "input.plan != case.previous_round.plan || case.round == 2",
            Some(true),
        ),
        ("case.round == 1 && input.plan == 'x'", Some(false)),
        ("input.plan == 'x' && case.round == 1", Some(false)),
        ("has(input.plan)", None),
        ("!(input.amount > 3)", None),
        ("input.amount > 3 ? true : true", Some(true)),
        ("input.amount > 3 ? true : false", None),
        ("input.amount == case.urged", Some(false)),
        ("case.urged < input.amount", Some(false)),
        ("size(input.plan) > 0", None),
        ("[input.amount, 1].exists(x, x == 1)", Some(true)),
        ("[input.amount, 1].all(x, x == 2)", Some(false)),
        ("1 in [input.amount, 1]", Some(true)),
        ("case.more_than(input.amount)", None),
    ] {
        assert_eq!(condition(text).known(&sample()), known, "{text}");
    }
    assert!(
        !condition("has(input.plan)").holds(&sample()),
        "not known counts as missing when evaluated"
    );
    assert_eq!(build("[input.amount]").evaluate_known(&sample()), None);
    assert_eq!(
        build("[input.amount]").evaluate(&sample()),
        Value::list([Value::Missing])
    );
}

#[test]
fn an_expression_tells_what_it_reads() {
    let guard =
        condition("case.done('reply') > facts.swaps && (case['plan'] == input.plan || case.plan == 'x')");
    let reads: Vec<String> = guard
        .reads()
        .iter()
        .map(|read| {
            let method = read
                .method
                .as_deref()
                .map(|m| format!(":{m}:{}", read.argument.as_deref().unwrap_or("")));
            read.path.join(".") + &method.unwrap_or_default()
        })
        .collect();
    assert_eq!(
        reads,
        ["case:done:reply", "facts.swaps", "case.plan", "input.plan"]
    );
    assert!(guard.reads_from("input") && guard.reads_from("facts") && !guard.reads_from("now"));
    assert_eq!(guard.names_under("facts").collect::<Vec<_>>(), ["swaps"]);
}

#[test]
fn lists_and_texts_beyond_the_limit_are_missing() {
    let long = Value::list((0..=1000).map(Value::Int));
    let scope = sample()
        .with("case.numbers", long)
        .with("case.matter", "甲".repeat(10_000).as_str());
    assert_eq!(build("size(case.numbers)").evaluate(&scope), Value::Missing);
    assert_eq!(
        build("case.matter + case.matter").evaluate(&scope),
        Value::Missing
    );
    assert_eq!(
        build("size(case.matter + 'x')").evaluate(&scope),
        Value::Int(10_001)
    );
}

#[test]
fn a_scope_that_gives_another_kind_gives_nothing() {
    let scope = sample()
        .with("case.round", "two")
        .with("case.flag", 1)
        .with("case.numbers", 5);
    for text in [
        "case.round < 3",
        "case.round == 2",
        "case.flag",
        "case.numbers.exists(n, n == 5)",
        "5 in case.numbers",
    ] {
        assert!(!condition(text).holds(&scope), "{text}");
    }
    assert_eq!(build("case.round + 1").evaluate(&scope), Value::Missing);
}
