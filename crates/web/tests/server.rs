//! The page over real sockets: who may see and change what, what is said of a session, and that nobody waits for a viewer.

#![allow(clippy::disallowed_methods, reason = "how long something takes is what is tested")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use truehinge_core::SensorRole;
use truehinge_session::Judge;
use truehinge_session::recording::{Board, Event, Replay};
use truehinge_web::{Error, Page, Place, Port, Server, Showing};

fn served(page: &Page) -> (Server, String, u16) {
    let server = Server::open(page.clone(), Place { port: Port::Exactly(0), lan: false }).expect("serves");
    let (key, port) = (key(&server.links().operate), server.port());
    (server, key, port)
}

fn key(link: &str) -> String {
    link.split_once('#').expect("a key behind the mark").1.to_owned()
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    stream
}

/// Sends a request as it is and reads the answer until the end of the connection.
fn raw(port: u16, request: &str) -> String {
    let mut stream = connect(port);
    stream.write_all(request.as_bytes()).expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answers");
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(port: u16, path: &str, more: &str) -> String {
    raw(port, &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{more}\r\n"))
}

fn post(port: u16, path: &str, more: &str, body: &str) -> String {
    let length = body.len();
    raw(
        port,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{more}\r\n{body}"
        ),
    )
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

fn cookie(port: u16, key: &str) -> String {
    format!("Cookie: other=1; truehinge-{port}={key}\r\n")
}

/// The messages of a viewer, one after the other.
struct Viewer(BufReader<TcpStream>);

impl Viewer {
    fn new(port: u16, key: &str) -> Self {
        let mut stream = connect(port);
        let cookie = cookie(port, key);
        write!(stream, "GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{cookie}\r\n").expect("sends");
        Self(BufReader::new(stream))
    }

    /// The next message: its name and its data; `None` at the end.
    fn next(&mut self) -> Option<(String, Value)> {
        let (mut line, mut name) = (String::new(), String::new());
        loop {
            line.clear();
            match self.0.read_line(&mut line) {
                Ok(0) => return None,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                read => drop(read.expect("reads")),
            }
            if let Some(event) = line.trim().strip_prefix("event: ") {
                name = event.to_owned();
            }
            if let Some(data) = line.trim().strip_prefix("data: ") {
                return Some((name, serde_json::from_str(data).expect("JSON")));
            }
        }
    }
}

fn battery(percent: u8) -> Event {
    Event::Battery { role: SensorRole::Hip, percent }
}

#[test]
fn without_a_key_the_page_is_there_and_nothing_of_the_session() {
    let page = Page::new(Showing::Session);
    page.tell(&Event::Battery { role: SensorRole::Hip, percent: 77 });
    let (server, key, port) = served(&page);
    let shell = get(port, "/", "");
    assert_eq!(status(&shell), "200");
    for header in
        ["content-security-policy: default-src 'none'", "x-content-type-options: nosniff", "cache-control: no-store"]
    {
        assert!(shell.contains(header), "{header} in {shell}");
    }
    assert!(!shell.contains(&key) && !shell.contains("unsafe"), "{shell}");
    for without in ["", "Cookie: truehinge=1\r\n", &cookie(port, "0123456789abcdef0123456789abcdef"), &cookie(port, "")]
    {
        let answer = get(port, "/events", without);
        assert_eq!(status(&answer), "403", "{without}");
        assert!(!answer.contains("77") && !answer.contains("hip"), "{answer}");
        assert_eq!(status(&post(port, "/do", without, "\"stop\"")), "403");
    }
    for wrong in ["", &key[1..], &format!("{key}0"), "\u{0}"] {
        let answer = post(port, "/enter", "", wrong);
        assert_eq!((status(&answer), answer.contains("set-cookie")), ("403", false), "{wrong}");
    }
    let entered = post(port, "/enter", "", &key);
    assert_eq!(status(&entered), "204");
    let set = format!("set-cookie: truehinge-{port}={key}; Path=/; HttpOnly; SameSite=Strict");
    assert!(entered.contains(&set), "{entered}");
    server.close();
}

#[test]
fn who_may_watch_may_change_nothing_and_a_replay_cannot_be_operated() {
    let page = Page::new(Showing::Replay);
    let server = Server::open(page, Place { port: Port::Exactly(0), lan: true }).expect("serves");
    let (port, links) = (server.port(), server.links());
    let lan = links.lan.expect("served to the network");
    assert_ne!(key(&lan.watch), key(&lan.operate));
    assert_eq!(key(&lan.operate), key(&links.operate));
    assert_eq!(status(&post(port, "/do", &cookie(port, &key(&lan.watch)), "\"new_set\"")), "403");
    assert_eq!(status(&post(port, "/do", &cookie(port, &key(&lan.operate)), "\"new_set\"")), "409");
    for nothing in ["", "new_set", "\"fly\"", "{}", "[1", &"x".repeat(2000)] {
        let answer = post(port, "/do", &cookie(port, &key(&lan.operate)), nothing);
        assert!(matches!(status(&answer), "400" | "413"), "{answer}");
    }
    server.close();
}

#[test]
fn other_names_origins_and_paths_are_refused() {
    let (server, key, port) = served(&Page::new(Showing::Session));
    let cookie = cookie(port, &key);
    let host = |name: &str, path: &str| {
        raw(port, &format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n{cookie}\r\n"))
    };
    assert_eq!(status(&host(&format!("localhost:{port}"), "/")), "200");
    for name in ["evil.example", &format!("evil.example:{port}"), "localhost", "127.0.0.1", ""] {
        for path in ["/", "/events", "/live.js"] {
            assert_eq!(status(&host(name, path)), "421", "{name} {path}");
        }
    }
    let two = format!(
        "GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\nConnection: close\r\n{cookie}\r\n"
    );
    assert!(matches!(status(&raw(port, &two)), "400" | "421"));
    for other in [
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
    ] {
        assert_eq!(status(&get(port, "/events", &format!("{cookie}{other}"))), "403", "{other}");
    }
    let bare = |path: &str, body: &str| {
        let length = body.len();
        raw(
            port,
            &format!(
                "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {length}\r\n{cookie}\r\n{body}"
            ),
        )
    };
    assert_eq!((status(&bare("/do", "\"stop\"")), status(&bare("/enter", &key))), ("403", "403"), "without an origin");
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/live.js/",
        "/assets/live.js",
        "/.git/config",
        "/events/..",
    ] {
        assert_eq!(status(&get(port, path, &cookie)), "404", "{path}");
    }
    assert_eq!(status(&post(port, "/events", &cookie, "")), "405");
    server.close();
}

#[test]
fn a_taken_port_is_said_and_the_usual_one_moves() {
    let page = Page::new(Showing::Session);
    let (server, _, port) = served(&page);
    let again = Server::open(page.clone(), Place { port: Port::Exactly(port), lan: false });
    assert!(matches!(again, Err(Error::PortTaken { port: taken }) if taken == port));
    let usual = || Server::open(page.clone(), Place::default()).expect("serves");
    let (first, second) = (usual(), usual());
    assert_ne!(first.port(), second.port());
    [server, first, second].into_iter().for_each(Server::close);
}

#[test]
fn a_stream_ends_with_the_session_and_nothing_of_it_is_lost() {
    let page = Page::new(Showing::Session);
    let (server, key, port) = served(&page);
    let mut viewer = Viewer::new(port, &key);
    let (name, state) = viewer.next().expect("a state");
    assert_eq!((name.as_str(), &state["operate"]), ("state", &Value::Bool(false)));
    for percent in 0..100 {
        page.tell(&battery(percent));
    }
    server.close();
    let heard: Vec<Value> =
        std::iter::from_fn(|| viewer.next()).map(|(_, data)| data["sensors"][0]["battery_pct"].clone()).collect();
    assert_eq!(heard, (0..100).map(Value::from).collect::<Vec<_>>());
}

#[test]
fn a_silent_session_still_beats() {
    let (server, key, port) = served(&Page::new(Showing::Session));
    let mut viewer = Viewer::new(port, &key);
    viewer.next().expect("a state");
    let (name, _) = viewer.next().expect("a beat");
    assert_eq!(name, "beat");
    server.close();
}

#[test]
fn who_sends_half_a_request_or_none_holds_nobody_up() {
    let (server, key, port) = served(&Page::new(Showing::Session));
    let _idle: Vec<TcpStream> = (0..100).map(|_| connect(port)).collect();
    let mut half = connect(port);
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("sends");
    let began = Instant::now();
    assert!(Viewer::new(port, &key).next().is_some());
    server.close();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

/// A recording of a simulated session.
fn recording(folder: &std::path::Path) -> std::path::PathBuf {
    let path = folder.join("a.mcap");
    let recording = truehinge_sim::Scenario::typical(1).run().expect("a session").recording();
    truehinge_dataset::recording::write_recording(&path, &recording).expect("writes");
    path
}

#[test]
fn whoever_comes_when_and_sleeps_as_long_as_they_like_all_see_the_analysis_and_the_session_does_not_wait() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = recording(folder.path());
    let judge = Judge::default();
    let replay = || Replay::of(&path, &judge).expect("reads");
    let alone = Instant::now();
    replay().run(f64::INFINITY, &|| true, &mut |_| {});
    let alone = alone.elapsed();

    let page = Page::new(Showing::Replay);
    let (server, key, port) = served(&page);
    // Asleep: it is connected, and never reads.
    let asleep: Vec<Viewer> = (0..5).map(|_| Viewer::new(port, &key)).collect();
    let awake: Vec<_> = (0..5)
        .map(|_| {
            let key = key.clone();
            std::thread::spawn(move || watched(port, &key))
        })
        .collect();
    while page.viewers() < 10 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let began = Instant::now();
    replay().run(f64::INFINITY, &|| true, &mut |event| page.tell(event));
    let beside = began.elapsed();
    assert!(beside < 2 * alone + Duration::from_secs(2), "{beside:?} beside viewers, {alone:?} without");
    let late = std::thread::spawn({
        let key = key.clone();
        move || watched(port, &key)
    });
    std::thread::sleep(Duration::from_millis(300));
    server.close();
    drop(asleep);
    let analysis = judge.analyse(&path).expect("analyses");
    let expected: Vec<String> = analysis.reps().map(|(_, rep)| rep.verdict().name().to_owned()).collect();
    assert!(expected.len() > 2);
    for viewer in awake.into_iter().chain([late]) {
        assert_eq!(viewer.join().expect("watches"), expected);
    }
}

/// Watches until the end, coming back whenever the connection is lost: the verdicts that are shown then.
fn watched(port: u16, key: &str) -> Vec<String> {
    let mut state = Value::Null;
    loop {
        let mut viewer = Viewer::new(port, key);
        while let Some((name, data)) = viewer.next() {
            match name.as_str() {
                "state" => state = data,
                "change" => data
                    .as_object()
                    .expect("sections")
                    .iter()
                    .for_each(|(section, shown)| state[section] = shown.clone()),
                _ => {}
            }
        }
        if state["head"]["stage"] == "ended" {
            break;
        }
    }
    let before =
        state["sets"].as_array().expect("sets").iter().flat_map(|set| set["marks"].as_array().expect("marks").clone());
    let now = state["tiles"].as_array().expect("tiles").iter().map(|tile| tile["mark"].clone());
    before.chain(now).map(|mark| mark["verdict"].as_str().expect("a name").to_owned()).collect()
}

/// From the event to the socket, p95: far below what anybody sees. Run with `--ignored --nocapture`; it takes as long as the session.
#[test]
#[ignore = "measures: takes a minute and a half"]
fn measured_a_change_reaches_ten_viewers_at_once() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = recording(folder.path());
    let page = Page::new(Showing::Replay);
    let (server, key, port) = served(&page);
    let viewers: Vec<_> = (0..10)
        .map(|_| {
            let mut viewer = Viewer::new(port, &key);
            std::thread::spawn(move || {
                std::iter::from_fn(move || viewer.next())
                    .map(|(name, data)| (Instant::now(), name, data))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    while page.viewers() < 10 {
        std::thread::sleep(Duration::from_millis(10));
    }
    // When what to do now changed, and what telling costs.
    let (mut told, mut spent, mut board) = (Vec::new(), Duration::ZERO, Board::default());
    let began = Instant::now();
    Replay::of(&path, &Judge::default()).expect("reads").run(1.0, &|| true, &mut |event| {
        let before = board.prompt;
        board.hears(event);
        let at = Instant::now();
        if board.prompt != before {
            told.push(at);
        }
        page.tell(event);
        spent += at.elapsed();
    });
    let took = began.elapsed();
    server.close();
    for viewer in viewers {
        let heard = viewer.join().expect("watches");
        let is_prompt = |name: &str, data: &Value| name == "change" && !data["prompt"].is_null();
        let prompts = heard.iter().filter(|(_, name, data)| is_prompt(name, data)).map(|(at, ..)| *at);
        let prompts: Vec<Instant> = prompts.collect();
        assert_eq!(prompts.len(), told.len());
        let mut late: Vec<Duration> = prompts.iter().zip(&told).map(|(heard, told)| *heard - *told).collect();
        late.sort();
        let p95 = late[(late.len() * 95).div_ceil(100) - 1];
        println!(
            "{} messages, {} changes of what to do, p95 {p95:?}, longest {:?}",
            heard.len(),
            late.len(),
            late.last()
        );
        assert!(p95 < Duration::from_millis(20), "{late:?}");
    }
    println!("telling took {spent:?} of {took:?}");
}
