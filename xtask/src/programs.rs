//! Programs of Debian's that the tests start by themselves: an SMTP server, a directory, a library that turns the clock. A
//! test whose program is missing says that it is left out; here none is.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::debian;
use crate::step::Outcome;

/// Where Debian puts the library that stands between a program and the clock.
const FAKETIME: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];

/// Finds them, or installs them.
pub fn ready() -> Outcome {
    let mail = Command::new("/usr/bin/python3")
        .args(["-c", "import aiosmtpd"])
        .stderr(Stdio::null())
        .status();
    if !mail.is_ok_and(|status| status.success()) {
        debian::install(&["python3-aiosmtpd"])?;
    }
    if !FAKETIME.iter().any(|path| Path::new(path).is_file()) {
        debian::install(&["faketime"])?;
    }
    let unpacked = std::env::var_os("SHOUWEN_TEST_SLAPD").is_some();
    if !unpacked && !Path::new("/usr/sbin/slapd").is_file() {
        debian::install_at_rest(&["slapd"])?;
    }
    Ok(())
}
