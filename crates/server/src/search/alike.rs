//! Candidates (CMP-2): cases that speak of one matter in one place. The machine only asks; a person answers with a reason.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use calendar::{DayRule, Moment};
use regulation::decide::Mode;
use regulation::model::{Alike, Cause};
use regulation::{Actor, Case, Command, Id, Organisation, Pack};
use search::alike::{ALIKE, Near};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

use super::api::{no_answer, ready};
use super::desk::Desk;
use super::reach::{Filter, Reach};
use crate::app::App;
use crate::cases::query::{self, CaseLine};
use crate::cases::shell::{Order, ShellError};
use crate::cases::view::visible;
use crate::http::extract::Route;
use crate::http::wire::{ClauseTag, Page, clause_tag};
use crate::http::{Answer, Params, Problem};
use crate::session::Caller;

/// How many alike cases are shown at most.
const MOST: usize = 50;

/// However long an index takes to be made.
const FOREVER: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Whoever is found alike within a cause, so many are looked at.
const LOOKED_AT: usize = 1_000;

// $1 person, $2 now, $3 to $5 the place reached, $6 how many
const ASKED: &str = "SELECT DISTINCT q.raised, q.case_id, q.no, q.question FROM questions_asked q \
     JOIN scopes p ON p.person = $1 AND p.unit = q.unit AND p.function = q.function AND p.since <= $2 AND p.until > $2 \
     WHERE (q.raised, q.case_id, q.no) > ($3, $4, $5) ORDER BY q.raised, q.case_id, q.no LIMIT $6";

/// What likeness asks of a case of this procedure, with the question and the cause's place in it.
fn causes<'p>(pack: &'p Pack, procedure: &str) -> Vec<(&'p str, u32, &'p Alike)> {
    let Some(procedure) = pack.procedures.get(procedure) else {
        return Vec::new();
    };
    let mut causes = Vec::new();
    for question in &procedure.questions {
        for (number, cause) in (0u32..).zip(&question.raised_when) {
            if let Cause::Alike(alike) = cause {
                causes.push((question.key.as_str(), number, alike));
            }
        }
    }
    causes
}

/// What must be equal beside the texts: the values of the fields that the pack names.
pub(super) fn topic(pack: &Pack, case: &Case) -> Option<String> {
    let (_, _, alike) = causes(pack, &case.procedure).into_iter().next()?;
    if alike.same.is_empty() {
        return None;
    }
    let values = alike.same.iter().map(|key| {
        let value = case.fields.get(key);
        value
            .and_then(|value| serde_json::to_string(value).ok())
            .unwrap_or_default()
    });
    Some(format!(
        "{}:{}",
        case.procedure,
        values.collect::<Vec<_>>().join("\u{1f}")
    ))
}

/// The cases alike to one, the likest first; `keep` says which may be counted.
fn near(desk: &Desk, ordinal: u32, keep: impl Fn(u32) -> bool) -> Option<Vec<Near>> {
    desk.open(|open| {
        let (features, topic) = open.stock.get(ordinal)?;
        Some(
            open.stock
                .near(features, topic, ALIKE, |other| other != ordinal && keep(other)),
        )
    })
}

/// Looks at each case that changed, and raises the questions that its pack asks of alike cases.
pub(super) async fn raise(app: Arc<App>, mut changed: mpsc::UnboundedReceiver<Id>) {
    let ready = tokio::select! {
        ready = app.search.is_ready(FOREVER) => ready,
        () = app.live.stopped() => false,
    };
    while let Some(first) = changed.recv().await.filter(|_| ready) {
        let mut cases = HashSet::from([first]);
        while let Ok(next) = changed.try_recv() {
            cases.insert(next);
        }
        for case in cases {
            if let Err(error) = raise_one(&app, case).await {
                tracing::warn!(%case, %error, "it could not be looked whether others say the same");
            }
        }
    }
}

async fn raise_one(app: &Arc<App>, id: Id) -> Result<(), ShellError> {
    let Some(desk) = app.search.desk() else {
        return Ok(());
    };
    let Some(ordinal) = desk.index.known(id.0) else {
        return Ok(());
    };
    // Without an open text there is nothing to compare; most changes end here.
    if desk.open(|open| open.stock.get(ordinal).is_none()) {
        return Ok(());
    }
    let (case, _) = app.centre.case(id).await?;
    let around = app.centre.surroundings();
    let Some(pack) = around.packs.by_hash(&case.pack.hash) else {
        return Ok(());
    };
    for (question, cause, alike) in causes(&pack, &case.procedure) {
        let raised = case
            .questions
            .iter()
            .any(|raised| raised.question == question && (raised.cause == cause || raised.answer.is_none()));
        if raised {
            continue;
        }
        let (asking, desk, pack) = (app.clone(), desk.clone(), pack.clone());
        let (about, wanted) = (case.clone(), alike.clone());
        let counting =
            tokio::task::spawn_blocking(move || customers(&asking, &desk, &pack, &about, ordinal, &wanted));
        // A thread that ended badly found nobody; the next change of the case asks again.
        if counting.await.unwrap_or(0) < alike.customers as usize {
            continue;
        }
        let engine = Actor::default();
        let order = Order {
            case: Some(id),
            command: Command::Raise {
                question: question.to_owned(),
                cause,
            },
            actor: &engine,
            at: None,
            mode: Mode::Live,
            pack: None,
            idempotency: None,
        };
        app.centre.run(order).await?;
    }
    Ok(())
}

/// How many customers, this one among them, say alike things at about the same time.
fn customers(app: &App, desk: &Desk, pack: &Pack, case: &Case, ordinal: u32, alike: &Alike) -> usize {
    let around = app.centre.surroundings();
    let calendar = around.picture.calendar(pack, Some(case.unit));
    let received = case.received;
    let window = calendar
        .after(received, &alike.within, &DayRule::default())
        .since(received);
    let close = |at: u32| (i64::from(at) * 1000 - received.as_millis()).abs() <= window.max(0) + 999;
    let topic_counts = !alike.same.is_empty();
    desk.columns(|columns| {
        let keep = |other: u32| close(columns.row(other).received);
        let found = near(desk, ordinal, keep).unwrap_or_default();
        desk.open(|open| {
            let own = open.stock.get(ordinal).map(|(_, topic)| topic);
            let mut customers: HashSet<i64> = case.customer.map(|customer| customer.0).into_iter().collect();
            for near in found.iter().take(LOOKED_AT) {
                let same = open.stock.get(near.key).map(|(_, topic)| topic) == own;
                if (!topic_counts || same)
                    && let Some(customer) = open.customers.get(&near.key)
                {
                    customers.insert(*customer);
                }
            }
            customers.len()
        })
    })
}

/// A case that is alike.
#[derive(Serialize, ToSchema)]
pub struct AlikeCase {
    /// The case.
    pub case: CaseLine,
    /// How alike, in percent; 100 and more is as good as the same.
    pub likeness: u32,
    /// How much of it the words are, in percent.
    pub words: u32,
    /// How many places named in both agree.
    pub same_places: u32,
    /// How many speak against each other.
    pub other_places: u32,
    /// Whether the same customer stands behind it.
    pub same_customer: bool,
}

/// The open cases alike to one.
#[derive(Serialize, ToSchema)]
pub struct AlikeCases {
    /// The likest first, at most 50.
    pub items: Vec<AlikeCase>,
    /// How many there are within reach.
    pub total: u64,
    /// How many customers stand behind them and this one.
    pub customers: u64,
}

/// Open cases within reach that speak of the same matter in the same place.
#[utoipa::path(get, path = "/api/cases/{id}/alike", tag = "search", params(("id" = String, Path)),
    responses((status = 200, body = AlikeCases), Problem))]
pub(super) async fn alike(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(id): Route<String>,
) -> Answer<Json<AlikeCases>> {
    let gone = || Problem::not_found("这个事项", "case");
    let id: Id = id.parse().map_err(|_| gone())?;
    let (case, _) = app.centre.case(id).await?;
    let around = app.centre.surroundings();
    if !visible(&around, &caller.actor, &case) {
        return Err(gone());
    }
    let desk = ready(&app, None).await?;
    let turn = app.search.turns.acquire().await.map_err(|_| no_answer())?;
    let (actor, picture, looking) = (caller.actor.clone(), around.picture.clone(), desk.clone());
    let found = tokio::task::spawn_blocking(move || {
        let Some(ordinal) = looking.index.known(id.0) else {
            return (Vec::new(), HashSet::new(), None);
        };
        looking.columns(|columns| {
            let reach = Reach::new(columns, &picture, &actor, &Filter::default());
            let found = near(&looking, ordinal, |other| reach.lets(&columns.row(other))).unwrap_or_default();
            let found: Vec<(i64, Near, Option<i64>)> = looking.open(|open| {
                found
                    .into_iter()
                    .filter_map(|near| {
                        let id = looking.index.id(near.key)?;
                        Some((id, near, open.customers.get(&near.key).copied()))
                    })
                    .collect()
            });
            let own = looking.open(|open| open.customers.get(&ordinal).copied());
            let customers: HashSet<i64> = found
                .iter()
                .filter_map(|(_, _, customer)| *customer)
                .chain(own)
                .collect();
            (found, customers, own)
        })
    });
    let (found, customers, own) = found.await.map_err(|_| no_answer())?;
    drop(turn);
    let shown: Vec<Id> = found.iter().take(MOST).map(|(id, _, _)| Id(*id)).collect();
    let mut lines = query::some(&app.centre.store, &around, &shown, caller.language).await?;
    let percent = |part: f32| (part * 100.0).round().clamp(0.0, 200.0) as u32;
    let items = found
        .iter()
        .take(MOST)
        .filter_map(|(id, near, customer)| {
            Some(AlikeCase {
                case: lines.remove(&Id(*id))?,
                likeness: percent(near.likeness.score),
                words: percent(near.likeness.words),
                same_places: near.likeness.agree,
                other_places: near.likeness.against,
                same_customer: customer.is_some() && *customer == own,
            })
        })
        .collect();
    Ok(Json(AlikeCases {
        items,
        total: found.len() as u64,
        customers: customers.len() as u64,
    }))
}

/// A question that waits for the caller's answer.
#[derive(Serialize, ToSchema)]
pub struct Candidate {
    /// The case it is asked of.
    pub case: CaseLine,
    /// The question's number in the case, for the answer.
    pub question: u32,
    /// What is asked.
    pub title: String,
    /// The clause behind it.
    pub clause: Option<ClauseTag>,
    /// Since when.
    pub raised_at: String,
}

/// How far the list was read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CandidatesParams {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 50; 20 unless said.
    pub limit: Option<u32>,
}

fn place(text: Option<&str>) -> Answer<[i64; 3]> {
    let Some(text) = text else {
        return Ok([i64::MIN, 0, 0]);
    };
    let parts: Option<Vec<i64>> = text.split('_').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some([raised, case, no]) => Ok([*raised, *case, *no]),
        _ => Err(Problem::malformed(
            "翻页标记after有误。请用上一页返回的next。",
            "The paging mark `after` is wrong. Use the `next` of the page before.",
        )),
    }
}

/// What was raised and waits for the caller to confirm or reject: raised again, unsettled for a month, said by many. The
/// answer, with its reason, goes to `POST /api/cases/{id}/questions/{no}`.
#[utoipa::path(get, path = "/api/candidates", tag = "search", params(CandidatesParams),
    responses((status = 200, body = Page<Candidate>), Problem))]
pub(super) async fn candidates(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<CandidatesParams>,
) -> Answer<Json<Page<Candidate>>> {
    let store = &app.centre.store;
    let around = app.centre.surroundings();
    let [raised, case, no] = place(params.after.as_deref())?;
    let limit = i64::from(params.limit.unwrap_or(20).clamp(1, 50));
    let values = [
        caller.person.0.into(),
        store.now().into(),
        raised.into(),
        case.into(),
        no.into(),
        (limit + 1).into(),
    ];
    let mut rows = store.query(ASKED, &values).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let ids: Vec<Id> = rows
        .iter()
        .map(|row| row.int(1).map(Id))
        .collect::<Result<_, _>>()?;
    let lines = query::some(store, &around, &ids, caller.language).await?;
    let mut items = Vec::with_capacity(rows.len());
    let mut next = None;
    for row in &rows {
        let (raised, case, no, key) = (row.int(0)?, row.int(1)?, row.int(2)?, row.text(3)?);
        next = more.then(|| format!("{raised}_{case}_{no}"));
        let Some(line) = lines.get(&Id(case)) else {
            continue;
        };
        let pack = around.packs.in_force_anywhere(&line.pack);
        let stated = pack
            .as_ref()
            .and_then(|pack| pack.procedures.get(line.procedure.as_str()))
            .and_then(|procedure| procedure.questions.iter().find(|question| question.key == key));
        items.push(Candidate {
            case: line.clone(),
            question: u32::try_from(no).unwrap_or_default(),
            title: stated.map_or_else(|| key.to_owned(), |question| caller.language.say(&question.title)),
            clause: stated.map(|question| clause_tag(&around.packs, &question.clause, caller.language)),
            raised_at: Moment::from_millis(raised).to_string(),
        });
    }
    Ok(Json(Page { items, next }))
}
