//! A session as it is recorded: sensors, coach and markers joined, and everything that happens from one source.
//!
//! A [`Plan`] creates the recording, [`Created::begin`] starts its coach, [`Running::run`] records until it is stopped, and
//! [`Recorded::settle`] gives the analysis of what was stored the last word. Whoever shows it, a screen, lines or a page, hears every
//! [`Event`] by one listener and does everything by a [`Control`]:
//!
//! ```no_run
//! use tokio_util::sync::CancellationToken;
//! use truehinge_core::{Anthropometry, AthleteId, Side};
//! use truehinge_session::radio::{Radio, runtime};
//! use truehinge_session::recording::{Command, Event, Marking, Plan};
//! use truehinge_session::sensors::{Sensors, identify};
//! use truehinge_session::{Judge, protocol};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let plan = Plan {
//!         folder: "recordings".into(),
//!         athlete: AthleteId::new("P-014")?,
//!         side: Side::Left,
//!         body: Anthropometry::default(),
//!         protocol: protocol::named_or_read("single-leg-hip-hinge")?,
//!         marking: Marking::default(),
//!         hands_free: false,
//!         squad: None,
//!     };
//!     runtime()?.block_on(async {
//!         let radio = Radio::new(None);
//!         let worn = identify(&radio, &Sensors::of(&plan.folder)?.wanted(&[])?, None).await?;
//!         // A page would send each event to its browsers.
//!         let listener = |event: &Event| println!("{}", serde_json::to_string(event).unwrap_or_default());
//!         let running = plan.create()?.begin(&worn, Judge::default(), CancellationToken::new(), listener)?;
//!         // Its buttons use clones of this.
//!         let control = running.control();
//!         control.ask(Command::ClockCheck);
//!         control.stop_after(std::time::Duration::from_secs(60));
//!         let links = running.links(&radio);
//!         running.run(links).await?.settle();
//!         Ok(())
//!     })
//! }
//! ```

mod audience;
mod board;
mod control;
mod device_sync;
mod event;
mod prompt;
mod replay;
mod sets;
mod squad;
mod start;
mod tap;
mod telling;
mod trouble;
pub mod voice;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use truehinge_ble::radio::{HostClock, Radio, RadioLink};
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{Markers, RecordError, SensorLink, SensorTally, record};
use truehinge_core::id::recording_name;
use truehinge_core::{
    Anthropometry, AthleteId, Explained, Marker, Protocol, SensorRole, SessionAnalysis, SessionInfo, Side, Source,
    Stored,
};
use truehinge_dataset::DatasetError;
use truehinge_dataset::recording::{RecordingError, RecordingWriter, UNFINISHED_SUFFIX, is_running, read};

pub use board::{Board, SensorLine, Stage, Tile};
pub use control::Control;
pub use device_sync::{DeviceSyncError, share_clocks};
pub use event::{Event, StartedSensor, SyncStage};
pub use prompt::{Answer, Prompt, Tone};
pub use replay::Replay;
pub use sets::{Asked, Command, Marking};
pub use squad::{Connected, Squad};
pub use start::today;
pub use trouble::Trouble;

use crate::coach::{Coach, CoachThread};
use crate::sensors::Worn;
use crate::{Error, Judge};
use audience::Audience;
use sets::Sets;
use start::Start;
use telling::Telling;

/// What is to be recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// Where.
    pub folder: PathBuf,
    /// Whose session.
    pub athlete: AthleteId,
    /// The supporting leg of its first set.
    pub side: Side,
    /// What is known of the body.
    pub body: Anthropometry,
    /// Which exercise, with the text of its file, which is stored in the recording.
    pub protocol: (Protocol, String),
    /// Who says where sets begin and end.
    pub marking: Marking,
    /// Sets are begun, ended and undone by gestures of the leg that wears the shin sensor. Before the first one nothing counts, unless the
    /// set finder looks for sets.
    pub hands_free: bool,
    /// Who takes turns with the athlete, if somebody does.
    pub squad: Option<Arc<Squad>>,
}

impl Plan {
    /// Creates the recording; the session begins now.
    ///
    /// # Errors
    /// The file system says no, or the name is taken.
    pub fn create(&self) -> Result<Created, RecordingError> {
        let clock = HostClock::start();
        let info = self.info(Start::now());
        let name = recording_name(&info.athlete, &info.session);
        let writer = Box::new(RecordingWriter::create(&self.folder, &name, &info)?);
        let sets = Sets::new(self.side, self.marking);
        let sets = if self.hands_free { sets.begun_by_people() } else { sets };
        let squad = self.squad.clone();
        let (folder, end_on_form_loss) = (self.folder.clone(), self.marking.ends_on_form_loss());
        let (side, hands_free) = (self.side, self.hands_free);
        Ok(Created { folder, side, sets, end_on_form_loss, hands_free, squad, clock, info, name, writer })
    }

    fn info(&self, start: Start) -> SessionInfo {
        let (protocol, file) = &self.protocol;
        SessionInfo {
            session: start.session(),
            athlete: self.athlete.clone(),
            start_utc_ns: start.utc_ns(),
            zone: start.zone(),
            stance_side: Some(self.side),
            protocol: protocol.name.clone(),
            body: self.body.clone(),
            source: Source {
                format: "truehinge-mcap".to_owned(),
                protocol_file: Some(file.clone()),
                ..Source::default()
            },
        }
    }
}

/// A recording that holds nothing yet. Its file is there.
pub struct Created {
    folder: PathBuf,
    side: Side,
    sets: Sets,
    end_on_form_loss: bool,
    hands_free: bool,
    squad: Option<Arc<Squad>>,
    clock: HostClock,
    info: SessionInfo,
    /// File name without what stands behind it: `ATHLETE_20260131-174205`, by the clock on the wall.
    name: String,
    // In a box: what is awaited while it is written stays small.
    writer: Box<RecordingWriter>,
}

/// Markers that may wait for the recorder.
const WAITING: usize = 16;

impl Created {
    /// The path that it will have.
    pub fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.mcap", self.name))
    }

    /// Begins the session: tells of recordings that were not ended and of this one, and starts its coach. It ends when `stop` fires. The
    /// listener is called on two threads, one at a time.
    ///
    /// # Errors
    /// As [`Coach::new`].
    pub fn begin(
        self,
        worn: &[Worn],
        judge: Judge,
        stop: CancellationToken,
        listener: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Running, Error> {
        let coach = Coach::new(&self.info, &judge)?.ending_on_form_loss(self.end_on_form_loss);
        let protocol = Arc::new(judge.protocol(&self.info)?);
        let path = self.path();
        let audience = Audience::new(listener);
        for recording in unfinished(&self.folder, &self.name) {
            audience.tell(&Event::Unfinished { recording });
        }
        let sensors = worn.iter().map(StartedSensor::of).collect();
        let (athlete, squad) = (self.info.athlete.clone(), self.squad);
        let turns = squad.as_ref().map_or(0, |squad| squad.athletes.len());
        let (side, hands_free) = (Some(self.side), self.hands_free);
        audience.tell(&Event::Begin { recording: path, athlete, squad, side, sensors, hands_free, protocol });
        let (markers, asked) = mpsc::channel(WAITING);
        let first = self.sets.first();
        let control = Control::new(self.sets, self.clock, markers, stop, audience).of_turns(turns);
        let control = if hands_free { control.by_gestures(judge.method()) } else { control };
        let coach = CoachThread::start(coach, control.coach_listener());
        for sensor in worn {
            coach.hear(Stored::Sensor(sensor.role, sensor.device(), sensor.driver.clock()));
        }
        let Self { folder, clock, name, writer, .. } = self;
        let kept = folder.join(format!("{name}{UNFINISHED_SUFFIX}"));
        Ok(Running { worn: worn.to_vec(), first, clock, writer, kept, control, asked, coach, judge })
    }
}

/// What a crash or a full disk left behind in a folder, in order; not the own one, nor any that is being made.
fn unfinished(folder: &Path, own: &str) -> Vec<PathBuf> {
    // A folder that cannot be listed could not have been recorded into either.
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_left = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.ends_with(UNFINISHED_SUFFIX) && !name.starts_with(own) && !is_running(path)
    };
    let mut left: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_left).collect();
    left.sort();
    left
}

/// A session that has begun.
pub struct Running {
    worn: Vec<Worn>,
    /// What is marked at its beginning.
    first: Marker,
    clock: HostClock,
    writer: Box<RecordingWriter>,
    /// What it is called as long as it is not finished.
    kept: PathBuf,
    control: Control,
    asked: mpsc::Receiver<Marker>,
    coach: CoachThread,
    judge: Judge,
}

impl Running {
    /// What somebody does during the session; any number of clones of it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// The sensors over the computer's Bluetooth.
    pub fn links(&self, radio: &Arc<Radio>) -> Vec<SensorLink> {
        let link = |sensor: &Worn| SensorLink {
            role: sensor.role,
            link: Box::new(RadioLink::new(Arc::clone(radio), &sensor.address, self.clock)),
            driver: Arc::clone(&sensor.driver),
        };
        self.worn.iter().map(link).collect()
    }

    /// The sensors as they stay connected from one recording to the next.
    pub fn links_of(&self, connected: &Connected) -> Vec<SensorLink> {
        connected.links(self.clock)
    }

    /// Records until it is stopped, or all links have ended. Its future stays on the thread that polls it.
    ///
    /// # Errors
    /// Storage that fails; what was stored before is kept.
    pub async fn run(self, links: Vec<SensorLink>) -> Result<Recorded, EndedEarly> {
        let Self { worn, first, mut writer, kept, control, asked, coach, judge, .. } = self;
        let planned = [first];
        let mut telling = Telling::new(control.clone(), worn.iter().map(|sensor| sensor.role));
        let mut observer = |event: &RecorderEvent<'_>| {
            telling.hear(event);
            stored(event).into_iter().for_each(|stored| coach.hear(stored));
        };
        let markers = Markers { planned: &planned, asked: Some(asked) };
        let recorded = record(links, &mut *writer, markers, control.stopping(), &mut observer).await;
        let coach = coach.end();
        let early = |cause: Cause| {
            control.audience().tell(&Event::EndedEarly);
            EndedEarly { cause, kept }
        };
        match recorded {
            Err(cause) => Err(early(cause.into())),
            Ok(tallies) => match writer.finish() {
                Err(cause) => Err(early(cause.into())),
                Ok(path) => Ok(Recorded { path, tallies, coach, judge, audience: control.audience() }),
            },
        }
    }
}

/// What the recorder stores, as a story.
fn stored(event: &RecorderEvent<'_>) -> Vec<Stored> {
    match event {
        RecorderEvent::Samples(role, samples) => samples.iter().map(|sample| Stored::Sample(*role, *sample)).collect(),
        RecorderEvent::Gap(role, lost) => vec![Stored::Gap(*role, *lost)],
        RecorderEvent::Marker(marker) => vec![Stored::Marker((*marker).clone())],
        _ => Vec::new(),
    }
}

/// The storage failed.
#[derive(Debug, thiserror::Error)]
#[error("{cause}; what was stored until then is kept in {}", kept.display())]
pub struct EndedEarly {
    /// What it said.
    pub cause: Cause,
    /// What was stored before.
    pub kept: PathBuf,
}

impl Explained for EndedEarly {
    fn code(&self) -> &'static str {
        "recording_ended_early"
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        let before = self.cause.hint().map_or_else(String::new, |hint| format!("{hint}; "));
        Some(format!("{before}recover what was kept").into())
    }
}

/// What the storage said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// While it was recorded.
    #[error(transparent)]
    Storing(#[from] RecordError),
    /// At its end.
    #[error(transparent)]
    Finishing(#[from] RecordingError),
}

impl Explained for Cause {
    fn code(&self) -> &'static str {
        match self {
            Self::Storing(error) => error.code(),
            Self::Finishing(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Storing(error) => error.hint(),
            Self::Finishing(error) => error.hint(),
        }
    }
}

/// A recording that is whole.
pub struct Recorded {
    /// Where it is.
    pub path: PathBuf,
    /// What came from each sensor.
    pub tallies: BTreeMap<SensorRole, SensorTally>,
    coach: Option<Coach>,
    judge: Judge,
    audience: Audience,
}

impl Recorded {
    /// Tells what the analysis of the stored recording says, what of it was told otherwise during the session, and the end. It takes
    /// some seconds after a long session.
    pub fn settle(self) -> Option<Arc<SessionAnalysis>> {
        let Self { path, tallies, coach, judge, audience } = self;
        let analysed = read(&path).map_err(|error| Error::from(DatasetError::from(error)));
        let analysis = match (analysed.and_then(|recording| judge.analyse_recording(&recording)), coach) {
            (Ok(analysis), Some(mut coach)) => {
                coach.settle(&analysis, &mut |message| audience.tell(&Event::Coach(message)));
                let analysis = Arc::new(analysis);
                audience.tell(&Event::Analysed(Arc::clone(&analysis)));
                Some(analysis)
            }
            (Ok(analysis), None) => {
                audience.tell(&Event::CoachFailed);
                Some(Arc::new(analysis))
            }
            (Err(error), _) => {
                audience.tell(&Event::NotAnalysed { error: Arc::new(error) });
                None
            }
        };
        audience.tell(&Event::End { recording: path, sensors: tallies });
        analysis
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_left_is_named_in_order_and_what_is_whole_is_not() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["b", "a", "own"] {
            std::fs::write(path(&format!("{name}{UNFINISHED_SUFFIX}")), b"").expect("writes");
        }
        std::fs::write(path("whole.mcap"), b"").expect("writes");
        let left = ["a", "b"].map(|name| path(&format!("{name}{UNFINISHED_SUFFIX}")));
        assert_eq!(unfinished(folder.path(), "own"), left);
        assert!(unfinished(&path("nowhere"), "own").is_empty());
    }

    #[test]
    fn a_recording_that_ends_early_says_where_the_rest_is() {
        let cause = RecordError::from(std::io::Error::other("the disk is full")).into();
        let error = EndedEarly { cause, kept: "recordings/P-1.unfinished.mcap".into() };
        assert_eq!(
            error.in_full(),
            "the recording cannot be stored: the disk is full; what was stored until then is kept in \
             recordings/P-1.unfinished.mcap: free some space, or choose another folder; recover what was kept"
        );
    }
}
