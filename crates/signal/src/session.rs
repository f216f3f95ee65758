//! The stages in order: a recording in, a [`SessionAnalysis`] out. Live use and batch call this.
//!
//! ```text
//! Recording -> clock -> timebase -> inertial -> orientation -> synchronise -> watch::slip
//!           -> (per set) stillness -> body::alignment -> repetitions -> measure -> judge -> SessionAnalysis
//! ```
//!
//! Deterministic: the same recording, method and version give the same numbers, on any number of threads.

use std::borrow::Cow;

use truehinge_core::{
    Cause, Explained, Finding, Impossible, MarkerKind, MountSite, Protocol, Provenance, Recording, Rep, SampleRate,
    SensorRole, SessionAnalysis, SessionTime, SetAnalysis, Side, Span,
};

use crate::blocks::blocks;
use crate::clock::{self, ClockFitError, knocks};
use crate::findings;
use crate::grid::PoseGrid;
use crate::method::{Method, MethodError, Wear};
use crate::orientation::OrientationTrack;
use crate::prepared::{PrepareError, Prepared, prepare};
use crate::provenance::provenance;
use crate::set::{Analysed, SetContext, Worn, analyse as analyse_set};
use crate::stillness::observe;
use crate::synchronise::{common_span, synchronise};
use crate::watch::slip::{Slip, put_on_anew, slips};
use crate::watch::{outside, wear};

/// A recording cannot be analysed.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignalError {
    /// A number of the method cannot be.
    #[error(transparent)]
    Method(Box<MethodError>),
    /// A body measure or a limit of the protocol is none.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// A required sensor is missing.
    #[error("there is no {role} sensor in the recording (found: {})", names(found))]
    MissingSensor {
        /// Which one.
        role: SensorRole,
        /// Roles that are there.
        found: Vec<SensorRole>,
    },
    /// The clocks do not allow a common timeline.
    #[error(transparent)]
    Clock(#[from] ClockFitError),
    /// A sensor's samples cannot be oriented.
    #[error(transparent)]
    Sensor(#[from] PrepareError),
    /// The sensors were never on at the same time.
    #[error("the sensors have no time in common")]
    NoCommonTime,
    /// Nothing still enough to align the sensors.
    #[error("no second of quiet standing with data from all sensors")]
    NoQuietStance,
}

impl Explained for SignalError {
    fn code(&self) -> &'static str {
        match self {
            Self::Method(error) => error.code(),
            Self::Impossible(error) => error.code(),
            Self::MissingSensor { .. } => "analysis_missing_sensor",
            Self::Clock(error) => error.code(),
            Self::Sensor(error) => error.code(),
            Self::NoCommonTime => "analysis_no_common_time",
            Self::NoQuietStance => "analysis_no_quiet_stance",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Method(error) => return error.hint(),
            Self::Impossible(error) => return error.hint(),
            Self::Clock(error) => return error.hint(),
            Self::Sensor(error) => return error.hint(),
            Self::MissingSensor { .. } => "record it, or say which sensor it is".into(),
            Self::NoCommonTime => "check that all files are from the same session".into(),
            Self::NoQuietStance => "stand still for 3 s before the first repetition".into(),
        })
    }
}

fn names(roles: &[SensorRole]) -> String {
    if roles.is_empty() {
        return "none".to_owned();
    }
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
}

/// Analyses a recording by a protocol. The result says how it was computed: [`Provenance`].
///
/// # Errors
/// A number of the method is out of its range, a body measure or a limit of the protocol is impossible, a required sensor is missing, the clocks or time bases are unusable, the sensors do not overlap, or there is no second of
/// stillness to align them by.
pub fn analyse(recording: &Recording, method: &Method, protocol: &Protocol) -> Result<SessionAnalysis, SignalError> {
    method.check().map_err(|error| SignalError::Method(Box::new(error)))?;
    let mut analysis = analyse_as(recording, method, protocol, provenance(recording, method, protocol))?;
    if recording.markers.iter().all(|marker| !matches!(marker.kind, MarkerKind::SetStart { .. })) {
        doubt_alone(&mut analysis.sets);
    }
    analysis.findings.extend(knocks::findings(recording, &method.clock));
    analysis.findings.extend(recording.info.source.faults.iter().map(Finding::of_fault));
    Ok(analysis)
}

/// [`analyse`] of a recording whose provenance is known, without what is known only of a whole one: that a movement stayed alone, and the
/// checks of clocks that somebody made in it.
pub(crate) fn analyse_as(
    recording: &Recording,
    method: &Method,
    protocol: &Protocol,
    provenance: Provenance,
) -> Result<SessionAnalysis, SignalError> {
    recording.info.body.check()?;
    protocol.check()?;
    require_sensors(recording)?;
    let models = clock::fit(recording, &method.clock)?;
    let prepared: Vec<Prepared> = recording
        .tracks
        .iter()
        .zip(&models)
        .map(|(track, model)| prepare(track, model, method))
        .collect::<Result<_, _>>()?;
    let oriented: Vec<&OrientationTrack> = prepared.iter().map(|p| &p.oriented).collect();
    let common = common_span(&oriented).ok_or(SignalError::NoCommonTime)?;
    let sets = Sets::of(recording, &oriented, common, method, protocol)?;
    let mut findings = findings::of_data(&prepared, &sets.analysed, protocol, &method.watch.quality);
    findings.extend(findings::unmeasured(&recording.info.body));
    findings
        .extend(recording.tracks.iter().zip(&models).filter_map(|(track, model)| findings::not_shared(track, model)));
    findings.extend(sets.findings(&method.watch.wear));
    findings.extend(outside::movement(recording, &oriented, common, method));
    Ok(SessionAnalysis {
        info: recording.info.clone(),
        end: common.end,
        sensors: prepared.into_iter().map(|sensor| sensor.quality).collect(),
        sets: sets.analysed,
        findings,
        limits: findings::limits(method),
        provenance,
    })
}

/// The sets of a recording, and what was seen of how the sensors are worn.
#[derive(Default)]
struct Sets {
    analysed: Vec<SetAnalysis>,
    slipped: Vec<Finding>,
    swapped: Vec<Finding>,
    /// That the leg, or a sensor, is another than was said.
    other_leg: Vec<Finding>,
    put_on_anew: Vec<Finding>,
}

impl Sets {
    fn of(
        recording: &Recording,
        oriented: &[&OrientationTrack],
        common: Span,
        method: &Method,
        protocol: &Protocol,
    ) -> Result<Self, SignalError> {
        let mounts: Vec<(SensorRole, Option<MountSite>)> =
            recording.tracks.iter().map(|track| (track.role, track.device.mount)).collect();
        let calibrations = calibrations(recording, common);
        let mut sets = Self::default();
        for block in blocks(recording, common) {
            let (body, calibrations) = (&recording.info.body, &calibrations[..]);
            let (side, marked, borders) = (block.side, block.marked, &block.borders[..]);
            let context =
                SetContext { side, marked, put_on_anew: false, body, mounts: &mounts, protocol, calibrations, borders };
            let before = sets.analysed.len();
            sets.add(oriented, block.span, &context, method)?;
            let counted = sets.analysed.split_off(before).into_iter().filter(|set| block.counts(set));
            sets.number_on(counted);
        }
        // A set that was made void and has not been done again yet leaves nothing, and that is no fault.
        let void = recording.markers.iter().any(|marker| marker.kind == MarkerKind::SetVoid);
        if sets.analysed.is_empty() && !void { Err(SignalError::NoQuietStance) } else { Ok(sets) }
    }

    /// Keeps these, numbered from the last one on.
    fn number_on(&mut self, counted: impl Iterator<Item = SetAnalysis>) {
        let first = self.analysed.last().map_or(1, |set| set.number + 1);
        self.analysed.extend((first..).zip(counted).map(|(number, set)| SetAnalysis { number, ..set }));
    }

    /// What was seen of how the sensors are worn.
    fn findings(&self, method: &Wear) -> Vec<Finding> {
        let of_sets = findings::of_sets(&self.analysed, &self.slipped, method);
        // Whoever does no exercise sits down and gets up as well.
        let counted = self.analysed.iter().any(|set| !set.reps.is_empty());
        let anew = if counted { &self.put_on_anew[..] } else { &[] };
        [&self.swapped[..], &self.other_leg, anew, &of_sets, &self.slipped].concat()
    }

    /// Adds the sets of a block: one after another between its slips.
    fn add(
        &mut self,
        oriented: &[&OrientationTrack],
        block: Span,
        context: &SetContext<'_>,
        method: &Method,
    ) -> Result<(), SignalError> {
        let rate = SampleRate::from_hertz(method.grid.rate_hz).ok_or(SignalError::NoCommonTime)?;
        let grid = synchronise(oriented, block, rate);
        self.swapped.extend(wear::looks_swapped(&grid, method).then(|| findings::swapped(block)));
        let stance = observe(&grid, method);
        let slips = stance.as_ref().map_or_else(Vec::new, |stance| slips(&grid, stance, method));
        let unmarked = stance.as_ref().filter(|_| !context.marked);
        let anew = unmarked.map_or_else(Vec::new, |stance| put_on_anew(&grid, stance, method));
        if slips.is_empty() && anew.is_empty() {
            let worn = stance.and_then(|stance| Worn::standing(&grid, stance, context, method));
            self.set(worn.as_ref(), context.side);
        } else {
            let cuts = in_order(&slips, &anew);
            for part in parts(&grid, block, &cuts) {
                // They may be on the other leg.
                let put_on_anew = anew.first().is_some_and(|first| part.start >= grid.time(first.at));
                let grid = synchronise(oriented, part, rate);
                let side = context.side.filter(|_| !put_on_anew);
                let context = SetContext { side, put_on_anew, ..context.clone() };
                self.set(Worn::new(&grid, &context, method).as_ref(), context.side);
            }
        }
        let between = |slip: &Slip| Span::new(grid.time(slip.from), grid.time(slip.at));
        self.slipped.extend(slips.into_iter().map(|slip| findings::slipped(between(&slip), slip)));
        self.put_on_anew.extend(anew.into_iter().map(|slip| findings::put_on_anew(between(&slip), slip)));
        Ok(())
    }

    /// Adds the sets of a stretch. One without a second of stillness holds no set.
    fn set(&mut self, worn: Option<&Worn<'_>>, side: Option<Side>) {
        let first = self.analysed.last().map_or(1, |set| set.number + 1);
        let Some(Analysed { sets, leaning_away, faces_back }) = worn.map(|worn| analyse_set(worn, first)) else {
            return;
        };
        if let (Some(side), Some(movements), [.., last]) = (side, leaning_away, &sets[..]) {
            let span = Span::new(sets[0].span.start, last.span.end);
            self.other_leg.push(findings::other_leg(span, side, movements));
        }
        if let (true, [first, .., last] | [first @ last]) = (faces_back, &sets[..]) {
            self.other_leg.push(findings::faces_back(Span::new(first.span.start, last.span.end)));
        }
        self.analysed.extend(sets);
    }
}

/// Slips and sensors that were put on anew, in order of time; of two that overlap the first.
fn in_order(slips: &[Slip], anew: &[Slip]) -> Vec<Slip> {
    let mut cuts = [slips, anew].concat();
    cuts.sort_by_key(|slip| slip.from);
    cuts.dedup_by(|later, earlier| later.from < earlier.at);
    cuts
}

/// One movement alone is no set, unless somebody marked it.
fn doubt_alone(sets: &mut [SetAnalysis]) {
    let mut reps: Vec<&mut Rep> = sets.iter_mut().flat_map(|set| &mut set.reps).collect();
    if let [rep] = &mut reps[..] {
        rep.judgement = rep.judgement.clone().withheld(Cause::Alone);
    }
}

fn require_sensors(recording: &Recording) -> Result<(), SignalError> {
    for role in [SensorRole::Hip, SensorRole::Shank] {
        if recording.track(role).is_none() {
            let found = recording.tracks.iter().map(|track| track.role).collect();
            return Err(SignalError::MissingSensor { role, found });
        }
    }
    Ok(())
}

/// The guided calibrations between their markers; one that was not ended goes on to the end.
fn calibrations(recording: &Recording, common: Span) -> Vec<Span> {
    let (mut made, mut begun) = (Vec::new(), None);
    for marker in &recording.markers {
        let now = marker.at.on_session();
        match marker.kind {
            MarkerKind::CalibrationStart => begun = Some(now),
            MarkerKind::CalibrationEnd => {
                made.extend(begun.take().map(|start: SessionTime| Span::new(start, now.max(start))));
            }
            _ => {}
        }
    }
    made.extend(begun.map(|start| Span::new(start, common.end.max(start))));
    made
}

/// The stretches of a block between slips.
fn parts(grid: &PoseGrid, block: Span, slips: &[Slip]) -> Vec<Span> {
    let starts = std::iter::once(block.start).chain(slips.iter().map(|slip| grid.time(slip.at)));
    let ends = slips.iter().map(|slip| grid.time(slip.from)).chain(std::iter::once(block.end));
    starts.zip(ends).map(|(start, end)| Span::new(start, end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_cannot_be_is_refused_by_the_path_of_its_number() {
        let still = [[0.0, 0.0, 9.81, 0.0, 0.0, 0.0]; 100];
        let hip = truehinge_core::Samples::at_rate(100.0, &still);
        let recording = Recording::builder().sensor(SensorRole::Hip, MountSite::Sacrum, hip).build().expect("possible");
        let mut method = Method::default();
        method.repetitions.leaves_deg = f64::NAN;
        let error = analyse(&recording, &method, &Protocol::default()).expect_err("no number");
        assert!(error.to_string().starts_with("repetitions.leaves_deg is nan, allowed is a number from"), "{error}");
    }

    #[test]
    fn a_body_or_a_protocol_that_cannot_be_is_refused_by_its_name() {
        let still = [[0.0, 0.0, 9.81, 0.0, 0.0, 0.0]; 100];
        let hip = truehinge_core::Samples::at_rate(100.0, &still);
        let mut recording =
            Recording::builder().sensor(SensorRole::Hip, MountSite::Sacrum, hip).build().expect("possible");
        let mut protocol = Protocol::default();
        protocol.criteria.confidence = f64::NAN;
        let error = analyse(&recording, &Method::default(), &protocol).expect_err("no probability").in_full();
        assert_eq!(error, "confidence is NaN, possible is 0.5 to 1: correct it in the protocol");
        recording.info.body.mass_kg = Some(0.0);
        let error = analyse(&recording, &Method::default(), &Protocol::default()).expect_err("no mass").in_full();
        assert_eq!(error, "mass_kg is 0 kg, possible is 10 to 400 kg: measure it again, or leave it out");
    }
}
