//! A refusal in a test's words.

use crate::decide::Refusal;

/// The kind of a refusal, as a test writes it.
pub(super) fn kind(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Unknown { .. } => "unknown",
        Refusal::NotHere { .. } => "not here",
        Refusal::Forbidden { .. } => "forbidden",
        Refusal::Clause { .. } => "clause",
        Refusal::Unapproved { .. } => "unapproved",
        Refusal::Input { .. } => "input",
        Refusal::Stale { .. } => "stale",
        Refusal::Taken { .. } => "taken",
        Refusal::Settled { .. } => "settled",
        Refusal::Unmovable { .. } => "unmovable",
    }
}

/// What a refusal says, Chinese and English.
pub(super) fn said(refusal: &Refusal) -> (String, String) {
    let listed = |all: &[crate::Said]| {
        let zh: Vec<&str> = all.iter().map(|said| said.zh.as_str()).collect();
        let en: Vec<&str> = all.iter().map(|said| said.en.as_str()).collect();
        (zh.join("、"), en.join(", "))
    };
    match refusal {
        Refusal::Clause { say, .. }
        | Refusal::Unapproved { say, .. }
        | Refusal::Taken { say, .. }
        | Refusal::Settled { say, .. } => (say.zh.clone(), say.en.clone()),
        Refusal::Unknown { name, .. } => (format!("没有“{name}”"), format!("there is no \"{name}\"")),
        Refusal::NotHere { stage, .. } => (
            format!("事项在“{}”", stage.zh),
            format!("the case stands in \"{}\"", stage.en),
        ),
        Refusal::Forbidden { could, .. } => {
            let (zh, en) = listed(could);
            (format!("只有{zh}可以"), format!("only {en} may"))
        }
        Refusal::Input { problems } => {
            let zh: Vec<String> = problems
                .iter()
                .map(|problem| format!("{}：{}", problem.field, problem.say.zh))
                .collect();
            let en: Vec<String> = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.field, problem.say.en))
                .collect();
            (zh.join("；"), en.join("; "))
        }
        Refusal::Stale { did, .. } => (
            format!("其间有人进行了“{did}”"),
            format!("someone did \"{did}\" meanwhile"),
        ),
        Refusal::Unmovable { reasons } => listed(reasons),
    }
}
