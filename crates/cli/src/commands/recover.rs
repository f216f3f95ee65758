//! `recover`: brings back an unfinished or damaged recording.

use truehinge_core::HostTime;
use truehinge_dataset::recording::{RecordingError, recover, recover_into};

use crate::Outcome;
use crate::args::{Cli, RecoverArgs};
use crate::reading::unusable;

/// Runs the command.
pub fn run(args: &RecoverArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let recovered = match &args.out {
        Some(folder) => recover_into(&args.recording, folder),
        None => recover(&args.recording),
    }
    .map_err(|error| match error {
        RecordingError::Io { ref path, .. } if *path == args.recording => {
            unusable(anyhow::anyhow!("{error}: check the path, and whether you may read it"))
        }
        RecordingError::Io { .. } => {
            unusable(anyhow::anyhow!("{error}: free some space or choose a folder with --out"))
        }
        RecordingError::Exists { .. } => unusable(anyhow::anyhow!("{error}, with --out")),
        error => unusable(error),
    })?;
    if cli.json {
        let samples: Vec<_> = recovered.samples.iter().map(|(role, n)| (role.name(), n)).collect();
        let until = recovered.until.map(HostTime::seconds);
        let line = serde_json::json!({
            "recording": recovered.path, "samples": samples, "until_s": until, "lost": recovered.lost
        });
        println!("{line}");
        return Ok(Outcome::Done);
    }
    println!("brought back to {}", recovered.path.display());
    if let Some(until) = recovered.until {
        println!("  up to {:.1} s after its start", until.seconds());
    }
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
