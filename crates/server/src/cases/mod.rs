//! Cases: commands carried out, and what screens read of them.

pub mod facts;
pub mod payload;
pub mod projection;
pub mod shell;
