//! The schemas in docs/schema are what the types say that are printed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use truehinge_ble::device_sync::SyncError;
use truehinge_ble::driver::{Advertisement, recognise};
use truehinge_ble::radio::Found;
use truehinge_ble::{DecodeError, LinkError, SensorTally};
use truehinge_core::{HostTime, SensorRole, SessionAnalysis};
use truehinge_session::Error;
use truehinge_session::comparison::Comparison;
use truehinge_session::decode::Decoded;
use truehinge_session::inspect::{Inspected, Overview};
use truehinge_session::radio::Heard;
use truehinge_session::recording::{Event, SyncStage};
use truehinge_signal::live::Gesture;

use crate::commands::{athlete, correct, doctor, edit, import, method, methods, recover, report, tables, verify};
use crate::failure::Line;
use crate::front::page::PageLine;
use crate::json::{Output, marked};
use crate::lines::Failed;

const REMEDY: &str = "cargo test -p truehinge --bin truehinge schema -- --ignored";

/// What stands in each file, by its name. A message of the coach and a session that cannot be analysed are events.
fn schemas() -> BTreeMap<String, String> {
    let all = [
        file::<SessionAnalysis>(),
        file::<athlete::card::Shown<'_>>(),
        file::<athlete::squad::Imported>(),
        file::<athlete::erase::Erasure<'_>>(),
        file::<tables::Done<'_>>(),
        file::<tables::ShardDone<'_>>(),
        file::<correct::Corrected<'_>>(),
        file::<Decoded>(),
        file::<doctor::Checks<'_>>(),
        file::<edit::Edited<'_>>(),
        file::<Line<'_>>(),
        file::<Event>(),
        file::<Inspected>(),
        file::<Overview>(),
        file::<import::Imported<'_>>(),
        file::<import::Guessed<'_>>(),
        file::<method::Numbers<'_>>(),
        file::<methods::Written>(),
        file::<PageLine>(),
        file::<recover::BroughtBack<'_>>(),
        file::<report::Reported<'_>>(),
        file::<report::Squad<'_>>(),
        file::<verify::Verified<'_>>(),
        file::<Heard>(),
        file::<Comparison>(),
    ];
    all.into()
}

/// `truehinge/analysis/2` is the schema in analysis.schema.json.
fn file_name(schema: &str) -> String {
    format!("{}.schema.json", schema.split('/').nth(1).expect("a name"))
}

/// A schema with the name of its file.
fn file<O: Output + JsonSchema>() -> (String, String) {
    let mut schema = Value::from(of::<O>());
    readable(&mut schema);
    // Other crates decide whether serde_json keeps an order of its own.
    schema.sort_all_objects();
    (file_name(O::SCHEMA), serde_json::to_string_pretty(&schema).expect("JSON") + "\n")
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
                .replace("\\]", "]");
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
    let files = files.filter_map(|file| file.file_name().into_string().ok()).filter(|name| name != "README.md");
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

/// Fails if a line, as it is printed, is not as the schema of its name says.
fn check<O: Output>(output: &O) {
    let name = file_name(O::SCHEMA);
    let schema = &schemas()[&name];
    let place = format!("file:///{name}");
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource(&place, serde_json::from_str(schema).expect("JSON")).expect("a schema");
    let index = compiler.compile(&place, &mut schemas).expect("a schema");
    let line = serde_json::to_value(marked(output)).expect("JSON");
    schemas.validate(&line, index).unwrap_or_else(|error| panic!("{error}\n{line:#}"));
}

#[test]
fn what_only_sensors_bring_about_is_as_the_schema_says() {
    let device = |name: Option<&str>| Found {
        address: "C0:11:22:33:44:55".to_owned(),
        advertisement: Advertisement { name: name.map(str::to_owned), ..Advertisement::default() },
        signal: name.map(|_| -60),
        connected: false,
    };
    let charges = [None, Some(Ok(87)), Some(Err(LinkError::Dropped))];
    for (charge, name) in charges.into_iter().zip([None, Some("Thingy"), Some("Movella DOT")]) {
        let device = device(name);
        check(&Heard { driver: recognise(&device.advertisement), device, charge });
    }
    events().iter().for_each(check);
    let link = |key: &str| format!("http://192.168.1.7:8420/#{key}");
    check(&PageLine { operate: link("a"), watch_lan: Some(link("b")), operate_lan: Some(link("a")) });
    check(&PageLine { operate: link("a"), watch_lan: None, operate_lan: None });
    check(&Failed { event: "analysis", failed: "too short".to_owned() });
}

/// A line of every kind that a recording prints, but for what the coach says.
fn events() -> Vec<Event> {
    let (at, role, recording) = (HostTime::from_seconds(1.5), SensorRole::Hip, PathBuf::from("one.mcap"));
    let tally = SensorTally { undecodable: BTreeMap::from([("checksum", 1)]), ..SensorTally::default() };
    let steps = [
        SyncStage::Preparing { role },
        SyncStage::Alone { seconds: 20 },
        SyncStage::Asking { role },
        SyncStage::Done,
        SyncStage::Failed { cause: SyncError::Absent { role, seconds: 10 } },
    ];
    let others = [
        Event::Unfinished { recording: recording.clone() },
        Event::Connected { at, role, mtu: 247 },
        Event::Signal { at, role, dbm: -60 },
        Event::Silent { at, role, seconds: 2.5 },
        Event::Lost { at, role, cause: LinkError::Dropped },
        Event::Trouble { at, role, cause: LinkError::NotConnected },
        Event::Battery { role, percent: 87 },
        Event::Undecodable { role, cause: DecodeError::OutOfStep { skipped: 3 } },
        Event::Samples { at, samples: BTreeMap::from([(role, 60)]) },
        Event::Gesture { at, began: at, gesture: Some(Gesture::Start), asked: None },
        Event::Gesture { at, began: at, gesture: None, asked: None },
        Event::NotAnalysed { error: Arc::new(Error::Defect) },
        Event::CoachFailed,
        Event::End { recording, sensors: BTreeMap::from([(role, tally)]) },
    ];
    steps.map(Event::DeviceSync).into_iter().chain(others).collect()
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
