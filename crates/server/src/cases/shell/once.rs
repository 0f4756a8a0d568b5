//! Requests that are carried out once, however often they are sent.

use regulation::{Command, Id};
use sha2::{Digest, Sha256};

use super::{Done, Order, ShellError};
use crate::centre::Centre;

/// A request that is carried out once, however often it is sent.
#[derive(Clone, Debug)]
pub struct Once {
    /// The key its sender gave it.
    pub key: String,
    /// What it asks for, as a sum: the same key for something else is a mistake of the sender.
    pub asked: String,
}

impl Once {
    /// The request for this command on this case.
    pub fn new(key: String, case: Option<Id>, command: &Command) -> Self {
        let mut sum = Sha256::new();
        sum.update(format!("{case:?} {command:?}"));
        let asked = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Once { key, asked }
    }
}

const DONE_BEFORE: &str = "SELECT result FROM idempotency WHERE person = $1 AND key = $2";

/// What was answered to the request with this key: the case, and what was asked for.
pub(super) fn answered_before(order: &Order<'_>, result: &[u8]) -> Result<Done, ShellError> {
    let text = String::from_utf8_lossy(result);
    let (case, asked) = text.split_once(' ').unwrap_or((&text, ""));
    let other = |once: &Once| !asked.is_empty() && once.asked != asked;
    match case.parse() {
        Ok(case) if !order.idempotency.as_ref().is_some_and(other) => Ok(Done {
            case,
            state: None,
            position: None,
        }),
        _ => Err(ShellError::KeyOfAnother),
    }
}

impl Centre {
    /// What an earlier request with the same key did.
    pub(super) async fn done_before(&self, order: &Order<'_>) -> Result<Option<Done>, ShellError> {
        let (Some(once), Some(person)) = (&order.idempotency, order.actor.person) else {
            return Ok(None);
        };
        let params = [person.0.into(), once.key.as_str().into()];
        let rows = self.store.query(DONE_BEFORE, &params).await?;
        rows.first()
            .map(|row| answered_before(order, row.blob(0)?))
            .transpose()
    }
}
