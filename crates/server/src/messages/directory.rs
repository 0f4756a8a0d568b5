//! Whom words mean and by which way they are reached: read once, held in memory, replaced whenever one of its parts changes.

use std::collections::{BTreeSet, HashMap};

use calendar::Moment;
use regulation::case::Addressee;
use regulation::decide::ranks_above;
use regulation::{Id, Organisation, Pack};
use store::{Store, StoreError};

use super::kind::{Kind, split};
use super::outward::Ready;
use super::quiet::Quiet;
use crate::organisation::Picture;

const CHOICES: &str =
    "SELECT person, mail, phone, by_mail, by_sms, quiet_from, quiet_until FROM notice_settings";
const WEBHOOKS: &str = "SELECT id, kinds, unit FROM webhooks WHERE active = 1";

/// What a person chose.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Mail address; empty is none.
    pub mail: String,
    /// Mobile number; empty is none.
    pub phone: String,
    /// Kinds that go out by mail.
    pub by_mail: Vec<Kind>,
    /// Kinds that go out by SMS.
    pub by_sms: Vec<Kind>,
    /// When nothing goes out.
    pub quiet: Option<Quiet>,
}

/// Who wants to know of events.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Its id.
    pub id: Id,
    /// Words of events.
    pub kinds: Vec<String>,
    /// In whose subtree.
    pub unit: Id,
}

/// A robot as the configuration names it.
#[derive(Clone, Debug)]
pub struct RobotRoute {
    /// Its name.
    pub name: String,
    /// What it tells.
    pub tells: Vec<Kind>,
    /// Key of the unit in whose subtree.
    pub unit: Option<String>,
}

/// What the configuration says of ways out, as far as it matters when a message is made.
#[derive(Clone, Debug)]
pub struct Routes {
    /// Robots.
    pub robots: Vec<RobotRoute>,
    /// Which approved text tells which kind.
    pub texts: HashMap<Kind, String>,
    /// Gateways by which customers can be reached.
    pub ready: Ready,
    /// How long a message that follows from a person's act waits, so that it can be undone, in ms.
    pub hold: i64,
}

impl Routes {
    /// The ways out that gateways' settings describe.
    ///
    /// # Errors
    /// When a kind or a span of quiet hours is none.
    pub fn of(settings: &channels::Settings, hold: i64) -> Result<Routes, channels::Mistake> {
        let kind = |section: &str, word: &str| {
            Kind::of(word).ok_or_else(|| {
                let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
                channels::Mistake {
                    section: section.to_owned(),
                    why: format!("{word} is no kind of notice; known are {}", known.join(", ")),
                }
            })
        };
        let mut robots = Vec::new();
        for (name, robot) in &settings.robots {
            let section = format!("robots.{name}");
            let tells = robot.tells.iter().map(|word| kind(&section, word));
            robots.push(RobotRoute {
                name: name.clone(),
                tells: tells.collect::<Result<_, _>>()?,
                unit: robot.unit.clone(),
            });
        }
        let mut texts = HashMap::new();
        if let Some(sms) = &settings.sms {
            for (word, text) in &sms.notices {
                texts.insert(kind("sms.notices", word)?, text.clone());
            }
            if let Some(quiet) = &sms.quiet
                && Quiet::read(quiet).is_none()
            {
                return Err(channels::Mistake {
                    section: "sms".to_owned(),
                    why: format!("quiet is {quiet:?}: write two times of a day, such as 21:00-08:00"),
                });
            }
        }
        let ready = Ready {
            sms: settings.sms.is_some(),
            mail: settings.mail.is_some(),
        };
        Ok(Routes {
            robots,
            texts,
            ready,
            hold,
        })
    }
}

impl Default for Routes {
    fn default() -> Self {
        Routes {
            robots: Vec::new(),
            texts: HashMap::new(),
            ready: Ready::default(),
            hold: 10_000,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Holder {
    person: Id,
    unit: Id,
    since: Moment,
    until: Moment,
}

/// Who holds what, and what they chose.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Holders by function.
    holders: HashMap<String, Vec<Holder>>,
    /// Who stands in for whom.
    deputies: HashMap<Id, Vec<Holder>>,
    choices: HashMap<Id, Choices>,
    /// Subscriptions that are on.
    pub subscriptions: Vec<Subscription>,
}

/// The directory as the tables have it now.
pub async fn load(store: &Store, picture: &Picture) -> Result<Directory, StoreError> {
    let mut directory = Directory::of(picture);
    for row in store.query(CHOICES, &[]).await? {
        let quiet = row.opt_int(5)?.zip(row.opt_int(6)?);
        let choices = Choices {
            mail: row.text(1)?.to_owned(),
            phone: row.text(2)?.to_owned(),
            by_mail: split(row.text(3)?),
            by_sms: split(row.text(4)?),
            quiet: quiet.and_then(|(from, until)| Quiet::new(from, until)),
        };
        directory.choices.insert(Id(row.int(0)?), choices);
    }
    for row in store.query(WEBHOOKS, &[]).await? {
        directory.subscriptions.push(Subscription {
            id: Id(row.int(0)?),
            kinds: row.text(1)?.split(' ').map(str::to_owned).collect(),
            unit: Id(row.int(2)?),
        });
    }
    Ok(directory)
}

impl Directory {
    fn of(picture: &Picture) -> Directory {
        let mut directory = Directory::default();
        for person in picture.people.values().filter(|person| person.active) {
            for held in &person.held {
                let holder = Holder {
                    person: person.id,
                    unit: held.unit,
                    since: held.since,
                    until: held.until,
                };
                directory
                    .holders
                    .entry(held.function.clone())
                    .or_default()
                    .push(holder);
                if let Some(absent) = held.on_behalf_of {
                    directory.deputies.entry(absent).or_default().push(holder);
                }
            }
        }
        directory
    }

    /// What a person chose; nothing is: in the house alone.
    pub fn choices(&self, person: Id) -> Option<&Choices> {
        self.choices.get(&person)
    }

    /// Whom an event addresses now: holders of a function over its units, people it means, and who stands in for any of
    /// them. Customers are nobody of the house.
    pub fn people(&self, to: &[Addressee], pack: &Pack, picture: &Picture, now: Moment) -> BTreeSet<Id> {
        let mut people = BTreeSet::new();
        for one in to {
            match one {
                Addressee::Person { person } => self.person(*person, picture, now, &mut people),
                Addressee::Members { unit } => {
                    let all = self.holders.values().flat_map(|holders| at(Some(holders), now));
                    let inside = all.filter(|held| picture.within(held.unit, *unit));
                    people.extend(inside.map(|held| held.person));
                }
                Addressee::Function {
                    function,
                    units,
                    and_above,
                } => {
                    self.holders_over(function, units, picture, now, &mut people);
                    if *and_above {
                        let above = self
                            .holders
                            .keys()
                            .filter(|held| ranks_above(pack, held, function));
                        for function in above {
                            self.holders_over(function, units, picture, now, &mut people);
                        }
                    }
                }
                Addressee::Customer { .. } => {}
            }
        }
        people
    }

    /// A person named, and who stands in for them.
    pub fn person(&self, person: Id, picture: &Picture, now: Moment, people: &mut BTreeSet<Id>) {
        if picture.people.get(&person).is_some_and(|person| person.active) {
            people.insert(person);
        }
        people.extend(at(self.deputies.get(&person), now).map(|holder| holder.person));
    }

    /// Who holds a function over one of these units.
    fn holders_over(
        &self,
        function: &str,
        units: &[Id],
        picture: &Picture,
        now: Moment,
        people: &mut BTreeSet<Id>,
    ) {
        let over = |held: &&Holder| units.iter().any(|unit| picture.within(*unit, held.unit));
        let holders = at(self.holders.get(function), now).filter(over);
        people.extend(holders.map(|held| held.person));
    }
}

fn at(holders: Option<&Vec<Holder>>, now: Moment) -> impl Iterator<Item = &Holder> {
    holders
        .into_iter()
        .flatten()
        .filter(move |held| held.since <= now && now < held.until)
}
