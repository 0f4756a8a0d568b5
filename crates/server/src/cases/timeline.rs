//! The timeline: one sentence per event, beginning with who, and what followed from it.

use calendar::Moment;
use regulation::case::{Change, ClockEnd, Event, EventKind};
use regulation::model::{Pack, Procedure};
use regulation::{Case, ClockState, Id};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::{Reader, duration, time};
use crate::http::Language;
use crate::http::wire::{ClauseTag, clause_tag, stage_title};
use crate::packs::Library;

/// One entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// Number of the event in the case.
    pub seq: i64,
    /// When it happened.
    pub at: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// Who; none is the engine.
    pub actor: Option<Who>,
    /// The kind of event.
    pub kind: String,
    /// The action, if it was one.
    pub action: Option<String>,
    /// One sentence.
    pub sentence: String,
    /// What was typed.
    pub words: Vec<Typed>,
    /// What followed.
    pub consequences: Vec<String>,
    /// The clause it carried out or that refused it.
    pub clause: Option<ClauseTag>,
}

/// Who did it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Who {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// A field that was typed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Typed {
    /// Key.
    pub key: String,
    /// Label.
    pub title: String,
    /// What was typed, in words.
    pub text: String,
}

/// What entries are told with.
pub struct Teller<'a> {
    /// The pack of the case.
    pub pack: &'a Pack,
    /// Its procedure.
    pub procedure: Option<&'a Procedure>,
    /// All packs, for clauses.
    pub packs: &'a Library,
    /// Words of values.
    pub reader: Reader<'a>,
}

impl Teller<'_> {
    fn lang(&self) -> Language {
        self.reader.language
    }

    fn say(&self, zh: String, en: String) -> String {
        match self.lang() {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    fn action(&self, key: &str) -> String {
        let known = self.procedure.and_then(|procedure| procedure.action(key));
        known.map_or_else(|| key.to_owned(), |action| self.lang().say(&action.title))
    }

    fn deadline(&self, case: &Case, no: u32) -> String {
        let Some(clock) = case.clock(no) else {
            return String::new();
        };
        let known = self
            .procedure
            .and_then(|procedure| procedure.deadline(&clock.deadline));
        known.map_or_else(
            || clock.deadline.clone(),
            |deadline| self.lang().say(&deadline.title),
        )
    }

    fn question(&self, key: &str) -> String {
        let known = self
            .procedure
            .and_then(|procedure| procedure.questions.iter().find(|question| question.key == key));
        match known {
            Some(question) => self.lang().say(&question.title),
            None => self
                .lang()
                .pick("延误由谁负责，请核定", "Who answers for the delay?")
                .to_owned(),
        }
    }

    fn approval(&self, key: &str) -> String {
        let known = self
            .procedure
            .and_then(|procedure| procedure.approvals.iter().find(|approval| approval.key == key));
        known.map_or_else(|| key.to_owned(), |approval| self.lang().say(&approval.title))
    }

    fn person(&self, person: Option<Id>) -> String {
        let name = self.reader.picture.person_name(person);
        name.map_or_else(
            || self.lang().pick("系统", "The system").to_owned(),
            str::to_owned,
        )
    }

    /// Who is meant by a pack's words.
    pub fn who(&self, words: &str) -> String {
        let (function, _) = words.split_once(' ').unwrap_or((words, ""));
        match words {
            "handler" => self.lang().pick("经办人", "the handler").to_owned(),
            "first_contact_owner" => self
                .lang()
                .pick("首问责任人", "the first-contact owner")
                .to_owned(),
            "registrar" => self.lang().pick("登记人", "the registrar").to_owned(),
            "anyone" => self.lang().pick("任何人", "anyone").to_owned(),
            "customer" => self.lang().pick("客户", "the customer").to_owned(),
            "engine" => self.lang().pick("系统", "the system").to_owned(),
            _ if function == "members" => self
                .lang()
                .pick("责任部门人员", "members of the department")
                .to_owned(),
            _ => match self.pack.functions.get(function) {
                Some(function) => self.lang().say(&function.title),
                None => words.to_owned(),
            },
        }
    }

    /// One entry. `case` is the state after the event.
    pub fn entry(&self, case: &Case, event: &Event, seq: i64, recorded: Moment) -> Entry {
        let name = self.person(event.actor);
        let (sentence, clause, action) = match &event.kind {
            EventKind::Opened => (
                self.say(format!("{name}登记了事项"), format!("{name} registered the case")),
                None,
                None,
            ),
            EventKind::Acted { action, clause } => {
                let title = self.action(action);
                (
                    self.say(format!("{name}：{title}"), format!("{name}: {title}")),
                    clause.clone(),
                    Some(action.clone()),
                )
            }
            EventKind::Refused { action, clause } => {
                let title = self.action(action);
                let said = self.say(
                    format!("{name}想“{title}”，条款不允许"),
                    format!("{name} wanted \"{title}\"; a clause forbade it"),
                );
                (said, Some(clause.clone()), Some(action.clone()))
            }
            EventKind::Signed { approval, agreed, .. } => {
                let title = self.approval(approval);
                let said = if *agreed {
                    self.say(
                        format!("{name}同意“{title}”"),
                        format!("{name} agreed to \"{title}\""),
                    )
                } else {
                    self.say(
                        format!("{name}不同意“{title}”"),
                        format!("{name} objected to \"{title}\""),
                    )
                };
                (said, None, None)
            }
            EventKind::SignerReplaced { approval } => {
                let title = self.approval(approval);
                (
                    self.say(
                        format!("{name}为“{title}”改了签批人"),
                        format!("{name} named another signer of \"{title}\""),
                    ),
                    None,
                    None,
                )
            }
            EventKind::Answered { question, yes, .. } => {
                let asked = case.questions.iter().find(|one| one.no == *question);
                let title = asked.map(|one| self.question(&one.question)).unwrap_or_default();
                let said = if *yes {
                    self.say(
                        format!("{name}核定：{title} 是"),
                        format!("{name} answered yes: {title}"),
                    )
                } else {
                    self.say(
                        format!("{name}核定：{title} 否"),
                        format!("{name} answered no: {title}"),
                    )
                };
                (said, asked.map(|one| one.clause.clone()), None)
            }
            EventKind::TimePassed => (self.lang().pick("到时", "Time passed").to_owned(), None, None),
            EventKind::SubcaseEnded => (
                self.lang().pick("子事项办结", "A sub-case ended").to_owned(),
                None,
                None,
            ),
            EventKind::CustomerMerged => (
                self.say(
                    format!("{name}归并了客户资料，事项随之改为该客户"),
                    format!("{name} merged the customer's record; the case follows it"),
                ),
                None,
                None,
            ),
            EventKind::CalendarChanged => (
                self.lang()
                    .pick(
                        "日历有变，时限重新计算",
                        "The calendar changed; limits computed again",
                    )
                    .to_owned(),
                None,
                None,
            ),
            EventKind::Moved => (
                self.say(
                    format!("{name}改用新版规程"),
                    format!("{name} moved it to a new version"),
                ),
                None,
                None,
            ),
            EventKind::Raised => (
                self.lang()
                    .pick("系统提出待核", "The system raised a question")
                    .to_owned(),
                None,
                None,
            ),
            EventKind::Linked => (self.lang().pick("归并", "Linked").to_owned(), None, None),
            EventKind::Disposed { .. } => (
                self.lang()
                    .pick("内容已按规定销毁", "Contents erased under the rules")
                    .to_owned(),
                None,
                None,
            ),
        };
        let reason = match &event.kind {
            EventKind::Signed {
                reason: Some(reason), ..
            }
            | EventKind::Answered { reason, .. }
                if !reason.is_empty() =>
            {
                Some(Typed {
                    key: "reason".to_owned(),
                    title: self.lang().pick("意见", "Words").to_owned(),
                    text: reason.clone(),
                })
            }
            _ => None,
        };
        let typed = event.input.iter().filter_map(|(key, value)| {
            let field = self.procedure.and_then(|procedure| procedure.fields.get(key))?;
            let text = self.reader.value(field, value);
            (!text.is_empty()).then(|| Typed {
                key: key.clone(),
                title: self.lang().say(&field.title),
                text,
            })
        });
        Entry {
            seq,
            at: event.happened.to_string(),
            recorded_at: recorded.to_string(),
            actor: event.actor.map(|id| Who {
                id: id.to_string(),
                name: name.clone(),
            }),
            kind: event.kind.word().to_owned(),
            action,
            sentence,
            words: typed.chain(reason).collect(),
            consequences: event
                .changes
                .iter()
                .filter_map(|change| self.consequence(case, change))
                .collect(),
            clause: clause.map(|clause| clause_tag(self.packs, &clause, self.lang())),
        }
    }

    fn consequence(&self, case: &Case, change: &Change) -> Option<String> {
        let lang = self.lang();
        let at = |moment: Moment| time(moment, self.reader.now, self.reader.calendar);
        Some(match change {
            Change::Stage { stage, .. } => {
                let title = stage_title(self.procedure, stage, lang);
                self.say(format!("进入“{title}”"), format!("now \"{title}\""))
            }
            Change::RoundBegan { round } => {
                self.say(format!("开始第{round}轮"), format!("round {round} began"))
            }
            Change::Handler { person: Some(person) } => {
                let name = self.person(Some(*person));
                self.say(format!("经办人：{name}"), format!("handler: {name}"))
            }
            Change::FirstContactOwner { person: Some(person) } => {
                let name = self.person(Some(*person));
                self.say(
                    format!("首问责任人：{name}"),
                    format!("first-contact owner: {name}"),
                )
            }
            Change::Unit { unit } => {
                let name = self.reader.picture.unit_name(*unit);
                self.say(format!("责任部门：{name}"), format!("responsible: {name}"))
            }
            Change::Marked { .. } => lang.pick("客户已标注", "the customer is marked").to_owned(),
            Change::Unmarked { .. } => lang
                .pick("客户标注已取消", "the customer's mark is taken off")
                .to_owned(),
            Change::Supervised { on: true } => lang.pick("列为督办", "put under supervision").to_owned(),
            Change::Supervised { on: false } => lang.pick("解除督办", "no longer supervised").to_owned(),
            Change::Urged => lang
                .pick("客户催办", "the customer pressed for progress")
                .to_owned(),
            Change::ClockStarted { clock } => {
                let (title, due) = (self.deadline(case, clock.no), at(clock.due));
                self.say(
                    format!("“{title}”开始计时，{due}到期"),
                    format!("\"{title}\" runs until {due}"),
                )
            }
            Change::ClockPaused { no, .. } => {
                let title = self.deadline(case, *no);
                self.say(format!("“{title}”暂停计时"), format!("\"{title}\" paused"))
            }
            Change::ClockResumed { no, due, .. } => {
                let (title, due) = (self.deadline(case, *no), at(*due));
                self.say(
                    format!("“{title}”恢复计时，{due}到期"),
                    format!("\"{title}\" runs again until {due}"),
                )
            }
            Change::ClockMoved { no, due, .. } | Change::ClockRecomputed { no, due, .. } => {
                let (title, due) = (self.deadline(case, *no), at(*due));
                self.say(
                    format!("“{title}”改为{due}到期"),
                    format!("\"{title}\" now due {due}"),
                )
            }
            Change::ClockOverdue { no, answers, .. } => {
                let title = self.deadline(case, *no);
                match answers {
                    Some(person) => {
                        let name = self.person(Some(*person));
                        self.say(
                            format!("“{title}”已超时，由{name}说明延误"),
                            format!("\"{title}\" is overdue; {name} answers for the delay"),
                        )
                    }
                    None => self.say(format!("“{title}”已超时"), format!("\"{title}\" is overdue")),
                }
            }
            Change::ClockEnded { no, end } => self.clock_ended(case, *no, end),
            Change::LevelReached { no, tell, .. } => {
                let title = self.deadline(case, *no);
                let who: Vec<String> = tell.iter().map(|who| self.who(who)).collect();
                self.say(
                    format!("“{title}”提醒{}", who.join("、")),
                    format!("\"{title}\": reminded {}", who.join(", ")),
                )
            }
            Change::Told { who, zh, en, .. } => {
                let who: Vec<String> = who.iter().map(|who| self.who(who)).collect();
                self.say(
                    format!("告知{}：{zh}", who.join("、")),
                    format!("told {}: {en}", who.join(", ")),
                )
            }
            Change::ApprovalAsked { approval, .. } => {
                let title = self.approval(approval);
                self.say(
                    format!("提请签批“{title}”"),
                    format!("signatures asked for \"{title}\""),
                )
            }
            Change::ApprovalEnded { granted, .. } => if *granted {
                lang.pick("签批通过", "approved")
            } else {
                lang.pick("签批退回", "sent back")
            }
            .to_owned(),
            Change::QuestionRaised { question, .. } => {
                let title = self.question(question);
                self.say(format!("提出待核：{title}"), format!("question raised: {title}"))
            }
            Change::SubcaseOpened { number, .. } => {
                self.say(format!("开出子事项{number}"), format!("opened sub-case {number}"))
            }
            Change::MergedInto { case } => {
                self.say(format!("并入事项{case}"), format!("merged into case {case}"))
            }
            Change::Held { on: true } => lang.pick("列为法定保全", "put under a legal hold").to_owned(),
            Change::Held { on: false } => lang.pick("解除法定保全", "legal hold lifted").to_owned(),
            Change::Erased { cases } => {
                let count = cases.len();
                self.say(
                    format!("销毁{count}件事项的内容"),
                    format!("erased the contents of {count} cases"),
                )
            }
            Change::Joined { case } => self.say(
                format!("归入合并事项{case}"),
                format!("linked to the joint case {case}"),
            ),
            Change::Voided => lang.pick("作废", "void").to_owned(),
            Change::Retained { until } => {
                let date = self.reader.calendar.date_of(*until);
                self.say(format!("保存至{date}"), format!("kept until {date}"))
            }
            _ => return None,
        })
    }

    fn clock_ended(&self, case: &Case, no: u32, end: &ClockEnd) -> String {
        let title = self.deadline(case, no);
        let Some(clock) = case.clock(no) else { return title };
        match end.state {
            ClockState::Kept => {
                let took = duration(end.at.since(clock.start), self.lang());
                self.say(
                    format!("“{title}”按时，用时{took}"),
                    format!("\"{title}\" kept, took {took}"),
                )
            }
            ClockState::KeptLate => {
                let late = duration(end.at.since(clock.due), self.lang());
                self.say(format!("“{title}”迟{late}"), format!("\"{title}\" {late} late"))
            }
            ClockState::Exempt => self.say(format!("“{title}”免履行"), format!("\"{title}\" exempt")),
            _ => self.say(format!("“{title}”失效"), format!("\"{title}\" lapsed")),
        }
    }
}
