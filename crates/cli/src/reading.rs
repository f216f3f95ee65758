//! Paths from the command line to recordings.

use std::path::{Path, PathBuf};

use truehinge_core::{Protocol, Recording};
use truehinge_dataset::import::Mapping;
use truehinge_dataset::{ImportOptions, ImportReport, Survey, Unread, open};
use truehinge_session::{Judge, Store, method_file, protocol};

use crate::Outcome;
use crate::args::{Cli, MethodFile, ProtocolArgs, ReadArgs, ResultsArgs};
use crate::failure::{Failure, unusable, wrong_usage};

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
        ..ImportOptions::default()
    })
}

/// Results of earlier runs in a folder, unless nobody wants them.
pub fn results(folder: &Path, args: &ResultsArgs) -> Option<Store> {
    (!args.no_cache).then(|| Store::at(folder))
}

/// Opens one input.
pub fn read(path: &Path, options: &ImportOptions) -> anyhow::Result<(Recording, Option<ImportReport>)> {
    open(path, options).map_err(|error| Failure::of(Outcome::SomeFailed, &error).of_recording(path).into())
}

/// Every recording below the inputs, each once, in order, with what looks like one and is not read.
pub fn find(inputs: &[PathBuf], options: &ImportOptions) -> anyhow::Result<Survey> {
    truehinge_session::find(inputs, options).map_err(unusable)
}

/// The judge that the command line asks for: a method file, a protocol file and a library, if they are given.
///
/// # Errors
/// A protocol file that cannot be used is unusable input, a method file wrong usage.
pub fn judge(args: &ProtocolArgs, cli: &Cli) -> anyhow::Result<Judge> {
    let judge = judge_by_method(&args.method)?.with_library(cli.library.clone());
    let protocol = args.protocol.as_deref().map(named_protocol).transpose()?;
    Ok(judge.by(protocol.map(|(protocol, _)| protocol)))
}

/// The judge with a method file, if one is given; each recording names its own protocol.
///
/// # Errors
/// The method file cannot be used: wrong usage.
pub fn judge_by_method(args: &MethodFile) -> anyhow::Result<Judge> {
    let method = args.file.as_deref().map(method_file::read).transpose();
    Ok(Judge::default().with_method(method.map_err(wrong_usage)?.unwrap_or_default()))
}

/// A built-in protocol by its name or one by its file, with the text of the file.
///
/// # Errors
/// There is neither: unusable input.
pub fn named_protocol(name: &str) -> anyhow::Result<(Protocol, String)> {
    protocol::named_or_read(name).map_err(unusable)
}

/// Names what looks like sensor data and was not read; whether there is any.
pub fn name_unread(unread: &[Unread], json: bool) -> bool {
    let told = |unread: &Unread| Failure::of(Outcome::SomeFailed, unread).of_recording(&unread.path).tell(json);
    unread.iter().for_each(told);
    !unread.is_empty()
}
