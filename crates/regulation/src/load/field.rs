//! Fields of forms and actions.

use super::here::Here;
use super::outline::asked;
use super::words;
use crate::model::{Field, FieldKind, Given, Required};
use crate::source::{Key, Kind, Node, Said};

/// Characters that a line may have when the field does not say.
const LINE: u32 = 200;
/// Characters that a longer text may have when the field does not say.
const TEXT: u32 = 5000;

/// The kind of a field, without its conditions.
pub(crate) fn field_kind(node: &Node) -> FieldKind {
    if node.get("choice").is_some() {
        return FieldKind::Choice(options(node, "choice"));
    }
    if node.get("choices").is_some() {
        return FieldKind::Choices(options(node, "choices"));
    }
    if node.get("rows").is_some() {
        let rows = super::outline::entries(node, "rows");
        return FieldKind::Rows(rows.iter().map(|(key, node)| bare(key, node)).collect());
    }
    match node.get("kind").and_then(Node::as_text) {
        Some("text") => FieldKind::Text,
        Some("number") => FieldKind::Number {
            measure: text(node, "measure").map(str::to_owned),
        },
        Some("money") => FieldKind::Money,
        Some("flag") => FieldKind::Flag,
        Some("time") => FieldKind::Time { future: false },
        Some("future time") => FieldKind::Time { future: true },
        Some("date") => FieldKind::Date,
        Some("phone") => FieldKind::Phone,
        Some("place") => FieldKind::Place,
        Some("person") => FieldKind::Person,
        Some("people") => FieldKind::People,
        Some("outside_body") => FieldKind::OutsideBody,
        Some("unit") => FieldKind::Unit,
        Some("customer") => FieldKind::Customer,
        Some("case") => FieldKind::Case,
        Some("signature") => FieldKind::Signature,
        Some("files") => FieldKind::Files,
        _ => FieldKind::Line,
    }
}

/// A field without its conditions.
pub(crate) fn bare(key: &Key, node: &Node) -> Field {
    let kind = field_kind(node);
    let given = text(node, "given");
    let longest = text(node, "longest").and_then(|text| text.parse().ok());
    Field {
        key: key.text.clone(),
        title: said(node, "title"),
        longest: longest.unwrap_or(if kind == FieldKind::Text { TEXT } else { LINE }),
        required: match text(node, "required").and_then(words::flag) {
            _ if given.is_some() => Required::No,
            Some(false) => Required::No,
            _ => Required::Yes,
        },
        kind,
        when: None,
        read_back: flag(node, "read_back", false),
        personal: flag(node, "personal", false),
        help: node.get("help").is_some().then(|| said(node, "help")),
        given: given.map_or(Given::Typed, |key| Given::Record(key.to_owned())),
    }
}

/// The text under a key.
pub(crate) fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::as_text)
}

/// `yes` or `no` under a key.
pub(crate) fn flag(node: &Node, key: &str, unless_said: bool) -> bool {
    text(node, key).and_then(words::flag).unwrap_or(unless_said)
}

/// Words in both languages under a key; what is missing has been reported.
pub(crate) fn said(node: &Node, key: &str) -> Said {
    node.get(key).map(said_of).unwrap_or_default()
}

/// Words in both languages.
pub(crate) fn said_of(node: &Node) -> Said {
    Said::new(
        text(node, "zh").unwrap_or_default(),
        text(node, "en").unwrap_or_default(),
    )
}

fn options(node: &Node, key: &str) -> Vec<(String, Said)> {
    super::outline::entries(node, key)
        .iter()
        .map(|(key, node)| (key.text.clone(), said_of(node)))
        .collect()
}

impl<'a> Here<'_, 'a> {
    /// What is asked: the fields themselves, or those of the form named.
    pub(crate) fn fields(&self, node: Option<&'a Node>) -> Vec<Field> {
        if let Some(node) = node
            && let Some(form) = node.as_text()
        {
            self.known_form(form, &node.place);
        }
        self.fields_of(asked(node, self.reading.all))
    }

    /// Fields of which the conditions may speak of `input`, meaning the fields themselves.
    pub(crate) fn fields_of(&self, entries: &'a [(Key, Node)]) -> Vec<Field> {
        let here = self.with_input(entries);
        entries
            .iter()
            .map(|(key, node)| here.field(key, node, entries))
            .collect()
    }

    fn field(&self, key: &'a Key, node: &'a Node, beside: &'a [(Key, Node)]) -> Field {
        let mut field = bare(key, node);
        self.one_kind(key, node);
        field.when = self.condition(node.get("when"));
        if let Some(other) = node.get("or") {
            let name = other.as_text().unwrap_or_default();
            let known = || {
                beside
                    .iter()
                    .map(|(key, _)| key.text.as_str())
                    .filter(|known| *known != key.text)
            };
            if !known().any(|known| known == name) {
                self.reading
                    .mistakes
                    .unknown(&other.place, "field.unknown", name, known());
            }
            field.required = Required::Or(name.to_owned());
        } else if let Some(required) = node.get("required")
            && required.as_text().is_some_and(|text| words::flag(text).is_none())
            && let Some(condition) = self.condition(Some(required))
        {
            field.required = Required::When(condition);
        }
        if let FieldKind::Rows(rows) = &mut field.kind {
            *rows = self.fields_of(super::outline::entries(node, "rows"));
        }
        field
    }

    /// `choice:`, `choices:` and `rows:` say the kind themselves; two of them, or another `kind:`, contradict.
    fn one_kind(&self, key: &Key, node: &Node) {
        let said: Vec<&str> = ["choice", "choices", "rows"]
            .into_iter()
            .filter(|kind| node.get(kind).is_some())
            .collect();
        let kind = text(node, "kind");
        let clash =
            said.len() > 1 || matches!((said.first(), kind), (Some(said), Some(kind)) if *said != kind);
        if clash {
            self.reading.mistakes.note(
                &key.place,
                "field.two_kinds",
                (
                    format!("字段“{}”写了两种类型", key.text),
                    format!("The field \"{}\" is said to be of two kinds", key.text),
                ),
                (
                    "choice、choices、rows 与 kind 只留一种",
                    "Keep one of choice, choices, rows and kind",
                ),
            );
        } else if let (None, Some(listed @ ("choice" | "choices" | "rows"))) = (said.first(), kind) {
            self.reading.mistakes.note(
                &key.place,
                "field.no_options",
                (
                    format!("字段“{}”没有列出 {listed} 的内容", key.text),
                    format!("The field \"{}\" does not say its {listed}", key.text),
                ),
                (
                    format!("写作 {listed}: {{ … }}"),
                    format!("Write `{listed}: {{ … }}`"),
                ),
            );
        }
        if let Some(node) = node.get("choice").or(node.get("choices"))
            && matches!(&node.kind, Kind::Map(options) if options.is_empty())
        {
            node.expected(self.reading.mistakes, "至少一个选项", "at least one option");
        }
    }
}
