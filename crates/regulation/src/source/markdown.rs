//! The regulation as the company wrote it: front matter, headings, numbered clauses, paragraphs.
//!
//! Only as much Markdown as a regulation needs. A *clause* is a list item that begins with its printed number in bold,
//! `- **4.1.2** …`; a stable id may stand behind the number, `- **4.1.2** {#classes} …`, because printed numbers repeat
//! and skip (D15). Its text goes on over indented lines.

use std::collections::HashMap;

use super::files::normalised;
use super::yaml::{LONGEST_FILE, parse_from_line};
use super::{Mistakes, Node, Place};

/// A regulation's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegulationText {
    /// What stands between the two `---` lines; a map without keys if that could not be read.
    pub front: Node,
    /// The text in order.
    pub blocks: Vec<Block>,
}

/// A piece of the regulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// `## 4.1 受理与定性`
    Heading {
        /// 1 for `#`, at most 6.
        level: u8,
        /// `4.1`, `第四章`.
        number: Option<String>,
        /// Without the number.
        text: String,
        /// Where the line begins.
        place: Place,
    },
    /// `- **4.1.1** 接诉人应先致歉……`
    Clause {
        /// The stable id; the printed number where none is given.
        id: String,
        /// As printed.
        number: String,
        /// Its words; further paragraphs and inner lists on lines of their own.
        text: String,
        /// Where the item begins.
        place: Place,
    },
    /// Any other text, as written.
    Paragraph {
        /// Its lines.
        text: String,
        /// Where it begins.
        place: Place,
    },
}

impl RegulationText {
    /// Every clause: id, printed number, text, place.
    pub fn clauses(&self) -> impl Iterator<Item = (&str, &str, &str, &Place)> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Clause {
                id,
                number,
                text,
                place,
            } => Some((&**id, &**number, &**text, place)),
            _ => None,
        })
    }
}

/// Reads a `regulation.md`. What cannot be read is noted; the rest is given.
pub fn parse_regulation(file: &str, text: &str, mistakes: &Mistakes) -> RegulationText {
    let start = Place::start_of(file);
    if text.len() > LONGEST_FILE {
        let remedy = ("请拆成几部规程", "Split it into several regulations");
        mistakes.note(
            &start,
            "regulation.too_long",
            ("文件超过 1 MiB", "The file is longer than 1 MiB"),
            remedy,
        );
        return RegulationText {
            front: Node::empty_map(start),
            blocks: Vec::new(),
        };
    }
    let text = normalised(text);
    let (front, rest, line) = front_matter(file, &text, mistakes);
    let mut reading = Reading {
        file,
        mistakes,
        blocks: Vec::new(),
        open: None,
        ids: HashMap::new(),
    };
    for (number, line) in (line..).zip(rest.split('\n')) {
        reading.line(number, line);
    }
    reading.close();
    RegulationText {
        front,
        blocks: reading.blocks,
    }
}

/// The front matter, what follows it, and the line on which that begins.
fn front_matter<'t>(file: &str, text: &'t str, mistakes: &Mistakes) -> (Node, &'t str, u32) {
    let start = Place::start_of(file);
    let missing = |reason: (&str, &str)| {
        let remedy = (
            "请在文件开头写：---、language: 1、pack: 名称、……、---",
            "Begin the file with `---`, `language: 1`, `pack: name`, …, `---`",
        );
        mistakes.note(&start, "regulation.front_matter", reason, remedy);
        Node::empty_map(start.clone())
    };
    let Some(body) = text.strip_prefix("---\n") else {
        return (
            missing(("缺少文件开头的说明", "The front matter is missing")),
            text,
            1,
        );
    };
    let mut length = 0;
    for (number, line) in (2u32..).zip(body.split_inclusive('\n')) {
        if line.trim_end() == "---" {
            let front = parse_from_line(file, &body[..length], 2, mistakes);
            let front = front.filter(|node| {
                let map = node.is_map();
                if !map {
                    node.entries(mistakes);
                }
                map
            });
            return (
                front.unwrap_or(Node::empty_map(start)),
                &body[length + line.len()..],
                number + 1,
            );
        }
        length += line.len();
    }
    (
        missing((
            "开头的说明没有以 --- 结束",
            "The front matter does not end with `---`",
        )),
        "",
        1,
    )
}

/// A clause or paragraph whose further lines are still to come.
enum Open {
    Clause {
        id: String,
        number: String,
        text: String,
        place: Place,
        gap: bool,
    },
    Paragraph {
        text: String,
        place: Place,
    },
}

struct Reading<'t> {
    file: &'t str,
    mistakes: &'t Mistakes,
    blocks: Vec<Block>,
    open: Option<Open>,
    /// Line on which each clause id stands first.
    ids: HashMap<String, u32>,
}

impl Reading<'_> {
    fn line(&mut self, number: u32, line: &str) {
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let words = line.trim();
        let column = u32::try_from(indent).unwrap_or(0) + 1;
        let place = Place::new(self.file, number, column);
        if words.is_empty() {
            match &mut self.open {
                Some(Open::Clause { gap, .. }) => *gap = true,
                _ => self.close(),
            }
            return;
        }
        if indent >= 2
            && let Some(Open::Clause { text, gap, .. }) = &mut self.open
        {
            let own_line = *gap || words.starts_with(['-', '*', '+', '|']);
            join(text, words, own_line);
            *gap = false;
            return;
        }
        if let Some(heading) = heading(words, &place) {
            self.close();
            self.blocks.push(heading);
        } else if let Some(item) = words.strip_prefix("- ").or(words.strip_prefix("* "))
            && let Some((printed, rest)) = bold_number(item.trim_start())
        {
            self.close();
            self.begin_clause(printed, rest.trim(), place);
        } else {
            match &mut self.open {
                Some(Open::Paragraph { text, .. }) => {
                    text.push('\n');
                    text.push_str(line.trim_end());
                }
                _ => {
                    self.close();
                    self.open = Some(Open::Paragraph {
                        text: line.trim_end().to_owned(),
                        place,
                    });
                }
            }
        }
    }

    fn begin_clause(&mut self, number: &str, rest: &str, place: Place) {
        let (given, text) = match rest.strip_prefix("{#").and_then(|rest| rest.split_once('}')) {
            Some((id, text)) => (Some(id.trim()), text.trim_start()),
            None => (None, rest),
        };
        if let Some(id) = given
            && (id.is_empty()
                || !id
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
        {
            let reason = (
                format!("条款标识“{id}”不合规"),
                format!("\"{id}\" cannot be a clause's id"),
            );
            let remedy = (
                "标识只用半角字母、数字、_、-、.，例如 {#reply_time}",
                "Use ASCII letters, digits, `_`, `-`, `.` only, such as {#reply_time}",
            );
            self.mistakes.note(&place, "clause.id", reason, remedy);
        }
        let id = given
            .filter(|id| !id.is_empty())
            .unwrap_or(number.trim_end_matches(['.', '、']))
            .to_owned();
        if let Some(first) = self.ids.get(&id) {
            let reason = (
                format!("条款标识“{id}”重复，第 {first} 行已有"),
                format!("The clause id \"{id}\" stands twice, first on line {first}"),
            );
            let remedy = (
                format!("编号可以重复，标识不可：请写 - **{number}** {{#另一个标识}} …"),
                format!("Numbers may repeat, ids may not: write `- **{number}** {{#another_id}} …`"),
            );
            self.mistakes.note(&place, "clause.duplicate", reason, remedy);
        } else {
            self.ids.insert(id.clone(), place.line);
        }
        let (number, text) = (number.to_owned(), text.to_owned());
        self.open = Some(Open::Clause {
            id,
            number,
            text,
            place,
            gap: false,
        });
    }

    fn close(&mut self) {
        match self.open.take() {
            Some(Open::Clause {
                id,
                number,
                text,
                place,
                ..
            }) => {
                if text.is_empty() {
                    let reason = (
                        format!("条款 {number} 没有内容"),
                        format!("Clause {number} says nothing"),
                    );
                    let remedy = (
                        "请写上条文，续行须缩进",
                        "Write its words; further lines are indented",
                    );
                    self.mistakes.note(&place, "clause.empty", reason, remedy);
                }
                self.blocks.push(Block::Clause {
                    id,
                    number,
                    text,
                    place,
                });
            }
            Some(Open::Paragraph { text, place }) => self.blocks.push(Block::Paragraph { text, place }),
            None => {}
        }
    }
}

/// Chinese lines join without a space, others with one.
fn join(text: &mut String, line: &str, own_line: bool) {
    let cjk = |c: Option<char>| c.is_some_and(|c| c as u32 >= 0x2E80);
    if own_line {
        text.push('\n');
    } else if !(text.is_empty() || cjk(text.chars().last()) || cjk(line.chars().next())) {
        text.push(' ');
    }
    text.push_str(line);
}

fn heading(words: &str, place: &Place) -> Option<Block> {
    let level = words.bytes().take_while(|b| *b == b'#').count();
    let rest = words.get(level..)?;
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let rest = rest.trim();
    let (first, further) = rest.split_once([' ', '\u{3000}']).unwrap_or((rest, ""));
    let (number, text) = if is_number(first) {
        (Some(first.to_owned()), further.trim().to_owned())
    } else {
        (None, rest.to_owned())
    };
    let level = u8::try_from(level).ok()?;
    Some(Block::Heading {
        level,
        number,
        text,
        place: place.clone(),
    })
}

/// The number in bold at the beginning of an item, and what follows.
fn bold_number(item: &str) -> Option<(&str, &str)> {
    let (number, rest) = item.strip_prefix("**")?.split_once("**")?;
    let number = number.trim();
    // A single capital numbers a clause (`- **A** …`), but begins a heading as a word.
    let letter = number.len() == 1 && number.starts_with(|c: char| c.is_ascii_uppercase());
    (letter || is_number(number)).then_some((number, rest))
}

/// `4.1.2`, `4.1.2.`, `A.3`, `第十二条`, `(3)`: a printed number, not a word.
fn is_number(word: &str) -> bool {
    let length = word.chars().count();
    let ordinal = word.starts_with('第') && word.ends_with(['章', '节', '条', '款', '项', '编', '部', '分']);
    let digits = word.contains(|c: char| c.is_ascii_digit())
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".()（）-、§".contains(c));
    let chinese = word.ends_with('、') && word.chars().all(|c| "一二三四五六七八九十百、".contains(c));
    length > 0 && length <= 20 && (ordinal || digits || chinese)
}

#[cfg(test)]
mod tests;
