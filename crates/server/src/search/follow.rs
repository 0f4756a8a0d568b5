//! Following the history: what was committed is read, cut into what is searched and put into the index.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use regulation::{Case, Id};
use search::alike::features;
use search::{Document, Index, SearchError};
use store::{RecordId, Store, StoreError, StoredEvent};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::mpsc;

use super::alike;
use super::columns::{CaseValues, Columns, Kind, Row};
use super::desk::{Desk, OpenStock};
use super::take;
use crate::app::App;
use crate::cases::payload::{self, CASE};
use crate::centre::{Centre, Surroundings};
use crate::registry;

/// The record kind of customers.
const CUSTOMER: &str = "customer";

/// Positions read in one go.
const STRETCH: i64 = 2_000;
/// Histories in memory at once.
const PORTION: usize = 200;
/// After a failure so long until the next try.
const PAUSE: Duration = Duration::from_secs(5);
/// How a mark begins; another number here has every index made anew.
const MARK: &str = "1";

const CASES: &str = "SELECT id, ended, received, unit, owning_unit, handler, first_contact_owner, registrar, procedure, \
     channel FROM cases";
const CUSTOMERS: &str = "SELECT id FROM customers";
// $1 and $2: after the first position, up to the second
const CHANGED: &str = "SELECT DISTINCT e.record, e.record_kind FROM positions p \
     JOIN events e ON e.record = p.record AND e.seq = p.seq \
     WHERE p.position > $1 AND p.position <= $2 AND (e.record_kind = $3 OR e.record_kind = $4)";
const AT: &str = "SELECT e.hash FROM positions p JOIN events e ON e.record = p.record AND e.seq = p.seq \
     WHERE p.position = $1";

/// Why following stopped for the moment.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index.
    #[error(transparent)]
    Index(#[from] SearchError),
    /// The index's folder.
    #[error("the search index could not be written")]
    Unwritten,
    /// A thread.
    #[error("a search thread ended badly")]
    Thread,
}

/// Keeps the search of an application up to date until it stops. `folder` holds the index; without one it lives in memory.
pub async fn run(app: Arc<App>, folder: Option<PathBuf>) {
    let (raise, raised) = mpsc::unbounded_channel();
    let raising = tokio::spawn(alike::raise(app.clone(), raised));
    loop {
        let followed = tokio::select! {
            followed = follow(&app, folder.as_deref(), &raise) => followed,
            () = app.live.stopped() => break,
        };
        if let Err(error) = followed {
            tracing::error!(%error, "search is not up to date; it is tried again");
        } else {
            break;
        }
        let pause = tokio::time::timeout(PAUSE, app.live.stopped());
        if pause.await.is_ok() {
            break;
        }
    }
    drop(raise);
    if let Some(desk) = app.search.desk() {
        app.search.ready(None);
        let closed = tokio::task::spawn_blocking(move || desk.index.close()).await;
        if closed.is_err() {
            tracing::error!("the search index was not closed");
        }
    }
    if raising.await.is_err() {
        tracing::error!("the task that raises candidates ended badly");
    }
}

async fn follow(
    app: &App,
    folder: Option<&Path>,
    raise: &mpsc::UnboundedSender<Id>,
) -> Result<(), FollowError> {
    let store = &app.centre.store;
    let mut told = store.subscribe();
    let (desk, mut after) = match app.search.desk() {
        Some(desk) => (desk, *app.search.taken.borrow()),
        None => {
            let (desk, after) = open(&app.centre, folder).await?;
            let desk = Arc::new(desk);
            let reached = catch_up(&app.centre, &desk, after, raise).await?;
            fill_stock(&app.centre, &desk).await?;
            app.search.taken.send_replace(reached);
            app.search.ready(Some(desk.clone()));
            (desk, reached)
        }
    };
    let mut looked_again = app.search.looked_again.lock().await;
    loop {
        let upto = store.sealed_position();
        if upto > after {
            after = catch_up(&app.centre, &desk, after, raise).await?;
            app.search.taken.send_replace(after);
            continue;
        }
        tokio::select! {
            woken = told.recv() => match woken {
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    while !matches!(told.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
                }
                Err(RecvError::Closed) => return Ok(()),
            },
            record = looked_again.recv() => match record {
                Some(record) => again(&app.centre, &desk, record).await?,
                None => return Ok(()),
            },
        }
    }
}

fn row_of(columns: &mut Columns, row: &store::Answer) -> Result<(i64, Row), StoreError> {
    let values = CaseValues {
        open: row.opt_int(1)?.is_none(),
        received: row.int(2)?,
        unit: row.int(3)?,
        owning_unit: row.int(4)?,
        people: [row.opt_int(5)?, row.opt_int(6)?, row.opt_int(7)?],
        procedure: row.text(8)?,
        channel: row.text(9)?,
    };
    Ok((row.int(0)?, columns.case(&values)))
}

/// Opens the index and reads the columns; gives the position up to which the index has taken everything in.
async fn open(centre: &Centre, folder: Option<&Path>) -> Result<(Desk, i64), FollowError> {
    let store = &centre.store;
    let upto = store.sealed_position();
    let mut columns = Columns::default();
    let mut rows: Vec<(i64, Row)> = Vec::new();
    store
        .for_each(CASES, &[], |row| {
            rows.push(row_of(&mut columns, &row)?);
            Ok::<_, StoreError>(())
        })
        .await?;
    store
        .for_each(CUSTOMERS, &[], |row| {
            let kind = Kind::Customer;
            rows.push((
                row.int(0)?,
                Row {
                    kind,
                    ..Row::default()
                },
            ));
            Ok::<_, StoreError>(())
        })
        .await?;
    rows.sort_unstable_by_key(|(id, _)| *id);
    for (ordinal, (_, row)) in (0u32..).zip(&rows) {
        columns.set(ordinal, *row);
    }
    let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
    drop(rows);
    let index = open_index(folder, ids.clone()).await?;
    let known = match index.mark().as_deref().and_then(read_mark) {
        Some((position, hash)) if position <= upto && hash == hash_at(store, position).await? => {
            Some(position)
        }
        _ => None,
    };
    let (index, position) = match known {
        Some(position) => (index, position),
        None => {
            // Made by other rules, from another database or from a later state of this one: begun anew.
            drop(index);
            if let Some(folder) = folder {
                let folder = folder.to_owned();
                blocking(move || Index::discard(&folder)).await??;
            }
            let index = open_index(folder, ids).await?;
            fill(centre, &index, |_, _| {}).await?;
            index.set_mark(mark(store, upto).await?)?;
            // What was fed is found only once it is committed.
            let committing = Arc::clone(&index);
            if !blocking(move || committing.commit()).await?? {
                return Err(FollowError::Unwritten);
            }
            (index, upto)
        }
    };
    let desk = Desk {
        index,
        columns: columns.into(),
        open: OpenStock::default().into(),
    };
    Ok((desk, position))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, FollowError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| FollowError::Thread)
}

async fn open_index(folder: Option<&Path>, ids: Vec<i64>) -> Result<Arc<Index>, FollowError> {
    let folder = folder.map(Path::to_owned);
    let opened = blocking(move || match folder {
        Some(folder) => Index::open(&folder, ids),
        None => Index::in_memory(ids),
    });
    Ok(Arc::new(opened.await??))
}

/// `1 4711 9f86d0…`: up to which position, and the hash of the event there, so that an index is not taken for that of
/// another history.
async fn mark(store: &Store, position: i64) -> Result<String, StoreError> {
    Ok(format!("{MARK} {position} {}", hash_at(store, position).await?))
}

fn read_mark(mark: &str) -> Option<(i64, String)> {
    let mut parts = mark.split(' ');
    let (version, position, hash) = (parts.next()?, parts.next()?, parts.next()?);
    (version == MARK).then(|| position.parse().ok().map(|position| (position, hash.to_owned())))?
}

async fn hash_at(store: &Store, position: i64) -> Result<String, StoreError> {
    let rows = store.query(AT, &[position.into()]).await?;
    let Some(row) = rows.first() else {
        return Ok("-".to_owned());
    };
    Ok(row.blob(0)?.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Takes every record in.
async fn fill(
    centre: &Centre,
    index: &Arc<Index>,
    mut told: impl FnMut(u64, u64),
) -> Result<(), FollowError> {
    let mut records: Vec<(i64, bool)> = Vec::new();
    for (sql, is_case) in [
        ("SELECT id FROM cases ORDER BY id", true),
        ("SELECT id FROM customers ORDER BY id", false),
    ] {
        centre
            .store
            .for_each(sql, &[], |row| {
                records.push((row.int(0)?, is_case));
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    let all = records.len() as u64;
    let mut done = 0;
    for portion in records.chunks(PORTION) {
        let ids: Vec<RecordId> = portion.iter().map(|(id, _)| RecordId(*id)).collect();
        let histories = centre.store.load_many(&ids).await?;
        let (portion, around, index) = (portion.to_vec(), centre.surroundings(), Arc::clone(index));
        let count = portion.len() as u64;
        blocking(move || {
            for ((id, is_case), history) in portion.into_iter().zip(histories) {
                let document = if is_case {
                    read_case(&around, &history)?.map(|(_, document)| document)
                } else {
                    take::customer(id, &registry::rows(&history)?)
                };
                if let Some(document) = document {
                    index.feed(document)?;
                }
            }
            Ok::<_, FollowError>(())
        })
        .await??;
        done += count;
        told(done, all);
    }
    Ok(())
}

/// Throws the index in a folder away and makes it anew. Tells how far it is.
///
/// # Errors
/// When the store cannot be read or the folder cannot be written.
pub async fn rebuild(centre: &Centre, folder: &Path, told: impl FnMut(u64, u64)) -> Result<u64, FollowError> {
    let upto = centre.store.sealed_position();
    Index::discard(folder)?;
    let index = open_index(Some(folder), Vec::new()).await?;
    fill(centre, &index, told).await?;
    index.set_mark(mark(&centre.store, upto).await?)?;
    let records = index.records() as u64;
    blocking(move || index.close()).await?;
    Ok(records)
}

/// A case and what is searched of it; `None` when its texts were erased.
fn read_case(around: &Surroundings, history: &[StoredEvent]) -> Result<Option<(Case, Document)>, StoreError> {
    let Some((case, _)) = payload::replay(history)? else {
        return Ok(None);
    };
    let events = history
        .iter()
        .map(payload::event)
        .collect::<Result<Option<Vec<_>>, _>>()?;
    let pack = around.packs.by_hash(&case.pack.hash);
    let mut document = take::case(&case, &events.unwrap_or_default(), pack.as_deref());
    // Kept with the text, so that a start need not read every open case again.
    let topic = pack.and_then(|pack| alike::topic(&pack, &case));
    document.keys.extend(topic.map(|topic| format!("{TOPIC}{topic}")));
    Ok(Some((case, document)))
}

/// Takes in what was given a position after this one; gives the position reached.
async fn catch_up(
    centre: &Centre,
    desk: &Arc<Desk>,
    mut after: i64,
    raise: &mpsc::UnboundedSender<Id>,
) -> Result<i64, FollowError> {
    let store = &centre.store;
    let upto = store.sealed_position();
    while after < upto {
        let to = upto.min(after + STRETCH);
        let changed = store
            .query(CHANGED, &[after.into(), to.into(), CASE.into(), CUSTOMER.into()])
            .await?;
        let mut cases = Vec::new();
        let mut customers = Vec::new();
        for row in &changed {
            let record = RecordId(row.int(0)?);
            if row.text(1)? == CASE {
                &mut cases
            } else {
                &mut customers
            }
            .push(record);
        }
        for portion in cases.chunks(PORTION).chain(customers.chunks(PORTION)) {
            let histories = store.load_many(portion).await?;
            let (desk, around) = (Arc::clone(desk), centre.surroundings());
            let records = portion.to_vec();
            blocking(move || {
                let mut pairs = records.iter().zip(&histories);
                pairs.try_for_each(|(record, history)| take_record(&around, &desk, record.0, history))
            })
            .await??;
        }
        desk.index.set_mark(mark(store, to).await?)?;
        after = to;
        for record in cases {
            // Whoever raises has stopped only when everything stops.
            let _ = raise.send(Id(record.0));
        }
    }
    Ok(after)
}

/// Reads one record again.
async fn again(centre: &Centre, desk: &Arc<Desk>, record: i64) -> Result<(), FollowError> {
    let history = centre.store.load(RecordId(record)).await?;
    let (desk, around) = (Arc::clone(desk), centre.surroundings());
    blocking(move || take_record(&around, &desk, record, &history)).await?
}

fn take_record(
    around: &Surroundings,
    desk: &Desk,
    record: i64,
    history: &[StoredEvent],
) -> Result<(), FollowError> {
    match history.first() {
        Some(first) if &*first.kind == CUSTOMER => take_customer(desk, record, history),
        _ => take_case(around, desk, record, history),
    }
}

fn take_case(
    around: &Surroundings,
    desk: &Desk,
    record: i64,
    history: &[StoredEvent],
) -> Result<(), FollowError> {
    let ordinal = desk.index.ordinal(record);
    let Some((case, document)) = read_case(around, history)? else {
        return forget(desk, record, ordinal);
    };
    let id = |person: Option<Id>| person.map(|person| person.0);
    desk.change(|columns| {
        let row = columns.case(&CaseValues {
            open: case.ended.is_none(),
            received: case.received.as_millis(),
            unit: case.unit.0,
            owning_unit: case.owning_unit.0,
            people: [id(case.handler), id(case.first_contact_owner), id(case.registrar)],
            procedure: &case.procedure,
            channel: &case.channel,
        });
        columns.set(ordinal, row);
    });
    let open = case.ended.is_none() && !case.void && case.merged.is_none();
    let kept = open.then(|| features(text_of(&document.body)));
    desk.change_open(|stock| match kept {
        Some(features) => {
            let topic = stock.topic(topic_of(&document.keys));
            stock.stock.put(ordinal, topic, features);
            match case.customer {
                Some(customer) => stock.customers.insert(ordinal, customer.0),
                None => stock.customers.remove(&ordinal),
            };
        }
        None => {
            stock.stock.remove(ordinal);
            stock.customers.remove(&ordinal);
        }
    });
    desk.index.put(document)?;
    Ok(())
}

fn take_customer(desk: &Desk, record: i64, history: &[StoredEvent]) -> Result<(), FollowError> {
    let ordinal = desk.index.ordinal(record);
    let Some(document) = take::customer(record, &registry::rows(history)?) else {
        return forget(desk, record, ordinal);
    };
    let kind = Kind::Customer;
    desk.change(|columns| {
        columns.set(
            ordinal,
            Row {
                kind,
                ..Row::default()
            },
        )
    });
    desk.index.put(document)?;
    Ok(())
}

fn forget(desk: &Desk, record: i64, ordinal: u32) -> Result<(), FollowError> {
    desk.change(|columns| columns.set(ordinal, Row::default()));
    desk.change_open(|stock| {
        stock.stock.remove(ordinal);
        stock.customers.remove(&ordinal);
    });
    desk.index.remove(record)?;
    Ok(())
}

/// How the key begins that holds what the form says a case is about.
const TOPIC: &str = "same:";

fn topic_of(keys: &[String]) -> &str {
    keys.iter().find_map(|key| key.strip_prefix(TOPIC)).unwrap_or("")
}

/// What of a body is compared: all but the first line, the number.
fn text_of(body: &str) -> &str {
    body.split_once('\n').map_or("", |(_, text)| text)
}

const OPEN: &str = "SELECT id, customer FROM cases WHERE ended IS NULL AND void = 0 AND merged_into IS NULL";

/// Takes every open case into the stock, from the texts that the index holds.
async fn fill_stock(centre: &Centre, desk: &Arc<Desk>) -> Result<(), FollowError> {
    let mut open = std::collections::HashMap::new();
    centre
        .store
        .for_each(OPEN, &[], |row| {
            if let Some(ordinal) = desk.index.known(row.int(0)?) {
                open.insert(ordinal, row.opt_int(1)?);
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    let desk = desk.clone();
    blocking(move || {
        // What was caught up with just now is newer than what the index holds.
        let known: std::collections::HashSet<u32> = desk.open(|stock| {
            open.keys()
                .filter(|key| stock.stock.get(**key).is_some())
                .copied()
                .collect()
        });
        let wanted = |ordinal: u32| open.contains_key(&ordinal) && !known.contains(&ordinal);
        desk.index.documents(wanted, |ordinal, document| {
            let features = features(text_of(&document.body));
            desk.change_open(|stock| {
                let topic = stock.topic(topic_of(&document.keys));
                stock.stock.put(ordinal, topic, features);
                if let Some(Some(customer)) = open.get(&ordinal) {
                    stock.customers.insert(ordinal, *customer);
                }
            });
        })
    })
    .await??;
    Ok(())
}
