//! Whether gateways can be reached, found out without sending anything.

use std::time::Duration;

use crate::{Failure, Gateways};

/// How long one gateway may take.
const PATIENCE: Duration = Duration::from_secs(10);

impl Gateways {
    /// Every gateway by its section of the configuration, and whether it can be reached: the relay by a connection with its
    /// log-in, the others by a connection alone. Nothing is sent.
    pub async fn reach(&self) -> Vec<(String, Result<(), Failure>)> {
        let mut found = Vec::new();
        if let Some(mail) = &self.mail {
            found.push(("mail".to_owned(), within(mail.reach()).await));
        }
        let sms = self.sms.iter().map(|sms| ("sms".to_owned(), &sms.settings().url));
        let sms: Vec<_> = sms.map(|(name, url)| (name, url.clone())).collect();
        let robots = self.robots.iter().map(|(name, robot)| {
            let url = robot.settings().url.reveal().to_owned();
            (format!("robots.{name}"), url)
        });
        for (name, url) in sms.into_iter().chain(robots) {
            found.push((name, within(self.door.reach(&url)).await));
        }
        found
    }
}

async fn within(reach: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::time::timeout(PATIENCE, reach)
        .await
        .unwrap_or_else(|_| Err(Failure::temporary("no answer in time")))
}
