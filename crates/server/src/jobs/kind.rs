//! The kinds of job, and who does each.

use serde_json::Value as Json;

use super::{Job, Progress, Stopped};
use crate::app::App;
use crate::{exports, import};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Writes rows to a file for somebody to take away.
    Export,
    /// Looks through a file to be imported and changes nothing.
    ImportCheck,
    /// Brings a file in.
    Import,
    /// Takes an import back as a whole.
    ImportUndo,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Export, Kind::ImportCheck, Kind::Import, Kind::ImportUndo];

    /// The word that programs use.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Export => "export",
            Kind::ImportCheck => "import_check",
            Kind::Import => "import",
            Kind::ImportUndo => "import_undo",
        }
    }

    /// The kind with this word.
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    pub(super) async fn work(
        self,
        app: &App,
        job: &Job,
        progress: &mut Progress<'_>,
    ) -> Result<Json, Stopped> {
        match self {
            Kind::Export => exports::work(app, job, progress).await,
            Kind::ImportCheck => import::check(app, job, progress).await,
            Kind::Import => import::bring_in(app, job, progress).await,
            Kind::ImportUndo => import::take_back(app, job, progress).await,
        }
    }
}
