//! Who looked at, took out or changed what no event of a case tells: log-ins, unmasking, exports, administration (GEN-11).
//!
//! Kept outside the history, at least for [`KEPT`], read by whoever may read audit records. A line never holds what was
//! seen, only whose it was and why.

use calendar::Moment;
use regulation::Id;
use store::{Batch, Store, StoreError, Value};

/// The shortest time that lines are kept, in milliseconds: six months of 31 days.
pub const KEPT: i64 = 186 * 24 * 3_600_000;

const WRITE: &str = "INSERT INTO access_log (id, at, person, address, deed, subject, reason, detail) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// One line of the access log.
#[derive(Clone, Debug, Default)]
pub struct Access<'a> {
    /// Who; `None` while nobody is logged in.
    pub person: Option<Id>,
    /// From which address, where it is known.
    pub address: Option<&'a str>,
    /// What was done, a word such as `unmasked`, `exported`, `logged_in`.
    pub deed: &'a str,
    /// To what, such as `customer:123`; empty where there is no single one.
    pub subject: &'a str,
    /// Why, as the person said.
    pub reason: Option<&'a str>,
    /// What else there is to know, never the data itself.
    pub detail: Option<&'a str>,
}

impl Access<'_> {
    fn values(&self, store: &Store, at: Moment) -> Vec<Value> {
        vec![
            store.new_id().into(),
            at.as_millis().into(),
            self.person.map(|person| person.0).into(),
            self.address.into(),
            self.deed.into(),
            self.subject.into(),
            self.reason.into(),
            self.detail.into(),
        ]
    }

    /// Writes the line at once. What is to be shown afterwards must wait for it.
    ///
    /// # Errors
    /// When the store cannot write: then nothing may be shown.
    pub async fn record(&self, store: &Store) -> Result<(), StoreError> {
        let at = Moment::from_millis(store.now());
        store.execute(WRITE, &self.values(store, at)).await.map(|_| ())
    }

    /// Writes the line with a batch, or not at all.
    pub fn record_with(&self, store: &Store, batch: &mut Batch) {
        let at = Moment::from_millis(store.now());
        batch.statement(WRITE, self.values(store, at));
    }
}
