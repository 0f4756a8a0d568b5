//! How clocks start, stop, are re-set, moved, stopped for a while, exempt (SEMANTICS "Clocks").

use regulation::case::{ClockState, LimitOrigin};
use regulation::decide::{Opened, outlook};
use regulation::{Command, Refusal};

use crate::world::*;

#[test]
fn cmp_3_started_in_ten_minutes_is_kept_at_the_very_limit() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    assert_eq!(world.clock(case, "start").due, at("2026-11-19 10:10"));
    // A wake at the very limit finds nothing due, nor does one before.
    world.wait_until("2026-11-19 10:10");
    assert_eq!(world.events(case).len(), 1);
    world.classify(case, "general");
    assert_eq!(world.clock(case, "start").state, ClockState::Kept);
    assert_eq!(world.events(case).len(), 2);
}

#[test]
fn an_act_after_the_limit_first_catches_up_and_is_kept_late() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.now = at("2026-11-19 10:12");
    world.classify(case, "general");
    let kinds: Vec<&str> = world.events(case).iter().map(|event| event.kind.word()).collect();
    assert_eq!(kinds, ["opened", "time_passed", "acted"]);
    assert_eq!(world.events(case)[1].actor, None);
    assert_eq!(world.events(case)[2].actor, Some(LIN));
    let clock = world.clock(case, "start");
    assert_eq!(
        (clock.state, clock.once_late, clock.answers),
        (ClockState::KeptLate, true, Some(LIN))
    );
}

#[test]
fn received_is_when_the_contact_reached_us() {
    let mut world = World::at("2026-11-19 10:00");
    let opened = Opened {
        received: Some(at("2026-11-19 09:55")),
        owning_unit: Some(SERVICE),
        ..Opened::default()
    };
    let input = fields(&[("matter", text("漏水")), ("complainant", text("李四"))]);
    let case = world.open(LIN, opened.clone(), input.clone()).unwrap();
    assert_eq!(world.clock(case, "start").due, at("2026-11-19 10:05"));
    let later = Opened {
        received: Some(at("2026-11-19 10:01")),
        ..opened
    };
    assert!(matches!(
        world.open(LIN, later, input),
        Err(Refusal::Input { .. })
    ));
}

#[test]
fn cmp_3_major_halfway_is_re_set_from_the_original_start() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    assert_eq!(world.clock(case, "result").due, at("2026-11-19 12:00"));
    world.now = at("2026-11-19 11:00");
    world.classify(case, "major");
    let clocks: Vec<_> = world
        .case(case)
        .clocks
        .iter()
        .filter(|clock| clock.deadline == "result")
        .collect();
    assert_eq!(
        (clocks[0].state, clocks[0].replaced_by),
        (ClockState::Lapsed, Some(clocks[1].no))
    );
    assert_eq!(
        (clocks[1].start, clocks[1].due),
        (at("2026-11-19 10:00"), at("2026-11-23 18:00"))
    );
    assert_eq!(clocks[1].state, ClockState::Running);
    // The same again changes nothing.
    world.classify(case, "major");
    assert_eq!(world.clocks(case, "result").len(), 2);
}

#[test]
fn an_overdue_clock_that_is_re_set_stays_once_late() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.now = at("2026-11-19 13:00");
    world.classify(case, "major");
    let clocks: Vec<_> = world
        .case(case)
        .clocks
        .iter()
        .filter(|clock| clock.deadline == "result")
        .collect();
    assert_eq!((clocks[0].state, clocks[0].once_late), (ClockState::Lapsed, true));
    assert_eq!(
        (clocks[1].state, clocks[1].once_late),
        (ClockState::Running, false)
    );
}

#[test]
fn cmp_3_each_round_has_its_own_clock() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.settle(case, "换钢丝绳");
    world
        .act(LIN, case, "call_back", &[("outcome", text("dissatisfied"))])
        .unwrap();
    assert_eq!(
        world.clocks(case, "result"),
        [ClockState::Kept, ClockState::Running]
    );
    assert_eq!(world.clocks(case, "call_back"), [ClockState::Kept]);
    let rounds: Vec<u32> = world.case(case).clocks.iter().map(|clock| clock.round).collect();
    assert_eq!(rounds.last(), Some(&2));
}

#[test]
fn log_12_the_customers_own_time_tightens_and_cmp_12_an_authoritys_replaces() {
    let mut world = World::at("2026-11-19 10:00");
    let opened = Opened {
        owning_unit: Some(SERVICE),
        ..Opened::default()
    };
    let input = [
        ("matter", text("漏水")),
        ("complainant", text("李四")),
        ("wanted_by", time("2026-11-19 11:00")),
    ];
    let case = world.open(LIN, opened, fields(&input)).unwrap();
    world.classify(case, "general");
    let clock = world.clock(case, "result");
    assert_eq!(
        (clock.due, clock.origin),
        (at("2026-11-19 11:00"), LimitOrigin::Customer)
    );
    world
        .act(
            LIN,
            case,
            "due_by_authority",
            &[("authority_due", time("2026-11-20 09:00"))],
        )
        .unwrap();
    let clock = world.clock(case, "result");
    assert_eq!(
        (clock.due, clock.origin),
        (at("2026-11-20 09:00"), LimitOrigin::Authority)
    );
    assert_eq!(
        world.clocks(case, "result"),
        [ClockState::Lapsed, ClockState::Running]
    );
}

#[test]
fn a_customers_later_time_does_not_loosen() {
    let mut world = World::at("2026-11-19 10:00");
    let opened = Opened {
        owning_unit: Some(SERVICE),
        ..Opened::default()
    };
    let input = [
        ("matter", text("漏水")),
        ("complainant", text("李四")),
        ("wanted_by", time("2026-11-25 11:00")),
    ];
    let case = world.open(LIN, opened, fields(&input)).unwrap();
    world.classify(case, "general");
    assert_eq!(world.clock(case, "result").origin, LimitOrigin::Pack);
}

#[test]
fn cmp_1_an_agreed_time_moves_only_with_consent_and_twice_at_most() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let appoint = |world: &mut World, local: &str, consent: bool| {
        let mut input = vec![("appointment", time(local))];
        if consent {
            input.push(("agreed_with", text("张三")));
        }
        world.act(LIN, case, "appoint", &input)
    };
    appoint(&mut world, "2026-11-20 09:00", false).unwrap();
    assert_eq!(world.clock(case, "survey").origin, LimitOrigin::Agreed);
    let before = world.case(case).clone();
    let refusal = appoint(&mut world, "2026-11-21 09:00", false).unwrap_err();
    assert!(matches!(&refusal, Refusal::Clause { clause, .. } if clause.to_string() == "desk.4.1.2"));
    assert_eq!(*world.case(case), before);
    appoint(&mut world, "2026-11-21 09:00", true).unwrap();
    appoint(&mut world, "2026-11-22 09:00", true).unwrap();
    let clock = world.clock(case, "survey");
    assert_eq!((clock.due, clock.moved), (at("2026-11-22 09:00"), 2));
    assert!(matches!(
        appoint(&mut world, "2026-11-23 09:00", true),
        Err(Refusal::Clause { .. })
    ));
    assert_eq!(world.clocks(case, "survey"), [ClockState::Running]);
}

#[test]
fn gen_7_waiting_for_the_customer_stops_the_clock_busy_does_not() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.act(HE, case, "take", &[]).unwrap();
    world.act(HE, case, "wait", &[("reason", text("busy"))]).unwrap();
    assert_eq!(world.clock(case, "result").state, ClockState::Running);
    world.now = at("2026-11-19 10:30");
    world
        .act(HE, case, "wait", &[("reason", text("waiting_for_customer"))])
        .unwrap();
    assert_eq!(world.clock(case, "result").state, ClockState::Paused);
    world.wait_until("2026-11-19 17:00");
    assert_eq!(world.clock(case, "result").state, ClockState::Paused);
    world.act(HE, case, "go_on", &[]).unwrap();
    let clock = world.clock(case, "result");
    assert_eq!(
        (clock.state, clock.due),
        (ClockState::Running, at("2026-11-19 18:30"))
    );
    // What was left of the reminder's way is left still: 75 % of two hours, moved by six and a half.
    assert_eq!(clock.levels[0].at, at("2026-11-19 18:00"));
}

#[test]
fn gen_7_the_longest_pause_ends_by_itself() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "major");
    world.act(HE, case, "take", &[]).unwrap();
    world
        .act(HE, case, "wait", &[("reason", text("waiting_for_customer"))])
        .unwrap();
    let until = world.clock(case, "result").paused_until.unwrap();
    assert_eq!(world.clock(case, "result").wakes_at(), Some(until));
    world.now = until;
    world.wake_all();
    let clock = world.clock(case, "result");
    assert_eq!((clock.state, clock.paused_until), (ClockState::Running, None));
    assert!(clock.paused_total > 0 && clock.due > at("2026-11-23 18:00"));
    // The total is used up: no further pause.
    world
        .act(HE, case, "wait", &[("reason", text("waiting_for_customer"))])
        .unwrap();
    let again = world.clock(case, "result").paused_until;
    assert!(again.is_none_or(|again| again > world.now));
}

#[test]
fn done_while_paused_is_kept() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.act(HE, case, "take", &[]).unwrap();
    world
        .act(HE, case, "wait", &[("reason", text("waiting_for_customer"))])
        .unwrap();
    world.now = at("2026-11-19 16:00");
    world
        .act(HE, case, "propose", &[("plan", text("换钢丝绳"))])
        .unwrap();
    world
        .act(LIN, case, "reply", &[("reply", text("已修复"))])
        .unwrap();
    assert_eq!(world.clock(case, "result").state, ClockState::Kept);
}

#[test]
fn cmp_4_a_refused_call_back_is_exempt_with_that_reason() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.settle(case, "换钢丝绳");
    world
        .act(LIN, case, "call_back", &[("outcome", text("refused"))])
        .unwrap();
    let clock = world.clock(case, "call_back");
    assert_eq!(
        (clock.state, clock.reason.as_deref()),
        (ClockState::Exempt, Some("拒绝回访"))
    );
    assert!(world.case(case).ended.is_some());
}

#[test]
fn an_attempt_without_answer_stops_nothing() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.settle(case, "换钢丝绳");
    world
        .act(LIN, case, "call_back", &[("outcome", text("no_answer"))])
        .unwrap();
    assert_eq!(world.clock(case, "call_back").state, ClockState::Running);
    assert_eq!(world.case(case).stage, "settled");
}

#[test]
fn log_6_the_limit_is_chosen_by_the_time_of_day_of_the_start() {
    for (departed, due) in [
        ("2026-11-19 10:59", "2026-11-19 15:00"),
        ("2026-11-19 11:00", "2026-11-19 18:00"),
        ("2026-11-19 16:00", "2026-11-19 16:00"),
        ("2026-11-19 19:00", "2026-11-20 08:30"),
    ] {
        let mut world = World::at("2026-11-19 19:30");
        let case = world.complaint();
        world
            .act(LIN, case, "depart", &[("departed_at", time(departed))])
            .unwrap();
        assert_eq!(world.clock(case, "delivery").due, at(due), "{departed}");
    }
}

#[test]
fn a_start_that_is_corrected_starts_the_clock_anew() {
    let mut world = World::at("2026-11-19 12:00");
    let case = world.complaint();
    world
        .act(LIN, case, "depart", &[("departed_at", time("2026-11-19 10:00"))])
        .unwrap();
    world
        .act(LIN, case, "depart", &[("departed_at", time("2026-11-19 11:30"))])
        .unwrap();
    let clock = world.clock(case, "delivery");
    assert_eq!(
        (clock.start, clock.due),
        (at("2026-11-19 11:30"), at("2026-11-19 18:00"))
    );
    assert_eq!(
        world.clocks(case, "delivery"),
        [ClockState::Lapsed, ClockState::Running]
    );
    world.act(LIN, case, "arrive", &[]).unwrap();
    assert_eq!(world.clock(case, "delivery").state, ClockState::Kept);
    // Something else done later does not start it again.
    world.act(LIN, case, "urge", &[]).unwrap();
    assert_eq!(world.clocks(case, "delivery").len(), 2);
}

#[test]
fn a_deadline_that_applies_later_runs_from_its_original_start() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    assert!(world.clocks(case, "own_class").is_empty());
    world.now = at("2026-11-19 16:00");
    world.classify(case, "general");
    assert_eq!(world.clock(case, "own_class").start, at("2026-11-19 10:00"));
    // And lapses when it no longer applies.
    world
        .act(LIN, case, "classify", &[("class", text("not_liable"))])
        .unwrap();
    let clock = world.clock(case, "own_class");
    assert_eq!(
        (clock.state, clock.reason.as_deref()),
        (ClockState::Lapsed, Some("not_applicable"))
    );
}

#[test]
fn an_end_lets_what_runs_lapse_and_a_reopening_takes_the_end_back() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world
        .act(LIN, case, "depart", &[("departed_at", time("2026-11-19 10:00"))])
        .unwrap();
    world.classify(case, "general");
    world.settle(case, "换钢丝绳");
    world
        .act(LIN, case, "call_back", &[("outcome", text("satisfied"))])
        .unwrap();
    assert_eq!(world.clock(case, "delivery").reason.as_deref(), Some("ended"));
    assert_eq!(world.clock(case, "own_class").state, ClockState::Kept);
    let state = world.case(case);
    assert_eq!(state.ended, Some(at("2026-11-19 10:00")));
    assert!(state.wakes_at().is_none());
    // GEN-14: three years, from the end.
    let kept = world.company.calendar.date_of(state.retained_until.unwrap());
    assert_eq!(kept.to_string(), "2029-11-19");
    world.act(WU, case, "reopen", &[]).unwrap();
    assert_eq!((world.case(case).ended, world.case(case).round), (None, 2));
    assert_eq!(world.clock(case, "result").state, ClockState::Running);
}

#[test]
fn void_and_merged_cases_lapse_with_a_pointer() {
    let mut world = World::at("2026-11-19 10:00");
    let (void, child, parent) = (world.complaint(), world.complaint(), world.complaint());
    world.act(WU, void, "withdraw", &[]).unwrap();
    assert!(world.case(void).void && world.case(void).ended.is_some());
    assert_eq!(world.clock(void, "start").reason.as_deref(), Some("void"));
    world.classify(child, "general");
    world.now = at("2026-11-19 13:00");
    world
        .act(WU, child, "merge", &[("other", parent.into())])
        .unwrap();
    let clock = world.clock(child, "result");
    let pointer = format!("merged:{parent}");
    assert_eq!(
        (clock.state, clock.reason.as_deref()),
        (ClockState::Lapsed, Some(pointer.as_str()))
    );
    assert!(clock.once_late, "its late ones stay counted");
    assert_eq!(world.case(child).merged.unwrap().into, parent);
    assert!(matches!(
        world.act(WU, parent, "merge", &[("other", parent.into())]),
        Err(Refusal::Input { .. })
    ));
    // What was merged takes nothing in: no circle.
    let refused = world.act(WU, parent, "merge", &[("other", child.into())]);
    assert_eq!(
        refused.unwrap_err().clause().map(ToString::to_string).as_deref(),
        Some("house.merging")
    );
}

#[test]
fn a_new_holiday_notice_re_sets_open_deadlines_by_an_event() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "major");
    world
        .run(&Default::default(), Some(case), &Command::CalendarChanged)
        .unwrap();
    assert!(world.last.events.is_empty(), "nothing changed");
    let events = world.events(case).len();
    world.company.calendar = working_week("08:30-17:00");
    world
        .run(&Default::default(), Some(case), &Command::CalendarChanged)
        .unwrap();
    assert_eq!(world.events(case).len(), events + 1);
    let clock = world.clock(case, "result");
    assert_eq!(
        (clock.due, clock.calendar.clone()),
        (at("2026-11-23 17:00"), world.company.calendar.version())
    );
}

#[test]
fn the_track_shows_every_deadline_in_order_pending_ones_too() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let lin = actor(LIN);
    let setting = world.setting(&lin);
    let track = outlook(&setting, world.case(case));
    let shown: Vec<(&str, bool)> = track
        .iter()
        .map(|line| (line.deadline.key.as_str(), line.clock.is_some()))
        .collect();
    assert_eq!(
        shown,
        [
            ("start", true),
            ("survey", false),
            ("result", false),
            ("call_back", false),
            ("unclaimed", true),
            ("delivery", false),
            ("tasks", false),
            ("own_class", false)
        ]
    );
}
