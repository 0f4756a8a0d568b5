//! What of a text is compared.

use super::place::{Places, places};
use super::words::meanings;
use crate::fold::folded;

/// Characters that say nothing of the matter.
const EMPTY: &str = "的了是在有和就不人都一上也很到说要去你会着没看好自己这那们我他她它吗呢吧啊呀请把被给让还又再才已经能可以什么怎么个次天日月年时分从对于与及或等但而且因为所以如果";

/// How much a token counts beside a pair of characters.
pub(super) const MEANING: u32 = 3;
pub(super) const PAIR: u32 = 1;
pub(super) const SINGLE: u32 = 0;

/// What of a text is compared: small enough to keep for every open case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Tokens, ascending; the two lowest bits say of which kind.
    pub tokens: Box<[u32]>,
    /// Places named.
    pub places: Places,
}

fn token(kind: u32, text: &str) -> u32 {
    // FNV-1a: the same on every machine and in every run.
    let mut hash: u32 = 0x811c_9dc5;
    for byte in text.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash << 2 | kind
}

/// The features of a text.
pub fn features(text: &str) -> Features {
    let letters: Vec<char> = folded(text).chars().collect();
    let (places, covered) = places(&letters);
    let mut tokens = Vec::with_capacity(letters.len() * 2);
    for (meaning, _, _) in meanings(&letters) {
        tokens.push(token(MEANING, &meaning.to_string()));
    }
    let speaks = |at: usize| {
        letters
            .get(at)
            .is_some_and(|letter| letter.is_alphanumeric() && !EMPTY.contains(*letter))
            && !covered.get(at).copied().unwrap_or(false)
    };
    let mut text = String::new();
    for (at, letter) in letters.iter().enumerate() {
        if !speaks(at) {
            continue;
        }
        text.clear();
        text.push(*letter);
        tokens.push(token(SINGLE, &text));
        if speaks(at + 1)
            && let Some(next) = letters.get(at + 1)
        {
            text.push(*next);
            tokens.push(token(PAIR, &text));
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    Features {
        tokens: tokens.into(),
        places,
    }
}

/// The kind of a token.
pub(super) fn kind(token: u32) -> u32 {
    token & 3
}
