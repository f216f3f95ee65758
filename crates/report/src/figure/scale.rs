//! Axis ranges: fixed, so that two people's pages can be laid side by side, in two sizes. The wide one is for values beyond
//! the ordinary one; beyond the wide one they are drawn at the edge. Ranges are millimetres or degrees, ticks stand at round numbers of the
//! page's unit.

use truehinge_core::{Metric, Signal};

use super::canvas::Tick;
use crate::model::{FigureData, FigureRep, Say};

/// Range and ticks of an axis.
#[derive(Clone, Debug)]
pub struct Scale {
    pub range: (f64, f64),
    pub ticks: Vec<Tick>,
}

/// Most ticks of an axis.
const TICKS: f64 = 6.0;

/// The ordinary and the wide range of a number.
const fn ranges(metric: Metric) -> [(f64, f64); 2] {
    match metric {
        Metric::HipBack => [(-20.0, 140.0), (-40.0, 280.0)],
        Metric::ShankTilt => [(-10.0, 20.0), (-20.0, 40.0)],
        Metric::PelvisTilt => [(-20.0, 60.0), (-30.0, 120.0)],
        Metric::KneeFlexion => [(-10.0, 40.0), (-20.0, 120.0)],
        Metric::PelvisDrop => [(-15.0, 15.0), (-30.0, 30.0)],
        _ => [(-50.0, 100.0), (-80.0, 220.0)],
    }
}

/// The axis of a number that holds these values.
pub fn holding(metric: Metric, values: impl IntoIterator<Item = f64>, say: Say) -> Scale {
    let [ordinary, wide] = ranges(metric);
    let range = if values.into_iter().fold(0.0, f64::max) > ordinary.1 { wide } else { ordinary };
    Scale { range, ticks: ticks(metric, range, say) }
}

/// Of knee-forward travel per repetition.
pub fn knee(data: &FigureData, say: Say) -> Scale {
    holding(Metric::KneeForward, data.reps.iter().filter_map(|rep| rep.knee).map(|r| r.value + r.sigma), say)
}

/// Of hip-back travel per repetition.
pub fn hip(data: &FigureData, say: Say) -> Scale {
    holding(Metric::HipBack, data.reps.iter().filter_map(|rep| rep.hip).map(|r| r.value + r.sigma), say)
}

/// Of a signal over the repetition.
pub fn curve(signal: Signal, data: &FigureData, say: Say) -> Scale {
    let values = |rep: &FigureRep| rep.curve(signal).map(<[f64]>::to_vec).unwrap_or_default();
    holding(signal.metric(), data.reps.iter().flat_map(values), say)
}

/// Ticks at multiples of a round number of the page's unit; zero is one of them where it is in the range.
fn ticks(metric: Metric, (low, high): (f64, f64), say: Say) -> Vec<Tick> {
    let per_unit = if metric.unit() == "mm" { 1.0 / say.length(1.0) } else { 1.0 };
    let (low, high) = (low / per_unit, high / per_unit);
    let steps = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0];
    let step = steps.into_iter().find(|step| (high - low) / step <= TICKS).unwrap_or(500.0);
    let digits = usize::from(step < 1.0);
    let first = (low / step).ceil();
    (0_u32..1000)
        .map(|index| (first + f64::from(index)) * step)
        .take_while(|value| *value <= high + 1e-9)
        .map(|value| (value * per_unit, say.rounded(value, digits)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LengthUnit;

    #[test]
    fn the_wide_scale_is_for_values_that_need_it() {
        let range = |values: &[f64]| holding(Metric::HipBack, values.iter().copied(), Say::default()).range;
        assert_eq!(range(&[20.0, 139.0]), (-20.0, 140.0));
        assert_eq!(range(&[20.0, 141.0]), (-40.0, 280.0));
        assert_eq!(range(&[]), (-20.0, 140.0));
    }

    #[test]
    fn ticks_stand_at_round_numbers_of_the_unit() {
        let words = |unit| {
            let say = Say { unit, ..Say::default() };
            let scale = holding(Metric::HipBack, [], say);
            scale.ticks.into_iter().map(|(_, words)| words).collect::<Vec<_>>()
        };
        assert_eq!(words(LengthUnit::Millimetres), ["0", "50", "100"]);
        assert_eq!(words(LengthUnit::Centimetres), ["0", "5", "10"]);
        assert_eq!(words(LengthUnit::Inches), ["0", "2", "4"]);
    }
}
