//! Attachments: files that people bring in, for a case, a contact, or a form about to be sent.
//!
//! Knows which kinds are taken, how pictures lose what they tell about their maker, how a file is checked for viruses and
//! how much room a case has. A file stands durably before the row that names it. Never shows anything but a picture inside
//! a page, and never trusts a name: the kind comes from the content, and the name must agree with it.

pub mod api;
mod archive;
mod collect;
mod intake;
mod kind;
mod name;
mod picture;
mod record;
mod scan;

use std::sync::Arc;

pub use collect::{collect, keep_tidy};
pub use record::{bind, fits};
pub use scan::Scanner;
use store::Files;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The record kind of attachments in the history.
pub const ATTACHMENT: &str = "attachment";

const MEGABYTE: u64 = 1024 * 1024;

/// What is taken in.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest file in bytes.
    pub largest: u64,
    /// All files of one case, or one person's that belong to none yet.
    pub of_case: u64,
    /// All files.
    pub total: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            largest: 50 * MEGABYTE,
            of_case: 500 * MEGABYTE,
            total: 200 * 1024 * MEGABYTE,
        }
    }
}

/// Where attachments are kept, and what they must pass before.
#[derive(Debug)]
pub struct Keeper {
    /// The files.
    pub files: Arc<dyn Files>,
    /// Limits.
    pub limits: Limits,
    /// A virus scanner, where one is set.
    pub scanner: Option<Scanner>,
    /// How many are taken in at once: each may hold a picture in memory.
    turns: tokio::sync::Semaphore,
}

impl Keeper {
    /// Keeps attachments here.
    pub fn new(files: Arc<dyn Files>, limits: Limits, scanner: Option<Scanner>) -> Keeper {
        Keeper {
            files,
            limits,
            scanner,
            turns: tokio::sync::Semaphore::new(4),
        }
    }
}

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::case_files, api::upload_to_case))
        .routes(routes!(api::contact_files, api::upload_to_contact))
        .routes(routes!(api::upload))
        .routes(routes!(api::file, api::remove_file))
}
