//! Texts with places to fill: `${phone}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// A place in a template that nothing fills.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is known under ${{{0}}}")]
pub struct Unknown(pub String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(String),
}

/// A text with places to fill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

impl Template {
    /// Reads a template; a `${` without its `}` is text.
    pub fn read(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, behind)) = after.split_once('}') else {
                break;
            };
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Place(name.to_owned()));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Template { parts }
    }

    /// The names of its places.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Place(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with every place filled, each value written as `escape` says.
    pub fn fill(
        &self,
        values: &BTreeMap<&str, String>,
        escape: impl Fn(&str, &str) -> String,
    ) -> Result<String, Unknown> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Place(name) => {
                    let value = values.get(name.as_str()).ok_or_else(|| Unknown(name.clone()))?;
                    filled.push_str(&escape(name, value));
                }
            }
        }
        Ok(filled)
    }

    /// The text with every place filled as the values are.
    pub fn plain(&self, values: &BTreeMap<&str, String>) -> Result<String, Unknown> {
        self.fill(values, |_, value| value.to_owned())
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Template::read(&text))
    }
}

/// A value inside a JSON text's quotation marks.
pub(crate) fn in_json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    // A JSON text is written between two quotation marks.
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// A value in a query or a form.
pub(crate) fn in_query(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_are_filled_and_unknown_ones_named() {
        let values = BTreeMap::from([("a", "甲".to_owned())]);
        assert_eq!(Template::read("x${a}y").plain(&values), Ok("x甲y".to_owned()));
        assert_eq!(
            Template::read("${b}").plain(&values),
            Err(Unknown("b".to_owned()))
        );
        assert_eq!(
            Template::read("no ${ end").plain(&values),
            Ok("no ${ end".to_owned())
        );
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_value_stays_inside_its_json_text(value in ".*") {
            let text = Template::read(r#"{"to":"${a}"}"#)
                .fill(&BTreeMap::from([("a", value.clone())]), |_, value| in_json(value))
                .unwrap();
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&read, &serde_json::json!({ "to": value }));
        }

        #[test]
        fn a_value_in_a_query_holds_nothing_that_ends_it(value in ".*") {
            prop_assert!(in_query(&value).bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        }
    }
}
