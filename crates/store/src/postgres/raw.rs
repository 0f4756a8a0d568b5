//! The raw engine, to measure the store against.

use deadpool_postgres::ClientWrapper;
use futures_util::future::try_join_all;
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

use super::WRITERS;
use super::errors::store_error;
use super::link::Link;
use crate::batch::{Batch, NewEvent};
use crate::bench::{Rate, Start, insert_sql, puts};
use crate::error::StoreError;

const INSERT_EVENT: &str = "INSERT INTO events (record, seq, record_kind, name, happened, recorded, actor, salt, \
     payload, payload_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Inserts the batches' rows, each row its own statement, pipelined from BEGIN to COMMIT; `waiting` batches are
/// shared out over the connections.
pub(crate) async fn raw_inserts(url: &str, batches: Vec<Batch>, waiting: usize) -> Result<Rate, StoreError> {
    let link = Link::parse(url)?;
    let failed = |error: Error| store_error(&error);
    let mut clients = Vec::new();
    for _ in 0..WRITERS {
        let (client, connection) = link.open().await?;
        clients.push(ClientWrapper::new(
            client,
            tokio::spawn(async move { drop(connection.await) }),
        ));
    }
    let begun = Start::now();
    let share = batches.len().div_ceil(WRITERS).max(1);
    let group = waiting.div_ceil(WRITERS);
    let runs = clients
        .iter()
        .zip(batches.chunks(share))
        .map(|(client, mine)| insert(client, mine, group));
    try_join_all(runs).await.map_err(failed)?;
    Ok(begun.rate(&batches))
}

async fn insert(client: &ClientWrapper, batches: &[Batch], group: usize) -> Result<(), Error> {
    let insert_event = client.prepare_cached(INSERT_EVENT).await?;
    for group in batches.chunks(group) {
        let mut sent = Vec::new();
        for batch in group {
            for event in &batch.events {
                let params = event_params(event);
                sent.push((insert_event.clone(), params));
            }
            for row in puts(batch) {
                let types: Vec<_> = row
                    .table
                    .all_columns()
                    .map(|column| super::value::scalar_type(column.kind))
                    .collect();
                let statement = client
                    .prepare_typed_cached(&insert_sql(row.table, '$'), &types)
                    .await?;
                sent.push((
                    statement,
                    row.values
                        .iter()
                        .map(|value| Box::new(value) as Param<'_>)
                        .collect(),
                ));
            }
        }
        let rows = sent.iter().map(|(statement, params)| async move {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| &**param as _).collect();
            client.execute(statement, &params).await.map(drop)
        });
        // Polled in this order, so sent in this order.
        tokio::try_join!(
            client.batch_execute("BEGIN"),
            try_join_all(rows),
            client.batch_execute("COMMIT")
        )?;
    }
    Ok(())
}

type Param<'a> = Box<dyn ToSql + Sync + Send + 'a>;

fn event_params(event: &NewEvent) -> Vec<Param<'_>> {
    vec![
        Box::new(event.record),
        Box::new(event.seq),
        Box::new(event.record_kind.as_str()),
        Box::new(event.name.as_str()),
        Box::new(event.happened),
        Box::new(event.recorded),
        Box::new(event.actor),
        Box::new(event.salt.as_slice()),
        Box::new(event.payload.as_slice()),
        Box::new(event.payload_hash.as_slice()),
        Box::new(event.hash.as_slice()),
    ]
}
