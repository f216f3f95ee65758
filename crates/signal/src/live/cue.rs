//! The knee's forward travel during the movement: from the shank sensor alone, sample by sample, without look-ahead.

use std::collections::VecDeque;

use truehinge_core::{
    Anthropometry, DeviceInfo, HingeCriteria, HostTime, InertialSample, Length, Measured, Rotation, SampleRate, Sensor,
    SensorRole, SessionAnalysis, Shank, Stage, quantity::Metres,
};

use super::LiveEvent;
use crate::body::kinematics::sagittal_tilt;
use crate::orientation::{OnlineOrientation, VqfParams};
use crate::timebase::ImuSample;

/// Where the knee is, against the stance before the movement.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cue {
    /// Arrival of the sample it was computed from.
    pub at: HostTime,
    /// Forward positive, with the uncertainty of a live estimate.
    pub knee_forward: Measured<Metres>,
}

/// Stance before a movement from which the change is counted, s.
const STANCE_S: f64 = 0.25;
/// Standard uncertainty of a live change of the shank's lean, rad: online filter 0.44 deg (SCIENCE §1), strap on soft tissue.
const LEAN_SIGMA: f64 = 0.7 * std::f64::consts::PI / 180.0;
/// Samples from which the rate is measured when the device does not say it.
const RATE_SAMPLES: usize = 50;

/// The estimator.
pub(super) struct KneeCue {
    vqf: VqfParams,
    length: Measured<Metres>,
    good: Length,
    fault: Length,
    rate: Option<SampleRate>,
    /// Samples kept until the rate is known.
    waiting: Vec<InertialSample>,
    filter: Option<OnlineOrientation>,
    lost: u32,
    to_shank: Option<Rotation<Sensor, Shank>>,
    /// Sine of the lean in the last moments of rest.
    stance: VecDeque<(HostTime, f64)>,
    beyond: bool,
    current: Option<Cue>,
}

impl KneeCue {
    pub(super) fn new(body: &Anthropometry, criteria: &HingeCriteria, vqf: VqfParams) -> Self {
        Self {
            vqf,
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
            self.to_shank = Rotation::from_wxyz(report.sensor_to_segment);
        }
    }

    pub(super) fn current(&self) -> Option<Cue> {
        self.current
    }

    /// Takes a sample; `resting` when no sensor moves. Tells when the knee crosses a limit.
    pub(super) fn push(&mut self, sample: &InertialSample, at: HostTime, resting: bool) -> Option<LiveEvent> {
        let lean = self.lean(sample)?;
        if resting {
            self.stance.push_back((at, lean.sin()));
            while self.stance.front().is_some_and(|(first, _)| (at - *first).seconds() > STANCE_S) {
                self.stance.pop_front();
            }
        }
        if self.stance.is_empty() {
            return None;
        }
        let before = self.stance.iter().map(|(_, sine)| sine).sum::<f64>() / self.stance.len() as f64;
        let value = self.length.value * (lean.sin() - before);
        let sigma = (self.length.value.metres() * LEAN_SIGMA).hypot(self.length.sigma.metres() * (lean.sin() - before));
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
            let rate = self.rate.or_else(|| measured_rate(&self.waiting))?;
            self.filter = OnlineOrientation::new(self.vqf, rate).ok();
            let waited = std::mem::take(&mut self.waiting);
            return waited.iter().fold(None, |_, sample| self.update(sample));
        }
        self.update(sample)
    }

    fn update(&mut self, sample: &InertialSample) -> Option<Rotation<Sensor, truehinge_core::Earth>> {
        let imu = ImuSample { specific_force: sample.specific_force, angular_rate: sample.angular_rate };
        let mut pose = None;
        let lost = std::mem::take(&mut self.lost);
        let filter = self.filter.as_mut()?;
        let mut keep = |estimate: crate::orientation::OrientationEstimate| pose = Some(estimate.rotation);
        if lost > 0 {
            filter.push_after_gap(imu, lost.min(MOST_BRIDGED), &mut keep);
        } else {
            filter.push(imu, &mut keep);
        }
        pose
    }
}

/// Samples that are bridged at most: beyond, the filter finds gravity again by itself.
const MOST_BRIDGED: u32 = 200;

/// Rate over the first samples; `None` before there are enough.
fn measured_rate(samples: &[InertialSample]) -> Option<SampleRate> {
    let (first, last) = (samples.first()?, samples.last()?);
    if samples.len() < RATE_SAMPLES {
        return None;
    }
    let seconds = (last.device_time - first.device_time).seconds();
    SampleRate::from_hertz((samples.len() - 1) as f64 / seconds)
}
