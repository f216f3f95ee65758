//! The files of one session of raw samples.

use serde_json::{Map, Value, json};
use truehinge_core::{Marker, Recording, SessionAnalysis, SessionInfo};

use super::super::tsv::{Tsv, number, words};
use super::super::{ExportError, Folder, Recorded, seconds};
use super::samples::tracking_system;
use super::{Labels, described, pretty};
use crate::recording::with_protocol;

/// Writes it.
pub(super) fn write(
    folder: &mut Folder,
    labels: &Labels,
    recorded: &Recorded,
    analysis: Option<&SessionAnalysis>,
) -> Result<(), ExportError> {
    let recording = &recorded.recording;
    let (place, task) = (labels.folder(), task(&recording.info.protocol));
    let stem = format!("{place}/motion/{}_task-{task}", labels.stem());
    let start = recording.info.local_start().map(|start| start.iso()).unwrap_or_default();
    let mut scans = Tsv::named(["filename", "acq_time"]);
    let info = with_protocol(&recording.info);
    for (index, track) in recording.tracks.iter().enumerate() {
        let quality = analysis.and_then(|analysis| analysis.sensors.iter().find(|sensor| sensor.role == track.role));
        let times = recorded.timelines.get(index).map_or(&[][..], Vec::as_slice);
        let system = tracking_system(&info, track, times, quality);
        let stem = format!("{stem}_tracksys-{}", track.role.name());
        folder.write(&format!("{stem}_motion.tsv"), system.samples)?;
        folder.write(&format!("{stem}_motion.json"), pretty(&sidecar(&info, &recorded.exercise, system.about)))?;
        folder.write(&format!("{stem}_channels.tsv"), system.channels)?;
        folder.write(&format!("{stem}_channels.json"), pretty(&system.frames))?;
        let file = format!("{stem}_motion.tsv");
        scans.push([file.strip_prefix(&format!("{place}/")).unwrap_or(&file), &start]);
    }
    folder.write(&format!("{place}/{}_scans.tsv", labels.stem()), scans.into_text())?;
    // That nobody marked anything is said as well.
    folder.write(&format!("{stem}_events.tsv"), events(recording))?;
    folder.write(&format!("{stem}_events.json"), described(&EVENTS))
}

/// The name of an exercise as a label.
pub(super) fn task(protocol: &str) -> String {
    let label: String = protocol.chars().filter(char::is_ascii_alphanumeric).collect();
    if label.is_empty() { "hinge".to_owned() } else { label }
}

/// What is said of the exercise, before what is said of the sensor.
fn sidecar(info: &SessionInfo, exercise: &str, about: Map<String, Value>) -> Value {
    let mut all = Map::new();
    all.insert("TaskName".to_owned(), json!(task(&info.protocol)));
    if !exercise.is_empty() {
        all.insert("TaskDescription".to_owned(), json!(exercise));
    }
    all.extend(about);
    Value::Object(all)
}

/// Columns of the events of a recording.
const EVENTS: [(&str, &str); 8] = [
    ("onset", "when it was marked, seconds after the start of the recording, as latency in the samples"),
    ("duration", "always 0: a mark is an instant"),
    ("trial_type", "what was marked, such as set_start"),
    ("side", "the supporting leg of a set that begins"),
    ("role", "the sensor whose link was lost or came back"),
    ("text", "a remark"),
    ("least", "fewest repetitions that a set is asked for which the set finder looks for"),
    ("most", "most of them"),
];

fn events(recording: &Recording) -> String {
    let mut table = Tsv::named(EVENTS.map(|(name, _)| name));
    for Marker { at, kind } in &recording.markers {
        let kind = serde_json::to_value(kind).unwrap_or_default();
        let part = |name: &str| kind.get(name).and_then(Value::as_str).map(words).unwrap_or_default();
        let count = |name: &str| kind.get(name).map(Value::to_string).unwrap_or_default();
        let words = ["kind", "side", "role", "text"].map(part);
        let instant = [seconds(at.nanos()), "0".to_owned()];
        table.push(instant.into_iter().chain(words).chain(["least", "most"].map(count)));
    }
    table.into_text()
}

/// Columns of `_sessions.tsv`.
const SESSIONS: [(&str, &str); 15] = [
    ("session_id", "label of the session in this data set"),
    ("acq_time", "when its recording began"),
    ("session", "name of the session in the recordings"),
    ("stance_side", "supporting leg, where the events of the session do not say it"),
    ("protocol", "exercise"),
    ("stature_m", "standing height, m"),
    ("stature_sigma_m", "its standard uncertainty, m"),
    ("shank_length_m", "knee joint line to outer ankle, m"),
    ("shank_length_sigma_m", "its standard uncertainty, m"),
    ("thigh_length_m", "greater trochanter to knee joint line, m"),
    ("thigh_length_sigma_m", "its standard uncertainty, m"),
    ("hip_width_m", "distance between the hip joints, m"),
    ("hip_width_sigma_m", "its standard uncertainty, m"),
    ("mass_kg", "body mass, kg"),
    ("not_analysed", "the code of why there are no results of it; n/a where there are"),
];

/// The list of a person's sessions.
pub(super) fn list(
    folder: &mut Folder,
    subject: &str,
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), ExportError> {
    let mut table = Tsv::named(SESSIONS.map(|(name, _)| name));
    rows.for_each(|row| table.push(row));
    folder.write(&format!("sub-{subject}/sub-{subject}_sessions.tsv"), table.into_text())?;
    folder.write(&format!("sub-{subject}/sub-{subject}_sessions.json"), described(&SESSIONS))
}

/// The row of a session in that list.
pub(super) fn row(labels: &Labels, info: &SessionInfo, not_analysed: Option<&str>) -> Vec<String> {
    let body = &info.body;
    let mut row = vec![
        format!("ses-{}", labels.session),
        info.local_start().map(|start| start.iso()).unwrap_or_default(),
        words(&labels.own_session),
        info.stance_side.map(|side| side.name().to_owned()).unwrap_or_default(),
        words(&info.protocol),
    ];
    for measure in [body.stature, body.shank_length, body.thigh_length, body.hip_width] {
        row.push(measure.map(|length| number(length.value.metres())).unwrap_or_default());
        row.push(measure.map(|length| number(length.sigma.metres())).unwrap_or_default());
    }
    row.push(body.mass_kg.map(number).unwrap_or_default());
    row.push(not_analysed.map(str::to_owned).unwrap_or_default());
    row
}
