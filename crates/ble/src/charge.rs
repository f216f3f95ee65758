//! How full a sensor's battery is, without recording: connected, asked, let go.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use truehinge_core::Notification;

use crate::driver::{DriverSession, Event, ImuDriver};
use crate::gatt::Uuid;
use crate::link::{ImuLink, LinkError, LinkEvent};
use crate::recorder::perform_one;

/// A sensor that is near answers within two or three seconds.
const LIMIT: Duration = Duration::from_secs(10);

/// Charge of a sensor, per cent. The connection is ended again, also when `stop` fires.
///
/// # Errors
/// It cannot be connected, or does not tell within ten seconds or before `stop`.
pub async fn charge(
    mut link: Box<dyn ImuLink>,
    driver: &dyn ImuDriver,
    stop: &CancellationToken,
) -> Result<u8, LinkError> {
    let no_answer = LinkError::NoAnswer { call: "battery", seconds: LIMIT.as_secs() };
    let asked = tokio::select! {
        asked = tokio::time::timeout(LIMIT, ask(&mut *link, driver)) => asked.unwrap_or(Err(no_answer)),
        () = stop.cancelled() => Err(LinkError::NotConnected),
    };
    link.close().await;
    asked
}

async fn ask(link: &mut dyn ImuLink, driver: &dyn ImuDriver) -> Result<u8, LinkError> {
    let mut session: Option<Box<dyn DriverSession>> = None;
    while let Some(event) = link.next().await {
        match event {
            LinkEvent::Connected { mtu, .. } => {
                session = Some(driver.session(mtu));
                for request in driver.ask_battery() {
                    perform_one(link, &request).await?;
                }
            }
            LinkEvent::Notification(reply) => {
                if let Some(charge) = session.as_mut().and_then(|session| told(&mut **session, &reply)) {
                    return Ok(charge);
                }
            }
            LinkEvent::Lost { cause, .. } | LinkEvent::Trouble { cause, .. } => return Err(cause),
            LinkEvent::Silent { .. } | LinkEvent::Signal { .. } => {}
        }
    }
    Err(LinkError::Dropped)
}

/// The charge, if that is what the sensor says.
fn told(session: &mut dyn DriverSession, reply: &Notification) -> Option<u8> {
    let mut charge = None;
    session.push(Uuid::from_u128(reply.characteristic), &reply.payload, &mut |event| {
        if let Event::Battery(level) = event {
            charge = Some(level);
        }
    });
    charge
}
