//! The JSON Schemas (draft 2020-12) that editors complete and complain by.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{FRONT, KINDS, Shape, Table};

/// Every schema by file name: `procedure.schema.json` … and `front.schema.json` for the head of `regulation.md`.
pub fn schemas() -> Vec<(String, Value)> {
    let tables = KINDS.iter().map(|kind| kind.table).chain([&FRONT]);
    tables
        .map(|table| (format!("{}.schema.json", table.name), json_schema(table)))
        .collect()
}

/// The schema of one kind of file.
pub fn json_schema(table: &'static Table) -> Value {
    let mut definitions = BTreeMap::new();
    let mut schema = object(table, &mut definitions);
    let defs: Map<String, Value> = definitions
        .into_iter()
        .filter_map(|(name, body)| body.map(|body| (name.to_owned(), body)))
        .collect();
    if let Value::Object(schema) = &mut schema {
        schema.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        schema.insert("title".to_owned(), json!(format!("{} · {}", table.zh, table.en)));
        schema.insert("$defs".to_owned(), Value::Object(defs));
    }
    schema
}

type Definitions = BTreeMap<&'static str, Option<Value>>;

fn object(table: &'static Table, definitions: &mut Definitions) -> Value {
    let mut properties = Map::new();
    for key in table.keys {
        let mut schema = of(&key.shape, definitions);
        if let Value::Object(schema) = &mut schema {
            // Beside a `$ref` a description is allowed since draft 2019-09 and wins over the definition's own.
            schema.insert(
                "description".to_owned(),
                json!(format!("{} · {}", key.zh, key.en)),
            );
        }
        properties.insert(key.name.to_owned(), schema);
    }
    let needed: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.needed)
        .map(|key| key.name)
        .collect();
    json!({
        "type": "object",
        "description": format!("{} · {}", table.zh, table.en),
        "properties": properties,
        "required": needed,
        "additionalProperties": false,
    })
}

fn scalar(pattern: &str) -> Value {
    // A plain `4` or `yes` is a number or a flag to an editor's YAML, so patterns bind only where it sees text.
    json!({ "type": ["string", "number", "boolean"], "pattern": pattern })
}

fn of(shape: &Shape, definitions: &mut Definitions) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Text
        | Shape::Limit
        | Shape::Schedule
        | Shape::Condition
        | Shape::Clause
        | Shape::Who
        | Shape::Trigger => {
            json!({ "type": ["string", "number", "boolean"] })
        }
        Shape::Name => json!({ "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]*$" }),
        Shape::Said => json!({
            "type": "object",
            "properties": { "zh": { "type": ["string", "number"] }, "en": { "type": ["string", "number"] } },
            "required": ["zh", "en"],
            "additionalProperties": false,
        }),
        Shape::Flag => json!({ "enum": ["yes", "no", "true", "false", "是", "否", true, false] }),
        Shape::Number => json!({ "type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 0 }),
        Shape::Percent => json!({ "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9])?%$" }),
        Shape::Date => scalar("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        Shape::DayTime => scalar("^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?$"),
        Shape::Clock => scalar("^[0-9]{2}:[0-9]{2}$"),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "type": "array", "items": of(item, definitions) }),
        Shape::OneOrMany(item) => {
            let item = of(item, definitions);
            json!({ "anyOf": [item, { "type": "array", "items": item }] })
        }
        Shape::Map(value) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z][A-Za-z0-9_-]*$" },
            "additionalProperties": of(value, definitions),
        }),
        Shape::Book(value) => json!({ "type": "object", "additionalProperties": of(value, definitions) }),
        Shape::Table(table) => {
            if !definitions.contains_key(table.name) {
                // Taken before it is written, so that a table within itself (rows of fields) ends.
                definitions.insert(table.name, None);
                let body = object(table, definitions);
                definitions.insert(table.name, Some(body));
            }
            json!({ "$ref": format!("#/$defs/{}", table.name) })
        }
        Shape::Either(shapes) => {
            let any: Vec<Value> = shapes.iter().map(|shape| of(shape, definitions)).collect();
            json!({ "anyOf": any })
        }
    }
}
