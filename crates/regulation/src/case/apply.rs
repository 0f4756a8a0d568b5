//! Applying an event to a case: no pack, no clock, only what the event says.

use calendar::Moment;

use super::{
    ApprovalState, ApprovalStatus, Case, Change, ClockState, Doing, Event, EventKind, Merged, QuestionState,
    READ_BACK, Round, Signature, Subcase,
};
use crate::Id;

impl Case {
    /// The state after these events, oldest first. `None` when there is none or the first is not an opening.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Case> {
        let mut events = events.into_iter();
        let mut case = Case::begun(events.next()?)?;
        for event in events {
            case.apply(event);
        }
        Some(case)
    }

    /// The state after its opening event.
    pub fn begun(event: &Event) -> Option<Case> {
        let Some(Change::Began {
            pack,
            procedure,
            number,
            received,
            channel,
            subject,
            customer,
            owning_unit,
            unit,
            first_contact_owner,
            registrar,
            parent,
            source,
        }) = event.changes.first()
        else {
            return None;
        };
        let mut case = Case {
            id: event.case,
            version: 0,
            last_by_person: None,
            last_by_other: None,
            pack: pack.clone(),
            procedure: procedure.clone(),
            number: number.clone(),
            received: *received,
            opened: event.happened,
            channel: channel.clone(),
            subject: subject.clone(),
            customer: *customer,
            owning_unit: *owning_unit,
            unit: *unit,
            first_contact_owner: *first_contact_owner,
            registrar: *registrar,
            handler: None,
            parent: *parent,
            source: source.clone(),
            stage: String::new(),
            since: event.happened,
            ended: None,
            round: 1,
            rounds: Vec::new(),
            reached: Vec::new(),
            fields: Default::default(),
            supervised: false,
            held: false,
            urged: 0,
            clocks: Vec::new(),
            approvals: Vec::new(),
            questions: Vec::new(),
            alarms: Vec::new(),
            subcases: Vec::new(),
            doings: Vec::new(),
            marks: Vec::new(),
            joint: None,
            merged: None,
            void: false,
            retained_until: None,
            indexed: Vec::new(),
            refusals: Vec::new(),
        };
        case.apply(event);
        Some(case)
    }

    /// Applies the next event.
    pub fn apply(&mut self, event: &Event) {
        self.enter(event);
        for change in &event.changes {
            self.change(change, event.actor, event.happened);
        }
    }

    /// Takes in an event but for its changes.
    pub(crate) fn enter(&mut self, event: &Event) {
        self.version += 1;
        let refusal = matches!(event.kind, EventKind::Refused { .. });
        if let (Some(person), false) = (event.actor, refusal) {
            let what = match &event.kind {
                EventKind::Acted { action, .. } => action.clone(),
                kind => kind.word().to_owned(),
            };
            if let Some(last) = self.last_by_person.take()
                && last.1 != person
            {
                self.last_by_other = Some(last);
            }
            self.last_by_person = Some((self.version, person, what));
        }
        match &event.kind {
            EventKind::Acted { action, .. } => self.doings.push(Doing {
                action: action.clone(),
                actor: event.actor,
                at: event.happened,
                round: self.round,
            }),
            EventKind::Refused { action, clause } => self.refusals.push((
                clause.clone(),
                action.clone(),
                event.actor,
                event.happened,
                self.version,
            )),
            _ => {}
        }
        if !refusal {
            for (key, value) in event.input.iter().filter(|(key, _)| *key != READ_BACK) {
                self.fields.insert(key.clone(), value.clone());
            }
        }
    }

    /// Applies one result of the event that was entered last.
    pub(crate) fn change(&mut self, change: &Change, actor: Option<Id>, at: Moment) {
        match change {
            Change::Began { .. } | Change::Told { .. } | Change::Erased { .. } => {}
            Change::Held { on } => self.held = *on,
            Change::Joined { case } => self.joint = Some(*case),
            Change::Set { fields, removed } => {
                for (key, value) in fields {
                    self.fields.insert(key.clone(), value.clone());
                }
                for key in removed {
                    self.fields.remove(key);
                }
            }
            Change::Stage { stage, end } => {
                self.stage = stage.clone();
                self.since = at;
                self.reached.push(stage.clone());
                self.ended = end.then_some(at);
            }
            Change::RoundBegan { round } => {
                let reached = std::mem::take(&mut self.reached);
                self.rounds.push(Round {
                    fields: self.fields.clone(),
                    reached,
                });
                self.round = *round;
            }
            Change::Handler { person } => self.handler = *person,
            Change::FirstContactOwner { person } => self.first_contact_owner = *person,
            Change::Unit { unit } => self.unit = *unit,
            Change::Customer { customer } => self.customer = *customer,
            Change::Marked { mark, customer } => {
                self.marks.retain(|(known, ..)| known != mark);
                self.marks.push((mark.clone(), *customer, at, actor));
            }
            Change::Unmarked { mark } => self.marks.retain(|(known, ..)| known != mark),
            Change::Supervised { on } => self.supervised = *on,
            Change::Urged => self.urged += 1,
            Change::Alarm { question, cause, at } => self.alarms.push((question.clone(), *cause, *at)),
            Change::AlarmPassed { question, cause } => {
                self.alarms
                    .retain(|(known, index, _)| known != question || index != cause);
            }
            Change::SubcaseOpened {
                case,
                number,
                procedure,
                gates,
            } => self.subcases.push(Subcase {
                case: *case,
                number: number.clone(),
                procedure: procedure.clone(),
                gates: *gates,
                ended: None,
            }),
            Change::SubcaseEnded { case, stage } => {
                if let Some(subcase) = self.subcases.iter_mut().find(|subcase| subcase.case == *case) {
                    subcase.ended = Some(stage.clone());
                }
            }
            Change::MergedInto { case } => {
                self.merged = Some(Merged { into: *case, at });
                self.ended.get_or_insert(at);
            }
            Change::Voided => {
                self.void = true;
                self.ended.get_or_insert(at);
            }
            Change::Retained { until } => self.retained_until = Some(*until),
            Change::Indexed { name, key, amount } => {
                self.indexed.retain(|(known, _, _)| known != name);
                if !key.is_empty() {
                    self.indexed.push((name.clone(), key.clone(), *amount));
                }
            }
            Change::Repinned { pack, stage } => {
                self.pack = pack.clone();
                self.stage = stage.clone();
            }
            Change::QuestionRaised { .. } | Change::QuestionAnswered { .. } => {
                self.change_question(change, actor, at)
            }
            Change::ApprovalAsked { .. }
            | Change::Signature { .. }
            | Change::SignerReplaced { .. }
            | Change::ApprovalEnded { .. } => self.change_approval(change, actor, at),
            _ => self.change_clock(change),
        }
    }

    fn change_question(&mut self, change: &Change, actor: Option<Id>, at: Moment) {
        match change {
            Change::QuestionRaised {
                no,
                question,
                clause,
                cause,
                ask,
                about,
                ..
            } => {
                self.alarms
                    .retain(|(known, index, _)| known != question || index != cause);
                self.questions.push(QuestionState {
                    no: *no,
                    question: question.clone(),
                    clause: clause.clone(),
                    cause: *cause,
                    ask: ask.clone(),
                    about: *about,
                    raised: at,
                    answer: None,
                });
            }
            Change::QuestionAnswered { no, yes } => {
                if let Some(question) = self.questions.iter_mut().find(|question| question.no == *no) {
                    question.answer = Some((*yes, actor, at));
                }
            }
            _ => {}
        }
    }

    fn change_approval(&mut self, change: &Change, actor: Option<Id>, at: Moment) {
        match change {
            Change::ApprovalAsked {
                approval,
                no,
                clause,
                steps,
            } => self.approvals.push(ApprovalState {
                no: *no,
                approval: approval.clone(),
                clause: clause.clone(),
                round: self.round,
                steps: steps.clone(),
                signatures: Vec::new(),
                status: ApprovalStatus::Asked,
                asked: at,
            }),
            Change::Signature {
                no,
                step,
                slot,
                agreed,
                on_behalf_of: _,
            } => {
                if let Some(approval) = self.approvals.iter_mut().find(|approval| approval.no == *no) {
                    approval.signatures.push(Signature {
                        step: *step,
                        slot: *slot,
                        person: actor,
                        at,
                        agreed: *agreed,
                    });
                }
            }
            Change::SignerReplaced {
                no,
                step,
                slot,
                person,
            } => {
                let slots = self
                    .approvals
                    .iter_mut()
                    .find(|approval| approval.no == *no)
                    .and_then(|approval| approval.steps.get_mut(*step as usize));
                if let Some(slot) = slots.and_then(|(_, slots)| slots.get_mut(*slot as usize)) {
                    slot.person = Some(*person);
                }
            }
            Change::ApprovalEnded { no, granted } => {
                if let Some(approval) = self.approvals.iter_mut().find(|approval| approval.no == *no) {
                    approval.status = if *granted {
                        ApprovalStatus::Granted
                    } else {
                        ApprovalStatus::Refused
                    };
                }
            }
            _ => {}
        }
    }

    fn change_clock(&mut self, change: &Change) {
        let no = match change {
            Change::ClockStarted { clock } => {
                self.clocks.push((**clock).clone());
                return;
            }
            Change::ClockPaused { no, .. }
            | Change::ClockResumed { no, .. }
            | Change::ClockOverdue { no, .. }
            | Change::LevelReached { no, .. }
            | Change::ClockRecomputed { no, .. }
            | Change::ClockMoved { no, .. }
            | Change::RemindersSet { no, .. }
            | Change::ClockEnded { no, .. } => *no,
            _ => return,
        };
        let Some(clock) = self.clocks.iter_mut().find(|clock| clock.no == no) else {
            return;
        };
        match change {
            Change::ClockPaused {
                at, reason, until, ..
            } => {
                clock.state = ClockState::Paused;
                clock.paused = Some((*at, reason.clone()));
                clock.paused_until = *until;
            }
            Change::ClockResumed {
                due,
                paused_total,
                levels,
                ..
            } => {
                clock.state = ClockState::Running;
                clock.paused = None;
                clock.paused_until = None;
                clock.due = *due;
                clock.paused_total = *paused_total;
                clock.levels = levels.clone();
            }
            Change::ClockOverdue { answers, .. } => {
                clock.state = ClockState::Overdue;
                clock.once_late = true;
                clock.answers = *answers;
            }
            Change::LevelReached {
                step,
                next,
                collapsed,
                ..
            } => {
                clock
                    .levels
                    .retain(|level| level.step != *step && !collapsed.contains(&level.step));
                if let Some(next) = next {
                    clock.levels.push(next.clone());
                    clock.levels.sort_by_key(|level| (level.at, level.step));
                }
            }
            Change::RemindersSet { levels, .. } => clock.levels = levels.clone(),
            Change::ClockRecomputed {
                due,
                provisional,
                calendar,
                levels,
                ..
            } => {
                clock.due = *due;
                clock.provisional = *provisional;
                clock.calendar = calendar.clone();
                clock.levels = levels.clone();
            }
            Change::ClockMoved { due, levels, .. } => {
                clock.due = *due;
                clock.levels = levels.clone();
                clock.moved += 1;
            }
            Change::ClockEnded { end, .. } => {
                clock.once_late |= end.state == ClockState::KeptLate;
                clock.state = end.state;
                clock.ended = Some(end.at);
                clock.reason = end.reason.clone();
                clock.replaced_by = end.replaced_by;
                clock.paused = None;
                clock.paused_until = None;
                clock.levels.clear();
            }
            _ => {}
        }
    }
}
