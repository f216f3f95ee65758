//! Tables say what the analyses say, in every format, whatever the order of work.

mod synthetic;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use synthetic::session;
use tempfile::TempDir;
use truehinge_core::correction::{CorrectedTo, Correction};
use truehinge_core::summary::SideSummary;
use truehinge_core::words::Language;
use truehinge_core::{ErrorSource, Explained, Metric, QualityGrade, RepMetrics, SessionAnalysis, Side, Verdict};
use truehinge_dataset::table::{
    AthleteRow, BudgetRow, COLUMNS_KEY, CsvLocale, CurveRow, DictionaryRow, Event, EventRow, EvidenceRow, Failure,
    NOTEBOOK_NAME, NotebookExport, QualityRow, RepMetricRow, RepRow, Row, SCHEMA_VERSION, SessionRow, SessionTables,
    SetRow, SideRow, TABLES, TableError, TableFormats, TableSet, data_dictionary, read_curves, read_events,
    read_quality, read_reps, read_sessions, read_sets, read_sides, read_table, write_notebook, write_session,
};

fn folder() -> TempDir {
    tempfile::tempdir().expect("temporary folder")
}

fn failure(source: &str, reason: &str) -> Failure {
    Failure { stage: "read".into(), code: "import_unknown".into(), source: source.into(), reason: reason.into() }
}

fn set_of(sessions: &[SessionAnalysis]) -> TableSet {
    let mut set = TableSet::default();
    for analysis in sessions {
        set.push(analysis);
    }
    set
}

fn text(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn header(folder: &Path, table: &str) -> String {
    text(folder, &format!("{table}.csv")).lines().next().expect("a header").to_owned()
}

/// Every file of a folder with its bytes.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .expect("lists")
        .map(|entry| entry.expect("entry").path())
        .map(|path| (path.file_name().expect("name").to_string_lossy().into_owned(), fs::read(&path).expect("reads")))
        .collect()
}

/// Fails unless both files of a table hold the same rows, and returns them.
fn both<R: Row + PartialEq + std::fmt::Debug>(folder: &Path) -> Vec<R> {
    let csv: Vec<R> = read_table(&folder.join(format!("{}.csv", R::TABLE))).expect("CSV");
    let parquet: Vec<R> = read_table(&folder.join(format!("{}.parquet", R::TABLE))).expect("Parquet");
    assert_eq!(csv, parquet, "{}", R::TABLE);
    csv
}

#[test]
fn headers_are_what_others_rely_on() {
    let folder = folder();
    set_of(&[]).write(folder.path(), &[]).expect("writes");
    let headers: Vec<String> = TABLES
        .into_iter()
        .chain(["failures", "data_dictionary"])
        .map(|table| format!("{table}: {}", header(folder.path(), table).replace(',', " ")))
        .collect();
    insta::assert_snapshot!(headers.join("\n\n"));
}

#[test]
fn the_bench_scorer_finds_its_columns() {
    let folder = folder();
    let written = write_session(folder.path(), &session("A00", "S000", 3, 1)).expect("writes");
    assert_eq!(written, folder.path().join("S000"));
    let header = header(&written, "reps");
    let found: BTreeSet<&str> = header.split(',').collect();
    for column in [
        "start_s",
        "turn_s",
        "end_s",
        "knee_forward_mm",
        "hip_back_mm",
        "shank_tilt_deg",
        "pelvis_tilt_deg",
        "knee_flexion_deg",
        "label",
    ] {
        assert!(found.contains(column), "{column}");
    }
}

/// A metric's unit as it ends a column's name.
fn suffix(metric: Metric) -> String {
    metric.unit().replace('/', "_").replace('%', "pct")
}

#[test]
fn every_metric_has_its_two_columns() {
    let names: Vec<&str> = RepRow::COLUMNS.iter().map(|column| column.name).collect();
    for metric in Metric::ALL {
        let (name, unit) = (metric.name(), suffix(metric));
        let at = names.iter().position(|column| *column == format!("{name}_{unit}")).expect(name);
        assert_eq!(names[at + 1], format!("{name}_sigma_{unit}"));
    }
}

#[test]
fn the_dictionary_is_the_columns() {
    let folder = folder();
    set_of(&[session("A00", "S1", 2, 1)]).write(folder.path(), &[]).expect("writes");
    let rows: Vec<DictionaryRow> = read_table(&folder.path().join("data_dictionary.csv")).expect("reads");
    assert_eq!(rows, data_dictionary());
    for table in TABLES.into_iter().chain(["failures", "data_dictionary"]) {
        let described: Vec<&str> =
            rows.iter().filter(|row| row.table == table).map(|row| row.column.as_ref()).collect();
        assert_eq!(described.join(","), header(folder.path(), table));
    }
    for row in &rows {
        assert!(!row.description.is_empty(), "{}", row.column);
        let unit = row.unit.as_deref().unwrap_or("");
        let suffix = match unit {
            "" | "1" | "see unit" => "",
            "%" => "_pct",
            "Hz" => "_hz",
            other => &format!("_{}", other.replace('/', "_")),
        };
        assert!(row.column.ends_with(suffix), "{} has the unit {unit}", row.column);
        assert_eq!(row.data_type == "float", row.decimals.is_some(), "{}", row.column);
        assert!(row.data_type == "float" || unit.is_empty(), "{}", row.column);
    }
}

#[test]
fn both_formats_hold_the_same_values() {
    let folder = folder();
    set_of(&[session("A01", "S1", 4, 1), session("A00", "S2", 5, 2)]).write(folder.path(), &[]).expect("writes");
    assert_eq!(both::<SessionRow>(folder.path()).len(), 2);
    assert_eq!(both::<SetRow>(folder.path()).len(), 4);
    assert_eq!(both::<SideRow>(folder.path()).len(), 4);
    assert_eq!(both::<AthleteRow>(folder.path()).len(), 2);
    assert_eq!(both::<RepRow>(folder.path()).len(), 18);
    assert_eq!(both::<RepMetricRow>(folder.path()).len(), 18 * 14 - 4);
    assert_eq!(both::<BudgetRow>(folder.path()).len(), 18 * 3);
    assert_eq!(both::<EvidenceRow>(folder.path()).len(), 18 * 4);
    assert_eq!(both::<CurveRow>(folder.path()).len(), 18 * 6 * 101);
    assert!(both::<EventRow>(folder.path()).len() > 18 * 3);
    assert!(both::<QualityRow>(folder.path()).len() > 20);
}

#[test]
fn rows_say_what_the_analysis_says() {
    let folder = folder();
    let analysis = session("A00", "S1", 5, 3);
    set_of(std::slice::from_ref(&analysis)).write(folder.path(), &[]).expect("writes");
    let rows = read_reps(&folder.path().join("reps.parquet")).expect("reads");
    assert_eq!(rows.len(), analysis.reps().count());
    for (row, (set, rep)) in rows.iter().zip(analysis.reps()) {
        assert_eq!((row.set, row.side, row.rep), (set.number, set.side, rep.number));
        assert_eq!((row.label, row.reason_code), (rep.judgement.verdict, rep.judgement.cause));
        assert_eq!(row.flags, rep.judgement.flags);
        // Half of the last decimal that is kept.
        assert!((row.start_s - rep.span.start.seconds()).abs() <= 0.5e-4 + 1e-9);
        assert!((row.ascent_s - rep.phases.ascent.length().seconds()).abs() <= 0.5e-4 + 1e-9);
        for metric in Metric::ALL {
            let (stored, truth) = (row.reading(metric), rep.metrics.reading(metric));
            assert_eq!(stored.is_some(), truth.is_some(), "{metric:?}");
            let half = if matches!(metric.unit(), "mm" | "%") { 0.5e-2 } else { 0.5e-3 };
            if let (Some(stored), Some(truth)) = (stored, truth) {
                assert!((stored.value - truth.value).abs() <= half + 1e-9, "{metric:?}");
                assert!((stored.sigma - truth.sigma).abs() <= half + 1e-9, "{metric:?}");
            }
        }
        assert_eq!(row.reason, Language::English.reason(rep));
        assert_eq!((row.label_computed, row.excluded), (Some(rep.judgement.verdict), Some(false)));
    }
    // As the first repetition's budgets have it, in mm and degrees.
    let budgets: Vec<BudgetRow> = read_table(&folder.path().join("budgets.csv")).expect("reads");
    let first: Vec<_> = budgets[..3].iter().map(|row| (row.metric, row.source, row.unit.as_ref(), row.sigma)).collect();
    assert_eq!(
        first,
        [
            (Metric::KneeForward, ErrorSource::SoftTissue, "mm", 2.4),
            (Metric::KneeForward, ErrorSource::Axis, "mm", 1.0),
            (Metric::PelvisTilt, ErrorSource::Onset, "deg", 0.9),
        ]
    );
    let sessions = read_sessions(&folder.path().join("sessions.csv")).expect("reads");
    let [session] = sessions.as_slice() else { panic!("{sessions:?}") };
    assert_eq!((session.n_reps, session.n_sets, session.n_rejected), (10, 2, 2));
    assert_eq!((session.limit_knee_forward_good_mm, session.limit_knee_forward_fault_mm), (15.0, 30.0));
    assert_eq!((session.limit_hip_back_good_mm, session.limit_hip_back_fault_mm), (25.0, 15.0));
    assert_eq!(session.clock_sigma_ms, None, "one timeline is an assumption");
    let told = |moment: Option<&dyn std::fmt::Display>| moment.map(ToString::to_string).unwrap_or_default();
    assert_eq!(told(session.start_utc.as_ref().map(|at| at as _)), "2026-09-24T14:13:20.123Z");
    assert_eq!(told(session.start_local.as_ref().map(|at| at as _)), "2026-09-24T16:13:20.123");
    assert_eq!(told(session.date_local.as_ref().map(|at| at as _)), "2026-09-24");
    assert!(session.shank_length_measured && !session.thigh_length_measured);
}

#[test]
fn what_a_person_corrected_is_in_every_table_that_counts() {
    let folder = folder();
    let mut analysis = session("A00", "S1", 5, 3);
    let correct = |change| {
        let (reason, author) = ("the belt; slipped".to_owned(), "KM".to_owned());
        Some(Correction { change, reason, author, at_utc_ns: 0 })
    };
    let worst = SideSummary::of(&analysis)[0].spread(Metric::KneeForward).expect("measured").highest;
    let reps = &mut analysis.sets[0].reps;
    let reading = |rep: &truehinge_core::Rep| rep.metrics.reading(Metric::KneeForward).map(|reading| reading.value);
    let at = reps.iter().position(|rep| reading(rep) == Some(worst)).expect("one of them");
    reps[at].by_hand = correct(CorrectedTo::Excluded);
    let other = (at + 1) % reps.len();
    reps[other].by_hand = correct(CorrectedTo::Verdict { verdict: Verdict::InsufficientHipTravel });
    set_of(std::slice::from_ref(&analysis)).write(folder.path(), &[]).expect("writes");
    let rows = both::<RepRow>(folder.path());
    assert_eq!(rows.iter().map(|row| row.rep_index).collect::<Vec<_>>(), (1..=10).map(Some).collect::<Vec<_>>());
    assert_eq!((rows[at].excluded, rows[at].corrected_by.as_deref()), (Some(true), Some("KM")));
    assert_eq!(rows[other].correction_reason.as_deref(), Some("the belt; slipped"));
    assert_eq!(rows[other].label, Verdict::InsufficientHipTravel);
    assert_eq!(rows[other].label_computed, Some(analysis.sets[0].reps[other].judgement.verdict));
    assert!(rows[at].reason.starts_with("Excluded by KM: "), "{}", rows[at].reason);
    let sides = read_sides(&folder.path().join("sides.parquet")).expect("reads");
    let left = &sides[0];
    assert_eq!((left.side, left.n_reps, left.n_excluded, left.n_corrected), (Some(Side::Left), 4, 1, 2));
    let leg = &SideSummary::of(&analysis)[0];
    assert_eq!(left.n_insufficient_hip_travel as usize, leg.counts.insufficient_hip_travel);
    let spread = leg.spread(Metric::KneeForward).expect("measured");
    assert!(spread.highest < worst, "what is excluded is in no spread");
    let near =
        |found: Option<f64>, truth: Option<f64>| (found.expect("a number") - truth.expect("known")).abs() < 0.006;
    assert!(near(left.knee_forward_median_mm, Some(spread.median)) && near(left.knee_forward_sd_mm, spread.sd));
    assert!(near(left.knee_forward_worst_mm, Some(spread.highest)) && left.knee_forward_n as usize == spread.n);
    let hip = leg.spread(Metric::HipBack).expect("measured");
    assert!(near(left.hip_back_worst_mm, Some(hip.lowest)) && near(left.hip_back_highest_mm, Some(hip.highest)));
    assert_eq!(both::<AthleteRow>(folder.path())[0].n_reps, 9);
    assert_eq!(both::<SetRow>(folder.path())[0].n_reps, 4);
}

#[test]
fn keys_are_of_the_content_alone() {
    let keys = |sessions: &[SessionAnalysis]| -> Vec<(String, String, String)> {
        let folder = folder();
        set_of(sessions).write(folder.path(), &[]).expect("writes");
        let rows = both::<RepRow>(folder.path());
        rows.iter().map(|row| (row.session_id.to_string(), row.set_id.to_string(), row.rep_id.to_string())).collect()
    };
    let one = session("A", "S1", 3, 1);
    let first = keys(std::slice::from_ref(&one));
    assert_eq!(first.iter().map(|(_, _, rep)| rep).collect::<BTreeSet<_>>().len(), 6);
    assert_eq!(first.iter().map(|(_, set, _)| set).collect::<BTreeSet<_>>().len(), 2);
    assert!(first.iter().all(|(session, _, _)| session.starts_with('s') && session.len() == 17));
    // Elsewhere, of somebody else, under another name, and beside other recordings.
    let mut moved = session("B", "of another name", 3, 1);
    moved.info.source.files[0].name = "copy.mcap".to_owned();
    assert_eq!(keys(std::slice::from_ref(&moved)), first);
    let beside = keys(&[session("A", "S0", 3, 7), one]);
    assert_eq!(beside[6..], first);
    assert!(beside[..6].iter().all(|key| !first.contains(key)));
}

#[test]
fn german_spreadsheets_get_their_separators_and_everybody_reads_them() {
    let (english, german) = (folder(), folder());
    let sessions = [session("A01", "S1; x", 4, 1), session("A00", "S2", 5, 2)];
    let failures = [failure("a;b.csv", "1.5 s, too short")];
    set_of(&sessions).write(english.path(), &failures).expect("writes");
    let formats = TableFormats { locale: CsvLocale::German, ..TableFormats::ALL };
    set_of(&sessions).write_as(german.path(), &failures, formats).expect("writes");
    let line = text(german.path(), "reps.csv").lines().nth(1).expect("a row").to_owned();
    assert!(line.contains(";10,0000;") && !line.contains("10.0000"), "{line}");
    assert_eq!(both::<RepRow>(german.path()), both::<RepRow>(english.path()));
    assert_eq!(both::<SessionRow>(german.path()), both::<SessionRow>(english.path()));
    assert_eq!(both::<SideRow>(german.path()), both::<SideRow>(english.path()));
    assert_eq!(both::<CurveRow>(german.path()), both::<CurveRow>(english.path()));
    assert_eq!(read_table::<Failure>(&german.path().join("failures.csv")).expect("reads"), failures);
    let parquet = |folder: &TempDir| fs::read(folder.path().join("reps.parquet")).expect("reads");
    assert_eq!(parquet(&german), parquet(&english), "Parquet knows no locale");
}

#[test]
fn parquet_says_types_units_and_meanings_also_of_empty_columns() {
    use polars_io::SerReader;
    use polars_io::parquet::read::ParquetReader;
    let folder = folder();
    let mut analysis = session("A00", "S1", 1, 1);
    analysis.info.start_utc_ns = None;
    set_of(&[analysis]).write(folder.path(), &[]).expect("writes");
    for table in TABLES {
        let path = folder.path().join(format!("{table}.parquet"));
        let mut reader = ParquetReader::new(fs::File::open(&path).expect("opens"));
        let metadata = reader.get_metadata().expect("metadata").clone();
        let said = metadata.key_value_metadata().as_ref().expect("some").iter().find(|entry| entry.key == COLUMNS_KEY);
        let said: serde_json::Value =
            serde_json::from_str(said.and_then(|entry| entry.value.as_deref()).expect("columns")).expect("JSON");
        let frame = reader.finish().expect("a table");
        for row in data_dictionary().into_iter().filter(|row| row.table == table) {
            let name = row.column.as_ref();
            assert_eq!(said[name]["description"], row.description.as_ref(), "{table} {name}");
            assert_eq!(said[name]["unit"].as_str(), row.unit.as_deref(), "{table} {name}");
            let found = frame.column(name).expect(name).dtype().to_string();
            let expected = match row.data_type.as_ref() {
                "text" => "str",
                "float" => "f64",
                "integer" => "i64",
                "boolean" => "bool",
                "timestamp" => "datetime[μs, UTC]",
                "local timestamp" => "datetime[μs]",
                "date" => "date",
                other => panic!("{other}"),
            };
            assert_eq!(found, expected, "{table} {name}");
        }
    }
}

#[test]
fn every_point_of_every_curve_is_there() {
    let folder = folder();
    let analysis = session("A00", "S1", 2, 3);
    let written = write_session(folder.path(), &analysis).expect("writes");
    let mut rows = read_curves(&written.join("curves.parquet")).expect("reads").into_iter();
    for (set, rep) in analysis.reps() {
        for curve in &rep.curves {
            for (percent, value) in (0..).zip(&curve.values) {
                let row = rows.next().expect("a row per point");
                assert_eq!(
                    (row.set, row.rep, row.signal, row.phase_pct),
                    (set.number, rep.number, curve.signal, percent)
                );
                assert!((row.value.expect("finite") - value).abs() <= 0.5e-3 + 1e-9);
            }
        }
    }
    assert_eq!(rows.next(), None);
}

#[test]
fn events_are_in_order_of_time_and_say_why_something_was_not_counted() {
    let folder = folder();
    let analysis = session("A00", "S1", 3, 1);
    let written = write_session(folder.path(), &analysis).expect("writes");
    let rows = read_events(&written.join("events.csv")).expect("reads");
    for set in rows.chunk_by(|a, b| a.set == b.set) {
        assert!(set.is_sorted_by(|a, b| a.t_s <= b.t_s));
    }
    let count = |event| rows.iter().filter(|row| row.event == event).count();
    for (event, expected) in [
        (Event::SetStart, 2),
        (Event::SetEnd, 2),
        (Event::QuietStance, 2),
        (Event::RepStart, 6),
        (Event::RepTurn, 6),
        (Event::RepEnd, 6),
        (Event::Rejected, 2),
    ] {
        assert_eq!(count(event), expected, "{event:?}");
    }
    let rejected = rows.iter().find(|row| row.event == Event::Rejected).expect("one");
    assert_eq!(rejected.reason_code.as_deref(), Some("too_small"));
    assert_eq!(rejected.description.as_deref(), Some("too small: moved 1.1 deg, a repetition needs 3.0 deg"));
}

#[test]
fn quality_holds_values_limits_and_issues() {
    let folder = folder();
    let mut analysis = session("A00", "S1", 1, 1);
    analysis.sensors[0].lost = 0;
    analysis.sensors[1].lost = 1_000;
    analysis.sensors[1].gravity = None;
    analysis.sensors[1].clock_sigma_ms = Some(2.0);
    let written = write_session(folder.path(), &analysis).expect("writes");
    let rows = read_quality(&written.join("quality.csv")).expect("reads");
    let losses: Vec<Option<bool>> = rows.iter().filter(|row| row.check == "loss").map(|row| row.pass).collect();
    assert_eq!(losses, [Some(true), Some(false), None], "two checks and a finding");
    let pair = rows.iter().find(|row| row.check == "clock_pair_sigma").expect("both are known");
    assert_eq!((pair.value, pair.pass), (Some(2.5), Some(true)), "1.5 and 2 ms");
    assert_eq!(rows.iter().filter(|row| row.check == "clock_delay_p95" && row.value == Some(14.5)).count(), 2);
    assert!(rows.iter().any(|row| row.check == "gravity" && row.value.is_none()));
    assert!(rows.iter().any(|row| row.check == "axis_sigma" && row.set == Some(2) && row.value == Some(4.25)));
    let issue = rows.iter().find(|row| row.message.is_some()).expect("an issue");
    assert_eq!(issue.message, Some(truehinge_core::words::sentence(&analysis.findings[0])));
    assert_eq!((issue.check.as_ref(), issue.grade), ("loss", Some(QualityGrade::Fair)));
}

#[test]
fn nothing_and_one_row_are_tables_too() {
    let folder = folder();
    TableSet::default().write(folder.path(), &[]).expect("writes");
    assert!(both::<RepRow>(folder.path()).is_empty());
    assert!(both::<CurveRow>(folder.path()).is_empty());
    let mut analysis = session("A00", "S1", 1, 1);
    analysis.sets.truncate(1);
    set_of(&[analysis]).write(folder.path(), &[]).expect("writes over the older ones");
    assert_eq!(both::<RepRow>(folder.path()).len(), 1);
    assert_eq!(both::<CurveRow>(folder.path()).len(), 606);
}

#[test]
fn what_is_not_known_is_empty_never_zero() {
    let folder = folder();
    let mut analysis = session("A00", "S1", 1, 1);
    analysis.sets.truncate(1);
    analysis.sets[0].side = None;
    analysis.sets[0].alignment.clear();
    analysis.info.start_utc_ns = None;
    let rep = &mut analysis.sets[0].reps[0];
    rep.metrics = RepMetrics::default();
    rep.judgement.evidence.clear();
    rep.judgement.flags.clear();
    rep.judgement.probability = f64::NAN;
    rep.curves[0].values[50] = f64::NAN;
    let written = write_session(folder.path(), &analysis).expect("writes");
    let csv = text(&written, "reps.csv");
    let (header, line) = csv.trim_end().split_once('\n').expect("two lines");
    for (name, value) in header.split(',').zip(line.split(',')) {
        let measured = Metric::ALL.into_iter().any(|metric| {
            name == format!("{}_{}", metric.name(), suffix(metric))
                || name == format!("{}_sigma_{}", metric.name(), suffix(metric))
        });
        let missing = measured || ["side", "flags", "date_local", "corrected_by", "correction_reason"].contains(&name);
        assert_eq!(value.is_empty(), missing || name == "probability", "{name} is {value}");
    }
    for table in TABLES {
        let csv = text(&written, &format!("{table}.csv")).to_lowercase();
        assert!(!csv.contains("nan") && !csv.contains("inf,") && !csv.contains("null"), "{table}");
    }
    assert_eq!(both::<CurveRow>(&written).iter().filter(|row| row.value.is_none()).count(), 1);
    assert!(both::<RepMetricRow>(&written).is_empty());
    let error = read_reps(&written.join("reps.csv")).expect_err("a repetition without probability");
    let message = error.in_full();
    assert!(
        message.ends_with("row 1, column probability holds nothing, must be a number: make the table again"),
        "{message}"
    );
}

#[test]
fn the_order_of_work_leaves_no_trace() {
    let sessions: Vec<SessionAnalysis> =
        [("B", "S2", 2), ("A", "S10", 1), ("B", "S1", 3), ("A", "S1", 2), ("A", "S2", 1)]
            .into_iter()
            .zip(1..)
            .map(|((athlete, name, reps), seed)| session(athlete, name, reps, seed))
            .collect();
    let failures = ["y.csv", "x.csv"].map(|source| failure(source, "empty"));
    let write = |order: &[usize], failures: &[Failure]| {
        let folder = folder();
        let sessions: Vec<SessionAnalysis> = order.iter().map(|at| sessions[*at].clone()).collect();
        set_of(&sessions).write(folder.path(), failures).expect("writes");
        bytes(folder.path())
    };
    let first = write(&[0, 1, 2, 3, 4], &failures);
    assert_eq!(first.len(), 2 * TABLES.len() + 2);
    let mut turned = failures.clone();
    turned.reverse();
    assert_eq!(first, write(&[0, 1, 2, 3, 4], &failures));
    assert_eq!(first, write(&[4, 2, 0, 3, 1], &turned));
    let reps = String::from_utf8(first["reps.csv"].clone()).expect("UTF-8");
    let names: Vec<&str> = reps.lines().skip(1).map(|line| line.split(',').nth(2).expect("third")).collect();
    assert!(names.starts_with(&["S1", "S1", "S1", "S1", "S10"]), "{names:?}");
}

#[test]
fn recordings_of_one_name_keep_apart_and_copies_fall_together() {
    let (one, other) = (session("A", "S1", 2, 1), session("A", "S1", 3, 2));
    let mut judged_again = other.clone();
    judged_again.provenance.version = "0.2.0".to_owned();
    let write = |sessions: &[&SessionAnalysis]| {
        let folder = folder();
        let mut set = TableSet::default();
        for analysis in sessions {
            set.push(SessionTables::new((*analysis).clone(), "somewhere", vec![]));
        }
        let written = set.write(folder.path(), &[]).expect("writes");
        (written, bytes(folder.path()), both::<RepRow>(folder.path()))
    };
    let (written, first, rows) = write(&[&one, &other, &judged_again, &one]);
    assert_eq!((written.sessions, written.repeated), (3, 1));
    let names: Vec<&str> = written.renamed.iter().map(|renamed| renamed.renamed.as_str()).collect();
    assert_eq!(names, ["S1-00000001", "S1-00000002", "S1-00000002-2"]);
    let keys: BTreeSet<_> =
        rows.iter().map(|row| (row.athlete_id.clone(), row.session.clone(), row.set, row.rep)).collect();
    assert_eq!(keys.len(), rows.len(), "keys are unique");
    assert_eq!(write(&[&judged_again, &one, &one, &other]).1, first);

    let (written, _, rows) = write(&[&one, &one]);
    assert_eq!((written.sessions, written.repeated, written.renamed.len()), (1, 1, 0));
    assert_eq!(rows[0].session.as_ref(), "S1");
}

#[test]
fn text_is_disarmed_in_files_and_comes_back_as_it_was() {
    let folder = folder();
    let mut analysis = session("-A00", "Übung ☂ 1", 1, 1);
    analysis.sensors[0].model = "=HYPERLINK(\"x\",\"y\")".to_owned();
    analysis.sensors[1].model = "two\nlines, \"quoted\" žluťoučký 髋".to_owned();
    let failures = [failure("@sum.csv", "+1 row")];
    set_of(std::slice::from_ref(&analysis)).write(folder.path(), &failures).expect("writes");
    let sessions = both::<SessionRow>(folder.path());
    assert_eq!(sessions[0].athlete_id.as_ref(), "-A00");
    assert_eq!(sessions[0].session.as_ref(), "Übung ☂ 1");
    assert_eq!(sessions[0].device_hip.as_deref(), Some(analysis.sensors[0].model.as_str()));
    assert_eq!(sessions[0].device_shank.as_deref(), Some(analysis.sensors[1].model.as_str()));
    assert_eq!(read_table::<Failure>(&folder.path().join("failures.csv")).expect("reads"), failures);
    for table in TABLES.into_iter().chain(["failures"]) {
        let path = folder.path().join(format!("{table}.csv"));
        let mut reader = csv::Reader::from_path(&path).expect("opens");
        let text: Vec<bool> =
            data_dictionary().iter().filter(|row| row.table == table).map(|row| row.data_type == "text").collect();
        for record in reader.records() {
            for (field, _) in record.expect("UTF-8").iter().zip(&text).filter(|(_, text)| **text) {
                assert!(!field.starts_with(['=', '+', '-', '@']), "{table}: {field}");
            }
        }
    }
    assert!(text(folder.path(), "failures.csv").contains(",'@sum.csv,'+1 row,"));
    assert!(!text(folder.path(), "reps.csv").contains('\r'));
}

#[test]
fn only_the_chosen_formats_are_written() {
    let folder = folder();
    let formats = TableFormats { csv: false, ..TableFormats::ALL };
    set_of(&[session("A", "S1", 1, 1)]).write_as(folder.path(), &[], formats).expect("writes");
    let files = bytes(folder.path());
    assert!(files.contains_key("curves.parquet") && files.contains_key("failures.csv"));
    assert!(!files.contains_key("curves.csv"));
}

#[test]
fn a_session_names_a_folder_here_and_nowhere_else() {
    let folder = folder();
    for name in ["../S1", "a/b", "/a", ".", "..", "CON", "選手", "S1"] {
        let written = write_session(folder.path(), &session("A", name, 1, 1)).expect(name);
        assert_eq!(written.parent(), Some(folder.path()), "{name}");
        let here = written.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(here.is_ascii() && (here == name) == (name == "S1"), "{name}: {here}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 8);
}

#[test]
fn a_folder_is_written_again_by_the_same_recording_only() {
    let folder = folder();
    let mut one = session("A", "S1", 1, 1);
    let first = write_session(folder.path(), &one).expect("writes");
    assert_eq!(first, folder.path().join("S1"));
    one.provenance.config_sha256 = "ab".repeat(32);
    assert_eq!(write_session(folder.path(), &one).expect("with other numbers"), first);
    let mut seen = BTreeSet::from([first]);
    for (athlete, name, seed) in [("B", "S1", 1), ("A", "S1", 2), ("A", "s1", 1)] {
        let other = session(athlete, name, 1, seed);
        let written = write_session(folder.path(), &other).expect("writes");
        assert!(seen.insert(written.clone()), "{athlete} {name} {seed}");
        assert_eq!(write_session(folder.path(), &other).expect("again"), written);
        assert_eq!(both::<SessionRow>(&written)[0].athlete_id.as_ref(), athlete);
    }
    assert_eq!(both::<SessionRow>(&folder.path().join("S1"))[0].content_sha256, one.provenance.content_sha256);
}

#[test]
fn keys_are_the_same_text_in_both_formats_and_no_formula_in_either() {
    use polars_io::SerReader;
    let folder = folder();
    let ids = ["-----", "=1+1", "＝1+1", "選手-山田", "P/14", "'x", "'-y", "@sum"];
    let sessions: Vec<SessionAnalysis> = ids.iter().zip(1..).map(|(id, seed)| session(id, id, 1, seed)).collect();
    set_of(&sessions).write(folder.path(), &[]).expect("writes");
    for table in ["sessions", "reps"] {
        let file = fs::File::open(folder.path().join(format!("{table}.parquet"))).expect("opens");
        let frame = polars_io::parquet::read::ParquetReader::new(file).finish().expect("a table");
        for key in ["athlete_id", "session"] {
            let column = frame.column(key).expect("a key").str().expect("text");
            let parquet: Vec<&str> = (0..column.len()).filter_map(|row| column.get(row)).collect();
            let mut reader = csv::Reader::from_path(folder.path().join(format!("{table}.csv"))).expect("opens");
            let index = reader.headers().expect("header").iter().position(|name| name == key).expect("a key");
            let csv: Vec<String> = reader.records().map(|row| row.expect("a row")[index].to_owned()).collect();
            assert_eq!(csv, parquet, "{table} {key}");
            assert_eq!(csv.iter().collect::<BTreeSet<_>>().len(), ids.len(), "two people are two keys");
            assert!(!csv.iter().any(|key| key.starts_with(['=', '+', '-', '@', '＝'])), "{csv:?}");
        }
    }
}

/// A table as an earlier version wrote it: without what came later, and with the names that columns had.
fn as_before(folder: &Path, table: &str, version: i64, later: &[&str], renamed: &[(&str, &str)]) -> String {
    let mut reader = csv::Reader::from_path(folder.join(format!("{table}.csv"))).expect("opens");
    let header = reader.headers().expect("header").clone();
    let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
    let line = |cells: Vec<String>| {
        let kept = cells.into_iter().zip(&header).filter(|(_, name)| !later.contains(name));
        kept.map(|(cell, _)| quoted(&cell)).collect::<Vec<_>>().join(",")
    };
    let name = |name: &str| renamed.iter().find(|(now, _)| *now == name).map_or(name, |(_, before)| before).to_owned();
    let mut lines = vec![line(header.iter().map(name).collect())];
    for row in reader.records() {
        let row = row.expect("a row");
        let cell =
            |(cell, name): (&str, &str)| if name == "schema_version" { version.to_string() } else { cell.to_owned() };
        lines.push(line(row.iter().zip(&header).map(cell).collect()));
    }
    lines.join("\n") + "\n"
}

#[test]
fn tables_of_earlier_versions_are_read_without_what_came_later() {
    let folder = folder();
    let written = write_session(folder.path(), &session("A", "S1", 1, 1)).expect("writes");
    let before = written.join("before.csv");
    let later = ["session_id", "date_local", "start_local", "utc_offset_min", "content_sha256", "copies"];
    fs::write(&before, as_before(&written, "sessions", 2, &later, &[("session", "session_id")])).expect("writes");
    let now = read_sessions(&written.join("sessions.csv")).expect("reads").remove(0);
    let read = read_sessions(&before).expect("reads").remove(0);
    let nothing = SessionRow {
        session_id: "S1".into(),
        date_local: None,
        start_local: None,
        utc_offset_min: None,
        content_sha256: String::new(),
        copies: String::new(),
        ..now
    };
    assert_eq!(read, nothing);
    let text = fs::read_to_string(&before).expect("reads");
    fs::write(&before, text.replace("quality_grade", "grade")).expect("writes");
    assert!(read_sessions(&before).is_err(), "a column that it had must be there");

    let later = ["session_id", "set_id", "rep_id", "date_local", "rep_index", "label_computed", "excluded"];
    let later = [later.as_slice(), &["corrected_by", "correction_reason"]].concat();
    let renamed = [("session", "session_id"), ("reason_code", "cause")];
    fs::write(&before, as_before(&written, "reps", 3, &later, &renamed)).expect("writes");
    let now = read_reps(&written.join("reps.csv")).expect("reads");
    let read = read_reps(&before).expect("reads");
    let of = |row: &RepRow| (row.session.clone(), row.reason_code, row.label, row.knee_forward_mm, row.reason.clone());
    assert_eq!(read.iter().map(of).collect::<Vec<_>>(), now.iter().map(of).collect::<Vec<_>>());
    assert!(read.iter().all(|row| row.rep_id.is_empty() && row.rep_index.is_none() && row.excluded.is_none()));

    let renamed = [("session", "session_id"), ("reason_code", "reason")];
    fs::write(&before, as_before(&written, "events", 3, &["session_id"], &renamed)).expect("writes");
    let reasons = |path: &Path| -> Vec<Option<String>> {
        read_events(path).expect("reads").into_iter().map(|row| row.reason_code.map(Into::into)).collect()
    };
    assert_eq!(reasons(&before), reasons(&written.join("events.csv")));
}

#[test]
fn what_cannot_be_read_says_why() {
    let folder = folder();
    let written = write_session(folder.path(), &session("A", "S1", 1, 1)).expect("writes");
    let message = |file: &str, content: &[u8]| {
        let path = written.join(file);
        fs::write(&path, content).expect("writes");
        let message = read_sets(&path).expect_err(file).in_full();
        message.replace(&path.display().to_string(), "FILE")
    };
    let csv = text(&written, "sets.csv");
    let parquet = fs::read(written.join("sets.parquet")).expect("reads");
    let messages = [
        message("sets.txt", b""),
        message("a.csv", csv.replace("hip_alignment", "hip").as_bytes()),
        message("b.csv", csv.replace(&format!(",{SCHEMA_VERSION}\n"), ",1\n").as_bytes()),
        message("c.csv", csv.replace("left", "both").as_bytes()),
        message("d.csv", csv.replacen("10.0000", "ten", 1).as_bytes()),
        message("e.csv", b""),
        message("f.parquet", &parquet[..parquet.len() / 2]),
        read_reps(&written.join("sets.csv"))
            .expect_err("other columns")
            .in_full()
            .replace(&written.join("sets.csv").display().to_string(), "FILE"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
    assert!(matches!(read_sets(&written.join("no.csv")), Err(TableError::Io { .. })));
}

#[test]
fn tables_that_went_through_other_programs_are_read() {
    let folder = folder();
    let written = write_session(folder.path(), &session("A", "S1", 1, 1)).expect("writes");
    // Other order, one column more, CR LF: as spreadsheets save.
    let mut reader = csv::Reader::from_path(written.join("sets.csv")).expect("opens");
    let mut turned = vec![reader.headers().expect("header").iter().rev().chain(["mine"]).collect::<Vec<_>>().join(",")];
    for record in reader.records() {
        turned.push(record.expect("row").iter().rev().chain(["x"]).collect::<Vec<_>>().join(","));
    }
    let path = written.join("turned.csv");
    fs::write(&path, turned.join("\r\n")).expect("writes");
    let rows = read_sets(&path).expect("reads");
    assert_eq!(rows, read_sets(&written.join("sets.csv")).expect("reads"));
    assert_eq!(rows[1].side, Some(Side::Right));
}

#[test]
fn an_edited_notebook_is_left_alone() {
    let folder = folder();
    let path = folder.path().join(NOTEBOOK_NAME);
    assert_eq!(write_notebook(folder.path()).expect("writes"), NotebookExport::Written(path.clone()));
    assert_eq!(write_notebook(folder.path()).expect("is there"), NotebookExport::Written(path.clone()));
    fs::write(&path, "{\"mine\": 1}").expect("writes");
    assert_eq!(write_notebook(folder.path()).expect("keeps"), NotebookExport::Kept(path.clone()));
    assert_eq!(fs::read_to_string(&path).expect("reads"), "{\"mine\": 1}");
}

#[test]
fn the_notebook_is_valid_has_no_output_and_reads_columns_that_exist() {
    let folder = folder();
    write_notebook(folder.path()).expect("writes");
    let notebook: serde_json::Value = serde_json::from_str(&text(folder.path(), NOTEBOOK_NAME)).expect("JSON");
    assert_eq!((&notebook["nbformat"], &notebook["nbformat_minor"]), (&4.into(), &5.into()));
    let cells = notebook["cells"].as_array().expect("cells");
    let mut ids = BTreeSet::new();
    let mut code = String::new();
    for cell in cells {
        assert!(ids.insert(cell["id"].as_str().expect("4.5 wants ids")), "ids are unique");
        if cell["cell_type"] == "code" {
            assert_eq!(cell["outputs"], serde_json::json!([]));
            assert!(cell["execution_count"].is_null());
            code.extend(cell["source"].as_array().expect("lines").iter().filter_map(serde_json::Value::as_str));
        }
    }
    assert!(!code.contains("/home") && !code.contains("C:\\"), "paths are relative");
    let columns: BTreeSet<String> = data_dictionary().into_iter().map(|row| row.column.into_owned()).collect();
    let suffixed = |word: &&str| ["_mm", "_deg", "_s", "_pct", "_hz"].iter().any(|suffix| word.ends_with(suffix));
    let words = code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    for word in words.filter(suffixed).filter(|word| !word.starts_with('_')) {
        assert!(columns.contains(word), "the notebook names {word}, which is no column");
    }
}

/// Also leaves tables and notebook in the build folder, where `notebooks-export/run.py` can be tried on them.
#[test]
fn a_squad_of_every_verdict_is_written() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tables");
    let people = ["P-014", "P-021", "P-033", "P-040", "P-052", "P-060"];
    // Of the first one many sessions, of the last one two.
    let sessions: Vec<SessionAnalysis> = (0..34)
        .map(|i| (people[i as usize % people.len()], i))
        .filter(|(person, i)| *person != "P-060" || *i < 12)
        .map(|(person, i)| session(person, &format!("S{}", i / 6 + 1), 5, i))
        .chain((40..46).map(|i| session("P-014", &format!("S{}", i - 33), 5, 3 * i)))
        .collect();
    let failures = [failure("P-040/S1.csv", "no samples: record it again")];
    set_of(&sessions).write(&folder, &failures).expect("writes");
    let found: BTreeSet<Verdict> = both::<RepRow>(&folder).iter().map(|row| row.label).collect();
    assert_eq!(found.len(), Verdict::ALL.len(), "{found:?}");
    write_notebook(&folder).expect("writes");
}
