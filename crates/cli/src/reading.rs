//! Paths from the command line to recordings.

use std::path::{Path, PathBuf};

use truehinge_core::Recording;
use truehinge_dataset::import::Mapping;
use truehinge_dataset::{ImportOptions, ImportReport, discover, open};

use crate::UnusableInput;
use crate::args::ReadArgs;

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
    open(path, options).map_err(unusable)
}

/// What an import warned of, so that no verdict rests on it unsaid.
pub fn warn(path: &Path, report: Option<&ImportReport>) {
    for warning in report.iter().flat_map(|report| &report.warnings) {
        eprintln!("{}: warning: {warning}", path.display());
    }
}

/// Every recording below the inputs, each once, in order.
pub fn find(inputs: &[PathBuf], options: &ImportOptions) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for input in inputs {
        if !input.exists() {
            return Err(unusable(std::io::Error::other(format!(
                "{}: there is no such file or folder",
                input.display()
            ))));
        }
        found.extend(discover(input, options).map_err(unusable)?);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Marks an error as one of the input, not of the program.
pub fn unusable(error: impl Into<anyhow::Error>) -> anyhow::Error {
    UnusableInput(error.into()).into()
}
