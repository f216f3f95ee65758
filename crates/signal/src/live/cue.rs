//! The knee's forward travel during the movement: from the shank sensor alone, sample by sample, without look-ahead.

use std::collections::VecDeque;

use truehinge_core::{
    Anthropometry, DeviceInfo, HingeCriteria, HostTime, InertialSample, Length, Measured, Rotation, SampleRate, Sensor,
    SensorRole, SessionAnalysis, Shank, Stage, quantity::Metres,
};

use super::LiveEvent;
use crate::body::kinematics::sagittal_tilt;
use crate::method::Method;
use crate::orientation::OnlineOrientation;
use crate::timebase::ImuSample;

/// Where the knee is, against the stance before the movement.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cue {
    /// Arrival of the sample it was computed from.
    pub at: HostTime,
    /// Forward positive, with the uncertainty of a live estimate.
    pub knee_forward: Measured<Metres>,
}

/// The estimator.
pub(super) struct KneeCue {
    method: Method,
    length: Measured<Metres>,
    good: Length,
    fault: Length,
    rate: Option<SampleRate>,
    /// Samples kept until the rate is known.
    waiting: Vec<InertialSample>,
    filter: Option<OnlineOrientation>,
    lost: u32,
    to_shank: Option<Rotation<Sensor, Shank>>,
    /// Sine of the lean in the last moments at rest.
    stance: VecDeque<(HostTime, f64)>,
    beyond: bool,
    current: Option<Cue>,
}

impl KneeCue {
    pub(super) fn new(body: &Anthropometry, criteria: &HingeCriteria, method: &Method) -> Self {
        Self {
            method: method.clone(),
            length: body.shank(),
            good: criteria.knee_forward.good,
            fault: criteria.knee_forward.fault,
            rate: None,
            waiting: Vec::new(),
            filter: None,
            lost: 0,
            to_shank: None,
            stance: VecDeque::new(),
            beyond: false,
            current: None,
        }
    }

    pub(super) fn sensor(&mut self, device: &DeviceInfo) {
        self.rate = device.nominal_rate;
    }

    /// The stance of another leg, or after walking, is none.
    pub(super) fn forget_stance(&mut self) {
        self.stance.clear();
        self.current = None;
        self.beyond = false;
    }

    pub(super) fn gap(&mut self, lost: u64) {
        self.lost = self.lost.saturating_add(u32::try_from(lost).unwrap_or(u32::MAX));
    }

    /// Takes over the alignment of the latest set.
    pub(super) fn align(&mut self, analysis: &SessionAnalysis) {
        let last = analysis.sets.last().and_then(|set| set.alignment.iter().find(|a| a.role == SensorRole::Shank));
        if let Some(report) = last {
            self.to_shank = report.rotation();
        }
    }

    pub(super) fn current(&self) -> Option<Cue> {
        self.current
    }

    /// Takes a sample; `at_rest` when no sensor moves. Tells when the knee crosses a limit.
    pub(super) fn push(&mut self, sample: &InertialSample, at: HostTime, at_rest: bool) -> Option<LiveEvent> {
        let lean = self.lean(sample)?;
        if at_rest {
            self.stance.push_back((at, lean.sin()));
            while self
                .stance
                .front()
                .is_some_and(|(first, _)| (at - *first).seconds() > self.method.repetitions.anchor.stance_s)
            {
                self.stance.pop_front();
            }
        }
        if self.stance.is_empty() {
            return None;
        }
        let before = self.stance.iter().map(|(_, sine)| sine).sum::<f64>() / self.stance.len() as f64;
        let value = self.length.value * (lean.sin() - before);
        let lean_sigma = self.method.live.cue.lean_sigma_deg.to_radians();
        let sigma = (self.length.value.metres() * lean_sigma).hypot(self.length.sigma.metres() * (lean.sin() - before));
        let cue = Cue { at, knee_forward: Measured::new(value, Length::from_metres(sigma)) };
        self.current = Some(cue);
        let crossed = if self.beyond { value <= self.good } else { value > self.fault };
        if !crossed {
            return None;
        }
        self.beyond = !self.beyond;
        Some(if self.beyond { LiveEvent::KneeForward(cue) } else { LiveEvent::KneeBack(cue) })
    }

    /// Forward lean of the shank, rad; `None` before the rate and the alignment are known.
    fn lean(&mut self, sample: &InertialSample) -> Option<f64> {
        let pose = self.orient(sample)?;
        let to_shank = self.to_shank?;
        Some(sagittal_tilt(to_shank.inverse().then(pose)).radians())
    }

    fn orient(&mut self, sample: &InertialSample) -> Option<Rotation<Sensor, truehinge_core::Earth>> {
        if self.filter.is_none() {
            self.waiting.push(*sample);
            let rate = self.rate.or_else(|| measured_rate(&self.waiting, self.method.live.cue.rate_samples_count))?;
            self.filter = OnlineOrientation::new(&self.method, rate).ok();
            let waited = std::mem::take(&mut self.waiting);
            return waited.iter().fold(None, |_, sample| self.update(sample));
        }
        self.update(sample)
    }

    fn update(&mut self, sample: &InertialSample) -> Option<Rotation<Sensor, truehinge_core::Earth>> {
        let imu = ImuSample { specific_force: sample.specific_force, angular_rate: sample.angular_rate };
        let mut pose = None;
        let lost = std::mem::take(&mut self.lost);
        let bridged = u32::try_from(self.method.live.cue.bridged_count).unwrap_or(u32::MAX);
        let filter = self.filter.as_mut()?;
        let mut keep = |estimate: crate::orientation::OrientationEstimate| pose = Some(estimate.rotation);
        if lost > 0 {
            filter.push_after_gap(imu, lost.min(bridged), &mut keep);
        } else {
            filter.push(imu, &mut keep);
        }
        pose
    }
}

/// Rate over the first samples; `None` before there are `enough`.
fn measured_rate(samples: &[InertialSample], enough: usize) -> Option<SampleRate> {
    let (first, last) = (samples.first()?, samples.last()?);
    if samples.len() < enough {
        return None;
    }
    let seconds = (last.device_time - first.device_time).seconds();
    SampleRate::from_hertz((samples.len() - 1) as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{AngularRate, DeviceTime, Protocol, STANDARD_GRAVITY, SpecificForce};

    const LENGTH: f64 = 0.4;
    const LENGTH_SIGMA: f64 = 0.01;

    fn cue() -> KneeCue {
        let length = Measured::new(Length::from_metres(LENGTH), Length::from_metres(LENGTH_SIGMA));
        let body = Anthropometry { shank_length: Some(length), ..Anthropometry::default() };
        let mut cue = KneeCue::new(&body, &Protocol::default().criteria, &Method::default());
        // CLAIM: a sensor whose axes are those of the shank.
        cue.to_shank = Some(Rotation::assert_maps(nalgebra::UnitQuaternion::identity()));
        cue
    }

    /// A shank that comes to lean by `stance` (degrees) within the first two seconds, slowly enough to be at rest, and then leans
    /// forward at a steady rate, deg/s, for one more, at 100 Hz.
    fn leaning(cue: &mut KneeCue, stance: f64, rate: f64, start: f64) -> Vec<LiveEvent> {
        let lean = |t: f64| (stance * (t - 0.5).clamp(0.0, 1.0) + rate * (t - 2.0).max(0.0)).to_radians();
        let sample = |i: u32| {
            let t = f64::from(i) / 100.0;
            let at = HostTime::from_seconds(start + t);
            let sample = InertialSample {
                device_time: DeviceTime::from_seconds(t),
                arrival: Some(at),
                // With a forward lean the upward vertical is behind the shank's long axis.
                specific_force: SpecificForce::new(
                    -lean(t).sin() * STANDARD_GRAVITY,
                    lean(t).cos() * STANDARD_GRAVITY,
                    0.0,
                ),
                // Forward is about the left axis.
                angular_rate: AngularRate::new(0.0, 0.0, (lean(t - 0.01) - lean(t)) * 100.0),
            };
            (sample, at, t <= 2.0)
        };
        (0..=300).map(sample).filter_map(|(sample, at, at_rest)| cue.push(&sample, at, at_rest)).collect()
    }

    #[test]
    fn the_knee_travels_by_the_change_of_the_leans_sine() {
        for (stance, rate, start) in [(0.0, 15.0, 0.0), (0.0, -15.0, 0.0), (8.0, 15.0, 900.0), (-8.0, 15.0, 0.0)] {
            let mut cue = cue();
            leaning(&mut cue, stance, rate, start);
            let found = cue.current().expect("a cue");
            let sine = (stance + rate).to_radians().sin() - stance.to_radians().sin();
            // The online filter is off by a tenth of a degree at most here: 0.7 mm.
            assert!((found.knee_forward.value.metres() - LENGTH * sine).abs() < 7e-4, "{found:?}");
            let sigma = (LENGTH * 0.7_f64.to_radians()).hypot(LENGTH_SIGMA * sine);
            assert!((found.knee_forward.sigma.metres() - sigma).abs() < 2e-5, "{found:?}");
            assert_eq!(found.at, HostTime::from_seconds(start + 3.0));
        }
    }

    #[test]
    fn the_fault_limit_is_told_when_it_is_crossed_forward_and_only_then() {
        // The fault limit is 30 mm: 400 mm times the sine of 4.3 degrees.
        let told = |rate| leaning(&mut cue(), 0.0, rate, 0.0);
        assert_eq!((told(4.0), told(-15.0)), (vec![], vec![]));
        let [LiveEvent::KneeForward(crossed)] = told(5.0)[..] else { panic!("{:?}", told(5.0)) };
        let at = 2.0 + (0.03_f64 / LENGTH).atan().to_degrees() / 5.0;
        assert!((crossed.at.seconds() - at).abs() < 0.05, "{crossed:?} for {at}");
    }

    #[test]
    fn a_new_stance_is_waited_for_after_it_was_forgotten() {
        let mut cue = cue();
        leaning(&mut cue, 0.0, 15.0, 0.0);
        cue.forget_stance();
        assert_eq!(cue.current(), None);
    }
}
