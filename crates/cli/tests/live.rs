//! The page and the voice of the program: where it says that it is, what goes wrong, and when it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

fn truehinge() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truehinge"));
    // Nobody's Bluetooth is asked.
    command.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere");
    command
}

fn output(args: &[&str]) -> Output {
    truehinge().args(args).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A recording of a simulated session, made once.
fn recording() -> &'static str {
    use std::sync::OnceLock;
    static DEMO: OnceLock<(tempfile::TempDir, String)> = OnceLock::new();
    let (_, path) = DEMO.get_or_init(|| {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("one.mcap");
        let recording = truehinge_sim::Scenario::typical(1).run().expect("a session").recording();
        truehinge_dataset::recording::write_recording(&path, &recording).expect("writes");
        let path = path.to_string_lossy().into_owned();
        (folder, path)
    });
    path
}

/// A program that serves a page: its process, what else it prints, and where the page is.
struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    place: Value,
}

impl Served {
    fn start(args: &[&str]) -> Self {
        let mut child = truehinge().arg("--json").args(args).stdout(Stdio::piped()).spawn().expect("starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("says where the page is");
        let place: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(place["schema"], "truehinge/page/1", "{line}");
        Self { child, out, place }
    }

    /// Host and key of a link.
    fn link(&self, name: &str) -> (String, String) {
        let link = self.place[name].as_str().expect("a link").strip_prefix("http://").expect("a protocol").to_owned();
        let (host, key) = link.split_once("/#").expect("a key");
        (host.to_owned(), key.to_owned())
    }

    /// What a viewer hears until `is_enough`.
    fn watch(&self, is_enough: impl Fn(&str) -> bool) -> String {
        let (host, key) = self.link("operate");
        let port = host.split(':').next_back().expect("a port");
        let mut stream = TcpStream::connect(&host).expect("connects");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a timeout");
        write!(stream, "GET /events HTTP/1.1\r\nHost: {host}\r\nCookie: truehinge-{port}={key}\r\n\r\n").expect("asks");
        let mut heard = String::new();
        for line in BufReader::new(stream).lines() {
            heard.push_str(&line.expect("reads"));
            heard.push('\n');
            if is_enough(&heard) {
                break;
            }
        }
        heard
    }

    /// Asks it to end: its exit code, and what it had said.
    fn end(mut self) -> (Option<i32>, String) {
        let asked = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()));
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("UTF-8");
        (self.child.wait().expect("ends").code(), rest)
    }
}

#[test]
fn a_replayed_session_stays_on_the_page_until_somebody_ends_it() {
    let served = Served::start(&["replay", recording(), "--speed", "inf", "--web=0"]);
    let heard = served.watch(|heard| heard.contains("\"stage\":\"ended\""));
    assert!(heard.contains("\"showing\":\"replay\"") && heard.contains("event: say"), "{heard}");
    // It is still there for whoever comes late.
    assert!(served.watch(|heard| heard.contains("\"stage\":\"ended\"")).contains("\"operate\":false"));
    let (code, said) = served.end();
    assert_eq!(code, Some(0), "{said}");
    let alone = text(&output(&["--json", "replay", recording(), "--speed", "inf"]).stdout);
    assert_eq!(said, alone, "what is printed is the same beside a page");
}

#[test]
fn a_replay_waits_for_its_page_and_can_be_ended_before() {
    let served = Served::start(&["replay", recording(), "--speed", "inf", "--lan", "--web=0"]);
    assert_ne!(served.link("watch_lan").1, served.link("operate_lan").1);
    std::thread::sleep(Duration::from_millis(300));
    let (code, said) = served.end();
    assert_eq!((code, said.as_str()), (Some(130), ""));
}

#[test]
fn a_taken_port_is_said_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let failed = output(&["replay", recording(), &format!("--web={port}")]);
    let complaint = text(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        complaint.contains(&format!("port {port}")) && complaint.contains("hint: choose another port (--web=PORT"),
        "{complaint}"
    );
    assert_eq!(failed.stdout, b"");
}

#[test]
fn the_link_and_its_picture_are_printed_for_people() {
    let mut child =
        truehinge().args(["replay", recording(), "--lan", "--web=0"]).stdout(Stdio::piped()).spawn().expect("starts");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let mut said = Vec::new();
    for line in out.lines() {
        said.push(line.expect("UTF-8"));
        if said.last().is_some_and(|line| line.contains("no names")) {
            break;
        }
    }
    child.kill().expect("ends");
    child.wait().expect("ends");
    assert!(said[0].starts_with("page       http://127.0.0.1:"), "{said:?}");
    assert!(said[1].starts_with("to watch   http://") && said[2].starts_with("to operate http://"), "{said:?}");
    let blocks = said.iter().filter(|line| line.contains('█')).count();
    assert!(blocks > 10 || said[1].contains("THIS-COMPUTER"), "{said:?}");
}

/// A program that writes down what it is to say, in a folder of its own.
#[cfg(unix)]
fn stand_in(folder: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let program = folder.join("spd-say");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("writes");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("may be run");
}

#[test]
#[cfg(unix)]
fn the_system_speaks_and_no_shell_reads_the_words() {
    let folder = tempfile::tempdir().expect("temporary folder");
    stand_in(folder.path(), r#"printf '%s|' "$@" >> "$0.said"; printf '\n' >> "$0.said""#);
    let spoken = truehinge()
        .args(["replay", recording(), "--speed", "20", "--voice", "cue", "--every-cue", "--voice-language", "de"])
        .env("PATH", folder.path())
        .output()
        .expect("the program starts");
    assert!(spoken.status.success(), "{}", text(&spoken.stderr));
    let said = fs::read_to_string(folder.path().join("spd-say.said")).expect("something was said");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("--wait|--language|de|--|") && line.ends_with('|')), "{said}");
    assert!(lines.contains(&"--wait|--language|de|--|1|"), "{said}");
    assert!(lines.last().is_some_and(|line| line.contains("Fertig. ")), "{said}");
}

#[test]
#[cfg(unix)]
fn speech_that_is_missing_or_fails_is_said_once_and_costs_nothing_else() {
    let empty = tempfile::tempdir().expect("temporary folder");
    let run = |folder: &Path, mode| {
        let mut command = truehinge();
        command.args(["replay", recording(), "--speed", "inf", "--voice", mode]).env("PATH", folder);
        command.output().expect("the program starts")
    };
    let alone = output(&["replay", recording(), "--speed", "inf"]).stdout;
    let missing = run(empty.path(), "count");
    let complaint = text(&missing.stderr);
    assert!(missing.status.success() && missing.stdout == alone);
    assert_eq!(complaint.matches("without a voice").count(), 1, "{complaint}");
    assert!(complaint.contains("hint: install speech-dispatcher or espeak-ng"), "{complaint}");
    assert_eq!(text(&run(empty.path(), "off").stderr), "");
    let broken = tempfile::tempdir().expect("temporary folder");
    stand_in(broken.path(), "exit 3");
    let failed = run(broken.path(), "count");
    assert!(failed.status.success() && failed.stdout == alone);
    assert_eq!(text(&failed.stderr).matches("without a voice").count(), 1, "{}", text(&failed.stderr));
}

#[test]
fn the_demo_is_shown_live_and_leaves_its_recording() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("demo");
    let served = Served::start(&[
        "demo",
        "--live",
        "--speed",
        "inf",
        "--web=0",
        "--no-progress",
        "--out",
        &out.to_string_lossy(),
    ]);
    let heard = served.watch(|heard| heard.contains("\"stage\":\"ended\""));
    assert!(heard.contains("event: say"));
    let (code, _) = served.end();
    assert_eq!(code, Some(0));
    assert!(out.join("demo.mcap").is_file());
    let analysed: Value =
        serde_json::from_slice(&output(&["--json", "analyze", &out.join("demo.mcap").to_string_lossy()]).stdout)
            .expect("JSON");
    let reps: usize =
        analysed["sets"].as_array().expect("sets").iter().map(|set| set["reps"].as_array().map_or(0, Vec::len)).sum();
    assert!(heard.contains(&format!("Done: {reps} repetitions")), "{reps}");
}

#[test]
fn a_squad_that_is_nobody_or_wrong_is_named_before_any_sensor_is_looked_for() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let table = folder.path().join("squad.csv");
    let said = |rows: &str| {
        fs::write(&table, rows).expect("writes");
        let recordings = folder.path().join("recordings");
        let out = recordings.to_string_lossy();
        let ended = output(&["record", "--side", "left", "--out", &out, "--squad", &table.to_string_lossy()]);
        assert!(!recordings.exists(), "nothing was begun");
        (ended.status.code(), text(&ended.stderr))
    };
    for (rows, code, words) in [
        ("id\n", 4, "the table names no athlete"),
        ("id,height_cm\nP-1,17000\n", 3, "row 2: stature is 170 m"),
        ("id\nP-1\nP-1\n", 3, "row 3: id \"P-1\" is that of row 2"),
    ] {
        let (ended, complaint) = said(rows);
        assert!(complaint.contains(words), "{complaint}");
        assert_eq!(ended, Some(code), "{complaint}");
    }
}
