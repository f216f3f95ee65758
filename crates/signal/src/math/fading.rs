//! `exp(-x)` where it is needed tens of thousands of times: from a table and a short series, to the last digit but one.

/// Mathematics: places of the table in a unit of `x`.
const PLACES: f64 = 32.0;

/// Fading by `exp(-x)`, for `x` from 0 to a limit.
#[derive(Clone, Debug)]
pub struct Fading {
    table: Vec<f64>,
}

impl Fading {
    /// For `x` up to `most`.
    pub fn new(most: f64) -> Self {
        let length = super::points::at_or_above(most * PLACES) + 1;
        Self { table: (0..=length).map(|place| (-(place as f64) / PLACES).exp()).collect() }
    }

    /// `exp(-x)`; 0 beyond the limit.
    #[inline]
    pub fn at(&self, x: f64) -> f64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
        // number: half-way between two places
        let place = (x * PLACES + 0.5) as u32;
        let Some(height) = self.table.get(place as usize) else { return 0.0 };
        let rest = x - f64::from(place) / PLACES;
        height * series(rest)
    }
}

/// Mathematics: the series of `exp(-x)` after its first two; what it leaves out is below 1e-16 up to half a place.
const PARTS: [f64; 5] = [1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0];

#[inline]
fn series(x: f64) -> f64 {
    let [a, b, c, d, e] = PARTS;
    1.0 - x * (1.0 - x * (a - x * (b - x * (c - x * (d - x * e)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fades_as_the_exponential_does() {
        let fading = Fading::new(12.5);
        for i in 0..=12_500 {
            let x = f64::from(i) * 1e-3;
            let exact = (-x).exp();
            assert!((fading.at(x) / exact - 1.0).abs() < 5e-16, "{x}: {} for {exact}", fading.at(x));
        }
        assert_eq!((fading.at(0.0), fading.at(13.0), fading.at(f64::INFINITY)), (1.0, 0.0, 0.0));
    }
}
