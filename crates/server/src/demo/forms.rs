//! Filling in a form: any field by its kind, the known ones with words that suit them.

use std::collections::BTreeSet;

use regulation::decide::shown;
use regulation::model::{Field, FieldKind, Procedure, Required};
use regulation::{Case, FieldValue, Fields, Id, Setting};

use super::chance::Chance;
use super::matters::{ANY_WORDS, MATTERS, WHEN, words};
use super::plan::{DAY, HOUR};
use super::world::{Patron, World};

/// Whose form it is.
#[derive(Clone, Copy)]
pub(super) struct Bearer<'a> {
    pub patron: Option<&'a Patron>,
    pub matter: usize,
    pub area: Option<&'static str>,
    pub wants: &'a [(&'static str, &'static str)],
    /// Leaves out whatever may be left out.
    pub bare: bool,
}

/// A form being filled in.
pub(super) struct Filling<'a> {
    pub world: &'a World,
    pub setting: Setting<'a>,
    pub procedure: &'a Procedure,
    pub case: Option<&'a Case>,
    pub bearer: Bearer<'a>,
    pub chance: &'a mut Chance,
}

/// Likelihood of options that are not all alike, in percent or any other weight.
fn option_weight(field: &str, option: &str) -> u32 {
    match (field, option) {
        ("class", "liable") => 66,
        ("class", "not_liable") => 24,
        ("grade", "general") => 86,
        ("acceptance", "accepted") => 89,
        ("call_back_outcome", "satisfied") => 78,
        ("call_back_outcome", "dissatisfied") => 9,
        ("call_back_outcome", "no_answer") => 9,
        ("call_back_outcome", "refused") => 4,
        ("call_back_form", "phone") => 60,
        ("outcome", "solved") => 88,
        ("outcome", "not_solved") => 6,
        ("outcome", "dropped") => 6,
        ("importance", "normal") => 70,
        ("pursued", "pursued") => 70,
        ("liability", "ours") => 75,
        ("liability", "unclear") => 5,
        ("screening", "to_quality") => 60,
        ("review_outcome", "measures") => 70,
        ("pause_reason", "waiting_for_customer") => 90,
        ("addressed_to", "centre") => 60,
        ("measure_kind", _) => 20,
        _ => 10,
    }
}

/// How often a field that may be left out is filled in, in percent.
fn given_percent(field: &Field) -> u32 {
    match field.key.as_str() {
        "result" | "reply" | "customer_confirmation" => 100,
        "topic" | "contact" | "area" | "place" | "complainant" | "visitor" => 94,
        "product" | "department_feedback" => 80,
        "agreed_reply_time" | "agreed_reply_form" | "wanted_by" => 34,
        "offer" | "importance" => 25,
        "addressed_to" => 14,
        "sent_to" => 100,
        "samples_reinspected" => 100,
        "reason_none_possible" | "about_person" | "anonymous" | "unsigned_reason" => 0,
        "praised_person" => 60,
        _ if matches!(field.kind, FieldKind::Flag) => 12,
        _ if matches!(field.kind, FieldKind::Files) => 0,
        _ => 40,
    }
}

impl Filling<'_> {
    /// The form; `None` when something that is owed cannot be given.
    pub fn fill(&mut self, fields: &[Field]) -> Option<Fields> {
        let mut input = Fields::new();
        let mut instead: BTreeSet<&str> = BTreeSet::new();
        let anonymous = fields.iter().any(|field| field.key == "anonymous") && self.bearer.patron.is_none();
        for field in fields {
            let asked = shown(&self.setting, self.procedure, self.case, fields, &input);
            let Some(required) = asked
                .iter()
                .find(|one| one.field.key == field.key)
                .map(|one| one.required)
            else {
                continue;
            };
            let wanted = self.wanted(&field.key).is_some();
            if anonymous && field.key == "anonymous" {
                input.insert(field.key.clone(), FieldValue::Flag(true));
                continue;
            }
            let owed = required || wanted || instead.contains(field.key.as_str());
            if !owed && (self.bearer.bare || !self.chance.percent(given_percent(field))) {
                continue;
            }
            match (self.value(field), &field.required) {
                (Some(value), _) => {
                    input.insert(field.key.clone(), value);
                }
                (None, Required::Or(other)) => {
                    instead.insert(other);
                }
                (None, _) if required => return None,
                (None, _) => {}
            }
        }
        Some(input)
    }

    fn wanted(&self, key: &str) -> Option<&'static str> {
        self.bearer
            .wants
            .iter()
            .find(|(wanted, _)| *wanted == key)
            .map(|(_, value)| *value)
    }

    fn pick_words(&mut self, key: &str) -> String {
        let of = words(key).unwrap_or(ANY_WORDS);
        self.chance.pick(of).copied().unwrap_or("已办理").to_owned()
    }

    fn text(&mut self, field: &Field) -> Option<String> {
        let key = field.key.as_str();
        let patron = self.bearer.patron;
        let text = match key {
            "complainant" | "visitor" | "customer_name" | "customer" => patron?.name.clone(),
            "contact" | "customer_phone" | "call_back_number" => patron?.phone.clone(),
            "matter" => self.matter(),
            _ => self.pick_words(key),
        };
        let text = if matches!(field.kind, FieldKind::Line) {
            text.replace('\n', " ")
        } else {
            text
        };
        Some(text.chars().take(field.longest as usize).collect())
    }

    fn matter(&mut self) -> String {
        let text = MATTERS.get(self.bearer.matter).map_or("", |matter| matter.text);
        match self.bearer.patron {
            Some(patron) if self.chance.percent(70) => {
                let area = self.bearer.area.unwrap_or(patron.area);
                let when = self.chance.pick(WHEN).copied().unwrap_or_default();
                format!("{area}{}：{when}，{text}", patron.room)
            }
            _ => text.to_owned(),
        }
    }

    fn value(&mut self, field: &Field) -> Option<FieldValue> {
        let now = self.setting.now;
        let text = |text: String| Some(FieldValue::Text(text));
        if let (Some(wanted), FieldKind::Choice(options)) = (self.wanted(&field.key), &field.kind)
            && options.iter().any(|(key, _)| key == wanted)
        {
            return text(wanted.to_owned());
        }
        match &field.kind {
            FieldKind::Line | FieldKind::Text => self.text(field).map(FieldValue::Text),
            FieldKind::Choice(options) => self.choice(&field.key, options).map(FieldValue::Text),
            FieldKind::Choices(options) => {
                let one = self.choice(&field.key, options)?;
                Some(FieldValue::List(vec![FieldValue::Text(one)]))
            }
            FieldKind::Number { .. } => Some(FieldValue::Number(self.number(&field.key))),
            FieldKind::Money => Some(FieldValue::Number(self.chance.between(10, 900) * 1_000)),
            FieldKind::Flag => Some(FieldValue::Flag(
                field.key != "harms_image" || self.topic() == "attitude",
            )),
            FieldKind::Time { .. } => {
                let ahead = match field.key.as_str() {
                    "agreed_reply_time" | "call_back_by" | "appointment" => {
                        self.chance.between(2 * HOUR, 26 * HOUR)
                    }
                    _ => self.chance.between(6 * HOUR, 4 * DAY),
                };
                let unit = self
                    .case
                    .map(|case| case.unit)
                    .or_else(|| self.world.unit("service"))?;
                let at = self
                    .world
                    .in_hours(self.setting.pack, unit, now.plus(ahead), self.chance);
                // People agree on round times.
                Some(FieldValue::Number(
                    at.as_millis() / (HOUR / 2) * (HOUR / 2) + HOUR / 2,
                ))
            }
            FieldKind::Date => {
                let unit = self
                    .case
                    .map(|case| case.unit)
                    .or_else(|| self.world.unit("service"))?;
                text(
                    self.world
                        .calendar(self.setting.pack, unit)
                        .date_of(now)
                        .to_string(),
                )
            }
            FieldKind::Phone => text(self.bearer.patron?.phone.clone()),
            FieldKind::Place => {
                let patron = self.bearer.patron?;
                text(self.bearer.area.unwrap_or(patron.area).to_owned())
            }
            FieldKind::Person => self.named(&field.key).map(FieldValue::from),
            FieldKind::People => self
                .named(&field.key)
                .map(|person| FieldValue::List(vec![person.into()])),
            FieldKind::OutsideBody => self.chance.pick(&self.world.phone_book).cloned(),
            FieldKind::Unit => self.department(&field.key).map(FieldValue::from),
            FieldKind::Customer => self.bearer.patron.map(|patron| patron.id.into()),
            // The customer signs in person, under the customer's own id: the demo keeps no drawings.
            FieldKind::Signature => self.bearer.patron.map(|patron| patron.id.into()),
            FieldKind::Files => self
                .bearer
                .patron
                .map(|patron| FieldValue::List(vec![patron.id.into()])),
            FieldKind::Case => self.world.ended_lately(self.chance).map(FieldValue::from),
            FieldKind::Rows(columns) => {
                let count = 1 + self.chance.below(2);
                let rows = (0..count)
                    .map(|_| self.fill(columns).map(FieldValue::Row))
                    .collect::<Option<Vec<_>>>()?;
                Some(FieldValue::List(rows))
            }
        }
    }

    fn topic(&self) -> &'static str {
        MATTERS
            .get(self.bearer.matter)
            .map_or("other", |matter| matter.topic)
    }

    fn choice(&mut self, key: &str, options: &[(String, regulation::Said)]) -> Option<String> {
        if key == "topic" && options.iter().any(|(option, _)| option == self.topic()) {
            return Some(self.topic().to_owned());
        }
        let weights: Vec<u32> = options
            .iter()
            .map(|(option, _)| option_weight(key, option))
            .collect();
        options
            .get(self.chance.weighted(&weights)?)
            .map(|(option, _)| option.clone())
    }

    fn number(&mut self, key: &str) -> i64 {
        let field = |key: &str| {
            self.case
                .and_then(|case| case.fields.get(key))
                .and_then(FieldValue::as_number)
        };
        match key {
            "samples_reinspected" => field("samples_returned").unwrap_or(3),
            "sent_out" => 120,
            "returned_forms" => 104,
            "basically_or_better" => self.chance.between(90, 104),
            "goal_percent" => 90,
            _ => self.chance.between(1, 20),
        }
    }

    fn named(&mut self, key: &str) -> Option<Id> {
        if let Some(login) = self.wanted(key) {
            return self.world.person(login);
        }
        match key {
            "handed_to" => self.world.person("floor"),
            "superior" => self.world.person(if self.chance.percent(70) {
                "lead"
            } else {
                "service"
            }),
            "new_owner" => self.world.person("agent2"),
            "call_back_person" => self.world.person("callback"),
            _ => {
                let unit = self.case.map(|case| case.unit).or_else(|| self.matter_unit())?;
                let members = self.world.members(unit);
                self.chance.pick(&members).copied()
            }
        }
    }

    fn matter_unit(&self) -> Option<Id> {
        let key = MATTERS
            .get(self.bearer.matter)
            .map_or("service", |matter| matter.unit);
        self.world.unit(if key == "outside" { "order" } else { key })
    }

    fn department(&mut self, key: &str) -> Option<Id> {
        match key {
            "quality_unit" => self.world.unit("quality"),
            "task_unit" | "improve_unit" | "call_back_unit" | "called_unit" => {
                let unit = ["engineering", "environment", "order", "finance"];
                self.chance.pick(&unit).and_then(|unit| self.world.unit(unit))
            }
            _ => self.matter_unit(),
        }
    }
}
