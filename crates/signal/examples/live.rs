//! Sample by sample, as they arrive: a cue while the knee goes forward, a verdict when somebody stands again.

mod drawn;

use truehinge_core::{
    AngularRate, Anthropometry, AthleteId, ClockKind, DeviceInfo, DeviceTime, HostTime, InertialSample, MountSite,
    Protocol, SampleRate, SensorRole, SessionInfo, Side, Source, SpecificForce,
};
use truehinge_signal::Method;
use truehinge_signal::live::{LiveEvent, LiveSession};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (hip, shank) = drawn::hinges(&[false, true, false]);
    let protocol = Protocol::default();
    let info = SessionInfo {
        session: truehinge_core::SessionId::from("live".to_owned()),
        athlete: AthleteId::new("P-1")?,
        start_utc_ns: None,
        zone: truehinge_core::Zone::Unknown,
        stance_side: Some(Side::Left),
        protocol: protocol.name.clone(),
        body: Anthropometry::default(),
        source: Source::default(),
    };
    let mut live = LiveSession::new(info, Method::default(), protocol);
    for (role, mount) in [(SensorRole::Hip, MountSite::Sacrum), (SensorRole::Shank, MountSite::ShankLateral)] {
        let nominal_rate = SampleRate::from_hertz(drawn::RATE_HZ);
        let device = DeviceInfo { mount: Some(mount), nominal_rate, ..DeviceInfo::default() };
        live.sensor(role, &device, ClockKind::Device);
    }
    for (i, rows) in hip.iter().zip(&shank).enumerate() {
        let at = i as f64 / drawn::RATE_HZ;
        for (role, row) in [(SensorRole::Hip, rows.0), (SensorRole::Shank, rows.1)] {
            live.samples(role, &[sample(at, *row)], &mut |event| tell(at, &event));
        }
    }
    Ok(())
}

/// A sample that reached the computer 8 ms after it was taken.
fn sample(at: f64, [fx, fy, fz, wx, wy, wz]: drawn::Row) -> InertialSample {
    InertialSample {
        device_time: DeviceTime::from_seconds(at),
        arrival: Some(HostTime::from_seconds(at + 0.008)),
        specific_force: SpecificForce::new(fx, fy, fz),
        angular_rate: AngularRate::new(wx, wy, wz),
    }
}

fn tell(at: f64, event: &LiveEvent) {
    match event {
        LiveEvent::KneeForward(cue) => {
            println!("{at:6.2} s  knee {:.0} mm forward", cue.knee_forward.value.millimetres());
        }
        LiveEvent::Repetition(told) | LiveEvent::Revised(told) => {
            println!("{at:6.2} s  {}: {}", told.rep.number, told.rep.judgement.verdict);
        }
        _ => {}
    }
}
