//! From features to one number.

use super::features::{Features, MEANING, PAIR, kind};
use super::place::compared;

/// From this score on two texts count as alike. Set on the tuning half of the labelled pairs.
pub const ALIKE: f32 = 0.46;

/// How much each thing counts. Set on the tuning half of the labelled pairs (`tests/alike.rs`).
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// A meaning, beside 1 for a pair of characters.
    pub meaning: f32,
    /// A single character.
    pub single: f32,
    /// How much must be common to count for half: what people add around the matter counts for little this way.
    pub half: f32,
    /// How much of the shorter text's weight is added to that, since long texts have more in common by chance.
    pub shorter: f32,
    /// Added to what is common for each place that agrees, up to two.
    pub agree: f32,
    /// Kept of the score for each place that speaks against.
    pub against: f32,
    /// Added to what is common where both stand under the same heading of the form.
    pub same_topic: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            meaning: 6.0,
            single: 0.3,
            half: 12.0,
            shorter: 0.15,
            agree: 2.0,
            against: 0.4,
            same_topic: 2.0,
        }
    }
}

impl Weights {
    /// What a token weighs, from how rare it is.
    pub fn of(&self, token: u32, rarity: f32) -> f32 {
        let kind = match kind(token) {
            MEANING => self.meaning,
            PAIR => 1.0,
            _ => self.single,
        };
        kind * rarity
    }
}

/// How alike two texts are, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness {
    /// All in all, 0 to 1.
    pub score: f32,
    /// The words alone, 0 to 1.
    pub words: f32,
    /// Places that agree.
    pub agree: u32,
    /// Places that speak against each other.
    pub against: u32,
}

/// Likeness of two texts. `common`, `one` and `other` are the weights of the tokens in both, in the one, in the other.
pub fn likeness(
    weights: &Weights,
    (common, one, other): (f32, f32, f32),
    features: (&Features, &Features),
    same_topic: bool,
) -> Likeness {
    let (agree, against) = compared(&features.0.places, &features.1.places);
    let least = weights.half + weights.shorter * one.min(other);
    let words = common / (common + least).max(f32::EPSILON);
    // Two texts of one place still need words in common: what a place adds grows with them.
    let placed = weights.agree * agree.min(2) as f32 * (words * 4.0).min(1.0);
    let topic = if same_topic { weights.same_topic } else { 0.0 };
    let all = common + placed + topic;
    let score = all / (all + least).max(f32::EPSILON)
        * weights.against.powi(i32::try_from(against.min(3)).unwrap_or(3));
    Likeness {
        score,
        words,
        agree,
        against,
    }
}
