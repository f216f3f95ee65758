//! Two numbers side by side, and vectors and turns of them.
//!
//! A processor adds or multiplies two numbers in the time of one, and a filter mostly waits for its own last result: two filters that
//! reckon with pairs take the time of one. Nothing here mixes the two. A mask is a pair whose bits are all set or all clear.

use nalgebra::{Quaternion, UnitQuaternion, Vector3};

use super::{COS, SINC, SMALL, half_turn};

/// Two numbers.
pub(super) type Pair = wide::f64x2;
/// Two vectors.
pub(super) type Vectors = Vector3<Pair>;

/// The same number twice.
pub(super) fn both(number: f64) -> Pair {
    Pair::new([number; 2])
}

/// Two vectors side by side.
pub(super) fn vectors(first: &Vector3<f64>, second: &Vector3<f64>) -> Vectors {
    Vector3::from_fn(|axis, _| Pair::new([first[axis], second[axis]]))
}

/// The first of two vectors.
pub(super) fn first(of: &Vectors) -> Vector3<f64> {
    of.map(|pair| pair.to_array()[0])
}

/// The mask of those of two that are meant.
pub(super) fn mask(which: [bool; 2]) -> Pair {
    Pair::new(which.map(f64::from)).simd_gt(both(0.0))
}

/// One or the other number, each where the mask says so.
#[inline]
pub(super) fn choose(mask: Pair, this: Pair, other: Pair) -> Pair {
    mask.bitselect(this, other)
}

/// Dot products.
#[inline]
pub(super) fn dot(a: &Vectors, b: &Vectors) -> Pair {
    a.x * b.x + a.y * b.y + a.z * b.z
}

/// Two unit quaternions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns {
    w: Pair,
    v: Vectors,
}

impl Turns {
    /// No turn at all.
    pub fn none() -> Self {
        Self { w: both(1.0), v: Vectors::repeat(both(0.0)) }
    }

    /// By the shortest way from the unit vectors `up` to +z: about horizontal axes.
    pub fn up(up: &Vectors) -> Self {
        let w = ((up.z + both(1.0)) * both(0.5)).fast_max(both(0.0)).sqrt();
        // Upside down every horizontal axis is as good; take x.
        let tells = w.simd_gt(both(1e-6));
        let half = both(0.5) / w;
        let (x, y) = (choose(tells, half * up.y, both(1.0)), choose(tells, -(half * up.x), both(0.0)));
        Self { w: choose(tells, w, both(0.0)), v: Vector3::new(x, y, both(0.0)) }
    }

    /// These where the mask says so, elsewhere the others.
    pub fn or(self, mask: Pair, other: &Self) -> Self {
        let v = self.v.zip_map(&other.v, |this, other| choose(mask, this, other));
        Self { w: choose(mask, self.w, other.w), v }
    }

    /// After turning by `turn` (rad) in the turned axes.
    #[inline]
    pub fn advanced(&self, turn: &Vectors) -> Self {
        let (cos, half_sinc) = half_turns(dot(turn, turn));
        self.times(&Self { w: cos, v: turn * half_sinc })
    }

    /// First the other turns, then these; normalised, for of a product of unit quaternions only rounding makes anything else: one step of
    /// Newton's method for `1 / sqrt`.
    #[inline]
    pub fn times(&self, other: &Self) -> Self {
        let Self { w, v } = self.after(other);
        let scale = both(1.0) + both(0.5) * (both(1.0) - (w * w + dot(&v, &v)));
        Self { w: w * scale, v: v * scale }
    }

    /// First the other turns, then these.
    #[inline]
    pub fn after(&self, other: &Self) -> Self {
        let w = self.w * other.w - dot(&self.v, &other.v);
        Self { w, v: other.v * self.w + self.v * other.w + self.v.cross(&other.v) }
    }

    /// Turned vectors.
    #[inline]
    pub fn turned(&self, vectors: &Vectors) -> Vectors {
        let twice = self.v.cross(vectors) * both(2.0);
        twice * self.w + self.v.cross(&twice) + vectors
    }

    /// The same as matrices, by their rows.
    #[inline]
    pub fn rows(&self) -> [Vectors; 3] {
        let (w, v) = (self.w, &self.v);
        let two = both(2.0);
        let (ww, xx, yy, zz) = (w * w, v.x * v.x, v.y * v.y, v.z * v.z);
        let (xy, xz, yz) = (v.x * v.y * two, v.x * v.z * two, v.y * v.z * two);
        let (wx, wy, wz) = (w * v.x * two, w * v.y * two, w * v.z * two);
        [
            Vector3::new(ww + xx - yy - zz, xy - wz, wy + xz),
            Vector3::new(wz + xy, ww - xx + yy - zz, yz - wx),
            Vector3::new(xz - wy, wx + yz, ww - xx - yy + zz),
        ]
    }

    /// The first of the two.
    pub fn first(&self) -> UnitQuaternion<f64> {
        UnitQuaternion::new_unchecked(Quaternion::from_parts(self.w.to_array()[0], first(&self.v)))
    }
}

/// [`half_turn`] of two.
#[inline]
fn half_turns(squared: Pair) -> (Pair, Pair) {
    let x = both(0.5 * 0.5) * squared;
    if x.simd_lt(both(SMALL)).all() {
        let series = |[a, b, c, d, e]: [f64; 5]| {
            both(1.0) - x * (both(a) - x * (both(b) - x * (both(c) - x * (both(d) - x * both(e)))))
        };
        return (series(COS), both(0.5) * series(SINC));
    }
    let [(cos, half_sinc), (other_cos, other_half_sinc)] = squared.to_array().map(half_turn);
    (Pair::new([cos, other_cos]), Pair::new([half_sinc, other_half_sinc]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orientation::{advanced, shortest_way_up};

    const TURNS: [[f64; 3]; 4] = [[0.01, -0.02, 0.03], [0.5, 0.0, -0.4], [0.0, 0.0, 0.0], [1e-9, 2.0, 0.1]];

    fn vector(of: [f64; 3]) -> Vector3<f64> {
        Vector3::from(of)
    }

    #[test]
    fn each_of_two_turns_is_what_it_would_be_alone() {
        for [one, other] in [[0, 1], [1, 0], [0, 2], [3, 3], [2, 1]] {
            let [one, other] = [one, other].map(|i: usize| vector(TURNS[i]));
            let pair = Turns::none().advanced(&vectors(&one, &other)).advanced(&vectors(&other, &one));
            let alone = advanced(&advanced(&UnitQuaternion::identity(), &one), &other);
            assert!(pair.first().angle_to(&alone) < 1e-12, "{one} {other}");
            let seen = first(&pair.turned(&vectors(&one, &other)));
            assert!((seen - alone * one).norm() < 1e-12);
            let rows = pair.rows().map(|row| first(&row));
            let matrix = alone.to_rotation_matrix();
            for (axis, row) in rows.iter().enumerate() {
                assert!((row.transpose() - matrix.matrix().row(axis)).norm() < 1e-12);
            }
        }
    }

    #[test]
    fn the_shortest_way_up_is_found_upside_down_as_well() {
        for up in [[0.0, 0.0, 1.0], [0.6, 0.0, 0.8], [0.0, -0.6, -0.8], [0.0, 0.0, -1.0]].map(vector) {
            let way = Turns::up(&vectors(&up, &Vector3::z())).first();
            assert!((way.into_inner() - shortest_way_up(&up)).norm() < 1e-12, "{up}");
        }
    }

    #[test]
    fn a_mask_chooses_one_by_one() {
        let chosen = choose(mask([true, false]), both(1.0), both(2.0));
        assert_eq!(chosen.to_array(), [1.0, 2.0]);
        let turned = Turns::none().advanced(&vectors(&vector(TURNS[1]), &vector(TURNS[1])));
        assert_eq!(turned.or(mask([false, true]), &Turns::none()).first(), UnitQuaternion::identity());
    }
}
