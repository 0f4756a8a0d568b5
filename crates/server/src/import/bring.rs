//! Looking a table through, and bringing it in: both as jobs.

use calendar::Moment;
use regulation::decide::{Mode, Opened};
use regulation::{Actor, Command, Id};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{Batch, CommitError, Head, RecordId, StoreError};

use super::plan::{Planned, PlannedCase, Reading};
use super::record::{self, Brought, Fault, Import};
use super::sheet::Sheet;
use crate::app::App;
use crate::cases::shell::{Order, ShellError};
use crate::customers;
use crate::http::wire::refusal_said;
use crate::jobs::{self, Job, Progress, Stopped};
use crate::organisation::{ChangeError, set_person, set_unit};

/// The claims that keep imported rows apart by the keys of their source.
pub const CUSTOMER_CLAIM: &str = "import_customer";
pub const CASE_CLAIM: &str = "import_case";

const CLAIMED: &str = "SELECT record FROM claims WHERE name = $1 AND key = $2";

/// What a job of an import is given.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ordered {
    /// The import.
    pub import: String,
}

/// The import of a job, if whoever asked may still do it.
pub async fn import_of(app: &App, job: &Job) -> Result<Import, Stopped> {
    let unreadable = || Stopped::failed("任务内容无法识别。", "The job cannot be read.");
    let ordered: Ordered = serde_json::from_value(job.asked.clone()).map_err(|_| unreadable())?;
    let id = ordered.import.parse().map(Id).map_err(|_| unreadable())?;
    let now = Moment::from_millis(app.centre.store.now());
    let actor = app.centre.surroundings().picture.actor(job.person, now);
    let import = record::one(&app.centre.store, id).await?.ok_or_else(unreadable)?;
    if !import.kind.permission().anywhere(&actor) {
        return Err(Stopped::failed(
            "您已没有导入的权限。",
            "You no longer may import this.",
        ));
    }
    Ok(import)
}

/// The table and what it is read by.
async fn reading(app: &App, import: &Import) -> Result<(Sheet, Reading), Stopped> {
    let bytes = jobs::whole_file(&app.centre.store, import.id).await?;
    let sheet = tokio::task::spawn_blocking(move || Sheet::read(&bytes))
        .await
        .map_err(|error| Stopped::failed("文件读不出来。", format!("The file cannot be read: {error}")))?
        .map_err(|wrong| Stopped::Failed(wrong.0))?;
    let now = Moment::from_millis(app.centre.store.now());
    let wish = import.wish.clone().unwrap_or_default();
    let reading = Reading::of(app.centre.surroundings(), import.kind, &sheet.headers, &wish, now);
    let reading = reading.map_err(|wrong| {
        let (zh, en): (Vec<String>, Vec<String>) = wrong.into_iter().map(|(_, say)| (say.zh, say.en)).unzip();
        Stopped::failed(zh.join(""), en.join(" "))
    })?;
    Ok((sheet, reading))
}

/// Looks a table through and changes nothing: every fault of every row.
pub async fn check(app: &App, job: &Job, progress: &mut Progress<'_>) -> Result<Json, Stopped> {
    let import = import_of(app, job).await?;
    let (sheet, mut reading) = reading(app, &import).await?;
    let total = sheet.rows.len() as i64;
    let (mut faults, mut new, mut known) = (Vec::new(), 0_i64, 0_i64);
    for ((line, cells), done) in sheet.rows.iter().zip(1_i64..) {
        match reading.row(*line, cells) {
            Err(found) => faults.extend(found),
            Ok((source, planned)) => match try_out(app, &reading, &source, &planned).await? {
                Tried::New => new += 1,
                Tried::Known => known += 1,
                Tried::Refused(found) => {
                    let faulty = found
                        .into_iter()
                        .map(|(key, say)| reading.fault(*line, cells, &key, say));
                    faults.extend(faulty);
                }
            },
        }
        progress.tell(done, total).await?;
    }
    let store = &app.centre.store;
    record::set_faults(store, import.id, &faults).await?;
    if import.state == "new" || import.state == "checked" {
        record::set_state(store, import.id, "checked").await?;
    }
    Ok(summary(total, new, known, &faults))
}

fn summary(total: i64, brought: i64, known: i64, faults: &[Fault]) -> Json {
    let mut lines: Vec<i64> = faults.iter().map(|fault| fault.line).collect();
    lines.dedup();
    json!({ "rows": total, "new": brought, "known": known, "faulty": lines.len() })
}

enum Tried {
    New,
    Known,
    Refused(Vec<(String, regulation::Said)>),
}

/// Whether a record of this source is there already.
async fn known(app: &App, reading: &Reading, source: &str, planned: &Planned) -> Result<bool, StoreError> {
    let picture = &reading.around.picture;
    Ok(match planned {
        Planned::Unit(..) => picture.unit_by_key(source).is_some(),
        Planned::Person(_) => picture.people.values().any(|person| person.login == source),
        Planned::Customer(_) => claimed(app, CUSTOMER_CLAIM, source).await?.is_some(),
        Planned::Case(_) => claimed(app, CASE_CLAIM, source).await?.is_some(),
    })
}

async fn claimed(app: &App, claim: &str, key: &str) -> Result<Option<Id>, StoreError> {
    let rows = app
        .centre
        .store
        .query(CLAIMED, &[claim.into(), key.into()])
        .await?;
    rows.first().map(|row| row.int(0).map(Id)).transpose()
}

async fn try_out(app: &App, reading: &Reading, source: &str, planned: &Planned) -> Result<Tried, Stopped> {
    if known(app, reading, source, planned).await? {
        return Ok(Tried::Known);
    }
    let Planned::Case(case) = planned else {
        return Ok(Tried::New);
    };
    let engine = Actor::default();
    let customer = match customer_of(app, case).await? {
        Ok(customer) => customer,
        Err(wrong) => return Ok(Tried::Refused(vec![wrong])),
    };
    let order = opening(reading, source, case, None, customer, &engine);
    Ok(match app.centre.try_out(&order).await {
        Ok(Ok(_)) => Tried::New,
        Ok(Err(refusal)) => Tried::Refused(refused(&refusal, "field")),
        Err(error) => return Err(stopped(error)),
    })
}

/// A refusal, by the columns it speaks of where it does.
fn refused(refusal: &regulation::Refusal, prefix: &str) -> Vec<(String, regulation::Said)> {
    match refusal {
        regulation::Refusal::Input { problems } => problems
            .iter()
            .map(|problem| (format!("{prefix}.{}", problem.field), problem.say.clone()))
            .collect(),
        other => vec![(String::new(), refusal_said(other))],
    }
}

fn stopped(error: ShellError) -> Stopped {
    match error {
        ShellError::Store(error) => error.into(),
        ShellError::Commit(CommitError::StorageFull) => StoreError::StorageFull.into(),
        ShellError::Commit(CommitError::Unavailable(why) | CommitError::Unknown(why)) => {
            StoreError::Unavailable(why).into()
        }
        other => Stopped::failed(format!("没有导入：{other}"), format!("Not imported: {other}")),
    }
}

type Field = (String, regulation::Said);

async fn customer_of(app: &App, case: &PlannedCase) -> Result<Result<Option<Id>, Field>, StoreError> {
    let Some(key) = &case.customer else {
        return Ok(Ok(None));
    };
    Ok(match claimed(app, CUSTOMER_CLAIM, key).await? {
        Some(customer) => Ok(Some(customer)),
        None => Err((
            "customer".to_owned(),
            regulation::Said {
                zh: "没有这个客户编号。请先导入客户。".to_owned(),
                en: "There is no customer of this key. Import the customers first.".to_owned(),
            },
        )),
    })
}

fn opening<'a>(
    reading: &Reading,
    source: &str,
    case: &PlannedCase,
    id: Option<Id>,
    customer: Option<Id>,
    engine: &'a Actor,
) -> Order<'a> {
    let procedure = reading.procedure.as_ref().map(|procedure| procedure.key.clone());
    Order {
        case: None,
        command: Command::Open {
            procedure: procedure.unwrap_or_default(),
            opened: Opened {
                case: id,
                received: Some(case.received),
                channel: case.channel.clone(),
                customer,
                owning_unit: Some(case.unit),
                source: Some(source.to_owned()),
                ..Opened::default()
            },
            input: case.input.clone(),
        },
        actor: engine,
        at: Some(case.received),
        mode: Mode::Historic,
        pack: reading.pack.clone(),
        idempotency: None,
    }
}

/// Brings a table in. Begun again after a break it goes on: rows that are there already are known by their keys, and what
/// a broken run may have made half is known by its plan.
pub async fn bring_in(app: &App, job: &Job, progress: &mut Progress<'_>) -> Result<Json, Stopped> {
    let import = import_of(app, job).await?;
    let store = &app.centre.store;
    let (sheet, mut reading) = reading(app, &import).await?;
    let planned_before: std::collections::HashMap<i64, Brought> = record::rows(store, import.id)
        .await?
        .into_iter()
        .map(|row| (row.line, row))
        .collect();
    let total = sheet.rows.len() as i64;
    let (mut faults, mut brought, mut known_rows) = (Vec::new(), 0_i64, 0_i64);
    for ((line, cells), done) in sheet.rows.iter().zip(1_i64..) {
        progress.tell(done - 1, total).await?;
        let (source, planned) = match reading.row(*line, cells) {
            Ok(row) => row,
            Err(found) => {
                faults.extend(found);
                continue;
            }
        };
        let earlier = planned_before.get(line);
        if earlier.is_some_and(|row| row.seq > 0) {
            brought += 1;
            continue;
        }
        let row = match earlier {
            Some(row) => row.clone(),
            None => {
                if known(app, &reading, &source, &planned).await? {
                    known_rows += 1;
                    continue;
                }
                let row = Brought {
                    line: *line,
                    record: Id(store.new_id()),
                    source: source.clone(),
                    seq: 0,
                };
                record::plan(store, import.id, &row).await?;
                row
            }
        };
        let by = Some(import.person);
        match make(app, &reading, by, &row, planned).await? {
            Made::New => {
                let seq = store.head(RecordId(row.record.0)).await?.seq;
                record::brought(store, import.id, *line, seq).await?;
                brought += 1;
            }
            Made::Known => {
                record::dropped(store, import.id, *line).await?;
                known_rows += 1;
            }
            Made::Refused(found) => {
                record::dropped(store, import.id, *line).await?;
                let faulty = found
                    .into_iter()
                    .map(|(key, say)| reading.fault(*line, cells, &key, say));
                faults.extend(faulty);
            }
        }
    }
    app.centre.refresh().await?;
    record::set_faults(store, import.id, &faults).await?;
    record::set_state(store, import.id, "done").await?;
    // A cancelled or finished import shows its whole length.
    progress.tell(total, total).await?;
    Ok(summary(total, brought, known_rows, &faults))
}

enum Made {
    New,
    Known,
    Refused(Vec<Field>),
}

async fn make(
    app: &App,
    reading: &Reading,
    by: Option<Id>,
    row: &Brought,
    planned: Planned,
) -> Result<Made, Stopped> {
    let store = &app.centre.store;
    // A run that broke off between making the record and noting it.
    if store.head(RecordId(row.record.0)).await? != Head::EMPTY {
        return Ok(Made::New);
    }
    match planned {
        Planned::Unit(mut unit, above) => {
            if let Some(above) = above {
                unit.parent = claimed(app, "unit", &above).await?;
            }
            changed(set_unit(store, by, Some(row.record), &unit).await)
        }
        Planned::Person(person) => changed(set_person(store, by, Some(row.record), &person).await),
        Planned::Customer(customer) => {
            let at = Moment::from_millis(store.now());
            let mut batch = Batch::new();
            customers::create_in(&mut batch, row.record, by, at, &customer)?;
            batch.claim(CUSTOMER_CLAIM, row.source.as_str(), RecordId(row.record.0));
            match store.commit(batch).await {
                Ok(_) => Ok(Made::New),
                Err(CommitError::Claimed { .. }) => Ok(Made::Known),
                Err(error) => Err(stopped(ShellError::Commit(error))),
            }
        }
        Planned::Case(case) => {
            let engine = Actor::default();
            let customer = match customer_of(app, &case).await? {
                Ok(customer) => customer,
                Err(wrong) => return Ok(Made::Refused(vec![wrong])),
            };
            let mut steps = vec![opening(
                reading,
                &row.source,
                &case,
                Some(row.record),
                customer,
                &engine,
            )];
            // Later steps are given to the case that the first one opens.
            let step = |command: Command, at: Moment| Order {
                case: None,
                command,
                actor: &engine,
                at: Some(at),
                mode: Mode::Historic,
                pack: reading.pack.clone(),
                idempotency: None,
            };
            match (case.end, &reading.action) {
                (Some((at, input)), Some(action)) => {
                    let action = action.clone();
                    let seen = None;
                    steps.push(step(Command::Act { action, input, seen }, at));
                }
                // What is open stands with its clocks as they are now; what fell due meanwhile is late, not lost.
                _ => steps.push(step(Command::Wake, Moment::from_millis(store.now()))),
            }
            match app.centre.record(&steps, Some((CASE_CLAIM, &row.source))).await {
                Ok(_) => Ok(Made::New),
                Err(ShellError::Refused(refusal)) => Ok(Made::Refused(refused(&refusal, "field"))),
                Err(ShellError::Commit(CommitError::Claimed { .. })) => Ok(Made::Known),
                Err(error) => Err(stopped(error)),
            }
        }
    }
}

fn changed(outcome: Result<Id, ChangeError>) -> Result<Made, Stopped> {
    match outcome {
        Ok(_) => Ok(Made::New),
        Err(ChangeError::LoginTaken(_) | ChangeError::KeyTaken(_)) => Ok(Made::Known),
        Err(ChangeError::Store(error)) => Err(error.into()),
        Err(ChangeError::Commit(error)) => Err(stopped(ShellError::Commit(error))),
        Err(other) => Ok(Made::Refused(vec![(
            String::new(),
            regulation::Said {
                zh: format!("不能导入：{other}"),
                en: format!("It cannot be imported: {other}"),
            },
        )])),
    }
}
