//! Seconds to points of a signal, and numbers to whole numbers: every such cast of the crate.

use truehinge_core::SampleRate;

/// Points of a signal in `seconds`, at least one.
pub fn points(seconds: f64, rate: SampleRate) -> usize {
    nearest(seconds * rate.hertz()).max(1)
}

/// The nearest whole number; 0 for what is negative or not a number, the largest one for what is too large.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, as documented")]
pub fn nearest(number: f64) -> usize {
    // Written out, because `round` and `floor` are calls of a library on processors that lack them.
    let whole = number as usize;
    // number: half-way between two whole ones
    whole.saturating_add(usize::from(number - whole as f64 >= 0.5))
}

/// The whole number at or below; otherwise as [`nearest`].
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, as documented")]
pub fn at_or_below(number: f64) -> usize {
    // The cast cuts off, and what is negative becomes 0 either way.
    number as usize
}

/// The whole number at or above; otherwise as [`nearest`].
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, as documented")]
pub fn at_or_above(number: f64) -> usize {
    number.ceil() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_the_nearest_number_of_points_and_at_least_one() {
        for (hertz, seconds, expected) in
            [(50.0, 0.5, 25), (100.0, 0.5, 50), (200.0, 0.5, 100), (60.0, 0.26, 16), (60.0, 0.24, 14), (100.0, 0.0, 1)]
        {
            assert_eq!(
                points(seconds, SampleRate::from_hertz(hertz).expect("positive")),
                expected,
                "{hertz} {seconds}"
            );
        }
    }

    #[test]
    fn whole_numbers_round_as_named_and_never_wrap() {
        assert_eq!([1.4, 1.5, 2.6, -3.0, f64::NAN].map(nearest), [1, 2, 3, 0, 0]);
        assert_eq!([1.0, 1.9, -0.1, f64::NAN].map(at_or_below), [1, 1, 0, 0]);
        assert_eq!([1.0, 1.1, -0.1, f64::NAN].map(at_or_above), [1, 2, 0, 0]);
        assert_eq!([1e300, f64::INFINITY].map(nearest), [usize::MAX; 2]);
    }
}
