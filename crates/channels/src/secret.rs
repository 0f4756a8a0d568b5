//! Secrets in settings: read from the file itself, the environment or a file of their own, and never shown.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// A password or key. Written `env:NAME` it is read from the environment, `file:PATH` from a file (as service managers and
/// containers hand them over), else it stands there itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret that is known already.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The secret itself, for signing and logging in alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let found = if let Some(name) = text.strip_prefix("env:") {
            std::env::var(name)
                .map_err(|_| de::Error::custom(format!("the environment has no variable {name}")))?
        } else if let Some(path) = text.strip_prefix("file:") {
            let read = std::fs::read_to_string(path);
            read.map_err(|error| de::Error::custom(format!("the file {path}: {error}")))?
                .trim_end()
                .to_owned()
        } else {
            text
        };
        if found.is_empty() {
            return Err(de::Error::custom("a secret is empty"));
        }
        Ok(Secret(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("open sesame");
        assert!(!format!("{secret:?}").contains("sesame"));
    }

    #[test]
    fn a_secret_is_read_from_a_file_of_its_own() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from the file\n").unwrap();
        let text = format!("\"file:{}\"", file.path().display());
        let secret: Secret = serde_json::from_str(&text).unwrap();
        assert_eq!(secret.reveal(), "from the file");
        assert!(serde_json::from_str::<Secret>("\"env:NOT_SET_ANYWHERE_4711\"").is_err());
    }
}
