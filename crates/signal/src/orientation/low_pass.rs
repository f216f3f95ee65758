//! VQF's low-pass: a second-order Butterworth filter that begins with a mean.

use nalgebra::SVector;

/// Coefficients: b0 b1 b2 and a1 a2.
#[derive(Clone, Copy, Debug)]
pub(super) struct LowPassCoeffs {
    b: [f64; 3],
    a: [f64; 2],
    /// Samples of one time constant.
    start: f64,
}

impl LowPassCoeffs {
    pub fn new(period: f64, tau: f64) -> Self {
        // Cut-off at sqrt(2) / (2 pi tau), bilinear transform with pre-warping.
        let c = (std::f64::consts::FRAC_1_SQRT_2 * period / tau).tan();
        let (squared, root2) = (c * c, std::f64::consts::SQRT_2 * c);
        let scale = (squared + root2 + 1.0).recip();
        let b0 = squared * scale;
        let a = [2.0 * (squared - 1.0) * scale, (1.0 - root2 + squared) * scale];
        Self { b: [b0, 2.0 * b0, b0], a, start: tau / period }
    }
}

/// Transposed direct form II for some components at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct LowPassState<const N: usize>([SVector<f64, N>; 2]);

impl<const N: usize> LowPassState<N> {
    /// The state in which a constant input `value` gives that same output.
    pub fn settled(value: SVector<f64, N>, c: &LowPassCoeffs) -> Self {
        Self([value * (1.0 - c.b[0]), value * (c.b[2] - c.a[1])])
    }

    #[inline]
    pub fn step(&mut self, x: SVector<f64, N>, c: &LowPassCoeffs) -> SVector<f64, N> {
        let [s0, s1] = self.0;
        let y = x * c.b[0] + s0;
        self.0 = [x * c.b[1] - y * c.a[0] + s1, x * c.b[2] - y * c.a[1]];
        y
    }
}

/// A low-pass that gives the running mean until its time constant has passed and goes on from there.
#[derive(Clone, Copy, Debug)]
pub(super) enum StartingLowPass<const N: usize> {
    Mean { count: f64, sum: SVector<f64, N> },
    Filter(LowPassState<N>),
}

impl<const N: usize> StartingLowPass<N> {
    pub fn new() -> Self {
        Self::Mean { count: 0.0, sum: SVector::zeros() }
    }

    #[inline]
    pub fn step(&mut self, x: SVector<f64, N>, coeffs: &LowPassCoeffs) -> SVector<f64, N> {
        match self {
            Self::Filter(state) => state.step(x, coeffs),
            Self::Mean { count, sum } => {
                *count += 1.0;
                *sum += x;
                let mean = *sum / *count;
                // A hair below, so that a whole number of samples is not missed by rounding.
                if *count >= coeffs.start - 1e-9 {
                    *self = Self::Filter(LowPassState::settled(mean, coeffs));
                }
                mean
            }
        }
    }
}
