//! Messages to customers: by which way one is reached, and what the message says there. Choosing is a plain function; the
//! numbers and addresses are read beforehand, once for all customers that a decision tells.

use std::collections::{BTreeSet, HashMap};

use regulation::case::{Addressee, Composed};
use regulation::model::Channel;
use regulation::{Change, Decision, Id};
use serde_json::json;
use store::{Store, StoreError};

// The record that a merged one points to, however often it was merged on.
const NUMBERS: &str = "WITH RECURSIVE kept(id) AS (SELECT CAST($1 AS BIGINT) UNION \
     SELECT p.merged_into FROM customer_profiles p JOIN kept k ON p.id = k.id WHERE p.merged_into IS NOT NULL) \
     SELECT n.kind, n.number FROM kept k LEFT JOIN customer_profiles p ON p.id = k.id \
     JOIN customer_numbers n ON n.customer = k.id WHERE p.merged_into IS NULL ORDER BY n.no";

/// The subject of a letter whose words stand in the act itself.
const SUBJECT: &str = "客户服务通知";

/// A number or address of a customer's own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// `phone`, `email`, `wechat`, `other`.
    pub kind: String,
    /// The number or address.
    pub number: String,
}

/// Which gateways there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// For SMS.
    pub sms: bool,
    /// For mail.
    pub mail: bool,
}

/// Numbers and addresses of the customers that a decision tells, in the order of their records.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    of: HashMap<Id, Vec<Own>>,
}

impl Addresses {
    /// Those that the events of a decision need; nothing is read where no customer is told.
    pub async fn read(store: &Store, decision: &Decision) -> Result<Addresses, StoreError> {
        let opened = decision.opened.iter().flat_map(|(_, events)| events);
        let changes = decision
            .events
            .iter()
            .chain(opened)
            .flat_map(|event| &event.changes);
        let told = changes.flat_map(|change| match change {
            Change::Told { to, .. } => to.as_slice(),
            _ => &[],
        });
        let customers: BTreeSet<Id> = told
            .filter_map(|one| match one {
                Addressee::Customer { customer, .. } => *customer,
                _ => None,
            })
            .collect();
        let mut addresses = Addresses::default();
        for customer in customers {
            let mut own = Vec::new();
            for row in store.query(NUMBERS, &[customer.0.into()]).await? {
                own.push(Own {
                    kind: row.text(0)?.to_owned(),
                    number: row.text(1)?.to_owned(),
                });
            }
            addresses.of.insert(customer, own);
        }
        Ok(addresses)
    }

    /// A customer's.
    pub fn of(&self, customer: Id) -> &[Own] {
        self.of.get(&customer).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The word of a channel in the outbox.
pub(super) fn word(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "sms",
        Channel::Mail => "mail",
    }
}

/// By which way a customer is reached: what the case names goes before their own record, the channel that the pack asks for
/// before any other, and of two that would do one that has a gateway. The channel that was wanted where there is none.
pub fn way(
    asked: Option<Channel>,
    named: Option<&str>,
    own: &[Own],
    ready: Ready,
) -> Result<(Channel, String), Channel> {
    let ways: &[Channel] = match asked {
        Some(Channel::Sms) => &[Channel::Sms],
        Some(Channel::Mail) => &[Channel::Mail],
        None if ready.mail && !ready.sms => &[Channel::Mail, Channel::Sms],
        None => &[Channel::Sms, Channel::Mail],
    };
    for channel in ways {
        let (kind, read): (_, fn(&str) -> Option<String>) = match channel {
            Channel::Sms => ("phone", channels::sms::mainland),
            Channel::Mail => ("email", |text| channels::mail::address(text).ok()),
        };
        let own = own.iter().filter(|own| own.kind == kind);
        let mut candidates = named.into_iter().chain(own.map(|own| own.number.as_str()));
        if let Some(recipient) = candidates.find_map(read) {
            return Ok((*channel, recipient));
        }
    }
    Err(ways.first().copied().unwrap_or(Channel::Sms))
}

/// What is said to a customer.
pub(super) struct Saying<'a> {
    /// The case's number.
    pub(super) number: &'a str,
    /// The words.
    pub(super) text: &'a str,
    /// The message of the pack that they are.
    pub(super) message: Option<&'a Composed>,
}

impl Saying<'_> {
    /// Subject and body as the channel takes them. The approved text of a short message is chosen when it is sent.
    pub(super) fn on(&self, channel: Channel) -> (String, String) {
        let title = self.message.map_or(SUBJECT, |message| message.title.zh.as_str());
        match channel {
            Channel::Mail => {
                let body = format!("{}\n\n事项编号：{}\n", self.text, self.number);
                (format!("{title} {}", self.number), body)
            }
            Channel::Sms => {
                let key = self.message.map_or("", |message| message.key.as_str());
                let params = json!({ "number": self.number, "text": self.text, "title": title });
                let body = json!({ "message": key, "params": params }).to_string();
                (self.number.to_owned(), body)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(kind: &str, number: &str) -> Own {
        Own {
            kind: kind.into(),
            number: number.into(),
        }
    }

    const BOTH: Ready = Ready {
        sms: true,
        mail: true,
    };

    #[test]
    fn what_the_case_names_goes_before_the_record() {
        let record = [own("phone", "13900000001"), own("email", "wang@example.cn")];
        let named = way(Some(Channel::Sms), Some("+86 138 0000 0002"), &record, BOTH);
        assert_eq!(named, Ok((Channel::Sms, "13800000002".into())));
        // A landline takes no short message: the record's own number does.
        let landline = way(Some(Channel::Sms), Some("0571-88810000"), &record, BOTH);
        assert_eq!(landline, Ok((Channel::Sms, "13900000001".into())));
        let none = way(Some(Channel::Mail), None, &record[..1], BOTH);
        assert_eq!(none, Err(Channel::Mail));
    }

    #[test]
    fn without_a_channel_it_goes_where_there_is_a_gateway() {
        let record = [own("phone", "13900000001"), own("email", "wang@example.cn")];
        let mail = Ready {
            sms: false,
            mail: true,
        };
        assert_eq!(
            way(None, None, &record, BOTH).map(|(way, _)| way),
            Ok(Channel::Sms)
        );
        assert_eq!(
            way(None, None, &record, mail).map(|(way, _)| way),
            Ok(Channel::Mail)
        );
        assert_eq!(
            way(None, None, &record[..1], mail).map(|(way, _)| way),
            Ok(Channel::Sms)
        );
        assert_eq!(
            way(None, None, &[own("wechat", "13900000001")], BOTH),
            Err(Channel::Sms)
        );
    }
}
