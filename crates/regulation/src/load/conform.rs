//! Whether a file looks as its kind says: keys, and what stands behind them. Everything that hangs on single words is
//! reported here, so that later steps may take a missing value for already reported.

use calendar::{Lang, Limit, LimitError, Schedule};

use super::words;
use crate::schema::{Shape, Table};
use crate::source::{Kind, Mistakes, Node};

/// Notes every way in which the node does not have this shape.
pub(super) fn conform(node: &Node, shape: &Shape, mistakes: &Mistakes) {
    match shape {
        Shape::Any => {}
        Shape::Said => {
            node.said(mistakes);
        }
        Shape::List(item) => node
            .list(mistakes)
            .iter()
            .for_each(|node| conform(node, item, mistakes)),
        Shape::OneOrMany(item) => node
            .one_or_many()
            .iter()
            .for_each(|node| conform(node, item, mistakes)),
        Shape::Map(value) | Shape::Book(value) => {
            for (key, node) in node.entries(mistakes) {
                if matches!(shape, Shape::Map(_)) && !words::is_name(&key.text) {
                    mistakes.note(
                        &key.place,
                        "name.wrong",
                        (format!("“{}”不能用作代号", key.text), format!("\"{}\" cannot be a key", key.text)),
                        (
                            "代号以英文字母开头，只用字母、数字、_ 和 -；中文写在 title 里",
                            "Begin with a letter and use letters, digits, _ and - only; Chinese belongs in the title",
                        ),
                    );
                }
                conform(node, value, mistakes);
            }
        }
        Shape::Table(table) => fits(node, table, mistakes),
        Shape::Either(shapes) => either(node, shapes, mistakes),
        leaf => {
            if let Some(found) = node.text(mistakes) {
                word(node, found, leaf, mistakes);
            }
        }
    }
}

/// Notes unknown and missing keys of a table, and every mistake behind the known ones.
pub(super) fn fits(node: &Node, table: &'static Table, mistakes: &Mistakes) {
    let found = node.entries(mistakes);
    if !node.is_map() {
        return;
    }
    for (key, value) in found {
        match table.key(&key.text) {
            Some(_) if value.kind == Kind::Empty => {}
            Some(known) => conform(value, &known.shape, mistakes),
            None => mistakes.unknown(
                &key.place,
                "key.unknown",
                &key.text,
                table.keys.iter().map(|key| key.name),
            ),
        }
    }
    for key in table.keys.iter().filter(|key| key.needed) {
        if !found
            .iter()
            .any(|(present, value)| present.text == key.name && value.kind != Kind::Empty)
        {
            mistakes.note(
                &node.place,
                "key.missing",
                (
                    format!("缺少“{}”（{}）", key.name, key.zh),
                    format!("\"{}\" is missing ({})", key.name, key.en),
                ),
                (
                    format!("请补上 {}: …", key.name),
                    format!("Add `{}: …`", key.name),
                ),
            );
        }
    }
}

fn either(node: &Node, shapes: &'static [Shape], mistakes: &Mistakes) {
    let taken = |shape: &&Shape| match shape {
        Shape::Words(words) => node.as_text().is_some_and(|found| words.contains(&found)),
        Shape::Flag => node.as_text().is_some_and(|found| words::flag(found).is_some()),
        shape => could_be(node, shape),
    };
    // The words of a closed set come first; a text that is none of them is judged by the next shape that takes texts.
    match shapes
        .iter()
        .find(taken)
        .or_else(|| shapes.iter().find(|shape| could_be(node, shape)))
    {
        Some(shape) => conform(node, shape, mistakes),
        None => {
            let (zh, en): (Vec<_>, Vec<_>) = shapes.iter().map(kind_of).unzip();
            node.expected(mistakes, &zh.join("或"), &en.join(" or "));
        }
    }
}

fn could_be(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Any => true,
        Shape::List(_) => matches!(node.kind, Kind::List(_)),
        Shape::OneOrMany(item) => matches!(node.kind, Kind::List(_)) || could_be(node, item),
        Shape::Map(_) | Shape::Book(_) | Shape::Table(_) | Shape::Said => node.is_map(),
        Shape::Either(shapes) => shapes.iter().any(|shape| could_be(node, shape)),
        _ => node.as_text().is_some(),
    }
}

fn kind_of(shape: &Shape) -> (&'static str, &'static str) {
    match shape {
        Shape::List(_) | Shape::OneOrMany(_) => ("列表", "a list"),
        Shape::Map(_) | Shape::Book(_) | Shape::Table(_) | Shape::Said => {
            ("一组“键: 值”", "a map of `key: value`")
        }
        _ => ("一段文字", "text"),
    }
}

fn word(node: &Node, found: &str, shape: &Shape, mistakes: &Mistakes) {
    let wrong = |zh: &str, en: &str, remedy: (String, String)| {
        let reason = (format!("“{found}”不是{zh}"), format!("\"{found}\" is not {en}"));
        mistakes.note(&node.place, "word.wrong", reason, remedy);
    };
    let write = |example: &str| (format!("写作 {example}"), format!("Write {example}"));
    if found.trim().is_empty() && !matches!(shape, Shape::Text) {
        return mistakes.note(
            &node.place,
            "word.empty",
            ("此处没有内容", "Nothing is written here"),
            ("填上内容，或删去这一项", "Fill it in, or take the key away"),
        );
    }
    match shape {
        Shape::Name if !words::is_name(found) => wrong(
            "代号",
            "a key",
            (
                "代号以英文字母开头，只用字母、数字、_ 和 -".to_owned(),
                "Begin with a letter and use letters, digits, _ and - only".to_owned(),
            ),
        ),
        Shape::Flag if words::flag(found).is_none() => wrong("是或否", "yes or no", write("yes / no")),
        Shape::Number if found.parse::<u32>().is_err() => wrong("整数", "a whole number", write("3")),
        Shape::Percent if words::percent(found).is_none() => wrong("百分比", "a percentage", write("75%")),
        Shape::Date if found.parse::<calendar::Date>().is_err() => {
            wrong("日期", "a date", write("2026-11-19"))
        }
        Shape::DayTime if words::day_time(found).is_none() => {
            wrong("日期和时刻", "a date and time", write("2026-11-19 10:05"));
        }
        Shape::Clock if words::clock(found).is_none() => wrong("时刻", "a time of day", write("09:00")),
        Shape::Limit => {
            if let Err(error) = found.parse::<Limit>() {
                let forms = LimitError::forms().join(" · ");
                wrong(
                    "时限",
                    "a limit",
                    (
                        format!("最接近的写法：{}。可用写法：{forms}", error.nearest),
                        format!("Nearest: {}. Accepted: {forms}", error.nearest),
                    ),
                );
            }
        }
        Shape::Schedule => {
            if let Err(error) = found.parse::<Schedule>() {
                let reason = (error.text(Lang::Zh), error.text(Lang::En));
                mistakes.note(&node.place, "word.wrong", reason, write("month"));
            }
        }
        Shape::Words(words) if !words.contains(&found) => {
            mistakes.unknown(&node.place, "word.unknown", found, words.iter().copied());
        }
        _ => {}
    }
}
