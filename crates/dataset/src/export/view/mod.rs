//! A leg that moves: an MCAP file for Foxglove, Lichtblick and rerun, with a layout for the first two.
//!
//! | topic | type | what |
//! |---|---|---|
//! | `/tf` | `foxglove.FrameTransforms` | where shank, thigh and pelvis are: 100 a second while a set lasts |
//! | `/leg` | `foxglove.SceneUpdate` | their bones, once for each set |
//! | `/points/SEGMENT` | `foxglove.PointCloud` | the same as points, for programs that draw no bones |
//! | `/angles` | `truehinge.Angles` | lean of the segments, degrees |
//! | `/curves` | `truehinge.Curves` | the signals of each repetition, as in the table of curves, at their times |
//! | `/repetitions` | `truehinge.Repetition` | each repetition with its verdict and main numbers, when it ends |
//! | `/log` | `foxglove.Log` | the same in words |
//!
//! Frames: `earth` (z up, x forward), and below it `shank` (origin in the ankle), `thigh` (knee) and `pelvis` (hip joint of the supporting
//! leg), each with ISB axes: x anterior, y proximal, z to the right. The ankle stays where it is. Times are those on the wall where the
//! start is known, else since the start of the recording. Messages are in Protocol Buffers, which all three programs read.

mod picture;
mod proto;
mod schemas;

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::Path;

use mcap::records::{MessageHeader, Metadata};
use mcap::{Compression, WriteOptions, Writer};
use truehinge_core::{Curve, LegMotion, Rep, Rotation, SessionAnalysis, SessionTime, SetAnalysis, Signal, ThighSource};

use self::proto::Message;
use super::each::{Each, Files};
use super::{ExportError, Folder, Moved, Whole};
use crate::files::read_beginning;

/// What an MCAP file of this kind says it is.
const PROFILE: &str = "truehinge-view";
/// What the names of such files end with.
const ENDING: &str = ".view.mcap";
/// The layout for Foxglove and Lichtblick.
const LAYOUT: (&str, &str) = ("foxglove-layout.json", include_str!("layout.json"));

/// Files for viewers of these sessions, one each, with a layout.
///
/// # Errors
/// [`ExportError::Io`].
pub fn views<'a>(
    target: &Path,
    sessions: impl Iterator<Item = &'a SessionAnalysis> + Clone,
) -> Result<Each, ExportError> {
    let mut folder = Folder::new(target, "view", Whole::No)?;
    folder.write(LAYOUT.0, LAYOUT.1)?;
    Ok(Each::new(folder, sessions, files))
}

fn files(name: &str, moved: &Moved) -> Result<Files, ExportError> {
    let name = format!("{name}{ENDING}");
    let bytes = view(moved).map_err(|source| ExportError::Io { path: name.clone().into(), source })?;
    Ok(vec![(name, bytes)])
}

/// Whether a file is one of these, and no recording.
pub(crate) fn is_view(path: &Path) -> bool {
    // Magic, the header's code and length, and the length of the profile stand before it.
    const BEFORE: usize = 8 + 1 + 8 + 4;
    let beginning = read_beginning(path, BEFORE + PROFILE.len());
    beginning.is_ok_and(|bytes| bytes.get(BEFORE..) == Some(PROFILE.as_bytes()))
}

/// The bytes of a session's file.
///
/// # Errors
/// The session cannot be written as MCAP.
pub fn view(moved: &Moved) -> io::Result<Vec<u8>> {
    let mut moments: Vec<(u64, &'static str, Vec<u8>)> = Vec::new();
    let start = moved.analysis.info.start_utc_ns.unwrap_or(0);
    for motion in &moved.motion {
        let Some(set) = moved.analysis.sets.iter().find(|set| set.number == motion.set) else { continue };
        of_set(&moved.analysis, set, motion, start, &mut |at, topic, message| {
            moments.push((at, topic, message.into_bytes()));
        });
    }
    // Stable: what is of one time stays in its order.
    moments.sort_by_key(|(at, ..)| *at);
    let mut bytes = Cursor::new(Vec::new());
    write(&mut bytes, &moments, moved).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.into_inner())
}

fn write(out: &mut Cursor<Vec<u8>>, moments: &[(u64, &'static str, Vec<u8>)], moved: &Moved) -> mcap::McapResult<()> {
    let options =
        WriteOptions::new().profile(PROFILE).library("truehinge-dataset").compression(Some(Compression::Zstd));
    let mut writer = Writer::with_options(out, options)?;
    let types = schemas::all();
    let mut channels = BTreeMap::new();
    for (topic, name) in TOPICS {
        let schema = writer.add_schema(name, "protobuf", &types)?;
        channels.insert(topic, writer.add_channel(schema, topic, "protobuf", &BTreeMap::new())?);
    }
    let mut sequence = 0;
    for (at, topic, message) in moments {
        let Some(&channel_id) = channels.get(topic) else { continue };
        sequence += 1;
        writer.write_to_known_channel(
            &MessageHeader { channel_id, sequence, log_time: *at, publish_time: *at },
            message,
        )?;
    }
    writer.write_metadata(&Metadata { name: PROFILE.to_owned(), metadata: said(moved) })?;
    writer.finish()?;
    Ok(())
}

const TF: &str = "/tf";
const LEG: &str = "/leg";
const ANGLES: &str = "/angles";
const CURVES: &str = "/curves";
const REPETITIONS: &str = "/repetitions";
const LOG: &str = "/log";

/// Every topic with the type of its messages.
const TOPICS: [(&str, &str); 9] = [
    (TF, "foxglove.FrameTransforms"),
    (LEG, "foxglove.SceneUpdate"),
    (picture::POINTS[0], "foxglove.PointCloud"),
    (picture::POINTS[1], "foxglove.PointCloud"),
    (picture::POINTS[2], "foxglove.PointCloud"),
    (ANGLES, "truehinge.Angles"),
    (CURVES, "truehinge.Curves"),
    (REPETITIONS, "truehinge.Repetition"),
    (LOG, "foxglove.Log"),
];

/// What a reader must know of the whole.
fn said(moved: &Moved) -> BTreeMap<String, String> {
    let analysis = &moved.analysis;
    let thigh = moved.motion.iter().map(|motion| format!("set {}: {}", motion.set, thigh_words(&motion.thigh)));
    BTreeMap::from([
        ("athlete".to_owned(), analysis.info.athlete.as_str().to_owned()),
        ("session".to_owned(), analysis.info.session.as_str().to_owned()),
        ("software_version".to_owned(), analysis.provenance.version.clone()),
        ("config_sha256".to_owned(), analysis.provenance.config_sha256.clone()),
        ("thigh".to_owned(), thigh.collect::<Vec<_>>().join("; ")),
        ("heading".to_owned(), "pelvis and shank face the same way in the first stance of each set".to_owned()),
    ])
}

/// What a thigh's orientation was made from.
pub(super) fn thigh_words(source: &ThighSource) -> String {
    match source {
        ThighSource::Sensor => "orientation of the thigh from its own sensor".to_owned(),
        ThighSource::Chain { sigma } => format!(
            "no sensor on the thigh: its lean in repetitions from the travel of hip and knee, within {:.1} degrees (1 sigma), upright between them",
            sigma.degrees()
        ),
        ThighSource::Unknown => "no sensor on the thigh, and no repetition: it is drawn upright".to_owned(),
    }
}

type Put<'a> = &'a mut dyn FnMut(u64, &'static str, Message);

fn of_set(analysis: &SessionAnalysis, set: &SetAnalysis, motion: &LegMotion, start: i64, put: Put<'_>) {
    let nanos = |at: SessionTime| u64::try_from(start.saturating_add(at.nanos())).unwrap_or(0);
    let Some(first) = motion.moments.first() else { return };
    picture::bones(motion, nanos(first.at), &analysis.info.body, put);
    for moment in &motion.moments {
        let at = nanos(moment.at);
        let joints = motion.joints(moment);
        let transforms = [
            transform(at, "shank", joints[0], moment.shank),
            transform(at, "thigh", joints[1], moment.thigh),
            transform(at, "pelvis", joints[2], moment.pelvis),
        ];
        put(at, TF, Message::default().messages(1, transforms));
        let thigh = if moment.thigh_is_known { tilt(moment.thigh) } else { f64::NAN };
        let angles = Message::default().double(1, tilt(moment.shank)).double(2, thigh).double(3, tilt(moment.pelvis));
        put(at, ANGLES, angles.int(4, i64::from(set.number)));
    }
    for rep in &set.reps {
        curves(rep, nanos, put);
        let at = nanos(rep.span.end);
        put(at, REPETITIONS, repetition(set, rep, motion));
        put(at, LOG, log(at, set, rep));
    }
}

/// Forward lean, degrees: how far the long axis points forward of up, seen from the side.
fn tilt<S: truehinge_core::Segment>(pose: Rotation<S, truehinge_core::Earth>) -> f64 {
    let up = pose.inverse().apply(truehinge_core::frame::Direction::<truehinge_core::Earth>::new(0.0, 0.0, 1.0));
    (-up.anterior()).atan2(up.proximal()).to_degrees()
}

/// A time as `google.protobuf.Timestamp`.
fn timestamp(nanos: u64) -> Message {
    let part = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    Message::default().int(1, part(nanos / 1_000_000_000)).int(2, part(nanos % 1_000_000_000))
}

fn vector([x, y, z]: [f64; 3]) -> Message {
    Message::default().double(1, x).double(2, y).double(3, z)
}

fn quaternion([w, x, y, z]: [f64; 4]) -> Message {
    vector([x, y, z]).double(4, w)
}

fn transform<S: truehinge_core::Segment>(
    at: u64,
    child: &str,
    origin: [f64; 3],
    pose: Rotation<S, truehinge_core::Earth>,
) -> Message {
    Message::default()
        .message(1, &timestamp(at))
        .text(2, "earth")
        .text(3, child)
        .message(4, &vector(origin))
        .message(5, &quaternion(pose.to_wxyz()))
}

/// The signals of a repetition at its hundred and one times.
fn curves(rep: &Rep, nanos: impl Fn(SessionTime) -> u64, put: Put<'_>) {
    let last = Curve::POINTS - 1;
    for percent in 0..Curve::POINTS {
        let share = percent as f64 / last as f64;
        let at = rep.span.start + truehinge_core::Interval::from_seconds(share * rep.span.length().seconds());
        let value = |signal: Signal| {
            let curve = rep.curves.iter().find(|curve| curve.signal == signal);
            curve.and_then(|curve| curve.values.get(percent).copied()).unwrap_or(f64::NAN)
        };
        let all = Signal::ALL.into_iter();
        put(
            nanos(at),
            CURVES,
            all.fold(Message::default(), |all, signal| all.double(schemas::of_signal(signal), value(signal))),
        );
    }
}

fn repetition(set: &SetAnalysis, rep: &Rep, motion: &LegMotion) -> Message {
    let begin = Message::default()
        .int(1, i64::from(set.number))
        .int(2, i64::from(rep.number))
        .text(3, set.side.map_or("", truehinge_core::Side::name))
        .text(4, rep.verdict().name())
        .text(5, rep.judgement.verdict.name())
        .double(6, rep.judgement.probability)
        .int(7, i64::from(rep.counts()))
        .double(8, rep.span.length().seconds());
    let numbers = schemas::NUMBERS.into_iter().fold(begin, |all, (metric, field)| {
        let reading = rep.metrics.reading(metric);
        let part = |value: Option<f64>| value.unwrap_or(f64::NAN);
        all.double(field, part(reading.map(|r| r.value))).double(field + 1, part(reading.map(|r| r.sigma)))
    });
    numbers.text(15, &thigh_words(&motion.thigh))
}

/// Level of a remark in `foxglove.Log`.
const INFO: i64 = 2;

fn log(at: u64, set: &SetAnalysis, rep: &Rep) -> Message {
    let excluded = if rep.counts() { "" } else { ", does not count" };
    let words = format!("set {}, repetition {}: {}{excluded}", set.number, rep.number, rep.verdict().title());
    Message::default().message(1, &timestamp(at)).int(2, INFO).text(3, &words).text(4, "truehinge")
}
