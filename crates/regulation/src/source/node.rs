//! A positioned tree: what YAML says, before anyone knows what it means.

use super::{Mistakes, Origin, Place, Said};

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// What a value is. Scalars stay text, whatever they look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, quoted or not.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file, each key once.
    Map(Vec<(Key, Node)>),
    /// Nothing stands there.
    Empty,
}

/// A scalar's text, just as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, unquoted and unfolded.
    pub text: String,
    /// Whether it stood in quotes or in a block (`|`, `>`).
    pub quoted: bool,
    /// Where each of its characters stands.
    pub origin: Origin,
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Where it begins.
    pub place: Place,
}

impl Node {
    /// A map without keys, for files that could not be read.
    pub fn empty_map(place: Place) -> Self {
        Node {
            place,
            kind: Kind::Map(Vec::new()),
        }
    }

    /// The text of a scalar, without complaint if it is something else.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Where each character of the scalar stands; the node's own place for other kinds.
    pub fn origin(&self) -> Origin {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.origin.clone(),
            _ => Origin::from(&self.place),
        }
    }

    /// The value of a key of a map, without complaint.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(k, _)| k.text == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// Text is expected here.
    pub fn text(&self, mistakes: &Mistakes) -> Option<&str> {
        if self.as_text().is_none() {
            self.expected(mistakes, "一段文字", "text");
        }
        self.as_text()
    }

    /// `yes` or `no` is expected here (also `true`, `false`, `是`, `否`).
    pub fn flag(&self, mistakes: &Mistakes) -> Option<bool> {
        let flag = match self.as_text() {
            Some("yes" | "true" | "是") => Some(true),
            Some("no" | "false" | "否") => Some(false),
            _ => None,
        };
        if flag.is_none() {
            self.expected(mistakes, "yes 或 no", "yes or no");
        }
        flag
    }

    /// A whole number is expected here.
    pub fn whole(&self, mistakes: &Mistakes) -> Option<i64> {
        let number = self
            .as_text()
            .filter(|text| !text.starts_with('+'))
            .and_then(|text| text.parse().ok());
        if number.is_none() {
            self.expected(mistakes, "一个整数", "a whole number");
        }
        number
    }

    /// A list is expected here.
    pub fn list(&self, mistakes: &Mistakes) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => {
                self.expected(mistakes, "一个列表，例如 [a, b]", "a list, such as [a, b]");
                &[]
            }
        }
    }

    /// One value, or a list of such; nothing gives an empty slice.
    pub fn one_or_many(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Empty => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// A map is expected here: its keys and values in order.
    pub fn entries(&self, mistakes: &Mistakes) -> &[(Key, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => {
                self.expected(mistakes, "一组“键: 值”", "a map of `key: value`");
                &[]
            }
        }
    }

    /// A label in both languages is expected here: `{ zh: …, en: … }` and nothing else.
    pub fn said(&self, mistakes: &Mistakes) -> Option<Said> {
        if !self.is_map() {
            self.expected(
                mistakes,
                "中英文文字 { zh: …, en: … }",
                "words in both languages, { zh: …, en: … }",
            );
            return None;
        }
        let mut reader = super::Reader::over(self, mistakes)?;
        let said = reader.said_here();
        reader.finish();
        said
    }

    /// Notes that something else is expected here, saying what was found.
    pub fn expected(&self, mistakes: &Mistakes, zh: &str, en: &str) {
        let (found_zh, found_en) = match &self.kind {
            Kind::Scalar(scalar) => {
                let shown: String = scalar.text.chars().take(30).collect();
                (format!("文字“{shown}”"), format!("the text \"{shown}\""))
            }
            Kind::List(_) => ("列表".to_owned(), "a list".to_owned()),
            Kind::Map(_) => ("一组“键: 值”".to_owned(), "a map".to_owned()),
            Kind::Empty => ("空白".to_owned(), "nothing".to_owned()),
        };
        let remedy = match &self.kind {
            Kind::Scalar(scalar) if !scalar.quoted && scalar.text.contains('：') => (
                "若这里应是“键: 值”，请把全角冒号“：”改为半角冒号加空格“: ”".to_owned(),
                "If `key: value` is meant, write a half-width colon and a space instead of \"：\"".to_owned(),
            ),
            Kind::Scalar(scalar)
                if !scalar.quoted && scalar.text.contains(':') && en.starts_with("a map") =>
            {
                (
                    "冒号后面要有一个空格".to_owned(),
                    "Put a space behind the colon".to_owned(),
                )
            }
            _ => (format!("请改为{zh}"), format!("Write {en}")),
        };
        let reason = (
            format!("此处应为{zh}，实为{found_zh}"),
            format!("Expected {en} here, found {found_en}"),
        );
        mistakes.note(&self.place, "kind.wrong", reason, remedy);
    }
}
