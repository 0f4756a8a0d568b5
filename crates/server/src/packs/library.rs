//! All pack versions of the database, read and linked.

use std::collections::HashMap;
use std::sync::Arc;

use calendar::Moment;
use regulation::model::{Clause, ClauseRef, Function};
use regulation::{Id, Organisation, Pack};
use store::{CommitError, Row, Store, StoreError};

use super::Bundle;
use crate::organisation::Picture;
use crate::registry;
use crate::schema::{PACKS, PACKS_IN_FORCE};

/// A version in force in a unit and what lies below it.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The unit.
    pub unit: Id,
    /// The pack.
    pub name: String,
    /// The version.
    pub hash: Arc<str>,
    /// Since when.
    pub since: Moment,
}

/// All pack versions of the database.
#[derive(Debug, Default)]
pub struct Library {
    versions: HashMap<Arc<str>, Arc<Pack>>,
    newest: HashMap<String, Arc<Pack>>,
    in_force: Vec<InForce>,
    /// Where each clause stands: in the newest version of its own pack, else in one that uses that.
    clauses: HashMap<ClauseRef, (Arc<Pack>, usize)>,
}

const VERSIONS: &str = "SELECT files FROM packs ORDER BY loaded, id";
const IN_FORCE: &str = "SELECT unit, name, hash, since FROM packs_in_force ORDER BY name, unit";
const STANDING: &str = "SELECT id FROM packs_in_force WHERE unit = $1 AND name = $2";
const RECORD: &str = "SELECT id FROM packs WHERE hash = $1";

/// Reads every version and what is in force.
pub async fn load(store: &Store) -> Result<Library, StoreError> {
    let mut library = Library::default();
    for row in store.query(VERSIONS, &[]).await? {
        let bundle =
            Bundle::from_json(row.text(0)?).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let pack = bundle
            .link()
            .map_err(|error| StoreError::Damaged(format!("a pack in the database: {error}")))?;
        let pack = Arc::new(pack);
        library.newest.insert(pack.name.to_string(), pack.clone());
        library.versions.insert(pack.hash.clone(), pack);
    }
    for row in store.query(IN_FORCE, &[]).await? {
        library.in_force.push(InForce {
            unit: Id(row.int(0)?),
            name: row.text(1)?.to_owned(),
            hash: row.text(2)?.into(),
            since: Moment::from_millis(row.int(3)?),
        });
    }
    library.clauses = clauses(&library.newest);
    Ok(library)
}

fn clauses(newest: &HashMap<String, Arc<Pack>>) -> HashMap<ClauseRef, (Arc<Pack>, usize)> {
    let mut packs: Vec<&Arc<Pack>> = newest.values().collect();
    packs.sort_by(|a, b| a.name.cmp(&b.name));
    let mut clauses: HashMap<ClauseRef, (Arc<Pack>, usize)> = HashMap::new();
    for pack in packs {
        for (at, clause) in pack.clauses.iter().enumerate() {
            let place = (pack.clone(), at);
            if clause.id.pack == pack.name {
                clauses.insert(clause.id.clone(), place);
            } else {
                clauses.entry(clause.id.clone()).or_insert(place);
            }
        }
    }
    clauses
}

impl Library {
    /// Every version.
    pub fn versions(&self) -> Vec<Arc<Pack>> {
        self.versions.values().cloned().collect()
    }

    /// The version with this hash.
    pub fn by_hash(&self, hash: &str) -> Option<Arc<Pack>> {
        self.versions.get(hash).cloned()
    }

    /// What is in force, and where.
    pub fn in_force(&self) -> &[InForce] {
        &self.in_force
    }

    /// The version of a pack in force for a unit: its own, or that of the nearest unit above it.
    pub fn in_force_for(&self, picture: &Picture, name: &str, unit: Id) -> Option<Arc<Pack>> {
        let mut at = Some(unit);
        while let Some(here) = at {
            if let Some(found) = self
                .in_force
                .iter()
                .find(|one| one.name == name && one.unit == here)
            {
                return self.by_hash(&found.hash);
            }
            at = picture.units.get(&here).and_then(|unit| unit.parent);
        }
        None
    }

    /// The version of a pack in force anywhere, for reports over the whole company.
    pub fn in_force_anywhere(&self, name: &str) -> Option<Arc<Pack>> {
        self.in_force
            .iter()
            .find(|one| one.name == name)
            .and_then(|one| self.by_hash(&one.hash))
    }

    /// The packs in force in a unit, each with its version.
    pub fn all_for(&self, picture: &Picture, unit: Id) -> Vec<Arc<Pack>> {
        let mut names: Vec<&str> = self
            .in_force
            .iter()
            .filter(|one| picture.within(unit, one.unit))
            .map(|one| one.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .filter_map(|name| self.in_force_for(picture, name, unit))
            .collect()
    }

    /// A clause in the newest version that states it.
    pub fn clause(&self, clause: &ClauseRef) -> Option<&Clause> {
        let (pack, at) = self.clauses.get(clause)?;
        pack.clauses.get(*at)
    }

    /// A function in any pack.
    pub fn function(&self, key: &str) -> Option<&Function> {
        self.newest.values().find_map(|pack| pack.functions.get(key))
    }

    /// The keys of the functions in any pack.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.newest
            .values()
            .flat_map(|pack| pack.functions.keys().map(|key| &**key))
    }
}

/// Puts a version of a pack in force for a unit and what lies below it; the version is kept for good. Running cases
/// stay on the version they began with.
pub async fn activate(
    store: &Store,
    bundle: &Bundle,
    pack: &Pack,
    unit: Id,
    actor: Option<Id>,
    at: Moment,
) -> Result<(), CommitError> {
    if store.query(RECORD, &[(&*pack.hash).into()]).await?.is_empty() {
        let record = Id(store.new_id());
        let row = Row {
            table: &PACKS,
            values: vec![
                record.0.into(),
                pack.hash.clone().into(),
                (&*pack.name).into(),
                pack.version.as_str().into(),
                bundle.to_json().into(),
                at.as_millis().into(),
            ],
        };
        registry::put(
            store,
            &registry::Setting {
                kind: "pack",
                record,
                actor,
                at,
            },
            &[row],
        )
        .await?;
    }
    let standing = store
        .query(STANDING, &[unit.0.into(), (&*pack.name).into()])
        .await?;
    let record = match standing.first() {
        Some(row) => Id(row.int(0)?),
        None => Id(store.new_id()),
    };
    let row = Row {
        table: &PACKS_IN_FORCE,
        values: vec![
            unit.0.into(),
            (&*pack.name).into(),
            pack.hash.clone().into(),
            at.as_millis().into(),
            record.0.into(),
        ],
    };
    registry::put(
        store,
        &registry::Setting {
            kind: "pack_in_force",
            record,
            actor,
            at,
        },
        &[row],
    )
    .await
}
