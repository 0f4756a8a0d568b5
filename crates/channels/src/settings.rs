//! The gateways as the configuration file names them: `[mail]`, `[sms]`, `[robots.NAME]`, `[outbound]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::door::{Door, Outbound};
use crate::mail::{MailSettings, Mailer};
use crate::robot::{Robot, RobotSettings};
use crate::sms::{Gateway, SmsSettings};

/// What is wrong with the settings of gateways.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[{section}] {why}")]
pub struct Mistake {
    /// The section of the file.
    pub section: String,
    /// What is wrong, and what to write.
    pub why: String,
}

/// Gateways. One that is not named is not there: its messages stay in the outbox.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Mail.
    pub mail: Option<MailSettings>,
    /// SMS.
    pub sms: Option<SmsSettings>,
    /// Robots in group chats, by name.
    #[serde(default)]
    pub robots: BTreeMap<String, RobotSettings>,
    /// Exceptions of the way out.
    #[serde(default)]
    pub outbound: Outbound,
}

/// Gateways that are ready.
#[derive(Clone, Debug)]
pub struct Gateways {
    /// Mail.
    pub mail: Option<Mailer>,
    /// SMS.
    pub sms: Option<Gateway>,
    /// Robots, by name.
    pub robots: BTreeMap<String, Robot>,
    /// The way out for web hooks.
    pub door: Door,
}

impl Settings {
    /// The gateways that these settings describe.
    ///
    /// # Errors
    /// The first mistake, with its section.
    pub fn open(&self) -> Result<Gateways, Mistake> {
        let wrong = |section: &str, why: String| Mistake {
            section: section.to_owned(),
            why,
        };
        let door = Door::new(self.outbound.clone()).map_err(|why| wrong("outbound", why))?;
        let mail = self.mail.as_ref().map(Mailer::new).transpose();
        let sms = self
            .sms
            .clone()
            .map(|sms| Gateway::new(sms, door.clone()))
            .transpose();
        let mut robots = BTreeMap::new();
        for (name, settings) in &self.robots {
            let robot = Robot::new(settings.clone(), door.clone())
                .map_err(|bad| wrong(&format!("robots.{name}"), format!("url: {bad}")))?;
            robots.insert(name.clone(), robot);
        }
        Ok(Gateways {
            mail: mail.map_err(|why| wrong("mail", why))?,
            sms: sms.map_err(|why| wrong("sms", why))?,
            robots,
            door,
        })
    }
}
