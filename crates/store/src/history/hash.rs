//! The two hashes of an event: of its payload with salt, and of its header in the chain.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// H(salt ‖ payload). The salt keeps a small payload from being guessed after it was erased.
pub fn payload_hash(salt: &[u8], payload: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(payload);
    hasher.finalize().into()
}

/// What an event's chain hash covers, beside the hash before it.
#[derive(Debug, Clone, Copy)]
pub struct ChainLink<'a> {
    /// The record.
    pub record: i64,
    /// Its place in the record's chain, from 1.
    pub seq: i64,
    /// The record's kind.
    pub record_kind: &'a str,
    /// The event's kind.
    pub name: &'a str,
    /// When it happened.
    pub happened: i64,
    /// When it was recorded.
    pub recorded: i64,
    /// Who acted; 0 is the engine.
    pub actor: i64,
    /// H(salt ‖ payload).
    pub payload_hash: &'a Hash,
}

/// The chain hash: over the header, the payload's hash and the hash of the event before it. Texts are preceded by
/// their length, so that no two headers give the same bytes.
pub fn chain_hash(previous: &Hash, link: &ChainLink<'_>) -> Hash {
    let mut bytes = Vec::with_capacity(192);
    bytes.extend_from_slice(b"shouwen-event-1");
    bytes.extend_from_slice(previous);
    for number in [link.record, link.seq, link.happened, link.recorded, link.actor] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    for text in [link.record_kind, link.name] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(link.payload_hash);
    Sha256::digest(&bytes).into()
}

/// Bytes as lower-case hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Hexadecimal digits as bytes; `None` when they are not.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    Some(pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Hexadecimal digits as a hash; `None` when they are not 64 digits.
pub fn hash_from_hex(text: &str) -> Option<Hash> {
    from_hex(text)?.try_into().ok()
}
