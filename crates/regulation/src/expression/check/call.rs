//! Functions and methods.

use super::{Checker, Part};
use crate::expression::code::{Code, Each, Extreme, TextTest};
use crate::expression::problem::Problem;
use crate::expression::tree::{Tree, TreeKind};
use crate::expression::types::{Method, Parameter, Type};
use crate::expression::value::Value;
use crate::expression::{LONGEST_LIST, MOST_PARAMETERS, literal};

/// What asking a scope to work something out is taken to cost.
const COST_OF_CALL: u64 = 10;
/// What looking through a text is taken to cost.
const COST_OF_TEXT: u64 = 10;

const FUNCTIONS: [&str; 10] = [
    "has", "size", "min", "max", "abs", "time", "date", "duration", "timeOf", "dateOf",
];
const OF_TEXT: [&str; 4] = ["size", "contains", "startsWith", "endsWith"];
const OF_LIST: [&str; 6] = ["size", "contains", "all", "exists", "filter", "map"];

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        tree: &Tree,
        on: Option<&Tree>,
        name: &str,
        arguments: &[Tree],
    ) -> Option<Part> {
        match on {
            Some(on) => self.method(tree, on, name, arguments),
            None => self.function(tree, name, arguments),
        }
    }

    fn count(&mut self, tree: &Tree, name: &str, arguments: &[Tree], wanted: usize) -> Option<()> {
        if arguments.len() == wanted {
            return Some(());
        }
        let reason = (
            format!("{name}(…) 要 {wanted} 个参数，这里有 {} 个", arguments.len()),
            format!("{name}(…) takes {wanted}, here are {}", arguments.len()),
        );
        let remedy = (
            format!("请写 {wanted} 个"),
            format!("Write {wanted}, with commas between them"),
        );
        self.problem(tree.at, "expression.arguments", reason, remedy);
        None
    }

    fn wrong(&mut self, tree: &Tree, kind: &Type, wanted: (&str, &str)) -> Option<Part> {
        let reason = (
            format!("此处应为{}，实为{}", wanted.0, kind.zh()),
            format!("This is {kind}, but {} is needed", wanted.1),
        );
        let remedy = (format!("请改为{}", wanted.0), format!("Write {}", wanted.1));
        self.problem(tree.start(), "expression.type", reason, remedy);
        None
    }

    fn function(&mut self, tree: &Tree, name: &str, arguments: &[Tree]) -> Option<Part> {
        if !FUNCTIONS.contains(&name) {
            let known: Vec<String> = FUNCTIONS.iter().map(|known| format!("{known}(…)")).collect();
            let reason = (
                format!("没有函数“{name}”"),
                format!("There is no function \"{name}\""),
            );
            self.unknown(tree.at, reason, name, &known);
            return None;
        }
        self.count(
            tree,
            name,
            arguments,
            if matches!(name, "min" | "max") { 2 } else { 1 },
        )?;
        let first = &arguments[0];
        match name {
            "has" => {
                if !matches!(
                    first.kind,
                    TreeKind::Member(..) | TreeKind::Index(..) | TreeKind::Name(_)
                ) {
                    let reason = ("has 里应为一个名称", "has needs a name");
                    let remedy = ("例如 has(case.plan)", "Such as has(case.plan)");
                    self.problems
                        .push(Problem::new(first.at, "expression.arguments", reason, remedy));
                    return None;
                }
                let part = self.value(first)?;
                Some(Part::new(Type::Bool, part.cost, Code::Has(Box::new(part.code))))
            }
            "size" => {
                let part = self.value(first)?;
                self.size(first, part)
            }
            "min" | "max" => self.extreme(tree, name, arguments),
            "abs" => {
                let part = self.value(first)?;
                if !matches!(part.kind, Type::Int | Type::Duration) {
                    return self.wrong(
                        first,
                        &part.kind,
                        ("整数或时长", "a whole number or a length of time"),
                    );
                }
                Some(Part::new(
                    part.kind,
                    part.cost,
                    Code::Absolute(Box::new(part.code)),
                ))
            }
            "timeOf" => {
                let part = self.of_type(first, &Type::Moment)?;
                Some(Part::new(
                    Type::TimeOfDay,
                    part.cost,
                    Code::TimeOf(Box::new(part.code)),
                ))
            }
            "dateOf" => {
                let part = self.of_type(first, &Type::Moment)?;
                Some(Part::new(
                    Type::Date,
                    part.cost,
                    Code::DateOf(Box::new(part.code)),
                ))
            }
            _ => self.time_literal(name, first),
        }
    }

    fn extreme(&mut self, tree: &Tree, name: &str, arguments: &[Tree]) -> Option<Part> {
        let (left, right) = (self.value(&arguments[0]), self.value(&arguments[1]));
        let (left, right) = (left?, right?);
        let ordered = matches!(
            left.kind,
            Type::Int | Type::Moment | Type::TimeOfDay | Type::Date | Type::Duration
        );
        if left.kind != right.kind || !ordered {
            self.mismatch(
                tree,
                &left.kind,
                &right.kind,
                ("不能比大小", "they cannot be ordered"),
            );
            return None;
        }
        let extreme = if name == "min" {
            Extreme::Least
        } else {
            Extreme::Greatest
        };
        Some(Part::over(left.kind.clone(), left, right, |a, b| {
            Code::Extreme(extreme, a, b)
        }))
    }

    /// `time('11:00')`, `date('2026-12-01')`, `duration('2 hours')`: known when compiled.
    fn time_literal(&mut self, name: &str, argument: &Tree) -> Option<Part> {
        let text = argument.literal().unwrap_or_default();
        let (found, example) = match name {
            "time" => (
                literal::time(text).map(|t| (Type::TimeOfDay, Value::TimeOfDay(t))),
                "time('11:00')",
            ),
            "date" => (
                literal::date(text).map(|d| (Type::Date, Value::Date(d))),
                "date('2026-12-01')",
            ),
            _ => (
                literal::duration(text).map(|d| (Type::Duration, Value::Duration(d))),
                "duration('2 hours')",
            ),
        };
        let Some((kind, value)) = found else {
            let reason = (
                format!("读不出 {name}({argument})"),
                format!("{name}({argument}) cannot be read"),
            );
            let remedy = match name {
                "duration" => (
                    format!("例如 {example}；只有 seconds、minutes、hours，三天请写 72 hours"),
                    format!("Such as {example}: seconds, minutes or hours; write three days as 72 hours"),
                ),
                _ => (format!("例如 {example}"), format!("Such as {example}")),
            };
            self.problem(argument.at, "expression.time", reason, remedy);
            return None;
        };
        Some(Part::new(kind, 0, Code::Constant(value)))
    }

    fn size(&mut self, tree: &Tree, part: Part) -> Option<Part> {
        if !matches!(part.kind, Type::Text | Type::Choice(_) | Type::List(_)) {
            return self.wrong(tree, &part.kind, ("文字或列表", "text or a list"));
        }
        Some(Part::new(
            Type::Int,
            part.cost.saturating_add(COST_OF_TEXT),
            Code::Size(Box::new(part.code)),
        ))
    }

    fn method(&mut self, tree: &Tree, on: &Tree, name: &str, arguments: &[Tree]) -> Option<Part> {
        let receiver = self.part(on)?;
        if let Code::Path(path) = &receiver.code
            && !matches!(receiver.kind, Type::Object(_))
        {
            let path = path.clone();
            self.reads(&path, None, None);
        }
        let known: &[&str] = match &receiver.kind {
            Type::Object(object) => {
                let object = object.clone();
                return self.declared(tree, on, receiver, &object, name, arguments);
            }
            Type::Text | Type::Choice(_) => &OF_TEXT,
            Type::List(_) => &OF_LIST,
            _ => &[],
        };
        if !known.contains(&name) {
            let reason = (
                format!("{}没有“{name}”", receiver.kind.zh()),
                format!("\"{on}\" is {}, it has no \"{name}\"", receiver.kind),
            );
            if known.is_empty() {
                self.problem(
                    tree.at,
                    "expression.unknown",
                    reason,
                    ("请删去".into(), "Remove it".into()),
                );
            } else {
                let known: Vec<String> = known.iter().map(|known| format!("{known}(…)")).collect();
                self.unknown(tree.at, reason, name, &known);
            }
            return None;
        }
        match (name, receiver.kind.clone()) {
            ("size", _) => {
                self.count(tree, name, arguments, 0)?;
                self.size(on, receiver)
            }
            ("contains", Type::List(of)) => {
                self.count(tree, name, arguments, 1)?;
                let item = self.value(&arguments[0])?;
                self.membership(tree, &arguments[0], &item.kind, on, &of)?;
                Some(self.look_up(item, on, receiver))
            }
            (_, Type::List(of)) => self.each(tree, receiver, &of, name, arguments),
            _ => {
                self.count(tree, name, arguments, 1)?;
                let part = self.of_type(&arguments[0], &Type::Text)?;
                let test = match name {
                    "contains" => TextTest::Contains,
                    "startsWith" => TextTest::StartsWith,
                    _ => TextTest::EndsWith,
                };
                let mut part = Part::over(Type::Bool, receiver, part, |a, b| Code::Text(test, a, b));
                part.cost = part.cost.saturating_add(COST_OF_TEXT);
                Some(part)
            }
        }
    }

    /// `list.all(v, …)` and the like: the second argument is worked out for each item as `v`.
    fn each(&mut self, tree: &Tree, list: Part, of: &Type, name: &str, arguments: &[Tree]) -> Option<Part> {
        self.count(tree, name, arguments, 2)?;
        let TreeKind::Name(variable) = &arguments[0].kind else {
            let reason = ("第一个参数应为一个新名称", "The first must be a new name");
            let remedy = ("例如 x.all(v, v > 0)", "Such as x.all(v, v > 0)");
            self.problems.push(Problem::new(
                arguments[0].at,
                "expression.arguments",
                reason,
                remedy,
            ));
            return None;
        };
        if self.variable.is_some() {
            let reason = (
                "all、exists、filter、map 不能互相嵌套",
                "all, exists, filter and map cannot stand inside each other",
            );
            let remedy = (
                "请拆开，或先 filter 再 exists",
                "Split it, or filter first and then ask exists",
            );
            self.problems
                .push(Problem::new(tree.at, "expression.nested", reason, remedy));
            return None;
        }
        if self.environment.roots.contains_key(&**variable) {
            let reason = (
                format!("“{variable}”已有意义"),
                format!("\"{variable}\" already means something"),
            );
            let remedy = (
                "请换一个名称，例如 v".to_owned(),
                "Take another name, such as v".to_owned(),
            );
            self.problem(arguments[0].at, "expression.arguments", reason, remedy);
            return None;
        }
        self.variable = Some((variable.clone(), of.clone()));
        let body = if name == "map" {
            self.value(&arguments[1])
        } else {
            self.of_type(&arguments[1], &Type::Bool)
        };
        self.variable = None;
        let body = body?;
        let (each, kind) = match name {
            "all" => (Each::All, Type::Bool),
            "exists" => (Each::Exists, Type::Bool),
            "filter" => (Each::Filter, list.kind.clone()),
            _ => (Each::Map, Type::list(body.kind.clone())),
        };
        let cost = body
            .cost
            .saturating_add(1)
            .saturating_mul(LONGEST_LIST as u64)
            .saturating_add(list.cost);
        Some(Part::new(
            kind,
            cost,
            Code::Each(each, Box::new(list.code), Box::new(body.code)),
        ))
    }

    /// A method that the environment declares.
    fn declared(
        &mut self,
        tree: &Tree,
        on: &Tree,
        receiver: Part,
        object: &str,
        name: &str,
        arguments: &[Tree],
    ) -> Option<Part> {
        let found = self
            .object(object)
            .and_then(|object| object.methods.get_key_value(name));
        let Some((name, method)) = found else {
            let known = self.members(object);
            self.unknown(
                tree.at,
                (format!("{on} 没有“{name}”"), format!("{on} has no \"{name}\"")),
                name,
                &known,
            );
            return None;
        };
        let Code::Path(path) = receiver.code else {
            let reason = ("这里不能用方法", "A method cannot be asked here");
            let remedy = (
                "方法只能用在直接写出的名称上，例如 case.done('x')",
                "Ask it of a plain name, such as case.done('x')",
            );
            self.problems
                .push(Problem::new(tree.at, "expression.method", reason, remedy));
            return None;
        };
        let Method { parameters, result } = method;
        self.count(tree, name, arguments, parameters.len().min(MOST_PARAMETERS))?;
        let mut cost = COST_OF_CALL;
        let mut codes = Some(Vec::with_capacity(arguments.len()));
        for (argument, parameter) in arguments.iter().zip(parameters.iter()) {
            match self.argument(argument, parameter) {
                Some(part) => {
                    cost = cost.saturating_add(part.cost);
                    if let Some(codes) = &mut codes {
                        codes.push(part.code);
                    }
                }
                None => codes = None,
            }
        }
        let argument = arguments.first().and_then(Tree::literal).map(Into::into);
        self.reads(&path, Some(name.clone()), argument);
        Some(Part::new(
            result.clone(),
            cost,
            Code::Call(path, name.clone(), codes?),
        ))
    }

    fn argument(&mut self, argument: &Tree, parameter: &Parameter) -> Option<Part> {
        match parameter {
            Parameter::Any(kind) => self.of_type(argument, kind),
            Parameter::Name { what, names } => {
                let known: Vec<String> = names.iter().map(|name| name.to_string()).collect();
                match argument.literal() {
                    Some(name) if names.iter().any(|known| &**known == name) => self.value(argument),
                    Some(name) => {
                        let reason = (
                            format!("没有{}“{name}”", what.0),
                            format!("There is no {} \"{name}\"", what.1),
                        );
                        self.unknown(argument.at, reason, name, &known);
                        None
                    }
                    None => {
                        let reason = (
                            format!("此处应为带引号的{}名称", what.0),
                            format!("The name of one {} in quotes is needed here", what.1),
                        );
                        self.unknown(argument.start(), reason, "", &known);
                        None
                    }
                }
            }
        }
    }
}
