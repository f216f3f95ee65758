//! One stage alone: how far a sensor leans, from its own samples, with one number of the method changed.

mod drawn;

use truehinge_core::{Earth, MountSite, Recording, Samples, SensorRole, frame::Direction};
use truehinge_signal::{Method, clock, prepare};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (hip, _) = drawn::hinges(&[false]);
    let recording = Recording::builder()
        .sensor(SensorRole::Hip, MountSite::Unknown, Samples::at_rate(drawn::RATE_HZ, &hip))
        .build()?;
    let method = Method::default().with("orientation.vqf.tau_acc_s", "4.0")?;
    let models = clock::fit(&recording, &method.clock)?;
    let prepared = prepare(&recording.tracks[0], &models[0], &method)?;
    let run = prepared.oriented.runs.first().ok_or("no samples")?;
    let up = |i: usize| run.estimates[i].rotation.inverse().apply(Direction::<Earth>::new(0.0, 0.0, 1.0)).vector();
    for i in (0..run.estimates.len()).step_by(25) {
        println!("{:5.2} s  {:5.1} deg", run.time(i as f64).seconds(), up(0).angle(&up(i)).to_degrees());
    }
    Ok(())
}
