//! What is ready to be asked: the index, the columns beside it, the open stock; and the wait for what was acknowledged.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use search::alike::Stock;
use tokio::sync::{Semaphore, mpsc, watch};

use super::columns::Columns;

/// How long a search waits for what was acknowledged before it says that it cannot answer.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The open stock with what is asked about it.
#[derive(Debug, Default)]
pub struct OpenStock {
    /// Features by ordinal.
    pub stock: Stock,
    /// The customer behind an open case, by ordinal.
    pub customers: HashMap<u32, i64>,
    /// Small numbers of the values that must be equal.
    pub topics: HashMap<String, u32>,
}

impl OpenStock {
    /// The number of a topic; nothing is 0.
    pub fn topic(&mut self, topic: &str) -> u32 {
        if topic.is_empty() {
            return 0;
        }
        let next = u32::try_from(self.topics.len()).unwrap_or(u32::MAX - 1) + 1;
        *self.topics.entry(topic.to_owned()).or_insert(next)
    }
}

/// What can be asked.
#[derive(Debug)]
pub struct Desk {
    /// The index.
    pub index: Arc<search::Index>,
    /// What changes often.
    pub columns: RwLock<Columns>,
    /// Open cases by likeness.
    pub open: RwLock<OpenStock>,
}

impl Desk {
    /// Looks at the columns.
    pub fn columns<T>(&self, look: impl FnOnce(&Columns) -> T) -> T {
        look(&self.columns.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the columns.
    pub fn change<T>(&self, change: impl FnOnce(&mut Columns) -> T) -> T {
        change(&mut self.columns.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the open stock.
    pub fn open<T>(&self, look: impl FnOnce(&OpenStock) -> T) -> T {
        look(&self.open.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the open stock.
    pub fn change_open<T>(&self, change: impl FnOnce(&mut OpenStock) -> T) -> T {
        change(&mut self.open.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The search of a running application: not ready at first.
#[derive(Debug)]
pub struct Search {
    desk: watch::Sender<Option<Arc<Desk>>>,
    /// Everything up to this position can be found.
    pub(super) taken: watch::Sender<i64>,
    /// As many searches at once as there are cores; more would only make all of them wait longer.
    pub(super) turns: Semaphore,
    again: mpsc::UnboundedSender<i64>,
    pub(super) looked_again: tokio::sync::Mutex<mpsc::UnboundedReceiver<i64>>,
}

impl Default for Search {
    fn default() -> Self {
        let (again, looked_again) = mpsc::unbounded_channel();
        Search {
            desk: watch::channel(None).0,
            taken: watch::channel(0).0,
            turns: Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)),
            again,
            looked_again: tokio::sync::Mutex::new(looked_again),
        }
    }
}

impl Search {
    /// What can be asked, once it is ready.
    pub fn desk(&self) -> Option<Arc<Desk>> {
        self.desk.borrow().clone()
    }

    pub(super) fn ready(&self, desk: Option<Arc<Desk>>) {
        self.desk.send_replace(desk);
    }

    /// Waits until everything up to a position can be found; `false` when that takes too long.
    pub async fn reaches(&self, position: i64, patience: Duration) -> bool {
        let mut taken = self.taken.subscribe();
        let wait = taken.wait_for(|taken| *taken >= position);
        tokio::time::timeout(patience, wait)
            .await
            .is_ok_and(|waited| waited.is_ok())
    }

    /// Waits until it can be asked at all.
    pub async fn is_ready(&self, patience: Duration) -> bool {
        let mut desk = self.desk.subscribe();
        let wait = desk.wait_for(Option::is_some);
        tokio::time::timeout(patience, wait)
            .await
            .is_ok_and(|waited| waited.is_ok())
    }

    /// A record changed without an event of its own, such as by erasing: it is read again.
    pub fn look_again(&self, record: i64) {
        // The receiver lives as long as `self`.
        let _ = self.again.send(record);
    }
}
