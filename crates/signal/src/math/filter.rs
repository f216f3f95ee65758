//! Zero-phase low-pass filtering of stored signals.
//!
//! A second-order Butterworth low-pass, run forwards and backwards, so that peaks stay where they are. The signal is
//! continued at both ends by point reflection, as `scipy.signal.filtfilt` does, and the filter starts in the steady state
//! of the first value. Twice the filter means 6 dB of loss at the cut-off. For live signals use a causal filter instead.

use biquad::{Biquad, Coefficients, DirectForm2Transposed, Q_BUTTERWORTH_F64, ToHertz, Type};
use truehinge_core::SampleRate;

use super::points::at_or_above;

/// Low-pass filters `signal` without shifting it in time. Cut-off in hertz; at or above half the sample rate the signal is
/// returned as it is.
pub fn low_pass(signal: &[f64], rate: SampleRate, cutoff_hz: f64) -> Vec<f64> {
    let Ok(coefficients) =
        Coefficients::<f64>::from_params(Type::LowPass, rate.hertz().hz(), cutoff_hz.hz(), Q_BUTTERWORTH_F64)
    else {
        return signal.to_vec();
    };
    let (Some(&first), Some(&last)) = (signal.first(), signal.last()) else { return Vec::new() };
    // Mathematics: two periods of the cut-off are long enough for the slowest pole to settle to 1e-4 of a step.
    let pad = at_or_above(2.0 * rate.hertz() / cutoff_hz).min(signal.len() - 1);
    let mut work = Vec::with_capacity(signal.len() + 2 * pad);
    work.extend((1..=pad).rev().map(|i| 2.0 * first - signal[i]));
    work.extend_from_slice(signal);
    work.extend((1..=pad).map(|i| 2.0 * last - signal[signal.len() - 1 - i]));
    pass(&mut work, coefficients);
    work.reverse();
    pass(&mut work, coefficients);
    work.reverse();
    work[pad..pad + signal.len()].to_vec()
}

/// One causal pass in place, started in the steady state of the first value: the offset is taken out before and put back
/// after, which is exact because the filter passes a constant unchanged.
fn pass(signal: &mut [f64], coefficients: Coefficients<f64>) {
    let Some(&offset) = signal.first() else { return };
    let mut filter = DirectForm2Transposed::<f64>::new(coefficients);
    for value in signal {
        *value = offset + filter.run(*value - offset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate() -> SampleRate {
        SampleRate::from_hertz(100.0).expect("positive")
    }

    #[test]
    fn a_constant_passes_unchanged_and_a_slow_sine_keeps_its_phase() {
        let flat = vec![3.5; 200];
        assert!(low_pass(&flat, rate(), 2.0).iter().all(|y| (y - 3.5).abs() < 1e-12));
        let sine: Vec<f64> = (0..1000).map(|i| (std::f64::consts::TAU * 0.2 * f64::from(i) / 100.0).sin()).collect();
        let filtered = low_pass(&sine, rate(), 2.0);
        // |H|^2 of a Butterworth of order two, twice: 1 / (1 + (f/fc)^4); bilinear warping is below 1e-3 here.
        let gain = 1.0 / (1.0 + 0.1_f64.powi(4));
        for i in 200..800 {
            assert!((filtered[i] - gain * sine[i]).abs() < 1e-3, "at {i}");
        }
    }

    #[test]
    fn short_signals_are_no_trouble() {
        assert!(low_pass(&[], rate(), 2.0).is_empty());
        assert_eq!(low_pass(&[1.0], rate(), 2.0).len(), 1);
        assert_eq!(low_pass(&[1.0, 2.0, 3.0], rate(), 60.0), vec![1.0, 2.0, 3.0]);
    }
}
