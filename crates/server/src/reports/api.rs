//! `/api/reports/…` and the cards behind clause tags. A report is read by those whom its pack names as readers, cut to
//! their own scope; a clause's card by everyone who is logged in, with the figures of their own scope.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::{Calendar, Moment};
use regulation::model::ClauseRef;
use regulation::{Actor, Id, Organisation, Pack, Said};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::clause_report::figure_row;
use super::months::{MonthView, month_counts, month_view};
use super::statistics::{Statistics, procedures};
use super::{
    ClauseCase, ClauseReport, CloseError, Column, Counts, Month, Period, Reach, back_dated, close, closed,
    days, figures, page, rate, readers, report, tally,
};
use crate::app::App;
use crate::cases::query::{self, CaseLine};
use crate::cases::shell::ShellError;
use crate::centre::Surroundings;
use crate::http::wire::{ClauseTag, ClockView, Page, clause_tag, clock_view};
use crate::http::{Answer, Body, Language, Params, Problem, Route};
use crate::packs::InForce;
use crate::permission::Permission;
use crate::session::Caller;

/// The routes of reports.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(clause_report))
        .routes(routes!(clause_cases))
        .routes(routes!(clause_card))
        .routes(routes!(months))
        .routes(routes!(close_month))
        .routes(routes!(statistics))
}

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
    /// A month instead of from and to, `2026-10`.
    pub month: Option<String>,
    /// Only this unit and what lies below it.
    pub unit: Option<String>,
    /// Only what this person answers for.
    pub person: Option<String>,
    /// Only cases of this procedure.
    pub procedure: Option<String>,
}

/// Which months are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MonthsAsked {
    /// As in the report.
    pub pack: Option<String>,
    /// The last of them, `2026-10`; this month unless said.
    pub until: Option<String>,
    /// How many, 1 to 24; 6 unless said.
    pub months: Option<u8>,
    /// As in the report.
    pub unit: Option<String>,
    /// As in the report.
    pub person: Option<String>,
    /// As in the report.
    pub procedure: Option<String>,
}

/// Which month is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The pack.
    pub pack: String,
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
    pub month: Option<String>,
    /// As in the report.
    pub unit: Option<String>,
    /// As in the report.
    pub person: Option<String>,
    /// As in the report.
    pub procedure: Option<String>,
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

fn reach_of<'a>(
    around: &Surroundings,
    person: Id,
    unit: Option<&str>,
    answering: Option<&str>,
    procedure: Option<&'a str>,
) -> Answer<Reach<'a>> {
    let id = |text: Option<&str>, known: &dyn Fn(&Id) -> bool, zh: &str, en: &str| {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let found = text.parse().map(Id).ok().filter(known);
        found.map(Some).ok_or_else(|| Problem::not_found(zh, en))
    };
    let picture = &around.picture;
    Ok(Reach {
        person: Some(person),
        unit: id(unit, &|unit| picture.units.contains_key(unit), "这个部门", "unit")?,
        answering: id(
            answering,
            &|person| picture.people.contains_key(person),
            "这位人员",
            "person",
        )?,
        procedure: procedure.filter(|procedure| !procedure.is_empty()),
    })
}

fn month_of(field: &str, text: &str) -> Answer<Month> {
    Month::read(text).ok_or_else(|| {
        Problem::input(vec![(
            field.to_owned(),
            Said::new(
                format!("“{text}”不是月份。请写成2026-10。"),
                format!("\"{text}\" is not a month. Write 2026-10."),
            ),
        )])
    })
}

/// The period that a request names, and the month that it is: asked for as one, or exactly one as it stands.
fn period_of(
    calendar: &Calendar,
    now: Moment,
    month: Option<&str>,
    between: [Option<&str>; 2],
    as_of: Option<&str>,
) -> Answer<(Period, Option<Month>)> {
    let Some(text) = month else {
        let period = Period::read(calendar, now, between[0], between[1], as_of)?;
        let whole = Month::exactly(calendar, period).filter(|_| as_of.is_none());
        return Ok((period, whole));
    };
    let month = month_of("month", text)?;
    if between.iter().any(Option::is_some) {
        return Err(Problem::malformed(
            "请只写month，或只写from和to。",
            "Give month, or from and to, not both.",
        ));
    }
    let whole = month.period(calendar);
    let first = whole.from.to_string();
    let period = Period::read(calendar, now, Some(&first), None, as_of)?;
    Ok((period, Some(month).filter(|_| as_of.is_none())))
}

/// The calendar by whose days a report counts: the company's, that is the default of the pack.
fn calendar_of<'a>(around: &'a Surroundings, pack: &Pack, unit: Option<Id>) -> &'a Calendar {
    around.picture.calendar(pack, unit)
}

/// The clause report of a pack: every clause with what was kept, late, open, exempt, lapsed and refused. A closed month has
/// the figures of its closing, with what was corrected since beside them.
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
    readers::admit(&pack, actor)?;
    let (unit, answering) = (asked.unit.as_deref(), asked.person.as_deref());
    let reach = reach_of(&around, person, unit, answering, asked.procedure.as_deref())?;
    let calendar = calendar_of(&around, &pack, reach.unit);
    let now = Moment::from_millis(store.now());
    let between = [asked.from.as_deref(), asked.to.as_deref()];
    let as_of = asked.as_of.as_deref();
    let (mut period, month) = period_of(calendar, now, asked.month.as_deref(), between, as_of)?;
    let mut counts = Counts::default();
    let mut frozen = None;
    match month {
        Some(month) => {
            let counted = month_counts(&app.centre, &around, &pack, month, reach, Some(actor)).await?;
            if let Some(closed) = &counted.closed {
                period.as_of = closed.as_of;
            }
            counts.closed = counted.view(&around, month);
            frozen = counted.figures(&pack, reach.unit.is_none() && reaches_all(&around, actor));
            (counts.tallies, counts.now) = (counted.tallies, counted.now);
        }
        None => counts.tallies = tally(store, &pack.name, period, reach).await?,
    }
    counts.days = days(store, calendar, &pack.name, period, reach).await?;
    counts.figures = match frozen {
        Some(figures) => figures,
        None => figures(store, &around, &pack, period, reach).await?,
    };
    counts
        .figures
        .extend(back_dated(store, &pack, period, reach).await?);
    let report = report(&around.packs, &pack, calendar, period, &counts, language);
    Ok(report)
}

/// Whether someone's own reach is the whole centre.
fn reaches_all(around: &Surroundings, actor: &Actor) -> bool {
    let units = around.picture.units.keys();
    units.into_iter().all(|unit| around.picture.reaches(actor, *unit))
}

/// Month against month: the report's columns for several months, the newest last.
#[utoipa::path(get, path = "/api/reports/months", tag = "reports", params(MonthsAsked),
    responses((status = 200, body = Vec<MonthView>), Problem))]
pub async fn months(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(asked): Params<MonthsAsked>,
) -> Answer<Json<Vec<MonthView>>> {
    let around = app.centre.surroundings();
    let pack = pack_of(&around, &caller.actor, asked.pack.as_deref())?;
    readers::admit(&pack, &caller.actor)?;
    let (unit, person) = (asked.unit.as_deref(), asked.person.as_deref());
    let reach = reach_of(&around, caller.person, unit, person, asked.procedure.as_deref())?;
    let last = match asked.until.as_deref() {
        Some(text) => month_of("until", text)?,
        None => Month::of(calendar_of(&around, &pack, None), caller.now(&app)),
    };
    let wanted = usize::from(asked.months.unwrap_or(6).clamp(1, 24));
    let mut views = Vec::with_capacity(wanted);
    for month in std::iter::successors(Some(last), |month| month.before()).take(wanted) {
        let counts = month_counts(&app.centre, &around, &pack, month, reach, Some(&caller.actor)).await?;
        views.push(month_view(&pack, month, &counts));
    }
    views.reverse();
    Ok(Json(views))
}

/// Close a month that the centre did not close by itself.
#[utoipa::path(post, path = "/api/reports/months/{month}", tag = "reports", request_body = Closing,
    params(("month" = String, Path, description = "The month, 2026-10")),
    responses((status = 204, description = "Closed"), Problem))]
pub async fn close_month(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(closing): Body<Closing>,
) -> Answer<StatusCode> {
    caller.need(&app, Permission::CloseMonths)?;
    let month = month_of("month", &text)?;
    let around = app.centre.surroundings();
    let pack = pack_of(&around, &caller.actor, Some(&closing.pack))?;
    match close(&app.centre, &pack, month, Some(caller.person)).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(CloseError::NotOver(month)) => Err(Problem::malformed(
            format!("{month}还没有结束。月末之后才能结账。"),
            format!("{month} has not ended yet: a month is closed after its last day."),
        )),
        Err(CloseError::Already(month)) => Err(Problem::status(
            StatusCode::CONFLICT,
            "closed",
            &format!("{month}已经结账。之后的更正列在报告旁边。"),
            &format!("{month} is closed already. What is corrected since stands beside it in the report."),
        )),
        Err(CloseError::Store(error)) => Err(error.into()),
        Err(CloseError::Commit(error)) => Err(error.into()),
    }
}

/// Statistics of the cases received in a period: by procedure, stage and every choice asked, with the pack's figures.
#[utoipa::path(get, path = "/api/reports/statistics", tag = "reports", params(Asked),
    responses((status = 200, body = Statistics), Problem))]
pub async fn statistics(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Answer<Json<Statistics>> {
    let (store, around) = (&app.centre.store, app.centre.surroundings());
    let pack = pack_of(&around, &caller.actor, asked.pack.as_deref())?;
    readers::admit(&pack, &caller.actor)?;
    let (unit, person) = (asked.unit.as_deref(), asked.person.as_deref());
    let reach = reach_of(&around, caller.person, unit, person, asked.procedure.as_deref())?;
    let calendar = calendar_of(&around, &pack, reach.unit);
    let between = [asked.from.as_deref(), asked.to.as_deref()];
    let as_of = asked.as_of.as_deref();
    let (period, _) = period_of(calendar, caller.now(&app), asked.month.as_deref(), between, as_of)?;
    let counted = procedures(store, &pack, period, reach, caller.language).await?;
    let of_pack = figures(store, &around, &pack, period, reach).await?;
    Ok(Json(Statistics {
        pack: pack.name.to_string(),
        title: caller.language.say(&pack.title),
        from: period.from.to_string(),
        to: period.to.to_string(),
        as_of: period.as_of.to_string(),
        too_many: counted.is_none(),
        procedures: counted.unwrap_or_default(),
        figures: of_pack
            .iter()
            .map(|one| figure_row(&around.packs, one, caller.language))
            .collect(),
    }))
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
    readers::admit(&pack, &caller.actor)?;
    let (unit, person) = (asked.unit.as_deref(), asked.person.as_deref());
    let reach = reach_of(&around, caller.person, unit, person, asked.procedure.as_deref())?;
    let calendar = calendar_of(&around, &pack, reach.unit);
    let now = Moment::from_millis(store.now());
    let between = [asked.from.as_deref(), asked.to.as_deref()];
    let as_of = asked.as_of.as_deref();
    let (mut period, month) = period_of(calendar, now, asked.month.as_deref(), between, as_of)?;
    // Behind a closed month's figures lie its cases as they stood then.
    if let Some(month) = month
        && let Some(closed) = closed(store, &pack.name, month).await?
    {
        period.as_of = closed.as_of;
    }
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
            // Of a case whose contents were erased only the line and its place in the column are left.
            let state = match app.centre.case(one.case).await {
                Ok((state, _)) => Some(state),
                Err(ShellError::Erased(_)) => None,
                Err(error) => return Err(error.into()),
            };
            place.insert(state);
        }
        let clock = states.get(&one.case).and_then(Option::as_ref).and_then(|case| {
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
        ..Reach::default()
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
