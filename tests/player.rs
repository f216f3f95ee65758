//! What a sensor measures in real time: rest, and from some moment on a simulated session.

use std::time::Duration;

use truehinge_core::{
    AngularRate, DeviceTime, Interval, STANDARD_GRAVITY, SampleRate, Sensor, SensorRole, SessionTime, Side,
    SpecificForce,
};
use truehinge_sim::scenario::{Calibration, Interruption, Sign, Signs, When};
use truehinge_sim::truth::RepKind;
use truehinge_sim::{Scenario, SimulatedSession, VirtualSample, VirtualTrack};

/// A short session for tests in real time, by sensors of this rate: two sets of two with a rest between them if asked for, else
/// one set of three; the second repetition is a drift. Nothing in it depends on the rate.
///
/// # Panics
/// The rate is not positive.
pub fn short_session(hertz: f64, two_sets: bool) -> SimulatedSession {
    use RepKind::{Hinge, KneeDrift};
    let kinds = if two_sets { vec![Hinge, KneeDrift, Hinge, Hinge] } else { vec![Hinge, KneeDrift, Hinge] };
    simulated(&Scenario {
        blocks: vec![(Side::Left, kinds)],
        interruption: two_sets.then_some(Interruption::Rest),
        ..brief(hertz)
    })
}

/// Somebody who begins without a calibration after a short rest, at a rate.
fn brief(hertz: f64) -> Scenario {
    let Some(rate) = SampleRate::from_hertz(hertz) else { panic!("{hertz} Hz") };
    Scenario { calibration: Calibration::None, quiet: 2.0, rate, ..Scenario::typical(4) }
}

fn simulated(scenario: &Scenario) -> SimulatedSession {
    scenario.run().unwrap_or_else(|error| panic!("{error}"))
}

/// A session of somebody with both hands full: signs with the leg begin a set of a hinge and a drift, end it, and undo it.
///
/// # Panics
/// The rate is not positive.
pub fn signed_session(hertz: f64) -> SimulatedSession {
    let signs = [
        (When::Before, [Sign::HeelUp, Sign::HeelUp]),
        (When::Within, [Sign::ToesOut, Sign::ToesOut]),
        (When::After, [Sign::HeelUp, Sign::ToesOut]),
    ];
    simulated(&Scenario {
        blocks: vec![(Side::Left, vec![RepKind::Hinge, RepKind::KneeDrift])],
        signs: signs.map(|(when, signs)| Signs { block: 0, when, signs: signs.to_vec() }).to_vec(),
        ..brief(hertz)
    })
}

/// The track of a role.
///
/// # Panics
/// There is none.
pub fn track_of(session: &SimulatedSession, role: SensorRole) -> VirtualTrack {
    match session.tracks.iter().find(|track| track.role == role) {
        Some(track) => track.clone(),
        None => panic!("no {role} sensor"),
    }
}

/// Plays a track; before it begins and after it has ended, the sensor rests as it lay at that end.
pub struct Player {
    samples: Vec<VirtualSample>,
    /// Between samples, truly and by the device's clock.
    period: Duration,
    tick: Interval,
    /// Samples so far.
    measured: u32,
    /// Number of the first sample of the session.
    first: Option<u32>,
    /// Angular rate at rest: the track's mean, which is the gyroscope's bias. That of any one sample is a movement, and would be
    /// taken for a bias if it went on.
    resting: AngularRate<Sensor>,
    /// A count in the angular rate makes every sample different.
    counts: bool,
}

impl Player {
    /// A sensor that lies still and measures `rate` times a second.
    pub fn still(rate: f64) -> Self {
        let sample = |seconds: f64| VirtualSample {
            true_time: SessionTime::from_seconds(seconds),
            device_time: DeviceTime::from_seconds(100.0 + seconds),
            specific_force: SpecificForce::new(0.0, 0.0, STANDARD_GRAVITY),
            angular_rate: AngularRate::new(0.0, 0.0, 0.0),
        };
        Self { counts: true, ..Self::of(vec![sample(0.0), sample(1.0 / rate)]) }
    }

    /// One that rests until the session begins.
    pub fn new(track: VirtualTrack) -> Self {
        Self::of(track.samples)
    }

    fn of(samples: Vec<VirtualSample>) -> Self {
        let [a, b, ..] = samples[..] else { panic!("a track has samples") };
        let period = Duration::from_secs_f64((b.true_time - a.true_time).seconds());
        let sum = samples.iter().fold([0.0; 3], |sum, sample| {
            let [x, y, z] = sample.angular_rate.to_array();
            [sum[0] + x, sum[1] + y, sum[2] + z]
        });
        let [x, y, z] = sum.map(|total| total / samples.len() as f64);
        let (tick, resting) = (b.device_time - a.device_time, AngularRate::new(x, y, z));
        Self { samples, period, tick, measured: 0, first: None, resting, counts: false }
    }

    /// The session begins at this time, on the clock of [`Player::next`].
    pub fn begin(&mut self, at: Duration) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "minutes of samples")]
        let first = (at.as_secs_f64() / self.period.as_secs_f64()).ceil() as u32;
        self.first = Some(first.max(self.measured));
    }

    /// The next sample, if it is time for it.
    pub fn next(&mut self, now: Duration) -> Option<VirtualSample> {
        if self.period * self.measured > now {
            return None;
        }
        let number = self.measured;
        self.measured += 1;
        let into = self.first.and_then(|first| number.checked_sub(first)).map(|into| into as usize);
        let last = self.samples.len() - 1;
        let source = self.samples[into.unwrap_or(0).min(last)];
        let moves = into.is_some_and(|into| into <= last);
        let turn = if self.counts { f64::from(number % 100) * 1e-2 } else { 0.0 };
        let [x, y, z] = if moves { source.angular_rate } else { self.resting }.to_array();
        Some(VirtualSample {
            true_time: SessionTime::from_seconds((self.period * number).as_secs_f64()),
            device_time: self.samples[0].device_time + Interval::from_nanos(self.tick.nanos() * i64::from(number)),
            angular_rate: AngularRate::new(x + turn, y, z),
            ..source
        })
    }
}
