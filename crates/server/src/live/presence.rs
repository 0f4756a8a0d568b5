//! Who has a case open now, and who is typing: known to this node for its own connections, and heard of from the others.
//!
//! Presence is no history and no table. It hangs on an open event stream and ends with it; nodes tell each other by words
//! that the store passes on and nobody keeps ([`store::Store::pass_on`]). What another node said is believed for
//! [`BELIEVED_MS`]; each node says it again in half that time, so that a node that died is forgotten.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use regulation::Id;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, broadcast};

use crate::app::App;

/// How long another node's word is believed.
const BELIEVED_MS: i64 = 40_000;
/// How often a node says again what it knows of its own connections.
const AGAIN: Duration = Duration::from_secs(15);
/// How many cases a slow listener may lag behind; it reads the present state anyway.
const BUFFER: usize = 256;

/// One open screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Looking {
    /// Who.
    #[serde(rename = "p")]
    pub(super) person: Id,
    /// Which case is open; none for a screen that shows none.
    #[serde(rename = "c")]
    pub(super) case: Option<Id>,
    /// The action whose form is being filled in.
    #[serde(rename = "t")]
    pub(super) typing: Option<String>,
}

/// What nodes tell each other.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "w", rename_all = "snake_case")]
enum Word {
    /// A node has come and asks what there is.
    Asks,
    /// A connection shows this now.
    Shows {
        #[serde(rename = "n")]
        connection: i64,
        #[serde(flatten)]
        looking: Looking,
    },
    /// A connection is over.
    Over {
        #[serde(rename = "n")]
        connection: i64,
    },
    /// A request for another node's connection came here.
    Wants {
        #[serde(rename = "n")]
        connection: i64,
        #[serde(flatten)]
        looking: Looking,
    },
}

/// What is known, by connection.
#[derive(Debug, Default)]
struct Known {
    own: HashMap<i64, Looking>,
    /// With the time until which it is believed.
    others: HashMap<i64, (Looking, i64)>,
    /// Words that were not passed on yet.
    untold: Vec<Word>,
}

/// Everybody's presence, as this node knows it.
#[derive(Debug)]
pub struct Presence {
    known: Mutex<Known>,
    untold: Notify,
    changed: broadcast::Sender<Id>,
}

impl Default for Presence {
    fn default() -> Self {
        Presence {
            known: Mutex::default(),
            untold: Notify::new(),
            changed: broadcast::channel(BUFFER).0,
        }
    }
}

impl Presence {
    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, cases: impl IntoIterator<Item = Id>) {
        for case in cases {
            // Nobody listening is no error.
            let _ = self.changed.send(case);
        }
    }

    /// Told of each case whose presence changed.
    pub(super) fn changes(&self) -> broadcast::Receiver<Id> {
        self.changed.subscribe()
    }

    /// A stream was opened on this node.
    pub(super) fn came(&self, connection: i64, person: Id) {
        let looking = Looking {
            person,
            case: None,
            typing: None,
        };
        self.with(|known| known.own.insert(connection, looking));
    }

    /// A stream of this node is over.
    pub(super) fn went(&self, connection: i64) {
        let was = self.with(|known| {
            let was = known.own.remove(&connection)?.case;
            was.inspect(|_| known.untold.push(Word::Over { connection }))
        });
        if was.is_some() {
            self.untold.notify_one();
            self.tell(was);
        }
    }

    /// What a connection of this node has open.
    pub(super) fn open_at(&self, connection: i64) -> Option<Id> {
        self.with(|known| known.own.get(&connection)?.case)
    }

    /// A screen shows this now. A connection of somebody else's, or one that is over, is nobody's.
    pub(super) fn shows(&self, connection: i64, looking: Looking) {
        let cases = self.with(|known| match known.own.get_mut(&connection) {
            Some(own) if own.person != looking.person || *own == looking => BTreeSet::new(),
            Some(own) => {
                let cases = [own.case, looking.case].into_iter().flatten().collect();
                own.clone_from(&looking);
                known.untold.push(Word::Shows { connection, looking });
                cases
            }
            None => {
                known.untold.push(Word::Wants { connection, looking });
                BTreeSet::new()
            }
        });
        self.untold.notify_one();
        self.tell(cases);
    }

    /// A screen has left this case.
    pub(super) fn leaves(&self, connection: i64, person: Id, case: Id) {
        let elsewhere = self.with(|known| {
            known
                .own
                .get(&connection)
                .is_some_and(|own| own.case != Some(case))
        });
        if !elsewhere {
            let looking = Looking {
                person,
                case: None,
                typing: None,
            };
            self.shows(connection, looking);
        }
    }

    /// Who has a case open: each person once, with what they type, if anything.
    pub(super) fn at(&self, case: Id, now: i64) -> Vec<(Id, Option<String>)> {
        let mut found: Vec<(Id, Option<String>)> = self.with(|known| {
            let others = known.others.values().filter(|(_, until)| *until > now);
            let all = known.own.values().chain(others.map(|(looking, _)| looking));
            all.filter(|looking| looking.case == Some(case))
                .map(|looking| (looking.person, looking.typing.clone()))
                .collect()
        });
        // Of several screens of one person, the one that is typed at.
        found.sort_by(|a, b| (a.0, a.1.is_none(), &a.1).cmp(&(b.0, b.1.is_none(), &b.1)));
        found.dedup_by_key(|(person, _)| *person);
        found
    }

    /// Takes in what another node said; the cases it concerns.
    fn hears(&self, word: Word, now: i64) -> BTreeSet<Id> {
        let (cases, wants) = self.with(|known| match word {
            Word::Asks => {
                again(known);
                (BTreeSet::new(), None)
            }
            // One's own words come back too.
            Word::Shows { connection, .. } if known.own.contains_key(&connection) => (BTreeSet::new(), None),
            Word::Shows { connection, looking } => {
                let case = looking.case;
                let before = match case {
                    Some(_) => known
                        .others
                        .insert(connection, (looking.clone(), now + BELIEVED_MS)),
                    None => known.others.remove(&connection),
                };
                let same = before.as_ref().is_some_and(|(before, _)| *before == looking);
                let was = before.and_then(|(before, _)| before.case);
                let cases = was.into_iter().chain(case).filter(|_| !same).collect();
                (cases, None)
            }
            Word::Over { connection } => {
                let was = known.others.remove(&connection);
                (was.and_then(|(was, _)| was.case).into_iter().collect(), None)
            }
            Word::Wants { connection, looking } => {
                let own = known.own.contains_key(&connection);
                (BTreeSet::new(), own.then_some((connection, looking)))
            }
        });
        if let Some((connection, looking)) = wants {
            self.shows(connection, looking);
        }
        self.untold.notify_one();
        cases
    }

    /// Forgets what is believed no longer; the cases it concerned.
    fn forget(&self, now: i64) -> BTreeSet<Id> {
        self.with(|known| {
            let mut cases = BTreeSet::new();
            known.others.retain(|_, (looking, until)| {
                let stays = *until > now;
                if !stays {
                    cases.extend(looking.case);
                }
                stays
            });
            again(known);
            cases
        })
    }
}

/// Says again what the own connections show.
fn again(known: &mut Known) {
    let open = known.own.iter().filter(|(_, looking)| looking.case.is_some());
    let words: Vec<Word> = open
        .map(|(connection, looking)| Word::Shows {
            connection: *connection,
            looking: looking.clone(),
        })
        .collect();
    known.untold.extend(words);
}

/// Passes words on and takes in those of other nodes, until the application stops.
pub(super) async fn keep(app: Arc<App>) {
    let (presence, store) = (&app.live.presence, &app.centre.store);
    let mut heard = store.passed_on();
    let mut turn = tokio::time::interval(AGAIN);
    presence.with(|known| known.untold.push(Word::Asks));
    loop {
        tokio::select! {
            word = heard.recv() => match word {
                Ok(word) => {
                    // A word of a later version of the program is none to this one.
                    if let Ok(word) = serde_json::from_str::<Word>(&word) {
                        let cases = presence.hears(word, store.now());
                        presence.tell(cases);
                    }
                }
                // What was missed is said again.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            _ = turn.tick() => {
                let cases = presence.forget(store.now());
                presence.tell(cases);
                presence.untold.notify_one();
            }
            () = presence.untold.notified() => {
                for word in presence.with(|known| std::mem::take(&mut known.untold)) {
                    let Ok(text) = serde_json::to_string(&word) else { continue };
                    if let Err(error) = store.pass_on(&text).await {
                        // It is said again with the next turn.
                        tracing::debug!(%error, "a word for other nodes was not passed on");
                        break;
                    }
                }
            }
            () = app.live.stopped() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looking(person: i64, case: i64, typing: Option<&str>) -> Looking {
        Looking {
            person: Id(person),
            case: Some(Id(case)),
            typing: typing.map(str::to_owned),
        }
    }

    #[test]
    fn a_person_is_there_once_and_until_the_last_screen_is_closed() {
        let presence = Presence::default();
        presence.came(1, Id(50));
        presence.came(2, Id(50));
        presence.shows(1, looking(50, 9, None));
        presence.shows(2, looking(50, 9, Some("reply")));
        assert_eq!(presence.at(Id(9), 0), [(Id(50), Some("reply".to_owned()))]);
        presence.went(2);
        assert_eq!(presence.at(Id(9), 0), [(Id(50), None)]);
        presence.leaves(1, Id(50), Id(8));
        assert_eq!(presence.at(Id(9), 0).len(), 1);
        presence.leaves(1, Id(50), Id(9));
        assert_eq!(presence.at(Id(9), 0), []);
    }

    #[test]
    fn nobody_speaks_for_somebody_elses_screen() {
        let presence = Presence::default();
        presence.came(1, Id(50));
        presence.shows(1, looking(51, 9, None));
        presence.shows(3, looking(51, 9, None));
        assert_eq!(presence.at(Id(9), 0), []);
        // Nor over another node.
        let wants = Word::Wants {
            connection: 1,
            looking: looking(51, 9, None),
        };
        assert!(presence.hears(wants, 0).is_empty());
        assert_eq!(presence.at(Id(9), 0), []);
    }

    #[test]
    fn another_nodes_word_is_believed_for_a_while() {
        let presence = Presence::default();
        let shows = || Word::Shows {
            connection: 7,
            looking: looking(50, 9, None),
        };
        assert_eq!(presence.hears(shows(), 0), BTreeSet::from([Id(9)]));
        // Said again it is no news, and believed longer.
        assert!(presence.hears(shows(), 30_000).is_empty());
        assert!(presence.forget(BELIEVED_MS).is_empty());
        assert_eq!(presence.at(Id(9), BELIEVED_MS).len(), 1);
        assert_eq!(presence.forget(30_000 + BELIEVED_MS), BTreeSet::from([Id(9)]));
        assert_eq!(presence.at(Id(9), 30_000), []);
        presence.hears(shows(), 0);
        assert_eq!(
            presence.hears(Word::Over { connection: 7 }, 1),
            BTreeSet::from([Id(9)])
        );
    }
}
