//! YAML, read strictly: every scalar stays the text that was written, and the traps of YAML are mistakes with a remedy.

use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::files::normalised;
use super::{Key, Kind, Mistakes, Node, Origin, Place, Scalar, traps};

/// Files of a pack are written by hand; a longer one is no pack file.
pub const LONGEST_FILE: usize = 1 << 20;
/// Maps and lists inside each other.
pub const DEEPEST: usize = 32;

/// Reads one file. Every trap found is noted in `mistakes`; `None` if the text cannot be read as a tree at all. A file
/// without content gives an [`Kind::Empty`] node.
pub fn parse(file: &str, text: &str, mistakes: &Mistakes) -> Option<Node> {
    parse_from_line(file, text, 1, mistakes)
}

/// The same for a part of a file that begins on a later line (front matter).
pub(super) fn parse_from_line(file: &str, text: &str, line: u32, mistakes: &Mistakes) -> Option<Node> {
    let file: Arc<str> = file.into();
    let place = |line: u32, column: u32| Place {
        file: file.clone(),
        line,
        column,
    };
    if text.len() > LONGEST_FILE {
        let reason = ("文件超过 1 MiB", "The file is longer than 1 MiB");
        let remedy = ("请拆成几个文件", "Split it into several files");
        mistakes.note(&place(line, 1), "yaml.too_long", reason, remedy);
        return None;
    }
    let text = normalised(text);
    let (text, readable) = traps::cleaned(&file, &text, line, mistakes);
    if !readable {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut builder = Builder {
        file,
        first_line: line,
        chars: &chars,
        mistakes,
        open: Vec::new(),
        root: None,
    };
    let mut documents = 0;
    for event in Parser::new_from_str(&text) {
        match event {
            Ok((Event::DocumentStart(_), span)) => {
                documents += 1;
                if documents > 1 {
                    let reason = (
                        "一个文件里有几份文档（---）",
                        "The file holds several documents (`---`)",
                    );
                    let remedy = (
                        "请每份文档单独成一个文件",
                        "Put each document into a file of its own",
                    );
                    mistakes.note(&builder.place(span.start), "yaml.documents", reason, remedy);
                    break;
                }
            }
            Ok((event, span)) => builder.take(event, span)?,
            Err(problem) => {
                let place = builder.place(*problem.marker());
                traps::explain(&place, problem.info(), &text, line, mistakes);
                return None;
            }
        }
    }
    let Builder { file, root, .. } = builder;
    let root = root.unwrap_or(Node {
        place: Place {
            file,
            line,
            column: 1,
        },
        kind: Kind::Empty,
    });
    traps::check_root(&root, mistakes);
    Some(root)
}

/// A list or map that has begun and not ended.
enum Open {
    List {
        place: Place,
        items: Vec<Node>,
        flow: bool,
    },
    Map {
        place: Place,
        entries: Vec<(Key, Node)>,
        lines: HashMap<String, u32>,
        key: Option<Key>,
    },
}

struct Builder<'t> {
    file: Arc<str>,
    first_line: u32,
    chars: &'t [char],
    mistakes: &'t Mistakes,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Builder<'_> {
    fn place(&self, mark: Marker) -> Place {
        let line = u32::try_from(mark.line()).unwrap_or(u32::MAX).max(1) - 1;
        let column = u32::try_from(mark.col()).unwrap_or(u32::MAX - 1) + 1;
        Place {
            file: self.file.clone(),
            line: self.first_line.saturating_add(line),
            column,
        }
    }

    /// `None` ends the reading: the tree is too deep to go on.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let place = self.place(span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                traps::check_anchor_and_tag(anchor, tag.as_deref(), &place, self.mistakes);
                let quoted = style != ScalarStyle::Plain;
                if self.expects_key() {
                    self.begin_entry(text.into_owned(), quoted, place);
                } else {
                    let kind = if text.is_empty() && !quoted {
                        Kind::Empty
                    } else {
                        self.check_value(&text, quoted, &place);
                        let origin = origin(self.chars, &place, span, style, &text);
                        Kind::Scalar(Scalar {
                            text: text.into_owned(),
                            quoted,
                            origin,
                        })
                    };
                    self.put(Node { place, kind });
                }
            }
            Event::Alias(_) => {
                traps::note_alias(&place, self.mistakes);
                if self.expects_key() {
                    self.begin_entry(String::new(), true, place);
                } else {
                    self.put(Node {
                        place,
                        kind: Kind::Empty,
                    });
                }
            }
            Event::SequenceStart(anchor, tag) => {
                traps::check_anchor_and_tag(anchor, tag.as_deref(), &place, self.mistakes);
                let flow = self.chars.get(span.start.index()) == Some(&'[');
                return self.begin(
                    place.clone(),
                    Open::List {
                        place,
                        items: Vec::new(),
                        flow,
                    },
                );
            }
            Event::MappingStart(anchor, tag) => {
                traps::check_anchor_and_tag(anchor, tag.as_deref(), &place, self.mistakes);
                let open = Open::Map {
                    place: place.clone(),
                    entries: Vec::new(),
                    lines: HashMap::new(),
                    key: None,
                };
                return self.begin(place, open);
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { place, items, .. }) => self.put(Node {
                    place,
                    kind: Kind::List(items),
                }),
                Some(Open::Map { place, entries, .. }) => self.put(Node {
                    place,
                    kind: Kind::Map(entries),
                }),
                None => {}
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Some(())
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map { key: None, .. }))
    }

    fn begin(&mut self, place: Place, open: Open) -> Option<()> {
        if self.open.len() >= DEEPEST {
            let reason = ("嵌套超过 32 层", "Lists and maps are nested more than 32 deep");
            let remedy = ("请减少层次", "Write it flatter");
            self.mistakes.note(&place, "yaml.too_deep", reason, remedy);
            return None;
        }
        if self.expects_key() {
            let reason = ("键不能是列表或“键: 值”", "A key cannot be a list or a map");
            let remedy = (
                "键请写成一个词；若这是一段文字，请加引号",
                "Write one word as the key; if this is text, put it in quotes",
            );
            self.mistakes.note(&place, "yaml.key", reason, remedy);
            return None;
        }
        self.open.push(open);
        Some(())
    }

    fn begin_entry(&mut self, text: String, quoted: bool, place: Place) {
        traps::check_key(&text, quoted, &place, self.mistakes);
        let Some(Open::Map { lines, key, .. }) = self.open.last_mut() else {
            return;
        };
        if let Some(first) = lines.insert(text.clone(), place.line) {
            let reason = (
                format!("“{text}”重复，第 {first} 行已有"),
                format!("\"{text}\" stands twice, first on line {first}"),
            );
            let remedy = ("请删去或改名其中一个", "Remove or rename one of them");
            self.mistakes.note(&place, "yaml.duplicate_key", reason, remedy);
        }
        *key = Some(Key { text, place });
    }

    fn check_value(&self, text: &str, quoted: bool, place: &Place) {
        let in_flow_list = matches!(self.open.last(), Some(Open::List { flow: true, .. }));
        if !quoted {
            traps::check_plain_value(text, in_flow_list, place, self.mistakes);
        }
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => {
                if let Some(key) = key.take() {
                    // The first of two equal keys is kept, so that a reader sees each key once.
                    if !entries.iter().any(|(known, _)| known.text == key.text) {
                        entries.push((key, node));
                    }
                }
            }
            None => self.root = Some(node),
        }
    }
}

/// Where each character of a scalar stands.
fn origin(chars: &[char], place: &Place, span: Span, style: ScalarStyle, text: &str) -> Origin {
    let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    let (mut line, mut column) = (place.line, place.column);
    let mut index = span.start.index();
    let mut step = |index: &mut usize| {
        if chars.get(*index) == Some(&'\n') {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
        *index += 1;
        (line, column)
    };
    let mut now = (place.line, place.column);
    if quoted {
        now = step(&mut index);
    }
    if block && matches!(chars.get(index), Some('|' | '>')) {
        while index < chars.len() && now.0 == place.line {
            now = step(&mut index);
        }
    }
    let first = |spot: (u32, u32)| Place {
        file: place.file.clone(),
        line: spot.0,
        column: spot.1,
    };
    if !block
        && chars[index.min(chars.len())..]
            .iter()
            .take(text.chars().count())
            .copied()
            .eq(text.chars())
    {
        return Origin::from(first(now));
    }
    let mut spots = Vec::with_capacity(text.len());
    for wanted in text.chars() {
        loop {
            let Some(&raw) = chars.get(index) else {
                return Origin::from(place);
            };
            let length = match (style, raw) {
                (ScalarStyle::DoubleQuoted, '\\') => match chars.get(index + 1) {
                    Some('\n') => {
                        step(&mut index);
                        now = step(&mut index);
                        continue;
                    }
                    Some('x') => 4,
                    Some('u') => 6,
                    Some('U') => 10,
                    _ => 2,
                },
                (ScalarStyle::SingleQuoted, '\'') => 2,
                _ if raw == wanted => 1,
                (_, ' ' | '\n' | '\t') if matches!(wanted, ' ' | '\n') => 1,
                (_, ' ' | '\n' | '\t') => {
                    now = step(&mut index);
                    continue;
                }
                _ => return Origin::from(place),
            };
            spots.push(now);
            for _ in 0..length {
                now = step(&mut index);
            }
            break;
        }
    }
    spots.push(now);
    Origin::with_spots(first(spots[0]), spots)
}

#[cfg(test)]
mod tests;
