//! Small numbers for records, so that what changes often can be kept in plain columns beside the index.

use std::collections::HashMap;

/// No ordinal: a record that is in the index but not known any more.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// Ids and their ordinals. Those loaded at the start lie sorted and cost eight bytes; later ones lie in a map too.
#[derive(Debug, Default)]
pub struct Ordinals {
    ids: Vec<i64>,
    sorted: usize,
    later: HashMap<i64, u32>,
}

impl Ordinals {
    /// Begins with these ids.
    pub fn new(mut ids: Vec<i64>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        ids.shrink_to_fit();
        Ordinals {
            sorted: ids.len(),
            ids,
            later: HashMap::new(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The ordinal of an id.
    pub fn find(&self, id: i64) -> Option<u32> {
        let sorted = self.ids.get(..self.sorted).unwrap_or_default();
        match sorted.binary_search(&id) {
            Ok(at) => u32::try_from(at).ok(),
            Err(_) => self.later.get(&id).copied(),
        }
    }

    /// The ordinal of an id, given to it now if it has none.
    pub fn give(&mut self, id: i64) -> u32 {
        if let Some(ordinal) = self.find(id) {
            return ordinal;
        }
        let ordinal = u32::try_from(self.ids.len()).unwrap_or(UNKNOWN);
        self.ids.push(id);
        self.later.insert(id, ordinal);
        ordinal
    }

    /// The id behind an ordinal.
    pub fn id(&self, ordinal: u32) -> Option<i64> {
        self.ids.get(ordinal as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_ordinal() {
        let mut ordinals = Ordinals::new(vec![7, 3, 7]);
        assert_eq!(
            (ordinals.len(), ordinals.find(3), ordinals.find(7)),
            (2, Some(0), Some(1))
        );
        assert_eq!(ordinals.find(5), None);
        assert_eq!((ordinals.give(5), ordinals.give(5), ordinals.give(3)), (2, 2, 0));
        assert_eq!(ordinals.id(2), Some(5));
    }
}
