//! The browsers of the browser tests: a real Chromium, Debian's Firefox for one walk, and a font that can show Chinese.

use std::path::{Path, PathBuf};

use crate::debian;
use crate::step::{Failure, Outcome};

const PLACES: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/local/bin/chromium",
];

/// Where Debian has Firefox; `FIREFOX_PATH` names another.
const FIREFOX: &str = "/usr/bin/firefox-esr";

/// Finds the browsers, or installs Debian's.
pub fn ready() -> Outcome<PathBuf> {
    if std::env::var_os("FIREFOX_PATH").is_none() && !Path::new(FIREFOX).is_file() {
        debian::install(&["firefox-esr"])?;
    }
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
