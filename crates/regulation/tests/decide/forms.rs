//! Reading what is typed: kinds, conditions, bounds; every problem at once.

use proptest::prelude::*;
use regulation::decide::{FieldProblem, Opened, form, shown};
use regulation::model::Field;
use regulation::{Command, FieldValue, Fields, Refusal};
use serde_json::{Value, json};

use crate::world::*;

fn intake() -> Vec<Field> {
    pack().procedures["complaint"].intake_fields.clone()
}

fn paths(problems: &[FieldProblem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.field.as_str()).collect()
}

fn open(input: Fields) -> Result<regulation::Id, Refusal> {
    let opened = Opened {
        owning_unit: Some(SERVICE),
        ..Opened::default()
    };
    World::at("2026-11-19 10:00").open(LIN, opened, input)
}

#[test]
fn json_is_typed_by_the_form() {
    let read = form::from_json(
        &intake(),
        &json!({ "matter": "停水", "anonymous": true, "wanted_by": "2026-11-19T11:00:00+08:00", "phone": null }),
    );
    let expected = fields(&[
        ("matter", text("停水")),
        ("anonymous", FieldValue::Flag(true)),
        ("wanted_by", time("2026-11-19 11:00")),
    ]);
    assert_eq!(read.unwrap(), expected);
}

#[test]
fn json_of_other_kinds_is_refused_field_by_field() {
    let json = json!({ "mater": "停水", "anonymous": "yes", "wanted_by": 5, "phone": ["1"] });
    let problems = form::from_json(&intake(), &json).unwrap_err();
    let mut found = paths(&problems);
    found.sort_unstable();
    assert_eq!(found, ["anonymous", "mater", "phone", "wanted_by"]);
    let unknown = problems.iter().find(|problem| problem.field == "mater").unwrap();
    assert!(unknown.say.en.contains("matter") && unknown.say.zh.contains("matter"));
    assert!(form::from_json(&intake(), &json!([1])).is_err());
}

#[test]
fn gen_6_a_field_or_the_other() {
    let Err(Refusal::Input { problems }) = open(fields(&[("matter", text("停水"))])) else {
        panic!()
    };
    assert_eq!(paths(&problems), ["complainant"]);
    assert!(problems[0].say.zh.contains("不透露本人资料"));
    open(fields(&[
        ("matter", text("停水")),
        ("anonymous", FieldValue::Flag(true)),
    ]))
    .unwrap();
    assert!(
        open(fields(&[
            ("matter", text("停水")),
            ("anonymous", FieldValue::Flag(false))
        ]))
        .is_err()
    );
}

#[test]
fn all_problems_come_at_once() {
    let input = fields(&[
        ("matter", text(&"长".repeat(41))),
        ("phone", text("call me")),
        ("colour", text("red")),
        ("wanted_by", text("tomorrow")),
    ]);
    let Err(Refusal::Input { problems }) = open(input) else {
        panic!()
    };
    assert_eq!(
        paths(&problems),
        ["colour", "matter", "complainant", "phone", "wanted_by"]
    );
}

#[test]
fn telephones_have_a_shape() {
    for (phone, good) in [
        ("0755-8888 6666", true),
        ("+86 138 0013 8000", true),
        ("12345", true),
        ("1234", false),
        ("8888+6666", false),
        ("138001380001380013800138", false),
    ] {
        let input = fields(&[
            ("matter", text("停水")),
            ("complainant", text("张三")),
            ("phone", text(phone)),
        ]);
        assert_eq!(open(input).is_ok(), good, "{phone}");
    }
}

#[test]
fn choices_future_times_and_conditions() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let Err(Refusal::Input { problems }) = world.act(LIN, case, "classify", &[("class", text("liabel"))])
    else {
        panic!()
    };
    assert!(problems[0].say.en.contains("liable"));
    // What is asked only of liable ones is owed there and left out elsewhere.
    let Err(Refusal::Input { problems }) = world.act(LIN, case, "classify", &[("class", text("liable"))])
    else {
        panic!()
    };
    assert_eq!(paths(&problems), ["grade", "department"]);
    let past = [("appointment", time("2026-11-19 10:00"))];
    assert!(matches!(
        world.act(LIN, case, "appoint", &past),
        Err(Refusal::Input { .. })
    ));
    world
        .act(
            LIN,
            case,
            "classify",
            &[("class", text("not_liable")), ("grade", text("major"))],
        )
        .unwrap();
    assert!(!world.case(case).fields.contains_key("grade"));
}

#[test]
fn rows_name_the_row_and_are_bounded() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let row = |what: &str| FieldValue::Row(fields(&[("what", text(what)), ("where", ENGINEERING.into())]));
    let bad = FieldValue::List(vec![row("好"), FieldValue::Row(fields(&[("where", text("x"))]))]);
    let Err(Refusal::Input { problems }) = world.act(LIN, case, "split", &[("tasks", bad)]) else {
        panic!()
    };
    assert_eq!(paths(&problems), ["tasks[1].what", "tasks[1].where"]);
    let many = FieldValue::List(vec![row("好"); 201]);
    assert!(matches!(
        world.act(LIN, case, "split", &[("tasks", many)]),
        Err(Refusal::Input { .. })
    ));
}

#[test]
fn what_is_asked_follows_what_is_typed() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let lin = actor(LIN);
    let setting = world.setting(&lin);
    let procedure = &world.pack.procedures["complaint"];
    let ask = &procedure.action("classify").unwrap().ask;
    let keys = |input: &Fields| {
        let fields = shown(&setting, procedure, Some(world.case(case)), ask, input);
        fields
            .iter()
            .map(|shown| (shown.field.key.clone(), shown.required))
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&Fields::new()), [("class".to_owned(), true)]);
    assert_eq!(keys(&fields(&[("class", text("liable"))])).len(), 3);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,60}".prop_map(Value::from),
        Just(Value::from("2026-11-19T11:00:00+08:00")),
        Just(Value::from("liable")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            Just("what".to_owned()),
            Just("where".to_owned()),
            Just("tasks".to_owned()),
            Just("class".to_owned()),
            Just("appointment".to_owned()),
            "[a-z]{1,6}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_json_makes_an_action_panic(json in any_json()) {
        let mut world = World::at("2026-11-19 10:00");
        let case = world.complaint();
        world.classify(case, "general");
        let pack = pack();
        for action in &pack.procedures["complaint"].actions {
            if let Ok(input) = form::from_json(&action.ask, &json) {
                let command = Command::Act { action: action.key.clone(), input, seen: None };
                let _ = world.run(&actor(LIN), Some(case), &command);
            }
        }
    }
}
