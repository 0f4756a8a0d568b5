//! Actions and rights.

use super::field::{flag, said, text};
use super::here::Here;
use super::outline::{asked, entries};
use super::scope;
use crate::expression::Type;
use crate::model::{Action, Exemption, FieldKind, Guard, Listed, Mark, Opening, Source, Start, Transition};
use crate::source::{Key, Kind, Node};

impl<'a> Here<'_, 'a> {
    /// An action of this procedure, or a right.
    pub(crate) fn action(&self, key: &str, node: &'a Node) -> Action {
        let fields = asked(node.get("ask"), self.reading.all);
        let here = self.with_input(fields);
        let actions = self
            .outline
            .map(|outline| outline.actions.clone())
            .unwrap_or_default();
        Action {
            key: key.to_owned(),
            title: said(node, "title"),
            clause: self.clause(node, "clause"),
            from: self.start(node),
            by: self.people(node, "by"),
            not_by_doer_of: many(node, "not_by")
                .filter_map(|node| self.known(node, "action.unknown", &actions))
                .collect(),
            ask: self.fields(node.get("ask")),
            needs: many(node, "needs").filter_map(|node| here.guard(node)).collect(),
            to: here.destinations(node.get("to")),
            sets: entries(node, "sets")
                .iter()
                .filter_map(|(key, node)| here.set(key, node))
                .collect(),
            exempt: many(node, "exempt")
                .filter_map(|node| here.exemption(node))
                .collect(),
            opens: many(node, "opens")
                .filter_map(|node| here.opening(node, fields))
                .collect(),
            pauses: node
                .get("pauses")
                .and_then(|node| self.asked_choice(node, fields)),
            resumes: flag(node, "resumes", false),
            merges_into: node
                .get("merges_into")
                .and_then(|node| self.asked_case(node, fields)),
            joins: node.get("joins").and_then(|node| self.asked_case(node, fields)),
            tell: many(node, "tell")
                .filter_map(|node| here.telling(node, fields))
                .collect(),
            releases: many(node, "releases")
                .filter_map(|node| self.known(node, "unique.unknown", &self.outline?.uniques))
                .collect(),
            marks: node.get("marks").and_then(|node| {
                Some(Mark {
                    mark: text(node, "as")?.to_owned(),
                    customer: text(node, "customer")?.to_owned(),
                })
            }),
            unmarks: text(node, "unmarks").map(str::to_owned),
            erases: node.get("erases").and_then(|node| self.listed(node)),
            void: flag(node, "void", false),
        }
    }

    fn start(&self, node: &Node) -> Start {
        match text(node, "from") {
            Some("any open") => return Start::AnyOpen,
            Some("always") => return Start::Always,
            _ => {}
        }
        let stages = self
            .outline
            .map(|outline| outline.stages.clone())
            .unwrap_or_default();
        Start::Stages(
            many(node, "from")
                .filter_map(|node| self.known(node, "stage.unknown", &stages))
                .collect(),
        )
    }

    fn guard(&self, node: &Node) -> Option<Guard> {
        let clause = self.clause_or_none(node, "clause");
        Some(Guard {
            clause,
            that: self.condition(node.get("that"))?,
            say: said(node, "say"),
        })
    }

    fn destinations(&self, node: Option<&Node>) -> Vec<Transition> {
        let nodes = node.map(Node::one_or_many).unwrap_or_default();
        let mut all: Vec<Transition> = Vec::new();
        for node in nodes {
            // Whatever follows an alternative that always holds is never taken.
            if all.last().is_some_and(|before| before.when.is_none()) {
                self.reading.mistakes.note(
                    &node.place,
                    "transition.never",
                    (
                        "前一去向没有条件，此处永远轮不到",
                        "The alternative before this one always holds, so this one is never taken",
                    ),
                    (
                        "请给前一去向加 when，或删去此处",
                        "Give the one before a `when`, or take this one away",
                    ),
                );
            }
            if let Some(transition) = self.transition(node) {
                all.push(transition);
            }
        }
        all
    }

    fn transition(&self, node: &Node) -> Option<Transition> {
        let stages = self
            .outline
            .map(|outline| outline.stages.clone())
            .unwrap_or_default();
        if node.as_text().is_some() {
            let stage = self.known(node, "stage.unknown", &stages)?;
            return Some(Transition {
                stage: Some(stage),
                when: None,
                next_round: false,
            });
        }
        let stays = flag(node, "stay", false);
        if node.is_map() && stays == node.get("stage").is_some() {
            self.reading.mistakes.note(
                &node.place,
                "transition.where",
                (
                    "去向要么写 stage，要么写 stay: yes",
                    "A destination is either a `stage` or `stay: yes`",
                ),
                ("请只写其中一个", "Write one of the two"),
            );
        }
        let when = self.condition(node.get("when"));
        let stage = node
            .get("stage")
            .map(|node| self.known(node, "stage.unknown", &stages));
        let next_round = node.get("round").is_some();
        match stage {
            // Reported; leaving it out would make "stays" of it.
            Some(None) => None,
            stage => Some(Transition {
                stage: stage.flatten(),
                when,
                next_round,
            }),
        }
    }

    fn set(&self, key: &Key, node: &Node) -> Option<(String, Source)> {
        let outline = self.outline?;
        let Some(wanted) = Self::written_type(outline, &key.text) else {
            self.undeclared(key, outline);
            return None;
        };
        Some((key.text.clone(), self.source(node, &wanted)?))
    }

    /// `actor`, `now`, or a value of this type.
    fn source(&self, node: &Node, wanted: &Type) -> Option<Source> {
        let (word, given) = match node.as_text()? {
            "actor" => (Source::Actor, Type::id("person")),
            "now" => (Source::Now, Type::Moment),
            _ => return self.expression(node, Some(wanted)).map(Source::Value),
        };
        if given != *wanted {
            self.reading.mistakes.note(
                &node.place,
                "type.wrong",
                (
                    format!("此处应为{}，实为{}", wanted.zh(), given.zh()),
                    format!("Expected {wanted} here, found {given}"),
                ),
                (
                    "请改写此值，或改字段类型",
                    "Write another value, or change the field's kind",
                ),
            );
        }
        Some(word)
    }

    fn exemption(&self, node: &Node) -> Option<Exemption> {
        let deadlines = self
            .outline
            .map(|outline| outline.deadlines.clone())
            .unwrap_or_default();
        let when = self.condition(node.get("when"));
        Some(Exemption {
            deadline: self.known(node.get("deadline")?, "deadline.unknown", &deadlines)?,
            when,
            reason: node.get("reason").is_some().then(|| said(node, "reason")),
        })
    }

    /// Cases opened by an action that asks these fields.
    pub(crate) fn opening(&self, node: &Node, fields: &'a [(Key, Node)]) -> Option<Opening> {
        let each = node.get("each");
        let rows = each
            .and_then(Node::as_text)
            .and_then(|each| fields.iter().find(|(key, _)| key.text == each));
        let rows = rows
            .map(|(_, field)| entries(field, "rows"))
            .filter(|rows| !rows.is_empty());
        if let (Some(each), None) = (each, rows) {
            let known = fields
                .iter()
                .filter(|(_, node)| node.get("rows").is_some())
                .map(|(key, _)| key.text.as_str());
            self.reading.mistakes.unknown(
                &each.place,
                "field.unknown",
                each.as_text().unwrap_or_default(),
                known,
            );
        }
        let here = match rows {
            Some(rows) => self.with_input(rows),
            None => self.clone(),
        };
        let opened = self.procedure(node.get("procedure")?)?;
        let fields = entries(node, "fields").iter().filter_map(|(key, node)| {
            let Some(wanted) = Self::written_type(opened, &key.text) else {
                self.undeclared(key, opened);
                return None;
            };
            Some((key.text.clone(), here.source(node, &wanted)?))
        });
        Some(Opening {
            procedure: opened.stated.key.to_owned(),
            each: each.and_then(Node::as_text).map(str::to_owned),
            gates: flag(node, "gates", false),
            when: here.condition(node.get("when")),
            fields: fields.collect(),
        })
    }

    /// Where the case lists other cases.
    fn listed(&self, node: &Node) -> Option<Listed> {
        let (outline, found) = (self.outline?, node.as_text()?);
        let (field, column) = match found.split_once('.') {
            Some((field, column)) => (field, Some(column)),
            None => (found, None),
        };
        let known: Vec<String> = outline
            .fields
            .iter()
            .flat_map(|(key, (kind, _))| match kind {
                FieldKind::Case => vec![key.clone()],
                FieldKind::Rows(columns) => columns
                    .iter()
                    .filter(|column| column.kind == FieldKind::Case)
                    .map(|column| format!("{key}.{}", column.key))
                    .collect(),
                _ => Vec::new(),
            })
            .collect();
        if !known.iter().any(|known| known == found) {
            let known = known.iter().map(String::as_str);
            self.reading
                .mistakes
                .unknown(&node.place, "field.unknown", found, known);
            return None;
        }
        Some(Listed {
            field: field.to_owned(),
            column: column.map(str::to_owned),
        })
    }

    fn asked_choice(&self, node: &Node, fields: &'a [(Key, Node)]) -> Option<String> {
        self.asked_as(node, fields, ("选项", "a choice"), |kind| {
            matches!(kind, FieldKind::Choice(_))
        })
    }

    fn asked_case(&self, node: &Node, fields: &'a [(Key, Node)]) -> Option<String> {
        self.asked_as(node, fields, ("事项", "a case"), |kind| {
            matches!(kind, FieldKind::Case)
        })
    }

    /// A field that this very action asks, of a certain kind.
    fn asked_as(
        &self,
        node: &Node,
        fields: &'a [(Key, Node)],
        wanted: (&str, &str),
        fits: impl Fn(&FieldKind) -> bool,
    ) -> Option<String> {
        let found = node.as_text()?;
        let Some((_, field)) = fields.iter().find(|(key, _)| key.text == found) else {
            let known = fields.iter().map(|(key, _)| key.text.as_str());
            self.reading
                .mistakes
                .unknown(&node.place, "field.unknown", found, known);
            return None;
        };
        if !fits(&super::field::field_kind(field)) {
            self.reading.mistakes.note(
                &node.place,
                "field.kind",
                (
                    format!("字段“{found}”不是{}", wanted.0),
                    format!("The field \"{found}\" does not hold {}", wanted.1),
                ),
                (
                    format!("请写一个{}字段", wanted.0),
                    format!("Name a field that holds {}", wanted.1),
                ),
            );
        }
        Some(found.to_owned())
    }

    /// Here, with `start` meaning the moment at which a clock begins.
    pub(crate) fn with_start(&self) -> Self {
        self.with_root("start", Type::Moment)
    }

    /// Here, in a figure.
    pub(crate) fn with_round(&self) -> Self {
        match self.outline {
            Some(outline) => Here {
                environment: scope::with_round(self.environment.clone(), outline),
                ..self.clone()
            },
            None => self.clone(),
        }
    }
}

/// One or many nodes under a key.
pub(crate) fn many<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> + use<'a> {
    node.get(key)
        .filter(|node| node.kind != Kind::Empty)
        .map(Node::one_or_many)
        .unwrap_or_default()
        .iter()
}
