//! Month against month: the clause report's columns over several months. A closed month gives the figures of its closing.

use regulation::model::ClauseRef;
use regulation::{Actor, Id, Organisation, Pack};
use serde::Serialize;
use std::collections::BTreeMap;
use store::StoreError;
use utoipa::ToSchema;

use super::clause_report::{ClosedView, Totals};
use super::{Closed, Columns, Counted, Month, Period, Reach, Tally, closed, rate, tally};
use crate::centre::{Centre, Surroundings};

/// One month.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MonthView {
    /// `2026-10`.
    pub month: String,
    /// Whether it is closed, and these are the figures of its closing.
    pub closed: bool,
    /// All clauses of the company's own text.
    pub totals: Totals,
    /// The clauses with something counted.
    pub clauses: Vec<MonthClause>,
}

/// A clause in a month.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MonthClause {
    /// Its pack.
    pub pack: String,
    /// Its id.
    pub id: String,
    /// By column.
    #[serde(flatten)]
    pub columns: Columns,
    /// kept ÷ (kept + late); none while fewer than twenty are counted.
    pub rate: Option<f64>,
}

/// What is counted of one period: frozen where it is a closed month, and how it stands now beside it.
#[derive(Debug, Default)]
pub struct MonthCounts {
    /// The figures to show.
    pub tallies: BTreeMap<ClauseRef, Tally>,
    /// The same counted now, where the month is closed.
    pub now: Option<BTreeMap<ClauseRef, Tally>>,
    /// Its closing.
    pub closed: Option<Closed>,
}

/// Counts a month. A closed one is frozen by clause and unit, so what asks for more than units is counted anew, as the
/// month stood at its end.
pub async fn month_counts(
    centre: &Centre,
    around: &Surroundings,
    pack: &Pack,
    month: Month,
    reach: Reach<'_>,
    actor: Option<&Actor>,
) -> Result<MonthCounts, StoreError> {
    let store = &centre.store;
    let period = month.period(around.picture.calendar(pack, None));
    let standing = Period {
        as_of: calendar::Moment::from_millis(store.now()),
        ..period
    };
    let found = closed(store, &pack.name, month).await?;
    let Some(found) = found.filter(|_| reach.answering.is_none() && reach.procedure.is_none()) else {
        let tallies = tally(store, &pack.name, standing, reach).await?;
        return Ok(MonthCounts {
            tallies,
            ..MonthCounts::default()
        });
    };
    let within = |unit: Id| {
        actor.is_none_or(|actor| around.picture.reaches(actor, unit))
            && reach.unit.is_none_or(|above| around.picture.within(unit, above))
    };
    let now = tally(store, &pack.name, standing, reach).await?;
    Ok(MonthCounts {
        tallies: found.tallies(within),
        now: Some(now),
        closed: Some(found),
    })
}

impl MonthCounts {
    /// The closing as screens read it.
    pub fn view(&self, around: &Surroundings, month: Month) -> Option<ClosedView> {
        self.closed.as_ref().map(|closed| ClosedView {
            month: month.to_string(),
            closed_at: closed.at.to_string(),
            closed_by: around.picture.person_name(closed.by).map(str::to_owned),
            as_of: closed.as_of.to_string(),
        })
    }

    /// The pack's figures as they were closed; they were closed over the whole centre, so nobody else's reach has them.
    pub fn figures(&self, pack: &Pack, whole: bool) -> Option<Vec<Counted>> {
        self.closed
            .as_ref()
            .filter(|_| whole)
            .map(|closed| closed.figures(pack))
    }
}

/// A month as one of several.
pub fn month_view(pack: &Pack, month: Month, counts: &MonthCounts) -> MonthView {
    let mut totals = Totals::default();
    let mut clauses = Vec::new();
    for (clause, tally) in &counts.tallies {
        let columns = tally.columns;
        // Rules of the house stay outside, as in the report.
        if &*clause.pack != super::clause_report::HOUSE {
            totals.kept += columns.kept;
            totals.late += columns.late;
            totals.open += columns.open;
        }
        clauses.push(MonthClause {
            pack: clause.pack.to_string(),
            id: clause.clause.to_string(),
            columns,
            rate: columns.rate(),
        });
    }
    // In printed order, those that only an older version states last.
    let place = |one: &MonthClause| {
        let at = pack
            .clauses
            .iter()
            .position(|known| *known.id.pack == *one.pack && *known.id.clause == *one.id);
        at.unwrap_or(usize::MAX)
    };
    clauses.sort_by_key(place);
    totals.due = totals.kept + totals.late + totals.open;
    totals.rate = rate(totals.kept, totals.kept + totals.late);
    MonthView {
        month: month.to_string(),
        closed: counts.closed.is_some(),
        totals,
        clauses,
    }
}
