//! Debian packages: installing the few that cannot be had otherwise.

use std::sync::Mutex;

use crate::step::{Job, Outcome, Show, is_root, on_path, step};

/// Only one apt at a time, and the list of packages is fetched once.
static UPDATED: Mutex<bool> = Mutex::new(false);

/// Installs Debian packages, with sudo only when this is not root's process.
pub fn install(packages: &[&str]) -> Outcome {
    let mut updated = UPDATED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    step(&format!("apt-get install {}", packages.join(" ")), || {
        if !*updated {
            apt(packages, &["update", "-q"])?;
            *updated = true;
        }
        let mut args = vec!["install", "-y", "-q", "--no-install-recommends"];
        args.extend(packages);
        apt(packages, &args)
    })
}

fn apt(packages: &[&str], args: &[&str]) -> Outcome {
    let job = if is_root() {
        Job::new("env")
    } else {
        Job::new("sudo").args(["env"])
    };
    let reason = if on_path("apt-get") {
        ""
    } else {
        "this is not a Debian system; "
    };
    job.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=300",
    ])
    .args(args)
    .remedy(format!(
        "{reason}install the Debian packages by hand as root: apt-get install {}",
        packages.join(" ")
    ))
    .run(Show::OnFailure)
}
