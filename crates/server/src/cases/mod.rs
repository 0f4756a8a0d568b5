//! Cases: commands carried out, and what screens read of them.

pub mod api;
pub mod board;
pub mod facts;
pub mod payload;
pub mod projection;
pub mod query;
pub mod reach;
pub mod rights;
pub mod shell;
pub mod timeline;
pub mod view;
pub mod words;
