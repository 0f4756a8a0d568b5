//! A real SMTP server for the tests of mail: Debian's aiosmtpd, which the tests start by themselves.

use std::process::{Command, Stdio};

use crate::debian;
use crate::step::Outcome;

/// Finds it, or installs it.
pub fn ready() -> Outcome {
    let found = Command::new("/usr/bin/python3")
        .args(["-c", "import aiosmtpd"])
        .stderr(Stdio::null())
        .status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    debian::install(&["python3-aiosmtpd"])
}
