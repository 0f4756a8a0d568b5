//! A real Chromium for the browser tests, and a font that can show Chinese.

use std::path::{Path, PathBuf};

use crate::debian;
use crate::step::{Failure, Outcome};

const PLACES: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/local/bin/chromium",
];

/// Finds a browser, or installs Debian's.
pub fn ready() -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM_PATH") {
        let named = PathBuf::from(named);
        return if named.is_file() {
            Ok(named)
        } else {
            Err(Failure::new(format!(
                "CHROMIUM_PATH names {}, which is no file",
                named.display()
            )))
        };
    }
    let found = find();
    let mut missing = Vec::new();
    if found.is_none() {
        missing.push("chromium");
    }
    if !speaks_chinese() {
        missing.push("fonts-noto-cjk");
    }
    if !missing.is_empty() {
        debian::install(&missing)?;
    }
    found.or_else(find).ok_or_else(|| {
        Failure::new("no Chromium was found: install Debian's package chromium, or set CHROMIUM_PATH")
    })
}

fn find() -> Option<PathBuf> {
    PLACES.iter().map(PathBuf::from).find(|path| path.is_file())
}

fn speaks_chinese() -> bool {
    [
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk",
    ]
    .iter()
    .any(|path| Path::new(path).exists())
}
