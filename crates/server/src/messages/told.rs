//! What became of messages to customers, in the timeline of their case: one line under the event that told them.

use std::collections::BTreeMap;

use calendar::Moment;
use regulation::Id;
use store::{Store, StoreError};

use super::masked;
use crate::cases::timeline::Entry;
use crate::cases::words::time;
use crate::http::Language;

const OF_CASE: &str =
    "SELECT seq, channel, recipient, state, sent FROM outbox WHERE case_id = $1 AND outward = 1 ORDER BY id";

/// A message to a customer as it stands.
struct Standing {
    channel: String,
    recipient: String,
    state: String,
    sent: Option<Moment>,
}

/// Adds to the timeline of a case what became of its messages to customers. Numbers and addresses are masked.
pub async fn told(
    store: &Store,
    case: Id,
    language: Language,
    calendar: &calendar::Calendar,
    timeline: &mut [Entry],
) -> Result<(), StoreError> {
    let mut by_event: BTreeMap<i64, Vec<Standing>> = BTreeMap::new();
    for row in store.query(OF_CASE, &[case.0.into()]).await? {
        let standing = Standing {
            channel: row.text(1)?.to_owned(),
            recipient: row.text(2)?.to_owned(),
            state: row.text(3)?.to_owned(),
            sent: row.opt_int(4)?.map(Moment::from_millis),
        };
        by_event.entry(row.int(0)?).or_default().push(standing);
    }
    let now = Moment::from_millis(store.now());
    for entry in timeline {
        for standing in by_event.remove(&entry.seq).unwrap_or_default() {
            let sent = standing.sent.map(|sent| time(sent, now, calendar));
            entry
                .consequences
                .push(sentence(&standing, sent.as_deref(), language));
        }
    }
    Ok(())
}

fn sentence(standing: &Standing, sent: Option<&str>, language: Language) -> String {
    let mail = standing.channel == "mail";
    let what = match (language, mail) {
        (Language::Chinese, true) => "邮件",
        (Language::Chinese, false) => "短信",
        (Language::English, true) => "mail",
        (Language::English, false) => "SMS",
    };
    let to = match (language, standing.recipient.is_empty()) {
        (_, true) => String::new(),
        (Language::Chinese, false) => format!("（{}）", masked(&standing.channel, &standing.recipient)),
        (Language::English, false) => format!(" ({})", masked(&standing.channel, &standing.recipient)),
    };
    let at = sent.unwrap_or_default();
    let (zh, en) = match standing.state.as_str() {
        "waiting" => ("等待发送".to_owned(), "waits to be sent".to_owned()),
        "sent" => (format!("已于{at}发出"), format!("sent {at}")),
        "delivered" => ("已送达".to_owned(), "delivered".to_owned()),
        "failed" => ("未能送达".to_owned(), "could not be delivered".to_owned()),
        "dead" => (
            "多次发送未成功，已停止".to_owned(),
            "given up after many attempts".to_owned(),
        ),
        "kept" => (
            "未设发送通道，留在发件箱".to_owned(),
            "kept in the outbox: there is no gateway".to_owned(),
        ),
        "withdrawn" => ("已撤回，未发送".to_owned(), "taken back, not sent".to_owned()),
        super::post::UNREACHABLE if mail => (
            "无法告知客户：没有可用的邮箱地址".to_owned(),
            "the customer could not be told: no mail address is known".to_owned(),
        ),
        super::post::UNREACHABLE => (
            "无法告知客户：没有可用的手机号".to_owned(),
            "the customer could not be told: no mobile number is known".to_owned(),
        ),
        other => (other.to_owned(), other.to_owned()),
    };
    match language {
        Language::Chinese => format!("{what}{to}{zh}"),
        Language::English => format!("{what}{to}: {en}"),
    }
}
