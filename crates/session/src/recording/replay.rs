//! A recording told again as it happened: the events of its session, from the story that is stored.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use truehinge_ble::SensorTally;
use truehinge_core::{AthleteId, HostTime, InertialSample, Protocol, SensorRole, Side, Stored};
use truehinge_dataset::DatasetError;
use truehinge_dataset::recording::story;

use super::event::{Event, StartedSensor};
use super::telling::EVERY;
use crate::coach::{Coach, Message};
use crate::{Error, Judge};

/// A recording through the live path. Whoever listens hears the events of a session that is being recorded, without those of the radio, of
/// which a recording keeps only what it did to the samples.
pub struct Replay {
    path: PathBuf,
    athlete: AthleteId,
    judge: Judge,
    side: Option<Side>,
    protocol: Arc<Protocol>,
    coach: Coach,
    story: Vec<Stored>,
}

impl Replay {
    /// Of a recording.
    ///
    /// # Errors
    /// [`Error::Reading`]; as [`Judge::settle`] and [`Coach::new`].
    pub fn of(recording: &Path, judge: &Judge) -> Result<Self, Error> {
        let (mut info, story) = story(recording).map_err(DatasetError::from)?;
        let settled = judge.settle(recording, &mut info)?;
        let protocol = Arc::new(settled.protocol);
        let coach = Coach::new(&info, &judge.clone().by(Some((*protocol).clone())))?;
        let (path, judge, side) = (recording.to_owned(), judge.clone(), info.stance_side);
        Ok(Self { path, athlete: info.athlete, judge, side, protocol, coach, story })
    }

    /// Tells it, so many times faster than it happened (infinite does not wait at all), as long as somebody listens. At its end the
    /// analysis of the recording has the last word, as after a session.
    pub fn run(self, speed: f64, is_heard: &dyn Fn() -> bool, listener: &mut dyn FnMut(&Event)) {
        let Self { path, athlete, judge, side, protocol, mut coach, story } = self;
        let sensors = story.iter().filter_map(started).collect();
        listener(&Event::Begin {
            recording: path.clone(),
            athlete,
            squad: None,
            side,
            sensors,
            hands_free: false,
            protocol,
        });
        let (mut pace, mut tally) = (Pace { speed, last: None }, Tally::default());
        for stored in &story {
            pace.wait(stored, is_heard);
            if !is_heard() {
                return;
            }
            tally.take(stored, listener);
            coach.hear(stored, &mut |message| listener(&Event::Coach(message)));
        }
        match judge.analyse(&path) {
            Ok(analysis) => {
                coach.settle(&analysis, &mut |message: Message| listener(&Event::Coach(message)));
                listener(&Event::Analysed(Arc::new(analysis)));
            }
            Err(error) => listener(&Event::NotAnalysed { error: Arc::new(error) }),
        }
        listener(&Event::End { recording: path, sensors: tally.sensors });
    }
}

/// A sensor that was recorded.
fn started(stored: &Stored) -> Option<StartedSensor> {
    let Stored::Sensor(role, device, _) = stored else { return None };
    let (address, model) = (device.serial.clone(), device.model.clone().into());
    Some(StartedSensor { role: *role, address, model, rate: device.nominal_rate })
}

/// What came from each sensor so far.
#[derive(Default)]
struct Tally {
    sensors: BTreeMap<SensorRole, SensorTally>,
    /// When the number of samples was told last, s.
    counted: f64,
}

impl Tally {
    /// What was stored, as what happened.
    fn take(&mut self, stored: &Stored, listener: &mut dyn FnMut(&Event)) {
        match stored {
            Stored::Sensor(..) => {}
            Stored::Gap(role, lost) => {
                self.sensors.entry(*role).or_default().lost += lost;
                listener(&Event::Gap { role: *role, lost: *lost });
            }
            Stored::Marker(marker) => listener(&Event::Marker(marker.clone())),
            Stored::Sample(role, sample) => self.sample(*role, sample, listener),
        }
    }

    fn sample(&mut self, role: SensorRole, sample: &InertialSample, listener: &mut dyn FnMut(&Event)) {
        self.sensors.entry(role).or_default().received += 1;
        listener(&Event::Packet { role, samples: Arc::new([*sample]) });
        let Some(at) = sample.arrival.filter(|at| at.seconds() - self.counted >= EVERY) else { return };
        self.counted = at.seconds();
        let samples = self.sensors.iter().map(|(role, tally)| (*role, tally.received)).collect();
        listener(&Event::Samples { at, samples });
    }
}

/// Lets time pass as it did, or faster.
struct Pace {
    /// How much faster; infinite does not wait at all.
    speed: f64,
    last: Option<HostTime>,
}

/// Longest time in which nobody is asked whether there still is a listener.
const UNASKED: Duration = Duration::from_millis(200);

impl Pace {
    fn wait(&mut self, stored: &Stored, is_heard: &dyn Fn() -> bool) {
        let Stored::Sample(_, sample) = stored else { return };
        let Some(now) = sample.arrival else { return };
        let since = self.last.map_or(0.0, |last| (now - last).seconds());
        if since > 0.0 && self.speed.is_finite() {
            let mut left = Duration::from_secs_f64(since / self.speed);
            while !left.is_zero() && is_heard() {
                let part = left.min(UNASKED);
                sleep(part);
                left -= part;
            }
        }
        self.last = Some(self.last.map_or(now, |last| last.max(now)));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use truehinge_dataset::recording::write_recording;
    use truehinge_sim::Scenario;

    use super::super::Board;
    use super::*;
    use crate::coach::Subject;
    use truehinge_signal::live::LiveEvent;

    #[test]
    fn a_recording_tells_its_repetitions_until_nobody_listens() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a.mcap");
        let recording = Scenario::typical(1).run().expect("a session").recording();
        write_recording(&path, &recording).expect("writes");
        let judge = Judge::default();
        let told = Cell::new(0);
        let mut board = Board::default();
        let mut count = |event: &Event| {
            board.hears(event);
            let Event::Coach(Message { subject: Subject::Movement(event), .. }) = event else { return };
            if matches!(**event, LiveEvent::Repetition(_)) {
                told.set(told.get() + 1);
            }
        };
        let replay = || Replay::of(&path, &judge).expect("reads");
        replay().run(f64::INFINITY, &|| true, &mut count);
        assert!(told.get() > 1, "{told:?}");
        told.set(0);
        replay().run(f64::INFINITY, &|| told.get() == 0, &mut count);
        assert_eq!(told.get(), 1);
        assert!(matches!(Replay::of(&folder.path().join("b.mcap"), &judge), Err(Error::Reading(_))));
    }

    #[test]
    fn in_the_end_the_board_holds_what_the_analysis_says() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a.mcap");
        let recording = Scenario::demo().run().expect("a session").recording();
        write_recording(&path, &recording).expect("writes");
        let judge = Judge::default();
        let mut board = Board::default();
        Replay::of(&path, &judge).expect("reads").run(f64::INFINITY, &|| true, &mut |event| board.hears(event));
        let analysis = judge.analyse(&path).expect("analyses");
        let shown: Vec<_> =
            board.tiles().map(|tile| (tile.set, tile.told.rep.number, tile.told.rep.verdict())).collect();
        let found: Vec<_> = analysis.reps().map(|(set, rep)| (set.number, rep.number, rep.verdict())).collect();
        assert!(found.len() > 5, "{found:?}");
        assert_eq!(shown, found);
        let last = analysis.sets.last().expect("a set");
        assert_eq!(board.of_this_set().len(), last.reps.len());
        assert_eq!(board.side(), last.side);
    }
}
