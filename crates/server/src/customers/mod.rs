//! Customers (客户): who stands behind a contact, found again by name or number.
//!
//! Numbers leave this room masked, because nobody needs the whole of one to recognise a caller.

pub mod api;
mod phone;
mod query;

pub use phone::{digits, masked};
pub use query::{Found, NewRecord, create, create_in, search, searched};
