//! PostgreSQL.

use crate::batch::Batch;
use crate::engine::{Outcome, Portions, Shared, Sql, Texts};
use crate::error::{CommitError, Committed, StoreError};
use crate::migrations::Migration;
use crate::value::{Answer, Value};
use crate::work::Work;
use std::sync::Arc;

pub(crate) static TEXTS: Texts = Texts {
    load: "",
    after: "",
    range: "",
    by_record: "",
    with_positions: "",
    catalogue: "",
};
pub(crate) enum Engine {}
pub(crate) enum Snapshot {}
impl Engine {
    pub async fn open(_: &str, _: &[Migration], _: Arc<Shared>) -> Result<Self, StoreError> {
        Err(StoreError::Unavailable("PostgreSQL is not built in yet".into()))
    }
    pub async fn commit(&self, _: Batch) -> Result<Committed, CommitError> {
        match *self {}
    }
    pub async fn transact(&self, _: Vec<Sql>) -> Result<Vec<Outcome>, StoreError> {
        match *self {}
    }
    pub async fn query(&self, _: Sql) -> Result<Vec<Answer>, StoreError> {
        match *self {}
    }
    pub async fn query_each(
        &self,
        _: &'static str,
        _: Vec<Vec<Value>>,
    ) -> Result<Vec<Vec<Answer>>, StoreError> {
        match *self {}
    }
    pub async fn stream(&self, _: Sql) -> Result<Portions, StoreError> {
        match *self {}
    }
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        match *self {}
    }
    pub async fn clock_ms(&self) -> Result<i64, StoreError> {
        match *self {}
    }
    pub async fn close(&self) {
        match *self {}
    }
}
impl Snapshot {
    pub async fn stream(&mut self, _: Sql) -> Result<Portions, StoreError> {
        match *self {}
    }
}
pub(crate) fn due_sql(_: &Work) -> String {
    String::new()
}
