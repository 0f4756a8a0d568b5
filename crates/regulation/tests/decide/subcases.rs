//! Sub-cases: opened by rows, gating their parent (GEN-22); moving to another version (QLT-2).

use regulation::case::ClockState;
use regulation::{Command, FieldValue, Id, Refusal};

use crate::world::*;

fn row(what: &str, unit: Id) -> FieldValue {
    FieldValue::Row(fields(&[("what", text(what)), ("where", unit.into())]))
}

fn split(world: &mut World, case: Id) -> Vec<Id> {
    let tasks = FieldValue::List(vec![row("换钢丝绳", ENGINEERING), row("赔礼", SALES)]);
    world.act(LIN, case, "split", &[("tasks", tasks)]).unwrap();
    world
        .case(case)
        .subcases
        .iter()
        .map(|subcase| subcase.case)
        .collect()
}

#[test]
fn gen_22_each_row_opens_a_task_with_its_own_number_unit_and_clocks() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let tasks = split(&mut world, case);
    let task = world.case(tasks[1]);
    assert_eq!(
        (task.number.as_str(), task.unit, task.parent),
        ("RW20261119-002", SALES, Some(case))
    );
    assert_eq!((task.owning_unit, task.first_contact_owner), (SERVICE, Some(LIN)));
    assert_eq!(task.fields["matter"], text("赔礼"));
    assert_eq!(world.clock(tasks[1], "task").due, at("2026-11-20 18:00"));
    assert_eq!(world.clock(case, "tasks").state, ClockState::Running);
}

#[test]
fn gen_22_the_parent_does_not_end_before_its_tasks() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let tasks = split(&mut world, case);
    world.settle(case, "换钢丝绳");
    let outcome = [("outcome", text("satisfied"))];
    let refusal = world.act(LIN, case, "call_back", &outcome).unwrap_err();
    assert_eq!(refusal.clause().unwrap().to_string(), "house.subcases_gate");
    world.act(HE, tasks[0], "finish", &[]).unwrap();
    assert!(world.act(LIN, case, "call_back", &outcome).is_err());
    let mut sales = actor(SUN);
    sales.holdings[0].unit = SALES;
    let finish = Command::Act {
        action: "finish".into(),
        input: Default::default(),
        seen: None,
    };
    world.run(&sales, Some(tasks[1]), &finish).unwrap();
    assert_eq!(world.clock(case, "tasks").state, ClockState::Kept);
    assert_eq!(
        world.events(case).last().unwrap().actor,
        None,
        "the engine tells the parent"
    );
    world.act(LIN, case, "call_back", &outcome).unwrap();
}

#[test]
fn a_task_is_opened_by_no_one_by_hand() {
    let mut world = World::at("2026-11-19 10:00");
    let open = Command::Open {
        procedure: "department_task".into(),
        opened: Default::default(),
        input: fields(&[("matter", text("任务"))]),
    };
    assert!(matches!(
        world.run(&actor(LIN), None, &open),
        Err(Refusal::Forbidden { .. })
    ));
}

#[test]
fn numbers_run_by_series_and_day() {
    let mut world = World::at("2026-11-19 23:59");
    let first = world.complaint();
    world.now = at("2026-11-20 00:00");
    let second = world.complaint();
    assert_eq!(world.case(first).number, "TS20261119-0001");
    assert_eq!(world.case(second).number, "TS20261120-0001");
}

#[test]
fn qlt_2_a_case_moves_only_where_everything_maps() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let other = version(&[
        ("assigned", "given"),
        ("{ limit: 2 hours }", "{ limit: 3 hours }"),
    ]);
    let wu = actor(WU);
    let blind = Command::Move {
        to: other.clone(),
        stages: Vec::new(),
    };
    let Err(Refusal::Unmovable { reasons }) = world.run(&wu, Some(case), &blind) else {
        panic!()
    };
    assert_eq!(reasons.len(), 1);
    assert!(reasons[0].en.contains("assigned"));
    let told = Command::Move {
        to: other.clone(),
        stages: vec![("assigned".into(), "given".into())],
    };
    world.run(&wu, Some(case), &told).unwrap();
    world.pack = other;
    assert_eq!(
        (
            world.case(case).stage.as_str(),
            world.case(case).pack.hash.clone()
        ),
        ("given", world.pack.hash.clone())
    );
    let clock = world.clock(case, "result");
    assert_eq!(
        (clock.start, clock.due),
        (at("2026-11-19 10:00"), at("2026-11-19 13:00"))
    );
    assert_eq!(
        world.clocks(case, "result"),
        [ClockState::Lapsed, ClockState::Running]
    );
    assert_eq!(world.clocks(case, "unclaimed"), [ClockState::Kept]);
    world.act(HE, case, "take", &[]).unwrap();
}
