//! The numbers of one set's repetitions, and the verdicts on them.

use truehinge_core::{Cause, Judgement, Rejection, Rep, SetAnalysis};

use super::Found;
use super::found::{rejected, span_of};
use crate::everyday::body::{sat, withhold};
use crate::judge::judge;
use crate::measure::{Agreement, Measurement, measure_set};
use crate::repetitions::{Candidate, perhaps_broken_off};
use crate::watch::settling::{Remainder, doubts, is_loose};
use crate::watch::wear::unworn;

/// One set, measured.
#[derive(Clone, Debug)]
pub struct Measured<'a> {
    found: &'a Found<'a>,
    /// All movements of the set.
    group: Vec<Candidate>,
    /// Those of them that count.
    counted: Vec<Candidate>,
    /// What was left after each repetition.
    left: Vec<Remainder>,
    /// What was left after movements between them that did not come back: of a person, or of a sensor.
    left_between: Vec<Remainder>,
    measurements: Vec<Measurement>,
    /// How well all that is known of the leg agrees.
    agreement: Agreement,
}

impl<'a> Measured<'a> {
    /// Measures the counted repetitions of a set, which is one of [`Found::sets`]. Sitting down is not counted, and the rest is measured
    /// without it.
    pub fn of(found: &'a Found<'a>, group: &[Candidate]) -> Self {
        let worn = found.worn();
        let (mut group, protocol) = (group.to_vec(), worn.context.protocol);
        loop {
            let measured = Self::as_counted(found, group);
            let of = |(candidate, measurement): (&Candidate, &Measurement)| {
                Some((candidate.range.start, sat(&measurement.metrics, protocol, &worn.method.everyday.body)?))
            };
            let refused: Vec<(usize, Rejection)> = measured.measurements().filter_map(of).collect();
            if refused.is_empty() {
                return measured;
            }
            group = measured.group;
            for candidate in group.iter_mut().filter(|candidate| candidate.rejection.is_none()) {
                let reason = refused.iter().find(|(start, _)| *start == candidate.range.start);
                candidate.rejection = reason.map(|(_, reason)| *reason);
            }
        }
    }

    fn as_counted(found: &'a Found<'a>, group: Vec<Candidate>) -> Self {
        let (motion, all) = (found.motion(), found.candidates());
        let method = found.worn().method;
        let counted: Vec<Candidate> = group.iter().filter(|candidate| candidate.rejection.is_none()).cloned().collect();
        let next = |candidate: &Candidate| {
            let later = all.iter().map(|next| next.range.start).find(|start| *start >= candidate.range.end);
            later.unwrap_or(found.worn().grid.len())
        };
        let remainder = |candidate: &Candidate| Remainder::after(motion, candidate, next(candidate), method);
        let left: Vec<Remainder> = counted.iter().map(remainder).collect();
        let left_between = between(&group, all).map(remainder).collect();
        let counted_ones: Vec<&Candidate> = counted.iter().collect();
        let doubtful = doubts(&left, &method.watch.settling);
        let (mut measurements, agreement) = measure_set(motion, &counted_ones, all, &doubtful, method);
        for measurement in &mut measurements {
            withhold(&mut measurement.metrics, &method.everyday.body);
        }
        Self { found, group, counted, left, left_between, measurements, agreement }
    }

    /// The counted repetitions with their numbers, in order of time.
    pub fn measurements(&self) -> impl Iterator<Item = (&Candidate, &Measurement)> {
        self.counted.iter().zip(&self.measurements)
    }

    /// The movements that count.
    pub(super) fn counted(&self) -> &[Candidate] {
        &self.counted
    }

    /// How well all that is known of the leg agrees in them.
    pub(super) fn agreement(&self) -> Agreement {
        self.agreement
    }

    /// The set with a verdict on each repetition; with none where a sensor faces the other way.
    pub fn judged(self, number: u32, faces_back: bool) -> SetAnalysis {
        let worn = self.found.worn();
        let (grid, context) = (worn.grid, worn.context);
        SetAnalysis {
            number,
            side: context.side,
            span: span_of(grid, &self.group),
            quiet_stances: worn.stance.quiet.iter().map(|range| grid.span(range.clone())).collect(),
            alignment: self.found.aligned().reports(&self.all_left()),
            rejected: self.group.iter().filter_map(|candidate| rejected(grid, candidate)).collect(),
            reps: self.reps(faces_back),
        }
    }

    fn all_left(&self) -> Vec<Remainder> {
        [&self.left[..], &self.left_between[..]].concat()
    }

    fn reps(self, faces_back: bool) -> Vec<Rep> {
        let worn = self.found.worn();
        let broken_off = perhaps_broken_off(&self.counted, &worn.method.repetitions.aborted);
        let other_leg = faces_back || worn.context.put_on_anew || self.found.leaning_away().is_some();
        let loose = is_loose(&self.all_left(), &worn.method.watch.settling);
        let part = |candidate: &Candidate| candidate.apart_share > worn.method.repetitions.unreturned_share;
        let reps: Vec<Rep> = (1..)
            .zip(self.counted.iter().zip(self.measurements).zip(broken_off))
            .map(|(number, ((candidate, measured), broken_off))| {
                let descent_s = measured.phases.descent.length().seconds();
                let judgement = judge(&measured.metrics, descent_s, &worn.context.protocol.criteria);
                let reasons = [
                    (other_leg, Cause::OtherLeg),
                    (loose, Cause::SensorLoose),
                    (broken_off, Cause::PerhapsBrokenOff),
                    (part(candidate), Cause::PerhapsPart),
                ];
                Rep {
                    number,
                    span: worn.grid.span(candidate.range.clone()),
                    turn: worn.grid.time_at(candidate.turn()),
                    phases: measured.phases,
                    by_hand: None,
                    judgement: withheld(judgement, &reasons),
                    metrics: measured.metrics,
                    budgets: measured.budgets,
                    curves: measured.curves,
                }
            })
            .collect();
        if unworn(&reps, &worn.method.watch.wear).is_empty() {
            return reps;
        }
        reps.into_iter().map(|rep| Rep { judgement: rep.judgement.withheld(Cause::SensorUnworn), ..rep }).collect()
    }
}

/// The movements of a group that did not come back, between the first and the last that counts of all.
fn between<'a>(group: &'a [Candidate], all: &[Candidate]) -> impl Iterator<Item = &'a Candidate> {
    let counted = || all.iter().filter(|candidate| candidate.rejection.is_none());
    let ends =
        counted().next().zip(counted().next_back()).map_or(0..0, |(first, last)| first.range.end..last.range.start);
    let unreturned = |candidate: &&Candidate| matches!(candidate.rejection, Some(Rejection::NoReturn { .. }));
    group.iter().filter(unreturned).filter(move |candidate| ends.contains(&candidate.range.start))
}

/// A verdict, unless one of the reasons against it holds.
fn withheld(judgement: Judgement, reasons: &[(bool, Cause)]) -> Judgement {
    match reasons.iter().find(|(holds, _)| *holds) {
        Some((_, cause)) => judgement.withheld(*cause),
        None => judgement,
    }
}

#[cfg(test)]
mod tests {
    use truehinge_core::{Anthropometry, Protocol, SensorRole, Verdict};

    use super::*;
    use crate::drawn::sensors::{GRIDS, STILL, grid};
    use crate::method::Method;
    use crate::set::{SetContext, Worn};

    fn causes(left: [f64; 3]) -> Vec<(Verdict, Cause)> {
        causes_of(left, [0.0; 3])
    }

    /// The causes of three repetitions after which so much of the shank's lean was left, rad, and the stance was so far from that before.
    fn causes_of(left: [f64; 3], apart: [f64; 3]) -> Vec<(Verdict, Cause)> {
        let grid = grid(GRIDS[0], 30.0, &[SensorRole::Hip, SensorRole::Shank], |_, _| STILL);
        let (body, protocol, mut method) = (Anthropometry::default(), Protocol::default(), Method::default());
        // These sensors are drawn at rest.
        method.watch.wear.unworn_deg = 0.0;
        let context = SetContext::marked(&body, &protocol);
        let worn = Worn::new(&grid, &context, &method).expect("nobody moves");
        let found = worn.found();
        let group = [0, 1, 2].map(|i| (500 + 700 * i, apart[i])).map(|(start, apart_share)| Candidate {
            range: start..start + 200,
            bottom: start + 80..start + 120,
            stance: start - 25..start,
            lead_in: start - 50..start,
            excursion: 0.5,
            stance_lean: 0.0,
            apart_share,
            rejection: None,
        });
        let mut measured = Measured::of(&found, &group);
        assert_eq!(measured.left, [Remainder { shank: 0.0, pelvis: 0.0 }; 3], "nobody moves");
        measured.left = left.map(|shank| Remainder { shank, pelvis: 0.0 }).into();
        measured.judged(1, false).reps.iter().map(|rep| (rep.judgement.verdict, rep.judgement.cause)).collect()
    }

    #[test]
    fn what_ends_in_another_posture_than_it_began_in_may_be_a_part_and_gets_no_verdict() {
        let share = Method::default().repetitions.unreturned_share;
        let judged = causes_of([0.0; 3], [0.0, share, share + 0.01]);
        assert!(judged[..2].iter().all(|(verdict, _)| *verdict != Verdict::Indeterminate), "{judged:?}");
        assert_eq!(judged[2], (Verdict::Indeterminate, Cause::PerhapsPart));
    }

    #[test]
    fn under_a_loose_strap_no_verdict_is_given_on_any_repetition() {
        // Who does not move does not go back with the hips.
        let sure = causes([0.0, 0.0, 0.0]);
        assert!(sure.iter().all(|(_, cause)| *cause != Cause::SensorLoose), "{sure:?}");
        assert_eq!(causes([0.1, 0.0, 0.0]), sure, "one may be a slip");
        assert_eq!(causes([0.1, 0.0, 0.1]), [(Verdict::Indeterminate, Cause::SensorLoose); 3]);
    }
}
