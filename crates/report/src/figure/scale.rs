//! Axis ranges: fixed, so that two people's pages can be laid side by side, in two sizes. The wide one is for values beyond
//! the ordinary one; beyond the wide one they are drawn at the edge.

use truehinge_core::Signal;
use truehinge_core::rep::Reading;

use crate::model::{FigureData, FigureRep};

/// Range and ticks of an axis.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub range: (f64, f64),
    pub ticks: &'static [f64],
}

const fn scale(low: f64, high: f64, ticks: &'static [f64]) -> Scale {
    Scale { range: (low, high), ticks }
}

const KNEE: [Scale; 2] = [
    scale(-40.0, 100.0, &[-25.0, 0.0, 15.0, 30.0, 50.0, 75.0, 100.0]),
    scale(-60.0, 220.0, &[-50.0, 0.0, 30.0, 50.0, 100.0, 150.0, 200.0]),
];
const HIP: [Scale; 2] = [
    scale(-20.0, 140.0, &[0.0, 25.0, 50.0, 75.0, 100.0, 125.0]),
    scale(-40.0, 280.0, &[0.0, 25.0, 50.0, 100.0, 150.0, 200.0, 250.0]),
];

/// Of knee-forward travel per repetition, mm.
pub fn knee(data: &FigureData) -> Scale {
    fitting(KNEE, data.reps.iter().filter_map(|rep| upper(rep.knee)))
}

/// Of hip-back travel per repetition, mm.
pub fn hip(data: &FigureData) -> Scale {
    fitting(HIP, data.reps.iter().filter_map(|rep| upper(rep.hip)))
}

fn upper(reading: Option<Reading>) -> Option<f64> {
    reading.map(|r| r.value + r.sigma)
}

/// Of a signal over the repetition.
pub fn curve(signal: Signal, data: &FigureData) -> Scale {
    let scales = match signal {
        Signal::ShankTilt => {
            [scale(-10.0, 20.0, &[-10.0, 0.0, 10.0, 20.0]), scale(-20.0, 40.0, &[-20.0, 0.0, 10.0, 20.0, 40.0])]
        }
        Signal::PelvisTilt => [
            scale(-20.0, 60.0, &[-20.0, 0.0, 20.0, 40.0, 60.0]),
            scale(-30.0, 120.0, &[-30.0, 0.0, 30.0, 60.0, 90.0, 120.0]),
        ],
        Signal::KneeForward => [
            scale(-50.0, 100.0, &[-50.0, 0.0, 15.0, 30.0, 60.0, 100.0]),
            scale(-100.0, 200.0, &[-100.0, 0.0, 30.0, 60.0, 100.0, 200.0]),
        ],
        Signal::HipBack => [
            scale(-50.0, 150.0, &[-50.0, 0.0, 25.0, 50.0, 100.0, 150.0]),
            scale(-100.0, 300.0, &[-100.0, 0.0, 50.0, 100.0, 200.0, 300.0]),
        ],
        Signal::KneeFlexion => [
            scale(-10.0, 40.0, &[-10.0, 0.0, 12.0, 20.0, 40.0]),
            scale(-20.0, 120.0, &[-20.0, 0.0, 20.0, 60.0, 90.0, 120.0]),
        ],
        Signal::PelvisDrop => {
            [scale(-15.0, 15.0, &[-15.0, -5.0, 0.0, 5.0, 15.0]), scale(-30.0, 30.0, &[-30.0, -15.0, 0.0, 15.0, 30.0])]
        }
    };
    let index = Signal::ALL.iter().position(|s| *s == signal).unwrap_or(0);
    let values = |rep: &FigureRep| rep.curves.get(index).cloned().unwrap_or_default();
    fitting(scales, data.reps.iter().flat_map(values))
}

/// The ordinary scale if it holds nearly everything above its lower end.
fn fitting([ordinary, wide]: [Scale; 2], values: impl IntoIterator<Item = f64>) -> Scale {
    let largest = values.into_iter().fold(0.0, f64::max);
    if largest > ordinary.range.1 { wide } else { ordinary }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wide_scale_is_for_values_that_need_it() {
        assert_eq!(fitting(HIP, [20.0, 139.0]).range, HIP[0].range);
        assert_eq!(fitting(HIP, [20.0, 141.0]).range, HIP[1].range);
        assert_eq!(fitting(HIP, []).range, HIP[0].range);
    }
}
