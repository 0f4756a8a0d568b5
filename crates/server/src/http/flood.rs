//! Against floods: how many requests one address and one person may make, and how many connections stand at once.
//!
//! Each address and each person has a bucket that fills at a steady rate up to a brim; a request takes one drop. An empty
//! bucket answers 429 with the seconds until the next drop. Nothing here is kept across a restart.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use regulation::Id;

use super::Problem;

/// How many buckets are remembered at most, so that a flood of addresses cannot eat memory.
const REMEMBERED: usize = 50_000;

/// A steady rate with room for a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests per second; 0 is without limit.
    pub per_second: u32,
    /// How many at once.
    pub burst: u32,
}

/// What one client may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of one person.
    pub person: Rate,
    /// Of one address, behind which a whole office may sit.
    pub address: Rate,
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address.
    pub connections_of_an_address: usize,
}

impl Limits {
    /// No limits: for measurements.
    pub const NONE: Limits = Limits {
        person: Rate {
            per_second: 0,
            burst: 1,
        },
        address: Rate {
            per_second: 0,
            burst: 1,
        },
        connections: usize::MAX,
        connections_of_an_address: usize::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            person: Rate {
                per_second: 200,
                burst: 2_000,
            },
            address: Rate {
                per_second: 1_000,
                burst: 10_000,
            },
            connections: 10_000,
            connections_of_an_address: 2_000,
        }
    }
}

/// Thousandths of a drop, and when they were counted.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: u64,
    at_ms: u64,
}

impl Bucket {
    fn full(rate: Rate, now_ms: u64) -> Self {
        Bucket {
            level: u64::from(rate.burst) * 1000,
            at_ms: now_ms,
        }
    }

    /// What has flowed in since.
    fn filled(self, rate: Rate, now_ms: u64) -> u64 {
        let since = now_ms.saturating_sub(self.at_ms);
        let flowed = since.saturating_mul(u64::from(rate.per_second));
        (self.level.saturating_add(flowed)).min(u64::from(rate.burst) * 1000)
    }

    /// Takes a drop, or tells how many seconds to wait for one.
    fn take(&mut self, rate: Rate, now_ms: u64) -> Result<(), u32> {
        let level = self.filled(rate, now_ms);
        *self = Bucket {
            level,
            at_ms: self.at_ms.max(now_ms),
        };
        match level.checked_sub(1000) {
            Some(left) => {
                self.level = left;
                Ok(())
            }
            None => {
                let missing = (1000 - level).div_ceil(u64::from(rate.per_second.max(1)));
                Err(u32::try_from(missing.div_ceil(1000)).unwrap_or(u32::MAX))
            }
        }
    }
}

#[derive(Debug)]
struct Buckets<K> {
    rate: Rate,
    by_key: Mutex<(HashMap<K, Bucket>, Bucket)>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(rate: Rate) -> Self {
        Buckets {
            rate,
            by_key: Mutex::new((HashMap::new(), Bucket::full(rate, 0))),
        }
    }

    fn take(&self, key: K, now_ms: u64) -> Result<(), u32> {
        let rate = self.rate;
        if rate.per_second == 0 {
            return Ok(());
        }
        let mut held = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let (by_key, shared) = &mut *held;
        if by_key.len() >= REMEMBERED && !by_key.contains_key(&key) {
            // A full bucket is as good as none.
            by_key.retain(|_, bucket| bucket.filled(rate, now_ms) < u64::from(rate.burst) * 1000);
            if by_key.len() >= REMEMBERED {
                return shared.take(rate, now_ms);
            }
        }
        by_key
            .entry(key)
            .or_insert_with(|| Bucket::full(rate, now_ms))
            .take(rate, now_ms)
    }
}

/// The requests that were made lately.
#[derive(Debug)]
pub struct Floods {
    people: Buckets<Id>,
    addresses: Buckets<IpAddr>,
    since: Instant,
}

impl Default for Floods {
    fn default() -> Self {
        Floods::new(&Limits::default())
    }
}

impl Floods {
    /// Nothing was asked yet.
    pub fn new(limits: &Limits) -> Self {
        Floods {
            people: Buckets::new(limits.person),
            addresses: Buckets::new(limits.address),
            since: Instant::now(),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A request of a person.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn person(&self, person: Id) -> Result<(), Problem> {
        let taken = self.people.take(person, self.now_ms());
        taken.map_err(Problem::too_many_requests)
    }

    /// A request from an address.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn address(&self, address: IpAddr) -> Result<(), Problem> {
        let taken = self.addresses.take(household(address), self.now_ms());
        taken.map_err(Problem::too_many_requests)
    }
}

/// Who sits behind an address: whoever has one IPv6 address has the 2⁶⁴ beside it too.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

/// The connections that stand, counted by address.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    most_of_one: usize,
    standing: Mutex<(usize, HashMap<IpAddr, usize>)>,
}

/// A place among the connections, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// None stands.
    pub fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Connections {
            most: limits.connections,
            most_of_one: limits.connections_of_an_address,
            standing: Mutex::default(),
        })
    }

    /// A place for one more from this address, where there is one.
    pub fn place(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = household(address);
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_address) = &mut *standing;
        let own = by_address.get(&address).copied().unwrap_or(0);
        if *all >= self.most || own >= self.most_of_one {
            return None;
        }
        *all += 1;
        by_address.insert(address, own + 1);
        Some(Place {
            connections: self.clone(),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut standing = self
            .connections
            .standing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (all, by_address) = &mut *standing;
        *all = all.saturating_sub(1);
        match by_address.get_mut(&self.address) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate {
        per_second: 10,
        burst: 5,
    };

    #[test]
    fn a_burst_is_taken_and_then_the_rate_holds() {
        let buckets = Buckets::new(RATE);
        for _ in 0..5 {
            assert_eq!(buckets.take("a", 0), Ok(()));
        }
        assert_eq!(buckets.take("a", 0), Err(1));
        // Another's bucket is another's.
        assert_eq!(buckets.take("b", 0), Ok(()));
        assert_eq!(buckets.take("a", 100), Ok(()));
        assert!(buckets.take("a", 150).is_err());
    }

    #[test]
    fn no_limit_is_no_limit() {
        let buckets = Buckets::new(Rate {
            per_second: 0,
            burst: 0,
        });
        assert!((0..1000).all(|_| buckets.take((), 0).is_ok()));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_bucket() {
        let one: IpAddr = "2001:db8:1:2::1".parse().unwrap();
        let other: IpAddr = "2001:db8:1:2:ffff::9".parse().unwrap();
        assert_eq!(household(one), household(other));
        assert_ne!(household(one), household("2001:db8:1:3::1".parse().unwrap()));
    }

    #[test]
    fn a_place_is_given_back() {
        let connections = Connections::new(&Limits {
            connections: 2,
            connections_of_an_address: 1,
            ..Limits::default()
        });
        let (one, two): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = connections.place(one);
        assert!(first.is_some() && connections.place(one).is_none());
        let second = connections.place(two);
        assert!(second.is_some() && connections.place("192.0.2.3".parse().unwrap()).is_none());
        drop(first);
        assert!(connections.place(one).is_some());
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate(steps in prop::collection::vec(0_u64..400, 1..200)) {
            let buckets = Buckets::new(RATE);
            let (mut now, mut passed) = (0, 0_u64);
            for step in steps {
                now += step;
                passed += u64::from(buckets.take((), now).is_ok());
                prop_assert!(passed * 1000 <= 5000 + now * 10);
            }
        }
    }
}
