//! Tokens to a tree. Recursion is counted, so that no text can overflow the stack.

use super::problem::Problem;
use super::token::{Token, TokenKind, tokens};
use super::tree::{Logic, Operator, Tree, TreeKind};
use super::{DEEPEST, LONGEST};

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Tree, Problem> {
    if text.chars().count() > LONGEST {
        return Err(Problem::new(
            0,
            "expression.too_long",
            (
                format!("条件超过 {LONGEST} 字"),
                format!("The condition is longer than {LONGEST} characters"),
            ),
            ("请拆成几个条件", "Split it into several"),
        ));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        nested: 0,
    };
    if parser.tokens.len() == 1 {
        return Err(Problem::new(
            0,
            "expression.empty",
            ("条件为空", "The condition is empty"),
            ("请写上条件，或删去此项", "Write one, or remove the key"),
        ));
    }
    let tree = parser.expression()?;
    if parser.peek() == &TokenKind::End {
        Ok(tree)
    } else {
        Err(parser.unexpected())
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    nested: usize,
}

impl Parser {
    // The last token is always `End` and is never passed.
    fn token(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn peek(&self) -> &TokenKind {
        &self.token().kind
    }

    fn at(&self) -> usize {
        self.token().at
    }

    fn sees(&self, sign: &str) -> bool {
        matches!(self.peek(), TokenKind::Sign(s) if *s == sign)
    }

    /// Steps over a sign if it comes next; gives where it stood.
    fn takes(&mut self, sign: &str) -> Option<usize> {
        let at = self.at();
        self.sees(sign).then(|| {
            self.next += 1;
            at
        })
    }

    fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        match self.takes(sign) {
            Some(_) => Ok(()),
            None => {
                let reason = (format!("此处缺少“{sign}”"), format!("`{sign}` is missing here"));
                Err(Problem::new(
                    self.at(),
                    "expression.syntax",
                    reason,
                    ("请补上", "Add it"),
                ))
            }
        }
    }

    fn unexpected(&self) -> Problem {
        let words = |name: &str| match name {
            "and" | "AND" => Some("&&"),
            "or" | "OR" => Some("||"),
            "not" | "NOT" => Some("!"),
            "is" => Some("=="),
            _ => None,
        };
        let (zh, en, remedy) = match self.peek() {
            TokenKind::End => {
                let remedy = ("请写完整".to_owned(), "Complete it".to_owned());
                (
                    "条件没有写完".to_owned(),
                    "The condition ends too early".to_owned(),
                    remedy,
                )
            }
            TokenKind::Name(name) => {
                let remedy = match words(name) {
                    Some(sign) => (format!("请写 {sign}"), format!("Write {sign}")),
                    None => (
                        "文字请加引号，例如 'major'".to_owned(),
                        "Put words in quotes, such as 'major'".to_owned(),
                    ),
                };
                (
                    format!("此处不能有“{name}”"),
                    format!("\"{name}\" cannot stand here"),
                    remedy,
                )
            }
            other => {
                let shown = match other {
                    TokenKind::Text(text) => format!("'{}'", text.chars().take(20).collect::<String>()),
                    TokenKind::Int(number) => number.to_string(),
                    TokenKind::Sign(sign) => (*sign).to_owned(),
                    TokenKind::Name(_) | TokenKind::End => String::new(),
                };
                let remedy = (
                    "请检查前后的运算符与括号".to_owned(),
                    "Check the operators and brackets around it".to_owned(),
                );
                (
                    format!("此处不能有“{shown}”"),
                    format!("`{shown}` cannot stand here"),
                    remedy,
                )
            }
        };
        Problem::new(self.at(), "expression.syntax", (zh, en), remedy)
    }

    fn too_deep(at: usize) -> Problem {
        Problem::new(
            at,
            "expression.too_deep",
            (
                format!("嵌套超过 {DEEPEST} 层"),
                format!("It is nested more than {DEEPEST} deep"),
            ),
            ("请简化，或拆成几个条件", "Simplify it, or split it into several"),
        )
    }

    fn tree(&self, at: usize, kind: TreeKind) -> Result<Tree, Problem> {
        let tree = Tree::new(at, kind);
        if tree.depth > DEEPEST {
            Err(Self::too_deep(at))
        } else {
            Ok(tree)
        }
    }

    fn expression(&mut self) -> Result<Tree, Problem> {
        if self.nested > DEEPEST {
            return Err(Self::too_deep(self.at()));
        }
        self.nested += 1;
        let tree = self.choice();
        self.nested -= 1;
        tree
    }

    fn choice(&mut self) -> Result<Tree, Problem> {
        let condition = self.logic(Logic::Or)?;
        let Some(at) = self.takes("?") else {
            return Ok(condition);
        };
        let yes = self.logic(Logic::Or)?;
        self.expect(":")?;
        let no = self.expression()?;
        self.tree(
            at,
            TreeKind::Choose(Box::new(condition), Box::new(yes), Box::new(no)),
        )
    }

    fn logic(&mut self, logic: Logic) -> Result<Tree, Problem> {
        let side = |parser: &mut Self| match logic {
            Logic::Or => parser.logic(Logic::And),
            Logic::And => parser.relation(),
        };
        let first = side(self)?;
        if !self.sees(logic.sign()) {
            return Ok(first);
        }
        let at = first.at;
        let mut items = vec![first];
        while self.takes(logic.sign()).is_some() {
            items.push(side(self)?);
        }
        self.tree(at, TreeKind::Logic(logic, items))
    }

    fn relation(&mut self) -> Result<Tree, Problem> {
        use Operator::{Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, Unequal};
        let mut left = self.sum()?;
        loop {
            let operator = match self.peek() {
                TokenKind::Name(name) if name == "in" => In,
                TokenKind::Sign(sign) => {
                    match [Equal, Unequal, Less, LessOrEqual, Greater, GreaterOrEqual]
                        .iter()
                        .find(|o| o.sign() == *sign)
                    {
                        Some(operator) => *operator,
                        None => return Ok(left),
                    }
                }
                _ => return Ok(left),
            };
            let at = self.at();
            self.next += 1;
            let right = self.sum()?;
            left = self.tree(at, TreeKind::Binary(operator, Box::new(left), Box::new(right)))?;
        }
    }

    fn sum(&mut self) -> Result<Tree, Problem> {
        let mut left = self.product()?;
        loop {
            let (operator, at) = match (self.takes("+"), self.sees("-")) {
                (Some(at), _) => (Operator::Plus, at),
                (None, true) => {
                    let at = self.at();
                    self.next += 1;
                    (Operator::Minus, at)
                }
                _ => return Ok(left),
            };
            let right = self.product()?;
            left = self.tree(at, TreeKind::Binary(operator, Box::new(left), Box::new(right)))?;
        }
    }

    fn product(&mut self) -> Result<Tree, Problem> {
        let mut left = self.unary()?;
        loop {
            let at = self.at();
            let operator = match self.peek() {
                TokenKind::Sign("*") => Operator::Times,
                TokenKind::Sign("/") => Operator::Over,
                TokenKind::Sign("%") => Operator::Remainder,
                _ => return Ok(left),
            };
            self.next += 1;
            let right = self.unary()?;
            left = self.tree(at, TreeKind::Binary(operator, Box::new(left), Box::new(right)))?;
        }
    }

    fn unary(&mut self) -> Result<Tree, Problem> {
        let mut signs = Vec::new();
        loop {
            let at = self.at();
            match self.peek() {
                TokenKind::Sign("!") => signs.push((at, true)),
                TokenKind::Sign("-") => {
                    if let Some(TokenKind::Int(number)) =
                        self.tokens.get(self.next + 1).map(|token| &token.kind)
                    {
                        // A minus before a number belongs to it: the least number has no positive counterpart.
                        let number = 0i64.checked_sub_unsigned(*number);
                        self.next += 2;
                        let number = number.ok_or_else(|| Self::too_large(at))?;
                        let literal = self.tree(at, TreeKind::Int(number))?;
                        let operand = self.postfix(literal)?;
                        return self.signed(signs, operand);
                    }
                    signs.push((at, false));
                }
                _ => break,
            }
            self.next += 1;
        }
        let operand = self.primary()?;
        let operand = self.postfix(operand)?;
        self.signed(signs, operand)
    }

    fn signed(&self, signs: Vec<(usize, bool)>, mut operand: Tree) -> Result<Tree, Problem> {
        for (at, not) in signs.into_iter().rev() {
            let kind = if not {
                TreeKind::Not(Box::new(operand))
            } else {
                TreeKind::Negate(Box::new(operand))
            };
            operand = self.tree(at, kind)?;
        }
        Ok(operand)
    }

    fn too_large(at: usize) -> Problem {
        let remedy = ("最大 9223372036854775807", "The largest is 9223372036854775807");
        Problem::new(
            at,
            "expression.number",
            ("数字太大", "The number is too large"),
            remedy,
        )
    }

    fn primary(&mut self) -> Result<Tree, Problem> {
        let at = self.at();
        match self.peek().clone() {
            TokenKind::Text(text) => {
                self.next += 1;
                self.tree(at, TreeKind::Text(text))
            }
            TokenKind::Int(number) => {
                self.next += 1;
                let number = i64::try_from(number).map_err(|_| Self::too_large(at))?;
                self.tree(at, TreeKind::Int(number))
            }
            TokenKind::Name(name) => match &*name {
                "true" | "false" => {
                    self.next += 1;
                    self.tree(at, TreeKind::Bool(name == "true"))
                }
                "null" => Err(Problem::new(
                    at,
                    "expression.null",
                    ("没有 null", "There is no null"),
                    (
                        "问一项有没有值，请写 has(case.x)",
                        "Write has(case.x) to ask whether something has a value",
                    ),
                )),
                "in" | "and" | "or" | "not" | "AND" | "OR" | "NOT" => Err(self.unexpected()),
                _ => {
                    self.next += 1;
                    if self.takes("(").is_some() {
                        let arguments = self.items(")")?;
                        return self.tree(at, TreeKind::Call(None, name, arguments));
                    }
                    self.tree(at, TreeKind::Name(name))
                }
            },
            TokenKind::Sign("(") => {
                self.next += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            TokenKind::Sign("[") => {
                self.next += 1;
                let items = self.items("]")?;
                self.tree(at, TreeKind::List(items))
            }
            TokenKind::Sign(_) | TokenKind::End => Err(self.unexpected()),
        }
    }

    fn postfix(&mut self, mut tree: Tree) -> Result<Tree, Problem> {
        loop {
            if self.takes(".").is_some() {
                let at = self.at();
                let TokenKind::Name(name) = self.peek().clone() else {
                    return Err(self.unexpected());
                };
                self.next += 1;
                if self.takes("(").is_some() {
                    let arguments = self.items(")")?;
                    tree = self.tree(at, TreeKind::Call(Some(Box::new(tree)), name, arguments))?;
                } else {
                    tree = self.tree(at, TreeKind::Member(Box::new(tree), name))?;
                }
            } else if self.takes("[").is_some() {
                let key = self.expression()?;
                self.expect("]")?;
                let at = key.at;
                tree = self.tree(at, TreeKind::Index(Box::new(tree), Box::new(key)))?;
            } else {
                return Ok(tree);
            }
        }
    }

    /// Expressions with commas between them up to a closing bracket; one comma may stand behind the last.
    fn items(&mut self, close: &str) -> Result<Vec<Tree>, Problem> {
        let mut items = Vec::new();
        while !self.sees(close) {
            items.push(self.expression()?);
            if self.takes(",").is_none() {
                break;
            }
        }
        self.expect(close)?;
        Ok(items)
    }
}
