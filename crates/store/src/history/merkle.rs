//! The Merkle tree over the whole history, in the shape of RFC 6962: leaf = H(0x00 ‖ event hash), node = H(0x01 ‖
//! left ‖ right), a tree of n leaves is split at the largest power of two below n. Pure: hashes in, hashes out.

use sha2::{Digest, Sha256};

use super::hash::Hash;

/// Leaves under one tile of level 0; a tile of level k + 1 stands over as many tiles of level k.
pub const TILE: u64 = 256;

/// The height of a tile above what it stands over.
const TILE_HEIGHT: u32 = 8;

/// The hash of a leaf.
pub fn leaf(event_hash: &Hash) -> Hash {
    let mut bytes = [0; 33];
    bytes[1..].copy_from_slice(event_hash);
    Sha256::digest(bytes).into()
}

/// The hash of a node over two others.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// A complete subtree: `1 << height` leaves, beginning at leaf `place << height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subtree {
    /// 0 for a leaf.
    pub height: u32,
    /// Which one of its height, from 0.
    pub place: u64,
}

/// A complete subtree of 256, 65,536 … leaves, whose hash is kept so that proofs and restarts need not read all
/// leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// 0 over 256 leaves, 1 over 65,536 …
    pub level: u32,
    /// Which one of its level, from 0.
    pub place: u64,
    /// Its hash.
    pub hash: Hash,
}

/// A growing tree: the peaks of its complete subtrees, nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<(u32, Hash)>,
}

impl Tree {
    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; tiles that become complete are handed over, lower ones first.
    pub fn push(&mut self, leaf: Hash, tile: impl FnMut(Tile)) {
        self.push_subtree(0, leaf, tile);
    }

    /// Adds a complete subtree, which must not be higher than what the tree's size leaves room for.
    pub fn push_subtree(&mut self, height: u32, hash: Hash, mut tile: impl FnMut(Tile)) {
        self.size += 1 << height;
        let (mut height, mut hash) = (height, hash);
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == height) {
            hash = node(&left, &hash);
            height += 1;
            if height % TILE_HEIGHT == 0 {
                let place = (self.size >> height) - 1;
                tile(Tile {
                    level: height / TILE_HEIGHT - 1,
                    place,
                    hash,
                });
            }
        }
        self.peaks.push((height, hash));
    }

    /// The root; H() of nothing for an empty tree.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = peaks.next() else {
            return Sha256::digest([]).into();
        };
        peaks.fold(last, |right, left| node(&left, &right))
    }
}

/// The complete subtrees that make up the leaves from `from` up to `to`, from left to right, where `from` is a
/// multiple of the largest of them (as it is for every part of a tree's split).
fn cover(from: u64, to: u64) -> Vec<Subtree> {
    let mut parts = Vec::new();
    let mut at = from;
    while at < to {
        let height = (to - at).ilog2();
        parts.push(Subtree {
            height,
            place: at >> height,
        });
        at += 1 << height;
    }
    parts
}

/// What the inclusion path of a leaf in a tree of `size` leaves is made of: for each step, from the leaf up, the
/// complete subtrees whose peaks give the step's hash ([`fold`]).
pub fn path_parts(leaf: u64, size: u64) -> Vec<Vec<Subtree>> {
    let mut steps = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let split = 1 << (to - from - 1).ilog2();
        if leaf < from + split {
            steps.push(cover(from + split, to));
            to = from + split;
        } else {
            steps.push(cover(from, from + split));
            from += split;
        }
    }
    steps.reverse();
    steps
}

/// The hash over complete subtrees that stand side by side, from left to right.
pub fn fold(peaks: &[Hash]) -> Option<Hash> {
    let mut peaks = peaks.iter().rev().copied();
    let last = peaks.next()?;
    Some(peaks.fold(last, |right, left| node(&left, &right)))
}

/// The hash of a complete subtree over all the hashes that stand directly at some level below it.
pub fn complete(hashes: &[Hash]) -> Option<Hash> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level
            .chunks_exact(2)
            .map(|pair| node(&pair[0], &pair[1]))
            .collect();
    }
    level.first().copied()
}

/// The root that a leaf's inclusion path leads to, in a tree of `size` leaves; `None` when the path has the wrong
/// length.
pub fn root_by_path(leaf_hash: Hash, leaf: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if leaf >= size {
        return None;
    }
    let (mut at, mut last) = (leaf, size - 1);
    let mut hash = leaf_hash;
    for step in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = node(step, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaves(size: u64) -> Vec<Hash> {
        (0..size)
            .map(|at| leaf(&Sha256::digest(at.to_be_bytes()).into()))
            .collect()
    }

    /// The definition of RFC 6962, word for word.
    fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            more => {
                let split = 1 << (more.len() - 1).ilog2();
                node(
                    &root_by_definition(&more[..split]),
                    &root_by_definition(&more[split..]),
                )
            }
        }
    }

    fn grown(leaves: &[Hash]) -> (Tree, Vec<Tile>) {
        let (mut tree, mut tiles) = (Tree::default(), Vec::new());
        for leaf in leaves {
            tree.push(*leaf, |tile| tiles.push(tile));
        }
        (tree, tiles)
    }

    #[test]
    fn the_roots_of_rfc_6962s_known_tree() {
        // The empty tree, and the tree of one empty leaf, as Certificate Transparency's test vectors give them.
        let empty = super::super::hash::to_hex(&Tree::default().root());
        assert_eq!(
            empty,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_grown_tree_has_the_root_of_the_definition(size in 0u64..700) {
            let leaves = leaves(size);
            prop_assert_eq!(grown(&leaves).0.root(), root_by_definition(&leaves));
        }

        #[test]
        fn every_path_leads_to_the_root_and_no_other_leaf_does(size in 1u64..700, pick in any::<u64>()) {
            let leaves = leaves(size);
            let at = pick % size;
            let hash_of = |part: &Subtree| {
                let (from, to) = (part.place << part.height, (part.place + 1) << part.height);
                complete(&leaves[from as usize..to as usize]).unwrap()
            };
            let path: Vec<Hash> = path_parts(at, size)
                .iter()
                .map(|step| fold(&step.iter().map(hash_of).collect::<Vec<_>>()).unwrap())
                .collect();
            let root = root_by_definition(&leaves);
            prop_assert_eq!(root_by_path(leaves[at as usize], at, size, &path), Some(root));
            let forged = leaf(&[9; 32]);
            prop_assert_ne!(root_by_path(forged, at, size, &path), Some(root));
            let elsewhere = (at + 1) % size;
            if elsewhere != at {
                prop_assert_ne!(root_by_path(leaves[at as usize], elsewhere, size, &path), Some(root));
            }
            prop_assert_eq!(root_by_path(leaves[at as usize], size, size, &path), None);
        }

        #[test]
        fn a_tree_begun_again_from_its_tiles_is_the_same(size in 0u64..1500) {
            let leaves = leaves(size);
            let (tree, tiles) = grown(&leaves);
            let mut again = Tree::default();
            for tile in tiles.iter().filter(|tile| tile.level == 0) {
                again.push_subtree(8, tile.hash, |_| {});
            }
            for leaf in &leaves[again.size() as usize..] {
                again.push(*leaf, |_| {});
            }
            prop_assert_eq!(again, tree);
        }
    }
}
