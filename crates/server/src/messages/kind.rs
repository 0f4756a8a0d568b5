//! The kinds of notice that people choose between.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An act says so.
    Told,
    /// A matter was given to them.
    Assigned,
    /// A deadline comes near.
    Reminder,
    /// A deadline has passed.
    Overdue,
    /// Their signature is asked for.
    Signature,
    /// Their answer is asked for.
    Question,
    /// A customer presses.
    Urged,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] = [
        Kind::Told,
        Kind::Assigned,
        Kind::Reminder,
        Kind::Overdue,
        Kind::Signature,
        Kind::Question,
        Kind::Urged,
    ];

    /// The word that tables and settings use.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Told => "told",
            Kind::Assigned => "assigned",
            Kind::Reminder => "reminder",
            Kind::Overdue => "overdue",
            Kind::Signature => "signature",
            Kind::Question => "question",
            Kind::Urged => "urged",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// As people say it, in Chinese and English.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            Kind::Told => ("通知", "Notice"),
            Kind::Assigned => ("派到您名下", "Assigned to you"),
            Kind::Reminder => ("到期提醒", "Reminder"),
            Kind::Overdue => ("超时", "Overdue"),
            Kind::Signature => ("待签批", "Signature wanted"),
            Kind::Question => ("待核", "Answer wanted"),
            Kind::Urged => ("客户催办", "The customer presses"),
        }
    }
}

/// Kinds as kept in one column.
pub(super) fn joined(kinds: &[Kind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
    words.join(" ")
}

/// Kinds as read from one column; words of a later version are passed over.
pub(super) fn split(text: &str) -> Vec<Kind> {
    text.split(' ').filter_map(Kind::of).collect()
}
