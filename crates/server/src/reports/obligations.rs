//! `/api/obligations`: what each function owes in a month, and what became of it. Each turn of a duty is a case; this says
//! which turns fall due in the month, whose they are, and whether they were done in time. Writes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::{Date, Moment, Turn};
use regulation::model::{Bound, Obligation};
use regulation::{ClockState, Id, Organisation, Pack};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::centre::Surroundings;
use crate::http::wire::{ClauseTag, clause_tag};
use crate::http::{Answer, Params, Problem};
use crate::session::Caller;

/// A turn is opened at most so long before it is due.
const LONGEST_TURN_MS: i64 = 400 * 86_400_000;

/// At most so many turns of one duty are shown in a month: one a day, and some.
const MOST: usize = 40;

/// Which month.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MonthAsked {
    /// `2026-11`; this month unless said.
    pub month: Option<String>,
}

/// A month's duties.
#[derive(Debug, Serialize, ToSchema)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    /// Today, in the regulation's zone.
    pub today: String,
    /// Days of the month on which nobody works.
    pub closed_days: Vec<i8>,
    /// Duties within the caller's reach, by function.
    pub duties: Vec<Duty>,
}

/// A duty of a function in a unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duty {
    /// The pack.
    pub pack: String,
    /// The obligation's key.
    pub key: String,
    /// As people say it.
    pub title: String,
    /// The clause it carries.
    pub clause: ClauseTag,
    /// The function's key.
    pub function: String,
    /// The function.
    pub function_title: String,
    /// Who holds it there now.
    pub holders: Vec<String>,
    /// The unit's id.
    pub unit: String,
    /// The unit.
    pub unit_name: String,
    /// How often.
    pub every: String,
    /// By when.
    pub due: String,
    /// Its turns that fall due in the month.
    pub turns: Vec<TurnView>,
}

/// A turn.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TurnView {
    /// Its name: `2026-11`, `2026-Q4`.
    pub key: String,
    /// When it is due.
    pub due_at: String,
    /// The day of the month on which it is due.
    pub day: i8,
    /// `pending`, `running`, `overdue`, `kept`, `kept_late`, `exempt`, `lapsed`.
    pub state: String,
    /// Its case, once it has begun.
    pub case: Option<String>,
    /// The case's number.
    pub number: Option<String>,
    /// When it was done.
    pub ended_at: Option<String>,
    /// Whether the due time may move with a coming holiday notice.
    pub provisional: bool,
}

/// What the tables know of a turn's case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Opened {
    case: Id,
    number: String,
    ended: Option<i64>,
    /// Deadline key, state and end of each clock.
    clocks: Vec<(String, String, Option<i64>)>,
}

// $1 and $2 the stretch in which turns were opened
const OPENED: &str = "SELECT c.source, c.id, c.number, c.ended, k.deadline, k.state, k.ended FROM cases c \
     LEFT JOIN clocks k ON k.case_id = c.id \
     WHERE c.source >= 'obligation:' AND c.source < 'obligation;' AND c.received >= $1 AND c.received < $2 \
     ORDER BY c.source, c.id, k.no";

async fn opened(store: &Store, from: Moment, to: Moment) -> Result<HashMap<String, Opened>, StoreError> {
    let mut all: HashMap<String, Opened> = HashMap::new();
    let params = [from.as_millis().into(), to.as_millis().into()];
    for row in store.query(OPENED, &params).await? {
        let (case, number, ended) = (Id(row.int(1)?), row.text(2)?.to_owned(), row.opt_int(3)?);
        let one = all.entry(row.text(0)?.to_owned()).or_insert_with(|| Opened {
            case,
            number,
            ended,
            clocks: Vec::new(),
        });
        if let Some(deadline) = row.opt_text(4)? {
            one.clocks
                .push((deadline.to_owned(), row.text(5)?.to_owned(), row.opt_int(6)?));
        }
    }
    Ok(all)
}

/// The turn as it stands at `now`: by the clock of its own due time where the procedure has one, else by its end.
fn turn_view(turn: &Turn, day: i8, found: Option<&Opened>, own_clock: Option<&str>, now: Moment) -> TurnView {
    let clock = found.and_then(|one| {
        let own = one
            .clocks
            .iter()
            .rev()
            .find(|(key, _, _)| Some(key.as_str()) == own_clock);
        own.map(|(_, state, ended)| (state.as_str(), *ended))
    });
    let ended = clock
        .and_then(|(_, ended)| ended)
        .or_else(|| found.and_then(|one| one.ended));
    let late = turn.due < now;
    let state = match (found, clock, ended) {
        (None, _, _) if late => ClockState::Overdue.word(),
        (None, _, _) => "pending",
        (_, Some((state, _)), Some(_)) => state,
        (_, None, Some(ended)) if ended <= turn.due.as_millis() => ClockState::Kept.word(),
        (_, None, Some(_)) => ClockState::KeptLate.word(),
        (_, _, None) if late => ClockState::Overdue.word(),
        (_, _, None) => ClockState::Running.word(),
    };
    TurnView {
        key: turn.key.clone(),
        due_at: turn.due.to_string(),
        day,
        state: state.to_owned(),
        case: found.map(|one| one.case.to_string()),
        number: found.map(|one| one.number.clone()),
        ended_at: ended.map(|at| Moment::from_millis(at).to_string()),
        provisional: turn.provisional,
    }
}

/// The deadline of a procedure that ends at the turn's own due time.
fn own_clock<'p>(pack: &'p Pack, obligation: &Obligation) -> Option<&'p str> {
    let procedure = pack.procedure(&obligation.procedure)?;
    let own = procedure
        .deadlines
        .iter()
        .find(|deadline| matches!(&deadline.bound, Bound::At(field) if field == "due"));
    own.map(|deadline| deadline.key.as_str())
}

/// The first day of a month, `2026-11`.
fn first_day(text: &str) -> Option<Date> {
    (text.len() == 7)
        .then(|| format!("{text}-01").parse::<Date>().ok())
        .flatten()
}

/// Who holds a function for this unit: there, or in the nearest unit above where somebody does.
fn holders(around: &Surroundings, function: &str, unit: Id, now: Moment) -> Vec<String> {
    let mut at = Some(unit);
    while let Some(here) = at {
        let mut names: Vec<&str> = around
            .picture
            .people
            .values()
            .filter(|person| person.active)
            .filter(|person| {
                person.held.iter().any(|held| {
                    held.function == function && held.unit == here && held.since <= now && now < held.until
                })
            })
            .map(|person| person.name.as_str())
            .collect();
        if !names.is_empty() {
            names.sort_unstable();
            return names.into_iter().map(str::to_owned).collect();
        }
        at = around.picture.units.get(&here).and_then(|unit| unit.parent);
    }
    Vec::new()
}

/// What each function owes in a month, within the caller's reach.
#[utoipa::path(get, path = "/api/obligations", tag = "reports", params(MonthAsked),
    responses((status = 200, body = Month), Problem))]
pub async fn obligations(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(asked): Params<MonthAsked>,
) -> Answer<Json<Month>> {
    let (store, around) = (&app.centre.store, app.centre.surroundings());
    let now = Moment::from_millis(store.now());
    let fallback = &around.picture.fallback;
    let this = fallback.date_of(now).strftime("%Y-%m").to_string();
    let month = asked.month.filter(|text| !text.is_empty()).unwrap_or(this);
    let first = first_day(&month).ok_or_else(|| {
        Problem::malformed(
            format!("“{month}”不是月份。请写成2026-11这样。"),
            format!("\"{month}\" is not a month. Write it as 2026-11."),
        )
    })?;
    let last = first.last_of_month();
    let next = last.tomorrow().unwrap_or(last);
    let (mut duties, mut closed_days) = (Vec::new(), None);
    let from = fallback.start_of_day(first);
    let to = fallback.start_of_day(next);
    let found = opened(store, from.plus(-LONGEST_TURN_MS), to).await?;
    for in_force in around.packs.in_force() {
        let Some(pack) = around.packs.by_hash(&in_force.hash) else {
            continue;
        };
        if pack.obligations.is_empty() || !around.picture.reaches(&caller.actor, in_force.unit) {
            continue;
        }
        let calendar = around.picture.calendar(&pack, Some(in_force.unit));
        closed_days.get_or_insert_with(|| {
            std::iter::successors(Some(first), |day| day.tomorrow().ok())
                .take_while(|day| *day <= last)
                .filter(|day| !calendar.is_workday(*day))
                .map(Date::day)
                .collect::<Vec<_>>()
        });
        let (from, to) = (calendar.start_of_day(first), calendar.start_of_day(next));
        let anchor = pack.effective.unwrap_or_else(|| calendar.date_of(in_force.since));
        for obligation in &pack.obligations {
            let turns_from = in_force.since.max(from.plus(-LONGEST_TURN_MS));
            let mut turn = calendar.turn_at(
                &obligation.every,
                &obligation.due,
                &obligation.day,
                anchor,
                turns_from,
            );
            let mut turns = Vec::new();
            while turn.from < to && turns.len() < MOST {
                if turn.due >= from && turn.due <= to {
                    let key = format!(
                        "obligation:{}:{}:{}:{}",
                        pack.name, obligation.key, in_force.unit, turn.key
                    );
                    // A due time at midnight belongs to the day that ends with it.
                    let day = calendar.date_of(turn.due.plus(-1)).day();
                    turns.push(turn_view(
                        &turn,
                        day,
                        found.get(&key),
                        own_clock(&pack, obligation),
                        now,
                    ));
                }
                turn = calendar.next_turn(&obligation.every, &obligation.due, &obligation.day, anchor, &turn);
            }
            let language = caller.language;
            duties.push(Duty {
                pack: pack.name.to_string(),
                key: obligation.key.clone(),
                title: language.say(&obligation.title),
                clause: clause_tag(&around.packs, &obligation.clause, language),
                function: obligation.function.clone(),
                function_title: pack.functions.get(&obligation.function).map_or_else(
                    || obligation.function.clone(),
                    |function| language.say(&function.title),
                ),
                holders: holders(&around, &obligation.function, in_force.unit, now),
                unit: in_force.unit.to_string(),
                unit_name: around.picture.unit_name(in_force.unit).to_owned(),
                every: obligation.every.label(language.calendar()),
                due: obligation.due.label(language.calendar()),
                turns,
            });
        }
    }
    duties.sort_by(|a, b| (&a.unit, &a.function, &a.title).cmp(&(&b.unit, &b.function, &b.title)));
    Ok(Json(Month {
        today: fallback.date_of(now).to_string(),
        month,
        closed_days: closed_days.unwrap_or_default(),
        duties,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(due: i64) -> Turn {
        Turn {
            key: "2026-11".to_owned(),
            from: Moment::from_millis(0),
            to: Moment::from_millis(due),
            due: Moment::from_millis(due),
            provisional: false,
        }
    }

    fn case(ended: Option<i64>, clocks: &[(&str, &str, Option<i64>)]) -> Opened {
        Opened {
            case: Id(7),
            number: "ZZ1".to_owned(),
            ended,
            clocks: clocks
                .iter()
                .map(|(key, state, ended)| ((*key).to_owned(), (*state).to_owned(), *ended))
                .collect(),
        }
    }

    fn state(found: Option<Opened>, now: i64) -> String {
        turn_view(
            &turn(100),
            3,
            found.as_ref(),
            Some("due"),
            Moment::from_millis(now),
        )
        .state
    }

    #[test]
    fn gen_15_a_turn_is_pending_running_late_or_done() {
        assert_eq!(state(None, 50), "pending");
        assert_eq!(state(None, 101), "overdue");
        assert_eq!(state(Some(case(None, &[])), 50), "running");
        assert_eq!(state(Some(case(None, &[])), 101), "overdue");
        assert_eq!(state(Some(case(Some(100), &[])), 500), "kept");
        assert_eq!(state(Some(case(Some(101), &[])), 500), "kept_late");
    }

    #[test]
    fn gen_15_the_clock_of_the_turn_decides_not_the_end_of_its_case() {
        let found = case(
            Some(900),
            &[("due", "kept", Some(90)), ("filing", "kept_late", Some(900))],
        );
        assert_eq!(state(Some(found), 1_000), "kept");
        let running = case(None, &[("due", "kept", Some(90)), ("filing", "running", None)]);
        assert_eq!(state(Some(running), 95), "kept");
    }

    #[test]
    fn only_months_are_months() {
        assert!(first_day("2026-11").is_some());
        assert!(first_day("2026-13").is_none());
        assert!(first_day("2026-1").is_none());
        assert!(first_day("2026-11-05").is_none());
    }
}
