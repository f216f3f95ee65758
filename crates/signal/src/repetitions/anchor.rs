//! The stance before each movement, from which its changes are measured.

use super::candidate::Candidate;

/// Finds the stance before each movement, of `length` points: before its first instant, not before its 5 % point, which lies a
/// few per cent into it. Where the pause is too short for that, in the middle of the pause.
pub(super) fn anchor(candidates: &mut [Candidate], length: usize) {
    let (mut ended, mut settled) = (0, 0);
    for candidate in candidates {
        let (onset, whole) = (candidate.range.start, candidate.whole());
        let first = whole.start.max(ended);
        let end = if first >= settled + length { first } else { usize::midpoint(first, settled) + length / 2 };
        let end = end.clamp((ended + 1).min(onset.max(1)), onset.max(1));
        let stance = end.saturating_sub(length).max(ended).min(end - 1);
        candidate.stance = stance..end;
        candidate.lead_in = stance.saturating_sub(length.max(onset.saturating_sub(end))).max(ended).min(stance)..end;
        ended = candidate.range.end;
        settled = whole.end;
    }
}
