//! Subscriptions to what happens. The subscription is a setting with a history; its secret is not in it.

use calendar::Moment;
use regulation::Id;
use store::{Batch, CommitError, Head, RecordId, Row, Store, StoreError, StoredEvent};

use crate::access_log::Access;
use crate::registry::{self, Setting};
use crate::schema::WEBHOOKS;

/// The record kind in the history.
pub const WEBHOOK: &str = "webhook";

const KEEP_SECRET: &str = "INSERT INTO webhook_secrets (webhook, secret) VALUES ($1, $2) \
     ON CONFLICT (webhook) DO UPDATE SET secret = excluded.secret";
const FORGET_SECRET: &str = "DELETE FROM webhook_secrets WHERE webhook = $1";
const ALL: &str =
    "SELECT id, name, url, kinds, unit, active FROM webhooks WHERE id > $1 ORDER BY id LIMIT $2";
const ONE: &str = "SELECT id, name, url, kinds, unit, active FROM webhooks WHERE id = $1";

/// Words of events that can be subscribed to: [`regulation::EventKind::word`].
pub const KINDS: [&str; 11] = [
    "opened",
    "acted",
    "refused",
    "signed",
    "signer_replaced",
    "answered",
    "time_passed",
    "subcase_ended",
    "calendar_changed",
    "moved",
    "raised",
];

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: Id,
    /// As people call it.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Words of events.
    pub kinds: Vec<String>,
    /// In whose subtree.
    pub unit: Id,
    /// Whether it is on.
    pub active: bool,
}

fn read(row: &store::Answer) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: Id(row.int(0)?),
        name: row.text(1)?.to_owned(),
        url: row.text(2)?.to_owned(),
        kinds: row.text(3)?.split(' ').map(str::to_owned).collect(),
        unit: Id(row.int(4)?),
        active: row.flag(5)?,
    })
}

/// Subscriptions after this one.
pub async fn after(store: &Store, id: i64, limit: i64) -> Result<Vec<Webhook>, StoreError> {
    store
        .query(ALL, &[id.into(), limit.into()])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// One subscription.
pub async fn find(store: &Store, id: Id) -> Result<Option<Webhook>, StoreError> {
    store
        .query(ONE, &[id.0.into()])
        .await?
        .first()
        .map(read)
        .transpose()
}

/// Sets a subscription, with its secret where it is new; `None` ends it. The centre does not see it until it is refreshed.
pub async fn set(
    store: &Store,
    actor: Id,
    id: Id,
    wanted: Option<&Webhook>,
    secret: Option<&str>,
) -> Result<(), CommitError> {
    let history = store.load(RecordId(id.0)).await?;
    let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
    let before = registry::rows(&history)?;
    let rows: Vec<Row> = wanted
        .iter()
        .map(|wanted| Row {
            table: &WEBHOOKS,
            values: vec![
                id.0.into(),
                wanted.name.as_str().into(),
                wanted.url.as_str().into(),
                wanted.kinds.join(" ").into(),
                wanted.unit.0.into(),
                wanted.active.into(),
            ],
        })
        .collect();
    let mut batch = Batch::new();
    let setting = Setting {
        kind: WEBHOOK,
        record: id,
        actor: Some(actor),
        at: Moment::from_millis(store.now()),
    };
    registry::set(&mut batch, &mut head, &setting, &before, &rows)?;
    if let Some(secret) = secret {
        batch.statement(KEEP_SECRET, vec![id.0.into(), secret.into()]);
    }
    if wanted.is_none() {
        batch.statement(FORGET_SECRET, vec![id.0.into()]);
    }
    let subject = format!("webhook:{id}");
    let deed = match (wanted, secret) {
        (None, _) => "webhook_ended",
        (Some(_), Some(_)) => "webhook_made",
        (Some(_), None) => "webhook_changed",
    };
    let access = Access {
        person: Some(actor),
        deed,
        subject: &subject,
        ..Access::default()
    };
    access.record_with(store, &mut batch);
    store.commit(batch).await.map(drop)
}
