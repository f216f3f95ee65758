//! `import`: other programs' files to recordings.

use std::path::Path;

use truehinge_core::Recording;
use truehinge_dataset::import::guess;
use truehinge_dataset::recording::{RecordingError, write_recording};
use truehinge_dataset::{DatasetError, ImportOptions, open};

use crate::args::{Cli, ImportArgs};
use crate::reading::{find, name_unread, options};
use crate::{Outcome, hints};

/// Runs the command.
pub fn run(args: &ImportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let found = find(&args.inputs, &options)?;
    let mut failed = name_unread(&found);
    if found.sources.is_empty() && !failed {
        eprintln!("nothing that could be a recording was found");
        return Ok(Outcome::NothingFound);
    }
    for path in &found.sources {
        if !import(path, &options, args, cli)? {
            failed = true;
        }
    }
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// Imports one input; false if it could not be.
fn import(path: &Path, options: &ImportOptions, args: &ImportArgs, cli: &Cli) -> anyhow::Result<bool> {
    let (recording, report) = match open(path, options) {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("{}", hints::behind(error.to_string(), hints::reads(&error)));
            offer_mapping(path, &error, args)?;
            return Ok(false);
        }
    };
    let target = args.out.join(format!("{}_{}.mcap", recording.info.athlete, recording.info.session));
    if cli.json {
        let lines = report.as_ref().map(|r| (&r.recognised, &r.sensors, &r.notes, &r.warnings));
        println!("{}", serde_json::json!({ "input": path, "recording": target, "report": lines }));
    } else {
        println!("{}", path.display());
        if let Some(report) = &report {
            print!("{report}");
        }
    }
    if args.dry_run {
        return Ok(true);
    }
    store(&target, &recording, cli)
}

fn store(target: &Path, recording: &Recording, cli: &Cli) -> anyhow::Result<bool> {
    match write_recording(target, recording) {
        Ok(()) => {
            if !cli.json {
                println!("  stored: {}", target.display());
            }
            Ok(true)
        }
        Err(error @ RecordingError::Exists { .. }) => {
            eprintln!("{error}");
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// For a table nobody knows, writes a mapping file to be corrected.
fn offer_mapping(path: &Path, error: &DatasetError, args: &ImportArgs) -> anyhow::Result<()> {
    let unknown = matches!(error, DatasetError::Import(truehinge_dataset::import::ImportError::Unknown { .. }));
    if !unknown || !path.is_file() {
        return Ok(());
    }
    let Ok((_, text)) = guess::guess_mapping(path) else { return Ok(()) };
    if args.dry_run {
        println!("{text}");
        return Ok(());
    }
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let target = args.out.join(format!("{stem}.mapping.toml"));
    match truehinge_dataset::atomic::write_new(&target, |file| file.write_all(text.as_bytes())) {
        Ok(()) => eprintln!("a mapping was guessed: check {} and give it with --mapping", target.display()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            eprintln!("{} is there already: check it and give it with --mapping", target.display());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
