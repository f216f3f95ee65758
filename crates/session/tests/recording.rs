//! A whole session by the library alone, over sensors that do not exist: what a page would do.

use std::sync::mpsc;

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use truehinge_ble::SensorLink;
use truehinge_core::{AthleteId, Dose, MarkerKind, SensorRole, Side};
use truehinge_session::Judge;
use truehinge_session::protocol::named_or_read;
use truehinge_session::recording::{Answer, Board, Command, Event, Marking, Plan, Prompt};
use truehinge_session::sensors::Worn;
use truehinge_sim::peripheral::{RadioModel, VirtualPeripheral};
use truehinge_sim::scenario::{Sign, Signs, When};
use truehinge_sim::truth::RepKind;
use truehinge_sim::{Scenario, SimulatedSession};

fn plan(folder: &tempfile::TempDir) -> Plan {
    Plan {
        folder: folder.path().to_owned(),
        athlete: AthleteId::new("P-014").expect("a pseudonym"),
        side: Side::Left,
        body: truehinge_core::Anthropometry::default(),
        protocol: named_or_read("single-leg-hip-hinge").expect("built in"),
        marking: Marking::default(),
        hands_free: false,
        squad: None,
    }
}

/// Sensors that speak frames over the Nordic UART service.
fn worn(session: &SimulatedSession) -> Vec<Worn> {
    let sensor = |role| Worn::new(role, "C0:11:22:33:44:55", "nus").expect("a model");
    session.tracks.iter().map(|track| sensor(track.role)).collect()
}

fn links(session: &SimulatedSession, worn: &[Worn]) -> Vec<SensorLink> {
    let link = |(seed, (track, worn)): (u64, (_, &Worn))| SensorLink {
        role: worn.role,
        link: Box::new(VirtualPeripheral::new(track, &RadioModel::typical(seed))),
        driver: worn.driver.clone(),
    };
    (1..).zip(session.tracks.iter().zip(worn)).map(link).collect()
}

/// Everything that a listener hears, as the objects that a page would send.
fn recorded(folder: &tempfile::TempDir, commands: &[Command]) -> (Vec<Event>, Vec<Value>) {
    let session = Scenario::typical(1).run().expect("a session");
    recorded_of(&session, &plan(folder), commands)
}

fn recorded_of(session: &SimulatedSession, plan: &Plan, commands: &[Command]) -> (Vec<Event>, Vec<Value>) {
    let worn = worn(session);
    let (heard, events) = mpsc::channel();
    let listener = move |event: &Event| heard.send(event.clone()).expect("somebody listens");
    let created = plan.create().expect("creates");
    let running =
        created.begin(&worn, Judge::default(), CancellationToken::new(), listener).expect("such a session can be");
    let control = running.control();
    commands.iter().for_each(|command| control.ask(*command));
    let links = links(session, &worn);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let recorded = runtime.block_on(running.run(links)).expect("stored");
    assert!(recorded.path.is_file() && recorded.tallies[&SensorRole::Hip].received > 1000);
    recorded.settle().expect("an analysis");
    drop(control);
    let events: Vec<Event> = events.iter().collect();
    let json = events.iter().map(|event| serde_json::to_value(event).expect("JSON")).collect();
    (events, json)
}

fn names(json: &[Value]) -> Vec<&str> {
    json.iter().map(|event| event["event"].as_str().expect("a name")).collect()
}

#[test]
fn everything_that_happens_comes_from_one_source_in_order() {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("left.unfinished.mcap"), b"").expect("writes");
    let (events, json) = recorded(&folder, &[]);
    let names = names(&json);
    assert_eq!(names[..2], ["unfinished", "begin"]);
    assert_eq!(names[names.len() - 2..], ["analysis", "end"]);
    for name in ["connected", "samples", "packet", "marker", "repetition"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    let analysis = &json[json.len() - 2];
    assert!(analysis["n_reps"].as_u64().is_some_and(|count| count > 1) && analysis["findings"].is_array());
    // What was said and still holds is what the analysis says.
    let told = names.iter().filter(|name| **name == "repetition").count();
    let withdrawn = names.iter().filter(|name| **name == "withdrawn").count();
    assert_eq!(Some((told - withdrawn) as u64), analysis["n_reps"].as_u64());
    // Without what is only drawn, a log of it is short.
    assert!(events.iter().filter(|event| !event.is_detail()).count() * 10 < events.len());
    let begin = json.iter().find(|event| event["event"] == "begin").expect("begins");
    let sensor = &begin["sensors"][0];
    assert_eq!((&sensor["sensor"], &sensor["model"]), (&Value::from("hip"), &Value::from("nus")));
    assert_eq!(sensor.as_object().map(serde_json::Map::len), Some(3));
}

#[test]
fn what_somebody_asks_for_is_told_to_all_and_stands_in_the_recording() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (events, json) = recorded(&folder, &[Command::OtherLeg, Command::ClockCheck]);
    let asked: Vec<&Value> = json.iter().filter(|event| event["event"] == "asked").collect();
    assert_eq!((&asked[0]["command"], &asked[0]["side"]), (&Value::from("other_leg"), &Value::from("right")));
    assert_eq!((&asked[1]["command"], &asked[1]["set"]), (&Value::from("clock_check"), &Value::from(2)));
    let markers: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::Marker(marker) => Some(serde_json::to_value(marker).expect("JSON")["kind"].to_string()),
            _ => None,
        })
        .collect();
    let kinds = markers.join(" ");
    for kind in ["set_end", "set_start", "clock_check"] {
        assert!(kinds.contains(kind), "{kind} in {kinds}");
    }
}

#[test]
fn sets_that_nobody_marks_are_marked_by_the_set_finder_and_counted_by_all() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let reps = vec![RepKind::Hinge; 3];
    let blocks = vec![(Side::Left, reps.clone()), (Side::Left, reps)];
    let session = Scenario { blocks, ..Scenario::typical(3) }.run().expect("a session");
    let asked = Dose { min_repetitions: 3, max_repetitions: 3 };
    let plan = Plan { marking: Marking::Finder { asked, end_on_form_loss: false }, ..plan(&folder) };
    let (events, json) = recorded_of(&session, &plan, &[]);
    let mut board = Board::default();
    let mut prompts = Vec::new();
    for event in &events {
        board.hears(event);
        if matches!(event, Event::Marker(_)) {
            prompts.push(board.prompt);
        }
    }
    assert!(prompts.contains(&Prompt::SetOver { set: 1, repetitions: 3 }), "{prompts:?}");
    let kinds = |kind: &str| {
        let of = |event: &&Event| {
            let Event::Marker(marker) = event else { return false };
            serde_json::to_value(marker).expect("JSON")["kind"] == kind
        };
        events.iter().filter(of).count()
    };
    assert_eq!((kinds("search_start"), kinds("set_start")), (1, 0));
    assert!(kinds("set_found") >= 1);
    assert!(names(&json).contains(&"set_over"));
    // Board and analysis have the same sets.
    let Some(Event::Analysed(analysis)) = events.iter().find(|event| matches!(event, Event::Analysed(_))) else {
        panic!("no analysis");
    };
    let sizes: Vec<usize> = analysis.sets.iter().map(|set| set.reps.len()).collect();
    assert_eq!(sizes, [3, 3]);
    let shown: Vec<(u32, u32)> = board.tiles().map(|tile| (tile.set, tile.told.rep.number)).collect();
    assert_eq!(shown, [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]);
}

/// Sets of these hinges, and signs with the leg around them.
fn with_signs(kinds: Vec<RepKind>, signs: &[(When, [Sign; 2])]) -> SimulatedSession {
    let signs = signs.iter().map(|(when, signs)| Signs { block: 0, when: *when, signs: signs.to_vec() }).collect();
    Scenario { blocks: vec![(Side::Left, kinds)], signs, ..Scenario::typical(3) }.run().expect("a session")
}

const START: [Sign; 2] = [Sign::HeelUp, Sign::HeelUp];
const END: [Sign; 2] = [Sign::ToesOut, Sign::ToesOut];
const UNDO: [Sign; 2] = [Sign::HeelUp, Sign::ToesOut];

/// A gesture's name, and whether it was done.
type Told = (Value, bool);

/// Gestures as they were told, with whether they were done, and the markers of sets with their times, s.
fn gestures_and_markers(events: &[Event], json: &[Value]) -> (Vec<Told>, Vec<(MarkerKind, f64)>) {
    let gestures = json.iter().filter(|event| event["event"] == "gesture");
    let gestures = gestures.map(|event| (event["gesture"].clone(), event["done"].as_bool().expect("a bool"))).collect();
    let markers = events.iter().filter_map(|event| match event {
        Event::Marker(marker) => Some((marker.kind.clone(), marker.at.seconds())),
        _ => None,
    });
    let is_of_sets =
        |kind: &MarkerKind| matches!(kind, MarkerKind::SetStart { .. } | MarkerKind::SetEnd | MarkerKind::SetVoid);
    (gestures, markers.filter(|(kind, _)| is_of_sets(kind)).collect())
}

#[test]
fn gestures_begin_end_and_undo_a_set_and_are_no_repetitions() {
    let kinds = vec![RepKind::Hinge, RepKind::KneeDrift, RepKind::Hinge];
    let start = MarkerKind::SetStart { side: Side::Left };
    for (signs, told, kinds_of, counted) in [
        (
            &[(When::Before, START), (When::Within, END)][..],
            vec![("start", true), ("end", true)],
            vec![MarkerKind::SetVoid, start.clone(), MarkerKind::SetEnd],
            3,
        ),
        (
            &[(When::Before, END), (When::Before, START), (When::Within, END), (When::After, UNDO)],
            vec![("end", false), ("start", true), ("end", true), ("undo", true)],
            vec![MarkerKind::SetVoid, start.clone(), MarkerKind::SetEnd, MarkerKind::SetVoid],
            0,
        ),
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let session = with_signs(kinds.clone(), signs);
        let (events, json) = recorded_of(&session, &Plan { hands_free: true, ..plan(&folder) }, &[]);
        let (gestures, markers) = gestures_and_markers(&events, &json);
        let told: Vec<(Value, bool)> = told.into_iter().map(|(name, done)| (name.into(), done)).collect();
        assert_eq!(gestures, told);
        assert_eq!(markers.iter().map(|(kind, _)| kind.clone()).collect::<Vec<_>>(), kinds_of);
        // The set ends where the leg began to move, and begins when that was understood.
        let span_of =
            |signs: [Sign; 2]| session.truth.signs.iter().find(|made| made.signs == signs).expect("made").span;
        let at = |kind: &MarkerKind| markers.iter().find(|(of, _)| of == kind).expect("marked").1;
        let end = at(&MarkerKind::SetEnd)
            - session.truth.signs.iter().rfind(|made| made.signs == END).expect("made").span.start.seconds();
        assert!((0.0..1.2).contains(&end), "{end}");
        assert!(at(&start) > span_of(START).end.seconds());
        let analysis = json.iter().find(|event| event["event"] == "analysis").expect("analysed");
        assert_eq!(analysis["n_reps"], counted, "{analysis:#}");
        // Nothing that was told began while signs were made.
        let signs = session.truth.signs.iter().map(|made| made.span);
        for repetition in json.iter().filter(|event| event["event"] == "repetition") {
            let begins = repetition["start_s"].as_f64().expect("seconds");
            let amid = signs.clone().any(|span| (span.start.seconds()..span.end.seconds()).contains(&begins));
            assert!(!amid, "{repetition}");
        }
        let mut board = Board::default();
        let prompts: Vec<Prompt> = events.iter().map(|event| (board.hears(event), board.prompt).1).collect();
        assert!(prompts.contains(&Prompt::BeginByGesture));
        assert!(prompts.contains(&Prompt::Gesture(Answer::Started { set: 1, side: Side::Left })));
        assert!(prompts.contains(&Prompt::Gesture(Answer::Ended { set: 1 })));
        assert_eq!(board.tiles().len(), counted);
    }
}

#[test]
fn signs_in_a_set_change_nothing_in_what_is_counted_in_it() {
    for seed in [2, 3, 5, 8] {
        let counted = |signs: Vec<Signs>| {
            let session = Scenario { signs, ..Scenario::typical(seed) }.run().expect("a session");
            let analysis = Judge::default().analyse_recording(&session.recording()).expect("an analysis");
            analysis.reps().map(|(_, rep)| rep.verdict()).collect::<Vec<_>>()
        };
        let without = counted(Vec::new());
        for signs in [START, END, UNDO] {
            let within = vec![Signs { block: 0, when: When::Within, signs: signs.to_vec() }];
            assert_eq!(counted(within), without, "seed {seed}: {signs:?}");
        }
    }
}

#[test]
fn without_hands_free_nobody_looks_for_gestures() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let session = with_signs(vec![RepKind::Hinge; 3], &[(When::Before, START), (When::Within, END)]);
    let (events, json) = recorded_of(&session, &plan(&folder), &[]);
    let (gestures, markers) = gestures_and_markers(&events, &json);
    assert_eq!((gestures, markers.len()), (vec![], 1));
}
