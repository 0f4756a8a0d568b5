//! `/api/cases`, `/api/queue`, `/api/call-backs`, `/api/intakes`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{ETAG, HeaderName, HeaderValue, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use calendar::Moment;
use regulation::decide::{Decision, Mode, Opened, Shown, form, shown as shown_fields};
use regulation::model::{Bound, Deadline, FieldKind, Procedure, Trigger};
use regulation::{Command, Fields, Id, Pack, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::{self, CaseLine, Cursor, Filter, Tab};
use super::rights;
use super::shell::{Order, ShellError};
use super::view::{CaseView, case_view, visible};
use crate::app::App;
use crate::centre::Surroundings;
use crate::http::problem::FieldSay;
use crate::http::wire::{
    ClauseTag, FieldView, Page, Paging, clause_tag, field_view, refusal_said, stage_title,
};
use crate::http::{Answer, Body, Language, Params, Problem, Route};
use crate::session::Caller;

/// Which list of the queue.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueParams {
    /// `mine`, `first_contact` or `done`.
    #[serde(default)]
    #[param(inline)]
    pub tab: Tab,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200.
    pub limit: Option<u32>,
}

/// The queue.
#[derive(Serialize, ToSchema)]
pub struct Queue {
    /// Rows.
    pub items: Vec<CaseLine>,
    /// Where to go on.
    pub next: Option<String>,
    /// How many each list has, exact to 10,000.
    pub counts: Counts,
}

/// How many each list has.
#[derive(Serialize, ToSchema)]
pub struct Counts {
    /// To be done.
    pub mine: i64,
    /// Followed as first-contact owner.
    pub first_contact: i64,
    /// Ended.
    pub done: i64,
}

/// The caller's queue, nearest deadline first.
#[utoipa::path(get, path = "/api/queue", tag = "cases", params(QueueParams),
    responses((status = 200, body = Queue), Problem))]
pub async fn queue(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<QueueParams>,
) -> Answer<Json<Queue>> {
    let around = app.centre.surroundings();
    let store = &app.centre.store;
    let paging = Paging {
        after: params.after,
        limit: params.limit,
    };
    let cursor = Cursor::read(paging.after.as_deref())?;
    let (items, next) = query::tab(
        store,
        &around,
        caller.person,
        params.tab,
        cursor,
        paging.rows(),
        caller.language,
    )
    .await?;
    let counts = Counts {
        mine: query::count(store, caller.person, Tab::Mine).await?,
        first_contact: query::count(store, caller.person, Tab::FirstContact).await?,
        done: query::count(store, caller.person, Tab::Done).await?,
    };
    Ok(Json(Queue { items, next, counts }))
}

/// What restricts the list of all cases.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CasesParams {
    /// Only open ones (`true`) or only ended ones (`false`).
    pub open: Option<bool>,
    /// Only of this procedure.
    pub procedure: Option<String>,
    /// Only of this unit.
    pub unit: Option<String>,
    /// In number, subject or customer's name.
    pub q: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200.
    pub limit: Option<u32>,
}

/// All cases within the caller's reach.
#[utoipa::path(get, path = "/api/cases", tag = "cases", params(CasesParams),
    responses((status = 200, body = Page<CaseLine>), Problem))]
pub async fn cases(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<CasesParams>,
) -> Answer<Json<Page<CaseLine>>> {
    let around = app.centre.surroundings();
    let unit = params
        .unit
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(|text| id("unit", text))
        .transpose()?;
    let filter = Filter {
        open: params.open,
        procedure: params.procedure.unwrap_or_default(),
        unit,
        text: params.q.unwrap_or_default(),
    };
    let paging = Paging {
        after: params.after,
        limit: params.limit,
    };
    let cursor = Cursor::read(paging.after.as_deref())?;
    let (items, next) = query::all(
        &app.centre.store,
        &around,
        caller.person,
        &filter,
        cursor,
        paging.rows(),
        caller.language,
    )
    .await?;
    Ok(Json(Page { items, next }))
}

/// Cases whose call-back is due.
#[utoipa::path(get, path = "/api/call-backs", tag = "cases", params(Paging),
    responses((status = 200, body = Page<CaseLine>), Problem))]
pub async fn call_backs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<CaseLine>>> {
    let around = app.centre.surroundings();
    let cursor = Cursor::read(paging.after.as_deref())?;
    let (items, next) = query::call_backs(
        &app.centre.store,
        &around,
        caller.person,
        cursor,
        paging.rows(),
        caller.language,
    )
    .await?;
    Ok(Json(Page { items, next }))
}

/// A procedure that the caller may open by hand.
#[derive(Serialize, ToSchema)]
pub struct IntakeLine {
    /// The pack.
    pub pack: String,
    /// The procedure's key.
    pub procedure: String,
    /// As people say it.
    pub title: String,
    /// The clause of the intake.
    pub clause: Option<ClauseTag>,
    /// Whether a customer stands behind it.
    pub customer: bool,
}

/// Packs in force where the caller works, each once.
fn packs_of(around: &Surroundings, caller: &Caller) -> Vec<(Id, Arc<Pack>)> {
    let mut packs: Vec<(Id, Arc<Pack>)> = Vec::new();
    for holding in &caller.actor.holdings {
        for pack in around.packs.all_for(&around.picture, holding.unit) {
            if !packs.iter().any(|(_, known)| known.name == pack.name) {
                packs.push((holding.unit, pack));
            }
        }
    }
    packs
}

/// Procedures that the caller may open by hand.
#[utoipa::path(get, path = "/api/intakes", tag = "cases", responses((status = 200, body = Vec<IntakeLine>), Problem))]
pub async fn intakes(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<IntakeLine>>> {
    let around = app.centre.surroundings();
    let mut lines = Vec::new();
    for (unit, pack) in packs_of(&around, &caller) {
        let setting = app.centre.setting_for(&around, &pack, &caller.actor);
        let procedures = pack
            .procedures
            .values()
            .filter(|procedure| rights::may_open(&setting, procedure, unit));
        for procedure in procedures {
            let line = IntakeLine {
                pack: pack.name.to_string(),
                procedure: procedure.key.clone(),
                title: caller.language.say(&procedure.title),
                clause: procedure
                    .intake_clause
                    .as_ref()
                    .map(|clause| clause_tag(&around.packs, clause, caller.language)),
                customer: procedure.customer,
            };
            let known = lines
                .iter()
                .position(|known: &IntakeLine| known.procedure == line.procedure);
            // A pack in force hides what it takes over from a pack it uses: the pack that states it shows it.
            match known {
                Some(at) if *procedure.stated_in == *pack.name => lines[at] = line,
                Some(_) => {}
                None => lines.push(line),
            }
        }
    }
    Ok(Json(lines))
}

/// An intake form.
#[derive(Serialize, ToSchema)]
pub struct Intake {
    /// The pack.
    pub pack: String,
    /// The procedure's key.
    pub procedure: String,
    /// As people say it.
    pub title: String,
    /// The form's title.
    pub form_title: String,
    /// Its fields in the paper's order.
    pub fields: Vec<FieldView>,
    /// Clocks that start when the case is opened.
    pub clocks: Vec<StartingClock>,
    /// Whether a customer stands behind it.
    pub customer: bool,
}

/// A clock that will start.
#[derive(Serialize, ToSchema)]
pub struct StartingClock {
    /// The deadline's key.
    pub deadline: String,
    /// Its name.
    pub title: String,
    /// The clause.
    pub clause: ClauseTag,
    /// The limit in words.
    pub limit: String,
    /// When it would be due.
    pub due_at: Option<String>,
}

fn starting(around: &Surroundings, deadline: &Deadline, language: Language) -> StartingClock {
    let limit = match &deadline.bound {
        Bound::Within(choices) => choices
            .iter()
            .map(|choice| choice.limit.label(language.calendar()))
            .collect::<Vec<_>>()
            .join(" / "),
        Bound::At(_) => language.pick("约定时间", "the agreed time").to_owned(),
    };
    StartingClock {
        deadline: deadline.key.clone(),
        title: language.say(&deadline.title),
        clause: clause_tag(&around.packs, &deadline.clause, language),
        limit,
        due_at: None,
    }
}

fn procedure_of(
    around: &Surroundings,
    caller: &Caller,
    pack: &str,
    procedure: &str,
) -> Answer<(Id, Arc<Pack>, Arc<Procedure>)> {
    let missing = || Problem::not_found("这种事项", "kind of case");
    let (unit, pack) = packs_of(around, caller)
        .into_iter()
        .find(|(_, known)| &*known.name == pack)
        .ok_or_else(missing)?;
    let procedure = pack.procedure(procedure).cloned().ok_or_else(missing)?;
    Ok((unit, pack, procedure))
}

/// The intake form of a procedure.
#[utoipa::path(get, path = "/api/intakes/{pack}/{procedure}", tag = "cases",
    params(("pack" = String, Path, description = "The pack"), ("procedure" = String, Path, description = "The procedure")),
    responses((status = 200, body = Intake), Problem))]
pub async fn intake(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((pack, procedure)): Route<(String, String)>,
) -> Answer<Json<Intake>> {
    let around = app.centre.surroundings();
    let (_, pack, procedure) = procedure_of(&around, &caller, &pack, &procedure)?;
    let form = procedure.intake.as_ref().and_then(|form| pack.forms.get(form));
    let first = procedure.stages.first().map(|stage| stage.key.as_str());
    let clocks = procedure
        .deadlines
        .iter()
        .filter(|deadline| match &deadline.from {
            Trigger::Received => true,
            Trigger::Stage(stage) => Some(stage.as_str()) == first,
            _ => false,
        });
    Ok(Json(Intake {
        pack: pack.name.to_string(),
        procedure: procedure.key.clone(),
        title: caller.language.say(&procedure.title),
        form_title: caller
            .language
            .say(form.map_or(&procedure.title, |form| &form.title)),
        fields: procedure
            .intake_fields
            .iter()
            .map(|field| field_view(field, caller.language))
            .collect(),
        clocks: clocks
            .map(|deadline| starting(&around, deadline, caller.language))
            .collect(),
        customer: procedure.customer,
    }))
}

/// A case to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// The pack.
    pub pack: String,
    /// The procedure.
    pub procedure: String,
    /// The channel: `phone`, `walk_in`, `web`, `email`, `sms`, `letter`, `chat`, `fax`, `video`, `social`, `message_board`,
    /// `home_visit`, `internal`.
    pub channel: String,
    /// When the contact reached us; now unless said. Earlier is back-dating: shown and counted.
    pub received_at: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// The unit that receives it; the caller's own unless said.
    pub unit: Option<String>,
    /// The form as filled.
    #[schema(value_type = Object)]
    pub input: serde_json::Value,
}

const CHANNELS: [&str; 13] = [
    "phone",
    "walk_in",
    "web",
    "email",
    "sms",
    "letter",
    "chat",
    "fax",
    "video",
    "social",
    "message_board",
    "home_visit",
    "internal",
];

fn id(field: &str, text: &str) -> Answer<Id> {
    text.parse().ok().filter(|id: &Id| id.0 > 0).ok_or_else(|| {
        Problem::malformed(
            format!("{field}不是有效的编号：{text}"),
            format!("{field} is not an id: {text}"),
        )
    })
}

fn time(field: &str, text: &str) -> Answer<Moment> {
    Moment::parse_rfc3339(text).map_err(|_| {
        Problem::malformed(
            format!("{field}不是有效的时间，请写成2026-11-20T13:41:00+08:00。"),
            format!("{field} is not a time; write it as 2026-11-20T13:41:00+08:00."),
        )
    })
}

/// Reads a new case into an opening command.
fn opening(
    app: &App,
    around: &Surroundings,
    caller: &Caller,
    new: &NewCase,
) -> Answer<(Arc<Pack>, Arc<Procedure>, Command)> {
    let (own, pack, procedure) = procedure_of(around, caller, &new.pack, &new.procedure)?;
    if !CHANNELS.contains(&new.channel.as_str()) {
        let known = CHANNELS.join(", ");
        return Err(Problem::malformed(
            format!("没有“{}”这个渠道。可用的有：{known}。", new.channel),
            format!("There is no channel \"{}\". Known: {known}.", new.channel),
        ));
    }
    let unit = match &new.unit {
        Some(text) => id("unit", text)?,
        None => own,
    };
    if !around.picture.units.contains_key(&unit) || !around.picture.reaches(&caller.actor, unit) {
        return Err(Problem::not_found("这个部门", "unit"));
    }
    let received = new
        .received_at
        .as_deref()
        .map(|text| time("received_at", text))
        .transpose()?;
    if received.is_some_and(|received| received.as_millis() > app.centre.store.now() + 60_000) {
        return Err(Problem::malformed(
            "received_at在将来。来访时间不能晚于现在。",
            "received_at lies in the future; a contact cannot reach us later than now.",
        ));
    }
    let customer = new
        .customer
        .as_deref()
        .map(|text| id("customer", text))
        .transpose()?;
    let input = typed(&procedure.intake_fields, &new.input)?;
    let opened = Opened {
        received,
        channel: new.channel.clone(),
        customer,
        owning_unit: Some(unit),
        ..Opened::default()
    };
    let command = Command::Open {
        procedure: procedure.key.clone(),
        opened,
        input,
    };
    Ok((pack, procedure, command))
}

/// Types what came over the wire; every problem at once.
fn typed(fields: &[regulation::model::Field], input: &serde_json::Value) -> Answer<Fields> {
    form::from_json(fields, input)
        .map_err(|problems| Problem::input(problems.into_iter().map(|one| (one.field, one.say)).collect()))
}

/// Whether what is referred to exists: units and people of the organisation, customers, cases.
async fn check_references(
    app: &App,
    around: &Surroundings,
    fields: &[regulation::model::Field],
    input: &Fields,
) -> Answer<()> {
    let mut problems = Vec::new();
    for field in fields {
        let Some(value) = input.get(&field.key) else {
            continue;
        };
        let Some(id) = value.as_id() else { continue };
        let known = match &field.kind {
            FieldKind::Unit => around.picture.units.contains_key(&id),
            FieldKind::Person => around.picture.people.get(&id).is_some_and(|person| person.active),
            FieldKind::Customer => !app.centre.store.query(CUSTOMER, &[id.0.into()]).await?.is_empty(),
            FieldKind::Case => !app.centre.store.query(CASE, &[id.0.into()]).await?.is_empty(),
            _ => true,
        };
        if !known {
            let say = regulation::Said::new(
                format!("“{}”没有找到，请从列出的选项中选择", field.title.zh),
                format!("\"{}\" is not there; choose from those listed", field.title.en),
            );
            problems.push((field.key.clone(), say));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problem::input(problems))
    }
}

const CASE: &str = "SELECT 1 FROM cases WHERE id = $1";

/// Open a case.
#[utoipa::path(post, path = "/api/cases", tag = "cases", request_body = NewCase,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key does nothing twice"),
        ("Prefer" = Option<String>, Header,
            description = "`return=minimal` answers without the page: id, number and version in the headers \
                           Location, X-Case-Number and ETag. For systems that open many cases")
    ),
    responses((status = 201, body = CaseView), Problem))]
pub async fn open(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Body(new): Body<NewCase>,
) -> Answer<Response> {
    let around = app.centre.surroundings();
    let (pack, procedure, command) = opening(&app, &around, &caller, &new)?;
    if let Command::Open { input, .. } = &command {
        check_references(&app, &around, &procedure.intake_fields, input).await?;
    }
    check_customer(&app, &command).await?;
    let order = Order {
        case: None,
        command,
        actor: &caller.actor,
        at: None,
        mode: Mode::Live,
        pack: Some(pack),
        idempotency: idempotency(&headers)?,
    };
    let done = app.centre.run(order).await?;
    if prefers_minimal(&headers) {
        let state = match done.state {
            Some(state) => state,
            // An earlier request with the same key had opened it.
            None => app.centre.case(done.case).await?.0,
        };
        return Ok(minimal(&state));
    }
    let view = shown(&app, &caller, done.case, done.position).await?;
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// Whether the request asks for an answer without contents (RFC 7240).
fn prefers_minimal(headers: &HeaderMap) -> bool {
    let preferred = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok());
    preferred
        .flat_map(|text| text.split(','))
        .any(|one| one.trim().eq_ignore_ascii_case("return=minimal"))
}

/// That a case was opened, and which: no query behind it. A number may hold letters that no header takes; it is left
/// out then and stands on the case's page.
fn minimal(case: &regulation::Case) -> Response {
    let mut response = StatusCode::CREATED.into_response();
    let said = [
        (LOCATION, format!("/api/cases/{}", case.id)),
        (ETAG, format!("\"{}\"", case.version)),
        (HeaderName::from_static("x-case-number"), case.number.clone()),
        (
            HeaderName::from_static("preference-applied"),
            "return=minimal".to_owned(),
        ),
    ];
    for (name, text) in said {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

const CUSTOMER: &str = "SELECT 1 FROM customers WHERE id = $1";

async fn check_customer(app: &App, command: &Command) -> Answer<()> {
    if let Command::Open {
        opened: Opened {
            customer: Some(customer),
            ..
        },
        ..
    } = command
        && app
            .centre
            .store
            .query(CUSTOMER, &[customer.0.into()])
            .await?
            .is_empty()
    {
        return Err(Problem::not_found("这位客户", "customer"));
    }
    Ok(())
}

fn idempotency(headers: &HeaderMap) -> Answer<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if (1..=128).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Problem::malformed(
            "Idempotency-Key应为1到128个可见字符。",
            "Idempotency-Key must be 1 to 128 visible characters.",
        )),
    }
}

async fn shown(app: &App, caller: &Caller, case: Id, position: Option<i64>) -> Answer<CaseView> {
    let view = case_view(&app.centre, &caller.actor, case, caller.language).await?;
    let mut view = view.ok_or_else(|| Problem::not_found("这个事项", "case"))?;
    view.position = position;
    Ok(view)
}

/// What a dry run tells while typing.
#[derive(Serialize, ToSchema)]
pub struct Trial {
    /// Whether it would be carried out.
    pub possible: bool,
    /// Fields that cannot be taken yet.
    pub problems: Vec<FieldSay>,
    /// Fields asked under what is typed so far.
    pub asked: Vec<String>,
    /// Fields that must be filled under what is typed so far.
    pub required: Vec<String>,
    /// Why it would be refused.
    pub refusal: Option<String>,
    /// The clause behind the refusal.
    pub clause: Option<ClauseTag>,
    /// Clocks that would start.
    pub clocks: Vec<StartingClock>,
    /// The stage it would lead to.
    pub stage_after: Option<String>,
}

fn trial(
    around: &Surroundings,
    procedure: &Procedure,
    asked: Vec<Shown<'_>>,
    outcome: Result<Decision, Refusal>,
    language: Language,
) -> Trial {
    let mut trial = Trial {
        possible: outcome.is_ok(),
        problems: Vec::new(),
        asked: asked.iter().map(|shown| shown.field.key.clone()).collect(),
        required: asked
            .iter()
            .filter(|shown| shown.required)
            .map(|shown| shown.field.key.clone())
            .collect(),
        refusal: None,
        clause: None,
        clocks: Vec::new(),
        stage_after: None,
    };
    match outcome {
        Ok(decision) => {
            for change in decision.events.iter().flat_map(|event| &event.changes) {
                match change {
                    regulation::Change::ClockStarted { clock } => {
                        if let Some(deadline) = procedure.deadline(&clock.deadline) {
                            let mut starting = starting(around, deadline, language);
                            starting.due_at = Some(clock.due.to_string());
                            if let Some(limit) = &clock.limit {
                                starting.limit = limit.label(language.calendar());
                            }
                            trial.clocks.push(starting);
                        }
                    }
                    regulation::Change::Stage { stage, .. } => {
                        trial.stage_after = Some(stage_title(Some(procedure), stage, language));
                    }
                    _ => {}
                }
            }
        }
        Err(Refusal::Input { problems }) => {
            trial.problems = problems
                .into_iter()
                .map(|one| FieldSay {
                    field: one.field,
                    say: language.say(&one.say),
                })
                .collect();
        }
        Err(refusal) => {
            trial.refusal = Some(language.say(&refusal_said(&refusal)));
            trial.clause = refusal
                .clause()
                .map(|clause| clause_tag(&around.packs, clause, language));
        }
    }
    trial
}

/// Try an opening without writing anything.
#[utoipa::path(post, path = "/api/cases/dry-run", tag = "cases", request_body = NewCase,
    responses((status = 200, body = Trial), Problem))]
pub async fn open_dry_run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewCase>,
) -> Answer<Json<Trial>> {
    let around = app.centre.surroundings();
    let (pack, procedure, command) = opening(&app, &around, &caller, &new)?;
    let setting = app.centre.setting_for(&around, &pack, &caller.actor);
    let typed = typed(&procedure.intake_fields, &new.input)?;
    let asked = shown_fields(&setting, &procedure, None, &procedure.intake_fields, &typed);
    let order = Order {
        case: None,
        command,
        actor: &caller.actor,
        at: None,
        mode: Mode::Live,
        pack: Some(pack.clone()),
        idempotency: None,
    };
    let outcome = app.centre.try_out(&order).await?;
    Ok(Json(trial(&around, &procedure, asked, outcome, caller.language)))
}

/// The page of a case.
#[utoipa::path(get, path = "/api/cases/{id}", tag = "cases", params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = CaseView), Problem))]
pub async fn case(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<CaseView>> {
    shown(&app, &caller, id("id", &text)?, None).await.map(Json)
}

/// An action on a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What is typed.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub input: serde_json::Value,
    /// The version of the case the person saw.
    pub seen: Option<u64>,
}

/// Loads a case that the caller may see, with its procedure.
async fn reachable(
    app: &App,
    caller: &Caller,
    case: Id,
) -> Answer<(Surroundings, regulation::Case, Arc<Pack>, Arc<Procedure>)> {
    let around = app.centre.surroundings();
    let missing = || Problem::not_found("这个事项", "case");
    let (state, _) = app.centre.case(case).await?;
    if !visible(&around, &caller.actor, &state) {
        return Err(missing());
    }
    let pack = around
        .packs
        .by_hash(&state.pack.hash)
        .ok_or_else(|| Problem::from(ShellError::NoSuchPack(state.pack.hash.to_string())))?;
    let procedure = pack.procedure(&state.procedure).cloned().ok_or_else(missing)?;
    Ok((around, state, pack, procedure))
}

fn action_input(procedure: &Procedure, action: &str, act: &Act) -> Answer<Fields> {
    let empty = serde_json::Value::Object(serde_json::Map::new());
    let input = if act.input.is_null() { &empty } else { &act.input };
    match procedure.action(action) {
        Some(known) => typed(&known.ask, input),
        // Unknown actions are told by the engine, with the nearest known one.
        None => Ok(Fields::new()),
    }
}

/// Do an action.
#[utoipa::path(post, path = "/api/cases/{id}/actions/{action}", tag = "cases", request_body = Act,
    params(("id" = String, Path, description = "The case"), ("action" = String, Path, description = "The action"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key does nothing twice")),
    responses((status = 200, body = CaseView), Problem))]
pub async fn act(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, action)): Route<(String, String)>,
    headers: HeaderMap,
    Body(act): Body<Act>,
) -> Answer<Json<CaseView>> {
    let case = id("id", &text)?;
    let (around, _, _, procedure) = reachable(&app, &caller, case).await?;
    let input = action_input(&procedure, &action, &act)?;
    if let Some(known) = procedure.action(&action) {
        check_references(&app, &around, &known.ask, &input).await?;
    }
    let command = Command::Act {
        action,
        input,
        seen: act.seen,
    };
    carry_out(&app, &caller, case, command, idempotency(&headers)?).await
}

async fn carry_out(
    app: &App,
    caller: &Caller,
    case: Id,
    command: Command,
    idempotency: Option<String>,
) -> Answer<Json<CaseView>> {
    let order = Order {
        case: Some(case),
        command,
        actor: &caller.actor,
        at: None,
        mode: Mode::Live,
        pack: None,
        idempotency,
    };
    let done = app.centre.run(order).await?;
    shown(app, caller, case, done.position).await.map(Json)
}

/// Try an action without writing anything.
#[utoipa::path(post, path = "/api/cases/{id}/actions/{action}/dry-run", tag = "cases", request_body = Act,
    params(("id" = String, Path, description = "The case"), ("action" = String, Path, description = "The action")),
    responses((status = 200, body = Trial), Problem))]
pub async fn act_dry_run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, action)): Route<(String, String)>,
    Body(act): Body<Act>,
) -> Answer<Json<Trial>> {
    let case = id("id", &text)?;
    let (around, state, pack, procedure) = reachable(&app, &caller, case).await?;
    let input = action_input(&procedure, &action, &act)?;
    let setting = app.centre.setting_for(&around, &pack, &caller.actor);
    let ask = procedure.action(&action).map_or(&[][..], |action| &action.ask);
    let asked = shown_fields(&setting, &procedure, Some(&state), ask, &input);
    let order = Order {
        case: Some(case),
        command: Command::Act {
            action,
            input,
            seen: act.seen,
        },
        actor: &caller.actor,
        at: None,
        mode: Mode::Live,
        pack: None,
        idempotency: None,
    };
    let outcome = app.centre.try_out(&order).await?;
    Ok(Json(trial(&around, &procedure, asked, outcome, caller.language)))
}

/// A signature.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// Agree or object.
    pub agree: bool,
    /// Words; owed with an objection.
    pub reason: Option<String>,
    /// The version of the case the person saw.
    pub seen: Option<u64>,
}

/// Sign an approval.
#[utoipa::path(post, path = "/api/cases/{id}/approvals/{no}", tag = "cases", request_body = Sign,
    params(("id" = String, Path, description = "The case"), ("no" = u32, Path, description = "The approval")),
    responses((status = 200, body = CaseView), Problem))]
pub async fn sign(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, approval)): Route<(String, u32)>,
    Body(sign): Body<Sign>,
) -> Answer<Json<CaseView>> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    let command = Command::Sign {
        approval,
        agree: sign.agree,
        reason: sign.reason,
        seen: sign.seen,
    };
    carry_out(&app, &caller, case, command, None).await
}

/// Another signer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSigner {
    /// Step, from 0.
    pub step: u32,
    /// Slot, from 0.
    pub slot: u32,
    /// Who signs instead.
    pub person: String,
    /// Why.
    pub reason: String,
}

/// Name another signer in place of an absent one.
#[utoipa::path(post, path = "/api/cases/{id}/approvals/{no}/signers", tag = "cases", request_body = NewSigner,
    params(("id" = String, Path, description = "The case"), ("no" = u32, Path, description = "The approval")),
    responses((status = 200, body = CaseView), Problem))]
pub async fn replace_signer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, approval)): Route<(String, u32)>,
    Body(new): Body<NewSigner>,
) -> Answer<Json<CaseView>> {
    let case = id("id", &text)?;
    let (around, ..) = reachable(&app, &caller, case).await?;
    let person = id("person", &new.person)?;
    if !around
        .picture
        .people
        .get(&person)
        .is_some_and(|person| person.active)
    {
        return Err(Problem::not_found("这位人员", "person"));
    }
    let command = Command::ReplaceSigner {
        approval,
        step: new.step,
        slot: new.slot,
        person,
        reason: new.reason,
    };
    carry_out(&app, &caller, case, command, None).await
}

/// An answer to a question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Yes or no.
    pub yes: bool,
    /// Why.
    pub reason: String,
}

/// Answer a question.
#[utoipa::path(post, path = "/api/cases/{id}/questions/{no}", tag = "cases", request_body = Reply,
    params(("id" = String, Path, description = "The case"), ("no" = u32, Path, description = "The question")),
    responses((status = 200, body = CaseView), Problem))]
pub async fn answer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route((text, question)): Route<(String, u32)>,
    Body(reply): Body<Reply>,
) -> Answer<Json<CaseView>> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    let command = Command::Answer {
        question,
        yes: reply.yes,
        reason: reply.reason,
    };
    carry_out(&app, &caller, case, command, None).await
}

/// The proof of a case's history.
#[utoipa::path(get, path = "/api/cases/{id}/proof", tag = "cases", params(("id" = String, Path, description = "The case")),
    responses((status = 200, body = Object), Problem))]
pub async fn proof(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
) -> Answer<Json<serde_json::Value>> {
    let case = id("id", &text)?;
    reachable(&app, &caller, case).await?;
    let proof = app.centre.store.proof(store::RecordId(case.0), false).await?;
    let proof = serde_json::to_value(&proof).map_err(|error| store::StoreError::Failed(error.to_string()))?;
    Ok(Json(proof))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minimal_answer_is_given_only_where_it_is_asked_for() {
        let asked = |text: &'static str| {
            prefers_minimal(&HeaderMap::from_iter([(
                HeaderName::from_static("prefer"),
                HeaderValue::from_static(text),
            )]))
        };
        assert!(asked("return=minimal"));
        assert!(asked("respond-async, Return=Minimal"));
        assert!(!asked("return=representation"));
        assert!(!prefers_minimal(&HeaderMap::new()));
    }

    #[test]
    fn ids_and_times_are_refused_with_the_field_s_name() {
        assert!(id("case", "12x").is_err());
        assert!(id("case", "-4").is_err());
        assert_eq!(id("case", "42").unwrap(), Id(42));
        assert!(time("received_at", "2026-13-01").is_err());
    }
}
