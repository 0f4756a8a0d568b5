//! What this node needs to send: gateways that are ready, and a bell.

use std::collections::HashMap;

use channels::Gateways;
use tokio::sync::Notify;

/// How the outbox works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long one node has a message for itself, in ms. Who dies meanwhile leaves it to the others after that.
    pub claim: i64,
    /// How many are sent at once.
    pub at_once: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            claim: 120_000,
            at_once: 16,
        }
    }
}

/// The sending side of a node.
#[derive(Debug, Default)]
pub struct Running {
    /// Gateways; none on a node that sends nothing.
    pub gateways: Option<Gateways>,
    /// How the outbox works.
    pub pace: Pace,
    /// Rung when a message was sent again or sending was let go.
    pub changed: Notify,
    /// From when each robot may speak again.
    pub(super) robots: std::sync::Mutex<HashMap<String, i64>>,
}

impl Running {
    /// A node with gateways.
    pub fn new(gateways: Gateways, pace: Pace) -> Self {
        Running {
            gateways: Some(gateways),
            pace,
            ..Running::default()
        }
    }
}
