//! The files of a pack and of the packs it uses, read into trees and sorted by what they state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use calendar::Date;

use super::Library;
use super::conform::fits;
use crate::schema::{FRONT, KINDS, Kind, TESTS};
use crate::source::{Files, Mistakes, Node, Place, RegulationText, Said, markdown, yaml};

/// The version of the language that this program reads.
pub const LANGUAGE: u32 = 1;

/// The pack that every other one uses without saying so.
pub const HOUSE: &str = "house";

/// A pack's files as trees.
pub(crate) struct SourcePack {
    pub name: Arc<str>,
    pub title: Said,
    pub version: String,
    pub effective: Option<Date>,
    pub language: u32,
    pub owner: Option<Said>,
    pub text: RegulationText,
    pub files: Vec<(&'static Kind, Node)>,
    /// Names of the packs it uses, the house last.
    uses: Vec<(String, Place)>,
}

/// A pack and all it uses, users before used: where a name is stated twice, the first one holds.
pub(crate) struct Sources {
    pub packs: Vec<SourcePack>,
    /// Every file of all of them, under the pack's name: what the version's hash is taken over.
    pub all: Files,
    /// Which packs each one uses, directly or not.
    pub(super) reach: BTreeMap<Arc<str>, BTreeSet<String>>,
}

/// Reads a pack's files and those of every pack it uses.
pub(crate) fn gather(files: &Files, library: &dyn Library, mistakes: &Mistakes) -> Sources {
    let own = read(files, "", mistakes);
    let mut all = Files::new();
    keep(&mut all, &own.name, files);
    let mut found: BTreeMap<String, SourcePack> = BTreeMap::new();
    let mut wanted: Vec<(String, Place)> = own.uses.clone();
    while let Some((name, place)) = wanted.pop() {
        if found.contains_key(&name) || *own.name == *name {
            continue;
        }
        let Some(files) = library.files(&name) else {
            let known = library.names();
            mistakes.unknown(&place, "pack.unknown", &name, known.iter().map(String::as_str));
            continue;
        };
        let mut pack = read(&files, &name, mistakes);
        if *pack.name != *name {
            let place = pack
                .text
                .front
                .get("pack")
                .map_or(&pack.text.front.place, |node| &node.place);
            mistakes.note(
                place,
                "pack.other_name",
                (
                    format!("此规则包以“{name}”之名引用，自称“{}”", pack.name),
                    format!(
                        "This pack is used as \"{name}\" but calls itself \"{}\"",
                        pack.name
                    ),
                ),
                (
                    format!("写 pack: {name}，或改文件夹名"),
                    format!("Write `pack: {name}`, or rename its folder"),
                ),
            );
            pack.name = name.as_str().into();
        }
        keep(&mut all, &name, &files);
        wanted.extend(pack.uses.iter().cloned());
        found.insert(name, pack);
    }

    let mut order = Vec::new();
    let mut reach = BTreeMap::new();
    let mut path = Vec::new();
    visit(&own, &found, &mut order, &mut reach, &mut path, mistakes);
    let mut own = Some(own);
    let packs = order
        .into_iter()
        .rev()
        .filter_map(|name| {
            found
                .remove(&name)
                .or_else(|| own.take_if(|own| *own.name == *name))
        })
        .collect();
    Sources { packs, all, reach }
}

fn keep(all: &mut Files, pack: &str, files: &Files) {
    for file in files.iter() {
        all.insert(format!("{pack}/{}", file.path), &*file.text);
    }
}

/// Used before users, so that the turned order has users first.
fn visit(
    pack: &SourcePack,
    found: &BTreeMap<String, SourcePack>,
    order: &mut Vec<String>,
    reach: &mut BTreeMap<Arc<str>, BTreeSet<String>>,
    path: &mut Vec<String>,
    mistakes: &Mistakes,
) {
    path.push(pack.name.to_string());
    let mut reached = BTreeSet::new();
    for (name, place) in pack.uses.iter().rev() {
        if path.contains(name) {
            mistakes.note(
                place,
                "pack.circle",
                (
                    format!("规则包互相引用：{} → {name}", path.join(" → ")),
                    format!("Packs use each other in a circle: {} → {name}", path.join(" → ")),
                ),
                ("请删去其中一处 uses", "Take one of the `uses` away"),
            );
            continue;
        }
        let Some(used) = found.get(name) else { continue };
        if !reach.contains_key(&used.name) {
            visit(used, found, order, reach, path, mistakes);
        }
        reached.insert(name.clone());
        reached.extend(reach.get(&used.name).into_iter().flatten().cloned());
    }
    path.pop();
    reach.insert(pack.name.clone(), reached);
    order.push(pack.name.to_string());
}

/// Reads one pack's own files; places of a used pack's files begin with its name.
fn read(files: &Files, folder: &str, mistakes: &Mistakes) -> SourcePack {
    let shown = |path: &str| {
        if folder.is_empty() {
            path.to_owned()
        } else {
            format!("{folder}/{path}")
        }
    };
    let regulation = shown("regulation.md");
    let text = match files.get("regulation.md") {
        Some(text) => markdown::parse_regulation(&regulation, text, mistakes),
        None => {
            let place = Place::start_of(regulation);
            mistakes.note(
                &place,
                "pack.no_regulation",
                ("缺少 regulation.md", "There is no regulation.md"),
                (
                    "请写上规定的正文，每条前有编号",
                    "Write the regulation's own text, each clause with its number",
                ),
            );
            RegulationText {
                front: Node::empty_map(place),
                blocks: Vec::new(),
            }
        }
    };
    let mut trees = Vec::new();
    for file in files.iter() {
        let path = &*file.path;
        if path == "regulation.md" {
            continue;
        }
        if !(path.ends_with(".yaml") || path.ends_with(".yml")) {
            continue;
        }
        let Some(node) = yaml::parse(&shown(path), &file.text, mistakes) else {
            continue;
        };
        let Some(kind) = kind_of(&node, path, mistakes) else {
            continue;
        };
        // A used pack's tests are its own affair.
        if std::ptr::eq(kind.table, &TESTS) && !folder.is_empty() {
            continue;
        }
        fits(&node, kind.table, mistakes);
        trees.push((kind, node));
    }
    front(text, trees, mistakes)
}

fn front(text: RegulationText, files: Vec<(&'static Kind, Node)>, mistakes: &Mistakes) -> SourcePack {
    let front = &text.front;
    if front.get("pack").is_some() || front.is_map() && !front.entries(mistakes).is_empty() {
        fits(front, &FRONT, mistakes);
    }
    let word = |key: &str| front.get(key).and_then(Node::as_text);
    let said = |key: &str| {
        front
            .get(key)
            .filter(|node| node.is_map())
            .and_then(|node| node.said(mistakes))
    };
    let name: Arc<str> = word("pack").unwrap_or("pack").into();
    let language = word("language")
        .and_then(|text| text.parse().ok())
        .unwrap_or(LANGUAGE);
    if let Some(node) = front.get("language").filter(|_| language != LANGUAGE) {
        mistakes.note(
            &node.place,
            "pack.language",
            (
                format!("不认识语言版本 {language}"),
                format!("Version {language} of the language is not known"),
            ),
            (
                format!("本程序读第 {LANGUAGE} 版：写 language: {LANGUAGE}，或升级程序"),
                format!("This program reads version {LANGUAGE}: write `language: {LANGUAGE}`, or upgrade"),
            ),
        );
    }
    let mut uses: Vec<(String, Place)> = front
        .get("uses")
        .map(Node::one_or_many)
        .unwrap_or_default()
        .iter()
        .filter_map(|node| Some((node.as_text()?.to_owned(), node.place.clone())))
        .collect();
    if &*name != HOUSE && !uses.iter().any(|(used, _)| used == HOUSE) {
        uses.push((HOUSE.to_owned(), front.place.clone()));
    }
    SourcePack {
        title: said("title").unwrap_or_default(),
        version: word("version").unwrap_or_default().to_owned(),
        effective: word("effective").and_then(|text| text.parse().ok()),
        owner: said("owner"),
        language,
        name,
        uses,
        files,
        text,
    }
}

fn kind_of(node: &Node, path: &str, mistakes: &Mistakes) -> Option<&'static Kind> {
    let entries = node.entries(mistakes);
    if !node.is_map() {
        return None;
    }
    let kind = KINDS.iter().find(|kind| {
        entries
            .iter()
            .any(|(key, _)| kind.known_by.contains(&key.text.as_str()))
    });
    if kind.is_none() {
        let known: Vec<&str> = KINDS.iter().flat_map(|kind| kind.known_by).copied().collect();
        let (place, first) = entries
            .first()
            .map_or((&node.place, path), |(key, _)| (&key.place, key.text.as_str()));
        mistakes.unknown(place, "file.kind", first, known.into_iter());
    }
    kind
}
