//! Steps that open cases: by hand, by a draw, by a turn of a duty.

use std::sync::Arc;

use super::steps::Telling;
use super::typed::{input, value};
use super::world::{COMPANY, No};
use crate::Id;
use crate::case::{FieldValue, Fields};
use crate::decide::{
    Actor, Command, DUE, Facts, Opened, TURN, draw, drawn, duty_asks, duty_is_due, in_population,
};
use crate::load::field::text;
use crate::load::words;
use crate::model::{FieldKind, Given};
use crate::source::Node;

impl Telling<'_> {
    pub(super) fn open(&mut self, step: &Node, node: &Node, person: Option<Id>) -> Option<Result<(), No>> {
        let pack = Arc::clone(&self.world.pack);
        let name = node.as_text()?;
        let Some(procedure) = pack.procedure(name) else {
            self.mistakes.unknown(
                &node.place,
                "procedure.unknown",
                name,
                pack.procedures.keys().map(String::as_str),
            );
            return None;
        };
        let before = self.mistakes.len();
        let asked: Vec<_> = procedure
            .intake_fields
            .iter()
            .filter(|field| field.given == Given::Typed)
            .cloned()
            .collect();
        let input = step
            .get("with")
            .map(|with| input(&mut self.world, &asked, with, self.mistakes))
            .unwrap_or_default();
        let unit = step
            .get("unit")
            .and_then(|node| value(&mut self.world, &FieldKind::Unit, node, self.mistakes));
        let customer = text(step, "customer")
            .map(str::to_owned)
            .map(|name| self.world.customer(&name));
        if self.mistakes.len() > before {
            return None;
        }
        let received = text(step, "received").and_then(words::day_time);
        let opened = Opened {
            received: received.map(|(date, time)| self.world.units.calendar.moment_of(date, time)),
            channel: text(step, "channel").unwrap_or("phone").to_owned(),
            customer,
            unit: unit.as_ref().and_then(FieldValue::as_id),
            ..Opened::default()
        };
        Some(self.opened(Some(step), person, name, opened, input))
    }

    fn opened(
        &mut self,
        step: Option<&Node>,
        person: Option<Id>,
        procedure: &str,
        mut opened: Opened,
        input: Fields,
    ) -> Result<(), No> {
        let id = self.world.id();
        opened.case = Some(id);
        let held = person
            .and_then(|person| self.world.actors.get(&person))
            .and_then(|actor| actor.holdings.first());
        opened.owning_unit = opened
            .owning_unit
            .or(held.map(|held| held.unit))
            .or_else(|| self.world.units.by_name.get(COMPANY).copied());
        let command = Command::Open {
            procedure: procedure.to_owned(),
            opened,
            input,
        };
        self.world.command(person, None, &command, self.now)?;
        self.case = Some(id);
        if let Some(name) = step.and_then(|step| text(step, "as")) {
            self.world.names.insert(name.to_owned(), id);
        }
        Ok(())
    }

    pub(super) fn draw(&mut self, node: &Node) -> Option<Result<(), No>> {
        let pack = Arc::clone(&self.world.pack);
        let name = node.as_text()?;
        let samples = || {
            pack.procedures
                .values()
                .flat_map(|procedure| procedure.samples.iter().map(move |sample| (procedure, sample)))
        };
        let Some((procedure, sample)) = samples().find(|(_, sample)| sample.key == name) else {
            self.mistakes.unknown(
                &node.place,
                "sample.unknown",
                name,
                samples()
                    .map(|(_, sample)| sample.key.as_str())
                    .collect::<Vec<_>>()
                    .into_iter(),
            );
            return None;
        };
        let engine = Actor::default();
        let setting = self.world.setting(&engine, self.now);
        let population: Vec<Id> = self
            .world
            .cases
            .values()
            .filter(|case| case.procedure == procedure.key && in_population(&setting, sample, case))
            .map(|case| case.id)
            .collect();
        let taken = draw(&population, sample.at_least, setting.seed);
        let begun: Vec<_> = taken
            .iter()
            .filter_map(|id| Some((*id, drawn(&setting, sample, self.world.cases.get(id)?))))
            .collect();
        self.drawn = begun.len();
        for (parent, begins) in begun {
            let input = self.only_asked(&sample.opens.procedure, begins.input);
            let opened = Opened {
                channel: "sample".to_owned(),
                customer: begins.customer,
                unit: begins.unit,
                owning_unit: begins.unit,
                parent: Some(parent),
                ..Opened::default()
            };
            if let Err(no) = self.opened(None, None, &sample.opens.procedure, opened, input) {
                return Some(Err(no));
            }
        }
        Some(Ok(()))
    }

    /// A duty's turn, which the engine opens as a case of its own.
    pub(super) fn turn(&mut self, step: &Node, node: &Node) -> Option<Result<(), No>> {
        let pack = Arc::clone(&self.world.pack);
        let name = node.as_text()?;
        let Some(duty) = pack.obligations.iter().find(|duty| duty.key == name) else {
            self.mistakes.unknown(
                &node.place,
                "obligation.unknown",
                name,
                pack.obligations.iter().map(|duty| duty.key.as_str()),
            );
            return None;
        };
        let calendar = &self.world.units.calendar;
        // Turns of so many days are counted from the pack's first day in force.
        let anchor = pack.effective.unwrap_or_else(|| calendar.date_of(self.now));
        let turn = calendar.turn_at(&duty.every, &duty.due, &duty.day, anchor, self.now);
        let holder = self
            .world
            .actors
            .values()
            .flat_map(|actor| &actor.holdings)
            .find(|held| held.function == duty.function);
        let unit = holder
            .map(|held| held.unit)
            .or_else(|| self.world.units.by_name.get(COMPANY).copied())?;
        let engine = Actor::default();
        let setting = self.world.setting(&engine, self.now);
        let mut facts = Facts::default();
        for query in duty_asks(&setting, duty, unit) {
            facts
                .values
                .extend(self.world.answer(&query).map(|value| (query.id, value)));
        }
        let due = if duty_is_due(&setting, duty, unit, &facts) {
            self.now.min(turn.due)
        } else {
            turn.due
        };
        let input = Fields::from([
            (TURN.to_owned(), FieldValue::Text(turn.key.clone())),
            (DUE.to_owned(), FieldValue::Number(due.as_millis())),
        ]);
        let input = self.only_asked(&duty.procedure, input);
        let opened = Opened {
            channel: "obligation".to_owned(),
            unit: Some(unit),
            owning_unit: Some(unit),
            ..Opened::default()
        };
        Some(self.opened(Some(step), None, &duty.procedure, opened, input))
    }

    fn only_asked(&self, procedure: &str, mut input: Fields) -> Fields {
        let asked = self
            .world
            .pack
            .procedure(procedure)
            .map(|procedure| procedure.intake_fields.as_slice())
            .unwrap_or_default();
        input.retain(|key, _| asked.iter().any(|field| field.key == *key));
        input
    }
}
