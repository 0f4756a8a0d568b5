//! Signatures asked and given.

use regulation::case::ApprovalStatus;
use regulation::model::Procedure;
use regulation::{Case, Setting};
use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::rights;
use crate::cases::timeline::Teller;
use crate::centre::Surroundings;
use crate::http::wire::{ClauseTag, clause_tag};

/// An approval.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalView {
    /// Number in the case.
    pub no: u32,
    /// Key.
    pub approval: String,
    /// Name.
    pub title: String,
    /// The clause behind it.
    pub clause: ClauseTag,
    /// `asked`, `granted` or `refused`.
    pub status: String,
    /// Steps in order.
    pub steps: Vec<StepView>,
    /// Whether the caller can sign now.
    pub may_sign: bool,
}

/// A step of an approval.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// How many signatures are enough.
    pub need: u32,
    /// Who signs.
    pub slots: Vec<SlotView>,
}

/// A signer's place.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotView {
    /// Who signs, as people say it.
    pub who: String,
    /// Who signed, or is named.
    pub person_name: Option<String>,
    /// When.
    pub signed_at: Option<String>,
    /// Agreed or objected.
    pub agreed: Option<bool>,
}

pub(super) fn approvals(
    around: &Surroundings,
    procedure: Option<&Procedure>,
    setting: &Setting<'_>,
    teller: &Teller<'_>,
    case: &Case,
) -> Vec<ApprovalView> {
    let language = teller.reader.language;
    case.approvals
        .iter()
        .rev()
        .map(|approval| {
            let stated = procedure.and_then(|procedure| {
                procedure
                    .approvals
                    .iter()
                    .find(|one| one.key == approval.approval)
            });
            let status = match approval.status {
                ApprovalStatus::Asked => "asked",
                ApprovalStatus::Granted => "granted",
                ApprovalStatus::Refused => "refused",
            };
            let steps = approval
                .steps
                .iter()
                .enumerate()
                .map(|(step, (need, slots))| StepView {
                    need: *need,
                    slots: slots
                        .iter()
                        .enumerate()
                        .map(|(slot, asked)| {
                            let given = approval
                                .signatures
                                .iter()
                                .find(|given| given.step as usize == step && given.slot as usize == slot);
                            let unit = asked
                                .unit
                                .map(|unit| around.picture.unit_name(unit))
                                .unwrap_or_default();
                            SlotView {
                                who: format!("{unit}{}{}", language.pick("", " "), teller.who(&asked.who))
                                    .trim()
                                    .to_owned(),
                                person_name: around
                                    .picture
                                    .person_name(given.and_then(|given| given.person).or(asked.person))
                                    .map(str::to_owned),
                                signed_at: given.map(|given| given.at.to_string()),
                                agreed: given.map(|given| given.agreed),
                            }
                        })
                        .collect(),
                })
                .collect();
            ApprovalView {
                no: approval.no,
                approval: approval.approval.clone(),
                title: stated.map_or_else(|| approval.approval.clone(), |stated| language.say(&stated.title)),
                clause: clause_tag(&around.packs, &approval.clause, language),
                status: status.to_owned(),
                steps,
                may_sign: approval.status == ApprovalStatus::Asked
                    && rights::may_sign(setting, case, approval.no),
            }
        })
        .collect()
}
