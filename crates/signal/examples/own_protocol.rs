//! Limits of one's own, and what each verdict rests on.

mod drawn;

use truehinge_core::{Length, Limits, MountSite, Protocol, Recording, Samples, SensorRole, Side};
use truehinge_signal::{Method, analyse};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (hip, shank) = drawn::hinges(&[false, true, false]);
    let recording = Recording::builder()
        .sensor(SensorRole::Hip, MountSite::Sacrum, Samples::at_rate(drawn::RATE_HZ, &hip))
        .sensor(SensorRole::Shank, MountSite::ShankLateral, Samples::at_rate(drawn::RATE_HZ, &shank))
        .standing_on(Side::Left)
        .build()?;
    let mut protocol = Protocol { name: "our-hinge".to_owned(), ..Protocol::default() };
    // Our athletes may bring the knee forward by 70 mm before we call it a drift.
    protocol.criteria.knee_forward =
        Limits { good: Length::from_millimetres(60.0), fault: Length::from_millimetres(70.0) };
    let analysis = analyse(&recording, &Method::default(), &protocol)?;
    for (_, rep) in analysis.reps() {
        println!("{} {}: {}", rep.number, rep.judgement.verdict, rep.judgement.cause.name());
        for evidence in &rep.judgement.evidence {
            println!("    {}: P {:.2}", evidence.criterion.name(), evidence.probability);
        }
    }
    println!("by protocol {}, {}", analysis.provenance.protocol.name, &analysis.provenance.config_sha256[..12]);
    Ok(())
}
