//! How much of a sensor's turning is about horizontal axes.

use std::ops::Range;

use crate::grid::PoseTrack;

/// Share of the squared angular rate that is not about the vertical, 0 to 1; 1 for what does not turn.
pub(super) fn horizontal_share(track: &PoseTrack, movement: &Range<usize>) -> f64 {
    let rates = track.angular_rate[movement.clone()].iter().zip(&track.poses[movement.clone()]);
    let (vertical, whole) = rates.fold((0.0, 0.0), |(vertical, whole), (rate, pose)| {
        (vertical + pose.apply(*rate).up().powi(2), whole + rate.vector().norm_squared())
    });
    if whole > 0.0 { 1.0 - vertical / whole } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use truehinge_core::SensorRole;

    use super::*;
    use crate::drawn::sensors::{GRIDS, Moment, STILL, grid};

    #[test]
    fn turning_about_the_vertical_is_none_and_bending_is_all() {
        for on in GRIDS {
            let drawn = grid(on, 4.0, &[SensorRole::Hip], |_, _| Moment { rate: 20.0, ..STILL });
            let mut track = drawn.tracks[0].clone();
            let whole = 0..drawn.len();
            let about = |track: &mut PoseTrack, up: f64, flat: f64| {
                for (rate, pose) in track.angular_rate.iter_mut().zip(&track.poses) {
                    *rate = pose.inverse().apply(truehinge_core::AngularRate::new(flat, 0.0, up));
                }
                horizontal_share(track, &whole)
            };
            assert!(about(&mut track, 2.0, 0.0).abs() < 1e-9);
            assert!((about(&mut track, 0.0, -2.0) - 1.0).abs() < 1e-9);
            assert!((about(&mut track, 3.0, 4.0) - 0.64).abs() < 1e-9);
            assert!((about(&mut track, 0.0, 0.0) - 1.0).abs() < 1e-9);
        }
    }
}
