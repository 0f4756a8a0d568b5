//! `/api/notices`: a person's own notices and choices. Nobody sees those of others.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use regulation::Said;
use serde::{Deserialize, Serialize};
use store::CommitError;
use utoipa::{IntoParams, ToSchema};

use super::{before, cut};
use crate::app::App;
use crate::http::wire::Page;
use crate::http::{Answer, Body, Params, Problem};
use crate::messages::kind::Kind;
use crate::messages::quiet::Quiet;
use crate::messages::settings::{self, Chosen};
use crate::session::Caller;

// $1 person, $2 before which id, $3 how many
macro_rules! notices {
    ($which:literal) => {
        concat!(
            "SELECT n.id, n.case_id, c.number, c.procedure, n.at, n.kind, n.zh, n.en, n.seen FROM notices n \
             JOIN cases c ON c.id = n.case_id WHERE n.person = $1 AND n.id < $2 ",
            $which,
            "ORDER BY n.id DESC LIMIT $3"
        )
    };
}

const ALL: &str = notices!("");
const UNSEEN: &str = notices!("AND n.seen IS NULL ");
// Counting stops where nobody would read the number any more.
const COUNT: &str =
    "SELECT COUNT(*) FROM (SELECT id FROM notices WHERE person = $1 AND seen IS NULL LIMIT 1000) few";
const SEE: &str = "UPDATE notices SET seen = $3 WHERE person = $1 AND id = $2 AND seen IS NULL";
const SEE_ALL: &str = "UPDATE notices SET seen = $3 WHERE person = $1 AND id <= $2 AND seen IS NULL";

/// The most notices marked by name at once.
const MOST: usize = 200;

/// Which notices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Only those that were not seen yet.
    #[serde(default)]
    pub unread: bool,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeLine {
    /// Id.
    pub id: String,
    /// The case.
    pub case: String,
    /// Its number.
    pub number: String,
    /// When it happened.
    pub at: String,
    /// `told`, `assigned`, `reminder`, `overdue`, `signature`, `question` or `urged`.
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// What is said.
    pub text: String,
    /// When it was seen.
    pub seen_at: Option<String>,
}

/// Notices, newest first.
#[utoipa::path(get, path = "/api/notices", tag = "notices", params(Which),
    responses((status = 200, body = Page<NoticeLine>), Problem))]
pub async fn notices(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Answer<Json<Page<NoticeLine>>> {
    let limit = i64::from(which.limit.unwrap_or(50).clamp(1, 200));
    let before = before(which.after.as_deref())?;
    let sql = if which.unread { UNSEEN } else { ALL };
    let params = [caller.person.0.into(), before.into(), (limit + 1).into()];
    let mut rows = app.centre.store.query(sql, &params).await?;
    let next = cut(&mut rows, limit, |row| row.int(0).unwrap_or_default());
    let moment = |ms: i64| calendar::Moment::from_millis(ms).to_string();
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        let kind = row.text(5)?;
        let title = Kind::of(kind).map(Kind::title);
        items.push(NoticeLine {
            id: row.int(0)?.to_string(),
            case: row.int(1)?.to_string(),
            number: row.text(2)?.to_owned(),
            at: moment(row.int(4)?),
            kind: kind.to_owned(),
            title: title
                .map_or(kind, |(zh, en)| caller.language.pick(zh, en))
                .to_owned(),
            text: caller.language.pick(row.text(6)?, row.text(7)?).to_owned(),
            seen_at: row.opt_int(8)?.map(moment),
        });
    }
    Ok(Json(Page { items, next }))
}

/// How many notices were not seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unread {
    /// How many; 1,000 stands for that many and more.
    pub count: i64,
}

/// How many notices were not seen yet.
#[utoipa::path(get, path = "/api/notices/unread", tag = "notices", responses((status = 200, body = Unread), Problem))]
pub async fn unread(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Unread>> {
    let rows = app.centre.store.query(COUNT, &[caller.person.0.into()]).await?;
    let count = rows
        .first()
        .map(|row| row.int(0))
        .transpose()?
        .unwrap_or_default();
    Ok(Json(Unread { count }))
}

/// What was seen: some, or all up to one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// These.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub ids: Vec<String>,
    /// This one and all before it.
    pub upto: Option<String>,
}

/// Mark notices as seen. Those of others are passed over.
#[utoipa::path(post, path = "/api/notices/read", tag = "notices", request_body = Seen,
    responses((status = 200, body = Unread), Problem))]
pub async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(seen): Body<Seen>,
) -> Answer<Json<Unread>> {
    let wrong = || {
        Problem::malformed(
            "通知的编号有误。请用列表中的id。",
            "A notice's id is wrong. Use those of the list.",
        )
    };
    if seen.ids.len() > MOST {
        return Err(Problem::malformed(
            format!("一次最多标记{MOST}条。更多请用upto。"),
            format!("At most {MOST} at once. Use upto for more."),
        ));
    }
    let store = &app.centre.store;
    let now = store.now();
    let mut marks = Vec::new();
    for id in &seen.ids {
        marks.push((SEE, id.parse::<i64>().map_err(|_| wrong())?));
    }
    if let Some(upto) = &seen.upto {
        marks.push((SEE_ALL, upto.parse::<i64>().map_err(|_| wrong())?));
    }
    let mut batch = store::Batch::new();
    for (sql, id) in marks {
        batch.statement(sql, vec![caller.person.0.into(), id.into(), now.into()]);
    }
    store.commit(batch).await?;
    unread(State(app), caller).await
}

/// What a person chose of notices.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// Mail address; empty for none.
    #[serde(default)]
    #[schema(max_length = 254)]
    pub mail: String,
    /// Mainland mobile number; empty for none.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub phone: String,
    /// Kinds that go out by mail too.
    #[serde(default)]
    pub by_mail: Vec<Kind>,
    /// Kinds that go out by SMS too.
    #[serde(default)]
    pub by_sms: Vec<Kind>,
    /// Minute of the day from which nothing goes out, 0 to 1439.
    pub quiet_from: Option<i64>,
    /// Minute of the day at which it goes on.
    pub quiet_until: Option<i64>,
}

/// What one chose of notices. In the house one is told of everything; mail and SMS are extra.
#[utoipa::path(get, path = "/api/notices/choices", tag = "notices", responses((status = 200, body = Choices), Problem))]
pub async fn choices(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Choices>> {
    let (_, chosen) = settings::chosen(&app.centre.store, caller.person).await?;
    Ok(Json(shown(chosen)))
}

fn shown(chosen: Chosen) -> Choices {
    Choices {
        mail: chosen.mail,
        phone: chosen.phone,
        by_mail: chosen.by_mail,
        by_sms: chosen.by_sms,
        quiet_from: chosen.quiet.map(|(from, _)| from),
        quiet_until: chosen.quiet.map(|(_, until)| until),
    }
}

/// What is wrong with choices, and the form they are kept in.
fn checked(mut wanted: Choices) -> Result<Chosen, Vec<(String, Said)>> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, zh: &str, en: &str| {
        let said = Said {
            zh: zh.to_owned(),
            en: en.to_owned(),
        };
        problems.push((field.to_owned(), said));
    };
    let mut mail = String::new();
    if !wanted.mail.trim().is_empty() {
        match channels::mail::address(&wanted.mail) {
            Ok(address) => mail = address,
            Err(_) => wrong("mail", "这不是有效的邮箱地址。", "This is no mail address."),
        }
    }
    let mut phone = String::new();
    if !wanted.phone.trim().is_empty() {
        match channels::sms::mainland(&wanted.phone) {
            Some(number) => phone = number,
            None => wrong(
                "phone",
                "请填写11位大陆手机号码。",
                "Give a mainland mobile number of 11 digits.",
            ),
        }
    }
    if mail.is_empty() && !wanted.by_mail.is_empty() {
        wrong(
            "by_mail",
            "要用邮件接收，请先填写邮箱。",
            "Give a mail address to be told by mail.",
        );
    }
    if phone.is_empty() && !wanted.by_sms.is_empty() {
        wrong(
            "by_sms",
            "要用短信接收，请先填写手机号码。",
            "Give a mobile number to be told by SMS.",
        );
    }
    let quiet = match (wanted.quiet_from, wanted.quiet_until) {
        (None, None) => None,
        (Some(from), Some(until)) if Quiet::new(from, until).is_some() => Some((from, until)),
        _ => {
            wrong(
                "quiet_from",
                "免打扰的起止是一天中的两个不同时刻（0至1439分）。",
                "Quiet hours go from one minute of the day to another (0 to 1439).",
            );
            None
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    for kinds in [&mut wanted.by_mail, &mut wanted.by_sms] {
        kinds.sort_unstable();
        kinds.dedup();
    }
    Ok(Chosen {
        mail,
        phone,
        by_mail: wanted.by_mail,
        by_sms: wanted.by_sms,
        quiet,
    })
}

/// Choose how to be told.
#[utoipa::path(put, path = "/api/notices/choices", tag = "notices", request_body = Choices,
    responses((status = 200, body = Choices), Problem))]
pub async fn choose(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(wanted): Body<Choices>,
) -> Answer<Json<Choices>> {
    let chosen = checked(wanted).map_err(Problem::input)?;
    match settings::choose(&app.centre.store, caller.person, caller.person, &chosen).await {
        Ok(()) => {}
        Err(CommitError::Stale { .. } | CommitError::Claimed { .. }) => return Err(raced()),
        Err(error) => return Err(error.into()),
    }
    app.centre.refresh().await?;
    Ok(Json(shown(chosen)))
}

/// Somebody was faster.
pub(super) fn raced() -> Problem {
    Problem::status(
        StatusCode::CONFLICT,
        "stale",
        "同时有别的修改。请刷新后再试。",
        "It was changed at the same time. Reload and try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_kept_in_one_form_or_every_fault_is_told() {
        let wanted = Choices {
            mail: " Lin@Example.CN".into(),
            phone: "+86 138 0013 8000".into(),
            by_mail: vec![Kind::Overdue, Kind::Told, Kind::Overdue],
            by_sms: vec![Kind::Overdue],
            quiet_from: Some(1260),
            quiet_until: Some(480),
        };
        let chosen = checked(wanted).unwrap();
        assert_eq!(chosen.mail, "Lin@example.cn");
        assert_eq!(chosen.phone, "13800138000");
        assert_eq!(chosen.by_mail, [Kind::Told, Kind::Overdue]);
        assert_eq!(chosen.quiet, Some((1260, 480)));
        let faulty = Choices {
            mail: "a@b\r\nBcc: c@d.cn".into(),
            phone: "110".into(),
            by_mail: vec![Kind::Told],
            by_sms: vec![Kind::Told],
            quiet_from: Some(5),
            quiet_until: None,
        };
        let problems: Vec<String> = checked(faulty)
            .unwrap_err()
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(problems, ["mail", "phone", "by_mail", "by_sms", "quiet_from"]);
    }
}
