//! Units, people, functions held with dates, and the working time of each unit: one unchanging picture of them,
//! built again whenever one of them changes.

pub mod administration;
pub mod api;
mod change;
mod holidays;
mod load;
mod picture;
pub mod reach;
pub mod separation;

pub use change::{
    ChangeError, PersonRecord, Terms, UnitRecord, change_person, change_unit, check_person, close_unit,
    rebuild_scopes, set_person, set_person_under, set_unit, set_unit_under,
};
pub use holidays::{NoticeError, set_holidays};
pub use load::load;
pub use picture::{Held, Person, Picture, Unit};
