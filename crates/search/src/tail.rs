//! What was acknowledged and does not stand in the index yet. Every search looks through it, and what stands here hides
//! what the index still says of the same record.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::index::Document;
use crate::query::{Clause, Query};
use crate::tokens::each_term;

/// The score of a key that matched.
pub(crate) const KEY_SCORE: f32 = 8.0;
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// A document on its way.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// The job that brought it.
    pub job: u64,
    /// `None`: the record is gone.
    pub document: Option<Arc<Document>>,
    /// Hashes of its terms with how often they occur, ascending.
    terms: Vec<(u64, u32)>,
    length: u32,
}

/// How rare a term is, and how long documents are on average: the index's own figures.
pub(crate) struct Rarity {
    /// Inverse document frequency by term.
    pub idf: HashMap<u64, f32>,
    /// Average length.
    pub average: f32,
}

pub(crate) fn hash(term: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    term.hash(&mut hasher);
    hasher.finish()
}

/// BM25's inverse document frequency, as the index computes it.
pub(crate) fn idf(frequency: u64, documents: u64) -> f32 {
    let (frequency, documents) = (frequency.min(documents) as f32, documents as f32);
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}

impl Waiting {
    pub fn new(job: u64, document: Option<Arc<Document>>) -> Self {
        let mut hashes = Vec::new();
        if let Some(document) = &document {
            each_term(&document.body, |term, _, _| hashes.push(hash(term)));
        }
        let length = u32::try_from(hashes.len()).unwrap_or(u32::MAX);
        hashes.sort_unstable();
        let mut terms: Vec<(u64, u32)> = Vec::with_capacity(hashes.len());
        for hash in hashes {
            match terms.last_mut() {
                Some((last, count)) if *last == hash => *count += 1,
                _ => terms.push((hash, 1)),
            }
        }
        Waiting {
            job,
            document,
            terms,
            length,
        }
    }

    fn frequency(&self, hash: u64) -> u32 {
        self.terms
            .binary_search_by_key(&hash, |(known, _)| *known)
            .ok()
            .and_then(|at| self.terms.get(at))
            .map_or(0, |(_, count)| *count)
    }

    /// Its score for a query, or `None` where it does not match.
    pub fn score(&self, query: &Hashed, rarity: &Rarity) -> Option<f32> {
        let document = self.document.as_ref()?;
        let mut score = 0.0;
        for (clause, hashes) in &query.clauses {
            let mut found = 0;
            let mut words = 0.0;
            for hash in hashes {
                let frequency = self.frequency(*hash);
                if frequency == 0 {
                    continue;
                }
                found += 1;
                let idf = rarity.idf.get(hash).copied().unwrap_or_default();
                let frequency = frequency as f32;
                let norm = K1 * (1.0 - B + B * self.length as f32 / rarity.average.max(1.0));
                words += idf * (1.0 + K1) * frequency / (frequency + norm);
            }
            let by_key = clause.keys.iter().any(|key| document.keys.contains(key));
            let by_words = clause.need > 0 && found >= clause.need;
            if !by_key && !by_words {
                return None;
            }
            score += if by_words { words } else { 0.0 };
            score += if by_key { KEY_SCORE } else { 0.0 };
        }
        Some(score)
    }
}

/// A query with its terms hashed once.
pub(crate) struct Hashed {
    pub clauses: Vec<(Clause, Vec<u64>)>,
}

impl Hashed {
    pub fn new(query: &Query) -> Self {
        Hashed {
            clauses: query
                .clauses
                .iter()
                .map(|clause| {
                    let hashes = clause.terms.iter().map(|term| hash(term)).collect();
                    (clause.clone(), hashes)
                })
                .collect(),
        }
    }
}

/// All that waits.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    waiting: HashMap<u32, Waiting>,
    hidden: Vec<u64>,
}

impl Tail {
    pub fn put(&mut self, ordinal: u32, waiting: Waiting) {
        let word = ordinal as usize / 64;
        if self.hidden.len() <= word {
            self.hidden.resize(word + 1, 0);
        }
        if let Some(bits) = self.hidden.get_mut(word) {
            *bits |= 1 << (ordinal % 64);
        }
        self.waiting.insert(ordinal, waiting);
    }

    /// What the index holds of this record is out of date.
    #[inline]
    pub fn hides(&self, ordinal: u32) -> bool {
        self.hidden
            .get(ordinal as usize / 64)
            .is_some_and(|bits| bits >> (ordinal % 64) & 1 == 1)
    }

    /// The index has taken in everything up to this job.
    pub fn taken_in(&mut self, job: u64) {
        let hidden = &mut self.hidden;
        self.waiting.retain(|ordinal, waiting| {
            let stays = waiting.job > job;
            if !stays && let Some(bits) = hidden.get_mut(*ordinal as usize / 64) {
                *bits &= !(1 << (ordinal % 64));
            }
            stays
        });
    }

    pub fn get(&self, ordinal: u32) -> Option<&Waiting> {
        self.waiting.get(&ordinal)
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, &Waiting)> {
        self.waiting.iter().map(|(ordinal, waiting)| (*ordinal, waiting))
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }
}
