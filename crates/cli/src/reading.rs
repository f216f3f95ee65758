//! Paths from the command line to recordings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use truehinge_core::Recording;
use truehinge_dataset::import::Mapping;
use truehinge_dataset::same::{Fingerprint, distinct, imported_as};
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
    let copies: BTreeSet<&Path> = name_copies(&found).into_iter().map(|index| found[index].path()).collect();
    sources.into_iter().filter(|path| !copies.contains(path.as_path())).collect()
}

/// Says which recordings are the same as another one; their indices.
pub fn name_copies(found: &[Fingerprint]) -> BTreeSet<usize> {
    let mut copies = BTreeSet::new();
    for (kept, same) in distinct(found) {
        for copy in same {
            let (copied, kept) = (found[copy].path().display(), found[kept].path().display());
            eprintln!("{copied}: the same recording as {kept}: counted once");
            copies.insert(copy);
        }
    }
    copies
}

/// Says it if what cannot be read as it is was imported into one of the recordings.
pub fn is_imported(path: &Path, found: &[Fingerprint]) -> bool {
    let recording = imported_as(path, found);
    if let Some(recording) = recording {
        eprintln!("{}: was imported into {}: counted once", path.display(), recording.display());
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
