//! How people log in here: what the security administrator sets.

use ::store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The mark under which the settings are kept.
const MARK: &str = "log_in_settings";

/// How people log in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogInSettings {
    /// A log-in ends after so many minutes without a request: 5 to 1440.
    pub idle_minutes: i64,
    /// Who holds one of these functions needs a second factor.
    pub second_factor_for: Vec<String>,
    /// Lines of the access log are kept for so many days: 186 to 3660.
    pub access_log_days: i64,
}

impl Default for LogInSettings {
    fn default() -> Self {
        LogInSettings {
            idle_minutes: 720,
            second_factor_for: Vec::new(),
            access_log_days: 400,
        }
    }
}

impl LogInSettings {
    /// What is out of bounds, by field.
    pub fn faulty(&self) -> Option<&'static str> {
        if !(5..=1440).contains(&self.idle_minutes) {
            return Some("idle_minutes");
        }
        if !(186..=3660).contains(&self.access_log_days) {
            return Some("access_log_days");
        }
        let long = |function: &String| function.is_empty() || function.len() > 100;
        (self.second_factor_for.len() > 100 || self.second_factor_for.iter().any(long))
            .then_some("second_factor_for")
    }

    /// As set, or the standard ones.
    pub async fn read(store: &Store) -> Result<Self, StoreError> {
        match store.mark(MARK).await? {
            None => Ok(Self::default()),
            Some(text) => serde_json::from_str(&text)
                .map_err(|error| StoreError::Damaged(format!("the settings of log-ins: {error}"))),
        }
    }

    /// Keeps them.
    pub async fn keep(&self, store: &Store) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).map_err(|error| StoreError::Failed(error.to_string()))?;
        store.set_mark(MARK, Some(&text)).await
    }
}
