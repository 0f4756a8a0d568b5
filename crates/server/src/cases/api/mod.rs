//! `/api/cases`, `/api/queue`, `/api/call-backs`, `/api/intakes`.

mod acting;
mod board;
pub(super) mod branch;
mod intakes;
mod lists;
mod opening;
mod standing;
mod unmask;

pub use acting::*;
pub use board::*;
pub use intakes::*;
pub use lists::*;
pub use opening::*;
pub use standing::CaseStanding;
pub use unmask::*;

use axum::http::HeaderMap;
use regulation::decide::{Decision, Shown, form};
use regulation::model::{FieldKind, Procedure};
use regulation::{Command, FieldValue, Fields, Id, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use self::intakes::starting;
use super::shell::{Once, ShellError};
use super::view::{CaseView, case_view, visible};
use crate::app::App;
use crate::centre::Surroundings;
use crate::contacts;
use crate::http::problem::FieldSay;
use crate::http::wire::{ClauseTag, clause_tag, read_id as id, refusal_said, stage_title};
use crate::http::{Answer, Language, Problem};
use crate::messages;
use crate::session::Caller;

/// Types what came over the wire; every problem at once.
fn typed(fields: &[regulation::model::Field], input: &serde_json::Value) -> Answer<Fields> {
    form::from_json(fields, input)
        .map_err(|problems| Problem::input(problems.into_iter().map(|one| (one.field, one.say)).collect()))
}

/// Whether what is referred to exists: units and people of the organisation, customers within the caller's sight, files
/// of the case or the caller's own, cases within reach. A case that takes another one in must be open and of the same kind.
async fn check_references(
    app: &App,
    around: &Surroundings,
    caller: &Caller,
    case: Option<Id>,
    fields: &[regulation::model::Field],
    input: &Fields,
    merging: Option<(&regulation::Case, &str)>,
) -> Answer<()> {
    let mut problems = Vec::new();
    for field in crate::attachments::fits(&app.centre.store, caller.person, case, fields, input).await? {
        let say = regulation::Said::new(
            "没有找到所附的文件，请重新上传",
            "A file that is named is not there; upload it again",
        );
        problems.push((field, say));
    }
    for field in fields {
        let Some(value) = input.get(&field.key) else {
            continue;
        };
        let active = |id: Id| around.picture.people.get(&id).is_some_and(|person| person.active);
        let unnamed = |key: &str, field: &regulation::model::Field| {
            let say = regulation::Said::new(
                format!("“{}”没有找到，请从列出的选项中选择", field.title.zh),
                format!("\"{}\" is not there; choose from those listed", field.title.en),
            );
            (key.to_owned(), say)
        };
        if let (FieldKind::People, FieldValue::List(people)) = (&field.kind, value)
            && !people.iter().filter_map(FieldValue::as_id).all(active)
        {
            problems.push(unnamed(&field.key, field));
        }
        let Some(id) = value.as_id() else { continue };
        let known = match &field.kind {
            FieldKind::Unit => around.picture.units.contains_key(&id),
            FieldKind::Person => active(id),
            FieldKind::Customer => crate::customers::sight::sees(app, caller, id).await?,
            FieldKind::Case => match app.centre.case(id).await {
                Ok((other, _)) => {
                    let fits = merging.is_none_or(|(own, into)| {
                        into != field.key
                            || (other.id != own.id
                                && other.ended.is_none()
                                && other.procedure == own.procedure)
                    });
                    fits && visible(around, &caller.actor, &other)
                }
                Err(ShellError::NoSuchCase(_) | ShellError::Erased(_)) => false,
                Err(error) => return Err(error.into()),
            },
            _ => true,
        };
        if !known {
            problems.push(unnamed(&field.key, field));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problem::input(problems))
    }
}

fn idempotency(headers: &HeaderMap, case: Option<Id>, command: &Command) -> Answer<Option<Once>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if (1..=128).contains(&key.len()) => Ok(Some(Once::new(key.to_owned(), case, command))),
        _ => Err(Problem::malformed(
            "Idempotency-Key应为1到128个可见字符。",
            "Idempotency-Key must be 1 to 128 visible characters.",
        )),
    }
}

/// The page of a case with its contacts, or `None` when it is not there or out of reach.
async fn page(app: &App, caller: &Caller, case: Id) -> Answer<Option<CaseView>> {
    let mut view = case_view(&app.centre, &caller.actor, case, caller.language).await?;
    if let Some(view) = &mut view {
        let picture = app.centre.surroundings().picture;
        let (store, calendar) = (&app.centre.store, &picture.fallback);
        messages::told(store, case, caller.language, calendar, &mut view.timeline).await?;
        contacts::told(app, caller, case, &mut view.timeline).await?;
    }
    Ok(view)
}

/// What a dry run tells while typing.
#[derive(Serialize, ToSchema)]
pub struct Trial {
    /// Whether it would be carried out.
    pub possible: bool,
    /// Fields that cannot be taken yet.
    pub problems: Vec<FieldSay>,
    /// Fields asked under what is typed so far.
    pub asked: Vec<String>,
    /// Fields that must be filled under what is typed so far.
    pub required: Vec<String>,
    /// Why it would be refused.
    pub refusal: Option<String>,
    /// The clause behind the refusal.
    pub clause: Option<ClauseTag>,
    /// Clocks that would start.
    pub clocks: Vec<StartingClock>,
    /// The stage it would lead to.
    pub stage_after: Option<String>,
}

fn trial(
    around: &Surroundings,
    procedure: &Procedure,
    asked: Vec<Shown<'_>>,
    outcome: Result<Decision, Refusal>,
    language: Language,
) -> Trial {
    let mut trial = Trial {
        possible: outcome.is_ok(),
        problems: Vec::new(),
        asked: asked.iter().map(|shown| shown.field.key.clone()).collect(),
        required: asked
            .iter()
            .filter(|shown| shown.required)
            .map(|shown| shown.field.key.clone())
            .collect(),
        refusal: None,
        clause: None,
        clocks: Vec::new(),
        stage_after: None,
    };
    match outcome {
        Ok(decision) => {
            for change in decision.events.iter().flat_map(|event| &event.changes) {
                match change {
                    regulation::Change::ClockStarted { clock } => {
                        if let Some(deadline) = procedure.deadline(&clock.deadline) {
                            let mut starting = starting(around, deadline, language);
                            starting.due_at = Some(clock.due.to_string());
                            if let Some(limit) = &clock.limit {
                                starting.limit = limit.label(language.calendar());
                            }
                            trial.clocks.push(starting);
                        }
                    }
                    regulation::Change::Stage { stage, .. } => {
                        trial.stage_after = Some(stage_title(Some(procedure), stage, language));
                    }
                    _ => {}
                }
            }
        }
        Err(Refusal::Input { problems }) => {
            trial.problems = problems
                .into_iter()
                .map(|one| FieldSay {
                    field: one.field,
                    say: language.say(&one.say),
                })
                .collect();
        }
        Err(refusal) => {
            trial.refusal = Some(language.say(&refusal_said(&refusal)));
            trial.clause = refusal
                .clause()
                .map(|clause| clause_tag(&around.packs, clause, language));
        }
    }
    trial
}

#[cfg(test)]
mod tests {
    use regulation::Id;

    use super::*;

    #[test]
    fn ids_are_refused_when_they_are_none() {
        assert!(id("case", "12x").is_err());
        assert!(id("case", "-4").is_err());
        assert_eq!(id("case", "42").unwrap(), Id(42));
    }
}
