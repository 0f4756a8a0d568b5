//! A view of the whole database at one moment.

use crate::engine::Sql;
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::value::{Answer, Value};

/// A view of the database that does not change while it is held.
pub struct View {
    snapshot: Snapshot,
}

impl View {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        View { snapshot }
    }

    /// Runs a query on the view.
    pub async fn query(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<Answer>, StoreError> {
        self.snapshot.query(Sql::new(sql, params.to_vec())).await
    }

    /// Hands over a query's rows one by one.
    pub async fn for_each<E: From<StoreError>>(
        &mut self,
        sql: &'static str,
        params: &[Value],
        mut each: impl FnMut(Answer) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut portions = self.snapshot.stream(Sql::new(sql, params.to_vec())).await?;
        while let Some(portion) = portions.recv().await {
            for answer in portion? {
                each(answer)?;
            }
        }
        Ok(())
    }
}
