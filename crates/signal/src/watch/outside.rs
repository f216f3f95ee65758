//! Movement that belongs to no set: where sets are marked, nothing between them is judged, and a set whose markers are lost would be
//! missing without a word.

use truehinge_core::{Finding, FindingKind, Marker, MarkerKind, Recording, SampleRate, SessionTime, Span};

use crate::method::Method;
use crate::orientation::OrientationTrack;
use crate::stillness::Still;
use crate::synchronise::synchronise;

/// Stretches between marked sets in which there is more movement than the longest pause within a set.
pub(crate) fn movement(
    recording: &Recording,
    oriented: &[&OrientationTrack],
    common: Span,
    method: &Method,
) -> Vec<Finding> {
    let least_s = method.set.pause_s;
    let outside = uncovered(common, marked(&recording.markers, common));
    let long = outside.into_iter().filter(|span| span.length().seconds() > least_s);
    let found = long.filter_map(|span| {
        let moved_s = moving(oriented, span, method)?;
        let kind = FindingKind::OutsideSets { moved_s };
        (moved_s > least_s).then(|| Finding::of_recording(kind).during(span))
    });
    found.collect()
}

/// What markers say something of: sets, void ones too, calibrations, and knocks up to the next marker.
fn marked(markers: &[Marker], common: Span) -> Vec<Span> {
    let (mut spans, mut open): (Vec<Span>, Option<SessionTime>) = (Vec::new(), None);
    let (mut sets, mut in_set, mut searches) = (false, false, false);
    for marker in markers {
        let now = marker.at.on_session();
        let opens = match marker.kind {
            MarkerKind::SetStart { .. } | MarkerKind::SearchStart { .. } => {
                (sets, in_set) = (true, true);
                searches = matches!(marker.kind, MarkerKind::SearchStart { .. });
                true
            }
            MarkerKind::CalibrationStart | MarkerKind::ClockCheck => true,
            // A calibration within a set does not end it: what follows is the set's again.
            MarkerKind::CalibrationEnd => in_set,
            MarkerKind::SetEnd | MarkerKind::SetVoid => {
                // A search goes on.
                in_set = searches;
                searches
            }
            _ => continue,
        };
        spans.extend(open.map(|start| Span::new(start, now.max(start))));
        open = opens.then_some(now);
    }
    spans.extend(open.map(|start| Span::new(start, common.end.max(start))));
    if sets { spans } else { vec![common] }
}

/// What of a span none of these covers.
fn uncovered(common: Span, mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| span.start);
    let (mut left, mut from) = (Vec::new(), common.start);
    for span in spans {
        let to = span.start.min(common.end);
        if from < to {
            left.push(Span::new(from, to));
        }
        from = from.max(span.end);
    }
    if from < common.end {
        left.push(Span::new(from, common.end));
    }
    left
}

/// For how long some sensor moves within a span, s.
fn moving(oriented: &[&OrientationTrack], span: Span, method: &Method) -> Option<f64> {
    let grid = synchronise(oriented, span, SampleRate::from_hertz(method.grid.rate_hz)?);
    let (still, period) = (Still::from(&method.stillness.quiet_stance), grid.rate.period_seconds());
    let mut moves = vec![false; grid.len()];
    for track in &grid.tracks {
        let rates = track.angular_rate.iter().map(|rate| rate.norm()).collect();
        let activity = still.activity(rates, period);
        for (index, (moves, rate)) in moves.iter_mut().zip(activity).enumerate() {
            *moves |= track.valid[index] && rate >= still.rate;
        }
    }
    Some(period * moves.iter().filter(|moves| **moves).count() as f64)
}

#[cfg(test)]
mod tests {
    use truehinge_core::{HostTime, Side};

    use super::*;

    fn spans(list: &[(f64, f64)]) -> Vec<Span> {
        list.iter().map(|(from, to)| Span::from_seconds(*from, *to)).collect()
    }

    #[test]
    fn sets_void_ones_calibrations_and_knocks_are_accounted_for_and_nothing_else() {
        let common = Span::from_seconds(0.0, 100.0);
        let of = |list: &[(f64, MarkerKind)]| {
            let at = |(seconds, kind): &(f64, MarkerKind)| Marker {
                at: HostTime::from_seconds(*seconds),
                kind: kind.clone(),
            };
            marked(&list.iter().map(at).collect::<Vec<_>>(), common)
        };
        let start = MarkerKind::SetStart { side: Side::Left };
        let (end, void) = (MarkerKind::SetEnd, MarkerKind::SetVoid);
        assert_eq!(of(&[(10.0, start.clone()), (30.0, end.clone())]), spans(&[(10.0, 30.0)]));
        assert_eq!(of(&[(10.0, start.clone()), (30.0, void)]), spans(&[(10.0, 30.0)]));
        // One that was not ended goes on to the end of the data.
        assert_eq!(of(&[(10.0, start.clone())]), spans(&[(10.0, 100.0)]));
        // A calibration before the set, and one within it.
        let (begins, ends) = (MarkerKind::CalibrationStart, MarkerKind::CalibrationEnd);
        let before = [(5.0, begins.clone()), (20.0, ends.clone()), (40.0, start.clone()), (60.0, end.clone())];
        assert_eq!(of(&before), spans(&[(5.0, 20.0), (40.0, 60.0)]));
        let within = [(10.0, start), (20.0, begins), (30.0, ends), (50.0, end.clone())];
        assert_eq!(of(&within), spans(&[(10.0, 20.0), (20.0, 30.0), (30.0, 50.0)]));
        // Where no set begins nobody marked any: everything is looked at.
        assert_eq!(of(&[(20.0, end)]), spans(&[(0.0, 100.0)]));
    }

    #[test]
    fn what_no_span_covers_is_left() {
        let common = Span::from_seconds(0.0, 100.0);
        assert_eq!(
            uncovered(common, spans(&[(60.0, 70.0), (10.0, 30.0), (20.0, 40.0)])),
            spans(&[(0.0, 10.0), (40.0, 60.0), (70.0, 100.0)])
        );
        assert_eq!(uncovered(common, spans(&[(-5.0, 200.0)])), []);
    }
}
