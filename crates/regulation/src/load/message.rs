//! Messages and whom an act tells.

use std::sync::Arc;

use super::field::{said, text};
use super::here::Here;
use super::outline::{Outline, entries};
use crate::expression::{Expression, Type};
use crate::model::{Channel, Content, FieldKind, Longest, Message, Part, Piece, Telling, Who};
use crate::source::{Key, Node};

impl<'a> Here<'_, 'a> {
    /// Someone told by an act that asks these fields; `self` is inside the action.
    pub(super) fn telling(&self, node: &'a Node, fields: &'a [(Key, Node)]) -> Option<Telling> {
        let people = node.get("who").map(Node::one_or_many).unwrap_or_default();
        let who: Vec<Who> = people.iter().filter_map(|node| self.anybody(node)).collect();
        let mistakes = self.reading.mistakes;
        if node.is_map() && node.get("say").is_some() == node.get("message").is_some() {
            mistakes.note(
                &node.place,
                "tell.what",
                (
                    "告知的内容要么写 say，要么写 message",
                    "What is told is either a `say` or a `message`",
                ),
                ("请只写其中一个", "Write one of the two"),
            );
        }
        let what = match node.get("message") {
            Some(named) => Content::Message(self.message(named, fields)?),
            None => Content::Said(said(node, "say")),
        };
        let customer = who.contains(&Who::Customer);
        if let Some(to) = node.get("to") {
            self.number_or_address(to);
        } else if customer
            && self.outline.is_some_and(|outline| {
                text(outline.stated.node, "customer")
                    .is_some_and(|text| super::words::flag(text) == Some(false))
            })
        {
            mistakes.note(
                &node.place,
                "tell.no_customer",
                (
                    "此流程没有客户（customer: no），不知通知谁",
                    "No customer stands behind this procedure (`customer: no`), so there is none to tell",
                ),
                (
                    "写 to: 存有电话或地址的字段，或改告知其他人",
                    "Name the field with the number or address under `to`, or tell someone else",
                ),
            );
        }
        if let (false, Some(odd)) = (customer, node.get("to").or(node.get("channel"))) {
            mistakes.note(
                &odd.place,
                "tell.channel",
                (
                    "只有通知客户才写 channel 和 to；员工怎样收到由各人设置",
                    "`channel` and `to` are for telling the customer; how staff hear of it is their own setting",
                ),
                ("请写 who: customer，或删去此项", "Write `who: customer`, or take this key away"),
            );
        }
        Some(Telling {
            who,
            when: self.condition(node.get("when")),
            what,
            channel: match text(node, "channel") {
                Some("sms") => Some(Channel::Sms),
                Some("mail") => Some(Channel::Mail),
                _ => None,
            },
            address: text(node, "to").map(str::to_owned),
        })
    }

    fn number_or_address(&self, node: &Node) {
        let Some(outline) = self.outline else { return };
        let known: Vec<&str> = outline
            .fields
            .iter()
            .filter(|(_, (kind, _))| matches!(kind, FieldKind::Phone | FieldKind::Line))
            .map(|(key, _)| key.as_str())
            .collect();
        self.known(node, "field.unknown", &known);
    }

    /// The message of this name, its values read as this act sees them.
    fn message(&self, named: &'a Node, fields: &'a [(Key, Node)]) -> Option<Arc<Message>> {
        let all = &self.reading.all.messages;
        let key = named.as_text()?;
        let Some(stated) = all.iter().find(|stated| stated.key == key) else {
            let known = all.iter().map(|stated| stated.key);
            self.reading
                .mistakes
                .unknown(&named.place, "message.unknown", key, known);
            return None;
        };
        let node = stated.node;
        let here = self.stated_in(stated.pack);
        let parts: Vec<Part> = entries(node, "parts")
            .iter()
            .filter_map(|(key, node)| here.part(key, node, fields))
            .collect();
        here.one_order(node);
        let pieces = |language: &str| {
            let text = node.get("text").and_then(|text| text.get(language));
            text.map(|text| here.pieces(text, node, &parts))
                .unwrap_or_default()
        };
        let (zh, en) = (pieces("zh"), pieces("en"));
        for (index, (key, _)) in entries(node, "parts").iter().enumerate() {
            let stands = |pieces: &[Piece]| pieces.contains(&Piece::Part(index));
            // Where a part could not be read, the places of the others no longer agree.
            if parts.len() == entries(node, "parts").len() && !(stands(&zh) && stands(&en)) {
                self.reading.mistakes.note(
                    &key.place,
                    "message.unwritten",
                    (
                        format!("“{}”没有写进两种文字的 text", key.text),
                        format!("\"{}\" does not stand in the text of both languages", key.text),
                    ),
                    (
                        format!("在 text 的 zh 和 en 中写 {{{}}}，或删去它", key.text),
                        format!(
                            "Write {{{}}} in both `zh` and `en` of `text`, or take it away",
                            key.text
                        ),
                    ),
                );
            }
        }
        Some(Arc::new(Message {
            key: key.to_owned(),
            title: said(node, "title"),
            clause: here.clause_or_none(node, "clause"),
            longest: longest(node),
            zh,
            en,
            parts,
        }))
    }

    fn part(&self, key: &Key, node: &Node, fields: &'a [(Key, Node)]) -> Option<Part> {
        let written = node.get("value")?;
        let value = self.expression(written, None)?;
        let mistakes = self.reading.mistakes;
        if !readable(value.result()) {
            mistakes.note(
                &written.place,
                "message.value",
                (
                    format!("{}不能写进消息", value.result().zh()),
                    format!("{} cannot be written in a message", value.result()),
                ),
                (
                    "请用文字、数字、选项、日期或时间；人员和部门请先写进一个文字字段",
                    "Use text, a number, an option, a day or a time; put the name of a person or unit into a text field first",
                ),
            );
            return None;
        }
        if let Some(shorten) = node.get("shorten_to")
            && !shortens(value.result())
        {
            mistakes.note(
                &shorten.place,
                "message.shorten",
                (
                    format!("{}不能截短，只能整个保留或整个省去", value.result().zh()),
                    format!(
                        "{} is never cut: it is kept whole or left out whole",
                        value.result()
                    ),
                ),
                ("请删去 shorten_to", "Take `shorten_to` away"),
            );
        }
        if let (Some(shorten), None) = (node.get("shorten_to"), node.get("yields")) {
            mistakes.note(
                &shorten.place,
                "message.order",
                (
                    "写了 shorten_to，却没有写第几个让出",
                    "`shorten_to` is said, but not when this part's turn comes",
                ),
                ("请补上 yields: 1、2 …", "Add `yields: 1`, `2` …"),
            );
        }
        if let Some(say) = node.get("say") {
            for language in ["zh", "en"] {
                if let Some(words) = say.get(language)
                    && words
                        .as_text()
                        .is_some_and(|text| text.matches("{value}").count() != 1)
                {
                    mistakes.note(
                        &words.place,
                        "message.say",
                        (
                            "say 里须有一处 {value}，表示此项的内容",
                            "`say` must hold {value} once, where the part's value goes",
                        ),
                        ("写作 “，电话{value}”", "Write for instance \", tel. {value}\""),
                    );
                }
            }
        }
        let number = |key: &str| text(node, key).and_then(|text| text.parse().ok());
        Some(Part {
            key: key.text.clone(),
            kind: self.kind_of(&value, fields),
            value,
            say: node.get("say").is_some().then(|| said(node, "say")),
            yields: number("yields"),
            shorten_to: number("shorten_to"),
        })
    }

    /// The kind of the field that a value is, if it is one as it stands.
    fn kind_of(&self, value: &Expression, fields: &'a [(Key, Node)]) -> Option<FieldKind> {
        let text = value.text().trim();
        if let Some(key) = text.strip_prefix("input.") {
            let (_, node) = fields.iter().find(|(known, _)| known.text == key)?;
            return Some(super::field::field_kind(node));
        }
        let key = text.strip_prefix("case.")?;
        self.outline
            .and_then(|outline: &Outline<'_>| outline.field(key))
            .cloned()
    }

    /// Two parts of one turn have no order.
    fn one_order(&self, node: &Node) {
        let mut seen: Vec<&str> = Vec::new();
        for turn in entries(node, "parts")
            .iter()
            .filter_map(|(_, part)| part.get("yields"))
        {
            let Some(found) = turn.as_text() else { continue };
            if seen.contains(&found) {
                self.reading.mistakes.note(
                    &turn.place,
                    "message.order",
                    (
                        format!("另一项也写了 yields: {found}，先后不明"),
                        format!("Another part says `yields: {found}` too, so neither comes first"),
                    ),
                    ("请给每一项不同的次序", "Give each part a turn of its own"),
                );
            }
            seen.push(found);
        }
    }

    fn pieces(&self, node: &Node, message: &Node, parts: &[Part]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = node.as_text().unwrap_or_default();
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                pieces.push(Piece::Plain(before.to_owned()));
            }
            let Some((name, after)) = after.split_once('}') else {
                self.reading.mistakes.note(
                    &node.place,
                    "message.brace",
                    ("花括号不成对", "A brace has no partner"),
                    ("占位写作 {名称}", "Write a placeholder as {name}"),
                );
                return pieces;
            };
            match parts.iter().position(|part| part.key == name) {
                Some(index) => pieces.push(Piece::Part(index)),
                // What is wrong with it is said where it stands.
                None if entries(message, "parts").iter().any(|(key, _)| key.text == name) => {}
                None => self.reading.mistakes.unknown(
                    &node.place,
                    "message.placeholder",
                    name,
                    parts.iter().map(|part| part.key.as_str()),
                ),
            }
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Plain(rest.to_owned()));
        }
        pieces
    }
}

fn longest(node: &Node) -> Option<Longest> {
    let stated = node.get("longest")?;
    let both = stated.as_text().and_then(|text| text.parse().ok());
    let one = |language: &str| text(stated, language).and_then(|text| text.parse().ok());
    Some(Longest {
        zh: both.or_else(|| one("zh"))?,
        en: both.or_else(|| one("en"))?,
    })
}

fn readable(kind: &Type) -> bool {
    match kind {
        Type::Bool
        | Type::Int
        | Type::Text
        | Type::Moment
        | Type::TimeOfDay
        | Type::Date
        | Type::Choice(_) => true,
        Type::List(of) => matches!(**of, Type::Text | Type::Choice(_) | Type::Int),
        Type::Duration | Type::Object(_) | Type::Id(_) => false,
    }
}

/// Words can be shortened; numbers and times cannot.
fn shortens(kind: &Type) -> bool {
    match kind {
        Type::Text | Type::Choice(_) => true,
        Type::List(of) => shortens(of),
        _ => false,
    }
}
