//! Against guessing: after some wrong passwords a name (and an address) waits longer and longer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Wrong tries of one name that cost nothing yet.
pub const FREE_OF_A_NAME: u32 = 5;
/// Wrong tries from one address that cost nothing yet: a whole office may stand behind one.
pub const FREE_OF_AN_ADDRESS: u32 = 60;
/// The first wait in seconds; it doubles with each further wrong try.
const FIRST_WAIT: i64 = 15;
/// The longest wait in seconds.
const LONGEST_WAIT: i64 = 900;
/// How many names are remembered at most, so that a flood of invented names cannot eat memory.
const REMEMBERED: usize = 10_000;

/// Wrong tries by name and by address.
#[derive(Debug, Default)]
pub struct Attempts {
    wrong: Mutex<HashMap<String, (u32, i64)>>,
}

impl Attempts {
    /// How many seconds this key must still wait, if it must.
    pub fn waits(&self, key: &str, free: u32, now_ms: i64) -> Option<u32> {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = wrong.get(key)?;
        let over = count.checked_sub(free)?;
        let wait = FIRST_WAIT.saturating_mul(1 << over.min(10)).min(LONGEST_WAIT);
        let left = last + wait * 1000 - now_ms;
        (left > 0).then(|| u32::try_from(left / 1000 + 1).unwrap_or(u32::MAX))
    }

    /// A wrong try.
    pub fn wrong(&self, key: &str, now_ms: i64) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= REMEMBERED {
            wrong.retain(|_, (_, last)| now_ms - *last < LONGEST_WAIT * 1000);
        }
        if wrong.len() < REMEMBERED || wrong.contains_key(key) {
            let entry = wrong.entry(key.to_owned()).or_insert((0, now_ms));
            *entry = (entry.0 + 1, now_ms);
        }
    }

    /// A right one: forgotten.
    pub fn right(&self, key: &str) {
        self.wrong
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_with_wrong_tries_and_ends_with_a_right_one() {
        let attempts = Attempts::default();
        for _ in 0..4 {
            attempts.wrong("lin", 0);
        }
        assert_eq!(attempts.waits("lin", FREE_OF_A_NAME, 0), None);
        attempts.wrong("lin", 0);
        let first = attempts.waits("lin", FREE_OF_A_NAME, 0).unwrap();
        attempts.wrong("lin", 0);
        assert!(attempts.waits("lin", FREE_OF_A_NAME, 0).unwrap() > first);
        assert_eq!(attempts.waits("lin", FREE_OF_A_NAME, 60_000), None);
        attempts.right("lin");
        assert_eq!(attempts.waits("lin", FREE_OF_A_NAME, 0), None);
    }
}
