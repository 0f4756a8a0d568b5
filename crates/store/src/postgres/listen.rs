//! The connection that hears from the sealer, on this node or another one.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::AsyncMessage;

use super::errors::store_error;
use super::link::Link;
use super::texts::{SEALED_CHANNEL, WORDS_CHANNEL};
use crate::engine::Shared;
use crate::error::StoreError;

/// How long to wait before connecting again.
const AGAIN: Duration = Duration::from_millis(500);

/// Listens for as long as the store is open; after a lost connection it asks what it missed.
pub(super) async fn listen(link: Link, shared: Arc<Shared>) {
    loop {
        if let Err(error) = session(&link, &shared).await {
            tracing::warn!(%error, "news from the database are interrupted");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn session(link: &Link, shared: &Shared) -> Result<(), StoreError> {
    let failed = |error: tokio_postgres::Error| store_error(&error);
    let (client, mut connection) = link.open().await?;
    let hear = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            let AsyncMessage::Notification(news) = message? else {
                continue;
            };
            if news.channel() == WORDS_CHANNEL {
                shared.heard(news.payload());
            } else if let Ok(upto) = news.payload().parse() {
                shared.sealed_up_to(upto);
            }
        }
        Ok::<(), tokio_postgres::Error>(())
    };
    let mut hear = pin!(hear);
    let ask = async {
        client
            .batch_execute(&format!("LISTEN {SEALED_CHANNEL}; LISTEN {WORDS_CHANNEL}"))
            .await?;
        let row = client
            .query_one("SELECT coalesce(max(position), 0) FROM positions", &[])
            .await?;
        row.try_get::<_, i64>(0)
    };
    tokio::select! {
        heard = &mut hear => return heard.map_err(failed),
        asked = ask => shared.sealed_up_to(asked.map_err(failed)?),
    }
    let heard = hear.await;
    drop(client);
    heard.map_err(failed)
}
