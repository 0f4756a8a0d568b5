//! Debian packages: installing the few that cannot be had otherwise.

use std::path::Path;
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

/// Where Debian asks whether a package's service may be started.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs Debian packages whose programs are wanted, not the services they would start: those are refused meanwhile, by
/// the file that Debian's tools ask, which is taken away again unless it was there.
pub fn install_at_rest(packages: &[&str]) -> Outcome {
    let own = !Path::new(POLICY).exists();
    if own {
        let refuse = format!("printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}");
        as_root("sh").args(["-c", &refuse]).run(Show::OnFailure)?;
    }
    let installed = install(packages);
    if own {
        as_root("rm").args(["-f", POLICY]).run(Show::OnFailure)?;
    }
    installed
}

fn as_root(program: &str) -> Job {
    if is_root() {
        Job::new(program)
    } else {
        Job::new("sudo").args([program])
    }
}

fn apt(packages: &[&str], args: &[&str]) -> Outcome {
    let job = as_root("env");
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
