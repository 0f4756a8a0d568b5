//! Encryption on the way to the server, as the address asks for it: the words `sslmode` and `sslrootcert` mean what they
//! mean to PostgreSQL's own programs.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::StoreError;

/// What of the server's certificate is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// Nothing: what is read on the way is hidden, who answers is not known.
    Nothing,
    /// That a known authority signed it (`verify-ca`).
    Authority,
    /// That a known authority signed it for this host (`verify-full`).
    Host,
}

/// What the address says of encryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub checked: Checked,
    /// The file of authorities; the system's own where none is named.
    pub authorities: Option<PathBuf>,
}

/// Takes `sslmode` and `sslrootcert` out of an address, in the words that the driver knows: the address to connect with,
/// and what is to be checked.
pub(super) fn read(url: &str) -> Result<(String, Asked), StoreError> {
    let (mut mode, mut authorities) = (None, None);
    let mut take = |name: &str, value: &str| match name {
        "sslmode" => {
            mode = Some(value.to_owned());
            true
        }
        "sslrootcert" => {
            authorities = Some(value.to_owned());
            true
        }
        _ => false,
    };
    let rest = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let kept: Vec<&str> = query
            .split('&')
            .filter(|part| !part.is_empty())
            .filter(|part| {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                !take(name, &unescaped(value))
            })
            .collect();
        if kept.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", kept.join("&"))
        }
    } else {
        let kept: Vec<&str> = url
            .split_whitespace()
            .filter(|part| {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                !take(name, value.trim_matches('\''))
            })
            .collect();
        // Only an address that speaks of encryption is put together anew; quoted spaces of others stay as they are.
        if kept.len() == url.split_whitespace().count() {
            url.to_owned()
        } else {
            kept.join(" ")
        }
    };
    let (word, checked) = match mode.as_deref() {
        // Unsaid, as ever: nothing is encrypted.
        None | Some("disable") => ("disable", Checked::Nothing),
        Some("allow" | "prefer") => ("prefer", Checked::Nothing),
        // With authorities named, `require` looks at them, as PostgreSQL's own programs do.
        Some("require") if authorities.is_some() => ("require", Checked::Authority),
        Some("require") => ("require", Checked::Nothing),
        Some("verify-ca") => ("require", Checked::Authority),
        Some("verify-full") => ("require", Checked::Host),
        Some(other) => {
            return Err(StoreError::Failed(format!(
                "the database's address says sslmode={other}: write disable, prefer, require, verify-ca or verify-full"
            )));
        }
    };
    let joined = match (rest.contains("://"), rest.contains('?')) {
        (true, true) => format!("{rest}&sslmode={word}"),
        (true, false) => format!("{rest}?sslmode={word}"),
        (false, _) => format!("{rest} sslmode={word}"),
    };
    let asked = Asked {
        checked,
        authorities: authorities.filter(|file| file != "system").map(PathBuf::from),
    };
    Ok((joined, asked))
}

/// `%2F` and the like as what they stand for.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What connects, encrypted where the address asks for it.
pub(super) fn connector(asked: &Asked) -> Result<MakeRustlsConnect, StoreError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = match asked.checked {
        Checked::Nothing => None,
        Checked::Authority | Checked::Host => {
            let roots = Arc::new(roots(asked)?);
            let built = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build();
            Some(built.map_err(|error| {
                StoreError::Failed(format!(
                    "no authority is known that could have signed the database's certificate ({error}): name its file with sslrootcert"
                ))
            })?)
        }
    };
    let verifier = Verifier {
        checked: asked.checked,
        inner,
        provider: provider.clone(),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Failed(format!("encryption cannot be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn roots(asked: &Asked) -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    let Some(file) = &asked.authorities else {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "an authority of this system cannot be read");
        }
        roots.add_parsable_certificates(found.certs);
        return Ok(roots);
    };
    let failed = |error: &dyn std::fmt::Display| {
        StoreError::Failed(format!(
            "sslrootcert {}: {error}; name a file of certificates in PEM form",
            file.display()
        ))
    };
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| failed(&error))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| failed(&error))?;
        roots.add(certificate).map_err(|error| failed(&error))?;
    }
    if roots.is_empty() {
        return Err(failed(&"it holds no certificate"));
    }
    Ok(roots)
}

/// Looks at as much of a certificate as was asked for; signatures of the handshake are always checked.
#[derive(Debug)]
struct Verifier {
    checked: Checked,
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else {
            return Ok(ServerCertVerified::assertion());
        };
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The chain is checked before the name, so a wrong name alone means that the chain holds.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.checked == Checked::Authority => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str) -> (String, Checked, Option<PathBuf>) {
        let (url, asked) = read(url).unwrap();
        (url, asked.checked, asked.authorities)
    }

    #[test]
    fn an_address_says_what_is_encrypted_and_checked() {
        let plain = asked("postgres://u@h/d");
        assert_eq!(
            plain,
            ("postgres://u@h/d?sslmode=disable".into(), Checked::Nothing, None)
        );
        let full = asked("postgres://u@h/d?sslmode=verify-full&sslrootcert=%2Fca.pem&x=1");
        let ca = Some(PathBuf::from("/ca.pem"));
        assert_eq!(
            full,
            (
                "postgres://u@h/d?x=1&sslmode=require".into(),
                Checked::Host,
                ca.clone()
            )
        );
        let words = asked("host=h user=u sslmode=verify-ca sslrootcert=/ca.pem");
        assert_eq!(
            words,
            (
                "host=h user=u sslmode=require".into(),
                Checked::Authority,
                ca.clone()
            )
        );
        assert_eq!(
            asked("postgres://h/d?sslmode=require&sslrootcert=/ca.pem").1,
            Checked::Authority
        );
        assert_eq!(asked("postgres://h/d?sslmode=require").1, Checked::Nothing);
        assert_eq!(
            asked("postgres://h/d?sslmode=verify-full&sslrootcert=system").2,
            None
        );
    }

    #[test]
    fn a_wrong_word_or_file_is_told_with_the_remedy() {
        let wrong = read("postgres://h/d?sslmode=verify_full")
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("verify-full"), "{wrong}");
        let asked = Asked {
            checked: Checked::Host,
            authorities: Some(PathBuf::from("/nowhere/ca.pem")),
        };
        let missing = connector(&asked)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(missing.contains("/nowhere/ca.pem"), "{missing}");
    }
}
