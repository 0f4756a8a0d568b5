//! One writing for what people write differently: full-width and half-width, upper and lower case, traditional and
//! simplified. A character stays one character, so that places in the folded text are places in the text.

use std::sync::LazyLock;

/// Traditional characters, each followed by its simplified one. The pairs are those of OpenCC's table `TSCharacters`
/// (Apache-2.0) whose simplified side is in everyday use; where a traditional character is also a simplified one it stays.
const PAIRS: &str = include_str!("simplified.txt");

/// The block of Chinese characters that the table covers.
const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;

static SIMPLIFIED: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table = vec![0; (LAST - FIRST + 1) as usize];
    let mut letters = PAIRS.chars().filter(|letter| !letter.is_whitespace());
    while let (Some(from), Some(to)) = (letters.next(), letters.next()) {
        let place = (from as u32).wrapping_sub(FIRST) as usize;
        if let (Some(place), Ok(to)) = (table.get_mut(place), u16::try_from(to as u32)) {
            *place = to;
        }
    }
    table
});

/// A character as it is compared.
pub fn fold(letter: char) -> char {
    match letter {
        'A'..='Z' => letter.to_ascii_lowercase(),
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => {
            let half = char::from_u32(letter as u32 - 0xFEE0).unwrap_or(letter);
            half.to_ascii_lowercase()
        }
        '\u{3400}'..='\u{9FFF}' => {
            let to = SIMPLIFIED
                .get((letter as u32 - FIRST) as usize)
                .copied()
                .unwrap_or_default();
            match to {
                0 => letter,
                to => char::from_u32(u32::from(to)).unwrap_or(letter),
            }
        }
        _ if letter.is_ascii() => letter,
        _ => {
            let mut lower = letter.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(one), None) => one,
                _ => letter,
            }
        }
    }
}

/// A text as it is compared.
pub fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn qlt_5_traditional_full_width_and_upper_case_are_one_writing() {
        assert_eq!(folded("電梯壞了，Ｂ２層積水"), "电梯坏了,b2层积水");
        assert_eq!(folded("臺灣後面　ＴＳ２０２６"), "台湾后面 ts2026");
        // Ordinary characters that are also traditional ones stay.
        assert_eq!(folded("乾隆，著名"), "乾隆,著名");
    }

    proptest! {
        #[test]
        fn a_character_stays_one_character_and_folding_twice_is_folding_once(text in "\\PC{0,60}") {
            let once = folded(&text);
            prop_assert_eq!(once.chars().count(), text.chars().count());
            prop_assert_eq!(folded(&once), once);
        }
    }
}
