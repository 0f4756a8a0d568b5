//! One batch in a transaction of its own, every precondition asked in turn, so that a refusal can say exactly
//! what is in the way.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Error;

use super::errors::{is_lost, is_passing, is_race, store_error};
use super::fold::fold;
use super::value::{answer, refer, types};
use super::writer::{Broken, send};
use crate::batch::{Batch, RecordId};
use crate::error::{CommitError, StoreError};

/// How often a batch that meets others is tried again.
const TRIES: usize = 20;

/// Why an attempt ended without a commit.
enum Ended {
    Refused(CommitError),
    Broken(Broken),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Ended::Broken(Broken { error, sent: false })
    }
}

/// Commits one batch; `Err` only when the connection was lost.
pub(super) async fn commit_one(
    client: &ClientWrapper,
    batch: &Batch,
) -> Result<Result<(), CommitError>, Broken> {
    let mut tries = 0;
    loop {
        tries += 1;
        let broken = match attempt(client, batch).await {
            Ok(()) => return Ok(Ok(())),
            Err(Ended::Refused(refusal)) => {
                roll_back(client).await?;
                return Ok(Err(refusal));
            }
            Err(Ended::Broken(broken)) if is_lost(&broken.error) => return Err(broken),
            Err(Ended::Broken(broken)) => broken,
        };
        roll_back(client).await?;
        let again = is_passing(&broken.error) || is_race(&broken.error);
        if !again || tries == TRIES {
            return Ok(Err(store_error(&broken.error).into()));
        }
    }
}

async fn roll_back(client: &ClientWrapper) -> Result<(), Broken> {
    client
        .batch_execute("ROLLBACK")
        .await
        .map_err(|error| Broken { error, sent: false })
}

async fn attempt(client: &ClientWrapper, batch: &Batch) -> Result<(), Ended> {
    client.batch_execute("BEGIN").await?;
    lock(client, batch).await?;
    idempotency(client, batch).await?;
    guards(client, batch).await?;
    chains(client, batch).await?;
    claims(client, batch).await?;
    let statements = fold(&[batch], crate::clock::system_ms());
    send(client, false, &statements).await.map_err(Ended::Broken)
}

/// Guards of one name and key run one after the other, on all nodes, until the transaction ends.
async fn lock(client: &ClientWrapper, batch: &Batch) -> Result<(), Error> {
    let mut names: Vec<String> = batch
        .guards
        .iter()
        .map(|guard| format!("{}\u{1f}{}", guard.name, guard.lock_key))
        .collect();
    names.sort();
    names.dedup();
    let lock = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 0))) AS held";
    for name in &names {
        client.query(&client.prepare_cached(lock).await?, &[name]).await?;
    }
    Ok(())
}

async fn idempotency(client: &ClientWrapper, batch: &Batch) -> Result<(), Ended> {
    let Some(once) = &batch.idempotency else {
        return Ok(());
    };
    let ask = "SELECT result FROM idempotency WHERE person = $1 AND key = $2";
    let row = client
        .query_opt(&client.prepare_cached(ask).await?, &[&once.person, &once.key])
        .await?;
    match row {
        Some(row) => Err(Ended::Refused(CommitError::AlreadyDone(row.try_get(0)?))),
        None => Ok(()),
    }
}

async fn guards(client: &ClientWrapper, batch: &Batch) -> Result<(), Ended> {
    let failed = |error: StoreError| Ended::Refused(error.into());
    for guard in &batch.guards {
        let statement = client
            .prepare_typed_cached(guard.sql, &types(&guard.params))
            .await?;
        let rows = client
            .query(&statement, &refer(&statement, &guard.params).map_err(failed)?)
            .await?;
        let mut now = Vec::new();
        for row in &rows {
            now.extend(answer(row).map_err(failed)?.into_values());
        }
        if now != guard.expected {
            return Err(Ended::Refused(CommitError::GuardChanged {
                name: guard.name.clone(),
                now,
            }));
        }
    }
    Ok(())
}

async fn chains(client: &ClientWrapper, batch: &Batch) -> Result<(), Ended> {
    let ask = "SELECT seq, hash FROM events WHERE record = $1 ORDER BY seq DESC LIMIT 1";
    // Who did what: the latest by a person, else the latest by the engine.
    let who = "SELECT actor, name FROM events WHERE record = $1 AND seq >= $2 \
               ORDER BY CASE WHEN actor = 0 THEN 1 ELSE 0 END, seq DESC LIMIT 1";
    for (record, chain) in &batch.chains {
        let row = client
            .query_opt(&client.prepare_cached(ask).await?, &[record])
            .await?;
        let holds = match &row {
            Some(row) => {
                let hash: &[u8] = row.try_get(1)?;
                row.try_get::<_, i64>(0)? == chain.found.seq && hash == chain.found.hash
            }
            None => chain.found.seq == 0,
        };
        if !holds {
            let seq = chain.found.seq + 1;
            let row = client
                .query_opt(&client.prepare_cached(who).await?, &[record, &seq])
                .await?;
            let by = row
                .map(|row| Ok::<_, Error>((row.try_get(0)?, row.try_get(1)?)))
                .transpose()?;
            return Err(Ended::Refused(CommitError::Stale {
                record: RecordId(*record),
                seq,
                by,
            }));
        }
    }
    Ok(())
}

async fn claims(client: &ClientWrapper, batch: &Batch) -> Result<(), Ended> {
    let ask = "SELECT record FROM claims WHERE name = $1 AND key = $2";
    for (at, (name, key, _)) in batch.claims.iter().enumerate() {
        let twice = batch
            .claims
            .iter()
            .take(at)
            .find(|(n, k, _)| n == name && k == key);
        let holder = match twice {
            Some((_, _, record)) => Some(*record),
            None if batch.releases.iter().any(|(n, k)| n == name && k == key) => None,
            None => {
                let row = client
                    .query_opt(&client.prepare_cached(ask).await?, &[name, key])
                    .await?;
                row.map(|row| row.try_get(0)).transpose()?
            }
        };
        if let Some(record) = holder {
            let (name, key) = (name.clone(), key.clone());
            return Err(Ended::Refused(CommitError::Claimed {
                name,
                key,
                record: RecordId(record),
            }));
        }
    }
    Ok(())
}
