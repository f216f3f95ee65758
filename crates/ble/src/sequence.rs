//! Counters of limited width: continuous device time, and what was lost, doubled or out of order. Pure.

use crate::driver::Counter;

/// How far back a counter may seem to be before it is taken to have gone on through its wrap.
fn half(bits: u32) -> u64 {
    1_u64.checked_shl(bits.saturating_sub(1)).unwrap_or(1 << 63)
}

fn mask(bits: u32) -> u64 {
    1_u64.checked_shl(bits).map_or(u64::MAX, |size| size.wrapping_sub(1))
}

/// The signed step from one counter value to another, the short way round.
fn step(from: u64, to: Counter) -> i64 {
    let forward = to.value.wrapping_sub(from) & mask(to.bits);
    if forward < half(to.bits) {
        i64::try_from(forward).unwrap_or(i64::MAX)
    } else {
        i64::try_from((mask(to.bits).wrapping_sub(forward)).wrapping_add(1)).map_or(i64::MIN, i64::wrapping_neg)
    }
}

/// Makes a wrapping tick counter continuous.
///
/// A step of up to half the counter's range is believed in either direction, so re-ordered packets are fine. A device that
/// restarts makes a jump, which the analysis' clock fit recognises against the arrival times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TickUnwrapper {
    last: Option<(u64, i64)>,
}

impl TickUnwrapper {
    /// The continuous count; starts at the first value.
    pub fn unwrap(&mut self, ticks: Counter) -> i64 {
        let continuous = match self.last {
            None => i64::try_from(ticks.value & mask(ticks.bits)).unwrap_or(i64::MAX),
            Some((value, continuous)) => continuous.saturating_add(step(value, ticks)),
        };
        self.last = Some((ticks.value & mask(ticks.bits), continuous));
        continuous
    }
}

/// What a packet's counter says about the packets before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// The next one.
    InOrder,
    /// This many are missing before it.
    After {
        /// How many.
        lost: u64,
    },
    /// Seen before: to be dropped.
    Duplicate,
    /// Older than the newest: one that was counted as lost has come late.
    Late,
}

/// Compares counters with their predecessors.
#[derive(Clone, Debug, Default)]
pub struct SequenceChecker {
    newest: Option<u64>,
    /// The last sequence numbers, to tell a late packet from a duplicate.
    recent: std::collections::VecDeque<u64>,
}

/// How many sequence numbers are remembered.
const MEMORY: usize = 64;

impl SequenceChecker {
    /// What this counter means.
    pub fn check(&mut self, counter: Counter) -> Arrival {
        let arrival = match self.newest {
            None => Arrival::InOrder,
            Some(newest) => match step(newest, counter) {
                1 => Arrival::InOrder,
                ahead if ahead > 1 => Arrival::After { lost: ahead.unsigned_abs().saturating_sub(1) },
                _ if self.recent.contains(&counter.value) => Arrival::Duplicate,
                _ => Arrival::Late,
            },
        };
        if arrival != Arrival::Duplicate {
            if arrival != Arrival::Late {
                self.newest = Some(counter.value);
            }
            self.recent.push_back(counter.value);
            if self.recent.len() > MEMORY {
                self.recent.pop_front();
            }
        }
        arrival
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counter(value: u64, bits: u32) -> Counter {
        Counter { value, bits }
    }

    #[test]
    fn a_wrap_in_the_middle_is_no_jump() {
        let mut unwrapper = TickUnwrapper::default();
        let start = u64::from(u32::MAX) - 10;
        let out: Vec<i64> = (0..5).map(|i| unwrapper.unwrap(counter((start + 5 * i) & 0xffff_ffff, 32))).collect();
        let want: Vec<i64> = (0..5).map(|i| i64::from(u32::MAX) - 10 + 5 * i).collect();
        assert_eq!(out, want);
    }

    #[test]
    fn losses_duplicates_and_late_packets_are_told_apart() {
        let mut checker = SequenceChecker::default();
        let seen: Vec<Arrival> =
            [65_534, 65_535, 2, 2, 1, 3].map(|value| checker.check(counter(value, 16))).into_iter().collect();
        use Arrival::{After, Duplicate, InOrder, Late};
        assert_eq!(seen, [InOrder, InOrder, After { lost: 2 }, Duplicate, Late, InOrder]);
    }

    proptest! {
        #[test]
        fn unwrapping_undoes_wrapping(bits in 8_u32..=64, start: u32, steps in proptest::collection::vec(0_u64..100, 1..50)) {
            let mut unwrapper = TickUnwrapper::default();
            let mut value = u64::from(start) & mask(bits);
            let mut expected = unwrapper.unwrap(counter(value, bits));
            for ahead in steps {
                value = value.wrapping_add(ahead) & mask(bits);
                expected += i64::try_from(ahead).expect("small");
                prop_assert_eq!(unwrapper.unwrap(counter(value, bits)), expected);
            }
        }

        #[test]
        fn counted_losses_are_the_true_ones(kept in proptest::collection::vec(any::<bool>(), 2..500)) {
            let mut checker = SequenceChecker::default();
            let numbers: Vec<u64> = (0_u64..).zip(&kept).filter(|(_, kept)| **kept).map(|(i, _)| i).collect();
            let lost: u64 = numbers.iter().map(|n| match checker.check(counter(n & 0xffff, 16)) {
                Arrival::After { lost } => lost,
                _ => 0,
            }).sum();
            if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
                prop_assert_eq!(lost, last - first + 1 - numbers.len() as u64);
            }
        }
    }
}
