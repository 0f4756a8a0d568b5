//! The order of refusals, who may, two at once, what is offered.

use regulation::decide::{Standing, offers, refused_event};
use regulation::{Command, EventKind, Facts, Refusal};

use crate::world::*;

fn act(action: &str, seen: Option<u64>) -> Command {
    Command::Act {
        action: action.to_owned(),
        input: Default::default(),
        seen,
    }
}

#[test]
fn an_unknown_action_names_the_nearest() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let refusal = world.act(LIN, case, "clasify", &[]).unwrap_err();
    assert_eq!(
        refusal,
        Refusal::Unknown {
            name: "clasify".into(),
            nearest: Some("classify".into())
        }
    );
    assert!(matches!(
        world.run(&actor(LIN), None, &Command::Open {
            procedure: "complant".into(),
            opened: Default::default(),
            input: Default::default()
        }),
        Err(Refusal::Unknown { nearest: Some(near), .. }) if near == "complaint"
    ));
}

#[test]
fn an_action_of_another_stage_says_where_it_is_open() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let Refusal::NotHere { stage, open_in, .. } = world.act(HE, case, "propose", &[]).unwrap_err() else {
        panic!()
    };
    assert_eq!(
        (stage.zh.as_str(), open_in[0].en.as_str()),
        ("已受理", "Handling")
    );
}

#[test]
fn two_at_once_the_second_is_told_who_did_what() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let seen = world.case(case).version;
    world.classify(case, "general");
    let version = world.case(case).version;
    let refusal = world
        .run(&actor(MA), Some(case), &act("classify", Some(seen)))
        .unwrap_err();
    assert_eq!(
        refusal,
        Refusal::Stale {
            by: LIN,
            did: "classify".into(),
            version
        }
    );
}

#[test]
fn ones_own_act_and_the_engines_make_no_sight_stale() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let seen = world.case(case).version;
    world.wait_until("2026-11-19 10:11");
    assert!(world.case(case).version > seen);
    world
        .run(&actor(LIN), Some(case), &act("urge", Some(seen)))
        .unwrap();
    world
        .run(&actor(LIN), Some(case), &act("urge", Some(seen)))
        .unwrap();
    // Another's act between stays noticed although I acted last.
    world.run(&actor(MA), Some(case), &act("urge", None)).unwrap();
    world.run(&actor(LIN), Some(case), &act("urge", None)).unwrap();
    assert!(matches!(
        world.run(&actor(LIN), Some(case), &act("urge", Some(seen))),
        Err(Refusal::Stale { by, .. }) if by == MA
    ));
}

#[test]
fn gen_24_who_may_is_a_function_in_a_unit_that_contains_the_case() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    let input = [
        ("class", text("liable")),
        ("grade", text("general")),
        ("department", ENGINEERING.into()),
    ];
    let Refusal::Forbidden { could, clause, .. } = world.act(HE, case, "classify", &input).unwrap_err()
    else {
        panic!()
    };
    assert_eq!(
        could.iter().map(|who| who.zh.as_str()).collect::<Vec<_>>(),
        ["客服代表", "值班长"]
    );
    assert_eq!(clause.unwrap().to_string(), "desk.4.1.2");
    // An agent of another unit is none here.
    let mut stranger = actor(LIN);
    stranger.holdings[0].unit = SALES;
    let command = Command::Act {
        action: "classify".into(),
        input: fields(&input),
        seen: None,
    };
    assert!(matches!(
        world.run(&stranger, Some(case), &command),
        Err(Refusal::Forbidden { .. })
    ));
    world.run(&actor(WU), Some(case), &command).unwrap();
    assert_eq!(world.case(case).unit, ENGINEERING);
    // Members of the department: also those of a unit inside it.
    assert!(matches!(
        world.act(LIN, case, "take", &[]),
        Err(Refusal::Forbidden { .. })
    ));
    world.act(HE, case, "take", &[]).unwrap();
    assert_eq!(world.case(case).handler, Some(HE));
}

#[test]
fn wtr_10_who_did_the_work_does_not_call_back() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    let mut both = actor(HE);
    both.holdings.extend(actor(LIN).holdings);
    world.run(&both, Some(case), &act("take", None)).unwrap();
    world
        .act(HE, case, "propose", &[("plan", text("换钢丝绳"))])
        .unwrap();
    world
        .act(LIN, case, "reply", &[("reply", text("已修复"))])
        .unwrap();
    let command = Command::Act {
        action: "call_back".into(),
        input: fields(&[("outcome", text("satisfied"))]),
        seen: None,
    };
    assert!(matches!(
        world.run(&both, Some(case), &command),
        Err(Refusal::Forbidden { .. })
    ));
    world.run(&actor(LIN), Some(case), &command).unwrap();
    assert!(world.case(case).ended.is_some());
}

#[test]
fn cmp_3_a_changed_plan_is_owed_in_the_next_round() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.settle(case, "换钢丝绳");
    world
        .act(LIN, case, "call_back", &[("outcome", text("dissatisfied"))])
        .unwrap();
    assert_eq!(world.case(case).round, 2);
    world.act(HE, case, "take", &[]).unwrap();
    let refusal = world
        .act(HE, case, "propose", &[("plan", text("换钢丝绳"))])
        .unwrap_err();
    let Refusal::Clause { clause, on_input, .. } = &refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!((clause.to_string().as_str(), *on_input), ("desk.4.3.2", true));
    // The attempt is worth recording, under the clause.
    let he = actor(HE);
    let event = refused_event(&world.setting(&he), world.case(case), "propose", &refusal).unwrap();
    assert!(matches!(event.kind, EventKind::Refused { .. }));
    let mut seen = world.case(case).clone();
    seen.apply(&event);
    assert_eq!(seen.refusals.len(), 1);
    assert_eq!(seen.last_by_person, world.case(case).last_by_person);
    world
        .act(HE, case, "propose", &[("plan", text("整机更换"))])
        .unwrap();
}

#[test]
fn what_is_typed_must_lead_somewhere() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.settle(case, "换钢丝绳");
    let before = world.case(case).clone();
    let Refusal::Input { problems } = world
        .act(LIN, case, "call_back", &[("outcome", text("odd"))])
        .unwrap_err()
    else {
        panic!()
    };
    assert!(problems[0].say.en.contains("Closed"), "{problems:?}");
    assert_eq!(*world.case(case), before);
}

#[test]
fn mal_11_a_receipt_is_claimed_once_and_released() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world
        .act(LIN, case, "hand_out", &[("receipt_no", text(" AB１２ "))])
        .unwrap();
    let claim = world.last.claims[0].clone();
    assert_eq!(
        (claim.name.as_str(), claim.key.as_str(), claim.case),
        ("gift_receipt", "ab12", case)
    );
    world.act(LIN, case, "take_back", &[]).unwrap();
    assert_eq!(world.last.releases, [claim]);
}

#[test]
fn gen_6_offers_know_refusals_that_hang_on_no_input() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.act(HE, case, "take", &[]).unwrap();
    let he = actor(HE);
    let setting = world.setting(&he);
    let offered = offers(&setting, world.case(case), &Facts::default());
    let standing = |key: &str| {
        offered
            .iter()
            .find(|offer| offer.key == key)
            .map(|offer| &offer.standing)
            .unwrap()
    };
    assert!(matches!(
        standing("reply"),
        Standing::Refused(Refusal::NotHere { .. })
    ));
    assert!(matches!(
        standing("classify"),
        Standing::Refused(Refusal::Forbidden { .. })
    ));
    assert_eq!(*standing("propose"), Standing::HangsOnInput);
    assert!(
        matches!(standing("go_on"), Standing::Refused(Refusal::Settled { .. })),
        "nothing stands still"
    );
    let last = offered.last().unwrap();
    assert!(last.right && last.key == "urge");
    assert_eq!(
        offered
            .iter()
            .filter(|offer| offer.ends)
            .map(|offer| offer.key)
            .collect::<Vec<_>>(),
        ["reply", "call_back", "withdraw", "merge"]
    );
    world
        .act(HE, case, "wait", &[("reason", text("waiting_for_customer"))])
        .unwrap();
    let setting = world.setting(&he);
    let offered = offers(&setting, world.case(case), &Facts::default());
    let going_on = offered.iter().find(|offer| offer.key == "go_on").unwrap();
    assert_eq!(going_on.standing, Standing::Possible);
}

#[test]
fn wfm_2_a_guarding_fact_is_handed_to_the_commit() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world
        .act(LIN, case, "classify", &[("class", text("not_liable"))])
        .unwrap();
    // Missing is not fewer than three.
    assert!(matches!(
        world.act(LIN, case, "grant_discount", &[]),
        Err(Refusal::Clause { .. })
    ));
    world
        .facts
        .insert("discounts".into(), regulation::FieldValue::Number(2));
    world.act(LIN, case, "grant_discount", &[]).unwrap();
    let (query, value) = &world.last.guards[0];
    assert_eq!(
        (query.index.as_str(), value.clone()),
        ("complaint:customer", Some(2.into_value()))
    );
    world
        .facts
        .insert("discounts".into(), regulation::FieldValue::Number(3));
    let refusal = world.act(LIN, case, "grant_discount", &[]).unwrap_err();
    assert!(matches!(refusal, Refusal::Clause { on_input: false, .. }));
}

trait IntoValue {
    fn into_value(self) -> regulation::FieldValue;
}

impl IntoValue for i64 {
    fn into_value(self) -> regulation::FieldValue {
        regulation::FieldValue::Number(self)
    }
}
