//! Messages: who is told what happened, in the house at once and outside by whatever channel they chose.
//!
//! Knows from an event whom its words mean, what each of them chose, and how a message waits, is tried, fails and is sent
//! again. Never decides that somebody is told: packs do. Never speaks a gateway's language: `channels` does. Notices and
//! messages stand in the same transaction as the event they tell of, or not at all; outside they arrive at least once, under
//! a key that stays.

mod announce;
pub mod api;
mod attempt;
mod directory;
mod forget;
mod kind;
mod masking;
mod outbox;
mod outward;
mod pace;
mod post;
mod quiet;
mod running;
mod sending;
mod settings;
mod told;
mod webhooks;

pub use announce::{Announcer, asked, withdraw};
pub use directory::{Directory, RobotRoute, Routes, load as load_directory};
pub use forget::{forget_case, forget_customer};
pub use kind::Kind;
use masking::masked;
pub use outbox::{Standing, held, hold, release, standing};
pub use outward::{Addresses, Own, Ready, way};
pub use pace::{Next, Outcome, next};
pub use quiet::Quiet;
pub use running::{Pace, Running};
pub use sending::{Sent, run, send_due};
pub use settings::NOTICE_SETTING;
pub use told::told;
pub use webhooks::WEBHOOK;

#[cfg(test)]
mod tests;
