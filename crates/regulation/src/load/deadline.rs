//! Deadlines.

use calendar::{DayRule, Limit};

use super::action::many;
use super::field::{said, text};
use super::here::Here;
use super::outline::entries;
use super::words;
use crate::model::{Bound, Deadline, FieldKind, LimitChoice, Moves, Pauses, Repeat, Step, StepTime, Trigger};
use crate::source::{Key, Kind, Node};

impl<'a> Here<'_, 'a> {
    /// A deadline of this procedure.
    pub(crate) fn deadline(&self, key: &'a Key, node: &'a Node) -> Option<Deadline> {
        let from = node.get("from").and_then(|node| self.trigger(node, true));
        let until: Vec<Trigger> = many(node, "until")
            .filter_map(|node| self.trigger(node, false))
            .collect();
        let bound = self.bound(key, node);
        let mut steps: Vec<Step> = many(node, "before")
            .filter_map(|node| self.before(node))
            .collect();
        for node in many(node, "before") {
            if text(node, "at").and_then(percent) == Some(0) {
                self.reading.mistakes.note(
                    &node.place,
                    "deadline.at_once",
                    (
                        "0% 就是开始的时候，不是提醒",
                        "0% is the very start and reminds of nothing",
                    ),
                    ("写 1% 到 99%", "Write 1% to 99%"),
                );
            }
        }
        steps.sort_by_key(|step| match step.at {
            StepTime::Percent(percent) => percent,
            StepTime::After(_) => u8::MAX,
        });
        if let (true, Some(first)) = (matches!(bound, Some(Bound::At(_))), many(node, "before").next()) {
            self.reading.mistakes.note(
                &first.place,
                "deadline.before_at",
                (
                    "约定的时间没有长度，不能按百分比提醒",
                    "An agreed time has no length, so no share of it can pass",
                ),
                (
                    "请删去 before，或改用 within",
                    "Take `before` away, or use `within`",
                ),
            );
        }
        steps.extend(many(node, "late").map(|node| self.late(node)));
        let deadline = Deadline {
            key: key.text.clone(),
            title: said(node, "title"),
            clause: self.clause_or_none(node, "clause"),
            from: from?,
            bound: bound?,
            day: day_rule(node),
            until,
            each_round: node.get("each").is_some(),
            only: self.condition(node.get("only")),
            tightened_by: many(node, "tightened_by")
                .filter_map(|node| self.time_named(node))
                .collect(),
            replaced_by: node.get("replaced_by").and_then(|node| self.time_named(node)),
            pauses: node.get("pauses").map(|node| self.pauses(node)),
            moves: node.get("moves").map(|node| Moves {
                consent: node.get("consent").and_then(|node| self.field_named(node)),
                at_most: text(node, "at_most").and_then(|text| text.parse().ok()),
            }),
            steps,
            repeat: node.get("repeat").map(|node| self.repeat(node)),
            urged_reminder: text(node, "urged_reminder").and_then(percent),
        };
        Some(deadline)
    }

    fn bound(&self, key: &Key, node: &'a Node) -> Option<Bound> {
        let (within, at) = (
            node.get("within").filter(|node| node.kind != Kind::Empty),
            node.get("at"),
        );
        match (within, at) {
            (Some(within), None) => {
                let here = self.with_start();
                let choice = |node: &Node| -> Option<LimitChoice> {
                    let when = here.condition(node.get("when"));
                    Some(LimitChoice {
                        limit: self.limit(node, "limit")?,
                        when,
                    })
                };
                if let Some(limit) = within.as_text() {
                    return Some(Bound::Within(vec![LimitChoice {
                        limit: limit.parse().ok()?,
                        when: None,
                    }]));
                }
                let choices: Vec<LimitChoice> = within.one_or_many().iter().filter_map(choice).collect();
                let unconditional = choices.iter().position(|choice| choice.when.is_none());
                if let Some(node) = unconditional.and_then(|index| within.one_or_many().get(index + 1)) {
                    self.reading.mistakes.note(
                        &node.place,
                        "deadline.never",
                        (
                            "前一期限没有条件，此处永远轮不到",
                            "The limit before this one always holds, so this one is never taken",
                        ),
                        (
                            "请给前一期限加 when，或删去此处",
                            "Give the one before a `when`, or take this one away",
                        ),
                    );
                }
                if within.one_or_many().is_empty() {
                    self.reading.mistakes.note(
                        &within.place,
                        "deadline.limitless",
                        (
                            "时限没有写多长",
                            "The deadline has no length, so nothing ever starts it",
                        ),
                        (
                            "写 within: 2 workdays，或列出各种情形的 limit",
                            "Write `within: 2 workdays`, or list a `limit` for each case",
                        ),
                    );
                }
                Some(Bound::Within(choices))
            }
            (None, Some(at)) => {
                let field = at
                    .as_text()?
                    .trim()
                    .strip_prefix("case.")
                    .filter(|field| words::is_name(field));
                let Some(field) = field else {
                    at.expected(
                        self.reading.mistakes,
                        "case. 加时间字段",
                        "`case.` and a time field",
                    );
                    return None;
                };
                self.time_field(field, &at.place);
                Some(Bound::At(field.to_owned()))
            }
            (Some(_), Some(_)) | (None, None) => {
                self.reading.mistakes.note(
                    &key.place,
                    "deadline.bound",
                    (
                        format!("时限“{}”应写 within 或 at 之一", key.text),
                        format!("The deadline \"{}\" wants either `within` or `at`", key.text),
                    ),
                    (
                        "写 within: 2 workdays，或 at: case.时间字段",
                        "Write `within: 2 workdays`, or `at: case.field` with a time field",
                    ),
                );
                None
            }
        }
    }

    fn before(&self, node: &Node) -> Option<Step> {
        let at = StepTime::Percent(text(node, "at").and_then(percent)?);
        Some(Step {
            at,
            tell: self.people(node, "tell"),
            answers: None,
            act: None,
        })
    }

    fn late(&self, node: &Node) -> Step {
        let actions = self
            .outline
            .map(|outline| outline.actions.clone())
            .unwrap_or_default();
        let act = node
            .get("do")
            .and_then(|node| self.known(node, "action.unknown", &actions));
        if node.is_map()
            && ["tell", "answers", "do"]
                .iter()
                .all(|key| node.get(key).is_none())
        {
            self.reading.mistakes.note(
                &node.place,
                "deadline.idle_level",
                ("这一级没有写做什么", "This level does nothing"),
                ("写 tell、answers 或 do", "Write tell, answers or do"),
            );
        }
        Step {
            at: StepTime::After(self.limit(node, "after").unwrap_or(Limit::AtOnce)),
            tell: self.people(node, "tell"),
            answers: node.get("answers").and_then(|node| self.person_named(node)),
            act,
        }
    }

    fn pauses(&self, node: &'a Node) -> Pauses {
        let reasons = entries(node, "reasons");
        if reasons.is_empty() && node.get("reasons").is_some() {
            self.reading.mistakes.note(
                &node.place,
                "deadline.never_pauses",
                (
                    "没有列出暂停的理由，所以永远不能暂停",
                    "No reason is listed, so it can never be paused",
                ),
                (
                    "列出 reasons，或删去 pauses",
                    "List `reasons`, or take `pauses` away",
                ),
            );
        }
        Pauses {
            reasons: reasons
                .iter()
                .map(|(key, node)| (key.text.clone(), super::field::said_of(node)))
                .collect(),
            at_most: self.limit(node, "at_most"),
        }
    }

    fn repeat(&self, node: &Node) -> Repeat {
        if let Some(at) = node.get("at").filter(|at| at.one_or_many().is_empty()) {
            self.reading.mistakes.note(
                &at.place,
                "deadline.never_repeats",
                (
                    "没有写在几点重复，所以永远不重复",
                    "No time of day is given, so it never repeats",
                ),
                (
                    "写 at: [\"09:00\"]，或删去 repeat",
                    "Write `at: [\"09:00\"]`, or take `repeat` away",
                ),
            );
        }
        let mut hours: Vec<u16> = many(node, "at")
            .filter_map(|node| words::clock(node.as_text()?))
            .collect();
        hours.sort_unstable();
        hours.dedup();
        Repeat {
            hours,
            workdays_only: super::field::flag(node, "workdays_only", false),
            tell: self.people(node, "tell"),
        }
    }

    fn person_named(&self, node: &Node) -> Option<String> {
        let found = node.as_text()?;
        let field = found.strip_prefix("case.").unwrap_or(found);
        if !matches!(field, "handler" | "first_contact_owner" | "registrar") {
            self.field_of_kind(field, &node.place, &FieldKind::Person, ("人员", "person"));
        }
        Some(field.to_owned())
    }

    fn time_named(&self, node: &Node) -> Option<String> {
        let found = node.as_text()?;
        let field = found.strip_prefix("case.").unwrap_or(found);
        self.time_field(field, &node.place);
        Some(field.to_owned())
    }

    fn field_named(&self, node: &Node) -> Option<String> {
        let outline = self.outline?;
        let known: Vec<&str> = outline.fields.keys().map(String::as_str).collect();
        self.known(node, "field.unknown", &known)
    }
}

/// What a deadline or duty says otherwise than the calendar.
pub(crate) fn day_rule(node: &Node) -> DayRule {
    DayRule {
        day_ends: text(node, "ends_at").and_then(|text| text.parse().ok()),
        on_holiday: text(node, "on_holiday").and_then(|text| text.parse().ok()),
    }
}

/// A whole percentage.
fn percent(text: &str) -> Option<u8> {
    u8::try_from(words::percent(text)? / 10).ok()
}
