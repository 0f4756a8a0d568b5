//! `/api/reports/clauses` and the cards behind clause tags. Everyone who is logged in reads the figures of their own
//! scope.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::{Calendar, Moment};
use regulation::model::ClauseRef;
use regulation::{Actor, Id, Organisation, Pack};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ClauseCase, ClauseReport, Column, Period, Reach, days, figures, page, rate, report, tally};
use crate::app::App;
use crate::cases::query::{self, CaseLine};
use crate::centre::Surroundings;
use crate::http::wire::{ClauseTag, ClockView, Page, clause_tag, clock_view};
use crate::http::{Answer, Language, Params, Problem, Route};
use crate::packs::InForce;
use crate::session::Caller;

/// What the report is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The pack; the first in force in the caller's units unless said.
    pub pack: Option<String>,
    /// The first day (`2026-11-01`) or moment; the beginning of this month unless said.
    pub from: Option<String>,
    /// The day or moment at which the period ends, not itself counted; a month after its beginning unless said.
    pub to: Option<String>,
    /// As it stood then; now unless said.
    pub as_of: Option<String>,
    /// Only this unit and what lies below it.
    pub unit: Option<String>,
}

/// Which cases of a clause are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CasesAsked {
    /// The column; late ones unless said.
    #[param(inline)]
    pub column: Option<Column>,
    /// The pack whose report it is; the clause's own pack unless said (a pack's report also lists clauses of the packs
    /// it uses and of the house).
    pub report: Option<String>,
    /// As in the report.
    pub from: Option<String>,
    /// As in the report.
    pub to: Option<String>,
    /// As in the report.
    pub as_of: Option<String>,
    /// As in the report.
    pub unit: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

/// A case behind a figure, with the clock that is counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseBehind {
    /// The case.
    #[serde(flatten)]
    pub line: CaseLine,
    /// The clock; none for a refusal.
    pub clock: Option<ClockView>,
}

/// What a clause's tag shows when the pointer rests on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClauseCard {
    /// The clause.
    pub clause: ClauseTag,
    /// Its sentence.
    pub text: String,
    /// This month's share kept, within the caller's scope.
    pub rate: Option<f64>,
    /// This month's late ones.
    pub late: i64,
    /// The month, `2026-11`.
    pub month: String,
}

/// The pack that is asked for, or the first in force where the caller works.
fn pack_of(around: &Surroundings, actor: &Actor, asked: Option<&str>) -> Answer<Arc<Pack>> {
    let found = match asked {
        Some(name) => around.packs.in_force_anywhere(name),
        None => actor.holdings.iter().find_map(|holding| {
            around
                .packs
                .all_for(&around.picture, holding.unit)
                .into_iter()
                .find(|pack| !pack.procedures.is_empty())
        }),
    };
    // Who works above the units that have a pack, a group's head, sees the first one within reach.
    let below = || {
        let within = |one: &&InForce| around.picture.reaches(actor, one.unit);
        let standing = around.packs.in_force().iter().filter(within);
        standing.filter_map(|one| around.packs.by_hash(&one.hash)).next()
    };
    found
        .or_else(|| asked.map_or_else(below, |_| None))
        .ok_or_else(|| Problem::not_found("这套规程", "pack"))
}

fn reach_of(around: &Surroundings, person: Id, unit: Option<&str>) -> Answer<Reach> {
    let unit = match unit.filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let known = text
                .parse()
                .map(Id)
                .ok()
                .filter(|unit| around.picture.units.contains_key(unit));
            Some(known.ok_or_else(|| Problem::not_found("这个部门", "unit"))?)
        }
    };
    Ok(Reach {
        person: Some(person),
        unit,
    })
}

/// The calendar by whose days a report counts: the company's, that is the default of the pack.
fn calendar_of<'a>(around: &'a Surroundings, pack: &Pack, unit: Option<Id>) -> &'a Calendar {
    around.picture.calendar(pack, unit)
}

/// The clause report of a pack: every clause with what was kept, late, open, exempt, lapsed and refused.
#[utoipa::path(get, path = "/api/reports/clauses", tag = "reports", params(Asked),
    responses((status = 200, body = ClauseReport), Problem))]
pub async fn clause_report(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Answer<Json<ClauseReport>> {
    report_for(&app, &caller.actor, caller.person, &asked, caller.language)
        .await
        .map(Json)
}

/// The clause report as this person sees it.
///
/// # Errors
/// When what is asked for is not there or cannot be read.
pub async fn report_for(
    app: &App,
    actor: &Actor,
    person: Id,
    asked: &Asked,
    language: Language,
) -> Answer<ClauseReport> {
    let (store, around) = (&app.centre.store, app.centre.surroundings());
    let pack = pack_of(&around, actor, asked.pack.as_deref())?;
    let reach = reach_of(&around, person, asked.unit.as_deref())?;
    let calendar = calendar_of(&around, &pack, reach.unit);
    let now = Moment::from_millis(store.now());
    let period = Period::read(
        calendar,
        now,
        asked.from.as_deref(),
        asked.to.as_deref(),
        asked.as_of.as_deref(),
    )?;
    let tallies = tally(store, &pack.name, period, reach).await?;
    let series = days(store, calendar, &pack.name, period, reach).await?;
    let counted = figures(store, &around, &pack, period, reach).await?;
    Ok(report(
        &around.packs,
        &pack,
        calendar,
        period,
        &tallies,
        &series,
        &counted,
        language,
    ))
}

/// The cases behind one column of a clause.
#[utoipa::path(get, path = "/api/reports/clauses/{pack}/{clause}/cases", tag = "reports",
    params(("pack" = String, Path, description = "The clause's pack"), ("clause" = String, Path, description = "The clause's id"),
        CasesAsked),
    responses((status = 200, body = Page<CaseBehind>), Problem))]
pub async fn clause_cases(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((clause_pack, clause)): Route<(String, String)>,
    Params(asked): Params<CasesAsked>,
) -> Answer<Json<Page<CaseBehind>>> {
    let (store, around) = (&app.centre.store, app.centre.surroundings());
    let pack = pack_of(
        &around,
        &caller.actor,
        Some(asked.report.as_deref().unwrap_or(&clause_pack)),
    )?;
    let reach = reach_of(&around, caller.person, asked.unit.as_deref())?;
    let calendar = calendar_of(&around, &pack, reach.unit);
    let now = Moment::from_millis(store.now());
    let period = Period::read(
        calendar,
        now,
        asked.from.as_deref(),
        asked.to.as_deref(),
        asked.as_of.as_deref(),
    )?;
    let column = asked.column.unwrap_or(Column::Late);
    let clause = ClauseRef {
        pack: clause_pack.into(),
        clause: clause.into(),
    };
    let after = ClauseCase::read(asked.after.as_deref())?;
    let limit = i64::from(asked.limit.unwrap_or(50).clamp(1, 200));
    let mut found = page(
        store,
        &pack.name,
        &clause,
        column,
        period,
        reach,
        after,
        limit + 1,
    )
    .await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(ClauseCase::text);
    let mut states = HashMap::new();
    let mut items = Vec::with_capacity(found.len());
    for one in &found {
        let Some(line) = query::one(store, &around, one.case, caller.language).await? else {
            continue;
        };
        if column == Column::Refused {
            items.push(CaseBehind { line, clock: None });
            continue;
        }
        if let Entry::Vacant(place) = states.entry(one.case) {
            place.insert(app.centre.case(one.case).await?.0);
        }
        let clock = states.get(&one.case).and_then(|case| {
            let clock = case.clocks.iter().find(|clock| i64::from(clock.no) == one.no)?;
            let pinned = around.packs.by_hash(&case.pack.hash);
            let procedure = pinned.as_ref().and_then(|pack| pack.procedure(&case.procedure));
            let deadline = procedure.and_then(|procedure| procedure.deadline(&clock.deadline));
            Some(clock_view(&around.packs, deadline, clock, now, caller.language))
        });
        items.push(CaseBehind { line, clock });
    }
    Ok(Json(Page { items, next }))
}

/// A clause with this month's figures.
#[utoipa::path(get, path = "/api/clauses/{pack}/{clause}", tag = "reports",
    params(("pack" = String, Path, description = "The clause's pack"), ("clause" = String, Path, description = "The clause's id")),
    responses((status = 200, body = ClauseCard), Problem))]
pub async fn clause_card(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((pack, clause)): Route<(String, String)>,
) -> Answer<Json<ClauseCard>> {
    let (store, around) = (&app.centre.store, app.centre.surroundings());
    let clause = ClauseRef {
        pack: pack.into(),
        clause: clause.into(),
    };
    let known = around
        .packs
        .clause(&clause)
        .ok_or_else(|| Problem::not_found("这一条款", "clause"))?;
    // A clause of a used pack is counted in the reports of every pack that uses it.
    let mut names: Vec<&str> = around
        .packs
        .in_force()
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let now = Moment::from_millis(store.now());
    let reach = Reach {
        person: Some(caller.person),
        unit: None,
    };
    let (mut kept, mut late, mut month) = (0, 0, String::new());
    for pack in names
        .into_iter()
        .filter_map(|name| around.packs.in_force_anywhere(name))
    {
        if pack.clause(&clause).is_none() {
            continue;
        }
        let calendar = calendar_of(&around, &pack, None);
        let period = Period::read(calendar, now, None, None, None)?;
        month = calendar.date_of(now).strftime("%Y-%m").to_string();
        if let Some(tally) = tally(store, &pack.name, period, reach).await?.get(&clause) {
            kept += tally.columns.kept;
            late += tally.columns.late;
        }
    }
    if month.is_empty() {
        month = around.picture.fallback.date_of(now).strftime("%Y-%m").to_string();
    }
    Ok(Json(ClauseCard {
        clause: clause_tag(&around.packs, &clause, caller.language),
        text: known.text.clone(),
        rate: rate(kept, kept + late),
        late,
        month,
    }))
}
