//! What no body does.

use truehinge_core::{Metric, Protocol, Rejection, RepMetrics};

use crate::method::Body;

/// Takes away the numbers that no body can reach: there the measurement failed, whatever its uncertainty says.
pub fn withhold(metrics: &mut RepMetrics, numbers: &Body) {
    let beyond = |metric: Metric, limit: f64| metrics.reading(metric).is_some_and(|r| r.value.abs() > limit);
    let hip = beyond(Metric::HipBack, numbers.hip_mm);
    let knee = beyond(Metric::KneeForward, numbers.knee_mm);
    let pelvis = beyond(Metric::PelvisTilt, numbers.pelvis_deg);
    metrics.hip_back = metrics.hip_back.filter(|_| !hip);
    metrics.knee_per_hip = metrics.knee_per_hip.filter(|_| !hip && !knee);
    for travel in [
        &mut metrics.knee_forward,
        &mut metrics.knee_forward_descent,
        &mut metrics.knee_forward_turn,
        &mut metrics.knee_forward_ascent,
    ] {
        *travel = travel.filter(|_| !knee);
    }
    metrics.pelvis_tilt = metrics.pelvis_tilt.filter(|_| !pelvis);
}

/// Whoever lowers the hip surely further than a hinge on one leg does sits or squats.
pub fn sat(metrics: &RepMetrics, protocol: &Protocol, numbers: &Body) -> Option<Rejection> {
    let drop = metrics.reading(Metric::HipDrop)?;
    let sat = protocol.is_single_leg() && drop.value - drop.sigma > numbers.one_leg_drop_mm;
    sat.then_some(Rejection::Sat { drop_mm: drop.value })
}

#[cfg(test)]
mod tests {
    use truehinge_core::{Angle, Length, Measured};

    use super::*;
    use crate::method::Method;

    fn millimetres(value: f64, sigma: f64) -> Measured<truehinge_core::quantity::Metres> {
        Measured::new(Length::from_millimetres(value), Length::from_millimetres(sigma))
    }

    #[test]
    fn no_number_says_what_no_limb_can_do() {
        let kept = |hip: f64, knee: f64, pelvis: f64| {
            let mut metrics = RepMetrics {
                hip_back: Some(millimetres(hip, 500.0)),
                knee_forward: Some(millimetres(knee, 1.0)),
                pelvis_tilt: Some(Measured::new(Angle::from_degrees(pelvis), Angle::from_degrees(1.0))),
                ..RepMetrics::default()
            };
            withhold(&mut metrics, &Method::default().everyday.body);
            [Metric::HipBack, Metric::KneeForward, Metric::PelvisTilt].map(|metric| metrics.reading(metric).is_some())
        };
        assert_eq!(kept(590.0, -340.0, 99.0), [true; 3]);
        assert_eq!(kept(-610.0, 0.0, 0.0), [false, true, true]);
        assert_eq!(kept(0.0, 360.0, 0.0), [true, false, true]);
        assert_eq!(kept(0.0, 0.0, -101.0), [true, true, false]);
    }

    #[test]
    fn a_protocol_may_ask_for_what_a_measured_repetition_is_believed_up_to_and_not_for_more() {
        let numbers = Method::default().everyday.body;
        let asks = |hip_mm: f64, knee_mm: f64| {
            let mut protocol = Protocol::default();
            protocol.criteria.hip_back.good = Length::from_millimetres(hip_mm);
            protocol.criteria.knee_forward.fault = Length::from_millimetres(knee_mm);
            protocol.check().is_ok()
        };
        assert!(asks(numbers.hip_mm, numbers.knee_mm));
        assert!(!asks(numbers.hip_mm + 1.0, numbers.knee_mm) && !asks(numbers.hip_mm, numbers.knee_mm + 1.0));
    }

    #[test]
    fn a_hinge_on_one_leg_is_no_squat() {
        let numbers = Method::default().everyday.body;
        let of = |drop: f64, sigma: f64| {
            let metrics = RepMetrics { hip_drop: Some(millimetres(drop, sigma)), ..RepMetrics::default() };
            sat(&metrics, &Protocol::default(), &numbers).is_some()
        };
        assert!(of(300.0, 40.0) && !of(240.0, 1.0));
        // Too badly measured to tell, no drop at all, or up.
        assert!(!of(300.0, 60.0) && !of(-700.0, 1.0));
        assert!(sat(&RepMetrics::default(), &Protocol::default(), &numbers).is_none());
    }
}
