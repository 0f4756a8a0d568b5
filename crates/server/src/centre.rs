//! The centre: the store, the packs in force and the organisation, shared by every way in.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use store::{Store, StoreError};

use crate::messages::{Directory, Routes, load_directory};
use crate::organisation::{self, Picture};
use crate::packs::{self, Library};

/// What surrounds a decision, at one moment: never changed, replaced as a whole.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Units, people, working time.
    pub picture: Arc<Picture>,
    /// Pack versions.
    pub packs: Arc<Library>,
    /// Whom words mean, and what each of them chose.
    pub directory: Arc<Directory>,
}

/// The running centre.
pub struct Centre {
    /// The store.
    pub store: Store,
    surroundings: RwLock<Surroundings>,
    routes: OnceLock<Routes>,
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
            routes: OnceLock::new(),
        };
        centre.refresh().await?;
        Ok(centre)
    }

    /// Reads packs and organisation again, after one of them changed here or on another node.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let packs = packs::load(&self.store).await?;
        let picture = organisation::load(&self.store, &packs.versions()).await?;
        let directory = load_directory(&self.store, &picture).await?;
        let surroundings = Surroundings {
            picture: Arc::new(picture),
            packs: Arc::new(packs),
            directory: Arc::new(directory),
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

    /// Ways out of the house, as the configuration names them.
    pub fn routes(&self) -> &Routes {
        self.routes.get_or_init(Routes::default)
    }

    /// Sets the ways out, once, before anything is decided; `false` where they are set already.
    pub fn set_routes(&self, routes: Routes) -> bool {
        self.routes.set(routes).is_ok()
    }
}
