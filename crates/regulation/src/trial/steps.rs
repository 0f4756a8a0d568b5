//! The steps of a test: what happens, in the order of the file.

use std::sync::Arc;

use calendar::Moment;

use super::expect::{drawn as expect_drawn, expect};
use super::given::given;
use super::refused::{kind, said};
use super::typed;
use super::world::{No, World};
use crate::Id;
use crate::case::{ApprovalStatus, Fields};
use crate::decide::Command;
use crate::load::field::{flag, text};
use crate::load::words;
use crate::model::Pack;
use crate::source::{Mistakes, Node};

/// Runs one test and notes everything that came out otherwise.
pub(super) fn run(pack: &Arc<Pack>, test: &Node, mistakes: &Mistakes) {
    let Some(world) = given(pack, test.get("given"), mistakes) else {
        return;
    };
    let start = Moment::from_millis(0);
    let mut telling = Telling {
        world,
        mistakes,
        now: start,
        case: None,
        drawn: 0,
    };
    let steps = test.get("steps").map(Node::one_or_many).unwrap_or_default();
    for step in steps {
        let before = mistakes.len();
        telling.step(step);
        // What follows a step that went wrong would only repeat it.
        if mistakes.len() > before && step.get("expect").is_none() {
            return;
        }
    }
}

pub(super) struct Telling<'m> {
    pub(super) world: World,
    pub(super) mistakes: &'m Mistakes,
    pub(super) now: Moment,
    /// The case that steps are about unless they say another.
    pub(super) case: Option<Id>,
    pub(super) drawn: usize,
}

impl Telling<'_> {
    fn step(&mut self, step: &Node) {
        let acts = ["open", "do", "sign", "replace", "answer", "draw", "turn", "wait"];
        if acts.iter().any(|act| step.get(act).is_some()) {
            self.world.told.clear();
            self.world.messages.clear();
        }
        if let Some(at) = text(step, "at").and_then(words::day_time) {
            let at = self.world.units.calendar.moment_of(at.0, at.1);
            if at < self.now {
                let place = step.get("at").map_or(&step.place, |node| &node.place);
                let remedy = ("步骤应按时间先后写", "Write the steps in the order of time");
                self.mistakes.note(
                    place,
                    "test.backwards",
                    ("时间倒退了", "Time runs backwards here"),
                    remedy,
                );
                return;
            }
            self.now = at;
            if let Err(no) = self.world.wait(at) {
                self.came_out(step, Err(no));
                return;
            }
        }
        let person = match step.get("by") {
            Some(by) => match self.person(by) {
                Some(person) => Some(person),
                None => return,
            },
            None => None,
        };
        if let Some(named) = text(step, "case") {
            let Some(case) = self.world.case_called(named) else {
                let known: Vec<&str> = self.world.names.keys().map(String::as_str).collect();
                self.mistakes
                    .unknown(&step.place, "case.unknown", named, known.into_iter());
                return;
            };
            self.case = Some(case);
        }
        let result = self.act(step, person);
        if let Some(result) = result {
            self.came_out(step, result);
        }
        if let Some(wanted) = step.get("expect") {
            expect_drawn(wanted, self.drawn, self.mistakes);
            let case = self.case.and_then(|case| self.world.cases.get(&case));
            expect(&self.world, case, wanted, person, self.now, self.mistakes);
        }
    }

    /// What the step does; `None` when it only expects, or could not be read.
    fn act(&mut self, step: &Node, person: Option<Id>) -> Option<Result<(), No>> {
        if let Some(node) = step.get("open") {
            return self.open(step, node, person);
        }
        if let Some(node) = step.get("draw") {
            return self.draw(node);
        }
        if let Some(node) = step.get("turn") {
            return self.turn(step, node);
        }
        let command = self.command(step)?;
        let case = self.case.or_else(|| {
            let remedy = ("先用 open 受理一个事项", "Open a case first");
            self.mistakes.note(
                &step.place,
                "test.no_case",
                ("还没有事项", "There is no case yet"),
                remedy,
            );
            None
        })?;
        Some(self.world.command(person, Some(case), &command, self.now))
    }

    fn command(&mut self, step: &Node) -> Option<Command> {
        let case = self.case.and_then(|case| self.world.cases.get(&case)).cloned();
        let reason = || text(step, "reason").unwrap_or("—").to_owned();
        if let Some(node) = step.get("do") {
            let case = case?;
            let pack = Arc::clone(&self.world.pack);
            let procedure = pack.procedure(&case.procedure)?;
            let action = node.as_text()?;
            let Some(found) = procedure.action(action) else {
                if text(step, "refused") == Some("unknown") {
                    return Some(Command::Act {
                        action: action.to_owned(),
                        input: Fields::new(),
                        seen: None,
                    });
                }
                let known = procedure.actions.iter().map(|action| action.key.as_str());
                self.mistakes
                    .unknown(&node.place, "action.unknown", action, known);
                return None;
            };
            let before = self.mistakes.len();
            let input = step
                .get("with")
                .map(|with| typed::input(&mut self.world, &found.ask, with, self.mistakes));
            if self.mistakes.len() > before {
                return None;
            }
            return Some(Command::Act {
                action: action.to_owned(),
                input: input.unwrap_or_default(),
                seen: None,
            });
        }
        if let Some(node) = step.get("sign").or(step.get("replace")) {
            let (name, case) = (node.as_text()?, case?);
            let Some(asked) = case
                .approvals
                .iter()
                .rev()
                .find(|approval| approval.approval == name)
            else {
                let known = case.approvals.iter().map(|approval| approval.approval.as_str());
                self.mistakes
                    .unknown(&node.place, "approval.unknown", name, known);
                return None;
            };
            if step.get("sign").is_some() {
                let reason = text(step, "reason").map(str::to_owned);
                let agree = flag(step, "agree", true);
                let reason = reason.or_else(|| (!agree).then(|| "—".to_owned()));
                return Some(Command::Sign {
                    approval: asked.no,
                    agree,
                    reason,
                    seen: None,
                });
            }
            let signer = step.get("signer").and_then(|node| self.person(node))?;
            let waiting = asked
                .waiting_step()
                .filter(|_| asked.status == ApprovalStatus::Asked)
                .unwrap_or(0);
            let free = asked.steps.get(waiting as usize).map_or(0, |(_, slots)| {
                let signed = |slot: usize| {
                    asked
                        .signatures
                        .iter()
                        .any(|given| given.step == waiting && given.slot as usize == slot)
                };
                (0..slots.len()).find(|slot| !signed(*slot)).unwrap_or(0)
            });
            let slot = u32::try_from(free).unwrap_or(0);
            return Some(Command::ReplaceSigner {
                approval: asked.no,
                step: waiting,
                slot,
                person: signer,
                reason: reason(),
            });
        }
        if let Some(node) = step.get("answer") {
            let (name, case) = (node.as_text()?, case?);
            let question = case
                .questions
                .iter()
                .rev()
                .find(|question| question.question == name);
            let Some(question) = question else {
                let known = case.questions.iter().map(|question| question.question.as_str());
                self.mistakes
                    .unknown(&node.place, "question.unknown", name, known);
                return None;
            };
            return Some(Command::Answer {
                question: question.no,
                yes: flag(step, "yes", true),
                reason: reason(),
            });
        }
        None
    }

    fn person(&self, node: &Node) -> Option<Id> {
        let name = node.as_text()?;
        let found = self.world.people.get(name).copied();
        if found.is_none() {
            self.mistakes.unknown(
                &node.place,
                "person.unknown",
                name,
                self.world.people.keys().map(String::as_str),
            );
        }
        found
    }

    /// Whether the step came out as the test says.
    fn came_out(&self, step: &Node, result: Result<(), No>) {
        let wanted = step.get("refused");
        let remedy = ("请修改规则包，或修改这一步", "Mend the pack, or this step");
        match (wanted, result) {
            (None, Ok(())) => {}
            (Some(node), Ok(())) => {
                let expected = node.as_text().unwrap_or_default();
                self.mistakes.note(
                    &node.place,
                    "test.allowed",
                    (
                        format!("应被拒绝（{expected}），却成功了"),
                        format!("This should be refused ({expected}), but it went through"),
                    ),
                    remedy,
                );
            }
            (None, Err(no)) => {
                let (word, zh, en) = self.words(&no);
                self.mistakes.note(
                    &step.place,
                    "test.refused",
                    (
                        format!("被拒绝（{word}）：{zh}"),
                        format!("This is refused ({word}): {en}"),
                    ),
                    remedy,
                );
            }
            (Some(node), Err(no)) => {
                let (word, zh, en) = self.words(&no);
                let expected = node.as_text().unwrap_or_default();
                let own = word.strip_prefix(&format!("{}.", self.world.pack.name));
                let kind = match &no {
                    No::Taken(_) => "taken",
                    No::Refused(refusal) => kind(refusal),
                };
                if expected != word && Some(expected) != own && expected != kind {
                    self.mistakes.note(
                        &node.place,
                        "test.differs",
                        (
                            format!("应因“{expected}”被拒绝，实因“{word}”：{zh}"),
                            format!("This should be refused by \"{expected}\", but is by \"{word}\": {en}"),
                        ),
                        remedy,
                    );
                }
            }
        }
    }

    /// The clause or kind of a refusal, and what it says.
    fn words(&self, no: &No) -> (String, String, String) {
        match no {
            No::Taken(name) => {
                let all = self
                    .world
                    .pack
                    .procedures
                    .values()
                    .flat_map(|procedure| &procedure.unique);
                let unique = all.into_iter().find(|unique| unique.name == *name);
                let word = unique.map_or_else(|| name.clone(), |unique| unique.clause.to_string());
                let say = unique.map(|unique| unique.say.clone()).unwrap_or_default();
                (word, say.zh, say.en)
            }
            No::Refused(refusal) => {
                let word = refusal
                    .clause()
                    .map_or_else(|| kind(refusal).to_owned(), ToString::to_string);
                let (zh, en) = said(refusal);
                (word, zh, en)
            }
        }
    }
}
