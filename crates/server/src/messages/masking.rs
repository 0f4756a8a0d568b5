//! Recipients as screens show them.

use crate::cases::words;

/// A number or address of a channel with its middle hidden; names of robots as they are.
pub(super) fn masked(channel: &str, recipient: &str) -> String {
    match channel {
        "mail" => address(recipient),
        "robot" => recipient.to_owned(),
        _ => words::masked(recipient),
    }
}

/// A mail address with the middle of its first half hidden.
fn address(address: &str) -> String {
    let Some((user, domain)) = address.split_once('@') else {
        return words::masked(address);
    };
    let first: String = user.chars().take(1).collect();
    format!("{first}***@{domain}")
}
