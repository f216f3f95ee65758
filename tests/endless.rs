//! Sensors that never end, as fast as they are asked: what a long session costs.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts that wrap as a sensor's do, indices"
)]

use std::fs;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use truehinge_ble::driver::nus::{NusDriver, Profile, TX, encode_frame};
use truehinge_ble::gatt::Uuid;
use truehinge_ble::link::Timing;
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{ImuDriver, ImuLink, LinkError, LinkEvent, Markers, SensorLink, record};
use truehinge_core::{
    Anthropometry, AthleteId, ClockKind, HostTime, Marker, MarkerKind, Notification, Nowhere, Protocol, SensorRole,
    SessionInfo, Side, Source,
};
use truehinge_signal::Method;
use truehinge_signal::live::LiveSession;

/// Frames of a sensor that lies still, made when they are asked for.
struct Endless {
    sent: u64,
    frames: u64,
    begun: bool,
}

const FRAME_S: f64 = 4.0 / 120.0;

#[async_trait]
impl ImuLink for Endless {
    fn name(&self) -> String {
        "endless".to_owned()
    }
    fn timing(&self) -> Timing {
        Timing::Simulated
    }
    async fn subscribe(&mut self, _: Uuid) -> Result<(), LinkError> {
        Ok(())
    }
    async fn write(&mut self, _: Uuid, _: &[u8], _: bool) -> Result<(), LinkError> {
        Ok(())
    }
    async fn read(&mut self, _: Uuid) -> Result<(), LinkError> {
        Ok(())
    }
    async fn next(&mut self) -> Option<LinkEvent> {
        let at = HostTime::from_seconds(self.sent as f64 * FRAME_S);
        if !std::mem::replace(&mut self.begun, true) {
            return Some(LinkEvent::Connected { at, mtu: 247 });
        }
        if self.sent == self.frames {
            return None;
        }
        let micros = (self.sent as f64 * FRAME_S * 1e6) as u64;
        let turn = (self.sent % 7) as i16;
        let payload = encode_frame(self.sent as u16, micros as u32, 8333, &[[turn, 0, 4096, turn, 0, 0]; 4]);
        self.sent += 1;
        Some(LinkEvent::Notification(Notification { characteristic: TX.as_u128(), received_at: at, payload }))
    }
}

fn resident_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

fn session() -> SessionInfo {
    SessionInfo {
        session: truehinge_core::SessionId::from("hour".to_owned()),
        athlete: AthleteId::new("P-1".to_owned()).expect("a pseudonym"),
        start_utc_ns: None,
        zone: truehinge_core::Zone::Unknown,
        stance_side: Some(Side::Left),
        protocol: "single-leg-hip-hinge".to_owned(),
        body: Anthropometry::default(),
        source: Source::default(),
    }
}

/// Resident memory of this process at every minute of an hour of two sensors of 120 Hz, MB: recorder and live session.
///
/// # Panics
/// The recording fails.
pub fn memory_of_an_hour() -> Vec<f64> {
    let profile = Profile { rate_hz: Some(120.0), ..Profile::default() };
    let driver = Arc::new(NusDriver { profile });
    let link = |role| SensorLink {
        role,
        link: Box::new(Endless { sent: 0, frames: (3600.0 / FRAME_S) as u64, begun: false }),
        driver: driver.clone(),
    };
    let mut live = LiveSession::new(session(), Method::default(), Protocol::default());
    for role in [SensorRole::Hip, SensorRole::Shank] {
        live.sensor(role, &driver.device(), ClockKind::Device);
    }
    live.marker(&Marker { at: HostTime::ZERO, kind: MarkerKind::SetStart { side: Side::Left } });
    let mut at_minute: Vec<f64> = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let mut observer = |event: &RecorderEvent<'_>| {
        if let RecorderEvent::Samples(role, samples) = event {
            live.samples(*role, samples, &mut |_| {});
            let now = samples.last().and_then(|sample| sample.arrival).map_or(0.0, HostTime::seconds);
            if now >= 60.0 * (at_minute.len() + 1) as f64 {
                at_minute.push(resident_mb());
            }
        }
    };
    let sensors = vec![link(SensorRole::Hip), link(SensorRole::Shank)];
    runtime
        .block_on(record(sensors, &mut Nowhere, Markers::default(), CancellationToken::new(), &mut observer))
        .expect("records");
    at_minute
}
