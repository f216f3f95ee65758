//! What `--json` prints is what docs/schema says, for every command that can be run here, under the names and in the units of the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use boon::{Compiler, Schemas};
use serde_json::Value;
use truehinge_dataset::table::{
    BudgetRow, CurveRow, EventRow, EvidenceRow, QualityRow, RepMetricRow, RepRow, Row, SessionRow, SetRow,
};

fn truehinge(args: &[&str]) -> Output {
    // Nobody's Bluetooth is asked, nor the terminal.
    let mut command = Command::new(env!("CARGO_BIN_EXE_truehinge"));
    command.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere").arg("--json").args(args);
    command.output().expect("the program starts")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A folder for one test.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary folder")
}

/// What a demonstration wrote, and the line it printed; made once.
fn demo() -> &'static (tempfile::TempDir, Value) {
    static DEMO: OnceLock<(tempfile::TempDir, Value)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = folder();
        let lines = valid("analysis", 0, &["demo", "--no-progress", "--out", &text(&folder.path().join("demo"))]);
        (folder, lines.into_iter().next().expect("a line"))
    })
}

fn recording() -> String {
    text(&demo().0.path().join("demo/demo.mcap"))
}

/// Fails if an object is not as the schema of its name says.
fn check(name: &str, object: &Value) {
    let file = repository().join(format!("docs/schema/{name}.schema.json"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(file).expect("reads")).expect("JSON");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let place = format!("file:///{name}.schema.json");
    compiler.add_resource(&place, schema).expect("a schema");
    let index = compiler.compile(&place, &mut schemas).expect("a schema");
    schemas.validate(object, index).unwrap_or_else(|error| panic!("{name}: {error}\n{object:#}"));
}

/// The lines that a command prints, each an object of this schema, which says so first of all.
fn valid(name: &str, code: i32, args: &[&str]) -> Vec<Value> {
    let output = truehinge(args);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {complaints}");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    // Its version is in the schema itself.
    let mark = format!("{{\"schema\":\"truehinge/{name}/");
    let object = |line: &str| {
        let object = serde_json::from_str(line).expect("JSON");
        // Inputs that cannot be used have objects of their own.
        if line.starts_with("{\"schema\":\"truehinge/error/1\",") {
            check("error", &object);
            return None;
        }
        assert!(line.starts_with(&mark), "{args:?}: {line}");
        check(name, &object);
        Some(object)
    };
    let objects: Vec<Value> = printed.lines().filter_map(object).collect();
    assert!(!objects.is_empty(), "{args:?} prints nothing: {complaints}");
    objects
}

#[test]
fn analyses_are_of_one_schema_whoever_prints_them() {
    let (recording, (_, demo)) = (recording(), demo());
    for command in ["analyze", "explain"] {
        assert_eq!(valid("analysis", 0, &[command, &recording]), std::slice::from_ref(demo), "{command}");
    }
    // Data of other sensors, with findings of other kinds.
    let samples = repository().join("datasets/samples");
    for sample in ["x-imu3", "xsens-dot"] {
        valid("analysis", 0, &["analyze", "--side", "left", &text(&samples.join(sample))]);
    }
    for recording in ["both-legs.mcap", "crashed.recovered.mcap"] {
        valid("analysis", 0, &["analyze", &text(&repository().join("tests/formats/v1").join(recording))]);
    }
}

#[test]
fn tables_and_reports_say_what_they_wrote_and_what_could_not_be_used() {
    let folder = folder();
    let at = |name: &str| text(&folder.path().join(name));
    fs::create_dir(at("data")).expect("a folder");
    fs::copy(recording(), at("data/one.mcap")).expect("copied");
    fs::copy(recording(), at("data/two.mcap")).expect("copied");
    fs::write(at("data/broken.mcap"), "no recording").expect("written");
    let done = valid("batch", 3, &["batch", &at("data"), "--out", &at("tables"), "--no-progress"]);
    assert_eq!((&done[0]["n_sessions"], &done[0]["n_copies"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(done[0]["failures"][0]["source"], "broken.mcap", "{}", done[0]);
    valid("batch", 0, &["export", &recording(), "--out", &at("exported"), "--no-progress"]);
    valid("batch", 0, &["export", &recording(), "--wide", "--out", &at("wide"), "--no-progress"]);
    let methods = valid("methods", 0, &["methods", &at("tables")]);
    assert!(methods[0]["paragraphs"].as_array().is_some_and(|paragraphs| paragraphs.len() == 5), "{}", methods[0]);
    let report = ["report", "virtual-demo", "--from", &at("data"), "--out", &at("reports"), "--no-progress"];
    let reported = valid("report", 3, &report);
    let documents = &reported[0]["documents"];
    assert_eq!(reported[0]["athlete_id"], "virtual-demo");
    assert!(documents["summary"].as_str().is_some_and(|path| path.ends_with("_summary.pdf")), "{documents}");
    assert!(reported[0]["text"].as_array().is_some_and(|sentences| sentences.len() == 3), "{}", reported[0]);
    let squad = ["report", "--squad", "--from", &at("data"), "--out", &at("reports"), "--no-progress"];
    assert_eq!(valid("squad-sheet", 3, &squad)[0]["athletes"], 1);
}

#[test]
fn what_people_say_of_athletes_and_repetitions() {
    let folder = folder();
    let at = |name: &str| text(&folder.path().join(name));
    let one = at("recordings/one.mcap");
    fs::create_dir(at("recordings")).expect("a folder");
    fs::copy(recording(), &one).expect("copied");
    let who = ["--reason", "talked", "--author", "MK"];
    valid("correct", 0, &[&["correct", &one, "--rep", "1.1", "--verdict", "true_hinge"][..], &who].concat());
    valid("correct", 0, &[&["correct", &one, "--rep", "1.1", "--undo"][..], &who].concat());
    valid("correct", 0, &["correct", &one, "--list"]);
    let athlete = |args: &[&str]| {
        [&["--library", &at(""), "athlete"], args].concat().iter().map(|arg| (*arg).to_owned()).collect()
    };
    let said = |name: &str, code: i32, args: &[&str]| {
        let args: Vec<String> = athlete(args);
        valid(name, code, &args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let limit = "hip_back_mm=30,20";
    said("athlete", 0, &["add", "virtual-demo", "--height", "178", "--injured", "left", "--limit", limit]);
    said("athlete", 0, &["edit", "virtual-demo", "--mass", "70", "--since", "2026-03-01"]);
    let shown = said("athlete", 0, &["show", "virtual-demo"]);
    assert_eq!(shown[0]["entries"][1]["from"], "2026-03-01");
    said("athlete", 0, &["list"]);
    valid("analysis", 0, &["analyze", &one]);
    fs::write(at("squad.csv"), "id,height_cm\nvirtual-demo,170\nnew,171\n").expect("written");
    said("squad", 0, &["import", &at("squad.csv")]);
    said("erase", 2, &["erase", "virtual-demo"]);
    let erased = said("erase", 0, &["erase", "virtual-demo", "--yes"]);
    assert!(!Path::new(&one).exists() && erased[0]["receipt"].is_string());
}

#[test]
fn recordings_are_made_of_others() {
    let folder = folder();
    let at = |name: &str| text(&folder.path().join(name));
    let samples = text(&repository().join("datasets/samples"));
    for (sample, sensors) in [("x-imu3", 2), ("xsens-dot", 3)] {
        let args = ["import", &format!("{samples}/{sample}"), "--side", "left", "--dry-run", "--out", &at("imported")];
        let imported = valid("import", 0, &args);
        assert_eq!(imported[0]["report"]["sensors"].as_array().map(Vec::len), Some(sensors), "{imported:#?}");
    }
    let row = |i: u32| format!("{},0.1,9.8,0.{},{},1,2\n", f64::from(i) / 50.0, i % 3, i % 7);
    let rows: String = (0..50).map(row).collect();
    let header = "time_s,hip_acc_x,hip_acc_y,hip_acc_z,hip_gyr_x,hip_gyr_y,hip_gyr_z\n";
    fs::write(at("table.csv"), header.to_owned() + &rows).expect("written");
    let guessed = valid("mapping", 3, &["import", &at("table.csv"), "--dry-run", "--out", &at("imported")]);
    assert!(guessed[0]["mapping"].as_str().is_some_and(|text| text.contains("header_rows = 1")), "{}", guessed[0]);
    let again = valid("import", 0, &["import", &recording(), "--out", &at("imported")]);
    assert!(again[0]["report"].is_null());
    let both_legs = text(&repository().join("tests/formats/v1/both-legs.mcap"));
    let edited = valid("edit", 0, &["edit", &both_legs, "-o", &at("edited.mcap"), "--height", "178", "--side", "left"]);
    assert!(edited[0]["changed"].as_array().is_some_and(|notes| !notes.is_empty()));
    let decoded = valid(
        "decode",
        0,
        &["decode", &both_legs, "-o", &at("decoded.mcap"), "--sensor", "hip=nus", "--sensor", "shank=nus"],
    );
    assert_eq!(decoded.iter().map(|line| line["sensor"].as_str()).collect::<Vec<_>>(), [Some("hip"), Some("shank")]);
    let whole = fs::read(recording()).expect("reads");
    fs::write(at("torn.mcap"), &whole[..whole.len() * 2 / 3]).expect("written");
    let recovered = valid("recover", 0, &["recover", &at("torn.mcap"), "--out", &at("recovered")]);
    assert!(recovered[0]["samples"]["hip"].as_u64().is_some_and(|count| count > 1000), "{}", recovered[0]);
    assert!(recovered[0]["findings"].as_array().is_some_and(|findings| !findings.is_empty()));
    valid("analysis", 0, &["analyze", recovered[0]["recording"].as_str().expect("a path")]);
}

#[test]
fn every_line_of_a_session_says_what_it_is() {
    let lines = valid("event", 0, &["replay", "--speed", "inf", &recording()]);
    let events: BTreeSet<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert!(events.contains("repetition") && events.contains("knee_forward"), "{events:?}");
}

#[test]
fn numbers_checks_and_comparisons_are_objects() {
    let folder = folder();
    valid("method", 0, &["method"]);
    // There is no Bluetooth where the bus is not, and what was checked until then is printed.
    let checks = valid("doctor", 3, &["doctor", "--seconds", "1", "--out", &text(folder.path())]);
    assert!(checks[0]["checks"].as_array().is_some_and(|checks| checks.len() > 1), "{}", checks[0]);
    let table = folder.path().join("labels.csv");
    let rows = "rep,label,knee_forward_mm\n1,true_hinge,1.5\n2,true_hinge,2\n3,knee_forward_drift,3\n99,true_hinge,\n";
    fs::write(&table, rows).expect("written");
    let args = ["validate", &recording(), "--reference", &text(&table), "--no-progress"];
    let compared = valid("validate", 3, &args);
    assert_eq!(compared[0]["metrics"][0]["unit"], "mm", "{}", compared[0]);
}

/// The folder of the demonstration's tables.
fn tables() -> PathBuf {
    let inside = fs::read_dir(demo().0.path().join("demo")).expect("lists").flatten().map(|entry| entry.path());
    inside.into_iter().find(|path| path.join("reps.csv").exists()).expect("tables")
}

/// All keys in a value.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, field)| {
            found.insert(key.clone());
            keys(field, found);
        }),
        _ => {}
    }
}

/// Columns that stand elsewhere or not at all in the JSON of a session, and why.
const ELSEWHERE: [(&str, &str, &str); 38] = [
    ("sessions", "device_hip", "`model` of its entry of `sensors`"),
    ("sessions", "device_shank", "`model` of its entry of `sensors`"),
    ("sessions", "device_thigh", "`model` of its entry of `sensors`"),
    ("sessions", "device_trunk", "`model` of its entry of `sensors`"),
    ("sessions", "source_format", "`format` in `source`"),
    ("sessions", "source_files", "`files` in `source`, each with its size and hash"),
    ("sessions", "quality_grade", "the worst `grade` of the findings"),
    ("sessions", "issues", "`code` of each finding"),
    ("sessions", "shank_length_measured", "`shank_length_mm` is null where it was not"),
    ("sessions", "thigh_length_measured", "`thigh_length_mm` is null where it was not"),
    ("sessions", "copies", "of a batch, which knows of other files; a session does not"),
    ("sets", "hip_alignment", "`method` of the sensor's entry of `alignment`"),
    ("sets", "shank_alignment", "`method` of the sensor's entry of `alignment`"),
    ("sets", "hip_axis_sigma_deg", "`axis_sigma_deg` of the sensor's entry of `alignment`"),
    ("sets", "shank_axis_sigma_deg", "`axis_sigma_deg` of the sensor's entry of `alignment`"),
    ("reps", "descent_s", "`start_s` and `end_s` of `descent`"),
    ("reps", "bottom_s", "`start_s` and `end_s` of `bottom`"),
    ("reps", "ascent_s", "`start_s` and `end_s` of `ascent`"),
    ("reps", "quiet_start_s", "`start_s` of `quiet_stance`"),
    ("reps", "quiet_end_s", "`end_s` of `quiet_stance`"),
    ("reps", "rep_index", "the place among the repetitions of all sets, from 1"),
    ("reps", "label_computed", "`label` of the judgement"),
    ("reps", "excluded", "`change` in `by_hand`, where that is not null"),
    ("reps", "corrected_by", "`author` in `by_hand`"),
    ("reps", "correction_reason", "`reason` in `by_hand`"),
    ("reps", "reason_code", "`cause` of the judgement"),
    ("reps", "reason", "words for `cause` and `evidence`, which are there with all their numbers"),
    ("curves", "phase_pct", "the place in `values`, from 0"),
    ("budgets", "metric", "the key in `budgets`, as the column is called"),
    ("budgets", "source", "the key in the budget of a number"),
    ("budgets", "unit", "the end of the key in `budgets`"),
    ("budgets", "sigma", "the value of the key in the budget of a number"),
    ("events", "t_s", "`start_s` of what begins then; a line of `record` has it"),
    ("events", "event", "the list that it stands in; a line of `record` has it"),
    ("events", "reason_code", "`reason` of what was not counted"),
    ("events", "description", "words for `reason` and the numbers beside it"),
    (
        "quality",
        "check",
        "`code` of a finding; what was checked of a sensor stands under the check's name in `sensors`",
    ),
    ("quality", "pass", "what is found against what is called the same in `limits`"),
];

/// Whether a key stands for a column: by its name, or by what the glossary says of uncertainties, limits and counts.
fn has(keys: &BTreeSet<String>, column: &str) -> bool {
    let plain = column.replacen("_sigma", "", 1);
    let limited = column.strip_prefix("limit_").map(|name| name.replacen("_good", "", 1).replacen("_fault", "", 1));
    let [sigma, limit] = [Some(plain).filter(|plain| plain != column), limited]
        .map(|name| name.is_some_and(|name| keys.contains(&name)));
    // Keys are made of `content_sha256` and of times, the day of `start_local`.
    let made = ["session_id", "set_id", "rep_id", "date_local"].contains(&column);
    // How many there are is the length of a list.
    keys.contains(column) || made || sigma || limit || column.starts_with("n_")
}

fn missing<R: Row>(keys: &BTreeSet<String>) -> Vec<(&'static str, &'static str)> {
    R::COLUMNS.iter().filter(|column| !has(keys, column.name)).map(|column| (R::TABLE, column.name)).collect()
}

#[test]
fn what_the_tables_hold_is_called_the_same_in_the_json() {
    let json = &demo().1;
    let (mut all, mut of_rep, mut of_budget) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    keys(json, &mut all);
    // Here nothing has to be said of the data; of others there is.
    let sample = text(&repository().join("datasets/samples/x-imu3"));
    keys(&valid("analysis", 0, &["analyze", "--side", "left", &sample])[0], &mut all);
    // A repetition is found below its set and its session: what these hold of others does not count.
    keys(&json["sets"][0]["reps"][0], &mut of_rep);
    keys(&json["sets"][0]["reps"][0]["budgets"], &mut of_budget);
    let key =
        [&json["info"]["session"], &json["info"]["athlete_id"], &json["sets"][0]["set"], &json["sets"][0]["side"]];
    assert!(key.iter().all(|key| !key.is_null()), "{key:?}");
    let named = ["session", "athlete_id", "set", "side"].map(str::to_owned);
    of_rep.extend(named.clone());
    of_budget.extend(named.into_iter().chain(["rep".to_owned()]));
    let found = [
        missing::<SessionRow>(&all),
        missing::<SetRow>(&all),
        missing::<RepRow>(&of_rep),
        missing::<RepMetricRow>(&of_rep),
        missing::<EvidenceRow>(&of_rep),
        missing::<CurveRow>(&of_rep),
        missing::<BudgetRow>(&of_budget),
        missing::<EventRow>(&all),
        missing::<QualityRow>(&all),
    ];
    let found: BTreeSet<_> = found.into_iter().flatten().collect();
    let known: BTreeSet<_> = ELSEWHERE.iter().map(|(table, column, _)| (*table, *column)).collect();
    assert_eq!(found, known, "columns without a key, and the list of those that need none");
}

/// Text, numbers and words of a row of `reps.csv` as the JSON says them, where it has them.
fn same(column: &str, cell: &str, rep: &Value) -> Option<bool> {
    let column = if column == "reason_code" { "cause" } else { column };
    let measured = |name: &str| rep["metrics"].get(name);
    let plain = column.replacen("_sigma", "", 1);
    let value = match (measured(column), measured(&plain)) {
        (Some(number), _) => number.get("value").unwrap_or(&Value::Null),
        (None, Some(number)) => number.get("sigma").unwrap_or(&Value::Null),
        (None, None) => {
            ["span", "judgement"].iter().map(|part| &rep[part]).chain([rep]).find_map(|part| part.get(column))?
        }
    };
    Some(match value {
        Value::Null => cell.is_empty(),
        // To the last digit that the table keeps.
        Value::Number(number) => {
            let decimals = cell.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let unit = 10_f64.powi(-i32::try_from(decimals).expect("few"));
            (number.as_f64().expect("a number") - cell.parse::<f64>().expect("a number")).abs() <= 0.51 * unit
        }
        Value::Array(words) => cell == words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";"),
        other => other.as_str() == Some(cell),
    })
}

#[test]
fn repetitions_have_the_same_numbers_in_the_same_units_in_the_table_and_in_the_json() {
    let reps = demo().1["sets"].as_array().expect("sets").iter().flat_map(|set| set["reps"].as_array().expect("reps"));
    let mut table = csv::Reader::from_path(tables().join("reps.csv")).expect("reads");
    let header = table.headers().expect("a header").clone();
    let (mut compared, mut rows) = (BTreeMap::<String, usize>::new(), table.records());
    for rep in reps {
        let row = rows.next().expect("as many rows").expect("reads");
        for (column, cell) in header.iter().zip(&row) {
            if let Some(same) = same(column, cell, rep) {
                assert!(same, "{column}: {cell} in the table, {rep:#}");
                *compared.entry(column.to_owned()).or_default() += 1;
            }
        }
    }
    assert!(rows.next().is_none(), "as many repetitions");
    // 36 numbers with their uncertainties, three times, and rep, label, cause, probability, flags.
    assert_eq!(compared.len(), 44, "{compared:?}");
}
