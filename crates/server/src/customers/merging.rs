//! `/api/customers/{id}/alike`, `…/merge`, `…/part`: duplicates found, merged, parted again.
//!
//! A merge is one batch: both records and the record of the merge. The cases follow one by one, each with an event of its
//! own; until the last has followed, and where one cannot, the old id still leads to the kept record. The same call again
//! lets the rest follow.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::decide::Mode;
use regulation::{Command, Id};
use serde::{Deserialize, Serialize};
use store::{Batch, Head, RecordId, Row, StoreError, StoredEvent};
use utoipa::ToSchema;

use super::alike::{ENOUGH, compare};
use super::api::{CustomerLine, id, line};
use super::change::{self, ATTEMPTS, Standing};
use super::merge::{Choices, apart, is_apart, merged};
use super::record::Customer;
use super::view::{CustomerView, view};
use super::{Found, sight, unmask};
use crate::access_log::Access;
use crate::app::App;
use crate::cases::shell::{Order, ShellError};
use crate::http::{Answer, Body, Problem, Route};
use crate::permission::Permission;
use crate::registry::{self, Setting};
use crate::schema::CUSTOMER_MERGES;
use crate::session::Caller;

/// How many records are compared.
const COMPARED: i64 = 200;

// $1 the customer, $2 how many; the three ways in which two records are found to be one
const SAME_NUMBER: &str = "SELECT DISTINCT o.customer FROM customer_phones n \
     JOIN customer_phones o ON o.phone = n.phone AND o.customer <> n.customer WHERE n.customer = $1 LIMIT $2";
const SAME_PLACE: &str = "SELECT DISTINCT o.customer FROM customer_places n \
     JOIN customer_places o ON o.place_key = n.place_key AND o.customer <> n.customer \
     WHERE n.customer = $1 AND n.place_key <> '' LIMIT $2";
const SAME_SOUND: &str = "SELECT o.customer FROM customer_sounds n \
     JOIN customer_sounds o ON o.sound = n.sound AND o.customer <> n.customer WHERE n.customer = $1 LIMIT $2";

/// A record that may be of the same customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlikeLine {
    /// The other record.
    pub customer: CustomerLine,
    /// Its version, to be sent back with a merge.
    pub version: i64,
    /// 0 to 100.
    pub score: u32,
    /// Why, in words.
    pub reasons: Vec<String>,
}

/// Records that may be of the same customer, the likeliest first.
#[utoipa::path(get, path = "/api/customers/{id}/alike", tag = "customers",
    params(("id" = String, Path, description = "The customer")),
    responses((status = 200, body = Vec<AlikeLine>), Problem))]
pub async fn alike_customers(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<Vec<AlikeLine>>> {
    let own = id("id", &text)?;
    sight::must_see(&app, &caller, own).await?;
    let store = &app.centre.store;
    let standing = loaded(&app, own).await?;
    let mut others = BTreeSet::new();
    for sql in [SAME_NUMBER, SAME_PLACE, SAME_SOUND] {
        for row in store.query(sql, &[own.0.into(), COMPARED.into()]).await? {
            others.insert(row.int(0)?);
        }
    }
    let records: Vec<RecordId> = others.iter().map(|id| RecordId(*id)).collect();
    let mut found = Vec::new();
    for (record, history) in records.iter().zip(store.load_many(&records).await?) {
        let Some(other) = Customer::of(&registry::rows(&history)?)? else {
            continue;
        };
        let other_id = Id(record.0);
        let alike = compare(&standing.customer, &other);
        let parted = is_apart(&standing.customer, other_id) || is_apart(&other, own);
        if alike.score < ENOUGH || parted || other.merged_into.is_some() {
            continue;
        }
        if sight::sees(&app, &caller, other_id).await? {
            found.push(AlikeLine {
                customer: line(Found::new(other_id, &other)),
                version: history.last().map_or(0, |last| last.seq),
                score: alike.score,
                reasons: alike
                    .reasons
                    .iter()
                    .map(|said| caller.language.say(said))
                    .collect(),
            });
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.score));
    Ok(Json(found))
}

async fn loaded(app: &App, customer: Id) -> Answer<Standing> {
    let standing = change::load(&app.centre.store, customer).await?;
    standing.ok_or_else(|| Problem::not_found("这位客户", "customer"))
}

/// Two records to be made one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The record that goes up in this one.
    pub other: String,
    /// The version of this one that was seen.
    pub seen: i64,
    /// The version of the other one that was seen.
    pub other_seen: i64,
    /// Choices per field; both unless said.
    #[serde(default)]
    pub choices: Choices,
    /// Why they are the same.
    pub reason: String,
}

/// What a merge, or a parting, came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merged {
    /// The record that is kept.
    pub customer: CustomerView,
    /// How many cases followed.
    pub followed: u32,
    /// Cases that could not follow, with the reason; they are still found through the old record.
    pub left_behind: Vec<LeftBehind>,
    /// Parting alone: whether the kept record is as it was before the merge; it is not where it was changed since.
    pub as_before: bool,
}

/// A case that could not follow.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftBehind {
    /// The case.
    pub case: String,
    /// Why.
    pub why: String,
}

const CASES: &str = "SELECT id FROM cases WHERE customer = $1 ORDER BY id";
const MERGES: &str = "SELECT id, merged, kept_seq, merged_seq FROM customer_merges WHERE kept = $1 AND merged = $2 \
     AND undone IS NULL ORDER BY id DESC LIMIT 1";

/// Lets cases follow, those of one customer that are in `which` (all unless given).
async fn follow(
    app: &App,
    caller: &Caller,
    from: Id,
    to: Id,
    which: Option<&BTreeSet<Id>>,
) -> Answer<(u32, Vec<LeftBehind>)> {
    let (mut followed, mut left) = (0, Vec::new());
    for row in app.centre.store.query(CASES, &[from.0.into()]).await? {
        let case = Id(row.int(0)?);
        if which.is_some_and(|which| !which.contains(&case)) {
            continue;
        }
        let order = Order {
            case: Some(case),
            command: Command::CustomerMerged { customer: to },
            actor: &caller.actor,
            at: None,
            mode: Mode::Live,
            pack: None,
            idempotency: None,
        };
        match app.centre.run(order).await {
            Ok(_) => followed += 1,
            Err(ShellError::Store(error)) => return Err(error.into()),
            Err(error) => left.push(LeftBehind {
                case: case.to_string(),
                why: error.to_string(),
            }),
        }
    }
    Ok((followed, left))
}

fn merge_row(merge: Id, values: [store::Value; 8]) -> Row {
    let mut all = vec![merge.0.into()];
    all.extend(values);
    Row {
        table: &CUSTOMER_MERGES,
        values: all,
    }
}

/// Make two records one. This one is kept, the other's id leads to it from now on.
#[utoipa::path(post, path = "/api/customers/{id}/merge", tag = "customers", request_body = Merge,
    params(("id" = String, Path, description = "The customer that is kept")),
    responses((status = 200, body = Merged), Problem))]
pub async fn merge_customers(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(wanted): Body<Merge>,
) -> Answer<Json<Merged>> {
    let (kept, other) = (id("id", &text)?, id("other", &wanted.other)?);
    sight::must_see(&app, &caller, kept).await?;
    caller.need(&app, Permission::MergeCustomers)?;
    let reason = unmask::reason(&wanted.reason)?;
    let store = &app.centre.store;
    for _ in 0..ATTEMPTS {
        let (standing, going) = (loaded(&app, kept).await?, loaded(&app, other).await?);
        if kept == other || standing.customer.merged_into.is_some() {
            return Err(not_two());
        }
        if going.customer.merged_into == Some(kept) {
            // Done before: whatever did not follow then follows now.
            return ended(&app, &caller, kept, other).await;
        }
        sight::must_see(&app, &caller, other).await?;
        if going.customer.merged_into.is_some() {
            return Err(not_two());
        }
        change::fresh(&standing, wanted.seen, caller.person)?;
        change::fresh(&going, wanted.other_seen, caller.person)?;
        let one = merged(
            (kept, &standing.customer),
            (other, &going.customer),
            &wanted.choices,
        );
        let mut gone = going.customer.clone();
        gone.merged_into = Some(kept);
        let at = Moment::from_millis(store.now());
        let mut batch = Batch::new();
        change::write(&mut batch, kept, Some(&standing), &one, Some(caller.person), at)?;
        change::write(&mut batch, other, Some(&going), &gone, Some(caller.person), at)?;
        let merge = Id(store.new_id());
        let row = merge_row(
            merge,
            [
                kept.0.into(),
                other.0.into(),
                at.as_millis().into(),
                caller.person.0.into(),
                standing.head.seq.into(),
                going.head.seq.into(),
                reason.into(),
                store::Value::Null,
            ],
        );
        let setting = Setting {
            kind: "customer_merge",
            record: merge,
            actor: Some(caller.person),
            at,
        };
        registry::set(&mut batch, &mut Head::EMPTY.clone(), &setting, &[], &[row])?;
        written(&caller, kept, "merged_customers", reason, &other.to_string()).record_with(store, &mut batch);
        if change::commit(store, batch).await?.is_some() {
            return ended(&app, &caller, kept, other).await;
        }
    }
    Err(change::busy())
}

struct Written {
    person: Id,
    subject: String,
    deed: &'static str,
    reason: String,
    detail: String,
}

fn written(caller: &Caller, customer: Id, deed: &'static str, reason: &str, detail: &str) -> Written {
    Written {
        person: caller.person,
        subject: format!("customer:{customer}"),
        deed,
        reason: reason.to_owned(),
        detail: detail.to_owned(),
    }
}

impl Written {
    fn record_with(&self, store: &store::Store, batch: &mut Batch) {
        let access = Access {
            person: Some(self.person),
            deed: self.deed,
            subject: &self.subject,
            reason: Some(&self.reason),
            detail: Some(&self.detail),
            ..Access::default()
        };
        access.record_with(store, batch);
    }
}

async fn ended(app: &App, caller: &Caller, kept: Id, other: Id) -> Answer<Json<Merged>> {
    let (followed, left_behind) = follow(app, caller, other, kept, None).await?;
    Ok(Json(Merged {
        customer: view(app, caller, kept).await?,
        followed,
        left_behind,
        as_before: false,
    }))
}

fn not_two() -> Problem {
    Problem::conflict(
        "merged",
        "这不是两份可以合并的客户资料：是同一份，或其中一份已经合并。请刷新后再看。",
        "These are not two records to be merged: they are one, or one was merged before. Reload and look again.",
    )
}

/// Records to be parted, or never to be taken for one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The other record.
    pub other: String,
    /// Why they are two customers.
    pub reason: String,
}

/// Part two records: a merge is undone, or two that look alike are noted as two customers and not shown again.
#[utoipa::path(post, path = "/api/customers/{id}/part", tag = "customers", request_body = Part,
    params(("id" = String, Path, description = "The customer that was kept")),
    responses((status = 200, body = Merged), Problem))]
pub async fn part_customers(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(wanted): Body<Part>,
) -> Answer<Json<Merged>> {
    let (kept, other) = (id("id", &text)?, id("other", &wanted.other)?);
    sight::must_see(&app, &caller, kept).await?;
    caller.need(&app, Permission::MergeCustomers)?;
    let reason = unmask::reason(&wanted.reason)?;
    let store = &app.centre.store;
    for _ in 0..ATTEMPTS {
        let (standing, going) = (loaded(&app, kept).await?, loaded(&app, other).await?);
        if kept == other || standing.customer.merged_into.is_some() {
            return Err(not_two());
        }
        let at = Moment::from_millis(store.now());
        let mut batch = Batch::new();
        let (mut one, mut two) = (standing.customer.clone(), going.customer.clone());
        let (mut as_before, mut moved) = (false, BTreeSet::new());
        if going.customer.merged_into == Some(kept) {
            let merges = store.query(MERGES, &[kept.0.into(), other.0.into()]).await?;
            let merge = merges.first().ok_or_else(not_two)?;
            let (kept_seq, merged_seq) = (merge.int(2)?, merge.int(3)?);
            two = before(&going, merged_seq)?;
            // Only where nobody changed it since can the kept record be put back whole.
            as_before = standing.head.seq == kept_seq + 1;
            if as_before {
                one = before(&standing, kept_seq)?;
            }
            moved = followed_then(&app, kept, other).await?;
            undone(&app, &caller, Id(merge.int(0)?), at, &mut batch).await?;
        } else {
            sight::must_see(&app, &caller, other).await?;
        }
        apart(&mut one, other, reason);
        apart(&mut two, kept, reason);
        change::write(&mut batch, kept, Some(&standing), &one, Some(caller.person), at)?;
        change::write(&mut batch, other, Some(&going), &two, Some(caller.person), at)?;
        written(&caller, kept, "parted_customers", reason, &other.to_string()).record_with(store, &mut batch);
        if change::commit(store, batch).await?.is_none() {
            continue;
        }
        let (followed, left_behind) = follow(&app, &caller, kept, other, Some(&moved)).await?;
        return Ok(Json(Merged {
            customer: view(&app, &caller, kept).await?,
            followed,
            left_behind,
            as_before,
        }));
    }
    Err(change::busy())
}

/// A record as it stood after this many of its events.
fn before(standing: &Standing, seq: i64) -> Answer<Customer> {
    let until = standing.history.iter().filter(|event| event.seq <= seq);
    let history: Vec<StoredEvent> = until.cloned().collect();
    Customer::of(&registry::rows(&history)?)?.ok_or_else(not_two)
}

const FOLLOWED: &str = "SELECT DISTINCT c.id FROM cases c JOIN events e ON e.record = c.id AND e.name = 'customer_merged' \
     WHERE c.customer = $1";

/// The cases of the kept record that came to it from the other one.
async fn followed_then(app: &App, kept: Id, other: Id) -> Answer<BTreeSet<Id>> {
    let store = &app.centre.store;
    let mut moved = BTreeSet::new();
    for row in store.query(FOLLOWED, &[kept.0.into()]).await? {
        let case = Id(row.int(0)?);
        let mut whose = None;
        let mut from = None;
        for stored in store.load(RecordId(case.0)).await? {
            let Some(event) = crate::cases::payload::event(&stored)? else {
                continue;
            };
            for change in &event.changes {
                match change {
                    regulation::Change::Began { customer, .. } => whose = *customer,
                    regulation::Change::Customer { customer } => {
                        if &*stored.name == "customer_merged" {
                            from = whose;
                        }
                        whose = *customer;
                    }
                    _ => {}
                }
            }
        }
        if from == Some(other) {
            moved.insert(case);
        }
    }
    Ok(moved)
}

async fn undone(
    app: &App,
    caller: &Caller,
    merge: Id,
    at: Moment,
    batch: &mut Batch,
) -> Result<(), StoreError> {
    let history = app.centre.store.load(RecordId(merge.0)).await?;
    let mut head = history.last().map_or(Head::EMPTY, StoredEvent::head);
    let before = registry::rows(&history)?;
    let mut rows = before.clone();
    if let Some(cell) = rows.first_mut().and_then(|row| row.values.last_mut()) {
        *cell = at.as_millis().into();
    }
    let setting = Setting {
        kind: "customer_merge",
        record: merge,
        actor: Some(caller.person),
        at,
    };
    registry::set(batch, &mut head, &setting, &before, &rows)
}
