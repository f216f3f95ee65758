//! `docs/GLOSSARY.md` against the code, the tables, the JSON and the page: every word means one thing everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use truehinge_core::{Flag, Metric, Verdict};
use truehinge_tests::{root, run, words};

/// A row of the glossary.
#[derive(Debug)]
struct Entry {
    unit: String,
    code: Vec<String>,
    keys: Vec<String>,
    page: String,
}

/// The words between backticks.
fn ticked(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn glossary() -> Vec<Entry> {
    let text = fs::read_to_string(root().join("docs/GLOSSARY.md")).expect("the glossary is there");
    let rows =
        text.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---") && !line.contains("| term |"));
    let entries: Vec<Entry> = rows
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 7, "{line}");
            assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
            Entry { unit: cells[2].into(), code: ticked(cells[4]), keys: ticked(cells[5]), page: cells[6].into() }
        })
        .collect();
    assert!(entries.len() > 50, "{} rows", entries.len());
    entries
}

/// A column of the data dictionary.
struct Column {
    name: String,
    unit: String,
}

/// What the program writes of the demonstration, which is simulated: the columns of its tables, and its JSON.
fn demonstration() -> &'static (Vec<Column>, Value) {
    static WRITTEN: OnceLock<(Vec<Column>, Value)> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let folder = tempfile::tempdir().expect("temporary folder");
        let out = folder.path().join("out");
        let output = run(&["demo", "--no-progress", "--json", "--out", &out.to_string_lossy()]);
        assert!(output.status.success(), "{}", words(&output));
        let mut dictionary = csv::Reader::from_path(out.join("demo/data_dictionary.csv")).expect("a table");
        let header = dictionary.headers().expect("a header").clone();
        let place = |name: &str| header.iter().position(|column| column == name).expect("a column");
        let (name, unit) = (place("column"), place("unit"));
        let columns = dictionary.records().map(|row| {
            let row = row.expect("a row");
            Column { name: row[name].to_owned(), unit: row[unit].to_owned() }
        });
        (columns.collect(), serde_json::from_slice(&output.stdout).expect("JSON"))
    })
}

/// The entry of a metric, a verdict or a flag: one and only one.
fn entry_of<'a>(entries: &'a [Entry], code: &str) -> &'a Entry {
    let mut found = entries.iter().filter(|entry| entry.code.iter().any(|name| name == code));
    let entry = found.next().unwrap_or_else(|| panic!("the glossary has no row for {code}"));
    assert!(found.next().is_none(), "{code} has two rows");
    entry
}

#[test]
fn metrics_verdicts_and_flags_have_the_glossary_s_names_everywhere() {
    let entries = glossary();
    for metric in Metric::ALL {
        let entry = entry_of(&entries, &format!("RepMetrics::{}", metric.name()));
        assert_eq!((entry.unit.as_str(), entry.page.as_str()), (metric.unit(), metric.title()), "{entry:?}");
        assert_eq!(entry.keys, [metric.column()], "{entry:?}");
        // What serde writes and reads is the same name.
        assert_eq!(serde_json::to_value(metric).expect("writes"), metric.name());
    }
    for verdict in Verdict::ALL {
        let entry = entry_of(&entries, &format!("Verdict::{verdict:?}"));
        assert_eq!(
            (entry.keys.as_slice(), entry.page.as_str()),
            ([verdict.name().to_owned()].as_slice(), verdict.title())
        );
        assert_eq!(serde_json::to_value(verdict).expect("writes"), verdict.name());
    }
    for flag in [
        Flag::KneeBend,
        Flag::PelvisDrop,
        Flag::PelvisRotation,
        Flag::BalanceLoss,
        Flag::FootMoved,
        Flag::SpineFlexion,
        Flag::TooFast,
    ] {
        let entry = entry_of(&entries, &format!("Flag::{flag:?}"));
        assert_eq!((entry.keys.as_slice(), entry.page.as_str()), ([flag.name().to_owned()].as_slice(), flag.title()));
        assert_eq!(serde_json::to_value(flag).expect("writes"), flag.name());
    }
}

/// Units as names end in them.
const ENDINGS: [(&str, &str); 11] = [
    ("_m_s2", "m/s2"),
    ("_mm", "mm"),
    ("_deg", "deg"),
    ("_ms", "ms"),
    ("_ns", "ns"),
    ("_s", "s"),
    ("_hz", "Hz"),
    ("_ppm", "ppm"),
    ("_pct", "%"),
    ("_kg", "kg"),
    ("_min", "min"),
];

/// A name's stem and its unit, if it ends in one.
fn parted(name: &str) -> Option<(&str, &'static str, &'static str)> {
    ENDINGS.iter().find_map(|(ending, unit)| Some((name.strip_suffix(ending)?, *ending, *unit)))
}

/// What stands before the unit where a number is told of several repetitions.
const STATISTICS: [&str; 5] = ["_median", "_worst", "_lowest", "_highest", "_sd"];

/// The name of the thing that this is the uncertainty, a limit or a statistic of; the name itself otherwise.
fn plain(name: &str) -> String {
    let Some((stem, ending, _)) = parted(name) else { return name.to_owned() };
    let stem = stem.strip_suffix("_sigma").unwrap_or(stem);
    let stem = STATISTICS.iter().find_map(|statistic| stem.strip_suffix(statistic)).unwrap_or(stem);
    let limited =
        stem.strip_prefix("limit_").and_then(|s| s.strip_suffix("_good").or_else(|| s.strip_suffix("_fault")));
    format!("{}{ending}", limited.unwrap_or(stem))
}

/// The entry of a key, taken as it is or as the uncertainty or limit of another.
fn entry_of_key<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Entry> {
    let named = |key: &str| entries.iter().find(|entry| entry.keys.iter().any(|name| name == key));
    named(key).or_else(|| named(&plain(key)))
}

#[test]
fn every_column_with_a_unit_is_in_the_glossary_with_this_unit() {
    let entries = glossary();
    let mut measured = 0;
    for Column { name, unit } in &demonstration().0 {
        if unit.is_empty() {
            continue;
        }
        measured += 1;
        let entry = entry_of_key(&entries, name).unwrap_or_else(|| panic!("{name} is not in the glossary"));
        match parted(name) {
            Some((_, _, ending)) => assert!(unit == ending && entry.unit == *unit, "{name} in {unit}: {entry:?}"),
            None if unit == "see unit" => assert_eq!(entry.unit, "of the metric", "{name}: {entry:?}"),
            None => assert_eq!((unit.as_str(), entry.unit.as_str()), ("1", "1"), "{name}: {entry:?}"),
        }
    }
    assert!(measured > 60, "{measured} columns");
}

/// Calls this for every number with the keys on the way to it and the object it stands in.
fn numbers<'a>(value: &'a Value, way: &mut Vec<&'a str>, around: &'a Value, told: &mut dyn FnMut(&[&str], &Value)) {
    match value {
        Value::Number(_) => told(way, around),
        Value::Array(items) => items.iter().for_each(|item| numbers(item, way, around, told)),
        Value::Object(fields) => {
            for (key, field) in fields {
                way.push(key);
                numbers(field, way, value, told);
                way.pop();
            }
        }
        _ => {}
    }
}

#[test]
fn every_number_of_the_json_says_its_unit_and_is_in_the_glossary() {
    let entries = glossary();
    let (_, json) = demonstration();
    let mut seen = BTreeSet::new();
    numbers(json, &mut Vec::new(), json, &mut |way, around| {
        let key = way[way.len() - 1];
        let entry = entry_of_key(&entries, key).unwrap_or_else(|| panic!("{} is not in the glossary", way.join("/")));
        let said = if entry.unit == "of the metric" {
            // The unit stands beside it, or in the name of what it is a part of.
            let beside = around["unit"].as_str().map(str::to_owned);
            let above = || parted(way[way.len() - 2]).map(|(_, _, unit)| unit.to_owned());
            let above_is_known = || entry_of_key(&entries, way[way.len() - 2]).is_some();
            assert!(beside.is_some() || above_is_known(), "{} is not in the glossary", way.join("/"));
            beside.or_else(above).unwrap_or_else(|| panic!("{} has no unit", way.join("/")))
        } else {
            match parted(key) {
                Some((_, _, unit)) => {
                    assert_eq!(entry.unit, unit, "{}", way.join("/"));
                    unit.to_owned()
                }
                None => {
                    assert!(["-", "1", "bytes"].contains(&entry.unit.as_str()), "{}: {entry:?}", way.join("/"));
                    entry.unit.clone()
                }
            }
        };
        seen.insert((way.join("/"), said));
    });
    let has = |way: &str, unit: &str| assert!(seen.contains(&(way.to_owned(), unit.to_owned())), "{way} in {seen:#?}");
    has("sets/reps/metrics/knee_forward_mm/value", "mm");
    has("sets/reps/metrics/shank_tilt_deg/sigma", "deg");
    has("sets/reps/budgets/knee_forward_mm/soft_tissue", "mm");
    has("limits/loss_pct", "%");
    has("sets/reps/span/start_s", "s");
    has("sets/reps/turn_s", "s");
    has("sets/reps/phases/descent/end_s", "s");
    has("sets/alignment/axis_sigma_deg", "deg");
    has("sensors/gravity_m_s2", "m/s2");
    has("info/body/shank_length_mm/value", "mm");
    assert!(seen.len() > 80, "{} places", seen.len());
}

#[test]
fn the_json_s_numbers_are_those_of_the_tables() {
    let (_, json) = demonstration();
    let rep = &json["sets"][0]["reps"][0];
    let number = |value: &Value| value.as_f64().expect("a number");
    // Between a shank of 300 mm and one of 600 mm; a tilt in radians or a travel in metres would be far outside.
    let (knee, tilt) =
        (number(&rep["metrics"]["knee_forward_mm"]["value"]), number(&rep["metrics"]["shank_tilt_deg"]["value"]));
    let shank = knee / tilt.to_radians();
    assert!((300.0..600.0).contains(&shank), "a shank of {shank} mm");
    assert!((10.0..60.0).contains(&number(&rep["metrics"]["pelvis_tilt_deg"]["value"])), "{}", rep["metrics"]);
    for name in ["knee_forward_mm", "pelvis_tilt_deg"] {
        let budget = rep["budgets"][name].as_object().expect("a budget");
        let (whole, sigma) = (
            budget.values().map(|part| number(part).powi(2)).sum::<f64>().sqrt(),
            number(&rep["metrics"][name]["sigma"]),
        );
        assert!((whole / sigma - 1.0).abs() < 1e-6, "{name}: {whole} instead of {sigma}");
    }
    assert_eq!(json["limits"]["loss_pct"], 5.0);
    let (start, turn, end) = (number(&rep["span"]["start_s"]), number(&rep["turn_s"]), number(&rep["span"]["end_s"]));
    assert!(start < turn && turn < end && (0.5..8.0).contains(&(end - start)), "{start} {turn} {end}");
    assert!((9.0..11.0).contains(&number(&json["sensors"][0]["gravity_m_s2"])));
    assert!((0.5..20.0).contains(&number(&json["sets"][0]["alignment"][0]["axis_sigma_deg"])));
    assert!((1500.0..2100.0).contains(&number(&json["info"]["body"]["stature_mm"]["value"])));
}

/// All keys and words of the JSON.
fn said(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::String(word) => drop(all.insert(word.clone())),
        Value::Array(items) => items.iter().for_each(|item| said(item, all)),
        Value::Object(fields) => fields.iter().for_each(|(key, field)| {
            all.insert(key.clone());
            said(field, all);
        }),
        _ => {}
    }
}

/// Sources below a folder, by path.
fn sources(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).expect("lists").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "typ" || end == "ftl") {
            found.insert(path.clone(), fs::read_to_string(&path).expect("reads"));
        }
    }
}

fn holds_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(part) && !text[at + word.len()..].chars().next().is_some_and(part)
    })
}

#[test]
fn every_name_of_the_glossary_exists_where_it_says() {
    let (columns, json) = demonstration();
    let mut keys: BTreeSet<String> = columns.iter().map(|column| column.name.clone()).collect();
    said(json, &mut keys);
    let mut core = BTreeMap::new();
    sources(&root().join("crates/core/src"), &mut core);
    let mut cli = BTreeMap::new();
    sources(&root().join("crates/cli/src"), &mut cli);
    let mut report = BTreeMap::new();
    sources(&root().join("crates/report"), &mut report);
    let method = fs::read_to_string(root().join("crates/signal/method/default.toml")).expect("reads");
    let quoted = |sources: &BTreeMap<PathBuf, String>, key: &str| {
        sources.values().any(|text| text.contains(&format!("\"{key}\"")) || holds_word(text, key))
    };
    for entry in glossary() {
        for name in &entry.code {
            let exists = match name.split_once("::") {
                Some((of, part)) => core.values().any(|text| defines(text, of) && holds_word(text, part)),
                None if name.contains('.') => method.lines().any(|line| line == format!("[{name}]")),
                None => core.values().any(|text| defines(text, name)),
            };
            assert!(exists, "{name} is not in the code: {entry:?}");
        }
        for key in &entry.keys {
            // What this demonstration does not happen to say is in the code that would say it.
            assert!(keys.contains(key) || quoted(&core, key) || quoted(&cli, key), "{key} is written nowhere");
        }
        let titles = || core.values().chain(report.values()).any(|text| text.contains(&entry.page));
        assert!(entry.page == "-" || titles(), "\"{}\" is not on the page", entry.page);
    }
}

fn defines(text: &str, name: &str) -> bool {
    ["struct", "enum", "trait", "type"].iter().any(|kind| holds_word(text, &format!("{kind} {name}")))
}
