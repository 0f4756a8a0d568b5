//! Questions that the regulation raised, with their answers.

use regulation::model::Procedure;
use regulation::{Case, Setting};
use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::rights;
use crate::centre::Surroundings;
use crate::http::Language;
use crate::http::wire::{ClauseTag, clause_tag};

/// A question.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionView {
    /// Number in the case.
    pub no: u32,
    /// What is asked.
    pub title: String,
    /// The clause behind it.
    pub clause: ClauseTag,
    /// When it was raised.
    pub raised_at: String,
    /// The person concerned.
    pub about_name: Option<String>,
    /// The answer.
    pub answer: Option<bool>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// Whether the caller can answer now.
    pub may_answer: bool,
}

pub(super) fn questions(
    around: &Surroundings,
    procedure: Option<&Procedure>,
    setting: &Setting<'_>,
    case: &Case,
    language: Language,
) -> Vec<QuestionView> {
    case.questions
        .iter()
        .rev()
        .map(|question| {
            let stated = procedure.and_then(|procedure| {
                procedure
                    .questions
                    .iter()
                    .find(|one| one.key == question.question)
            });
            QuestionView {
                no: question.no,
                title: stated.map_or_else(
                    || {
                        language
                            .pick("延误由谁负责，请核定", "Who answers for the delay?")
                            .to_owned()
                    },
                    |stated| language.say(&stated.title),
                ),
                clause: clause_tag(&around.packs, &question.clause, language),
                raised_at: question.raised.to_string(),
                about_name: around.picture.person_name(question.about).map(str::to_owned),
                answer: question.answer.map(|(yes, _, _)| yes),
                answered_by: question
                    .answer
                    .and_then(|(_, person, _)| around.picture.person_name(person))
                    .map(str::to_owned),
                may_answer: question.answer.is_none() && rights::may_answer(setting, case, question.no),
            }
        })
        .collect()
}
