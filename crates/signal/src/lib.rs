//! Signal processing: samples to repetitions, metrics and verdicts. Pure and deterministic.

pub mod alignment;
pub mod clock;
pub mod criteria;
pub mod displacement;
pub mod filter;
pub mod grid;
pub mod inertial;
pub mod kinematics;
pub mod metrics;
pub mod orientation;
pub mod segmentation;
pub mod set;
pub mod stance;
pub mod synchronise;
pub mod timebase;
