//! Public hotline messages with their replies: columns id, user, subject, received_at, detail, reply, replied_at;
//! times local to the pack's calendar.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use calendar::{Date, Moment, Time};
use regulation::decide::{Mode, Opened};
use regulation::{Actor, Case, Command, FieldValue, Fields, Id, Organisation, Pack, Refusal};
use serde::Serialize;
use store::{CommitError, StoreError};
use tokio::task::JoinSet;

use super::{Table, TableError};
use crate::cases::shell::{Order, ShellError};
use crate::centre::Centre;

/// How many rows are on their way at once, so that commits can be grouped.
const IN_FLIGHT: usize = 128;
/// The claim that keeps a row from coming in twice.
const CLAIM: &str = "import:hotline";
const KNOWN: &str = "SELECT id, ended FROM cases WHERE source = $1";

/// A row that was not taken.
#[derive(Clone, Debug, Serialize)]
pub struct Rejected {
    /// Its line in the file.
    pub line: u64,
    /// Its id, if it could be read.
    pub id: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// What an import did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Imported {
    /// Rows read.
    pub rows: u64,
    /// Cases opened.
    pub opened: u64,
    /// Replies added to cases that were there, or opened now.
    pub answered: u64,
    /// Rows that were there already with all they say.
    pub unchanged: u64,
    /// Rows that lie after the end that was asked for.
    pub later: u64,
    /// Rows that are there already, but say something else than the record: what differs. The record stays as it is.
    pub differing: Vec<Rejected>,
    /// Rows not taken.
    pub rejected: Vec<Rejected>,
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A case.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A worker fell over.
    #[error("the import stopped: {0}")]
    Worker(String),
}

struct Message {
    id: String,
    received: Moment,
    replied: Option<Moment>,
    input: Fields,
    reply: String,
}

enum Taken {
    Opened { answered: bool },
    Answered,
    Unchanged,
    Differing(String),
}

/// Imports a file into the unit under this pack. `until` leaves out what happened at or after that time; rows imported
/// earlier get the replies that were left out then. `progress` is told how many rows are done.
pub async fn hotline(
    centre: &Arc<Centre>,
    pack: &Arc<Pack>,
    unit: Id,
    path: &Path,
    until: Option<Moment>,
    id_prefix: &str,
    mut progress: impl FnMut(u64, u64),
) -> Result<Imported, ImportError> {
    let table = Table::read(path)?;
    let columns = [
        table.column("id")?,
        table.column("user")?,
        table.column("subject")?,
        table.column("received_at")?,
        table.column("detail")?,
        table.column("reply")?,
        table.column("replied_at")?,
    ];
    let mut imported = Imported {
        rows: table.rows().len() as u64,
        ..Imported::default()
    };
    let mut running: JoinSet<(u64, String, Result<Taken, ShellError>)> = JoinSet::new();
    let mut done = 0;
    let mut seen: HashMap<String, u64> = HashMap::new();
    for (line, row) in table.rows() {
        let message = match row {
            Ok(row) => read(centre, pack, unit, &columns, row, id_prefix),
            Err(reason) => Err((String::new(), reason.clone())),
        };
        let message = message.and_then(|message| match seen.insert(message.id.clone(), *line) {
            None => Ok(message),
            Some(first) => Err((
                message.id,
                format!("the id stands on line {first} already: give each message its own"),
            )),
        });
        let mut message = match message {
            Ok(message) => message,
            Err((id, reason)) => {
                imported.rejected.push(Rejected {
                    line: *line,
                    id,
                    reason,
                });
                done += 1;
                continue;
            }
        };
        if until.is_some_and(|until| message.received >= until) {
            imported.later += 1;
            done += 1;
            continue;
        }
        message.replied = message.replied.filter(|at| until.is_none_or(|until| *at < until));
        while running.len() >= IN_FLIGHT {
            settle(&mut running, &mut imported).await?;
            done += 1;
            progress(done, imported.rows);
        }
        let (centre, pack, line) = (centre.clone(), pack.clone(), *line);
        running.spawn(async move {
            let id = message.id.clone();
            let taken = take(&centre, &pack, unit, message, until).await;
            (line, id, taken)
        });
    }
    while !running.is_empty() {
        settle(&mut running, &mut imported).await?;
        done += 1;
        progress(done, imported.rows);
    }
    imported.rejected.sort_by_key(|rejected| rejected.line);
    imported.differing.sort_by_key(|differing| differing.line);
    Ok(imported)
}

async fn settle(
    running: &mut JoinSet<(u64, String, Result<Taken, ShellError>)>,
    imported: &mut Imported,
) -> Result<(), ImportError> {
    let Some(joined) = running.join_next().await else {
        return Ok(());
    };
    let (line, id, taken) = joined.map_err(|error| ImportError::Worker(error.to_string()))?;
    match taken {
        Ok(Taken::Opened { answered }) => {
            imported.opened += 1;
            imported.answered += u64::from(answered);
        }
        Ok(Taken::Answered) => imported.answered += 1,
        Ok(Taken::Unchanged) => imported.unchanged += 1,
        Ok(Taken::Differing(reason)) => imported.differing.push(Rejected { line, id, reason }),
        Err(ShellError::Refused(refusal)) => {
            let reason = match *refusal {
                Refusal::Input { problems } => problems
                    .iter()
                    .map(|problem| format!("{}: {}", problem.field, problem.say.en))
                    .collect::<Vec<_>>()
                    .join("; "),
                other => crate::http::wire::refusal_said(&other).en,
            };
            imported.rejected.push(Rejected { line, id, reason });
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn read(
    centre: &Centre,
    pack: &Pack,
    unit: Id,
    columns: &[usize; 7],
    row: &csv::StringRecord,
    id_prefix: &str,
) -> Result<Message, (String, String)> {
    let cell = |index: usize| {
        columns
            .get(index)
            .and_then(|column| row.get(*column))
            .unwrap_or("")
            .trim()
    };
    let id = cell(0);
    let refuse = |reason: String| (id.to_owned(), reason);
    if id.is_empty() {
        return Err(refuse("id is empty: every row needs an id of its own".to_owned()));
    }
    let around = centre.surroundings();
    let calendar = around.picture.calendar(pack, Some(unit));
    let now = Moment::from_millis(centre.store.now());
    let time = |name: &str, text: &str| {
        let (date, time) = text.split_once([' ', 'T']).ok_or_else(|| {
            refuse(format!(
                "{name} \"{text}\" is not a time: write it as 2020-01-31 09:30:00"
            ))
        })?;
        let date: Date = two_digits(date, ['/', '-'], "-").parse().map_err(|_| {
            refuse(format!(
                "{name} \"{text}\" has no such day: write it as 2020-01-31 09:30:00"
            ))
        })?;
        let time: Time = two_digits(time.trim_end(), [':', '：'], ":")
            .parse()
            .map_err(|_| {
                refuse(format!(
                    "{name} \"{text}\" has no such time: write it as 2020-01-31 09:30:00"
                ))
            })?;
        let at = calendar.moment_of(date, time);
        if at > now {
            return Err(refuse(format!(
                "{name} \"{text}\" lies in the future: only what has happened can be brought in"
            )));
        }
        Ok::<Moment, (String, String)>(at)
    };
    let received = time("received_at", cell(3))?;
    let (reply, replied_text) = (cell(5), cell(6));
    let replied = if replied_text.is_empty() {
        None
    } else {
        Some(time("replied_at", replied_text)?)
    };
    if replied.is_none() && !reply.is_empty() {
        return Err(refuse(
            "reply is given without replied_at: when was it given?".to_owned(),
        ));
    }
    if replied.is_some() && reply.is_empty() {
        return Err(refuse("replied_at is given without a reply".to_owned()));
    }
    if replied.is_some_and(|replied| replied < received) {
        return Err(refuse("replied_at lies before received_at".to_owned()));
    }
    let mut input = Fields::new();
    for (key, index) in [("subject", 2), ("detail", 4), ("user", 1)] {
        if !cell(index).is_empty() {
            input.insert(key.to_owned(), FieldValue::Text(cell(index).to_owned()));
        }
    }
    Ok(Message {
        id: format!("{id_prefix}{id}"),
        received,
        replied,
        input,
        reply: reply.to_owned(),
    })
}

/// The parts of a day or a time with at least two digits each, as spreadsheets do not write them.
fn two_digits(text: &str, between: [char; 2], joined: &str) -> String {
    let parts = text.split(between).map(|part| match part.len() {
        1 => format!("0{part}"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(joined)
}

/// Where a row says something else than the case it was brought in as; `None` when it does not. With an end that was
/// asked for, the row says nothing of what came after it.
fn differing(case: &Case, message: &Message, until: Option<Moment>) -> Option<String> {
    let mut other = Vec::new();
    if case.received != message.received {
        other.push("received_at");
    }
    for key in ["subject", "detail", "user"] {
        if case.fields.get(key) != message.input.get(key) {
            other.push(key);
        }
    }
    match (case.ended, message.replied) {
        (Some(ended), Some(replied)) => {
            if ended != replied {
                other.push("replied_at");
            }
            if case.fields.get("reply").and_then(FieldValue::as_text) != Some(&*message.reply) {
                other.push("reply");
            }
        }
        (Some(_), None) if until.is_none() => other.push("reply"),
        _ => {}
    }
    (!other.is_empty()).then(|| {
        format!(
            "the file says something else than the record: {}. The record stays as it is; correct it in the case",
            other.join(", ")
        )
    })
}

async fn take(
    centre: &Centre,
    pack: &Arc<Pack>,
    unit: Id,
    message: Message,
    until: Option<Moment>,
) -> Result<Taken, ShellError> {
    let engine = Actor::default();
    let order = |case: Option<Id>, command: Command, at: Moment| Order {
        case,
        command,
        actor: &engine,
        at: Some(at),
        mode: Mode::Historic,
        pack: Some(pack.clone()),
        idempotency: None,
    };
    let answer = |case: Option<Id>| {
        message.replied.map(|at| {
            let input = Fields::from([("reply".to_owned(), FieldValue::Text(message.reply.clone()))]);
            order(
                case,
                Command::Act {
                    action: "answer".to_owned(),
                    input,
                    seen: None,
                },
                at,
            )
        })
    };
    let known = centre.store.query(KNOWN, &[message.id.as_str().into()]).await?;
    if let Some(row) = known.first() {
        let case = Id(row.int(0)?);
        let (known, _) = centre.case(case).await?;
        if let Some(reason) = differing(&known, &message, until) {
            return Ok(Taken::Differing(reason));
        }
        return match answer(Some(case)).filter(|_| row.opt_int(1).ok().flatten().is_none()) {
            None => Ok(Taken::Unchanged),
            Some(answer) => centre.record(&[answer], None).await.map(|_| Taken::Answered),
        };
    }
    let opened = Opened {
        received: Some(message.received),
        channel: "web".to_owned(),
        owning_unit: Some(unit),
        source: Some(message.id.clone()),
        ..Opened::default()
    };
    let open = Command::Open {
        procedure: "message".to_owned(),
        opened,
        input: message.input.clone(),
    };
    let mut steps = vec![order(None, open, message.received)];
    let answered = message.replied.is_some();
    match answer(None) {
        Some(answer) => steps.push(answer),
        // What is still open at the end of the imported time stands there with its clocks as they were then.
        None => steps.extend(until.map(|until| order(None, Command::Wake, until))),
    }
    match centre.record(&steps, Some((CLAIM, &message.id))).await {
        Ok(_) => Ok(Taken::Opened { answered }),
        Err(ShellError::Commit(CommitError::Claimed { .. })) => Ok(Taken::Unchanged),
        Err(error) => Err(error),
    }
}
