//! The sealer: one at a time over all nodes, by a lease whose fencing number every write of it carries. It gives
//! new events their dense positions (SQLite's writer has done so at commit), joins them to the tree, and signs a
//! root each second when there is something new.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use super::hash::Hash;
use super::merkle::{Tile, Tree, leaf};
use super::root::{NEWEST_ROOT, RootSigner, SignedRoot};
use crate::engine::{Engine, Sql};
use crate::error::StoreError;
use crate::node::Lease;
use crate::store::Store;
use crate::value::Value;

/// The lease's name.
const LEASE: &str = "sealer";

/// How long the lease lasts without being taken again: after a node's sudden end, the next sealer begins then. It is
/// taken again after a third of that. Where the folder's lock lets no second node in, hardly ever.
fn lease_ttl(engine: &Engine) -> Duration {
    Duration::from_secs(if engine.texts().give_positions.is_some() {
        5
    } else {
        3600
    })
}

/// How often positions are given where commits do not give them.
const GIVE_POSITIONS: Duration = Duration::from_millis(50);

/// After how many rounds that gave positions the queue is tidied.
const TIDY: u32 = 200;

/// How often a root is signed when there is something new.
const SIGN: Duration = Duration::from_secs(1);

/// How many leaves are joined before their tiles are kept.
const STRIDE: i64 = 100_000;

/// The sealer at work, under a lease. One per store, behind a mutex: the running sealer and whoever wants a root
/// at once share it.
pub(crate) struct Sealer {
    fence: i64,
    tree: Tree,
    signer: RootSigner,
    /// Rounds that gave positions since the queue was tidied.
    rounds: u32,
}

impl Store {
    /// Runs the sealer until `shutdown`. Every node runs one; only the one with the lease works, the others stand
    /// by. Errors are told to the log and tried again: commits do not depend on it.
    pub async fn run_sealer(&self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        loop {
            let held = tokio::select! {
                () = &mut shutdown => return,
                held = self.lease(LEASE, lease_ttl(self.engine())) => held,
            };
            match held {
                Ok(Some(lease)) => {
                    let ended = tokio::select! {
                        () = &mut shutdown => None,
                        ended = self.seal_while_held(&lease) => Some(ended),
                    };
                    let Some(ended) = ended else {
                        // What came in last is sealed before the end, if it can be.
                        if let Err(error) = self.seal_now().await {
                            tracing::warn!(%error, "the last events before the end are not sealed yet");
                        }
                        let _ = self.end_lease(&lease).await;
                        return;
                    };
                    match ended {
                        Ok(()) => {}
                        Err(StoreError::Closed) => return,
                        Err(error) => tracing::warn!(%error, "the sealer was interrupted, it begins again"),
                    }
                }
                Ok(None) => {}
                Err(StoreError::Closed) => return,
                Err(error) => tracing::warn!(%error, "the sealer cannot take its lease"),
            }
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
            }
        }
    }

    /// Seals everything committed so far, at once, and returns the root that covers it. `None` while there is no
    /// event at all. Fails while another node's sealer works, which seals within a second itself.
    pub async fn seal_now(&self) -> Result<Option<SignedRoot>, StoreError> {
        let Some(lease) = self.lease(LEASE, lease_ttl(self.engine())).await? else {
            return Err(StoreError::Unavailable("another node is sealing".into()));
        };
        self.seal(&lease, true).await?;
        self.latest_root().await
    }

    /// The newest signed root, `None` while nothing is sealed.
    pub async fn latest_root(&self) -> Result<Option<SignedRoot>, StoreError> {
        self.query(NEWEST_ROOT, &[])
            .await?
            .first()
            .map(SignedRoot::read)
            .transpose()
    }

    async fn seal_while_held(&self, lease: &Lease) -> Result<(), StoreError> {
        let at_commit = self.engine().texts().give_positions.is_none();
        let (mut signed, mut renewed) = (None::<Instant>, Instant::now());
        loop {
            if renewed.elapsed() >= lease_ttl(self.engine()) / 3 {
                match self.lease(LEASE, lease_ttl(self.engine())).await? {
                    Some(again) if again.fence == lease.fence => renewed = Instant::now(),
                    _ => return Ok(()),
                }
            }
            let sign = signed.is_none_or(|signed| signed.elapsed() >= SIGN);
            if sign {
                signed = Some(Instant::now());
            }
            if sign || !at_commit {
                self.seal(lease, sign).await?;
            }
            tokio::time::sleep(if at_commit { SIGN / 4 } else { GIVE_POSITIONS }).await;
        }
    }

    /// One round under a lease: positions, and if wanted tree and root. After an error, or under another lease, the
    /// tree is read anew from the database.
    async fn seal(&self, lease: &Lease, sign: bool) -> Result<(), StoreError> {
        let mut held = self.sealer().lock().await;
        let mut sealer = match held.take().filter(|sealer| sealer.fence == lease.fence) {
            Some(sealer) => sealer,
            None => Sealer {
                fence: lease.fence,
                tree: stored_tree(self.engine()).await?,
                signer: RootSigner::load(self.engine(), self.now()).await?,
                rounds: 0,
            },
        };
        sealer.give_positions(self.engine()).await?;
        if sign {
            sealer.join_and_sign(self).await?;
        }
        *held = Some(sealer);
        Ok(())
    }
}

impl Sealer {
    /// Gives positions to what has none, and tells all nodes.
    async fn give_positions(&mut self, engine: &Engine) -> Result<(), StoreError> {
        let Some(give) = engine.texts().give_positions else {
            return Ok(());
        };
        let given = engine
            .transact(vec![Sql::new(give, vec![self.fence.into()])])
            .await?;
        if given.iter().any(|outcome| outcome.changed > 0) {
            self.rounds += 1;
        }
        // The queue is read whole each time, so what was taken out of it must not pile up.
        if self.rounds >= TIDY {
            self.rounds = 0;
            engine.tidy_queue().await?;
        }
        Ok(())
    }

    /// Joins what has a position to the tree, keeps the complete tiles and signs the root.
    async fn join_and_sign(&mut self, store: &Store) -> Result<(), StoreError> {
        let highest = Sql::new("SELECT coalesce(max(position), 0) FROM positions", Vec::new());
        let highest = store
            .engine()
            .query(highest)
            .await?
            .first()
            .map_or(Ok(0), |row| row.int(0))?;
        let mut size = size_of(&self.tree);
        while size < highest {
            let upto = highest.min(size + STRIDE);
            let (mut tree, mut tiles) = (self.tree.clone(), Vec::new());
            let ask = Sql::new(store.engine().texts().hashes, vec![size.into(), upto.into()]);
            let mut portions = store.engine().stream(ask).await?;
            while let Some(portion) = portions.recv().await {
                for answer in portion? {
                    if answer.int(0)? != size_of(&tree) + 1 {
                        return Err(StoreError::Damaged(format!(
                            "the event at position {} is missing: run verify",
                            size_of(&tree) + 1
                        )));
                    }
                    let hash = super::hash_of(answer.value(1)?)?;
                    tree.push(leaf(&hash), |tile| tiles.push(tile));
                }
            }
            let root = self.signer.sign(size_of(&tree), tree.root(), store.now());
            self.keep(store.engine(), &tiles, &root).await?;
            if size_of(&tree) < upto {
                return Err(StoreError::Damaged(format!(
                    "the event at position {upto} is missing: run verify"
                )));
            }
            self.tree = tree;
            size = upto;
        }
        Ok(())
    }

    /// Keeps tiles and root in one transaction, which changes nothing when the lease has gone to somebody else.
    async fn keep(&self, engine: &Engine, tiles: &[Tile], root: &SignedRoot) -> Result<(), StoreError> {
        let keep_tile = "INSERT INTO tiles (level, place, hash) SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), $3 \
             WHERE (SELECT fence FROM leases WHERE name = 'sealer') = $4 ON CONFLICT (level, place) DO NOTHING";
        let keep_root = "INSERT INTO roots (size, root, signed_at, key_name, signature, fence) \
             SELECT CAST($1 AS BIGINT), $2, CAST($3 AS BIGINT), $4, $5, CAST($6 AS BIGINT) \
             WHERE (SELECT fence FROM leases WHERE name = 'sealer') = $6";
        let mut work: Vec<Sql> = tiles
            .iter()
            .map(|tile| {
                let place = i64::try_from(tile.place).unwrap_or(i64::MAX);
                let params: Vec<Value> = vec![
                    tile.level.into(),
                    place.into(),
                    tile.hash.into(),
                    self.fence.into(),
                ];
                Sql::new(keep_tile, params)
            })
            .collect();
        work.push(Sql::new(
            keep_root,
            vec![
                root.size.into(),
                root.root.into(),
                root.signed_at.into(),
                root.key_name.as_str().into(),
                root.signature.as_slice().into(),
                self.fence.into(),
            ],
        ));
        let outcomes = engine.transact(work).await?;
        if outcomes.last().is_some_and(|outcome| outcome.changed == 0) {
            return Err(StoreError::Unavailable(
                "the sealer's lease went to another node".into(),
            ));
        }
        Ok(())
    }
}

fn size_of(tree: &Tree) -> i64 {
    i64::try_from(tree.size()).unwrap_or(i64::MAX)
}

/// The tree of the newest signed root, from its tiles and the leaves after the last complete one.
async fn stored_tree(engine: &Engine) -> Result<Tree, StoreError> {
    let mut tree = Tree::default();
    let Some(newest) = engine
        .query(Sql::new(NEWEST_ROOT, Vec::new()))
        .await?
        .first()
        .map(SignedRoot::read)
        .transpose()?
    else {
        return Ok(tree);
    };
    let size = u64::try_from(newest.size).unwrap_or(0);
    let levels = (0..7).take_while(|level| size >> (8 * (level + 1)) > 0).count();
    for level in (0..levels).rev() {
        let height = 8 * (u32::try_from(level).unwrap_or(0) + 1);
        let from = i64::try_from(tree.size() >> height).unwrap_or(i64::MAX);
        let to = i64::try_from(size >> height).unwrap_or(i64::MAX);
        let ask = "SELECT hash FROM tiles WHERE level = $1 AND place >= $2 AND place < $3 ORDER BY place";
        let params = vec![i64::try_from(level).unwrap_or(0).into(), from.into(), to.into()];
        for answer in engine.query(Sql::new(ask, params)).await? {
            tree.push_subtree(height, super::hash_of(answer.value(0)?)?, |_| {});
        }
    }
    let ask = Sql::new(
        engine.texts().hashes,
        vec![size_of(&tree).into(), newest.size.into()],
    );
    for answer in engine.query(ask).await? {
        let hash: Hash = super::hash_of(answer.value(1)?)?;
        tree.push(leaf(&hash), |_| {});
    }
    if size_of(&tree) != newest.size || tree.root() != newest.root {
        return Err(StoreError::Damaged(format!(
            "the history no longer gives the root signed over {} events: run verify",
            newest.size
        )));
    }
    Ok(tree)
}
