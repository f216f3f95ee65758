//! The host's monotonic clock.

use std::time::Instant;

use truehinge_core::HostTime;

/// Counts from the start of a recording.
#[derive(Clone, Copy, Debug)]
pub struct HostClock {
    zero: Instant,
}

impl HostClock {
    /// Zero is now.
    #[allow(clippy::disallowed_methods, reason = "arrivals are stamped here and nowhere else")]
    pub fn start() -> Self {
        Self { zero: Instant::now() }
    }

    /// Time since its start.
    pub fn now(self) -> HostTime {
        HostTime::from_nanos(i64::try_from(self.zero.elapsed().as_nanos()).unwrap_or(i64::MAX))
    }
}
