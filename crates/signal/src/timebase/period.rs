//! The usual step between samples, from stamps that jitter and miss samples.

use truehinge_core::SampleRate;

use crate::method::RoughPeriod;

/// A first value for the sampling period, s, good to a few per cent; 0 if the stamps do not advance.
///
/// The median step, unless most neighbours are lost and it is a multiple of the period: then its half, third or quarter, or
/// the nominal period, score clearly better by `mean(cos(2 pi step / P))`, which is 1 when all steps are multiples of `P`.
/// Half the true period scores as well as the true one, so of equals the longest wins.
pub(super) fn rough(times: &[f64], nominal: Option<SampleRate>, method: &RoughPeriod) -> f64 {
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).filter(|&step| step > 0.0).collect();
    if steps.is_empty() {
        return 0.0;
    }
    let middle = steps.len() / 2;
    let median = *steps.select_nth_unstable_by(middle, f64::total_cmp).1;
    let usual = refined(&steps, median, method);
    // A period that is expected and seen is not doubted: jitter on a coarse raster of stamps looks like a shorter one.
    let expected = |nominal: SampleRate| (median / nominal.period_seconds() - 1.0).abs() <= method.nominal_share;
    if nominal.is_some_and(expected) {
        return usual;
    }
    steps.sort_unstable_by(f64::total_cmp);
    let usual_score = score(&steps, usual, method);
    let parts =
        (2..=method.most_part_count).map(|part| median / part as f64).chain(nominal.map(SampleRate::period_seconds));
    let better: Vec<(f64, f64)> = parts
        .map(|start| refined(&steps, start, method))
        .map(|period| (score(&steps, period, method), period))
        .filter(|candidate| candidate.0 > usual_score + method.better_share)
        .collect();
    let best = better.iter().map(|s| s.0).fold(f64::NEG_INFINITY, f64::max);
    let longest = better.iter().filter(|s| s.0 > best - method.better_share).map(|s| s.1).fold(0.0, f64::max);
    if longest > 0.0 { longest } else { usual }
}

/// The mean of the steps that are nearest to one period: rounding of the stamps averages out.
fn refined(steps: &[f64], start: f64, method: &RoughPeriod) -> f64 {
    let mut period = start;
    for _ in 0..method.rounds_count {
        // number: nearer to one period than to none or two
        let (from, to) = (0.5 * period, 1.5 * period);
        let single = steps.iter().filter(|&&step| step > from && step < to);
        let (count, sum) = single.fold((0, 0.0), |(count, sum), step| (count + 1, sum + step));
        // Too few single steps to learn from: every longer one is a multiple.
        if count < method.fewest_steps_count {
            return period;
        }
        period = sum / count as f64;
    }
    period
}

fn score(steps: &[f64], period: f64, method: &RoughPeriod) -> f64 {
    // A few hundred steps decide as well as all of them.
    let stride = (steps.len() / method.scored_steps_count).max(1);
    let chosen = steps.iter().step_by(stride);
    let count = chosen.len() as f64;
    chosen.map(|step| (std::f64::consts::TAU * step / period).cos()).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;

    fn rough(times: &[f64], nominal: Option<SampleRate>) -> f64 {
        super::rough(times, nominal, &Method::default().timebase.period)
    }

    /// Keeps the samples of a 60 Hz grid whose number passes the test.
    fn stamps(keep: impl Fn(u32) -> bool) -> Vec<f64> {
        (0..600).filter(|&i| keep(i)).map(|i| f64::from(i) / 60.0).collect()
    }

    #[test]
    fn finds_the_step_when_half_the_samples_are_lost() {
        // Steps of 2, 2, 2 and 1 periods in turn: the median is two periods.
        let found = rough(&stamps(|i| matches!(i % 7, 0 | 2 | 4 | 6)), None);
        assert!((found - 1.0 / 60.0).abs() < 1e-9, "{found}");
    }

    #[test]
    fn rounding_to_milliseconds_averages_out() {
        let times: Vec<f64> = (0..600).map(|i| (f64::from(i) / 0.120).round() / 1000.0).collect();
        let found = rough(&times, SampleRate::from_hertz(120.0));
        assert!((found * 120.0 - 1.0).abs() < 2e-3, "{found}");
    }

    #[test]
    fn a_wrong_nominal_rate_does_not_mislead() {
        let found = rough(&stamps(|_| true), SampleRate::from_hertz(50.0));
        assert!((found * 60.0 - 1.0).abs() < 1e-9, "{found}");
        assert_eq!(rough(&[1.0; 20], None), 0.0);
    }
}
