//! The JSON Schemas of the files: well formed, and true of every file that the loader takes.

#![allow(clippy::unwrap_used, clippy::panic)]

mod fixture;

use regulation::schema::{FRONT, KINDS, json_schema, schemas};
use regulation::source::{Files, Kind, Mistakes, Node, yaml};
use serde_json::{Map, Value};

/// As much of JSON Schema as the generator writes; `None`: the value fits.
fn misfit(schema: &Value, root: &Value, value: &Value, path: &str) -> Option<String> {
    let schema = schema.as_object()?;
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.strip_prefix("#/$defs/").unwrap();
        let definition = root["$defs"]
            .get(name)
            .unwrap_or_else(|| panic!("{reference} is defined"));
        return misfit(definition, root, value, path);
    }
    if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
        let misfits: Vec<String> = any
            .iter()
            .map_while(|one| misfit(one, root, value, path))
            .collect();
        return (misfits.len() == any.len()).then(|| misfits.join(" / "));
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        return Some(format!("{path}: {value} is none of {words:?}"));
    }
    if let Some(kind) = schema.get("type") {
        let is = |kind: &str| match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            // The strict reader gives text only.
            _ => false,
        };
        let fits = match kind {
            Value::String(kind) => is(kind),
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
            _ => false,
        };
        if !fits {
            return Some(format!("{path}: {value} is no {kind}"));
        }
    }
    let empty = Map::new();
    let entries = value.as_object().unwrap_or(&empty);
    let known = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    for needed in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if !entries.contains_key(needed) {
            return Some(format!("{path}: {needed} is missing"));
        }
    }
    for (key, value) in entries {
        let inner = match known.get(key) {
            Some(schema) => misfit(schema, root, value, &format!("{path}.{key}")),
            None => match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => Some(format!("{path}: {key} is not known")),
                Some(schema) => misfit(schema, root, value, &format!("{path}.{key}")),
                None => None,
            },
        };
        if inner.is_some() {
            return inner;
        }
    }
    let items = value.as_array().into_iter().flatten();
    items
        .enumerate()
        .find_map(|(at, item)| misfit(schema.get("items")?, root, item, &format!("{path}[{at}]")))
}

fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar(scalar) => Value::String(scalar.text.clone()),
        Kind::List(items) => Value::Array(items.iter().map(json).collect()),
        Kind::Map(entries) => entries
            .iter()
            .map(|(key, node)| (key.text.clone(), json(node)))
            .collect(),
        Kind::Empty => Value::Null,
    }
}

fn schema_of(node: &Node) -> Value {
    let kind = KINDS
        .iter()
        .find(|kind| kind.known_by.iter().any(|key| node.get(key).is_some()))
        .unwrap();
    json_schema(kind.table)
}

fn misfits(files: &Files) -> Vec<String> {
    let mistakes = Mistakes::new();
    let yaml = files.iter().filter(|file| file.path.ends_with(".yaml"));
    yaml.filter_map(|file| {
        let node = yaml::parse(&file.path, &file.text, &mistakes)?;
        let schema = schema_of(&node);
        misfit(&schema, &schema, &json(&node), &file.path)
    })
    .collect()
}

#[test]
fn every_file_of_every_pack_fits_its_schema() {
    let mut files = 0;
    for of in [fixture::packs(), fixture::fixtures()] {
        for (name, pack) in fixture::library(&of) {
            if name == "mistakes" {
                continue;
            }
            files += pack.len();
            assert_eq!(misfits(&pack), Vec::<String>::new(), "{name}");
        }
    }
    assert!(files > 60, "{files} files were looked at");
}

#[test]
fn the_front_matter_of_every_pack_fits_its_schema() {
    let schema = json_schema(&FRONT);
    for (name, pack) in fixture::library(&fixture::packs()) {
        let mistakes = Mistakes::new();
        let text = regulation::source::markdown::parse_regulation(
            "regulation.md",
            pack.get("regulation.md").unwrap(),
            &mistakes,
        );
        assert_eq!(
            misfit(&schema, &schema, &json(&text.front), "front"),
            None,
            "{name}"
        );
    }
}

#[test]
fn files_that_the_reader_refuses_for_their_keys_do_not_fit_either() {
    for name in [
        "key_unknown",
        "key_missing",
        "label_in_one_language",
        "label_as_text",
        "tests_unknown_key",
    ] {
        let path = fixture::fixtures().join(format!("mistakes/{name}.yaml"));
        let node = yaml::parse(name, &std::fs::read_to_string(path).unwrap(), &Mistakes::new()).unwrap();
        let schema = schema_of(&node);
        assert!(misfit(&schema, &schema, &json(&node), name).is_some(), "{name}");
    }
}

#[test]
fn there_is_one_schema_for_each_kind_and_each_key_is_described_in_both_languages() {
    let all = schemas();
    assert_eq!(all.len(), KINDS.len() + 1);
    for (file, schema) in &all {
        assert!(file.ends_with(".schema.json"));
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let described = |schema: &Value| {
            for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
                let text = schema["description"]
                    .as_str()
                    .unwrap_or_else(|| panic!("{file} {key} is described"));
                let (zh, en) = text
                    .split_once(" · ")
                    .unwrap_or_else(|| panic!("{file} {key}: {text}"));
                assert!(
                    zh.chars().any(|c| c >= '\u{4e00}') && !en.is_empty(),
                    "{file} {key}: {text}"
                );
            }
        };
        described(schema);
        schema["$defs"]
            .as_object()
            .into_iter()
            .flatten()
            .for_each(|(_, schema)| described(schema));
    }
}
