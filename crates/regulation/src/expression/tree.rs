//! What is written, as a tree; and back to text.

use std::fmt;

/// A part of an expression with the index of the character that stands for it in messages.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub at: usize,
    /// How deep it goes, this part included.
    pub depth: usize,
    pub kind: TreeKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TreeKind {
    Bool(bool),
    Int(i64),
    Text(String),
    Name(String),
    Member(Box<Tree>, String),
    Index(Box<Tree>, Box<Tree>),
    List(Vec<Tree>),
    Not(Box<Tree>),
    Negate(Box<Tree>),
    Binary(Operator, Box<Tree>, Box<Tree>),
    /// `&&` or `||` over two or more.
    Logic(Logic, Vec<Tree>),
    Choose(Box<Tree>, Box<Tree>, Box<Tree>),
    Call(Option<Box<Tree>>, String, Vec<Tree>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Plus,
    Minus,
    Times,
    Over,
    Remainder,
}

impl Operator {
    pub fn sign(self) -> &'static str {
        match self {
            Operator::Equal => "==",
            Operator::Unequal => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::In => "in",
            Operator::Plus => "+",
            Operator::Minus => "-",
            Operator::Times => "*",
            Operator::Over => "/",
            Operator::Remainder => "%",
        }
    }
}

impl Logic {
    pub fn sign(self) -> &'static str {
        match self {
            Logic::And => "&&",
            Logic::Or => "||",
        }
    }
}

impl Tree {
    pub fn new(at: usize, kind: TreeKind) -> Self {
        let depth = 1 + match &kind {
            TreeKind::Bool(_) | TreeKind::Int(_) | TreeKind::Text(_) | TreeKind::Name(_) => 0,
            TreeKind::Member(of, _) | TreeKind::Not(of) | TreeKind::Negate(of) => of.depth,
            TreeKind::Index(a, b) | TreeKind::Binary(_, a, b) => a.depth.max(b.depth),
            TreeKind::List(items) | TreeKind::Logic(_, items) => deepest(items),
            TreeKind::Choose(a, b, c) => a.depth.max(b.depth).max(c.depth),
            TreeKind::Call(on, _, items) => deepest(items).max(on.as_ref().map_or(0, |on| on.depth)),
        };
        Tree { at, depth, kind }
    }

    /// Where a path or call begins; for others the character that stands for them.
    pub fn start(&self) -> usize {
        match &self.kind {
            TreeKind::Member(of, _) | TreeKind::Index(of, _) | TreeKind::Call(Some(of), ..) => of.start(),
            _ => self.at,
        }
    }

    /// The text of a literal.
    pub fn literal(&self) -> Option<&str> {
        match &self.kind {
            TreeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    fn stands_alone(&self) -> bool {
        match &self.kind {
            TreeKind::Int(number) => *number >= 0,
            TreeKind::Not(_)
            | TreeKind::Negate(_)
            | TreeKind::Binary(..)
            | TreeKind::Logic(..)
            | TreeKind::Choose(..) => false,
            _ => true,
        }
    }
}

fn deepest(items: &[Tree]) -> usize {
    items.iter().map(|item| item.depth).max().unwrap_or(0)
}

/// Two trees that say the same, wherever their parts stand.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// An operand: in parentheses unless it stands alone.
struct Operand<'t>(&'t Tree);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.stands_alone() {
            self.0.fmt(f)
        } else {
            write!(f, "({})", self.0)
        }
    }
}

fn listed(f: &mut fmt::Formatter<'_>, items: &[Tree]) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
    }
    Ok(())
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("'")?;
    for c in text.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            '\'' => f.write_str("\\'")?,
            '\n' => f.write_str("\\n")?,
            c if c.is_control() => write!(f, "\\u{:04x}", c as u32)?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("'")
}

/// As it would be written, so that reading it again gives the same tree.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            TreeKind::Bool(truth) => write!(f, "{truth}"),
            TreeKind::Int(number) => write!(f, "{number}"),
            TreeKind::Text(text) => quoted(f, text),
            TreeKind::Name(name) => f.write_str(name),
            TreeKind::Member(of, name) => write!(f, "{}.{name}", Operand(of)),
            TreeKind::Index(of, key) => write!(f, "{}[{key}]", Operand(of)),
            TreeKind::List(items) => {
                f.write_str("[")?;
                listed(f, items)?;
                f.write_str("]")
            }
            TreeKind::Not(of) => write!(f, "!{}", Operand(of)),
            TreeKind::Negate(of) => {
                // A minus right before a digit would belong to the number.
                let operand = Operand(of).to_string();
                if operand.starts_with(|c: char| c.is_ascii_digit()) {
                    write!(f, "-({operand})")
                } else {
                    write!(f, "-{operand}")
                }
            }
            TreeKind::Binary(operator, a, b) => {
                write!(f, "{} {} {}", Operand(a), operator.sign(), Operand(b))
            }
            TreeKind::Logic(logic, items) => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        write!(f, " {} ", logic.sign())?;
                    }
                    write!(f, "{}", Operand(item))?;
                }
                Ok(())
            }
            TreeKind::Choose(condition, yes, no) => {
                write!(f, "{} ? {} : {}", Operand(condition), Operand(yes), Operand(no))
            }
            TreeKind::Call(on, name, arguments) => {
                if let Some(on) = on {
                    write!(f, "{}.", Operand(on))?;
                }
                write!(f, "{name}(")?;
                listed(f, arguments)?;
                f.write_str(")")
            }
        }
    }
}
