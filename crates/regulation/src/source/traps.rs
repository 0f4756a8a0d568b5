//! The traps of YAML, each refused with a remedy: tabs, full-width punctuation, anchors, tags, merge keys.

use saphyr_parser::Tag;

use super::{Kind, Mistakes, Node, Place};

/// The half-width sign for a full-width one.
pub(crate) fn half_width(c: char) -> Option<char> {
    Some(match c {
        '\u{3000}' | '\u{00A0}' => ' ',
        '“' | '”' | '「' | '」' | '『' | '』' => '"',
        '‘' | '’' => '\'',
        '。' => '.',
        '、' => ',',
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        '—' | '–' => '-',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0)?,
        _ => return None,
    })
}

/// Notes tabs and control characters. Gives the text with tabs inside lines as spaces, and whether it is worth reading
/// on: a tab at the beginning of a line leaves the structure unknown.
pub(super) fn cleaned(file: &str, text: &str, first_line: u32, mistakes: &Mistakes) -> (String, bool) {
    let mut readable = true;
    if !text.contains(|c: char| c.is_control() && c != '\n') && !text.contains('\u{FEFF}') {
        return (text.to_owned(), true);
    }
    for (number, line) in (first_line..).zip(text.split('\n')) {
        let Some((column, c)) = (1..)
            .zip(line.chars())
            .find(|(_, c)| c.is_control() || *c == '\u{FEFF}')
        else {
            continue;
        };
        let place = Place::new(file, number, column);
        if c == '\t' {
            let indents = line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t');
            readable &= !indents;
            let reason = ("有制表符（Tab）", "There is a tab");
            mistakes.note(&place, "yaml.tab", reason, ("请改用空格", "Use spaces instead"));
        } else {
            let code = c as u32;
            let reason = (
                format!("有控制字符 U+{code:04X}"),
                format!("There is a control character, U+{code:04X}"),
            );
            mistakes.note(&place, "yaml.control", reason, ("请删去", "Remove it"));
        }
    }
    let clean = text
        .chars()
        .map(|c| {
            if (c.is_control() && c != '\n') || c == '\u{FEFF}' {
                ' '
            } else {
                c
            }
        })
        .collect();
    (clean, readable)
}

/// A key is a plain word: no full-width punctuation, no merge key, not empty.
pub(super) fn check_key(text: &str, quoted: bool, place: &Place, mistakes: &Mistakes) {
    if quoted {
        return;
    }
    if text == "<<" {
        let reason = ("不支持合并键 <<", "Merge keys (`<<`) are not read");
        mistakes.note(
            place,
            "yaml.merge",
            reason,
            ("请把内容写全", "Write the content out"),
        );
        return;
    }
    if text.is_empty() {
        let remedy = ("请在冒号前写上键", "Write a key before the colon");
        mistakes.note(place, "yaml.key", ("键为空", "The key is empty"), remedy);
        return;
    }
    if let Some((index, c)) = (0u32..).zip(text.chars()).find(|(_, c)| half_width(*c).is_some()) {
        let at = Place {
            column: place.column.saturating_add(index),
            ..place.clone()
        };
        note_full_width(&at, c, ("键里", "in a key"), mistakes);
    }
}

fn note_full_width(place: &Place, c: char, where_: (&str, &str), mistakes: &Mistakes) {
    let half = half_width(c).unwrap_or(' ');
    let (zh, en) = match half {
        ':' => (
            "半角冒号加空格“: ”".to_owned(),
            "a half-width colon and a space (`: `)".to_owned(),
        ),
        ' ' => ("半角空格".to_owned(), "an ordinary space".to_owned()),
        half => (format!("半角“{half}”"), format!("a half-width `{half}`")),
    };
    let reason = (
        format!("{}有全角标点“{c}”", where_.0),
        format!("There is a full-width \"{c}\" {}", where_.1),
    );
    mistakes.note(
        place,
        "yaml.full_width",
        reason,
        (format!("请改为{zh}"), format!("Write {en}")),
    );
}

/// Unquoted values that are not what they seem.
pub(super) fn check_plain_value(text: &str, in_flow_list: bool, place: &Place, mistakes: &Mistakes) {
    let Some(first) = text.chars().next() else { return };
    if matches!(first, '｛' | '［') {
        note_full_width(
            place,
            first,
            ("值的开头", "at the beginning of a value"),
            mistakes,
        );
        return;
    }
    if in_flow_list {
        let words =
            |side: Option<&str>| side.is_some_and(|s| !s.trim().is_empty() && s.trim().chars().all(is_word));
        for comma in ['，', '、'] {
            let mut parts = text.splitn(2, comma);
            if words(parts.next()) && words(parts.next().and_then(|rest| rest.split(['，', '、']).next())) {
                let index = text.chars().position(|c| c == comma).unwrap_or(0);
                let column = place.column.saturating_add(u32::try_from(index).unwrap_or(0));
                note_full_width(
                    &Place {
                        column,
                        ..place.clone()
                    },
                    comma,
                    ("列表里", "in a list"),
                    mistakes,
                );
                return;
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// A file whose whole content became one text is usually one whose colons are full-width.
pub(super) fn check_root(root: &Node, mistakes: &Mistakes) {
    if let Kind::Scalar(scalar) = &root.kind
        && !scalar.quoted
        && let Some(index) = scalar.text.chars().position(|c| c == '：')
    {
        note_full_width(&scalar.origin.at(index), '：', ("此处", "here"), mistakes);
    }
}

/// Anchors and tags are refused: a reader of the pack should see every value where it is used.
pub(super) fn check_anchor_and_tag(anchor: usize, tag: Option<&Tag>, place: &Place, mistakes: &Mistakes) {
    if anchor > 0 {
        let reason = ("不支持锚点 &", "Anchors (`&`) are not read");
        let remedy = (
            "请把内容写全；若 & 是文字，请加引号",
            "Write the content out; if `&` is text, put it in quotes",
        );
        mistakes.note(place, "yaml.anchor", reason, remedy);
    }
    if tag.is_some() {
        let reason = ("不支持标签 !", "Tags (`!`) are not read");
        let remedy = (
            "请删去；若 ! 是文字，请加引号",
            "Remove it; if `!` is text, put it in quotes",
        );
        mistakes.note(place, "yaml.tag", reason, remedy);
    }
}

pub(super) fn note_alias(place: &Place, mistakes: &Mistakes) {
    let reason = ("不支持引用 *", "Aliases (`*`) are not read");
    let remedy = (
        "请把内容写全；若 * 是文字，请加引号",
        "Write the content out; if `*` is text, put it in quotes",
    );
    mistakes.note(place, "yaml.anchor", reason, remedy);
}

/// Says in the reader's words why the parser stopped, looking for the usual cause on the line first.
pub(super) fn explain(place: &Place, info: &str, text: &str, first_line: u32, mistakes: &Mistakes) {
    let line_of = |number: u32| text.split('\n').nth(number.saturating_sub(first_line) as usize);
    // The parser often notices a bad line only at the beginning of the next one.
    for number in [place.line, place.line.saturating_sub(1)] {
        let Some(line) = line_of(number).filter(|_| number >= first_line) else {
            continue;
        };
        if let Some((column, c)) = full_width_outside_quotes(line) {
            note_full_width(
                &Place {
                    line: number,
                    column,
                    ..place.clone()
                },
                c,
                ("此处", "here"),
                mistakes,
            );
            return;
        }
    }
    if info.contains("anchor") || info.contains("alias") {
        note_alias(place, mistakes);
        return;
    }
    let has = |parts: &[&str]| parts.iter().any(|part| info.contains(part));
    let before = || {
        (first_line..place.line)
            .rev()
            .map_while(|n| Some((n, line_of(n)?)))
            .find(|(_, l)| !l.trim().is_empty())
    };
    let glued_before = has(&["mapping values"]) && before().is_some_and(|(_, line)| has_glued_colon(line));
    let no_key = glued_before || has(&["simple key", "expected ':'", "block mapping"]);
    // A line without `key: value` is noticed only at the next one.
    let place = match before() {
        Some((number, line)) if glued_before || no_key && place.column == 1 => {
            let indent = line.chars().take_while(|c| c.is_whitespace()).count();
            Place {
                line: number,
                column: u32::try_from(indent).unwrap_or(0) + 1,
                ..place.clone()
            }
        }
        _ => place.clone(),
    };
    let (zh, en, remedy) = if has(&["mapping values"]) {
        (
            "值里又出现了“: ”",
            "There is a second `: ` in the value",
            (
                "若是文字的一部分，请给整个值加引号；否则检查缩进",
                "Quote the whole value if it is text; else check the indentation",
            ),
        )
    } else if no_key {
        (
            "这一行没有“键: 值”",
            "There is no `key: value` on this line",
            (
                "请写成“键: 值”，冒号后空一格，并检查缩进",
                "Write `key: value` with a space behind the colon; check the indentation",
            ),
        )
    } else if has(&["escape", "hexadecimal"]) {
        (
            "双引号里的反斜杠转义不认识",
            "This escape in double quotes is not known",
            (
                "请改用单引号，或把反斜杠写成 \\\\",
                "Use single quotes, or write a backslash as \\\\",
            ),
        )
    } else if has(&["trailing content"]) {
        (
            "引号之后还有内容",
            "Something follows the closing quote",
            (
                "请把整个值放进一对引号；里面的引号换一种",
                "Put the whole value into one pair of quotes, with the other kind inside",
            ),
        )
    } else if has(&["quoted scalar", "end of stream"]) {
        (
            "引号没有配对",
            "A quote is not closed",
            ("请补上引号", "Close it"),
        )
    } else if has(&["flow", "bracket", "',' or", "']'", "'}'"]) {
        (
            "括号没有配对，或缺少逗号",
            "A bracket is not closed, or a comma is missing",
            ("请检查 { } [ ] 与逗号", "Check { } [ ] and commas"),
        )
    } else if has(&["indent", "block"]) {
        (
            "缩进不一致",
            "The indentation does not fit",
            ("请让同一层的行对齐", "Align the lines of one level"),
        )
    } else if has(&["tag"]) {
        (
            "不支持标签 !",
            "Tags (`!`) are not read",
            (
                "请删去；若 ! 是文字，请加引号",
                "Remove it; if `!` is text, put it in quotes",
            ),
        )
    } else {
        (
            "不是合法的 YAML",
            "This is not valid YAML",
            (
                "请检查这一行的写法，必要时加引号",
                "Check this line; quote the value if it is text",
            ),
        )
    };
    let reason = (format!("{zh}（{info}）"), format!("{en} ({info})"));
    mistakes.note(&place, "yaml.syntax", reason, remedy);
}

/// `key:value`, which is text and not a key with a value.
fn has_glued_colon(line: &str) -> bool {
    let words = line.trim().trim_start_matches("- ");
    words.split_once(':').is_some_and(|(key, value)| {
        !key.is_empty() && key.chars().all(is_word) && !value.is_empty() && !value.starts_with(' ')
    })
}

/// The first full-width sign of structure outside quotes, with its column.
fn full_width_outside_quotes(line: &str) -> Option<(u32, char)> {
    let mut quote = None;
    for (column, c) in (1u32..).zip(line.chars()) {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c == '#' => return None,
            None if matches!(
                c,
                '：' | '，' | '“' | '”' | '‘' | '’' | '｛' | '｝' | '［' | '］' | '\u{3000}'
            ) =>
            {
                return Some((column, c));
            }
            None => {}
        }
    }
    None
}
