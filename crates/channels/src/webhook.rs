//! Web hooks: what happened, told to another program, signed.
//!
//! The header `Shouwen-Signature: t=SECONDS,v1=HEX` holds the time of sending and the HMAC-SHA256 of `SECONDS.BODY` under the
//! subscription's secret; `Shouwen-Key` stays the same when the message is sent again.

use crate::door::{Call, Door};
use crate::signing::{Encoding, hmac_sha256, verified};
use crate::{Accepted, Failure};

/// How far the time in a signature may lie from the receiver's own, in seconds.
pub const TOLERANCE: i64 = 300;

/// The signature of a body at a time.
pub fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let mac = hmac_sha256(secret.as_bytes(), format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", Encoding::Hex.text(&mac))
}

/// Whether a signature is that of a body and not too old: what a receiver has to check.
pub fn is_signed(secret: &str, header: &str, body: &str, now_seconds: i64) -> bool {
    let mut time = None;
    let mut mac = None;
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", seconds)) => time = seconds.parse::<i64>().ok(),
            Some(("v1", hex)) => mac = Encoding::Hex.bytes(hex),
            _ => {}
        }
    }
    let (Some(time), Some(mac)) = (time, mac) else {
        return false;
    };
    time.abs_diff(now_seconds) <= TOLERANCE.unsigned_abs()
        && verified(secret.as_bytes(), format!("{time}.{body}").as_bytes(), &mac)
}

/// Sends a body to a subscription.
pub async fn send(
    door: &Door,
    url: &str,
    secret: &str,
    key: &str,
    body: &str,
    now: i64,
) -> Result<Accepted, Failure> {
    let call = Call {
        method: "POST",
        url: url.to_owned(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("shouwen-key".to_owned(), key.to_owned()),
            (
                "shouwen-signature".to_owned(),
                signature(secret, now / 1_000, body),
            ),
        ],
        body: body.as_bytes().to_vec(),
    };
    let reply = door.call(call).await?;
    match reply.status {
        200..=299 => Ok(Accepted::default()),
        // Gone for good, by the receiver's own word.
        410 => Err(Failure::permanent("the receiver answered 410")),
        // A redirect is not followed: it would lead where nobody looked.
        300..=399 => Err(Failure::permanent(format!(
            "the receiver answered {}; redirects are not followed",
            reply.status
        ))),
        // Everything else may be a receiver that is being repaired: its messages are not given up at once.
        status => Err(Failure::Temporary {
            why: format!("the receiver answered {status}"),
            after: reply.after,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_body_its_secret_and_its_time_alone() {
        let header = signature("s3cret", 1_700_000_000, "{}");
        assert!(is_signed("s3cret", &header, "{}", 1_700_000_010));
        assert!(!is_signed("s3cret", &header, "{ }", 1_700_000_010));
        assert!(!is_signed("other", &header, "{}", 1_700_000_010));
        assert!(!is_signed("s3cret", &header, "{}", 1_700_000_000 + TOLERANCE + 1));
        assert!(!is_signed("s3cret", "", "{}", 1_700_000_000));
        assert!(!is_signed(
            "s3cret",
            &header.replace("t=17", "t=16"),
            "{}",
            1_600_000_000
        ));
    }
}
