//! Questions: raised by facts, by time, from outside; answered with a reason (CMP-2).

use regulation::decide::{needs, needs_of_offers};
use regulation::{Command, FieldValue, Refusal};

use crate::world::*;

#[test]
fn cmp_2_raised_again_asks_whether_it_is_major() {
    let mut world = World::at("2026-11-19 10:00");
    world.facts.insert("raised_before".into(), FieldValue::Number(2));
    let case = world.complaint();
    assert!(
        world.case(case).questions.is_empty(),
        "its class is not known yet"
    );
    world.classify(case, "general");
    assert_eq!(world.case(case).questions.len(), 1);
    world.act(LIN, case, "urge", &[]).unwrap();
    assert_eq!(world.case(case).questions.len(), 1, "each cause once");
    let yes = Command::Answer {
        question: 1,
        yes: true,
        reason: "多次未解决".to_owned(),
    };
    assert!(matches!(
        world.run(&actor(LIN), Some(case), &yes),
        Err(Refusal::Forbidden { .. })
    ));
    world.run(&actor(WU), Some(case), &yes).unwrap();
    assert_eq!(world.case(case).fields["grade"], text("major"));
    // What hung on the grade is re-set by the answer.
    assert_eq!(world.clock(case, "result").due, at("2026-11-23 18:00"));
}

#[test]
fn cmp_2_a_month_unsettled_asks_too_but_only_while_open_and_apt() {
    let mut world = World::at("2026-11-19 10:00");
    let (open, ended, other) = (world.complaint(), world.complaint(), world.complaint());
    world.classify(open, "general");
    world
        .act(LIN, other, "classify", &[("class", text("not_liable"))])
        .unwrap();
    world.act(WU, ended, "withdraw", &[]).unwrap();
    world.wait_until("2026-12-21 09:00");
    let asked = |world: &World, case| {
        world
            .case(case)
            .questions
            .iter()
            .filter(|asked| asked.question == "major")
            .count()
    };
    assert_eq!(
        (asked(&world, open), asked(&world, ended), asked(&world, other)),
        (1, 0, 0)
    );
    assert!(world.case(other).alarms.is_empty(), "its alarm has passed");
    world.wake_all();
    assert_eq!(asked(&world, open), 1);
}

#[test]
fn a_question_from_outside_is_raised_once() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let raise = Command::Raise {
        question: "major".to_owned(),
        cause: 0,
    };
    world.run(&Default::default(), Some(case), &raise).unwrap();
    world.run(&Default::default(), Some(case), &raise).unwrap();
    assert_eq!(world.case(case).questions.len(), 1);
}

#[test]
fn needs_name_the_index_the_key_and_the_window() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let lin = actor(LIN);
    let setting = world.setting(&lin);
    let urge = Command::Act {
        action: "urge".into(),
        input: Default::default(),
        seen: None,
    };
    let asked = needs(&setting, Some(world.case(case)), &urge);
    let [query] = asked.facts.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(
        (query.id.as_str(), query.index.as_str()),
        ("raised_before", "complaint:customer+matter")
    );
    assert_eq!(
        (query.key.clone(), query.since, query.except),
        (None, Some(at("2026-08-21 10:00")), Some(case))
    );
    assert_eq!(needs_of_offers(&setting, world.case(case)).facts.len(), 1);
}

#[test]
fn the_index_follows_the_case() {
    let mut world = World::at("2026-11-19 10:00");
    let opened = regulation::decide::Opened {
        customer: Some(regulation::Id(77)),
        owning_unit: Some(SERVICE),
        ..Default::default()
    };
    let input = fields(&[("matter", text(" 电梯Ａ停运 ")), ("complainant", text("张三"))]);
    let case = world.open(LIN, opened, input).unwrap();
    let indexed = &world.case(case).indexed;
    let entry = indexed
        .iter()
        .find(|(name, ..)| &**name == "complaint:customer+matter")
        .unwrap();
    assert_eq!(entry.1, "77\u{1f}电梯a停运");
}
