//! Ids: 41 bits of milliseconds since 2024, 10 bits of node, 12 bits of counter. Time-ordered, unique over all
//! nodes, and positive.

use std::sync::atomic::{AtomicI64, Ordering};

/// 2024-01-01T00:00:00Z in ms since 1970.
const EPOCH: i64 = 1_704_067_200_000;

/// How many nodes there can be.
pub(crate) const NODES: i64 = 1024;

/// The id maker of one node.
#[derive(Debug)]
pub(crate) struct Ids {
    node: AtomicI64,
    /// Milliseconds since the epoch and counter of the newest id, as one number.
    newest: AtomicI64,
}

impl Ids {
    /// `highest` is the last millisecond that any holder of this node number may have used.
    pub fn new(node: i64, highest: i64) -> Self {
        let ids = Ids {
            node: AtomicI64::new(0),
            newest: AtomicI64::new(0),
        };
        ids.become_node(node, highest);
        ids
    }

    /// Goes on under another node number.
    pub fn become_node(&self, node: i64, highest: i64) {
        self.go_on_after(highest);
        self.node.store(node.rem_euclid(NODES), Ordering::Release);
    }

    /// Makes only ids later than a millisecond.
    pub fn go_on_after(&self, highest: i64) {
        let used = ((highest - EPOCH).max(0) << 12) | 0xfff;
        self.newest.fetch_max(used, Ordering::AcqRel);
    }

    /// The next id. When the clock stands or has gone back, it counts on from the newest.
    pub fn next(&self, now: i64) -> i64 {
        let floor = (now - EPOCH).max(0) << 12;
        let mut newest = self.newest.load(Ordering::Acquire);
        loop {
            let next = floor.max(newest + 1);
            match self
                .newest
                .compare_exchange_weak(newest, next, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => {
                    let node = self.node.load(Ordering::Acquire);
                    return (next >> 12) << 22 | node << 12 | (next & 0xfff);
                }
                Err(moved) => newest = moved,
            }
        }
    }

    /// The millisecond (since 1970) of the newest id.
    pub fn newest_ms(&self) -> i64 {
        (self.newest.load(Ordering::Acquire) >> 12) + EPOCH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_goes_back() {
        let ids = Ids::new(7, 0);
        let first = ids.next(EPOCH + 10_000);
        let second = ids.next(EPOCH + 9_000);
        let third = ids.next(EPOCH + 10_000);
        assert!(first < second && second < third);
        assert_eq!(second >> 12 & 1023, 7);
        assert_eq!(first >> 22, 10_000);
    }

    #[test]
    fn a_node_number_taken_over_begins_after_its_last_use() {
        let ids = Ids::new(3, EPOCH + 50_000);
        assert!(ids.next(EPOCH + 1_000) >> 22 > 50_000);
    }

    #[test]
    fn more_ids_than_a_millisecond_holds_run_into_the_next() {
        let ids = Ids::new(0, 0);
        let made: Vec<i64> = (0..10_000).map(|_| ids.next(EPOCH + 5)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(made[9_999] >> 22, 5 + 2);
    }
}
