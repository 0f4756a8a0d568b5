//! HTTPS out of the program itself: certificate and key from files, read again when they change, without a connection
//! being dropped.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::Notify;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Why HTTPS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{path}: {reason}. It must hold {wanted} in PEM form")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
        /// What it should hold.
        wanted: &'static str,
    },
    /// Certificate and key do not work together.
    #[error("certificate {certificate} and key {key} do not fit: {reason}")]
    Unfit {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        reason: String,
    },
}

/// The files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with those between it and the root, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |reason: String| TlsError::File {
        path: path.to_owned(),
        reason,
        wanted: "the certificate and those above it",
    };
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(|error| wrong(error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    Ok(chain)
}

/// When the first certificate of a file ends, in milliseconds since 1970.
///
/// # Errors
/// When it cannot be read.
pub fn certificate_ends(path: &Path) -> Result<i64, TlsError> {
    let chain = certificates(path)?;
    let first = chain.first().map(AsRef::as_ref).unwrap_or_default();
    let (_, certificate) = x509_parser::parse_x509_certificate(first).map_err(|error| TlsError::File {
        path: path.to_owned(),
        reason: error.to_string(),
        wanted: "an X.509 certificate",
    })?;
    Ok(certificate.validity().not_after.timestamp().saturating_mul(1000))
}

impl TlsFiles {
    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        certificates(&self.certificate)
    }

    fn read(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| TlsError::File {
            path: self.key.clone(),
            reason: error.to_string(),
            wanted: "the private key",
        })?;
        let unfit = |error: rustls::Error| TlsError::Unfit {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            reason: error.to_string(),
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unfit)?
            .with_no_client_auth()
            .with_single_cert(self.certificates()?, key)
            .map_err(unfit)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// Reads the files for the first time.
    ///
    /// # Errors
    /// When they cannot be used; the error says which and why.
    pub fn open(&self) -> Result<RustlsConfig, TlsError> {
        self.read().map(RustlsConfig::from_config)
    }

    /// When the certificate ends, in milliseconds since 1970.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn ends(&self) -> Result<i64, TlsError> {
        certificate_ends(&self.certificate)
    }

    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path: &PathBuf| changed(path))
    }

    /// Reads the files again whenever they changed or somebody asks, for as long as it is polled. What cannot be used is
    /// logged, and the certificate of before goes on serving.
    pub async fn follow(&self, config: &RustlsConfig, asked: &Notify) {
        let mut known = self.changed();
        loop {
            let mut by_hand = false;
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = asked.notified() => by_hand = true,
            }
            let now = self.changed();
            if now == known && !by_hand {
                continue;
            }
            match self.read() {
                Ok(read) => {
                    config.reload_from_config(read);
                    known = now;
                    tracing::info!("the certificate was read again");
                }
                // Half of a renewal may stand there; it is tried again at the next look.
                Err(error) => tracing::error!(%error, "the certificate of before stays in use"),
            }
        }
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|found| found.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> TlsFiles {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files = TlsFiles {
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        };
        std::fs::write(&files.certificate, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        files
    }

    #[test]
    fn files_that_fit_are_taken_and_their_end_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        assert!(files.open().is_ok());
        assert!(files.ends().unwrap() > 1_700_000_000_000);
    }

    #[test]
    fn what_is_wrong_with_the_files_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let (good, other) = (files(folder.path()), tempfile::tempdir().unwrap());
        let mixed = TlsFiles {
            key: files(other.path()).key,
            ..good.clone()
        };
        assert!(matches!(mixed.open(), Err(TlsError::Unfit { .. })));
        std::fs::write(&good.key, "no key").unwrap();
        let said = good.open().err().unwrap().to_string();
        assert!(said.contains("key.pem") && said.contains("private key"), "{said}");
    }
}
