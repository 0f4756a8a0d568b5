//! The pack as a whole: the regulation's text and the tables beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use calendar::{
    Calendar, CalendarError, Date, DayEnd, DayRule, Holidays, HoursError, Limit, OnHoliday, Schedule,
    Weekday, WeeklyHours,
};
use serde::{Deserialize, Serialize};

use super::{Action, Form, Procedure, Who};
use crate::expression::Expression;
use crate::source::{RegulationText, Said};

/// Names a clause in any pack: `house.result_and_reply`, `property.4.1.2`. Written without the pack's name in the
/// pack's own files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClauseRef {
    /// The pack that states the clause.
    pub pack: Arc<str>,
    /// The clause's stable id (the printed number unless the text gives another).
    pub clause: Arc<str>,
}

impl std::fmt::Display for ClauseRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.pack, self.clause)
    }
}

/// One numbered sentence of a regulation.
#[derive(Clone, Debug)]
pub struct Clause {
    /// What everything else points at.
    pub id: ClauseRef,
    /// The number as printed; numbers may repeat and skip (D15).
    pub number: String,
    /// A short title for tables, in both languages.
    pub title: Said,
    /// The sentence as the company wrote it.
    pub text: String,
    /// Said by the pack to be kept by people, optionally checked with an inspection form; never counted as proved.
    pub kept_by_people: Option<Option<String>>,
    /// Rule ids of the catalogue that this clause carries (`CMP-3`).
    pub rules: Vec<String>,
}

/// What a pack names as the doer of things; who holds it is data of the installation.
#[derive(Clone, Debug)]
pub struct Function {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// Place on its ladder; higher may stand in for lower where a rule says "and above".
    pub rank: u32,
    /// Ladders keep ranks of different careers apart.
    pub ladder: String,
    /// Whoever holds this and nothing else looks on: `anyone` does not mean them.
    pub reads_only: bool,
}

/// Working time as the pack states it; units may have their own under another name.
#[derive(Clone, Debug)]
pub struct CalendarSpec {
    /// IANA zone.
    pub zone: String,
    /// Whether China's public holidays and make-up workdays apply.
    pub public_holidays: bool,
    /// Where a limit in days ends unless the deadline says otherwise.
    pub day_ends: DayEnd,
    /// What happens to a last day on a holiday unless the deadline says otherwise.
    pub on_holiday: OnHoliday,
    /// Days and spans as written: (`mon-fri`, `08:30-18:00`).
    pub hours: Vec<(String, String)>,
    /// Weekdays that count as workdays besides Monday to Friday.
    pub workdays: Vec<String>,
}

/// Why a calendar cannot be made of what a pack states.
#[derive(Debug, thiserror::Error)]
pub enum UnusableCalendar {
    /// The hours.
    #[error(transparent)]
    Hours(#[from] HoursError),
    /// The zone or the workdays.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl CalendarSpec {
    /// The calendar with these public holidays, which are used if the pack says so.
    ///
    /// # Errors
    /// [`UnusableCalendar`] when hours, workdays or zone cannot be read; the loader reports that with its place first.
    pub fn build(&self, holidays: &Arc<Holidays>) -> Result<Calendar, UnusableCalendar> {
        let mut builder = Calendar::builder()
            .zone_name(self.zone.as_str())
            .day_ends(self.day_ends)
            .on_holiday(self.on_holiday);
        if !self.hours.is_empty() {
            builder = builder.hours(WeeklyHours::parse(
                self.hours.iter().map(|(days, spans)| (days, spans)),
            )?);
        }
        if self.public_holidays {
            builder = builder.public_holidays(holidays.clone());
        }
        let mut workdays = Weekday::parse_set("mon-fri")?;
        for more in &self.workdays {
            workdays.extend(Weekday::parse_set(more)?);
        }
        Ok(builder.workdays(workdays).build()?)
    }
}

/// A duty of a function that recurs without any customer; each turn is a case (GEN-15, CMP-8).
#[derive(Clone, Debug)]
pub struct Obligation {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// The clause it carries.
    pub clause: ClauseRef,
    /// Whose duty.
    pub function: String,
    /// How often.
    pub every: Schedule,
    /// When each turn must be done, counted from the turn's start.
    pub due: Limit,
    /// Overrides of the calendar for this duty.
    pub day: DayRule,
    /// Or at once when this holds, whichever is first (STK-9).
    pub or_when: Option<Expression>,
    /// The procedure that each turn runs.
    pub procedure: String,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figured {
    /// Cases received in the period.
    Cases,
    /// Rounds of cases.
    Rounds,
}

/// Who may say that a contact reached us earlier than it is registered.
#[derive(Clone, Debug)]
pub struct BackDating {
    /// The clause behind it.
    pub clause: ClauseRef,
    /// Who may.
    pub by: Vec<Who>,
}

/// A figure computed from the record: part ÷ of.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// The clause it proves.
    pub clause: ClauseRef,
    /// The procedures counted; empty means all of the pack.
    pub procedures: Vec<String>,
    /// What is counted.
    pub count: Figured,
    /// Which of `of` count as achieved.
    pub part: Expression,
    /// Which are counted at all.
    pub of: Expression,
    /// The goal in tenths of a percent, if the clause sets one.
    pub target: Option<u32>,
}

/// Phrases by situation, standard or forbidden (GEN-10).
#[derive(Clone, Debug)]
pub struct PhraseGroup {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// Whether these must not be said.
    pub forbidden: bool,
    /// The clause behind it.
    pub clause: Option<ClauseRef>,
    /// The phrases.
    pub phrases: Vec<Said>,
}

/// The ten parts of a controlled document (QLT-6); the text and the flow chart come from clauses and stages.
#[derive(Clone, Debug, Default)]
pub struct ControlledDocument {
    /// Who makes, revises and abolishes it.
    pub owner: Option<Said>,
    /// Why it exists.
    pub purpose: Option<Said>,
    /// What it covers.
    pub scope: Option<Said>,
    /// Duties, one line per post or department.
    pub duties: Vec<Said>,
    /// Terms and what they mean.
    pub definitions: Vec<Said>,
    /// Other documents it refers to.
    pub related: Vec<Said>,
    /// Records that it produces.
    pub records: Vec<Said>,
    /// Annexes: form number and title.
    pub annexes: Vec<(String, Said)>,
}

/// A pack in force: linked with the packs it uses and with the house rules.
#[derive(Debug)]
pub struct Pack {
    /// `property`.
    pub name: Arc<str>,
    /// As printed.
    pub title: Said,
    /// `2026.2`.
    pub version: String,
    /// SHA-256 of its files and of those it uses; with the name it identifies what a case is pinned to.
    pub hash: Arc<str>,
    /// First day in force.
    pub effective: Option<Date>,
    /// Language version of its files.
    pub language: u32,
    /// Packs that it uses, as `name@version`.
    pub uses: Vec<String>,
    /// The regulation's own text.
    pub regulation: RegulationText,
    /// Clauses of this pack and of the used ones (house last), in printed order.
    pub clauses: Vec<Clause>,
    /// Document control.
    pub document: ControlledDocument,
    /// `default` and named others.
    pub calendars: BTreeMap<String, CalendarSpec>,
    /// Functions by key.
    pub functions: BTreeMap<String, Function>,
    /// Forms by key.
    pub forms: BTreeMap<String, Form>,
    /// Procedures by key.
    pub procedures: BTreeMap<String, Arc<Procedure>>,
    /// Actions open on every case whatever its stage (GEN-19, GEN-7); already part of each procedure's actions.
    pub rights: Vec<Action>,
    /// Who may back-date; `None`: anyone who may open a case.
    pub back_dating: Option<BackDating>,
    /// Recurring duties.
    pub obligations: Vec<Obligation>,
    /// Figures.
    pub figures: Vec<Figure>,
    /// Phrases.
    pub phrases: Vec<PhraseGroup>,
    /// Who may read the clause report of this pack: those it names, and those the house names for every pack.
    pub readers: Vec<Who>,
}

impl Pack {
    /// The clause with this id, if the pack or one it uses states it.
    pub fn clause(&self, id: &ClauseRef) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id == *id)
    }

    /// The procedure with this key.
    pub fn procedure(&self, key: &str) -> Option<&Arc<Procedure>> {
        self.procedures.get(key)
    }
}
