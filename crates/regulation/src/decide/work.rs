//! The working copy of a decision: changes are applied as they are decided, so that what comes later sees them.

use calendar::Calendar;

use super::basis::Basis;
use super::numbers::Allotted;
use super::scope::{Around, Typed};
use super::{Actor, Decision, Facts, Refusal, Setting};
use crate::case::{Case, Change, Event, EventKind, Fields};
use crate::expression::Expression;
use crate::model::{Procedure, Trigger};
use crate::{Id, Pack};

/// The engine as an actor.
pub(super) static ENGINE: Actor = Actor {
    person: None,
    holdings: Vec::new(),
    certificates: Vec::new(),
};

pub(super) struct Work<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) procedure: &'a Procedure,
    pub(super) facts: &'a Facts,
    pub(super) case: Case,
    pub(super) event: Event,
    pub(super) allotted: Allotted,
    pub(super) decision: Decision,
    /// What happened in this event that may start or stop a clock.
    pub(super) fired: Vec<Trigger>,
    /// What each open clock hung on before this event.
    pub(super) basis: Vec<(u32, Basis)>,
}

impl<'a> Work<'a> {
    pub(super) fn new(setting: Setting<'a>, procedure: &'a Procedure, facts: &'a Facts, case: Case) -> Self {
        let event = empty_event(&case, setting);
        Work {
            setting,
            procedure,
            facts,
            case,
            event,
            allotted: Allotted::default(),
            decision: Decision::default(),
            fired: Vec::new(),
            basis: Vec::new(),
        }
    }

    /// The same work, going on under another version of the pack.
    pub(super) fn moved<'b>(work: Work<'a>, to: &'b Pack, procedure: &'b Procedure) -> Work<'b>
    where
        'a: 'b,
    {
        let setting: Setting<'b> = Setting {
            pack: to,
            ..work.setting
        };
        let mut next = Work::new(setting, procedure, work.facts, work.case);
        next.decision = work.decision;
        next.allotted = work.allotted;
        next
    }

    pub(super) fn calendar(&self) -> &'a Calendar {
        self.setting
            .organisation
            .calendar(self.setting.pack, Some(self.case.unit))
    }

    /// Begins an event by the setting's actor.
    pub(super) fn begin(&mut self, kind: EventKind, input: Fields) {
        self.basis = super::basis::bases(self);
        self.fired.clear();
        self.event = Event {
            case: self.case.id,
            happened: self.setting.now,
            actor: self.setting.actor.person,
            kind,
            input,
            changes: Vec::new(),
        };
        self.case.enter(&self.event);
    }

    /// Applies a change and notes it in the event.
    pub(super) fn push(&mut self, change: Change) {
        self.case.change(&change, self.event.actor, self.event.happened);
        self.event.changes.push(change);
    }

    /// Takes up an event whose changes are already in the case (an opening).
    pub(super) fn opened_with(&mut self, event: Event) {
        self.event = event;
    }

    /// Closes the event.
    pub(super) fn finish(&mut self) {
        let next = empty_event(&self.case, self.setting);
        self.decision
            .events
            .push(std::mem::replace(&mut self.event, next));
    }

    /// What conditions see, with this input.
    pub(super) fn around<'b>(&'b self, input: Typed<'b>) -> Around<'b> {
        Around::case(
            &self.setting,
            self.procedure,
            &self.case,
            &self.facts.values,
            input,
        )
    }

    /// Whether a condition holds; none always holds, one that hangs on something unknown does not.
    pub(super) fn holds(&self, condition: Option<&Expression>, input: Typed<'_>) -> bool {
        condition.is_none_or(|condition| self.around(input).truth(condition).is_yes())
    }

    /// The running decision is given up for this one case's act: the case as it was is put back.
    pub(super) fn restore(&mut self, case: Case) {
        self.event = empty_event(&case, self.setting);
        self.case = case;
        self.fired.clear();
    }

    pub(super) fn new_id(&mut self) -> Result<Id, Refusal> {
        self.allotted.id(self.facts)
    }
}

fn empty_event(case: &Case, setting: Setting<'_>) -> Event {
    Event {
        case: case.id,
        happened: setting.now,
        actor: setting.actor.person,
        kind: EventKind::TimePassed,
        input: Fields::new(),
        changes: Vec::new(),
    }
}
