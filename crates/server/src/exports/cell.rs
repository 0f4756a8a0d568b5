//! One cell of an export, and what keeps its text from becoming a formula.

use std::borrow::Cow;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text that came from people.
    Text(String),
    /// A number of ours.
    Number(i64),
    /// A share, 0 to 1.
    Share(f64),
    /// Nothing.
    Nothing,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Number(number)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Cell::Nothing, Cell::Text)
    }
}

/// With these a spreadsheet begins a formula; the full-width ones in Chinese editions too.
const BEGINS_FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '＠'];

/// The text as a spreadsheet shows it and never as a formula: an apostrophe before what would begin one, also behind
/// spaces that a spreadsheet takes away, and no characters that none can show.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let shown = |letter: char| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r');
    let text: Cow<'_, str> = if text.chars().all(shown) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|letter| shown(*letter)).collect())
    };
    let begins = text
        .chars()
        .find(|letter| !matches!(letter, ' ' | '\u{3000}' | '\u{a0}' | '\u{feff}'))
        .is_some_and(|letter| BEGINS_FORMULA.contains(&letter) || letter == '－');
    if begins {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attack_formula_injection_begins_with_an_apostrophe() {
        for text in [
            "=HYPERLINK(\"http://evil.example\",\"点我\")",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\t=1+1",
            "\r=1+1",
            "  =1+1",
            "＝1+1",
            "\u{0}=1+1",
        ] {
            assert!(harmless(text).starts_with('\''), "{text:?}");
        }
        for text in ["王小姐", "138****6021", "a=b", ""] {
            assert_eq!(harmless(text), text);
        }
    }

    proptest! {
        #[test]
        fn attack_formula_injection_whatever_is_typed(text in ".{0,40}", begin in "[=+@\\-\t\r ]{0,3}") {
            let text = format!("{begin}{text}");
            let shown = harmless(&text);
            let first = shown.trim_start().chars().next();
            prop_assert!(!first.is_some_and(|first| "=+-@".contains(first)), "{:?}", shown);
        }
    }
}
