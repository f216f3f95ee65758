//! Movella DOTs set their clocks to one another's, over a radio of their own, before the recording.
//!
//! Each is told which one is the root, then all connections are ended; for about 13 s the sensors hear nothing but each other; then
//! they are connected again and asked how it went. From then on all stamp on the root's time base. Verified on documents, not on
//! hardware (docs/sensors/movella-dot.md). The analysis believes a shared clock only where the arrivals agree
//! (`truehinge_signal::clock`), so that a false success costs nothing.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};
use truehinge_core::{Explained, Notification, SensorRole};

use crate::driver::dot::message::{Address, Ask, Reply, UNHEARD, failure};
use crate::driver::dot::{self, CONTROL, DEVICE_CONTROL, DEVICE_INFORMATION};
use crate::driver::dot::{MESSAGE_ACKNOWLEDGE, MESSAGE_CONTROL, MESSAGE_NOTIFICATION};
use crate::gatt::Uuid;
use crate::link::{ImuLink, LinkError, LinkEvent};

/// Finding and connecting a sensor, and an answer to a message.
const CONNECT: Duration = Duration::from_secs(30);
const ANSWER: Duration = Duration::from_secs(5);
/// From the start to the end of the connections, how long the sensors are left alone, from being back to being asked, and after
/// which time from the start they must be back: the makers' own numbers.
const START: Duration = Duration::from_millis(800);
const ALONE: Duration = Duration::from_secs(13);
const SETTLE: Duration = Duration::from_millis(1500);
const GIVE_UP: Duration = Duration::from_secs(48);

/// The clocks were not set.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// A sensor could not be talked to.
    #[error("{role}: {cause}")]
    Link {
        /// Which one.
        role: SensorRole,
        /// Why.
        cause: LinkError,
    },
    /// A sensor was not there in time.
    #[error("{role}: not connected within {seconds} s")]
    Absent {
        /// Which one.
        role: SensorRole,
        /// After how long.
        seconds: u64,
    },
    /// A sensor does not answer.
    #[error("{role}: no answer to a message")]
    Silent {
        /// Which one.
        role: SensorRole,
    },
    /// A sensor says that it failed.
    #[error("{role}: it could not set its clock ({code}): {}", failure(*.code))]
    Failed {
        /// Which one.
        role: SensorRole,
        /// The reason it gives.
        code: u8,
    },
}

impl Explained for SyncError {
    fn code(&self) -> &'static str {
        match self {
            Self::Link { cause, .. } => cause.code(),
            Self::Absent { .. } => "sync_absent",
            Self::Silent { .. } => "sync_silent",
            Self::Failed { .. } => "sync_failed",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Link { cause, .. } => return cause.hint(),
            Self::Absent { .. } => "switch it on, bring it near".into(),
            Self::Silent { .. } => "switch it off and on again; its firmware may be too old for this".into(),
            Self::Failed { code: UNHEARD, .. } => "lay the sensors side by side".into(),
            Self::Failed { .. } => return None,
        })
    }
}

/// Where a sensor's clock is being set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SyncStep {
    /// Connecting, and making it ready.
    Preparing(SensorRole),
    /// The sensors are left alone with each other.
    Alone {
        /// For so long.
        seconds: u64,
    },
    /// Connecting again, and asking.
    Asking(SensorRole),
}

/// A sensor that takes part.
struct Member {
    role: SensorRole,
    link: Box<dyn ImuLink>,
}

/// Sets the clocks of these DOTs to the first one's, and their rate, Hz, which cannot be changed later. Addresses are as the system
/// shows them, `open` begins a new link to a sensor.
/// All links are closed when it returns, and sensors whose clocks could not be set are told to forget it.
///
/// # Errors
/// Some sensor failed; the others' clocks are then of no use either.
pub async fn set_clocks(
    sensors: &[(SensorRole, String)],
    rate: u16,
    open: &mut (dyn FnMut(&str) -> Box<dyn ImuLink> + Send),
    tell: &mut (dyn FnMut(SyncStep) + Send),
) -> Result<(), SyncError> {
    let mut members: Vec<Member> = Vec::new();
    for (role, address) in sensors {
        members.push(Member { role: *role, link: open(address) });
    }
    let started = start(&mut members, sensors, rate, tell).await;
    if started.is_err() {
        forget(&mut members).await;
        return started;
    }
    close(&mut members).await;
    let until = Instant::now() + GIVE_UP - START;
    tell(SyncStep::Alone { seconds: ALONE.as_secs() });
    sleep(ALONE).await;
    for (member, (_, address)) in members.iter_mut().zip(sensors) {
        member.link = open(address);
    }
    let mut asked = Ok(());
    for member in &mut members {
        tell(SyncStep::Asking(member.role));
        asked = asked.and(member.ask_how_it_went(until).await);
    }
    if asked.is_err() {
        forget(&mut members).await;
    } else {
        close(&mut members).await;
    }
    asked
}

/// Up to the moment from which the sensors wait to be left alone.
async fn start(
    members: &mut [Member],
    sensors: &[(SensorRole, String)],
    rate: u16,
    tell: &mut (dyn FnMut(SyncStep) + Send),
) -> Result<(), SyncError> {
    for member in members.iter_mut() {
        tell(SyncStep::Preparing(member.role));
        member.prepare(rate).await?;
    }
    let (Some(first), Some((_, address))) = (members.first_mut(), sensors.first()) else { return Ok(()) };
    let root = match Address::parse(address) {
        Some(root) => root,
        None => first.address().await?,
    };
    for member in members {
        member.write(MESSAGE_CONTROL, &Ask::StartSync { root }.bytes()).await?;
    }
    sleep(START).await;
    Ok(())
}

async fn close(members: &mut [Member]) {
    for member in members {
        member.link.close().await;
    }
}

async fn forget(members: &mut [Member]) {
    for member in members.iter_mut() {
        // One that cannot be reached is told by the next attempt.
        let _ = member.write(MESSAGE_CONTROL, &Ask::StopSync.bytes()).await;
    }
    close(members).await;
}

impl Member {
    /// Connects; makes it stop, forget an earlier synchronisation, and take this rate, Hz: none of that is possible later.
    async fn prepare(&mut self, rate: u16) -> Result<(), SyncError> {
        self.connected(Instant::now() + CONNECT, CONNECT).await?;
        self.subscribe(MESSAGE_NOTIFICATION).await?;
        // It may refuse to stop what does not run.
        let _ = self.write(CONTROL, &dot::stop()).await;
        self.write(MESSAGE_CONTROL, &Ask::SyncStatus.bytes()).await?;
        let synced = self.answer(MESSAGE_NOTIFICATION, |message| match Reply::parse(message)? {
            Reply::Synced(synced) => Some(synced),
            _ => None,
        });
        if synced.await? {
            self.write(MESSAGE_CONTROL, &Ask::StopSync.bytes()).await?;
            let stopped = self.answer(MESSAGE_NOTIFICATION, |message| match Reply::parse(message)? {
                Reply::Stopped(code) => Some(code),
                _ => None,
            });
            let code = stopped.await?;
            self.success(code)?;
        }
        self.read(DEVICE_CONTROL).await?;
        let settings = self.answer(DEVICE_CONTROL, |settings| Some(settings.to_vec())).await?;
        match dot::wanted_settings(&settings, rate) {
            Some(wanted) => self.write(DEVICE_CONTROL, &wanted).await,
            None => Ok(()),
        }
    }

    /// Its address by its own information, where the system does not show it.
    async fn address(&mut self) -> Result<Address, SyncError> {
        self.read(DEVICE_INFORMATION).await?;
        self.answer(DEVICE_INFORMATION, Address::of_information).await
    }

    async fn ask_how_it_went(&mut self, until: Instant) -> Result<(), SyncError> {
        self.connected(until, GIVE_UP).await?;
        sleep(SETTLE).await;
        self.read(MESSAGE_ACKNOWLEDGE).await?;
        let started = self.answer(MESSAGE_ACKNOWLEDGE, |message| match Reply::parse(message)? {
            Reply::Started(code) => Some(code),
            _ => None,
        });
        let code = started.await?;
        self.success(code)
    }

    fn success(&self, code: u8) -> Result<(), SyncError> {
        if code == 0 { Ok(()) } else { Err(SyncError::Failed { role: self.role, code }) }
    }

    async fn connected(&mut self, until: Instant, patience: Duration) -> Result<(), SyncError> {
        let absent = SyncError::Absent { role: self.role, seconds: patience.as_secs() };
        loop {
            match timeout_at(until, self.link.next()).await {
                Ok(Some(LinkEvent::Connected { .. })) => return Ok(()),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return Err(absent),
            }
        }
    }

    /// Waits for what a characteristic says, as far as `understood`.
    async fn answer<T>(
        &mut self,
        characteristic: Uuid,
        understood: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, SyncError> {
        let role = self.role;
        let answered = async {
            loop {
                match self.link.next().await? {
                    LinkEvent::Notification(Notification { characteristic: of, payload, .. })
                        if of == characteristic.as_u128() =>
                    {
                        if let Some(answer) = understood(&payload) {
                            return Some(answer);
                        }
                    }
                    _ => {}
                }
            }
        };
        timeout(ANSWER, answered).await.ok().flatten().ok_or(SyncError::Silent { role })
    }

    async fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), SyncError> {
        let role = self.role;
        self.link.write(characteristic, payload, true).await.map_err(|cause| SyncError::Link { role, cause })
    }

    async fn read(&mut self, characteristic: Uuid) -> Result<(), SyncError> {
        let role = self.role;
        self.link.read(characteristic).await.map_err(|cause| SyncError::Link { role, cause })
    }

    async fn subscribe(&mut self, characteristic: Uuid) -> Result<(), SyncError> {
        let role = self.role;
        self.link.subscribe(characteristic).await.map_err(|cause| SyncError::Link { role, cause })
    }
}
