//! How alike two texts are: whether two people speak of one matter in one place (CMP-2).
//!
//! Three things are looked at: the words, with everyday words of one meaning taken for one; how rare they are in the stock,
//! so that "please send someone" counts for little; and the places named, since the same words about another building are
//! another matter. All of it is plain functions over values. Whether an alike pair means anything a person decides.

mod features;
mod place;
mod score;
mod stock;
mod words;

pub use features::{Features, features};
pub use place::{Place, Places, places};
pub use score::{ALIKE, Likeness, Weights, likeness};
pub use stock::{Near, Rarity, Stock};
