//! The company's directory (LDAP): a person without a password here proves who they are by binding there with their own.
//!
//! Knows one server and how a log-in name becomes a name in it. Never makes people: who is not known here is not let in,
//! whatever the directory says. The password crosses the network encrypted or not at all.

use std::sync::Arc;
use std::time::Duration;

use ldap3::{LdapConnAsync, LdapConnSettings, dn_escape};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::http::Problem;

/// How long the directory may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// LDAP's code for a wrong name or password.
const WRONG: u32 = 49;
/// What stands for the log-in name in the pattern.
const PLACE: &str = "{login}";

/// The directory.
pub struct Directory {
    url: String,
    pattern: String,
    starttls: bool,
    tls: Arc<ClientConfig>,
}

/// Why the directory's settings are not good.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The pattern has no place for the name.
    #[error(
        "the pattern of names in the directory must contain {PLACE}: uid={PLACE},ou=people,dc=example,dc=org"
    )]
    Pattern,
    /// Passwords would cross the network in the clear.
    #[error("passwords must not cross the network in the clear: use ldaps://, or ldap:// with starttls")]
    Clear,
    /// The certificates cannot be read.
    #[error("the certificates of the directory: {0}")]
    Certificates(String),
}

impl Directory {
    /// A directory at `ldaps://host` or `ldap://host`; `pattern` is the name to bind with, `{login}` in it standing for the
    /// log-in name; `authorities` are certificates (PEM) to trust beside the system's.
    ///
    /// # Errors
    /// [`DirectoryError`], before anything is tried.
    pub fn new(
        url: &str,
        pattern: &str,
        starttls: bool,
        authorities: Option<&[u8]>,
    ) -> Result<Self, DirectoryError> {
        if !pattern.contains(PLACE) {
            return Err(DirectoryError::Pattern);
        }
        if !(url.starts_with("ldaps://") || url.starts_with("ldap://") && starttls) {
            return Err(DirectoryError::Clear);
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in CertificateDer::pem_slice_iter(authorities.unwrap_or_default()) {
            let added = certificate
                .map_err(|error| error.to_string())
                .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()));
            added.map_err(DirectoryError::Certificates)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| DirectoryError::Certificates(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Directory {
            url: url.to_owned(),
            pattern: pattern.to_owned(),
            starttls,
            tls: Arc::new(tls),
        })
    }

    /// The name in the directory; nothing in a log-in name can leave its place in the pattern.
    fn name(&self, login: &str) -> String {
        self.pattern.replace(PLACE, &dn_escape(login))
    }

    /// Whether the directory takes this password for this log-in name.
    ///
    /// # Errors
    /// When the directory does not answer: nobody is let in or counted wrong for that.
    pub async fn knows(&self, login: &str, password: &str) -> Result<bool, Problem> {
        // A bind without a password is anonymous and would succeed for everybody.
        if password.is_empty() {
            return Ok(false);
        }
        let settings = LdapConnSettings::new()
            .set_conn_timeout(PATIENCE)
            .set_starttls(self.starttls)
            .set_config(self.tls.clone());
        let bound = async {
            let (connection, mut directory) = LdapConnAsync::with_settings(settings, &self.url).await?;
            let driven = tokio::spawn(connection.drive());
            let answer = directory
                .with_timeout(PATIENCE)
                .simple_bind(&self.name(login), password)
                .await;
            // Whether the good-bye arrives changes nothing.
            let _ = directory.unbind().await;
            driven.abort();
            answer
        };
        match bound.await {
            Ok(answer) if answer.rc == 0 => Ok(true),
            Ok(answer) if answer.rc == WRONG => Ok(false),
            Ok(answer) => {
                tracing::warn!(code = answer.rc, text = %answer.text, "the directory refused a log-in for another reason");
                Ok(false)
            }
            Err(error) => {
                tracing::error!(%error, "the directory does not answer");
                Err(Problem::unavailable(
                    "公司的账号目录暂时连不上。请稍后再试。",
                    "The company's directory cannot be reached. Try again shortly.",
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERN: &str = "uid={login},ou=people,dc=example,dc=org";

    #[test]
    fn passwords_never_cross_the_network_in_the_clear() {
        assert!(matches!(
            Directory::new("ldap://directory", PATTERN, false, None),
            Err(DirectoryError::Clear)
        ));
        assert!(Directory::new("ldap://directory", PATTERN, true, None).is_ok());
        assert!(Directory::new("ldaps://directory", PATTERN, false, None).is_ok());
        assert!(matches!(
            Directory::new("ldaps://directory", "uid=lin", false, None),
            Err(DirectoryError::Pattern)
        ));
    }

    #[test]
    fn a_log_in_name_stays_in_its_place() {
        let directory = Directory::new("ldaps://directory", PATTERN, false, None).unwrap();
        let name = directory.name("lin,ou=admins");
        assert!(
            name.starts_with("uid=lin\\,ou") || name.starts_with("uid=lin\\2c"),
            "{name}"
        );
        assert!(name.ends_with(",ou=people,dc=example,dc=org"));
    }

    #[tokio::test]
    async fn an_empty_password_is_never_taken_to_the_directory() {
        // Nothing listens there: an answer without an error shows that nothing was asked.
        let directory = Directory::new("ldaps://127.0.0.1:9", PATTERN, false, None).unwrap();
        assert!(!directory.knows("lin", "").await.unwrap());
        assert!(directory.knows("lin", "something").await.is_err());
    }
}
