//! Mathematics that knows nothing of sensors: filters, statistics, stretches and counting, each once.

pub mod filter;
pub mod points;
pub mod runs;
pub mod stats;
