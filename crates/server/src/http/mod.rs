//! The way in over HTTP: the one shape of refusals, extractors that never answer in another shape, sessions, the
//! router with its OpenAPI description.

mod client;
pub mod extract;
pub mod language;
pub mod metrics;
pub mod problem;
pub mod router;
pub mod wire;

pub use extract::{Body, Params, Route};
pub use language::Language;
pub use problem::{Answer, Problem};
