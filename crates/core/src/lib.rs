//! # truehinge-core: the words of the domain
//!
//! Quantities with units, vectors with frames, times with clocks, and the values that travel from a sensor's bytes to a
//! verdict on a page. No input or output, no async, no data frames, no clock reads: every other crate speaks these words.
//!
//! | module | words |
//! |---|---|
//! | [`quantity`] | [`Scalar`], [`Angle`], [`Length`], [`Measured`] |
//! | [`frame`] | [`Vec3`], [`Rotation`], frames [`Sensor`], [`Earth`], [`Pelvis`], [`Shank`], ... |
//! | [`time`] | [`DeviceTime`], [`HostTime`], [`SessionTime`], [`Span`], [`SampleRate`] |
//! | [`body`] | [`Side`], [`SensorRole`], [`MountSite`], [`Anthropometry`] |
//! | [`id`] | [`AthleteId`], [`SessionId`], and what their files are called |
//! | [`start`] | [`Zone`], [`LocalStart`], [`Day`]: when a session was, on the clock on the wall |
//! | [`recording`] | [`Recording`], [`Track`], [`InertialSample`], [`Marker`], [`RecordSink`] |
//! | [`mod@story`] | [`Stored`]: a recording as it happened, one thing after the other |
//! | [`builder`] | [`RecordingBuilder`], [`Samples`]: a recording from arrays |
//! | [`card`] | [`AthleteCard`], [`Facts`]: what is known of a person, from which day on |
//! | [`possible`] | [`Impossible`]: what no body can measure or do |
//! | [`protocol`] | [`Protocol`], [`HingeCriteria`], [`Limits`] |
//! | [`budget`] | [`Budget`], [`ErrorSource`] |
//! | [`rep`] | [`Rep`], [`RepMetrics`], [`Verdict`], [`Evidence`], [`Rejection`] |
//! | [`correction`] | [`Correction`]: what a person says of a repetition afterwards |
//! | [`summary`] | [`SideSummary`]: a leg in a session |
//! | [`trend`] | [`Trend`](trend::Trend), symmetry, form loss: what several of them say together |
//! | [`finding`] | [`Finding`], [`FindingKind`]: what a reader must know about the data |
//! | [`words`] | the sentences for them |
//! | [`analysis`] | [`SessionAnalysis`], [`SetAnalysis`], [`SetSummary`], [`Provenance`] |
//! | [`leg_motion`] | [`LegMotion`]: how pelvis and leg were oriented over a set
//! | [`stage`] | [`Stage`], the trait of the steps that answer sample by sample |

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod analysis;
pub mod body;
pub mod budget;
pub mod builder;
pub mod card;
pub mod correction;
pub mod explained;
pub mod finding;
pub mod frame;
pub mod id;
mod json;
pub mod leg_motion;
pub mod possible;
pub mod protocol;
pub mod quantity;
pub mod recording;
pub mod reliability;
pub mod rep;
pub mod stage;
pub mod start;
pub mod story;
pub mod summary;
pub mod time;
pub mod trend;
pub mod verdict;
pub mod words;

pub use analysis::{
    AlignmentMethod, AlignmentReport, Delays, FunctionalAxis, Provenance, QualityLimits, SensorQuality,
    SessionAnalysis, SetAnalysis, SetSummary, Settling,
};
pub use body::{Anthropometry, MountSite, SensorRole, Side};
pub use budget::{Budget, ErrorSource};
pub use builder::{BuildError, RecordingBuilder, SampleRow, Samples};
pub use card::{AthleteCard, FactSource, Facts, Injured, UsedFact};
pub use correction::{CorrectedTo, Correction};
pub use explained::Explained;
pub use finding::{Finding, FindingKind, NotCompared, QualityGrade};
pub use frame::{
    AngularRate, Earth, FreeAcceleration, Pelvis, Rotation, Segment, Sensor, Shank, SpecificForce, Thigh, Trunk, Vec3,
};
pub use id::{AthleteId, InvalidId, SessionId};
pub use leg_motion::{LegMoment, LegMotion, ThighSource};
pub use possible::Impossible;
pub use protocol::{Dose, Edges, HingeCriteria, Limit, Limits, Protocol, Stance};
pub use quantity::{Angle, Length, Measured, STANDARD_GRAVITY, Scalar, Seconds};
pub use recording::{
    ClockKind, Description, DeviceInfo, Fact, Fault, FaultKind, InertialSample, Kept, Marker, MarkerKind, Notification,
    Nowhere, OrientationSample, RecordSink, Recording, SequenceGap, SessionInfo, Source, SourceFile, Track,
    TrackSamples,
};
pub use reliability::{Icc, Reliability};
pub use rep::{
    Cause, Criterion, Curve, Evidence, Flag, Judgement, Metric, Phases, RejectedCandidate, Rejection, Rep, RepMetrics,
    Signal, Verdict,
};
pub use stage::{Stage, run};
pub use start::{Day, LocalStart, Zone};
pub use story::{Stored, story};
pub use summary::{SideSummary, Spread};
pub use time::{Clock, DeviceTime, HostTime, Interval, SampleRate, SessionTime, Span};
