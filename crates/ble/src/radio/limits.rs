//! No call to the system is waited for without end.

use std::future::Future;
use std::time::Duration;

use crate::link::LinkError;

/// Opening the bus and finding the adapter.
pub const OPEN: Duration = Duration::from_secs(5);
/// Connecting; then it is seen whether the system goes on trying by itself.
pub const CONNECT: Duration = Duration::from_secs(8);
/// Learning the device's services.
pub const DISCOVER: Duration = Duration::from_secs(15);
/// Any other call.
pub const CALL: Duration = Duration::from_secs(5);
/// Asking whether it is still there.
pub const ALIVE: Duration = Duration::from_secs(2);
/// Listening for a device before it is said that it is not heard.
pub const LISTEN: Duration = Duration::from_secs(10);
/// No data for so long is told: three times the longest wait between packets of any supported sensor.
pub const SILENT: Duration = Duration::from_secs(2);
/// No data for so long, and it is connected anew.
pub const STALLED: Duration = Duration::from_secs(5);
/// The same two before the first packet of a connection.
pub const STARTING: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(12));

/// Waits for a call, but not for ever, and puts what went wrong in our words.
pub async fn within<T>(
    limit: Duration,
    call: &'static str,
    future: impl Future<Output = btleplug::Result<T>>,
) -> Result<T, LinkError> {
    match tokio::time::timeout(limit, future).await {
        Ok(result) => result.map_err(|error| super::errors::said(call, &error)),
        Err(_) => Err(LinkError::NoAnswer { call, seconds: limit.as_secs() }),
    }
}
