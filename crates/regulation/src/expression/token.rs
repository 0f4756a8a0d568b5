//! Characters to tokens.

use super::problem::Problem;
use crate::source::half_width;

/// A token with the index of its first character.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub at: usize,
    pub kind: TokenKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Name(String),
    Text(String),
    /// Magnitude; a minus before it makes it negative.
    Int(u64),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 25] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", "(", ")", "[", "]",
    ",", ".", "{", "}", ";",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if matches!(c, ' ' | '\n' | '\r' | '\t') {
            at += 1;
            continue;
        }
        let (kind, next) = if c.is_ascii_alphabetic() || c == '_' {
            let end = (at..chars.len()).find(|&i| !(chars[i].is_ascii_alphanumeric() || chars[i] == '_'));
            let end = end.unwrap_or(chars.len());
            (TokenKind::Name(chars[at..end].iter().collect()), end)
        } else if c.is_ascii_digit() {
            number(&chars, at)?
        } else if c == '\'' || c == '"' {
            quoted(&chars, at)?
        } else {
            let sign = SIGNS.iter().find(|sign| {
                sign.chars()
                    .enumerate()
                    .all(|(i, s)| chars.get(at + i) == Some(&s))
            });
            match sign {
                Some(sign) => (TokenKind::Sign(sign), at + sign.len()),
                None => return Err(strange(c, at)),
            }
        };
        tokens.push(Token { at, kind });
        at = next;
    }
    tokens.push(Token {
        at: chars.len(),
        kind: TokenKind::End,
    });
    Ok(tokens)
}

fn number(chars: &[char], at: usize) -> Result<(TokenKind, usize), Problem> {
    let end = (at..chars.len())
        .find(|&i| !chars[i].is_ascii_digit())
        .unwrap_or(chars.len());
    let next = chars.get(end).copied();
    let fraction = next == Some('.') && chars.get(end + 1).is_some_and(char::is_ascii_digit);
    if fraction || next.is_some_and(|c| c.is_ascii_alphabetic() || c == '_') {
        return Err(Problem::new(
            at,
            "expression.number",
            ("只有整数", "Only whole numbers exist here"),
            (
                "请用最小单位的整数（金额用分），名称不能以数字开头",
                "Use whole numbers of the smallest unit (money in fen); a name cannot begin with a digit",
            ),
        ));
    }
    let digits: String = chars[at..end].iter().collect();
    match digits.parse::<u64>() {
        Ok(number) if number <= 1 << 63 => Ok((TokenKind::Int(number), end)),
        _ => Err(Problem::new(
            at,
            "expression.number",
            ("数字太大", "The number is too large"),
            ("最大 9223372036854775807", "The largest is 9223372036854775807"),
        )),
    }
}

fn quoted(chars: &[char], at: usize) -> Result<(TokenKind, usize), Problem> {
    let quote = chars[at];
    let mut text = String::new();
    let mut i = at + 1;
    loop {
        match chars.get(i) {
            None | Some('\n') => {
                return Err(Problem::new(
                    at,
                    "expression.quote",
                    ("引号没有配对", "The quote is not closed"),
                    ("请补上引号", "Close it"),
                ));
            }
            Some(c) if *c == quote => return Ok((TokenKind::Text(text), i + 1)),
            Some('\\') => {
                let (c, next) = escape(chars, i)?;
                text.push(c);
                i = next;
            }
            Some(c) => {
                text.push(*c);
                i += 1;
            }
        }
    }
}

fn escape(chars: &[char], at: usize) -> Result<(char, usize), Problem> {
    let hex = |length: usize| -> Option<(char, usize)> {
        let digits: String = chars.get(at + 2..at + 2 + length)?.iter().collect();
        let digits = digits.chars().all(|c| c.is_ascii_hexdigit()).then_some(digits)?;
        Some((
            char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?,
            at + 2 + length,
        ))
    };
    let plain = |c: char| Some((c, at + 2));
    let found = match chars.get(at + 1) {
        Some('n') => plain('\n'),
        Some('r') => plain('\r'),
        Some('t') => plain('\t'),
        Some('a') => plain('\u{7}'),
        Some('b') => plain('\u{8}'),
        Some('f') => plain('\u{C}'),
        Some('v') => plain('\u{B}'),
        Some(c @ ('\\' | '\'' | '"' | '`' | '?')) => plain(*c),
        Some('x' | 'X') => hex(2),
        Some('u') => hex(4),
        Some('U') => hex(8),
        _ => None,
    };
    found.ok_or_else(|| {
        Problem::new(
            at,
            "expression.escape",
            ("不认识的转义", "This escape is not known"),
            (
                r"可用 \n \t \\ \' \u4e00；反斜杠本身写 \\",
                r"Use \n \t \\ \' \u4e00; write a backslash as \\",
            ),
        )
    })
}

fn strange(c: char, at: usize) -> Problem {
    if let Some(half) = half_width(c) {
        let half = if half == '"' { '\'' } else { half };
        return Problem::new(
            at,
            "expression.full_width",
            (
                format!("条件里有全角符号“{c}”"),
                format!("There is a full-width \"{c}\""),
            ),
            (
                format!("请改为半角“{half}”"),
                format!("Write a half-width `{half}`"),
            ),
        );
    }
    let remedy = match c {
        '=' => ("比较请写 ==", "Write == to compare"),
        '&' => ("“并且”请写 &&", "Write && for \"and\""),
        '|' => ("“或者”请写 ||", "Write || for \"or\""),
        '≥' => ("请写 >=", "Write >="),
        '≤' => ("请写 <=", "Write <="),
        '≠' => ("请写 !=", "Write !="),
        '×' => ("请写 *", "Write *"),
        '÷' => ("请写 /", "Write /"),
        c if c.is_alphabetic() => (
            "名称用半角字母；中文请加引号，或写 case['名称']",
            "Names are ASCII; put Chinese words in quotes, or write case['名称']",
        ),
        _ => ("请删去", "Remove it"),
    };
    let reason = (format!("此处不能有“{c}”"), format!("\"{c}\" cannot stand here"));
    Problem::new(at, "expression.sign", reason, remedy)
}
