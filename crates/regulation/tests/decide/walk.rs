//! Random walks over the whole pack: what must hold whatever people do.

use proptest::prelude::*;
use regulation::case::ClockState;
use regulation::decide::{Standing, needs_of_offers, offers, outlook};
use regulation::{Actor, Change, Command, Facts, FieldValue, Id};

use crate::world::*;

#[derive(Clone, Debug)]
enum Step {
    Act { who: usize, action: usize, choice: u8 },
    Sign { who: usize, agree: bool },
    Answer { yes: bool },
    Pass { minutes: u32 },
    Wake,
    Calendar { early: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..ALL.len(), 0..40usize, any::<u8>())
            .prop_map(|(who, action, choice)| Step::Act { who, action, choice }),
        1 => (0..ALL.len(), any::<bool>()).prop_map(|(who, agree)| Step::Sign { who, agree }),
        1 => any::<bool>().prop_map(|yes| Step::Answer { yes }),
        3 => prop_oneof![0..90u32, 0..6_000u32, 0..60_000u32].prop_map(|minutes| Step::Pass { minutes }),
        2 => Just(Step::Wake),
        1 => any::<bool>().prop_map(|early| Step::Calendar { early }),
    ]
}

fn typed(world: &World, action: &str, choice: u8) -> Vec<(&'static str, FieldValue)> {
    let pick = |options: &[&str]| text(options[choice as usize % options.len()]);
    let later = FieldValue::Number(world.now.as_millis() + 3_600_000 * (1 + i64::from(choice)));
    let task = || FieldValue::Row(fields(&[("what", text("做")), ("where", ENGINEERING.into())]));
    match action {
        "appoint" if choice.is_multiple_of(2) => vec![("appointment", later), ("agreed_with", text("张三"))],
        "appoint" => vec![("appointment", later)],
        "classify" if choice.is_multiple_of(4) => vec![("class", text("not_liable"))],
        "classify" => vec![
            ("class", text("liable")),
            ("grade", pick(&["general", "major"])),
            ("department", ENGINEERING.into()),
        ],
        "due_by_authority" => vec![("authority_due", later)],
        "wait" => vec![("reason", pick(&["waiting_for_customer", "busy"]))],
        "propose" => vec![("plan", pick(&["甲", "乙"]))],
        "reply" => vec![("reply", text("好"))],
        "call_back" => vec![(
            "outcome",
            pick(&["satisfied", "dissatisfied", "refused", "no_answer", "odd"]),
        )],
        "split" => vec![("tasks", FieldValue::List(vec![task(); usize::from(choice % 3)]))],
        "hand_out" => vec![("receipt_no", text("A1"))],
        "depart" => vec![(
            "departed_at",
            FieldValue::Number(world.now.as_millis() - 60_000 * i64::from(choice)),
        )],
        "merge" => vec![("other", Id(1001 + i64::from(choice % 2)).into())],
        _ => Vec::new(),
    }
}

fn take(world: &mut World, case: Id, step: &Step) {
    match step {
        Step::Act { who, action, choice } => {
            let pack = pack();
            let procedure = &pack.procedures[&world.case(case).procedure];
            let action = procedure.actions[action % procedure.actions.len()].key.clone();
            let input = typed(world, &action, *choice);
            let before = world.case(case).clone();
            if world.act(ALL[*who], case, &action, &input).is_err() {
                assert_eq!(*world.case(case), before, "a refusal changes nothing");
            }
        }
        Step::Sign { who, agree } => {
            let Some(approval) = world.case(case).approvals.last().map(|asked| asked.no) else {
                return;
            };
            let reason = Some("理由".to_owned());
            let sign = Command::Sign {
                approval,
                agree: *agree,
                reason,
                seen: None,
            };
            let _ = world.run(&actor(ALL[*who]), Some(case), &sign);
        }
        Step::Answer { yes } => {
            let open = world
                .case(case)
                .questions
                .iter()
                .find(|asked| asked.answer.is_none())
                .map(|asked| asked.no);
            let Some(question) = open else { return };
            let answer = Command::Answer {
                question,
                yes: *yes,
                reason: "理由".to_owned(),
            };
            world.run(&actor(WU), Some(case), &answer).unwrap();
        }
        Step::Pass { minutes } => world.now = world.now + i64::from(*minutes) * 60_000,
        Step::Wake => {
            world.run(&Actor::default(), Some(case), &Command::Wake).unwrap();
            let events = world.events(case).len();
            world.run(&Actor::default(), Some(case), &Command::Wake).unwrap();
            assert_eq!(world.events(case).len(), events, "waking again finds nothing");
            let next = world.case(case).wakes_at();
            assert!(
                next.is_none_or(|next| next > world.now),
                "nothing due is left: {next:?}"
            );
        }
        Step::Calendar { early } => {
            world.company.calendar = working_week(if *early { "08:00-17:00" } else { "08:30-18:00" });
            world
                .run(&Actor::default(), Some(case), &Command::CalendarChanged)
                .unwrap();
        }
    }
}

fn check(world: &World, id: Id) {
    let (events, case) = &world.cases[&id];
    let mut ended = std::collections::BTreeSet::new();
    let mut overdue = std::collections::BTreeSet::new();
    let mut started = std::collections::BTreeSet::new();
    for change in events.iter().flat_map(|event| &event.changes) {
        match change {
            Change::ClockStarted { clock } => {
                assert!(started.insert(clock.no), "numbers are never used again")
            }
            Change::ClockEnded { no, end } => {
                assert!(end.state.ended());
                assert!(ended.insert(*no), "clock {no} ended twice");
            }
            Change::ClockOverdue { no, .. } => {
                assert!(
                    overdue.insert(*no) && !ended.contains(no),
                    "overdue once, and before the end"
                );
            }
            Change::LevelReached { no, .. }
            | Change::ClockPaused { no, .. }
            | Change::ClockResumed { no, .. } => {
                assert!(!ended.contains(no), "an ended clock takes no more steps");
            }
            _ => {}
        }
    }
    for clock in &case.clocks {
        assert_eq!(clock.state.ended(), ended.contains(&clock.no));
        assert!(
            case.ended.is_none() || clock.state.ended(),
            "no clock runs in an ended case: {clock:?}"
        );
        if clock.state == ClockState::Kept {
            assert!(
                !clock.once_late && clock.ended.unwrap() <= clock.due
                    || clock.paused_total > 0
                    || clock.ended.is_some()
            );
            assert!(!overdue.contains(&clock.no));
        }
        if let Some(next) = clock.replaced_by {
            assert!(case.clock(next).is_some() && clock.state == ClockState::Lapsed);
        }
    }
    for deadline in ["start", "result", "call_back", "unclaimed", "survey", "delivery"] {
        let open = case
            .clocks
            .iter()
            .filter(|clock| clock.deadline == deadline && !clock.state.ended());
        assert!(open.count() <= 1, "one open clock for each deadline");
    }
    assert_eq!(case.version as usize, events.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 400, ..ProptestConfig::default() })]
    #[test]
    fn whatever_people_do_the_clocks_stay_sound(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::at("2026-11-19 10:00");
        world.facts.insert("raised_before".into(), FieldValue::Number(2));
        let case = world.complaint();
        for step in &steps {
            take(&mut world, case, step);
            for id in world.cases.keys().copied().collect::<Vec<_>>() {
                check(&world, id);
            }
        }
    }

    #[test]
    fn what_is_offered_as_refused_is_refused(steps in prop::collection::vec(step(), 1..40), choice: u8) {
        let mut world = World::at("2026-11-19 10:00");
        let case = world.complaint();
        for step in &steps {
            take(&mut world, case, step);
        }
        world.wake_all();
        for person in ALL {
            let who = actor(person);
            let offered: Vec<(String, Standing)> = {
                let setting = world.setting(&who);
                let _ = needs_of_offers(&setting, world.case(case));
                let _ = outlook(&setting, world.case(case));
                let offered = offers(&setting, world.case(case), &Facts::default());
                offered.into_iter().map(|offer| (offer.key.to_owned(), offer.standing)).collect()
            };
            for (action, standing) in offered {
                let input = typed(&world, &action, choice);
                let before = (world.cases.clone(), world.now);
                let done = world.act(person, case, &action, &input);
                match standing {
                    Standing::Refused(_) => prop_assert!(done.is_err(), "{} was offered as refused", action),
                    Standing::Possible => prop_assert!(done.is_ok(), "{}: {:?}", action, done),
                    Standing::HangsOnInput => {}
                }
                world.cases = before.0;
            }
        }
    }
}
