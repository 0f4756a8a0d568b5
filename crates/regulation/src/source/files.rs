//! The files of a pack, and the hash that names a version of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Mistakes, decode};

/// One file: its path inside the pack and its text, normalised (no byte-order mark, line ends `\n`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path inside the pack, with `/`.
    pub path: Arc<str>,
    /// The text.
    pub text: Arc<str>,
}

/// The files of a pack by path, in the order of their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    by_path: BTreeMap<Arc<str>, Arc<str>>,
}

impl Files {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, normalising its text and `\` in its path; a second one of the same path takes the first one's place.
    pub fn insert(&mut self, path: impl AsRef<str>, text: impl AsRef<str>) {
        let path = path.as_ref().replace('\\', "/");
        self.by_path.insert(path.into(), normalised(text.as_ref()).into());
    }

    /// Adds a file as it stands on a disk; notes a mistake and leaves it out if it is not UTF-8 text.
    pub fn insert_bytes(&mut self, path: impl AsRef<str>, bytes: &[u8], mistakes: &Mistakes) {
        match decode(path.as_ref(), bytes) {
            Ok(text) => self.insert(path, text),
            Err(mistake) => mistakes.push(*mistake),
        }
    }

    /// The text of a file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.by_path.get(path).map(|text| &**text)
    }

    /// Every file by path.
    pub fn iter(&self) -> impl Iterator<Item = SourceFile> + '_ {
        self.by_path.iter().map(|(path, text)| SourceFile {
            path: path.clone(),
            text: text.clone(),
        })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }
}

impl<P: AsRef<str>, T: AsRef<str>> FromIterator<(P, T)> for Files {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        let mut all = Files::new();
        for (path, text) in files {
            all.insert(path, text);
        }
        all
    }
}

/// Without byte-order mark, with line ends `\n`: what is hashed and what places count in.
pub(super) fn normalised(text: &str) -> String {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    }
}

/// The version's hash: SHA-256 in hex over every file by path, lengths before contents so that nothing can move from
/// one file into another unseen. Line ends and byte-order mark do not count.
pub fn content_hash(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, text) in &files.by_path {
        for part in [path, text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Files, content_hash};

    #[test]
    fn the_hash_ignores_line_ends_and_byte_order_mark_but_nothing_else() {
        let one: Files = [("a.yaml", "x: 1\ny: 2\n"), ("b.yaml", "z: 3")]
            .into_iter()
            .collect();
        let same: Files = [("b.yaml", "z: 3"), ("a.yaml", "\u{FEFF}x: 1\r\ny: 2\r\n")]
            .into_iter()
            .collect();
        assert_eq!(content_hash(&one), content_hash(&same));
        assert_eq!(content_hash(&one).len(), 64);

        let moved: Files = [("a.yaml", "x: 1\n"), ("b.yaml", "y: 2\nz: 3")]
            .into_iter()
            .collect();
        let renamed: Files = [("a.yaml", "x: 1\ny: 2\n"), ("c.yaml", "z: 3")]
            .into_iter()
            .collect();
        assert_ne!(content_hash(&one), content_hash(&moved));
        assert_ne!(content_hash(&one), content_hash(&renamed));
    }

    #[test]
    fn the_hash_of_no_files_is_that_of_nothing() {
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(content_hash(&Files::new()), nothing);
    }
}
