//! Missing samples: what they hide, what was seen beside them, and which numbers cannot be given because of them.

use std::ops::Range;

use truehinge_core::{Metric, SampleRate, SensorRole};

use super::rest::Rest;
use crate::body::motion::SetMotion;
use crate::method::{self, Method, Timebase};
use crate::repetitions::Candidate;

/// Missing samples: the middle of the longest stretch of them, and what a straight line over all may hide (standard deviations).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Hidden {
    /// Point in the middle.
    pub middle: usize,
    /// Change of velocity, m/s.
    pub speed: f64,
    /// Turn, rad.
    pub turn: f64,
}

/// What missing samples hide, all together where the longest stretch of them lies.
pub(super) fn hidden(measured: &[bool], rate: SampleRate, method: &method::Gaps) -> Option<Hidden> {
    let (mut at, mut longest, mut squares) = (0, (0, 0), 0);
    for gap in measured.split(|&measured| measured) {
        longest = longest.max((gap.len(), at + gap.len() / 2));
        squares += gap.len() * gap.len();
        at += gap.len() + 1;
    }
    // What one gap hides has nothing to do with what another does.
    let seconds = (squares as f64).sqrt() * rate.period_seconds();
    // Not `to_radians`, which rounds otherwise: results stay the same to the last bit.
    let rate_rad_per_s = method.hidden_rate_deg_per_s * std::f64::consts::PI / 180.0;
    let hidden = Hidden {
        middle: longest.1,
        speed: method.hidden_acceleration_m_per_s2 * seconds,
        turn: rate_rad_per_s * seconds,
    };
    (squares > 0).then_some(hidden)
}

/// Whether a sensor's data are missing for longer than its numbers can bear.
pub(super) fn is_missing(set: &SetMotion<'_>, role: SensorRole, range: Range<usize>, method: &Timebase) -> bool {
    let limit = set.grid.points(method.bridged_gap_s);
    set.grid
        .track(role)
        .is_some_and(|track| track.valid[range].split(|&valid| valid).any(|missing| missing.len() > limit))
}

/// Sensors whose data are missing in a repetition for longer than their numbers can bear: a peak may lie in the gap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Missing(Vec<SensorRole>);

impl Missing {
    pub fn of(set: &SetMotion<'_>, candidate: &Candidate, method: &Method) -> Self {
        let rest = Rest::least(set.grid, candidate, &method.stillness.between_movements);
        let missing = |role: &SensorRole| {
            // A gap in the rest makes what is integrated from there wrong as well.
            let range = if *role == SensorRole::Hip { rest.span() } else { candidate.range.clone() };
            is_missing(set, *role, range, &method.timebase)
        };
        let roles = [SensorRole::Hip, SensorRole::Shank, SensorRole::Thigh, SensorRole::Trunk];
        Self(roles.into_iter().filter(missing).collect())
    }

    /// Whether a number (or the curve whose peak it is) cannot be given.
    pub fn withholds(&self, metric: Metric) -> bool {
        let is_missing = needs(metric).iter().any(|role| self.0.contains(role));
        // The part of the knee's travel that was seen is given where the whole is not known.
        is_missing != (metric == Metric::KneeForwardSeen)
    }
}

/// The sensors, where they are worn, without whose data a number cannot be given.
const fn needs(metric: Metric) -> &'static [SensorRole] {
    match metric {
        Metric::HipBack
        | Metric::HipDrop
        | Metric::PelvisTilt
        | Metric::PelvisDrop
        | Metric::PelvisRotation
        | Metric::Sway => &[SensorRole::Hip],
        Metric::KneeForward
        | Metric::KneeForwardSeen
        | Metric::KneeForwardDescent
        | Metric::KneeForwardTurn
        | Metric::KneeForwardAscent
        | Metric::ShankTilt
        | Metric::ShankSway
        | Metric::FootKnock => &[SensorRole::Shank],
        Metric::KneePerHip => &[SensorRole::Hip, SensorRole::Shank],
        Metric::SpineFlexion => &[SensorRole::Hip, SensorRole::Trunk],
        Metric::KneeFlexion | Metric::HipFlexion => &[SensorRole::Hip, SensorRole::Shank, SensorRole::Thigh],
    }
}

/// Points of a repetition at which the shank was followed without a gap from the rest before it or to the rest after it.
pub(super) fn seen(set: &SetMotion<'_>, candidate: &Candidate, method: &method::Gaps) -> Vec<bool> {
    let range = candidate.range.clone();
    let Some(track) = set.grid.track(SensorRole::Shank) else { return vec![false; range.len()] };
    let (rest, settled) = (set.grid.points(method.anchor_s), set.grid.points(method.smeared_s));
    let is_whole = |points: Range<usize>| track.valid.get(points).is_some_and(|valid| !valid.contains(&false));
    let from_before = |at: usize| is_whole(candidate.stance.start..at + settled);
    let to_after = |at: usize| is_whole(at.saturating_sub(settled)..range.end + rest);
    range.clone().map(|at| from_before(at) || to_after(at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_hide_the_more_the_longer_they_are_and_lie_where_the_longest_is() {
        let rate = SampleRate::from_hertz(100.0).expect("positive");
        let method = &Method::default().measure.gaps;
        let mut measured = vec![true; 300];
        assert_eq!(hidden(&measured, rate, method), None);
        measured[100..120].fill(false);
        let one = hidden(&measured, rate, method).expect("a gap");
        assert_eq!(one.middle, 110);
        assert!((one.speed - 0.06).abs() < 1e-12 && (one.turn.to_degrees() - 0.6).abs() < 1e-12);
        measured[200..215].fill(false);
        let two = hidden(&measured, rate, method).expect("gaps");
        assert_eq!(two.middle, 110);
        assert!((two.speed - 0.3 * 0.25).abs() < 1e-12);
    }
}
