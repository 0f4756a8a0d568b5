//! Whom an event tells, and how a message goes out of the house.

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::{Channel, ClauseRef};
use crate::source::Said;

/// Someone who is told, worked out when the event was made. Functions stay functions: who holds them is asked when it
/// is sent, so that an absent person's deputy hears of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Addressee {
    /// One person of the staff.
    Person {
        /// Who.
        person: Id,
    },
    /// Whoever holds a function in a unit that is, or contains, one of these.
    Function {
        /// The function's key.
        function: String,
        /// For these units.
        units: Vec<Id>,
        /// Higher ranks of the same ladder too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        and_above: bool,
    },
    /// Whoever holds any function inside this unit.
    Members {
        /// The unit.
        unit: Id,
    },
    /// The customer.
    Customer {
        /// As known to the house; none for one who is not registered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<Id>,
        /// The number or address that the case itself names, to be used before the customer's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
}

/// How a telling goes out of the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The channel that the pack asks for; without one, whichever reaches the addressee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The message of the pack that was composed; none where the words stand in the act itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Composed>,
}

/// Which message was composed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composed {
    /// Its key in the pack.
    pub key: String,
    /// Its title, for the subject of a mail.
    pub title: Said,
    /// The clause behind it.
    pub clause: ClauseRef,
}
