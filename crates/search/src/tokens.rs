//! From a text to the terms it is found by. Chinese is not cut into words, because every cutter cuts some names
//! otherwise than people search for them: each character is a term, and each pair of neighbours.

use crate::fold::fold;

/// The longest Latin word or number that is kept whole; of a longer one its beginning.
const LONGEST_WORD: usize = 64;

/// What stands by itself: a Chinese character, or a run of Latin letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Folded.
    pub text: String,
    /// Place of its first character in the text.
    pub start: usize,
    /// Place behind its last one.
    pub end: usize,
    /// A Chinese (or Japanese) character.
    pub han: bool,
}

impl Unit {
    /// Digits alone.
    pub fn number(&self) -> bool {
        !self.han && self.text.chars().all(|letter| letter.is_ascii_digit())
    }
}

fn is_han(letter: char) -> bool {
    matches!(letter,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{3040}'..='\u{30FF}'
        | '\u{20000}'..='\u{3FFFF}' | '〇')
}

/// The units of a text in order.
pub fn units(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::with_capacity(text.len() / 3);
    let mut open = false;
    for (at, letter) in text.chars().enumerate() {
        let letter = fold(letter);
        if is_han(letter) {
            units.push(Unit {
                text: letter.into(),
                start: at,
                end: at + 1,
                han: true,
            });
            open = false;
        } else if letter.is_alphanumeric() {
            match units.last_mut().filter(|_| open) {
                Some(word) => {
                    if at - word.start < LONGEST_WORD {
                        word.text.push(letter);
                    }
                    word.end = at + 1;
                }
                None => units.push(Unit {
                    text: letter.into(),
                    start: at,
                    end: at + 1,
                    han: false,
                }),
            }
            open = true;
        } else {
            open = false;
        }
    }
    units
}

/// The term of two neighbours, if they are: nothing stands between them and one at least is Chinese.
pub fn pair(one: &Unit, next: &Unit) -> Option<String> {
    (one.end == next.start && (one.han || next.han)).then(|| format!("{}{}", one.text, next.text))
}

/// Each term of a text with the places it stands at.
pub fn each_term(text: &str, mut take: impl FnMut(&str, usize, usize)) {
    let units = units(text);
    for (at, unit) in units.iter().enumerate() {
        take(&unit.text, unit.start, unit.end);
        if !unit.han && !unit.number() {
            parts(unit, &mut take);
        }
        if let Some(next) = units.get(at + 1)
            && let Some(both) = pair(unit, next)
        {
            take(&both, unit.start, next.end);
        }
    }
}

/// The letters and the digits of a mixed word: `ts`, `20261120` of `ts20261120`.
fn parts(word: &Unit, take: &mut impl FnMut(&str, usize, usize)) {
    let letters: Vec<char> = word.text.chars().collect();
    let mut start = 0;
    for at in 1..=letters.len() {
        let (Some(first), here) = (letters.get(start), letters.get(at)) else {
            return;
        };
        if here.is_some_and(|here| here.is_ascii_digit() == first.is_ascii_digit()) {
            continue;
        }
        if start == 0 && here.is_none() {
            return;
        }
        let part: String = letters.iter().skip(start).take(at - start).collect();
        take(&part, word.start + start, word.start + at);
        start = at;
    }
}

/// Every term of a text, as often as it occurs.
pub fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::with_capacity(text.len() / 2);
    each_term(text, |term, _, _| terms.push(term.to_owned()));
    terms
}

/// The tokenizer that the index runs.
#[derive(Clone, Default)]
pub(crate) struct Chinese;

/// The terms of one text.
pub(crate) struct Terms {
    terms: std::vec::IntoIter<(String, usize, usize)>,
    token: tantivy::tokenizer::Token,
}

impl tantivy::tokenizer::Tokenizer for Chinese {
    type TokenStream<'a> = Terms;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms {
        let mut terms = Vec::with_capacity(text.len() / 2);
        each_term(text, |term, start, end| terms.push((term.to_owned(), start, end)));
        Terms {
            terms: terms.into_iter(),
            token: tantivy::tokenizer::Token::default(),
        }
    }
}

impl tantivy::tokenizer::TokenStream for Terms {
    fn advance(&mut self) -> bool {
        let Some((text, start, end)) = self.terms.next() else {
            return false;
        };
        self.token.text = text;
        self.token.offset_from = start;
        self.token.offset_to = end;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &tantivy::tokenizer::Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut tantivy::tokenizer::Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qlt_5_mixed_latin_and_chinese_give_words_characters_and_pairs() {
        assert_eq!(terms("B2积水"), ["b2", "b", "2", "b2积", "积", "积水", "水"]);
        assert_eq!(terms("3栋2"), ["3", "3栋", "栋", "栋2", "2"]);
        assert_eq!(terms("TS20261120-0037"), ["ts20261120", "ts", "20261120", "0037"]);
        assert_eq!(terms("水，电"), ["水", "电"]);
        assert!(terms("……　").is_empty());
    }

    #[test]
    fn places_are_those_in_the_text_as_written() {
        let mut places = Vec::new();
        each_term("在Ｂ２積水", |term, start, end| {
            places.push((term.to_owned(), start, end))
        });
        assert!(places.contains(&("积水".to_owned(), 3, 5)));
        assert!(places.contains(&("b2".to_owned(), 1, 3)));
    }
}
