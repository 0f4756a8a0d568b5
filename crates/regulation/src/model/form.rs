//! Forms: fields in the order of the paper (FORMS.md), and what an action asks.

use crate::expression::Expression;
use crate::model::ClauseRef;
use crate::source::Said;

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// One of the options.
    Choice(Vec<(String, Said)>),
    /// Any number of the options.
    Choices(Vec<(String, Said)>),
    /// Whole number in the named measure's smallest unit.
    Number {
        /// What is counted (`cm³`, `pieces`), for the label.
        measure: Option<String>,
    },
    /// Money in fen.
    Money,
    /// Yes or no.
    Flag,
    /// A point in time.
    Time {
        /// Must lie after now when typed.
        future: bool,
    },
    /// A day.
    Date,
    /// A telephone number.
    Phone,
    /// A structured place of the installation.
    Place,
    /// A person of the staff.
    Person,
    /// Several people of the staff, each once.
    People,
    /// A unit of the organisation.
    Unit,
    /// A customer.
    Customer,
    /// Another case.
    Case,
    /// An entry of the phone book of outside bodies, kept with name and number as they stood when it was chosen.
    OutsideBody,
    /// A drawn signature, kept as a file.
    Signature,
    /// Files.
    Files,
    /// Rows of further fields (tasks for several departments, GEN-22).
    Rows(Vec<Field>),
}

/// Whether a value must be given.
#[derive(Clone, Debug)]
pub enum Required {
    /// Never.
    No,
    /// Always.
    Yes,
    /// When the condition holds.
    When(Expression),
    /// Unless the named other field is given ("a reply, or why none is possible", GEN-6).
    Or(String),
}

/// Where a printed field gets its value when nobody types it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A person types it.
    Typed,
    /// The record gives it: a key of the case (`received_at`, `number`, `first_contact_owner`).
    Record(String),
}

/// One field of a form or of an action.
#[derive(Clone, Debug)]
pub struct Field {
    /// ASCII key; what is typed becomes the case's field of this name.
    pub key: String,
    /// Label.
    pub title: Said,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be given.
    pub required: Required,
    /// Shown and read only when this holds.
    pub when: Option<Expression>,
    /// Repeated to the caller and ticked before the action can be confirmed (TEL-19).
    pub read_back: bool,
    /// Longest text in characters.
    pub longest: u32,
    /// Personal data: masked by function, erased on request (GEN-11).
    pub personal: bool,
    /// A sentence that helps filling it.
    pub help: Option<Said>,
    /// Typed or given by the record.
    pub given: Given,
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.kind == other.kind
    }
}

/// A form of the regulation (《客户建议受理单》): fields in the paper's order.
#[derive(Clone, Debug)]
pub struct Form {
    /// Key in the pack.
    pub key: String,
    /// As printed.
    pub title: Said,
    /// The form's number in the annex (`fm004`).
    pub number: Option<String>,
    /// The clause that asks for it.
    pub clause: Option<ClauseRef>,
    /// In the order of the paper.
    pub fields: Vec<Field>,
    /// Copies and who gets them.
    pub copies: Vec<Said>,
}
