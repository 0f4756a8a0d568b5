//! Regulation packs in the database: every version ever put in force, and which one is in force where.

pub mod api;
mod builtin;
mod bundle;
mod differences;
mod library;
pub mod moving;
pub mod reading;
pub mod versions;

pub use builtin::{built_in, built_in_names};
pub use bundle::{Bundle, BundleError};
pub use differences::{Difference, Kind, differences};
pub use library::{InForce, Library, activate, load};
