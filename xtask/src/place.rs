//! Where things are: the project's root, its tool folder and the folder Cargo builds into.

use std::path::{Path, PathBuf};

/// The project's root folder.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The folder for tools that belong to the project and to nobody else on the machine.
pub fn tools() -> PathBuf {
    root().join(".tools")
}

/// The web client's folder.
pub fn web() -> PathBuf {
    root().join("web")
}

/// The folder Cargo builds into: this program runs from `<target>/debug/xtask`.
pub fn target() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.parent()?.to_path_buf()));
    beside.unwrap_or_else(|| root().join("target"))
}

/// The server's binary as `profile` leaves it (`dev` builds into a folder named `debug`).
pub fn binary(profile: &str) -> PathBuf {
    let folder = if profile == "dev" { "debug" } else { profile };
    target().join(folder).join("shouwen")
}
