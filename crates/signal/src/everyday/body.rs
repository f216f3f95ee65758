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
