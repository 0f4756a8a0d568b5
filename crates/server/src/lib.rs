//! The server: HTTP API, timers and live events over the pure rooms and the store; one folder per domain.
//!
//! Knows how commands reach the engine and how its decisions reach the store and the screens. Never decides a rule:
//! rules are in packs, decisions in `regulation`.

pub mod access_log;
pub mod app;
pub mod attachments;
pub mod audit;
pub mod cases;
pub mod centre;
pub mod contacts;
pub mod customers;
pub mod demo;
pub mod exports;
pub mod first_start;
pub mod hand_over;
pub mod http;
pub mod import;
pub mod jobs;
pub mod live;
pub mod messages;
pub mod organisation;
pub mod outside_bodies;
pub mod packs;
pub mod permission;
pub mod personal_data;
pub mod registry;
pub mod rehearsal;
pub mod reports;
pub mod rights;
pub mod schema;
pub mod search;
pub mod session;
pub mod timers;
pub mod tokens;
pub mod verification;
