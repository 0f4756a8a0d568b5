//! Names that may be taken only once (MAL-11): claimed in the decision, refused by the store when taken.

use super::Claim;
use super::keys::key_of_input;
use super::work::Work;
use crate::case::Fields;
use crate::model::Action;

/// What the act takes and frees of names that may be taken only once.
pub(super) fn of_action(work: &mut Work<'_>, action: &Action, input: &Fields) {
    let procedure = work.procedure;
    for unique in &procedure.unique {
        let taken = unique.on.as_deref() == Some(action.key.as_str());
        let freed = action.releases.contains(&unique.name);
        if !taken && !freed {
            continue;
        }
        let typed = if taken { input.clone() } else { Fields::new() };
        if let Some(key) = key_of_input(&typed, Some(&work.case), &unique.fields) {
            let claim = Claim {
                name: unique.name.clone(),
                key,
                case: work.case.id,
            };
            if taken {
                work.decision.claims.push(claim);
            } else {
                work.decision.releases.push(claim);
            }
        }
    }
}

/// What an opening takes.
pub(super) fn at_opening(work: &mut Work<'_>) {
    let procedure = work.procedure;
    for unique in procedure.unique.iter().filter(|unique| unique.on.is_none()) {
        if let Some(key) = key_of_input(&Fields::new(), Some(&work.case), &unique.fields) {
            work.decision.claims.push(Claim {
                name: unique.name.clone(),
                key,
                case: work.case.id,
            });
        }
    }
}
