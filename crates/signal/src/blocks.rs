//! The stretches of a recording that belong together, by its markers: a set that somebody marked, or all sets that are looked for on a leg.

use truehinge_core::{MarkerKind, Recording, Rep, SessionTime, SetAnalysis, Side, Span};

/// A stretch with one stance leg and one mounting.
pub(crate) struct Block {
    pub span: Span,
    pub side: Option<Side>,
    pub marked: bool,
    /// Where sets in it end that the set finder has seen, or that were made void.
    pub borders: Vec<SessionTime>,
    /// What does not count.
    void: Vec<Span>,
}

impl Block {
    /// Whether a set counts.
    pub fn counts(&self, set: &SetAnalysis) -> bool {
        let is_void = |rep: &Rep| self.void.iter().any(|void| (void.start..void.end).contains(&rep.span.start));
        !set.reps.iter().any(is_void)
    }

    /// Of sets that were looked for, the last one does not count. Whether these are such.
    fn make_void(&mut self) -> bool {
        let from = self.borders.iter().copied().fold(self.span.start, SessionTime::max);
        self.void.extend((!self.marked).then_some(Span::new(from, self.span.end)));
        !self.marked
    }
}

/// Cuts the recording at its set markers; without any, it is one block. Sets that are looked for share a block: whoever steps down
/// after the last one shows that all were made on one leg.
pub(crate) fn blocks(recording: &Recording, common: Span) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Open> = None;
    let mut void = false;
    let close = |blocks: &mut Vec<Block>, open: Option<Open>, end: SessionTime| {
        blocks.extend(open.and_then(|open| open.block(end, common)));
    };
    for marker in &recording.markers {
        let now = marker.at.on_session();
        match marker.kind {
            MarkerKind::SetStart { side } => close(&mut blocks, open.replace(Open::new(now, side, true)), now),
            MarkerKind::SearchStart { side, .. } => {
                close(&mut blocks, open.replace(Open::new(now, side, false)), now);
            }
            MarkerKind::SetEnd | MarkerKind::SetFound => match &mut open {
                Some(search) if !search.marked => search.parts.push(now),
                // What is found in a set that somebody marked ends nothing.
                _ if marker.kind == MarkerKind::SetFound => {}
                _ => close(&mut blocks, open.take(), now),
            },
            MarkerKind::SetVoid => {
                void = true;
                let here = open.as_mut().filter(|open| !open.marked).is_some_and(|search| search.make_void(now));
                let is_done = here || open.take_if(|open| open.marked).is_some();
                if !is_done && !blocks.last_mut().is_some_and(Block::make_void) {
                    blocks.pop();
                }
            }
            _ => {}
        }
    }
    close(&mut blocks, open, common.end);
    if blocks.is_empty() && !void {
        let (borders, void) = (Vec::new(), Vec::new());
        blocks.push(Block { span: common, side: recording.info.stance_side, marked: false, borders, void });
    }
    blocks
}

/// A block that has begun.
struct Open {
    side: Side,
    marked: bool,
    /// Where each of its sets begins, or is looked for from.
    parts: Vec<SessionTime>,
    void: Vec<Span>,
}

impl Open {
    fn new(from: SessionTime, side: Side, marked: bool) -> Self {
        Self { side, marked, parts: vec![from], void: Vec::new() }
    }

    /// The running set does not count, and is looked for anew; said again at the same instant, the one before does not count either.
    /// Whether there was one.
    fn make_void(&mut self, now: SessionTime) -> bool {
        self.parts.pop_if(|from| *from == now);
        let last = self.parts.pop();
        self.void.extend(last.map(|from| Span::new(from, now.max(from))));
        self.parts.push(now);
        last.is_some()
    }

    /// What of it lies in the common time of the sensors, if it ends then.
    fn block(self, end: SessionTime, common: Span) -> Option<Block> {
        let Self { side, marked, parts, void } = self;
        let begin = parts.iter().copied().chain(void.iter().map(|void| void.start)).min()?;
        let (start, end) = (begin.max(common.start), end.min(common.end));
        let around = void.iter().flat_map(|void| [void.start, void.end]);
        let borders = parts.into_iter().chain(around).filter(|at| (start..end).contains(at) && *at != start).collect();
        (start < end).then(|| Block { span: Span::new(start, end), side: Some(side), marked, borders, void })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{HostTime, Marker, Source};

    const COMMON: Span = Span { start: SessionTime::from_nanos(0), end: SessionTime::from_nanos(100_000_000_000) };

    fn found(markers: &[(f64, MarkerKind)]) -> Vec<(f64, f64)> {
        blocks(&recording(markers), COMMON)
            .iter()
            .map(|block| (block.span.start.seconds(), block.span.end.seconds()))
            .collect()
    }

    fn recording(markers: &[(f64, MarkerKind)]) -> Recording {
        let markers = markers.iter().map(|(at, kind)| Marker { at: HostTime::from_seconds(*at), kind: kind.clone() });
        let info = truehinge_core::SessionInfo {
            session: truehinge_core::SessionId::from("S1".to_owned()),
            athlete: truehinge_core::AthleteId::new("P-1".to_owned()).expect("a pseudonym"),
            start_utc_ns: None,
            zone: truehinge_core::Zone::Unknown,
            stance_side: None,
            protocol: String::new(),
            body: truehinge_core::Anthropometry::default(),
            source: Source::default(),
        };
        Recording { info, tracks: Vec::new(), markers: markers.collect() }
    }

    #[test]
    fn a_set_that_is_void_is_left_out_whether_it_runs_or_has_ended() {
        let start = || MarkerKind::SetStart { side: Side::Left };
        assert_eq!(found(&[]), [(0.0, 100.0)]);
        assert_eq!(found(&[(1.0, start()), (20.0, start())]), [(1.0, 20.0), (20.0, 100.0)]);
        let running = [(1.0, start()), (10.0, MarkerKind::SetVoid), (20.0, start())];
        assert_eq!(found(&running), [(20.0, 100.0)]);
        let ended = [(1.0, start()), (10.0, MarkerKind::SetEnd), (12.0, MarkerKind::SetVoid), (20.0, start())];
        assert_eq!(found(&ended), [(20.0, 100.0)]);
        assert_eq!(found(&[(1.0, start()), (10.0, MarkerKind::SetVoid)]), []);
    }

    /// Where sets of a block end, and what of it is void, s.
    type Searched = (Vec<f64>, Vec<(f64, f64)>);

    /// Of all blocks.
    fn searched(markers: &[(f64, MarkerKind)]) -> Vec<Searched> {
        let seconds = |span: &Span| (span.start.seconds(), span.end.seconds());
        let of = |block: Block| {
            assert!(!block.marked);
            let mut borders: Vec<f64> = block.borders.iter().map(|at| at.seconds()).collect();
            borders.sort_by(f64::total_cmp);
            borders.dedup();
            (borders, block.void.iter().map(seconds).collect())
        };
        blocks(&recording(markers), COMMON).into_iter().map(of).collect()
    }

    #[test]
    fn sets_that_are_looked_for_share_a_block_and_are_made_void_one_by_one() {
        let search = |side| MarkerKind::SearchStart { side, least: 3, most: 5 };
        let begin = (0.0, search(Side::Left));
        let (seen, end, void) = (MarkerKind::SetFound, MarkerKind::SetEnd, MarkerKind::SetVoid);
        let of = |more: &[(f64, MarkerKind)]| searched(&[std::slice::from_ref(&begin), more].concat());
        assert_eq!(of(&[]), [(vec![], vec![])]);
        assert_eq!(of(&[(20.0, seen.clone()), (50.0, end.clone())]), [(vec![20.0, 50.0], vec![])]);
        // The running one, and then the one before.
        let two = [(20.0, seen.clone()), (50.0, void.clone())];
        assert_eq!(of(&two), [(vec![20.0, 50.0], vec![(20.0, 50.0)])]);
        assert_eq!(
            of(&[&two[..], &[(50.0, void.clone())]].concat()),
            [(vec![20.0, 50.0], vec![(20.0, 50.0), (0.0, 50.0)])]
        );
        // Later, what was done since is the running one again.
        let again = of(&[&two[..], &[(70.0, void.clone())]].concat());
        assert_eq!(again[0].1, [(20.0, 50.0), (50.0, 70.0)]);
        // The one before was on the other leg.
        let other = [(20.0, end), (20.0, search(Side::Right)), (30.0, void.clone()), (30.0, void)];
        let legs = of(&other);
        assert_eq!(legs[0].1, [(0.0, 20.0)]);
        assert_eq!(legs[1].1, [(20.0, 30.0)]);
        // What is found in a set that somebody marked ends nothing.
        let marked = [(0.0, MarkerKind::SetStart { side: Side::Left }), (20.0, seen)];
        assert_eq!(found(&marked), [(0.0, 100.0)]);
    }
}
