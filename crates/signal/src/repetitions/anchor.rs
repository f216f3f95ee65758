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

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(range: std::ops::Range<usize>, bottom: std::ops::Range<usize>) -> Candidate {
        let (stance, lead_in) = (0..0, 0..0);
        Candidate {
            range,
            bottom,
            stance,
            lead_in,
            excursion: 0.3,
            stance_lean: 0.0,
            apart_share: 0.0,
            rejection: None,
        }
    }

    #[test]
    fn the_stance_ends_with_the_first_instant_or_lies_in_the_middle_of_a_short_pause() {
        // Whole movements: 70 to 315, 315 to 445 and 545 to 715.
        let mut all = [movement(100..300, 200..250), movement(330..430, 380..380), movement(560..700, 610..650)];
        assert_eq!(all.each_ref().map(Candidate::whole), [70..315, 315..445, 545..715]);
        anchor(&mut all, 25);
        // The first onset lies 30 points after the first instant, more than a stance is long.
        assert_eq!((all[0].stance.clone(), all[0].lead_in.clone()), (45..70, 15..70));
        // No pause at all: 25 points around the instant at which one movement becomes the other, and nothing of the one before.
        assert_eq!((all[1].stance.clone(), all[1].lead_in.clone()), (302..327, 300..327));
        assert_eq!((all[2].stance.clone(), all[2].lead_in.clone()), (520..545, 495..545));
    }

    #[test]
    fn a_pause_of_exactly_a_stance_is_long_enough() {
        let stance = |start: usize| {
            let mut all = [movement(100..300, 200..250), movement(start..start + 100, start + 50..start + 50)];
            anchor(&mut all, 25);
            all[1].stance.clone()
        };
        // The second movement's first instant is 15 points before its onset; the first one's last is at 315.
        assert_eq!(stance(355), 315..340);
        assert_eq!(stance(353), 313..338);
        assert_eq!(stance(335), 304..329);
    }

    #[test]
    fn one_that_begins_where_the_other_ends_has_a_point_of_stance() {
        let mut all = [movement(100..300, 200..250), movement(300..400, 340..360)];
        anchor(&mut all, 25);
        assert_eq!((all[1].stance.clone(), all[1].lead_in.clone()), (299..300, 299..300));
        let mut first = [movement(0..50, 20..30)];
        anchor(&mut first, 25);
        assert_eq!(first[0].stance, 0..1);
    }
}
