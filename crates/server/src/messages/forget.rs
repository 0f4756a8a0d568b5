//! What the outbox and notices hold of somebody, erased with them: in the batch that erases their records.

use std::collections::BTreeSet;

use regulation::Id;
use store::{Batch, Store, StoreError};

const MESSAGES: &str = "DELETE FROM outbox WHERE case_id = $1";
const NOTICES: &str = "DELETE FROM notices WHERE case_id = $1";
const NUMBERS: &str = "SELECT kind, number FROM customer_numbers WHERE customer = $1";

// What stays is that something was sent, and what became of it; what still waits is not sent any more.
macro_rules! blanked {
    ($which:literal) => {
        concat!(
            "UPDATE outbox SET recipient = '', subject = '', body = '', due = NULL, \
             state = CASE WHEN state = 'waiting' THEN 'withdrawn' ELSE state END WHERE outward = 1 AND ",
            $which
        )
    };
}

const OF_CUSTOMER: &str = blanked!("customer = $1");
const TO_NUMBER: &str = blanked!("channel = $1 AND recipient = $2 AND customer IS NULL");

/// Adds to a batch that nothing is kept of the messages and notices of a case whose contents are erased.
pub fn forget_case(batch: &mut Batch, case: Id) {
    batch.statement(MESSAGES, vec![case.0.into()]);
    batch.statement(NOTICES, vec![case.0.into()]);
}

/// Adds to a batch that the outbox holds no number, address or text of a customer: of messages that were for them, and of
/// those to one of their numbers that were for nobody the house knew.
pub async fn forget_customer(store: &Store, batch: &mut Batch, customer: Id) -> Result<(), StoreError> {
    batch.statement(OF_CUSTOMER, vec![customer.0.into()]);
    let mut reached = BTreeSet::new();
    for row in store.query(NUMBERS, &[customer.0.into()]).await? {
        let (kind, number) = (row.text(0)?, row.text(1)?);
        reached.extend(match kind {
            "phone" => channels::sms::mainland(number).map(|number| ("sms", number)),
            "email" => channels::mail::address(number)
                .ok()
                .map(|address| ("mail", address)),
            _ => None,
        });
    }
    for (channel, recipient) in reached {
        batch.statement(TO_NUMBER, vec![channel.into(), recipient.into()]);
    }
    Ok(())
}
