//! `/api/outbox`: messages that wait, failed or were given up; sent again or let go by whoever looks after them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Moment;
use serde::{Deserialize, Serialize};
use store::{Batch, Value};
use utoipa::{IntoParams, ToSchema};

use super::{before, cut, id};
use crate::access_log::Access;
use crate::app::App;
use crate::cases::words::numbers_masked;
use crate::http::wire::Page;
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::messages::{masked, outbox as standing};
use crate::permission::Permission;
use crate::session::Caller;

// $1 before which id, $2 how many, $3 the channel or nothing, $4 the state
macro_rules! messages {
    ($which:literal) => {
        concat!(
            "SELECT o.id, o.key, o.channel, o.recipient, o.subject, o.state, o.attempts, o.made, o.due, o.taken_until, o.sent, \
             o.error, o.case_id, c.number, w.name, o.outward FROM outbox o LEFT JOIN cases c ON c.id = o.case_id \
             LEFT JOIN webhooks w ON o.channel = 'webhook' AND CAST(w.id AS TEXT) = o.recipient \
             WHERE o.id < $1 AND ($3 = '' OR o.channel = $3) ",
            $which,
            "ORDER BY o.id DESC LIMIT $2"
        )
    };
}

const ALL: &str = messages!("");
const IN_STATE: &str = messages!("AND o.state = $4 ");
const ONE: &str = "SELECT state, taken_until FROM outbox WHERE id = $1";
const AGAIN: &str = "UPDATE outbox SET state = 'waiting', attempts = 0, due = $2, taken_until = 0, error = NULL WHERE id = $1 \
     AND recipient <> '' AND (state IN ('failed', 'dead', 'kept', 'withdrawn') OR (state = 'waiting' AND taken_until <= $2))";
const GIVE_UP: &str = "UPDATE outbox SET state = 'withdrawn', due = NULL WHERE id = $1 AND state = 'waiting' AND taken_until <= $2";

/// The words of states.
const STATES: [&str; 8] = [
    "waiting",
    "sent",
    "delivered",
    "failed",
    "dead",
    "kept",
    "withdrawn",
    "unreachable",
];

/// The longest reason.
const LONGEST: usize = 200;

/// Which messages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// `waiting`, `sent`, `delivered`, `failed`, `dead`, `kept`, `withdrawn` or `unreachable`.
    pub state: Option<String>,
    /// `mail`, `sms`, `robot` or `webhook`.
    pub channel: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageLine {
    /// Id.
    pub id: String,
    /// The key that stays when it is sent again.
    pub key: String,
    /// `mail`, `sms`, `robot` or `webhook`.
    pub channel: String,
    /// To whom; numbers and addresses are masked, and forgotten some time after the message ended.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// `waiting`, `sending`, `sent`, `delivered`, `failed`, `dead`, `kept`, `withdrawn` or `unreachable`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was made.
    pub made_at: String,
    /// When it is tried next.
    pub due_at: Option<String>,
    /// When a gateway took it.
    pub sent_at: Option<String>,
    /// What went wrong last.
    pub error: Option<String>,
    /// The case.
    pub case: Option<String>,
    /// Its number.
    pub number: Option<String>,
    /// Whether it is for the customer.
    pub to_customer: bool,
}

/// Messages, newest first.
#[utoipa::path(get, path = "/api/outbox", tag = "outbox", params(Which),
    responses((status = 200, body = Page<MessageLine>), Problem))]
pub async fn messages(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Answer<Json<Page<MessageLine>>> {
    caller.need(&app, Permission::ManageOutbox)?;
    let limit = i64::from(which.limit.unwrap_or(50).clamp(1, 200));
    let before = before(which.after.as_deref())?;
    let channel = which.channel.unwrap_or_default();
    let mut params: Vec<Value> = vec![before.into(), (limit + 1).into(), channel.into()];
    let sql = match which.state {
        None => ALL,
        Some(state) if STATES.contains(&state.as_str()) => {
            params.push(state.into());
            IN_STATE
        }
        Some(_) => {
            return Err(Problem::malformed(
                format!("state只能是以下之一：{}。", STATES.join("、")),
                format!("state is one of {}.", STATES.join(", ")),
            ));
        }
    };
    let store = &app.centre.store;
    let now = store.now();
    let mut rows = store.query(sql, &params).await?;
    let next = cut(&mut rows, limit, |row| row.int(0).unwrap_or_default());
    let moment = |ms: i64| Moment::from_millis(ms).to_string();
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        let (channel, recipient) = (row.text(2)?, row.text(3)?);
        let state = row.text(5)?;
        let sending = state == "waiting" && row.int(9)? > now;
        items.push(MessageLine {
            id: row.int(0)?.to_string(),
            key: row.text(1)?.to_owned(),
            channel: channel.to_owned(),
            recipient: match channel {
                _ if recipient.is_empty() => String::new(),
                "webhook" => row.opt_text(14)?.unwrap_or(recipient).to_owned(),
                _ => masked(channel, recipient),
            },
            subject: numbers_masked(row.text(4)?),
            state: if sending { "sending" } else { state }.to_owned(),
            attempts: row.int(6)?,
            made_at: moment(row.int(7)?),
            due_at: row.opt_int(8)?.map(moment),
            sent_at: row.opt_int(10)?.map(moment),
            error: row.opt_text(11)?.map(str::to_owned),
            case: row.opt_int(12)?.map(|case| case.to_string()),
            number: row.opt_text(13)?.map(str::to_owned),
            to_customer: row.flag(15)?,
        });
    }
    Ok(Json(Page { items, next }))
}

/// Runs a statement on one message with its line in the access log.
async fn change(
    app: &App,
    caller: &Caller,
    message: &str,
    deed: &str,
    sql: &'static str,
) -> Answer<StatusCode> {
    caller.need(app, Permission::ManageOutbox)?;
    let message = id(message, "这条消息", "message")?;
    let store = &app.centre.store;
    if store.query(ONE, &[message.into()]).await?.is_empty() {
        return Err(Problem::not_found("这条消息", "message"));
    }
    let subject = format!("message:{message}");
    let access = Access {
        person: Some(caller.person),
        deed,
        subject: &subject,
        ..Access::default()
    };
    access.record(store).await?;
    let changed = store.execute(sql, &[message.into(), store.now().into()]).await?;
    if changed == 0 {
        return Err(Problem::status(
            StatusCode::CONFLICT,
            "not_now",
            "这条消息正在发送或已经发出，不能再改。",
            "The message is being sent or has been sent; it cannot be changed now.",
        ));
    }
    app.messages.changed.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// Send a message again, under the same key.
#[utoipa::path(post, path = "/api/outbox/{message}/resend", tag = "outbox", params(("message" = String, Path)),
    responses((status = 204), Problem))]
pub async fn resend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(message): Route<String>,
) -> Answer<StatusCode> {
    change(&app, &caller, &message, "message_resent", AGAIN).await
}

/// Take a message back that waits.
#[utoipa::path(post, path = "/api/outbox/{message}/withdraw", tag = "outbox", params(("message" = String, Path)),
    responses((status = 204), Problem))]
pub async fn give_up(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(message): Route<String>,
) -> Answer<StatusCode> {
    change(&app, &caller, &message, "message_withdrawn", GIVE_UP).await
}

/// How much stands where.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingLine {
    /// `mail`, `sms`, `robot` or `webhook`.
    pub channel: String,
    /// `waiting`, `failed`, `dead` or `kept`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest was made.
    pub oldest_at: String,
}

/// Whether anything leaves the house, and how much waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sending {
    /// Whether all sending is held, as it is after a restore.
    pub held: bool,
    /// Ways out that this node has: `mail`, `sms`, `webhook` and the names of robots.
    pub gateways: Vec<String>,
    /// By channel and state.
    pub standing: Vec<StandingLine>,
}

/// Whether anything leaves the house, and how much waits.
#[utoipa::path(get, path = "/api/outbox/sending", tag = "outbox", responses((status = 200, body = Sending), Problem))]
pub async fn sending(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Sending>> {
    caller.need(&app, Permission::ManageOutbox)?;
    let store = &app.centre.store;
    let mut gateways = Vec::new();
    if let Some(ready) = &app.messages.gateways {
        gateways.extend(ready.mail.is_some().then(|| "mail".to_owned()));
        gateways.extend(ready.sms.is_some().then(|| "sms".to_owned()));
        gateways.push("webhook".to_owned());
        gateways.extend(ready.robots.keys().map(|name| format!("robot:{name}")));
    }
    let counted = standing::standing(store).await?;
    Ok(Json(Sending {
        held: standing::held(store).await?.is_some(),
        gateways,
        standing: counted
            .into_iter()
            .map(|line| StandingLine {
                channel: line.channel,
                state: line.state,
                count: line.count,
                oldest_at: Moment::from_millis(line.oldest).to_string(),
            })
            .collect(),
    }))
}

/// Hold or let go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSending {
    /// Whether all sending is to be held.
    pub held: bool,
    /// Why.
    #[schema(max_length = 200)]
    pub reason: String,
}

/// Hold all sending, or let it go.
#[utoipa::path(put, path = "/api/outbox/sending", tag = "outbox", request_body = SetSending,
    responses((status = 200, body = Sending), Problem))]
pub async fn set_sending(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(wanted): Body<SetSending>,
) -> Answer<Json<Sending>> {
    caller.need(&app, Permission::ManageOutbox)?;
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        return Err(Problem::malformed(
            format!("请说明原因（不超过{LONGEST}字）。"),
            format!("Give a reason of at most {LONGEST} characters."),
        ));
    }
    let store = &app.centre.store;
    let access = Access {
        person: Some(caller.person),
        deed: if wanted.held {
            "sending_held"
        } else {
            "sending_released"
        },
        reason: Some(reason),
        ..Access::default()
    };
    let mut batch = Batch::new();
    access.record_with(store, &mut batch);
    store.commit(batch).await?;
    if wanted.held {
        standing::hold(store, reason).await?;
    } else {
        standing::release(store).await?;
        app.messages.changed.notify_one();
    }
    sending(State(app), caller).await
}
