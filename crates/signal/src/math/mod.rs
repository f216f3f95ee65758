//! Mathematics that knows nothing of sensors: filters and statistics, each once.

pub mod filter;
pub mod stats;
