//! What can be done on a case, and why not.

use regulation::Refusal;
use regulation::decide::{Offer, Standing};
use serde::Serialize;
use utoipa::ToSchema;

use crate::centre::Surroundings;
use crate::http::Language;
use crate::http::wire::{ClauseTag, FieldView, clause_tag, field_view, refusal_said};

/// An action as offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferView {
    /// Key.
    pub action: String,
    /// The button.
    pub title: String,
    /// The clause it carries out.
    pub clause: Option<ClauseTag>,
    /// What it asks; nothing while it is refused.
    pub fields: Vec<FieldView>,
    /// `possible`, `needs_input` or `refused`.
    pub state: String,
    /// Why refused.
    pub refusal: Option<RefusalView>,
    /// Whether it may end the case.
    pub ends: bool,
    /// A right open on every case.
    pub right: bool,
    /// The next thing that can be done: the first permitted one.
    pub primary: bool,
}

/// Why an action is refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalView {
    /// The kind of refusal.
    pub why: String,
    /// In words.
    pub say: String,
    /// The clause behind it.
    pub clause: Option<ClauseTag>,
    /// Who could.
    pub could: Vec<String>,
}

pub(super) fn offer_views(
    around: &Surroundings,
    offers: Vec<Offer<'_>>,
    language: Language,
) -> Vec<OfferView> {
    let first = offers
        .iter()
        .position(|offer| !offer.right && !matches!(offer.standing, Standing::Refused(_)));
    offers
        .into_iter()
        .enumerate()
        .map(|(index, offer)| {
            let (state, refusal) = match &offer.standing {
                Standing::Possible => ("possible", None),
                Standing::HangsOnInput => ("needs_input", None),
                Standing::Refused(refusal) => (
                    "refused",
                    Some(refusal_view(around, refusal, &offer.who, language)),
                ),
            };
            OfferView {
                action: offer.key.to_owned(),
                title: language.say(offer.title),
                clause: offer
                    .clause
                    .map(|clause| clause_tag(&around.packs, clause, language)),
                fields: offer
                    .ask
                    .iter()
                    .filter(|_| refusal.is_none())
                    .map(|field| field_view(field, language))
                    .collect(),
                state: state.to_owned(),
                refusal,
                ends: offer.ends,
                right: offer.right,
                primary: first == Some(index),
            }
        })
        .collect()
}

fn refusal_view(
    around: &Surroundings,
    refusal: &Refusal,
    who: &[regulation::Said],
    language: Language,
) -> RefusalView {
    RefusalView {
        why: crate::http::problem::why(refusal).to_owned(),
        say: language.say(&refusal_said(refusal)),
        clause: refusal
            .clause()
            .map(|clause| clause_tag(&around.packs, clause, language)),
        could: who.iter().map(|one| language.say(one)).collect(),
    }
}
