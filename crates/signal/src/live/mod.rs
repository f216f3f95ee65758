//! Live use: the batch analysis, run on what is there so far whenever the person comes to rest, and a cue for every sample.
//!
//! A repetition cannot be judged before it has ended: its displacement is anchored to the stance on both sides. So there are two
//! layers (decision 0009). Per sample, without look-ahead: the shank's lean and with it the knee's travel, for a cue during the
//! movement (`KneeCue`). At every rest: [`crate::analyse`], the same function that batch calls, on the samples so far. What it
//! says of a repetition may change while the set goes on (an attempt is small only beside others); then it is told again as
//! [`LiveEvent::Revised`] or taken back as [`LiveEvent::Withdrawn`]. At the end [`LiveSession::settle`] with the analysis of the
//! stored recording leaves nothing told that batch does not say.

mod cue;
mod replay;
mod rest;

use std::collections::BTreeMap;

use truehinge_core::{
    DeviceInfo, Finding, HostTime, InertialSample, Interval, Marker, MarkerKind, Metric, Protocol, Provenance,
    Recording, Rep, SensorRole, SequenceGap, SessionAnalysis, SessionInfo, SessionTime, Side, Span, Track,
    TrackSamples, recording::ClockKind,
};

pub use cue::Cue;
use cue::KneeCue;
pub use replay::replay;
use rest::Activity;

use crate::method::Method;
use crate::orientation::offline::OfflineParams;
use crate::session::analyse;
use crate::set::SET_PAUSE_S;
use crate::watch::calibration::{self, Lack};

/// What a live session tells.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum LiveEvent {
    /// The knee has just gone forward beyond the fault limit.
    KneeForward(Cue),
    /// The knee has come back within the good limit.
    KneeBack(Cue),
    /// A repetition ended.
    Repetition(LiveRep),
    /// A repetition told before is now seen otherwise: another verdict, or a number that moved by more than half its sigma.
    Revised(LiveRep),
    /// A movement told as a repetition is not counted after all.
    Withdrawn(Span),
    /// Something is wrong with how a sensor is worn.
    Worn(Finding),
    /// What was told of a sensor does not hold after all.
    WornWell(Finding),
}

/// A repetition of the running session.
#[derive(Clone, PartialEq, Debug)]
pub struct LiveRep {
    /// Supporting leg, if known.
    pub side: Option<Side>,
    /// As the analysis has it.
    pub rep: Rep,
}

/// Rest after which a movement is analysed, s.
const REST_S: f64 = 0.3;
/// Someone who never rests hears of the repetitions after this long, s.
const RESTLESS_S: f64 = 3.0;
/// Stillness before the first movement that is enough to align the sensors, s.
const FIRST_REST_S: f64 = 2.0;
/// How long before the end of the data a repetition must have ended to be told, s.
const SETTLED_S: f64 = 0.3;
/// Longest stretch that is analysed anew, and what is kept of it when it is exceeded, s: memory and work stay bounded.
const WINDOW_S: f64 = 300.0;
const KEPT_S: f64 = 240.0;

/// A session while it goes on.
pub struct LiveSession {
    protocol: Protocol,
    method: Method,
    provenance: Provenance,
    /// What came lately, at most [`WINDOW_S`] of it.
    window: Recording,
    /// Where the window begins, once something was cut off.
    cut: SessionTime,
    activity: BTreeMap<SensorRole, Activity>,
    cue: KneeCue,
    told: Vec<LiveRep>,
    /// What was told of how the sensors are worn and still holds.
    worn: Vec<Finding>,
    /// When the running set began.
    set_start: SessionTime,
    lacks: Option<Vec<Lack>>,
    now: HostTime,
    analysed: Analysed,
}

/// When the window was last analysed, and why not again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Analysed {
    at: HostTime,
    /// Nobody has moved since.
    rested: bool,
    once: bool,
}

impl LiveSession {
    /// A session that begins now.
    pub fn new(info: SessionInfo, protocol: Protocol, method: Method, provenance: Provenance) -> Self {
        let cue = KneeCue::new(&info.body, &protocol.criteria, OfflineParams::from(&method).vqf);
        Self {
            protocol,
            method,
            provenance,
            window: Recording { info, tracks: Vec::new(), markers: Vec::new() },
            cut: SessionTime::from_nanos(i64::MIN),
            activity: BTreeMap::new(),
            cue,
            told: Vec::new(),
            worn: Vec::new(),
            set_start: SessionTime::from_nanos(i64::MIN),
            lacks: None,
            now: HostTime::ZERO,
            analysed: Analysed { at: HostTime::ZERO, rested: false, once: false },
        }
    }

    /// Declares a sensor before its first samples.
    pub fn sensor(&mut self, role: SensorRole, device: &DeviceInfo, clock: ClockKind) {
        self.window.tracks.push(Track {
            role,
            device: device.clone(),
            clock,
            samples: TrackSamples::Inertial(Vec::new()),
            sequence_gaps: Vec::new(),
        });
        self.window.tracks.sort_by_key(|track| track.role);
        self.activity.insert(role, Activity::default());
        if role == SensorRole::Shank {
            self.cue.sensor(device);
        }
    }

    /// Something happened; a new set stands on its own.
    pub fn marker(&mut self, marker: &Marker) {
        if matches!(marker.kind, MarkerKind::SetStart { .. }) {
            self.cue.forget_stance();
            self.lacks = None;
            // Sensors may be put right between sets; what was told of the last one is over with it.
            self.set_start = SessionTime::from_nanos(marker.at.nanos());
        }
        self.window.markers.push(marker.clone());
    }

    /// Samples known to be lost before the next ones of this sensor.
    pub fn gap(&mut self, role: SensorRole, lost: u64) {
        let Some(track) = self.window.tracks.iter_mut().find(|track| track.role == role) else { return };
        track.sequence_gaps.push(SequenceGap { before_sample: track.samples.len(), lost });
        if role == SensorRole::Shank {
            self.cue.gap(lost);
        }
    }

    /// Samples as they were decoded. Those without an arrival time are not live and are left out.
    pub fn samples(&mut self, role: SensorRole, samples: &[InertialSample], emit: &mut dyn FnMut(LiveEvent)) {
        for sample in samples {
            self.sample(role, sample, emit);
        }
        if let Some(track) = self.window.tracks.iter_mut().find(|track| track.role == role)
            && let TrackSamples::Inertial(stored) = &mut track.samples
        {
            stored.extend(samples.iter().filter(|sample| sample.arrival.is_some()));
        }
        if self.is_due() {
            self.analyse(emit);
        }
        self.trim();
    }

    fn sample(&mut self, role: SensorRole, sample: &InertialSample, emit: &mut dyn FnMut(LiveEvent)) {
        let (Some(at), Some(activity)) = (sample.arrival, self.activity.get_mut(&role)) else { return };
        self.now = self.now.max(at);
        activity.push(at, sample.angular_rate.norm());
        if activity.is_moving() {
            self.analysed.rested = false;
        }
        if role == SensorRole::Shank {
            let resting = self.rest_s() > 0.0;
            if let Some(event) = self.cue.push(sample, at, resting) {
                emit(event);
            }
        }
    }

    /// Where the knee is now against the stance before, if that is known.
    pub fn knee(&self) -> Option<Cue> {
        self.cue.current()
    }

    /// What the calibration of the running set lacks, empty when it is accepted; `None` before anything was looked at.
    pub fn calibration(&self) -> Option<&[Lack]> {
        self.lacks.as_deref()
    }

    /// What has been told and still holds, in order.
    pub fn told(&self) -> &[LiveRep] {
        &self.told
    }

    /// How long all sensors have been at rest, s.
    fn rest_s(&self) -> f64 {
        self.activity.values().map(|activity| activity.rest_s(self.now)).fold(f64::INFINITY, f64::min)
    }

    fn is_due(&self) -> bool {
        let has_required = [SensorRole::Hip, SensorRole::Shank].iter().all(|role| self.activity.contains_key(role));
        if !has_required {
            return false;
        }
        let rest = self.rest_s();
        if !self.analysed.once {
            return rest > FIRST_REST_S;
        }
        let restless = (self.now - self.analysed.at).seconds() > RESTLESS_S;
        !self.analysed.rested && (rest >= REST_S || restless)
    }

    fn analyse(&mut self, emit: &mut dyn FnMut(LiveEvent)) {
        self.analysed = Analysed { at: self.now, rested: self.rest_s() >= REST_S, once: true };
        // What cannot be analysed yet (no stillness so far, a sensor missing) may be later: nothing to tell.
        let Ok(analysis) = analyse(&self.window, &self.protocol, &self.method, self.provenance.clone()) else { return };
        self.cue.align(&analysis);
        self.lacks = analysis.sets.last().map(calibration::lacks);
        let settled = SessionTime::from_nanos(analysis.end.nanos()) - Interval::from_seconds(SETTLED_S);
        self.tell(&analysis, self.cut, settled, emit);
        self.tell_worn(&analysis, self.set_start.max(self.cut), emit);
    }

    /// Tells what is wrong with how the sensors are worn since a time, each once, and takes back what does not hold.
    fn tell_worn(&mut self, analysis: &SessionAnalysis, since: SessionTime, emit: &mut dyn FnMut(LiveEvent)) {
        let is_since = |finding: &Finding| finding.span.is_some_and(|span| span.end > since);
        let found: Vec<Finding> = analysis
            .findings
            .iter()
            .filter(|finding| finding.is_about_wearing() && is_since(finding))
            .copied()
            .collect();
        self.worn.retain(|told| {
            let holds = !is_since(told) || found.iter().any(|finding| finding.is_same(told));
            if !holds {
                emit(LiveEvent::WornWell(*told));
            }
            holds
        });
        for finding in found {
            if !self.worn.iter().any(|told| finding.is_same(told)) {
                self.worn.push(finding);
                emit(LiveEvent::Worn(finding));
            }
        }
    }

    /// Tells what the analysis of the whole recording says and was not told yet: afterwards [`LiveSession::told`] and `analysis`
    /// hold the same repetitions.
    pub fn settle(&mut self, analysis: &SessionAnalysis, emit: &mut dyn FnMut(LiveEvent)) {
        let always = SessionTime::from_nanos(i64::MIN);
        self.tell(analysis, always, SessionTime::from_nanos(i64::MAX), emit);
        self.tell_worn(analysis, always, emit);
        // Numbers that moved by less than anybody needs to hear are the final ones all the same.
        self.told = analysis.reps().map(|(set, rep)| LiveRep { side: set.side, rep: rep.clone() }).collect();
    }

    /// Compares an analysis with what was told between two times.
    fn tell(
        &mut self,
        analysis: &SessionAnalysis,
        from: SessionTime,
        settled: SessionTime,
        emit: &mut dyn FnMut(LiveEvent),
    ) {
        let found = self.found(analysis, settled);
        let gone = |told: &LiveRep| {
            told.rep.span.start >= from && !found.iter().any(|new| new.rep.span.overlaps(told.rep.span))
        };
        self.told.retain(|told| {
            let gone = gone(told);
            if gone {
                emit(LiveEvent::Withdrawn(told.rep.span));
            }
            !gone
        });
        for new in found {
            match self.told.iter_mut().find(|told| told.rep.span.overlaps(new.rep.span)) {
                None => {
                    self.told.push(new.clone());
                    emit(LiveEvent::Repetition(new));
                }
                Some(told) if is_news(&told.rep, &new.rep) => {
                    *told = new.clone();
                    emit(LiveEvent::Revised(new));
                }
                Some(_) => {}
            }
        }
        self.told.sort_by_key(|told| told.rep.span.start);
    }

    /// The repetitions of an analysis that have ended, numbered on from what was cut off.
    fn found(&self, analysis: &SessionAnalysis, settled: SessionTime) -> Vec<LiveRep> {
        let mut found = Vec::new();
        for set in &analysis.sets {
            let Some(first) = set.reps.first() else { continue };
            let before = self.told.iter().rfind(|told| told.rep.span.start < self.cut);
            let offset = before
                .filter(|told| (first.span.start - told.rep.span.end).seconds() <= SET_PAUSE_S)
                .map_or(0, |told| told.rep.number);
            let ended = set.reps.iter().filter(|rep| rep.span.end <= settled);
            found.extend(
                ended.map(|rep| LiveRep { side: set.side, rep: Rep { number: rep.number + offset, ..rep.clone() } }),
            );
        }
        found
    }

    /// Forgets what is older than needed.
    fn trim(&mut self) {
        let earliest = |track: &Track| match &track.samples {
            TrackSamples::Inertial(samples) => samples.first().and_then(|sample| sample.arrival),
            TrackSamples::Orientation(_) => None,
        };
        let Some(first) = self.window.tracks.iter().filter_map(earliest).min() else { return };
        if (self.now - first).seconds() <= WINDOW_S {
            return;
        }
        let cut = self.now - Interval::from_seconds(KEPT_S);
        self.cut = SessionTime::from_nanos(cut.nanos());
        for track in &mut self.window.tracks {
            let TrackSamples::Inertial(samples) = &mut track.samples else { continue };
            let old = samples.partition_point(|sample| sample.arrival.is_some_and(|arrival| arrival < cut));
            samples.drain(..old);
            track.sequence_gaps.retain(|gap| gap.before_sample > old);
            track.sequence_gaps.iter_mut().for_each(|gap| gap.before_sample -= old);
        }
    }
}

/// Whether a listener should hear of the new form of a repetition.
fn is_news(told: &Rep, new: &Rep) -> bool {
    let moved = |metric: &Metric| match (told.metrics.reading(*metric), new.metrics.reading(*metric)) {
        (Some(a), Some(b)) => (a.value - b.value).abs() > 0.5 * b.sigma,
        (a, b) => a.is_some() != b.is_some(),
    };
    told.judgement.verdict != new.judgement.verdict
        || told.judgement.flags != new.judgement.flags
        || told.number != new.number
        || [Metric::KneeForward, Metric::HipBack].iter().any(moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{AngularRate, DeviceTime, STANDARD_GRAVITY, SpecificForce};

    #[test]
    fn however_long_nobody_moves_only_the_last_minutes_are_kept() {
        let info = SessionInfo {
            session: String::new(),
            athlete: truehinge_core::AthleteId::new("P-1".to_owned()).expect("a pseudonym"),
            start_utc_ns: None,
            stance_side: Some(Side::Left),
            protocol: String::new(),
            body: truehinge_core::Anthropometry::default(),
            source: truehinge_core::Source::default(),
        };
        let provenance = Provenance {
            version: String::new(),
            protocol: Protocol::default(),
            config_sha256: String::new(),
            input_sha256: String::new(),
        };
        let mut live = LiveSession::new(info, Protocol::default(), Method::default(), provenance);
        let device = DeviceInfo {
            model: String::new(),
            serial: String::new(),
            nominal_rate: truehinge_core::SampleRate::from_hertz(20.0),
            accelerometer_range: None,
            gyroscope_range: None,
            mount: None,
        };
        for role in [SensorRole::Hip, SensorRole::Shank] {
            live.sensor(role, &device, ClockKind::Device);
        }
        for i in 0..20 * 1000 {
            let seconds = f64::from(i) / 20.0;
            let sample = InertialSample {
                device_time: DeviceTime::from_seconds(seconds),
                arrival: Some(HostTime::from_seconds(seconds)),
                specific_force: SpecificForce::new(0.0, 0.0, STANDARD_GRAVITY),
                angular_rate: AngularRate::new(0.0, 0.0, 0.0),
            };
            live.samples(SensorRole::Hip, &[sample], &mut |_| {});
            live.samples(SensorRole::Shank, &[sample], &mut |_| {});
        }
        for track in &live.window.tracks {
            assert!(track.samples.len() <= 20 * 301, "{}: {}", track.role, track.samples.len());
        }
    }
}
