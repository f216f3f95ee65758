//! Mathematics that knows nothing of sensors: filters, statistics, matrices, stretches and counting, each once.

pub mod fading;
pub mod filter;
pub mod points;
pub mod runs;
pub mod stats;
pub mod symmetric;
