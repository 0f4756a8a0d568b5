//! Customers (客户): who stands behind a contact, found again by name or number.
//!
//! Numbers leave this room masked, because nobody needs the whole of one to recognise a caller.

mod api;
mod phone;
mod query;

pub use api::{__path_create_customer, __path_customers};
pub use api::{CustomerLine, NewCustomer, create_customer, customers};
pub use phone::{digits, masked};
pub use query::{Found, NewRecord, create, search, searched};
