//! Receipts: the gateway tells us later what became of a message. Whoever knocks must have signed what it brings.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::gateway::word;
use crate::signing::{Encoding, verified};
use crate::{Secret, Template};

/// How old a receipt's time may be, in seconds.
const TOLERANCE: u64 = 300;

/// The most receipts in one call.
const MOST: usize = 1_000;

/// How receipts are signed and read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipts {
    /// The secret they are signed with.
    pub secret: Secret,
    /// The header with the signature.
    pub signature_header: String,
    /// The header with the time in seconds or milliseconds.
    pub timestamp_header: String,
    /// What is signed: `${timestamp}` and `${body}`.
    pub canonical: Template,
    /// How the signature is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// Where the list stands (JSON pointer); the body itself unless given.
    #[serde(default)]
    pub list: String,
    /// Where the message's name stands in an entry.
    pub id: String,
    /// Where its state stands.
    pub state: String,
    /// The states that mean: delivered. Every other is a failure.
    pub delivered: Vec<String>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The gateway's name for it.
    pub id: String,
    /// Whether it reached the telephone.
    pub delivered: bool,
    /// The gateway's word for what happened.
    pub word: String,
}

/// Why receipts are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReceipt {
    /// Not signed by the gateway, or long ago.
    #[error("not signed by the gateway, or too long ago")]
    Unsigned,
    /// Not readable by the settings.
    #[error("not what the settings say that receipts look like")]
    Unreadable,
}

impl Receipts {
    /// The receipts in a call, once its signature holds.
    pub fn read(
        &self,
        header: impl Fn(&str) -> Option<String>,
        body: &[u8],
        now: i64,
    ) -> Result<Vec<Receipt>, BadReceipt> {
        let text = std::str::from_utf8(body).map_err(|_| BadReceipt::Unsigned)?;
        let timestamp = header(&self.timestamp_header).ok_or(BadReceipt::Unsigned)?;
        let seconds: i64 = timestamp.parse().map_err(|_| BadReceipt::Unsigned)?;
        let seconds = if timestamp.len() > 11 {
            seconds / 1_000
        } else {
            seconds
        };
        if seconds.abs_diff(now / 1_000) > TOLERANCE {
            return Err(BadReceipt::Unsigned);
        }
        let values = BTreeMap::from([("timestamp", timestamp), ("body", text.to_owned())]);
        let canonical = self.canonical.plain(&values).map_err(|_| BadReceipt::Unsigned)?;
        let given = header(&self.signature_header).ok_or(BadReceipt::Unsigned)?;
        let given = self.encoding.bytes(&given).ok_or(BadReceipt::Unsigned)?;
        if !verified(self.secret.reveal().as_bytes(), canonical.as_bytes(), &given) {
            return Err(BadReceipt::Unsigned);
        }
        let body: Value = serde_json::from_str(text).map_err(|_| BadReceipt::Unreadable)?;
        let entries = match body.pointer(&self.list) {
            Some(Value::Array(entries)) => entries.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => return Err(BadReceipt::Unreadable),
        };
        if entries.len() > MOST {
            return Err(BadReceipt::Unreadable);
        }
        entries
            .iter()
            .map(|entry| {
                let (id, said) = word(entry, &self.id)
                    .zip(word(entry, &self.state))
                    .ok_or(BadReceipt::Unreadable)?;
                Ok(Receipt {
                    id,
                    delivered: self.delivered.contains(&said),
                    word: said.chars().take(60).collect(),
                })
            })
            .collect()
    }
}
