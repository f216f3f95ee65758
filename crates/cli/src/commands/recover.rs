//! `recover`: brings back an unfinished or damaged recording.

use truehinge_dataset::recording::recover;

use crate::Outcome;
use crate::args::{Cli, RecoverArgs};
use crate::reading::unusable;

/// Runs the command.
pub fn run(args: &RecoverArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let recovered = recover(&args.recording).map_err(unusable)?;
    if cli.json {
        let samples: Vec<_> = recovered.samples.iter().map(|(role, n)| (role.name(), n)).collect();
        println!("{}", serde_json::json!({ "recording": recovered.path, "samples": samples, "lost": recovered.lost }));
        return Ok(Outcome::Done);
    }
    println!("brought back to {}", recovered.path.display());
    for (role, samples) in &recovered.samples {
        println!("  {role}: {samples} samples");
    }
    if recovered.lost.is_empty() {
        println!("  nothing is known to be missing");
    }
    for lost in &recovered.lost {
        println!("  lost: {lost}");
    }
    Ok(Outcome::Done)
}
