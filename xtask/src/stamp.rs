//! Remembering by content what a step was last done with, so that it is done again only when that changes.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::place;
use crate::step::{Failure, Outcome};

/// A step's memory: a file holding a hash of what the step was last done with.
pub struct Stamp {
    file: PathBuf,
    now: String,
}

impl Stamp {
    /// The stamp `name` for the content of these files and folders (all that is missing counts as empty),
    /// and for `also`, such as a version. Folders named in `except` are left out at every depth.
    pub fn of(name: &str, inputs: &[PathBuf], except: &[&str], also: &str) -> Outcome<Self> {
        let mut hasher = DefaultHasher::new();
        hasher.write(also.as_bytes());
        for input in inputs {
            add(&mut hasher, input, except)
                .map_err(Failure::when(format_args!("reading {}", input.display())))?;
        }
        let file = place::tools().join("stamps").join(name);
        Ok(Stamp {
            file,
            now: format!("{:016x}", hasher.finish()),
        })
    }

    /// Whether the step was done with just this.
    pub fn fresh(&self) -> bool {
        std::fs::read_to_string(&self.file).is_ok_and(|then| then == self.now)
    }

    /// Forgets the last time: called before a step begins, so that one broken off is not taken as done.
    pub fn forget(&self) {
        let _ = std::fs::remove_file(&self.file);
    }

    /// Remembers that the step was done.
    pub fn set(&self) -> Outcome {
        let doing = || format!("writing {}", self.file.display());
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder).map_err(Failure::when(doing()))?;
        }
        std::fs::write(&self.file, &self.now).map_err(Failure::when(doing()))
    }
}

fn add(hasher: &mut DefaultHasher, path: &Path, except: &[&str]) -> std::io::Result<()> {
    if path.is_dir() {
        let mut entries = std::fs::read_dir(path)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        for entry in entries {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if !except.contains(&name.as_ref()) {
                add(hasher, &entry, except)?;
            }
        }
    } else if path.is_file() {
        let content = std::fs::read(path)?;
        hasher.write(path.as_os_str().as_encoded_bytes());
        hasher.write_usize(content.len());
        hasher.write(&content);
    }
    Ok(())
}
