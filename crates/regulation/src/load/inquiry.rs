//! Facts, questions, uniqueness, samples and figures: what a procedure asks of other records and of people.

use super::action::many;
use super::deadline::day_rule;
use super::field::{flag, said, text};
use super::here::Here;
use super::outline::{Outline, entries};
use super::scope;
use super::words;
use crate::expression::Expression;
use crate::model::{
    Alike, Among, Cause, Fact, FieldKind, Figure, Figured, Links, Measure, Opening, Question, Sample, Unique,
    Window,
};
use crate::source::{Key, Kind, Node};

const MEASURES: [&str; 5] = ["count", "customers", "exists", "latest", "sum"];

impl<'a> Here<'_, 'a> {
    /// A fact. Its conditions may speak of everything that an action of this procedure asks.
    pub(crate) fn fact(&self, key: &'a Key, node: &'a Node) -> Option<Fact> {
        let measures: Vec<&str> = MEASURES
            .into_iter()
            .filter(|measure| node.get(measure).is_some())
            .collect();
        let [measure] = measures[..] else {
            self.reading.mistakes.note(
                &key.place,
                "fact.measure",
                (
                    format!("事实“{}”应写一种统计方式", key.text),
                    format!("The fact \"{}\" wants one measure", key.text),
                ),
                (
                    "写 count、customers、exists、latest、sum 之一",
                    "Write one of count, customers, exists, latest, sum",
                ),
            );
            return None;
        };
        let of = self.procedure(node.get(measure)?)?;
        let measure = match measure {
            "count" => Measure::Count,
            "customers" => Measure::Customers,
            "exists" => Measure::Exists,
            "latest" => Measure::Latest,
            _ => Measure::Sum(self.summed(key, node, of)?),
        };
        let outline = self.outline?;
        let fields = outline.fields.iter().map(|(key, (kind, _))| (key.as_str(), kind));
        let here = Here {
            environment: scope::with_input(&self.environment, fields),
            ..self.clone()
        };
        Some(Fact {
            key: key.text.clone(),
            title: said(node, "title"),
            measure,
            same: here.same(node, of),
            of: of.stated.key.to_owned(),
            within: match text(node, "within") {
                Some("this month") => Window::ThisMonth,
                Some("today") => Window::Today,
                Some(limit) => limit.parse().map_or(Window::Ever, Window::Last),
                None => Window::Ever,
            },
            among: match text(node, "among") {
                Some("open") => Among::Open,
                Some("ended") => Among::Ended,
                _ => Among::All,
            },
            with_itself: flag(node, "itself", false),
            guarding: flag(node, "guarding", false),
        })
    }

    fn summed(&self, key: &Key, node: &Node, of: &Outline<'_>) -> Option<String> {
        let numbers = || {
            let is_number = |kind: &FieldKind| matches!(kind, FieldKind::Number { .. } | FieldKind::Money);
            of.fields
                .iter()
                .filter(move |(_, (kind, _))| is_number(kind))
                .map(|(key, _)| key.as_str())
        };
        let Some(field) = node.get("field") else {
            self.reading.mistakes.note(
                &key.place,
                "fact.field",
                (
                    format!("合计“{}”没有写 field", key.text),
                    format!("The sum \"{}\" does not say which field", key.text),
                ),
                ("写 field: 数字字段", "Write `field:` and a number field"),
            );
            return None;
        };
        self.known(field, "field.unknown", &numbers().collect::<Vec<_>>())
    }

    /// Pairs of a key of the other record and what it must equal here.
    fn same(&self, node: &Node, of: &Outline<'_>) -> Vec<(String, Expression)> {
        let other = |key: &str| match of.field(key) {
            Some(kind) => Some(scope::field_type(key, kind)),
            None if matches!(
                key,
                "customer"
                    | "unit"
                    | "owning_unit"
                    | "handler"
                    | "registrar"
                    | "first_contact_owner"
                    | "channel"
            ) =>
            {
                scope::record_type(key, &of.stages)
            }
            None => None,
        };
        let unknown = |place, key: &str| {
            let known: Vec<&str> = of
                .fields
                .keys()
                .map(String::as_str)
                .chain(["customer", "unit", "owning_unit"])
                .collect();
            self.reading
                .mistakes
                .unknown(place, "field.unknown", key, known.into_iter());
        };
        let Some(same) = node.get("same") else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        match &same.kind {
            Kind::Map(entries) => {
                for (key, node) in entries {
                    let Some(kind) = other(&key.text) else {
                        unknown(&key.place, &key.text);
                        continue;
                    };
                    pairs.extend(
                        self.expression(node, Some(&kind))
                            .map(|value| (key.text.clone(), value)),
                    );
                }
            }
            _ => {
                for node in same.one_or_many() {
                    let Some(key) = node.as_text() else { continue };
                    let Some(kind) = other(key) else {
                        unknown(&node.place, key);
                        continue;
                    };
                    let here = format!("case.{key}");
                    let compiled = crate::expression::compile(&here, &kind, &self.environment, &node.place);
                    pairs.extend(
                        self.reading
                            .mistakes
                            .take(compiled)
                            .map(|value| (key.to_owned(), value)),
                    );
                }
            }
        }
        pairs
    }

    /// A question for people.
    pub(crate) fn question(&self, key: &'a Key, node: &'a Node) -> Question {
        let causes = many(node, "raised_when").filter_map(|node| match node.as_text() {
            Some(_) => self.condition(Some(node)).map(Cause::When),
            None => self.cause(node),
        });
        Question {
            key: key.text.clone(),
            title: said(node, "title"),
            clause: self.clause_or_none(node, "clause"),
            ask: self.people(node, "ask"),
            only: self.condition(node.get("only")),
            raised_when: causes.collect(),
            yes_sets: self.writes(node, "yes"),
            no_sets: self.writes(node, "no"),
            links: node.get("links").and_then(|node| self.links(node)),
        }
    }

    /// A cause that time or other customers bring: exactly one of them.
    fn cause(&self, node: &Node) -> Option<Cause> {
        if node.get("after").is_some() == node.get("alike").is_some() {
            self.reading.mistakes.note(
                &node.place,
                "question.cause",
                ("原因应写一种", "A cause wants one of two"),
                (
                    "写 after: 时长，或 alike: 相似事项",
                    "Write `after:` and a length, or `alike:` and how many customers",
                ),
            );
            return None;
        }
        self.limit(node, "after")
            .map(Cause::After)
            .or_else(|| self.alike(node).map(Cause::Alike))
    }

    /// Likeness as a cause.
    fn alike(&self, node: &Node) -> Option<Alike> {
        let known: Vec<&str> = self.outline?.fields.keys().map(String::as_str).collect();
        let node = node.get("alike")?;
        Some(Alike {
            same: many(node, "same")
                .filter_map(|node| self.known(node, "field.unknown", &known))
                .collect(),
            customers: text(node, "customers").and_then(|text| text.parse().ok())?,
            within: self.limit(node, "within")?,
        })
    }

    fn links(&self, node: &'a Node) -> Option<Links> {
        let known: Vec<&str> = self
            .outline
            .map(|outline| outline.facts.iter().map(|(key, _)| *key).collect())
            .unwrap_or_default();
        let fact = node
            .get("fact")
            .and_then(|node| self.known(node, "fact.unknown", &known));
        let joint = self.opening(node, &[]);
        Some(Links {
            fact: fact?,
            joint: joint?,
        })
    }

    fn writes(&self, node: &Node, answer: &str) -> Vec<(String, Expression)> {
        let Some(outline) = self.outline else {
            return Vec::new();
        };
        let mut writes = Vec::new();
        for (key, node) in entries(node, answer) {
            match Self::written_type(outline, &key.text) {
                Some(kind) => {
                    writes.extend(
                        self.expression(node, Some(&kind))
                            .map(|value| (key.text.clone(), value)),
                    );
                }
                None => self.undeclared(key, outline),
            }
        }
        writes
    }

    /// Something that may happen only once.
    pub(crate) fn unique(&self, key: &'a Key, node: &'a Node) -> Option<Unique> {
        let outline = self.outline?;
        let on = node.get("on")?;
        let on = match on.as_text()? {
            "opening" => None,
            _ => Some(self.known(on, "action.unknown", &outline.actions)?),
        };
        let known: Vec<&str> = outline
            .fields
            .keys()
            .map(String::as_str)
            .chain(["customer", "unit"])
            .collect();
        Some(Unique {
            name: key.text.clone(),
            clause: self.clause_or_none(node, "clause"),
            on,
            fields: many(node, "fields")
                .filter_map(|node| self.known(node, "field.unknown", &known))
                .collect(),
            say: said(node, "say"),
        })
    }

    /// A draw over ended cases.
    pub(crate) fn sample(&self, key: &'a Key, node: &'a Node) -> Option<Sample> {
        let of = self.condition(node.get("of"));
        let opens = node.get("opens")?;
        let opens = match opens.as_text() {
            Some(_) => Opening {
                procedure: self.procedure(opens)?.stated.key.to_owned(),
                each: None,
                gates: false,
                when: None,
                fields: Vec::new(),
            },
            None => self.opening(opens, &[])?,
        };
        if let (Some(opened), Some(named)) = (
            self.reading.outlines.get(opens.procedure.as_str()),
            node.get("opens"),
        ) {
            let typed: Vec<&str> = opens
                .fields
                .iter()
                .map(|(key, _)| key.as_str())
                .chain(["due"])
                .collect();
            super::duty::opened_by_itself(self.reading, opened, &named.place, &typed);
        }
        Some(Sample {
            key: key.text.clone(),
            title: said(node, "title"),
            clause: self.clause_or_none(node, "clause"),
            of: of?,
            at_least: text(node, "at_least").and_then(words::percent)?,
            opens,
            within: self.limit(node, "within")?,
            day: day_rule(node),
        })
    }

    /// A figure over cases or rounds; read once for each procedure that it counts, so that every name is known in all.
    pub(crate) fn figure(&self, key: &'a str, node: &'a Node, procedures: Vec<String>) -> Option<Figure> {
        let rounds = text(node, "count") == Some("rounds");
        let here = if rounds { self.with_round() } else { self.clone() };
        let (part, of) = (here.condition(node.get("part")), here.condition(node.get("of")));
        Some(Figure {
            key: key.to_owned(),
            title: said(node, "title"),
            clause: self.clause_or_none(node, "clause"),
            procedures,
            count: if rounds { Figured::Rounds } else { Figured::Cases },
            part: part?,
            of: of?,
            target: text(node, "target").and_then(words::percent),
        })
    }
}
