//! Paths from the command line to recordings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use truehinge_core::Recording;
use truehinge_dataset::import::Mapping;
use truehinge_dataset::open::is_recording;
use truehinge_dataset::same::{Fingerprint, distinct, made_of};
use truehinge_dataset::{ImportOptions, ImportReport, Survey, Unread, open, survey};
use truehinge_signal::content_hash;

use crate::args::ReadArgs;
use crate::{UnusableInput, hints};

/// The options of the command line as the dataset crate knows them; reads the mapping file.
pub fn options(args: &ReadArgs) -> anyhow::Result<ImportOptions> {
    let mapping = args.mapping.as_deref().map(Mapping::read).transpose().map_err(unusable)?;
    Ok(ImportOptions {
        mapping,
        roles: args.role.clone(),
        athlete: args.athlete.clone(),
        side: args.side,
        height: args.height,
        rate: args.rate,
    })
}

/// Opens one input.
pub fn read(path: &Path, options: &ImportOptions) -> anyhow::Result<(Recording, Option<ImportReport>)> {
    open(path, options).map_err(hints::of_reading).map_err(unusable)
}

/// What an import warned of, so that no verdict rests on it unsaid.
pub fn warn(path: &Path, report: Option<&ImportReport>) {
    for warning in report.iter().flat_map(|report| &report.warnings) {
        eprintln!("{}: warning: {warning}", path.display());
    }
}

/// Every recording below the inputs, each once, in order, with what looks like one and is not read.
pub fn find(inputs: &[PathBuf], options: &ImportOptions) -> anyhow::Result<Survey> {
    let mut found = Survey::default();
    for input in inputs {
        if !input.exists() {
            return Err(unusable(std::io::Error::other(format!(
                "{}: there is no such file or folder",
                input.display()
            ))));
        }
        let Survey { sources, unread } = survey(input, options).map_err(unusable)?;
        found.sources.extend(sources);
        found.unread.extend(unread);
    }
    found.sources.sort();
    found.sources.dedup();
    found.unread.sort();
    found.unread.dedup();
    Ok(found)
}

/// Says which inputs hold the same recording as another one, and counts each once: the inputs that stay, in order. Inputs that cannot be
/// read stay, so that reading them again gives the reason.
pub fn each_once(sources: Vec<PathBuf>, options: &ImportOptions) -> Vec<PathBuf> {
    if sources.len() < 2 {
        return sources;
    }
    let fingerprint = |path: &PathBuf| {
        let (recording, _) = open(path, options).ok()?;
        Some(Fingerprint::new(path, &recording, content_hash(&recording)))
    };
    let found: Vec<Fingerprint> = sources.par_iter().filter_map(fingerprint).collect();
    let copies = name_copies(&found).into_iter().flat_map(|(_, same)| same);
    let copies: BTreeSet<&Path> = copies.map(|index| found[index].path()).collect();
    sources.into_iter().filter(|path| !copies.contains(path.as_path())).collect()
}

/// Says which recordings are the same as another one. Indices of those that stay, in their order, each with those that are the same.
pub fn name_copies(found: &[Fingerprint]) -> Vec<(usize, Vec<usize>)> {
    let distinct = distinct(found);
    for (kept, same) in &distinct {
        for copy in same.iter().map(|copy| &found[*copy]) {
            let (copied, kept, stays) = (copy.path().display(), &found[*kept], found[*kept].path().display());
            if kept.is_made_from(copy) {
                eprintln!("{copied}: {stays} was made from it, and counts instead");
            } else {
                eprintln!("{copied}: the same recording as {stays}: counted once");
            }
        }
    }
    distinct
}

/// Says it if what cannot be read as it is was imported into one of the recordings, or made anew as one.
pub fn is_imported(path: &Path, found: &[Fingerprint]) -> bool {
    let recording = made_of(path, found);
    if let Some(recording) = recording {
        let anew = is_recording(path);
        let (path, recording) = (path.display(), recording.display());
        if anew {
            eprintln!("{path}: {recording} was made from it, and counts instead");
        } else {
            eprintln!("{path}: was imported into {recording}: counted once");
        }
    }
    recording.is_some()
}

/// Names what looks like sensor data and was not read; whether there is any.
pub fn name_unread(unread: &[Unread]) -> bool {
    for Unread { path, reason } in unread {
        eprintln!("{}: {reason}", path.display());
    }
    !unread.is_empty()
}

/// Marks an error as one of the input, not of the program.
pub fn unusable(error: impl Into<anyhow::Error>) -> anyhow::Error {
    UnusableInput(error.into()).into()
}
