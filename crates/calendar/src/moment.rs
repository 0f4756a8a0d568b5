//! A point in time: milliseconds since 1970 UTC.

use std::fmt;
use std::ops::{Add, Sub};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since 1970-01-01T00:00Z. Written as an integer in JSON and SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

impl Moment {
    /// From milliseconds since 1970 UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 UTC.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment moved by `millis` of clock time (negative: earlier); stops at the ends of what an `i64` holds.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds of clock time from `other` to this moment; negative when `other` is later.
    pub const fn since(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }

    /// Reads `2026-11-05T08:30:00+08:00` (an offset or `Z` is required; what is finer than a millisecond is cut off).
    ///
    /// # Errors
    /// [`MomentError`] when the text is not such a time.
    pub fn parse_rfc3339(text: &str) -> Result<Self, MomentError> {
        let stamp: Timestamp = text.trim().parse().map_err(|why: jiff::Error| MomentError {
            text: text.to_owned(),
            reason: why.to_string(),
        })?;
        Ok(Self(stamp.as_nanosecond().div_euclid(1_000_000) as i64))
    }
}

impl Add<i64> for Moment {
    type Output = Self;
    fn add(self, millis: i64) -> Self {
        self.plus(millis)
    }
}

impl Sub<i64> for Moment {
    type Output = Self;
    fn sub(self, millis: i64) -> Self {
        Self(self.0.saturating_sub(millis))
    }
}

/// RFC 3339 in UTC; beyond the years -9999 to 9999, which that format cannot write, the bare milliseconds.
impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(stamp) => write!(out, "{stamp}"),
            Err(_) => write!(out, "{} ms", self.0),
        }
    }
}

/// A text that is not a point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a point in time ({reason}); write it like 2026-11-05T08:30:00+08:00")]
pub struct MomentError {
    /// What was given.
    pub text: String,
    /// Why it could not be read.
    pub reason: String,
}
