//! Taking an import back as a whole, or not at all: where a row has been used since, everything stays and those rows are named.

use calendar::Moment;
use regulation::case::ClockEnd;
use regulation::{Change, ClockState, Event, EventKind, Fields, Id, Said};
use serde_json::{Value as Json, json};
use store::{Batch, Head, RecordId, Store, StoreError, StoredEvent, Value};

use super::bring::{CASE_CLAIM, CUSTOMER_CLAIM, import_of};
use super::fields::Kind;
use super::record::{self, Brought, Fault};
use crate::app::App;
use crate::cases::{payload, projection};
use crate::jobs::{Job, Progress, Stopped};
use crate::organisation::rebuild_scopes;
use crate::registry::{self, Setting};

/// What an undone case's last event is called.
const ACTION: &str = "import_undone";

// Each asks whether a record was used by somebody or something since it was brought in: $1 record, $2 the import, and of
// the events $3 how many it had then.
const EVENTS: &str =
    "SELECT COUNT(*) FROM events WHERE record = $1 AND seq > $2 AND (actor <> 0 OR record_kind <> 'case')";
const CASES_OF_CUSTOMER: &str = "SELECT COUNT(*) FROM cases WHERE customer = $1 AND void = 0";
const WITHIN_UNIT: &str = "SELECT (SELECT COUNT(*) FROM cases WHERE (unit = $1 OR owning_unit = $1) AND void = 0) \
     + (SELECT COUNT(*) FROM holdings h WHERE h.unit = $1 AND h.person NOT IN \
        (SELECT record FROM import_rows WHERE import = $2)) \
     + (SELECT COUNT(*) FROM packs_in_force WHERE unit = $1) \
     + (SELECT COUNT(*) FROM units u WHERE u.parent = $1 AND u.id NOT IN \
        (SELECT record FROM import_rows WHERE import = $2))";
const BY_PERSON: &str = "SELECT (SELECT COUNT(*) FROM cases WHERE (handler = $1 OR first_contact_owner = $1 \
     OR registrar = $1)) + (SELECT COUNT(*) FROM sessions WHERE person = $1) \
     + (SELECT COUNT(*) FROM access_log WHERE person = $1)";
const NO_CREDENTIALS: &str = "DELETE FROM credentials WHERE person = $1";
const UNDONE: &str = "DELETE FROM import_rows WHERE import = $1 AND line = $2";

async fn count(store: &Store, sql: &'static str, params: &[Value]) -> Result<i64, StoreError> {
    let rows = store.query(sql, params).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// Why a row cannot be taken back, if it cannot.
async fn used(store: &Store, kind: Kind, import: Id, row: &Brought) -> Result<Option<Said>, StoreError> {
    let said = |zh: &str, en: &str| {
        Ok(Some(Said {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }))
    };
    if count(store, EVENTS, &[row.record.0.into(), row.seq.into()]).await? > 0 {
        return said("导入之后已有改动。", "It was changed after the import.");
    }
    let record = || Value::from(row.record.0);
    match kind {
        Kind::Customers if count(store, CASES_OF_CUSTOMER, &[record()]).await? > 0 => {
            said("这位客户已有事项。", "There are cases of this customer.")
        }
        Kind::Units if count(store, WITHIN_UNIT, &[record(), import.0.into()]).await? > 0 => said(
            "这个部门已有人员、下级部门、规程或事项。",
            "There are people, units, packs or cases within this unit.",
        ),
        Kind::Staff if count(store, BY_PERSON, &[record()]).await? > 0 => said(
            "这个人已登录或经办过事项。",
            "This person has logged in or worked on cases.",
        ),
        _ => Ok(None),
    }
}

/// Takes an import back.
pub async fn take_back(app: &App, job: &Job, progress: &mut Progress<'_>) -> Result<Json, Stopped> {
    let import = import_of(app, job).await?;
    let store = &app.centre.store;
    let rows = record::rows(store, import.id).await?;
    let total = rows.len() as i64 * 2;
    let mut faults = Vec::new();
    for (row, done) in rows.iter().zip(1_i64..) {
        if let Some(say) = used(store, import.kind, import.id, row).await? {
            faults.push(Fault {
                line: row.line,
                header: String::new(),
                value: String::new(),
                say,
            });
        }
        progress.tell(done, total).await?;
    }
    record::set_faults(store, import.id, &faults).await?;
    if !faults.is_empty() {
        let lines: Vec<String> = faults
            .iter()
            .take(20)
            .map(|fault| fault.line.to_string())
            .collect();
        return Err(Stopped::failed(
            format!(
                "有{}行导入后已被使用，所以整批都没有撤销。行号：{}。",
                faults.len(),
                lines.join("、")
            ),
            format!(
                "{} rows have been used since, so nothing was taken back. Lines: {}.",
                faults.len(),
                lines.join(", ")
            ),
        ));
    }
    let by = Some(job.person);
    for (row, done) in rows.iter().rev().zip(1_i64..) {
        match import.kind {
            Kind::Cases | Kind::History => void(app, by, import.id, row).await?,
            kind => remove(app, kind, by, import.id, row).await?,
        }
        progress.tell(rows.len() as i64 + done, total).await?;
    }
    app.centre.refresh().await?;
    record::set_state(store, import.id, "undone").await?;
    progress.tell(total, total).await?;
    Ok(json!({ "rows": rows.len() }))
}

fn failed(error: store::CommitError) -> Stopped {
    match error {
        store::CommitError::StorageFull => StoreError::StorageFull.into(),
        store::CommitError::Unavailable(why) | store::CommitError::Unknown(why) => {
            StoreError::Unavailable(why).into()
        }
        // Somebody was faster: the next attempt finds what they did.
        other => StoreError::Failed(other.to_string()).into(),
    }
}

/// A record set as a whole is set to nothing.
async fn remove(app: &App, kind: Kind, by: Option<Id>, import: Id, row: &Brought) -> Result<(), Stopped> {
    let store = &app.centre.store;
    let history = store.load(RecordId(row.record.0)).await?;
    let mut batch = Batch::new();
    batch.statement(UNDONE, vec![import.0.into(), row.line.into()]);
    let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
    let before = registry::rows(&history)?;
    if !before.is_empty() {
        let (record_kind, claim) = match kind {
            Kind::Units => ("unit", "unit"),
            Kind::Staff => ("person", "login"),
            _ => ("customer", CUSTOMER_CLAIM),
        };
        let setting = Setting {
            kind: record_kind,
            record: row.record,
            actor: by,
            at: Moment::from_millis(store.now()),
        };
        registry::set(&mut batch, &mut head, &setting, &before, &[])?;
        batch.release(claim, row.source.as_str());
        if matches!(kind, Kind::Units | Kind::Staff) {
            rebuild_scopes(&mut batch);
        }
        if kind == Kind::Staff {
            batch.statement(NO_CREDENTIALS, vec![row.record.0.into()]);
        }
    }
    store.commit(batch).await.map(drop).map_err(failed)
}

/// A case stays in the history and is void from now on.
async fn void(app: &App, by: Option<Id>, import: Id, row: &Brought) -> Result<(), Stopped> {
    let store = &app.centre.store;
    let history = store.load(RecordId(row.record.0)).await?;
    let mut batch = Batch::new();
    batch.statement(UNDONE, vec![import.0.into(), row.line.into()]);
    if let Some((mut case, mut head)) = payload::replay(&history)?.filter(|(case, _)| !case.void) {
        let before = projection::rows(&case);
        let now = Moment::from_millis(store.now());
        let open = case.clocks.iter().filter(|clock| clock.ended.is_none());
        let mut changes: Vec<Change> = open
            .map(|clock| Change::ClockEnded {
                no: clock.no,
                end: ClockEnd {
                    state: ClockState::Lapsed,
                    at: now,
                    reason: Some("void".to_owned()),
                    replaced_by: None,
                },
            })
            .collect();
        changes.push(Change::Voided);
        let event = Event {
            case: row.record,
            happened: now,
            actor: by,
            kind: EventKind::Acted {
                action: ACTION.to_owned(),
                clause: None,
            },
            input: Fields::new(),
            changes,
        };
        payload::append(&mut batch, &mut head, &event, now)?;
        case.apply(&event);
        for write in store::difference(&before, &projection::rows(&case)) {
            batch.write(write);
        }
        batch.release(CASE_CLAIM, row.source.as_str());
    }
    store.commit(batch).await.map(drop).map_err(failed)
}
