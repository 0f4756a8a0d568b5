//! One clock per store: the system's on SQLite, the database's on PostgreSQL. It never runs backwards within a
//! process, so that events of one process are in the order of their times.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

/// The system's clock in ms since 1970 UTC.
pub(crate) fn system_ms() -> i64 {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// Where a database's clock stood at a moment of ours.
#[derive(Debug, Clone, Copy)]
struct Reading {
    database_ms: i64,
    at: Instant,
}

#[derive(Debug, Default)]
pub(crate) struct Clock {
    highest: AtomicI64,
    reading: Mutex<Option<Reading>>,
}

impl Clock {
    /// Takes over a reading of the database's clock that was asked at `at`.
    pub fn set(&self, database_ms: i64, at: Instant) {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(Reading { database_ms, at });
    }

    pub fn now(&self) -> i64 {
        let reading = *self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let now = reading.map_or_else(system_ms, |reading| {
            let since = i64::try_from(reading.at.elapsed().as_millis()).unwrap_or(0);
            reading.database_ms.saturating_add(since)
        });
        self.highest.fetch_max(now, Ordering::AcqRel).max(now)
    }
}
