//! One command on each of many cases: their histories are read together, and each is decided and committed by itself, so that
//! the writer finds many batches waiting at once.

use futures_util::future::join_all;
use store::{RecordId, StoredEvent};

use super::work::Loaded;
use super::{Done, Order, ShellError};
use crate::cases::{payload, projection};
use crate::centre::Centre;

impl Centre {
    /// Carries out a command on each of these cases; the outcomes are in their order. A case at which others were faster is
    /// read and decided again by itself.
    ///
    /// # Errors
    /// When the histories cannot be read; what becomes of one case is in its own outcome.
    pub async fn run_each(&self, orders: &[Order<'_>]) -> Result<Vec<Result<Done, ShellError>>, ShellError> {
        let records: Vec<RecordId> = orders
            .iter()
            .filter_map(|order| order.case.map(|case| RecordId(case.0)))
            .collect();
        let mut histories = self.store.load_many(&records).await?.into_iter();
        let rounds = orders.iter().map(|order| {
            let history = order.case.and_then(|_| histories.next()).unwrap_or_default();
            async move {
                let loaded = loaded(order, &history)?;
                match self.attempt_on(order, loaded).await {
                    Ok(Some(done)) => Ok(done),
                    Ok(None) => self.carry_out(order).await,
                    Err(ShellError::Refused(refusal)) => {
                        self.record_refusal(order, &refusal).await;
                        Err(ShellError::Refused(refusal))
                    }
                    Err(error) => Err(error),
                }
            }
        });
        Ok(join_all(rounds).await)
    }
}

fn loaded(order: &Order<'_>, history: &[StoredEvent]) -> Result<Loaded, ShellError> {
    let Some(case) = order.case else {
        return Ok(Loaded::empty());
    };
    let (case, head) = payload::replay(history)?.ok_or_else(|| super::gone(case, history))?;
    Ok(Loaded {
        before: projection::rows(&case),
        case: Some(case),
        head,
        erased: false,
    })
}
