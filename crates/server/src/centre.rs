//! The centre: the store, the packs in force and the organisation, shared by every way in.

use std::sync::{Arc, PoisonError, RwLock};

use store::{Store, StoreError};

use crate::organisation::{self, Picture};
use crate::packs::{self, Library};

/// What surrounds a decision, at one moment: never changed, replaced as a whole.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Units, people, working time.
    pub picture: Arc<Picture>,
    /// Pack versions.
    pub packs: Arc<Library>,
}

/// The running centre.
pub struct Centre {
    /// The store.
    pub store: Store,
    surroundings: RwLock<Surroundings>,
}

impl Centre {
    /// A centre over an open store.
    ///
    /// # Errors
    /// When the store cannot be read, or holds a pack version that this program cannot read.
    pub async fn open(store: Store) -> Result<Centre, StoreError> {
        let centre = Centre {
            store,
            surroundings: RwLock::default(),
        };
        centre.refresh().await?;
        Ok(centre)
    }

    /// Reads packs and organisation again, after one of them changed here or on another node.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let packs = packs::load(&self.store).await?;
        let picture = organisation::load(&self.store, &packs.versions()).await?;
        let surroundings = Surroundings {
            picture: Arc::new(picture),
            packs: Arc::new(packs),
        };
        *self.surroundings.write().unwrap_or_else(PoisonError::into_inner) = surroundings;
        Ok(())
    }

    /// What surrounds decisions now.
    pub fn surroundings(&self) -> Surroundings {
        self.surroundings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
