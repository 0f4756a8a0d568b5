//! What of the catalogue is carried and proved: `docs/coverage.md`, made from `docs/rules.yaml`, the packs and the
//! names of the tests, and compared with the file as committed.
//!
//! A rule that is called done needs a carrier (a clause of a pack that names it, or a file) and a test; one that is
//! said to wait may have neither. `SHOUWEN_WRITE=1 cargo test -p regulation --test coverage` writes the file anew.

#![allow(clippy::unwrap_used, clippy::panic)]

mod fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use regulation::load;
use regulation::source::{Mistakes, Node, yaml};

const REWRITE: &str = "run `SHOUWEN_WRITE=1 cargo test -p regulation --test coverage`";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Done,
    Partly,
    Waits,
}

/// A rule as `docs/rules.yaml` states it.
struct Rule {
    id: String,
    what: String,
    state: State,
    missing: String,
    waits_for: Vec<String>,
    by: Vec<String>,
    tests: Vec<String>,
}

struct Rules {
    rooms: Vec<(String, String)>,
    families: Vec<(String, String)>,
    rules: Vec<Rule>,
}

/// What was found of a rule in packs and tests.
#[derive(Default)]
struct Found {
    /// Titles of clauses by pack.
    clauses: BTreeMap<String, BTreeSet<String>>,
    /// How many tests in words, by pack.
    in_words: BTreeMap<String, usize>,
    /// Names of tests in Rust and TypeScript.
    named: BTreeSet<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn pairs(node: &Node, mistakes: &Mistakes) -> Vec<(String, String)> {
    let entries = node.entries(mistakes).iter();
    entries
        .map(|(key, value)| (key.text.clone(), value.as_text().unwrap().to_owned()))
        .collect()
}

fn texts(node: &Node, key: &str) -> Vec<String> {
    let many = node.get(key).map(Node::one_or_many).unwrap_or_default();
    many.iter().map(|one| one.as_text().unwrap().to_owned()).collect()
}

fn rules() -> Rules {
    let mistakes = Mistakes::new();
    let text = std::fs::read_to_string(root().join("docs/rules.yaml")).unwrap();
    let file = yaml::parse("docs/rules.yaml", &text, &mistakes);
    let mistakes_found = mistakes.into_sorted();
    assert!(mistakes_found.is_empty(), "{mistakes_found:?}");
    let (file, mistakes) = (file.unwrap(), Mistakes::new());
    let rule = |(key, node): &(_, Node)| {
        let key: &regulation::source::Key = key;
        let text = |name: &str| {
            node.get(name)
                .and_then(Node::as_text)
                .unwrap_or_default()
                .to_owned()
        };
        let state = match text("state").as_str() {
            "done" => State::Done,
            "partly" => State::Partly,
            "waits" => State::Waits,
            other => panic!(
                "{}: the state \"{other}\" is none of done, partly, waits",
                key.text
            ),
        };
        Rule {
            id: key.text.clone(),
            what: text("what"),
            state,
            missing: text("missing"),
            waits_for: texts(node, "for"),
            by: texts(node, "by"),
            tests: texts(node, "tests"),
        }
    };
    Rules {
        rooms: pairs(file.get("rooms").unwrap(), &mistakes),
        families: pairs(file.get("families").unwrap(), &mistakes),
        rules: file
            .get("rules")
            .unwrap()
            .entries(&mistakes)
            .iter()
            .map(rule)
            .collect(),
    }
}

/// Files below a folder whose name ends so, in a fixed order; what is built or fetched is left out.
fn files(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(here) = folders.pop() {
        for entry in std::fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "node_modules" | "dist") && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if ends.iter().any(|end| name.ends_with(end)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `cmp_3_…` and `…_and_cmp_12_…` carry CMP-3 and CMP-12.
fn ids_in_name(name: &str, families: &BTreeSet<String>) -> Vec<String> {
    let words: Vec<&str> = name.split('_').collect();
    let id = |pair: &[&str]| {
        let family = pair[0].to_uppercase();
        let number = pair[1].parse::<u32>().ok()?;
        families.contains(&family).then(|| format!("{family}-{number}"))
    };
    words.windows(2).filter_map(id).collect()
}

/// `CMP-3` in a title.
fn ids_in_title(title: &str, families: &BTreeSet<String>) -> Vec<String> {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let id = |word: &str| {
        let (family, number) = word.split_once('-')?;
        let number = number.parse::<u32>().ok()?;
        families.contains(family).then(|| format!("{family}-{number}"))
    };
    words.filter_map(id).collect()
}

/// Names of the tests in a Rust file: functions under an attribute `test`, unless left out of the usual run, and what
/// the store's tests run on both databases.
fn rust_tests(text: &str) -> Vec<String> {
    let name = |rest: &str| {
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    let mut names: Vec<String> = text.split("\nboth!(").skip(1).map(name).collect();
    let mut attributes = String::new();
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[") {
            attributes.push_str(line);
        } else if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ") {
            if attributes.contains("test") && !attributes.contains("ignore") {
                names.push(name(rest));
            }
            attributes.clear();
        } else if !line.starts_with("//") {
            attributes.clear();
        }
    }
    names
}

/// Titles of the tests in a TypeScript file.
fn web_tests(text: &str) -> Vec<String> {
    let title = |line: &str| {
        let rest = ["test(", "it("]
            .iter()
            .find_map(|word| line.trim_start().strip_prefix(word))?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        rest[1..].split(quote).next().map(str::to_owned)
    };
    text.lines().filter_map(title).collect()
}

/// Everything found, by rule, and the names of all tests.
fn found(families: &BTreeSet<String>) -> (BTreeMap<String, Found>, BTreeSet<String>) {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let library = fixture::library(&fixture::packs());
    for (name, pack) in &library {
        let pack = load::load(pack, &library).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:?}"));
        for clause in pack.clauses.iter().filter(|clause| *clause.id.pack == *name) {
            for rule in &clause.rules {
                let clauses = &mut found.entry(rule.clone()).or_default().clauses;
                clauses
                    .entry(name.clone())
                    .or_default()
                    .insert(clause.id.clause.to_string());
            }
        }
    }
    let in_words = [fixture::packs(), fixture::fixtures()];
    for path in in_words.iter().flat_map(|folder| files(folder, &[".yaml"])) {
        let folder = path.parent().unwrap();
        if folder.file_name().is_none_or(|name| name != "tests") {
            continue;
        }
        let pack = folder
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let node = yaml::parse(
            "tests",
            &std::fs::read_to_string(&path).unwrap(),
            &Mistakes::new(),
        )
        .unwrap();
        for test in node.get("tests").map(Node::one_or_many).unwrap_or_default() {
            for rule in texts(test, "rules") {
                *found
                    .entry(rule)
                    .or_default()
                    .in_words
                    .entry(pack.clone())
                    .or_default() += 1;
            }
        }
    }
    let mut all = BTreeSet::new();
    for path in ["crates", "tests"]
        .iter()
        .flat_map(|folder| files(&root().join(folder), &[".rs"]))
    {
        for name in rust_tests(&std::fs::read_to_string(path).unwrap()) {
            for rule in ids_in_name(&name, families) {
                found.entry(rule).or_default().named.insert(name.clone());
            }
            all.insert(name);
        }
    }
    for path in files(&root().join("web"), &[".test.ts", ".spec.ts"]) {
        for title in web_tests(&std::fs::read_to_string(path).unwrap()) {
            for rule in ids_in_title(&title, families) {
                found.entry(rule).or_default().named.insert(title.clone());
            }
            all.insert(title);
        }
    }
    (found, all)
}

/// What of `docs/rules.yaml` is not true.
fn untrue(rules: &Rules, found: &BTreeMap<String, Found>, tests: &BTreeSet<String>) -> Vec<String> {
    let known: BTreeSet<&str> = rules.rules.iter().map(|rule| rule.id.as_str()).collect();
    let unknown = found.keys().filter(|id| !known.contains(id.as_str()));
    let mut untrue: Vec<String> = unknown
        .map(|id| format!("{id} is named by a pack or a test, and docs/rules.yaml does not know it"))
        .collect();
    let nothing = Found::default();
    for rule in &rules.rules {
        let (id, found) = (&rule.id, found.get(&rule.id).unwrap_or(&nothing));
        let carried = !found.clauses.is_empty() || !rule.by.is_empty();
        let proved = !found.in_words.is_empty() || !found.named.is_empty() || !rule.tests.is_empty();
        match rule.state {
            State::Done | State::Partly if !carried => {
                untrue.push(format!("{id}: no clause and no file carries it"))
            }
            State::Done if !proved => untrue.push(format!("{id} is called done, and no test names it")),
            State::Partly if rule.missing.is_empty() => untrue.push(format!("{id}: say what is `missing`")),
            State::Waits if carried || proved => {
                untrue.push(format!(
                    "{id} is said to wait, and something carries or tests it: say what is there"
                ));
            }
            _ => {}
        }
        if (rule.state == State::Done) != rule.waits_for.is_empty() {
            untrue.push(format!(
                "{id}: `for` belongs to what is missing, and to nothing else"
            ));
        }
        let rooms = rule
            .waits_for
            .iter()
            .filter(|room| !rules.rooms.iter().any(|(key, _)| key == *room));
        untrue.extend(rooms.map(|room| format!("{id}: there is no room \"{room}\"")));
        let files = rule.by.iter().filter(|file| !root().join(file).is_file());
        untrue.extend(files.map(|file| format!("{id}: there is no file {file}")));
        let missing = rule.tests.iter().filter(|test| !tests.contains(*test));
        untrue.extend(missing.map(|test| format!("{id}: there is no test {test}")));
    }
    untrue
}

fn state(rule: &Rule) -> String {
    let rooms = rule.waits_for.join(", ");
    match rule.state {
        State::Done => "**done**".to_owned(),
        State::Partly => format!("partly: {} ({rooms})", rule.missing),
        State::Waits => format!("waits for: {rooms}"),
    }
}

fn carried(rule: &Rule, found: &Found) -> String {
    let clauses = found.clauses.iter().map(|(pack, clauses)| {
        let clauses: Vec<&str> = clauses.iter().map(String::as_str).collect();
        format!("*{pack}* {}", clauses.join(", "))
    });
    let files = rule.by.iter().map(|file| {
        let short = file.strip_prefix("crates/").unwrap_or(file);
        format!("[{}](../{file})", short.replace("/src/", "/"))
    });
    clauses.chain(files).collect::<Vec<_>>().join("; ")
}

fn proved(rule: &Rule, found: &Found) -> String {
    let in_words = found
        .in_words
        .iter()
        .map(|(pack, count)| format!("{count} in *{pack}*"));
    let named = found
        .named
        .iter()
        .chain(&rule.tests)
        .map(|name| format!("`{name}`"));
    let proofs = in_words.chain(named).collect::<Vec<_>>().join("; ");
    if proofs.is_empty() && rule.state != State::Waits {
        return "no test names it".to_owned();
    }
    proofs
}

fn page(rules: &Rules, found: &BTreeMap<String, Found>) -> String {
    let mut page = String::from(
        "# Coverage\n\nMade by `crates/regulation/tests/coverage.rs` from `docs/rules.yaml`, the packs and the names of the \
         tests; not written by hand.\n\nA rule is *done* when a pack states it (or a part of the program carries it), \
         the engine enforces or records it, the API reaches it, and a test breaks when it breaks. *Carried by* names the \
         clauses that say so themselves (`rules:` in a pack) and files; *proved by* counts the tests in words of each \
         pack (`hard-cases` is a fixture of the engine's own tests) and names the others. What waits names the part that \
         will bring it:\n\n",
    );
    for (room, what) in &rules.rooms {
        writeln!(page, "- **{room}**: {what}").unwrap();
    }
    page.push_str("\n| family | rules | done | partly | waits |\n|---|--:|--:|--:|--:|\n");
    let family = |key: &str| -> Vec<&Rule> {
        let of = |rule: &&Rule| rule.id.split('-').next() == Some(key);
        rules.rules.iter().filter(of).collect()
    };
    let counted = |rules: &[&Rule]| {
        let count = |state| rules.iter().filter(|rule| rule.state == state).count();
        let [done, partly, waits] = [State::Done, State::Partly, State::Waits].map(count);
        format!("{} | {done} | {partly} | {waits} |", rules.len())
    };
    for (key, title) in &rules.families {
        writeln!(page, "| {key} {title} | {}", counted(&family(key))).unwrap();
    }
    writeln!(
        page,
        "| all | {}",
        counted(&rules.rules.iter().collect::<Vec<_>>())
    )
    .unwrap();
    let nothing = Found::default();
    for (key, title) in &rules.families {
        writeln!(page, "\n## {key}: {title}\n").unwrap();
        page.push_str("| id | what | state | carried by | proved by |\n|---|---|---|---|---|\n");
        for rule in family(key) {
            let found = found.get(&rule.id).unwrap_or(&nothing);
            let (state, carried, proved) = (state(rule), carried(rule, found), proved(rule, found));
            writeln!(
                page,
                "| {} | {} | {state} | {carried} | {proved} |",
                rule.id, rule.what
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_coverage_of_the_catalogue_is_as_packs_and_tests_have_it() {
    let rules = rules();
    let families = rules.families.iter().map(|(key, _)| key.clone()).collect();
    let (found, tests) = found(&families);
    let untrue = untrue(&rules, &found, &tests);
    assert!(
        untrue.is_empty(),
        "docs/rules.yaml is not true:\n{}",
        untrue.join("\n")
    );

    let page = page(&rules, &found);
    let path = root().join("docs/coverage.md");
    if std::env::var("SHOUWEN_WRITE").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let other = page
        .lines()
        .zip(committed.lines())
        .find(|(made, there)| made != there);
    assert!(
        committed == page,
        "docs/coverage.md is not as it follows ({other:?}): {REWRITE}"
    );
}

#[test]
fn names_and_titles_carry_rule_ids() {
    let families = ["CMP", "LOG"].map(str::to_owned).into();
    let carried = |name: &str| ids_in_name(name, &families);
    assert_eq!(
        carried("log_12_tightens_and_cmp_12_replaces"),
        ["LOG-12", "CMP-12"]
    );
    assert_eq!(carried("a_cmp_without_number_and_gen_3"), Vec::<String>::new());
    assert_eq!(ids_in_title("CMP-3: two rounds, UTF-8", &families), ["CMP-3"]);
    let source =
        "#[test]\n/// Why.\nfn one() {}\nfn two() {}\n#[test]\n#[ignore = \"long\"]\nfn three() {}\n";
    assert_eq!(rust_tests(source), ["one"]);
    assert_eq!(rust_tests("\nboth!(\n    holds,\n    |place| {"), ["holds"]);
    assert_eq!(web_tests("test('CMP-3 walks', () => {"), ["CMP-3 walks"]);
}
