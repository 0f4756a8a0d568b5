//! What a test expects, compared with what is.

use std::collections::BTreeMap;

use calendar::Moment;

use super::typed::{moment, shown, written};
use super::world::World;
use crate::Id;
use crate::case::{ApprovalStatus, Case, Clock};
use crate::decide::{Facts, Standing, needs_of_offers, offers};
use crate::load::words;
use crate::source::{Mistakes, Node};

/// One comparison: what was expected, and what is.
struct Compare<'m> {
    mistakes: &'m Mistakes,
}

impl Compare<'_> {
    fn same(&self, node: &Node, what: (&str, &str), expected: &str, found: &str) {
        if expected != found {
            self.mistakes.note(
                &node.place,
                "test.differs",
                (
                    format!("{}应为“{expected}”，实为“{found}”", what.0),
                    format!("{} should be \"{expected}\", but is \"{found}\"", what.1),
                ),
                (
                    "请修改规则包，或修改此处的期望",
                    "Mend the pack, or this expectation",
                ),
            );
        }
    }
}

/// Notes every expectation that does not hold.
pub(super) fn expect(
    world: &World,
    case: Option<&Case>,
    node: &Node,
    person: Option<Id>,
    now: Moment,
    mistakes: &Mistakes,
) {
    let compare = Compare { mistakes };
    told(world, node, mistakes);
    messages(world, node, &compare);
    let Some(case) = case else { return };
    let calendar = &world.units.calendar;
    for (key, node) in node.entries(mistakes) {
        let expected = written(node);
        let same = |zh: &str, en: &str, found: &str| compare.same(node, (zh, en), &expected, found);
        let yes_no = |flag: bool| if flag { "yes" } else { "no" };
        let flag =
            |text: &str| words::flag(text).map_or_else(|| text.to_owned(), |flag| yes_no(flag).to_owned());
        match key.text.as_str() {
            "stage" => same("环节", "the stage", &case.stage),
            "ended" => compare.same(
                node,
                ("是否办结", "whether it has ended"),
                &flag(&expected),
                yes_no(case.ended.is_some()),
            ),
            "void" => compare.same(
                node,
                ("是否作废", "whether it is void"),
                &flag(&expected),
                yes_no(case.void),
            ),
            "round" => same("轮次", "the round", &case.round.to_string()),
            "number" => same("编号", "the number", &case.number),
            "handler" => same("经办人", "the handler", &world.name_of(case.handler)),
            "first_contact_owner" => same(
                "首问责任人",
                "the first-contact owner",
                &world.name_of(case.first_contact_owner),
            ),
            "unit" => same("责任部门", "the unit", &world.name_of(Some(case.unit))),
            "open_subcases" => {
                let open = case
                    .subcases
                    .iter()
                    .filter(|subcase| subcase.ended.is_none())
                    .count();
                same("未办结的子事项", "open sub-cases", &open.to_string());
            }
            "subcases" => by_name(&compare, node, ("子事项", "sub-cases"), |name| {
                case.subcases
                    .iter()
                    .filter(|subcase| subcase.procedure == name)
                    .count()
                    .to_string()
            }),
            "refusals" => by_name(&compare, node, ("拒绝次数", "refusals"), |name| {
                let is = |clause: &crate::model::ClauseRef| {
                    clause.to_string() == name || clause.pack == world.pack.name && *clause.clause == *name
                };
                case.refusals
                    .iter()
                    .filter(|(clause, ..)| is(clause))
                    .count()
                    .to_string()
            }),
            "approvals" => by_name(&compare, node, ("审批", "the approval"), |name| {
                let approval = case
                    .approvals
                    .iter()
                    .rev()
                    .find(|approval| approval.approval == name);
                approval
                    .map_or("none", |approval| match approval.status {
                        ApprovalStatus::Asked => "asked",
                        ApprovalStatus::Granted => "granted",
                        ApprovalStatus::Refused => "refused",
                    })
                    .to_owned()
            }),
            "questions" => {
                let mut open: Vec<&str> = case
                    .questions
                    .iter()
                    .filter(|question| question.answer.is_none())
                    .map(|question| question.question.as_str())
                    .collect();
                open.sort_unstable();
                let mut wanted: Vec<&str> = expected
                    .split(", ")
                    .filter(|name| !name.is_empty() && *name != "none")
                    .collect();
                wanted.sort_unstable();
                compare.same(
                    node,
                    ("未回答的待核", "open questions"),
                    &wanted.join(", "),
                    &open.join(", "),
                );
            }
            "fields" => fields(world, case, node, &compare),
            "clocks" => clocks(world, case, node, 0, &compare),
            "earlier" => clocks(world, case, node, 1, &compare),
            "retained_until" => {
                let until = case.retained_until.map(|at| calendar.date_of(at).to_string());
                same("保存至", "kept until", &until.unwrap_or_default());
            }
            "can" | "cannot" => can(world, case, node, person, now, key.text == "can", mistakes),
            _ => {}
        }
    }
}

fn told(world: &World, node: &Node, mistakes: &Mistakes) {
    for (key, wanted) in [("told", true), ("not_told", false)] {
        for node in node.get(key).map(Node::one_or_many).unwrap_or_default() {
            let who = node.as_text().unwrap_or_default();
            if world.told.iter().any(|told| told == who) != wanted {
                let all = world.told.join(", ");
                let (zh, en) = if wanted {
                    (
                        format!("应告知“{who}”，实际告知了“{all}”"),
                        format!("\"{who}\" should have been told; told were \"{all}\""),
                    )
                } else {
                    (
                        format!("不应告知“{who}”"),
                        format!("\"{who}\" should not have been told"),
                    )
                };
                mistakes.note(
                    &node.place,
                    "test.told",
                    (zh, en),
                    (
                        "请修改规则包，或修改此处的期望",
                        "Mend the pack, or this expectation",
                    ),
                );
            }
        }
    }
}

/// The texts of messages told since the step before.
fn messages(world: &World, node: &Node, compare: &Compare<'_>) {
    let Some(node) = node.get("messages") else { return };
    by_name(compare, node, ("消息", "the message"), |name| {
        let told = world.messages.iter().filter(|(key, _)| key == name);
        match told.map(|(_, text)| text.as_str()).collect::<Vec<_>>() {
            texts if texts.is_empty() => "none".to_owned(),
            texts => texts.join(" / "),
        }
    });
}

fn by_name(compare: &Compare<'_>, node: &Node, what: (&str, &str), found: impl Fn(&str) -> String) {
    for (key, node) in node.entries(compare.mistakes) {
        let what = (
            format!("{}“{}”", what.0, key.text),
            format!("{} \"{}\"", what.1, key.text),
        );
        compare.same(node, (&what.0, &what.1), &written(node), &found(&key.text));
    }
}

fn fields(world: &World, case: &Case, node: &Node, compare: &Compare<'_>) {
    let procedure = world.pack.procedure(&case.procedure);
    for (key, node) in node.entries(compare.mistakes) {
        let kind = procedure
            .and_then(|procedure| procedure.fields.get(&key.text))
            .map(|field| &field.kind);
        let found = match case.fields.get(&key.text) {
            Some(value) => shown(world, &world.units.calendar, kind, value),
            None => "missing".to_owned(),
        };
        let expected = written(node);
        let expected = match (kind, words::flag(&expected)) {
            (Some(crate::model::FieldKind::Flag), Some(flag)) => if flag { "yes" } else { "no" }.to_owned(),
            _ => expected,
        };
        let what = (
            format!("字段“{}”", key.text),
            format!("the field \"{}\"", key.text),
        );
        compare.same(node, (&what.0, &what.1), &expected, &found);
    }
}

/// `kept`, `running until 2026-11-19 12:05`, `overdue, lin answers`, `exempt`, `none`.
fn clocks(world: &World, case: &Case, node: &Node, back: usize, compare: &Compare<'_>) {
    let procedure = world.pack.procedure(&case.procedure);
    for (key, node) in node.entries(compare.mistakes) {
        if let Some(procedure) = procedure
            && procedure.deadline(&key.text).is_none()
        {
            let known = procedure.deadlines.iter().map(|deadline| deadline.key.as_str());
            compare
                .mistakes
                .unknown(&key.place, "deadline.unknown", &key.text, known);
            continue;
        }
        let mut clocks: Vec<&Clock> = case
            .clocks
            .iter()
            .filter(|clock| clock.deadline == key.text)
            .collect();
        clocks.sort_by_key(|clock| std::cmp::Reverse(clock.no));
        let expected = midnight(&written(node));
        let found = match clocks.get(back) {
            None => "none".to_owned(),
            Some(clock) => {
                let mut found = clock.state.word().to_owned();
                if expected.contains(" until ") {
                    found = format!("{found} until {}", moment(&world.units.calendar, clock.due));
                }
                if expected.ends_with(" answers") {
                    found = format!("{found}, {} answers", world.name_of(clock.answers));
                }
                if expected.ends_with(" limit") {
                    let origin = match clock.origin {
                        crate::case::LimitOrigin::Pack => "our",
                        crate::case::LimitOrigin::Customer => "customer's",
                        crate::case::LimitOrigin::Authority => "authority's",
                        crate::case::LimitOrigin::Agreed => "agreed",
                    };
                    found = format!("{found}, {origin} limit");
                }
                found
            }
        };
        let what = (
            format!("时限“{}”", key.text),
            format!("the clock \"{}\"", key.text),
        );
        compare.same(node, (&what.0, &what.1), &expected, &found);
    }
}

/// `2026-11-22 24:00` is the moment at which the next day begins, which is how it is shown.
fn midnight(expected: &str) -> String {
    let Some((before, after)) = expected.split_once(" 24:00") else {
        return expected.to_owned();
    };
    let Some((before, day)) = before.rsplit_once(' ') else {
        return expected.to_owned();
    };
    match day
        .parse::<calendar::Date>()
        .ok()
        .and_then(|day| day.tomorrow().ok())
    {
        Some(next) => format!("{before} {next} 00:00{after}"),
        None => expected.to_owned(),
    }
}

/// Actions that are open to someone, or refused before anything is typed.
fn can(
    world: &World,
    case: &Case,
    node: &Node,
    person: Option<Id>,
    now: Moment,
    wanted: bool,
    mistakes: &Mistakes,
) {
    let actor = world.actor(person);
    let setting = world.setting(&actor, now);
    let needs = needs_of_offers(&setting, case);
    let mut facts = Facts::default();
    for query in &needs.facts {
        facts
            .values
            .extend(world.answer(query).map(|value| (query.id.clone(), value)));
    }
    let offered: BTreeMap<String, bool> = offers(&setting, case, &facts)
        .into_iter()
        .map(|offer| {
            (
                offer.key.to_owned(),
                !matches!(offer.standing, Standing::Refused(_)),
            )
        })
        .collect();
    for node in node.one_or_many() {
        let action = node.as_text().unwrap_or_default();
        if offered.get(action).copied().unwrap_or(false) != wanted {
            let open: Vec<&str> = offered
                .iter()
                .filter(|(_, open)| **open)
                .map(|(key, _)| key.as_str())
                .collect();
            let (zh, en) = if wanted {
                ("应可进行", "should be open")
            } else {
                ("不应可进行", "should not be open")
            };
            mistakes.note(
                &node.place,
                "test.offers",
                (
                    format!("操作“{action}”{zh}；可进行的是：{}", open.join("、")),
                    format!("The action \"{action}\" {en}; open are: {}", open.join(", ")),
                ),
                (
                    "请修改规则包，或修改此处的期望",
                    "Mend the pack, or this expectation",
                ),
            );
        }
    }
}

/// What a test expects of draws.
pub(super) fn drawn(node: &Node, drawn: usize, mistakes: &Mistakes) {
    if let Some(node) = node.get("drawn") {
        Compare { mistakes }.same(node, ("抽中数", "drawn"), &written(node), &drawn.to_string());
    }
}
