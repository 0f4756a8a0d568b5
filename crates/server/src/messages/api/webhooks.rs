//! `/api/webhooks`: subscriptions of other programs to what happens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Moment;
use channels::door::{BadAddress, Door, Outbound};
use regulation::{Id, Organisation, Said};
use serde::{Deserialize, Serialize};
use store::CommitError;
use utoipa::ToSchema;

use super::notices::raced;
use crate::access_log::Access;
use crate::app::App;
use crate::http::wire::{Page, Paging};
use crate::http::{Answer, Body, Params, Problem, Route};
use crate::messages::webhooks::{self as subscriptions, KINDS, Webhook};
use crate::permission::Permission;
use crate::session::Caller;

const AGAIN: &str = "UPDATE outbox SET state = 'waiting', attempts = 0, due = $3, taken_until = 0, error = NULL \
     WHERE channel = 'webhook' AND recipient = $1 AND made >= $2 AND state IN ('sent', 'failed', 'dead', 'withdrawn')";

/// The longest name and address.
const LONGEST: (usize, usize) = (100, 1_000);

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    /// Id.
    pub id: String,
    /// As people call it.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Events it is told of.
    pub kinds: Vec<String>,
    /// In whose subtree.
    pub unit: String,
    /// Whether it is on.
    pub active: bool,
    /// The secret to check signatures with: shown once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A subscription as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRecord {
    /// As people call it.
    #[schema(max_length = 100)]
    pub name: String,
    /// Where to: https.
    #[schema(max_length = 1000)]
    pub url: String,
    /// Events it is told of.
    pub kinds: Vec<String>,
    /// In whose subtree.
    pub unit: String,
    /// Whether it is on.
    #[serde(default = "on")]
    pub active: bool,
}

fn on() -> bool {
    true
}

fn shown(webhook: Webhook, secret: Option<String>) -> WebhookView {
    WebhookView {
        id: webhook.id.to_string(),
        name: webhook.name,
        url: webhook.url,
        kinds: webhook.kinds,
        unit: webhook.unit.to_string(),
        active: webhook.active,
        secret,
    }
}

fn said(zh: impl Into<String>, en: impl Into<String>) -> Said {
    Said {
        zh: zh.into(),
        en: en.into(),
    }
}

fn bad_address(bad: &BadAddress) -> Said {
    let zh = match bad {
        BadAddress::Unreadable => "请填写 https://主机/路径 形式的地址。",
        BadAddress::NotHttps => "只能用https（除非配置文件的allow_hosts列出了这台主机）。",
        BadAddress::Credentials => "地址中不能带用户名或密码。",
        BadAddress::Inside => "这台主机在内网或属于保留地址，只有配置文件的allow_hosts可以放行。",
    };
    said(zh, format!("{bad}."))
}

/// What is wrong with a subscription, and the form it is kept in.
fn checked(app: &App, id: Id, wanted: WebhookRecord) -> Answer<Webhook> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, said: Said| problems.push((field.to_owned(), said));
    let name = wanted.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST.0 {
        let most = LONGEST.0;
        wrong(
            "name",
            said(
                format!("名称为1至{most}个字。"),
                format!("A name has 1 to {most} characters."),
            ),
        );
    }
    let url = wanted.url.trim().to_owned();
    if url.len() > LONGEST.1 {
        wrong("url", bad_address(&BadAddress::Unreadable));
    } else {
        let checked = match &app.messages.gateways {
            Some(gateways) => gateways.door.check(&url),
            None => {
                Door::new(Outbound::default()).map_or(Err(BadAddress::Unreadable), |door| door.check(&url))
            }
        };
        if let Err(bad) = checked {
            wrong("url", bad_address(&bad));
        }
    }
    let mut kinds = wanted.kinds;
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() || kinds.iter().any(|kind| !KINDS.contains(&kind.as_str())) {
        wrong(
            "kinds",
            said(
                format!("请从以下事件中选择：{}。", KINDS.join("、")),
                format!("Choose from these events: {}.", KINDS.join(", ")),
            ),
        );
    }
    let picture = app.centre.surroundings().picture;
    let unit = wanted
        .unit
        .parse()
        .ok()
        .map(Id)
        .filter(|unit| picture.units.contains_key(unit));
    let Some(unit) = unit else {
        wrong("unit", said("没有这个部门。", "There is no such unit."));
        return Err(Problem::input(problems));
    };
    if !problems.is_empty() {
        return Err(Problem::input(problems));
    }
    Ok(Webhook {
        id,
        name,
        url,
        kinds,
        unit,
        active: wanted.active,
    })
}

/// A subscription within reach of the caller's right.
async fn reached(app: &App, caller: &Caller, id: &str) -> Answer<Webhook> {
    caller.need(app, Permission::ManageTokens)?;
    let missing = || Problem::not_found("这个订阅", "subscription");
    let id = super::id(id, "这个订阅", "subscription")?;
    let found = subscriptions::find(&app.centre.store, Id(id))
        .await?
        .ok_or_else(missing)?;
    let picture = app.centre.surroundings().picture;
    if Permission::ManageTokens.over(&caller.actor, picture.as_ref(), found.unit) {
        Ok(found)
    } else {
        Err(missing())
    }
}

async fn set(
    app: &App,
    caller: &Caller,
    id: Id,
    wanted: Option<&Webhook>,
    secret: Option<&str>,
) -> Answer<()> {
    match subscriptions::set(&app.centre.store, caller.person, id, wanted, secret).await {
        Ok(()) => {}
        Err(CommitError::Stale { .. }) => return Err(raced()),
        Err(error) => return Err(error.into()),
    }
    app.centre.refresh().await?;
    Ok(())
}

/// Subscriptions, oldest first.
#[utoipa::path(get, path = "/api/webhooks", tag = "webhooks", params(Paging),
    responses((status = 200, body = Page<WebhookView>), Problem))]
pub async fn webhooks(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Answer<Json<Page<WebhookView>>> {
    caller.need(&app, Permission::ManageTokens)?;
    let after = match paging.after.as_deref() {
        None => 0,
        given => crate::cases::query::Cursor::read(given)?.1,
    };
    let limit = paging.rows();
    let mut found = subscriptions::after(&app.centre.store, after, limit + 1).await?;
    let next = super::cut(&mut found, limit, |webhook| webhook.id.0);
    let picture = app.centre.surroundings().picture;
    let units: Vec<Id> = Permission::ManageTokens.units(&caller.actor).collect();
    let reached = |webhook: &Webhook| units.iter().any(|above| picture.within(webhook.unit, *above));
    Ok(Json(Page {
        items: found
            .into_iter()
            .filter(reached)
            .map(|one| shown(one, None))
            .collect(),
        next,
    }))
}

/// Subscribe a program to what happens. The secret is shown this once.
#[utoipa::path(post, path = "/api/webhooks", tag = "webhooks", request_body = WebhookRecord,
    responses((status = 201, body = WebhookView), Problem))]
pub async fn create_webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(wanted): Body<WebhookRecord>,
) -> Answer<(StatusCode, Json<WebhookView>)> {
    caller.need(&app, Permission::ManageTokens)?;
    let webhook = checked(&app, Id(app.centre.store.new_id()), wanted)?;
    caller.need_over(&app, Permission::ManageTokens, webhook.unit)?;
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(%error, "the system gives no random numbers");
        Problem::unavailable("暂时不能生成密钥。", "A secret cannot be made now.")
    })?;
    let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    set(&app, &caller, webhook.id, Some(&webhook), Some(&secret)).await?;
    Ok((StatusCode::CREATED, Json(shown(webhook, Some(secret)))))
}

/// A subscription.
#[utoipa::path(get, path = "/api/webhooks/{webhook}", tag = "webhooks", params(("webhook" = String, Path)),
    responses((status = 200, body = WebhookView), Problem))]
pub async fn webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(webhook): Route<String>,
) -> Answer<Json<WebhookView>> {
    Ok(Json(shown(reached(&app, &caller, &webhook).await?, None)))
}

/// Change a subscription; its secret stays.
#[utoipa::path(put, path = "/api/webhooks/{webhook}", tag = "webhooks", params(("webhook" = String, Path)),
    request_body = WebhookRecord, responses((status = 200, body = WebhookView), Problem))]
pub async fn change_webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(webhook): Route<String>,
    Body(wanted): Body<WebhookRecord>,
) -> Answer<Json<WebhookView>> {
    let found = reached(&app, &caller, &webhook).await?;
    let wanted = checked(&app, found.id, wanted)?;
    caller.need_over(&app, Permission::ManageTokens, wanted.unit)?;
    set(&app, &caller, found.id, Some(&wanted), None).await?;
    Ok(Json(shown(wanted, None)))
}

/// End a subscription and forget its secret.
#[utoipa::path(delete, path = "/api/webhooks/{webhook}", tag = "webhooks", params(("webhook" = String, Path)),
    responses((status = 204), Problem))]
pub async fn end_webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(webhook): Route<String>,
) -> Answer<StatusCode> {
    let found = reached(&app, &caller, &webhook).await?;
    set(&app, &caller, found.id, None, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// From when on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Since {
    /// The time from which everything is sent again, RFC 3339.
    #[schema(max_length = 40)]
    pub since: String,
}

/// How much is sent again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resent {
    /// How many messages.
    pub count: u64,
}

/// Send again all that a subscription was told since a time, under the same keys: for a receiver that lost what it had.
#[utoipa::path(post, path = "/api/webhooks/{webhook}/resend", tag = "webhooks", params(("webhook" = String, Path)),
    request_body = Since, responses((status = 200, body = Resent), Problem))]
pub async fn resend_webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(webhook): Route<String>,
    Body(since): Body<Since>,
) -> Answer<Json<Resent>> {
    let found = reached(&app, &caller, &webhook).await?;
    let since = Moment::parse_rfc3339(&since.since).map_err(|_| {
        Problem::malformed(
            "since应是RFC 3339时间，如2026-03-01T08:00:00+08:00。",
            "since is a time by RFC 3339, such as 2026-03-01T08:00:00+08:00.",
        )
    })?;
    let store = &app.centre.store;
    let subject = format!("webhook:{}", found.id);
    let access = Access {
        person: Some(caller.person),
        deed: "webhook_resent",
        subject: &subject,
        ..Access::default()
    };
    access.record(store).await?;
    let params = [
        found.id.to_string().into(),
        since.as_millis().into(),
        store.now().into(),
    ];
    let count = store.execute(AGAIN, &params).await?;
    app.messages.changed.notify_one();
    Ok(Json(Resent { count }))
}
