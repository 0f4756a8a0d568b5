//! Everyday words of one meaning, as a list that anyone can read and add to (`same_words.txt`).

use std::collections::HashMap;
use std::sync::LazyLock;

/// A line for each meaning.
const LINES: &str = include_str!("../same_words.txt");

struct Words {
    /// The meaning of a word.
    meanings: HashMap<&'static str, u32>,
    longest: usize,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words {
        meanings: HashMap::new(),
        longest: 0,
    };
    for (meaning, line) in (0u32..).zip(LINES.lines()) {
        for word in line.split_whitespace() {
            words.longest = words.longest.max(word.chars().count());
            words.meanings.entry(word).or_insert(meaning);
        }
    }
    words
});

/// The meanings in a folded text: each with the characters it covers, longest words first from the left.
pub(super) fn meanings(letters: &[char]) -> Vec<(u32, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let longest = WORDS.longest.min(letters.len() - at);
        let hit = (1..=longest).rev().find_map(|length| {
            let word: String = letters.get(at..at + length)?.iter().collect();
            WORDS
                .meanings
                .get(word.as_str())
                .map(|meaning| (*meaning, length))
        });
        match hit {
            Some((meaning, length)) => {
                found.push((meaning, at, at + length));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}
