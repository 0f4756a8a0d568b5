//! The open stock: features of every text that may be alike, looked through as a whole for each question.

use std::collections::HashMap;

use super::features::Features;
use super::score::{Likeness, Weights, likeness};

/// No token is rarer than this: a word that one in twenty says is as good a mark as one that nobody else says.
const MOST: f32 = 3.0;

/// A smaller stock is judged as if it held so many texts: where all speak of one matter its words are no less a mark.
const FEWEST: u32 = 50;

/// How often each token occurs.
#[derive(Clone, Debug, Default)]
pub struct Rarity {
    texts: u32,
    counts: HashMap<u32, u32>,
}

impl Rarity {
    /// One more text.
    pub fn add(&mut self, features: &Features) {
        self.texts += 1;
        for token in &features.tokens {
            *self.counts.entry(*token).or_default() += 1;
        }
    }

    /// One text less.
    pub fn take_away(&mut self, features: &Features) {
        self.texts = self.texts.saturating_sub(1);
        for token in &features.tokens {
            if let Some(count) = self.counts.get_mut(token) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(token);
                }
            }
        }
    }

    /// How rare a token is: 0 for what stands everywhere.
    pub fn of(&self, token: u32) -> f32 {
        let count = self.counts.get(&token).copied().unwrap_or(0).max(1) as f32;
        let texts = self.texts.max(FEWEST) as f32;
        ((texts + 1.0) / (count + 0.5)).ln().clamp(0.05, MOST)
    }

    /// The weight of all tokens of a text.
    pub fn weight(&self, weights: &Weights, features: &Features) -> f32 {
        features
            .tokens
            .iter()
            .map(|token| weights.of(*token, self.of(*token)))
            .sum()
    }
}

#[derive(Debug)]
struct Entry {
    key: u32,
    topic: u32,
    features: Features,
    /// Weight of its tokens, as rare as they were when it was computed.
    weight: f32,
}

/// A text that is alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Its key.
    pub key: u32,
    /// How alike.
    pub likeness: Likeness,
}

/// The stock.
#[derive(Debug, Default)]
pub struct Stock {
    weights: Weights,
    rarity: Rarity,
    entries: Vec<Entry>,
    places: HashMap<u32, usize>,
    /// How many there were when the weights were computed.
    weighed: usize,
}

impl Stock {
    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes a text in, in the place of the one with its key. `topic` is what the form says it is about; 0 is nothing.
    pub fn put(&mut self, key: u32, topic: u32, features: Features) {
        self.remove(key);
        self.rarity.add(&features);
        self.places.insert(key, self.entries.len());
        let weight = self.rarity.weight(&self.weights, &features);
        self.entries.push(Entry {
            key,
            topic,
            features,
            weight,
        });
        // Words grow common as the stock grows: weights follow each time it has grown by a quarter.
        if self.entries.len() > self.weighed + self.weighed / 4 + 16 {
            self.weighed = self.entries.len();
            for entry in &mut self.entries {
                entry.weight = self.rarity.weight(&self.weights, &entry.features);
            }
        }
    }

    /// Forgets a text.
    pub fn remove(&mut self, key: u32) {
        let Some(at) = self.places.remove(&key) else {
            return;
        };
        let gone = self.entries.swap_remove(at);
        self.rarity.take_away(&gone.features);
        if let Some(moved) = self.entries.get(at) {
            self.places.insert(moved.key, at);
        }
    }

    /// The features and topic kept under a key.
    pub fn get(&self, key: u32) -> Option<(&Features, u32)> {
        let entry = self.entries.get(*self.places.get(&key)?)?;
        Some((&entry.features, entry.topic))
    }

    /// The texts at least so alike, the likest first. `keep` says which may be counted.
    pub fn near(&self, features: &Features, topic: u32, least: f32, keep: impl Fn(u32) -> bool) -> Vec<Near> {
        let asked: Vec<(u32, f32)> = features
            .tokens
            .iter()
            .map(|token| (*token, self.weights.of(*token, self.rarity.of(*token))))
            .collect();
        let weight: f32 = asked.iter().map(|(_, weight)| weight).sum();
        let mut near: Vec<Near> = Vec::new();
        for entry in &self.entries {
            let common = common(&asked, &entry.features.tokens);
            // Without so much in common no place can make up for it.
            if common <= 0.1 * weight.min(entry.weight) || !keep(entry.key) {
                continue;
            }
            let likeness = likeness(
                &self.weights,
                (common, weight, entry.weight),
                (features, &entry.features),
                topic != 0 && topic == entry.topic,
            );
            if likeness.score >= least {
                near.push(Near {
                    key: entry.key,
                    likeness,
                });
            }
        }
        near.sort_by(|one, other| {
            other
                .likeness
                .score
                .total_cmp(&one.likeness.score)
                .then(other.key.cmp(&one.key))
        });
        near
    }
}

/// The weight of what two ascending lists of tokens have in common.
fn common(asked: &[(u32, f32)], tokens: &[u32]) -> f32 {
    let (mut sum, mut at) = (0.0, 0);
    for (token, weight) in asked {
        while tokens.get(at).is_some_and(|known| known < token) {
            at += 1;
        }
        if tokens.get(at) == Some(token) {
            sum += weight;
            at += 1;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alike::{ALIKE, features};

    fn stock() -> Stock {
        let mut stock = Stock::default();
        let texts = [
            "锦云花园B2车库积水",
            "锦云花园地下车库B2层被水淹了",
            "翠湖小区B1车库积水",
            "锦云花园电梯坏了",
            "望海路路灯不亮",
        ];
        for (key, text) in (1u32..).zip(texts) {
            stock.put(key, 0, features(text));
        }
        stock
    }

    #[test]
    fn cmp_2_the_same_matter_in_the_same_place_is_alike_and_another_building_is_not() {
        let stock = stock();
        let near = stock.near(&features("锦云花园负二层停车场积水严重"), 0, ALIKE, |_| true);
        let mut keys: Vec<u32> = near.iter().map(|near| near.key).collect();
        keys.sort_unstable();
        assert_eq!(keys, [1, 2]);
    }

    #[test]
    fn what_was_removed_or_is_out_of_reach_is_not_near() {
        let mut stock = stock();
        let asked = features("锦云花园B2车库积水");
        assert!(
            stock
                .near(&asked, 0, ALIKE, |key| key != 1)
                .iter()
                .all(|near| near.key != 1)
        );
        stock.remove(1);
        assert!(
            stock
                .near(&asked, 0, ALIKE, |_| true)
                .iter()
                .all(|near| near.key != 1)
        );
        assert_eq!(stock.len(), 4);
        for key in [2, 3, 4, 5] {
            assert!(stock.get(key).is_some());
            stock.remove(key);
        }
        assert!(stock.is_empty() && stock.rarity.counts.is_empty());
    }
}
