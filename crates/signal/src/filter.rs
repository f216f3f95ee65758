//! Zero-phase low-pass filtering of stored signals.
//!
//! A second-order Butterworth low-pass, run forwards and backwards, so that peaks stay where they are. The signal is
//! continued at both ends by point reflection, as `scipy.signal.filtfilt` does, and the filter starts in the steady state
//! of the first value. Twice the filter means 6 dB of loss at the cut-off. For live signals use a causal filter instead.

use biquad::{Biquad, Coefficients, DirectForm2Transposed, Q_BUTTERWORTH_F64, ToHertz, Type};
use truehinge_core::SampleRate;

/// Low-pass filters `signal` without shifting it in time. Cut-off in hertz; at or above half the sample rate the signal is
/// returned as it is.
pub fn low_pass(signal: &[f64], rate: SampleRate, cutoff_hz: f64) -> Vec<f64> {
    let Ok(coefficients) =
        Coefficients::<f64>::from_params(Type::LowPass, rate.hertz().hz(), cutoff_hz.hz(), Q_BUTTERWORTH_F64)
    else {
        return signal.to_vec();
    };
    let (Some(&first), Some(&last)) = (signal.first(), signal.last()) else { return Vec::new() };
    // Long enough for the slowest pole to settle to 1e-4 of a step.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and clamped below the length")]
    let pad = ((2.0 * rate.hertz() / cutoff_hz).ceil() as usize).min(signal.len() - 1);
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

/// Root mean square of `signal` over a centred window of `window` samples (shorter at the ends).
pub fn moving_rms(signal: &[f64], window: usize) -> Vec<f64> {
    let mut cumulative = Vec::with_capacity(signal.len() + 1);
    let mut sum = 0.0;
    cumulative.push(sum);
    for value in signal {
        sum += value * value;
        cumulative.push(sum);
    }
    let half = window / 2;
    (0..signal.len())
        .map(|i| {
            let (from, to) = (i.saturating_sub(half), (i + half + 1).min(signal.len()));
            ((cumulative[to] - cumulative[from]).max(0.0) / (to - from) as f64).sqrt()
        })
        .collect()
}

/// Median; `None` if empty. NaN sorts last.
pub fn median(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let mut values = values.to_vec();
    let (middle, even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (lower, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if !even {
        return Some(upper);
    }
    lower.iter().copied().max_by(f64::total_cmp).map(|lower| f64::midpoint(lower, upper))
}

/// Mean; NaN if empty.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
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

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, -2.0]), Some(2.0));
        assert_eq!(median(&[1.0, f64::NAN, 0.0]), Some(1.0));
    }

    #[test]
    fn moving_rms_matches_its_definition() {
        let signal = [1.0, -2.0, 3.0, -4.0];
        let rms = moving_rms(&signal, 3);
        assert!((rms[1] - (14.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((rms[0] - (5.0_f64 / 2.0).sqrt()).abs() < 1e-12);
    }
}
