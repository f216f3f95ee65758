//! The live estimator: VQF, sample by sample.

use nalgebra::{Quaternion, UnitQuaternion};
use truehinge_core::{AngularRate, Rotation, SampleRate, Sensor, Stage};
use vqf_rs::VQF;

use super::{OrientationEstimate, RateError, filter, start_level, usable};
use crate::method::{Ends, Method};
use crate::timebase::ImuSample;

/// Live orientation of one sensor: one estimate per sample, no look-ahead.
///
/// The sample rate is the one the time base measured, not the nominal one. A sample that is not a number is replaced by the
/// one before; a gap is bridged with [`OnlineOrientation::push_after_gap`], which gives the same result as filling the gap
/// by linear interpolation beforehand.
pub struct OnlineOrientation {
    rate: SampleRate,
    filter: VQF,
    last: Option<ImuSample>,
    /// Whether the first sample sets the inclination.
    level: bool,
}

impl OnlineOrientation {
    /// An estimator for samples of this rate. Unless the method says [`Ends::Published`] it starts with the inclination that the first
    /// sample shows, so start it at rest if there is a choice.
    ///
    /// # Errors
    /// A rate below 4 Hz.
    pub fn new(method: &Method, rate: SampleRate) -> Result<Self, RateError> {
        let level = method.orientation.ends == Ends::Anchored;
        Ok(Self { rate, filter: filter(method, rate)?, last: None, level })
    }

    /// Starts with what a rest has taught: the gyroscope's bias and its standard uncertainty, rad/s.
    pub fn set_bias(&mut self, bias: AngularRate<Sensor>, sigma: f64) {
        self.filter.set_bias_estimate(bias.to_array(), Some(sigma));
    }

    /// Takes the first sample after `lost` missing ones: the missing ones are interpolated, only `sample` is answered.
    pub fn push_after_gap(&mut self, sample: ImuSample, lost: u32, emit: &mut dyn FnMut(OrientationEstimate)) {
        if let Some(before) = self.last
            && usable(&sample)
        {
            for missing in 1..=lost {
                let between = before.towards(&sample, f64::from(missing) / (f64::from(lost) + 1.0));
                self.push(between, &mut |_| {});
            }
        }
        self.push(sample, emit);
    }

    fn update(&mut self, sample: ImuSample) {
        if self.level && self.last.is_none() {
            start_level(&mut self.filter, &sample);
        }
        self.last = Some(sample);
        self.filter.update(sample.angular_rate.to_array(), sample.specific_force.to_array(), None);
    }
}

impl Stage for OnlineOrientation {
    type In = ImuSample;
    type Out = OrientationEstimate;

    fn push(&mut self, sample: ImuSample, emit: &mut dyn FnMut(OrientationEstimate)) {
        // Before the first usable sample there is nothing to say.
        let Some(sample) = (if usable(&sample) { Some(sample) } else { self.last }) else { return };
        self.update(sample);
        let q = self.filter.quat_6d();
        let (bias, bias_sigma) = self.filter.bias_estimate();
        emit(OrientationEstimate {
            // CLAIM: VQF's 6D quaternion maps sensor coordinates to its magnetometer-free Earth frame, z up.
            rotation: Rotation::assert_maps(UnitQuaternion::new_unchecked(Quaternion::new(q.0, q.1, q.2, q.3))),
            bias: AngularRate::new(bias[0], bias[1], bias[2]),
            bias_sigma,
            at_rest: self.filter.rest_detected(),
        });
    }
}

impl Clone for OnlineOrientation {
    /// A second estimator in the same state.
    fn clone(&self) -> Self {
        let mut filter = VQF::new(self.rate.period_seconds(), None, None, Some(*self.filter.params()));
        *filter.state_mut() = *self.filter.state();
        Self { rate: self.rate, filter, last: self.last, level: self.level }
    }
}

impl std::fmt::Debug for OnlineOrientation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnlineOrientation").field("rate", &self.rate).field("last", &self.last).finish_non_exhaustive()
    }
}
