//! Repetitions done back to back, without a stance between them: peaks that stand out from the valleys beside them.
//!
//! In: one signal along the set's own direction of movement. Out: peaks with the valleys that bound them. A peak counts when
//! its prominence (its height over the higher of the two lowest points between it and the next higher peaks) reaches a share
//! of what is usual in the set. Only where nobody stands still between repetitions: elsewhere the stance is the better anchor.

use std::ops::Range;

use crate::math::stats::median;

/// A peak between two valleys.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Peak {
    /// Valley before to valley after.
    pub range: Range<usize>,
    /// The highest point.
    pub at: usize,
    /// How far it stands out.
    pub prominence: f64,
}

/// Peaks that stand out by at least `least` and by `share` of what is usual.
pub(super) fn peaks(signal: &[f64], least: f64, share: f64) -> Vec<Peak> {
    let all: Vec<Peak> = maxima(signal).filter_map(|at| peak(signal, at)).filter(|p| p.prominence >= least).collect();
    let mut sizes: Vec<f64> = all.iter().map(|p| p.prominence).collect();
    sizes.sort_by(f64::total_cmp);
    // The larger half: wobbles between repetitions must not pull down what is usual.
    let usual = median(&sizes[sizes.len() / 2..]).unwrap_or(0.0);
    let mut kept: Vec<Peak> = all.into_iter().filter(|p| p.prominence >= share * usual).collect();
    bound(signal, &mut kept);
    kept
}

fn maxima(signal: &[f64]) -> impl Iterator<Item = usize> {
    (1..signal.len().saturating_sub(1)).filter(|&i| signal[i] > signal[i - 1] && signal[i] >= signal[i + 1])
}

fn peak(signal: &[f64], at: usize) -> Option<Peak> {
    let height = signal[at];
    let lowest = |side: &mut dyn Iterator<Item = usize>| {
        side.take_while(|&i| signal[i] <= height).min_by(|&a, &b| signal[a].total_cmp(&signal[b]))
    };
    let left = lowest(&mut (0..at).rev())?;
    let right = lowest(&mut (at + 1..signal.len()))?;
    let prominence = height - signal[left].max(signal[right]);
    Some(Peak { range: left..right, at, prominence })
}

/// Each peak reaches to the lowest point before the next one.
fn bound(signal: &[f64], peaks: &mut [Peak]) {
    for i in 1..peaks.len() {
        let between = peaks[i - 1].at..peaks[i].at;
        let Some(valley) = between.min_by(|&a, &b| signal[a].total_cmp(&signal[b])) else { continue };
        peaks[i - 1].range.end = valley.max(peaks[i - 1].at + 1);
        peaks[i].range.start = valley;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_repetitions_on_a_drifting_floor_and_ignores_wobbles() {
        let signal: Vec<f64> = (0..2000)
            .map(|i| {
                let t = f64::from(i) / 200.0;
                // Ten cosine bells, a slow drift, and a small wobble on top.
                1.0 - (std::f64::consts::TAU * t).cos() + 0.1 * t + 0.1 * (std::f64::consts::TAU * 7.0 * t).sin()
            })
            .collect();
        let found = peaks(&signal, 0.3, 0.5);
        assert_eq!(found.len(), 10);
        assert!(found.windows(2).all(|pair| pair[0].range.end == pair[1].range.start));
        assert!(peaks(&[], 0.1, 0.5).is_empty());
        assert!(peaks(&[1.0; 50], 0.1, 0.5).is_empty());
    }

    #[test]
    fn many_wobbles_do_not_pull_down_what_is_usual() {
        // Each repetition of size 2 is followed by two wobbles of size 0.4.
        let bell = |size: f64| {
            (0..100).map(move |i| size * 0.5 * (1.0 - (std::f64::consts::TAU * f64::from(i) / 100.0).cos()))
        };
        let signal: Vec<f64> = (0..10).flat_map(|_| bell(2.0).chain(bell(0.4)).chain(bell(0.4))).collect();
        let at = |share: f64| peaks(&signal, 0.3, share).iter().map(|peak| peak.at).collect::<Vec<_>>();
        assert_eq!(at(0.5), (0..10).map(|i| 300 * i + 50).collect::<Vec<_>>());
        assert_eq!(at(0.1).len(), 30);
        assert_eq!(peaks(&signal, 0.5, 0.1).len(), 10);
    }
}
