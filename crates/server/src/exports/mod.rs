//! Taking lists away: cases, customers, the clause report, the access log, as CSV or Excel.
//!
//! An export is a job; its file waits for the person who asked for it and for nobody else, and is gone after some days. It
//! holds what that person may see, numbers masked unless they may see them in full, and no text in it can become a formula
//! in a spreadsheet. Each is written into the access log before it begins, with the reason where it holds customers' data.

pub mod api;
mod cell;
mod forget;
mod rows;
mod writer;

pub use cell::{Cell, harmless};
pub use forget::forget;
pub use writer::Writer;

use regulation::Actor;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::http::Language;
use crate::jobs::{Job, Progress, Stopped};
use crate::permission::Permission;

/// What is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Cases within the person's reach.
    Cases,
    /// Customers of those cases; all of them where the permission is held over the whole centre.
    Customers,
    /// The clause report's rows.
    Clauses,
    /// Who looked at what.
    Accesses,
}

impl What {
    /// The permission it needs.
    pub fn permission(self) -> Permission {
        match self {
            What::Cases | What::Customers | What::Clauses => Permission::ExportData,
            What::Accesses => Permission::ReadAudit,
        }
    }

    /// Whether a reason is owed: it holds customers' data.
    pub fn owes_reason(self) -> bool {
        matches!(self, What::Cases | What::Customers)
    }

    /// The word that programs use.
    pub fn word(self) -> &'static str {
        match self {
            What::Cases => "cases",
            What::Customers => "customers",
            What::Clauses => "clauses",
            What::Accesses => "accesses",
        }
    }
}

/// As which kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// CSV in UTF-8 with a byte-order mark, as Excel opens it.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// What.
    pub what: What,
    /// As what.
    pub format: Format,
    /// Why; owed where the file holds customers' data.
    #[schema(max_length = 200)]
    pub reason: Option<String>,
    /// Numbers in full instead of masked, where the person may see them so.
    #[serde(default)]
    pub in_full: bool,
    /// Cases: only open (`true`) or only ended (`false`) ones.
    pub open: Option<bool>,
    /// Cases: only of this procedure.
    #[schema(max_length = 100)]
    pub procedure: Option<String>,
    /// Clauses: the pack; the first in force where the person works unless said.
    #[schema(max_length = 100)]
    pub pack: Option<String>,
    /// Clauses and accesses: from this day (`2026-11-01`) or moment on.
    #[schema(max_length = 40)]
    pub from: Option<String>,
    /// Clauses and accesses: until this day or moment, not itself counted.
    #[schema(max_length = 40)]
    pub to: Option<String>,
    /// `zh` or `en`; the language of the request unless said.
    #[schema(max_length = 2)]
    pub language: Option<String>,
}

/// Does an export.
pub async fn work(app: &App, job: &Job, progress: &mut Progress<'_>) -> Result<Json, Stopped> {
    let asked: NewExport = serde_json::from_value(job.asked.clone())
        .map_err(|error| Stopped::failed("任务内容无法识别。", format!("The job cannot be read: {error}")))?;
    let store = &app.centre.store;
    let actor = actor(app, job);
    // Rights may have ended since it was asked for.
    if !asked.what.permission().anywhere(&actor) {
        return Err(Stopped::failed(
            "您已没有导出的权限。",
            "You no longer may take this away.",
        ));
    }
    let in_full = asked.in_full && Permission::UnmaskCustomers.anywhere(&actor);
    let language = match asked.language.as_deref() {
        Some("en") => Language::English,
        _ => Language::Chinese,
    };
    crate::jobs::clear_file(store, job.id).await?;
    let mut writer = Writer::new(store, job.id, asked.format);
    let sought = rows::Sought {
        app,
        actor: &actor,
        person: job.person,
        asked: &asked,
        in_full,
        language,
    };
    let count = sought.write(&mut writer, progress).await?;
    let bytes = writer.finish().await?;
    Ok(json!({ "rows": count, "bytes": bytes }))
}

fn actor(app: &App, job: &Job) -> Actor {
    let now = calendar::Moment::from_millis(app.centre.store.now());
    app.centre.surroundings().picture.actor(job.person, now)
}

#[cfg(test)]
mod tests;
