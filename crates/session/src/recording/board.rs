//! What a front end shows of a session, folded from its events: a terminal and a page show the same, live and replayed. Pure: no clock but
//! that of the events.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use truehinge_core::{
    AthleteId, Finding, HostTime, InertialSample, Marker, MarkerKind, Protocol, SampleRate, SensorRole, Side, Span,
};
use truehinge_signal::live::{Cue, LiveEvent, LiveRep};
use truehinge_signal::watch::calibration::Lack;

use super::event::{Event, StartedSensor};
use super::prompt::{Answer, Prompt};
use super::sets::{Asked, Command};
use super::squad::Squad;
use super::trouble::Trouble;
use crate::coach::{Message, Subject};

/// One sensor's line.
#[derive(Clone, Debug, Default)]
pub struct SensorLine {
    /// Model and address.
    pub name: String,
    /// Rate it is set to, Hz.
    pub nominal: Option<f64>,
    /// Samples that came.
    pub received: u64,
    /// Samples that are missing by its own count.
    pub lost: u64,
    /// Charge, %.
    pub battery: Option<u8>,
    /// How strongly it is heard, dBm.
    pub signal: Option<i16>,
    /// What is wrong with the link, or nothing.
    pub trouble: Option<Trouble>,
    /// Arrivals within the last seconds.
    arrivals: VecDeque<HostTime>,
}

/// Rates are counted over so long, s.
const RATE_OVER: f64 = 2.0;

impl SensorLine {
    /// Samples per second lately.
    pub fn rate(&self, now: HostTime) -> f64 {
        self.arrivals.iter().filter(|at| (now - **at).seconds() <= RATE_OVER).count() as f64 / RATE_OVER
    }

    /// Share of the samples that came, of those that were sent, %.
    pub fn share(&self) -> f64 {
        let sent = self.received + self.lost;
        if sent == 0 { 0.0 } else { 100.0 * self.received as f64 / sent as f64 }
    }

    /// The link is well, and nearly all that it should send comes.
    pub fn is_well(&self, now: HostTime) -> bool {
        self.trouble.is_none() && self.nominal.is_none_or(|nominal| self.rate(now) > 0.9 * nominal)
    }

    fn heard(&mut self, samples: &[InertialSample], now: HostTime) {
        self.received += samples.len() as u64;
        self.trouble = None;
        self.arrivals.extend(samples.iter().filter_map(|sample| sample.arrival));
        while self.arrivals.front().is_some_and(|at| (now - *at).seconds() > RATE_OVER) {
            self.arrivals.pop_front();
        }
    }
}

/// A repetition's tile.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tile<'a> {
    /// The set that it is in, from one, as somebody marked them.
    pub set: u32,
    /// The repetition as it is known.
    pub told: &'a LiveRep,
}

/// A set that was begun.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Begun {
    side: Side,
    /// s.
    at: f64,
}

/// How far the session is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// Nothing came of a sensor yet.
    #[default]
    Waiting,
    /// It goes on.
    Running,
    /// The recording is whole, and its analysis has had the last word.
    Ended,
}

/// Everything that is shown.
#[expect(clippy::struct_excessive_bools, reason = "each holds or does not, whatever the others do")]
pub struct Board {
    /// File name of the recording.
    pub recording: String,
    /// Who is recorded.
    pub athlete: Option<AthleteId>,
    /// Who takes turns, if somebody does.
    pub squad: Option<Arc<Squad>>,
    /// Sets are begun, ended and undone by gestures.
    pub hands_free: bool,
    /// How far the session is.
    pub stage: Stage,
    /// When the last thing happened.
    pub now: HostTime,
    /// A line for each sensor.
    pub sensors: BTreeMap<SensorRole, SensorLine>,
    /// What is asked for and judged by, as soon as it is known.
    pub protocol: Option<Arc<Protocol>>,
    /// What to do now, in large letters.
    pub prompt: Prompt,
    /// The guided calibration is on.
    pub calibrating: bool,
    /// What the calibration lacks; nothing said yet while `None`.
    pub calibration: Option<Vec<Lack>>,
    /// What is wrong with how the sensors are worn in this set.
    pub worn: Vec<Finding>,
    /// Where the knee is by the shin's lean, against the stance before.
    pub knee: Option<Cue>,
    /// Told and not taken back, in order.
    told: Vec<LiveRep>,
    /// The supporting leg before anybody marked a set.
    first_side: Option<Side>,
    begun: Vec<Begun>,
    /// The last set was made void and is not begun again yet.
    voided: bool,
    /// A calibration was ended, and nothing was done since.
    calibrated: bool,
    /// How many repetitions a set is asked for, where the set finder looks for sets.
    sought: Option<u32>,
}

impl Default for Board {
    /// Before anything has begun.
    fn default() -> Self {
        Self {
            recording: String::new(),
            athlete: None,
            squad: None,
            hands_free: false,
            stage: Stage::default(),
            now: HostTime::ZERO,
            sensors: BTreeMap::new(),
            protocol: None,
            prompt: Prompt::default(),
            calibrating: false,
            calibration: None,
            worn: Vec::new(),
            knee: None,
            told: Vec::new(),
            first_side: None,
            begun: Vec::new(),
            voided: false,
            calibrated: false,
            sought: None,
        }
    }
}

impl Board {
    /// Something happened in the session.
    pub fn hears(&mut self, event: &Event) {
        match event {
            Event::Begin { recording, athlete, squad, side, sensors, hands_free, protocol } => {
                // Of the turn before nothing is left.
                *self = Self { athlete: Some(athlete.clone()), squad: squad.clone(), ..Self::default() };
                self.hands_free = *hands_free;
                self.recording =
                    recording.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                (self.first_side, self.protocol) = (*side, Some(Arc::clone(protocol)));
                self.sensors = sensors.iter().map(|sensor| (sensor.role, line(sensor))).collect();
            }
            Event::Packet { role, samples } => self.samples(*role, samples),
            Event::Gap { role, lost } => self.line(*role).lost += lost,
            Event::Battery { role, percent } => self.line(*role).battery = Some(*percent),
            Event::Signal { at, role, dbm } => self.at(*at).line(*role).signal = Some(*dbm),
            Event::Connected { at, role, .. } => self.at(*at).line(*role).trouble = None,
            Event::Silent { at, role, seconds } => {
                self.at(*at).line(*role).trouble = Some(Trouble::Silent(*seconds));
            }
            Event::Lost { at, role, cause } => self.at(*at).line(*role).trouble = Some(Trouble::Lost(cause.clone())),
            Event::Trouble { at, role, cause } => {
                self.at(*at).line(*role).trouble = Some(Trouble::Unconnected(cause.clone()));
            }
            Event::Undecodable { role, cause } => self.line(*role).trouble = Some(Trouble::Undecodable(*cause)),
            Event::Marker(marker) => self.marked(marker),
            Event::Coach(message) => self.told(message),
            Event::Asked(Asked { command: Command::TapCheck, .. }) => self.prompt = Prompt::Tap,
            Event::Gesture { asked, .. } => self.prompt = Prompt::Gesture(Answer::to(*asked)),
            Event::Tapped { role } => self.prompt = Prompt::Tapped { role: *role },
            Event::NotAnalysed { .. } => self.ends(Prompt::NotAnalysed),
            Event::EndedEarly => self.ends(Prompt::EndedEarly),
            Event::End { .. } if self.prompt != Prompt::NotAnalysed => {
                self.ends(Prompt::Ended { repetitions: self.told.len() });
            }
            _ => {}
        }
    }

    /// The tiles of all repetitions that were told and not taken back, in order.
    pub fn tiles(&self) -> impl DoubleEndedIterator<Item = Tile<'_>> + ExactSizeIterator {
        let mut tiles = Vec::with_capacity(self.told.len());
        for (set, reps) in self.sets() {
            tiles.extend(reps.iter().map(|told| Tile { set, told }));
        }
        tiles.into_iter()
    }

    /// The repetitions of the running set.
    pub fn of_this_set(&self) -> &[LiveRep] {
        self.sets().last().map_or(&[], |(_, reps)| reps)
    }

    /// The sets before the running one in which there was a repetition, by their numbers.
    pub fn sets_before(&self) -> Vec<(u32, &[LiveRep])> {
        let mut sets = self.sets();
        sets.pop();
        sets
    }

    /// The sets with a repetition, and the running one: as somebody marked them, and where nobody did, a set begins where repetitions are
    /// counted anew or the leg changes.
    fn sets(&self) -> Vec<(u32, &[LiveRep])> {
        let set = |told: &LiveRep| self.set_at(told.rep.span.start.seconds());
        let is_marked = !self.begun.is_empty() && self.sought.is_none();
        let are_one = |a: &LiveRep, b: &LiveRep| {
            set(a) == set(b) && (is_marked || (a.rep.number < b.rep.number && a.side == b.side))
        };
        let runs = (1..).zip(self.told.chunk_by(are_one));
        let number = |run, reps: &[LiveRep]| reps.first().filter(|_| is_marked).map_or(run, set);
        let mut sets: Vec<(u32, &[LiveRep])> = runs.map(|(run, reps)| (number(run, reps), reps)).collect();
        let running = match sets.last() {
            _ if is_marked => u32::try_from(self.begun.len()).unwrap_or(u32::MAX),
            None => 1,
            Some((last, reps)) => {
                let is_over =
                    |told: &LiveRep| self.begun.last().is_some_and(|set| set.at > told.rep.span.start.seconds());
                last + u32::from(reps.last().is_some_and(is_over))
            }
        };
        if sets.last().is_none_or(|(last, _)| *last < running) {
            sets.push((running, &[]));
        }
        sets
    }

    /// Number of the running set, from one.
    pub fn set(&self) -> u32 {
        self.sets().last().map_or(1, |(number, _)| *number)
    }

    /// Whether the set finder looks for sets.
    pub const fn is_searching(&self) -> bool {
        self.sought.is_some()
    }

    /// How many repetitions the running set should have at most, as long as it does not have more.
    pub fn asked_for(&self) -> Option<u32> {
        let most = self.sought.or_else(|| Some(self.protocol.as_ref()?.dose.max_repetitions))?;
        (u64::from(most) >= self.of_this_set().len() as u64).then_some(most)
    }

    /// The supporting leg, if it is known.
    pub fn side(&self) -> Option<Side> {
        let marked = self.begun.last().map(|set| set.side).or(self.first_side);
        marked.or_else(|| self.told.last().and_then(|told| told.side))
    }

    /// The steps of the guided calibration and what each lacks; `None` before anything was seen of it.
    pub fn steps(&self) -> Option<[Option<&Lack>; 3]> {
        let lacks = self.calibration.as_ref()?;
        let of = |role: Option<SensorRole>| lacks.iter().find(|lack| of_step(lack) == role);
        Some([None, Some(SensorRole::Shank), Some(SensorRole::Hip)].map(of))
    }

    /// Whether the guided calibration is what matters now: it goes on, or was ended and nothing was done since.
    pub fn is_about_calibration(&self) -> bool {
        self.calibrating || self.calibrated
    }

    /// Neither calibrated nor counted: nothing was done yet.
    pub fn is_before_everything(&self) -> bool {
        self.calibration.is_none() && self.told.is_empty() && self.stage != Stage::Ended
    }

    fn set_at(&self, seconds: f64) -> u32 {
        u32::try_from(self.begun.partition_point(|set| set.at <= seconds)).unwrap_or(u32::MAX).max(1)
    }

    /// Something happened so late.
    fn at(&mut self, now: HostTime) -> &mut Self {
        self.now = self.now.max(now);
        self
    }

    fn line(&mut self, role: SensorRole) -> &mut SensorLine {
        self.sensors.entry(role).or_default()
    }

    fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) {
        samples.iter().filter_map(|sample| sample.arrival).for_each(|at| self.now = self.now.max(at));
        let now = self.now;
        self.line(role).heard(samples, now);
        if self.stage == Stage::Waiting && self.sensors.values().all(|line| line.received > 0) {
            self.stage = Stage::Running;
            if self.prompt == Prompt::Waiting {
                self.prompt = match &self.squad {
                    Some(_) => Prompt::PutOn,
                    None if self.is_searching() => Prompt::BeginSearch,
                    None if self.hands_free => Prompt::BeginByGesture,
                    None => Prompt::Begin,
                };
            }
        }
    }

    /// Somebody marked something: what to do now.
    fn marked(&mut self, marker: &Marker) {
        match marker.kind {
            MarkerKind::SetStart { side } => {
                self.sought = None;
                self.begins(side, marker.at);
            }
            MarkerKind::SearchStart { side, most, .. } => {
                self.sought = Some(most);
                // In place of what began on the other leg at this instant.
                self.begun.pop_if(|set| set.at >= marker.at.seconds());
                self.begins(side, marker.at);
            }
            MarkerKind::SetFound => self.found(marker.at),
            // A search goes on.
            MarkerKind::SetEnd if self.sought.is_some() => {
                self.begins(self.begun.last().map_or(Side::Left, |set| set.side), marker.at);
            }
            MarkerKind::SetVoid if self.sought.is_some() => self.search_anew(marker.at),
            MarkerKind::SetVoid => {
                // Before the first set there is none that could be done again.
                if let Some(void) = self.begun.pop() {
                    self.told.retain(|told| told.rep.span.start.seconds() < void.at);
                    self.voided = true;
                }
            }
            MarkerKind::CalibrationStart => {
                (self.calibrating, self.calibrated, self.calibration) = (true, false, None);
                self.prompt = Prompt::Calibrate;
            }
            MarkerKind::CalibrationEnd => {
                (self.calibrating, self.calibrated) = (false, true);
                self.judge_calibration();
            }
            MarkerKind::ClockCheck => self.prompt = Prompt::Knock,
            _ => {}
        }
    }

    /// The set finder has seen that the running set is over.
    fn found(&mut self, at: HostTime) {
        let (set, repetitions) = (self.set(), self.of_this_set().len());
        let Some(side) = self.begun.last().map(|set| set.side) else { return };
        self.begins(side, at);
        self.prompt = Prompt::SetOver { set, repetitions };
    }

    /// The running set does not count; said again at the same instant, the one before does not count either.
    fn search_anew(&mut self, at: HostTime) {
        self.begun.pop_if(|set| set.at >= at.seconds());
        let Some(void) = self.begun.pop() else { return };
        self.told.retain(|told| told.rep.span.start.seconds() < void.at);
        self.voided = true;
        self.begins(void.side, at);
    }

    fn begins(&mut self, side: Side, at: HostTime) {
        let (is_first, changed) = (self.begun.is_empty() && !self.voided, self.side() != Some(side));
        self.begun.push(Begun { side, at: at.seconds() });
        let set = self.set();
        if std::mem::take(&mut self.voided) && !self.is_answered() {
            self.prompt = Prompt::Again { set, side };
        } else if !is_first && !self.is_answered() {
            self.prompt = if changed { Prompt::OtherLeg { side } } else { Prompt::Set { set, side } };
        }
        (self.calibrating, self.calibrated, self.calibration, self.knee) = (false, false, None, None);
        self.worn.clear();
    }

    /// Whether somebody was told already that a set has begun.
    pub(super) const fn is_answered(&self) -> bool {
        matches!(self.prompt, Prompt::Gesture(Answer::Started { .. }))
    }

    /// The coach has something to say.
    fn told(&mut self, message: &Message) {
        match &message.subject {
            Subject::Knee(cue) => self.knee = Some(*cue),
            Subject::Movement(movement) => self.movement(movement),
            Subject::FormLost(lost) => self.prompt = Prompt::FormLost { metric: lost.metric },
            Subject::Calibration(lacks) => {
                self.calibration = Some(lacks.clone());
                if self.calibrated {
                    self.judge_calibration();
                }
            }
        }
    }

    fn movement(&mut self, movement: &LiveEvent) {
        match movement {
            // Whoever calibrates is asked for movements that bring the knee forward.
            LiveEvent::KneeForward(_) | LiveEvent::KneeBack(_) if self.calibrating => {}
            LiveEvent::KneeForward(_) => self.prompt = Prompt::KneeForward,
            LiveEvent::KneeBack(_) => self.prompt = Prompt::KneeBack,
            LiveEvent::Repetition(told) => {
                self.calibrated = false;
                self.prompt = Prompt::Judged { verdict: told.rep.verdict(), cause: told.rep.judgement.cause };
                self.put(told);
            }
            LiveEvent::Revised(told) => self.put(told),
            LiveEvent::Withdrawn(span) => self.withdraw(*span),
            LiveEvent::StanceUnseen => self.prompt = Prompt::StanceUnseen,
            LiveEvent::Worn(finding) => self.worn.push(*finding),
            LiveEvent::WornWell(finding) => self.worn.retain(|told| !told.is_same(finding)),
            _ => {}
        }
    }

    fn ends(&mut self, prompt: Prompt) {
        (self.stage, self.prompt) = (Stage::Ended, prompt);
        (self.knee, self.calibrating) = (None, false);
    }

    /// In place of what it corrects.
    fn put(&mut self, new: &LiveRep) {
        self.withdraw(new.rep.span);
        let place = self.told.partition_point(|told| told.rep.span.start < new.rep.span.start);
        self.told.insert(place, new.clone());
    }

    fn withdraw(&mut self, span: Span) {
        self.told.retain(|told| !told.rep.span.overlaps(span));
    }

    /// Accepted, or what to do again first. The analysis of its last movement may come a moment after its end.
    fn judge_calibration(&mut self) {
        self.prompt = match self.calibration.as_ref().map(|lacks| lacks.first()) {
            None => Prompt::Calibrated,
            Some(None) => Prompt::CalibrationAccepted,
            Some(Some(lack)) => Prompt::CalibrationLacks(*lack),
        };
    }
}

fn line(sensor: &StartedSensor) -> SensorLine {
    SensorLine {
        name: format!("{} {}", sensor.model, sensor.address),
        nominal: sensor.rate.map(SampleRate::hertz),
        ..SensorLine::default()
    }
}

/// The sensor whose movements lack something; `None` for the stance.
const fn of_step(lack: &Lack) -> Option<SensorRole> {
    match lack {
        Lack::Stillness { .. } => None,
        Lack::Movements { role, .. } | Lack::Crooked { role, .. } | Lack::Unrepeatable { role, .. } => Some(*role),
    }
}

#[cfg(test)]
mod tests {
    use super::super::prompt::Tone;
    use super::*;
    use truehinge_core::words::Language;
    use truehinge_core::{AngularRate, DeviceTime, SpecificForce, Verdict};
    use truehinge_sim::Scenario;

    use crate::Judge;

    fn board() -> Board {
        let sensor = |role| {
            let rate = SampleRate::from_hertz(100.0);
            StartedSensor { role, address: "AA".to_owned(), model: "nus".into(), rate }
        };
        let mut board = Board::default();
        let sensors = vec![sensor(SensorRole::Hip), sensor(SensorRole::Shank)];
        let (recording, protocol) = ("recordings/r.mcap".into(), Arc::default());
        let athlete = AthleteId::new("P-1").expect("a pseudonym");
        board.hears(&Event::Begin {
            recording,
            athlete,
            squad: None,
            side: Some(Side::Left),
            sensors,
            hands_free: false,
            protocol,
        });
        board
    }

    fn packet(role: SensorRole, from: f64, count: u32) -> Event {
        let samples = (0..count)
            .map(|i| InertialSample {
                device_time: DeviceTime::from_nanos(0),
                arrival: Some(HostTime::from_seconds(from + f64::from(i) * 0.01)),
                specific_force: SpecificForce::new(0.0, 0.0, 9.8),
                angular_rate: AngularRate::new(0.0, 0.0, 0.0),
            })
            .collect();
        Event::Packet { role, samples }
    }

    /// Somebody marks something after so many seconds.
    fn mark(board: &mut Board, at: f64, kind: MarkerKind) {
        board.hears(&Event::Marker(Marker { at: HostTime::from_seconds(at), kind }));
    }

    fn set_start(board: &mut Board, at: f64, side: Side) {
        mark(board, at, MarkerKind::SetStart { side });
    }

    fn coach(subject: Subject) -> Event {
        Event::Coach(Message { at: HostTime::ZERO, subject })
    }

    /// Repetitions of a session, moved to where the test wants them.
    fn repetitions() -> impl Fn(u32, f64) -> LiveRep {
        let recording = Scenario::typical(1).run().expect("a session").recording();
        let analysis = Judge::default().analyse_recording(&recording).expect("analyses");
        let (_, rep) = analysis.reps().next().expect("a repetition");
        let rep = rep.clone();
        move |number, from| {
            let span = Span::from_seconds(from, from + 3.0);
            LiveRep { side: Some(Side::Left), rep: truehinge_core::Rep { number, span, ..rep.clone() } }
        }
    }

    fn tell(board: &mut Board, told: LiveRep) {
        board.hears(&coach(Subject::Movement(Box::new(LiveEvent::Repetition(told)))));
    }

    /// The beginnings of the repetitions of the running set, and of those before.
    fn shown(board: &Board) -> (Vec<f64>, Vec<(u32, usize)>) {
        let running = board.of_this_set().iter().map(|told| told.rep.span.start.seconds()).collect();
        (running, board.sets_before().iter().map(|(number, reps)| (*number, reps.len())).collect())
    }

    #[test]
    fn rates_and_losses_are_those_of_the_last_seconds_and_of_all() {
        let mut board = board();
        board.hears(&packet(SensorRole::Hip, 0.0, 500));
        board.hears(&Event::Gap { role: SensorRole::Hip, lost: 500 });
        let line = &board.sensors[&SensorRole::Hip];
        assert!((line.rate(board.now) - 100.0).abs() <= 1.0, "{}", line.rate(board.now));
        assert_eq!(line.share(), 50.0);
        assert_eq!(board.prompt, Prompt::Waiting, "for the other one");
        board.hears(&packet(SensorRole::Shank, 5.0, 1));
        assert_eq!((board.prompt, board.stage), (Prompt::Begin, Stage::Running));
        board.hears(&packet(SensorRole::Shank, 9.0, 1));
        assert_eq!(board.sensors[&SensorRole::Hip].rate(board.now), 0.0, "nothing lately");
        assert!(!board.sensors[&SensorRole::Hip].is_well(board.now));
    }

    #[test]
    fn a_calibration_is_accepted_or_says_what_to_do_again_and_nobody_is_scolded_in_it() {
        let told = |lacks: &[Lack]| coach(Subject::Calibration(lacks.to_vec()));
        let lacking = Lack::Movements { role: SensorRole::Hip, found: 0 };
        let mut board = board();
        set_start(&mut board, 0.0, Side::Left);
        mark(&mut board, 1.0, MarkerKind::CalibrationStart);
        board.hears(&told(&[lacking]));
        assert_eq!(board.prompt, Prompt::Calibrate, "it goes on");
        assert_eq!(board.steps(), Some([None, None, Some(&lacking)]));
        let cue = Cue { at: HostTime::ZERO, knee_forward: truehinge_core::Anthropometry::default().shank() };
        board.hears(&coach(Subject::Movement(Box::new(LiveEvent::KneeForward(cue)))));
        assert_eq!(board.prompt, Prompt::Calibrate);
        mark(&mut board, 9.0, MarkerKind::CalibrationEnd);
        assert_eq!(board.prompt, Prompt::CalibrationLacks(lacking));
        // Done again; what is said of it comes a moment after its end.
        mark(&mut board, 10.0, MarkerKind::CalibrationStart);
        assert_eq!(board.steps(), None);
        mark(&mut board, 19.0, MarkerKind::CalibrationEnd);
        assert_eq!(board.prompt, Prompt::Calibrated);
        board.hears(&told(&[]));
        assert_eq!(board.prompt, Prompt::CalibrationAccepted);
        assert!(board.is_about_calibration());
        tell(&mut board, repetitions()(1, 20.0));
        assert!(!board.is_about_calibration());
    }

    #[test]
    fn sets_are_those_that_were_marked_and_a_void_one_goes() {
        let rep = repetitions();
        let mut board = board();
        set_start(&mut board, 0.0, Side::Left);
        assert_eq!((board.set(), board.prompt), (1, Prompt::Waiting));
        tell(&mut board, rep(1, 1.0));
        tell(&mut board, rep(2, 6.0));
        mark(&mut board, 14.0, MarkerKind::SetEnd);
        set_start(&mut board, 14.0, Side::Right);
        assert_eq!(
            (board.set(), board.side(), board.prompt),
            (2, Some(Side::Right), Prompt::OtherLeg { side: Side::Right })
        );
        assert_eq!(shown(&board), (vec![], vec![(1, 2)]));
        tell(&mut board, rep(1, 15.0));
        assert_eq!(shown(&board), (vec![15.0], vec![(1, 2)]));
        mark(&mut board, 20.0, MarkerKind::SetVoid);
        set_start(&mut board, 20.0, Side::Right);
        assert_eq!(board.prompt, Prompt::Again { set: 2, side: Side::Right });
        assert_eq!(shown(&board), (vec![], vec![(1, 2)]));
        // The set before as well.
        mark(&mut board, 21.0, MarkerKind::SetVoid);
        mark(&mut board, 21.0, MarkerKind::SetVoid);
        set_start(&mut board, 21.0, Side::Left);
        assert_eq!((board.set(), board.side()), (1, Some(Side::Left)));
        assert_eq!(shown(&board), (vec![], vec![]));
    }

    #[test]
    fn where_nobody_marked_sets_they_begin_where_counting_does() {
        let rep = repetitions();
        let mut board = board();
        for (number, from) in [(1, 1.0), (2, 6.0), (1, 20.0), (2, 26.0), (3, 32.0)] {
            tell(&mut board, rep(number, from));
        }
        assert_eq!(shown(&board), (vec![20.0, 26.0, 32.0], vec![(1, 2)]));
        assert_eq!(board.set(), 2);
        // Corrected, and taken back.
        let withdrawn = LiveEvent::Withdrawn(Span::from_seconds(27.0, 28.0));
        board.hears(&coach(Subject::Movement(Box::new(withdrawn))));
        board.hears(&coach(Subject::Movement(Box::new(LiveEvent::Revised(rep(2, 33.0))))));
        assert_eq!(shown(&board).0, [20.0, 33.0]);
        assert_eq!(board.tiles().len(), 4);
    }

    #[test]
    fn a_tap_tells_which_sensor_is_on_the_shin() {
        let mut board = board();
        let asked = Asked {
            command: Command::TapCheck,
            done: true,
            set: 1,
            side: Side::Left,
            calibrating: false,
            void_from_s: None,
        };
        board.hears(&Event::Asked(asked));
        assert_eq!(board.prompt, Prompt::Tap);
        board.hears(&Event::Tapped { role: SensorRole::Hip });
        assert!(board.prompt.words(Language::English).contains("hip sensor felt that"));
        board.hears(&Event::Tapped { role: SensorRole::Shank });
        assert!(board.prompt.words(Language::English).starts_with("Correct"));
    }

    #[test]
    fn how_a_session_ended_is_what_is_said_last() {
        let end = || Event::End { recording: "r.mcap".into(), sensors: BTreeMap::new() };
        let mut whole = board();
        whole.hears(&end());
        assert_eq!((whole.stage, whole.prompt), (Stage::Ended, Prompt::Ended { repetitions: 0 }));
        let mut unread = board();
        unread.hears(&Event::NotAnalysed { error: Arc::new(crate::Error::Defect) });
        unread.hears(&end());
        assert_eq!((unread.stage, unread.prompt), (Stage::Ended, Prompt::NotAnalysed));
        let mut full = board();
        full.hears(&Event::EndedEarly);
        assert_eq!((full.stage, full.prompt.tone()), (Stage::Ended, Tone::Alarm));
    }

    #[test]
    fn what_is_wrong_with_a_link_is_said_and_why() {
        let (mut board, role, at) = (board(), SensorRole::Shank, HostTime::from_seconds(5.0));
        board.hears(&Event::Lost { at, role, cause: truehinge_ble::LinkError::Dropped });
        let trouble = board.sensors[&role].trouble.clone().expect("trouble");
        assert_eq!(trouble.words(Language::German), "Verbindung verloren, wird neu aufgebaut");
        assert!(trouble.why().is_some_and(|why| why.starts_with("the connection was lost")));
        board.hears(&packet(role, 6.0, 1));
        assert!(board.sensors[&role].trouble.is_none());
    }

    #[test]
    fn every_prompt_has_words_in_every_language() {
        let (side, lack) = (Side::Left, Lack::Movements { role: SensorRole::Hip, found: 1 });
        let judged = Verdict::ALL.map(|verdict| Prompt::Judged { verdict, cause: truehinge_core::Cause::GreyZone });
        let others = [
            Prompt::Waiting,
            Prompt::Begin,
            Prompt::KneeForward,
            Prompt::KneeBack,
            Prompt::Set { set: 2, side },
            Prompt::OtherLeg { side },
            Prompt::Again { set: 2, side },
            Prompt::Calibrate,
            Prompt::Calibrated,
            Prompt::CalibrationAccepted,
            Prompt::CalibrationLacks(lack),
            Prompt::Tap,
            Prompt::Tapped { role: SensorRole::Shank },
            Prompt::Tapped { role: SensorRole::Hip },
            Prompt::Knock,
            Prompt::Ended { repetitions: 1 },
            Prompt::NotAnalysed,
            Prompt::EndedEarly,
            Prompt::BeginByGesture,
            Prompt::Gesture(Answer::Started { set: 2, side }),
            Prompt::Gesture(Answer::Ended { set: 2 }),
            Prompt::Gesture(Answer::Undone),
            Prompt::Gesture(Answer::NotUnderstood),
            Prompt::Gesture(Answer::NoneRuns),
            Prompt::Gesture(Answer::NoneToUndo),
            Prompt::Gesture(Answer::ByThemselves),
        ];
        let mut known = std::collections::BTreeSet::new();
        for (language, prompt) in
            Language::ALL.into_iter().flat_map(|l| judged.iter().chain(&others).map(move |p| (l, p)))
        {
            let words = prompt.words(language);
            assert!(!words.starts_with("prompt-") && !words.contains(['{', '}']), "{words}");
            assert!(known.insert(words.clone()), "twice: {words}");
        }
    }
}
