//! Who may: functions held in units, relations to the case, and how a pack says them.

use std::fmt;

use super::{Actor, Setting};
use crate::Id;
use crate::case::{Addressee, Case, FieldValue};
use crate::model::{Pack, UnitOf, Who};
use crate::source::Said;

/// The pack's own words: `case.unit`, `case.department`.
impl fmt::Display for UnitOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnitOf::Responsible => f.write_str("case.unit"),
            UnitOf::Owning => f.write_str("case.owning_unit"),
            UnitOf::Field(key) => write!(f, "case.{key}"),
        }
    }
}

/// The pack's own words: `department_head of case.department`, `foreman and above`, `handler`.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Anyone => f.write_str("anyone"),
            Who::Function {
                function,
                of,
                and_above,
            } => {
                f.write_str(function)?;
                if *and_above {
                    f.write_str(" and above")?;
                }
                match of {
                    Some(unit) => write!(f, " of {unit}"),
                    None => Ok(()),
                }
            }
            Who::MembersOf(unit) => write!(f, "members of {unit}"),
            Who::Handler => f.write_str("handler"),
            Who::FirstContactOwner => f.write_str("first_contact_owner"),
            Who::Registrar => f.write_str("registrar"),
            Who::Field(key) => write!(f, "person case.{key}"),
            Who::Customer => f.write_str("customer"),
            Who::Engine => f.write_str("engine"),
        }
    }
}

/// The pack's words for several.
pub(super) fn words(who: &[Who]) -> Vec<String> {
    who.iter().map(ToString::to_string).collect()
}

/// Whether someone holds one of these functions anywhere, for what is not about one case. Relations to a case are held by
/// nobody here.
pub fn holds_one_of(pack: &Pack, actor: &Actor, who: &[Who]) -> bool {
    who.iter().any(|who| match who {
        Who::Anyone => true,
        Who::Function {
            function, and_above, ..
        } => actor.holdings.iter().any(|held| {
            held.function == *function || *and_above && ranks_above(pack, &held.function, function)
        }),
        _ => false,
    })
}

/// As people say it, for "these could".
pub fn say_who(pack: &Pack, who: &Who) -> Said {
    let function = |key: &str| {
        pack.functions.get(key).map_or_else(
            || (key.to_owned(), key.to_owned()),
            |known| (known.title.zh.to_string(), known.title.en.to_string()),
        )
    };
    match who {
        Who::Anyone => super::say("任何员工", "anyone on the staff"),
        Who::Function {
            function: key,
            of,
            and_above,
        } => {
            let (mut zh, mut en) = function(key);
            if *and_above {
                zh.push_str("及以上");
                en.push_str(" and above");
            }
            match of {
                Some(unit) => super::say(
                    format!("{}的{zh}", unit_zh(pack, unit)),
                    format!("{en} of {}", unit_en(pack, unit)),
                ),
                None => super::say(zh, en),
            }
        }
        Who::MembersOf(unit) => super::say(
            format!("{}的成员", unit_zh(pack, unit)),
            format!("members of {}", unit_en(pack, unit)),
        ),
        Who::Handler => super::say("经办人", "the handler"),
        Who::FirstContactOwner => super::say("首问责任人", "the first-contact owner"),
        Who::Registrar => super::say("登记人", "the registrar"),
        Who::Field(key) => super::say(
            format!("“{}”所指的人员", field_title(pack, key).zh),
            format!("the person named as \"{}\"", field_title(pack, key).en),
        ),
        Who::Customer => super::say("客户", "the customer"),
        Who::Engine => super::say("系统", "the engine"),
    }
}

/// The title of a field, as any procedure of the pack has it.
fn field_title(pack: &Pack, key: &str) -> Said {
    pack.procedures
        .values()
        .find_map(|procedure| procedure.fields.get(key))
        .map_or_else(|| super::say(key, key), |field| field.title.clone())
}

fn unit_zh(pack: &Pack, unit: &UnitOf) -> String {
    match unit {
        UnitOf::Responsible => "责任部门".to_owned(),
        UnitOf::Owning => "受理部门".to_owned(),
        UnitOf::Field(key) => format!("“{}”", field_title(pack, key).zh),
    }
}

fn unit_en(pack: &Pack, unit: &UnitOf) -> String {
    match unit {
        UnitOf::Responsible => "the responsible unit".to_owned(),
        UnitOf::Owning => "the owning unit".to_owned(),
        UnitOf::Field(key) => format!("\"{}\"", field_title(pack, key).en),
    }
}

/// What entitlement is tested against: a case, or the units of one about to be opened.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) case: Option<&'a Case>,
    pub(super) unit: Option<Id>,
    pub(super) owning_unit: Option<Id>,
}

impl<'a> About<'a> {
    pub(super) fn case(case: &'a Case) -> Self {
        About {
            case: Some(case),
            unit: Some(case.unit),
            owning_unit: Some(case.owning_unit),
        }
    }

    pub(super) fn unit_of(&self, unit: &UnitOf) -> Option<Id> {
        match unit {
            UnitOf::Responsible => self.unit,
            UnitOf::Owning => self.owning_unit,
            UnitOf::Field(key) => self.case?.fields.get(key)?.as_id(),
        }
    }
}

/// Whom these words mean for a case as it stands now.
pub(super) fn addressed(case: &Case, who: &[Who]) -> Vec<Addressee> {
    let about = About::case(case);
    let person = |id: Option<Id>| id.map(|person| Addressee::Person { person });
    let one = |who: &Who| match who {
        Who::Field(_) | Who::Anyone | Who::Engine => None,
        Who::Handler => person(case.handler),
        Who::FirstContactOwner => person(case.first_contact_owner),
        Who::Registrar => person(case.registrar),
        Who::MembersOf(of) => about.unit_of(of).map(|unit| Addressee::Members { unit }),
        Who::Customer => case.customer.map(|customer| Addressee::Customer {
            customer: Some(customer),
            address: None,
        }),
        Who::Function {
            function,
            of,
            and_above,
        } => {
            let mut units: Vec<Id> = match of {
                Some(of) => about.unit_of(of).into_iter().collect(),
                None => vec![case.unit, case.owning_unit],
            };
            units.dedup();
            (!units.is_empty()).then(|| Addressee::Function {
                function: function.clone(),
                units,
                and_above: *and_above,
            })
        }
    };
    let named = |who: &Who| match who {
        Who::Field(key) => people_named(case, key).collect(),
        _ => Vec::new(),
    };
    let mut to: Vec<Addressee> = Vec::new();
    for who in who {
        let people = named(who).into_iter().map(|person| Addressee::Person { person });
        for found in one(who).into_iter().chain(people) {
            // Whoever is meant twice is told once.
            if !to.contains(&found) {
                to.push(found);
            }
        }
    }
    to
}

/// The people that a field of the case names: one, or several.
fn people_named<'a>(case: &'a Case, key: &str) -> impl Iterator<Item = Id> + use<'a> {
    let value = case.fields.get(key);
    let several = match value {
        Some(FieldValue::List(people)) => people.as_slice(),
        _ => &[],
    };
    value
        .and_then(FieldValue::as_id)
        .into_iter()
        .chain(several.iter().filter_map(FieldValue::as_id))
}

/// Whom the pack's words mean for a case as it stands: for the signers of an approval, and for events that were made
/// before they said so themselves. Words that are none mean nobody.
pub fn addressees(case: &Case, words: &[String]) -> Vec<Addressee> {
    let who: Vec<Who> = words
        .iter()
        .filter_map(|word| crate::load::words::who(word))
        .collect();
    addressed(case, &who)
}

/// Under which right someone acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entitled {
    /// Held for someone absent.
    pub(super) on_behalf_of: Option<Id>,
}

const ONESELF: Entitled = Entitled { on_behalf_of: None };

/// Whether `actor` is one of `who`, and on whose behalf. A right of one's own goes before a delegated one.
pub(super) fn entitled(
    setting: &Setting<'_>,
    actor: &Actor,
    who: &[Who],
    about: About<'_>,
) -> Option<Entitled> {
    let mut delegated = None;
    for one in who {
        match entitled_as(setting, actor, one, about, None) {
            Some(Entitled { on_behalf_of: None }) => return Some(ONESELF),
            found @ Some(_) => delegated = delegated.or(found),
            None => {}
        }
    }
    delegated
}

/// Whether `actor` is `who`. `unit` fixes the unit of a function where it was worked out before (an approval's slot).
pub(super) fn entitled_as(
    setting: &Setting<'_>,
    actor: &Actor,
    who: &Who,
    about: About<'_>,
    unit: Option<Id>,
) -> Option<Entitled> {
    let person = actor.person;
    let is = |other: Option<Id>| (person.is_some() && other == person).then_some(ONESELF);
    match who {
        Who::Engine => person.is_none().then_some(ONESELF),
        Who::Customer => None,
        Who::Anyone => (person.is_some() && !only_reads(setting.pack, actor)).then_some(ONESELF),
        Who::Handler => is(about.case?.handler),
        Who::FirstContactOwner => is(about.case?.first_contact_owner),
        Who::Registrar => is(about.case?.registrar),
        Who::Field(key) => people_named(about.case?, key).find_map(|named| is(Some(named))),
        Who::MembersOf(of) => {
            let above = about.unit_of(of)?;
            actor
                .holdings
                .iter()
                .any(|held| setting.organisation.within(held.unit, above))
                .then_some(ONESELF)
        }
        Who::Function {
            function,
            of,
            and_above,
        } => {
            let targets = match (unit, of) {
                (Some(unit), Some(_)) => [Some(unit), None],
                // Kept by approvals that were asked for when only the responsible unit was meant.
                (Some(unit), None) => [Some(unit), about.owning_unit],
                (None, Some(of)) => [about.unit_of(of), None],
                (None, None) => [about.unit, about.owning_unit],
            };
            let suits = |held: &&super::Holding| {
                (held.function == *function
                    || *and_above && ranks_above(setting.pack, &held.function, function))
                    && targets
                        .iter()
                        .flatten()
                        .any(|target| setting.organisation.within(*target, held.unit))
            };
            let mut found = actor.holdings.iter().filter(suits);
            let first = found.next()?;
            let own = std::iter::once(first)
                .chain(found)
                .find(|held| held.on_behalf_of.is_none());
            Some(Entitled {
                on_behalf_of: own.unwrap_or(first).on_behalf_of,
            })
        }
    }
}

/// One reason why someone is among those who may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Which of those named, as people say it.
    pub who: Said,
    /// By which function held where; none for a relation to the case (handler, first-contact owner …).
    pub holding: Option<super::Holding>,
}

/// Every reason why the setting's actor is one of `who` for this case, in the pack's order.
pub fn grounds(setting: &Setting<'_>, case: &Case, who: &[Who]) -> Vec<Ground> {
    let mut found = Vec::new();
    for one in who {
        let said = || say_who(setting.pack, one);
        let about = About::case(case);
        match one {
            // Each holding is asked for itself, so that every one that would do is named.
            Who::Function { .. } | Who::MembersOf(_) => {
                for holding in &setting.actor.holdings {
                    let alone = Actor {
                        person: setting.actor.person,
                        holdings: vec![holding.clone()],
                        certificates: Vec::new(),
                    };
                    if entitled_as(setting, &alone, one, about, None).is_some() {
                        found.push(Ground {
                            who: said(),
                            holding: Some(holding.clone()),
                        });
                    }
                }
            }
            _ if entitled_as(setting, setting.actor, one, about, None).is_some() => found.push(Ground {
                who: said(),
                holding: None,
            }),
            _ => {}
        }
    }
    found
}

/// Whether someone holds nothing but functions that look on.
fn only_reads(pack: &Pack, actor: &Actor) -> bool {
    let reads = |key: &str| {
        pack.functions
            .get(key)
            .is_some_and(|function| function.reads_only)
    };
    !actor.holdings.is_empty() && actor.holdings.iter().all(|held| reads(&held.function))
}

/// Whether one function stands above another on the same ladder.
pub fn ranks_above(pack: &Pack, held: &str, wanted: &str) -> bool {
    match (pack.functions.get(held), pack.functions.get(wanted)) {
        (Some(held), Some(wanted)) => held.ladder == wanted.ladder && held.rank > wanted.rank,
        _ => false,
    }
}

/// The person meant by a key of the case: `first_contact_owner`, `handler`, `registrar`, or a person field.
pub(super) fn person_of(case: &Case, key: &str) -> Option<Id> {
    match key.strip_prefix("case.").unwrap_or(key) {
        "first_contact_owner" => case.first_contact_owner,
        "handler" => case.handler,
        "registrar" => case.registrar,
        field => case.fields.get(field).and_then(FieldValue::as_id),
    }
}
