//! The schemas in docs/schema are what the types say that are printed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use truehinge_core::SessionAnalysis;
use truehinge_session::comparison::Comparison;
use truehinge_session::decode::Decoded;
use truehinge_session::radio::Heard;
use truehinge_session::recording::Event;

use super::Output;
use crate::commands::{batch, doctor, edit, import, method, recover, report};

const REMEDY: &str = "cargo test -p truehinge --bin truehinge json -- --ignored";

/// What stands in each file, by its name. A message of the coach and a session that cannot be analysed are events.
fn schemas() -> BTreeMap<String, String> {
    let all = [
        file::<SessionAnalysis>(),
        file::<batch::Done<'_>>(),
        file::<Decoded>(),
        file::<doctor::Checks<'_>>(),
        file::<edit::Edited<'_>>(),
        file::<Event>(),
        file::<import::Imported<'_>>(),
        file::<method::Numbers<'_>>(),
        file::<recover::BroughtBack<'_>>(),
        file::<report::Reported<'_>>(),
        file::<Heard>(),
        file::<Comparison>(),
    ];
    all.into()
}

/// `truehinge/analysis/1` is the schema in analysis.schema.json.
fn file<O: Output + JsonSchema>() -> (String, String) {
    let name = O::SCHEMA.split('/').nth(1).expect("a name");
    let mut schema = Value::from(of::<O>());
    readable(&mut schema);
    // Other crates decide whether serde_json keeps an order of its own.
    schema.sort_all_objects();
    (format!("{name}.schema.json"), serde_json::to_string_pretty(&schema).expect("JSON") + "\n")
}

/// The schema of an object as it is printed, with its mark in front.
fn of<O: Output + JsonSchema>() -> Schema {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<O>();
    let mark = json!({ "type": "string", "const": O::SCHEMA, "description": "Name and version of this schema." });
    let root = schema.ensure_object();
    root.insert("title".to_owned(), O::SCHEMA.into());
    root.insert("type".to_owned(), "object".into());
    let properties = root.entry("properties").or_insert_with(|| json!({}));
    properties.as_object_mut().expect("properties").insert("schema".to_owned(), mark);
    let required = root.entry("required").or_insert_with(|| json!([]));
    required.as_array_mut().expect("a list").insert(0, "schema".into());
    schema
}

/// Links of the documentation lead nowhere here. Readers take what they know: nothing forbids other keys, which files of ours do.
fn readable(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, field| key != "additionalProperties" || *field != false);
            fields.values_mut().for_each(readable);
        }
        Value::Array(items) => items.iter_mut().for_each(readable),
        Value::String(text) => {
            *text = text
                .replace("`None`", "null")
                .replace("[`", "`")
                .replace("`]", "`")
                .replace("\\[", "[")
                .replace("\\]", "]")
        }
        _ => {}
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema")
}

/// What is there, by name.
fn written() -> BTreeMap<String, String> {
    let files = fs::read_dir(folder()).into_iter().flatten().flatten();
    let files = files.filter_map(|file| file.file_name().into_string().ok()).filter(|name| name.ends_with(".json"));
    files.map(|name| (name.clone(), fs::read_to_string(folder().join(name)).expect("reads"))).collect()
}

#[test]
fn the_schemas_are_what_is_printed() {
    let (written, schemas) = (written(), schemas());
    let names = |all: &BTreeMap<String, String>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&written), names(&schemas), "write them anew: {REMEDY}");
    for (name, schema) in &schemas {
        assert!(written[name] == *schema, "docs/schema/{name} says otherwise than the code; write it anew: {REMEDY}");
    }
}

#[test]
#[ignore = "writes the schemas"]
fn the_schemas_are_written_anew() {
    fs::create_dir_all(folder()).expect("a folder");
    written().keys().for_each(|name| fs::remove_file(folder().join(name)).expect("removes"));
    for (name, schema) in schemas() {
        fs::write(folder().join(name), schema).expect("writes");
    }
}

#[test]
fn every_key_and_every_word_is_described() {
    for (name, schema) in schemas() {
        let mut undescribed = Vec::new();
        look(&serde_json::from_str(&schema).expect("JSON"), "", &mut undescribed);
        assert!(undescribed.is_empty(), "{name}: {undescribed:?}");
    }
}

/// Names every property without a description.
fn look(schema: &Value, way: &str, undescribed: &mut Vec<String>) {
    let Value::Object(fields) = schema else {
        return schema.as_array().into_iter().flatten().for_each(|item| look(item, way, undescribed));
    };
    for (key, property) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
        // The tag of an enumeration: the variant around it is described.
        if property.get("description").is_none() && property.get("const").is_none() {
            undescribed.push(format!("{way}/{key}"));
        }
    }
    fields.iter().for_each(|(key, field)| look(field, &format!("{way}/{key}"), undescribed));
}
