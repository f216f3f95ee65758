//! A recording told to a coach as it happened.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use truehinge_core::{HostTime, Stored};
use truehinge_dataset::DatasetError;
use truehinge_dataset::recording::story;

use super::{Coach, Message};
use crate::{Error, Judge};

/// A recording through the live path.
pub struct Replay {
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
        let judge = judge.clone().by(Some(settled.protocol));
        Ok(Self { coach: Coach::new(&info, &judge)?, story })
    }

    /// Tells it, so many times faster than it happened (infinite does not wait at all), as long as somebody listens.
    pub fn run(mut self, speed: f64, is_heard: &dyn Fn() -> bool, tell: &mut dyn FnMut(Message)) {
        let mut pace = Pace { speed, last: None };
        for stored in self.story.iter().take_while(|_| is_heard()) {
            pace.wait(stored);
            self.coach.hear(stored, tell);
        }
    }
}

/// Lets time pass as it did, or faster.
struct Pace {
    /// How much faster; infinite does not wait at all.
    speed: f64,
    last: Option<HostTime>,
}

impl Pace {
    fn wait(&mut self, stored: &Stored) {
        let Stored::Sample(_, sample) = stored else { return };
        let Some(now) = sample.arrival else { return };
        let since = self.last.map_or(0.0, |last| (now - last).seconds());
        if since > 0.0 && self.speed.is_finite() {
            sleep(Duration::from_secs_f64(since / self.speed));
        }
        self.last = Some(self.last.map_or(now, |last| last.max(now)));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use truehinge_dataset::recording::write_recording;
    use truehinge_sim::Scenario;

    use super::super::Subject;
    use super::*;
    use truehinge_signal::live::LiveEvent;

    #[test]
    fn a_recording_tells_its_repetitions_until_nobody_listens() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a.mcap");
        let recording = Scenario::typical(1).run().expect("a session").recording();
        write_recording(&path, &recording).expect("writes");
        let judge = Judge::default();
        let told = Cell::new(0);
        let mut count = |message: Message| {
            if matches!(&message.subject, Subject::Movement(event) if matches!(**event, LiveEvent::Repetition(_))) {
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
}
