//! Contacts in the timeline of a case.

use regulation::Id;
use store::StoreError;

use super::of_case;
use crate::app::App;
use crate::cases::timeline::{Entry, Typed};
use crate::session::Caller;

/// Puts a case's contacts into its timeline, which is newest first. They are no events of the case: their numbers are
/// negative.
pub async fn told(app: &App, caller: &Caller, case: Id, timeline: &mut Vec<Entry>) -> Result<(), StoreError> {
    let language = caller.language;
    for (number, contact) in (1..).zip(of_case(app, caller, case).await?) {
        let who = contact
            .person_name
            .clone()
            .unwrap_or_else(|| language.pick("系统", "The system").to_owned());
        let sentence = match (language, contact.direction.as_str()) {
            (crate::http::Language::Chinese, "out") => format!("{who}联系了客户"),
            (crate::http::Language::Chinese, _) => format!("{who}接待了来访"),
            (crate::http::Language::English, "out") => format!("{who} reached out to the customer"),
            (crate::http::Language::English, _) => format!("{who} took a contact"),
        };
        let said = [
            ("summary", language.pick("内容", "About"), &contact.summary),
            ("answer", language.pick("答复", "Answer"), &contact.answer),
        ];
        let words = said.into_iter().filter(|(_, _, text)| !text.is_empty());
        let entry = Entry {
            seq: -number,
            at: contact.at.clone(),
            recorded_at: contact.at.clone(),
            actor: None,
            kind: "contact".to_owned(),
            action: None,
            sentence,
            words: words
                .map(|(key, title, text)| Typed {
                    key: key.to_owned(),
                    title: title.to_owned(),
                    text: text.clone(),
                })
                .collect(),
            consequences: Vec::new(),
            clause: None,
        };
        let place = timeline.partition_point(|known| known.at > entry.at);
        timeline.insert(place, entry);
    }
    Ok(())
}
