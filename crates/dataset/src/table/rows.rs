//! What each table holds: every column of every table, declared once.
//!
//! Times are seconds on the session's clock, which is zero at the start of the recording; intervals are half-open. A missing
//! value is `None`, an empty field in CSV and null in Parquet. `session_id`, `set_id` and `rep_id` are made of the samples and of
//! times alone; `athlete_id` and `session` together name a session for people, and are the same text in every file, with an apostrophe
//! before what a spreadsheet would otherwise run as a formula.

use std::borrow::Cow;
use std::sync::Arc;

use truehinge_core::rep::Reading;
use truehinge_core::{Cause, Criterion, ErrorSource, Flag, Metric, QualityGrade, SensorRole, Side, Signal, Verdict};

use super::column::{Word, rows};
use super::moment::{Clock, Day, Instant};

rows! {
    /// A recording, with its devices, body measures, limits and provenance.
    SessionRow = "sessions", one row is "a recording" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        session: Arc<str>, NONE, "Name of the session, unique for the person";
        start_utc: Option<Instant>, NONE, "Start of the recording, UTC, to the millisecond; the clock time of the file where that states no time zone";
        start_local: Option<Clock>, NONE, "The same on the clock on the wall there; missing where only UTC is known";
        date_local: Option<Day>, NONE, "Day of the session by the clock on the wall there; in UTC where only that is known";
        utc_offset_min: Option<f64>, MIN, "How far that clock was ahead of UTC; missing where it is not known";
        duration_s: f64, S, "Length of the recording: end of the data on the session's clock";
        protocol: String, NONE, "Short name of the exercise protocol";
        stance: Cow<'static, str>, NONE, "What the protocol has the person stand on: one_leg, one_leg_supported or two_legs";
        device_hip: Option<String>, NONE, "Maker and model of the hip sensor";
        device_shank: Option<String>, NONE, "Maker and model of the shank sensor";
        device_thigh: Option<String>, NONE, "Maker and model of the thigh sensor, if worn";
        device_trunk: Option<String>, NONE, "Maker and model of the trunk sensor, if worn";
        rate_hz: Option<f64>, HZ, "Measured rate of the slowest sensor";
        loss_pct: Option<f64>, PERCENT, "Samples lost, of the sensor that lost most";
        clock_sigma_ms: Option<f64>, MS, "Standard uncertainty of the timeline of the worst sensor; missing if assumed";
        source_format: String, NONE, "Format the data were read from";
        source_files: String, NONE, "Names of the files read, separated by semicolons";
        n_sets: u32, NONE, "Sets found";
        n_reps: u32, NONE, "Repetitions counted";
        n_true_hinge: u32, NONE, "Of these: true hinges";
        n_knee_forward_drift: u32, NONE, "Of these: knee-forward drifts";
        n_insufficient_hip_travel: u32, NONE, "Of these: with too little hip travel";
        n_indeterminate: u32, NONE, "Of these: not sure";
        n_rejected: u32, NONE, "Movements looked at and not counted";
        quality_grade: QualityGrade, NONE, "Grade of the data: good, fair or poor";
        issues: String, NONE, "Codes of what a reader must know of the data, separated by semicolons; see table quality";
        stature_mm: Option<f64>, MM, "Standing height, if measured";
        shank_length_mm: f64, MM, "Shank length that was used";
        shank_length_sigma_mm: f64, MM, "Its standard uncertainty";
        shank_length_measured: bool, NONE, "Whether it was measured; otherwise from stature, or of an average adult";
        thigh_length_mm: f64, MM, "Thigh length that was used";
        thigh_length_sigma_mm: f64, MM, "Its standard uncertainty";
        thigh_length_measured: bool, NONE, "Whether it was measured; otherwise from stature, or of an average adult";
        limit_knee_forward_good_mm: f64, MM, "Knee-forward travel up to which it is good";
        limit_knee_forward_fault_mm: f64, MM, "Knee-forward travel beyond which it is a fault";
        limit_hip_back_good_mm: f64, MM, "Hip-back travel from which it is good";
        limit_hip_back_fault_mm: f64, MM, "Hip-back travel below which it is a fault";
        limit_knee_flexion_good_deg: f64, DEG, "Knee flexion change up to which it is good";
        limit_knee_flexion_fault_deg: f64, DEG, "Knee flexion change beyond which it is a fault";
        limit_pelvis_drop_good_deg: f64, DEG, "Pelvic drop up to which it is good";
        limit_pelvis_drop_fault_deg: f64, DEG, "Pelvic drop beyond which it is a fault";
        limit_pelvis_rotation_good_deg: f64, DEG, "Pelvic rotation up to which it is good";
        limit_pelvis_rotation_fault_deg: f64, DEG, "Pelvic rotation beyond which it is a fault";
        limit_shank_sway_good_deg: f64, DEG, "Side-to-side lean of the shank up to which it is good";
        limit_shank_sway_fault_deg: f64, DEG, "Side-to-side lean of the shank beyond which it is a fault";
        limit_foot_knock_good_m_s2: f64, FORCE, "Jolt at the shank up to which it is good";
        limit_foot_knock_fault_m_s2: f64, FORCE, "Jolt at the shank beyond which it is a fault";
        limit_spine_flexion_good_deg: f64, DEG, "Spine flexion up to which it is good";
        limit_spine_flexion_fault_deg: f64, DEG, "Spine flexion beyond which it is a fault";
        limit_min_descent_s: f64, S, "Shortest descent that counts as controlled";
        limit_confidence: f64, SHARE, "Probability from which a verdict is named";
        software_version: String, NONE, "Version of the program";
        config_sha256: String, NONE, "SHA-256 of protocol and parameters";
        input_sha256: String, NONE, "SHA-256 over the input files";
        content_sha256: String, NONE, "SHA-256 over the samples: the same for a file and what was imported from it";
        copies: String, NONE, "Other files with the same recording, which were left out, separated by semicolons";
        facts: String, NONE, "Body measures and limits of the person's own that were used, each with who said it (option, edited, card, recording) and since when, separated by semicolons";
    }

    /// A set.
    SetRow = "sets", one row is "a set on one leg" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        session: Arc<str>, NONE, "Name of the session, unique for the person";
        set_id: Arc<str>, NONE, "Key of the set, made of the samples and of when it was";
        date_local: Option<Day>, NONE, "Day of the session by the clock on the wall there; in UTC where only that is known";
        set: u32, NONE, "Number of the set in the session, from 1";
        side: Option<Side>, NONE, "Supporting leg: left or right";
        start_s: f64, S, "Start of the first movement looked at";
        end_s: f64, S, "End of the last movement looked at";
        n_reps: u32, NONE, "Repetitions counted";
        n_true_hinge: u32, NONE, "Of these: true hinges";
        n_knee_forward_drift: u32, NONE, "Of these: knee-forward drifts";
        n_insufficient_hip_travel: u32, NONE, "Of these: with too little hip travel";
        n_indeterminate: u32, NONE, "Of these: not sure";
        n_rejected: u32, NONE, "Movements looked at and not counted";
        n_quiet_stances: u32, NONE, "Quiet stances found";
        hip_alignment: Option<Cow<'static, str>>, NONE, "Where the hip sensor's front came from: functional, functional_and_mount, mount or weak";
        hip_axis_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the hip sensor's front about the vertical";
        shank_alignment: Option<Cow<'static, str>>, NONE, "Where the shank sensor's front came from: functional, functional_and_mount, mount or weak";
        shank_axis_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the shank sensor's front about the vertical";
    }

    /// A repetition: times, verdict, numbers.
    RepRow = "reps", one row is "a counted repetition" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        session: Arc<str>, NONE, "Name of the session, unique for the person";
        set_id: Arc<str>, NONE, "Key of the set, made of the samples and of when it was";
        rep_id: Arc<str>, NONE, "Key of the repetition, made of the samples and of when it was";
        date_local: Option<Day>, NONE, "Day of the session by the clock on the wall there; in UTC where only that is known";
        set: u32, NONE, "Number of the set in the session, from 1";
        side: Option<Side>, NONE, "Supporting leg: left or right";
        rep: u32, NONE, "Number of the repetition in the set, from 1";
        rep_index: Option<u32>, NONE, "Number of the repetition in the session, from 1; missing in tables of earlier versions";
        start_s: f64, S, "Onset of the movement";
        turn_s: f64, S, "Deepest point: middle of the bottom";
        end_s: f64, S, "Return from the movement, half-open";
        descent_s: f64, S, "Time from the onset to the bottom";
        bottom_s: f64, S, "Time at the bottom";
        ascent_s: f64, S, "Time from the bottom to the return";
        quiet_start_s: f64, S, "Start of the quiet stance that all changes are measured from";
        quiet_end_s: f64, S, "End of the quiet stance that all changes are measured from";
        label: Verdict, NONE, "Verdict that holds, by hand where somebody corrected it: true_hinge, knee_forward_drift, insufficient_hip_travel or indeterminate";
        label_computed: Option<Verdict>, NONE, "Verdict as it was computed; missing in tables of earlier versions";
        excluded: Option<bool>, NONE, "Whether somebody excluded it: then it is in no count; missing in tables of earlier versions";
        corrected_by: Option<String>, NONE, "Who corrected it by hand; missing if nobody did";
        correction_reason: Option<String>, NONE, "Why, in that person's words";
        reason_code: Cause, NONE, "Why the computed verdict, as a code";
        probability: f64, SHARE, "Probability of the verdict, for indeterminate of the likeliest one";
        flags: Vec<Flag>, NONE, "What else was seen, separated by semicolons";
        knee_forward_mm: Option<f64>, MM, "Knee-forward travel at its peak, from the quiet stance";
        knee_forward_sigma_mm: Option<f64>, MM, "Standard uncertainty of the knee-forward travel";
        knee_forward_seen_mm: Option<f64>, MM, "Where a gap hides the whole: knee-forward travel that was seen beside it, at least";
        knee_forward_seen_sigma_mm: Option<f64>, MM, "Standard uncertainty of the knee-forward travel that was seen";
        knee_forward_descent_mm: Option<f64>, MM, "Knee-forward travel at its peak on the way down, to the deepest point";
        knee_forward_descent_sigma_mm: Option<f64>, MM, "Standard uncertainty of the knee-forward travel on the way down";
        knee_forward_turn_mm: Option<f64>, MM, "Knee-forward travel at the deepest point; where the knee stays it says more than the peak";
        knee_forward_turn_sigma_mm: Option<f64>, MM, "Standard uncertainty of the knee-forward travel at the deepest point";
        knee_forward_ascent_mm: Option<f64>, MM, "Knee-forward travel at its peak on the way up, from the deepest point";
        knee_forward_ascent_sigma_mm: Option<f64>, MM, "Standard uncertainty of the knee-forward travel on the way up";
        knee_per_hip_pct: Option<f64>, PERCENT, "Knee-forward travel as a share of the hip-back travel, both at the deepest point; missing where the hips may not have moved";
        knee_per_hip_sigma_pct: Option<f64>, PERCENT, "Standard uncertainty of that share";
        hip_back_mm: Option<f64>, MM, "Hip-back travel at its peak, from the quiet stance";
        hip_back_sigma_mm: Option<f64>, MM, "Standard uncertainty of the hip-back travel";
        hip_drop_mm: Option<f64>, MM, "Hip drop at its peak, downward positive";
        hip_drop_sigma_mm: Option<f64>, MM, "Standard uncertainty of the hip drop";
        shank_tilt_deg: Option<f64>, DEG, "Shank inclination change at its peak, forward positive";
        shank_tilt_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the shank inclination change";
        pelvis_tilt_deg: Option<f64>, DEG, "Pelvic tilt change at its peak, anterior positive";
        pelvis_tilt_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the pelvic tilt change";
        knee_flexion_deg: Option<f64>, DEG, "Knee flexion change at its peak, flexion positive";
        knee_flexion_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the knee flexion change";
        hip_flexion_deg: Option<f64>, DEG, "Hip flexion change at its peak, flexion positive";
        hip_flexion_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the hip flexion change";
        pelvis_drop_deg: Option<f64>, DEG, "Pelvic drop at its peak, free side down positive";
        pelvis_drop_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the pelvic drop";
        pelvis_rotation_deg: Option<f64>, DEG, "Largest pelvic rotation either way, not negative";
        pelvis_rotation_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the pelvic rotation";
        sway_mm: Option<f64>, MM, "Root mean square of the side-to-side movement of the hip sensor";
        sway_sigma_mm: Option<f64>, MM, "Standard uncertainty of the sway";
        shank_sway_deg: Option<f64>, DEG, "Range of the shank's side-to-side lean, not negative";
        shank_sway_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the shank's side-to-side lean";
        foot_knock_m_s2: Option<f64>, FORCE, "Largest jolt at the shank: departure of its specific force from the usual norm";
        foot_knock_sigma_m_s2: Option<f64>, FORCE, "Standard uncertainty of the jolt";
        spine_flexion_deg: Option<f64>, DEG, "Spine flexion change at its peak, rounding positive; needs a trunk sensor";
        spine_flexion_sigma_deg: Option<f64>, DEG, "Standard uncertainty of the spine flexion change";
        reason: String, NONE, "Why the verdict, in the words of the page; every test behind it is in table evidence";
    }

    /// A number of a repetition: the long form of [`RepRow`].
    RepMetricRow = "reps_long", one row is "a number of a repetition; numbers that could not be measured have no row" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        rep_id: Arc<str>, NONE, "Key of the repetition, made of the samples and of when it was";
        set: u32, NONE, "Number of the set in the session, from 1";
        side: Option<Side>, NONE, "Supporting leg: left or right";
        rep: u32, NONE, "Number of the repetition in the set, from 1";
        metric: Metric, NONE, "Name of the number, as in the columns of table reps";
        unit: Cow<'static, str>, NONE, "Unit of value and sigma: mm, deg or m/s2";
        value: f64, MIXED, "Best estimate";
        sigma: f64, MIXED, "Standard uncertainty";
    }

    /// What a number of a repetition is uncertain by.
    BudgetRow = "budgets", one row is "a source of uncertainty of a number of a repetition; sources that bring nothing have no row" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        rep_id: Arc<str>, NONE, "Key of the repetition, made of the samples and of when it was";
        set: u32, NONE, "Number of the set in the session, from 1";
        side: Option<Side>, NONE, "Supporting leg: left or right";
        rep: u32, NONE, "Number of the repetition in the set, from 1";
        metric: Metric, NONE, "Name of the number, as in the columns of table reps";
        source: ErrorSource, NONE, "What makes it uncertain";
        unit: Cow<'static, str>, NONE, "Unit of sigma: mm, deg or m/s2";
        sigma: f64, MIXED, "Standard uncertainty from this source; all of a number add up in quadrature";
    }

    /// A test behind a verdict.
    EvidenceRow = "evidence", one row is "a test behind a verdict" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        rep_id: Arc<str>, NONE, "Key of the repetition, made of the samples and of when it was";
        set: u32, NONE, "Number of the set in the session, from 1";
        side: Option<Side>, NONE, "Supporting leg: left or right";
        rep: u32, NONE, "Number of the repetition in the set, from 1";
        criterion: Criterion, NONE, "What was tested";
        metric: Metric, NONE, "The number it was tested with";
        unit: Cow<'static, str>, NONE, "Unit of value, sigma, limit and margin: mm, deg or m/s2";
        value: f64, MIXED, "Best estimate";
        sigma: f64, MIXED, "Standard uncertainty";
        limit: f64, MIXED, "Limit it was held against";
        margin: f64, MIXED, "How far the value is on the criterion's side of the limit; negative if it does not hold";
        probability: f64, SHARE, "Probability that the criterion holds";
    }

    /// A point of a curve.
    CurveRow = "curves", one row is "a point of a signal over a repetition" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        rep_id: Arc<str>, NONE, "Key of the repetition, made of the samples and of when it was";
        set: u32, NONE, "Number of the set in the session, from 1";
        side: Option<Side>, NONE, "Supporting leg: left or right";
        rep: u32, NONE, "Number of the repetition in the set, from 1";
        signal: Signal, NONE, "Name of the signal";
        unit: Cow<'static, str>, NONE, "Unit of value: mm or deg";
        phase_pct: u32, NONE, "Normalised time in percent: 0 at the onset, 100 at the return";
        value: Option<f64>, MIXED, "Change from the quiet stance";
    }

    /// Something on the timeline.
    EventRow = "events", one row is "something that happened at a time" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        session: Arc<str>, NONE, "Name of the session, unique for the person";
        set: u32, NONE, "Number of the set in the session, from 1";
        side: Option<Side>, NONE, "Supporting leg: left or right";
        t_s: f64, S, "When it happened or began";
        end_s: Option<f64>, S, "When it ended, if it lasts";
        event: Event, NONE, "What: set_start, set_end, quiet_stance, rep_start, rep_turn, rep_end or rejected";
        rep: Option<u32>, NONE, "Number of the repetition in the set, if it belongs to one";
        reason_code: Option<Cow<'static, str>>, NONE, "Code of why a movement was not counted";
        description: Option<String>, NONE, "The same in words, with its numbers";
    }

    /// What is known of the quality of the data.
    QualityRow = "quality", one row is "a check of the data, or something a reader must know of them" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        session: Arc<str>, NONE, "Name of the session, unique for the person";
        sensor: Option<SensorRole>, NONE, "Which sensor: hip, shank, thigh or trunk; missing for the whole session";
        set: Option<u32>, NONE, "Number of the set, if it is about one";
        check: Cow<'static, str>, NONE, "What was checked, or the code of an issue";
        unit: Option<Cow<'static, str>>, NONE, "Unit of value and limit";
        value: Option<f64>, MIXED, "What was found";
        limit: Option<f64>, MIXED, "Most that is fine, if there is such a limit";
        pass: Option<bool>, NONE, "Whether it is fine; missing without a limit or a value";
        grade: Option<QualityGrade>, NONE, "How much an issue matters: good, fair or poor";
        message: Option<String>, NONE, "An issue in words, with what to do";
    }

    /// A leg in a session: what scores and trends are made of.
    SideRow = "sides", one row is "a leg in a session" {
        session_id: Arc<str>, NONE, "Key of the session, made of its samples alone: the same wherever it lies and whatever it is called";
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        session: Arc<str>, NONE, "Name of the session, unique for the person";
        date_local: Option<Day>, NONE, "Day of the session by the clock on the wall there; in UTC where only that is known";
        start_utc: Option<Instant>, NONE, "Start of the recording, UTC";
        side: Option<Side>, NONE, "Supporting leg: left or right; missing where nobody named it";
        protocol: String, NONE, "Short name of the exercise protocol: others are not to be compared";
        config_sha256: String, NONE, "SHA-256 of protocol and parameters: sessions with others are not to be compared";
        software_version: String, NONE, "Version of the program";
        n_reps: u32, NONE, "Repetitions that count";
        n_true_hinge: u32, NONE, "Of these: true hinges";
        n_knee_forward_drift: u32, NONE, "Of these: knee-forward drifts";
        n_insufficient_hip_travel: u32, NONE, "Of these: with too little hip travel";
        n_indeterminate: u32, NONE, "Of these: not sure";
        n_excluded: u32, NONE, "Repetitions that somebody excluded";
        n_corrected: u32, NONE, "Repetitions that somebody corrected, those excluded among them";
        knee_forward_n: u32, NONE, "Knee-forward travel at its peak: repetitions that it was measured in and that stand for the leg";
        knee_forward_median_mm: Option<f64>, MM, "Knee-forward travel at its peak: median of these";
        knee_forward_worst_mm: Option<f64>, MM, "Knee-forward travel at its peak: the worst of these";
        knee_forward_lowest_mm: Option<f64>, MM, "Knee-forward travel at its peak: the lowest of these";
        knee_forward_highest_mm: Option<f64>, MM, "Knee-forward travel at its peak: the highest of these";
        knee_forward_sd_mm: Option<f64>, MM, "Knee-forward travel at its peak: standard deviation between these; missing for one alone";
        knee_forward_sigma_mm: Option<f64>, MM, "Knee-forward travel at its peak: standard uncertainty of the measurement of one, root mean square";
        knee_forward_turn_n: u32, NONE, "Knee-forward travel at the deepest point: repetitions that it was measured in and that stand for the leg";
        knee_forward_turn_median_mm: Option<f64>, MM, "Knee-forward travel at the deepest point: median of these";
        knee_forward_turn_worst_mm: Option<f64>, MM, "Knee-forward travel at the deepest point: the worst of these";
        knee_forward_turn_lowest_mm: Option<f64>, MM, "Knee-forward travel at the deepest point: the lowest of these";
        knee_forward_turn_highest_mm: Option<f64>, MM, "Knee-forward travel at the deepest point: the highest of these";
        knee_forward_turn_sd_mm: Option<f64>, MM, "Knee-forward travel at the deepest point: standard deviation between these; missing for one alone";
        knee_forward_turn_sigma_mm: Option<f64>, MM, "Knee-forward travel at the deepest point: standard uncertainty of the measurement of one, root mean square";
        hip_back_n: u32, NONE, "Hip-back travel: repetitions that it was measured in and that stand for the leg";
        hip_back_median_mm: Option<f64>, MM, "Hip-back travel: median of these";
        hip_back_worst_mm: Option<f64>, MM, "Hip-back travel: the worst of these";
        hip_back_lowest_mm: Option<f64>, MM, "Hip-back travel: the lowest of these";
        hip_back_highest_mm: Option<f64>, MM, "Hip-back travel: the highest of these";
        hip_back_sd_mm: Option<f64>, MM, "Hip-back travel: standard deviation between these; missing for one alone";
        hip_back_sigma_mm: Option<f64>, MM, "Hip-back travel: standard uncertainty of the measurement of one, root mean square";
        shank_tilt_n: u32, NONE, "Shank inclination change: repetitions that it was measured in and that stand for the leg";
        shank_tilt_median_deg: Option<f64>, DEG, "Shank inclination change: median of these";
        shank_tilt_worst_deg: Option<f64>, DEG, "Shank inclination change: the worst of these";
        shank_tilt_lowest_deg: Option<f64>, DEG, "Shank inclination change: the lowest of these";
        shank_tilt_highest_deg: Option<f64>, DEG, "Shank inclination change: the highest of these";
        shank_tilt_sd_deg: Option<f64>, DEG, "Shank inclination change: standard deviation between these; missing for one alone";
        shank_tilt_sigma_deg: Option<f64>, DEG, "Shank inclination change: standard uncertainty of the measurement of one, root mean square";
        pelvis_tilt_n: u32, NONE, "Pelvic tilt change: repetitions that it was measured in and that stand for the leg";
        pelvis_tilt_median_deg: Option<f64>, DEG, "Pelvic tilt change: median of these";
        pelvis_tilt_lowest_deg: Option<f64>, DEG, "Pelvic tilt change: the lowest of these";
        pelvis_tilt_highest_deg: Option<f64>, DEG, "Pelvic tilt change: the highest of these";
        pelvis_tilt_sd_deg: Option<f64>, DEG, "Pelvic tilt change: standard deviation between these; missing for one alone";
        pelvis_tilt_sigma_deg: Option<f64>, DEG, "Pelvic tilt change: standard uncertainty of the measurement of one, root mean square";
        knee_flexion_n: u32, NONE, "Knee flexion change: repetitions that it was measured in and that stand for the leg";
        knee_flexion_median_deg: Option<f64>, DEG, "Knee flexion change: median of these";
        knee_flexion_worst_deg: Option<f64>, DEG, "Knee flexion change: the worst of these";
        knee_flexion_lowest_deg: Option<f64>, DEG, "Knee flexion change: the lowest of these";
        knee_flexion_highest_deg: Option<f64>, DEG, "Knee flexion change: the highest of these";
        knee_flexion_sd_deg: Option<f64>, DEG, "Knee flexion change: standard deviation between these; missing for one alone";
        knee_flexion_sigma_deg: Option<f64>, DEG, "Knee flexion change: standard uncertainty of the measurement of one, root mean square";
    }

    /// A person.
    AthleteRow = "athletes", one row is "a person" {
        athlete_id: Arc<str>, NONE, "Pseudonym of the person, every letter of it";
        n_sessions: u32, NONE, "Sessions in these tables";
        n_reps: u32, NONE, "Repetitions that count in all of them";
        first_date: Option<Day>, NONE, "Day of the first session whose day is known";
        last_date: Option<Day>, NONE, "Day of the last one";
        stature_mm: Option<f64>, MM, "Standing height that was used last, if it was measured";
        shank_length_mm: Option<f64>, MM, "Shank length that was used last, if it was measured";
        thigh_length_mm: Option<f64>, MM, "Thigh length that was used last, if it was measured";
    }

    /// What could not be used, and why.
    #[derive(Eq, PartialOrd, Ord, serde::Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    Failure = "failures", one row is "an input that could not be used" {
        stage: Cow<'static, str>, NONE, "What could not be done with it: read, analyse or store";
        code: Cow<'static, str>, NONE, "What is wrong, as a code that stays";
        source: String, NONE, "Which file or folder";
        reason: String, NONE, "What is wrong, where, with which value, and what to do";
    }

    /// What a column means.
    DictionaryRow = "data_dictionary", one row is "a column of a table" {
        table: Cow<'static, str>, NONE, "Which table";
        column: Cow<'static, str>, NONE, "Which column";
        unit: Option<Cow<'static, str>>, NONE, "Its unit; missing for words, counts and yes or no";
        data_type: Cow<'static, str>, NONE, "Its type: text, float, integer, boolean, timestamp (UTC), local timestamp or date";
        decimals: Option<u32>, NONE, "Decimals that numbers are rounded to";
        description: Cow<'static, str>, NONE, "What it means";
    }
}

impl RepRow {
    /// A number of the repetition with its uncertainty, in the unit that [`Metric::unit`] says.
    pub fn reading(&self, metric: Metric) -> Option<Reading> {
        let (value, sigma) = match metric {
            Metric::KneeForward => (self.knee_forward_mm, self.knee_forward_sigma_mm),
            Metric::KneeForwardSeen => (self.knee_forward_seen_mm, self.knee_forward_seen_sigma_mm),
            Metric::KneeForwardDescent => (self.knee_forward_descent_mm, self.knee_forward_descent_sigma_mm),
            Metric::KneeForwardTurn => (self.knee_forward_turn_mm, self.knee_forward_turn_sigma_mm),
            Metric::KneeForwardAscent => (self.knee_forward_ascent_mm, self.knee_forward_ascent_sigma_mm),
            Metric::KneePerHip => (self.knee_per_hip_pct, self.knee_per_hip_sigma_pct),
            Metric::HipBack => (self.hip_back_mm, self.hip_back_sigma_mm),
            Metric::HipDrop => (self.hip_drop_mm, self.hip_drop_sigma_mm),
            Metric::ShankTilt => (self.shank_tilt_deg, self.shank_tilt_sigma_deg),
            Metric::PelvisTilt => (self.pelvis_tilt_deg, self.pelvis_tilt_sigma_deg),
            Metric::KneeFlexion => (self.knee_flexion_deg, self.knee_flexion_sigma_deg),
            Metric::HipFlexion => (self.hip_flexion_deg, self.hip_flexion_sigma_deg),
            Metric::PelvisDrop => (self.pelvis_drop_deg, self.pelvis_drop_sigma_deg),
            Metric::PelvisRotation => (self.pelvis_rotation_deg, self.pelvis_rotation_sigma_deg),
            Metric::Sway => (self.sway_mm, self.sway_sigma_mm),
            Metric::ShankSway => (self.shank_sway_deg, self.shank_sway_sigma_deg),
            Metric::FootKnock => (self.foot_knock_m_s2, self.foot_knock_sigma_m_s2),
            Metric::SpineFlexion => (self.spine_flexion_deg, self.spine_flexion_sigma_deg),
        };
        Some(Reading { value: value?, sigma: sigma? })
    }
}

/// What happened, in table `events`; things at the same instant come in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// The set's first movement began.
    SetStart,
    /// A repetition returned.
    RepEnd,
    /// A movement that was not counted.
    Rejected,
    /// Standing still.
    QuietStance,
    /// A repetition began.
    RepStart,
    /// The deepest point of a repetition.
    RepTurn,
    /// The set's last movement ended.
    SetEnd,
}

impl Event {
    const ALL: [Self; 7] =
        [Self::SetStart, Self::RepEnd, Self::Rejected, Self::QuietStance, Self::RepStart, Self::RepTurn, Self::SetEnd];
}

impl Word for Event {
    fn word(self) -> &'static str {
        match self {
            Self::SetStart => "set_start",
            Self::RepEnd => "rep_end",
            Self::Rejected => "rejected",
            Self::QuietStance => "quiet_stance",
            Self::RepStart => "rep_start",
            Self::RepTurn => "rep_turn",
            Self::SetEnd => "set_end",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.word() == word)
    }
}
