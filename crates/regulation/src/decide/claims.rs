//! Names that may be taken only once (MAL-11): claimed in the decision, refused by the store when taken.

use super::Claim;
use super::keys::key_of_input;
use super::work::Work;
use crate::case::{Case, Fields};
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

/// What the case has claimed under another customer is claimed under its own from now on.
pub(super) fn followed(work: &mut Work<'_>, before: &Case) {
    let did = |key: &str| before.doings.iter().rposition(|doing| doing.action == key);
    let procedure = work.procedure;
    let held = procedure.unique.iter().filter(|unique| {
        let taken = match &unique.on {
            None => Some(None),
            Some(action) => did(action).map(Some),
        };
        let releasing = procedure
            .actions
            .iter()
            .filter(|action| action.releases.contains(&unique.name));
        let freed = releasing.filter_map(|action| did(&action.key)).max();
        taken.is_some_and(|taken| freed.is_none_or(|freed| taken.is_some_and(|taken| taken > freed)))
    });
    for unique in held.filter(|unique| unique.fields.iter().any(|field| field == "customer")) {
        let claim = |case: &Case| {
            key_of_input(&Fields::new(), Some(case), &unique.fields).map(|key| Claim {
                name: unique.name.clone(),
                key,
                case: case.id,
            })
        };
        work.decision.releases.extend(claim(before));
        work.decision.claims.extend(claim(&work.case));
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
