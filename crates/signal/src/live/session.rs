//! A session that goes on: when the data so far are looked at.

use truehinge_core::{
    Cause, DeviceInfo, HostTime, InertialSample, Interval, Marker, MarkerKind, Protocol, Provenance, SensorRole,
    SessionAnalysis, SessionInfo, SessionTime, Stored, Verdict, recording::ClockKind,
};

use super::cue::{Cue, KneeCue};
use super::due::{Due, Seen};
use super::search::{Search, under_way};
use super::telling::{Knowledge, Telling};
use super::window::Window;
use super::{BEFORE_ALL, LiveEvent, LiveRep};
use crate::method::Method;
use crate::provenance::of_configuration;
use crate::session::analyse_as;
use crate::watch::calibration::{self, Lack};

/// A session while it goes on.
pub struct LiveSession {
    protocol: Protocol,
    method: Method,
    provenance: Provenance,
    window: Window,
    due: Due,
    cue: KneeCue,
    telling: Telling,
    search: Search,
    /// When the running set began.
    set_start: SessionTime,
    /// It has ended and was not looked at since.
    set_ended: bool,
    lacks: Option<Vec<Lack>>,
    now: HostTime,
}

impl LiveSession {
    /// A session that begins now.
    pub fn new(info: SessionInfo, method: Method, protocol: Protocol) -> Self {
        Self {
            cue: KneeCue::new(&info.body, &protocol.criteria, &method),
            telling: Telling::new(&method),
            search: Search::new(&method),
            due: Due::new(&method),
            window: Window::new(info, &method.live),
            provenance: of_configuration(&method, &protocol),
            protocol,
            method,
            set_start: BEFORE_ALL,
            set_ended: false,
            lacks: None,
            now: HostTime::ZERO,
        }
    }

    /// Takes the next thing that happened.
    pub fn hear(&mut self, stored: &Stored, emit: &mut dyn FnMut(LiveEvent)) {
        match stored {
            Stored::Sensor(role, device, clock) => self.sensor(*role, device, *clock),
            Stored::Sample(role, sample) => self.samples(*role, &[*sample], emit),
            Stored::Gap(role, lost) => self.gap(*role, *lost),
            Stored::Marker(marker) => self.marker(marker),
        }
    }

    /// Declares a sensor before its first samples.
    pub fn sensor(&mut self, role: SensorRole, device: &DeviceInfo, clock: ClockKind) {
        self.window.sensor(role, device, clock);
        self.due.sensor(role);
        if role == SensorRole::Shank {
            self.cue.sensor(device);
        }
    }

    /// Something happened; a new set stands on its own.
    pub fn marker(&mut self, marker: &Marker) {
        let begins =
            matches!(marker.kind, MarkerKind::SetStart { .. } | MarkerKind::SearchStart { .. } | MarkerKind::SetFound);
        if begins {
            self.cue.forget_stance();
            self.lacks = None;
            // Sensors may be put right between sets; what was told of the last one is over with it.
            self.set_start = marker.at.on_session();
        }
        if matches!(marker.kind, MarkerKind::SetEnd) {
            self.set_ended = true;
            self.due.ask();
        }
        self.search.marker(marker);
        self.window.marker(marker);
    }

    /// Samples known to be lost before the next ones of this sensor.
    pub fn gap(&mut self, role: SensorRole, lost: u64) {
        if self.window.gap(role, lost) && role == SensorRole::Shank {
            self.cue.gap(lost);
        }
    }

    /// Samples as they were decoded. Those without an arrival time are not live and are left out.
    pub fn samples(&mut self, role: SensorRole, samples: &[InertialSample], emit: &mut dyn FnMut(LiveEvent)) {
        for sample in samples {
            self.sample(role, sample, emit);
        }
        self.window.samples(role, samples);
        if self.search.is_due(self.now) || self.due.is_due() {
            self.look(emit);
        }
        self.window.trim(self.now);
    }

    fn sample(&mut self, role: SensorRole, sample: &InertialSample, emit: &mut dyn FnMut(LiveEvent)) {
        let Some(at) = sample.arrival else { return };
        self.now = self.now.max(at);
        self.due.push(role, at, sample);
        if role == SensorRole::Shank {
            let at_rest = self.due.at_rest_s() > 0.0;
            if let Some(event) = self.cue.push(sample, at, at_rest) {
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

    /// What has been told and still holds, in order, with the numbers of the last look (they may be too near to the told ones to be told again).
    pub fn told(&self) -> impl Iterator<Item = &LiveRep> {
        self.telling.reps()
    }

    /// The running set, if it is looked for, is asked for no further repetition.
    pub fn enough(&mut self) {
        self.search.enough();
    }

    /// Analyses what is there and tells what is new in it.
    fn look(&mut self, emit: &mut dyn FnMut(LiveEvent)) {
        // What cannot be analysed yet (no quiet stance so far, a sensor missing) may be later: nothing to tell.
        let analysis = analyse_as(self.window.recording(), &self.method, &self.protocol, self.provenance.clone());
        let Ok(mut analysis) = analysis else { return self.due.looked(Seen::Over) };
        self.cue.align(&analysis);
        self.lacks = analysis.sets.last().map(|set| calibration::lacks(set, &self.method));
        let ended_by = analysis.end - Interval::from_seconds(self.method.live.ended_s);
        let lately = analysis.end - Interval::from_seconds(self.method.live.restless_s);
        let began = under_way(&analysis, lately);
        let under_way = began.is_some();
        self.settle(&analysis, under_way);
        let to_wait = analysis.reps().map(|(_, rep)| (rep.span.end - ended_by).seconds()).fold(0.0, f64::max);
        self.due.looked(match under_way {
            _ if to_wait > 0.0 => Seen::Ending(to_wait),
            true => Seen::Unfinished,
            false => Seen::Over,
        });
        doubt_brief_beginnings(&mut analysis, &self.method);
        let over = self.search.over(&analysis, began);
        let is_whole = over.is_some() || (!under_way && std::mem::take(&mut self.set_ended));
        let known = Knowledge { from: self.window.cut(), by: ended_by, under_way, is_whole };
        self.telling.repetitions(&analysis, known, emit);
        self.telling.wearing(&analysis, self.set_start.max(self.window.cut()), emit);
        if self.search.is_stance_unseen(&analysis) {
            emit(LiveEvent::StanceUnseen);
        }
        if let Some(over) = over {
            emit(LiveEvent::SetOver(over.on_host()));
        }
    }

    /// Home is where somebody rests between movements, or rested before the last repetition.
    fn settle(&mut self, analysis: &SessionAnalysis, under_way: bool) {
        if !under_way && analysis.reps().next().is_some() && self.due.settle_here() {
            return;
        }
        let Some(last) = analysis.reps().last().map(|(_, rep)| rep.phases.quiet_stance) else { return };
        for role in [SensorRole::Hip, SensorRole::Shank] {
            if let Some(upward) = self.window.mean_force(role, last) {
                self.due.settle(role, upward);
            }
        }
    }

    /// Tells what the analysis of the whole recording says and was not told yet: afterwards [`LiveSession::told`] and `analysis`
    /// hold the same repetitions.
    pub fn finish(&mut self, analysis: &SessionAnalysis, emit: &mut dyn FnMut(LiveEvent)) {
        self.telling.repetitions(analysis, Knowledge::ALL, emit);
        self.telling.wearing(analysis, BEFORE_ALL, emit);
        // Numbers that moved by less than anybody needs to hear are the final ones all the same.
        self.telling.adopt(analysis);
    }
}

/// What was broken off is told by the set's other movements. While these are to come, nothing is said of a brief one.
fn doubt_brief_beginnings(analysis: &mut SessionAnalysis, method: &Method) {
    let (least_count, brief_s) = (method.repetitions.aborted.least_count, method.live.brief_s);
    let beginnings = analysis.sets.iter_mut().filter(|set| set.reps.len() < least_count);
    for rep in beginnings.flat_map(|set| &mut set.reps).filter(|rep| rep.span.length().seconds() < brief_s) {
        if rep.judgement.verdict != Verdict::Indeterminate {
            rep.judgement = rep.judgement.clone().withheld(Cause::PerhapsBrokenOff);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{AngularRate, DeviceTime, STANDARD_GRAVITY, Side, SpecificForce};

    #[test]
    fn however_long_nobody_moves_only_the_last_minutes_are_kept() {
        let info = SessionInfo {
            session: truehinge_core::SessionId::from("S1".to_owned()),
            athlete: truehinge_core::AthleteId::new("P-1".to_owned()).expect("a pseudonym"),
            start_utc_ns: None,
            zone: truehinge_core::Zone::Unknown,
            stance_side: Some(Side::Left),
            protocol: String::new(),
            body: truehinge_core::Anthropometry::default(),
            source: truehinge_core::Source::default(),
        };
        let mut live = LiveSession::new(info, Method::default(), Protocol::default());
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
        for track in &live.window.recording().tracks {
            assert!(track.samples.len() <= 20 * 301, "{}: {}", track.role, track.samples.len());
        }
    }
}
