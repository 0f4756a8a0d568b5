//! HMAC and the forms it is written in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// How bytes are written as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Small hexadecimal digits.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

impl Encoding {
    pub(crate) fn text(self, bytes: &[u8]) -> String {
        match self {
            Encoding::Hex => hex(bytes),
            Encoding::Base64 => STANDARD.encode(bytes),
        }
    }

    pub(crate) fn bytes(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Encoding::Base64 => STANDARD.decode(text).ok(),
            Encoding::Hex => {
                let digits = text.as_bytes();
                if !digits.len().is_multiple_of(2) {
                    return None;
                }
                digits
                    .chunks(2)
                    .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                    .collect()
            }
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn keyed(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    // HMAC takes keys of every length; the type cannot say so.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac)
}

/// HMAC-SHA256.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    keyed(key, message)
        .map(|mac| mac.finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// Whether this is the HMAC of that message; how long it takes tells nothing.
pub(crate) fn verified(key: &[u8], message: &[u8], given: &[u8]) -> bool {
    keyed(key, message).is_some_and(|mac| mac.verify_slice(given).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_case_of_rfc_4231_holds() {
        let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&mac), expected);
        assert!(verified(b"Jefe", b"what do ya want for nothing?", &mac));
        assert!(!verified(b"Jefe", b"what do ya want for something?", &mac));
        assert_eq!(Encoding::Hex.bytes(expected), Some(mac.clone()));
        assert_eq!(Encoding::Base64.bytes(&Encoding::Base64.text(&mac)), Some(mac));
        assert_eq!(Encoding::Hex.bytes("abc"), None);
        assert_eq!(Encoding::Hex.bytes("zz"), None);
    }
}
