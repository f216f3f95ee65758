//! Opinion, and nothing but: numbers of a repetition against the protocol's limits.
//!
//! A value `x` with standard uncertainty `s` lies beyond a limit `L` with probability `Phi((x - L) / s)`. The zone of the best
//! estimate says what a repetition may be called, and the other side of the grey zone must be excluded with the protocol's
//! confidence: a fault is named when the estimate lies beyond the fault limit and the true value is not within the good one; a
//! hinge when both estimates lie within the good limits and neither is a fault. Everything else is indeterminate, with the
//! cause: in the grey zone, too uncertain, or not measured (decision 0005). Over a gap in the data no travel is known, but a
//! drift that was seen beside it remains one.

use statrs::distribution::{ContinuousCDF, Normal};
use truehinge_core::quantity::Metres;
use truehinge_core::{
    Cause, Criterion, Evidence, Flag, HingeCriteria, Judgement, Measured, Metric, RepMetrics, Verdict, rep::Reading,
};

/// Probability that the true value is above `limit`.
fn probability_above(reading: Reading, limit: f64) -> f64 {
    match Normal::new(reading.value, reading.sigma) {
        Ok(normal) => normal.sf(limit),
        // No uncertainty at all: the value decides.
        Err(_) => f64::from(u8::from(reading.value > limit)),
    }
}

/// Which side of its limit a criterion is about.
#[derive(Clone, Copy)]
enum Holds {
    Above,
    Below,
}

fn evidence(metrics: &RepMetrics, criterion: Criterion, holds: Holds, limit: f64) -> Option<Evidence> {
    let reading = metrics.reading(criterion.metric())?;
    let above = probability_above(reading, limit);
    let (margin, probability) = match holds {
        Holds::Above => (reading.value - limit, above),
        Holds::Below => (limit - reading.value, 1.0 - above),
    };
    Some(Evidence { criterion, reading, limit, margin, probability })
}

/// Judges one repetition. `descent_s` is the time from onset to the bottom.
pub fn judge(metrics: &RepMetrics, descent_s: f64, criteria: &HingeCriteria) -> Judgement {
    let test = |criterion, holds, limit| evidence(metrics, criterion, holds, limit);
    let knee_limit = criteria.knee_forward.fault.millimetres();
    let knee_fault = test(Criterion::KneeForwardFault, Holds::Above, knee_limit);
    let knee_good = test(Criterion::KneeForwardGood, Holds::Below, criteria.knee_forward.good.millimetres());
    let knee_seen = test(Criterion::KneeForwardSeenFault, Holds::Above, knee_limit);
    let hip_fault = test(Criterion::HipBackFault, Holds::Below, criteria.hip_back.fault.millimetres());
    let hip_good = test(Criterion::HipBackGood, Holds::Above, criteria.hip_back.good.millimetres());
    let secondary = beside(metrics, criteria);
    let (verdict, cause, probability) = match drift_seen(metrics, criteria) {
        Some(probability) => (Verdict::KneeForwardDrift, Cause::KneeForwardSeen, probability),
        None => {
            decide(knee_fault.as_ref(), knee_good.as_ref(), hip_fault.as_ref(), hip_good.as_ref(), criteria.confidence)
        }
    };
    let sure = |evidence: &Option<Evidence>| evidence.as_ref().is_some_and(|e| e.probability >= criteria.confidence);
    let fits = |flag: Flag| match flag {
        Flag::EarlyDrift => is_on_the_way(metrics.knee_forward_descent, metrics, criteria),
        Flag::LateDrift => is_on_the_way(metrics.knee_forward_ascent, metrics, criteria),
        _ => true,
    };
    let named = secondary.iter().filter(|(flag, evidence)| sure(evidence) && fits(*flag));
    let mut flags: Vec<Flag> = named.map(|(flag, _)| *flag).collect();
    if descent_s < criteria.min_descent_s {
        flags.push(Flag::TooFast);
    }
    let evidence =
        [knee_fault, knee_good, knee_seen, hip_fault, hip_good].into_iter().chain(secondary.map(|(_, e)| e)).flatten();
    Judgement { verdict, cause, probability, evidence: evidence.collect(), flags }
}

/// The tests behind the flags.
fn beside(metrics: &RepMetrics, criteria: &HingeCriteria) -> [(Flag, Option<Evidence>); 8] {
    let knee_limit = criteria.knee_forward.fault.millimetres();
    let limits = [
        (Flag::EarlyDrift, knee_limit),
        (Flag::LateDrift, knee_limit),
        (Flag::KneeBend, criteria.knee_flexion.fault.degrees()),
        (Flag::PelvisDrop, criteria.pelvis_drop.fault.degrees()),
        (Flag::PelvisRotation, criteria.pelvis_rotation.fault.degrees()),
        (Flag::BalanceLoss, criteria.shank_sway.fault.degrees()),
        (Flag::FootMoved, criteria.foot_knock.fault.si()),
        (Flag::SpineFlexion, criteria.spine_flexion.fault.degrees()),
    ];
    let test = |flag: Flag, limit| evidence(metrics, flag.criterion()?, Holds::Above, limit);
    limits.map(|(flag, limit)| (flag, test(flag, limit)))
}

/// What went forward only on the way there or back is another fault than a knee that is pushed forward as a whole.
fn is_on_the_way(peak: Option<Measured<Metres>>, metrics: &RepMetrics, criteria: &HingeCriteria) -> bool {
    let both = peak.zip(metrics.knee_forward_turn);
    both.is_some_and(|(peak, turn)| criteria.is_drift_on_the_way(peak.value, turn.value))
}

/// Probability that the knee went further than is good, where that was seen beside a gap in the data and is sure enough.
fn drift_seen(metrics: &RepMetrics, criteria: &HingeCriteria) -> Option<f64> {
    let reading = metrics.reading(Metric::KneeForwardSeen)?;
    let not_good = probability_above(reading, criteria.knee_forward.good.millimetres());
    let beyond = reading.value > criteria.knee_forward.fault.millimetres();
    (beyond && not_good >= criteria.confidence).then_some(not_good)
}

fn decide(
    knee_fault: Option<&Evidence>,
    knee_good: Option<&Evidence>,
    hip_fault: Option<&Evidence>,
    hip_good: Option<&Evidence>,
    confidence: f64,
) -> (Verdict, Cause, f64) {
    let (Some(knee_fault), Some(knee_good)) = (knee_fault, knee_good) else {
        return (Verdict::Indeterminate, Cause::NotMeasured, 0.0);
    };
    let not_good = 1.0 - knee_good.probability;
    if knee_fault.margin > 0.0 && not_good >= confidence {
        return (Verdict::KneeForwardDrift, Cause::KneeForwardSure, not_good);
    }
    let (Some(hip_fault), Some(hip_good)) = (hip_fault, hip_good) else {
        return (Verdict::Indeterminate, Cause::NotMeasured, knee_fault.probability);
    };
    // Only a drift that is unlikely leaves room for a verdict about the hips.
    let no_drift = 1.0 - knee_fault.probability;
    let short = no_drift * (1.0 - hip_good.probability);
    if hip_fault.margin > 0.0 && short >= confidence {
        return (Verdict::InsufficientHipTravel, Cause::HipTravelShort, short);
    }
    let hinge = no_drift * (1.0 - hip_fault.probability);
    if knee_good.margin >= 0.0 && hip_good.margin >= 0.0 {
        return if hinge >= confidence {
            (Verdict::TrueHinge, Cause::HingeSure, hinge)
        } else {
            (Verdict::Indeterminate, Cause::TooUncertain, hinge)
        };
    }
    let likeliest = hinge.max(knee_fault.probability).max(no_drift * hip_fault.probability);
    let beyond_a_fault = knee_fault.margin > 0.0 || hip_fault.margin > 0.0;
    let cause = if beyond_a_fault { Cause::TooUncertain } else { Cause::GreyZone };
    (Verdict::Indeterminate, cause, likeliest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{Length, Measured, Protocol};

    fn metrics(knee_mm: f64, knee_sigma: f64, hip_mm: f64, hip_sigma: f64) -> RepMetrics {
        let mm = |value, sigma| Some(Measured::new(Length::from_millimetres(value), Length::from_millimetres(sigma)));
        RepMetrics { knee_forward: mm(knee_mm, knee_sigma), hip_back: mm(hip_mm, hip_sigma), ..RepMetrics::default() }
    }

    fn verdict(knee: (f64, f64), hip: (f64, f64)) -> (Verdict, Cause) {
        let judgement = judge(&metrics(knee.0, knee.1, hip.0, hip.1), 1.0, &Protocol::default().criteria);
        (judgement.verdict, judgement.cause)
    }

    #[test]
    fn each_region_of_the_map_has_its_verdict() {
        assert_eq!(verdict((0.0, 4.0), (50.0, 8.0)), (Verdict::TrueHinge, Cause::HingeSure));
        assert_eq!(verdict((-20.0, 4.0), (50.0, 8.0)), (Verdict::TrueHinge, Cause::HingeSure));
        assert_eq!(verdict((60.0, 4.0), (50.0, 8.0)), (Verdict::KneeForwardDrift, Cause::KneeForwardSure));
        assert_eq!(verdict((60.0, 4.0), (0.0, 8.0)), (Verdict::KneeForwardDrift, Cause::KneeForwardSure));
        assert_eq!(verdict((0.0, 4.0), (0.0, 8.0)), (Verdict::InsufficientHipTravel, Cause::HipTravelShort));
        assert_eq!(verdict((22.0, 4.0), (50.0, 8.0)), (Verdict::Indeterminate, Cause::GreyZone));
        assert_eq!(verdict((0.0, 4.0), (20.0, 3.0)), (Verdict::Indeterminate, Cause::GreyZone));
        assert_eq!(verdict((32.0, 4.0), (50.0, 8.0)), (Verdict::KneeForwardDrift, Cause::KneeForwardSure));
        assert_eq!(verdict((32.0, 16.0), (50.0, 8.0)), (Verdict::Indeterminate, Cause::TooUncertain));
        assert_eq!(verdict((0.0, 4.0), (14.0, 16.0)), (Verdict::Indeterminate, Cause::TooUncertain));
        assert_eq!(verdict((0.0, 4.0), (30.0, 25.0)), (Verdict::Indeterminate, Cause::TooUncertain));
    }

    #[test]
    fn limits_are_judged_with_the_protocols_confidence() {
        // Phi(1.2816) = 0.9: just at the limit of the default confidence, 15 mm of knee and 10 mm of hip from the good limit.
        assert_eq!(verdict((30.1, 15.1 / 1.2817), (50.0, 8.0)).0, Verdict::KneeForwardDrift);
        assert_eq!(verdict((30.1, 15.1 / 1.2814), (50.0, 8.0)).0, Verdict::Indeterminate);
        assert_eq!(verdict((-60.0, 4.0), (14.0, 11.0 / 1.2817)).0, Verdict::InsufficientHipTravel);
        assert_eq!(verdict((-60.0, 4.0), (14.0, 11.0 / 1.2814)).0, Verdict::Indeterminate);
        assert_eq!(verdict((0.0, 4.0), (26.0, 11.0 / 1.2817)).0, Verdict::TrueHinge);
        assert_eq!(verdict((0.0, 4.0), (26.0, 11.0 / 1.2814)).0, Verdict::Indeterminate);
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        let nothing = judge(&RepMetrics::default(), 1.0, &Protocol::default().criteria);
        assert_eq!((nothing.verdict, nothing.cause), (Verdict::Indeterminate, Cause::NotMeasured));
        let mut only_knee = metrics(60.0, 4.0, 0.0, 0.0);
        only_knee.hip_back = None;
        assert_eq!(judge(&only_knee, 1.0, &Protocol::default().criteria).verdict, Verdict::KneeForwardDrift);
        only_knee.knee_forward = metrics(0.0, 4.0, 0.0, 1.0).knee_forward;
        assert_eq!(judge(&only_knee, 1.0, &Protocol::default().criteria).cause, Cause::NotMeasured);
    }

    #[test]
    fn a_drift_that_was_seen_beside_a_gap_is_one_and_nothing_else_follows_from_it() {
        let judged = |seen_mm: f64, sigma: f64| {
            let seen = metrics(seen_mm, sigma, 0.0, 0.0).knee_forward;
            let metrics = RepMetrics { knee_forward_seen: seen, ..RepMetrics::default() };
            let judgement = judge(&metrics, 1.0, &Protocol::default().criteria);
            (judgement.verdict, judgement.cause)
        };
        assert_eq!(judged(42.0, 4.0), (Verdict::KneeForwardDrift, Cause::KneeForwardSeen));
        assert_eq!(judged(42.0, 30.0), (Verdict::Indeterminate, Cause::NotMeasured));
        assert_eq!(judged(25.0, 1.0), (Verdict::Indeterminate, Cause::NotMeasured));
        assert_eq!(judged(2.0, 1.0), (Verdict::Indeterminate, Cause::NotMeasured));
    }

    #[test]
    fn zero_uncertainty_decides_by_the_value() {
        assert_eq!(verdict((31.0, 0.0), (50.0, 0.0)).0, Verdict::KneeForwardDrift);
        assert_eq!(verdict((0.0, 0.0), (50.0, 0.0)).0, Verdict::TrueHinge);
    }

    #[test]
    fn a_knee_forward_only_on_the_way_there_or_back_is_said_to_be_so() {
        let flags = |[descent, turn, ascent]: [f64; 3], sigma: f64| {
            let part = |value| metrics(value, sigma, 0.0, 0.0).knee_forward;
            let metrics = RepMetrics {
                knee_forward_descent: part(descent),
                knee_forward_turn: part(turn),
                knee_forward_ascent: part(ascent),
                ..metrics(descent.max(ascent), sigma, 50.0, 8.0)
            };
            judge(&metrics, 1.0, &Protocol::default().criteria).flags
        };
        assert_eq!(flags([40.0, 0.0, 5.0], 4.0), [Flag::EarlyDrift]);
        assert_eq!(flags([5.0, 0.0, 40.0], 4.0), [Flag::LateDrift]);
        assert_eq!(flags([46.0, 30.0, 46.0], 4.0), [Flag::EarlyDrift, Flag::LateDrift]);
        // A knee that is as far forward at the bottom, hardly less or beyond the limit; one that is not surely forward, and one that stays.
        assert_eq!(flags([40.0, 26.0, 40.0], 4.0), []);
        assert_eq!(flags([60.0, 31.0, 60.0], 4.0), []);
        assert_eq!(flags([5.0, 0.0, 34.0], 4.0), []);
        assert_eq!(flags([5.0, 0.0, 5.0], 4.0), []);
    }

    #[test]
    fn fast_repetitions_are_flagged() {
        let judgement = judge(&metrics(0.0, 4.0, 50.0, 8.0), 0.3, &Protocol::default().criteria);
        assert_eq!(judgement.flags, vec![Flag::TooFast]);
    }
}
