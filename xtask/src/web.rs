//! The web client: its packages, its build and its own checks.

use crate::stamp::Stamp;
use crate::step::{Failure, Job, Outcome, Show, say, step};
use crate::{node, place};

/// Folders in `web/` that builds and tests write.
const WRITTEN: [&str; 5] = [
    "node_modules",
    "dist",
    "test-results",
    "playwright-report",
    ".vite",
];

/// Whether there is a web client in this tree.
pub fn exists() -> bool {
    place::web().join("package.json").is_file()
}

/// Sees to it that the folder which the server embeds is there, so that the server can be compiled while the web
/// client is still being built. The page says so, and the server is compiled again if it took it in.
pub fn hold_place() -> Outcome {
    let dist = place::web().join("dist");
    let page = dist.join("index.html");
    if page.is_file() {
        return Ok(());
    }
    let doing = || format!("writing {}", page.display());
    std::fs::create_dir_all(&dist).map_err(Failure::when(doing()))?;
    let text = "<!doctype html><meta charset=\"utf-8\"><title>Shouwen</title>\
                <p>The web client was not built: run <code>cargo xtask up</code>.</p>\n";
    std::fs::write(&page, text).map_err(Failure::when(doing()))?;
    Stamp::of("web-build", &[], &[], "")?.forget();
    Ok(())
}

/// Installs the web client's packages as its lock file has them, if that changed.
pub fn packages() -> Outcome {
    let web = place::web();
    let stamp = Stamp::of(
        "web-packages",
        &[web.join("package.json"), web.join("package-lock.json")],
        &[],
        "",
    )?;
    if stamp.fresh() && web.join("node_modules").is_dir() {
        return Ok(());
    }
    let npm = node::npm(&web)?;
    stamp.forget();
    step("npm ci in web/", || {
        npm.args(["ci", "--no-audit", "--no-fund"])
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .remedy("see that the npm registry can be reached; if package.json and its lock file differ, run npm install in web/")
            .run(Show::OnFailure)?;
        stamp.set()
    })
}

/// Builds the web client if its sources changed; tells whether it did.
pub fn build() -> Outcome<bool> {
    if !exists() {
        say("there is no web client in this tree (web/package.json): going on without");
        return Ok(false);
    }
    packages()?;
    let stamp = Stamp::of("web-build", &[place::web()], &WRITTEN, "")?;
    if stamp.fresh() && place::web().join("dist/index.html").is_file() {
        return Ok(false);
    }
    stamp.forget();
    step("web client", || {
        script("build")?.run(Show::OnFailure)?;
        stamp.set()
    })?;
    Ok(true)
}

/// One of the web client's own scripts, ready to run.
pub fn script(name: &str) -> Outcome<Job> {
    let job = node::npm(&place::web())?;
    Ok(job
        .args(["run", "--silent", name])
        .remedy(format!("look at the script '{name}' in web/package.json")))
}
