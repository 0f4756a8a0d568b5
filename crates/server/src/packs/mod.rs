//! Regulation packs in the database: every version ever put in force, and which one is in force where.

pub mod api;
mod builtin;
mod bundle;
mod library;

pub use builtin::{built_in, built_in_names};
pub use bundle::{Bundle, BundleError};
pub use library::{InForce, Library, activate, load};
