//! Mathematics that knows nothing of sensors: filters, statistics and counting, each once.

pub mod filter;
pub mod points;
pub mod stats;
