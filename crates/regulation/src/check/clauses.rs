//! Clauses that nobody carries out and nobody declares kept by people.

use std::collections::BTreeSet;

use crate::load::here::Reading;
use crate::model::{Action, ClauseRef, Content, Pack, Procedure};
use crate::source::Mistakes;

/// Notes every clause of the pack itself that nothing carries.
pub(super) fn check(pack: &Pack, reading: &Reading<'_>, mistakes: &Mistakes) {
    let carried = carried(pack);
    let places: Vec<_> = reading.own.text.clauses().collect();
    for clause in pack.clauses.iter().filter(|clause| clause.id.pack == pack.name) {
        if clause.kept_by_people.is_some() || carried.contains(&clause.id) {
            continue;
        }
        let Some((.., place)) = places.iter().find(|(id, ..)| *id == &*clause.id.clause) else {
            continue;
        };
        mistakes.note(
            place,
            "clause.uncarried",
            (format!("条款 {} 没有任何流程落实，也没有声明由人遵守", clause.number), format!("Clause {} is carried out by nothing and not declared kept by people", clause.number)),
            (
                format!("在操作、时限、审批等处写 clause: \"{0}\"，或在 kept_by_people 中列出", clause.id.clause),
                format!("Write `clause: \"{0}\"` at an action, a deadline, an approval …, or list it under `kept_by_people`", clause.id.clause),
            ),
        );
    }
}

/// Every clause that something carries.
pub fn carried(pack: &Pack) -> BTreeSet<ClauseRef> {
    let mut all: BTreeSet<ClauseRef> = BTreeSet::new();
    for procedure in pack.procedures.values() {
        of_procedure(procedure, &mut all);
    }
    pack.rights.iter().for_each(|right| of_action(right, &mut all));
    all.extend(pack.back_dating.iter().map(|one| one.clause.clone()));
    all.extend(pack.obligations.iter().map(|one| one.clause.clone()));
    all.extend(pack.figures.iter().map(|one| one.clause.clone()));
    all.extend(pack.phrases.iter().filter_map(|one| one.clause.clone()));
    all.extend(pack.forms.values().filter_map(|one| one.clause.clone()));
    all
}

fn of_procedure(procedure: &Procedure, all: &mut BTreeSet<ClauseRef>) {
    all.extend(procedure.intake_clause.clone());
    procedure.actions.iter().for_each(|action| of_action(action, all));
    all.extend(procedure.approvals.iter().map(|one| one.clause.clone()));
    all.extend(procedure.deadlines.iter().map(|one| one.clause.clone()));
    all.extend(procedure.questions.iter().map(|one| one.clause.clone()));
    all.extend(procedure.unique.iter().map(|one| one.clause.clone()));
    all.extend(procedure.samples.iter().map(|one| one.clause.clone()));
}

fn of_action(action: &Action, all: &mut BTreeSet<ClauseRef>) {
    all.extend(action.clause.clone());
    all.extend(action.needs.iter().map(|guard| guard.clause.clone()));
    all.extend(action.tell.iter().filter_map(|telling| match &telling.what {
        Content::Message(message) => Some(message.clause.clone()),
        Content::Said(_) => None,
    }));
}
