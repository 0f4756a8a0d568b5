//! What the files of a pack and of the packs it uses state, sorted by kind and name.

use super::gather::{SourcePack, Sources};
use crate::source::{Key, Mistakes, Node, Place};

/// Something that a file states under a name.
#[derive(Clone, Copy)]
pub(crate) struct Stated<'a> {
    pub pack: &'a SourcePack,
    pub key: &'a str,
    pub place: &'a Place,
    pub node: &'a Node,
}

/// Everything stated, by kind; within a kind each name once, in the order of precedence.
#[derive(Default)]
pub(crate) struct Statements<'a> {
    pub procedures: Vec<Stated<'a>>,
    pub forms: Vec<Stated<'a>>,
    pub messages: Vec<Stated<'a>>,
    pub functions: Vec<Stated<'a>>,
    pub rights: Vec<Stated<'a>>,
    pub obligations: Vec<Stated<'a>>,
    pub phrases: Vec<Stated<'a>>,
    pub figures: Vec<Stated<'a>>,
    pub calendars: Vec<Stated<'a>>,
    pub clauses: Vec<Stated<'a>>,
    pub kept: Vec<(&'a SourcePack, &'a Node)>,
    pub documents: Vec<(&'a SourcePack, &'a Node)>,
    /// Who may back-date, in the order of precedence.
    pub back_dating: Vec<(&'a SourcePack, &'a Node)>,
    pub tests: Vec<&'a Node>,
}

impl Sources {
    /// The pack itself; the first of the list.
    pub fn own(&self) -> Option<&SourcePack> {
        self.packs.first()
    }

    /// Sorts what the files state by kind and name.
    pub fn statements(&self, mistakes: &Mistakes) -> Statements<'_> {
        let mut all = Statements::default();
        for (index, pack) in self.packs.iter().enumerate() {
            for (kind, node) in &pack.files {
                let one = |name: &str| node.get(name).and_then(|key| Some((key.as_text()?, &key.place)));
                match kind.table.name {
                    "procedure" => {
                        if let Some((key, place)) = one("procedure") {
                            self.state(
                                &mut all.procedures,
                                Stated {
                                    pack,
                                    key,
                                    place,
                                    node,
                                },
                                mistakes,
                            );
                        }
                        self.entries(&mut all.figures, pack, node.get("figures"), mistakes);
                    }
                    "form" => {
                        if let Some((key, place)) = one("form") {
                            self.state(
                                &mut all.forms,
                                Stated {
                                    pack,
                                    key,
                                    place,
                                    node,
                                },
                                mistakes,
                            );
                        }
                    }
                    "message" => {
                        if let Some((key, place)) = one("message") {
                            self.state(
                                &mut all.messages,
                                Stated {
                                    pack,
                                    key,
                                    place,
                                    node,
                                },
                                mistakes,
                            );
                        }
                    }
                    "functions" => self.entries(&mut all.functions, pack, node.get("functions"), mistakes),
                    "obligations" => {
                        self.entries(&mut all.obligations, pack, node.get("obligations"), mistakes)
                    }
                    "rights" => {
                        self.entries(&mut all.rights, pack, node.get("rights"), mistakes);
                        all.back_dating
                            .extend(node.get("back_dating").map(|node| (pack, node)));
                    }
                    // The same number in two packs is two clauses.
                    "clauses" => {
                        for (Key { text, place }, node) in node
                            .get("clauses")
                            .map(|node| node.entries(mistakes))
                            .unwrap_or_default()
                        {
                            all.clauses.push(Stated {
                                pack,
                                key: text,
                                place,
                                node,
                            });
                        }
                    }
                    "phrases" => self.entries(&mut all.phrases, pack, node.get("phrases"), mistakes),
                    "figures" => self.entries(&mut all.figures, pack, node.get("figures"), mistakes),
                    "document" => all
                        .documents
                        .extend(node.get("document").map(|node| (pack, node))),
                    "calendar" => {
                        let (key, place) = one("calendar").unwrap_or(("default", &node.place));
                        self.state(
                            &mut all.calendars,
                            Stated {
                                pack,
                                key,
                                place,
                                node,
                            },
                            mistakes,
                        );
                    }
                    "tests" if index == 0 => all.tests.push(node),
                    _ => {}
                }
                all.kept.extend(
                    node.get("kept_by_people")
                        .into_iter()
                        .flat_map(Node::one_or_many)
                        .map(|node| (pack, node)),
                );
            }
        }
        all
    }

    fn entries<'a>(
        &'a self,
        list: &mut Vec<Stated<'a>>,
        pack: &'a SourcePack,
        node: Option<&'a Node>,
        mistakes: &Mistakes,
    ) {
        let Some(node) = node.filter(|node| node.is_map()) else {
            return;
        };
        for (Key { text, place }, node) in node.entries(mistakes) {
            self.state(
                list,
                Stated {
                    pack,
                    key: text,
                    place,
                    node,
                },
                mistakes,
            );
        }
    }

    fn state<'a>(&'a self, list: &mut Vec<Stated<'a>>, new: Stated<'a>, mistakes: &Mistakes) {
        let Some(known) = list.iter().find(|known| known.key == new.key) else {
            list.push(new);
            return;
        };
        if known.pack.name == new.pack.name {
            mistakes.note(
                new.place,
                "name.twice",
                (
                    format!("“{}”已在 {} 写过", new.key, known.place),
                    format!("\"{}\" is already stated at {}", new.key, known.place),
                ),
                ("请改名，或删去其中一处", "Rename one of them, or take one away"),
            );
        } else if !self
            .reach
            .get(&known.pack.name)
            .is_some_and(|used| used.contains(&*new.pack.name))
        {
            mistakes.note(
                known.place,
                "name.ambiguous",
                (
                    format!(
                        "规则包 {} 与 {} 都写了“{}”，不知以哪个为准",
                        known.pack.name, new.pack.name, new.key
                    ),
                    format!(
                        "The packs {} and {} both state \"{}\", and neither uses the other",
                        known.pack.name, new.pack.name, new.key
                    ),
                ),
                (
                    "请在本规则包中写明，或改名",
                    "State it in this pack itself, or rename one of them",
                ),
            );
        }
    }
}
