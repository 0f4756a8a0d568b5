//! A mistake inside an expression, before its place in the file is known.

use crate::source::{Mistake, Origin, Said};

/// A mistake at a character of the expression's text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    at: usize,
    code: &'static str,
    reason: Said,
    remedy: Said,
}

impl Problem {
    /// Index of the character, code, reason (zh, en), remedy (zh, en).
    pub fn new(
        at: usize,
        code: &'static str,
        reason: (impl Into<String>, impl Into<String>),
        remedy: (impl Into<String>, impl Into<String>),
    ) -> Self {
        Problem {
            at,
            code,
            reason: Said::new(reason.0, reason.1),
            remedy: Said::new(remedy.0, remedy.1),
        }
    }

    /// With its place in the file.
    pub fn placed(self, origin: &Origin) -> Mistake {
        Mistake::new(origin.at(self.at), self.code, self.reason, self.remedy)
    }
}
