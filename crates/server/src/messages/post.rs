//! A message on its way into the outbox, and the row it becomes.

use calendar::Moment;
use regulation::Id;
use store::{Row, Value};

use crate::schema::OUTBOX;

/// The state of a message for which the customer has no number or address.
pub(super) const UNREACHABLE: &str = "unreachable";

/// A message that is laid into the outbox.
pub(super) struct Post {
    key: String,
    channel: &'static str,
    recipient: String,
    subject: String,
    body: String,
    event: (Id, i64),
    state: &'static str,
    due: Option<Moment>,
    outward: bool,
    customer: Option<Id>,
}

impl Post {
    /// A message that follows from an event of a case, to go out when it is due. The key stays when it is sent again.
    pub(super) fn new(
        key: String,
        channel: &'static str,
        recipient: &str,
        event: (Id, i64),
        due: Moment,
    ) -> Post {
        Post {
            key,
            channel,
            recipient: recipient.to_owned(),
            subject: String::new(),
            body: String::new(),
            event,
            state: "waiting",
            due: Some(due),
            outward: false,
            customer: None,
        }
    }

    /// With what it says.
    pub(super) fn saying(mut self, subject: &str, body: String) -> Post {
        self.subject = subject.to_owned();
        self.body = body;
        self
    }

    /// One to a customer, of a known record or of none.
    pub(super) fn outward(mut self, customer: Option<Id>) -> Post {
        self.outward = true;
        self.customer = customer;
        self
    }

    /// One that goes nowhere: what stands is that it could not.
    pub(super) fn unreachable(mut self) -> Post {
        self.state = UNREACHABLE;
        self.due = None;
        self
    }

    /// Its row.
    pub(super) fn row(self, id: i64, made: Moment) -> Row {
        let (case, seq) = self.event;
        Row {
            table: &OUTBOX,
            values: vec![
                id.into(),
                self.key.into(),
                self.channel.into(),
                self.recipient.into(),
                self.subject.into(),
                self.body.into(),
                case.0.into(),
                seq.into(),
                self.state.into(),
                0_i64.into(),
                made.as_millis().into(),
                self.due.map(Moment::as_millis).into(),
                0_i64.into(),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Null,
                self.customer.map(|customer| customer.0).into(),
                self.outward.into(),
            ],
        }
    }
}
