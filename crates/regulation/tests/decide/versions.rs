//! Other versions of the pack, other modes: moving, claims at opening, facts asked with what is typed, imports.

use regulation::case::{Change, ClockState};
use regulation::decide::{
    Mode, Opened, Setting, Standing, decide, needs, needs_of_offers, offers, try_input,
};
use regulation::{Command, Facts, FieldValue, Refusal};

use crate::world::*;

#[test]
fn qlt_2_every_reason_against_a_move_is_given_at_once() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "major");
    world.act(HE, case, "take", &[]).unwrap();
    world
        .act(HE, case, "propose", &[("plan", text("换钢丝绳"))])
        .unwrap();
    let other = version(&[
        (
            "  result:\n    title: { zh: 处理结果",
            "  outcome:\n    title: { zh: 处理结果",
        ),
        ("department_head of case.department }", "quality_head }"),
    ]);
    let to = Command::Move {
        to: other,
        stages: Vec::new(),
    };
    let before = world.case(case).clone();
    let Err(Refusal::Unmovable { reasons }) = world.run(&actor(WU), Some(case), &to) else {
        panic!()
    };
    let said: Vec<&str> = reasons.iter().map(|reason| reason.en.as_str()).collect();
    assert!(
        said.len() == 2 && said[0].contains("result") && said[1].contains("major_result"),
        "{said:?}"
    );
    assert_eq!(*world.case(case), before);
}

#[test]
fn qlt_2_a_clock_that_goes_on_takes_the_new_versions_steps() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.wait_until("2026-11-19 11:40");
    let other = version(&[
        ("    before: [ { at: 75%, tell: handler } ]\n", ""),
        (
            "      - { tell: handler }\n      - { after: 1 hour, tell: duty_lead }\n",
            "      - { after: 2 hours, tell: duty_lead }\n",
        ),
    ]);
    let to = Command::Move {
        to: other.clone(),
        stages: Vec::new(),
    };
    world.run(&actor(WU), Some(case), &to).unwrap();
    world.pack = other;
    assert_eq!(
        world.clocks(case, "result"),
        [ClockState::Running],
        "same limit, same clock"
    );
    world.wait_until("2026-11-19 14:00");
    let last = world
        .events(case)
        .last()
        .unwrap()
        .changes
        .iter()
        .find_map(|change| match change {
            Change::LevelReached { step, tell, .. } => Some((*step, tell.clone())),
            _ => None,
        });
    assert_eq!(last, Some((0, vec!["duty_lead".to_owned()])));
    assert!(world.case(case).wakes_at().unwrap() > world.now);
}

#[test]
fn mal_11_a_name_can_be_claimed_at_opening() {
    let mut world = World::at("2026-11-19 10:00");
    world.pack = version(&[(
        "unique:\n",
        "unique:\n  matter_once: { clause: \"6.2\", on: opening, fields: [matter], say: { zh: 已登记, en: Registered } }\n",
    )]);
    let case = world.complaint();
    let claim = &world.last.claims[0];
    assert_eq!(
        (claim.name.as_str(), claim.key.as_str(), claim.case),
        ("matter_once", "电梯停运", case)
    );
}

#[test]
fn wfm_2_a_fact_asked_with_what_is_typed_hangs_on_input() {
    let mut world = World::at("2026-11-19 10:00");
    world.pack = version(&[
        (
            "same: { customer: case.customer }",
            "same: { matter: input.about }",
        ),
        (
            "    from: explained\n    by: agent\n    needs:",
            "    from: explained\n    by: agent\n    ask: { about: { title: { zh: 事由, en: About } } }\n    needs:",
        ),
    ]);
    let case = world.complaint();
    world
        .act(LIN, case, "classify", &[("class", text("not_liable"))])
        .unwrap();
    let lin = actor(LIN);
    let setting = world.setting(&lin);
    assert!(
        needs_of_offers(&setting, world.case(case))
            .facts
            .iter()
            .all(|query| query.id != "discounts")
    );
    let offered = offers(&setting, world.case(case), &Facts::default());
    let standing = offered
        .iter()
        .find(|offer| offer.key == "grant_discount")
        .map(|offer| &offer.standing);
    assert_eq!(standing, Some(&Standing::HangsOnInput));
    let input = fields(&[("about", text("Ｔ恤"))]);
    let command = Command::Act {
        action: "grant_discount".into(),
        input,
        seen: None,
    };
    let asked = needs(&setting, Some(world.case(case)), &command);
    let query = asked.facts.iter().find(|query| query.id == "discounts").unwrap();
    assert_eq!((query.key.as_deref(), query.guarding), (Some("t恤"), true));
    // This month, on the pack's clock.
    assert_eq!(query.since, Some(at("2026-11-01 00:00")));
}

#[test]
fn an_import_takes_the_acts_own_time_and_notices_nothing_late() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.now = at("2026-11-20 10:00");
    let lin = actor(LIN);
    let live = world.setting(&lin);
    let setting = Setting {
        mode: Mode::Historic,
        ..live
    };
    // A time that was still to come then.
    let input = fields(&[("appointment", time("2026-11-20 09:00"))]);
    let command = Command::Act {
        action: "appoint".into(),
        input,
        seen: None,
    };
    assert!(matches!(
        decide(&live, Some(world.case(case)), &Facts::default(), &command),
        Err(Refusal::Input { .. })
    ));
    let decision = decide(&setting, Some(world.case(case)), &Facts::default(), &command).unwrap();
    let notices: Vec<bool> = decision
        .events
        .iter()
        .flat_map(|event| &event.changes)
        .filter_map(|change| match change {
            Change::ClockOverdue { late_notice, .. } => Some(*late_notice),
            _ => None,
        })
        .collect();
    assert_eq!(notices, [false]);
}

#[test]
fn an_overdue_clock_is_not_stopped_by_waiting() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.act(HE, case, "take", &[]).unwrap();
    world.wait_until("2026-11-19 12:30");
    world
        .act(HE, case, "wait", &[("reason", text("waiting_for_customer"))])
        .unwrap();
    assert_eq!(world.clock(case, "result").state, ClockState::Overdue);
}

#[test]
fn without_its_number_or_id_nothing_is_opened() {
    let world = World::at("2026-11-19 10:00");
    let lin = actor(LIN);
    let input = fields(&[("matter", text("停水")), ("complainant", text("张三"))]);
    let opened = Opened {
        owning_unit: Some(SERVICE),
        ..Opened::default()
    };
    let command = Command::Open {
        procedure: "complaint".into(),
        opened,
        input,
    };
    let asked = needs(&world.setting(&lin), None, &command);
    assert_eq!(
        (
            asked.numbers[0].series.as_str(),
            asked.numbers[0].count,
            asked.ids
        ),
        ("TS20261119-", 1, 1)
    );
    let given = decide(&world.setting(&lin), None, &Facts::default(), &command);
    assert!(matches!(given, Err(Refusal::Unknown { .. })));
}

#[test]
fn a_dry_run_needs_no_numbers_and_says_the_same() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let lin = actor(LIN);
    let row = FieldValue::Row(fields(&[
        ("what", text("换钢丝绳")),
        ("where", ENGINEERING.into()),
    ]));
    let split = |row: FieldValue| Command::Act {
        action: "split".into(),
        input: fields(&[("tasks", FieldValue::List(vec![row]))]),
        seen: None,
    };
    let setting = world.setting(&lin);
    let state = world.case(case);
    assert!(
        decide(&setting, Some(state), &Facts::default(), &split(row.clone())).is_err(),
        "no number was given"
    );
    let tried = try_input(&setting, Some(state), Default::default(), &split(row)).unwrap();
    assert_eq!(tried.opened.len(), 1);
    let blank = try_input(
        &setting,
        Some(state),
        Default::default(),
        &split(FieldValue::Row(fields(&[]))),
    );
    assert!(matches!(blank, Err(Refusal::Input { .. })));
}

#[test]
fn a_step_the_pack_does_not_know_makes_no_empty_event() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.pack = version(&[(
        "  result:\n    title: { zh: 处理结果",
        "  outcome:\n    title: { zh: 处理结果",
    )]);
    let events = world.events(case).len();
    world.wait_until("2026-11-19 17:00");
    assert_eq!(world.events(case).len(), events);
}
