//! An analysis to rows.

use std::borrow::Cow;
use std::sync::Arc;

use truehinge_core::quantity::Metres;
use truehinge_core::summary::{SideSummary, Spread};
use truehinge_core::words::Language;
use truehinge_core::{
    AlignmentMethod, AlignmentReport, ErrorSource, Evidence, Finding, Measured, Metric, Rep, SensorQuality, SensorRole,
    SessionAnalysis, SetAnalysis, SetSummary, Side, Span, Stance, words,
};

use super::column::Row;
use super::moment::{Clock, Day, Instant};
use super::rows::{
    AthleteRow, BudgetRow, CurveRow, Event, EventRow, EvidenceRow, QualityRow, RepMetricRow, RepRow, SessionRow,
    SetRow, SideRow,
};

/// An analysis under the names it has in the tables.
pub struct Named<'a> {
    /// Key of the session.
    pub session_id: Arc<str>,
    /// Its name.
    pub session: Arc<str>,
    /// Key of the person.
    pub athlete_id: Arc<str>,
    /// The analysis.
    pub analysis: &'a SessionAnalysis,
    /// Other files with the same recording.
    pub copies: &'a [String],
}

impl<'a> Named<'a> {
    /// Under the analysis' own name.
    pub fn plainly(analysis: &'a SessionAnalysis) -> Self {
        Self {
            session_id: Arc::from(analysis.session_key()),
            session: Arc::from(analysis.info.session.as_str()),
            athlete_id: Arc::from(analysis.info.athlete.as_str()),
            analysis,
            copies: &[],
        }
    }
}

impl Named<'_> {
    /// The day of the session.
    fn day(&self) -> Option<Day> {
        self.analysis.info.local_start().and_then(Day::of)
    }

    /// The start of the session.
    fn start(&self) -> Option<Instant> {
        self.analysis.info.start_utc_ns.and_then(Instant::of_utc_ns)
    }
}

/// A table that is made from analyses.
pub trait Tabulate: Row {
    /// The rows of one analysis, in their order in the file.
    fn rows(named: &Named<'_>) -> Vec<Self>;
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Names of a repetition, repeated in every row about it.
struct RepKey {
    session_id: Arc<str>,
    athlete_id: Arc<str>,
    rep_id: Arc<str>,
    set: u32,
    side: Option<Side>,
}

impl Named<'_> {
    fn reps(&self) -> impl Iterator<Item = (RepKey, &Rep)> {
        self.analysis.reps().map(|(set, rep)| {
            let key = RepKey {
                session_id: Arc::clone(&self.session_id),
                athlete_id: Arc::clone(&self.athlete_id),
                rep_id: Arc::from(self.analysis.rep_key(rep)),
                set: set.number,
                side: set.side,
            };
            (key, rep)
        })
    }
}

impl Tabulate for SessionRow {
    // Long because the table is wide: one line per column.
    fn rows(named: &Named<'_>) -> Vec<Self> {
        let Named { session_id, athlete_id, session, analysis, copies } = named;
        let local = analysis.info.local_start();
        let (info, criteria) = (&analysis.info, &analysis.provenance.protocol.criteria);
        let total = total(analysis);
        let device = |role| analysis.sensors.iter().find(|s| s.role == role).map(|s| s.model.clone());
        let files: Vec<&str> = info.source.files.iter().map(|file| file.name.as_str()).collect();
        let (shank, thigh) = (info.body.shank(), info.body.thigh());
        vec![Self {
            session_id: Arc::clone(session_id),
            athlete_id: Arc::clone(athlete_id),
            session: Arc::clone(session),
            start_utc: named.start(),
            start_local: local.and_then(Clock::of),
            date_local: named.day(),
            utc_offset_min: local.and_then(|start| start.offset_minutes()),
            duration_s: analysis.end.seconds(),
            protocol: analysis.provenance.protocol.name.clone(),
            stance: Cow::Borrowed(stance_name(analysis.provenance.protocol.stance)),
            device_hip: device(SensorRole::Hip),
            device_shank: device(SensorRole::Shank),
            device_thigh: device(SensorRole::Thigh),
            device_trunk: device(SensorRole::Trunk),
            rate_hz: analysis.sensors.iter().map(|s| s.rate_hz).reduce(f64::min),
            loss_pct: analysis.sensors.iter().map(|s| 100.0 * s.loss()).reduce(f64::max),
            clock_sigma_ms: worst_clock(&analysis.sensors),
            source_format: info.source.format.clone(),
            source_files: files.join(";"),
            n_sets: count(analysis.sets.len()),
            n_reps: count(total.reps),
            n_true_hinge: count(total.true_hinge),
            n_knee_forward_drift: count(total.knee_forward_drift),
            n_insufficient_hip_travel: count(total.insufficient_hip_travel),
            n_indeterminate: count(total.indeterminate),
            n_rejected: count(analysis.sets.iter().map(|set| set.rejected.len()).sum()),
            quality_grade: analysis.grade(),
            issues: codes(&analysis.findings),
            stature_mm: info.body.stature.map(|stature| stature.value.millimetres()),
            shank_length_mm: shank.value.millimetres(),
            shank_length_sigma_mm: shank.sigma.millimetres(),
            shank_length_measured: info.body.shank_length.is_some(),
            thigh_length_mm: thigh.value.millimetres(),
            thigh_length_sigma_mm: thigh.sigma.millimetres(),
            thigh_length_measured: info.body.thigh_length.is_some(),
            limit_knee_forward_good_mm: criteria.knee_forward.good.millimetres(),
            limit_knee_forward_fault_mm: criteria.knee_forward.fault.millimetres(),
            limit_hip_back_good_mm: criteria.hip_back.good.millimetres(),
            limit_hip_back_fault_mm: criteria.hip_back.fault.millimetres(),
            limit_knee_flexion_good_deg: criteria.knee_flexion.good.degrees(),
            limit_knee_flexion_fault_deg: criteria.knee_flexion.fault.degrees(),
            limit_pelvis_drop_good_deg: criteria.pelvis_drop.good.degrees(),
            limit_pelvis_drop_fault_deg: criteria.pelvis_drop.fault.degrees(),
            limit_pelvis_rotation_good_deg: criteria.pelvis_rotation.good.degrees(),
            limit_pelvis_rotation_fault_deg: criteria.pelvis_rotation.fault.degrees(),
            limit_shank_sway_good_deg: criteria.shank_sway.good.degrees(),
            limit_shank_sway_fault_deg: criteria.shank_sway.fault.degrees(),
            limit_foot_knock_good_m_s2: criteria.foot_knock.good.si(),
            limit_foot_knock_fault_m_s2: criteria.foot_knock.fault.si(),
            limit_spine_flexion_good_deg: criteria.spine_flexion.good.degrees(),
            limit_spine_flexion_fault_deg: criteria.spine_flexion.fault.degrees(),
            limit_min_descent_s: criteria.min_descent_s,
            limit_confidence: criteria.confidence,
            software_version: analysis.provenance.version.clone(),
            config_sha256: analysis.provenance.config_sha256.clone(),
            input_sha256: analysis.provenance.input_sha256.clone(),
            content_sha256: analysis.provenance.content_sha256.clone(),
            copies: copies.join(";"),
            facts: analysis.provenance.facts.iter().map(ToString::to_string).collect::<Vec<_>>().join(";"),
        }]
    }
}

fn total(analysis: &SessionAnalysis) -> SetSummary {
    analysis.sets.iter().map(SetAnalysis::summary).fold(SetSummary::default(), SetSummary::and)
}

const fn stance_name(stance: Stance) -> &'static str {
    match stance {
        Stance::OneLeg => "one_leg",
        Stance::OneLegSupported => "one_leg_supported",
        Stance::TwoLegs => "two_legs",
    }
}

/// `None` as soon as one timeline is an assumption: the worst is not known then.
fn worst_clock(sensors: &[SensorQuality]) -> Option<f64> {
    let sigmas: Option<Vec<f64>> = sensors.iter().map(|sensor| sensor.clock_sigma_ms).collect();
    sigmas?.into_iter().reduce(f64::max)
}

fn codes(findings: &[Finding]) -> String {
    let mut codes: Vec<&str> = findings.iter().map(Finding::code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(";")
}

impl Tabulate for SideRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        SideSummary::of(named.analysis).iter().map(|leg| Self::new(named, leg)).collect()
    }
}

impl SideRow {
    // Long because the table is wide: one line per column.
    fn new(named: &Named<'_>, leg: &SideSummary) -> Self {
        let n = |spread: Option<&Spread>| spread.map_or(0, |spread| count(spread.n));
        let [knee_forward, knee_forward_turn, hip_back] =
            [Metric::KneeForward, Metric::KneeForwardTurn, Metric::HipBack].map(|metric| leg.spread(metric));
        let [shank_tilt, pelvis_tilt, knee_flexion] =
            [Metric::ShankTilt, Metric::PelvisTilt, Metric::KneeFlexion].map(|metric| leg.spread(metric));
        let provenance = &named.analysis.provenance;
        Self {
            session_id: Arc::clone(&named.session_id),
            athlete_id: Arc::clone(&named.athlete_id),
            session: Arc::clone(&named.session),
            date_local: named.day(),
            start_utc: named.start(),
            side: leg.side,
            protocol: provenance.protocol.name.clone(),
            config_sha256: provenance.config_sha256.clone(),
            software_version: provenance.version.clone(),
            n_reps: count(leg.counts.reps),
            n_true_hinge: count(leg.counts.true_hinge),
            n_knee_forward_drift: count(leg.counts.knee_forward_drift),
            n_insufficient_hip_travel: count(leg.counts.insufficient_hip_travel),
            n_indeterminate: count(leg.counts.indeterminate),
            n_excluded: count(leg.excluded),
            n_corrected: count(leg.corrected),
            knee_forward_n: n(knee_forward),
            knee_forward_median_mm: knee_forward.map(|s| s.median),
            knee_forward_worst_mm: knee_forward.and_then(|s| s.worst(Metric::KneeForward)),
            knee_forward_lowest_mm: knee_forward.map(|s| s.lowest),
            knee_forward_highest_mm: knee_forward.map(|s| s.highest),
            knee_forward_sd_mm: knee_forward.and_then(|s| s.sd),
            knee_forward_sigma_mm: knee_forward.map(|s| s.sigma),
            knee_forward_turn_n: n(knee_forward_turn),
            knee_forward_turn_median_mm: knee_forward_turn.map(|s| s.median),
            knee_forward_turn_worst_mm: knee_forward_turn.and_then(|s| s.worst(Metric::KneeForwardTurn)),
            knee_forward_turn_lowest_mm: knee_forward_turn.map(|s| s.lowest),
            knee_forward_turn_highest_mm: knee_forward_turn.map(|s| s.highest),
            knee_forward_turn_sd_mm: knee_forward_turn.and_then(|s| s.sd),
            knee_forward_turn_sigma_mm: knee_forward_turn.map(|s| s.sigma),
            hip_back_n: n(hip_back),
            hip_back_median_mm: hip_back.map(|s| s.median),
            hip_back_worst_mm: hip_back.and_then(|s| s.worst(Metric::HipBack)),
            hip_back_lowest_mm: hip_back.map(|s| s.lowest),
            hip_back_highest_mm: hip_back.map(|s| s.highest),
            hip_back_sd_mm: hip_back.and_then(|s| s.sd),
            hip_back_sigma_mm: hip_back.map(|s| s.sigma),
            shank_tilt_n: n(shank_tilt),
            shank_tilt_median_deg: shank_tilt.map(|s| s.median),
            shank_tilt_worst_deg: shank_tilt.and_then(|s| s.worst(Metric::ShankTilt)),
            shank_tilt_lowest_deg: shank_tilt.map(|s| s.lowest),
            shank_tilt_highest_deg: shank_tilt.map(|s| s.highest),
            shank_tilt_sd_deg: shank_tilt.and_then(|s| s.sd),
            shank_tilt_sigma_deg: shank_tilt.map(|s| s.sigma),
            pelvis_tilt_n: n(pelvis_tilt),
            pelvis_tilt_median_deg: pelvis_tilt.map(|s| s.median),
            pelvis_tilt_lowest_deg: pelvis_tilt.map(|s| s.lowest),
            pelvis_tilt_highest_deg: pelvis_tilt.map(|s| s.highest),
            pelvis_tilt_sd_deg: pelvis_tilt.and_then(|s| s.sd),
            pelvis_tilt_sigma_deg: pelvis_tilt.map(|s| s.sigma),
            knee_flexion_n: n(knee_flexion),
            knee_flexion_median_deg: knee_flexion.map(|s| s.median),
            knee_flexion_worst_deg: knee_flexion.and_then(|s| s.worst(Metric::KneeFlexion)),
            knee_flexion_lowest_deg: knee_flexion.map(|s| s.lowest),
            knee_flexion_highest_deg: knee_flexion.map(|s| s.highest),
            knee_flexion_sd_deg: knee_flexion.and_then(|s| s.sd),
            knee_flexion_sigma_deg: knee_flexion.map(|s| s.sigma),
        }
    }
}

/// What the sessions of a person say of him or her, one after the other.
pub struct Athlete {
    row: AthleteRow,
    /// Start and name of the session that the measures are of: the last one.
    measured: (Option<i64>, Arc<str>),
}

impl Athlete {
    /// By a first session.
    pub fn new(named: &Named<'_>) -> Self {
        let row = AthleteRow {
            athlete_id: Arc::clone(&named.athlete_id),
            n_sessions: 0,
            n_reps: 0,
            first_date: None,
            last_date: None,
            stature_mm: None,
            shank_length_mm: None,
            thigh_length_mm: None,
        };
        let mut athlete = Self { row, measured: (None, Arc::clone(&named.session)) };
        athlete.add(named);
        athlete
    }

    /// Whether a session is the same person's.
    pub fn is_of(&self, named: &Named<'_>) -> bool {
        self.row.athlete_id == named.athlete_id
    }

    /// Another session.
    pub fn add(&mut self, named: &Named<'_>) {
        let row = &mut self.row;
        row.n_sessions += 1;
        row.n_reps = row.n_reps.saturating_add(count(total(named.analysis).reps));
        row.first_date = row.first_date.into_iter().chain(named.day()).min();
        row.last_date = row.last_date.into_iter().chain(named.day()).max();
        let at = (named.analysis.info.start_utc_ns, Arc::clone(&named.session));
        if row.n_sessions == 1 || at >= self.measured {
            let body = &named.analysis.info.body;
            let mm = |length: Option<Measured<Metres>>| length.map(|length| length.value.millimetres());
            row.stature_mm = mm(body.stature);
            row.shank_length_mm = mm(body.shank_length);
            row.thigh_length_mm = mm(body.thigh_length);
            self.measured = at;
        }
    }

    /// The row.
    pub fn row(self) -> AthleteRow {
        self.row
    }
}

impl Tabulate for SetRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        let row = |set: &SetAnalysis| {
            let summary = set.summary();
            let alignment = |role| set.alignment.iter().find(|alignment| alignment.role == role);
            let (hip, shank) = (alignment(SensorRole::Hip), alignment(SensorRole::Shank));
            Self {
                session_id: Arc::clone(&named.session_id),
                athlete_id: Arc::clone(&named.athlete_id),
                session: Arc::clone(&named.session),
                set_id: Arc::from(named.analysis.set_key(set)),
                date_local: named.day(),
                set: set.number,
                side: set.side,
                start_s: set.span.start.seconds(),
                end_s: set.span.end.seconds(),
                n_reps: count(summary.reps),
                n_true_hinge: count(summary.true_hinge),
                n_knee_forward_drift: count(summary.knee_forward_drift),
                n_insufficient_hip_travel: count(summary.insufficient_hip_travel),
                n_indeterminate: count(summary.indeterminate),
                n_rejected: count(set.rejected.len()),
                n_quiet_stances: count(set.quiet_stances.len()),
                hip_alignment: hip.map(|a| Cow::Borrowed(method_name(a.method))),
                hip_axis_sigma_deg: hip.map(|a| a.axis_sigma.degrees()),
                shank_alignment: shank.map(|a| Cow::Borrowed(method_name(a.method))),
                shank_axis_sigma_deg: shank.map(|a| a.axis_sigma.degrees()),
            }
        };
        named.analysis.sets.iter().map(row).collect()
    }
}

const fn method_name(method: AlignmentMethod) -> &'static str {
    match method {
        AlignmentMethod::Functional => "functional",
        AlignmentMethod::FunctionalAndMount => "functional_and_mount",
        AlignmentMethod::Mount => "mount",
        AlignmentMethod::Weak => "weak",
    }
}

impl Tabulate for RepRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        let row = |(index, (set, rep)): (u32, (&SetAnalysis, &Rep))| Self::new(named, index, set, rep);
        (1..).zip(named.analysis.reps()).map(row).collect()
    }
}

impl RepRow {
    // Long because the table is wide: one line per column.
    fn new(named: &Named<'_>, index: u32, set: &SetAnalysis, rep: &Rep) -> Self {
        let value = |metric| rep.metrics.reading(metric).map(|reading| reading.value);
        let sigma = |metric| rep.metrics.reading(metric).map(|reading| reading.sigma);
        let seconds = |span: Span| span.length().seconds();
        let (phases, judgement) = (&rep.phases, &rep.judgement);
        Self {
            session_id: Arc::clone(&named.session_id),
            athlete_id: Arc::clone(&named.athlete_id),
            session: Arc::clone(&named.session),
            set_id: Arc::from(named.analysis.set_key(set)),
            rep_id: Arc::from(named.analysis.rep_key(rep)),
            date_local: named.day(),
            set: set.number,
            side: set.side,
            rep: rep.number,
            rep_index: Some(index),
            start_s: rep.span.start.seconds(),
            turn_s: rep.turn.seconds(),
            end_s: rep.span.end.seconds(),
            descent_s: seconds(phases.descent),
            bottom_s: seconds(phases.bottom),
            ascent_s: seconds(phases.ascent),
            quiet_start_s: phases.quiet_stance.start.seconds(),
            quiet_end_s: phases.quiet_stance.end.seconds(),
            label: rep.verdict(),
            label_computed: Some(judgement.verdict),
            excluded: Some(!rep.counts()),
            corrected_by: rep.by_hand.as_ref().map(|correction| correction.author.clone()),
            correction_reason: rep.by_hand.as_ref().map(|correction| correction.reason.clone()),
            reason_code: judgement.cause,
            probability: judgement.probability,
            flags: judgement.flags.clone(),
            knee_forward_mm: value(Metric::KneeForward),
            knee_forward_sigma_mm: sigma(Metric::KneeForward),
            knee_forward_seen_mm: value(Metric::KneeForwardSeen),
            knee_forward_seen_sigma_mm: sigma(Metric::KneeForwardSeen),
            knee_forward_descent_mm: value(Metric::KneeForwardDescent),
            knee_forward_descent_sigma_mm: sigma(Metric::KneeForwardDescent),
            knee_forward_turn_mm: value(Metric::KneeForwardTurn),
            knee_forward_turn_sigma_mm: sigma(Metric::KneeForwardTurn),
            knee_forward_ascent_mm: value(Metric::KneeForwardAscent),
            knee_forward_ascent_sigma_mm: sigma(Metric::KneeForwardAscent),
            knee_per_hip_pct: value(Metric::KneePerHip),
            knee_per_hip_sigma_pct: sigma(Metric::KneePerHip),
            hip_back_mm: value(Metric::HipBack),
            hip_back_sigma_mm: sigma(Metric::HipBack),
            hip_drop_mm: value(Metric::HipDrop),
            hip_drop_sigma_mm: sigma(Metric::HipDrop),
            shank_tilt_deg: value(Metric::ShankTilt),
            shank_tilt_sigma_deg: sigma(Metric::ShankTilt),
            pelvis_tilt_deg: value(Metric::PelvisTilt),
            pelvis_tilt_sigma_deg: sigma(Metric::PelvisTilt),
            knee_flexion_deg: value(Metric::KneeFlexion),
            knee_flexion_sigma_deg: sigma(Metric::KneeFlexion),
            hip_flexion_deg: value(Metric::HipFlexion),
            hip_flexion_sigma_deg: sigma(Metric::HipFlexion),
            pelvis_drop_deg: value(Metric::PelvisDrop),
            pelvis_drop_sigma_deg: sigma(Metric::PelvisDrop),
            pelvis_rotation_deg: value(Metric::PelvisRotation),
            pelvis_rotation_sigma_deg: sigma(Metric::PelvisRotation),
            sway_mm: value(Metric::Sway),
            sway_sigma_mm: sigma(Metric::Sway),
            shank_sway_deg: value(Metric::ShankSway),
            shank_sway_sigma_deg: sigma(Metric::ShankSway),
            foot_knock_m_s2: value(Metric::FootKnock),
            foot_knock_sigma_m_s2: sigma(Metric::FootKnock),
            spine_flexion_deg: value(Metric::SpineFlexion),
            spine_flexion_sigma_deg: sigma(Metric::SpineFlexion),
            reason: Language::English.reason(rep),
        }
    }
}

impl Tabulate for RepMetricRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        let rows = |(key, rep): (RepKey, &Rep)| {
            let measured = Metric::ALL.into_iter().filter_map(|m| rep.metrics.reading(m).map(|reading| (m, reading)));
            let row = |(metric, reading): (Metric, truehinge_core::rep::Reading)| Self {
                session_id: Arc::clone(&key.session_id),
                athlete_id: Arc::clone(&key.athlete_id),
                rep_id: Arc::clone(&key.rep_id),
                set: key.set,
                side: key.side,
                rep: rep.number,
                metric,
                unit: Cow::Borrowed(metric.unit()),
                value: reading.value,
                sigma: reading.sigma,
            };
            measured.map(row).collect::<Vec<_>>()
        };
        named.reps().flat_map(rows).collect()
    }
}

impl Tabulate for BudgetRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        let rows = |(key, rep): (RepKey, &Rep)| {
            let terms = rep.budgets.iter().flat_map(|(metric, budget)| budget.terms().map(|term| (*metric, term)));
            let row = |(metric, (source, sigma)): (Metric, (ErrorSource, f64))| Self {
                session_id: Arc::clone(&key.session_id),
                athlete_id: Arc::clone(&key.athlete_id),
                rep_id: Arc::clone(&key.rep_id),
                set: key.set,
                side: key.side,
                rep: rep.number,
                metric,
                source,
                unit: Cow::Borrowed(metric.unit()),
                sigma: metric.in_unit(sigma),
            };
            terms.map(row).collect::<Vec<_>>()
        };
        named.reps().flat_map(rows).collect()
    }
}

impl Tabulate for EvidenceRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        let rows = |(key, rep): (RepKey, &Rep)| {
            let row = |evidence: &Evidence| Self {
                session_id: Arc::clone(&key.session_id),
                athlete_id: Arc::clone(&key.athlete_id),
                rep_id: Arc::clone(&key.rep_id),
                set: key.set,
                side: key.side,
                rep: rep.number,
                criterion: evidence.criterion,
                metric: evidence.criterion.metric(),
                unit: Cow::Borrowed(evidence.criterion.metric().unit()),
                value: evidence.reading.value,
                sigma: evidence.reading.sigma,
                limit: evidence.limit,
                margin: evidence.margin,
                probability: evidence.probability,
            };
            rep.judgement.evidence.iter().map(row).collect::<Vec<_>>()
        };
        named.reps().flat_map(rows).collect()
    }
}

impl Tabulate for CurveRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        let mut rows = Vec::new();
        for (key, rep) in named.reps() {
            for curve in &rep.curves {
                rows.extend(curve.values.iter().zip(0..).map(|(value, phase_pct)| Self {
                    session_id: Arc::clone(&key.session_id),
                    athlete_id: Arc::clone(&key.athlete_id),
                    rep_id: Arc::clone(&key.rep_id),
                    set: key.set,
                    side: key.side,
                    rep: rep.number,
                    signal: curve.signal,
                    unit: Cow::Borrowed(curve.signal.unit()),
                    phase_pct,
                    value: Some(*value),
                }));
            }
        }
        rows
    }
}

impl Tabulate for EventRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        named.analysis.sets.iter().flat_map(|set| set_events(named, set)).collect()
    }
}

fn set_events(named: &Named<'_>, set: &SetAnalysis) -> Vec<EventRow> {
    let at = |time: truehinge_core::SessionTime, event| EventRow {
        session_id: Arc::clone(&named.session_id),
        athlete_id: Arc::clone(&named.athlete_id),
        session: Arc::clone(&named.session),
        set: set.number,
        side: set.side,
        t_s: time.seconds(),
        end_s: None,
        event,
        rep: None,
        reason_code: None,
        description: None,
    };
    let over = |span: Span, event| EventRow { end_s: Some(span.end.seconds()), ..at(span.start, event) };
    let mut rows = vec![at(set.span.start, Event::SetStart), at(set.span.end, Event::SetEnd)];
    rows.extend(set.quiet_stances.iter().map(|span| over(*span, Event::QuietStance)));
    for rep in &set.reps {
        let moments = [(rep.span.start, Event::RepStart), (rep.turn, Event::RepTurn), (rep.span.end, Event::RepEnd)];
        rows.extend(moments.map(|(time, event)| EventRow { rep: Some(rep.number), ..at(time, event) }));
    }
    rows.extend(set.rejected.iter().map(|candidate| EventRow {
        reason_code: Some(Cow::Borrowed(candidate.rejection.name())),
        description: Some(candidate.rejection.to_string()),
        ..over(candidate.span, Event::Rejected)
    }));
    rows.sort_by(|a, b| a.t_s.total_cmp(&b.t_s).then(a.event.cmp(&b.event)));
    rows
}

impl Tabulate for QualityRow {
    fn rows(named: &Named<'_>) -> Vec<Self> {
        let analysis = named.analysis;
        let mut rows: Vec<Self> = analysis.sensors.iter().flat_map(|sensor| sensor_checks(named, sensor)).collect();
        rows.extend(analysis.clock_pair_sigma_ms().map(|sigma| pair_check(named, sigma)));
        for set in &analysis.sets {
            rows.extend(set.alignment.iter().map(|alignment| axis_check(named, set, alignment)));
        }
        rows.extend(analysis.findings.iter().map(|finding| Self {
            sensor: finding.role,
            grade: Some(finding.grade()),
            message: Some(words::sentence(finding)),
            ..blank_check(named, finding.code())
        }));
        rows
    }
}

fn blank_check(named: &Named<'_>, check: &'static str) -> QualityRow {
    QualityRow {
        session_id: Arc::clone(&named.session_id),
        athlete_id: Arc::clone(&named.athlete_id),
        session: Arc::clone(&named.session),
        sensor: None,
        set: None,
        check: Cow::Borrowed(check),
        unit: None,
        value: None,
        limit: None,
        pass: None,
        grade: None,
        message: None,
    }
}

fn sensor_checks(named: &Named<'_>, sensor: &SensorQuality) -> Vec<QualityRow> {
    let limits = &named.analysis.limits;
    let found = |check, unit, value: Option<f64>| QualityRow {
        sensor: Some(sensor.role),
        unit: Some(Cow::Borrowed(unit)),
        value,
        ..blank_check(named, check)
    };
    let at_most = |check, unit, value: Option<f64>, limit: f64| QualityRow {
        limit: Some(limit),
        pass: value.filter(|value| value.is_finite()).map(|value| value <= limit),
        ..found(check, unit, value)
    };
    vec![
        found("samples", "1", Some(sensor.samples as f64)),
        found("rate", "Hz", Some(sensor.rate_hz)),
        at_most("loss", "%", Some(100.0 * sensor.loss()), 100.0 * limits.loss),
        at_most("longest_gap", "s", Some(sensor.longest_gap_s), limits.longest_gap_s),
        found("clock_skew", "ppm", sensor.clock_skew_ppm),
        at_most("clock_sigma", "ms", sensor.clock_sigma_ms, limits.clock_sigma_ms),
        found("clock_delay_p95", "ms", sensor.clock_delay_p95_ms),
        found("gravity", "m/s2", sensor.gravity),
        found("accelerometer_corrected", "1", Some(f64::from(u8::from(sensor.accelerometer_corrected)))),
        at_most("clipped", "1", Some(sensor.clipped as f64), 0.0),
        at_most("not_finite", "1", Some(sensor.not_finite as f64), 0.0),
    ]
}

/// How well the clocks of hip and shank are known against each other.
fn pair_check(named: &Named<'_>, sigma_ms: f64) -> QualityRow {
    let limit = named.analysis.limits.clock_sigma_ms;
    QualityRow {
        unit: Some(Cow::Borrowed("ms")),
        value: Some(sigma_ms),
        limit: Some(limit),
        pass: sigma_ms.is_finite().then_some(sigma_ms <= limit),
        ..blank_check(named, "clock_pair_sigma")
    }
}

fn axis_check(named: &Named<'_>, set: &SetAnalysis, alignment: &AlignmentReport) -> QualityRow {
    let (sigma, limit) = (alignment.axis_sigma.degrees(), named.analysis.limits.axis_sigma_deg);
    QualityRow {
        sensor: Some(alignment.role),
        set: Some(set.number),
        unit: Some(Cow::Borrowed("deg")),
        value: Some(sigma),
        limit: Some(limit),
        pass: sigma.is_finite().then_some(sigma <= limit),
        ..blank_check(named, "axis_sigma")
    }
}
