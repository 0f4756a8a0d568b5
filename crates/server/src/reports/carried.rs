//! What of a pack carries each clause: deadlines, actions and their conditions, approvals, questions, figures,
//! obligations, samples, uniqueness, forms, phrases.

use std::collections::BTreeMap;

use calendar::Limit;
use regulation::model::{Bound, ClauseRef, Procedure};
use regulation::{Pack, Said};

use crate::http::Language;

/// What carries a clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// One line each, in the order of the pack.
    pub by: Vec<Said>,
    /// The limits of the first deadline that carries it.
    pub limits: Vec<Limit>,
}

impl Carried {
    /// The limits as people read them, alternatives side by side.
    pub fn limit(&self, language: Language) -> Option<String> {
        let labels: Vec<String> = self
            .limits
            .iter()
            .map(|limit| limit.label(language.calendar()))
            .collect();
        (!labels.is_empty()).then(|| labels.join(" / "))
    }

    fn note(&mut self, kind: (&str, &str), inside: Option<&Procedure>, title: &Said) {
        let line = match inside {
            Some(procedure) => Said {
                zh: format!("{}·{}：{}", procedure.title.zh, kind.0, title.zh),
                en: format!("{} · {}: {}", procedure.title.en, kind.1, title.en),
            },
            None => Said {
                zh: format!("{}：{}", kind.0, title.zh),
                en: format!("{}: {}", kind.1, title.en),
            },
        };
        if !self.by.contains(&line) {
            self.by.push(line);
        }
    }
}

/// What carries each clause of a pack.
pub fn carried(pack: &Pack) -> BTreeMap<ClauseRef, Carried> {
    let mut all: BTreeMap<ClauseRef, Carried> = BTreeMap::new();
    for procedure in pack.procedures.values() {
        of_procedure(procedure, &mut all);
    }
    for obligation in &pack.obligations {
        let carried = all.entry(obligation.clause.clone()).or_default();
        carried.note(("定期义务", "Obligation"), None, &obligation.title);
        if carried.limits.is_empty() {
            carried.limits.push(obligation.due);
        }
    }
    for figure in &pack.figures {
        all.entry(figure.clause.clone())
            .or_default()
            .note(("指标", "Figure"), None, &figure.title);
    }
    for form in pack.forms.values() {
        if let Some(clause) = &form.clause {
            all.entry(clause.clone())
                .or_default()
                .note(("单据", "Form"), None, &form.title);
        }
    }
    for phrases in &pack.phrases {
        if let Some(clause) = &phrases.clause {
            all.entry(clause.clone())
                .or_default()
                .note(("用语", "Phrases"), None, &phrases.title);
        }
    }
    all
}

fn of_procedure(procedure: &Procedure, all: &mut BTreeMap<ClauseRef, Carried>) {
    let inside = Some(procedure);
    if let Some(clause) = &procedure.intake_clause {
        let intake = Said {
            zh: "受理".to_owned(),
            en: "Intake".to_owned(),
        };
        all.entry(clause.clone())
            .or_default()
            .note(("登记", "Registration"), inside, &intake);
    }
    for deadline in &procedure.deadlines {
        let carried = all.entry(deadline.clause.clone()).or_default();
        carried.note(("时限", "Deadline"), inside, &deadline.title);
        if let Bound::Within(choices) = &deadline.bound
            && carried.limits.is_empty()
        {
            carried.limits.extend(choices.iter().map(|choice| choice.limit));
        }
    }
    for action in &procedure.actions {
        if let Some(clause) = &action.clause {
            all.entry(clause.clone())
                .or_default()
                .note(("动作", "Action"), inside, &action.title);
        }
        for guard in &action.needs {
            all.entry(guard.clause.clone())
                .or_default()
                .note(("条件", "Condition"), inside, &action.title);
        }
    }
    for approval in &procedure.approvals {
        all.entry(approval.clause.clone())
            .or_default()
            .note(("签批", "Approval"), inside, &approval.title);
    }
    for question in &procedure.questions {
        all.entry(question.clause.clone())
            .or_default()
            .note(("待核", "Question"), inside, &question.title);
    }
    for unique in &procedure.unique {
        all.entry(unique.clause.clone())
            .or_default()
            .note(("只此一次", "Once only"), inside, &unique.say);
    }
    for sample in &procedure.samples {
        all.entry(sample.clause.clone())
            .or_default()
            .note(("抽查", "Sample"), inside, &sample.title);
    }
}
