//! A procedure, put together.

use std::collections::BTreeMap;

use super::field::{bare, flag, said, said_of, text};
use super::here::{Here, Reading};
use super::outline::{Outline, asked, entries, intake, unite};
use super::words::{self, NUMBER_PARTS, WrongNumber};
use crate::model::{Field, Given, NumberTemplate, Procedure, Stage, Who};
use crate::source::{Key, Node};

/// Links one procedure.
pub(crate) fn procedure<'a>(reading: &Reading<'a>, outline: &Outline<'a>) -> Procedure {
    let stated = outline.stated;
    let node = stated.node;
    let here = Here::inside(reading, stated.pack, outline);
    let intake_fields = here.fields_of(intake(node, reading.all));
    let form = node.get("intake").and_then(|intake| intake.get("form"));
    if let Some(form) = form {
        here.known_form(form.as_text().unwrap_or_default(), &form.place);
        if let Some(ask) = node.get("ask") {
            reading.mistakes.note(
                &ask.place,
                "intake.twice",
                ("已写 intake，又写 ask", "Both `intake` and `ask` are written"),
                (
                    "受理字段写在表单里，或只写 ask",
                    "Put the fields into the form, or write `ask` only",
                ),
            );
        }
    }
    if let Some(document) = node.get("document") {
        here.known_form(document.as_text().unwrap_or_default(), &document.place);
    }

    let mut fields = every_field(reading, outline);
    // Titles and conditions as the intake says them go before those of later actions.
    for field in intake_fields.iter().filter(|field| field.given == Given::Typed) {
        if let Some(known) = fields.get_mut(&field.key) {
            let kind = known.kind.clone();
            *known = Field {
                kind,
                ..field.clone()
            };
        }
    }
    let subject = subject(&here, node, &intake_fields);
    let mut actions: Vec<_> = entries(node, "actions")
        .iter()
        .map(|(key, node)| here.action(&key.text, node))
        .collect();
    for right in &outline.rights {
        actions.push(here.stated_in(right.pack).action(right.key, right.node));
    }

    Procedure {
        key: stated.key.to_owned(),
        title: said(node, "title"),
        stated_in: stated.pack.name.clone(),
        number: node
            .get("number")
            .map_or_else(no_number, |node| number(&here, node)),
        intake: form.and_then(Node::as_text).map(str::to_owned),
        intake_clause: node.get("intake").and_then(|node| here.clause(node, "clause")),
        intake_fields,
        subject,
        opened_by: match node.get("opened_by") {
            Some(_) => here
                .people(node, "opened_by")
                .into_iter()
                .filter(|who| *who != Who::Engine)
                .collect(),
            None => vec![Who::Anyone],
        },
        customer: flag(node, "customer", true),
        document: text(node, "document").map(str::to_owned),
        retain: here.limit(node, "retain"),
        stages: entries(node, "stages")
            .iter()
            .map(|(key, node)| Stage {
                key: key.text.clone(),
                title: said_of(node),
                end: flag(node, "end", false),
            })
            .collect(),
        fields,
        actions,
        approvals: entries(node, "approvals")
            .iter()
            .filter_map(|(key, node)| here.approval(key, node))
            .collect(),
        deadlines: entries(node, "deadlines")
            .iter()
            .filter_map(|(key, node)| here.deadline(key, node))
            .collect(),
        facts: entries(node, "facts")
            .iter()
            .filter_map(|(key, node)| here.fact(key, node))
            .collect(),
        questions: entries(node, "questions")
            .iter()
            .map(|(key, node)| here.question(key, node))
            .collect(),
        unique: entries(node, "unique")
            .iter()
            .filter_map(|(key, node)| here.unique(key, node))
            .collect(),
        samples: entries(node, "samples")
            .iter()
            .filter_map(|(key, node)| here.sample(key, node))
            .collect(),
        indexed: Vec::new(),
    }
}

fn every_field(reading: &Reading<'_>, outline: &Outline<'_>) -> BTreeMap<String, Field> {
    let node = outline.stated.node;
    let mut fields: BTreeMap<String, Field> = BTreeMap::new();
    let mut take = |entries: &[(Key, Node)]| {
        for (key, node) in entries {
            if node.get("given").is_some() || !outline.fields.contains_key(&key.text) {
                continue;
            }
            let field = bare(key, node);
            match fields.get_mut(&key.text) {
                Some(known) => {
                    unite(&mut known.kind, &field.kind);
                    known.personal |= field.personal;
                    known.longest = known.longest.max(field.longest);
                }
                None => {
                    fields.insert(key.text.clone(), field);
                }
            }
        }
    };
    take(intake(node, reading.all));
    take(entries(node, "fields"));
    for (_, action) in entries(node, "actions") {
        take(asked(action.get("ask"), reading.all));
    }
    for right in &outline.rights {
        take(asked(right.node.get("ask"), reading.all));
    }
    fields
}

/// The field that names a case in lists.
fn subject(here: &Here<'_, '_>, node: &Node, intake: &[Field]) -> String {
    let known: Vec<&str> = here
        .outline
        .map(|outline| outline.fields.keys().map(String::as_str).collect())
        .unwrap_or_default();
    if let Some(subject) = node.get("subject") {
        return here.known(subject, "field.unknown", &known).unwrap_or_default();
    }
    if !known.contains(&"subject") && !intake.is_empty() {
        here.reading.mistakes.note(
            &node.place,
            "procedure.subject",
            (
                "没有写 subject，也没有名为 subject 的字段",
                "Neither is `subject` written nor is there a field of that name",
            ),
            (
                "写 subject: 代表事项的字段",
                "Write `subject:` and the field that names a case in lists",
            ),
        );
    }
    "subject".to_owned()
}

fn no_number() -> NumberTemplate {
    NumberTemplate {
        prefix: String::new(),
        width: 1,
        suffix: String::new(),
    }
}

fn number(here: &Here<'_, '_>, node: &Node) -> NumberTemplate {
    let text = node.as_text().unwrap_or_default();
    let (zh, en) = match words::number(text) {
        Ok(template) => return template,
        Err(WrongNumber::NoCounter) => (
            "没有流水号 {n}".to_owned(),
            "has no running number {n}".to_owned(),
        ),
        Err(WrongNumber::TwoCounters) => ("有两个流水号".to_owned(), "has two running numbers".to_owned()),
        Err(WrongNumber::Open) => (
            "花括号不成对".to_owned(),
            "has a brace without its partner".to_owned(),
        ),
        Err(WrongNumber::Unknown(part)) => (
            format!("不认识 {{{part}}}"),
            format!("has an unknown part {{{part}}}"),
        ),
        Err(WrongNumber::Width(width)) => (
            format!("位数“{width}”不在 1 到 12 之间"),
            format!("has the width \"{width}\", which is not from 1 to 12"),
        ),
    };
    let parts: Vec<String> = NUMBER_PARTS.iter().map(|part| format!("{{{part}}}")).collect();
    here.reading.mistakes.note(
        &node.place,
        "number.wrong",
        (
            format!("编号格式“{text}”{zh}"),
            format!("The numbering \"{text}\" {en}"),
        ),
        (
            format!(
                "写作 TS{{date}}-{{n:4}}；可用 {}、{{n}}、{{n:4}}",
                parts.join("、")
            ),
            format!(
                "Write TS{{date}}-{{n:4}}; known are {}, {{n}}, {{n:4}}",
                parts.join(", ")
            ),
        ),
    );
    no_number()
}
