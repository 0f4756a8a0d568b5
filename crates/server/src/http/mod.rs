//! The way in over HTTP: the one shape of refusals, extractors that never answer in another shape, sessions, the
//! router with its OpenAPI description.

mod client;
pub mod client_address;
pub mod connection;
pub mod extract;
pub mod flood;
pub mod language;
pub mod metrics;
pub mod problem;
pub mod router;
pub mod serving;
pub mod tls;
pub mod way_in;
pub mod wire;

pub use client_address::ClientAddress;
pub use extract::{Body, Params, Route};
pub use language::Language;
pub use problem::{Answer, Problem};
pub use way_in::WayIn;
