//! The report as screens and printers read it, put together from counts and the pack: pure.

use std::collections::BTreeMap;

use calendar::{Calendar, Date, Moment};
use regulation::Pack;
use regulation::model::ClauseRef;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Columns, Counted, Period, Tally, carried, rate};
use crate::http::Language;
use crate::http::wire::{ClauseTag, clause_tag};
use crate::packs::Library;

/// How many days a series names at most; of a longer period only days with something counted are named.
const SERIES: usize = 400;

/// The house's own regulation (内部规则), reported apart.
pub(super) const HOUSE: &str = "house";

/// A clause's line in the report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseRow {
    /// The clause.
    pub clause: ClauseTag,
    /// The sentence as the company wrote it.
    pub text: String,
    /// The limit, where a deadline carries the clause.
    pub limit: Option<String>,
    /// Done in time.
    pub kept: i64,
    /// Overdue, or done after the limit.
    pub late: i64,
    /// Running or paused.
    pub open: i64,
    /// Satisfied without the act, with a reason.
    pub exempt: i64,
    /// Merged, void or re-set.
    pub lapsed: i64,
    /// Attempts that the clause refused.
    pub refused: i64,
    /// Clocks that were overdue at any time, whatever became of them.
    pub once_late: i64,
    /// kept ÷ (kept + late), 0 to 1; none while fewer than twenty are counted.
    pub rate: Option<f64>,
    /// What of the pack carries it.
    pub carried_by: Vec<String>,
    /// Said by the pack to be kept by people; never counted as proved.
    pub kept_by_people: bool,
    /// Rules of the catalogue it carries.
    pub rules: Vec<String>,
    /// A rule of the house (内部规则), not of the company's own text.
    pub house: bool,
    /// In a closed month: what has changed since it was closed, column by column; none where nothing did.
    pub corrections: Option<Columns>,
}

/// All clauses together; rules of the house stay outside.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Totals {
    /// Due in the period: kept, late and open.
    pub due: i64,
    /// Done in time.
    pub kept: i64,
    /// Overdue, or done after the limit.
    pub late: i64,
    /// Running or paused.
    pub open: i64,
    /// kept ÷ (kept + late); none while fewer than twenty are counted.
    pub rate: Option<f64>,
}

/// A figure of the pack over the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FigureRow {
    /// Its key.
    pub key: String,
    /// Its name.
    pub title: String,
    /// The clause it proves.
    pub clause: ClauseTag,
    /// How many achieved it.
    pub part: i64,
    /// Of how many.
    pub of: i64,
    /// part ÷ of, 0 to 1; none of nothing.
    pub rate: Option<f64>,
    /// The goal, 0 to 1.
    pub target: Option<f64>,
    /// Whether the goal is met; none of nothing or without a goal.
    pub met: Option<bool>,
}

/// One day of the series.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Day {
    /// The day, `2026-11-05`.
    pub day: String,
    /// Clocks due that day and kept.
    pub kept: i64,
    /// Clocks due that day and late.
    pub late: i64,
}

/// That a month is closed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosedView {
    /// The month, `2026-10`.
    pub month: String,
    /// When it was closed.
    pub closed_at: String,
    /// Who closed it; none is the centre itself at the month's end.
    pub closed_by: Option<String>,
    /// As it stood then.
    pub as_of: String,
}

/// What a report is counted from.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Per clause.
    pub tallies: BTreeMap<ClauseRef, Tally>,
    /// In a closed month: the same counted now.
    pub now: Option<BTreeMap<ClauseRef, Tally>>,
    /// The month.
    pub closed: Option<ClosedView>,
    /// Kept and late by day.
    pub days: BTreeMap<Date, (i64, i64)>,
    /// The pack's figures.
    pub figures: Vec<Counted>,
}

/// The clause report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseReport {
    /// The pack.
    pub pack: String,
    /// Its title.
    pub title: String,
    /// The version whose clauses are listed.
    pub version: String,
    /// The time it stands at.
    pub as_of: String,
    /// From, inclusive.
    pub from: String,
    /// To, exclusive.
    pub to: String,
    /// The month, where the period is one that is closed: the figures are those of its closing, and `corrections` beside
    /// them tell what changed since.
    pub closed: Option<ClosedView>,
    /// All clauses of the company's own text.
    pub totals: Totals,
    /// Every clause in printed order, the house's last.
    pub clauses: Vec<ClauseRow>,
    /// The pack's figures.
    pub figures: Vec<FigureRow>,
    /// Kept and late by day of the due time.
    pub days: Vec<Day>,
}

/// Puts the report together.
///
/// Clauses that only an older version of the pack states follow after the printed ones, so that nothing counted is
/// ever left out.
pub fn report(
    packs: &Library,
    pack: &Pack,
    calendar: &Calendar,
    period: Period,
    counts: &Counts,
    language: Language,
) -> ClauseReport {
    let tallies = &counts.tallies;
    let carried = carried(pack);
    let mut clauses: Vec<ClauseRow> = Vec::with_capacity(pack.clauses.len());
    for clause in &pack.clauses {
        let tally = tallies.get(&clause.id).copied().unwrap_or_default();
        let mut row = row(packs, &clause.id, tally, language);
        row.clause.number.clone_from(&clause.number);
        row.clause.title = language.say(&clause.title);
        row.text.clone_from(&clause.text);
        row.kept_by_people = clause.kept_by_people.is_some();
        row.rules.clone_from(&clause.rules);
        if let Some(carried) = carried.get(&clause.id) {
            row.limit = carried.limit(language);
            row.carried_by = carried.by.iter().map(|line| language.say(line)).collect();
        }
        clauses.push(row);
    }
    for (clause, tally) in tallies.iter().filter(|(clause, _)| pack.clause(clause).is_none()) {
        clauses.push(row(packs, clause, *tally, language));
    }
    if let Some(now) = &counts.now {
        let known = pack.clauses.iter().map(|clause| &clause.id).chain(tallies.keys());
        let later = now
            .keys()
            .filter(|clause| !known.clone().any(|known| known == *clause));
        for clause in later {
            clauses.push(row(packs, clause, Tally::default(), language));
        }
        for row in &mut clauses {
            let clause = ClauseRef {
                pack: row.clause.pack.as_str().into(),
                clause: row.clause.id.as_str().into(),
            };
            let closed = tallies.get(&clause).copied().unwrap_or_default();
            row.corrections = now
                .get(&clause)
                .copied()
                .unwrap_or_default()
                .columns
                .since(&closed.columns);
        }
    }
    // A stable sort: printed order stays within each part.
    clauses.sort_by_key(|row| row.house);
    let mut totals = Totals::default();
    for row in clauses.iter().filter(|row| !row.house) {
        totals.kept += row.kept;
        totals.late += row.late;
        totals.open += row.open;
    }
    totals.due = totals.kept + totals.late + totals.open;
    totals.rate = rate(totals.kept, totals.kept + totals.late);
    ClauseReport {
        pack: pack.name.to_string(),
        title: language.say(&pack.title),
        version: pack.version.clone(),
        as_of: period.as_of.to_string(),
        from: period.from.to_string(),
        to: period.to.to_string(),
        closed: counts.closed.clone(),
        totals,
        clauses,
        figures: counts
            .figures
            .iter()
            .map(|counted| figure_row(packs, counted, language))
            .collect(),
        days: series(calendar, period, &counts.days),
    }
}

fn row(packs: &Library, clause: &ClauseRef, tally: Tally, language: Language) -> ClauseRow {
    let columns = tally.columns;
    let known = packs.clause(clause);
    ClauseRow {
        clause: clause_tag(packs, clause, language),
        text: known.map(|known| known.text.clone()).unwrap_or_default(),
        limit: None,
        kept: columns.kept,
        late: columns.late,
        open: columns.open,
        exempt: columns.exempt,
        lapsed: columns.lapsed,
        refused: columns.refused,
        once_late: tally.once_late,
        rate: columns.rate(),
        carried_by: Vec::new(),
        kept_by_people: known.is_some_and(|known| known.kept_by_people.is_some()),
        rules: known.map(|known| known.rules.clone()).unwrap_or_default(),
        house: &*clause.pack == HOUSE,
        corrections: None,
    }
}

pub(super) fn figure_row(packs: &Library, counted: &Counted, language: Language) -> FigureRow {
    let target = counted.target.map(|tenths| f64::from(tenths) / 1000.0);
    let rate = (counted.of > 0).then(|| counted.part as f64 / counted.of as f64);
    FigureRow {
        key: counted.key.clone(),
        title: language.say(&counted.title),
        clause: clause_tag(packs, &counted.clause, language),
        part: counted.part,
        of: counted.of,
        rate,
        target,
        // In whole numbers, so that a goal met exactly is not lost to rounding.
        met: counted
            .target
            .filter(|_| counted.of > 0)
            .map(|tenths| counted.part * 1000 >= i64::from(tenths) * counted.of),
    }
}

fn series(calendar: &Calendar, period: Period, days: &BTreeMap<Date, (i64, i64)>) -> Vec<Day> {
    let day = |date: Date, (kept, late): (i64, i64)| Day {
        day: date.to_string(),
        kept,
        late,
    };
    let first = calendar.date_of(period.from);
    let last = calendar.date_of(Moment::from_millis(period.to.as_millis() - 1));
    let all: Vec<Date> = std::iter::successors(Some(first), |date| date.tomorrow().ok())
        .take_while(|date| *date <= last)
        .take(SERIES + 1)
        .collect();
    if all.len() > SERIES {
        return days.iter().map(|(date, counts)| day(*date, *counts)).collect();
    }
    all.into_iter()
        .map(|date| day(date, days.get(&date).copied().unwrap_or_default()))
        .collect()
}
