//! The athlete library, end to end: cards, where facts come from, erasing one of two people, pseudonyms.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use truehinge_core::{AthleteId, SessionId, Zone};
use truehinge_dataset::atomic::sha256;
use truehinge_dataset::recording::write_recording;
use truehinge_sim::Scenario;

/// A library in a folder of its own.
struct Library(tempfile::TempDir);

impl Library {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program in the library and expects an exit code; what it printed on both.
    fn run(&self, args: &[&str], code: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_truehinge"));
        command.current_dir(self.0.path()).env_remove("TRUEHINGE_LIBRARY").args(args).arg("--no-progress");
        let output = command.stdin(std::process::Stdio::null()).output().expect("starts");
        let words = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {words}");
        words
    }

    fn json(&self, args: &[&str], code: i32) -> Value {
        let printed = self.run(&[args, &["--json"]].concat(), code);
        serde_json::from_str(printed.lines().next().expect("a line")).unwrap_or_else(|_| panic!("{printed}"))
    }

    /// A recording of 1 October 2026, local time, whose height nobody measured.
    fn record(&self, athlete: &str, session: &str, seed: u64) -> String {
        let mut recording = Scenario::typical(seed).run().expect("a session").recording();
        recording.info.athlete = AthleteId::new(athlete).expect("an id");
        recording.info.session = SessionId::new(session).expect("an id");
        recording.info.start_utc_ns = Some(1_790_892_135_500_000_000);
        recording.info.zone = Zone::Ahead(0);
        recording.info.body = truehinge_core::Anthropometry::default();
        let name = format!("recordings/{athlete}_{session}.mcap");
        fs::create_dir_all(self.path("recordings")).expect("a folder");
        write_recording(&self.path(&name), &recording).expect("writes");
        name
    }

    /// Every file with the hash of its bytes.
    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        walk(self.0.path(), &mut |path| {
            let name = path.strip_prefix(self.0.path()).expect("below").to_string_lossy().into_owned();
            files.insert(name, sha256(&fs::read(path).expect("reads")));
        });
        files
    }
}

fn walk(folder: &Path, see: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("lists") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            walk(&entry.path(), see);
        } else if kind.is_file() {
            see(&entry.path());
        }
    }
}

/// `stature_mm 1780 option`, of an analysis.
fn facts(analysis: &Value) -> Vec<String> {
    let facts = analysis["provenance"]["facts"].as_array().expect("a list");
    let words = |fact: &Value| {
        let text = |key: &str| fact[key].as_str().unwrap_or_default().to_owned();
        format!("{} {} {} {}", text("fact"), fact["value"], text("from"), text("since")).trim_end().to_owned()
    };
    facts.iter().map(words).collect()
}

fn codes(analysis: &Value) -> Vec<&str> {
    analysis["findings"].as_array().expect("a list").iter().filter_map(|finding| finding["code"].as_str()).collect()
}

#[test]
fn what_is_asked_once_is_used_everywhere_and_says_where_it_came_from() {
    let library = Library::new();
    let recording = library.record("P-014", "S1", 1);
    let before = library.json(&["analyze", &recording], 0);
    assert_eq!(facts(&before), Vec::<String>::new());
    assert!(codes(&before).contains(&"body_unmeasured"));

    let added =
        library.run(&["athlete", "add", "P-014", "--height", "178", "--shank-length", "43", "--squad", "U18"], 0);
    assert!(added.contains("for 1 of 1 recordings"), "{added}");
    let after = library.json(&["analyze", &recording], 0);
    assert_eq!(facts(&after), ["stature_mm 1780.0 card", "shank_length_mm 430.0 card"]);
    assert!(!codes(&after).contains(&"body_unmeasured"), "{:?}", codes(&after));
    // Whoever asks, and whoever edited the recording, knows better.
    let told = library.json(&["analyze", &recording, "--height", "181"], 0);
    assert_eq!(facts(&told)[0], "stature_mm 1810.0 option");
    library.run(&["edit", &recording, "--out", "recordings/edited.mcap", "--height", "182"], 0);
    let edited = library.json(&["analyze", "recordings/edited.mcap"], 0);
    assert_eq!(facts(&edited), ["stature_mm 1820.0 edited", "shank_length_mm 430.0 card"]);
    fs::remove_file(library.path("recordings/edited.mcap")).expect("removes");

    // A change holds from today on, and the session was before that.
    let changed = library.json(&["athlete", "edit", "P-014", "--height", "185", "--since", "2026-10-02"], 0);
    assert_eq!(changed["concerned"], 0);
    assert_eq!(library.json(&["analyze", &recording], 0), after);
    let changed = library.json(&["athlete", "edit", "P-014", "--height", "186", "--since", "2026-10-01"], 0);
    assert_eq!(changed["concerned"], 1);
    assert_eq!(facts(&library.json(&["analyze", &recording], 0))[0], "stature_mm 1860.0 card 2026-10-01");
    library.run(&["athlete", "edit", "P-014", "--height", "179", "--always"], 0);
    assert_eq!(facts(&library.json(&["analyze", &recording], 0))[0], "stature_mm 1790.0 card");
    // Limits of their own judge this person only, and a protocol that is asked for keeps its own.
    library.run(&["athlete", "edit", "P-014", "--limit", "knee_forward_mm=1,2", "--always"], 0);
    let own = library.json(&["explain", &recording], 0);
    assert_eq!(own["provenance"]["protocol"]["criteria"]["knee_forward_mm"]["fault"], 2.0);
    assert!(facts(&own).contains(&"limit_knee_forward_fault_mm 2.0 card".to_owned()));
    let asked = library.json(&["explain", &recording, "--protocol", "single-leg-hip-hinge"], 0);
    assert_eq!(asked["provenance"]["protocol"]["criteria"]["knee_forward_mm"]["fault"], 30.0);
}

#[test]
fn cards_are_made_listed_shown_and_never_two_for_one() {
    let library = Library::new();
    library.run(&["athlete", "add", "P14", "--height", "178"], 0);
    let again = library.run(&["athlete", "add", "P14"], 3);
    assert!(again.contains("P14 has a card already") && again.contains("athlete edit"), "{again}");
    let alike = library.run(&["athlete", "add", "p14"], 3);
    assert!(alike.contains("p14 looks like P14"), "{alike}");
    let none = library.run(&["athlete", "show", "P15"], 3);
    assert!(
        none.contains("there is no card of P15") && none.contains("hint: make one (`truehinge athlete add`)"),
        "{none}"
    );
    library.run(&["athlete", "edit", "P14", "--mass", "3"], 2);
    library.run(&["athlete", "edit", "P14"], 2);

    fs::write(library.path("squad.csv"), "id,height_cm,squad\nP14,190,U18\nP20,171,U18\nP21,172,U16\n")
        .expect("writes");
    let imported = library.json(&["athlete", "import", "squad.csv"], 0);
    assert_eq!(
        (&imported["added"], &imported["kept"]),
        (&serde_json::json!(["P20", "P21"]), &serde_json::json!(["P14"]))
    );
    fs::write(library.path("bad.csv"), "id,height_cm\nP30,170\nP31,17\n").expect("writes");
    let refused = library.run(&["athlete", "import", "bad.csv"], 3);
    assert!(refused.contains("bad.csv: row 3: stature is 0.17 m"), "{refused}");
    let list = library.run(&["athlete", "list"], 0);
    assert!(list.contains("P21") && !list.contains("P30"), "{list}");
    let squad = library.run(&["athlete", "list", "--squad", "U18"], 0);
    assert!(squad.contains("P20") && !squad.contains("P21"), "{squad}");
    let shown = library.json(&["athlete", "show", "P14"], 0);
    assert_eq!(shown["facts"]["stature_mm"], 1780.0, "a table never changes a card");
    // A library elsewhere, with the folders that lie in it.
    let elsewhere = library.path("elsewhere");
    let named = elsewhere.to_string_lossy();
    library.run(&["athlete", "add", "Q1", "--library", &named], 0);
    assert!(elsewhere.join("athletes/Q1.toml").is_file());
    let nobody = library.run(&["report", "Q1", "--library", &named], 4);
    assert!(nobody.contains("elsewhere"), "reports are made from the library: {nobody}");
    let broken = library.path("athletes/P14.toml");
    fs::write(&broken, "athlete = 'P14'\n[[facts]]\nstature_mm = 178\n").expect("writes");
    let refused = library.run(&["athlete", "show", "P14"], 3);
    assert!(refused.contains("P14.toml") && refused.contains("stature is 0.178 m"), "{refused}");
}

/// Two people, one of whose ids begins the other's, with everything that the program makes of them.
fn two_people() -> Library {
    let library = Library::new();
    let (one, other) = (library.record("P-01", "S1", 1), library.record("P-014", "S1", 2));
    for recording in [&one, &other] {
        library.run(&["correct", recording, "--rep", "1.1", "--exclude", "--reason", "x", "--author", "y"], 0);
    }
    // Files of another maker, and the recording that was made of them.
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/samples/xsens-dot");
    fs::create_dir_all(library.path("vendor")).expect("a folder");
    for entry in fs::read_dir(sample).expect("the sample") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            fs::copy(&path, library.path("vendor").join(path.file_name().expect("a name"))).expect("copies");
        }
    }
    library.run(&["import", "vendor", "--athlete", "P-01", "--side", "left"], 0);
    library.run(&["batch", "recordings", "--out", "tables"], 0);
    library.run(&["analyze", &one, "--out", "sessions/one"], 0);
    library.run(&["analyze", &other, "--out", "sessions/other"], 0);
    library.run(&["report", "--all", "--from", "recordings"], 0);
    for athlete in ["P-01", "P-014"] {
        library.run(&["athlete", "add", athlete, "--height", "178"], 0);
        let stored = library.json(&["analyze", &format!("recordings/{athlete}_S1.mcap")], 0);
        fs::create_dir_all(library.path("results")).expect("a folder");
        fs::write(library.path(&format!("results/{}.json", sha256(athlete.as_bytes()))), stored.to_string())
            .expect("writes");
    }
    fs::write(library.path("squad.csv"), "id,height_cm\nP-014,178\nP-01,171\n").expect("writes");
    fs::write(library.path("recordings/P-01_S9.mcap"), "no recording any more").expect("writes");
    fs::create_dir_all(library.path("videos/P-01")).expect("a folder");
    fs::write(library.path("videos/P-01/first.mp4"), "a film").expect("writes");
    fs::write(library.path("notes.txt"), "P-01 and P-014 came late").expect("writes");
    library
}

#[test]
fn one_of_two_people_is_erased_and_every_byte_of_the_other_stays() {
    let library = two_people();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/nowhere/P-01", library.path("link")).expect("a link");
    let before = library.files();
    let rows = |table: &str| fs::read_to_string(library.path(table)).expect("reads");
    let reps_before = rows("tables/reps.csv");

    let listed = library.run(&["athlete", "erase", "P-01"], 2);
    assert!(listed.contains("nothing was erased: it was only listed"), "{listed}");
    assert_eq!(library.files(), before, "listing touches nothing");

    let erased = library.json(&["athlete", "erase", "P-01", "--yes"], 0);
    let after = library.files();
    let is_receipt = |name: &&String| name.starts_with("athletes/erased/");
    let others: Vec<&String> =
        before.keys().filter(|name| name.contains("P-014") || name.contains("sessions/other")).collect();
    assert!(others.len() > 25, "{others:?}");
    for name in others {
        assert_eq!(after.get(name), before.get(name), "{name} of the other person");
    }
    let left: Vec<&String> = after.keys().filter(|name| name.contains("P-01") && !name.contains("P-014")).collect();
    assert_eq!(left, ["videos/P-01/first.mp4"], "nothing says what it is: it is named");
    assert!(!after.keys().any(|name| name.contains("vendor") || name.contains("sessions/one")), "{:?}", after.keys());
    assert_eq!(after.keys().filter(|name| name.starts_with("results")).count(), 1);
    // Rows of merged tables: those of the other person stay as they were, byte for byte.
    let reps = rows("tables/reps.csv");
    let kept: String = reps_before.split_inclusive('\n').filter(|line| !line.contains("P-01,")).collect();
    assert_eq!(reps, kept);
    assert_eq!(rows("squad.csv"), "id,height_cm\nP-014,178\n");
    let frame = truehinge_dataset::table::read_reps(&library.path("tables/reps.parquet")).expect("a table");
    let same = truehinge_dataset::table::read_reps(&library.path("tables/reps.csv")).expect("a table");
    assert!(!frame.is_empty() && frame == same && frame.iter().all(|row| &*row.athlete_id == "P-014"));
    // The receipt names nobody, lists every file with its hash, and says what it could not reach.
    let receipt = after.keys().find(is_receipt).expect("a receipt");
    let text = rows(receipt);
    assert!(!text.contains("P-01"), "{text}");
    let receipt: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(receipt["state"], "done");
    let salted = sha256(format!("{}P-01", receipt["salt"].as_str().expect("a salt")).as_bytes());
    assert_eq!(receipt["athlete_sha256"], salted);
    let items = receipt["items"].as_array().expect("a list");
    assert_eq!(items.len(), erased["items"].as_array().expect("a list").len());
    for (name, hash) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        assert!(items.iter().any(|item| item["sha256"] == *hash), "{name}");
    }
    let notes = receipt["not_reached"].to_string();
    assert!(notes.contains("notes.txt") && notes.contains("videos/ATHLETE/first.mp4"), "{notes}");
    assert!(cfg!(windows) || notes.contains("link"), "{notes}");
    assert!(receipt["elsewhere"].as_array().is_some_and(|all| all.len() == 4));
    library.run(&["athlete", "erase", "P-01", "--yes"], 4);
    let nowhere = Library::new();
    fs::write(nowhere.path("P-01_report.pdf"), "of the person").expect("writes");
    let refused = nowhere.run(&["athlete", "erase", "P-01", "--yes"], 2);
    assert!(refused.contains("is no library") && nowhere.path("P-01_report.pdf").exists(), "{refused}");
}

#[test]
fn results_go_out_under_other_names_with_one_key() {
    let library = two_people();
    let out = library.run(&["export", "recordings", "--out", "out", "--pseudonymise", "--key", "secret/key"], 3);
    assert!(out.contains("pseudonymous, not anonymous") && out.contains("a new key was made"), "{out}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(library.path("secret/key")).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let mut all = String::new();
    walk(&library.path("out"), &mut |path| all.push_str(&String::from_utf8_lossy(&fs::read(path).expect("reads"))));
    for name in ["P-01", "2026-10-01", "S1.mcap", "recordings"] {
        assert!(!all.contains(name), "{name}");
    }
    let sessions = fs::read(library.path("out/sessions.csv")).expect("a table");
    library.run(&["export", "recordings", "--out", "out", "--pseudonymise", "--key", "secret/key"], 3);
    assert_eq!(fs::read(library.path("out/sessions.csv")).expect("a table"), sessions);
    fs::write(library.path("secret/key"), "short").expect("writes");
    let refused = library.run(&["export", "recordings", "--out", "out", "--pseudonymise", "--key", "secret/key"], 3);
    assert!(refused.contains("is no key"), "{refused}");
}
