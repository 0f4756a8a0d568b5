//! What became of one attempt to send.

/// The receiver took the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The name it gave the message, by which a receipt will speak of it.
    pub id: Option<String>,
}

/// Why a message was not taken. The words never hold a secret or an address, so that they may be shown and logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may go better later.
    #[error("{why}")]
    Temporary {
        /// What happened.
        why: String,
        /// How long the receiver asked to be left alone, in milliseconds.
        after: Option<i64>,
    },
    /// Sending the same again is of no use.
    #[error("{why}")]
    Permanent {
        /// What happened.
        why: String,
    },
}

impl Failure {
    pub(crate) fn temporary(why: impl Into<String>) -> Self {
        Failure::Temporary {
            why: why.into(),
            after: None,
        }
    }

    pub(crate) fn permanent(why: impl Into<String>) -> Self {
        Failure::Permanent { why: why.into() }
    }
}
