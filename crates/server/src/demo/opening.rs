//! What begins by itself: contacts, turns of obligations, second looks at cases that ended.

use calendar::Moment;
use regulation::decide::{Mode, Opened};
use regulation::{Actor, Case, Command, FieldValue, Fields};

use super::DemoError;
use super::chance::Chance;
use super::course::Happening;
use super::forms::{Bearer, Filling};
use super::plan::{Contact, Halt, Temper};
use super::walk::setting;
use super::world::World;
use crate::cases::shell::{Order, ShellError};
use crate::timers::open_turns;

/// Someone at work on a case that nobody telephoned about.
pub(super) fn follower(at: Moment, temper: Temper) -> Contact {
    Contact {
        at,
        late_by: 0,
        procedure: "",
        by: "service",
        customer: usize::MAX,
        matter: 0,
        channel: "",
        temper,
        halt: Halt::Never,
        wants: vec![("importance", "normal")],
        script: Vec::new(),
        area: None,
        hasty: false,
    }
}

/// What began.
pub(super) enum Began {
    Nothing,
    Case(Box<Contact>, Box<Case>),
    Turns(Moment),
}

/// Opens what comes from outside the cases.
pub(super) async fn open(
    world: &World,
    seed: &Chance,
    what: Happening,
    at: Moment,
) -> Result<Began, DemoError> {
    match what {
        Happening::Turns => Ok(Began::Turns(open_turns(&world.centre, at, Mode::Historic).await?)),
        Happening::Contact(contact) => register(world, seed, contact, at).await,
        Happening::Sample(case) => sample(world, seed, &case, at).await,
        Happening::Walk(_) => Ok(Began::Nothing),
    }
}

async fn register(
    world: &World,
    seed: &Chance,
    contact: Box<Contact>,
    at: Moment,
) -> Result<Began, DemoError> {
    let maker = contact.procedure == "maker";
    let unit = if maker { "aftersales" } else { "service" };
    let key = if maker { "complaint" } else { contact.procedure };
    let (Some(pack), Some(person), Some(unit)) =
        (world.pack(unit), world.person(contact.by), world.unit(unit))
    else {
        return Ok(Began::Nothing);
    };
    let Some(procedure) = pack.procedure(key) else {
        return Ok(Began::Nothing);
    };
    let actor = world.actor(person, at);
    let mut chance = seed.branch(at.as_millis().unsigned_abs() ^ contact.customer as u64);
    let anonymous = procedure.customer && contact.wants.is_empty() && chance.percent(4);
    let patron = world
        .patrons
        .get(contact.customer)
        .filter(|_| !anonymous && procedure.customer);
    let mut filling = Filling {
        world,
        setting: setting(world, &pack, &actor, at),
        procedure,
        case: None,
        bearer: Bearer {
            patron,
            matter: contact.matter,
            area: contact.area,
            wants: &contact.wants,
            bare: false,
        },
        chance: &mut chance,
    };
    let Some(input) = filling.fill(&procedure.intake_fields) else {
        return Ok(Began::Nothing);
    };
    let earlier = (contact.late_by > 0).then(|| at.plus(-contact.late_by));
    let mut received = [earlier, None].into_iter().skip(usize::from(earlier.is_none()));
    loop {
        let Some(received) = received.next() else {
            return Ok(Began::Nothing);
        };
        let opened = Opened {
            received,
            channel: contact.channel.to_owned(),
            customer: patron.map(|patron| patron.id),
            owning_unit: Some(unit),
            ..Opened::default()
        };
        let order = Order {
            case: None,
            command: Command::Open {
                procedure: key.to_owned(),
                opened,
                input: input.clone(),
            },
            actor: &actor,
            at: Some(at),
            mode: Mode::Historic,
            pack: Some(pack.clone()),
            idempotency: None,
        };
        match world.centre.run(order).await {
            Ok(done) => {
                return Ok(done
                    .state
                    .map_or(Began::Nothing, |case| Began::Case(contact, Box::new(case))));
            }
            // Where this person may not back-date, the contact counts from now; and where a pack asks for something
            // nobody here can give, the demo has fewer cases.
            Err(ShellError::Refused(refusal)) => {
                tracing::debug!(key, ?refusal, "a contact of the demo was not taken");
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The second look at a case that ended: for as large a part of them as the pack asks.
async fn sample(world: &World, seed: &Chance, case: &Case, at: Moment) -> Result<Began, DemoError> {
    let Some(pack) = world.around.packs.by_hash(&case.pack.hash) else {
        return Ok(Began::Nothing);
    };
    let Some(sample) = pack
        .procedure(&case.procedure)
        .and_then(|procedure| procedure.samples.first())
    else {
        return Ok(Began::Nothing);
    };
    let mut chance = seed.branch(at.as_millis().unsigned_abs());
    let class = case.fields.get("class").and_then(FieldValue::as_text);
    if case.void || class != Some("assist") || !chance.percent(55) {
        return Ok(Began::Nothing);
    }
    let calendar = world.calendar(&pack, case.unit);
    let due = calendar.after(
        case.ended.unwrap_or(at),
        &sample.within,
        &calendar::DayRule::default(),
    );
    let mut input = Fields::new();
    let asked = pack
        .procedure(&sample.opens.procedure)
        .map_or(&[][..], |procedure| procedure.intake_fields.as_slice());
    for field in asked {
        let value = match field.key.as_str() {
            "due" => Some(FieldValue::Number(due.as_millis())),
            "sampled" => Some(case.id.into()),
            key => case.fields.get(key).cloned(),
        };
        input.extend(value.map(|value| (field.key.clone(), value)));
    }
    let opened = Opened {
        channel: "sample".to_owned(),
        customer: case.customer,
        owning_unit: Some(case.owning_unit),
        unit: Some(case.unit),
        first_contact_owner: case.first_contact_owner,
        parent: Some(case.id),
        ..Opened::default()
    };
    let engine = Actor::default();
    let command = Command::Open {
        procedure: sample.opens.procedure.clone(),
        opened,
        input,
    };
    let order = Order {
        case: None,
        command,
        actor: &engine,
        at: Some(at),
        mode: Mode::Historic,
        pack: Some(pack.clone()),
        idempotency: None,
    };
    let temper = if chance.percent(35) {
        Temper::Negligent
    } else {
        Temper::Prompt
    };
    match world.centre.run(order).await {
        Ok(done) => Ok(done.state.map_or(Began::Nothing, |opened| {
            Began::Case(Box::new(follower(at, temper)), Box::new(opened))
        })),
        Err(ShellError::Refused(_)) => Ok(Began::Nothing),
        Err(error) => Err(error.into()),
    }
}
