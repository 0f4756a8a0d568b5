//! Names, types and cost of an expression; a checked tree becomes code.

mod binary;
mod call;
mod compatible;

use std::sync::Arc;

use super::code::{Code, Path};
use super::problem::Problem;
use super::tree::{Tree, TreeKind};
use super::types::{Environment, ObjectType, Type};
use super::value::Value;
use super::{HIGHEST_COST, MOST_NAMES, Read};
use crate::source::nearest;
use compatible::{joined, note_strange_literals, takes};

/// What came out of an expression without mistakes.
pub(super) struct Whole {
    pub code: Code,
    pub reads: Vec<Read>,
    pub result: Type,
    pub cost: u64,
}

pub(super) fn check(
    tree: &Tree,
    expected: Option<&Type>,
    environment: &Environment,
) -> Result<Whole, Vec<Problem>> {
    let mut checker = Checker {
        environment,
        variable: None,
        problems: Vec::new(),
        reads: Vec::new(),
    };
    let part = checker.value(tree);
    if let (Some(part), Some(expected)) = (&part, expected) {
        checker.expect(tree, &part.kind, expected);
    }
    if let Some(part) = &part
        && part.cost > HIGHEST_COST
    {
        checker.problems.push(Problem::new(
            tree.at,
            "expression.too_costly",
            (
                format!("条件最坏要算 {} 步，上限 {HIGHEST_COST}", part.cost),
                format!("It may take {} steps, more than {HIGHEST_COST}", part.cost),
            ),
            ("请少用列表里套列表", "Look through fewer lists inside lists"),
        ));
    }
    match part {
        Some(part) if checker.problems.is_empty() => Ok(Whole {
            code: part.code,
            reads: checker.reads,
            result: part.kind,
            cost: part.cost,
        }),
        _ => Err(checker.problems),
    }
}

/// A checked part.
struct Part {
    kind: Type,
    code: Code,
    cost: u64,
}

impl Part {
    fn new(kind: Type, cost: u64, code: Code) -> Self {
        Part {
            kind,
            code,
            cost: cost.saturating_add(1),
        }
    }

    /// A part over two others.
    fn over(kind: Type, left: Part, right: Part, code: impl FnOnce(Box<Code>, Box<Code>) -> Code) -> Self {
        Part::new(
            kind,
            left.cost.saturating_add(right.cost),
            code(Box::new(left.code), Box::new(right.code)),
        )
    }
}

struct Checker<'e> {
    environment: &'e Environment,
    /// The variable of the `all`, `exists`, `filter` or `map` around this part.
    variable: Option<(String, Type)>,
    problems: Vec<Problem>,
    reads: Vec<Read>,
}

/// A mismatch: where, what is wrong, what to do.
type Words = (String, String);

impl<'e> Checker<'e> {
    fn problem(&mut self, at: usize, code: &'static str, reason: Words, remedy: Words) {
        self.problems.push(Problem::new(at, code, reason, remedy));
    }

    fn unknown(&mut self, at: usize, reason: Words, name: &str, known: &[String]) {
        let bare = |known: &'_ str| known.trim_end_matches("(…)").to_owned();
        let bares: Vec<String> = known.iter().map(|known| bare(known)).collect();
        let (mut zh, mut en) = match nearest(name, bares.iter().map(String::as_str)) {
            Some(near) => (
                format!("是否应为“{near}”？"),
                format!("Did you mean \"{near}\"? "),
            ),
            None => (String::new(), String::new()),
        };
        // Long lists hide the answer.
        const SHOWN: usize = 12;
        let more = known.len() > SHOWN;
        let known = &known[..known.len().min(SHOWN)];
        zh.push_str(&format!(
            "可用：{}{}",
            known.join("、"),
            if more { "……" } else { "" }
        ));
        en.push_str(&format!(
            "Known: {}{}",
            known.join(", "),
            if more { ", …" } else { "" }
        ));
        self.problem(at, "expression.unknown", reason, (zh, en));
    }

    /// The result must be of this type.
    fn expect(&mut self, tree: &Tree, actual: &Type, expected: &Type) {
        if note_strange_literals(tree, expected, &mut self.problems) {
            return;
        }
        if !takes(tree, actual, expected) {
            let reason = (
                format!("此处应为{}，实为{}", expected.zh(), actual.zh()),
                format!("This gives {actual}, but {expected} is needed"),
            );
            let remedy = match (actual, expected) {
                (Type::Text, Type::Choice(choice)) => (
                    format!("请写其中之一：{}", choice.allowed.join("、")),
                    format!("Write one of: {}", choice.allowed.join(", ")),
                ),
                (_, Type::Bool) => (
                    "请写成比较，例如 x == 1".into(),
                    "Write a comparison, such as x == 1".into(),
                ),
                _ => (format!("请改为{}", expected.zh()), format!("Write {expected}")),
            };
            self.problem(tree.start(), "expression.type", reason, remedy);
        }
    }

    /// A part that is a value: not an object as a whole.
    fn value(&mut self, tree: &Tree) -> Option<Part> {
        let part = self.part(tree)?;
        if let Type::Object(name) = &part.kind {
            let names = self.members(name);
            let reason = (
                format!("“{tree}”是一个对象，不是值"),
                format!("\"{tree}\" is an object, not a value"),
            );
            let remedy = (
                format!("请写其中一项：{}", names.join("、")),
                format!("Name a part of it: {}", names.join(", ")),
            );
            self.problem(tree.start(), "expression.object", reason, remedy);
            return None;
        }
        if let Code::Path(path) = &part.code {
            self.reads(path, None, None);
        }
        Some(part)
    }

    fn reads(&mut self, path: &Path, method: Option<Arc<str>>, argument: Option<Arc<str>>) {
        let read = Read {
            path: path.clone(),
            method,
            argument,
        };
        if !self.reads.contains(&read) {
            self.reads.push(read);
        }
    }

    /// A value of this type.
    fn of_type(&mut self, tree: &Tree, expected: &Type) -> Option<Part> {
        let part = self.value(tree)?;
        let before = self.problems.len();
        self.expect(tree, &part.kind, expected);
        (self.problems.len() == before).then_some(part)
    }

    fn object(&self, name: &str) -> Option<&'e ObjectType> {
        self.environment.objects.get(name).map(|object| &**object)
    }

    fn members(&self, name: &str) -> Vec<String> {
        let Some(object) = self.object(name) else {
            return Vec::new();
        };
        let fields = object.fields.keys().map(|field| field.to_string());
        let mut names: Vec<String> = fields
            .chain(object.methods.keys().map(|method| format!("{method}(…)")))
            .collect();
        names.sort();
        names
    }

    fn part(&mut self, tree: &Tree) -> Option<Part> {
        match &tree.kind {
            TreeKind::Bool(truth) => Some(Part::new(Type::Bool, 0, Code::Constant(Value::Bool(*truth)))),
            TreeKind::Int(number) => Some(Part::new(Type::Int, 0, Code::Constant(Value::Int(*number)))),
            TreeKind::Text(text) => Some(Part::new(
                Type::Text,
                0,
                Code::Constant(Value::text(text.as_str())),
            )),
            TreeKind::Name(name) => self.name(tree, name),
            TreeKind::Member(of, name) => self.member(of, name, tree.at),
            TreeKind::Index(of, key) => match key.literal() {
                Some(name) => self.member(of, name, key.at),
                None => {
                    let reason = (
                        "方括号里只能是带引号的名称",
                        "Only a name in quotes can stand in brackets",
                    );
                    let remedy = (
                        "例如 a['紧急程度']；列表请用 exists、all",
                        "Such as a['x']; for lists use exists or all",
                    );
                    self.problems
                        .push(Problem::new(key.at, "expression.index", reason, remedy));
                    None
                }
            },
            TreeKind::List(items) => self.list(tree, items),
            TreeKind::Not(of) => {
                let of = self.of_type(of, &Type::Bool)?;
                Some(Part::new(Type::Bool, of.cost, Code::Not(Box::new(of.code))))
            }
            TreeKind::Negate(of) => {
                let part = self.value(of)?;
                if !matches!(part.kind, Type::Int | Type::Duration) {
                    self.expect(of, &part.kind, &Type::Int);
                    return None;
                }
                Some(Part::new(part.kind, part.cost, Code::Negate(Box::new(part.code))))
            }
            TreeKind::Logic(logic, items) => {
                let parts: Vec<Option<Part>> =
                    items.iter().map(|item| self.of_type(item, &Type::Bool)).collect();
                let parts: Vec<Part> = parts.into_iter().collect::<Option<_>>()?;
                let cost = parts.iter().map(|part| part.cost).sum();
                Some(Part::new(
                    Type::Bool,
                    cost,
                    Code::Logic(*logic, parts.into_iter().map(|p| p.code).collect()),
                ))
            }
            TreeKind::Binary(operator, left, right) => self.binary(tree, *operator, left, right),
            TreeKind::Choose(condition, yes, no) => {
                let condition = self.of_type(condition, &Type::Bool);
                let (yes_part, no_part) = (self.value(yes), self.value(no));
                let (condition, yes_part, no_part) = (condition?, yes_part?, no_part?);
                let Some(kind) = joined(yes, &yes_part.kind, no, &no_part.kind) else {
                    self.mismatch(
                        tree,
                        &yes_part.kind,
                        &no_part.kind,
                        ("两边须同类", "both sides must be of one kind"),
                    );
                    return None;
                };
                let cost = condition.cost.saturating_add(yes_part.cost.max(no_part.cost));
                let code = Code::Choose(
                    Box::new(condition.code),
                    Box::new(yes_part.code),
                    Box::new(no_part.code),
                );
                Some(Part::new(kind, cost, code))
            }
            TreeKind::Call(on, name, arguments) => self.call(tree, on.as_deref(), name, arguments),
        }
    }

    fn name(&mut self, tree: &Tree, name: &str) -> Option<Part> {
        if let Some((variable, kind)) = &self.variable
            && variable == name
        {
            return Some(Part::new(kind.clone(), 0, Code::Variable));
        }
        let environment = self.environment;
        if let Some((root, kind)) = environment.roots.get_key_value(name) {
            return Some(Part::new(kind.clone(), 0, Code::Path(Arc::from([root.clone()]))));
        }
        let mut known: Vec<String> = environment.roots.keys().map(|root| root.to_string()).collect();
        known.extend(self.variable.iter().map(|(variable, _)| variable.clone()));
        // A bare word that is an option somewhere is most often a text without its quotes.
        let reason = (
            format!("没有“{name}”（文字须加引号）"),
            format!("Nothing is called \"{name}\" (words need quotes)"),
        );
        self.unknown(tree.at, reason, name, &known);
        None
    }

    fn member(&mut self, of: &Tree, name: &str, at: usize) -> Option<Part> {
        let part = self.part(of)?;
        let Type::Object(object_name) = &part.kind else {
            let reason = (
                format!("“{of}”是{}，没有“{name}”", part.kind.zh()),
                format!("\"{of}\" is {}, it has no \"{name}\"", part.kind),
            );
            let remedy = ("请删去点号后的部分", "Remove what follows it");
            self.problems
                .push(Problem::new(at, "expression.type", reason, remedy));
            return None;
        };
        let found = self
            .object(object_name)
            .and_then(|object| object.fields.get_key_value(name));
        let Some((name, kind)) = found else {
            let known = self.members(object_name);
            self.unknown(
                at,
                (format!("{of} 没有“{name}”"), format!("{of} has no \"{name}\"")),
                name,
                &known,
            );
            return None;
        };
        let code = match part.code {
            Code::Path(path) => {
                if path.len() >= MOST_NAMES {
                    let reason = (
                        format!("名称超过 {MOST_NAMES} 段"),
                        format!("More than {MOST_NAMES} names in a row"),
                    );
                    self.problems.push(Problem::new(
                        at,
                        "expression.too_deep",
                        reason,
                        ("请缩短", "Shorten it"),
                    ));
                    return None;
                }
                Code::Path(path.iter().chain([name]).cloned().collect())
            }
            code => Code::Field(Box::new(code), name.clone()),
        };
        Some(Part::new(kind.clone(), part.cost, code))
    }

    fn list(&mut self, tree: &Tree, items: &[Tree]) -> Option<Part> {
        let parts: Vec<Option<Part>> = items.iter().map(|item| self.value(item)).collect();
        let parts: Vec<Part> = parts.into_iter().collect::<Option<_>>()?;
        let Some(first) = parts.first() else {
            let remedy = (
                "问列表是否为空请写 size(x) == 0",
                "Write size(x) == 0 to ask whether a list is empty",
            );
            self.problems.push(Problem::new(
                tree.at,
                "expression.empty_list",
                ("列表为空", "The list is empty"),
                remedy,
            ));
            return None;
        };
        let mut kind = first.kind.clone();
        for (item, part) in items.iter().zip(&parts).skip(1) {
            match joined(&items[0], &kind, item, &part.kind) {
                Some(common) => kind = common,
                None => {
                    let words = ("列表里须同类", "a list holds one kind of value");
                    self.mismatch(item, &kind, &part.kind, words);
                    return None;
                }
            }
        }
        let cost = parts.iter().map(|part| part.cost).sum();
        Some(Part::new(
            Type::list(kind),
            cost,
            Code::List(parts.into_iter().map(|part| part.code).collect()),
        ))
    }
}
