//! Paths from the command line to recordings.

use std::path::{Path, PathBuf};

use truehinge_core::Recording;
use truehinge_dataset::import::Mapping;
use truehinge_dataset::{ImportOptions, ImportReport, Survey, Unread, open, survey};

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

/// What an import warned of, with the source in front.
pub fn warnings(source: &str, report: Option<&ImportReport>) -> Vec<String> {
    let warnings = report.iter().flat_map(|report| &report.warnings);
    warnings.map(|warning| format!("{source}: warning: {warning}")).collect()
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
