//! Mathematics that knows nothing of sensors: filters, runs and statistics, each once.

pub mod filter;
pub mod runs;
pub mod stats;
