//! The work itself.

use calendar::Moment;
use regulation::case::ApprovalStatus;
use regulation::decide::Mode;
use regulation::{Case, Command, FieldValue, Fields, Id};
use store::{Batch, Store, StoreError};

use crate::access_log::Access;
use crate::app::App;
use crate::cases::shell::{Order, ShellError};
use crate::http::wire::refusal_said;
use crate::http::{Answer, Problem};
use crate::organisation::administration::record_of;
use crate::organisation::separation::administers;
use crate::organisation::{Held, Person, PersonRecord, Terms, set_person_under};
use crate::session::Caller;
use crate::tokens;

/// How many cases one request goes through.
const PORTION: i64 = 200;

const BEGIN: &str = "INSERT INTO hand_overs (id, leaver, successor, made_by, reason, with_functions, begun) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
// What the leaver handles, follows or is to sign; taken in again before the end, for what came meanwhile.
const TAKE_IN: &str = "INSERT INTO hand_over_cases (hand_over, case_id, state, said_zh, said_en) \
     SELECT CAST($1 AS BIGINT), c.id, 'waiting', '', '' FROM cases c WHERE c.ended IS NULL AND (c.handler = $2 \
       OR c.first_contact_owner = $2 OR c.id IN (SELECT case_id FROM signatures_asked WHERE person = $2)) \
     ON CONFLICT (hand_over, case_id) DO NOTHING";
const LOAD: &str =
    "SELECT leaver, successor, reason, with_functions, begun, ended, made_by FROM hand_overs WHERE id = $1";
const OPEN: &str = "SELECT id FROM hand_overs WHERE leaver = $1 AND ended IS NULL LIMIT 1";
const WAITING: &str = "SELECT case_id FROM hand_over_cases WHERE hand_over = $1 AND state = 'waiting' ORDER BY case_id LIMIT $2";
const SETTLE: &str =
    "UPDATE hand_over_cases SET state = $3, said_zh = $4, said_en = $5 WHERE hand_over = $1 AND case_id = $2";
const END: &str = "UPDATE hand_overs SET ended = $2 WHERE id = $1 AND ended IS NULL";

/// One handing over.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Its number.
    pub id: Id,
    /// Who leaves.
    pub leaver: Id,
    /// Who takes over.
    pub successor: Id,
    /// Why.
    pub reason: String,
    /// Whether the leaver's functions go to the successor.
    pub with_functions: bool,
    /// Who began it.
    pub made_by: Id,
    /// When it began.
    pub begun: Moment,
    /// When it was finished.
    pub ended: Option<Moment>,
}

/// One handing over by its number.
pub async fn load(store: &Store, id: Id) -> Result<Option<HandOver>, StoreError> {
    let rows = store.query(LOAD, &[id.0.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(HandOver {
        id,
        leaver: Id(row.int(0)?),
        successor: Id(row.int(1)?),
        reason: row.text(2)?.to_owned(),
        with_functions: row.flag(3)?,
        begun: Moment::from_millis(row.int(4)?),
        ended: row.opt_int(5)?.map(Moment::from_millis),
        made_by: Id(row.int(6)?),
    }))
}

/// Begins one: the list of cases stands from now on. One that is open already for this leaver goes on instead.
pub async fn begin(app: &App, new: HandOver, access: Access<'_>) -> Answer<Id> {
    let store = &app.centre.store;
    if let Some(row) = store.query(OPEN, &[new.leaver.0.into()]).await?.first() {
        return Err(Problem::conflict(
            "open",
            format!("这个人的移交已经开始（编号{}），请继续办理。", row.int(0)?),
            format!(
                "A handing over of this person has begun (number {}): go on with that.",
                row.int(0)?
            ),
        ));
    }
    let mut batch = Batch::new();
    batch.statement(
        BEGIN,
        vec![
            new.id.0.into(),
            new.leaver.0.into(),
            new.successor.0.into(),
            new.made_by.0.into(),
            new.reason.as_str().into(),
            new.with_functions.into(),
            new.begun.as_millis().into(),
        ],
    );
    batch.statement(TAKE_IN, vec![new.id.0.into(), new.leaver.0.into()]);
    access.record_with(store, &mut batch);
    store.commit(batch).await?;
    Ok(new.id)
}

/// Goes through the next portion of cases; after the last one the leaver goes.
pub async fn go_on(app: &App, caller: &Caller, work: &HandOver) -> Answer<()> {
    let store = &app.centre.store;
    if work.ended.is_some() {
        return Ok(());
    }
    if work.with_functions {
        pass_functions(app, caller, work).await?;
    }
    for row in store.query(WAITING, &[work.id.0.into(), PORTION.into()]).await? {
        let case = Id(row.int(0)?);
        let (state, zh, en) = match pass_case(app, caller, work, case).await {
            Ok(()) => ("done", String::new(), String::new()),
            Err(ShellError::Refused(refusal)) => {
                let said = refusal_said(&refusal);
                ("refused", said.zh, said.en)
            }
            // Somebody is at work on it: it waits for the next turn.
            Err(ShellError::Busy) => continue,
            Err(error) => return Err(error.into()),
        };
        let params = [
            work.id.0.into(),
            case.0.into(),
            state.into(),
            zh.into(),
            en.into(),
        ];
        store.execute(SETTLE, &params).await?;
    }
    store
        .execute(TAKE_IN, &[work.id.0.into(), work.leaver.0.into()])
        .await?;
    if store
        .query(WAITING, &[work.id.0.into(), 1.into()])
        .await?
        .is_empty()
    {
        leave(app, caller, work).await?;
    }
    Ok(())
}

/// What a case still needs so that nothing of it hangs on the leaver.
fn still_needed(case: &Case, work: &HandOver) -> Vec<(&'static str, Command)> {
    let mut needed = Vec::new();
    if case.ended.is_some() {
        return needed;
    }
    let act = |action: &str, who: &str, why: Option<&str>| {
        let mut input = Fields::new();
        input.insert(who.to_owned(), FieldValue::from(work.successor));
        if let Some(why) = why {
            input.insert(why.to_owned(), FieldValue::Text(work.reason.clone()));
        }
        Command::Act {
            action: action.to_owned(),
            input,
            seen: None,
        }
    };
    if case.first_contact_owner == Some(work.leaver) {
        needed.push(("owner", act("hand_over", "new_owner", Some("hand_over_reason"))));
    }
    if case.handler == Some(work.leaver) {
        needed.push(("handler", act("assign_handler", "assigned_handler", None)));
    }
    for approval in case
        .approvals
        .iter()
        .filter(|one| one.status == ApprovalStatus::Asked)
    {
        for ((_, slots), step) in approval.steps.iter().zip(0_u32..) {
            for (slot, place) in slots.iter().zip(0_u32..) {
                let signed = approval
                    .signatures
                    .iter()
                    .any(|given| (given.step, given.slot) == (step, place));
                if slot.person == Some(work.leaver) && !signed {
                    let command = Command::ReplaceSigner {
                        approval: approval.no,
                        step,
                        slot: place,
                        person: work.successor,
                        reason: work.reason.clone(),
                    };
                    needed.push(("signer", command));
                }
            }
        }
    }
    needed
}

async fn pass_case(app: &App, caller: &Caller, work: &HandOver, case: Id) -> Result<(), ShellError> {
    let (state, _) = app.centre.case(case).await?;
    for (_, command) in still_needed(&state, work) {
        let order = Order {
            case: Some(case),
            command,
            actor: &caller.actor,
            at: None,
            mode: Mode::Live,
            pack: None,
            idempotency: None,
        };
        app.centre.run(order).await?;
    }
    Ok(())
}

/// Functions that go to the successor: those held now of one's own, administrations never.
fn passed_on(leaver: &Person, successor: &Person, now: Moment) -> Vec<Held> {
    let held = |held: &&Held| {
        held.since <= now && now < held.until && held.on_behalf_of.is_none() && !administers(&held.function)
    };
    let has = |wanted: &Held| {
        successor.held.iter().any(|has| {
            has.function == wanted.function
                && has.unit == wanted.unit
                && has.on_behalf_of.is_none()
                && has.since <= now
                && has.until >= wanted.until
        })
    };
    leaver
        .held
        .iter()
        .filter(held)
        .filter(|wanted| !has(wanted))
        .map(|wanted| Held {
            since: now,
            ..wanted.clone()
        })
        .collect()
}

async fn pass_functions(app: &App, caller: &Caller, work: &HandOver) -> Answer<()> {
    let picture = app.centre.surroundings().picture;
    let (Some(leaver), Some(successor)) = (
        picture.people.get(&work.leaver),
        picture.people.get(&work.successor),
    ) else {
        return Err(Problem::not_found("这个人", "person"));
    };
    let more = passed_on(leaver, successor, caller.now(app));
    if more.is_empty() {
        return Ok(());
    }
    let detail: Vec<String> = more
        .iter()
        .map(|held| format!("{}@{}", held.function, held.unit))
        .collect();
    let mut wanted = record_of(successor);
    wanted.held.extend(more);
    set(
        app,
        caller,
        work.successor,
        &wanted,
        "function_granted",
        &detail.join(" "),
    )
    .await
}

async fn set(
    app: &App,
    caller: &Caller,
    person: Id,
    wanted: &PersonRecord,
    deed: &str,
    detail: &str,
) -> Answer<()> {
    let subject = format!("person:{person}");
    let mut access = caller.access(deed, &subject);
    access.detail = Some(detail);
    let terms = Terms {
        seen: None,
        access: Some(access),
    };
    set_person_under(
        &app.centre.store,
        Some(caller.person),
        Some(person),
        wanted,
        &terms,
    )
    .await?;
    app.centre.refresh().await?;
    Ok(())
}

/// The record of someone who has left: nothing is held any more, what had not begun never begins.
pub fn left(person: &Person, now: Moment) -> PersonRecord {
    let mut record = record_of(person);
    record.active = false;
    record.held.retain(|held| held.since < now);
    for held in &mut record.held {
        held.until = held.until.min(now);
    }
    record
}

async fn leave(app: &App, caller: &Caller, work: &HandOver) -> Answer<()> {
    let now = caller.now(app);
    let picture = app.centre.surroundings().picture;
    let leaver = picture.people.get(&work.leaver);
    let leaver = leaver.ok_or_else(|| Problem::not_found("这个人", "person"))?;
    let stands_in = |held: &Held| held.on_behalf_of == Some(work.leaver) && now < held.until;
    for deputy in picture
        .people
        .values()
        .filter(|person| person.held.iter().any(stands_in))
    {
        let mut wanted = record_of(deputy);
        wanted.held.retain(|held| !stands_in(held) || held.since < now);
        for held in wanted.held.iter_mut().filter(|held| stands_in(held)) {
            held.until = now;
        }
        set(
            app,
            caller,
            deputy.id,
            &wanted,
            "function_ended",
            "deputy of a leaver",
        )
        .await?;
    }
    set(
        app,
        caller,
        work.leaver,
        &left(leaver, now),
        "person_left",
        &work.reason,
    )
    .await?;
    let store = &app.centre.store;
    app.sessions.end_others(store, work.leaver, None).await?;
    tokens::revoke_all(store, work.leaver).await?;
    store
        .execute(END, &[work.id.0.into(), now.as_millis().into()])
        .await?;
    Ok(())
}
