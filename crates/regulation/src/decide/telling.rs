//! Telling people by an act: staff, and the customer by a message that is composed from the case.

use calendar::Calendar;

use super::scope::{Around, Typed, date_of_days};
use super::who::{addressed, words};
use super::work::Work;
use super::{Refusal, say};
use crate::case::{Addressee, Change, Composed, FieldValue, Outgoing};
use crate::expression::{Scope as _, Value};
use crate::message::{TooLong, compose};
use crate::model::{Action, Content, FieldKind, Message, Part, Procedure, Telling, Who};
use crate::source::Said;

/// Tells everyone whom the action tells. A message that does not fit refuses the act: nothing is sent cut off.
pub(super) fn tell(work: &mut Work<'_>, action: &Action, input: Typed<'_>) -> Result<(), Refusal> {
    for telling in &action.tell {
        if !work.holds(telling.when.as_ref(), input) {
            continue;
        }
        let to = to(work, telling);
        let outside = telling.who.contains(&Who::Customer);
        // Nobody but a customer whom nobody knows: there is none to send it to.
        if to.is_empty() && telling.who.iter().all(|who| *who == Who::Customer) {
            continue;
        }
        let (text, message) = match &telling.what {
            Content::Said(words) => (words.clone(), None),
            Content::Message(message) => {
                let text = composed(work, action, message, input)?;
                let composed = Composed {
                    key: message.key.clone(),
                    title: message.title.clone(),
                    clause: message.clause.clone(),
                };
                (text, Some(composed))
            }
        };
        let outgoing = Outgoing {
            channel: telling.channel,
            message,
        };
        let goes_out = outside || outgoing.channel.is_some() || outgoing.message.is_some();
        work.push(Change::Told {
            who: words(&telling.who),
            to,
            zh: text.zh,
            en: text.en,
            outgoing: goes_out.then_some(outgoing),
        });
    }
    Ok(())
}

fn to(work: &Work<'_>, telling: &Telling) -> Vec<Addressee> {
    let case = &work.case;
    let mut to = addressed(case, &telling.who);
    let named = telling
        .address
        .as_ref()
        .and_then(|field| case.fields.get(field))
        .and_then(FieldValue::as_text)
        .filter(|text| !text.trim().is_empty());
    if let Some(named) = named.filter(|_| telling.who.contains(&Who::Customer)) {
        to.retain(|one| !matches!(one, Addressee::Customer { .. }));
        to.push(Addressee::Customer {
            customer: case.customer,
            address: Some(named.to_owned()),
        });
    }
    to
}

fn composed(work: &Work<'_>, action: &Action, message: &Message, input: Typed<'_>) -> Result<Said, Refusal> {
    let around = work.around(input);
    let values: Vec<Option<Said>> = message
        .parts
        .iter()
        .map(|part| written(part, &part.value.evaluate(&around), &around, work))
        .collect();
    compose(message, &values).map_err(|TooLong { longest, found }| Refusal::Clause {
        action: action.key.clone(),
        clause: message.clause.clone(),
        say: say(
            format!(
                "“{}”不得超过 {longest} 字，按次序压缩后仍有 {found} 字，请缩短所填内容",
                message.title.zh
            ),
            format!(
                "\"{}\" may have {longest} characters; after everything that yields it still has {found}. Shorten what was typed",
                message.title.en
            ),
        ),
        on_input: true,
    })
}

/// A value as people read it; nothing for a missing one.
fn written(part: &Part, value: &Value, around: &Around<'_>, work: &Work<'_>) -> Option<Said> {
    let same = |text: String| Some(Said::new(text.clone(), text));
    match value {
        Value::Missing | Value::Unknown | Value::Id(_) | Value::Object(_) | Value::Duration(_) => None,
        Value::Bool(true) => Some(say("是", "yes")),
        Value::Bool(false) => Some(say("否", "no")),
        Value::Int(fen) if part.kind == Some(FieldKind::Money) => same(yuan(*fen)),
        Value::Int(number) => same(number.to_string()),
        Value::Text(key) => Some(label(part, work.procedure, key).unwrap_or_else(|| {
            let line = key.split_whitespace().collect::<Vec<_>>().join(" ");
            say(line.clone(), line)
        })),
        Value::Moment(at) => Some(moment(*at, around, work.calendar())),
        Value::TimeOfDay(at) => same(format!("{:02}:{:02}", at / 3_600_000, at / 60_000 % 60)),
        Value::Date(days) => same(date_of_days(*days)),
        Value::List(items) => {
            let all: Vec<Said> = items
                .iter()
                .filter_map(|item| written(part, item, around, work))
                .collect();
            let joined = |texts: Vec<&str>, by: &str| texts.join(by);
            (!all.is_empty()).then(|| {
                say(
                    joined(all.iter().map(|one| one.zh.as_str()).collect(), "、"),
                    joined(all.iter().map(|one| one.en.as_str()).collect(), ", "),
                )
            })
        }
    }
}

fn label(part: &Part, procedure: &Procedure, key: &str) -> Option<Said> {
    match &part.kind {
        Some(FieldKind::Choice(options) | FieldKind::Choices(options)) => options
            .iter()
            .find(|(option, _)| option == key)
            .map(|(_, label)| label.clone()),
        None if part.value.text().trim() == "case.stage" => {
            procedure.stage(key).map(|stage| stage.title.clone())
        }
        _ => None,
    }
}

fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Day and hour where the case is; the year only where it is not this one.
fn moment(at: i64, around: &Around<'_>, calendar: &Calendar) -> Said {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let moment = calendar::Moment::from_millis(at);
    let (date, today) = (calendar.date_of(moment), calendar.date_of(around.now));
    let in_day = (at + around.utc_offset(at)).rem_euclid(86_400_000) / 60_000;
    let clock = format!("{:02}:{:02}", in_day / 60, in_day % 60);
    let (month, day) = (date.month(), date.day());
    let name = MONTHS
        .get(usize::try_from(month).unwrap_or(1).saturating_sub(1))
        .copied()
        .unwrap_or_default();
    if date.year() == today.year() {
        say(
            format!("{month}月{day}日{clock}"),
            format!("{day} {name} {clock}"),
        )
    } else {
        say(
            format!("{}年{month}月{day}日{clock}", date.year()),
            format!("{day} {name} {} {clock}", date.year()),
        )
    }
}
