//! Xsens MVN Analyze and MVN Studio: MVNX, an XML text with a frame for every instant, in which each quantity of all sensors
//! (or of all segments of the maker's body model) stands in one element.
//!
//! | in the frames | is read as |
//! |---|---|
//! | `sensorAcceleration` and `sensorAngularVelocity` (version 3) | accelerometer (m/s²) and gyroscope (rad/s) |
//! | `sensorOrientation`, `sensorFreeAcceleration` (version 4) | orientation (w, x, y, z, sensor to Earth) and acceleration without gravity on the axes of Earth |
//! | `orientation` only | orientations of the segments |
//!
//! From the user manual MV0319P (MVNX). Earth has z up. Frames of poses (`identity`, `tpose` ...) are no measurements.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, BytesText, Event};
use truehinge_core::{ClockKind, FreeAcceleration, Rotation, Sensor, SensorRole, SessionInfo, Track, Zone};

use super::{About, Place, Whole};
use crate::import::files::file_name;
use crate::import::roles::{Candidate, assign};
use crate::import::started::{Start, settle};
use crate::import::text::Text;
use crate::import::time::unwrap;
use crate::import::tracks::{Scales, inertial, oriented, track};
use crate::import::whose::anonymous;
use crate::import::{Complaint, ImportError, ImportOptions, Imported, source_file};

/// See the module.
pub(super) struct Mvnx;

impl Whole for Mvnx {
    fn about(&self) -> About {
        About {
            format: "xsens-mvnx",
            words: "Xsens MVN recording (MVNX)",
            written_by: "Xsens MVN Analyze, MVN Studio (MVNX)",
            files: "one file with all sensors of a suit",
        }
    }

    fn extension(&self) -> Option<&'static str> {
        Some("mvnx")
    }

    fn recognise(&self, place: Place<'_>) -> bool {
        matches!(place, Place::File(file) if file.head.iter().take(5).any(|line| line.contains("<mvnx")))
    }

    fn seen(&self, path: &Path) -> Result<Vec<String>, ImportError> {
        Ok(Suit::read(&Text::read(path)?)?.names)
    }

    fn read(&self, path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        let text = Text::read(path)?;
        let suit = Suit::read(&text)?;
        let mut notes = Vec::new();
        let candidates: Vec<Candidate> = suit.names.iter().map(|name| Candidate::named(name)).collect();
        let assigned = assign(path, &candidates, options, &mut notes)?;
        notes.push(suit.holds.note().to_owned());
        let chosen: Vec<usize> = assigned.chosen.iter().map(|(index, _)| *index).collect();
        let mut warnings = Vec::new();
        let frames = suit.frames(&text, &chosen, &mut warnings)?;
        let times = suit.times(&text, &frames)?;
        let mut tracks = Vec::new();
        for (place, (index, role)) in assigned.chosen.iter().enumerate() {
            tracks.push(suit.track(&text, &frames, &times, (place, *role, &suit.names[*index]))?);
        }
        let start = frames.first().and_then(|frame| frame.epoch_ms?.checked_mul(1_000_000));
        let mut info = SessionInfo { stance_side: assigned.side, ..anonymous(path, &mut notes) };
        settle(&mut info, start.map(|utc_ns| Start { utc_ns, zone: Zone::Unknown }), &mut notes);
        let About { format, words, .. } = self.about();
        let files = vec![source_file(path, text.bytes())];
        Ok(Imported {
            format,
            recognised: words.to_owned(),
            tracks,
            info: Some(info),
            files,
            notes,
            warnings,
            ..Imported::default()
        })
    }
}

/// What of the sensors stands in the frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Holds {
    Inertial,
    /// With the acceleration, if it is there.
    Oriented {
        accelerated: bool,
    },
    Segments,
}

impl Holds {
    /// Elements, with the numbers that each has for a sensor.
    const fn elements(self) -> &'static [(&'static str, usize)] {
        match self {
            Self::Inertial => &[("sensorAcceleration", 3), ("sensorAngularVelocity", 3)],
            Self::Oriented { accelerated: true } => &[("sensorOrientation", 4), ("sensorFreeAcceleration", 3)],
            Self::Oriented { accelerated: false } => &[("sensorOrientation", 4)],
            Self::Segments => &[("orientation", 4)],
        }
    }

    const fn note(self) -> &'static str {
        match self {
            Self::Inertial => "accelerometers and gyroscopes of the sensors",
            Self::Oriented { accelerated: true } => "no gyroscope in the file: the maker's own orientations are used",
            Self::Oriented { accelerated: false } => {
                "no gyroscope in the file: the maker's own orientations are used; without accelerations there is no hip travel"
            }
            Self::Segments => {
                "no data of sensors in the file: the orientations of the maker's body model are used; without accelerations \
                 there is no hip travel"
            }
        }
    }
}

/// An element of a frame by its place among those that are read, with its text.
type Element<'a> = (usize, BytesText<'a>);

/// What stands before the frames, and what is in them.
struct Suit {
    hertz: Option<f64>,
    holds: Holds,
    /// Of the sensors; of the segments, if only they are there.
    names: Vec<String>,
}

/// One instant, with the numbers of the chosen sensors, element by element.
#[derive(Default)]
struct Frame {
    index: Option<i64>,
    time_ms: Option<i64>,
    epoch_ms: Option<i64>,
    numbers: Vec<Vec<f64>>,
}

impl Frame {
    fn begin(start: &BytesStart<'_>) -> Self {
        let number = |name: &str| attribute(start, name)?.trim().parse().ok();
        Self { index: number("index"), time_ms: number("time"), epoch_ms: number("ms"), numbers: Vec::new() }
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    Some(start.try_get_attribute(name).ok()??.value.into_owned())
}

fn is_measured(start: &BytesStart<'_>) -> bool {
    start.local_name().as_ref() == "frame" && attribute(start, "type").is_none_or(|kind| kind == "normal")
}

fn wrong(text: &Text, found: impl Into<String>) -> ImportError {
    Complaint::new(found, "export it again").of(text.path())
}

/// The next thing in the XML.
fn next<'a>(text: &Text, reader: &mut Reader<&'a [u8]>) -> Result<Event<'a>, ImportError> {
    let at = reader.buffer_position();
    reader.read_event().map_err(|error| wrong(text, format!("damaged XML near byte {at}: {error}")))
}

impl Suit {
    /// Looks as far as the first frame.
    fn read(text: &Text) -> Result<Self, ImportError> {
        let mut reader = Reader::from_reader(text.content());
        let (mut sensors, mut segments, mut hertz) = (Vec::new(), Vec::new(), None);
        let mut elements: Option<Vec<String>> = None;
        loop {
            match next(text, &mut reader)? {
                Event::Start(start) | Event::Empty(start) => {
                    let name = start.local_name().as_ref().to_owned();
                    match (name.as_str(), &mut elements) {
                        (_, Some(elements)) => elements.push(name),
                        ("subject", _) => {
                            hertz = attribute(&start, "frameRate").and_then(|rate| rate.parse().ok());
                        }
                        ("sensor", _) => sensors.extend(attribute(&start, "label")),
                        ("segment", _) => segments.extend(attribute(&start, "label")),
                        ("frame", _) if is_measured(&start) => elements = Some(Vec::new()),
                        _ => {}
                    }
                }
                Event::End(end) if elements.is_some() && end.local_name().as_ref() == "frame" => break,
                Event::Eof => return Err(wrong(text, "there is no whole frame with a measurement")),
                _ => {}
            }
        }
        let elements = elements.unwrap_or_default();
        let has = |name: &str| elements.iter().any(|element| element == name);
        let (holds, names) = if has("sensorAcceleration") && has("sensorAngularVelocity") {
            (Holds::Inertial, sensors)
        } else if has("sensorOrientation") {
            (Holds::Oriented { accelerated: has("sensorFreeAcceleration") }, sensors)
        } else if has("orientation") {
            (Holds::Segments, segments)
        } else {
            return Err(Complaint::new("its frames hold no orientations", "choose them in the export").of(text.path()));
        };
        Ok(Self { hertz: hertz.filter(|hertz| *hertz > 0.0), holds, names })
    }

    /// The frames with measurements. One that the end of the file cuts is left out.
    fn frames(&self, text: &Text, chosen: &[usize], warnings: &mut Vec<String>) -> Result<Vec<Frame>, ImportError> {
        let mut reader = Reader::from_reader(text.content());
        let mut frames = Vec::new();
        let mut open: Option<(Frame, Vec<Element<'_>>)> = None;
        let mut element = None;
        loop {
            match next(text, &mut reader)? {
                Event::Start(start) if is_measured(&start) => open = Some((Frame::begin(&start), Vec::new())),
                Event::Start(start) => {
                    let name = start.local_name();
                    element = self.holds.elements().iter().position(|(known, _)| *known == name.as_ref());
                }
                Event::Text(numbers) => {
                    if let (Some((_, elements)), Some(place)) = (&mut open, element.take()) {
                        elements.push((place, numbers));
                    }
                }
                Event::End(end) if end.local_name().as_ref() == "frame" => {
                    let Some((frame, elements)) = open.take() else { continue };
                    let at = frames.len() + 1;
                    let numbers = self.all_numbers(&elements, chosen);
                    let numbers = numbers.map_err(|what| wrong(text, format!("frame {at}: {what}")))?;
                    frames.push(Frame { numbers, ..frame });
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if open.is_some() {
            let (file, at) = (file_name(text.path()), frames.len() + 1);
            warnings.push(format!("{file}: it ends in the middle of frame {at}, which is left out: export it again"));
        }
        Ok(frames)
    }

    /// The numbers of the chosen sensors, element by element.
    fn all_numbers(&self, elements: &[Element<'_>], chosen: &[usize]) -> Result<Vec<Vec<f64>>, String> {
        let of = |(place, (name, _)): (usize, &(&str, usize))| {
            let found = elements.iter().find(|(element, _)| *element == place);
            let (_, text) = found.ok_or_else(|| format!("it lacks {name}, which the first one has"))?;
            self.numbers(text, place, chosen)
        };
        self.holds.elements().iter().enumerate().map(of).collect()
    }

    /// The numbers of the chosen sensors in an element.
    fn numbers(&self, text: &str, place: usize, chosen: &[usize]) -> Result<Vec<f64>, String> {
        let (name, width) = self.holds.elements()[place];
        let all: Vec<&str> = text.split_ascii_whitespace().collect();
        if all.len() != width * self.names.len() {
            let (found, sensors) = (all.len(), self.names.len());
            return Err(format!("{name} has {found} numbers, {sensors} sensors need {}", width * sensors));
        }
        let cells = chosen.iter().flat_map(|sensor| &all[width * sensor..width * (sensor + 1)]);
        cells.map(|cell| cell.parse::<f64>().map_err(|_| format!("{name}: \"{cell}\" is not a number"))).collect()
    }

    /// Device times, ns: by the number of the frame and the rate where they are there, else in milliseconds.
    fn times(&self, text: &Text, frames: &[Frame]) -> Result<Vec<i64>, ImportError> {
        #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate")]
        let by_index = |hertz: f64| {
            let time = |frame: &Frame| Some((frame.index? as f64 * 1e9 / hertz).round() as i64);
            frames.iter().map(time).collect::<Option<Vec<i64>>>()
        };
        let by_clock = || {
            let time = |frame: &Frame| frame.time_ms.or(frame.epoch_ms)?.checked_mul(1_000_000);
            frames.iter().map(time).collect::<Option<Vec<i64>>>()
        };
        let mut times = self.hertz.and_then(by_index).or_else(by_clock).ok_or_else(|| {
            wrong(text, "its frames have neither numbers (with the frame rate of the subject) nor times")
        })?;
        let numbers: Vec<usize> = (1..=frames.len()).collect();
        unwrap(text.path(), &mut times, &numbers, None)?;
        Ok(times)
    }

    fn track(
        &self,
        text: &Text,
        frames: &[Frame],
        times: &[i64],
        (place, role, name): (usize, SensorRole, &str),
    ) -> Result<Track, ImportError> {
        let value = |frame: usize, element: usize, axis: usize| {
            let (_, width) = self.holds.elements()[element];
            frames[frame].numbers[element][width * place + axis]
        };
        let vector = |frame: usize, element: usize| [0, 1, 2].map(|axis| value(frame, element, axis));
        let samples = match self.holds {
            Holds::Inertial => {
                let column = |element, axis| (0..frames.len()).map(|frame| value(frame, element, axis)).collect();
                let columns: [Vec<f64>; 6] = std::array::from_fn(|axis| column(axis / 3, axis % 3));
                inertial(times, &columns, Scales { force: 1.0, rate: 1.0 })
            }
            Holds::Oriented { .. } | Holds::Segments => oriented(times, |frame| {
                let wxyz = [0, 1, 2, 3].map(|axis| value(frame, 0, axis));
                // CLAIM: the maker's quaternion takes sensor (or segment) to Earth.
                let rotation = Rotation::<Sensor, _>::from_wxyz(wxyz)
                    .ok_or_else(|| wrong(text, format!("frame {}: {name} has no orientation", frame + 1)))?;
                let accelerated = self.holds == Holds::Oriented { accelerated: true };
                let free = accelerated.then(|| FreeAcceleration::from_vector(vector(frame, 1).into()));
                Ok((rotation, free))
            })?,
        };
        let mut track = track(role, "Xsens MVN", self.hertz, ClockKind::Shared, samples);
        name.clone_into(&mut track.device.serial);
        Ok(track)
    }
}
