//! Reminders and escalation: once each, in order, told late after downtime; what the engine does by itself.

use regulation::case::{Change, ClockState};
use regulation::{Command, EventKind};

use crate::world::*;

fn told(world: &World, case: regulation::Id) -> Vec<(u32, Vec<String>)> {
    let changes = world.events(case).iter().flat_map(|event| &event.changes);
    changes
        .filter_map(|change| match change {
            Change::LevelReached { step, tell, .. } => Some((*step, tell.clone())),
            _ => None,
        })
        .collect()
}

#[test]
fn gen_7_levels_come_one_by_one_each_once() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let mut seen = Vec::new();
    while let Some(at) = world
        .case(case)
        .wakes_at()
        .filter(|at| *at < crate::world::at("2026-11-19 13:30"))
    {
        assert!(at >= world.now, "time does not run back");
        world.now = at;
        let before = world.events(case).len();
        world.wake_all();
        assert_eq!(
            world.events(case).len(),
            before + 1,
            "a wake at wakes_at has something to do"
        );
        world.wake_all();
        assert_eq!(world.events(case).len(), before + 1, "and the second one nothing");
        seen.push(world.now);
    }
    let words = |text: &str| vec![text.to_owned()];
    assert_eq!(
        told(&world, case),
        [
            (0, words("handler")),
            (1, words("handler")),
            (2, words("duty_lead"))
        ]
    );
    assert_eq!(
        seen,
        [
            at("2026-11-19 11:30"),
            at("2026-11-19 12:00") + 1,
            at("2026-11-19 13:00")
        ]
    );
}

#[test]
fn after_downtime_the_highest_level_is_told_once_and_late() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.wait_until("2026-11-19 13:20");
    let changes: Vec<_> = world.events(case).last().unwrap().changes.clone();
    let overdue: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            Change::ClockOverdue { at, late_notice, .. } => Some((*at, *late_notice)),
            _ => None,
        })
        .collect();
    assert_eq!(overdue, [(at("2026-11-19 12:00"), true)]);
    let levels: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            Change::LevelReached {
                step, at, collapsed, ..
            } => Some((*step, *at, collapsed.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(levels, [(2, at("2026-11-19 13:00"), vec![0, 1])]);
}

#[test]
fn cmp_3_who_answers_for_a_delay_is_asked_about_never_punished() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.wait_until("2026-11-19 10:15");
    let question = &world.case(case).questions[0];
    assert_eq!((question.question.as_str(), question.about), ("fault", Some(LIN)));
    assert_eq!(
        (question.ask.as_slice(), question.clause.to_string()),
        (["duty_lead".to_owned()].as_slice(), "desk.4.2.1".into())
    );
    let answer = |reason: &str| Command::Answer {
        question: 1,
        yes: false,
        reason: reason.to_owned(),
    };
    assert!(
        world.run(&actor(LIN), Some(case), &answer("无")).is_err(),
        "not by whom it concerns"
    );
    assert!(
        world.run(&actor(WU), Some(case), &answer(" ")).is_err(),
        "not without a reason"
    );
    world.run(&actor(WU), Some(case), &answer("话务高峰")).unwrap();
    assert!(
        world.run(&actor(WU), Some(case), &answer("话务高峰")).is_err(),
        "not twice"
    );
}

#[test]
fn mal_4_a_deadline_acts_by_itself() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.wait_until("2026-12-05 09:00");
    assert_eq!(world.case(case).stage, "explained");
    let event = world.events(case).last().unwrap();
    assert_eq!(event.actor, None);
    assert!(matches!(&event.kind, EventKind::Acted { action, .. } if action == "hand_over"));
    assert_eq!(world.clock(case, "unclaimed").state, ClockState::KeptLate);
}

#[test]
fn log_6_checked_each_morning_and_afternoon_until_done() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.act(HE, case, "take", &[]).unwrap();
    let mut turns = Vec::new();
    while let Some(at) = world
        .case(case)
        .wakes_at()
        .filter(|at| *at < crate::world::at("2026-11-24 12:00"))
    {
        world.now = at;
        let before = told(&world, case).len();
        world.wake_all();
        turns.extend(
            told(&world, case)[before..]
                .iter()
                .filter(|(step, _)| *step == 4)
                .map(|_| at),
        );
    }
    // 10:00 never follows 09:00 of the same morning; Saturday and Sunday are left out.
    let expected = [
        "2026-11-19 14:00",
        "2026-11-20 09:00",
        "2026-11-20 14:00",
        "2026-11-23 09:00",
        "2026-11-23 14:00",
        "2026-11-24 09:00",
    ];
    assert_eq!(turns, expected.map(at));
    world.now = at("2026-11-24 12:00");
    world
        .act(HE, case, "propose", &[("plan", text("换钢丝绳"))])
        .unwrap();
    world
        .act(LIN, case, "reply", &[("reply", text("已修复"))])
        .unwrap();
    world.wait_until("2026-11-25 15:00");
    assert_eq!(
        told(&world, case).iter().filter(|(step, _)| *step == 4).count(),
        6
    );
}

#[test]
fn missed_repeats_collapse_into_one() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.wait_until("2026-11-20 19:00");
    let before = told(&world, case).len();
    world.wait_until("2026-11-25 15:30");
    assert_eq!(told(&world, case).len(), before + 1);
    let next = world
        .clock(case, "result")
        .levels
        .iter()
        .map(|level| level.at)
        .min();
    assert_eq!(next, Some(at("2026-11-26 09:00")), "not twice in one half-day");
}

#[test]
fn gen_7_urging_brings_the_next_reminder_nearer() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.now = at("2026-11-19 10:20");
    world.act(MA, case, "urge", &[]).unwrap();
    assert_eq!(world.case(case).urged, 1);
    assert_eq!(world.case(case).wakes_at(), Some(at("2026-11-19 11:10")));
    world.wait_until("2026-11-19 11:10");
    assert_eq!(told(&world, case).last().unwrap().1, ["handler"]);
    // The reminder of the pack still comes; an urging after it finds none sooner.
    world.wait_until("2026-11-19 11:30");
    world.now = at("2026-11-19 11:40");
    world.act(MA, case, "urge", &[]).unwrap();
    assert_eq!(world.case(case).wakes_at(), Some(at("2026-11-19 11:50")));
}
