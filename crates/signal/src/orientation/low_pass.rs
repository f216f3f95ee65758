//! VQF's low-pass: a second-order Butterworth filter that begins with a mean. For pairs of signals with some components each.

use std::array::from_fn;

use super::pair::{Pair, both, choose};

/// Coefficients: b0 b1 b2 and a1 a2.
#[derive(Clone, Copy, Debug)]
pub(super) struct LowPassCoeffs {
    b: [Pair; 3],
    a: [Pair; 2],
    /// Samples of one time constant.
    start: Pair,
}

impl LowPassCoeffs {
    pub fn new(period: f64, tau: f64) -> Self {
        // Cut-off at sqrt(2) / (2 pi tau), bilinear transform with pre-warping.
        let c = (std::f64::consts::FRAC_1_SQRT_2 * period / tau).tan();
        let (squared, root2) = (c * c, std::f64::consts::SQRT_2 * c);
        let scale = (squared + root2 + 1.0).recip();
        let b0 = squared * scale;
        let a = [2.0 * (squared - 1.0) * scale, (1.0 - root2 + squared) * scale];
        // A hair below, so that a whole number of samples is not missed by rounding.
        Self { b: [b0, 2.0 * b0, b0].map(both), a: a.map(both), start: both(tau / period - 1e-9) }
    }
}

/// Transposed direct form II for some components at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct LowPassState<const N: usize>([[Pair; 2]; N]);

impl<const N: usize> LowPassState<N> {
    /// The state in which a constant input `value` gives that same output.
    pub fn settled(value: [Pair; N], c: &LowPassCoeffs) -> Self {
        Self(value.map(|value| [value * (both(1.0) - c.b[0]), value * (c.b[2] - c.a[1])]))
    }

    #[inline]
    pub fn step(&mut self, mut signals: [Pair; N], c: &LowPassCoeffs) -> [Pair; N] {
        for (signal, [s0, s1]) in signals.iter_mut().zip(&mut self.0) {
            let (x, y) = (*signal, *signal * c.b[0] + *s0);
            (*s0, *s1) = (x * c.b[1] - y * c.a[0] + *s1, x * c.b[2] - y * c.a[1]);
            *signal = y;
        }
        signals
    }
}

/// A low-pass that gives the running mean until its time constant has passed and goes on from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct StartingLowPass<const N: usize> {
    state: LowPassState<N>,
    /// What the means are made of.
    count: Pair,
    sum: [Pair; N],
    /// Where the mean is over, and whether that is so for both.
    goes_on: Pair,
    both_go_on: bool,
}

impl<const N: usize> StartingLowPass<N> {
    pub fn new() -> Self {
        let nothing = both(0.0);
        let (state, sum) = (LowPassState([[nothing; 2]; N]), [nothing; N]);
        Self { state, count: nothing, sum, goes_on: nothing, both_go_on: false }
    }

    /// Starts anew where the mask says so.
    pub fn restart(&mut self, mask: Pair) {
        let cleared = |pair: Pair| choose(mask, both(0.0), pair);
        (self.count, self.goes_on) = (cleared(self.count), cleared(self.goes_on));
        self.sum = self.sum.map(cleared);
        self.both_go_on = self.goes_on.all();
    }

    #[inline]
    pub fn step(&mut self, x: [Pair; N], coeffs: &LowPassCoeffs) -> [Pair; N] {
        if self.both_go_on { self.state.step(x, coeffs) } else { self.start(x, coeffs) }
    }

    /// A step of which one at least is still a mean.
    #[cold]
    fn start(&mut self, x: [Pair; N], coeffs: &LowPassCoeffs) -> [Pair; N] {
        let filtered = self.state.step(x, coeffs);
        self.count += both(1.0);
        let mean: [Pair; N] = from_fn(|i| {
            self.sum[i] += x[i];
            self.sum[i] / self.count
        });
        let settled = LowPassState::settled(mean, coeffs);
        self.state = LowPassState(from_fn(|i| from_fn(|k| choose(self.goes_on, self.state.0[i][k], settled.0[i][k]))));
        let seen = from_fn(|i| choose(self.goes_on, filtered[i], mean[i]));
        self.goes_on |= self.count.simd_ge(coeffs.start);
        self.both_go_on = self.goes_on.all();
        seen
    }
}
