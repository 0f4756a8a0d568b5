//! How often a token may call: so many requests within a minute, on each node.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::http::Problem;

/// Requests of one token within a minute.
pub const A_MINUTE: u32 = 1_200;
const MINUTE_MS: i64 = 60_000;

/// Requests of the present minute, by token.
#[derive(Debug, Default)]
pub struct Rates {
    counted: Mutex<HashMap<i64, (i64, u32)>>,
}

impl Rates {
    /// Counts a request, or says how long to wait.
    pub fn take(&self, token: i64, now_ms: i64) -> Result<(), Problem> {
        let minute = now_ms.div_euclid(MINUTE_MS);
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() > 10_000 {
            counted.retain(|_, (at, _)| *at == minute);
        }
        let entry = counted.entry(token).or_insert((minute, 0));
        if entry.0 != minute {
            *entry = (minute, 0);
        }
        if entry.1 >= A_MINUTE {
            let left = (minute + 1) * MINUTE_MS - now_ms;
            return Err(Problem::too_many(u32::try_from(left / 1000 + 1).unwrap_or(60)));
        }
        entry.1 += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minute_is_full_and_a_new_one_begins() {
        let rates = Rates::default();
        for _ in 0..A_MINUTE {
            rates.take(1, 59_000).unwrap();
        }
        assert!(rates.take(1, 59_999).is_err());
        // Another token has its own.
        rates.take(2, 59_999).unwrap();
        rates.take(1, 60_000).unwrap();
    }
}
