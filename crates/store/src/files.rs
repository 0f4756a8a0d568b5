//! Files beside the database: named by their content, written and synced before the row that names them. Blocking
//! work: call it from a thread that may block.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::history::hash::{Hash, hash_from_hex, to_hex};

/// A file's name: the SHA-256 of its content, 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileId(pub Hash);

impl fmt::Display for FileId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&to_hex(&self.0))
    }
}

impl From<FileId> for String {
    fn from(id: FileId) -> Self {
        id.to_string()
    }
}

impl FromStr for FileId {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hash = hash_from_hex(text).map(FileId);
        hash.ok_or_else(|| {
            StoreError::Failed(format!("{text:?} is no file name: it has 64 hexadecimal digits"))
        })
    }
}

impl TryFrom<String> for FileId {
    type Error = StoreError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Where files are kept: a folder, or something like it elsewhere.
pub trait Files: Send + Sync + fmt::Debug {
    /// Keeps what the reader gives. When this returns, it stands durably. The same content is kept once.
    fn put(&self, content: &mut dyn Read) -> Result<(FileId, u64), StoreError>;

    /// Opens a file. Its content is checked when it is read to the end by [`Files::read`], not here.
    fn open(&self, id: &FileId) -> Result<Box<dyn Read + Send>, StoreError>;

    /// Whether the file is there.
    fn holds(&self, id: &FileId) -> Result<bool, StoreError>;

    /// All files.
    fn list(&self) -> Result<Vec<FileId>, StoreError>;

    /// Removes files that `keep` does not want and that were last put longer than `grace` ago; how many. The grace
    /// time is for files whose row is still on its way.
    fn collect(&self, keep: &dyn Fn(&FileId) -> bool, grace: Duration) -> Result<u64, StoreError>;

    /// Keeps bytes.
    fn put_bytes(&self, mut bytes: &[u8]) -> Result<FileId, StoreError> {
        self.put(&mut bytes).map(|(id, _)| id)
    }

    /// A file's content, checked against its name.
    fn read(&self, id: &FileId) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let read = self.open(id)?.read_to_end(&mut bytes);
        read.map_err(|error| StoreError::file(Path::new(&id.to_string()), &error))?;
        if Hash::from(Sha256::digest(&bytes)) == id.0 {
            Ok(bytes)
        } else {
            Err(StoreError::Damaged(format!(
                "file {id} is not what it was when it was kept"
            )))
        }
    }

    /// Those of the given files that are not there.
    fn missing(&self, ids: &[FileId]) -> Result<Vec<FileId>, StoreError> {
        let mut missing = Vec::new();
        for id in ids {
            if !self.holds(id)? {
                missing.push(*id);
            }
        }
        Ok(missing)
    }
}

/// Files in a folder: `ab/cdef…` by the digits of their names.
#[derive(Debug)]
pub struct FolderFiles {
    root: PathBuf,
}

impl FolderFiles {
    /// Opens or makes the folder.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|error| StoreError::file(&root, &error))?;
        Ok(FolderFiles { root })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, id: &FileId) -> PathBuf {
        let name = id.to_string();
        let (folder, file) = name.split_at(2);
        self.root.join(folder).join(file)
    }

    fn put_in(&self, content: &mut dyn Read) -> io::Result<(FileId, u64)> {
        let mut temporary = Temporary::new(&self.root)?;
        let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 64 * 1024]);
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let part = buffer.get(..read).unwrap_or_default();
            hasher.update(part);
            temporary.file.write_all(part)?;
            size += read as u64;
        }
        let id = FileId(hasher.finalize().into());
        let path = self.path(&id);
        if let Ok(there) = File::options().append(true).open(&path) {
            // Kept before; it is young again, so that nobody collects it before its new row stands.
            there.set_modified(SystemTime::now())?;
            return Ok((id, size));
        }
        temporary.file.sync_all()?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
            fs::rename(&temporary.path, &path)?;
            temporary.moved = true;
            File::open(folder)?.sync_all()?;
            File::open(&self.root)?.sync_all()?;
        }
        Ok((id, size))
    }

    /// All files with their paths.
    fn walk(&self) -> io::Result<Vec<(FileId, PathBuf)>> {
        let mut files = Vec::new();
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?.path();
            let Some(first) = folder
                .file_name()
                .and_then(|name| name.to_str())
                .filter(|name| name.len() == 2)
            else {
                continue;
            };
            for file in fs::read_dir(&folder)? {
                let path = file?.path();
                let rest = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                if let Some(hash) = hash_from_hex(&format!("{first}{rest}")) {
                    files.push((FileId(hash), path));
                }
            }
        }
        Ok(files)
    }
}

impl Files for FolderFiles {
    fn put(&self, content: &mut dyn Read) -> Result<(FileId, u64), StoreError> {
        self.put_in(content)
            .map_err(|error| StoreError::file(&self.root, &error))
    }

    fn open(&self, id: &FileId) -> Result<Box<dyn Read + Send>, StoreError> {
        let path = self.path(id);
        let file = File::open(&path).map_err(|error| StoreError::file(&path, &error))?;
        Ok(Box::new(file))
    }

    fn holds(&self, id: &FileId) -> Result<bool, StoreError> {
        let path = self.path(id);
        path.try_exists().map_err(|error| StoreError::file(&path, &error))
    }

    fn list(&self) -> Result<Vec<FileId>, StoreError> {
        let files = self
            .walk()
            .map_err(|error| StoreError::file(&self.root, &error))?;
        let mut ids: Vec<FileId> = files.into_iter().map(|(id, _)| id).collect();
        ids.sort();
        Ok(ids)
    }

    fn collect(&self, keep: &dyn Fn(&FileId) -> bool, grace: Duration) -> Result<u64, StoreError> {
        let mut removed = 0;
        for (id, path) in self
            .walk()
            .map_err(|error| StoreError::file(&self.root, &error))?
        {
            let failed = |error: io::Error| StoreError::file(&path, &error);
            if keep(&id) {
                continue;
            }
            let put = fs::metadata(&path)
                .and_then(|about| about.modified())
                .map_err(failed)?;
            // A file from the future (the clock went back) is young.
            if put.elapsed().is_ok_and(|age| age > grace) {
                fs::remove_file(&path).map_err(failed)?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// A file being written, gone again unless it was moved to its place.
struct Temporary {
    path: PathBuf,
    file: File,
    moved: bool,
}

impl Temporary {
    fn new(root: &Path) -> io::Result<Self> {
        let mut random = [0; 12];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let path = root.join(format!("incoming-{}", to_hex(&random)));
        let file = File::options().create_new(true).write(true).open(&path)?;
        Ok(Temporary {
            path,
            file,
            moved: false,
        })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.moved {
            // What stays behind is no file by its name, and harmless.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, FolderFiles) {
        let dir = tempfile::tempdir().unwrap();
        let files = FolderFiles::open(dir.path().join("files")).unwrap();
        (dir, files)
    }

    #[test]
    fn the_same_content_is_kept_once_under_its_hash() {
        let (_dir, files) = folder();
        let id = files.put_bytes(b"abc").unwrap();
        assert_eq!(
            id.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(files.put_bytes(b"abc").unwrap(), id);
        assert_eq!(files.list().unwrap(), [id]);
        assert_eq!(files.read(&id).unwrap(), b"abc");
        assert_eq!(
            fs::read_dir(files.root()).unwrap().count(),
            1,
            "nothing half-written is left"
        );
    }

    #[test]
    fn a_changed_file_is_told() {
        let (_dir, files) = folder();
        let id = files.put_bytes(b"abc").unwrap();
        fs::write(files.path(&id), b"abd").unwrap();
        assert!(matches!(files.read(&id), Err(StoreError::Damaged(_))));
        let other = FileId([7; 32]);
        assert_eq!(files.missing(&[id, other]).unwrap(), [other]);
        assert!(matches!(files.read(&other), Err(StoreError::File { .. })));
    }

    #[test]
    fn collecting_spares_the_wanted_and_the_young() {
        let (_dir, files) = folder();
        let (wanted, young, old) = (
            files.put_bytes(b"1").unwrap(),
            files.put_bytes(b"2").unwrap(),
            files.put_bytes(b"3").unwrap(),
        );
        for id in [wanted, old] {
            let hour_ago = SystemTime::now() - Duration::from_secs(3600);
            File::options()
                .append(true)
                .open(files.path(&id))
                .unwrap()
                .set_modified(hour_ago)
                .unwrap();
        }
        let removed = files
            .collect(&|id| *id == wanted, Duration::from_secs(600))
            .unwrap();
        assert_eq!(removed, 1);
        assert_eq!(files.missing(&[wanted, young, old]).unwrap(), [old]);
    }

    #[test]
    fn a_reader_that_breaks_off_leaves_nothing() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the line was cut"))
            }
        }
        let (_dir, files) = folder();
        assert!(files.put(&mut Broken).is_err());
        assert_eq!(fs::read_dir(files.root()).unwrap().count(), 0);
    }
}
