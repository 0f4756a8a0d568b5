//! Units, people, functions held with dates, and the working time of each unit: one unchanging picture of them,
//! built again whenever one of them changes.

mod load;
mod picture;

pub use load::load;
pub use picture::{Held, Person, Picture, Unit};
