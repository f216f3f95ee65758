//! A new recording from an old one, with something put right: who, which leg, how long the limbs are, which sensor was where, from when to
//! when. The old file stays, notifications stay as they arrived, and the new file says what was changed from what to what.

use std::borrow::Cow;
use std::path::Path;

use mcap::records::{MessageHeader, op};
use serde_json::Value;
use truehinge_core::{
    AthleteId, Explained, Fact, HostTime, Impossible, Kept, Length, Measured, Protocol, SensorRole, SequenceGap,
    SessionInfo, Side, SourceFile, Track, TrackSamples,
};

use super::RecordingError;
use super::assemble::{Assembler, Carries, Keep};
use super::container::{self, Unpacker};
use super::layout::{Described, Event, SensorRecord, file_of};
use super::reader::{assemble, data_of, described, foreign, load};
use super::rewrite::{Restored, RestoredSink, rewrite};
use super::writer::store_new;
use crate::leg::{Sets, sets_when_named};

/// Something to change.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// The two sensors were taken for one another.
    Exchange(SensorRole, SensorRole),
    /// A body measure.
    Body(Measure, Length),
    /// The supporting leg: of the recording, and of its sets where all of them are on the leg that it names.
    Side(Side),
    /// Whose recording it is.
    Athlete(AthleteId),
    /// The exercise, with the text of its file.
    Protocol(Box<Protocol>, String),
    /// Only samples and markers from here to there stay.
    Cut(HostTime, HostTime),
}

/// A length of the body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// Standing height.
    Stature,
    /// Knee joint line to lateral malleolus.
    Shank,
    /// Greater trochanter to knee joint line.
    Thigh,
    /// Distance between the hip joint centres.
    HipWidth,
}

impl Change {
    /// What it says of the recording, from then on before all but an option; a cut says nothing.
    fn fact(&self) -> Option<Fact> {
        Some(match self {
            Self::Exchange(..) => Fact::Sensors,
            Self::Body(Measure::Stature, _) => Fact::Stature,
            Self::Body(Measure::Shank, _) => Fact::ShankLength,
            Self::Body(Measure::Thigh, _) => Fact::ThighLength,
            Self::Body(Measure::HipWidth, _) => Fact::HipWidth,
            Self::Side(_) => Fact::Side,
            Self::Athlete(_) => Fact::Athlete,
            Self::Protocol(..) => Fact::Protocol,
            Self::Cut(..) => return None,
        })
    }
}

/// Why a recording is not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// It cannot be read, or the new one not be written.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// Nobody is so.
    #[error(transparent)]
    Body(#[from] Impossible),
    /// There is no such sensor in it.
    #[error("there is no {0} sensor in the recording")]
    NoSensor(SensorRole),
    /// Nothing would be left.
    #[error("no sample is between {0:.1} s and {1:.1} s")]
    NothingLeft(f64, f64, f64, f64),
}

impl Explained for EditError {
    fn code(&self) -> &'static str {
        match self {
            Self::Recording(error) => error.code(),
            Self::Body(error) => error.code(),
            Self::NoSensor(_) => "edit_no_sensor",
            Self::NothingLeft(..) => "edit_nothing_left",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Recording(error) => return error.hint(),
            Self::Body(error) => return error.hint(),
            Self::NoSensor(_) => "name those that it has".into(),
            Self::NothingLeft(_, _, from, to) => {
                format!("cut between {from:.1} s and {to:.1} s: there the recording has samples").into()
            }
        })
    }
}

/// Standard uncertainty of a length that somebody measured on the body.
const MEASURED_SIGMA: Length = Length::from_millimetres(5.0);

/// Writes the recording at `path` anew to `new`, with these changes. What was changed, in words.
///
/// # Errors
/// See [`EditError`]; the old recording is never touched, and no other file overwritten.
pub fn edit(path: &Path, new: &Path, changes: &[Change]) -> Result<Vec<String>, EditError> {
    let old = Old::read(path)?;
    let mut edited = Edited::of(&old);
    let applied = changes.iter().map(|change| edited.apply(change, &old.first));
    let notes = applied.collect::<Result<Vec<String>, _>>()?;
    edited.info.body.check()?;
    let audit: Vec<String> = notes.iter().map(|note| format!("edited from {}: {note}", old.named())).collect();
    old.write_anew(new, edited, audit, &[])?;
    Ok(notes)
}

/// Writes the recording at `path` anew to `new`, with these samples and losses in place of its own; everything else stays as it is.
///
/// # Errors
/// See [`EditError`]; the old recording is never touched, and no other file overwritten.
pub fn redecode(path: &Path, new: &Path, tracks: &[Track]) -> Result<(), EditError> {
    let old = Old::read(path)?;
    let mut edited = Edited::of(&old);
    edited.renewed = tracks.iter().map(|track| track.role).collect();
    let audit = vec![format!("decoded anew from {}", old.named())];
    let kept = old.session.value.source.kept;
    let tracks: Vec<Track> =
        tracks.iter().map(|track| kept.map_or_else(|| track.clone(), |kept| cut(track, kept))).collect();
    Ok(old.write_anew(new, edited, audit, &tracks)?)
}

/// A track as an earlier cut has left it: the bytes that it was decoded from are those of the whole session.
fn cut(track: &Track, kept: Kept) -> Track {
    let TrackSamples::Inertial(samples) = &track.samples else { return track.clone() };
    let first = samples.iter().position(|sample| kept.holds(sample.arrival)).unwrap_or(samples.len());
    let inside: Vec<_> = samples.iter().filter(|sample| kept.holds(sample.arrival)).copied().collect();
    let gaps = track.sequence_gaps.iter().filter(|gap| (first + 1..first + inside.len()).contains(&gap.before_sample));
    let gaps = gaps.map(|gap| SequenceGap { before_sample: gap.before_sample - first, ..*gap }).collect();
    Track { samples: TrackSamples::Inertial(inside), sequence_gaps: gaps, ..track.clone() }
}

/// The recording that another one is made from.
struct Old<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
    file: SourceFile,
    session: Described<SessionInfo>,
    /// All of it, as it is.
    first: Assembler,
}

impl<'a> Old<'a> {
    fn read(path: &'a Path) -> Result<Self, RecordingError> {
        let bytes = load(path)?;
        let first = assemble(path, &bytes, Keep::Nothing)?;
        let session = first.session.clone().ok_or_else(|| foreign(path))?;
        Ok(Self { path, file: file_of(path, &bytes), bytes, session, first })
    }

    /// Its file as a new recording names it.
    fn named(&self) -> String {
        format!("{} (SHA-256 {})", self.file.name, self.file.sha256)
    }

    /// Writes the new recording, with these notes and samples.
    fn write_anew(
        self,
        new: &Path,
        mut edited: Edited,
        notes: Vec<String>,
        renewed: &[Track],
    ) -> Result<(), RecordingError> {
        let failed = |error: serde_json::Error| RecordingError::Io { path: self.path.to_owned(), source: error.into() };
        edited.info.source.notes.extend(notes);
        edited.info.source = edited.info.source.made_anew(self.file);
        let restored = Restored {
            session: self.session.with(edited.info.clone()).map_err(failed)?.json,
            sensors: edited.sensors(self.first.sensors()).map_err(failed)?,
            markers: edited.markers.clone(),
        };
        let rewritten = rewrite(self.path, &restored, &edited.markers, |sink| {
            sink.renew(renewed);
            edited.copy(self.path, &self.bytes, sink)
        })?;
        store_new(new, &rewritten)
    }
}

/// A recording's descriptions while they are changed.
struct Edited {
    info: SessionInfo,
    markers: Vec<Value>,
    exchanged: Vec<(SensorRole, SensorRole)>,
    /// What stays, ns, on the clock of the messages.
    cut: Option<(i64, i64)>,
    /// Sensors whose samples and losses are made anew from their notifications.
    renewed: Vec<SensorRole>,
}

impl Edited {
    fn of(old: &Old<'_>) -> Self {
        let mut markers = old.first.stored_markers().to_vec();
        markers.extend(old.first.missing_markers());
        Self { info: old.session.value.clone(), markers, exchanged: Vec::new(), cut: None, renewed: Vec::new() }
    }

    /// Applies a change; what it was and what it is now.
    fn apply(&mut self, change: &Change, first: &Assembler) -> Result<String, EditError> {
        let fact = change.fact();
        self.info.source.edited.extend(fact.filter(|fact| !self.info.source.edited.contains(fact)));
        Ok(match change {
            Change::Exchange(a, b) => {
                let has = |role: &SensorRole| first.counts().iter().any(|(found, _)| found == role);
                if let Some(missing) = [*a, *b].into_iter().find(|role| !has(role)) {
                    return Err(EditError::NoSensor(missing));
                }
                self.exchanged.push((*a, *b));
                format!("sensors exchanged: {a} -> {b}, {b} -> {a}")
            }
            Change::Body(measure, length) => self.measure(*measure, *length),
            Change::Side(side) => self.stand_on(*side),
            Change::Athlete(athlete) => {
                let old = std::mem::replace(&mut self.info.athlete, athlete.clone());
                format!("athlete: {old} -> {athlete}")
            }
            Change::Protocol(protocol, file) => {
                let old = std::mem::replace(&mut self.info.protocol, protocol.name.clone());
                self.info.source.protocol_file = Some(file.clone());
                format!("protocol: {old} -> {}", protocol.name)
            }
            Change::Cut(from, to) => self.cut_to(*from, *to, first)?,
        })
    }

    fn measure(&mut self, measure: Measure, length: Length) -> String {
        let body = &mut self.info.body;
        let (name, field) = match measure {
            Measure::Stature => ("standing height", &mut body.stature),
            Measure::Shank => ("shank length", &mut body.shank_length),
            Measure::Thigh => ("thigh length", &mut body.thigh_length),
            Measure::HipWidth => ("hip width", &mut body.hip_width),
        };
        let old = field.replace(Measured::new(length, MEASURED_SIGMA));
        let old = old.map_or("not known".to_owned(), |old| format!("{:.1} mm", old.value.millimetres()));
        format!("{name}: {old} -> {:.1} mm", length.millimetres())
    }

    fn stand_on(&mut self, side: Side) -> String {
        let before = self.info.stance_side.replace(side);
        let words = |side: Option<Side>| side.map_or("not known".to_owned(), |side| side.to_string());
        let start =
            |marker: &&mut Value| marker.get("kind").is_some_and(|kind| kind == "set_start" || kind == "search_start");
        let mut starts: Vec<&mut Value> = self.markers.iter_mut().filter(start).collect();
        let leg = |marker: &&mut Value| marker.get("side").and_then(Value::as_str)?.parse().ok();
        let marked: Vec<Option<Side>> = starts.iter().map(leg).collect();
        let sets = match sets_when_named(before, &marked) {
            Sets::AllIsOne => {
                let at = self.cut.map_or(0, |(from, _)| from);
                let marker = serde_json::json!({ "at": at, "kind": "set_start", "side": side.name() });
                self.markers.insert(0, marker);
                ", all of it marked as a set on it"
            }
            Sets::Follow => {
                starts.iter_mut().for_each(|marker| marker["side"] = Value::from(side.name()));
                " and its sets"
            }
            Sets::Stay => ", sets stay on the legs that their markers name",
        };
        format!("supporting leg: {} -> {side}{sets}", words(before))
    }

    fn cut_to(&mut self, from: HostTime, to: HostTime, first: &Assembler) -> Result<String, EditError> {
        let (begin, end) = first.extent();
        let zero = if first.latest.is_some() { 0 } else { begin };
        let (a, b) = (zero.saturating_add(from.nanos()), zero.saturating_add(to.nanos()));
        if b <= begin || a > end || b <= a {
            let seconds = |at: i64| HostTime::from_nanos(at.saturating_sub(zero)).seconds();
            return Err(EditError::NothingLeft(from.seconds(), to.seconds(), seconds(begin), seconds(end)));
        }
        self.cut = Some((a, b));
        let now = Kept { from, to };
        self.info.source.kept = Some(self.info.source.kept.map_or(now, |before| before.and(now)));
        self.cut_markers(from.nanos(), to.nanos());
        Ok(format!("cut: only samples and markers from {:.3} s to {:.3} s stay", from.seconds(), to.seconds()))
    }

    /// What runs where the cut begins begins there: a set, a calibration.
    fn cut_markers(&mut self, from: i64, to: i64) {
        let at = |marker: &Value| marker.get("at").and_then(Value::as_i64).unwrap_or(0);
        let kind = |marker: &Value| marker.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        let (mut set, mut calibration): (Option<Value>, Option<Value>) = (None, None);
        for marker in self.markers.iter().filter(|marker| at(marker) < from) {
            match kind(marker).as_str() {
                "set_start" | "search_start" => set = Some(marker.clone()),
                "set_end" | "set_void" => set = None,
                "calibration_start" => calibration = Some(marker.clone()),
                "calibration_end" => calibration = None,
                _ => {}
            }
        }
        let mut kept: Vec<Value> = [set, calibration].into_iter().flatten().collect();
        kept.iter_mut().for_each(|marker| marker["at"] = Value::from(from));
        kept.extend(self.markers.iter().filter(|marker| (from..to).contains(&at(marker))).cloned());
        self.markers = kept;
    }

    /// The role that a sensor has now.
    fn role(&self, role: SensorRole) -> SensorRole {
        self.exchanged.iter().fold(role, |role, (a, b)| match role {
            role if role == *a => *b,
            role if role == *b => *a,
            role => role,
        })
    }

    fn sensors(&self, sensors: Vec<Described<SensorRecord>>) -> serde_json::Result<Vec<Described<SensorRecord>>> {
        let now = |sensor: Described<SensorRecord>| {
            let record = SensorRecord { role: self.role(sensor.value.role), ..sensor.value.clone() };
            sensor.with(record)
        };
        sensors.into_iter().map(now).collect()
    }

    /// Copies every message that stays.
    fn copy(&self, path: &Path, bytes: &[u8], sink: &mut RestoredSink<'_>) -> Result<(), RecordingError> {
        let damaged = |found: String| RecordingError::Damaged { path: path.to_owned(), offset: 0, found };
        let failed = |source| RecordingError::Io { path: path.to_owned(), source };
        let mut assembler = described(path, bytes, Keep::Nothing)?;
        let mut places = Places::default();
        let mut unpacker = Unpacker::of(bytes.len());
        for record in data_of(path, bytes)?.iter().filter(|record| record.opcode == op::CHUNK) {
            let chunk = unpacker.unpack(record.content).map_err(|error| damaged(error.to_string()))?;
            for record in container::records(chunk) {
                let record = record.map_err(|error| damaged(error.to_string()))?;
                assembler.take(&record).map_err(damaged)?;
                if record.opcode == op::MESSAGE
                    && let Some((header, data)) = container::message(record.content)
                {
                    self.message(&assembler, header, data, &mut places, sink).map_err(failed)?;
                }
            }
        }
        Ok(())
    }

    fn message(
        &self,
        from: &Assembler,
        mut header: MessageHeader,
        data: &[u8],
        places: &mut Places,
        sink: &mut RestoredSink<'_>,
    ) -> std::io::Result<()> {
        let at = i64::from_ne_bytes(header.log_time.to_ne_bytes());
        let stays = self.cut.is_none_or(|(a, b)| (a..b).contains(&at));
        match from.carries(header.channel_id) {
            // As they arrived, all of them.
            Carries::Raw(role) => {
                sink.put(from, Carries::Raw(self.role(role)), header, data)?;
                sink.renewed(role, at)
            }
            Carries::Samples(role) if self.renewed.contains(&role) => Ok(()),
            Carries::Samples(role) if stays => {
                header.sequence = header.sequence.wrapping_sub(places.first(role, header.sequence));
                sink.put(from, Carries::Samples(self.role(role)), header, data)
            }
            Carries::Samples(_) => Ok(()),
            Carries::Events => match serde_json::from_slice(data) {
                Ok(Event::Gap { role, .. }) if self.renewed.contains(&role) => Ok(()),
                Ok(Event::Gap { role, before_sample, lost }) => {
                    let Some(before_sample) = places.within(role, before_sample, self.cut.is_some()) else {
                        return Ok(());
                    };
                    let event = Event::Gap { role: self.role(role), before_sample, lost };
                    sink.put(from, Carries::Events, header, &serde_json::to_vec(&event)?)
                }
                // All markers are put in anew.
                Ok(Event::Marker { .. }) => Ok(()),
                _ => sink.put(from, Carries::Events, header, data),
            },
            Carries::Other => sink.put(from, Carries::Other, header, data),
        }
    }
}

/// The number of each sensor's first sample that stays.
#[derive(Default)]
struct Places(std::collections::BTreeMap<SensorRole, u32>);

impl Places {
    fn first(&mut self, role: SensorRole, sequence: u32) -> u32 {
        *self.0.entry(role).or_insert(sequence)
    }

    /// Where a gap is now; `None` if no sample before it stays.
    fn within(&self, role: SensorRole, before: usize, cut: bool) -> Option<usize> {
        if !cut {
            return Some(before);
        }
        let first = usize::try_from(*self.0.get(&role)?).ok()?;
        before.checked_sub(first).filter(|before| *before > 0)
    }
}
