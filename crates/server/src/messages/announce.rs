//! From one event to the notices and messages that follow: made in the event's own batch.

use std::collections::BTreeSet;

use calendar::Moment;
use regulation::case::{Addressee, ApprovalStatus};
use regulation::decide::addressees;
use regulation::{Case, Change, Event, Id, Organisation, Pack};
use serde_json::json;
use store::{Batch, Row, RowWrite, Store, Value};

use super::directory::Routes;
use super::kind::Kind;
use super::outward::{self, Addresses};
use super::post::Post;
use crate::cases::words;
use crate::centre::{Centre, Surroundings};
use crate::schema::NOTICES;

const WITHDRAW: &str = "UPDATE outbox SET state = 'withdrawn', due = NULL WHERE case_id = $1 AND seq = $2 AND state = 'waiting' \
     AND attempts = 0";
const TAKE_BACK: &str = "DELETE FROM notices WHERE case_id = $1 AND seq = $2";

/// Adds to a batch that nothing more is told of an event that is being undone: what waits in the outbox is not sent, notices
/// are taken back. What left the house already cannot be.
pub fn withdraw(batch: &mut Batch, case: Id, seq: i64) {
    let event: Vec<Value> = vec![case.0.into(), seq.into()];
    batch.statement(WITHDRAW, event.clone());
    batch.statement(TAKE_BACK, event);
}

/// A signature that is waited for: number of the approval, step, slot.
type Slot = (u32, u32, usize);

/// Signatures a case waits for now.
pub fn asked(case: &Case) -> Vec<Slot> {
    let mut slots = Vec::new();
    let waiting = case
        .approvals
        .iter()
        .filter(|approval| approval.status == ApprovalStatus::Asked);
    for approval in waiting {
        if let Some(step) = approval.waiting_step()
            && let Some((_, asked)) = approval.steps.get(step as usize)
        {
            slots.extend((0..asked.len()).map(|slot| (approval.no, step, slot)));
        }
    }
    slots
}

/// One thing to tell.
struct Tell {
    kind: Kind,
    people: BTreeSet<Id>,
    zh: String,
    en: String,
}

/// What makes notices and messages of events.
pub struct Announcer<'a> {
    store: &'a Store,
    around: &'a Surroundings,
    routes: &'a Routes,
    addresses: &'a Addresses,
    now: Moment,
}

impl<'a> Announcer<'a> {
    /// One for a batch that is decided at `now`; `addresses` are those of the customers that its events tell.
    pub fn new(centre: &'a Centre, around: &'a Surroundings, addresses: &'a Addresses, now: Moment) -> Self {
        Announcer {
            store: &centre.store,
            around,
            routes: centre.routes(),
            addresses,
            now,
        }
    }

    /// Adds to a batch what an event says to people. `asked` are the signatures waited for before it, `case` is the state
    /// after it.
    pub fn event(&self, batch: &mut Batch, asked: &[Slot], case: &Case, event: &Event, seq: i64) {
        let Some(pack) = self.around.packs.by_hash(&case.pack.hash) else {
            return;
        };
        // Messages that follow from a person's act wait until it can no longer be undone; what the engine does stands.
        let hold = if event.actor.is_some() {
            self.routes.hold
        } else {
            0
        };
        let due = self.now + hold;
        for tell in self.tells(&pack, asked, case, event) {
            self.robots(batch, &tell, case, seq, due);
            for person in tell.people.iter().filter(|person| Some(**person) != event.actor) {
                self.notice(batch, &tell, *person, case, event, seq, due);
            }
        }
        self.outward(batch, case, event, seq, due);
        self.subscriptions(batch, case, event, seq, due);
    }

    fn tells(&self, pack: &Pack, asked: &[Slot], case: &Case, event: &Event) -> Vec<Tell> {
        let (picture, directory) = (&*self.around.picture, &*self.around.directory);
        let people = |to: &[Addressee], words: &[String]| {
            // Events of an earlier version say only the words.
            if to.is_empty() {
                directory.people(&addressees(case, words), pack, picture, self.now)
            } else {
                directory.people(to, pack, picture, self.now)
            }
        };
        let urged = event.changes.iter().any(|change| matches!(change, Change::Urged));
        let mut tells = Vec::new();
        for change in &event.changes {
            match change {
                Change::Told { who, to, zh, en, .. } => tells.push(Tell {
                    kind: if urged { Kind::Urged } else { Kind::Told },
                    people: people(to, who),
                    zh: zh.clone(),
                    en: en.clone(),
                }),
                Change::LevelReached { no, tell, to, .. } => {
                    tells.extend(self.level(pack, case, *no, people(to, tell)))
                }
                Change::Handler { person: Some(person) } => {
                    let mut people = BTreeSet::new();
                    directory.person(*person, picture, self.now, &mut people);
                    tells.push(Tell {
                        kind: Kind::Assigned,
                        people,
                        zh: "事项已由您经办".to_owned(),
                        en: "You are the handler now".to_owned(),
                    });
                }
                Change::QuestionRaised {
                    question, ask, to, ..
                } => {
                    let procedure = pack.procedure(&case.procedure);
                    let stated = procedure
                        .and_then(|procedure| procedure.questions.iter().find(|one| one.key == *question));
                    let (zh, en) = stated
                        .map_or(("延误由谁负责", "who answers for the delay"), |stated| {
                            (stated.title.zh.as_str(), stated.title.en.as_str())
                        });
                    tells.push(Tell {
                        kind: Kind::Question,
                        people: people(to, ask),
                        zh: format!("请核定：{zh}"),
                        en: format!("Please answer: {en}"),
                    });
                }
                _ => {}
            }
        }
        tells.extend(self.signatures(pack, asked, case));
        tells
    }

    fn level(&self, pack: &Pack, case: &Case, no: u32, people: BTreeSet<Id>) -> Option<Tell> {
        let clock = case.clock(no)?;
        let stated = pack
            .procedure(&case.procedure)
            .and_then(|procedure| procedure.deadline(&clock.deadline));
        let (zh, en) = stated.map_or((clock.deadline.as_str(), clock.deadline.as_str()), |stated| {
            (stated.title.zh.as_str(), stated.title.en.as_str())
        });
        let calendar = regulation::Organisation::calendar(&*self.around.picture, pack, Some(case.unit));
        let due = words::time(clock.due, self.now, calendar);
        let overdue = clock.due <= self.now;
        Some(Tell {
            kind: if overdue { Kind::Overdue } else { Kind::Reminder },
            people,
            zh: if overdue {
                format!("“{zh}”已超时，应于{due}前办结")
            } else {
                format!("“{zh}”将于{due}到期")
            },
            en: if overdue {
                format!("\"{en}\" is overdue, it was due {due}")
            } else {
                format!("\"{en}\" is due {due}")
            },
        })
    }

    /// Whoever's signature is waited for since this event.
    fn signatures(&self, pack: &Pack, before: &[Slot], case: &Case) -> Vec<Tell> {
        let (picture, directory) = (&*self.around.picture, &*self.around.directory);
        let mut tells = Vec::new();
        for (no, step, slot) in asked(case).into_iter().filter(|slot| !before.contains(slot)) {
            let approval = case.approvals.iter().find(|approval| approval.no == no);
            let signer = approval
                .and_then(|approval| Some((approval, approval.steps.get(step as usize)?.1.get(slot)?)));
            let Some((approval, signer)) = signer else {
                continue;
            };
            let mut people = BTreeSet::new();
            match signer.person {
                Some(person) => directory.person(person, picture, self.now, &mut people),
                None => {
                    let mut to = addressees(case, std::slice::from_ref(&signer.who));
                    for one in &mut to {
                        // The unit that was meant when the signature was asked for.
                        if let (Addressee::Function { units, .. }, Some(unit)) = (one, signer.unit) {
                            *units = vec![unit];
                        }
                    }
                    people = directory.people(&to, pack, picture, self.now);
                }
            }
            let stated = pack.procedure(&case.procedure).and_then(|procedure| {
                procedure
                    .approvals
                    .iter()
                    .find(|one| one.key == approval.approval)
            });
            let (zh, en) = stated.map_or(
                (approval.approval.as_str(), approval.approval.as_str()),
                |stated| (stated.title.zh.as_str(), stated.title.en.as_str()),
            );
            tells.push(Tell {
                kind: Kind::Signature,
                people,
                zh: format!("请签批“{zh}”"),
                en: format!("Please sign \"{en}\""),
            });
        }
        tells
    }

    #[allow(clippy::too_many_arguments, reason = "an event, what it says, and to whom")]
    fn notice(
        &self,
        batch: &mut Batch,
        tell: &Tell,
        person: Id,
        case: &Case,
        event: &Event,
        seq: i64,
        due: Moment,
    ) {
        let id = self.store.new_id();
        batch.write(RowWrite::Put(Row {
            table: &NOTICES,
            values: vec![
                id.into(),
                person.0.into(),
                case.id.0.into(),
                seq.into(),
                event.happened.as_millis().into(),
                tell.kind.word().into(),
                tell.zh.as_str().into(),
                tell.en.as_str().into(),
                Value::Null,
            ],
        }));
        let Some(choices) = self.around.directory.choices(person) else {
            return;
        };
        let due = match choices.quiet {
            Some(quiet) => quiet.after(due, &self.around.picture.fallback),
            None => due,
        };
        let zh = self
            .around
            .picture
            .people
            .get(&person)
            .is_none_or(|person| person.language != "en");
        let (title_zh, title_en) = tell.kind.title();
        let (title, text) = if zh {
            (title_zh, &tell.zh)
        } else {
            (title_en, &tell.en)
        };
        if !choices.mail.is_empty() && choices.by_mail.contains(&tell.kind) {
            let subject = format!("{title} {}", case.number);
            // What a letter carries out of the house: the number and what is to be done, nothing of the customer.
            let body = format!("{}\n{text}\n", case.number);
            let post = Post::new(format!("n{id}-mail"), "mail", &choices.mail, (case.id, seq), due);
            self.put(batch, post.saying(&subject, body));
        }
        if !choices.phone.is_empty()
            && choices.by_sms.contains(&tell.kind)
            && let Some(template) = self.routes.texts.get(&tell.kind)
        {
            let params = json!({ "number": case.number, "text": tell.zh, "kind": title_zh });
            let body = json!({ "template": template, "params": params }).to_string();
            let post = Post::new(format!("n{id}-sms"), "sms", &choices.phone, (case.id, seq), due);
            self.put(batch, post.saying(&case.number, body));
        }
    }

    fn robots(&self, batch: &mut Batch, tell: &Tell, case: &Case, seq: i64, due: Moment) {
        let picture = &*self.around.picture;
        for robot in self
            .routes
            .robots
            .iter()
            .filter(|robot| robot.tells.contains(&tell.kind))
        {
            let reaches = match &robot.unit {
                None => true,
                Some(key) => picture
                    .unit_by_key(key)
                    .is_some_and(|unit| picture.within(case.unit, unit.id)),
            };
            if reaches {
                let id = self.store.new_id();
                let body = format!("{} {}\n{}", tell.kind.title().0, case.number, tell.zh);
                let post = Post::new(format!("r{id}"), "robot", &robot.name, (case.id, seq), due);
                self.put(batch, post.saying(&case.number, body));
            }
        }
    }

    fn subscriptions(&self, batch: &mut Batch, case: &Case, event: &Event, seq: i64, due: Moment) {
        let word = event.kind.word();
        for subscription in &self.around.directory.subscriptions {
            let wanted = subscription.kinds.iter().any(|kind| kind == word)
                && self.around.picture.within(case.unit, subscription.unit);
            if !wanted {
                continue;
            }
            let action = match &event.kind {
                regulation::EventKind::Acted { action, .. } => Some(action),
                _ => None,
            };
            let key = format!("h{}-{}-{seq}", subscription.id, case.id);
            let body = json!({
                "key": key,
                "event": word,
                "action": action,
                "happened_at": event.happened.to_string(),
                "recorded_at": self.now.to_string(),
                "case": {
                    "id": case.id.to_string(),
                    "number": case.number,
                    "pack": case.pack.name,
                    "procedure": case.procedure,
                    "stage": case.stage,
                    "unit": case.unit.to_string(),
                    "version": case.version,
                    "seq": seq,
                },
            });
            let to = subscription.id.to_string();
            let post = Post::new(key, "webhook", &to, (case.id, seq), due);
            self.put(batch, post.saying(word, body.to_string()));
        }
    }

    /// What an event says to customers, each change of it under a key of its own.
    fn outward(&self, batch: &mut Batch, case: &Case, event: &Event, seq: i64, due: Moment) {
        for (no, change) in event.changes.iter().enumerate() {
            let Change::Told {
                to,
                zh,
                outgoing: Some(outgoing),
                ..
            } = change
            else {
                continue;
            };
            let customers = to.iter().filter_map(|one| match one {
                Addressee::Customer { customer, address } => Some((*customer, address.as_deref())),
                _ => None,
            });
            for (customer, named) in customers {
                let own = customer
                    .map(|customer| self.addresses.of(customer))
                    .unwrap_or_default();
                let key = format!("c{}-{seq}-{no}", case.id);
                let way = outward::way(outgoing.channel, named, own, self.routes.ready);
                let saying = outward::Saying {
                    number: &case.number,
                    text: zh,
                    message: outgoing.message.as_ref(),
                };
                let post = match &way {
                    Ok((channel, recipient)) => {
                        let (subject, body) = saying.on(*channel);
                        Post::new(key, outward::word(*channel), recipient, (case.id, seq), due)
                            .saying(&subject, body)
                    }
                    Err(wanted) => {
                        Post::new(key, outward::word(*wanted), "", (case.id, seq), due).unreachable()
                    }
                };
                self.put(batch, post.outward(customer));
            }
        }
    }

    fn put(&self, batch: &mut Batch, post: Post) {
        batch.write(RowWrite::Put(post.row(self.store.new_id(), self.now)));
    }
}
