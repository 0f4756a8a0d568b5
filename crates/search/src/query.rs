//! What is searched for, as terms: one rule for the index and for the tail, so that totals are exact.
//!
//! Words apart are all wanted. A word of two characters is one term; a longer one is found by its pairs, all of them up to
//! four characters or where there is a number in it, three of four in what is longer, because a long phrase is rarely
//! written twice alike.

use std::collections::HashSet;

use crate::tokens::{Unit, pair, units};

/// How much of a query is looked at.
const MOST_UNITS: usize = 48;

/// Characters that make a place of the number or letter beside them (3栋, A座, 2单元).
const PLACES: &str = "栋幢座楼层单室号弄期区户梯门厅";

/// One thing that must be there: enough of these terms in the text, or one of these keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    /// Terms of the text.
    pub terms: Vec<String>,
    /// How many of them are enough; 0 where only keys count.
    pub need: usize,
    /// Keys any of which is enough.
    pub keys: Vec<String>,
}

/// A query: every clause must hold. Without a clause everything is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The clauses.
    pub clauses: Vec<Clause>,
}

impl Query {
    /// Reads what a person typed; `keys` names the keys that stand for a Latin word or a number.
    pub fn read(text: &str, keys: impl Fn(&str) -> Vec<String>) -> Query {
        let units = units(text);
        let units = units.get(..units.len().min(MOST_UNITS)).unwrap_or(&units);
        let mut clauses: Vec<Clause> = Vec::new();
        let mut from = 0;
        for at in 1..=units.len() {
            let bound = units
                .get(at)
                .zip(units.get(at - 1))
                .is_some_and(|(next, one)| bound(one, next));
            if bound {
                continue;
            }
            let clause = clause(units.get(from..at).unwrap_or_default(), &keys);
            if !clauses.contains(&clause) {
                clauses.push(clause);
            }
            from = at;
        }
        Query { clauses }
    }

    /// Only what has this key.
    pub fn key(key: impl Into<String>) -> Query {
        Query {
            clauses: vec![Clause {
                keys: vec![key.into()],
                ..Clause::default()
            }],
        }
    }

    /// Every term that counts, for highlighting.
    pub fn terms(&self) -> HashSet<&str> {
        self.clauses
            .iter()
            .flat_map(|clause| clause.terms.iter().map(String::as_str))
            .collect()
    }
}

/// Whether two units must stand together to be meant.
fn bound(one: &Unit, next: &Unit) -> bool {
    if one.end != next.start {
        return false;
    }
    let place = |unit: &Unit| unit.text.chars().all(|letter| PLACES.contains(letter));
    match (one.han, next.han) {
        (true, true) => true,
        (false, true) => one.number() || place(next),
        (true, false) => place(one) && next.number(),
        (false, false) => false,
    }
}

fn clause(units: &[Unit], keys: &impl Fn(&str) -> Vec<String>) -> Clause {
    if let [unit] = units {
        return Clause {
            terms: vec![unit.text.clone()],
            need: 1,
            keys: if unit.han { Vec::new() } else { keys(&unit.text) },
        };
    }
    let mut terms: Vec<String> = Vec::new();
    for (one, next) in units.iter().zip(units.iter().skip(1)) {
        if let Some(both) = pair(one, next)
            && !terms.contains(&both)
        {
            terms.push(both);
        }
    }
    // A number is meant as it stands: 3栋2单元 is not 13栋2单元.
    let need = if terms.len() <= 3 || units.iter().any(Unit::number) {
        terms.len()
    } else {
        (terms.len() * 3).div_ceil(4)
    };
    Clause {
        terms,
        need,
        keys: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Vec<String>, usize)> {
        let query = Query::read(text, |_| Vec::new());
        query
            .clauses
            .into_iter()
            .map(|clause| (clause.terms, clause.need))
            .collect()
    }

    fn clauses(of: &[(&[&str], usize)]) -> Vec<(Vec<String>, usize)> {
        of.iter()
            .map(|(terms, need)| (terms.iter().map(|term| (*term).to_owned()).collect(), *need))
            .collect()
    }

    #[test]
    fn qlt_5_a_word_is_its_pairs_and_words_apart_are_all_wanted() {
        assert_eq!(read("积水"), clauses(&[(&["积水"], 1)]));
        assert_eq!(
            read("停车场 积水"),
            clauses(&[(&["停车", "车场"], 2), (&["积水"], 1)])
        );
        assert_eq!(read("地下车库积水").first().map(|(_, need)| *need), Some(4));
        assert_eq!(read("B2积水"), clauses(&[(&["b2"], 1), (&["积水"], 1)]));
        assert_eq!(read("3栋2单元"), clauses(&[(&["3栋", "栋2", "2单", "单元"], 4)]));
        assert_eq!(
            read("TS20261120-0037"),
            clauses(&[(&["ts20261120"], 1), (&["0037"], 1)])
        );
        assert_eq!(read("A座"), clauses(&[(&["a座"], 1)]));
        assert!(read("？ 。").is_empty());
    }
}
