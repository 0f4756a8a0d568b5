//! Units, people, functions held with dates, and the working time of each unit: one unchanging picture of them,
//! built again whenever one of them changes.

pub mod api;
mod change;
mod holidays;
mod load;
mod picture;

pub use change::{
    ChangeError, PersonRecord, UnitRecord, change_person, change_unit, rebuild_scopes, set_person, set_unit,
};
pub use holidays::{NoticeError, set_holidays};
pub use load::load;
pub use picture::{Held, Person, Picture, Unit};
