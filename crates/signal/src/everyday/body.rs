//! What no body does.

use truehinge_core::{Metric, Protocol, Rejection, RepMetrics};

use crate::method::Body;

/// Why numbers cannot be those of a repetition: the first that lies beyond what a body can do. Of the drop, which tells sitting from
/// hinging and is measured worst, more than its uncertainty.
pub fn impossible(metrics: &RepMetrics, protocol: &Protocol, numbers: &Body) -> Option<Rejection> {
    let drop = if protocol.is_single_leg() { numbers.one_leg_drop_mm } else { numbers.hip_mm };
    let beyond = |metric: Metric, limit: f64| {
        let reading = metrics.reading(metric)?;
        let size = if metric == Metric::HipDrop { reading.value - reading.sigma } else { reading.value.abs() };
        (size > limit).then_some(Rejection::Impossible { metric, value: reading.value, limit })
    };
    beyond(Metric::HipBack, numbers.hip_mm)
        .or_else(|| beyond(Metric::KneeForward, numbers.knee_mm))
        .or_else(|| beyond(Metric::PelvisTilt, numbers.pelvis_deg))
        .or_else(|| beyond(Metric::HipDrop, drop))
}

#[cfg(test)]
mod tests {
    use truehinge_core::{Angle, Length, Measured};

    use super::*;
    use crate::method::Method;

    fn of(hip_back: f64, knee: f64, pelvis: f64, drop: (f64, f64), protocol: &Protocol) -> Option<Metric> {
        let mm = |value, sigma| Some(Measured::new(Length::from_millimetres(value), Length::from_millimetres(sigma)));
        let deg = |value| Some(Measured::new(Angle::from_degrees(value), Angle::from_degrees(1.0)));
        let metrics = RepMetrics {
            hip_back: mm(hip_back, 500.0),
            knee_forward: mm(knee, 1.0),
            pelvis_tilt: deg(pelvis),
            hip_drop: mm(drop.0, drop.1),
            ..RepMetrics::default()
        };
        match impossible(&metrics, protocol, &Method::default().everyday.body)? {
            Rejection::Impossible { metric, .. } => Some(metric),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_body_goes_further_than_its_limbs_and_a_hinge_is_no_squat() {
        let hinge = Protocol::default();
        assert_eq!(of(590.0, 340.0, 99.0, (240.0, 1.0), &hinge), None);
        assert_eq!(of(-610.0, 0.0, 0.0, (0.0, 1.0), &hinge), Some(Metric::HipBack));
        assert_eq!(of(0.0, 360.0, 0.0, (0.0, 1.0), &hinge), Some(Metric::KneeForward));
        assert_eq!(of(0.0, 0.0, -101.0, (0.0, 1.0), &hinge), Some(Metric::PelvisTilt));
        assert_eq!(of(0.0, 0.0, 0.0, (300.0, 40.0), &hinge), Some(Metric::HipDrop));
        // Too badly measured to tell, or no drop at all.
        assert_eq!(of(0.0, 0.0, 0.0, (300.0, 60.0), &hinge), None);
        assert_eq!(of(0.0, 0.0, 0.0, (-700.0, 1.0), &hinge), None);
    }
}
