//! Approvals: chain, joint, delegated, objected, replaced (CMP-7, CMP-9).

use regulation::case::{ApprovalStatus, Change};
use regulation::{Actor, Command, Id, Refusal};

use crate::world::*;

fn sign(no: u32, agree: bool, reason: Option<&str>) -> Command {
    Command::Sign {
        approval: no,
        agree,
        reason: reason.map(str::to_owned),
        seen: None,
    }
}

fn proposed(world: &mut World) -> Id {
    let case = world.complaint();
    world.classify(case, "major");
    world.act(HE, case, "take", &[]).unwrap();
    world
        .act(HE, case, "propose", &[("plan", text("换钢丝绳"))])
        .unwrap();
    case
}

fn signs(world: &mut World, case: Id, who: &Actor) -> Result<(), Refusal> {
    let no = world.case(case).approvals.last().unwrap().no;
    world.run(who, Some(case), &sign(no, true, None)).map(drop)
}

#[test]
fn cmp_7_a_major_result_waits_for_every_signature_in_order() {
    let mut world = World::at("2026-11-19 10:00");
    let case = proposed(&mut world);
    let reply = [("reply", text("已修复"))];
    let Refusal::Unapproved {
        waiting_for, clause, ..
    } = world.act(LIN, case, "reply", &reply).unwrap_err()
    else {
        panic!()
    };
    assert_eq!(
        (waiting_for[0].zh.as_str(), clause.to_string().as_str()),
        ("“责任部门”的部门负责人", "desk.4.2.3")
    );
    assert!(
        matches!(
            signs(&mut world, case, &actor(WANG)),
            Err(Refusal::Forbidden { .. })
        ),
        "not his turn"
    );
    signs(&mut world, case, &actor(ZHAO)).unwrap();
    signs(&mut world, case, &actor(SUN)).unwrap();
    assert!(world.act(LIN, case, "reply", &reply).is_err(), "joint: both");
    assert!(matches!(
        signs(&mut world, case, &actor(SUN)),
        Err(Refusal::Settled { .. })
    ));
    signs(&mut world, case, &actor(QIAN)).unwrap();
    signs(&mut world, case, &actor(WANG)).unwrap();
    assert_eq!(world.case(case).approvals[0].status, ApprovalStatus::Granted);
    assert!(matches!(
        signs(&mut world, case, &actor(WANG)),
        Err(Refusal::Settled { .. })
    ));
    world.act(LIN, case, "reply", &reply).unwrap();
    assert_eq!(world.case(case).stage, "settled");
}

#[test]
fn cmp_7_a_deputy_signs_on_behalf_only_where_the_pack_says_so() {
    let mut world = World::at("2026-11-19 10:00");
    let case = proposed(&mut world);
    let mut deputy_head = actor(ZHAO);
    deputy_head.person = Some(DEPUTY);
    deputy_head.holdings[0].on_behalf_of = Some(ZHAO);
    assert!(matches!(
        signs(&mut world, case, &deputy_head),
        Err(Refusal::Forbidden { .. })
    ));
    for who in [ZHAO, SUN, QIAN, DEPUTY] {
        signs(&mut world, case, &actor(who)).unwrap();
    }
    let signed = world
        .events(case)
        .iter()
        .flat_map(|event| &event.changes)
        .rev()
        .find_map(|change| match change {
            Change::Signature { on_behalf_of, .. } => Some(*on_behalf_of),
            _ => None,
        });
    assert_eq!(signed, Some(Some(WANG)));
    assert_eq!(
        world.case(case).approvals[0].signatures.last().unwrap().person,
        Some(DEPUTY)
    );
}

#[test]
fn cmp_9_one_person_does_not_sign_two_slots_of_a_step() {
    let mut world = World::at("2026-11-19 10:00");
    let case = proposed(&mut world);
    signs(&mut world, case, &actor(ZHAO)).unwrap();
    let mut both = actor(SUN);
    both.holdings.extend(actor(QIAN).holdings);
    signs(&mut world, case, &both).unwrap();
    assert!(matches!(
        signs(&mut world, case, &both),
        Err(Refusal::Settled { .. })
    ));
}

#[test]
fn cmp_9_an_objection_needs_its_reason_and_sends_back() {
    let mut world = World::at("2026-11-19 10:00");
    let case = proposed(&mut world);
    let no = world.case(case).approvals[0].no;
    assert!(matches!(
        world.run(&actor(ZHAO), Some(case), &sign(no, false, Some(" "))),
        Err(Refusal::Input { .. })
    ));
    world
        .run(&actor(ZHAO), Some(case), &sign(no, false, Some("方案不足")))
        .unwrap();
    let state = world.case(case);
    assert_eq!(
        (state.stage.as_str(), state.round, state.approvals[0].status),
        ("handling", 2, ApprovalStatus::Refused)
    );
    // In the next round it is asked again.
    world
        .act(HE, case, "propose", &[("plan", text("整机更换"))])
        .unwrap();
    assert_eq!(world.case(case).approvals.len(), 2);
    assert!(matches!(
        world.run(&actor(ZHAO), Some(case), &sign(no, true, None)),
        Err(Refusal::Settled { .. })
    ));
}

#[test]
fn cmp_9_an_absent_signer_is_replaced_by_an_act() {
    let mut world = World::at("2026-11-19 10:00");
    let case = proposed(&mut world);
    signs(&mut world, case, &actor(ZHAO)).unwrap();
    let replace = |reason: &str| Command::ReplaceSigner {
        approval: 1,
        step: 1,
        slot: 0,
        person: MA,
        reason: reason.to_owned(),
    };
    assert!(matches!(
        world.run(&actor(LIN), Some(case), &replace("出差")),
        Err(Refusal::Forbidden { .. })
    ));
    assert!(matches!(
        world.run(&actor(WU), Some(case), &replace("")),
        Err(Refusal::Input { .. })
    ));
    world.run(&actor(WU), Some(case), &replace("出差")).unwrap();
    assert!(matches!(
        signs(&mut world, case, &actor(QIAN)),
        Err(Refusal::Forbidden { .. })
    ));
    signs(&mut world, case, &actor(MA)).unwrap();
    signs(&mut world, case, &actor(SUN)).unwrap();
    assert_eq!(world.case(case).approvals[0].waiting_step(), Some(2));
    assert!(matches!(
        world.run(&actor(WU), Some(case), &replace("出差")),
        Err(Refusal::Settled { .. })
    ));
}

#[test]
fn a_general_complaint_asks_no_one() {
    let mut world = World::at("2026-11-19 10:00");
    let case = world.complaint();
    world.classify(case, "general");
    world.settle(case, "换钢丝绳");
    assert!(world.case(case).approvals.is_empty());
}
