//! How likely each action is among those that are open.

use regulation::Case;
use regulation::model::{Action, Start};

/// Whether an action is open in the case's stage.
pub(super) fn open_in(action: &Action, case: &Case) -> bool {
    match &action.from {
        Start::Stages(stages) => stages.contains(&case.stage),
        Start::AnyOpen | Start::Always => true,
    }
}

/// How likely an action is among those open; 0 never by itself.
pub(super) fn weight(action: &Action, case: &Case, right: bool) -> u32 {
    let done = |key: &str| case.doings.iter().filter(|doing| doing.action == key).count();
    let in_round = case
        .doings
        .iter()
        .any(|doing| doing.action == action.key && doing.round == case.round);
    let once = |weight: u32| if in_round { 0 } else { weight };
    match action.key.as_str() {
        "respond" | "take_statement" | "record_opinion" | "publish" | "department_view" => once(300),
        "give_number" if case.stage == "assisting" => once(300),
        "record_step" => {
            if done("record_step") == 0 {
                300
            } else {
                12
            }
        }
        "verify_by_service" | "verify_by_quality" => once(300),
        "escalate" if done("mark_beyond_authority") > done("escalate") => 400,
        "answer_inquiry" if done("inquire") > done("answer_inquiry") => 400,
        "take_second_line" if done("to_second_line") > done("take_second_line") => 400,
        "resume" if case.clocks.iter().any(|clock| clock.paused.is_some()) => 300,
        "unsupervise" if case.supervised => 4,
        "record_accountability" => once(200),
        "raise_grade" | "analyse" | "move_appointment" | "move_reply_time" | "pass_up"
        | "assign_call_back" | "decide_penalty" => once(3),
        "waive_call_back" => 7,
        "appoint" | "record_commission" => once(4),
        "to_suggestion" | "refer_grave" | "give_up" | "not_effective" | "to_quality"
        | "call_grave_review" | "call_review" => 3,
        "settle_slip" => 60,
        "refer" | "ask_leader" => 30,
        "note" | "urge" => 3,
        "supervise" if !case.supervised => once(2),
        "register_change"
        | "split"
        | "inquire"
        | "report_problem"
        | "to_second_line"
        | "hand_over"
        | "mark_beyond_authority" => once(1),
        "pause" => once(1),
        "assign_handler" => once(1),
        "link_collective" | "call_up" | "merge" | "void_case" | "refuse_service" | "assign_unit" => 0,
        _ if right => 0,
        _ if action.to.is_empty() => once(20),
        _ => 100,
    }
}
