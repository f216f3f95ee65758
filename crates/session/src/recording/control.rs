//! What somebody does while a session runs.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use truehinge_ble::radio::HostClock;
use truehinge_core::{HostTime, InertialSample, Marker, MarkerKind, SensorRole};
use truehinge_signal::live::{Gesture, GestureFinder, Gestured};
use truehinge_signal::method::Method;

use super::audience::Audience;
use super::event::Event;
use super::sets::{Asked, Command, Sets};
use super::tap::TapFinder;
use crate::coach::Message;

/// What somebody does while a session runs, from any thread: keys, buttons of a page, a timer.
#[derive(Clone)]
pub struct Control {
    sets: Arc<Mutex<Sets>>,
    /// Waits for a tap that was announced.
    tap: Arc<Mutex<Option<TapFinder>>>,
    /// Where sets are begun and ended without hands.
    gestures: Option<Arc<Mutex<GestureFinder>>>,
    clock: HostClock,
    markers: mpsc::Sender<Marker>,
    stop: CancellationToken,
    audience: Audience,
    /// How many take turns.
    turns: usize,
    /// Whose turn is next, once somebody has said so.
    next: Arc<OnceLock<usize>>,
}

impl Control {
    pub(super) fn new(
        sets: Sets,
        clock: HostClock,
        markers: mpsc::Sender<Marker>,
        stop: CancellationToken,
        audience: Audience,
    ) -> Self {
        let (sets, tap) = (Arc::new(Mutex::new(sets)), Arc::default());
        Self { sets, tap, gestures: None, clock, markers, stop, audience, turns: 0, next: Arc::default() }
    }

    pub(super) fn of_turns(self, turns: usize) -> Self {
        Self { turns, ..self }
    }

    pub(super) fn by_gestures(self, method: &Method) -> Self {
        Self { gestures: Some(Arc::new(Mutex::new(GestureFinder::new(method)))), ..self }
    }

    /// Whose turn is next, by the place in the squad, once somebody has said so.
    pub fn next_athlete(&self) -> Option<usize> {
        self.next.get().copied()
    }

    /// Does what is asked for: markers in the recording, now, and an [`Event::Asked`] that says what holds since. Not to be called by
    /// the listener.
    pub fn ask(&self, command: Command) {
        let now = self.clock.now();
        self.ask_at(command, now, now);
    }

    /// The same of somebody who began to ask at one time, and was understood at another: a set ends where it is asked, all else begins where
    /// that is understood.
    fn ask_at(&self, command: Command, began: HostTime, now: HostTime) -> Asked {
        let (markers, asked) = locked(&self.sets).ask(command);
        if command == Command::TapCheck {
            *locked(&self.tap) = Some(TapFinder::default());
        }
        // At one instant: what is void together is told by that.
        for kind in markers {
            let at = if kind == MarkerKind::SetEnd { began } else { now };
            self.mark(Marker { at, kind });
        }
        self.audience.tell(&Event::Asked(asked));
        if let Command::Athlete(next) = command
            && next < self.turns
        {
            // Who is named first is next.
            let _ = self.next.set(next);
            self.stop();
        }
        asked
    }

    /// Somebody made signs with the leg: what they mean is done, if it can be.
    pub(super) fn gestured(&self, made: Gestured) {
        let asked = made.gesture.map(|gesture| self.ask_at(command(gesture), made.began, made.at));
        self.audience.tell(&Event::Gesture { at: made.at, began: made.began, gesture: made.gesture, asked });
    }

    fn mark(&self, marker: Marker) {
        // Where the recorder does not take it, it is ending.
        let _ = self.markers.try_send(marker);
    }

    /// Ends the recording.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Ends the recording in a while. Needs the runtime that records.
    pub fn stop_after(&self, time: Duration) {
        let stop = self.stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            stop.cancel();
        });
    }

    pub(super) fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    pub(super) fn audience(&self) -> Audience {
        self.audience.clone()
    }

    /// Passes on what the coach tells.
    pub(super) fn coach_listener(&self) -> impl FnMut(Message) + Send + use<> {
        let control = self.clone();
        move |message| {
            let marker = locked(&control.sets).hear(&message);
            control.audience.tell(&Event::Coach(message));
            marker.into_iter().for_each(|marker| control.mark(marker));
        }
    }

    /// Something happened so late.
    pub(super) fn at(&self, now: HostTime) {
        locked(&self.sets).at(now);
    }

    /// Samples came: what somebody says with them.
    pub(super) fn felt(&self, role: SensorRole, samples: &[InertialSample]) -> Felt {
        let mut gestures = self.gestures.as_deref().map(locked);
        let gesture = samples.iter().filter_map(|sample| gestures.as_mut()?.push(role, sample)).last();
        Felt { tapped: self.tapped(role, samples), gesture }
    }

    /// Which sensor was tapped, if a tap was announced and that is certain now.
    fn tapped(&self, role: SensorRole, samples: &[InertialSample]) -> Option<SensorRole> {
        let mut waiting = locked(&self.tap);
        let mut found = None;
        for sample in samples {
            let Some(at) = sample.arrival else { continue };
            self.at(at);
            if let Some(tap) = waiting.as_mut()
                && let Some(tapped) = tap.push(role, at, sample.specific_force.norm())
            {
                found = Some(tapped);
                *waiting = None;
            }
        }
        found
    }
}

/// What is said with the sensors themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Felt {
    /// The sensor that was tapped.
    pub tapped: Option<SensorRole>,
    /// Signs that were made with the leg.
    pub gesture: Option<Gestured>,
}

const fn command(gesture: Gesture) -> Command {
    match gesture {
        Gesture::Start => Command::StartSet,
        Gesture::End => Command::EndSet,
        Gesture::Undo => Command::UndoSet,
    }
}

/// What a thread that panicked has left is still the best there is.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
