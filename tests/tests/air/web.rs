//! The page of a session that is recorded on the emulated radio: what it counts, what its operator does, and that it harms nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use truehinge_tests::recording::{Live, session_on_two_models, two_sensors};
use truehinge_tests::{program, run};

/// Where the page of a recording is: host and operator's key.
pub fn page(live: &mut Live) -> (String, String) {
    let line = live.wait_until(|line| line["schema"] == "truehinge/page/1");
    let link = line["operate"].as_str().expect("a link").strip_prefix("http://").expect("a protocol");
    let (host, key) = link.split_once("/#").expect("a key");
    (host.to_owned(), key.to_owned())
}

fn cookie(host: &str, key: &str) -> String {
    let port = host.split(':').next_back().expect("a port");
    format!("Cookie: truehinge-{port}={key}")
}

/// Watches until the page ends: the last state of every section, and everything that was to be said.
pub fn watch(host: &str, key: &str) -> std::thread::JoinHandle<(Value, Vec<String>)> {
    let mut stream = TcpStream::connect(host).expect("connects");
    let cookie = cookie(host, key);
    write!(stream, "GET /events HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n\r\n").expect("asks");
    std::thread::spawn(move || {
        let (mut state, mut said, mut name) = (Value::Null, Vec::new(), String::new());
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some(event) = line.strip_prefix("event: ") {
                name = event.to_owned();
            }
            let Some(data) = line.strip_prefix("data: ") else { continue };
            let data: Value = serde_json::from_str(data).expect("JSON");
            match name.as_str() {
                "state" => state = data,
                "change" => {
                    data.as_object().expect("sections").iter().for_each(|(key, shown)| state[key] = shown.clone());
                }
                "say" => said.push(data["action"].as_str().expect("words").to_owned()),
                _ => {}
            }
        }
        (state, said)
    })
}

pub fn ask(host: &str, key: &str, wish: &str) -> String {
    let mut stream = TcpStream::connect(host).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    let (cookie, length) = (cookie(host, key), wish.len());
    let head =
        format!("POST /do HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\n{cookie}\r\n");
    write!(stream, "{head}Content-Length: {length}\r\n\r\n{wish}").expect("asks");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answers");
    answer
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn the_page_counts_what_the_analysis_of_the_stored_recording_counts() {
    program();
    let (bus, _bluez, time) = session_on_two_models(Duration::from_secs(4));
    let out = tempfile::tempdir().expect("temporary folder");
    let mut live = Live::record(&bus, out.path(), &["--duration", &time, "--web=0"]);
    let (host, key) = page(&mut live);
    let viewer = watch(&host, &key);
    let other = watch(&host, &key);
    let ended = live.end();
    assert!(ended.status.success(), "{}", ended.complaints);
    assert_eq!(ended.complaints, "", "standard error stays clean");

    let analysed = run(&["analyze", &ended.recording().to_string_lossy(), "--json"]);
    let analysis: Value = serde_json::from_slice(&analysed.stdout).expect("JSON");
    let sets = analysis["sets"].as_array().expect("sets").iter();
    let stored: Vec<Value> = sets
        .flat_map(|set| set["reps"].as_array().expect("reps").iter().map(|rep| rep["judgement"]["label"].clone()))
        .collect();
    assert_eq!(stored.len(), 3);
    for viewer in [viewer, other] {
        let (state, said) = viewer.join().expect("watches");
        assert_eq!(state["head"]["stage"], "ended", "{state:#}");
        let tiles = state["tiles"].as_array().expect("tiles").iter();
        let shown: Vec<Value> = tiles.map(|tile| tile["mark"]["verdict"].clone()).collect();
        assert_eq!(shown, stored);
        assert_eq!((&state["head"]["done"], &state["head"]["total"]), (&3.into(), &3.into()));
        assert!(state["sensors"][0]["battery_pct"].is_number(), "{state:#}");
        for number in ["1", "2", "3"] {
            assert!(said.iter().any(|words| words.split(',').next() == Some(number)), "{number}: {said:?}");
        }
        assert_eq!(said.last().map(String::as_str), Some("Done. 3 repetitions."));
    }
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn an_operator_begins_sets_and_ends_the_session_from_the_page() {
    program();
    let (bus, _bluez) = two_sensors();
    let out = tempfile::tempdir().expect("temporary folder");
    let mut live = Live::record(&bus, out.path(), &["--web=0"]);
    let (host, key) = page(&mut live);
    live.wait_for_samples(50);
    let viewer = watch(&host, &key);
    for wish in ["\"other_leg\"", "\"calibration\"", "\"calibration\"", "\"new_set\"", "\"redo_set\""] {
        assert!(ask(&host, &key, wish).starts_with("HTTP/1.1 204"), "{wish}");
    }
    assert!(ask(&host, "0123456789abcdef0123456789abcdef", "\"stop\"").starts_with("HTTP/1.1 403"));
    std::thread::sleep(Duration::from_millis(500));
    assert!(ask(&host, &key, "\"stop\"").starts_with("HTTP/1.1 204"));
    let ended = live.end();
    assert!(ended.status.success(), "{}", ended.complaints);
    let (state, said) = viewer.join().expect("watches");
    assert_eq!(state["operate"], true);
    // The third set was empty when it was undone, so that the second one does not count either and is done again.
    assert_eq!((&state["head"]["set"], &state["head"]["side"]), (&"Set 2".into(), &"right".into()), "{said:?}");
    assert!(said.contains(&"Set 2, right leg".to_owned()), "{said:?}");
}
