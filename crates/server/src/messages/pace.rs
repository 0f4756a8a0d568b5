//! What follows an attempt: when a message is tried again, and when it is given up. Plain functions of what happened.

use channels::{Accepted, Failure};

/// How often a message is tried before it is laid among the dead letters.
pub const ATTEMPTS: i64 = 12;

/// The first pause; each later one is twice as long.
const FIRST: i64 = 30_000;

/// The longest pause.
const LONGEST: i64 = 6 * 3_600_000;

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Tried(Result<Accepted, Failure>),
    /// It was not made yet: quiet hours, a robot's pace, a cap.
    PutOff {
        /// Until when.
        until: i64,
        /// Why, where it is worth saying.
        why: Option<String>,
    },
    /// There is no gateway for it: it stays here.
    Kept,
    /// Whoever it was for wants it no more.
    Withdrawn,
}

/// What stands in the outbox afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// `waiting`, `sent`, `failed`, `dead`, `kept` or `withdrawn`.
    pub state: &'static str,
    /// Attempts so far.
    pub attempts: i64,
    /// When it is due again; never when it has ended.
    pub due: Option<i64>,
    /// The name that the gateway gave it.
    pub gateway_id: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

/// The pause after so many attempts. `jitter` is a random number from 0 to 1: half of the pause hangs on it, so that
/// messages that failed together do not come again together.
pub fn pause(attempts: i64, jitter: f64) -> i64 {
    let doublings = u32::try_from((attempts - 1).clamp(0, 20)).unwrap_or(20);
    let whole = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    let half = whole / 2;
    half + (half as f64 * jitter.clamp(0.0, 1.0)) as i64
}

/// What follows an outcome, after `attempts` earlier ones.
pub fn next(outcome: Outcome, attempts: i64, now: i64, jitter: f64) -> Next {
    let ended = |state, attempts, error| Next {
        state,
        attempts,
        due: None,
        gateway_id: None,
        error,
    };
    match outcome {
        Outcome::Kept => ended("kept", attempts, None),
        Outcome::Withdrawn => ended("withdrawn", attempts, None),
        Outcome::PutOff { until, why } => Next {
            due: Some(until.max(now + 1)),
            ..ended("waiting", attempts, why)
        },
        Outcome::Tried(Ok(accepted)) => Next {
            gateway_id: accepted.id,
            ..ended("sent", attempts + 1, None)
        },
        Outcome::Tried(Err(Failure::Permanent { why })) => ended("failed", attempts + 1, Some(why)),
        Outcome::Tried(Err(Failure::Temporary { why, .. })) if attempts + 1 >= ATTEMPTS => {
            ended("dead", attempts + 1, Some(why))
        }
        Outcome::Tried(Err(Failure::Temporary { why, after })) => {
            let wait = pause(attempts + 1, jitter).max(after.unwrap_or(0));
            Next {
                due: Some(now + wait),
                ..ended("waiting", attempts + 1, Some(why))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn temporary(after: Option<i64>) -> Outcome {
        Outcome::Tried(Err(Failure::Temporary {
            why: "no answer in time".into(),
            after,
        }))
    }

    #[test]
    fn pauses_double_up_to_six_hours() {
        let whole: Vec<i64> = (1..=12).map(|attempts| pause(attempts, 1.0) / 1_000).collect();
        assert_eq!(
            whole,
            [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600]
        );
        assert_eq!(pause(1, 0.0), 15_000);
    }

    #[test]
    fn what_fails_for_good_is_not_tried_again() {
        let refused = Outcome::Tried(Err(Failure::Permanent {
            why: "no such mailbox".into(),
        }));
        let next = next(refused, 0, 1_000, 0.5);
        assert_eq!((next.state, next.due, next.attempts), ("failed", None, 1));
    }

    #[test]
    fn a_receiver_that_asks_for_patience_is_given_it() {
        assert_eq!(
            next(temporary(Some(3_600_000)), 0, 1_000, 0.5).due,
            Some(3_601_000)
        );
    }

    #[test]
    fn putting_off_is_no_attempt() {
        let put_off = Outcome::PutOff {
            until: 9_000,
            why: None,
        };
        let next = next(put_off, 3, 1_000, 0.5);
        assert_eq!((next.state, next.due, next.attempts), ("waiting", Some(9_000), 3));
    }

    proptest! {
        #[test]
        fn a_message_is_tried_so_often_and_then_laid_among_the_dead(jitter in 0.0_f64..1.0) {
            let (mut attempts, mut now, mut tries) = (0, 0, 0);
            let dead = loop {
                tries += 1;
                let after = next(temporary(None), attempts, now, jitter);
                match after.due {
                    Some(due) => {
                        prop_assert!(due > now && due - now <= LONGEST);
                        (attempts, now) = (after.attempts, due);
                    }
                    None => break after,
                }
            };
            prop_assert_eq!((dead.state, tries), ("dead", ATTEMPTS));
        }
    }
}
