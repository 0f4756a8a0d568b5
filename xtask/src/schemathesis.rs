//! Schemathesis, which makes requests up from the API's description, in the project's own tool folder.

use std::path::PathBuf;

use crate::step::{Job, Outcome, Show, step};
use crate::{debian, place, stamp::Stamp};

/// Its version on PyPI.
const VERSION: &str = "4.32.5";

/// The program, installed first if it is not there.
pub fn ready() -> Outcome<PathBuf> {
    let folder = place::tools().join("schemathesis");
    let program = folder.join("bin/st");
    let stamp = Stamp::of("schemathesis", &[], &[], VERSION)?;
    if stamp.fresh() && program.is_file() {
        return Ok(program);
    }
    stamp.forget();
    step("Schemathesis into .tools", || {
        let _ = std::fs::remove_dir_all(&folder);
        let make = || {
            Job::new("python3")
                .args(["-m", "venv"])
                .args([&folder])
                .run(Show::OnFailure)
        };
        if make().is_err() {
            debian::install(&["python3", "python3-venv"])?;
            make()?;
        }
        Job::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args([format!("schemathesis=={VERSION}")])
            .remedy("see that PyPI can be reached")
            .run(Show::OnFailure)?;
        stamp.set()
    })?;
    Ok(program)
}
