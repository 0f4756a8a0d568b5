//! Mail out by SMTP: over TLS from the first byte or by STARTTLS, with a log-in, one message at a time.

use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde::Deserialize;

use crate::{Accepted, Failure, Secret};

/// How long the relay may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest address (RFC 5321).
const LONGEST_ADDRESS: usize = 254;

/// The header that carries a message's key, beside `Message-ID`.
const KEY: &str = "X-Shouwen-Key";

/// How the connection is kept private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Plain at first, then TLS or nothing (usually port 587).
    #[default]
    Starttls,
    /// TLS from the first byte (usually port 465).
    Tls,
    /// No TLS; only to this machine.
    None,
}

/// The relay that takes mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Its name.
    pub host: String,
    /// Its port; the usual one of its kind unless given.
    pub port: Option<u16>,
    /// How the connection is kept private.
    #[serde(default)]
    pub security: Security,
    /// Who mail comes from: `客服中心 <service@example.cn>`.
    pub from: String,
    /// Log-in.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// A file with a certificate (PEM) that is trusted besides the usual authorities.
    pub certificate: Option<String>,
}

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Stays the same when it is sent again; letters, digits, `-`, `.`, `:` and `_`.
    pub key: String,
    /// To whom.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// A relay to send by.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// A mail address as it is kept and compared: whole, of a bearable length, its domain in small letters.
///
/// # Errors
/// When it is none.
pub fn address(text: &str) -> Result<String, AddressError> {
    let text = text.trim();
    if text.len() > LONGEST_ADDRESS {
        return Err(AddressError::InvalidInput);
    }
    let parsed: Address = text.parse()?;
    Ok(format!(
        "{}@{}",
        parsed.user(),
        parsed.domain().to_ascii_lowercase()
    ))
}

/// One line: whatever would begin another header is a space.
fn one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(200)
        .collect();
    line.trim().to_owned()
}

fn of_a_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-.:_".contains(character)
}

impl Mailer {
    /// A mailer for a relay.
    ///
    /// # Errors
    /// With words about the setting that is wrong.
    pub fn new(settings: &MailSettings) -> Result<Mailer, String> {
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|_| format!("from: {:?} is no mail address", one_line(&settings.from)))?;
        let this_machine = matches!(settings.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if settings.security == Security::None && !this_machine {
            return Err(
                "security = \"none\" is for a relay on this machine alone: write starttls or tls".to_owned(),
            );
        }
        let (tls, usual) = match settings.security {
            Security::None => (Tls::None, 25),
            Security::Starttls => (Tls::Required(trusting(settings)?), 587),
            Security::Tls => (Tls::Wrapper(trusting(settings)?), 465),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port.unwrap_or(usual))
            .tls(tls)
            .timeout(Some(PATIENCE));
        match (&settings.user, &settings.password) {
            (Some(user), Some(password)) => {
                builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
            }
            (None, None) => {}
            _ => return Err("user and password belong together".to_owned()),
        }
        Ok(Mailer {
            transport: builder.build(),
            from,
        })
    }

    /// The letter as it goes over the wire.
    fn message(&self, letter: &Letter) -> Result<Message, Failure> {
        let to: Address = address(&letter.to)
            .ok()
            .and_then(|to| to.parse().ok())
            .ok_or_else(|| Failure::permanent("the recipient's mail address is not valid"))?;
        if letter.key.is_empty() || !letter.key.chars().all(of_a_key) {
            return Err(Failure::permanent(
                "the message's key has characters that a header cannot carry",
            ));
        }
        let id = format!("<{}@{}>", letter.key.replace(':', "."), self.from.email.domain());
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&letter.subject))
            .message_id(Some(id))
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str(KEY),
                letter.key.clone(),
            ))
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone());
        message.map_err(|_| Failure::permanent("the letter cannot be written"))
    }

    /// Connects and logs in, and sends nothing.
    pub async fn reach(&self) -> Result<(), Failure> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::temporary("the relay did not answer")),
            Err(error) => Err(failure(&error, "the relay refused the log-in")),
        }
    }

    /// Sends a letter. Where the relay's answer is lost it may arrive twice, each time under the same `Message-ID`.
    pub async fn send(&self, letter: &Letter) -> Result<Accepted, Failure> {
        let message = self.message(letter)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(Accepted::default()),
            Err(error) => Err(failure(&error, "the relay refused the letter")),
        }
    }
}

/// What went wrong, without the relay's own words, which may repeat the address; its code says enough.
fn failure(error: &lettre::transport::smtp::Error, refused: &str) -> Failure {
    let code = error
        .status()
        .map(|code| format!(" ({code})"))
        .unwrap_or_default();
    if error.is_permanent() {
        Failure::permanent(format!("{refused}{code}"))
    } else if error.is_tls() {
        Failure::temporary("no trusted connection to the relay: look at its certificate")
    } else if error.is_timeout() {
        Failure::temporary("the relay did not answer in time")
    } else {
        Failure::temporary(format!("the relay could not be used{code}"))
    }
}

/// The relay's certificate is checked against its name, the usual authorities and the one that is given.
fn trusting(settings: &MailSettings) -> Result<TlsParameters, String> {
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.certificate {
        let pem = std::fs::read(path).map_err(|error| format!("certificate: {path}: {error}"))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|_| format!("certificate: {path} holds none"))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters
        .build()
        .map_err(|error| format!("TLS to {}: {error}", settings.host))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mailer() -> Mailer {
        let settings = MailSettings {
            host: "localhost".into(),
            port: Some(1),
            security: Security::None,
            from: "客服中心 <service@example.cn>".into(),
            user: None,
            password: None,
            certificate: None,
        };
        Mailer::new(&settings).unwrap()
    }

    fn letter(to: &str, subject: &str, text: &str) -> Letter {
        Letter {
            key: "n:42:mail".into(),
            to: to.into(),
            subject: subject.into(),
            text: text.into(),
        }
    }

    #[test]
    fn addresses_are_checked_and_kept_in_one_form() {
        assert_eq!(address(" Lin@Example.CN ").as_deref(), Ok("Lin@example.cn"));
        for wrong in [
            "",
            "lin",
            "lin@",
            "@example.cn",
            "a b@example.cn",
            "a@example.cn\r\nBcc: x@y.cn",
            "a@example.cn, b@example.cn",
            "<a@example.cn>",
        ] {
            assert!(address(wrong).is_err(), "{wrong:?}");
        }
        assert!(address(&format!("{}@example.cn", "a".repeat(300))).is_err());
    }

    #[test]
    fn the_same_key_gives_the_same_message_id() {
        let message = |text: &str| {
            let sent = mailer().message(&letter("lin@example.cn", "提醒", text)).unwrap();
            String::from_utf8(sent.formatted()).unwrap()
        };
        for text in ["一", "二"] {
            let sent = message(text);
            assert!(sent.contains("Message-ID: <n.42.mail@example.cn>\r\n"), "{sent}");
            assert!(sent.contains("X-Shouwen-Key: n:42:mail\r\n"), "{sent}");
        }
    }

    #[test]
    fn mail_without_tls_never_leaves_this_machine() {
        let settings = MailSettings {
            host: "relay.example.cn".into(),
            port: None,
            security: Security::None,
            from: "service@example.cn".into(),
            user: None,
            password: None,
            certificate: None,
        };
        assert!(Mailer::new(&settings).unwrap_err().contains("starttls"));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_header(subject in "[ -~\r\n\t一-龥:<>@]{0,60}", text in "(.|\r|\n){0,80}") {
            let sent = mailer().message(&letter("lin@example.cn", &subject, &text)).unwrap();
            let sent = String::from_utf8(sent.formatted()).unwrap();
            let (head, _) = sent.split_once("\r\n\r\n").unwrap();
            let mut names: Vec<&str> = head
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .filter_map(|line| line.split_once(':'))
                .map(|(name, _)| name)
                .collect();
            names.sort_unstable();
            prop_assert_eq!(names, [
                "Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-ID", "Subject", "To", "X-Shouwen-Key",
            ]);
        }
    }
}
