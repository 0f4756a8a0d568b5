//! Putting a calendar together.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::civil::{date_of_day, day_number, day_of_date, weekday_index};
use crate::holidays::short_hash;
use crate::hours::Span;
use crate::lang::Sentence;
use crate::tally::Tally;
use crate::zone::ZoneTable;
use crate::{Calendar, DayEnd, DayKind, Holidays, Lang, OnHoliday, Weekday, WeeklyHours, Zone};

/// Raised when the arithmetic itself changes, so that due times computed before are known to be of the old way.
const ARITHMETIC: &str = "1";

/// What a [`Calendar`] is made of. Without being told otherwise: Asia/Shanghai, Monday to Friday, round the clock on
/// workdays, no public holidays, days end at closing, a last day on a holiday stays.
#[derive(Debug, Clone, Default)]
pub struct CalendarBuilder {
    zone: Option<Zone>,
    zone_name: Option<String>,
    hours: Option<WeeklyHours>,
    holidays: Option<Arc<Holidays>>,
    workdays: Option<Vec<Weekday>>,
    day_ends: DayEnd,
    on_holiday: OnHoliday,
}

impl CalendarBuilder {
    /// The unit's time zone.
    #[must_use]
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// The unit's time zone by its IANA name, looked up in the zones kept in the program.
    #[must_use]
    pub fn zone_name(mut self, name: impl Into<String>) -> Self {
        self.zone_name = Some(name.into());
        self
    }

    /// Weekly opening hours.
    #[must_use]
    pub fn hours(mut self, hours: WeeklyHours) -> Self {
        self.hours = Some(hours);
        self
    }

    /// Public holidays and make-up workdays; a calendar without them works by the week alone.
    #[must_use]
    pub fn public_holidays(mut self, holidays: Arc<Holidays>) -> Self {
        self.holidays = Some(holidays);
        self
    }

    /// Which weekdays count as workdays (Monday to Friday unless said).
    #[must_use]
    pub fn workdays(mut self, days: impl IntoIterator<Item = Weekday>) -> Self {
        self.workdays = Some(days.into_iter().collect());
        self
    }

    /// Where a limit in days ends.
    #[must_use]
    pub fn day_ends(mut self, end: DayEnd) -> Self {
        self.day_ends = end;
        self
    }

    /// What becomes of a last day that is no workday.
    #[must_use]
    pub fn on_holiday(mut self, what: OnHoliday) -> Self {
        self.on_holiday = what;
        self
    }

    /// The calendar, with its tables laid out.
    ///
    /// # Errors
    /// [`CalendarError`] when the zone is unknown or no weekday counts as a workday.
    pub fn build(self) -> Result<Calendar, CalendarError> {
        let zone = match (&self.zone, &self.zone_name) {
            (Some(zone), _) => zone.clone(),
            (None, name) => {
                let name = name.as_deref().unwrap_or("Asia/Shanghai");
                Zone::get(name).map_err(|_| CalendarError::unknown_zone(name))?
            }
        };
        let mut workweek = [false; 7];
        match &self.workdays {
            None => workweek[..5].fill(true),
            Some(days) => days.iter().for_each(|day| workweek[day.index()] = true),
        }
        if workweek == [false; 7] {
            return Err(CalendarError::no_workday());
        }
        Ok(self.assemble(zone, workweek))
    }

    fn assemble(self, zone: Zone, workweek: [bool; 7]) -> Calendar {
        let hours = self
            .hours
            .unwrap_or_else(|| WeeklyHours::round_the_clock(workweek));
        let opens = |index: &usize| !hours.spans(*index).is_empty();
        let ordinary = (0..7)
            .find(|index| workweek[*index] && opens(index))
            .or_else(|| (0..7).find(opens));
        let ordinary = ordinary.map_or_else(Vec::new, |index| hours.spans(index).to_vec());
        let mut closings = (0..7)
            .filter_map(|index| hours.spans(index).last())
            .map(|span| span.to);
        let closing = closings.next();
        let closing_varies = closings.any(|other| Some(other) != closing);
        let version = version(
            &zone,
            &hours,
            &workweek,
            self.holidays.as_deref(),
            self.day_ends,
            self.on_holiday,
        );

        let (first, facts) = self.holidays.as_deref().map_or((0, Vec::new()), lay_out);
        let mut calendar = Calendar {
            table: ZoneTable::new(&zone),
            zone,
            known: self.holidays.as_deref().map(known_days),
            holidays: self.holidays,
            hours,
            ordinary,
            workweek,
            closing_varies,
            first,
            facts,
            workdays: Tally::new([0; 7], 0, std::iter::empty()),
            working: Tally::new([0; 7], 0, std::iter::empty()),
            bends: Vec::new(),
            day_ends: self.day_ends,
            on_holiday: self.on_holiday,
            version,
        };
        let table = first..first + calendar.facts.len() as i64;
        calendar.workdays = Tally::new(
            workweek.map(i64::from),
            first,
            table.clone().map(|day| i64::from(calendar.works_on(day))),
        );
        calendar.working = Tally::new(
            std::array::from_fn(|index| width(calendar.hours.spans(index))),
            first,
            table.map(|day| width(calendar.spans_on(day))),
        );
        calendar.bends = bends(&calendar);
        calendar
    }
}

fn width(spans: &[Span]) -> i64 {
    spans.iter().map(|span| span.to - span.from).sum()
}

/// The named days as one row from the first to the last.
fn lay_out(holidays: &Holidays) -> (i64, Vec<Option<DayKind>>) {
    let mut days = holidays.days().map(|(date, _)| day_of_date(date));
    let Some(first) = days.next() else {
        return (0, Vec::new());
    };
    let last = days.next_back().unwrap_or(first);
    let mut row = vec![None; (last - first + 1) as usize];
    for (date, kind) in holidays.days() {
        row[(day_of_date(date) - first) as usize] = Some(kind);
    }
    (first, row)
}

/// Runs of known years, as first and last day.
fn known_days(holidays: &Holidays) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for year in holidays.years().map(i64::from) {
        let (first, last) = (day_number(year, 1, 1), day_number(year, 12, 31));
        match runs.last_mut() {
            Some(run) if run.1 + 1 == first => run.1 = last,
            _ => runs.push((first, last)),
        }
    }
    runs
}

/// Days on which the clock is changed during opening hours, with the running sum of what that adds.
fn bends(calendar: &Calendar) -> Vec<(i64, i64)> {
    let mut days = BTreeMap::new();
    for jump in calendar.table.jumps() {
        let middle = calendar.table.day(crate::Moment::from_millis(jump));
        for day in middle - 1..=middle + 1 {
            let spans = calendar.spans_on(day);
            let real: i64 = spans.iter().map(|span| calendar.span_length(day, *span)).sum();
            if real != width(spans) {
                days.insert(day, real - width(spans));
            }
        }
    }
    let mut sum = 0;
    days.into_iter()
        .map(|(day, more)| {
            sum += more;
            (day, sum)
        })
        .collect()
}

fn version(
    zone: &Zone,
    hours: &WeeklyHours,
    workweek: &[bool; 7],
    holidays: Option<&Holidays>,
    day_ends: DayEnd,
    on_holiday: OnHoliday,
) -> String {
    let mut hash = Sha256::new();
    // A zone that was not looked up by name is known by what it does.
    match zone.iana_name() {
        Some(name) => hash.update(name),
        None => hash.update(format!("{zone:?}")),
    }
    let holidays = holidays.map_or("none", Holidays::version);
    hash.update(format!(
        "\n{ARITHMETIC}\n{hours}\n{workweek:?}\n{holidays}\n{day_ends:?}\n{on_holiday:?}"
    ));
    short_hash(hash)
}

impl Default for Calendar {
    /// China's offset, Monday to Friday round the clock, no public holidays: what holds where a pack states nothing.
    fn default() -> Self {
        CalendarBuilder::default().assemble(
            Zone::fixed(jiff::tz::offset(8)),
            [true, true, true, true, true, false, false],
        )
    }
}

impl Calendar {
    /// A calendar to be described.
    pub fn builder() -> CalendarBuilder {
        CalendarBuilder::default()
    }

    /// The hours a day without any borrows for its opening and closing time: those of the nearest workday of the
    /// ordinary week at or before it.
    pub(crate) fn borrowed_spans(&self, day: i64) -> &[Span] {
        let today = weekday_index(day);
        let back = |step: usize| (today + 7 - step) % 7;
        let borrowed = (0..7)
            .map(back)
            .find(|index| self.workweek[*index] && !self.hours.spans(*index).is_empty());
        borrowed.map_or(&self.ordinary, |index| self.hours.spans(index))
    }

    /// Holidays in the years from `first` to `last` are all known.
    pub(crate) fn knows(&self, first: i64, last: i64) -> bool {
        match &self.known {
            None => true,
            Some(runs) => runs.iter().any(|(from, to)| *from <= first && last <= *to),
        }
    }

    /// Years of the calendar's holidays that a length reaches into and that no notice covers yet.
    pub fn unknown_years(&self, from: crate::Moment, to: crate::Moment) -> Vec<i16> {
        let year = |moment| date_of_day(self.table.day(moment)).year();
        match &self.holidays {
            None => Vec::new(),
            Some(holidays) => (year(from)..=year(to))
                .filter(|year| !holidays.covers(*year))
                .collect(),
        }
    }
}

/// Why a calendar cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .said.en)]
pub struct CalendarError {
    said: Sentence,
}

impl CalendarError {
    fn unknown_zone(name: &str) -> Self {
        Self {
            said: Sentence::new(
                format!("`{name}` is not a time zone; write an IANA name like Asia/Shanghai"),
                format!("“{name}”不是时区,应写 IANA 名称,如 Asia/Shanghai"),
            ),
        }
    }

    fn no_workday() -> Self {
        Self {
            said: Sentence::new(
                "no weekday counts as a workday; name at least one, for instance mon-fri",
                "没有任何一天算工作日,至少写一天,例如 mon-fri",
            ),
        }
    }

    /// What is wrong and how to write it.
    pub fn text(&self, lang: Lang) -> &str {
        self.said.text(lang)
    }
}
