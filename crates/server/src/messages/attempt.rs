//! One attempt at one message, by its channel.

use std::collections::BTreeMap;

use calendar::{Calendar, Moment};
use channels::mail::Letter;
use channels::sms::Order;
use channels::{Failure, Gateways, webhook};
use serde::Deserialize;
use store::{Answer, Store, StoreError};

use super::pace::Outcome;
use super::quiet::Quiet;
use super::running::Running;

const HOOK: &str = "SELECT w.url, s.secret FROM webhooks w JOIN webhook_secrets s ON s.webhook = w.id \
     WHERE w.id = $1 AND w.active = 1";
// A row is there only while the sum stays below the cap: whoever is given none sends none.
const USE: &str = "INSERT INTO message_usage (period, used) VALUES ($1, $2) ON CONFLICT (period) DO UPDATE SET \
     used = message_usage.used + excluded.used WHERE message_usage.used + excluded.used <= $3 RETURNING used";
const GIVE_BACK: &str = "UPDATE message_usage SET used = used - $2 WHERE period = $1";

/// A message that this node has for itself.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its row.
    pub id: i64,
    /// Its key.
    pub key: String,
    /// `mail`, `sms`, `robot` or `webhook`.
    pub channel: String,
    /// Address, number, name of the robot, id of the subscription.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Text, or what the channel makes its text of.
    pub body: String,
    /// Attempts so far.
    pub attempts: i64,
    /// Until when it is this node's.
    pub taken_until: i64,
}

/// Columns of a message, in the order that [`Message::read`] wants.
pub const COLUMNS: &[&str] = &[
    "id",
    "key",
    "channel",
    "recipient",
    "subject",
    "body",
    "attempts",
    "taken_until",
];

impl Message {
    /// A message from its columns.
    pub fn read(row: &Answer) -> Result<Message, StoreError> {
        Ok(Message {
            id: row.int(0)?,
            key: row.text(1)?.to_owned(),
            channel: row.text(2)?.to_owned(),
            recipient: row.text(3)?.to_owned(),
            subject: row.text(4)?.to_owned(),
            body: row.text(5)?.to_owned(),
            attempts: row.int(6)?,
            taken_until: row.int(7)?,
        })
    }
}

/// What the outbox keeps of a short message: the approved text by its name, or the pack's message that is to choose one.
#[derive(Deserialize)]
struct SmsBody {
    template: Option<String>,
    #[serde(default)]
    message: String,
    params: BTreeMap<String, String>,
}

/// What an attempt came to, and how many segments it was paid as.
pub type Attempted = (Outcome, Option<u32>);

/// Makes an attempt at this time.
pub async fn attempt(
    store: &Store,
    calendar: &Calendar,
    running: &Running,
    gateways: &Gateways,
    message: &Message,
    now: i64,
) -> Result<Attempted, StoreError> {
    let outcome = match message.channel.as_str() {
        "mail" => match &gateways.mail {
            None => Outcome::Kept,
            Some(mailer) => {
                let letter = Letter {
                    key: message.key.clone(),
                    to: message.recipient.clone(),
                    subject: message.subject.clone(),
                    text: message.body.clone(),
                };
                Outcome::Tried(mailer.send(&letter).await)
            }
        },
        "sms" => return sms(store, calendar, gateways, message, now).await,
        "robot" => match gateways.robots.get(&message.recipient) {
            None => Outcome::Kept,
            Some(robot) => match turn(running, message, robot.settings().kind.least_pause(), now) {
                Some(until) => Outcome::PutOff { until, why: None },
                None => Outcome::Tried(robot.send(&message.body, &message.key, now).await),
            },
        },
        "webhook" => {
            let id: i64 = message.recipient.parse().unwrap_or_default();
            match store.query(HOOK, &[id.into()]).await?.first() {
                None => Outcome::Withdrawn,
                Some(row) => {
                    let (url, secret) = (row.text(0)?, row.text(1)?);
                    let sent = webhook::send(&gateways.door, url, secret, &message.key, &message.body, now);
                    Outcome::Tried(sent.await)
                }
            }
        }
        other => Outcome::Tried(Err(Failure::Permanent {
            why: format!("{other} is no channel of this version"),
        })),
    };
    Ok((outcome, None))
}

/// Takes a robot's next turn; the time of it where it is not now.
fn turn(running: &Running, message: &Message, pause: i64, now: i64) -> Option<i64> {
    let mut robots = running
        .robots
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let free = robots.entry(message.recipient.clone()).or_insert(0);
    // What waits comes back at the end of one pause: one of them is taken then, the others wait again.
    if now < *free {
        return Some(*free);
    }
    *free = now + pause;
    None
}

async fn sms(
    store: &Store,
    calendar: &Calendar,
    gateways: &Gateways,
    message: &Message,
    now: i64,
) -> Result<Attempted, StoreError> {
    let Some(gateway) = &gateways.sms else {
        return Ok((Outcome::Kept, None));
    };
    let refused = |why: String| (Outcome::Tried(Err(Failure::Permanent { why })), None);
    let settings = gateway.settings();
    let at = Moment::from_millis(now);
    if let Some(quiet) = settings.quiet.as_deref().and_then(Quiet::read) {
        let awake = quiet.after(at, calendar);
        if awake > at {
            let put_off = Outcome::PutOff {
                until: awake.as_millis(),
                why: None,
            };
            return Ok((put_off, None));
        }
    }
    let Ok(body) = serde_json::from_str::<SmsBody>(&message.body) else {
        return Ok(refused("the message names no approved text".to_owned()));
    };
    let template = match body.template {
        Some(template) => Ok(template),
        None => gateway.text_for(&body.message).map(str::to_owned),
    };
    let template = match template {
        Ok(template) => template,
        Err(failure) => return Ok((Outcome::Tried(Err(failure)), None)),
    };
    let order = Order {
        key: message.key.clone(),
        phone: message.recipient.clone(),
        template,
        params: body.params,
    };
    let segments = match gateway.segments(&order) {
        Ok(segments) => segments,
        Err(failure) => return Ok((Outcome::Tried(Err(failure)), None)),
    };
    let today = calendar.date_of(at);
    let day = (format!("sms {today}"), settings.most_per_day);
    let month = (
        format!("sms {:04}-{:02}", today.year(), today.month()),
        settings.most_per_month,
    );
    let next_day = calendar.start_of_day(today.tomorrow().unwrap_or(today));
    let next_month = today.last_of_month().tomorrow().unwrap_or(today);
    if !take(store, &day, segments).await? {
        return Ok(capped(&day, next_day, "day"));
    }
    if !take(store, &month, segments).await? {
        give_back(store, &day.0, segments).await?;
        return Ok(capped(&month, calendar.start_of_day(next_month), "month"));
    }
    let nonce = nonce(store, message);
    let sent = gateway.send(&order, now, &at.to_string(), &nonce).await;
    if matches!(sent, Err(Failure::Permanent { .. })) {
        give_back(store, &day.0, segments).await?;
        give_back(store, &month.0, segments).await?;
    }
    Ok((Outcome::Tried(sent), Some(segments)))
}

/// The message waits for the next day or month; the log and the outbox say so.
fn capped((period, most): &(String, Option<u32>), until: Moment, what: &str) -> Attempted {
    tracing::warn!(%period, most, %until, "the cap of SMS is reached; what is over it waits");
    metrics::counter!("shouwen_sms_capped_total").increment(1);
    let put_off = Outcome::PutOff {
        until: until.as_millis(),
        why: Some(format!("the cap of the {what} is reached")),
    };
    (put_off, None)
}

/// A number used once: ids never come twice, over all nodes.
fn nonce(store: &Store, message: &Message) -> String {
    format!("{:x}-{:x}", message.id, store.new_id())
}

async fn take(
    store: &Store,
    (period, most): &(String, Option<u32>),
    segments: u32,
) -> Result<bool, StoreError> {
    let most = most.map_or(i64::MAX / 4, i64::from);
    if i64::from(segments) > most {
        return Ok(false);
    }
    let params = [period.into(), segments.into(), most.into()];
    store
        .execute_returning(USE, &params)
        .await
        .map(|rows| !rows.is_empty())
}

async fn give_back(store: &Store, period: &str, segments: u32) -> Result<(), StoreError> {
    store
        .execute(GIVE_BACK, &[period.into(), segments.into()])
        .await
        .map(drop)
}
