//! Two arrays in, verdicts out, each with its numbers and what they are uncertain by.

mod drawn;

use truehinge_core::{Length, Metric, MountSite, Protocol, Recording, Samples, SensorRole, Side};
use truehinge_signal::{Method, analyse};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In place of your own data: four hinges, the second with a knee that drifts forward.
    let (hip, shank) = drawn::hinges(&[false, true, false, false]);
    let recording = Recording::builder()
        .sensor(SensorRole::Hip, MountSite::Sacrum, Samples::at_rate(drawn::RATE_HZ, &hip))
        .sensor(SensorRole::Shank, MountSite::ShankLateral, Samples::at_rate(drawn::RATE_HZ, &shank))
        .standing_on(Side::Left)
        .stature(Length::from_metres(1.74))
        .build()?;
    let analysis = analyse(&recording, &Method::default(), &Protocol::default())?;
    for (_, rep) in analysis.reps() {
        println!("{} {} (P {:.2})", rep.number, rep.judgement.verdict, rep.judgement.probability);
        for metric in [Metric::KneeForward, Metric::HipBack] {
            let (Some(reading), Some(budget)) = (rep.metrics.reading(metric), rep.budgets.get(&metric)) else {
                continue;
            };
            let largest = budget.largest(1).into_iter().map(|(source, _)| source.title()).next().unwrap_or("nothing");
            println!("    {} {:.1} ± {:.1}, mostly {largest}", metric.column(), reading.value, reading.sigma);
        }
    }
    Ok(())
}
