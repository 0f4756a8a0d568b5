//! The doors by which messages leave the house: mail, SMS gateways, group robots, web hooks.
//!
//! Knows how each receiver wants a message written, signed and sent, and what its answer means. Never decides what is sent,
//! to whom or when, keeps nothing, and knows no case: the outbox in `server` does. Every message carries a key that stays
//! the same when it is sent again, so that whoever receives it twice can tell.

pub mod door;
pub mod mail;
mod outcome;
pub mod public;
mod reach;
pub mod robot;
mod secret;
mod settings;
mod signing;
pub mod sms;
mod template;
pub mod webhook;

pub use outcome::{Accepted, Failure};
pub use secret::Secret;
pub use settings::{Gateways, Mistake, Settings};
pub use template::{Template, Unknown};
