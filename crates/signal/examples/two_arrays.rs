//! Two arrays in, verdicts out.

mod drawn;

use truehinge_core::{MountSite, Protocol, Provenance, Recording, Samples, SensorRole, Side};
use truehinge_signal::{Method, analyse};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (hip, shank) = drawn::hinges(&[false, true, false, false]);
    let recording = Recording::builder()
        .sensor(SensorRole::Hip, MountSite::Sacrum, Samples::at_rate(drawn::RATE_HZ, &hip))
        .sensor(SensorRole::Shank, MountSite::ShankLateral, Samples::at_rate(drawn::RATE_HZ, &shank))
        .standing_on(Side::Left)
        .build()?;
    let p = Provenance {
        version: String::new(),
        protocol: Protocol::default(),
        config_sha256: String::new(),
        input_sha256: String::new(),
    };
    let analysis = analyse(&recording, &Protocol::default(), &Method::default(), p)?;
    for (set, rep) in analysis.reps() {
        println!(
            "{} {} {:?} {:?} {:?}",
            set.number, rep.number, rep.judgement.verdict, rep.metrics.knee_forward, rep.metrics.hip_back
        );
    }
    println!("{:#?}", analysis.findings);
    for s in &analysis.sets {
        println!("{:?} {:#?}", s.rejected, s.alignment);
    }
    Ok(())
}
