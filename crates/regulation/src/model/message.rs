//! What people are told: words of the act itself, or a message with a length limit and an order in which its parts
//! yield (LOG-3).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ClauseRef, FieldKind, Who};
use crate::expression::Expression;
use crate::source::Said;

/// How a telling leaves the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A short message to a telephone.
    Sms,
    /// A mail.
    Mail,
}

/// What is told.
#[derive(Clone, Debug)]
pub enum Content {
    /// Fixed words.
    Said(Said),
    /// A message, composed from the case when the act is done.
    Message(Arc<Message>),
}

/// Someone is told something by an act.
#[derive(Clone, Debug)]
pub struct Telling {
    /// Who.
    pub who: Vec<Who>,
    /// Only when this holds.
    pub when: Option<Expression>,
    /// What.
    pub what: Content,
    /// How it goes to the customer.
    pub channel: Option<Channel>,
    /// The field of the case that holds the customer's number or address, to be used before his own record.
    pub address: Option<String>,
}

/// A text document with a length limit (LOG-3).
#[derive(Clone, Debug)]
pub struct Message {
    /// Key in the pack.
    pub key: String,
    /// As people say it.
    pub title: Said,
    /// The clause behind it.
    pub clause: ClauseRef,
    /// Most characters in Chinese and in English; `None` for as long as it gets.
    pub longest: Option<Longest>,
    /// The Chinese text in order.
    pub zh: Vec<Piece>,
    /// The English text in order.
    pub en: Vec<Piece>,
    /// What the placeholders stand for.
    pub parts: Vec<Part>,
}

/// Most characters, as a short message counts them: one outside Unicode's basic plane counts as two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Longest {
    /// Of the Chinese text.
    pub zh: u32,
    /// Of the English text.
    pub en: u32,
}

/// A piece of a message's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Written as it stands.
    Plain(String),
    /// The part with this index.
    Part(usize),
}

/// What a placeholder of a message stands for.
#[derive(Clone, Debug)]
pub struct Part {
    /// As written between braces.
    pub key: String,
    /// Its value.
    pub value: Expression,
    /// The kind of the field it is, so that options and money read as people write them.
    pub kind: Option<FieldKind>,
    /// The words around it, with `{value}` in their midst; they go where it goes.
    pub say: Option<Said>,
    /// Its turn when the message is too long; the lowest goes first, without one it never yields.
    pub yields: Option<u32>,
    /// It is shortened to no fewer characters; without this it is left out whole.
    pub shorten_to: Option<u32>,
}
