//! A node's place among the others: its number for ids, leases, number blocks.

use std::collections::HashMap;

use crate::engine::{Engine, Sql};
use crate::error::StoreError;
use crate::ids::NODES;
use crate::value::Value;

/// How long a node number stays ours without a sign of life.
const NODE_TTL: i64 = 10 * 60_000;

/// How often the sign of life is given.
pub(crate) const HEARTBEAT: std::time::Duration = std::time::Duration::from_secs(20);

/// A node number and the last millisecond it was used in before.
pub(crate) struct NodeNumber {
    pub node: i64,
    pub highest: i64,
}

/// Takes a free node number: one never used, else the one that has rested longest.
pub(crate) async fn take_node(engine: &Engine, holder: &str, now: i64) -> Result<NodeNumber, StoreError> {
    let choose = "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1 - 1) \
         SELECT n, coalesce(highest, 0) FROM numbers LEFT JOIN nodes ON node = n \
         WHERE until IS NULL OR until < $2 ORDER BY coalesce(highest, 0), n LIMIT 8";
    let take = "INSERT INTO nodes (node, holder, until, highest) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, until = excluded.until, \
         highest = CASE WHEN excluded.highest > nodes.highest THEN excluded.highest ELSE nodes.highest END \
         WHERE nodes.until < $5 RETURNING node";
    let free = engine
        .query(Sql::new(choose, vec![NODES.into(), now.into()]))
        .await?;
    for candidate in &free {
        let node = candidate.int(0)?;
        let params = vec![
            node.into(),
            holder.into(),
            (now + NODE_TTL).into(),
            now.into(),
            now.into(),
        ];
        let taken = engine.transact(vec![Sql::new(take, params)]).await?;
        if taken.first().is_some_and(|outcome| !outcome.rows.is_empty()) {
            return Ok(NodeNumber {
                node,
                highest: candidate.int(1)?,
            });
        }
    }
    Err(StoreError::Unavailable(format!(
        "all {NODES} node numbers are in use"
    )))
}

/// The sign of life. `false` when the number was given to another node meanwhile.
pub(crate) async fn keep_node(
    engine: &Engine,
    holder: &str,
    now: i64,
    newest_id: i64,
) -> Result<bool, StoreError> {
    // The number rests from its last sign of life plus what may have been used until the next one.
    let highest = now.max(newest_id) + 2 * i64::try_from(HEARTBEAT.as_millis()).unwrap_or(0);
    let keep = "UPDATE nodes SET until = $1, highest = $2 WHERE holder = $3";
    let params = vec![(now + NODE_TTL).into(), highest.into(), holder.into()];
    let kept = engine.transact(vec![Sql::new(keep, params)]).await?;
    Ok(kept.first().is_some_and(|outcome| outcome.changed > 0))
}

/// Gives the number back at a graceful end, with what was really used, and all leases.
pub(crate) async fn leave_node(engine: &Engine, holder: &str, newest_id: i64) -> Result<(), StoreError> {
    let leave_number = "UPDATE nodes SET until = 0, highest = $1 WHERE holder = $2";
    let leave_leases = "UPDATE leases SET until = 0 WHERE holder = $1";
    let work = vec![
        Sql::new(leave_number, vec![newest_id.into(), holder.into()]),
        Sql::new(leave_leases, vec![holder.into()]),
    ];
    engine.transact(work).await.map(drop)
}

/// A lease that is held: nobody else holds one of this name until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its name.
    pub name: String,
    /// The fencing number: higher each time the lease changes hands. What is done under the lease carries it, and
    /// what carries an older one is refused.
    pub fence: i64,
    /// When it ends unless it is taken again, in ms of the store's clock.
    pub until: i64,
}

/// Takes or renews a lease; `None` while another node holds it.
pub(crate) async fn take_lease(
    engine: &Engine,
    holder: &str,
    name: &str,
    now: i64,
    ttl: i64,
) -> Result<Option<Lease>, StoreError> {
    let take = "INSERT INTO leases (name, holder, fence, until) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (name) DO UPDATE SET until = excluded.until, holder = excluded.holder, \
         fence = leases.fence + CASE WHEN leases.holder = excluded.holder AND leases.until > $4 THEN 0 ELSE 1 END \
         WHERE leases.until <= $4 OR leases.holder = excluded.holder RETURNING fence";
    let until = now + ttl;
    let params = vec![name.into(), holder.into(), until.into(), now.into()];
    let taken = engine.transact(vec![Sql::new(take, params)]).await?;
    match taken.first().and_then(|outcome| outcome.rows.first()) {
        Some(row) => Ok(Some(Lease {
            name: name.to_owned(),
            fence: row.int(0)?,
            until,
        })),
        None => Ok(None),
    }
}

/// Lets a lease go before its end.
pub(crate) async fn leave_lease(engine: &Engine, holder: &str, name: &str) -> Result<(), StoreError> {
    let leave = "UPDATE leases SET until = 0 WHERE name = $1 AND holder = $2";
    engine
        .transact(vec![Sql::new(leave, vec![name.into(), holder.into()])])
        .await
        .map(drop)
}

/// The smallest and largest number of numbers taken from the database at once.
const BLOCK: std::ops::RangeInclusive<i64> = 4..=256;

#[derive(Debug)]
struct Block {
    next: i64,
    end: i64,
    size: i64,
}

/// Numbers of a series, given from blocks that this node took. What is left of a block when a node ends is given
/// back if nothing was taken after it, else it is a gap.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    blocks: tokio::sync::Mutex<HashMap<String, Block>>,
}

impl Numbers {
    pub async fn next(&self, engine: &Engine, series: &str) -> Result<i64, StoreError> {
        let mut blocks = self.blocks.lock().await;
        if let Some(block) = blocks.get_mut(series)
            && block.next < block.end
        {
            block.next += 1;
            return Ok(block.next - 1);
        }
        let size = blocks
            .get(series)
            .map_or(*BLOCK.start(), |block| (block.size * 4).min(*BLOCK.end()));
        let take = "INSERT INTO number_blocks (series, next) VALUES ($1, 1 + $2) \
             ON CONFLICT (series) DO UPDATE SET next = number_blocks.next + $2 RETURNING next";
        let taken = engine
            .transact(vec![Sql::new(take, vec![series.into(), size.into()])])
            .await?;
        let end = taken.first().and_then(|outcome| outcome.rows.first());
        let end = end
            .ok_or_else(|| StoreError::Failed("no number block was given".into()))?
            .int(0)?;
        blocks.insert(
            series.to_owned(),
            Block {
                next: end - size + 1,
                end,
                size,
            },
        );
        Ok(end - size)
    }

    /// Gives back what was not used.
    pub async fn give_back(&self, engine: &Engine) -> Result<(), StoreError> {
        let mut blocks = self.blocks.lock().await;
        let unused = blocks.drain().filter(|(_, block)| block.next < block.end);
        let work: Vec<Sql> = unused
            .map(|(series, block)| {
                let give = "UPDATE number_blocks SET next = $1 WHERE series = $2 AND next = $3";
                Sql::new(
                    give,
                    vec![block.next.into(), Value::from(series), block.end.into()],
                )
            })
            .collect();
        if work.is_empty() {
            Ok(())
        } else {
            engine.transact(work).await.map(drop)
        }
    }
}
