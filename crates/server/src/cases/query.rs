//! Lists of cases: what the queue, the call-back list and every figure's drill-down read. One query each, keyset
//! paged by the nearest due time.

use std::collections::HashMap;

use calendar::Moment;
use regulation::{ClockState, Id};
use serde::{Deserialize, Serialize};
use store::{Answer, Store, StoreError, Value};
use utoipa::ToSchema;

use super::board::{SOON_MS, Standing};
use crate::centre::Surroundings;
use crate::http::wire::{ClauseTag, clause_tag, stage_title};
use crate::http::{Language, Problem};

/// A case in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseLine {
    /// Id.
    pub id: String,
    /// Number.
    pub number: String,
    /// Its pack.
    pub pack: String,
    /// Its procedure's key.
    pub procedure: String,
    /// Its procedure.
    pub procedure_title: String,
    /// What it is about.
    pub subject: String,
    /// The stage's key.
    pub stage: String,
    /// The stage.
    pub stage_title: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// When the contact reached us.
    pub received_at: String,
    /// On which channel.
    pub channel: String,
    /// Responsible unit.
    pub unit: String,
    /// Its name.
    pub unit_name: String,
    /// Who works on it.
    pub handler: Option<String>,
    /// Name.
    pub handler_name: Option<String>,
    /// Who took the first contact.
    pub first_contact_owner: Option<String>,
    /// Name.
    pub first_contact_owner_name: Option<String>,
    /// Customer.
    pub customer: Option<String>,
    /// Name.
    pub customer_name: Option<String>,
    /// Under a manager's watch.
    pub supervised: bool,
    /// How often the customer pressed.
    pub urged: i64,
    /// Round.
    pub round: i64,
    /// Version, to be sent back with an action as `seen`.
    pub version: i64,
    /// The clock due next.
    pub nearest: Option<NearestClock>,
    /// States of its clocks in order.
    pub track: Vec<String>,
}

/// The clock due next.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NearestClock {
    /// The deadline's key.
    pub deadline: String,
    /// Its name.
    pub title: String,
    /// The clause.
    pub clause: ClauseTag,
    /// `running`, `soon` or `overdue`.
    pub state: String,
    /// When it began.
    pub started_at: String,
    /// When it is due.
    pub due_at: String,
    /// From when it counts as due soon.
    pub soon_at: String,
}

/// The one `SELECT` of a case in a list, with what restricts and orders it.
macro_rules! line {
    ($($rest:literal),+ $(,)?) => {
        concat!(
            "SELECT c.id, c.number, c.pack, c.pack_hash, c.procedure, c.subject, c.stage, c.ended, c.received, c.channel, \
             c.unit, c.handler, c.first_contact_owner, c.customer, m.name, c.supervised, c.urged, c.round, c.version, \
             c.track, c.due, k.deadline, k.clause_pack, k.clause, k.state, k.start FROM cases c \
             LEFT JOIN customers m ON m.id = c.customer \
             LEFT JOIN clocks k ON k.case_id = c.id AND k.no = c.due_clock ",
            $($rest),+
        )
    };
}

pub(super) use line as case_lines;

// $1 person, $2 now, $3 and $4 the place reached, $5 how many
const MINE: &str = line!(
    "WHERE c.ended IS NULL AND (c.due, c.id) > ($3, $4) AND (c.handler = $1 \
     OR (c.handler IS NULL AND c.unit IN (SELECT unit FROM holdings WHERE person = $1 AND since <= $2 AND until > $2 \
       AND function NOT IN ('system_admin', 'security_admin', 'audit_admin'))) \
     OR c.id IN (SELECT s.case_id FROM signatures_asked s JOIN cases o ON o.id = s.case_id \
        JOIN scopes p ON p.person = $1 AND (p.unit = s.unit OR p.unit = o.owning_unit) AND p.function = s.function AND p.since <= $2 AND p.until > $2 \
        UNION SELECT s.case_id FROM signatures_asked s WHERE s.person = $1 \
        UNION SELECT q.case_id FROM questions_asked q JOIN scopes p ON p.person = $1 AND p.unit = q.unit \
        AND p.function = q.function AND p.since <= $2 AND p.until > $2)) \
     ORDER BY c.due, c.id LIMIT $5"
);
const MINE_COUNT: &str = "SELECT COUNT(*) FROM (SELECT c.id FROM cases c \
     WHERE c.ended IS NULL AND (c.handler = $1 \
     OR (c.handler IS NULL AND c.unit IN (SELECT unit FROM holdings WHERE person = $1 AND since <= $2 AND until > $2 \
       AND function NOT IN ('system_admin', 'security_admin', 'audit_admin'))) \
     OR c.id IN (SELECT s.case_id FROM signatures_asked s JOIN cases o ON o.id = s.case_id \
        JOIN scopes p ON p.person = $1 AND (p.unit = s.unit OR p.unit = o.owning_unit) AND p.function = s.function AND p.since <= $2 AND p.until > $2 \
        UNION SELECT s.case_id FROM signatures_asked s WHERE s.person = $1 \
        UNION SELECT q.case_id FROM questions_asked q JOIN scopes p ON p.person = $1 AND p.unit = q.unit \
        AND p.function = q.function AND p.since <= $2 AND p.until > $2)) LIMIT 10001) counted";
const FIRST_CONTACT: &str = line!(
    "WHERE c.ended IS NULL AND c.first_contact_owner = $1 AND CAST($2 AS BIGINT) > 0 AND (c.due, c.id) > ($3, $4) \
     ORDER BY c.due, c.id LIMIT $5"
);
const FIRST_CONTACT_COUNT: &str = "SELECT COUNT(*) FROM (SELECT id FROM cases \
     WHERE ended IS NULL AND first_contact_owner = $1 AND CAST($2 AS BIGINT) > 0 LIMIT 10001) counted";
const DONE: &str = line!(
    "WHERE c.ended IS NOT NULL AND (c.handler = $1 OR c.first_contact_owner = $1) AND CAST($2 AS BIGINT) > 0 \
     AND (-c.ended, c.id) > ($3, $4) ORDER BY -c.ended, c.id LIMIT $5"
);
const DONE_COUNT: &str = "SELECT COUNT(*) FROM (SELECT id FROM cases WHERE ended IS NOT NULL \
     AND (handler = $1 OR first_contact_owner = $1) AND CAST($2 AS BIGINT) > 0 LIMIT 10001) counted";
// Every case within reach; $6 0 all · 1 open · 2 ended, $7 procedure or '', $8 unit or 0, $9 text or '',
// $10 0 any · 1 late · 2 due soon · 3 supervised · 4 without a handler, $11 due soon until
const ALL: &str = line!(
    "WHERE (c.due, c.id) > ($3, $4) AND (c.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 \
     AND until > $2) OR c.owning_unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
     OR c.handler = $1 OR c.first_contact_owner = $1) \
     AND (CAST($6 AS BIGINT) = 0 OR (CAST($6 AS BIGINT) = 1 AND c.ended IS NULL) \
       OR (CAST($6 AS BIGINT) = 2 AND c.ended IS NOT NULL)) \
     AND (CAST($7 AS TEXT) = '' OR c.procedure = $7) AND (CAST($8 AS BIGINT) = 0 OR c.unit = $8) \
     AND (CAST($9 AS TEXT) = '' OR LOWER(c.number) LIKE $9 OR LOWER(c.subject) LIKE $9 OR LOWER(m.name) LIKE $9) \
     AND (CAST($10 AS BIGINT) = 0 OR ($10 = 1 AND c.due <= $2) OR ($10 = 2 AND c.due > $2 AND c.due <= $11) \
       OR ($10 = 3 AND c.supervised <> 0) OR ($10 = 4 AND c.handler IS NULL)) \
     ORDER BY c.due, c.id LIMIT $5"
);
const CALL_BACKS: &str = line!(
    "JOIN clocks b ON b.case_id = c.id AND b.deadline = 'call_back' AND b.ended IS NULL \
     WHERE (b.due, c.id) > ($3, $4) AND (c.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 \
     AND until > $2) OR c.owning_unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
     OR c.first_contact_owner = $1) ORDER BY b.due, c.id LIMIT $5"
);
const ONE: &str = line!("WHERE c.id = $1");
// $6 the customer; newest first
const OF_CUSTOMER: &str = line!(
    "WHERE c.customer = $6 AND (-c.received, c.id) > ($3, $4) AND (c.handler = $1 OR c.first_contact_owner = $1 \
     OR c.registrar = $1 OR c.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
     OR c.owning_unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2)) \
     ORDER BY -c.received, c.id LIMIT $5"
);

/// Which list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// To be done by the person: handled by them, waiting without a handler in a unit where they hold a function, to be
    /// signed or answered by them.
    #[default]
    Mine,
    /// Followed as first-contact owner.
    FirstContact,
    /// Ended ones of the person.
    Done,
}

/// How far a list was read: the sort value and id of its last row.
#[derive(Clone, Copy, Debug)]
pub struct Cursor(pub i64, pub i64);

impl Cursor {
    /// Before the first row.
    pub const START: Cursor = Cursor(i64::MIN, 0);

    /// The cursor that a client sent back.
    pub fn read(text: Option<&str>) -> Result<Cursor, Problem> {
        let Some(text) = text else {
            return Ok(Cursor::START);
        };
        let parts = text
            .split_once('_')
            .and_then(|(sort, id)| Some(Cursor(sort.parse().ok()?, id.parse().ok()?)));
        parts.ok_or_else(|| {
            Problem::malformed(
                "翻页标记after有误。请用上一页返回的next。",
                "The paging mark `after` is wrong. Use the `next` of the page before.",
            )
        })
    }

    /// As sent to a client.
    pub fn text(self) -> String {
        format!("{}_{}", self.0, self.1)
    }
}

/// One page: rows and where to go on.
pub type Lines = (Vec<CaseLine>, Option<String>);

/// A person's list.
pub async fn tab(
    store: &Store,
    around: &Surroundings,
    person: Id,
    tab: Tab,
    cursor: Cursor,
    limit: i64,
    language: Language,
) -> Result<Lines, StoreError> {
    let sql = match tab {
        Tab::Mine => MINE,
        Tab::FirstContact => FIRST_CONTACT,
        Tab::Done => DONE,
    };
    let now = store.now();
    let params = [
        person.0.into(),
        now.into(),
        cursor.0.into(),
        cursor.1.into(),
        (limit + 1).into(),
    ];
    let rows = store.query(sql, &params).await?;
    lines(around, rows, limit, tab == Tab::Done, now, language)
}

/// How many rows a person's list has, exact to 10,000.
pub async fn count(store: &Store, person: Id, tab: Tab) -> Result<i64, StoreError> {
    let sql = match tab {
        Tab::Mine => MINE_COUNT,
        Tab::FirstContact => FIRST_CONTACT_COUNT,
        Tab::Done => DONE_COUNT,
    };
    let rows = store.query(sql, &[person.0.into(), store.now().into()]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// What restricts the list of all cases.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only open ones, only ended ones, or all.
    pub open: Option<bool>,
    /// Only of this procedure.
    pub procedure: String,
    /// Only of this unit.
    pub unit: Option<Id>,
    /// In number, subject or customer's name.
    pub text: String,
    /// Only those that stand so.
    pub standing: Option<Standing>,
}

/// All cases within a person's reach.
pub async fn all(
    store: &Store,
    around: &Surroundings,
    person: Id,
    filter: &Filter,
    cursor: Cursor,
    limit: i64,
    language: Language,
) -> Result<Lines, StoreError> {
    let now = store.now();
    let open: i64 = match filter.open {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    };
    // The wildcard characters of LIKE are searched for as themselves nowhere else, so they are left out.
    let text: String = filter
        .text
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, '%' | '_'))
        .collect();
    let text = if text.is_empty() {
        String::new()
    } else {
        format!("%{text}%")
    };
    let params: Vec<Value> = vec![
        person.0.into(),
        now.into(),
        cursor.0.into(),
        cursor.1.into(),
        (limit + 1).into(),
        open.into(),
        filter.procedure.as_str().into(),
        filter.unit.map_or(0, |unit| unit.0).into(),
        text.into(),
        filter.standing.map_or(0, standing).into(),
        (now + SOON_MS).into(),
    ];
    let rows = store.query(ALL, &params).await?;
    lines(around, rows, limit, false, now, language)
}

/// The number that the statement of all cases knows a column of the board by.
fn standing(standing: Standing) -> i64 {
    match standing {
        Standing::Late => 1,
        Standing::Soon => 2,
        Standing::Supervised => 3,
        Standing::Unassigned => 4,
    }
}

/// Cases whose call-back is due.
pub async fn call_backs(
    store: &Store,
    around: &Surroundings,
    person: Id,
    cursor: Cursor,
    limit: i64,
    language: Language,
) -> Result<Lines, StoreError> {
    let now = store.now();
    let params = [
        person.0.into(),
        now.into(),
        cursor.0.into(),
        cursor.1.into(),
        (limit + 1).into(),
    ];
    let rows = store.query(CALL_BACKS, &params).await?;
    lines(around, rows, limit, false, now, language)
}

/// How many ids [`some`] takes at most.
pub const FIFTY: usize = 50;

/// Ids as the parameters of a statement with fifty of them; those left over are 0, which is no id.
pub fn fifty(ids: &[Id]) -> Vec<Value> {
    let all = ids.iter().map(|id| id.0).chain(std::iter::repeat(0));
    all.take(FIFTY).map(Value::from).collect()
}

const SOME: &str = line!(
    "WHERE c.id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
     $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, \
     $46, $47, $48, $49, $50)"
);

/// Up to fifty cases as lines, by id.
pub async fn some(
    store: &Store,
    around: &Surroundings,
    ids: &[Id],
    language: Language,
) -> Result<HashMap<Id, CaseLine>, StoreError> {
    let mut lines = HashMap::with_capacity(ids.len());
    if ids.is_empty() {
        return Ok(lines);
    }
    let now = store.now();
    for row in store.query(SOME, &fifty(ids)).await? {
        lines.insert(Id(row.int(0)?), line(around, &row, now, language)?);
    }
    Ok(lines)
}

/// A customer's cases within a person's reach, newest first.
pub async fn of_customer(
    store: &Store,
    around: &Surroundings,
    person: Id,
    customer: Id,
    cursor: Cursor,
    limit: i64,
    language: Language,
) -> Result<Lines, StoreError> {
    let now = store.now();
    let params = [
        person.0.into(),
        now.into(),
        cursor.0.into(),
        cursor.1.into(),
        (limit + 1).into(),
        customer.0.into(),
    ];
    let rows = store.query(OF_CUSTOMER, &params).await?;
    let next = next_by(&rows, limit, |row| Ok(Cursor(-row.int(8)?, row.int(0)?)))?;
    let (lines, _) = lines(around, rows, limit, false, now, language)?;
    Ok((lines, next))
}

/// Where a list goes on behind the page that these rows begin.
fn next_by(
    rows: &[Answer],
    limit: i64,
    cursor: impl Fn(&Answer) -> Result<Cursor, StoreError>,
) -> Result<Option<String>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return Ok(None);
    }
    let last = rows.get(limit.saturating_sub(1));
    last.map(|row| cursor(row).map(Cursor::text)).transpose()
}

/// One case as a line.
pub async fn one(
    store: &Store,
    around: &Surroundings,
    case: Id,
    language: Language,
) -> Result<Option<CaseLine>, StoreError> {
    let rows = store.query(ONE, &[case.0.into()]).await?;
    rows.first()
        .map(|row| line(around, row, store.now(), language))
        .transpose()
}

pub(super) fn lines(
    around: &Surroundings,
    mut rows: Vec<Answer>,
    limit: i64,
    by_end: bool,
    now: i64,
    language: Language,
) -> Result<Lines, StoreError> {
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = match rows.last().filter(|_| more) {
        Some(last) if by_end => Some(Cursor(-last.int(7)?, last.int(0)?).text()),
        Some(last) => Some(Cursor(last.int(20)?, last.int(0)?).text()),
        None => None,
    };
    let lines = rows
        .iter()
        .map(|row| line(around, row, now, language))
        .collect::<Result<_, _>>()?;
    Ok((lines, next))
}

fn line(around: &Surroundings, row: &Answer, now: i64, language: Language) -> Result<CaseLine, StoreError> {
    let pack = around.packs.by_hash(row.text(3)?);
    let procedure_key = row.text(4)?;
    let procedure = pack
        .as_ref()
        .and_then(|pack| pack.procedure(procedure_key))
        .map(|procedure| &**procedure);
    let stage = row.text(6)?;
    let time = |at: Option<i64>| at.map(|at| Moment::from_millis(at).to_string());
    let person = |id: Option<i64>| id.map(|id| id.to_string());
    let name = |id: Option<i64>| around.picture.person_name(id.map(Id)).map(str::to_owned);
    let unit = Id(row.int(10)?);
    let nearest = match row.opt_text(21)? {
        None => None,
        Some(deadline) => {
            let (due, start) = (row.int(20)?, row.int(25)?);
            let soon = start + (due - start) / 4 * 3;
            let state = match row.text(24)? {
                state if state == ClockState::Overdue.word() || due < now => "overdue",
                _ if soon <= now => "soon",
                _ => "running",
            };
            let title = procedure
                .and_then(|procedure| procedure.deadline(deadline))
                .map_or_else(|| deadline.to_owned(), |deadline| language.say(&deadline.title));
            let clause = regulation::model::ClauseRef {
                pack: row.text(22)?.into(),
                clause: row.text(23)?.into(),
            };
            Some(NearestClock {
                deadline: deadline.to_owned(),
                title,
                clause: clause_tag(&around.packs, &clause, language),
                state: state.to_owned(),
                started_at: Moment::from_millis(start).to_string(),
                due_at: Moment::from_millis(due).to_string(),
                soon_at: Moment::from_millis(soon).to_string(),
            })
        }
    };
    Ok(CaseLine {
        id: row.int(0)?.to_string(),
        number: row.text(1)?.to_owned(),
        pack: row.text(2)?.to_owned(),
        procedure: procedure_key.to_owned(),
        procedure_title: procedure.map_or_else(
            || procedure_key.to_owned(),
            |procedure| language.say(&procedure.title),
        ),
        subject: row.text(5)?.to_owned(),
        stage: stage.to_owned(),
        stage_title: stage_title(procedure, stage, language),
        ended_at: time(row.opt_int(7)?),
        received_at: Moment::from_millis(row.int(8)?).to_string(),
        channel: row.text(9)?.to_owned(),
        unit: unit.to_string(),
        unit_name: around.picture.unit_name(unit).to_owned(),
        handler: person(row.opt_int(11)?),
        handler_name: name(row.opt_int(11)?),
        first_contact_owner: person(row.opt_int(12)?),
        first_contact_owner_name: name(row.opt_int(12)?),
        customer: person(row.opt_int(13)?),
        customer_name: row.opt_text(14)?.map(str::to_owned),
        supervised: row.flag(15)?,
        urged: row.int(16)?,
        round: row.int(17)?,
        version: row.int(18)?,
        nearest,
        track: row
            .text(19)?
            .chars()
            .map(|letter| track_word(letter).to_owned())
            .collect(),
    })
}

fn track_word(letter: char) -> &'static str {
    match letter {
        'r' => "running",
        'p' => "paused",
        'l' => "overdue",
        'k' => "kept",
        'h' => "kept_late",
        'e' => "exempt",
        _ => "lapsed",
    }
}
