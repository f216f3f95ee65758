//! What an athlete is told during the session: the live analysis beside a recording, or of a recorded one.
//!
//! A [`Coach`] hears what is stored and tells a [`Message`] whenever there is something new. While a session is recorded it does so on
//! a thread of its own ([`CoachThread`]).

mod form;
mod message;
mod thread;
pub mod words;

use std::mem::{Discriminant, discriminant};

use truehinge_core::{HostTime, Marker, MarkerKind, SensorRole, SessionAnalysis, SessionInfo, Stored};
use truehinge_signal::live::LiveSession;

pub use form::FormLost;
pub use message::{Message, Subject};
pub use thread::CoachThread;
pub use truehinge_signal::live::{Cue, LiveEvent, LiveRep};
pub use truehinge_signal::watch::calibration::Lack;

use crate::{Error, Judge};
use form::Form;

/// A live session that says what is new. The same story gives the same messages, whether it is being recorded or replayed.
pub struct Coach {
    live: LiveSession,
    at: HostTime,
    /// What was said last of the calibration.
    calibration: Option<Vec<Kind>>,
    /// Of which sample the knee was told last.
    knee: HostTime,
    form: Form,
}

/// Host time between two messages of where the knee is, s: eyes follow it, and no link to a page fills.
const KNEE_EVERY: f64 = 0.04;

/// What a calibration lacks, without the numbers: they change with every look.
type Kind = (Discriminant<Lack>, Option<SensorRole>);

fn kind(lack: &Lack) -> Kind {
    let role = match lack {
        Lack::Stillness { .. } => None,
        Lack::Movements { role, .. } | Lack::Crooked { role, .. } | Lack::Unrepeatable { role, .. } => Some(*role),
    };
    (discriminant(lack), role)
}

impl Coach {
    /// For a session.
    ///
    /// # Errors
    /// [`Error::Body`] if nobody has such a body, [`Error::Protocol`] if there are no limits to judge by.
    pub fn new(info: &SessionInfo, judge: &Judge) -> Result<Self, Error> {
        info.body.check()?;
        let protocol = judge.protocol(info)?;
        let live = LiveSession::new(info.clone(), judge.method().clone(), protocol);
        let form = Form::new();
        Ok(Self { live, at: HostTime::ZERO, calibration: None, knee: HostTime::ZERO, form })
    }

    /// The same, where a set that is looked for is over when its form is lost.
    #[must_use]
    pub fn ending_on_form_loss(mut self, ends: bool) -> Self {
        self.form.ends = ends;
        self
    }

    /// Takes the next thing that was stored.
    pub fn hear(&mut self, stored: &Stored, tell: &mut dyn FnMut(Message)) {
        match stored {
            // Each set is calibrated on its own.
            Stored::Marker(Marker { kind: MarkerKind::SetStart { .. } | MarkerKind::SearchStart { .. }, .. }) => {
                self.calibration = None;
            }
            Stored::Sample(_, sample) => self.at = sample.arrival.map_or(self.at, |arrival| arrival.max(self.at)),
            _ => {}
        }
        let at = self.at;
        let mut is_news = false;
        self.live.hear(stored, &mut |event| {
            is_news |= matches!(event, LiveEvent::Repetition(_) | LiveEvent::Revised(_));
            tell(Message { at, subject: Subject::Movement(Box::new(event)) });
        });
        if let Stored::Marker(marker) = stored {
            self.form.marker(marker);
        }
        if is_news {
            self.tell_form(tell);
        }
        if matches!(stored, Stored::Sample(..)) {
            self.tell_knee(tell);
            self.tell_calibration(tell);
        }
    }

    /// That the form of the running set is lost, once.
    fn tell_form(&mut self, tell: &mut dyn FnMut(Message)) {
        let told: Vec<&LiveRep> = self.live.told().collect();
        let Some(loss) = self.form.lost(&told) else { return };
        if self.form.ends {
            self.live.enough();
        }
        tell(Message { at: self.at, subject: Subject::FormLost(loss) });
    }

    fn tell_knee(&mut self, tell: &mut dyn FnMut(Message)) {
        let Some(cue) = self.live.knee().filter(|cue| (cue.at - self.knee).seconds() >= KNEE_EVERY) else { return };
        self.knee = cue.at;
        tell(Message { at: self.at, subject: Subject::Knee(cue) });
    }

    fn tell_calibration(&mut self, tell: &mut dyn FnMut(Message)) {
        let Some(lacks) = self.live.calibration() else { return };
        let kinds: Vec<Kind> = lacks.iter().map(kind).collect();
        if self.calibration.as_ref() != Some(&kinds) {
            self.calibration = Some(kinds);
            tell(Message { at: self.at, subject: Subject::Calibration(lacks.to_vec()) });
        }
    }

    /// The analysis of the stored recording has the last word.
    pub fn settle(&mut self, analysis: &SessionAnalysis, tell: &mut dyn FnMut(Message)) {
        let at = self.at;
        self.live.finish(analysis, &mut |event| tell(Message { at, subject: Subject::Movement(Box::new(event)) }));
    }
}
