//! Full-text search over Chinese texts: an index beside either database, and the tail that it has not taken in yet.
//!
//! Knows texts, words and how often they occur, and which texts are alike. Never knows what a case or a customer is, nor
//! decides who may see one: every question brings its own answer to "may this one be counted?". The index can be thrown
//! away at any time; whoever feeds it can feed it again.

pub mod alike;
pub mod excerpt;
mod fold;
mod index;
mod ordinals;
mod passes;
mod query;
mod tail;
mod tokens;
mod writer;

pub use fold::{fold, folded};
pub use index::{Ask, Document, Found, Hit, Index, Order, SearchError};
pub use ordinals::Ordinals;
pub use query::{Clause, Query};
pub use tokens::{terms, units};
