//! What a supervisor looks at first: what is late, due soon, under supervision or without a handler, which questions wait
//! for an answer, and how much each department and person carries.
//!
//! Reads only, within the person's reach; one statement for each part. Never decides what is late: it compares due times,
//! as every list does.

use regulation::Id;
use serde::{Deserialize, Serialize};
use store::{Store, StoreError, Value};
use utoipa::ToSchema;

use super::query::{CaseLine, Cursor, Lines, case_lines, lines};
use crate::centre::Surroundings;
use crate::http::Language;
use crate::http::wire::{ClauseTag, clause_tag};

/// What is due within this time is due soon.
pub const SOON_MS: i64 = 2 * 3_600_000;

/// How a case stands: a column of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Its nearest clock has passed.
    Late,
    /// Its nearest clock ends within two hours.
    Soon,
    /// Under a manager's watch.
    Supervised,
    /// Nobody works on it yet.
    Unassigned,
}

/// What restricts the board.
#[derive(Clone, Debug, Default)]
pub struct Restricted {
    /// Only this unit and what lies below it.
    pub unit: Option<Id>,
    /// Only this procedure.
    pub procedure: String,
}

// $1 person, $2 now, $3 and $4 the place reached, $5 how many, $6 unit or 0, $7 procedure or '', $8 due soon until
macro_rules! column {
    ($which:literal) => {
        case_lines!(
            "WHERE c.ended IS NULL AND (c.due, c.id) > ($3, $4) \
             AND (c.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
               OR c.owning_unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2)) \
             AND (CAST($6 AS BIGINT) = 0 OR c.unit IN (WITH RECURSIVE below (id) AS (SELECT id FROM units WHERE id = $6 \
               UNION SELECT u.id FROM units u JOIN below b ON u.parent = b.id) SELECT id FROM below)) \
             AND (CAST($7 AS TEXT) = '' OR c.procedure = $7) AND (CAST($8 AS BIGINT) = 0 OR ",
            $which,
            ") ORDER BY c.due, c.id LIMIT $5"
        )
    };
}
const LATE: &str = column!("c.due <= $2");
const SOON: &str = column!("(c.due > $2 AND c.due <= $8)");
const SUPERVISED: &str = column!("c.supervised <> 0");
const UNASSIGNED: &str = column!("c.handler IS NULL");
// $1 person, $2 now, $3 unit or 0, $4 procedure or '', $5 due soon until
const LOADS: &str = "SELECT c.unit, c.handler, COUNT(*), \
     CAST(SUM(CASE WHEN c.due <= $2 THEN 1 ELSE 0 END) AS BIGINT), \
     CAST(SUM(CASE WHEN c.due > $2 AND c.due <= $5 THEN 1 ELSE 0 END) AS BIGINT), \
     CAST(SUM(CASE WHEN c.supervised <> 0 THEN 1 ELSE 0 END) AS BIGINT) FROM cases c WHERE c.ended IS NULL \
     AND (c.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
       OR c.owning_unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2)) \
     AND (CAST($3 AS BIGINT) = 0 OR c.unit IN (WITH RECURSIVE below (id) AS (SELECT id FROM units WHERE id = $3 \
       UNION SELECT u.id FROM units u JOIN below b ON u.parent = b.id) SELECT id FROM below)) \
     AND (CAST($4 AS TEXT) = '' OR c.procedure = $4) GROUP BY c.unit, c.handler";
// $1 person, $2 now, $3 and $4 the place reached, $5 how many. Only those that the person may answer.
const QUESTIONS: &str = case_lines!(
    "JOIN (SELECT DISTINCT q.case_id, q.no, q.question, q.raised FROM questions_asked q \
       JOIN scopes p ON p.person = $1 AND p.unit = q.unit AND p.function = q.function AND p.since <= $2 AND p.until > $2) a \
     ON a.case_id = c.id WHERE c.ended IS NULL AND (c.due, c.id) > ($3, $4) ORDER BY c.due, c.id LIMIT $5"
);
const ASKED: &str = "SELECT q.case_id, q.no, q.question, q.raised, c.pack_hash, c.procedure FROM questions_asked q \
     JOIN cases c ON c.id = q.case_id AND c.ended IS NULL \
     JOIN scopes p ON p.person = $1 AND p.unit = q.unit AND p.function = q.function AND p.since <= $2 AND p.until > $2 \
     GROUP BY q.case_id, q.no, q.question, q.raised, c.pack_hash, c.procedure ORDER BY q.raised, q.case_id LIMIT 200";

/// One page of a column, nearest due time first: from where, and how many.
pub async fn column(
    store: &Store,
    around: &Surroundings,
    person: Id,
    column: Standing,
    restricted: &Restricted,
    (cursor, limit): (Cursor, i64),
    language: Language,
) -> Result<Lines, StoreError> {
    let sql = match column {
        Standing::Late => LATE,
        Standing::Soon => SOON,
        Standing::Supervised => SUPERVISED,
        Standing::Unassigned => UNASSIGNED,
    };
    let now = store.now();
    let params: [Value; 8] = [
        person.0.into(),
        now.into(),
        cursor.0.into(),
        cursor.1.into(),
        (limit + 1).into(),
        restricted.unit.map_or(0, |unit| unit.0).into(),
        restricted.procedure.as_str().into(),
        (now + SOON_MS).into(),
    ];
    let rows = store.query(sql, &params).await?;
    lines(around, rows, limit, false, now, language)
}

/// How much is open somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Load {
    /// Open cases.
    pub open: i64,
    /// Of them late.
    pub late: i64,
    /// Of them due soon.
    pub soon: i64,
    /// Of them under supervision.
    pub supervised: i64,
    /// Of them without a handler.
    pub unassigned: i64,
}

impl Load {
    fn add(&mut self, other: Load) {
        self.open += other.open;
        self.late += other.late;
        self.soon += other.soon;
        self.supervised += other.supervised;
        self.unassigned += other.unassigned;
    }
}

/// What is open, by department and by handler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loads {
    /// Altogether.
    pub all: Load,
    /// By responsible unit, the most late first.
    pub units: Vec<(Id, Load)>,
    /// By handler, the most late first.
    pub people: Vec<(Id, Load)>,
}

/// Sums up rows of unit, handler and load.
fn summed(rows: impl IntoIterator<Item = (Id, Option<Id>, Load)>) -> Loads {
    let mut loads = Loads::default();
    for (unit, handler, load) in rows {
        loads.all.add(load);
        put(&mut loads.units, unit, load);
        if let Some(handler) = handler {
            put(&mut loads.people, handler, load);
        }
    }
    for list in [&mut loads.units, &mut loads.people] {
        list.sort_by_key(|(id, load)| (-load.late, -load.open, *id));
    }
    loads
}

fn put(list: &mut Vec<(Id, Load)>, id: Id, load: Load) {
    match list.iter_mut().find(|(known, _)| *known == id) {
        Some((_, sum)) => sum.add(load),
        None => list.push((id, load)),
    }
}

/// What is open within a person's reach.
pub async fn loads(store: &Store, person: Id, restricted: &Restricted) -> Result<Loads, StoreError> {
    let now = store.now();
    let params: [Value; 5] = [
        person.0.into(),
        now.into(),
        restricted.unit.map_or(0, |unit| unit.0).into(),
        restricted.procedure.as_str().into(),
        (now + SOON_MS).into(),
    ];
    let mut rows = Vec::new();
    for row in store.query(LOADS, &params).await? {
        let handler = row.opt_int(1)?.map(Id);
        let open = row.int(2)?;
        let load = Load {
            open,
            late: row.int(3)?,
            soon: row.int(4)?,
            supervised: row.int(5)?,
            unassigned: if handler.is_none() { open } else { 0 },
        };
        rows.push((Id(row.int(0)?), handler, load));
    }
    Ok(summed(rows))
}

/// A question that waits for this person's answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Waiting {
    /// The case it is about.
    pub case: CaseLine,
    /// Its number in the case.
    pub no: u32,
    /// What is asked.
    pub title: String,
    /// The clause behind it; none for a question about who answers for a delay.
    pub clause: Option<ClauseTag>,
    /// When it was raised.
    pub raised_at: String,
}

/// The questions that wait for this person, the oldest first, at most two hundred.
pub async fn questions(
    store: &Store,
    around: &Surroundings,
    person: Id,
    language: Language,
) -> Result<Vec<Waiting>, StoreError> {
    let now = store.now();
    let asked = store.query(ASKED, &[person.0.into(), now.into()]).await?;
    let params = [
        person.0.into(),
        now.into(),
        Cursor::START.0.into(),
        Cursor::START.1.into(),
        400.into(),
    ];
    let rows = store.query(QUESTIONS, &params).await?;
    let (cases, _) = lines(around, rows, 399, false, now, language)?;
    let mut waiting = Vec::with_capacity(asked.len());
    for row in asked {
        let id = row.int(0)?.to_string();
        let Some(case) = cases.iter().find(|case| case.id == id) else {
            continue;
        };
        let key = row.text(2)?;
        let pack = around.packs.by_hash(row.text(4)?);
        let procedure = pack
            .as_ref()
            .and_then(|pack| pack.procedure(row.text(5).unwrap_or_default()));
        let stated =
            procedure.and_then(|procedure| procedure.questions.iter().find(|question| question.key == key));
        waiting.push(Waiting {
            case: case.clone(),
            no: u32::try_from(row.int(1)?).unwrap_or_default(),
            title: stated.map_or_else(
                || {
                    language
                        .pick("延误由谁负责，请核定", "Who answers for the delay?")
                        .to_owned()
                },
                |question| language.say(&question.title),
            ),
            clause: stated.map(|question| clause_tag(&around.packs, &question.clause, language)),
            raised_at: calendar::Moment::from_millis(row.int(3)?).to_string(),
        });
    }
    Ok(waiting)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(open: i64, late: i64) -> Load {
        Load {
            open,
            late,
            ..Load::default()
        }
    }

    #[test]
    fn loads_are_summed_by_unit_and_handler_and_the_most_late_come_first() {
        let loads = summed([
            (Id(1), Some(Id(10)), load(3, 0)),
            (Id(2), Some(Id(10)), load(2, 1)),
            (Id(2), None, load(5, 2)),
        ]);
        assert_eq!(loads.all, load(10, 3));
        assert_eq!(loads.units, [(Id(2), load(7, 3)), (Id(1), load(3, 0))]);
        assert_eq!(loads.people, [(Id(10), load(5, 1))]);
    }
}
