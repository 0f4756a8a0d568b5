//! One unchanging view of the whole database, for work that reads several tables: a connection inside one read
//! transaction, asked over a channel. Which engine holds the connection is known only to the task behind the channel.

use tokio::sync::{mpsc, oneshot};

use crate::engine::{Portions, Sql};
use crate::error::StoreError;
use crate::history::Visit;
use crate::value::Answer;

/// Where portions of answers go.
pub(crate) type Portion = mpsc::Sender<Result<Vec<Answer>, StoreError>>;

/// What is asked of the task that holds the connection.
pub(crate) enum Ask {
    Stream {
        sql: Sql,
        send: Portion,
    },
    Walk {
        sql: Sql,
        visit: Visit,
        done: oneshot::Sender<Result<(), StoreError>>,
    },
}

/// The view. Its transaction ends when it is dropped.
pub(crate) struct Snapshot {
    queries: mpsc::Sender<Ask>,
}

impl Snapshot {
    /// A view, and where the task that holds its connection hears what is asked.
    pub fn new() -> (Self, mpsc::Receiver<Ask>) {
        let (queries, asked) = mpsc::channel(1);
        (Snapshot { queries }, asked)
    }

    async fn ask(&mut self, ask: Ask) -> Result<(), StoreError> {
        self.queries.send(ask).await.map_err(|_| StoreError::Closed)
    }

    /// Streams a query's answers in portions.
    pub async fn stream(&mut self, sql: Sql) -> Result<Portions, StoreError> {
        let (send, portions) = mpsc::channel(4);
        self.ask(Ask::Stream { sql, send }).await?;
        Ok(portions)
    }

    /// Visits events, in the columns of [`crate::engine::Texts`], on the task that reads them.
    pub async fn walk(&mut self, sql: Sql, visit: Visit) -> Result<(), StoreError> {
        let (done, walked) = oneshot::channel();
        self.ask(Ask::Walk { sql, visit, done }).await?;
        walked.await.map_err(|_| StoreError::Closed)?
    }

    /// All of a query's answers.
    pub async fn query(&mut self, sql: Sql) -> Result<Vec<Answer>, StoreError> {
        let mut portions = self.stream(sql).await?;
        let mut answers = Vec::new();
        while let Some(portion) = portions.recv().await {
            answers.extend(portion?);
        }
        Ok(answers)
    }
}
