//! Messages that nobody tells, and messages that could be too long even after all that yields has yielded.

use crate::load::here::Reading;
use crate::message::length;
use crate::model::{
    Action, Content, Field, FieldKind, Message, NumberTemplate, Pack, Part, Piece, Procedure,
};
use crate::source::{Mistakes, Node, Said};

/// Digits that a running number is taken to need at most.
const RUNNING: u8 = 9;
/// `2026年12月31日23:59` and `31 Dec 2026 23:59`.
const MOMENT: u32 = 17;
/// Twenty digits with their signs.
const PHONE: u32 = 30;
/// The longest whole number.
const NUMBER: u32 = 20;

/// Notes them for the messages of the pack itself.
pub(super) fn check(pack: &Pack, reading: &Reading<'_>, mistakes: &Mistakes) {
    let told: Vec<(&Procedure, &Action, &Message)> = pack
        .procedures
        .values()
        .flat_map(|procedure| procedure.actions.iter().map(move |action| (&**procedure, action)))
        .flat_map(|(procedure, action)| {
            action.tell.iter().filter_map(move |telling| match &telling.what {
                Content::Message(message) => Some((procedure, action, &**message)),
                Content::Said(_) => None,
            })
        })
        .collect();
    for stated in &reading.all.messages {
        if stated.pack.name != pack.name {
            continue;
        }
        let mut of = told
            .iter()
            .filter(|(.., message)| message.key == stated.key)
            .peekable();
        if of.peek().is_none() {
            mistakes.note(
                stated.place,
                "message.unused",
                (
                    format!("没有任何操作发出消息“{}”", stated.key),
                    format!("No action tells the message \"{}\"", stated.key),
                ),
                (
                    format!("在操作的 tell 里写 message: {}，或删去此文件", stated.key),
                    format!(
                        "Write `message: {}` under `tell` of an action, or take the file away",
                        stated.key
                    ),
                ),
            );
        }
        for (procedure, action, message) in of {
            fits(stated.node, procedure, action, message, mistakes);
        }
    }
}

fn fits(node: &Node, procedure: &Procedure, action: &Action, message: &Message, mistakes: &Mistakes) {
    let Some(limit) = message.longest else { return };
    let place = node.get("longest").map_or(&node.place, |node| &node.place);
    for (zh, limit, pieces) in [(true, limit.zh, &message.zh), (false, limit.en, &message.en)] {
        let mut least: u32 = 0;
        let mut endless = None;
        for piece in pieces {
            let part = match piece {
                Piece::Plain(text) => {
                    least = least.saturating_add(length(text));
                    continue;
                }
                Piece::Part(index) => message.parts.get(*index),
            };
            let Some(part) = part else { continue };
            match at_least(procedure, action, part, zh) {
                Some(length) => least = least.saturating_add(length),
                None => endless = endless.or(Some(part)),
            }
        }
        let language = if zh {
            ("中文", "Chinese")
        } else {
            ("英文", "English")
        };
        if let Some(part) = endless {
            mistakes.note(
                part.value.place(),
                "message.endless",
                (
                    format!("“{}”的长度没有上限又不让出，消息可能超过 {limit} 字", part.key),
                    format!("\"{}\" may be of any length and never yields, so the message may exceed {limit} characters", part.key),
                ),
                (
                    "请写 yields（可加 shorten_to），或直接取用一个字段",
                    "Write `yields` (with `shorten_to`, if you like), or take a field as it stands",
                ),
            );
        } else if least > limit {
            mistakes.note(
                place,
                "message.too_long",
                (
                    format!(
                        "流程“{}”中，{}在各项让出之后仍可达 {least} 字，超过 {limit} 字",
                        procedure.key, language.0
                    ),
                    format!(
                        "In \"{}\" the {} text may still have {least} characters after everything has yielded; {limit} are allowed",
                        procedure.key, language.1
                    ),
                ),
                (
                    "请缩短固定文字，让更多的项让出，或给字段写 longest",
                    "Shorten the fixed words, let more parts yield, or give the fields a `longest`",
                ),
            );
        }
    }
}

/// What a part still needs at most when it has yielded; `None` for any length.
fn at_least(procedure: &Procedure, action: &Action, part: &Part, zh: bool) -> Option<u32> {
    let around = part
        .say
        .as_ref()
        .map_or(0, |say| length(in_one(say, zh)).saturating_sub(length("{value}")));
    let most = most(procedure, action, part, zh);
    match (part.yields, part.shorten_to) {
        (Some(_), Some(least)) => Some(most.map_or(least, |most| most.min(least)) + around),
        (Some(_), None) => Some(0),
        (None, _) => most.map(|most| most.saturating_add(around)),
    }
}

fn most(procedure: &Procedure, action: &Action, part: &Part, zh: bool) -> Option<u32> {
    use crate::expression::Type;
    let text = part.value.text().trim();
    match text {
        "case.number" => return Some(number(&procedure.number)),
        "case.stage" => {
            return procedure
                .stages
                .iter()
                .map(|stage| length(in_one(&stage.title, zh)))
                .max();
        }
        _ => {}
    }
    match part.value.result() {
        Type::Bool => Some(3),
        Type::Int => Some(NUMBER),
        Type::Moment => Some(MOMENT),
        Type::Date => Some(10),
        Type::TimeOfDay => Some(5),
        _ => field(procedure, action, text).and_then(|field| in_field(field, zh)),
    }
}

fn field<'p>(procedure: &'p Procedure, action: &'p Action, text: &str) -> Option<&'p Field> {
    match text.strip_prefix("input.") {
        Some(key) => action.ask.iter().find(|field| field.key == key),
        None => procedure.fields.get(text.strip_prefix("case.")?),
    }
}

fn in_field(field: &Field, zh: bool) -> Option<u32> {
    let labels = |options: &[(String, Said)]| -> Vec<u32> {
        options
            .iter()
            .map(|(_, label)| length(in_one(label, zh)))
            .collect()
    };
    match &field.kind {
        FieldKind::Choice(options) => labels(options).into_iter().max(),
        FieldKind::Choices(options) => Some(labels(options).iter().map(|length| length + 2).sum()),
        FieldKind::Phone => Some(field.longest.min(PHONE)),
        FieldKind::Line | FieldKind::Text | FieldKind::Place => Some(field.longest),
        _ => None,
    }
}

fn number(template: &NumberTemplate) -> u32 {
    let fixed = |text: &str| {
        length(
            &text
                .replace("{date}", "20261126")
                .replace("{yymmdd}", "261126")
                .replace("{month}", "202611")
                .replace("{year}", "2026"),
        )
    };
    fixed(&template.prefix) + u32::from(template.width.max(RUNNING)) + fixed(&template.suffix)
}

fn in_one(said: &Said, zh: bool) -> &str {
    if zh { &said.zh } else { &said.en }
}
