//! What a person may do, asked of the engine itself, so that a screen and the act can never disagree.

use regulation::decide::{Mode, Opened};
use regulation::model::Procedure;
use regulation::{Case, Command, Facts, Fields, Id, Refusal, Setting, decide};

/// Whether the setting's actor could sign this approval now.
pub fn may_sign(setting: &Setting<'_>, case: &Case, approval: u32) -> bool {
    let command = Command::Sign {
        approval,
        agree: true,
        reason: None,
        seen: None,
    };
    decide(setting, Some(case), &Facts::default(), &command).is_ok()
}

/// Whether the setting's actor could answer this question now.
pub fn may_answer(setting: &Setting<'_>, case: &Case, question: u32) -> bool {
    let command = Command::Answer {
        question,
        yes: false,
        reason: "-".to_owned(),
    };
    decide(setting, Some(case), &Facts::default(), &command).is_ok()
}

/// Whether the setting's actor may open cases of this procedure in this unit, whatever is typed.
pub fn may_open(setting: &Setting<'_>, procedure: &Procedure, unit: Id) -> bool {
    debug_assert_eq!(setting.mode, Mode::Live);
    let opened = Opened {
        owning_unit: Some(unit),
        channel: "phone".to_owned(),
        ..Opened::default()
    };
    let command = Command::Open {
        procedure: procedure.key.clone(),
        opened,
        input: Fields::new(),
    };
    let facts = Facts {
        ids: vec![Id(1)],
        ..Facts::default()
    };
    !matches!(
        decide(setting, None, &facts, &command),
        Err(Refusal::Forbidden { .. } | Refusal::Unknown { .. })
    )
}
