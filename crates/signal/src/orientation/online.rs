//! The live estimator: VQF, sample by sample.

use nalgebra::Vector3;
use truehinge_core::{AngularRate, Rotation, SampleRate, Sensor, Stage};

use super::pair::{Vectors, both, first, mask, vectors};
use super::vqf::{Bias, Vqf};
use super::{OrientationEstimate, RateError, filter, usable};
use crate::math::symmetric::Symmetric3;
use crate::method::{Ends, Method};
use crate::timebase::ImuSample;

/// Live orientation of one sensor: one estimate per sample, no look-ahead.
///
/// The sample rate is the one the time base measured, not the nominal one. A sample that is not a number is replaced by the
/// one before; a gap is bridged with [`OnlineOrientation::push_after_gap`], which gives the same result as filling the gap
/// by linear interpolation beforehand.
#[derive(Clone, Debug)]
pub struct OnlineOrientation {
    filter: Vqf,
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
        Ok(Self { filter: filter(method, rate)?, last: None, level })
    }

    /// Starts with what a rest has taught: the gyroscope's bias and its standard uncertainty, rad/s.
    pub fn set_bias(&mut self, bias: AngularRate<Sensor>, sigma: f64) {
        let covariance = Symmetric3::scalar(both(sigma * sigma), both(0.0));
        self.filter.bias = Bias { mean: twice(bias.vector()), covariance };
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
            self.filter.start_level(mask([true; 2]), &twice(sample.specific_force.vector()));
        }
        self.last = Some(sample);
        self.filter.update((twice(sample.angular_rate.vector()), twice(sample.specific_force.vector())));
    }
}

/// Of the two filters that run side by side the first is read.
fn twice(vector: Vector3<f64>) -> Vectors {
    vectors(&vector, &vector)
}

impl Stage for OnlineOrientation {
    type In = ImuSample;
    type Out = OrientationEstimate;

    fn push(&mut self, sample: ImuSample, emit: &mut dyn FnMut(OrientationEstimate)) {
        // Before the first usable sample there is nothing to say.
        let Some(sample) = (if usable(&sample) { Some(sample) } else { self.last }) else { return };
        self.update(sample);
        let bias = &self.filter.bias;
        emit(OrientationEstimate {
            // CLAIM: VQF's attitude maps sensor coordinates to its magnetometer-free Earth frame, z up.
            rotation: Rotation::assert_maps(self.filter.attitude().first()),
            bias: AngularRate::from_vector(first(&bias.mean)),
            bias_sigma: self.filter.bias_sigma(&bias.covariance).to_array()[0],
            at_rest: self.filter.at_rest.any(),
        });
    }
}
